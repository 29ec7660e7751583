"""The best set of items for one enterprise: what gives most under 就高不重复, exclusions, caps and quotas, and why not the rest.

Peers add up whatever somebody is entitled to, or keep a list in which a programme is struck out when one above it holds; what
depends on each other's sums comes out wrong then. Here the set is chosen as a whole, exactly to the fen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from innozone.kernel.rules.solve.choice import TooEntangled, choose
from innozone.kernel.rules.solve.limits import CapsOverlap, Limits, Received
from innozone.kernel.rules.solve.stacking import Stacking

__all__ = [
    "Between",
    "CapsOverlap",
    "Left",
    "Offer",
    "Open",
    "Portfolio",
    "Received",
    "Taken",
    "TooEntangled",
    "best_set",
]

#: group: its group has no place left; excluded: what it cannot be had with is taken; cap: used up; quota: used up;
#: received: had this year already; nothing: its formula gives nothing.
Why = Literal["group", "excluded", "cap", "quota", "received", "nothing"]


@dataclass(frozen=True, slots=True)
class Between:
    """An amount that is not known, from low to high in fen; high None = nothing says how much at most."""

    low: int = 0
    high: int | None = None


#: Fen; None for what has no sum (an honour, a service).
Amount = int | Between | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that an enterprise may have."""

    code: str
    amount: Amount
    stacking: Stacking = field(default_factory=Stacking)


@dataclass(frozen=True, slots=True)
class Taken:
    """An item of the best set: the amount by its formula, what counts of it, and the code of the cap that cut it (a
    group's, or its own)."""

    code: str
    claimed: Amount
    amount: Amount
    cut_by: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """An item left out, and why: `by` names the items that stand in its way, `group` the group that has no room."""

    code: str
    amount: Amount
    why: Why
    by: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """An item whose unknown amount decides: above `above` fen it is taken in place of the items `by`."""

    code: str
    amount: Between
    by: tuple[str, ...]
    above: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best set by what is known. total: fen over the known amounts; low, high: over all the unknown ones may be."""

    taken: tuple[Taken, ...]
    left: tuple[Left, ...]
    open: tuple[Open, ...]
    total: int
    low: int
    high: int | None


def best_set(
    offers: Iterable[Offer],
    *,
    year: int | None = None,
    received: Iterable[Received] = (),
    quotas: Mapping[str, int] | None = None,
) -> Portfolio:
    """The items to take so that most money comes in.

    Caps cut amounts. Items without a sum are taken along unless they stand against one that pays. Of sets of one worth
    that with fewer paying items is taken, then that whose items come first by code; the order of `offers` is nothing.
    received: what the enterprise got in `year` and before. quotas: places left, by code; items without one have no quota.
    Raises ValueError for a code that stands twice, CapsOverlap for caps that cut across each other,
    TooEntangled.
    """
    listed = sorted(offers, key=lambda offer: offer.code)
    if len({offer.code for offer in listed}) < len(listed):
        raise ValueError("an item stands twice among the offers")
    had = list(received)
    limits = Limits.of({offer.code: offer.stacking for offer in listed}, year=year, received=had)
    left = _closed(listed, limits, {each.code for each in had if each.year == year}, quotas or {})
    return _Search(listed, limits, left).portfolio()


def _closed(
    offers: Sequence[Offer], limits: Limits, had: Collection[str], quotas: Mapping[str, int]
) -> dict[int, Left]:
    """The offers that cannot be taken whatever else is."""
    found = {}
    for at, offer in enumerate(offers):
        full = next((most for most in limits.mosts if at in most.members and most.number == 0), None)
        empty = next((room for room in limits.rooms if at in room.members and room.amount == 0), None)
        left: Left | None = None
        if offer.code in had:
            left = Left(offer.code, offer.amount, "received")
        elif quotas.get(offer.code, 1) <= 0:
            left = Left(offer.code, offer.amount, "quota")
        elif at in limits.barred:
            left = Left(offer.code, offer.amount, "excluded", limits.barred[at])
        elif full is not None:
            left = Left(offer.code, offer.amount, "group", full.by, full.group)
        elif offer.amount == 0:
            left = Left(offer.code, offer.amount, "nothing")
        elif empty is not None and offer.amount is not None:
            left = Left(offer.code, offer.amount, "cap", empty.by, empty.code)
        if left is not None:
            found[at] = left
    return found


class _Search:
    """The offers, numbered by code, and the best set among those that are not closed."""

    def __init__(self, offers: Sequence[Offer], limits: Limits, closed: Mapping[int, Left]) -> None:
        self.offers, self.limits, self.closed = offers, limits, closed
        free = [at for at in range(len(offers)) if at not in closed]
        self.unknown = [at for at in free if isinstance(offers[at].amount, Between)]
        self.known = frozenset(free) - frozenset(self.unknown)
        self.amounts = [offer.amount if isinstance(offer.amount, int) else 0 for offer in offers]
        self.chosen = choose(limits, self.amounts, self.known)
        self.pay = limits.pay(self.chosen, self.amounts)
        self.total = sum(amount for amount, _cut in self.pay.values())

    def portfolio(self) -> Portfolio:
        taken, left = [self._taken(at) for at in self.chosen], dict(self.closed)
        left |= {at: self._left(at) for at in self.known - self.chosen}
        rivals = self._rivals()
        unsettled = []
        for at in self.unknown:
            used_up = self._used_up(at)
            if at in rivals:
                unsettled.append(self._open(at, rivals[at]))
            elif used_up is not None:
                left[at] = used_up
            else:
                taken.append(Taken(self.offers[at].code, self.offers[at].amount, self._bounded(at)))
        return Portfolio(
            tuple(sorted(taken, key=_by_amount)),
            tuple(left[at] for at in sorted(left)),
            tuple(unsettled),
            self.total,
            *self._ends(),
        )

    def _taken(self, at: int) -> Taken:
        offer, (amount, cut) = self.offers[at], self.pay[at]
        return Taken(offer.code, offer.amount, None if offer.amount is None else amount, cut)

    def _left(self, at: int) -> Left:
        offer = self.offers[at]
        against = self.limits.against.get(at, frozenset()) & self.chosen
        for most in self.limits.mosts:
            inside = most.members & self.chosen
            if at in most.members and len(inside) >= most.number:
                lower = max((self.amounts[each] for each in inside), default=0) >= self.amounts[at]
                if lower or not against:
                    return Left(offer.code, offer.amount, "group", (*self._codes(inside), *most.by), most.group)
        if against:
            return Left(offer.code, offer.amount, "excluded", self._codes(against))
        used_up = self._used_up(at)
        if used_up is None:
            raise AssertionError(f"{offer.code} was left out for no reason")
        return used_up

    def _used_up(self, at: int) -> Left | None:
        """Why there is no room under a cap, None where there is."""
        for room in self.limits.rooms:
            inside = room.members & self.chosen
            if at in room.members and sum(self.pay[each][0] for each in inside) >= room.amount:
                offer = self.offers[at]
                return Left(offer.code, offer.amount, "cap", (*self._codes(inside), *room.by), room.code)
        return None

    def _rivals(self) -> dict[int, frozenset[int]]:
        """The offers of unknown amount that cannot simply be taken along, each with those that it stands against."""
        free = self.known | frozenset(self.unknown)
        found = {}
        for at in self.unknown:
            others = self.limits.against.get(at, frozenset()) & free
            for most in self.limits.mosts:
                if at in most.members and len(most.members & free) > most.number:
                    others |= most.members & free - {at}
            if others:
                found[at] = others
        return found

    def _open(self, at: int, rivals: frozenset[int]) -> Open:
        """Above which amount an unknown one is worth more than what it displaces."""
        mosts = tuple(
            replace(most, members=most.members - {at}, number=most.number - 1) if at in most.members else most
            for most in self.limits.mosts
        )
        among = self.known - self.limits.against.get(at, frozenset())
        instead = choose(replace(self.limits, mosts=mosts), self.amounts, among)
        displaced = self.chosen - instead
        by = self._codes(displaced or rivals)
        return Open(self.offers[at].code, self._bounded(at), by, self.total - self.limits.paid(instead, self.amounts))

    def _bounded(self, at: int) -> Between:
        """What is known of an unknown amount, its caps included."""
        amount = self.offers[at].amount
        assert isinstance(amount, Between)
        ends = [room.amount for room in self.limits.rooms if at in room.members]
        high = min([*ends, *([] if amount.high is None else [amount.high])], default=None)
        return Between(amount.low if high is None else min(amount.low, high), high)

    def _ends(self) -> tuple[int, int | None]:
        """The least and the most that the best set comes to, whatever the unknown amounts are."""
        if not self.unknown:
            return self.total, self.total
        bounds = {at: self._bounded(at) for at in self.unknown}
        everything = self.known | frozenset(self.unknown)
        low = self._worth(everything, {at: bound.low for at, bound in bounds.items()})
        ends = {at: bound.high for at, bound in bounds.items() if bound.high is not None}
        return low, self._worth(everything, ends) if len(ends) == len(bounds) else None

    def _worth(self, among: frozenset[int], unknown: Mapping[int, int]) -> int:
        amounts = [unknown.get(at, amount) for at, amount in enumerate(self.amounts)]
        return self.limits.paid(choose(self.limits, amounts, among), amounts)

    def _codes(self, items: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.offers[at].code for at in sorted(items))


def _by_amount(taken: Taken) -> tuple[int, int, str]:
    """The largest first, then what is not known, then what has no sum."""
    if isinstance(taken.amount, int):
        return 0, -taken.amount, taken.code
    return (1 if isinstance(taken.amount, Between) else 2), 0, taken.code
