"""One firm against all rules at once gets what the reference evaluator gives rule by rule."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import Judge, Program, Subject, Test, Truth, evaluate, explain, load_condition
from tests.kernel.rules.sample import AS_OF, DICTIONARY, OVER_RECORDS, condition, conditions, facts, records, subject


@settings(max_examples=150, deadline=None)
@given(
    st.lists(conditions(peeking=True) | st.builds(Test, OVER_RECORDS), max_size=6),
    st.lists(st.tuples(facts(), records()), min_size=1, max_size=3),
)
def test_every_verdict_is_that_of_the_reference_evaluator(rules, firms) -> None:
    judge = Judge(Program({str(at): rule for at, rule in enumerate(rules)}, DICTIONARY, AS_OF))
    for values, ip in firms:
        firm = Subject(DICTIONARY, values, AS_OF, {} if ip is None else {"ip": ip})
        assert judge.verdicts(firm) == {str(at): evaluate(rule, firm) for at, rule in enumerate(rules)}
        ready = [2 * (explain(rule, firm).ready is Truth.TRUE) for rule in rules]
        assert [2 * (truth == 2) for truth in judge.truths(firm, confirmed=True).tolist()] == ready


STRANGE: list[Any] = [True, 1, 2.5, float("nan"), float("inf"), "a", date(2020, 1, 1), datetime(2020, 1, 1), frozenset(), ["tech_sme"], None]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["score >= 1", "established_on <= today", 'region in {"a"}', "legal_person", 'holds("tech_sme")', "score == 2.5"],
)
def test_values_of_another_kind_are_unknown(text: str) -> None:
    rule = condition(text)
    judge = Judge(Program({"a": rule, "b": load_condition({"not": text})}, DICTIONARY, AS_OF))
    for value in STRANGE:
        names = ("score", "established_on", "region", "legal_person", "designations")
        firm = Subject(DICTIONARY, {name: {None: value} for name in names if value is not None}, AS_OF)
        assert judge.verdicts(firm) == {"a": evaluate(rule, firm), "b": ~evaluate(rule, firm)}


def test_no_rules_and_rules_without_facts() -> None:
    assert Judge(Program({}, DICTIONARY, AS_OF)).verdicts(subject()) == {}
    rules = {"yes": condition("true"), "no": condition("false"), "ask": load_condition({"manual": "由专家判断"})}
    judge = Judge(Program(rules, DICTIONARY, AS_OF))
    assert judge.verdicts(subject()) == {"yes": Truth.TRUE, "no": Truth.FALSE, "ask": Truth.UNKNOWN}
    assert judge.truths(subject(), confirmed=True).tolist() == [2, 0, 2]


def test_a_firm_of_another_day_is_refused() -> None:
    judge = Judge(Program({}, DICTIONARY, AS_OF))
    with pytest.raises(ValueError, match="speaks of 2026-06-30"):
        judge.truths(Subject(DICTIONARY, {}, date(2025, 1, 1)))


@pytest.mark.parametrize("kind", ["all", "any"])
@pytest.mark.parametrize("widths", [(2, 5, 1), (3, 12, 2), (1, 1)])
def test_parts_of_any_width_are_judged_as_the_reference_evaluator_does(kind, widths) -> None:
    parts = [{"any" if kind == "all" else "all": [f"score >= {at * 7}" for at in range(1, w + 1)]} for w in widths]
    rules = {str(at): load_condition({kind: parts[: at + 1]}) for at in range(len(parts))}
    judge = Judge(Program(rules, DICTIONARY, AS_OF))
    for score in (None, 0, 10, 40, 100):
        subject = Subject(DICTIONARY, {} if score is None else {"score": {None: Decimal(score)}}, AS_OF)
        assert judge.verdicts(subject) == {id: evaluate(rule, subject) for id, rule in rules.items()}
