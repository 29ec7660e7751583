"""A desk's rows as files. A cell never becomes a formula, whatever a source wrote into it."""

from __future__ import annotations

import csv
import logging
import re
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import NUMERIC, Column
from innozone.foundation.desks.desk import Desk

log = logging.getLogger(__name__)

# Spreadsheets run a cell that begins with one of these as a formula; a leading apostrophe makes it text again.
# East Asian editions take the wide signs too. A number below zero is a number.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_BELOW_ZERO = re.compile(r"-[0-9][0-9.,]*%?")
_SHEET_ROWS = 1_048_576
_NUMBER_FORMATS = {"integer": "#,##0", "money": "#,##0.00", "ratio": "0.00%", "number": "#,##0.####"}


def export(desk: Desk, query: Mapping[str, str], user: Account, form: str) -> HttpResponseBase:
    """The whole list as `csv` or `xlsx`, with the chosen columns in the chosen order.

    Raises PermissionDenied like the page; who took which list is logged.
    """
    columns = desk.chosen(query, [])
    rows = desk.everything(query, user)
    name = f"{desk.name}-{timezone.localdate():%Y%m%d}.{form}"
    log.info("list exported", extra={"desk": desk.name, "user": user.pk, "query": dict(query), "form": form})
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            csv_lines(desk, columns, rows), content_type="text/csv; charset=utf-8"
        )
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        write_xlsx(file, desk, columns, rows)
        file.seek(0)
        response = FileResponse(file, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def harmless(value: object) -> object:
    """A CSV cell: strings that a spreadsheet would run get an apostrophe before them."""
    runs = isinstance(value, str) and value.startswith(_FORMULA) and not _BELOW_ZERO.fullmatch(value)
    return f"'{value}" if runs else value


class _Line:
    """What csv.writer writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(desk: Desk, columns: list[Column], rows: Iterator[Any]) -> Iterator[str]:
    """The lines of a CSV file in UTF-8 with the mark by which Excel knows it."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([harmless(column.heading(desk.model)) for column in columns])
    for row in rows:
        yield writer.writerow(["" if (v := column.cell(row)) is None else harmless(v) for column in columns])


def write_xlsx(file: IO[bytes], desk: Desk, columns: list[Column], rows: Iterator[Any]) -> None:
    """Writes a workbook; above a sheet's limit a further sheet begins."""
    # Loaded by the few requests that ask for a workbook, not by every process at its start.
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False}) as book:
        bold = book.add_format({"bold": True})
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        numbers = {kind: book.add_format({"num_format": shape}) for kind, shape in _NUMBER_FORMATS.items()}
        sheet, at = None, _SHEET_ROWS
        for row in rows:
            if at >= _SHEET_ROWS:
                sheet, at = _sheet(book, desk, columns, bold), 1
            for place, column in enumerate(columns):
                value = column.cell(row)
                if value is None:
                    continue
                if isinstance(value, bool):
                    sheet.write_boolean(at, place, value)
                elif column.kind in NUMERIC:
                    sheet.write_number(at, place, float(value), numbers[column.kind])
                elif isinstance(value, datetime):
                    sheet.write_datetime(at, place, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(at, place, value, day)
                else:
                    sheet.write_string(at, place, str(value)[:32_767])
            at += 1
        if sheet is None:
            _sheet(book, desk, columns, bold)


def _sheet(book: Any, desk: Desk, columns: list[Column], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 18)
        sheet.write_string(0, place, column.heading(desk.model), bold)
    return sheet
