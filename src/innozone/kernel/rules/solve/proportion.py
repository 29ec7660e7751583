"""A sum shared in proportion to weights, exact to the fen, everyone between a floor and what they claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fen = NDArray[np.int64]
#: Sums of weights stay below 2^61, so that a remainder of 62 bits tells any two of them apart.
_BITS = 61


class FloorsTooHigh(ValueError):
    """A budget that does not even give everyone the least they shall get: fen."""

    def __init__(self, needed: int, budget: int) -> None:
        self.needed, self.budget = needed, budget
        super().__init__(
            f"the floors come to {needed} fen, the budget is {budget}; lower the floor or raise the budget"
        )


def shares(claims: Fen, weights: NDArray[Any], budget: int, floor: int, keys: Sequence[str]) -> Fen:
    """What each claim gets of the budget: in proportion to its weight, at least the floor, at most what is claimed.

    What one may not take flows on to the others. Fractions of a fen go to the largest remainders; of equal ones to the
    claims that come first by key. The sum is the budget, unless the claims come to less or only claims without weight are
    left. A weight below zero counts as none. Raises FloorsTooHigh.
    """
    if int(claims.sum()) <= budget:
        return claims.copy()
    floors = np.minimum(claims, floor)
    if int(floors.sum()) > budget:
        raise FloorsTooHigh(int(floors.sum()), budget)
    whole = _whole(weights)
    found = floors.copy()
    active = np.flatnonzero((whole > 0) & (claims > floors))
    while active.size:
        rest = budget - int(found.sum()) + int(found[active].sum())
        part = _Part(whole[active], floors[active], claims[active], rest)
        beyond = part.roughly() or part.exactly()
        if beyond is None:
            found[active] = part.settled([keys[at] for at in active.tolist()])
            break
        fixed, ends = beyond
        found[active[fixed]] = ends[fixed]
        active = active[~fixed]
    return found


Beyond = tuple[NDArray[np.bool_], Fen]


class _Part:
    """Claims that share what is left by their weights alone. Those whose share lies beyond an end get that end: first the
    end beyond which more money lies, as the other may come within reach by it."""

    def __init__(self, weights: Fen, floors: Fen, most: Fen, rest: int) -> None:
        self.weights, self.floors, self.most, self.rest = weights, floors, most, rest
        self.total = int(weights.sum())

    def roughly(self) -> Beyond | None:
        """Those that are clearly beyond an end; None when it takes an exact look."""
        share = self.weights * (self.rest / self.total)
        below, above = share + 1 < self.floors, share - 1 > self.most
        lacks, spare = (self.floors - share)[below].sum(), (share - self.most)[above].sum()
        if abs(lacks - spare) <= len(share):
            return None
        return (above, self.most) if spare > lacks else (below, self.floors)

    def exactly(self) -> Beyond | None:
        """Those that are beyond an end; None when nobody is."""
        products = self.weights.astype(object) * self.rest
        low, high = self.floors.astype(object) * self.total, self.most.astype(object) * self.total
        below, above = (products < low).astype(bool), (products > high).astype(bool)
        if not below.any() and not above.any():
            return None
        more = (products - high)[above].sum() >= (low - products)[below].sum()
        return (above, self.most) if more else (below, self.floors)

    def settled(self, keys: Sequence[str]) -> Fen:
        """The shares of those who are all within their ends, to the fen."""
        products = self.weights.astype(object) * self.rest
        whole = products // self.total
        share = whole.astype(np.int64)
        remainders = (((products - whole * self.total) << 62) // self.total).astype(np.int64)
        share[_largest(remainders, self.rest - int(share.sum()), keys)] += 1
        return share


def _whole(weights: NDArray[Any]) -> Fen:
    """Weights as whole numbers of one grain, as fine as their sum allows."""
    largest = float(weights.max(initial=0))
    if largest <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    room = _BITS - max(1, len(weights)).bit_length()
    if weights.dtype == np.int64 and largest < 2.0**room:
        return np.maximum(weights, 0)
    grain = room - int(np.frexp(largest)[1])
    return np.rint(np.ldexp(np.maximum(weights, 0).astype(np.float64), grain)).astype(np.int64)


def _largest(remainders: Fen, count: int, keys: Sequence[str]) -> NDArray[np.int64]:
    """The places of the `count` largest remainders; of equal ones the first by key."""
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    border = np.partition(remainders, -count)[-count]
    above = np.flatnonzero(remainders > border)
    equal = sorted(np.flatnonzero(remainders == border).tolist(), key=lambda at: keys[at])
    return np.concatenate([above, np.array(equal[: count - len(above)], dtype=np.int64)])
