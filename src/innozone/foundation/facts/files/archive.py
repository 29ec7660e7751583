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
from dataclasses import dataclass
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
# What follows overstates where XML may be written in many ways: a sheet must not hide its size in how it is written.
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(/?)>")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)([0-9]+)["']""")
_OPENED = re.compile(rb"<(?:[\w.-]+:)?(c|row)[\s/>]")
_PLACED = re.compile(rb"""<(?:[\w.-]+:)?(?:c|row)\s+(?:[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*')\s+)*?r\s*=""")
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
    names = [member.filename.casefold() for member in members]
    if len(set(names)) < len(names):
        # Of two members with one name we would look at one and the reader might open the other.
        raise refused("file_damaged", reason="a part stands twice in the archive")
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
    targets: dict[str, str] = {}
    for node in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _SOUND).iter("{*}Relationship"):
        _once(targets, node.get("Id", ""), node.get("Target", ""))
    found: dict[str, str] = {}
    for node in etree.fromstring(archive.read("xl/workbook.xml"), _SOUND).iter("{*}sheet"):
        target = targets.get(node.get(_RELATION) or node.get("{*}id") or "", "")
        inside = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        _once(found, node.get("name", ""), inside)
    return found


def _once(found: dict[str, str], name: str, value: str) -> None:
    if name in found:
        raise refused("file_damaged", reason=f"“{name[:40]}” stands twice in the workbook")
    found[name] = value


def scan_cells(path: Path, member_name: str) -> BadCells:
    """Cells of a sheet that hold an error or a formula never calculated, by row and column from 0.

    The reader of the values shows both as empty cells. Refuses a sheet that reaches further than memory does.
    """
    bad: BadCells = {}
    reach = Reach()
    for text in stretches(path, member_name):
        _scan(text, bad, reach)
    return bad


def stretches(path: Path, member_name: str) -> Iterator[bytes]:
    """The XML of a sheet, cut where rows end: cells are looked at whole."""
    with path.open("rb") as raw, zipfile.ZipFile(path) as archive:
        rest = b""
        for block in unpacked(raw, archive.getinfo(member_name)):
            cut = block.rfind(b"row>") + 4
            if cut < 4:
                rest += block
                if len(rest) > _ROW_LIMIT:
                    raise refused("file_damaged", reason=f"a row of more than {size_text(_ROW_LIMIT)}")
                continue
            yield rest + block[:cut]
            rest = block[cut:]
        yield rest


@dataclass(slots=True)
class Reach:
    """How far a sheet reaches: by the places that its cells name, and by counting where they name none."""

    lowest: int = 0
    widest: int = 0
    unnamed_rows: int = 0
    cells_in_row: int = 0
    longest_row: int = 0

    def check(self, corner: bytes) -> None:
        rows, columns = self.lowest + self.unnamed_rows, self.widest + self.longest_row
        if rows * columns > CELLS_LIMIT:
            raise _too_large(corner, rows * columns)


def _scan(text: bytes, bad: BadCells, reach: Reach) -> None:
    """Adds the bad cells of a stretch of XML, and its reach."""
    places = _PLACE.findall(text)
    letters = {column.upper() for column, _ in places if column}
    digits = {row for _, row in places}
    for column in letters:
        if len(column) > 3:
            raise _too_large(column, 0)
    for row in digits:
        if len(row) > 7:
            raise _too_large(row, 0)
    reach.lowest = max((reach.lowest, *map(int, digits)))
    reach.widest = max((reach.widest, *(column_number(column.decode()) for column in letters)))
    opened = _OPENED.findall(text)
    # Every office program writes the place first; only what is written otherwise is worth the slow search.
    usual = text.count(b'<c r="') + text.count(b'<row r="')
    if len(opened) > usual and len(opened) > len(_PLACED.findall(text)):
        # A cell without a place stands behind the one before it, a row below the one above it.
        for name in opened:
            reach.cells_in_row = 0 if name == b"row" else reach.cells_in_row + 1
            reach.unnamed_rows += name == b"row"
            reach.longest_row = max(reach.longest_row, reach.cells_in_row)
    corner = max(letters, key=lambda column: column_number(column.decode()), default=b"A")
    reach.check(corner + b"%d" % reach.lowest)
    if b't="e"' in text or b"<f" in text:
        _find_bad(text, bad)


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
