"""What expressions give for many rows, and how it is put together: three-valued truth, numbers, codes.

A constant is an array of one element and spreads by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Flags, Numbers, Sets
from innozone.kernel.columns.arrays import positions
from innozone.kernel.rules import functions
from innozone.kernel.rules.bulk.compare import accept, accepted_runs
from innozone.kernel.terms import Variable

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Logic:
    """Surely true, surely false; neither = unknown."""

    true: Bools
    false: Bools


Vector = Numbers | Codes | Sets | Logic

_NOWHERE = np.zeros(1, dtype=bool)
NOTHING = Logic(_NOWHERE, _NOWHERE)
NO_NUMBER = Numbers(np.full(1, np.nan))


def unknown_of(variable: Variable) -> Vector:
    """A value of the variable's kind that is unknown everywhere."""
    if variable.numeric or variable.type == "date":
        return Numbers(NO_NUMBER.values, "number" if variable.numeric else "date")
    return Codes(np.full(1, -1, dtype=np.int16), ()) if variable.type in ("code", "text") else NOTHING


def everywhere(value: bool) -> Logic:
    return Logic(np.array([value]), np.array([not value]))


def dated(value: date) -> Numbers:
    return Numbers(np.array([functions.day_number(value)]), "date")


def truths(column: Flags) -> Logic:
    return Logic(column.values == 1, column.values == 0)


def inverted(logic: Logic) -> Logic:
    """not"""
    return Logic(logic.false, logic.true)


def all_of(items: Sequence[Logic]) -> Logic:
    """and"""
    return Logic(
        reduce(np.logical_and, [item.true for item in items]), reduce(np.logical_or, [item.false for item in items])
    )


def any_of(items: Sequence[Logic]) -> Logic:
    """or"""
    return Logic(
        reduce(np.logical_or, [item.true for item in items]), reduce(np.logical_and, [item.false for item in items])
    )


def counted(n: int, items: Sequence[Logic]) -> Logic:
    """at least n of them"""
    true, false = (
        np.asarray(reduce(np.add, [part.astype(np.int32) for part in parts]))
        for parts in ([item.true for item in items], [item.false for item in items])
    )
    return Logic(true >= n, false > len(items) - n)


def coded(codes: Vector, accepted: frozenset[str]) -> Logic:
    """Is the code one of the accepted."""
    if not isinstance(codes, Codes):
        return NOTHING
    true = np.empty(len(codes), dtype=bool)
    accept(codes, accepted_runs(codes, accepted), true)
    return Logic(true, ~true & (codes.values >= 0))


def known(vector: Vector) -> Bools:
    """Per row: is there a value."""
    if isinstance(vector, Numbers):
        return ~np.isnan(vector.values)
    if isinstance(vector, Codes):
        return vector.values >= 0
    return vector.known if isinstance(vector, Sets) else vector.true | vector.false


def unified(a: Codes, b: Codes) -> tuple[Any, Any, tuple[str, ...]]:
    """The positions of both in one list of categories; those of the longer one stay."""
    if a.categories == b.categories:
        return a.values, b.values, a.categories
    if len(a) < len(b):
        there, here, together = unified(b, a)
        return here, there, together
    if len(b) == 1 and b.values[0] >= 0:
        # Of a constant no other category matters.
        b = Codes(np.zeros(1, dtype=np.int16), (b.categories[int(b.values[0])],))
    extra = tuple(category for category in b.categories if category not in a.position)
    together = (*a.categories, *extra) if extra else a.categories
    place = a.position | {category: len(a.categories) + at for at, category in enumerate(extra)}
    table = np.array([*(place[category] for category in b.categories), -1], dtype=np.int32)
    return a.values, positions(table[b.values], len(together)), together


def unknown_like(vector: Vector) -> Vector:
    if isinstance(vector, Numbers):
        return Numbers(NO_NUMBER.values, vector.kind)
    return Codes(np.full(1, -1, dtype=np.int16), ()) if isinstance(vector, Codes) else NOTHING


def chosen(where: Logic, a: Vector, b: Vector, *, same: bool) -> Vector:
    """a where true, b where false; where unknown, unknown, or (`same`) the value when both are equal."""
    if isinstance(a, Logic) and isinstance(b, Logic):
        true, false = (where.true & a.true) | (where.false & b.true), (where.true & a.false) | (where.false & b.false)
        if same:
            true, false = true | (a.true & b.true), false | (a.false & b.false)
        return Logic(true, false)
    lost = ~(where.true | where.false)
    if isinstance(a, Numbers) and isinstance(b, Numbers) and a.kind == b.kind:
        numbers = np.where(where.false, b.values, a.values)
        if lost.any():
            numbers = np.where(lost & (a.values != b.values) if same else lost, np.nan, numbers)
        return Numbers(numbers, a.kind)
    if isinstance(a, Codes) and isinstance(b, Codes):
        one, other, categories = unified(a, b)
        # Where false all bits of `other` take the place of those of `one`: a choice for each row would cost more.
        codes = one ^ ((one ^ other) & _bits(where.false, one.dtype))
        if lost.any():
            codes = codes | _bits(lost & (one != other) if same else lost, one.dtype)
        return Codes(positions(codes, len(categories)), categories)
    return NOTHING


def _bits(flags: Bools, dtype: Any) -> Any:
    """All bits set (-1) where true, none where false."""
    return np.negative(flags.view(np.int8)).astype(dtype)


def by_limits(
    numbers: functions.Floats, limits: Sequence[float], results: Sequence[functions.Floats]
) -> functions.Floats:
    """Per row the result of the number of limits that are reached, in any order; NaN where the number is. There is one
    result more than limits, each an array of all rows or of one."""
    places = np.zeros(len(numbers), dtype=np.uint8)
    flags = np.empty(len(numbers), dtype=bool)
    for limit in limits:
        np.greater_equal(numbers, limit, out=flags)
        places += flags
    np.copyto(places, len(results), where=np.isnan(numbers))
    table = np.array([*(result[0] if len(result) == 1 else np.nan for result in results), np.nan])
    shape = np.broadcast_shapes(numbers.shape, *(result.shape for result in results))
    made = table.take(np.broadcast_to(places, shape).astype(np.intp), mode="wrap")
    for place, result in enumerate(results):
        if len(result) > 1:
            np.copyto(made, result, where=places == place)
    return made


def first_of(vectors: Sequence[Vector]) -> Vector:
    """Per row the first that is known; unknown everywhere when they are of different kinds, which the check refuses."""
    kinds = {(type(each), each.kind if isinstance(each, Numbers) else None) for each in vectors}
    return reduce(first_known, vectors) if len(kinds) == 1 else NOTHING


def first_known(a: Vector, b: Vector) -> Vector:
    """a where it is known, else b."""
    there = known(a)
    return chosen(Logic(there, ~there), a, b, same=False)
