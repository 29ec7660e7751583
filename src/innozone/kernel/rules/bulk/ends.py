"""Numbers of which only the ends are known, row by row: the operations of the rule language at the ends.

The float worked out from any numbers between the ends lies between the ends of the result: both are rounded alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from innozone.kernel.rules import functions
from innozone.kernel.rules.bulk.fitting import Fitting
from innozone.kernel.rules.bulk.logic import Bools, Logic
from innozone.kernel.rules.functions import Floats

#: What floats added in another order may differ by, as a share.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Ends:
    """The least and the most per row, -inf and inf where nothing says so."""

    low: Floats
    high: Floats


ANYTHING = Ends(np.array([-np.inf]), np.array([np.inf]))


def point(value: Floats) -> Ends:
    return Ends(value, value)


def widened(low: Floats, high: Floats, where: Bools, more: Ends) -> tuple[Floats, Floats]:
    """The ends moved out to take in others in some rows."""
    return (
        np.where(where, np.minimum(low, more.low), low),
        np.where(where, np.maximum(high, more.high), high),
    )


def arithmetic(op: str, a: Ends, b: Ends) -> Ends:
    """a op b: the operation at the ends. What lies between differs in rounding no more than the ends do."""
    with np.errstate(all="ignore"):
        if op == "+":
            return Ends(a.low + b.low, a.high + b.high)
        if op == "-":
            return Ends(a.low - b.high, a.high - b.low)
        if op == "*":
            # Zero times infinity: the values themselves are finite.
            corners = [
                np.nan_to_num(x * y, nan=0.0, posinf=np.inf, neginf=-np.inf)
                for x in (a.low, a.high)
                for y in (b.low, b.high)
            ]
            return Ends(reduce(np.minimum, corners), reduce(np.maximum, corners))
        # A divisor that may come close to zero from one side only: zero itself gives no value.
        below, above = np.where(b.high == 0, -0.0, b.high), np.where(b.low == 0, 0.0, b.low)
        corners = [x / y for x in (a.low, a.high) for y in (above, below)]
        # 0 / 0 and inf / inf: the other corners, and zero, tell how far it goes.
        corners = [np.where(np.isnan(corner), 0.0, corner) for corner in corners]
        across = ((b.low < 0) & (b.high > 0)) | ((b.low == 0) & (b.high == 0))
        low, high = reduce(np.minimum, corners), reduce(np.maximum, corners)
        return Ends(np.where(across, -np.inf, low), np.where(across, np.inf, high))


def compared(op: str, a: Ends, b: Ends, close: bool) -> Logic:
    """a op b where it is the same for all numbers between the ends."""

    def surely(op: str, one: Floats, other: Floats) -> Bools:
        return functions.compare(op, one, other, close) & np.isfinite(one) & np.isfinite(other)

    match op:
        case ">=" | ">":
            return Logic(surely(op, a.low, b.high), surely("<" if op == ">=" else "<=", a.high, b.low))
        case "<=" | "<":
            return Logic(surely(op, a.high, b.low), surely(">" if op == "<=" else ">=", a.low, b.high))
    same = surely("==", a.low, b.low) & (a.low == a.high) & (b.low == b.high)
    apart = surely("<", a.high, b.low) | surely(">", a.low, b.high)
    return Logic(same, apart) if op == "==" else Logic(apart, same)


def fitting_ends(function: str, sure: Fitting, possible: Fitting, cells: Ends) -> Ends:
    """sum, min or max over records of which some surely fit and some may, each between the ends of its cell."""
    low, high = cells.low, cells.high
    if function == "sum":
        ends = []
        for end, bound in ((low, np.minimum), (high, np.maximum)):
            total = sure.folded("sum", end)
            more = possible.folded("sum", bound(end, 0.0)) - sure.folded("sum", bound(end, 0.0))
            ends.append(np.where(possible.counts > sure.counts, total + more, total))
        low, high = (np.where(np.isnan(end), side, end) for end, side in zip(ends, (-np.inf, np.inf), strict=True))
        return Ends(low - np.abs(low) * _ROUNDING, high + np.abs(high) * _ROUNDING)
    # The lowest of all is no higher than that of those that surely fit; when none does, than the highest that may.
    any_low, any_high = possible.folded("min", low), possible.folded("max", high)
    if function == "min":
        ends = [any_low, np.where(sure.counts > 0, sure.folded("min", high), any_high)]
    else:
        ends = [np.where(sure.counts > 0, sure.folded("max", low), any_low), any_high]
    low, high = (np.where(np.isnan(end), side, end) for end, side in zip(ends, (-np.inf, np.inf), strict=True))
    return Ends(low, high)


def growth(this: Ends, before: Ends) -> Ends:
    """(this - before) / before for a base above zero; others have no growth."""
    base = Ends(np.maximum(before.low, 0.0), before.high)
    found = arithmetic("/", arithmetic("-", this, before), base)
    # From nothing lost below nothing it cannot fall by more than all.
    low = np.where(this.low >= 0, np.maximum(found.low, -1.0), found.low)
    return Ends(low, found.high)
