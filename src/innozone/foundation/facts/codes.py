"""Official code tables taken in whole: from their first valid day they stand in place of the pack's list."""

from __future__ import annotations

import builtins
import hashlib
import json
from datetime import date
from pathlib import Path

from django.db import transaction

from innozone.foundation.facts import dictionary
from innozone.foundation.facts.files import Cell, open_table
from innozone.foundation.facts.files.table import fold
from innozone.foundation.facts.models import Code, CodeTable
from innozone.foundation.facts.problems import DeliveryRefused
from innozone.kernel import terms
from innozone.kernel.packs import (
    CodesTableError,
    Column,
    DatasetContract,
    FileFormat,
    Subject,
    TableProblem,
    TableRow,
    code_entries,
)

_COLUMNS = {
    "code": ("code", "代码", "行业代码", "编码", "类别代码"),
    "parent": ("parent", "上级", "上级代码", "父级", "parent_code"),
    "label": ("name", "label", "zh", "名称", "类别名称", "中文名称"),
    "label_en": ("name_en", "label_en", "en", "英文名称"),
}


class CodeTableError(ValueError):
    """A table that cannot be taken: the message names the line and the cure. Nothing of it was taken."""


def import_table(
    path: str | Path, list: str, version: str, valid_from: date, source: str = "", *, sheet: str = ""
) -> CodeTable:
    """Takes a code table (CSV or XLSX with the columns code, parent, name) into the list of that code.

    A version that was taken before is not taken again; with other content it is refused. `dropped` of the result are
    codes of the list that the new table does not have: rules that name them no longer hold for anyone. `aside` are rows
    that repeat a code or lack one; the others are taken.
    """
    known = dictionary.current()
    path = Path(path)
    if list not in known.codelists:
        near = ", ".join(sorted(known.codelists))
        raise CodeTableError(f"there is no code list {list}; the lists are {near}")
    entries = _read(path, sheet)
    digest = hashlib.sha256(json.dumps(entries, ensure_ascii=False).encode()).hexdigest()
    earlier = CodeTable.objects.filter(list=list, version=version).first()
    if earlier is not None and earlier.digest != digest:
        raise CodeTableError(f"version {version} of {list} was taken with other content: give this one another version")
    packed = known.codelists[list]
    aside: builtins.list[TableProblem] = []
    rows = (TableRow(line, code, label, parent, english) for line, code, parent, label, english in entries)
    try:
        codes = code_entries(rows, set_aside=aside)
    except CodesTableError as error:
        raise CodeTableError("\n".join(f"{path.name}, {problem}" for problem in error.problems)) from None
    if earlier is None:
        with transaction.atomic():
            earlier = CodeTable.objects.create(
                list=list, version=version, valid_from=valid_from, source=source[:200], digest=digest
            )
            Code.objects.bulk_create(
                (
                    Code(
                        table=earlier,
                        position=at,
                        code=entry.code,
                        parent=entry.parent or "",
                        label=entry.label.zh,
                        label_en=entry.label.en,
                    )
                    for at, entry in enumerate(codes)
                ),
                batch_size=5_000,
            )
    taken = {entry.code for entry in codes}
    earlier.aside = tuple(aside)  # type: ignore[attr-defined]
    earlier.dropped = tuple(entry.code for entry in packed if entry.code not in taken)  # type: ignore[attr-defined]
    return earlier


def _read(path: Path, sheet: str) -> list[tuple[int, str, str, str, str]]:
    """Line, code, parent, name and English name of every entry."""
    kind = "xlsx" if path.suffix.lower() == ".xlsx" else "csv"
    code, label = (Column(_COLUMNS[name][0], _COLUMNS[name][1:]) for name in ("code", "label"))
    contract = DatasetContract(
        code=path.stem,
        title=terms.Label(path.name, path.name),
        owner="",
        kind="attributes",
        format=FileFormat(kind, sheet=sheet),  # type: ignore[arg-type]
        subject=Subject(code, label),
        fields=(),
    )
    try:
        table = open_table(path, contract)
        headers = [fold(header.name) for header in table.headers]
        places = {
            name: next((headers.index(fold(text)) for text in texts if fold(text) in headers), None)
            for name, texts in _COLUMNS.items()
        }
        absent = [name for name in ("code", "label") if places[name] is None]
        if absent:
            wanted = "; ".join(" or ".join(_COLUMNS[name]) for name in absent)
            raise CodeTableError(f"{path.name} lacks a column: {wanted}")
        found = []
        for chunk in table.chunks:
            for number, row in zip(chunk.numbers, chunk.rows, strict=True):
                found.append(_entry(path, number, row, places))
    except DeliveryRefused as refusal:
        raise CodeTableError(f"{path.name}: {refusal}") from None
    if not found:
        raise CodeTableError(f"{path.name} holds no codes")
    return found


def _entry(path: Path, number: int, row: list[Cell], places: dict[str, int | None]) -> tuple[int, str, str, str, str]:
    def text(name: str) -> str:
        place = places[name]
        cell = row[place] if place is not None and place < len(row) else ""
        return cell.strip() if isinstance(cell, str) else ""

    return number, text("code"), text("parent"), text("label"), text("label_en")
