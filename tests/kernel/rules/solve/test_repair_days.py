"""Time solved exactly: the days on which ages and years turn a rule."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import Condition, Subject, Test, evaluate, functions, load_condition, parse
from innozone.kernel.rules.solve.repair_days import break_days, first_day
from tests.kernel.rules.sample import AS_OF, DICTIONARY, subject

DATES = st.dates(date(2015, 1, 1), date(2026, 6, 30)) | st.sampled_from(
    (date(2016, 2, 29), date(2024, 2, 29), date(2025, 1, 31), date(2025, 12, 31), date(2026, 1, 1))
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("age", "months_since", "days_since")), DATES, st.integers(0, 60))
def test_the_first_day_is_the_first(function: str, since: date, count: int) -> None:
    day = first_day(function, since, count)
    assert day is not None

    def counted(at: date) -> float:
        return float(getattr(functions, function)(np.array([functions.day_number(since)]), at)[0])

    assert counted(day) >= count
    assert counted(day - timedelta(days=1)) < count


@pytest.mark.parametrize(
    ("since", "years", "day"),
    [
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 7, 1), 3, date(2026, 7, 1)),
    ],
)
def test_who_was_founded_on_29_february_is_a_year_older_on_1_march(since: date, years: int, day: date) -> None:
    assert first_day("age", since, years) == day


def test_a_month_later_where_the_month_is_shorter() -> None:
    assert first_day("months_since", date(2025, 1, 31), 1) == date(2025, 3, 1)
    assert first_day("months_since", date(2025, 12, 31), 2) == date(2026, 3, 1)
    assert first_day("age", date(2020, 1, 1), 9000) is None


AGES = st.one_of(
    st.builds(
        "{}(established_on) {} {}".format,
        st.sampled_from(("age", "months_since", "days_since")),
        st.sampled_from((">=", ">", "<", "<=", "==", "!=")),
        st.sampled_from(("1", "2", "3", "11", "12", "12.5", "36", "400", "1096")),
    ),
    st.sampled_from(
        (
            "established_on <= year_end(-2)",
            "established_on < year_end(0)",
            'today >= date("2027-02-28")',
            'date("2026-12-24") == today',
            "age(established_on) in {2, 4}",
            "age(established_on) * 2 >= 7",
            "tier(months_since(established_on), < 30: 1, < 42: 2, else: 0) == 1",
            "count(ip where age(granted_on) < 2) >= 1",
            "1 <= age(established_on) < 3",
        )
    ),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(AGES, min_size=1, max_size=2), DATES, st.lists(DATES, max_size=2))
def test_between_two_of_the_days_nothing_turns(parts: list[str], since: date, granted: list[date]) -> None:
    """Every day of four years: each part keeps its truth from one of the days to the next."""
    firm = subject(established_on=since, ip=[{"granted_on": day} for day in granted])
    until = date(2030, 6, 30)
    for text in parts:
        rule: Condition = Test(parse(text))
        found = break_days(rule, firm, until)
        assert found.complete
        assert list(found.days) == sorted(found.days)
        turns = set(found.days)
        before = None
        for step in range((until - AS_OF).days):
            day = AS_OF + timedelta(days=step)
            now = evaluate(rule, Subject(DICTIONARY, firm.values, day, firm.records))
            assert before is None or now is before or day in turns, (text, day)
            before = now


def test_yearly_figures_turn_with_the_year_as_often_as_the_rule_looks_back() -> None:
    firm = subject(established_on=date(2025, 9, 1))
    rule = load_condition({"all": ["sum(revenue[-3..-1]) >= 1亿", "age(established_on) >= 1"]})
    turns = [date(year, 1, 1) for year in (2027, 2028, 2029)]
    assert list(break_days(rule, firm, date(2036, 1, 1)).days) == [date(2026, 9, 1), *turns]
    assert break_days(Test(parse("legal_person")), firm, date(2036, 1, 1)).days == ()


def test_a_count_of_days_that_is_calculated_with_is_followed_for_a_while_only() -> None:
    firm = subject(established_on=date(2025, 9, 1))
    found = break_days(Test(parse("days_since(established_on) * 2 >= 5000")), firm, date(2036, 1, 1))
    assert len(found.days) == 400
    assert not found.complete
