"""The SQL of a rule gives on DuckDB, Spark and PostgreSQL what the reference evaluator gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import AllOf, Test, load_condition, parse, to_sql
from innozone.kernel.rules.sql import DIALECTS
from innozone.kernel.rules.sql.writer import MOST_TEXT
from innozone.kernel.rules.tree import Arith, Compare, In, Neg, Number, Ref, Text
from innozone.kernel.terms import Dictionary, Label, Variable
from tests.kernel.rules import engines
from tests.kernel.rules.engines import Answers, Firm, Rules
from tests.kernel.rules.sample import (
    AS_OF,
    DICTIONARY,
    MONEY,
    OVER_RECORDS,
    RATIO,
    condition,
    conditions,
    facts,
    records,
)

firms = st.builds(Firm, facts(), records())
verdicts = st.one_of(
    conditions(peeking=True),
    conditions(peeking=True),
    st.builds(Test, OVER_RECORDS),
    st.tuples(st.builds(Test, OVER_RECORDS), conditions()).map(AllOf),
)

Ask = Callable[[Rules, Sequence[Firm]], dict[str, Answers]]


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    with engines.postgres() as connection:
        yield connection


@pytest.fixture(scope="module")
def ask(spark: Any, postgres: psycopg.Connection[Any], tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks the three databases over the same rows: DuckDB and Spark read the part files of a snapshot."""

    def asked(rules: Rules, rows: Sequence[Firm]) -> dict[str, Answers]:
        folder = engines.written(rows, tmp_path_factory.mktemp("firms") / "snapshot")
        engines.filled(postgres, rows)
        return {
            "duckdb": engines.by_duckdb(rules, folder),
            "postgres": engines.by_postgres(rules, postgres),
            "spark": engines.by_spark(rules, folder, spark),
        }

    return asked


def differences(found: Answers, expected: Answers, rules: Rules, share: float = 0.0) -> list[tuple[Any, ...]]:
    """Row, rule, what was found and what was expected, where they differ (numbers: by more than a share)."""
    wrong = []
    for row, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
        for rule, one, other in zip(rules, mine, theirs, strict=True):
            numbers = type(one) is float and type(other) is float
            same = abs(one - other) <= share * abs(other) if numbers else type(one) is type(other) and one == other
            if not same:
                wrong.append((row, str(rule), one, other))
    return wrong


_LARGE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def batches(times: int) -> settings:
    """Many rules meet some rows at once: a query costs Spark a second however little it asks."""
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    return settings(max_examples=times, deadline=None, suppress_health_check=_LARGE, phases=phases)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(firms, min_size=1, max_size=4), rule=verdicts)
def test_duckdb_gives_the_verdict_of_the_reference_evaluator(tmp_path_factory, rows, rule) -> None:
    folder = engines.written(rows, tmp_path_factory.mktemp("firms") / "snapshot", parts=1)
    found = engines.by_duckdb([rule], folder)
    assert not differences(found, engines.by_reference([rule], rows), [rule]), to_sql(rule, DICTIONARY, AS_OF)


@batches(5)
@given(rows=st.lists(firms, min_size=8, max_size=8), rules=st.lists(verdicts, min_size=30, max_size=30))
def test_all_engines_give_one_verdict(ask, rows, rules) -> None:
    expected = engines.by_reference(rules, rows)
    found = ask(rules, rows) | {"bitmaps": engines.by_bitmaps(rules, rows)}
    assert {name: differences(answers, expected, rules) for name, answers in found.items()} == {
        name: [] for name in found
    }


@batches(3)
@given(rows=st.lists(firms, min_size=8, max_size=8), rules=st.lists(MONEY | RATIO, min_size=30, max_size=30))
def test_all_databases_give_one_number(ask, rows, rules) -> None:
    expected = engines.by_reference(rules, rows)
    for name, answers in ask(rules, rows).items():
        # To the last bit, but for the root of a compound growth over three steps or more: that is each platform's own.
        assert not differences(answers, expected, rules, 1e-14 if "cagr" in str(rules) else 0.0), name


# What differs between the databases.

EXTREME = (0.0, 1.0, -2.5, 1e-12, 5e-324, 1e-200, -1e-160, 1e160, 1e300, -1e308, 1.7976931348623157e308)
CALCULATED = (
    "score + registered_capital",
    "score - registered_capital",
    "score * registered_capital",
    "score / registered_capital",
    "10% * score",
    "sum(score, registered_capital, 1)",
    "mean(score, registered_capital)",
    "max(score, -registered_capital)",
    "round(score)",
    "round(score / 3, 6)",
    "marginal(score, <= 100: 10%, <= 1000000: 200%, else: 300%)",
    "tier(score * 2, >= 1: 3, < 0: registered_capital * 2, else: 5)",
    "if(score * 2 >= registered_capital, score, registered_capital)",
    "coalesce(score / registered_capital, -1)",
)
COMPARED = (
    "score * 1 == registered_capital",
    "score * 1 > registered_capital",
    "score - registered_capital <= 0",
    "score / registered_capital != 1",
    "known(score * registered_capital)",
)


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_overflow_and_division_by_zero_are_unknown(ask, spark, ansi) -> None:
    pairs = product((*EXTREME, None), repeat=2)
    rows = [Firm({"score": {None: a}, "registered_capital": {None: b}}) for a, b in pairs]
    rules = [parse(text) for text in (*CALCULATED, *COMPARED)]
    expected = engines.by_reference(rules, rows)
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    found = ask(rules, rows)
    spark.conf.unset("spark.sql.ansi.enabled")
    assert not differences(found["duckdb"], expected, rules)
    assert not differences(found["spark"], expected, rules)
    # PostgreSQL raises an error on overflow; beyond 10^±150 it is not asked to calculate, and that is unknown.
    wrong = [each for each in differences(found["postgres"], expected, rules) if each[2] is not None]
    assert all("coalesce" in rule or "known" in rule for _, rule, _, _ in wrong)
    inside = [at for at, row in enumerate(rows) if all(_plain(row.facts[name][None]) for name in row.facts)]
    assert not differences([found["postgres"][at] for at in inside], [expected[at] for at in inside], rules)


def _plain(number: float | None) -> bool:
    return not number or 1e-150 <= abs(number) <= 1e150


def test_what_spark_compiles_gives_the_same(ask, spark) -> None:
    rows = [Firm({"score": {None: a}, "registered_capital": {None: b}}) for a, b in ((1.5, 0.0), (1e308, 3.0))]
    rules = [parse(text) for text in (*CALCULATED, *COMPARED)]
    spark.conf.set("spark.sql.codegen.wholeStage", "true")
    spark.conf.set("spark.sql.codegen.factoryMode", "CODEGEN_ONLY")
    found = ask(rules, rows)["spark"]
    spark.conf.set("spark.sql.codegen.wholeStage", "false")
    spark.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    assert not differences(found, engines.by_reference(rules, rows), rules)


def test_days_far_off_and_at_the_ends_of_months(ask) -> None:
    days = [AS_OF + timedelta(step) for step in (-1, 0, 1, -365, -366, -730, 400)]
    days += [
        date(1, 1, 1),
        date(1582, 10, 10),
        date(2020, 2, 29),
        date(2023, 6, 30),
        date(2023, 7, 1),
        date(9999, 12, 31),
    ]
    rows = [Firm({"established_on": {None: day}}) for day in days]
    texts = ("age(established_on)", "months_since(established_on)", "days_since(established_on)")
    rules = [parse(text) for text in (*texts, "established_on <= year_end(-3)", 'established_on == date("2023-07-01")')]
    expected = engines.by_reference(rules, rows)
    for name, answers in ask(rules, rows).items():
        assert not differences(answers, expected, rules), name


HOSTILE = (
    "O'Neil; drop table firms --",
    "back\\slash \\' \\n \\u0041 \\",
    "${spark.app.name} $1 %s :name ?",
    "秦创原 😀 É É",
    "tab\tnew\nline",
    "`quoted` [it] {x}",
    "",
)


def test_texts_are_what_they_are(ask) -> None:
    rows = [Firm({"name": {None: text}, "designations": {None: frozenset({text})}}) for text in HOSTILE]
    rules = [Compare("==", Ref("name"), Text(text)) for text in HOSTILE]
    rules.append(In(Ref("name"), tuple(Text(text) for text in HOSTILE)))
    expected = engines.by_reference(rules, rows)
    assert [sum(answer is True for answer in row) for row in expected] == [2] * len(rows)
    for name, answers in ask(rules, rows).items():
        assert not differences(answers, expected, rules), name


def test_postgres_has_no_text_with_a_zero_byte() -> None:
    with pytest.raises(ValueError, match="U\\+0000"):
        to_sql(Compare("==", Ref("name"), Text("a\0b")), DICTIONARY, AS_OF, "postgres")


def test_texts_compare_by_code_point_whatever_the_collation(postgres) -> None:
    rules = [parse('name == "ABC"'), parse('name in {"ABC", "x"}'), parse('designations has "TECH_SME"')]

    def query(dialect: str, name: str, designations: str) -> str:
        select = ", ".join(to_sql(rule, DICTIONARY, AS_OF, dialect) for rule in rules)
        return f"SELECT {select} FROM (SELECT {name} AS name, {designations} AS designations) AS firms"

    with duckdb.connect() as connection:
        connection.execute("SET default_collation = 'NOCASE'")
        assert connection.execute(query("duckdb", "'abc'", "['tech_sme']")).fetchone() == (False,) * 3
    folding = "COLLATE pg_temp.folding"
    try:
        made = f"CREATE {folding.replace('COLLATE', 'COLLATION')} (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        postgres.execute(made.encode())
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("this PostgreSQL is built without ICU")
    asked = query("postgres", f"'abc' {folding}", f"ARRAY['tech_sme'] {folding}")
    assert postgres.execute(asked.encode()).fetchone() == (False,) * 3


def test_values_that_do_not_compare_are_unknown(ask) -> None:
    number, region = Number(Decimal(5)), Ref("region")
    rules = [
        Compare(">", region, number),
        Compare("==", region, number),
        Compare("<", region, Ref("operating_region")),
        Compare("==", Ref("designations"), Ref("designations")),
        Compare("==", Neg(region), number),
        Compare("==", Arith("+", region, number), number),
        parse("age(score) > 1"),
        parse("region and legal_person"),
        parse("score or legal_person"),
        parse('legal_person within "xixian"'),
        parse('region has "xixian"'),
        parse("count(ip) == established_on"),
    ]
    known = {"region": "xixian", "score": 1.0, "legal_person": True, "established_on": AS_OF}
    known |= {"operating_region": "610100", "designations": frozenset({"tech_sme"})}
    rows = [Firm({name: {None: value} for name, value in known.items()}, [])]
    expected = engines.by_reference(rules, rows)
    for name, answers in ask(rules, rows).items():
        assert not differences(answers, expected, rules), name


def test_nested_cases_do_not_double_at_every_level(ask) -> None:
    text = "0"
    for step in range(20):
        text = f"if(score < {60 + step}, min(score, {step}) + tier(score, >= 1: 1, else: 0), {text})"
    rules = [condition(f"{text} >= 19")]
    for dialect in DIALECTS:
        assert len(to_sql(rules[0], DICTIONARY, AS_OF, dialect)) < 40_000
    rows = [Firm({"score": {None: Decimal(score)}}) for score in (0, 60, 79, 90)] + [Firm({})]
    expected = engines.by_reference(rules, rows)
    for name, answers in ask(rules, rows).items():
        assert not differences(answers, expected, rules), name


# What is written.


def test_names_and_texts_are_quoted() -> None:
    wanted = {
        "duckdb": """(("name" COLLATE C) = 'O''Neil \\')""",
        "spark": """((`name` COLLATE UTF8_BINARY) = 'O\\'Neil \\\\')""",
        "postgres": """(("name" COLLATE "C") = 'O''Neil \\')""",
    }
    rule = Compare("==", Ref("name"), Text("O'Neil \\"))
    assert {dialect: to_sql(rule, DICTIONARY, AS_OF, dialect) for dialect in DIALECTS} == wanted


def test_a_column_that_the_table_lacks_is_null() -> None:
    assert (
        to_sql(parse("revenue[-1] > 5"), DICTIONARY, AS_OF, columns=())
        == "(CAST(NULL AS DOUBLE) > CAST('5.0' AS DOUBLE))"
    )
    assert '"revenue@2025"' in to_sql(parse("revenue[-1] > 5"), DICTIONARY, AS_OF)
    assert to_sql(parse("sum(ip.value where true)"), DICTIONARY, AS_OF, columns=()).count("NULL") == 2


def test_a_manual_leaf_is_null() -> None:
    assert to_sql(load_condition({"manual": "核对"}), DICTIONARY, AS_OF) == "CAST(NULL AS BOOLEAN)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense > 1", "no variable nonsense"),
        ("revenue > 1", "one value per year"),
        ("score[-1] > 1", "no years"),
        ("count(patents) > 1", "no records patents"),
    ],
)
def test_a_rule_that_the_check_refuses_has_no_sql(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_sql(condition(text), DICTIONARY, AS_OF)


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="no dialect mysql; the dialects are: duckdb, spark, postgres"):
        to_sql(parse("score > 1"), DICTIONARY, AS_OF, "mysql")


def test_formulas_that_double_are_written_once_or_refused() -> None:
    def chained(formula: str) -> Dictionary:
        own = [Variable("v0", Label("", ""), "number")]
        own += [
            Variable(f"v{at}", Label("", ""), "number", formula=formula.format(f"v{at - 1}")) for at in range(1, 19)
        ]
        return Dictionary({variable.code: variable for variable in own}, {})

    assert len(to_sql(parse("v18 > 1"), chained("{0} + {0}"), AS_OF)) < 10_000
    with pytest.raises(ValueError, match=f"longer than {MOST_TEXT:,}"):
        to_sql(parse("v18 > 1"), chained("coalesce({0}, 5 - {0}) / 3 + coalesce(6 - {0}, {0} + 7)"), AS_OF)
