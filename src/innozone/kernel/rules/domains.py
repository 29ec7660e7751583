"""Sets of values that one quantity can take under a rule: unions of intervals of numbers, and sets of codes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

#: One end of an interval: a number and whether it lies just above it. (5, False) starts at 5, (5, True) just above 5.
Cut = tuple[float, bool]

_LOW: Cut = (-math.inf, False)
_HIGH: Cut = (math.inf, True)


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A union of disjoint intervals in order, each from a cut to a later cut."""

    spans: tuple[tuple[Cut, Cut], ...]

    @staticmethod
    def all() -> NumberSet:
        return NumberSet(((_LOW, _HIGH),))

    @staticmethod
    def where(op: str, limit: float, whole: bool = False) -> NumberSet:
        """The numbers with `number op limit`; `whole` for quantities that take whole numbers only."""
        if whole:
            op, limit = _whole(op, limit)
        if op == "never":
            return NumberSet(())
        below, above = (limit, False), (limit, True)
        spans = {
            ">=": ((below, _HIGH),),
            ">": ((above, _HIGH),),
            "<": ((_LOW, below),),
            "<=": ((_LOW, above),),
            "==": ((below, above),),
            "!=": ((_LOW, below), (above, _HIGH)),
        }
        return NumberSet(spans[op])

    def __and__(self, other: NumberSet) -> NumberSet:
        found = []
        for a, b in self.spans:
            for c, d in other.spans:
                low, high = max(a, c), min(b, d)
                if low < high:
                    found.append((low, high))
        return NumberSet(tuple(sorted(found)))

    def __or__(self, other: NumberSet) -> NumberSet:
        merged: list[tuple[Cut, Cut]] = []
        for low, high in sorted((*self.spans, *other.spans)):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return NumberSet(tuple(merged))

    def __invert__(self) -> NumberSet:
        gaps, at = [], _LOW
        for low, high in self.spans:
            if at < low:
                gaps.append((at, low))
            at = high
        if at < _HIGH:
            gaps.append((at, _HIGH))
        return NumberSet(tuple(gaps))

    def __le__(self, other: NumberSet) -> bool:
        return (self & other) == self

    def __bool__(self) -> bool:
        return bool(self.spans)


def _whole(op: str, limit: float) -> tuple[str, float]:
    """A bound on whole numbers with only closed ends, so that 3 < x < 4 is seen to be empty."""
    if not math.isfinite(limit):
        return op, limit
    if op == ">":
        return ">=", float(math.floor(limit) + 1)
    if op == "<":
        return "<=", float(math.ceil(limit) - 1)
    if op == ">=":
        return ">=", float(math.ceil(limit))
    if op == "<=":
        return "<=", float(math.floor(limit))
    if limit != math.floor(limit):
        return ("never", limit) if op == "==" else (">=", -math.inf)
    return op, limit


@dataclass(frozen=True, slots=True)
class FiniteSet:
    """Some values of a known universe: the codes of a list, true and false."""

    members: frozenset[object]
    universe: frozenset[object]

    @staticmethod
    def of(members: Iterable[object], universe: Iterable[object]) -> FiniteSet:
        everything = frozenset(universe)
        return FiniteSet(frozenset(members) & everything, everything)

    def __and__(self, other: FiniteSet) -> FiniteSet:
        return FiniteSet(self.members & other.members, self.universe)

    def __or__(self, other: FiniteSet) -> FiniteSet:
        return FiniteSet(self.members | other.members, self.universe)

    def __invert__(self) -> FiniteSet:
        return FiniteSet(self.universe - self.members, self.universe)

    def __le__(self, other: FiniteSet) -> bool:
        return self.members <= other.members

    def __bool__(self) -> bool:
        return bool(self.members)


Domain = NumberSet | FiniteSet


def meet(a: Domain, b: Domain) -> Domain:
    """The values in both; two domains of one quantity are of one kind."""
    if isinstance(a, NumberSet) and isinstance(b, NumberSet):
        return a & b
    if isinstance(a, FiniteSet) and isinstance(b, FiniteSet):
        return a & b
    raise TypeError("one quantity has one kind of domain")


def join(a: Domain, b: Domain) -> Domain:
    """The values in either."""
    return ~meet(~a, ~b)


def inside(a: Domain, b: Domain) -> bool:
    """True when every value of a is in b."""
    return not meet(a, ~b)
