"""One column of a delivery: cells to stored values, each distinct cell read once."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from innozone.foundation.facts.files import BadCell, Cell
from innozone.foundation.facts.files.table import CELL_LIMIT
from innozone.foundation.facts.problems import Problem, problem, shorten
from innozone.kernel.packs import Field
from innozone.kernel.terms import UNITS, UNKNOWN, CellError, Dictionary, Value, parse_number, parse_value

# The columns `number` hold 24 digits, six of them behind the point.
_LARGEST = Decimal(10) ** 17
_SMALLEST = Decimal("0.000001")
_KEPT = 200_000
NULL = "\\N"
_DIGITS = re.compile(r"\d[\d,]*(?:\.(\d+))?|\.(\d+)")
# Digits, at most one point: nearly every number of a delivery, read without looking for units and signs of money.
_PLAIN = re.compile(r"-?\d{1,15}(?:\.(\d{1,9}))?")
_YEAR = re.compile(r"^((?:19|20|21)\d\d)(?:\.0+)?(?:年度?|[-/.年].*)?$")


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as the database keeps it. `copied` are the columns number, text, raw and grain in COPY's text form."""

    value: Value
    number: str | None
    text: str | None
    copied: str

    @property
    def plain(self) -> Any:
        """The value as JSON: numbers as numbers, dates in ISO form, sets as sorted lists."""
        if isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, Decimal):
            return int(self.value) if self.value == self.value.to_integral_value() else float(self.value)
        return json.loads(self.text) if isinstance(self.value, frozenset) and self.text else self.text


def escape(text: str | None) -> str:
    """A column of COPY's text form."""
    if text is None:
        return NULL
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


def stored(value: Value, raw: str, grain: Decimal | None = None) -> Stored:
    """How a value is kept: numbers and bools in `number`, the others in `text`."""
    number = text = None
    if isinstance(value, bool):
        number = "1" if value else "0"
    elif isinstance(value, Decimal):
        number = format(value.quantize(_SMALLEST), "f")
        number = number.rstrip("0").rstrip(".") if "." in number else number
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, frozenset):
        text = json.dumps(sorted(value), ensure_ascii=False)
    else:
        text = value
    exact = NULL if grain is None else format(max(grain, _SMALLEST), "f")
    return Stored(value, number, text, f"{number or NULL}\t{escape(text)}\t{escape(raw)}\t{exact}")


def grain_of(text: str, unit: str, stored_unit: str) -> Decimal | None:
    """What one more in the last printed digit would be worth: 100 元 for `1,200.55` in a column of 万元 … 100 元.

    >>> grain_of("1,200.55", "万元", "元"), grain_of("2亿元", "万元", "元"), grain_of("5%", "", "")
    (Decimal('100.00'), Decimal('100000000'), Decimal('0.01'))
    """
    folded = unicodedata.normalize("NFKC", text)
    found = _DIGITS.search(folded)
    if found is None:
        return None
    places = len(found[1] or found[2] or "")
    one = f"0.{'0' * (places - 1)}1" if places else "1"
    # The sign and the brackets of a negative number say nothing of how exact it is.
    around = (folded[: found.start()] + one + folded[found.end() :]).strip("-+() ")
    try:
        return parse_number(around, unit, stored_unit)
    except ValueError:
        return None


class ColumnReader:
    """Reads the cells of one column by its contract. Gives Stored, None for a blank cell, or a Problem (a dict)."""

    def __init__(self, field: Field, dictionary: Dictionary) -> None:
        self.field = field
        self.variable = field.as_variable()
        self.codelist = dictionary.codelists.get(field.codelist) if field.codelist else None
        self._factor = _factor(field) if self.variable.numeric else None
        self._integer = field.type == "integer"
        self._values: Mapping[str, str] = {text.strip(): code for text, code in field.values.items()}
        self._kept: dict[Cell, Stored | Problem | None] = {}

    def read(self, cell: Cell) -> Stored | Problem | None:
        try:
            return self._kept[cell]
        except KeyError:
            pass
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        result = self._kept[cell] = self._read(cell)
        return result

    def _read(self, cell: Cell) -> Stored | Problem | None:
        fault = unreadable(cell, self.field.column)
        if fault is not None:
            return fault
        assert isinstance(cell, str)
        raw = cell.strip()
        text = self._values.get(raw, raw)
        if self._factor is not None and (plain := _PLAIN.fullmatch(text)):
            number = Decimal(text) * self._factor
            places = len(plain[1] or "")
            # The bounds of the variable and whole numbers are told by the careful reader below.
            if not (self._integer and places) and self._bounded(number):
                return stored(number, raw, self._factor.scaleb(-places))
        try:
            value = parse_value(self.variable, text, self.field.unit, self.codelist)
        except CellError as error:
            return self._problem(error, raw)
        if value is UNKNOWN or (isinstance(value, frozenset) and not value):
            return None
        assert not isinstance(value, type(UNKNOWN))
        if isinstance(value, Decimal) and not isinstance(value, bool):
            if abs(value) >= _LARGEST:
                return problem("too_large", column=self.field.column, value=raw, text=shorten(raw))
            return stored(value, raw, grain_of(text, self.field.unit, self.field.stored_unit))
        return stored(value, raw)

    def _bounded(self, number: Decimal) -> bool:
        low, high = self.variable.minimum, self.variable.maximum
        if low is not None and number < Decimal(str(low)):
            return False
        return abs(number) < _LARGEST and (high is None or number <= Decimal(str(high)))

    def _problem(self, error: CellError, raw: str) -> Problem:
        params: dict[str, Any] = {**error.params, "text": shorten(error.params.get("text", raw))}
        if error.code in {"unknown_unit", "wrong_unit"}:
            params["column_unit"] = self.field.unit or "1"
        elif error.code == "unknown_code":
            params["nearest"] = self._nearest(error.params["text"])
        return problem(error.code, column=self.field.column, value=raw, **params)

    def _nearest(self, text: str) -> Problem:
        assert self.codelist is not None
        names = {
            name: entry.code
            for entry in self.codelist
            for name in (entry.label.zh, entry.code, *entry.aliases)
            if abs(len(name) - len(text)) <= 3
        }
        near = difflib.get_close_matches(text, list(names), n=1, cutoff=0.6)
        if not near:
            return problem("no_nearest_code")
        code = names[near[0]]
        label = self.codelist.by_code[code].label.zh
        return problem("nearest_code", code=code if label == code else f"{label} ({code})")


def _factor(field: Field) -> Decimal | None:
    """What one in the column's unit is in the stored unit; None where the division would not be exact."""
    unit, stored_unit = UNITS.get(field.unit), UNITS.get(field.stored_unit)
    if not field.unit:
        return Decimal(1)
    if unit is None or stored_unit is None or unit.kind != stored_unit.kind or stored_unit.factor != 1:
        return None
    return unit.factor


def unreadable(cell: Cell, column: str) -> Problem | None:
    """The problem of a cell that no reader should look at; None for an ordinary one."""
    if isinstance(cell, BadCell):
        return problem(cell.code, column=column, value=cell.text, text=shorten(cell.text))
    if "\x00" in cell:
        return problem("nul_character", column=column, value=cell)
    if len(cell) > CELL_LIMIT:
        return problem("cell_too_long", column=column, value=cell, length=len(cell), limit=CELL_LIMIT)
    return None


def read_year(text: str, column: str, latest: int) -> int | Problem:
    """A year: `2024`, `2024年`, `2024年度`, `2024-12-31`."""
    found = _YEAR.match(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return problem("not_a_year", column=column, value=text, text=shorten(text))
    if int(found[1]) > latest:
        return problem("year_ahead", column=column, value=text, text=found[1])
    return int(found[1])
