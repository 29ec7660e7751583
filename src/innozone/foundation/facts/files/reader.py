"""Which reader a file needs."""

from __future__ import annotations

import zipfile
from pathlib import Path

from innozone.foundation.facts.files import lines, sheets, texts
from innozone.foundation.facts.files.table import Table
from innozone.foundation.facts.problems import refused
from innozone.kernel.packs import DatasetContract

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAMES = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSON lines"}


def open_table(path: Path, contract: DatasetContract) -> Table:
    """The table in a file, its header read and checked, its rows still to come.

    Raises DeliveryRefused when the file is not what the contract says; nothing is kept open then.
    """
    if not path.is_file():
        raise refused("file_gone")
    if path.stat().st_size == 0:
        raise refused("file_empty")
    found, expected = sniff(path), contract.format.type
    if found == "xls" and expected == "xlsx":
        raise refused("file_encrypted")
    if found != expected and not (found == "text" and expected == "csv"):
        raise refused("file_wrong_type", expected=_NAMES[expected], found=_NAMES.get(found, found.upper()))
    if expected == "xlsx":
        return sheets.read(path, contract)
    return lines.read(path, contract) if expected == "jsonl" else texts.read(path, contract)


def sniff(path: Path) -> str:
    """What a file is by its first bytes: xlsx, zip, xls, pdf, html, xml, jsonl, json, text."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                return "xlsx" if "xl/workbook.xml" in archive.namelist() else "zip"
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            # A broken workbook: its reader says what is broken.
            return "xlsx"
    if head.startswith(_OLE):
        return "xls"
    if head.startswith(b"%PDF"):
        return "pdf"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = text[:200].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "html"
    if lowered.startswith(b"<?xml"):
        return "xml"
    if text.startswith(b"{"):
        return "jsonl"
    return "json" if text.startswith(b"[{") else "text"
