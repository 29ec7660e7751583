"""Columns in memory: plain numpy arrays with one way to say unknown each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.terms import UNKNOWN, Unknown, Value

Kind = Literal["number", "date", "bool", "code", "codes", "records"]

_EPOCH = date(1970, 1, 1).toordinal()

#: Stored types of the dictionary → kinds of column.
KIND_OF_TYPE: dict[str, Kind] = {
    "money": "number",
    "number": "number",
    "integer": "number",
    "ratio": "number",
    "bool": "bool",
    "date": "date",
    "text": "code",
    "code": "code",
    "codes": "codes",
}

Selection = slice | NDArray[np.int64]

#: What the name of a column of records ends with.
RECORDS = "[]"

#: What a record is in plain values: field → value, unknown fields left out.
Record = Mapping[str, Value]


def column_name(variable: str, year: int | None) -> str:
    """`revenue@2025` for one year of a yearly variable, `industry` for a variable without period."""
    return variable if year is None else f"{variable}@{year}"


def records_name(record: str) -> str:
    """`ip[]`: the column that holds each firm's records of a kind."""
    return f"{record}{RECORDS}"


def split_name(name: str) -> tuple[str, int | None]:
    """The variable and the year of a column name."""
    variable, at, year = name.partition("@")
    return (variable, int(year)) if at else (variable, None)


@dataclass(frozen=True, eq=False)
class Numbers:
    """float64, NaN = unknown. kind `date`: days since 1970-01-01."""

    values: NDArray[np.float64]
    kind: Kind = "number"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Selection) -> Numbers:
        return Numbers(self.values[rows], self.kind)

    def get(self, row: int) -> Value | Unknown:
        number = float(self.values[row])
        if np.isnan(number):
            return UNKNOWN
        return date.fromordinal(int(number) + _EPOCH) if self.kind == "date" else Decimal(repr(number)).normalize()


@dataclass(frozen=True, eq=False)
class Flags:
    """int8: 1 true, 0 false, -1 unknown."""

    values: NDArray[np.int8]
    kind: Kind = "bool"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Selection) -> Flags:
        return Flags(self.values[rows])

    def get(self, row: int) -> Value | Unknown:
        value = int(self.values[row])
        return UNKNOWN if value < 0 else bool(value)


@dataclass(frozen=True, eq=False)
class Codes:
    """Positions in `categories` (sorted), -1 = unknown; int16 while they fit, else int32."""

    values: NDArray[np.int16] | NDArray[np.int32]
    categories: tuple[str, ...]
    kind: Kind = "code"

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def position(self) -> dict[str, int]:
        return {category: at for at, category in enumerate(self.categories)}

    def take(self, rows: Selection) -> Codes:
        return Codes(self.values[rows], self.categories)

    def get(self, row: int) -> Value | Unknown:
        value = int(self.values[row])
        return UNKNOWN if value < 0 else self.categories[value]


@dataclass(frozen=True, eq=False)
class Sets:
    """A set of codes per row: positions of row r are values[offsets[r]:offsets[r + 1]], unknown where known is False."""

    offsets: NDArray[np.int64]
    values: NDArray[np.int16] | NDArray[np.int32]
    known: NDArray[np.bool_]
    categories: tuple[str, ...]
    kind: Kind = "codes"

    def __len__(self) -> int:
        return len(self.known)

    @cached_property
    def row_of(self) -> NDArray[np.int32]:
        """The row of each position in `values`."""
        return np.repeat(np.arange(len(self.known), dtype=np.int32), np.diff(self.offsets))

    def holds(self, accepted: Iterable[str]) -> NDArray[np.bool_]:
        """Per row: does it hold one of the codes (False where unknown)."""
        wanted = set(accepted)
        table = np.array([category in wanted for category in self.categories], dtype=bool)
        found = np.zeros(len(self.known), dtype=bool)
        if table.any():
            found[self.row_of[table[self.values]]] = True
        return found & self.known

    def take(self, rows: Selection) -> Sets:
        offsets, inside = _inside(self.offsets, rows)
        return Sets(offsets, self.values[inside], self.known[rows], self.categories)

    def get(self, row: int) -> Value | Unknown:
        if not self.known[row]:
            return UNKNOWN
        return frozenset(self.categories[at] for at in self.values[self.offsets[row] : self.offsets[row + 1]])


@dataclass(frozen=True, eq=False)
class Records:
    """The records of each row: those of row r are offsets[r] to offsets[r + 1] of every field, unknown where known is
    False. `fields` are columns over all records, one after the other."""

    offsets: NDArray[np.int64]
    known: NDArray[np.bool_]
    fields: Mapping[str, Plain]
    kind: Kind = "records"

    def __len__(self) -> int:
        return len(self.known)

    @property
    def count(self) -> int:
        """The number of records of all rows together."""
        return int(self.offsets[-1] - self.offsets[0])

    def take(self, rows: Selection) -> Records:
        offsets, inside = _inside(self.offsets, rows)
        fields = {name: column.take(inside) for name, column in self.fields.items()}
        return Records(offsets, self.known[rows], fields)

    def get(self, row: int) -> tuple[Record, ...] | Unknown:
        if not self.known[row]:
            return UNKNOWN
        found = []
        for at in range(int(self.offsets[row]), int(self.offsets[row + 1])):
            cells = {name: column.get(at) for name, column in self.fields.items()}
            found.append({name: cell for name, cell in cells.items() if not isinstance(cell, Unknown)})
        return tuple(found)


Plain = Numbers | Flags | Codes | Sets
Column = Plain | Records


def _inside(offsets: NDArray[np.int64], rows: Selection) -> tuple[NDArray[np.int64], Selection]:
    """Offsets of some rows set one after the other, and the places of their values."""
    if isinstance(rows, slice) and rows.step in (None, 1):
        first, last, _ = rows.indices(len(offsets) - 1)
        own = offsets[first : max(first, last) + 1]
        return own - own[0], slice(int(own[0]), int(own[-1]))
    return _gathered(offsets, np.arange(len(offsets) - 1)[rows])


def _gathered(offsets: NDArray[np.int64], picked: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Offsets of the picked rows set one after the other, and the places of their values."""
    sizes = np.diff(offsets)[picked]
    made = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    steps = np.arange(made[-1]) - np.repeat(made[:-1], sizes)
    return made, np.repeat(offsets[picked], sizes) + steps


def positions(values: NDArray[Any], categories: int) -> Any:
    """The same positions in the smallest of int16 and int32 that holds them."""
    return values.astype(np.int16 if categories < 2**15 else np.int32, copy=False)


def encoded(values: NDArray[Any], categories: Sequence[str]) -> Codes:
    """Codes for positions in any order of categories: categories get sorted, so that subtrees of most lists adjoin."""
    order = sorted(range(len(categories)), key=categories.__getitem__)
    if len({*categories}) != len(order):
        raise ValueError("a category stands twice")
    table = np.full(len(order) + 1, -1, dtype=np.int32)
    table[order] = np.arange(len(order))
    raw = np.asarray(values)
    if raw.size and (raw.max() >= len(order) or raw.min() < -1):
        raise ValueError("a position lies outside the categories")
    return Codes(positions(table[raw], len(order)), tuple(categories[at] for at in order))


def _blank(value: object) -> bool:
    return value is None or value is UNKNOWN


def guess_kind(values: Iterable[Any]) -> Kind:
    """The kind of column that the first known value asks for; number when nothing is known."""
    for value in values:
        if _blank(value):
            continue
        if isinstance(value, bool | np.bool_):
            return "bool"
        if isinstance(value, str):
            return "code"
        if isinstance(value, date):
            return "date"
        if isinstance(value, set | frozenset | list | tuple):
            return "codes"
        return "number"
    return "number"


def records_of(values: Any, kinds: Mapping[str, Kind | None]) -> Records:
    """The column for a list with the records of each row (None = unknown); `kinds` names all fields and their kinds.

    Raises ValueError for a field that is not named or a value that does not fit.
    """
    if isinstance(values, Records):
        return values
    listed = list(values)
    known = np.array([not _blank(value) for value in listed], dtype=bool)
    rows = [list(value) if ok else [] for value, ok in zip(listed, known, strict=True)]
    records = [record for row in rows for record in row]
    strange = {name for record in records for name in record} - kinds.keys()
    if strange:
        raise ValueError(f"the records have no field {', '.join(sorted(strange))}")
    fields: dict[str, Plain] = {}
    for name, kind in kinds.items():
        column = column_of([record.get(name) for record in records], kind)
        assert not isinstance(column, Records)
        fields[name] = column
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))).astype(np.int64)
    return Records(offsets, known, fields)


def column_of(values: Any, kind: Kind | None = None) -> Column:
    """A column from an array, a list (None = unknown) or a ready column; records are made by records_of.

    Raises ValueError when a value does not fit the kind.
    """
    if isinstance(values, Numbers):
        return Numbers(finite(values.values), values.kind)
    if isinstance(values, Flags | Codes | Sets | Records):
        return values
    if isinstance(values, np.ndarray) and values.dtype != object:
        return _from_array(values, kind)
    listed = list(values)
    kind = kind or guess_kind(listed)
    try:
        if kind == "number":
            return Numbers(finite(np.array([_number(value) for value in listed], dtype=np.float64)))
        if kind == "date":
            return Numbers(np.array([_day(value) for value in listed], dtype=np.float64), "date")
        if kind == "bool":
            return Flags(np.array([_flag(value) for value in listed], dtype=np.int8))
        if kind == "code":
            categories = sorted({_text(value) for value in listed if not _blank(value)})
            position = {category: at for at, category in enumerate(categories)}
            raw = np.array([-1 if _blank(value) else position[value] for value in listed], dtype=np.int32)
            return Codes(positions(raw, len(categories)), tuple(categories))
        return _sets(listed)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"a value does not fit a column of kind {kind}: {error}") from None


def _from_array(values: NDArray[Any], kind: Kind | None) -> Column:
    if values.dtype.kind == "M":
        days = values.astype("datetime64[D]")
        numbers = days.astype(np.int64).astype(np.float64)
        return Numbers(np.where(np.isnat(days), np.nan, numbers), "date")
    if values.dtype == bool:
        return Flags(values.astype(np.int8))
    if values.dtype.kind in "US":
        return column_of(values.tolist(), kind or "code")
    if kind == "bool":
        if values.dtype.kind == "f":
            return Flags(np.where(np.isnan(values), -1, values != 0).astype(np.int8))
        return Flags(values.astype(np.int8))
    if values.dtype.kind not in "fiu":
        raise ValueError(f"an array of {values.dtype} makes no column")
    return Numbers(finite(values.astype(np.float64, copy=False)), "date" if kind == "date" else "number")


def finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same numbers; one without end is no value and unknown."""
    endless = np.isinf(values)
    return np.where(endless, np.nan, values) if endless.any() else values


def _number(value: Any) -> float:
    if _blank(value):
        return float("nan")
    if isinstance(value, str | bool):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _flag(value: Any) -> int:
    if _blank(value):
        return -1
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{value!r} is neither true nor false")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a code or text")
    return value


def _day(value: Any) -> float:
    if _blank(value):
        return float("nan")
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is not a date")
    return float(value.toordinal() - _EPOCH)


def _set(value: Any) -> set[Any]:
    if isinstance(value, str):
        raise TypeError(f"{value!r} is a text where a set of codes belongs")
    return set(value)


def _sets(listed: list[Any]) -> Sets:
    known = np.array([not _blank(value) for value in listed], dtype=bool)
    rows = [sorted(_set(value)) if ok else [] for value, ok in zip(listed, known, strict=True)]
    categories = sorted({_text(code) for row in rows for code in row})
    position = {category: at for at, category in enumerate(categories)}
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))).astype(np.int64)
    raw = np.array([position[code] for row in rows for code in row], dtype=np.int32)
    return Sets(offsets, positions(raw, len(categories)), known, tuple(categories))
