"""XLSX files are zip archives of XML: looked through before anything opens them.

An archive may unpack to a million times its size, lie about it, declare XML entities, or place one cell at the far
corner of a sheet so that the reader asks for more memory than the machine has.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from lxml import etree

from innozone.foundation.facts.files.table import BadCell, size_text
from innozone.foundation.facts.problems import refused

UNPACKED_LIMIT = 1 << 30
CELLS_LIMIT = 40_000_000
# A workbook of text packs ten to thirty times; what packs better and is large is no table.
_RATIO_LIMIT, _RATIO_FROM = 250, 64 << 20
_MEMBERS_LIMIT = 5_000
_BLOCK = 1 << 20
_ROW_LIMIT = 64 << 20
_PLACE = re.compile(rb'\br="([A-Z]*)([0-9]+)"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(/?)>")
_REFERENCE = re.compile(rb"\br=\"([A-Z]+)([0-9]+)\"")
_SOUND = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

BadCells = dict[tuple[int, int], BadCell]


def look_through(path: Path) -> dict[str, str]:
    """Checks the archive; the member of every sheet by the sheet's name. Raises DeliveryRefused."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            members = archive.infolist()
            _check_sizes(members, path.stat().st_size)
            for member in members:
                _check_content(raw, member)
            return _sheets(archive)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, etree.LxmlError, KeyError) as error:
        raise refused("file_damaged", reason=str(error) or type(error).__name__) from None


def _check_sizes(members: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in members)
    largest = max(members, key=lambda member: member.file_size, default=None)
    if len(members) > _MEMBERS_LIMIT or total > UNPACKED_LIMIT:
        name = largest.filename if largest else ""
        raise refused("file_bomb", size=size_text(total), limit=size_text(UNPACKED_LIMIT), member=name)
    if total > _RATIO_FROM and total > packed * _RATIO_LIMIT and largest:
        limit = size_text(max(_RATIO_FROM, packed * _RATIO_LIMIT))
        raise refused("file_bomb", size=size_text(total), limit=limit, member=largest.filename)


def _check_content(raw: IO[bytes], member: zipfile.ZipInfo) -> None:
    """Unpacks a member once: it must not be larger than declared nor declare entities."""
    seen, tail = 0, b""
    for block in unpacked(raw, member):
        seen += len(block)
        if seen > member.file_size:
            raise refused(
                "file_bomb",
                size=f"> {size_text(seen)}",
                limit=size_text(member.file_size),
                member=member.filename,
            )
        # UTF-16 would hide the words from a search for bytes.
        around = (tail + block).replace(b"\x00", b"") if b"\x00" in block[:64] or b"\x00" in tail else tail + block
        if b"<!ENTITY" in around or b"<!DOCTYPE" in around:
            raise refused("file_entities", member=member.filename)
        tail = block[-32:]


def unpacked(raw: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member in blocks, as far as its stream goes, whatever size the archive declares."""
    if member.flag_bits & 1:
        raise refused("file_encrypted")
    raw.seek(member.header_offset)
    header = raw.read(30)
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{member.filename} has no local header")
    name, extra = struct.unpack("<HH", header[26:30])
    raw.seek(name + extra, 1)
    left = member.compress_size
    if member.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (block := raw.read(min(_BLOCK, left))):
            left -= len(block)
            yield block
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError(f"{member.filename} is packed in an unusual way")
    inflate = zlib.decompressobj(-15)
    while not inflate.eof:
        packed = inflate.unconsumed_tail or raw.read(min(_BLOCK, left))
        if not packed:
            return
        if not inflate.unconsumed_tail:
            left -= len(packed)
        block = inflate.decompress(packed, _BLOCK)
        if block:
            yield block


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        node.get("Id"): node.get("Target", "")
        for node in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _SOUND)
    }
    found = {}
    for node in etree.fromstring(archive.read("xl/workbook.xml"), _SOUND).iter("{*}sheet"):
        target = targets.get(node.get(_RELATION) or node.get("{*}id") or "", "")
        inside = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        found[node.get("name", "")] = inside
    return found


def scan_cells(path: Path, member_name: str) -> BadCells:
    """Cells of a sheet that hold an error or a formula never calculated, by row and column from 0.

    The reader of the values shows both as empty cells. Refuses a sheet that reaches further than memory does.
    """
    bad: BadCells = {}
    reach = (0, 0)
    with path.open("rb") as raw, zipfile.ZipFile(path) as archive:
        rest = b""
        for block in unpacked(raw, archive.getinfo(member_name)):
            # Cells are looked at whole: what follows the last end of a row waits for the next block.
            cut = block.rfind(b"row>") + 4
            if cut < 4:
                rest += block
                if len(rest) > _ROW_LIMIT:
                    raise refused("file_damaged", reason=f"a row of more than {size_text(_ROW_LIMIT)}")
                continue
            reach = _scan(rest + block[:cut], bad, reach)
            rest = block[cut:]
        _scan(rest, bad, reach)
    return bad


def _scan(text: bytes, bad: BadCells, reach: tuple[int, int]) -> tuple[int, int]:
    """Adds the bad cells of a stretch of XML; the lowest row and widest column seen so far."""
    places = _PLACE.findall(text)
    letters = {column for column, _ in places if column}
    digits = {row for _, row in places}
    for column in letters:
        if len(column) > 3:
            raise _too_large(column, 0)
    for row in digits:
        if len(row) > 7:
            raise _too_large(row, 0)
    lowest = max((reach[0], *map(int, digits)))
    widest = max((reach[1], *(column_number(column.decode()) for column in letters)))
    if lowest * widest > CELLS_LIMIT:
        corner = max(letters, key=lambda column: column_number(column.decode()), default=b"A")
        raise _too_large(corner + b"%d" % lowest, lowest * widest)
    if b't="e"' in text or b"<f" in text:
        _find_bad(text, bad)
    return lowest, widest


def _find_bad(text: bytes, bad: BadCells) -> None:
    for cell in _CELL.finditer(text):
        attributes = cell[1]
        is_error = b't="e"' in attributes
        reference = _REFERENCE.search(attributes)
        if reference is None or cell[2] or not (is_error or text.startswith(b"<f", cell.end())):
            continue
        inner = text[cell.end() : text.find(b"</c>", cell.end())]
        value = re.search(rb"<v[^>]*>([^<]*)</v>", inner)
        shown = value[1].decode("utf-8", "replace") if value else ""
        place = int(reference[2]) - 1, column_number(reference[1].decode()) - 1
        if is_error:
            bad[place] = BadCell("formula_error", shown)
        elif not shown and b't="str"' not in attributes:
            bad[place] = BadCell("formula_without_value")


def _too_large(corner: bytes, cells: int) -> Exception:
    place = corner.decode()[:20]
    return refused("sheet_too_large", cell=place, cells=f"{cells:,}" if cells else "∞", limit=f"{CELLS_LIMIT:,}")


def column_number(letters: str) -> int:
    """`A` is 1, `Z` 26, `AA` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
