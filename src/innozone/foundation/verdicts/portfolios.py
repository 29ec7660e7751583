"""The best set of support items: of one enterprise with every reason, of a whole population as a sum."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.live import ItemVerdict, State
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.packs.model import WITHOUT_SUM
from innozone.kernel.rules import RuleMatch
from innozone.kernel.rules.solve.choice import TooEntangled
from innozone.kernel.rules.solve.fen import fen, fen_of
from innozone.kernel.rules.solve.limits import CapsOverlap, Received
from innozone.kernel.rules.solve.population import counted
from innozone.kernel.rules.solve.portfolio import Amount, Between, Offer, Portfolio, best_set
from innozone.kernel.rules.solve.stacking import Stacking

log = logging.getLogger(__name__)

#: Enterprises whose amounts lie in memory at once, for all items.
BLOCK_ROWS = 65_536

#: Limits that contradict each other, or tie too much together: there is no best set, and the error says why.
Unsolved = (CapsOverlap, TooEntangled)


def best(
    items: Iterable[ItemVerdict],
    states: Sequence[State] = ("entitled",),
    *,
    year: int | None = None,
    received: Iterable[Received] = (),
) -> Portfolio:
    """The best set of the support items in these states. Raises one of Unsolved.

    Budgets and quotas that are used up are not looked at: nothing in the house counts them yet.
    """
    offers = [
        Offer(item.rule.code, _amount(item), rules.parsed(item.version).stacking)
        for item in items
        if item.state in states and item.rule.kind == Rule.Kind.SUPPORT
    ]
    return best_set(offers, year=year, received=received)


def _amount(item: ItemVerdict) -> Amount:
    if item.benefit is not None:
        return max(0, fen(item.benefit))
    if item.between is not None:
        return item.between
    benefit = item.version.data.get("benefit") or {}
    return None if benefit.get("kind", "荣誉") in WITHOUT_SUM else Between()


@dataclass(frozen=True, slots=True)
class Sums:
    """What the best sets of all enterprises come to, in fen, without amounts that cannot be worked out.

    entitled: over what they are entitled to; more: how much is added when every open check turns out well.
    """

    entitled: int
    more: int


def sums(versions: Iterable[RuleVersion], matches: Mapping[str, RuleMatch], rows: int) -> Sums | None:
    """The sums over a snapshot of so many rows; `matches` by the code of the rule. None when the limits cannot be solved."""
    priced = [
        version
        for version in versions
        if version.rule.kind == Rule.Kind.SUPPORT and rules.parsed(version).benefit is not None
    ]
    stackings = {version.rule.code: rules.parsed(version).stacking for version in priced}
    entitled = {version.rule.code: _claims(matches[version.rule.code], "true") for version in priced}
    ready = {version.rule.code: _claims(matches[version.rule.code], "manual_only") for version in priced}
    both = {code: [*entitled[code], *ready[code]] for code in stackings}
    try:
        sure, most = _total(stackings, entitled, rows), _total(stackings, both, rows)
    except Unsolved:
        log.exception("the limits of the items in force cannot be solved")
        return None
    return Sums(sure, most - sure)


#: Row numbers, ascending, and fen.
Claimed = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


def _claims(match: RuleMatch, kind: str) -> Claimed:
    rows, amounts = match.amounts(kind)
    return [(rows, fen_of(amounts)[0])]


def _total(stackings: Mapping[str, Stacking], claims: Mapping[str, Claimed], rows: int) -> int:
    """The sum of the best sets, block by block."""
    total = 0
    for start in range(0, rows, BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, rows)
        block = {code: np.zeros(stop - start, dtype=np.int64) for code in stackings}
        for code, parts in claims.items():
            for found, amounts in parts:
                first, last = np.searchsorted(found, (start, stop))
                block[code][found[first:last] - start] = amounts[first:last]
        total += sum(int(amounts.sum()) for amounts in counted(stackings, block).values())
    return total
