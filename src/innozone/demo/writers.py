"""Sheets to files in the sender's format. The same sheet gives the same bytes on every day and machine."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import xlsxwriter

from innozone.demo.sheets import Cell, Sheet

_CREATED = datetime(2020, 1, 1)


def write(sheet: Sheet, path: Path) -> None:
    """Writes CSV, XLSX or JSON lines as the contract of the sheet says."""
    {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}[sheet.contract.format.type](sheet, path)


def _rows(sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    return zip(*(sheet.cells[column.role] for column in sheet.columns), strict=True)


def _header_rows(sheet: Sheet) -> list[list[str]]:
    """The header rows from the top: a title, the groups, the columns, as many as the contract has."""
    columns, wanted = sheet.columns, sheet.contract.format.header_rows
    rows = [[column.header for column in columns]]
    if wanted > 1:
        rows.insert(0, [column.group or column.header for column in columns])
    while len(rows) < wanted:
        rows.insert(0, [sheet.contract.title.zh] * len(columns))
    return rows


def _csv(sheet: Sheet, path: Path) -> None:
    with path.open("w", encoding=sheet.contract.format.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=sheet.contract.format.delimiter, lineterminator="\r\n")
        writer.writerows(_header_rows(sheet))
        writer.writerows(_rows(sheet))


def _jsonl(sheet: Sheet, path: Path) -> None:
    with path.open("w", encoding=sheet.contract.format.encoding, newline="\n") as file:
        names = [(column.group, column.header) for column in sheet.columns]
        for cells in _rows(sheet):
            entry: dict[str, object] = {}
            for (group, header), cell in zip(names, cells, strict=True):
                inner = entry.setdefault(group, {}) if group else entry
                assert isinstance(inner, dict)
                inner[header] = cell.isoformat() if isinstance(cell, date) else cell
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _xlsx(sheet: Sheet, path: Path) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": _CREATED, "author": "", "title": sheet.contract.title.zh})
    page = book.add_worksheet(sheet.contract.format.sheet or "Sheet1")
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page.set_column(0, len(sheet.columns) - 1, 14)
    upper = _header_rows(sheet)
    page.freeze_panes(len(upper), 0)
    for number, texts in enumerate(upper):
        for at, text in enumerate(texts):
            page.write_string(number, at, text if _shown(upper, number, at) else "", head)
    for number, cells in enumerate(_rows(sheet), len(upper)):
        for at, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str):
                page.write_string(number, at, cell)
            elif isinstance(cell, date):
                page.write_datetime(number, at, datetime(cell.year, cell.month, cell.day), day)
            elif isinstance(cell, bool):
                page.write_boolean(number, at, cell)
            else:
                page.write_number(number, at, cell)
    # merge_range() cannot write to rows that constant_memory has let go; their cells are there, only the mark is missing.
    page.merge.extend(_merges(upper))
    book.close()


def _shown(upper: list[list[str]], row: int, at: int) -> bool:
    """True for the first cell of a merged range: only that one holds the text."""
    text = upper[row][at]
    left = at > 0 and row < len(upper) - 1 and upper[row][at - 1] == text
    return not left and not (row > 0 and upper[row - 1][at] == text)


def _merges(upper: list[list[str]]) -> list[list[int]]:
    """Ranges [first row, first column, last row, last column] of the header: same text beside or below each other."""
    ranges = []
    for row, texts in enumerate(upper[:-1]):
        for _, run in groupby(enumerate(texts), key=lambda place: place[1]):
            columns = [at for at, _ in run]
            first, last = columns[0], columns[-1]
            if last > first:
                ranges.append([row, first, row, last])
            elif upper[row + 1][first] == texts[first]:
                ranges.append([row, first, row + 1, first])
    return ranges
