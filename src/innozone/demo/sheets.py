"""From a dataset contract to a sheet: each column filled through the variable or record field that it carries."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from innozone.demo.names import pick, stream
from innozone.demo.population import Population, UnsuitablePack, Whole
from innozone.kernel.packs import DatasetContract, Field, Pack
from innozone.kernel.terms import UNITS, CodeList

Cell = str | float | int | bool | date | None
Array = npt.NDArray[Any]

CREDIT_CODE, NAME, FORMER_NAME, PERIOD = "credit_code", "name", "former_name", "period"
_SPLITTING = frozenset(";；、,，|/")
_DATE_STYLES = ("{0:04}-{1:02}-{2:02}", "{0:04}/{1}/{2}", "{0:04}年{1}月{2}日", "{0:04}{1:02}{2:02}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its headers, what it carries (`role`: a field's name or one of the subject's), its field."""

    header: str
    group: str
    role: str
    field: Field | None = None


@dataclass
class Sheet:
    """A file before it is written: cells by role, and the firm of each row (-1 for none)."""

    contract: DatasetContract
    columns: list[Column]
    cells: dict[str, list[Cell]]
    firm: list[int]
    year: int | None = None

    def __len__(self) -> int:
        return len(self.firm)

    def line(self, row: int) -> int:
        """The number of a row in the file as its reader counts: from 1, headers included."""
        return row + 1 + (0 if self.contract.format.type == "jsonl" else self.contract.format.header_rows)

    def column(self, role: str) -> Column:
        return next(column for column in self.columns if column.role == role)

    def copy_row(self, row: int) -> int:
        """A second row at the end that says the same; gives its position."""
        for cells in self.cells.values():
            cells.append(cells[row])
        self.firm.append(self.firm[row])
        return len(self) - 1


def columns_of(contract: DatasetContract) -> list[Column]:
    """The columns of a contract in the order in which its sender writes them."""
    named = {
        (entry.column, entry.group): Column(entry.column, entry.group, entry.name, entry) for entry in contract.fields
    }
    columns = []
    subject = contract.subject
    for role, column in (
        (CREDIT_CODE, subject.credit_code),
        (NAME, subject.name),
        (FORMER_NAME, subject.former_name),
        (PERIOD, contract.period),
    ):
        if column is not None:
            # One column may say both who the row is about and what that one's name is.
            shared = named.pop((column.column, column.group), None)
            columns.append(Column(column.column, column.group, role, shared.field if shared else None))
    return columns + list(named.values())


def check_fields(pack: Pack, people: Population, contract: DatasetContract) -> None:
    """Raises UnsuitablePack when the demonstration knows no values for a column of the contract."""
    if contract.kind == "records":
        known: set[str] = set(record_table(people, contract)) - {"firm"}
    else:
        known = set(people.values) | set(people.yearly)
    for entry in contract.fields:
        if entry.name not in known:
            near = difflib.get_close_matches(entry.name, sorted(known), n=1)
            what = "variable" if contract.kind == "attributes" else "record field"
            cure = f"; the nearest that it knows is {near[0]}" if near else ""
            raise UnsuitablePack(
                f"{contract.origin or contract.code}: the demonstration has no values for the {what} {entry.name} "
                f"(column {entry.column} of {contract.code}){cure}"
            )
        if entry.type in {"code", "codes"} and (entry.codelist or "") not in pack.codelists:
            raise UnsuitablePack(f"{contract.code}: there is no code list {entry.codelist} for {entry.column}")
    for entry in contract.fields:
        if contract.kind == "attributes" and entry.name in people.yearly and contract.period is None:
            raise UnsuitablePack(f"{contract.code}: {entry.name} is yearly and the dataset has no period column")


def record_table(people: Population, contract: DatasetContract) -> Mapping[str, Array]:
    """The records for a dataset: those of its code, else those that have all its fields."""
    if contract.code in people.records:
        return people.records[contract.code]
    wanted = {entry.name for entry in contract.fields}
    fitting = [table for table in people.records.values() if wanted <= set(table)]
    if not fitting:
        known = ", ".join(
            f"{code} ({', '.join(sorted(set(table) - {'firm'}))})" for code, table in people.records.items()
        )
        raise UnsuitablePack(
            f"{contract.origin or contract.code}: the demonstration has no records with the fields "
            f"{', '.join(sorted(wanted))}; it has {known}"
        )
    return fitting[0]


class Filler:
    """Fills sheets for one contract in the sender's hand: one style of dates and numbers per sender."""

    def __init__(self, pack: Pack, people: Population, contract: DatasetContract, seed: int) -> None:
        check_fields(pack, people, contract)
        self.pack, self.people, self.contract = pack, people, contract
        self.columns = columns_of(contract)
        rng = stream(seed, f"hand {contract.code}")
        self._date_style = _DATE_STYLES[int(rng.integers(0, len(_DATE_STYLES)))]
        self._thousands = contract.format.type == "csv" and bool(rng.random() < 0.4)
        self._seed = seed

    def attributes(self, firms: Whole, year: int | None) -> Sheet:
        """One row a firm; with `year` for that calendar year."""
        people = self.people
        cells: dict[str, list[Cell]] = {}
        for entry in self.contract.fields:
            if entry.name in people.yearly:
                assert year is not None
                values = people.yearly[entry.name][firms, people.years.index(year)]
            else:
                values = people.values[entry.name][firms]
            cells[entry.name] = self._rendered(entry, values)
        return self._sheet(cells, firms, year)

    def records(self, rows: Whole) -> Sheet:
        """One row for each of the records."""
        table = record_table(self.people, self.contract)
        cells = {entry.name: self._rendered(entry, table[entry.name][rows]) for entry in self.contract.fields}
        return self._sheet(cells, table["firm"][rows].astype(np.int64), None)

    def _sheet(self, cells: dict[str, list[Cell]], firms: Whole, year: int | None) -> Sheet:
        people, size = self.people, len(firms)
        subject: dict[str, list[Cell]] = {
            CREDIT_CODE: people.code[firms].tolist(),
            NAME: people.name[firms].tolist(),
            FORMER_NAME: [name or None for name in people.former_name[firms].tolist()],
            PERIOD: [year] * size,
        }
        filled = {
            column.role: subject[column.role] if column.role in subject else cells[column.role]
            for column in self.columns
        }
        return Sheet(self.contract, self.columns, filled, firms.tolist(), year)

    def _rendered(self, entry: Field, values: Array) -> list[Cell]:
        if entry.type in {"money", "number", "ratio", "integer"}:
            return self._numbers(entry, values.astype(float))
        if entry.type == "bool":
            truth: dict[float, Cell] = {1.0: "是", 0.0: "否"}
            if self.contract.format.type == "jsonl":
                truth = {1.0: True, 0.0: False}
            return [truth.get(float(value)) for value in values.astype(float).tolist()]
        if entry.type == "date":
            return self._dates(values)
        if entry.type in {"code", "codes"}:
            return self._words(entry, values)
        return [str(value) or None for value in values.tolist()]

    def _numbers(self, entry: Field, values: npt.NDArray[np.float64]) -> list[Cell]:
        factor = float(UNITS[entry.unit].factor / UNITS[entry.stored_unit].factor)
        shown = np.round(values / factor, 6)
        whole = bool(np.all(np.isnan(shown) | (shown == np.round(shown))))
        cells: list[Cell] = [None if np.isnan(value) else value for value in shown.tolist()]
        if whole:
            cells = [None if value is None else int(value) for value in cells]  # type: ignore[arg-type]
        if self._thousands and entry.type == "money":
            cells = [None if value is None else f"{value:,}" if whole else f"{value:,.2f}" for value in cells]
        return cells

    def _dates(self, values: Array) -> list[Cell]:
        days = values.astype("datetime64[D]").astype(object).tolist()
        if self.contract.format.type == "xlsx":
            return days
        if self.contract.format.type == "jsonl":
            return [None if day is None else day.isoformat() for day in days]
        style = self._date_style
        return [None if day is None else style.format(day.year, day.month, day.day) for day in days]

    def _words(self, entry: Field, values: Array) -> list[Cell]:
        """Codes as the sender writes them: in his own words, by label, and now and then by another name."""
        table = self.pack.codelists[entry.codelist or ""]
        rng = stream(self._seed, f"words {self.contract.code} {entry.name}")
        by_code = entry.column.endswith("代码")
        known, position = np.unique(values.astype(np.str_), return_inverse=True)
        usual: list[Cell] = []
        other: list[Cell] = []
        for held in known.tolist():
            parts = [code for code in held.split(";") if code]
            words = [_ways(entry, table, code, by_code, entry.type == "codes") for code in parts]
            usual.append("；".join(word[0] for word in words) or None)
            other.append("；".join(word[-1] for word in words) or None)
        turn = pick(rng, ["usual", "other"], len(position), [94, 6]) == "other"
        return [other[at] if odd else usual[at] for at, odd in zip(position.tolist(), turn.tolist(), strict=True)]


def _ways(entry: Field, table: CodeList, code: str, by_code: bool, in_set: bool) -> list[str]:
    """The words for a code that lead back to it, the most usual one first. Raises UnsuitablePack for an unknown code."""
    if code not in table:
        near = difflib.get_close_matches(code, sorted(table.by_code), n=1)
        raise UnsuitablePack(
            f"the demonstration writes {code} into {entry.column}, which the code list {table.code} does not hold"
            + (f"; it holds {near[0]}" if near else "")
        )
    own = [word for word, meant in entry.values.items() if meant == code]
    label = table.by_code[code]
    ways = (
        [code] if by_code else [*own, *(name for name in (label.label.zh, *label.aliases) if table.find(name) == code)]
    )
    if in_set:
        ways = [word for word in ways if not _SPLITTING & set(word)]
    return ways or [code]
