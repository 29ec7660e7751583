"""Sums of money that come out the same whatever the order: whole numbers of a fixed fine grain, not rounded floats.

A population matched at once, part by part or with some rows taken out and put back gives one and the same total.
"""

from __future__ import annotations

import math

import numpy as np

from innozone.kernel.rules.functions import Floats

#: Amounts are counted in units of 2 to the power of -PLACES, about 10^-12.
PLACES = 40

#: So many rows and so large numbers at once that their sums fit into 64 bits.
_ROWS = 2**20
_LARGE = 2.0**40


def exact(values: Floats) -> int:
    """The sum of finite numbers in units of 2^-40, each rounded to one of them."""
    if len(values) > _ROWS:
        return sum(exact(values[start : start + _ROWS]) for start in range(0, len(values), _ROWS))
    large = np.abs(values) >= _LARGE
    if large.any():
        return exact(values[~large]) + sum(map(_units, values[large].tolist()))
    whole = np.floor(values)
    rest = np.rint((values - whole) * 2.0**PLACES)
    return (int(whole.astype(np.int64).sum()) << PLACES) + int(rest.astype(np.int64).sum())


def number(units: int) -> float:
    """The float closest to a sum; infinite where no float is large enough."""
    try:
        return units / (1 << PLACES)
    except OverflowError:
        return math.inf if units > 0 else -math.inf


def _units(value: float) -> int:
    return int(value) << PLACES if abs(value) >= 2.0**53 else int(value * 2.0**PLACES)
