"""What counts of every enterprise's amounts under 就高不重复, exclusions and caps: all rows at once, item by item.

For each knot of limits the sets that may be had together are listed once; every row takes the one that gives it most. The
total of a row is that of `best_set`, to the fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.solve.choice import TooEntangled
from innozone.kernel.rules.solve.limits import Limits, Members
from innozone.kernel.rules.solve.stacking import Stacking

Fen = NDArray[np.int64]
#: So many sets are compared for one knot of limits.
MOST_SETS = 2_000


def counted(stackings: Mapping[str, Stacking], amounts: Mapping[str, Fen]) -> dict[str, Fen]:
    """What counts of each amount. amounts: item → fen of every enterprise, 0 where it gets nothing or nobody knows.

    Raises CapsOverlap, and TooEntangled for limits that allow too many sets.
    """
    limits = Limits.of(stackings)
    found = [amounts[code].copy() for code in limits.codes]
    for knot in _knots(limits):
        if len(knot) > 1:
            _keep_best(limits, knot, found)
    _cut(limits, found)
    return dict(zip(limits.codes, found, strict=True))


def _knots(limits: Limits) -> list[Members]:
    """The items in parts whose sets can be compared by themselves: tied by groups and exclusions, and not torn by a cap."""
    parts = [frozenset({item}) for item in range(len(limits.codes))]
    ties = [most.members for most in limits.mosts if len(most.members) > most.number]
    ties += [others | {item} for item, others in limits.against.items()]
    for members in ties:
        parts = _joined(parts, members)
    torn = True
    while torn:
        torn = False
        for room in limits.rooms:
            if any(part & room.members and not part <= room.members for part in parts if len(part) > 1):
                joined = _joined(parts, room.members)
                torn |= joined != parts
                parts = joined
    return parts


def _joined(parts: list[Members], members: Members) -> list[Members]:
    touched = [part for part in parts if part & members]
    if len(touched) < 2:
        return parts
    return [part for part in parts if not part & members] + [frozenset().union(*touched)]


def _keep_best(limits: Limits, knot: Members, found: list[Fen]) -> None:
    """Sets to 0 what is not in the best set of a row."""
    sets = list(_largest_sets(limits, sorted(knot)))
    best = np.full(len(found[0]), -1, dtype=np.int64)
    chosen = np.zeros(len(found[0]), dtype=np.int16)
    for number, items in enumerate(sets):
        worth = _paid(limits, knot, items, found)
        better = worth > best
        best[better], chosen[better] = worth[better], number
    for item in knot:
        inside = np.array([item in items for items in sets])
        found[item][~inside[chosen]] = 0


def _paid(limits: Limits, knot: Members, items: tuple[int, ...], found: list[Fen]) -> Fen:
    """What a set comes to under the caps within the knot, row by row."""
    blocks: dict[Members, Fen] = {frozenset({item}): found[item] for item in items}
    for room in limits.rooms:
        if room.members <= knot:
            inside = [block for block in blocks if block <= room.members]
            if inside:
                total = np.minimum(sum(blocks.pop(block) for block in inside), room.amount)
                blocks[frozenset().union(*inside)] = total
    return np.sum(list(blocks.values()), axis=0, dtype=np.int64)


def _largest_sets(limits: Limits, items: list[int]) -> Iterator[tuple[int, ...]]:
    """The sets that may be had together and to which nothing can be added, by code. Raises TooEntangled."""
    looked = 0

    def grow(at: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        nonlocal looked
        looked += 1
        if looked > 10 * MOST_SETS:
            raise TooEntangled([limits.codes[item] for item in items])
        if at == len(items):
            if not any(limits.allows((*chosen, item)) for item in items if item not in chosen):
                yield chosen
            return
        if limits.allows((*chosen, items[at])):
            yield from grow(at + 1, (*chosen, items[at]))
        yield from grow(at + 1, chosen)

    yield from grow(0, ())


def _cut(limits: Limits, found: list[Fen]) -> None:
    """Cuts the amounts to the caps, of each row the larger amount served first, then the smaller code."""
    for top in limits.rooms:
        if any(top.members < room.members for room in limits.rooms):
            continue
        rooms = [room for room in limits.rooms if room.members <= top.members]
        items = sorted(top.members)
        inside = np.array([found[item] for item in items])
        over = np.zeros(inside.shape[1], dtype=bool)
        for room in rooms:
            over |= inside[[items.index(item) for item in sorted(room.members)]].sum(axis=0) > room.amount
        rows = np.flatnonzero(over)
        if not len(rows):
            continue
        asked = inside[:, rows]
        belongs = np.array([[item in room.members for item in items] for room in rooms])
        left = np.repeat(np.array([[room.amount] for room in rooms], dtype=np.int64), len(rows), axis=1)
        for which in np.argsort(-asked, axis=0, kind="stable"):
            amount = np.take_along_axis(asked, which[np.newaxis], axis=0)[0]
            under = belongs[:, which]
            pays = np.minimum(amount, np.where(under, left, np.iinfo(np.int64).max).min(axis=0))
            left -= np.where(under, pays, 0)
            inside[which, rows] = pays
        for item, values in zip(items, inside, strict=True):
            found[item] = values
