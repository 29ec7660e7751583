"""Ages of many days at once are those of each day alone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from innozone.kernel.columns.arrays import finite
from innozone.kernel.rules.functions import (
    FIRST_DAY,
    LAST_DAY,
    MANY_DAYS,
    age,
    day_number,
    days_since,
    last_day,
    months_since,
)

DAYS = st.dates(date(1900, 1, 1), date(2150, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2023, 2, 28)])


def months_between(born: date, day: date) -> int:
    return (day.year - born.year) * 12 + day.month - born.month - (born.day > day.day)


def years_between(born: date, day: date) -> int:
    return day.year - born.year - ((born.month, born.day) > (day.month, day.day))


@settings(max_examples=30, deadline=None)
@given(DAYS, st.lists(DAYS | st.just(date(2024, 2, 29)), min_size=1, max_size=20))
def test_ages_of_many_days_and_of_each_alone(as_of, born):
    days = np.array([day_number(day) for day in born] + [np.nan])
    many = np.tile(days, MANY_DAYS // len(days) + 1)
    for function, wanted in ((age, years_between), (months_since, months_between)):
        alone = function(days, as_of)
        assert alone[:-1].tolist() == [wanted(day, as_of) for day in born]
        assert np.isnan(alone[-1])
        assert np.array_equal(function(many, as_of)[: len(days)], alone, equal_nan=True)


def test_days_beyond_the_table_and_at_its_ends():
    as_of = date(2026, 6, 30)
    for first in (FIRST_DAY, FIRST_DAY - 1, LAST_DAY, LAST_DAY + 1, -719_162.0):
        days = np.full(MANY_DAYS, 0.0)
        days[7] = first
        assert np.array_equal(months_since(days, as_of)[:8], months_since(days[:8], as_of))
        assert np.array_equal(age(days, as_of)[:8], age(days[:8], as_of))
    unknown = np.full(MANY_DAYS, np.nan)
    assert np.isnan(age(unknown, as_of)).all()


def test_an_age_changes_on_the_birthday():
    for born in (date(2020, 2, 29), date(2020, 3, 1), date(2021, 12, 31)):
        days = np.full(MANY_DAYS, day_number(born))
        for step in range(0, 1461, 7):
            day = born + timedelta(step)
            assert age(days[:1], day)[0] == years_between(born, day)
        for day in (date(2025, 2, 28), date(2025, 3, 1), date(2025, 12, 31), date(2024, 2, 29)):
            assert age(days, day)[0] == years_between(born, day)


@settings(max_examples=300, deadline=None)
@given(DAYS, DAYS, st.integers(-20, 2000), st.sampled_from([0.0, -0.5, 1e-9]))
@example(date(2024, 2, 29), date(2023, 2, 28), 1, 0.0)
@example(date(2023, 2, 28), date(2020, 2, 29), 3, 0.0)
@example(date(2025, 3, 31), date(2025, 2, 28), 1, 0.0)
def test_up_to_the_last_day_so_much_has_passed(as_of, born, count, less):
    for function, unit in ((age, 365), (months_since, 30), (days_since, 1)):
        number = count // unit - less
        last = last_day(function.__name__, number, as_of)
        near = np.array([last - 1, last, last + 1, day_number(born), day_number(as_of)])
        assert (function(near, as_of) >= number).tolist() == (near <= last).tolist()
        assert last_day(function.__name__, np.inf, as_of) < FIRST_DAY
        assert last_day(function.__name__, -np.inf, as_of) > LAST_DAY


def test_what_has_no_end_is_no_number():
    values = np.array([1.0, np.inf, -np.inf, np.nan])
    assert np.array_equal(finite(values), [1.0, np.nan, np.nan, np.nan], equal_nan=True)
    assert values[1] == np.inf
