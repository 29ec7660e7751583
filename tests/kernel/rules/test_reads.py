"""What a rule reads, and whether the day matters to it."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings

from innozone.kernel.rules import Condition, Subject, evaluate
from innozone.kernel.rules.reads import minds_day, reads
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, conditions, facts

LATER = date(2026, 7, 1)
NEXT_YEAR = date(2027, 2, 1)


def test_formulas_and_records_are_read_through() -> None:
    asked = reads([condition("rd_ratio[-1] >= 5% and count(ip where age(granted_on) < 5) >= 1")], DICTIONARY, AS_OF)
    assert asked == [("ip[]", None), ("rd_ratio", 2025), ("rd_expense", 2025), ("revenue", 2025)]


def test_a_rule_minds_the_day_by_ages_years_and_the_day_itself() -> None:
    def minded(text: str, other: date = LATER) -> bool:
        return minds_day(condition(text), DICTIONARY, AS_OF, other)

    assert not minded('score >= 60 and region within "xixian" and revenue[2025] >= 1')
    assert minded("age(established_on) >= 3")
    assert minded("established_on <= today")
    assert minded("count(ip where age(granted_on) < 5) >= 1")
    assert not minded('count(ip where kind == "invention_patent") >= 1')
    assert not minded('revenue[-1] >= 1 and scale == "small"')
    assert minded("revenue[-1] >= 1", NEXT_YEAR)
    assert minded('scale == "small"', NEXT_YEAR)


@settings(max_examples=60, deadline=None)
@given(conditions(peeking=True), facts())
def test_a_rule_that_minds_no_day_says_the_same_on_both(rule: Condition, firm) -> None:
    for other in (LATER, NEXT_YEAR):
        if not minds_day(rule, DICTIONARY, AS_OF, other):
            assert evaluate(rule, Subject(DICTIONARY, firm, AS_OF)) is evaluate(rule, Subject(DICTIONARY, firm, other))
