"""Rows against the contract: what is good goes on, what is not is put aside with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from innozone.foundation.facts.cells import ColumnReader, Stored, read_year, unreadable
from innozone.foundation.facts.files import (
    CREDIT_CODE,
    FORMER_NAME,
    NAME,
    PERIOD,
    BadCell,
    Cell,
    Chunk,
    Header,
    locate,
)
from innozone.foundation.facts.problems import Problem, problem, shorten
from innozone.kernel.linkage import CreditCode, check_credit_code
from innozone.kernel.linkage.credit_code import ALPHABET
from innozone.kernel.packs import DatasetContract, QualityRule
from innozone.kernel.terms import Dictionary

_RAW_CELL = 500


@dataclass(slots=True)
class Checked:
    """A chunk of rows by column. All lists have the length of the chunk.

    `values[name][at]` is the stored value of a variable or field, None where the cell is blank or bad.
    `problems[at]` holds what keeps row `at` aside; `warnings` what is only said, with the row number.
    """

    numbers: list[int]
    rows: list[list[Cell]]
    values: dict[str, list[Stored | None]]
    codes: list[str]
    names: list[str]
    former_names: list[str]
    years: list[int]
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def put_aside(self, at: int, found: Problem) -> None:
        self.problems.setdefault(at, []).append(found)


class Checker:
    """The checks of one delivery. Rows come in chunks; what must be unique is remembered over the whole file.

    `late` holds faults of rows of earlier chunks, by row number: they are put aside after all.
    Raises DeliveryRefused when the headers do not keep the contract.
    """

    def __init__(self, contract: DatasetContract, dictionary: Dictionary, headers: list[Header], today: date) -> None:
        self.contract = contract
        self.headers = headers
        self.today = today
        self.places, self.notes = locate(contract, headers)
        self.readers = {entry.name: ColumnReader(entry, dictionary) for entry in contract.fields}
        self._required = {entry.name for entry in contract.fields if entry.required} | set(contract.key)
        self._titles = {entry.name: entry.column for entry in contract.fields}
        for name, column in (
            (CREDIT_CODE, contract.subject.credit_code),
            (NAME, contract.subject.name),
            (FORMER_NAME, contract.subject.former_name),
            (PERIOD, contract.period),
        ):
            if column is not None:
                self._titles[name] = column.column
        self._seen: dict[int, dict[tuple[str, ...], tuple[int, int]]] = {}
        self.late: dict[int, list[Problem]] = {}
        # A rule on the credit code says whether a wrong one keeps the row aside or leaves it to its name.
        self.strict_code = any(
            rule.rule == "credit_code"
            and rule.severity == "error"
            and (not rule.columns or CREDIT_CODE in rule.columns)
            for rule in contract.quality
        )

    def check(self, chunk: Chunk) -> Checked:
        """The rows of a chunk, read and checked."""
        count = len(chunk.rows)
        broken = chunk.broken
        rows = chunk.rows
        if broken:
            blank: list[Cell] = [""] * len(self.headers)
            rows = [blank if at in broken else row for at, row in enumerate(rows)]
        checked = Checked(chunk.numbers, chunk.rows, {}, [], [], [], [0] * count)
        for at, found in broken.items():
            checked.put_aside(at, found)
        checked.codes = self._texts(CREDIT_CODE, rows, checked)
        checked.names = self._texts(NAME, rows, checked)
        checked.former_names = self._texts(FORMER_NAME, rows, checked)
        self._years(rows, checked)
        for name, reader in self.readers.items():
            checked.values[name] = self._column(name, reader, rows, checked)
        for number, rule in enumerate(self.contract.quality):
            self._rule(number, rule, rows, checked)
        for at in broken:
            # Whatever else seems to be wrong with a row that could not be split is not its fault.
            checked.problems[at] = [broken[at]]
        return checked

    def raw(self, row: list[Cell]) -> dict[str, str]:
        """A row as delivered, by header, for the eyes of a person."""
        return {
            str(header) or f"#{at + 1}": shorten(cell.text if isinstance(cell, BadCell) else cell, _RAW_CELL)
            for at, (header, cell) in enumerate(zip(self.headers, row, strict=False))
        }

    def _texts(self, name: str, rows: list[list[Cell]], checked: Checked) -> list[str]:
        place = self.places.get(name)
        if place is None:
            return [""] * len(rows)
        found = []
        for at, row in enumerate(rows):
            cell = row[place]
            if isinstance(cell, str) and len(cell) <= 200 and "\x00" not in cell:
                found.append(cell.strip())
                continue
            found.append("")
            fault = unreadable(cell, self._titles[name]) or problem(
                "cell_too_long", column=self._titles[name], value=str(cell), length=len(str(cell)), limit=200
            )
            checked.put_aside(at, fault)
        return found

    def _years(self, rows: list[list[Cell]], checked: Checked) -> None:
        place = self.places.get(PERIOD)
        if place is None:
            return
        title, known = self._titles[PERIOD], dict[Cell, int | Problem]()
        for at, row in enumerate(rows):
            cell = row[place]
            year = known.get(cell)
            if year is None:
                fault = unreadable(cell, title)
                if fault is None and isinstance(cell, str):
                    year = read_year(cell, title, self.today.year) if cell.strip() else problem("missing", column=title)
                else:
                    year = fault
                assert year is not None
                known[cell] = year
            if isinstance(year, int):
                checked.years[at] = year
            else:
                checked.put_aside(at, year)

    def _column(self, name: str, reader: ColumnReader, rows: list[list[Cell]], checked: Checked) -> list[Stored | None]:
        if name not in self.places:
            return [None] * len(rows)
        place, read, required = self.places[name], reader.read, name in self._required
        found: list[Stored | None] = []
        for at, row in enumerate(rows):
            value = read(row[place])
            if value is None:
                if required:
                    checked.put_aside(at, problem("missing", column=self._titles[name]))
                found.append(None)
            elif isinstance(value, Stored):
                found.append(value)
            else:
                checked.put_aside(at, value)
                found.append(None)
        return found

    def _rule(self, number: int, rule: QualityRule, rows: list[list[Cell]], checked: Checked) -> None:
        if rule.rule == "credit_code":
            self._credit_codes(rule, checked)
            return
        if rule.rule == "unique":
            self._unique(number, rule, rows, checked)
            return
        tests: dict[str, Callable[[QualityRule, Checked, int], Problem | None]] = {
            "required": self._is_missing,
            "range": self._is_outside,
            "pattern": self._is_misshapen,
            "date_order": self._falls,
            "not_above": self._falls,
            "not_future": self._is_future,
        }
        # `code` needs no test of its own: a cell that is in no code list was not read.
        test = tests.get(rule.rule)
        if test is None:
            return
        for at in range(len(rows)):
            found = test(rule, checked, at)
            if found is not None:
                self._say(rule, checked, at, found)

    def _say(self, rule: QualityRule, checked: Checked, at: int, found: Problem) -> None:
        if rule.message is not None:
            found["note"] = {"zh": rule.message.zh, "en": rule.message.en}
        if rule.severity == "error":
            if not any(
                known["code"] == found["code"] and known["column"] == found["column"]
                for known in checked.problems.get(at, ())
            ):
                checked.put_aside(at, found)
        else:
            checked.warnings.append({**found, "row": checked.numbers[at]})

    def _text(self, name: str, checked: Checked, at: int) -> str:
        """The cell of a column as delivered."""
        cell = checked.rows[at][self.places[name]] if name in self.places and at < len(checked.rows) else ""
        return cell.text if isinstance(cell, BadCell) else cell.strip()

    def _value(self, name: str, checked: Checked, at: int) -> Any:
        held = checked.values[name][at] if name in checked.values else None
        return None if held is None else held.value

    def _is_missing(self, rule: QualityRule, checked: Checked, at: int) -> Problem | None:
        for name in rule.columns:
            if name in checked.values:
                if checked.values[name][at] is None and not checked.problems.get(at):
                    return problem("missing", column=self._titles[name])
            elif at not in checked.problems and name in self.places and not self._text(name, checked, at):
                return problem("missing", column=self._titles[name])
        return None

    def _is_outside(self, rule: QualityRule, checked: Checked, at: int) -> Problem | None:
        for name in rule.columns:
            value = self._value(name, checked, at)
            if not isinstance(value, Decimal):
                continue
            for code, limit, wrong in (
                ("below", rule.minimum, rule.minimum is not None and value < Decimal(str(rule.minimum))),
                ("above", rule.maximum, rule.maximum is not None and value > Decimal(str(rule.maximum))),
            ):
                if wrong:
                    text = self._text(name, checked, at)
                    return problem(code, column=self._titles[name], value=text, text=text, limit=f"{limit:g}")
        return None

    def _is_misshapen(self, rule: QualityRule, checked: Checked, at: int) -> Problem | None:
        for name in rule.columns:
            text = self._text(name, checked, at)
            if text and re.fullmatch(rule.pattern, text) is None:
                shown = shorten(text)
                return problem("pattern", column=self._titles[name], value=text, text=shown, pattern=rule.pattern)
        return None

    def _falls(self, rule: QualityRule, checked: Checked, at: int) -> Problem | None:
        for first, second in zip(rule.columns, rule.columns[1:], strict=False):
            a, b = self._value(first, checked, at), self._value(second, checked, at)
            if a is None or b is None or a <= b:
                continue
            texts = {"text": self._text(first, checked, at), "other": self._text(second, checked, at)}
            if rule.rule == "not_above":
                return problem(
                    "not_above",
                    column=self._titles[first],
                    value=texts["text"],
                    larger=self._titles[first],
                    smaller=self._titles[second],
                    **texts,
                )
            return problem(
                "date_order",
                column=self._titles[second],
                value=texts["other"],
                later=self._titles[second],
                earlier=self._titles[first],
                text=texts["other"],
                other=texts["text"],
            )
        return None

    def _is_future(self, rule: QualityRule, checked: Checked, at: int) -> Problem | None:
        for name in rule.columns:
            value = self._value(name, checked, at)
            if isinstance(value, date) and value > self.today:
                return problem("not_future", column=self._titles[name], value=str(value), text=value.isoformat())
        return None

    def _credit_codes(self, rule: QualityRule, checked: Checked) -> None:
        """Codes in columns of the data (an investor's, a buyer's). That of the subject is settled when it is linked."""
        for name in rule.columns:
            if name not in checked.values:
                continue
            for at, held in enumerate(checked.values[name]):
                if held is not None and held.text:
                    found = check_credit_code(held.text)
                    if not found.valid:
                        self._say(rule, checked, at, code_problem(found, self._titles[name]))

    def _unique(self, number: int, rule: QualityRule, rows: list[list[Cell]], checked: Checked) -> None:
        seen = self._seen.setdefault(number, {})
        for at, row in enumerate(rows):
            key = tuple(self._text(name, checked, at) for name in rule.columns)
            # A row without its code is told apart by its name, once it is linked.
            if not all(key) or at in checked.problems:
                continue
            here, content = checked.numbers[at], hash(tuple(row))
            first, first_content = seen.setdefault(key, (here, content))
            # A row that says word for word the same again does no harm: it is counted once.
            if first == here or first_content == content:
                continue
            column, text = "、".join(self._titles[name] for name in rule.columns), " ".join(key)
            self._say(rule, checked, at, problem("repeated", column=column, value=text, text=text, rows=str(first)))
            if rule.severity == "error" and first not in self.late:
                fault = problem("repeated", column=column, value=text, text=text, rows=str(here))
                self.late.setdefault(first, []).append(fault)


def code_problem(found: CreditCode, column: str) -> Problem:
    """What is wrong with a credit code, with the code that was probably meant."""
    params: dict[str, Any] = {"column": column, "value": found.code, "text": shorten(found.code)}
    if found.failure == "length":
        return problem("code_length", length=len(found.code), **params)
    params["nearest"] = (
        problem("nearest_credit_code", code=found.suggestion) if found.suggestion else problem("no_nearest_credit_code")
    )
    if found.failure == "character":
        strange = next(letter for letter in found.code if letter not in ALPHABET)
        return problem("code_character", character=strange, **params)
    return problem(
        {"kind": "code_kind", "region": "code_region"}.get(found.failure or "", "code_check_digit"), **params
    )
