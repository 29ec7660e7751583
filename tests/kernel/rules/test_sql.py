"""The SQL of a rule gives on DuckDB what the reference evaluator gives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import column_name
from innozone.kernel.rules import Subject, Truth, evaluate, load_condition, parse, to_sql
from innozone.kernel.rules.tree import Call, walk
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, conditions, facts, keys

_TYPES = {"bool": "BOOLEAN", "date": "DATE", "text": "VARCHAR", "code": "VARCHAR", "codes": "VARCHAR[]"}
_TRUTHS = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}


@pytest.fixture(scope="module")
def database() -> Any:
    connection = duckdb.connect()
    columns = ", ".join(
        f'"{column_name(name, year)}" {_TYPES.get(DICTIONARY[name].type, "DOUBLE")}' for name, year in keys()
    )
    connection.execute(f"CREATE TABLE firms (row INTEGER, {columns})")
    yield connection
    connection.close()


def verdicts(database: Any, rule: Any, rows: list[dict[str, dict[int | None, Any]]]) -> list[Truth]:
    database.execute("DELETE FROM firms")
    marks = ", ".join("?" for _ in range(len(keys()) + 1))
    for at, row in enumerate(rows):
        cells = [row.get(name, {}).get(year) for name, year in keys()]
        plain = [sorted(cell) if isinstance(cell, frozenset) else cell for cell in cells]
        database.execute(f"INSERT INTO firms VALUES ({marks})", [at, *plain])
    names = {column_name(name, year) for name, year in keys()}
    sql = to_sql(rule, DICTIONARY, AS_OF, columns=names)
    return [_TRUTHS[found] for (found,) in database.execute(f"SELECT {sql} FROM firms ORDER BY row").fetchall()]


@settings(max_examples=150, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=4), conditions(peeking=True))
def test_sql_gives_the_verdict_of_the_reference_evaluator(database, rows, rule) -> None:
    # The root of a compound growth over three steps is the platform's own and may differ in the last bit.
    assume(not any(isinstance(node, Call) and node.name == "cagr" and node.args[0].last - node.args[0].first > 2
                   for leaf in rule.leaves() if hasattr(leaf, "expr") for node in walk(leaf.expr)))  # fmt: skip
    expected = [evaluate(rule, Subject(DICTIONARY, row, AS_OF)) for row in rows]
    assert verdicts(database, rule, rows) == expected, to_sql(rule, DICTIONARY, AS_OF)


def test_text_is_quoted() -> None:
    sql = to_sql(parse('name == "O\'Neil; drop table firms"'), DICTIONARY, AS_OF)
    assert sql == """("name" = 'O''Neil; drop table firms')"""


def test_a_column_that_the_table_lacks_is_null() -> None:
    assert (
        to_sql(parse("revenue[-1] > 5"), DICTIONARY, AS_OF, columns=())
        == "(CAST(NULL AS DOUBLE) > CAST('5.0' AS DOUBLE))"
    )
    assert '"revenue@2025"' in to_sql(parse("revenue[-1] > 5"), DICTIONARY, AS_OF)


def test_a_manual_leaf_is_null() -> None:
    assert to_sql(load_condition({"manual": "核对"}), DICTIONARY, AS_OF) == "CAST(NULL AS BOOLEAN)"


@pytest.mark.parametrize(
    ("text", "message"),
    [("nonsense > 1", "no variable nonsense"), ("revenue > 1", "one value per year"), ("score[-1] > 1", "no years")],
)
def test_a_rule_that_the_check_refuses_has_no_sql(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_sql(condition(text), DICTIONARY, AS_OF)


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="no dialect mysql"):
        to_sql(parse("score > 1"), DICTIONARY, AS_OF, "mysql")


def test_nested_cases_do_not_double_at_every_level(database) -> None:
    text = "0"
    for step in range(20):
        text = f"if(score < {60 + step}, min(score, {step}) + tier(score, >= 1: 1, else: 0), {text})"
    rule = condition(f"{text} >= 19")
    assert len(to_sql(rule, DICTIONARY, AS_OF)) < 20_000
    rows = [{"score": {None: Decimal(score)}} for score in (0, 60, 79, 90)] + [{}]
    expected = [evaluate(rule, Subject(DICTIONARY, row, AS_OF)) for row in rows]
    assert verdicts(database, rule, rows) == expected
