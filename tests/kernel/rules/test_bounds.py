"""The ends of an amount hold in every world that the missing facts leave open, and meet where nothing is missing."""

from __future__ import annotations

import math
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, column_name
from innozone.kernel.rules import (
    BenefitTotal,
    Condition,
    Expr,
    Matcher,
    Subject,
    Truth,
    explain,
    load_condition,
    parse,
    value,
)
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.reads import expressions as expressions_of
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.tree import Arith, Call, Compare, Number, Records, Ref, walk
from innozone.kernel.rules.tree import Records as RecordsExpr
from tests.kernel.rules.sample import (
    AS_OF,
    CHOICES,
    DICTIONARY,
    MONEY,
    RATIO,
    conditions,
    expressions,
    facts,
    records,
)

Facts = dict[str, dict[int | None, Any]]

_OVER_IP = st.builds(
    lambda function, where: Records(function, "ip", "" if function == "count" else "value", where),
    st.sampled_from(("count", "sum", "min", "max")),
    st.sampled_from(("true", 'kind == "invention_patent"', "in_force", "value >= 100000", "not known(granted_on)")).map(
        parse
    ),
)
_NUMERIC = st.recursive(
    MONEY | RATIO | _OVER_IP | st.just(Ref("staff_total", -1)),
    lambda deep: st.one_of(
        st.builds(lambda op, a, b: Arith(op, a, b), st.sampled_from("+-*/"), deep, deep),
        st.builds(lambda name, a, b: Call(name, (a, b)), st.sampled_from(("min", "max", "coalesce", "mean")), deep, deep),
        st.builds(lambda c, a, b: Call("if", (c, a, b)), expressions(peeking=True), deep, deep),
        st.builds(
            lambda op, x, limit, a, b: Call("if", (Compare(op, x, Number(Decimal(limit))), a, b)),
            st.sampled_from((">=", "<", "==", "!=")), deep, st.sampled_from((0, 20, 2000000)), deep, deep,
        ),
        st.builds(lambda x, a, b: Call("if", (Call("known", (x,)), a, b)), deep, deep, deep),
    ),
    max_leaves=4,
)  # fmt: skip

#: Numbers far out, for variables that the dictionary does not bound.
_FAR = (Decimal(-(10**9)), Decimal(10**9), Decimal(1))


def block(values: Facts, ip: Any = None) -> Block:
    columns: dict[str, Any] = {
        column_name(name, year): [fact] for name, by_year in values.items() for year, fact in by_year.items()
    }
    if ip is not None:
        columns["ip[]"] = [ip]
    whole = Snapshot.from_columns(columns, as_of=AS_OF, party=[1], dictionary=DICTIONARY)
    return Block(whole, DICTIONARY, slice(0, 1))


def ends(expr: Expr | str, values: Facts, ip: Any = None) -> tuple[float, float]:
    found = bounds(parse(expr) if isinstance(expr, str) else expr, block(values, ip))
    return float(found.low[0]), float(found.high[0])


def world(expr: Expr, values: Facts, ip: Any, random: Random) -> tuple[Facts, Any]:
    """The facts with all that are missing told somehow."""
    filled = {name: dict(by_year) for name, by_year in values.items()}
    for name, year in reads([expr], DICTIONARY, AS_OF):
        variable = DICTIONARY.get(name)
        if variable is None or variable.formula is not None or year in filled.get(name, {}):
            continue
        far = _FAR if variable.numeric and variable.minimum is None else (Decimal(10**9),) if variable.numeric else ()
        filled.setdefault(name, {})[year] = random.choice((*CHOICES[name], *far))
    fields: dict[str, Any] = {"kind": "utility_model", "in_force": True, "granted_on": AS_OF, "value": Decimal(7)}
    if ip is None:
        ip = [dict(fields) for _ in range(random.randrange(3))]
    told = [{name: each.get(name, random.choice((fields[name], *_other(name)))) for name in fields} for each in ip]
    return filled, told


def _other(name: str) -> tuple[Any, ...]:
    return {"kind": ("invention_patent",), "in_force": (False,), "value": (Decimal(-5), Decimal(10**7))}.get(name, ())


def valued(expr: Expr, values: Facts, ip: Any) -> float | None:
    found = value(expr, Subject(DICTIONARY, values, AS_OF, {} if ip is None else {"ip": ip}))
    return found if isinstance(found, float) else None


@settings(max_examples=200, deadline=None)
@given(_NUMERIC, facts(unknown=0.5), records(unknown=0.4), st.randoms(use_true_random=False))
def test_in_every_world_the_value_lies_between_the_ends(expr, values, ip, random) -> None:
    low, high = ends(expr, values, ip)
    assert low <= high
    for _ in range(5):
        filled, told = world(expr, values, ip, random)
        found = valued(expr, filled, told)
        if found is not None:
            assert low <= found <= high, (filled, told)
            assert ends(expr, filled, told) == (found, found)


@settings(max_examples=150, deadline=None)
@given(_NUMERIC, facts(unknown=0.3), records())
def test_a_value_that_nothing_can_change_is_both_ends(expr, values, ip) -> None:
    peeking = any(isinstance(node, Call) and node.name in ("known", "coalesce") for node in walk(expr))
    peeking |= any(isinstance(node, RecordsExpr) and "known" in str(node.where) for node in walk(expr))
    found = valued(expr, values, ip)
    if found is not None and not peeking:
        assert ends(expr, values, ip) == (found, found)


@settings(max_examples=60, deadline=None)
@given(
    conditions(), MONEY, st.lists(facts(unknown=0.5), min_size=1, max_size=4), st.randoms(use_true_random=False)
)  # fmt: skip
def test_in_every_world_the_total_lies_between_the_totals(rule, amount, firms, random) -> None:
    found = totals(rule, amount, firms)
    paid = 0.0
    for values in firms:
        filled, _ = world(amount, values, None, random)
        for expr in expressions_of(rule):
            filled, _ = world(expr, filled, None, random)
        # A person's check may come out either way.
        explained = explain(rule, Subject(DICTIONARY, filled, AS_OF))
        granted = explained.truth is Truth.TRUE or (explained.manual_only and random.random() < 0.5)
        sum_ = valued(amount, filled, None) if granted else 0.0
        if sum_ is None:
            return  # a division by zero: no sum that could be more or less
        paid += max(sum_, 0.0)
    assert found.low <= paid + 1e-6
    if not found.unbounded:
        assert paid <= found.high + 1e-6


def totals(rule: Condition, amount: Expr | str, firms: list[Facts]) -> BenefitTotal:
    names = {(name, year) for values in firms for name, by_year in values.items() for year in by_year}
    columns = {column_name(name, year): [each.get(name, {}).get(year) for each in firms] for name, year in names}
    shot = Snapshot.from_columns(columns, as_of=AS_OF, party=range(len(firms)), dictionary=DICTIONARY)
    found = Matcher(shot, DICTIONARY).match({"a": rule}, {"a": amount})["a"].benefit
    assert found is not None
    return found


def test_what_a_benefit_costs_at_least_and_at_most() -> None:
    rule = load_condition({"all": ["score >= 60", {"any": ["legal_person", {"manual": "经专家评议"}]}]})
    amount = "min(1000 * staff_total[-1], 5万)"
    known: Facts = {"score": {None: 70}, "legal_person": {None: True}, "staff_total": {2025: 20}}
    open_: Facts = {"score": {None: 70}, "legal_person": {None: True}}
    ready: Facts = {"score": {None: 70}, "legal_person": {None: False}, "staff_total": {2025: 10}}
    unknown: Facts = {"legal_person": {None: True}, "staff_total": {2025: 5}}
    false: Facts = {"score": {None: 10}, "staff_total": {2025: 50}}
    assert totals(rule, amount, [known]) == BenefitTotal(20_000, 0, 0, 20_000, 20_000, 0)
    assert totals(rule, amount, [known, open_, ready, unknown, false]) == BenefitTotal(
        total=20_000, ready=10_000, unknown=1, low=20_000, high=20_000 + 50_000 + 10_000 + 5_000, unbounded=0
    )
    without_cap = totals(rule, "1000 * staff_total[-1]", [known, open_, unknown])
    assert without_cap == BenefitTotal(20_000, 0, 1, 20_000, 25_000, 1)
    # What nobody can be paid is no sum: it is counted.
    assert totals(rule, "10亿 * 10亿", [known]) == BenefitTotal(0, 0, 1, 0, 0, 1)
    assert totals(rule, "-5", [known]) == BenefitTotal(-5, 0, 0, 0, 0, 0)


INF = math.inf


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("staff_total[-1] * 100", 0, INF),
        ("min(staff_total[-1] * 100, 5000)", 0, 5000),
        ("min(10% * revenue[-1], 50万)", -INF, 500_000),
        ("max(min(10% * revenue[-1], 50万), 0)", 0, 500_000),
        ("if(legal_person, 3, 7)", 3, 7),
        ("tier(revenue[-1], >= 100: 40, >= 50: 30, else: 0)", 0, 40),
        ("tier(staff_total[-1], >= 0: 40, >= -50: 30, else: 0)", 40, 40),
        ("marginal(staff_total[-1], <= 100: 2, <= 200: 1, else: 0)", 0, 300),
        ("coalesce(staff_total[-1], 5)", 0, INF),
        ("coalesce(score / 0, 5)", -INF, INF),
        ("count(ip)", 0, INF),
        ("min(count(ip) * 1000, 3000)", 0, 3000),
        ("1 / 0", -INF, INF),
        ("min(1 / 0, 5)", -INF, INF),
        ("round(min(max(revenue[-1], 0), 1.24), 1)", 0, 1.2),
        ("100 / staff_total[-1]", 0, INF),
        ("nonsense + 1", -INF, INF),
    ],
)
def test_what_nothing_is_known_for(text: str, low: float, high: float) -> None:
    assert ends(text, {}) == (low, high)


def test_what_is_told_narrows_the_ends() -> None:
    values: Facts = {"staff_total": {2025: 20}, "score": {None: 0}}
    assert ends("staff_total[-1] + min(staff_total[-2], 10)", values) == (20, 30)
    assert ends("coalesce(1 / score, 5)", values) == (5, 5)
    assert ends("growth(staff_total[-1])", values) == (-1, INF)
    ip = [{"value": Decimal(5)}, {"kind": "invention_patent", "value": Decimal(7)}, {"kind": "utility_model"}]
    assert ends('count(ip where kind == "invention_patent")', values, ip) == (1, 2)
    assert ends('sum(ip.value where kind == "invention_patent")', values, ip) == pytest.approx((7, 12))
    assert ends('min(ip.value where kind == "invention_patent")', values, ip) == (5, 7)
    assert ends('max(ip.value where kind == "invention_patent")', values, ip) == (7, 7)


def test_many_rows_at_once_are_each_bounded_for_themselves() -> None:
    shot = Snapshot.from_columns(
        {"staff_total@2025": [1, None, 3], "legal_person": [True, None, False]}, as_of=AS_OF, dictionary=DICTIONARY
    )
    for rows, wanted in ((slice(1, 3), [1, 2]), (np.array([2, 0]), [2, 0])):
        found = bounds(parse("if(legal_person, staff_total[-1], 10)"), Block(shot, DICTIONARY, rows))
        assert found.low.tolist() == [[1, 0, 10][row] for row in wanted]
        assert found.high.tolist() == [[1, INF, 10][row] for row in wanted]
