"""Variables made from records column-wise; tests/demo/test_taken_in.py holds them to the SQL of the database."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from innozone.kernel.columns.arrays import records_of
from innozone.kernel.packs import DatasetContract, Field, FileFormat, Subject, Validity
from innozone.kernel.packs.aggregates import made_from
from innozone.kernel.terms import UNKNOWN, Aggregate, Code, CodeList, Dictionary, Label, Variable

AS_OF = date(2024, 2, 29)
NAME = Label("名", "name")
TITLES = CodeList("titles", NAME, (Code("high", NAME), Code("higher", NAME, "high"), Code("low", NAME)))
KINDS = {"title": "code", "fields": "codes", "given_on": "date", "ends_on": "date", "amount": "number", "own": "bool"}
TYPES = {"number": "money"}
CONTRACT = DatasetContract(
    "awards",
    NAME,
    "office",
    "records",
    FileFormat("csv"),
    Subject(),
    tuple(
        Field(code, TYPES.get(kind, kind), field=code, codelist="titles" if kind.startswith("code") else None)  # type: ignore[arg-type]
        for code, kind in KINDS.items()
    ),
    validity=Validity(valid_to="ends_on", date="given_on"),
)
TERMS = Dictionary({}, {"titles": TITLES})

FIRMS: list[list[dict[str, Any]]] = [
    [
        {"title": "higher", "given_on": date(2023, 2, 28), "amount": 5.0, "own": True, "fields": {"low"}},
        {"title": "low", "given_on": date(2023, 3, 1), "ends_on": AS_OF, "amount": 7.0, "fields": {"high", "low"}},
        {"title": "high", "given_on": date(2024, 3, 1), "amount": 1e6, "own": True},  # still to come
    ],
    [
        {"title": "high", "amount": 3.0, "own": False},  # of any day
        {"given_on": date(2024, 1, 1), "ends_on": date(2024, 2, 28), "amount": 0.0},
    ],
    [{"title": "low", "given_on": date(2024, 1, 1)}],
    [],
]


def made(function: str, complete: bool = True, type: str = "integer", **more: Any) -> list[Any]:
    variable = Variable("x", NAME, type, aggregate=Aggregate("awards", function, **more))  # type: ignore[arg-type]
    records = records_of(FIRMS, KINDS)  # type: ignore[arg-type]
    column = made_from(variable, CONTRACT, records, TERMS, AS_OF, np.full(len(FIRMS), complete))
    return [column.get(row) for row in range(len(FIRMS))]


def test_what_counts():
    assert made("count") == [2, 2, 1, 0]
    assert made("count", where={"title": ("high",)}) == [1, 1, 0, 0]  # what stands below counts, too
    assert made("count", where={"own": ("true",)}) == [1, 0, 0, 0]
    assert made("count", where={"fields": ("high",)}) == [1, 0, 0, 0]
    assert made("count", valid=True) == [2, 1, 1, 0]  # the last day is a day in force
    assert made("count", within_years=1) == [1, 1, 1, 0]  # since 2023-02-28, that day no more; without a day never
    assert made("exists", type="bool", where={"title": ("low",)}) == [True, False, True, False]


def test_where_the_records_are_not_complete_none_says_nothing():
    assert made("count", False) == [2, 2, 1, UNKNOWN]
    assert made("exists", False, type="bool", where={"title": ("low",)}) == [True, UNKNOWN, True, UNKNOWN]
    assert made("codes", False, type="codes", of="title") == [{"higher", "low"}, {"high"}, {"low"}, UNKNOWN]
    assert made("sum", False, type="money", of="amount") == [12, 3, UNKNOWN, UNKNOWN]


def test_a_sum_with_an_amount_nobody_knows_is_unknown():
    assert made("sum", type="money", of="amount") == [12, 3, UNKNOWN, 0]


def test_sets_of_codes():
    assert made("codes", type="codes", of="title", within_years=1) == [{"low"}, set(), {"low"}, set()]
    assert made("codes", type="codes", of="fields") == [{"high", "low"}, set(), set(), set()]


def test_the_newest_that_has_a_value():
    assert made("latest", type="code", of="title") == ["low", "high", "low", UNKNOWN]
    assert made("latest", type="money", of="amount") == [7, 0, UNKNOWN, UNKNOWN]
    assert made("latest", type="bool", of="own") == [True, False, UNKNOWN, UNKNOWN]
    assert made("latest", type="date", of="given_on")[:2] == [date(2023, 3, 1), date(2024, 1, 1)]


@pytest.mark.parametrize(
    ("function", "more"),
    [
        ("sum", {"of": "nothing"}),
        ("sum", {"of": "title"}),
        ("codes", {"of": "amount"}),
        ("latest", {"of": "fields"}),
        ("count", {"where": {"amount": ("5",)}}),
    ],
)
def test_what_cannot_be_made_is_refused(function, more):
    with pytest.raises(ValueError):
        made(function, **more)


def test_only_variables_of_a_day_with_an_aggregate():
    records = records_of(FIRMS, KINDS)  # type: ignore[arg-type]
    yearly = Variable("x", NAME, "integer", period="year", aggregate=Aggregate("awards", "count"))
    for variable in (Variable("x", NAME, "integer"), yearly):
        with pytest.raises(ValueError, match="x is not made from records"):
            made_from(variable, CONTRACT, records, TERMS, AS_OF, np.ones(len(FIRMS), dtype=bool))
