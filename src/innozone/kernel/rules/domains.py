"""Sets of values that one quantity can take under a rule: unions of intervals of numbers, and sets of codes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
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

    def __invert__(self) -> FiniteSet:
        return FiniteSet(self.members, self.universe, not self.outside)

    def __bool__(self) -> bool:
        if not self.outside:
            return bool(self.members)
        return self.universe is None or not self.universe <= self.members


Domain = NumberSet | FiniteSet


def meet(*domains: Domain) -> Domain:
    """The values in all of them; domains of one quantity are of one kind."""
    return domains[0] if len(domains) == 1 else in_at_least(len(domains), domains)


def join(*domains: Domain) -> Domain:
    """The values in any of them."""
    return domains[0] if len(domains) == 1 else in_at_least(1, domains)


def in_at_least(n: int, domains: Sequence[Domain]) -> Domain:
    """The values in n or more of the domains."""
    numbers = [domain for domain in domains if isinstance(domain, NumberSet)]
    codes = [domain for domain in domains if isinstance(domain, FiniteSet)]
    if numbers and codes:
        raise TypeError("one quantity has one kind of domain")
    if numbers:
        return _numbers_in(n, numbers)
    named = frozenset().union(*(each.members for each in codes))
    outside = sum(each.outside for each in codes) >= n
    held = (
        value
        for value in named
        if (sum((value in each.members) is not each.outside for each in codes) >= n) is not outside
    )
    return FiniteSet(frozenset(held), codes[0].universe, outside)


def _numbers_in(n: int, sets: Sequence[NumberSet]) -> NumberSet:
    """From low to high, counting how many sets have begun and not ended."""
    changes: dict[Cut, int] = {}
    for each in sets:
        for low, high in each.spans:
            changes[low] = changes.get(low, 0) + 1
            changes[high] = changes.get(high, 0) - 1
    spans: list[tuple[Cut, Cut]] = []
    begun: Cut | None = None
    depth = 0
    for cut in sorted(changes):
        depth += changes[cut]
        if depth >= n and begun is None:
            begun = cut
        elif depth < n and begun is not None:
            spans.append((begun, cut))
            begun = None
    return NumberSet(tuple(spans))


def inside(a: Domain, b: Domain) -> bool:
    """True when every value of a is in b."""
    return not meet(a, ~b)
