"""Sets of values that one quantity can take under a rule: unions of intervals of numbers, and sets of codes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

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

    @staticmethod
    def union(sets: Iterable[NumberSet]) -> NumberSet:
        """All their numbers; one sort, however many sets there are."""
        merged: list[tuple[Cut, Cut]] = []
        for low, high in sorted(span for each in sets for span in each.spans):
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
    """Some values, or (`outside`) all values but some, of a known universe such as the codes of a list; `universe` None
    is open: there is always one more value than anyone has named."""

    members: frozenset[object]
    universe: frozenset[object] | None
    outside: bool = False

    @staticmethod
    def of(members: Iterable[object], universe: frozenset[object] | None = None) -> FiniteSet:
        named = frozenset(members)
        return FiniteSet(named if universe is None else named & universe, universe)

    def __and__(self, other: FiniteSet) -> FiniteSet:
        if self.outside and other.outside:
            return FiniteSet(self.members | other.members, self.universe, True)
        if self.outside or other.outside:
            named, without = (other, self) if self.outside else (self, other)
            return FiniteSet(named.members - without.members, self.universe)
        return FiniteSet(self.members & other.members, self.universe)

    def __invert__(self) -> FiniteSet:
        return FiniteSet(self.members, self.universe, not self.outside)

    def __bool__(self) -> bool:
        if not self.outside:
            return bool(self.members)
        return self.universe is None or not self.universe <= self.members


Domain = NumberSet | FiniteSet


def meet(*domains: Domain) -> Domain:
    """The values in all of them; domains of one quantity are of one kind."""
    numbers = [domain for domain in domains if isinstance(domain, NumberSet)]
    if len(numbers) == len(domains):
        return numbers[0] if len(numbers) == 1 else ~NumberSet.union(~each for each in numbers)
    codes = [domain for domain in domains if isinstance(domain, FiniteSet)]
    if len(codes) == len(domains):
        return reduce(FiniteSet.__and__, codes)
    raise TypeError("one quantity has one kind of domain")


def join(*domains: Domain) -> Domain:
    """The values in any of them."""
    return domains[0] if len(domains) == 1 else ~meet(*(~domain for domain in domains))


def inside(a: Domain, b: Domain) -> bool:
    """True when every value of a is in b."""
    return not meet(a, ~b)
