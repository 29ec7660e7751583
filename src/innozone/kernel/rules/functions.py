"""The functions of the rule language: how each is called, and the arithmetic shared by every engine.

The arithmetic takes numpy arrays of float64 (NaN = unknown) and works element by element with one order of operations,
so that the reference evaluator (arrays of one) and the bulk matcher agree to the bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns.arrays import finite

Floats = NDArray[np.float64]

EPOCH = date(1970, 1, 1).toordinal()

#: From so many days on their months are looked up in a table of all days from 1850 to 2149.
MANY_DAYS = 4096
FIRST_DAY, LAST_DAY = (float(day.toordinal() - EPOCH) for day in (date(1850, 1, 1), date(2149, 12, 31)))

#: No day is so many years, months or days away.
FAR = 1e9

#: Two computed numbers closer than this share of the larger are equal: 120 / 100 - 1 is 20%, whatever the last bit says.
CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Function:
    """How a function is called. `least` and `most` count arguments; `shape` says what the arguments must be."""

    least: int
    most: int
    shape: str
    usage: str


MANY = 64

FUNCTIONS: dict[str, Function] = {
    "holds": Function(1, 1, "texts", 'holds("high_tech_enterprise")'),
    "holds_any": Function(1, MANY, "texts", 'holds_any("gazelle", "unicorn")'),
    "ever_held": Function(1, MANY, "texts", 'ever_held("gazelle")'),
    "date": Function(1, 1, "texts", 'date("2026-01-01")'),
    "year_end": Function(1, 1, "year", "year_end(-1)"),
    "age": Function(1, 1, "values", "age(established_on)"),
    "months_since": Function(1, 1, "values", "months_since(established_on)"),
    "days_since": Function(1, 1, "values", "days_since(established_on)"),
    "min": Function(1, MANY, "values or years", "min(10% * rd_expense[-1], 50万)"),
    "max": Function(1, MANY, "values or years", "max(revenue[-3..-1])"),
    "sum": Function(1, MANY, "values or years", "sum(rd_expense[-3..-1])"),
    "mean": Function(1, MANY, "values or years", "mean(revenue[-3..-1])"),
    "count": Function(1, 1, "records", 'count(ip where kind == "invention_patent")'),
    "at_least": Function(2, MANY, "counted", 'at_least(2 of legal_person, revenue[-1] >= 2000万, holds("gazelle"))'),
    "growth": Function(1, 1, "reference", "growth(revenue[-1])"),
    "cagr": Function(1, 1, "years", "cagr(revenue[-3..-1])"),
    "each": Function(1, 1, "over years", "each(rd_ratio[-2..-1] >= 3%)"),
    "some": Function(1, 1, "over years", "some(net_profit[-2..-1] > 0)"),
    "tier": Function(2, MANY, "brackets", "tier(x, >= 30%: 20, >= 25%: 16, else: 0)"),
    "marginal": Function(2, MANY, "brackets", "marginal(x, <= 100万: 10%, <= 500万: 5%, else: 2%)"),
    "if": Function(3, 3, "values", "if(staff_total < 20, 1, 2)"),
    "coalesce": Function(2, MANY, "values", "coalesce(revenue[-1], 0)"),
    "known": Function(1, 1, "values", "known(revenue[-1])"),
    "round": Function(1, 2, "values", "round(x, 2)"),
}


def arithmetic(op: str, left: Floats, right: Floats) -> Floats:
    """left op right; a division by zero and an overflow are unknown (NaN)."""
    with np.errstate(all="ignore"):
        if op == "+":
            return finite(left + right)
        if op == "-":
            return finite(left - right)
        if op == "*":
            return finite(left * right)
        return finite(left / right)


def total(items: list[Floats]) -> Floats:
    """Sum from left to right."""
    result = items[0]
    for item in items[1:]:
        result = arithmetic("+", result, item)
    return result


def growth(this: Floats, before: Floats) -> Floats:
    """(this - before) / before, unknown unless the base is positive: growth from a loss has no meaning."""
    with np.errstate(all="ignore"):
        return finite(np.where(before > 0, (this - before) / before, np.nan))


def cagr(first: Floats, last: Floats, years: int) -> Floats:
    """Compound yearly growth over `years` steps; unknown unless the base is positive and the end not negative."""
    with np.errstate(all="ignore"):
        quotient = np.where((first > 0) & (last >= 0), last / first, np.nan)
        root = quotient if years == 1 else np.sqrt(quotient) if years == 2 else np.power(quotient, 1.0 / years)
        return finite(root - 1.0)


def marginal(values: Floats, limits: list[float], rates: list[Floats]) -> Floats:
    """The slice of each value up to the first limit at the first rate, the next at the second, the rest at the last.

    `limits` rise; there is one rate more than limits. What lies below zero earns nothing.
    """
    parts = []
    below = 0.0
    for at, rate in enumerate(rates):
        top = np.minimum(values, limits[at]) if at < len(limits) else values
        parts.append(arithmetic("*", np.maximum(top - below, 0.0), rate))
        below = limits[at] if at < len(limits) else below
    return total(parts)


def rounded(values: Floats, places: int) -> Floats:
    """Half away from zero (四舍五入)."""
    scale = 10.0**places
    with np.errstate(all="ignore"):
        return finite(np.sign(values) * np.floor(np.abs(values) * scale + 0.5) / scale)


def compare(op: str, left: Any, right: Any, close: bool) -> NDArray[np.bool_]:
    """left op right for numbers; with `close` the last digits are forgiven (see CLOSE). NaN gives False for every op."""
    with np.errstate(all="ignore"):
        if not close:
            if op == "!=":
                return np.asarray((left < right) | (left > right))
            operations = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less, "==": np.equal}
            return np.asarray(operations[op](left, right))
        difference = left - right
        margin = CLOSE * np.maximum(np.abs(left), np.abs(right))
        if op == ">=":
            return np.asarray(difference >= -margin)
        if op == ">":
            return np.asarray(difference > margin)
        if op == "<=":
            return np.asarray(difference <= margin)
        if op == "<":
            return np.asarray(difference < -margin)
        if op == "==":
            return np.asarray(np.abs(difference) <= margin)
        return np.asarray(np.abs(difference) > margin)


def day_number(day: date) -> float:
    """Days since 1970-01-01."""
    return float(day.toordinal() - EPOCH)


def _parts(days: Floats) -> tuple[Floats, Floats, Floats]:
    stamps = np.where(np.isfinite(days), days, 0.0).astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")
    years = months.astype("datetime64[Y]")
    return (
        years.astype(np.float64) + 1970.0,
        (months - years).astype(np.float64) + 1.0,
        (stamps - months).astype(np.float64) + 1.0,
    )


def age(days: Floats, as_of: date) -> Floats:
    """Full years from the day (days since 1970) to `as_of`."""
    return np.floor(months_since(days, as_of) / 12.0)


def months_since(days: Floats, as_of: date) -> Floats:
    """Full months from the day to `as_of`."""
    if len(days) < MANY_DAYS:
        return _months(days, as_of)
    table = _months_by_day(as_of)
    places = days - FIRST_DAY
    inside = (places >= 0.0) & (places < len(table) - 1)
    if not inside.all():
        if not np.isnan(days[~inside]).all():
            return _months(days, as_of)
        # What is unknown falls on the last entry, which is unknown.
        places[~inside] = -1.0
    return table.take(places.astype(np.intp), mode="wrap")


def _months(days: Floats, as_of: date) -> Floats:
    year, month, day = _parts(days)
    months = (as_of.year - year) * 12 + (as_of.month - month) - (day > as_of.day)
    return np.where(np.isnan(days), np.nan, months)


@lru_cache(maxsize=4)
def _months_by_day(as_of: date) -> Floats:
    """The full months from each day of the years in which anything begins, and NaN at the end."""
    return np.append(_months(np.arange(FIRST_DAY, LAST_DAY + 1.0), as_of), np.nan)


def days_since(days: Floats, as_of: date) -> Floats:
    """Days from the day to `as_of`."""
    return np.asarray(day_number(as_of) - days)


def last_day(name: str, least: float, as_of: date) -> float:
    """The last day (days since 1970) that is `least` years, months or days ago by `name`, which is age, months_since or
    days_since: of it and all days before that is the number or more, of all later ones it is not."""
    count = math.ceil(max(-FAR, min(least, FAR)))
    if name == "days_since":
        return day_number(as_of) - count
    month = np.datetime64(as_of, "M") - count * (12 if name == "age" else 1)
    start, end = (each.astype("datetime64[D]").astype(np.int64) for each in (month, month + 1))
    return float(min(start + as_of.day, end)) - 1.0
