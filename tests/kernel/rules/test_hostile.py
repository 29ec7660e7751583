"""Bad input of every kind: a clear error, or unknown with a reason. Never a crash, never a verdict out of a mistake.

What is said of faulty texts and data is shown in `bad/`; here they are made at random, as large as they may be and larger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, column_name
from innozone.kernel.rules import (
    Condition,
    ConditionError,
    Expr,
    Matcher,
    RuleSyntaxError,
    Subject,
    Test,
    Truth,
    check,
    check_formula,
    evaluate,
    explain,
    load_condition,
    parse,
    render,
    to_sql,
    to_text,
    value,
)
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.items import Item, check_items
from innozone.kernel.terms import UNKNOWN, Code, CodeList, Dictionary, Label, Variable
from tests.kernel.rules.sample import AS_OF, DICTIONARY, NONSENSE, condition, facts, keys, records, subject

#: Seconds of work that one question may cost, whatever is asked: about one on a quiet machine, and room for a busy one.
MOST_SECONDS = 4.0

KINDS = ("all", "any", "not", "at_least", "test", "manual", "quote", "source", "label", "id", "n", "of", "al")


@contextmanager
def soon() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < MOST_SECONDS


def everything(rule: Condition | Expr, dictionary: Dictionary, firm: Subject) -> dict[str, Callable[[], Any]]:
    """All that can be asked of a rule."""
    tree = rule if isinstance(rule, Condition) else Test(rule)
    columns = {column_name(name, year): [fact] for name, years in firm.values.items() for year, fact in years.items()}
    shot = Snapshot.from_columns(columns, as_of=firm.as_of, party=[1], dictionary=dictionary)
    return {
        "check": lambda: check(rule, dictionary),
        "evaluate": lambda: evaluate(tree, firm),
        "explain": lambda: explain(tree, firm).truth,
        "match": lambda: Matcher(shot, dictionary).match({"a": tree})["a"].truth(0),
        "sql": lambda: to_sql(rule, dictionary, firm.as_of),
        "render": lambda: render(rule, dictionary, "en") + render(rule, dictionary),
        "write": lambda: load_condition(tree.to_data()),
    }


# Texts and data.


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet='ab01 ()[]{}<>=!"%万元,.:-+*/andortifs\u3000\u202e\x00\ufeff\u0301\ud800且≥', max_size=40)
    | st.text(max_size=20)
)
def test_any_text_is_an_expression_or_a_clear_error(text: str) -> None:
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        refused = error
    else:
        assert parse(to_text(expr)) == expr
        return
    assert 0 <= refused.position <= len(text)
    assert refused.message
    assert str(refused).encode()


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.sampled_from(("legal_person", "score >= ", "", "\x00", "\ud800", "a\u202eb", "x" * 3000)),
    st.text(max_size=5),
)
_DATA = st.recursive(
    _SCALARS,
    lambda deep: (
        st.lists(deep, max_size=3)
        | st.dictionaries(st.sampled_from(KINDS) | st.integers() | st.none(), deep, max_size=3)
        | st.builds(lambda a: {"all": [a]}, deep)
        | st.builds(lambda n, a: {"at_least": {"n": n, "of": [a, a]}}, st.integers(-1, 3) | _SCALARS, deep)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(_DATA, st.none() | st.text(max_size=30))
def test_any_data_is_a_condition_or_a_clear_error(data: Any, document: str | None) -> None:
    try:
        found = load_condition(data, document=document)
    except ConditionError as error:
        str(error).encode()
    else:
        assert load_condition(found.to_data()) == load_condition(data)


def _nested(levels: int, wrap: Callable[[Any], Any]) -> Any:
    data: Any = "legal_person"
    for _ in range(levels):
        data = wrap(data)
    return data


def _endless() -> Any:
    data: dict[str, Any] = {}
    data["not"] = data
    return data


@pytest.mark.parametrize(
    "data",
    [
        {"all": ["legal_person"] * 1_000_000},
        {"all": [f"score > {at}" for at in range(5000)]},
        _nested(100_000, lambda below: {"not": below}),
        _nested(100_000, lambda below: {"all": [below]}),
        _nested(100_000, lambda below: {"at_least": {"n": 1, "of": [below]}}),
        _nested(100_000, lambda below: [below]),
        _endless(),
        {"test": "legal_person", "quote": "的" * 1_000_000},
        {"test": "x" * 1_000_000},
        {"x" * 1_000_000: 1},
        {"manual": ["a"] * 1_000_000},
    ],
    ids=["million", "thousands", "not", "all", "at_least", "list", "endless", "quote", "text", "key", "manual"],
)
def test_data_of_any_size_is_refused_soon(data: Any) -> None:
    with soon(), pytest.raises(ConditionError) as caught:
        load_condition(data, document="的" * 1_000_000)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, "(" * 10**6, "not " * 10**6, "1+" * 10**6 + "1", "[" * 10**6, '"' * 10**6, "-" * 10**6, "万" * 10**6],
)
def test_a_text_of_a_million_characters_is_refused_soon(text: str) -> None:
    with soon(), pytest.raises(RuleSyntaxError):
        parse(text)


# Rules as large as they may be.


def _alternating(levels: int) -> Any:
    data: Any = "score > 1"
    for at in range(levels):
        data = {"any" if at % 2 else "all": [data, f"score > {at}", f"revenue[-1] > {at}万", "legal_person"]}
    return data


LARGE: dict[str, Any] = {
    "one quantity": {"all": [f"score > {at}" for at in range(1998)]},
    "one quantity, alternatives": {"any": [f"score == {at}" for at in range(1998)]},
    "at least": {"at_least": {"n": 900, "of": [f"score > {at}" for at in range(1990)]}},
    "mixed": {"any": [{"all": [f"score > {at}", f"revenue[-1] > {at}万", "legal_person"]} for at in range(490)]},
    "deep": _alternating(23),
    "long": " or ".join(f"score == {at}" for at in range(240)),
    "a long list": "name in {" + ", ".join(f'"{at}"' for at in range(500)) + "}",
    "nested text": "(" * 38 + "score > 1" + " or legal_person)" * 38,
    "nested tiers": "tier(score, > 1: " * 36 + "1" + ", else: 2)" * 36 + " > 1",
    "a long sum": " + ".join(["score"] * 99) + " > 1",
}


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_rules_are_answered_soon(name: str) -> None:
    rule = load_condition(LARGE[name])
    refused: list[str] = []
    for ask in everything(rule, DICTIONARY, subject(score=60)).values():
        with soon():
            try:
                ask()
            except ValueError as error:
                refused.append(str(error))
    assert all("characters" in each for each in refused), "only SQL has an end"


def test_a_list_of_a_hundred_thousand_codes() -> None:
    entries = tuple(
        Code(f"{at:06d}", Label(f"产品{at}", ""), f"{at // 10:06d}" if at else None) for at in range(100_000)
    )
    products = CodeList("products", Label("", ""), entries)
    many = Dictionary(
        {"product": Variable("product", Label("产品", "Product"), "code", codelist="products")}, {"products": products}
    )
    rule = parse('product within "000001" or product not within "000001" and product != "099999"')
    firm = Subject(many, {"product": {None: "012345"}}, AS_OF)
    for ask in everything(rule, many, firm).values():
        with soon():
            ask()


def test_a_hundred_items_of_many_leaves_are_compared_soon() -> None:
    items = [
        Item(
            f"i{at}",
            load_condition(
                {"all": [f"score >= {at}", *(f"revenue[{-leaf}] > {leaf + at % 3}万" for leaf in range(1, 9))]}
            ),
        )
        for at in range(100)
    ]
    with soon():
        assert check_items(items, DICTIONARY) == []


# Rules that mean nothing.


@settings(max_examples=300, deadline=None)
@given(NONSENSE, facts(), records())
def test_a_rule_that_means_nothing_gets_words_and_no_crash(rule: Expr, values: Any, ip: Any) -> None:
    firm = Subject(DICTIONARY, values, AS_OF, {} if ip is None else {"ip": ip})
    verdict = evaluate(Test(rule), firm)
    assert explain(Test(rule), firm).truth is verdict
    assert isinstance(render(rule, DICTIONARY) + render(Test(rule), DICTIONARY, "en"), str)
    refused = any(problem.severity == "error" for problem in check(rule, DICTIONARY))
    columns: dict[str, Any] = {
        column_name(name, year): [values[name][year]] for name, year in keys() if year in values.get(name, {})
    }
    shot = Snapshot.from_columns({**columns, "ip[]": [ip]}, as_of=AS_OF, dictionary=DICTIONARY)
    in_bulk = Matcher(shot, DICTIONARY).match({"a": Test(rule)})["a"].truth(0)
    assert in_bulk is verdict or (refused and in_bulk is Truth.UNKNOWN)
    try:
        assert to_sql(rule, DICTIONARY, AS_OF)
    except ValueError:
        assert refused


@pytest.mark.parametrize(
    "text",
    [
        "revenue[-1] / 0 > 1",
        "revenue[-1] / (score - score) >= 0",
        "1 / 0 == 1 / 0",
        " * ".join(["99999999999999999999"] * 20) + " > 1",
        " * ".join(["-99999999999999999999"] * 19) + " < 1",
        "score - " + " * ".join(["99999999999999999999"] * 20) + " < 1",
        "growth(net_profit[-1]) > 0",
        "nonsense > 0",
        "revenue > 0",
        "score[-1] > 0",
        'score == "60"',
        "legal_person > 0",
        "age(score) > 0",
        'score within "60"',
        "score has \"60\"",
        "revenue[99999999999999999999] > 0",
    ],
)  # fmt: skip
def test_a_mistake_is_unknown_with_a_reason_in_every_engine(text: str) -> None:
    firm = subject(score=60, revenue={2025: 1}, net_profit={2024: 0, 2025: 1}, legal_person=True)
    for rule in (parse(text), parse(f"not ({text})")):
        evaluator = Evaluator(firm)
        assert evaluator.truth(Test(rule)) is Truth.UNKNOWN
        assert evaluator.notes.reasons
        asked = everything(rule, DICTIONARY, firm)
        assert asked["match"]() is Truth.UNKNOWN
        assert asked["explain"]() is Truth.UNKNOWN


# Facts that are none.

_GARBAGE = [
    float("inf"), float("-inf"), float("nan"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e400"),
    10**400, None, b"x", object(), [[1]], {}, "60", frozenset({1}), (1, 2), 1j,
]  # fmt: skip


@pytest.mark.parametrize("fact", _GARBAGE, ids=lambda fact: repr(fact)[:20])
def test_a_fact_that_is_none_is_unknown_and_never_true(fact: Any) -> None:
    asked = {
        "score": ("score > 5", "score < 5", "score != 5", "score * 2 >= score - 1"),
        "established_on": ('established_on > date("2024-01-01")', "established_on != today"),
        "region": ('region within "620000"', 'region == "620000"'),
        "designations": ('holds("tech_sme")',),
        "legal_person": ("legal_person", "legal_person == false"),
    }
    for name, texts in asked.items():
        firm = Subject(DICTIONARY, {name: {None: fact}}, AS_OF)
        for text in texts:
            verdict = evaluate(condition(text), firm)
            assert verdict is not Truth.TRUE
            assert explain(condition(text), firm).truth is verdict
            try:
                shot = Snapshot.from_columns({name: [fact]}, as_of=AS_OF, dictionary=DICTIONARY)
            except ValueError:
                continue  # a snapshot takes no such fact
            assert Matcher(shot, DICTIONARY).match({"a": condition(text)})["a"].truth(0) is not Truth.TRUE


@pytest.mark.parametrize("fact", [Decimal("NaN"), Decimal("sNaN"), float("inf"), 10**400, True, "5", object()])
def test_a_field_of_a_record_that_is_none_is_unknown(fact: Any) -> None:
    firm = Subject(DICTIONARY, {}, AS_OF, {"ip": [{"value": fact}, {"value": Decimal(5)}]})
    for function in ("sum", "min", "max"):
        assert value(f"{function}(ip.value where true)", firm) is UNKNOWN
    assert value("count(ip where value > 1)", firm) is UNKNOWN


# Formulas without end.


def _chain(length: int, formula: Callable[[str], str], circle: bool = False) -> Dictionary:
    variables = {
        f"v{at}": Variable(f"v{at}", Label("", ""), "number", formula=formula(f"v{at + 1}")) for at in range(length)
    }
    last = Variable(f"v{length}", Label("", ""), "number", formula=formula("v0") if circle else None)
    return Dictionary({**variables, last.code: last}, {})


@pytest.mark.parametrize(
    ("length", "formula", "circle"),
    [
        (0, lambda name: f"{name} + 1", True),
        (3, lambda name: f"{name} + 1", True),
        (3, lambda name: f"{name} * {name} + {name}", True),
        (25, lambda name: f"{name} + {name}", True),
        (30, lambda name: f"{name} + 1", False),
        (200, lambda name: f"{name} + {name}", False),
        (19, lambda name: "(" * 35 + name + " + 1)" * 35, False),
        (19, lambda name: "min(1, " * 38 + name + ")" * 38, False),
        (19, lambda name: name + " + 1" * 95, False),
        (300, lambda name: f"if({name} > 1, {name}, {name})", False),
        (2, lambda name: f"{name} + 1", True),
    ],
)
def test_formulas_that_lead_back_or_too_deep_are_refused_and_unknown(length: int, formula: Any, circle: bool) -> None:
    dictionary = _chain(length, formula, circle)
    with soon():
        assert any("the formula" in problem.message for problem in check_formula(dictionary["v0"], dictionary))
    firm = Subject(dictionary, {f"v{length}": {None: Decimal(1)}} if not circle else {}, AS_OF)
    rule = parse("v0 > 1")
    for name, ask in everything(rule, dictionary, firm).items():
        with soon():
            found = ask()
        if name in ("evaluate", "explain", "match"):
            assert found is Truth.UNKNOWN
    evaluator = Evaluator(firm)
    evaluator.truth(Test(rule))
    assert {reason.kind for reason in evaluator.notes.reasons} >= {"cycle"}


def test_formulas_that_name_each_other_again_and_again_are_worked_out_once() -> None:
    variables = [
        Variable(f"v{at}", Label("", ""), "number", period="year", formula=f"v{at + 1} + v{at + 1}[-1] + v{at + 1}")
        for at in range(18)
    ]
    last = Variable("v18", Label("", ""), "number", period="year")
    dictionary = Dictionary({variable.code: variable for variable in (*variables, last)}, {})
    assert check_formula(dictionary["v0"], dictionary) == []
    firm = Subject(dictionary, {"v18": {year: Decimal(1) for year in range(2000, 2027)}}, AS_OF)
    for name, ask in everything(parse("v0[-1] == 387420489"), dictionary, firm).items():
        with soon():
            if name == "sql":
                with pytest.raises(ValueError, match="would be longer than"):
                    ask()
            else:
                ask()
    assert evaluate(condition("v0[-1] == 387420489"), firm) is Truth.TRUE


def test_a_formula_as_deep_as_it_may_be_has_a_value() -> None:
    dictionary = _chain(19, lambda name: f"{name} + 1 + 1")
    assert check_formula(dictionary["v0"], dictionary) == []
    firm = Subject(dictionary, {"v19": {None: Decimal(1)}}, AS_OF)
    asked = everything(parse("v0 == 39"), dictionary, firm)
    assert asked["evaluate"]() is asked["match"]() is asked["explain"]() is Truth.TRUE


def test_days_at_the_ends_of_the_calendar() -> None:
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        firm = subject(established_on=day)
        rule = condition("age(established_on) > 3 and established_on < today")
        assert evaluate(rule, firm) is Truth.of(day.year == 1)
        assert everything(rule, DICTIONARY, firm)["match"]() is Truth.of(day.year == 1)
