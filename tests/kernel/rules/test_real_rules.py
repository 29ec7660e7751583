"""The rules of the zone's own pack give the same verdicts one by one, in bulk, and in SQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from innozone.kernel.columns import Snapshot, column_name
from innozone.kernel.packs import Pack, load_pack
from innozone.kernel.rules import Condition, Matcher, Subject, Truth, evaluate, explain, render, to_sql
from innozone.kernel.terms import Dictionary, Variable
from tests.kernel.rules.sample import AS_OF

FIRMS = 60
YEARS = (2023, 2024, 2025)
_TYPES = {
    "bool": pa.bool_(),
    "date": pa.date32(),
    "text": pa.string(),
    "code": pa.string(),
    "codes": pa.list_(pa.string()),
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("xixian")


@pytest.fixture(scope="module")
def rules(pack: Pack) -> dict[str, Condition]:
    return {f"{policy.code}/{item.code}": item.condition for policy in pack.policies.values() for item in policy.items}


@pytest.fixture(scope="module")
def facts(pack: Pack) -> list[dict[str, dict[int | None, Any]]]:
    """Invented firms of every kind, a fifth of their facts unknown."""
    random_ = random.Random(5)
    firms: list[dict[str, dict[int | None, Any]]] = [{} for _ in range(FIRMS)]
    for firm in firms:
        for name, year in keys(pack.dictionary):
            if random_.random() < 0.8:
                firm.setdefault(name, {})[year] = invented(pack.dictionary[name], pack.dictionary, random_)
    return firms


def keys(dictionary: Dictionary) -> Iterator[tuple[str, int | None]]:
    for variable in dictionary:
        if variable.formula is None:
            for year in YEARS if variable.period == "year" else (None,):
                yield variable.code, year


def invented(variable: Variable, dictionary: Dictionary, random_: random.Random) -> Any:
    if variable.type == "money":
        return Decimal(random_.choice((0, 1_000_000, 20_000_000, 50_000_000, 400_000_000, random_.randrange(10**9))))
    if variable.type == "ratio":
        return Decimal(random_.randrange(0, 100)) / 100
    if variable.numeric:
        return Decimal(random_.choice((0, 1, 2, 20, 60, 300, random_.randrange(1500))))
    if variable.type == "bool":
        return random_.random() < 0.5
    if variable.type == "date":
        return date(random_.randrange(2010, 2027), random_.randrange(1, 7), random_.randrange(1, 29))
    if variable.type == "text":
        return "某企业"
    codelist = dictionary.codelist_of(variable)
    assert codelist is not None
    codes = list(codelist.by_code)
    return random_.choice(codes) if variable.type == "code" else frozenset(random_.sample(codes, min(3, len(codes))))


def columns(dictionary: Dictionary, firms: list[dict[str, dict[int | None, Any]]]) -> dict[str, list[Any]]:
    return {
        column_name(name, year): [firm.get(name, {}).get(year) for firm in firms] for name, year in keys(dictionary)
    }


def test_in_bulk_as_one_by_one(pack: Pack, rules: dict[str, Condition], facts: list[Any]) -> None:
    snapshot = Snapshot.from_columns(columns(pack.dictionary, facts), as_of=AS_OF, dictionary=pack.dictionary)
    matches = Matcher(snapshot, pack.dictionary).match(rules)
    subjects = [Subject(pack.dictionary, firm, AS_OF) for firm in facts]
    for id, rule in rules.items():
        explained = [explain(rule, subject) for subject in subjects]
        assert [matches[id].truth(row) for row in range(FIRMS)] == [each.truth for each in explained], id
        assert matches[id].rows("manual_only").tolist() == [
            row for row, each in enumerate(explained) if each.manual_only
        ]
        assert matches[id].rows("near").tolist() == [row for row, each in enumerate(explained) if each.near_miss]
        assert [each.truth for each in explained[:5]] == [evaluate(rule, subject) for subject in subjects[:5]]


def test_in_sql_as_in_bulk(pack: Pack, rules: dict[str, Condition], facts: list[Any]) -> None:
    listed = columns(pack.dictionary, facts)
    table = pa.table(
        {
            name: pa.array(
                [sorted(each) if isinstance(each, frozenset) else each for each in values],
                type=_TYPES.get(pack.dictionary[name.partition("@")[0]].type, pa.float64()),
            )
            for name, values in ((name, [_plain(each) for each in values]) for name, values in listed.items())
        }
    )
    connection = duckdb.connect()
    connection.register("firms", table)
    snapshot = Snapshot.from_columns(listed, as_of=AS_OF, dictionary=pack.dictionary)
    matches = Matcher(snapshot, pack.dictionary).match(rules)
    truths = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}
    for id, rule in rules.items():
        sql = to_sql(rule, pack.dictionary, AS_OF, columns=listed)
        assert len(sql) < 100_000
        found = [truths[verdict] for (verdict,) in connection.execute(f"SELECT {sql} FROM firms").fetchall()]
        assert found == [matches[id].truth(row) for row in range(FIRMS)], id
    connection.close()


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def test_in_words(pack: Pack, rules: dict[str, Condition]) -> None:
    for id, rule in rules.items():
        chinese, english = render(rule, pack.dictionary, "zh-hans"), render(rule, pack.dictionary, "en")
        assert chinese, id
        assert english, id
        assert chinese != english, id
