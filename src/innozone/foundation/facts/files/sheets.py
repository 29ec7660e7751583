"""XLSX through calamine, after the archive has been looked through."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, load_workbook

from innozone.foundation.facts.files import shared
from innozone.foundation.facts.files.archive import BadCells, look_through, scan_cells
from innozone.foundation.facts.files.table import BadCell, Cell, Chunk, Table
from innozone.foundation.facts.files.texts import join_headers
from innozone.foundation.facts.problems import refused
from innozone.kernel.packs import DatasetContract


def read(path: Path, contract: DatasetContract) -> Table:
    """The table of one sheet: the one that the contract names, else the first."""
    members = look_through(path)
    wanted = contract.format.sheet
    if not members or (wanted and wanted not in members):
        raise refused("no_sheet", sheet=wanted, present="、".join(members) or "0")
    name = wanted or next(iter(members))
    try:
        bad = scan_cells(path, members[name])
        shared.weigh(path, members[name])
        with load_workbook(path) as workbook:
            sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, OSError, KeyError, ValueError) as error:
        raise refused("file_damaged", reason=str(error) or type(error).__name__) from None
    rows = _rows(sheet, bad)
    upper = _header_rows(sheet, rows, contract.format.header_rows)
    if not upper:
        raise refused("file_empty")
    table = Table(join_headers(upper), iter(()))
    table.chunks = _chunks(rows, table, len(table.headers), max(1, sheet.total_height))
    return table


def _rows(sheet: CalamineSheet, bad: BadCells) -> Iterator[tuple[int, list[Cell]]]:
    """Row numbers from 1 and cells as text, empty rows included."""
    # iter_rows starts at the first row, but at the first column that is filled.
    left = sheet.start[1] if sheet.start else 0
    spoiled: dict[int, list[tuple[int, BadCell]]] = {}
    for (row, column), cell in bad.items():
        spoiled.setdefault(row, []).append((column, cell))
    for row, values in enumerate(sheet.iter_rows()):
        cells: list[Cell] = [""] * left
        cells.extend([value if type(value) is str else _text(value) for value in values])
        for column, cell in spoiled.get(row, ()):
            if column < len(cells):
                cells[column] = cell
        yield row + 1, cells


def _text(value: Any) -> Cell:
    """A cell as its reader would see it; numbers to the 15 digits that a spreadsheet keeps."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = format(value, ".15g")
        return format(Decimal(text), "f") if "e" in text and abs(value) < 1e30 else text
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _header_rows(sheet: CalamineSheet, rows: Iterator[tuple[int, list[Cell]]], wanted: int) -> list[list[str]]:
    """The header rows, a merged cell's text standing in every cell that it covers."""
    found: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        texts = [cell if isinstance(cell, str) else cell.text for cell in cells]
        if found or any(text.strip() for text in texts):
            found.append((number - 1, texts))
        if len(found) == wanted:
            break
    for row, texts in found:
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
            source = next((cells for at, cells in found if at == top), None)
            if source is not None and top <= row <= bottom and left < len(source):
                for column in range(left, min(right + 1, len(texts))):
                    texts[column] = source[left]
    return [texts for _, texts in found]


def _chunks(rows: Iterator[tuple[int, list[Cell]]], table: Table, width: int, height: int) -> Iterator[Chunk]:
    while True:
        numbers, kept = [], []
        last = height
        for number, cells in islice(rows, table.size):
            last = number
            cells = cells[:width]
            if any(not isinstance(cell, str) or cell.strip() for cell in cells):
                numbers.append(number)
                kept.append(cells + [""] * (width - len(cells)))
        if not numbers and last == height:
            return
        table.share = min(1.0, last / height)
        if numbers:
            yield Chunk(numbers, kept)
