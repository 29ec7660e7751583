"""What DuckDB, Spark and PostgreSQL write differently. Everything here takes and gives SQL text.

Names of our own (of a `let`, its fields, the record at hand) begin with a digit and are quoted: no variable has such a
name.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date


class Dialect(ABC):
    """How one database writes the few things that differ; what two of them share stands here."""

    #: Stored types of the dictionary's kinds: number, date, bool, code (text too) and codes.
    types = {"number": "DOUBLE", "date": "DATE", "bool": "BOOLEAN", "code": "VARCHAR", "codes": "VARCHAR[]"}
    #: What an identifier is quoted with.
    quote = '"'
    #: The collation that compares texts by code point.
    collation = "C"
    #: Does an overflow raise an error instead of giving infinity.
    raises = False

    def null(self, kind: str) -> str:
        return f"CAST(NULL AS {self.types[kind]})"

    def number(self, value: float) -> str:
        """A literal, exact to the last bit."""
        written = repr(value) if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
        return f"CAST('{written}' AS {self.types['number']})"

    def text(self, value: str) -> str:
        """A literal. Raises ValueError for a text that the database cannot hold."""
        return "'" + value.replace("'", "''") + "'"

    def day(self, value: date) -> str:
        return f"DATE '{value.isoformat()}'"

    def identifier(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def by_code_point(self, text: str) -> str:
        """A text that compares by code point, whatever the collation of its column."""
        return f"({text} COLLATE {self.collation})"

    def finite(self, number: str) -> str:
        """The number, NULL when it is infinite or none. In all three databases NaN is larger than any number."""
        return f"(CASE WHEN abs({number}) <= {self.number(sys.float_info.max)} THEN {number} END)"

    def usable(self, number: str) -> str:
        """The condition under which no calculation with such a number raises an error."""
        raise NotImplementedError

    def near(self, a: str, b: str, share: float) -> str:
        """Do two numbers differ by no more than a share of the larger."""
        return f"(abs({a} - {b}) <= {self.number(share)} * greatest(abs({a}), abs({b})))"

    def floor(self, number: str) -> str:
        """The floor of a number from zero up."""
        return f"floor({number})"

    def calendar(self, day: str) -> tuple[str, str, str]:
        """Year, month and day of the month."""
        return f"year({day})", f"month({day})", f"day({day})"

    def days_until(self, last: date, day: str) -> str:
        return f"({self.day(last)} - {day})"

    @abstractmethod
    def overlaps(self, codes: str, accepted: Sequence[str]) -> str:
        """Does a set of codes hold one of the accepted."""

    @abstractmethod
    def let(self, name: str, fields: Sequence[str], body: str) -> str:
        """The body, in which each of the fields, worked out once, is at hand as field(name, 0), field(name, 1) …"""

    @abstractmethod
    def folded(self, records: str, name: str, cell: str, function: str, start: str) -> str:
        """sum, min or max of `start` and the cell of each record in their order. The cell speaks of the record as
        `name`. NULL where the list or one of the cells is."""

    def field(self, name: str, field: str | int) -> str:
        """A field of the row that `name` stands for."""
        return f"{self.identifier(name)}.{self.identifier(str(field))}"


def _step(function: str, a: str, b: str) -> str:
    """One step of a fold over a list; NULL when either is."""
    if function == "sum":
        return f"{a} + {b}"
    op = "<" if function == "min" else ">"
    return f"CASE WHEN {a} {op} {b} THEN {a} WHEN NOT {a} {op} {b} THEN {b} END"


class DuckDb(Dialect):
    """DuckDB 1.3 or newer. Lists and structs, lambdas over them."""

    def overlaps(self, codes: str, accepted: Sequence[str]) -> str:
        return f"list_has_any({codes}, [{', '.join(map(self.text, accepted))}])"

    def let(self, name: str, fields: Sequence[str], body: str) -> str:
        row = ", ".join(f"'{at}': {field}" for at, field in enumerate(fields))
        return f"list_transform([{{{row}}}], lambda {self.identifier(name)}: {body})[1]"

    def folded(self, records: str, name: str, cell: str, function: str, start: str) -> str:
        a, b = self.identifier(f"{name}a"), self.identifier(f"{name}b")
        cells = f"list_transform({records}, lambda {self.identifier(name)}: {cell})"
        return f"list_reduce({cells}, lambda {a}, {b}: {_step(function, a, b)}, {start})"


class Spark(Dialect):
    """Spark SQL 4 or newer, with or without its ANSI mode: nothing written here raises an error in it.

    Texts are written for the default of spark.sql.parser.escapedStringLiterals: a backslash escapes.
    """

    types = {"number": "DOUBLE", "date": "DATE", "bool": "BOOLEAN", "code": "STRING", "codes": "ARRAY<STRING>"}
    quote = "`"
    collation = "UTF8_BINARY"

    def text(self, value: str) -> str:
        # ${name} anywhere in a statement would be replaced by a setting of that name.
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
        return f"'{escaped}'"

    def floor(self, number: str) -> str:
        # floor() gives a whole number of 64 bits. From 2^52 on a double has no fraction.
        return f"(CASE WHEN {number} < {self.number(2.0**52)} THEN CAST(floor({number}) AS DOUBLE) ELSE {number} END)"

    def days_until(self, last: date, day: str) -> str:
        return f"datediff({self.day(last)}, {day})"

    def overlaps(self, codes: str, accepted: Sequence[str]) -> str:
        return f"arrays_overlap({codes}, array({', '.join(map(self.text, accepted))}))"

    def let(self, name: str, fields: Sequence[str], body: str) -> str:
        row = ", ".join(f"'{at}', {field}" for at, field in enumerate(fields))
        return f"transform(array(named_struct({row})), {self.identifier(name)} -> {body})[0]"

    def folded(self, records: str, name: str, cell: str, function: str, start: str) -> str:
        a, b = self.identifier(f"{name}a"), self.identifier(f"{name}b")
        cells = f"transform({records}, {self.identifier(name)} -> {cell})"
        return f"aggregate({cells}, {start}, ({a}, {b}) -> {_step(function, a, b)})"


class Postgres(Dialect):
    """PostgreSQL 15 or newer. Records of a firm are an array of a composite type with the fields.

    A calculation that overflows or comes to nothing raises an error here. So what is not zero and lies beyond 10^±150
    is unknown to a calculation: no money comes near it, and no verdict comes out otherwise than unknown for that.
    """

    types = {"number": "double precision", "date": "date", "bool": "boolean", "code": "text", "codes": "text[]"}
    collation = '"C"'
    raises = True

    #: Below it a share of 10^-12 comes to nothing.
    _TINY = 2.5e-312

    def text(self, value: str) -> str:
        if "\0" in value:
            raise ValueError("PostgreSQL has no texts with the character U+0000")
        return super().text(value)

    def usable(self, number: str) -> str:
        return f"({number} = 0 OR abs({number}) BETWEEN {self.number(1e-150)} AND {self.number(1e150)})"

    def near(self, a: str, b: str, share: float) -> str:
        larger = f"greatest(abs({a}), abs({b}))"
        close = f"abs({a} - {b}) <= {self.number(share)} * {larger}"
        # Numbers of different signs are never near, and their difference may overflow.
        return f"(CASE WHEN sign({a}) = sign({b}) AND {larger} > {self.number(self._TINY)} THEN {close} ELSE {a} = {b} END)"

    def calendar(self, day: str) -> tuple[str, str, str]:
        year, month, date = (f"CAST(extract({part} FROM {day}) AS integer)" for part in ("YEAR", "MONTH", "DAY"))
        return year, month, date

    def overlaps(self, codes: str, accepted: Sequence[str]) -> str:
        return f"({self.by_code_point(codes)} && ARRAY[{', '.join(map(self.text, accepted))}])"

    def let(self, name: str, fields: Sequence[str], body: str) -> str:
        row = ", ".join(f"{field} AS {self.identifier(str(at))}" for at, field in enumerate(fields))
        # OFFSET 0 keeps the planner from writing each field wherever it is named.
        return f"(SELECT {body} FROM (SELECT {row} OFFSET 0) AS {self.identifier(name)})"

    def folded(self, records: str, name: str, cell: str, function: str, start: str) -> str:
        row, value, place = (self.identifier(f"{name}{letter}") for letter in ("r", "c", "n"))
        known = f"CASE WHEN {self.usable(value)} THEN 1 END" if function == "sum" else value
        total = f"sum({value} ORDER BY {place})" if function == "sum" else f"{function}({value})"
        found = f"CASE WHEN count(*) = count({known}) THEN coalesce({total}, {start}) END"
        numbered = f"SELECT {cell} AS {value}, row_number() OVER () AS {place}"
        rows = f"{numbered} FROM unnest({records}) AS {self.identifier(name)}"
        return f"(CASE WHEN {records} IS NOT NULL THEN (SELECT {found} FROM ({rows}) AS {row}) END)"
