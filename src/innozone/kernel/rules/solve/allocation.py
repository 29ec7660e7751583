"""A whole budget over many enterprises, by the declared order and never by that of the rows.

OpenSPP2's `cap_total` pays down its list until the money is gone, so that who gets it depends on how a query happened to
sort; a lottery there is Python's `random` over the same list. Here every claim has a place of its own: what is the same for
two claims is decided by a later key, or the allocation is refused with the number of those who are equal.

    allocate(claims, rule, values, seed=…) -> Allocation

Whoever knows the published seed can check a draw by hand: claims are served by the SHA-256 of `seed:key`, the lowest first
(`printf '%s' 'seed:key' | sha256sum`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.solve.proportion import Fen, FloorsTooHigh, shares
from innozone.kernel.rules.solve.stacking import AllocationRule, OrderKey

__all__ = ["RESULTS", "Allocation", "Claims", "FloorsTooHigh", "Result", "Tied", "allocate"]

#: full: as claimed; cut: what was left of the budget; share: its part of a budget shared pro rata; budget, quota: nothing
#: or no place was left; tie: the same as the last one served, but lost by a later key; order: nobody knows its place;
#: amount: nobody knows what it claims.
Result = Literal["full", "cut", "share", "budget", "quota", "tie", "order", "amount"]
RESULTS: tuple[Result, ...] = get_args(Result)
_CODE: dict[str, int] = {result: at for at, result in enumerate(RESULTS)}
GRANTED: tuple[Result, ...] = ("full", "cut", "share")

#: What one key of an order is worth for each claim: numbers (NaN = unknown), times (NaT = unknown), nothing for a lottery.
Values = NDArray[np.float64] | NDArray[np.datetime64] | None


class Tied(ValueError):
    """Equal claims of which only some could be served: `equal` of them in all keys of the order, `served` of these."""

    def __init__(self, equal: int, served: int) -> None:
        self.equal, self.served = equal, served
        super().__init__(
            f"{equal} claims are equal in the whole order and only {served} of them could be served; "
            "add a key that tells them apart, such as lottery"
        )


@dataclass(frozen=True, eq=False)
class Claims:
    """What is asked for. keys: a text of its own for each claim (the credit code); amounts: fen; unknown: True where
    nobody knows the amount, None = all are known. Raises ValueError for keys that stand twice and amounts below zero."""

    keys: Sequence[str]
    amounts: Fen
    unknown: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if len(set(self.keys)) < len(self.keys):
            raise ValueError("two claims have the same key")
        if len(self.keys) != len(self.amounts) or self.amounts.min(initial=0) < 0:
            raise ValueError("every claim has one amount, which is not below zero")
        if float(self.amounts.astype(np.float64).sum()) >= 2.0**61:
            raise ValueError("the claims come to more than can be counted in fen")

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, eq=False)
class Allocation:
    """What every claim gets, in the order of the claims. amounts: fen; results: places in RESULTS; places: the place of
    a claim in the order from 1, 0 = none. total: fen granted; left: fen of the budget not granted, None without one."""

    amounts: Fen
    results: NDArray[np.int8]
    places: NDArray[np.int64]
    total: int
    left: int | None

    def counts(self) -> dict[Result, int]:
        """How many claims came to each result."""
        counted = np.bincount(self.results, minlength=len(RESULTS)).tolist()
        return dict(zip(RESULTS, counted, strict=True))

    @property
    def granted(self) -> NDArray[np.bool_]:
        """The claims that get something, or a place."""
        return np.isin(self.results, [_CODE[result] for result in GRANTED])


def allocate(claims: Claims, rule: AllocationRule, values: Sequence[Values] = (), *, seed: str = "") -> Allocation:
    """Who gets what. values: for each key of `rule.order` what it is worth for each claim; pro_rata without an
    expression goes by the amounts. `seed`: the published one of a lottery.

    A claim whose amount or place nobody knows gets nothing yet and says so; where all there is suffices, no place is
    needed. Raises Tied, FloorsTooHigh, and ValueError for a lottery without a seed.
    """
    known = np.ones(len(claims), dtype=bool) if claims.unknown is None else ~claims.unknown
    given = [*values, *([None] * (len(rule.order) - len(values)))]
    if rule.pro_rata:
        return _shared(claims, rule, given[0], known)
    return _served(claims, rule, given, known, seed)


def _shared(claims: Claims, rule: AllocationRule, weights: Values, known: NDArray[np.bool_]) -> Allocation:
    results = np.full(len(claims), _CODE["share"], dtype=np.int8)
    by = claims.amounts if weights is None else np.asarray(weights, dtype=np.float64)
    told = np.isfinite(by)
    amounts = np.zeros(len(claims), dtype=np.int64)
    budget = rule.budget if rule.budget is not None else int(claims.amounts[known].sum())
    if int(claims.amounts[known].sum()) <= budget:
        told = np.ones(len(claims), dtype=bool)
        by = claims.amounts
    inside = np.flatnonzero(known & told)
    amounts[inside] = shares(
        claims.amounts[inside], by[inside], budget, rule.floor, [claims.keys[at] for at in inside.tolist()]
    )
    results[amounts == claims.amounts] = _CODE["full"]
    results[~told] = _CODE["order"]
    results[~known] = _CODE["amount"]
    return _allocation(amounts, results, np.zeros(len(claims), dtype=np.int64), rule)


def _served(
    claims: Claims, rule: AllocationRule, values: Sequence[Values], known: NDArray[np.bool_], seed: str
) -> Allocation:
    results = np.full(len(claims), _CODE["full"], dtype=np.int8)
    results[~known] = _CODE["amount"]
    amounts, places = np.where(known, claims.amounts, 0), np.zeros(len(claims), dtype=np.int64)
    keys, told = _keys(claims, rule.order, values, seed)
    enough = (rule.budget is None or int(amounts.sum()) <= rule.budget) and (
        rule.quota is None or int(known.sum()) <= rule.quota
    )
    inside = np.flatnonzero(known & told)
    order = inside[np.lexsort([key[inside] for key in reversed(keys)])]
    places[order] = np.arange(1, len(order) + 1)
    if not enough:
        results[known & ~told] = _CODE["order"]
        amounts[~told] = 0
        asked = amounts[order]
        got, result = _serve(asked, rule)
        first, change = keys[0][order], _changes([key[order] for key in keys])
        _refuse_ties(result, change)
        if len(keys) > 1 and (served := np.flatnonzero(result <= _CODE["cut"])).size:
            behind = slice(int(served[-1]) + 1, None)
            lost = first[behind] == first[served[-1]]
            if rule.last == "skip":
                lost &= result[behind] == _CODE["quota"]
            result[behind][lost] = _CODE["tie"]
        amounts[order], results[order] = got, result
    return _allocation(amounts, results, places, rule)


def _serve(asked: Fen, rule: AllocationRule) -> tuple[Fen, NDArray[np.int8]]:
    """What claims in their order get, and the result of each."""
    got, result = np.zeros_like(asked), np.full(len(asked), _CODE["budget"], dtype=np.int8)
    budget = int(asked.sum()) if rule.budget is None else rule.budget
    quota = len(asked) if rule.quota is None else rule.quota
    fitting = int(np.searchsorted(np.cumsum(asked), budget, side="right"))
    first = min(fitting, quota)
    got[:first], result[:first] = asked[:first], _CODE["full"]
    left = budget - int(asked[:first].sum())
    if quota <= fitting:
        result[first:] = _CODE["quota"]
    elif rule.last == "cut" and left and first < len(asked):
        got[first], result[first] = left, _CODE["cut"]
    elif rule.last == "skip":
        served = first
        for at, amount in enumerate(asked[first:].tolist(), first):
            if served == quota:
                result[at:] = _CODE["quota"]
                break
            if amount <= left:
                left, served = left - amount, served + 1
                got[at], result[at] = amount, _CODE["full"]
    return got, result


def _keys(
    claims: Claims, order: Sequence[OrderKey], values: Sequence[Values], seed: str
) -> tuple[list[NDArray[Any]], NDArray[np.bool_]]:
    """The keys as numbers, the lowest first, and the claims for which all of them are known."""
    told = np.ones(len(claims), dtype=bool)
    keys: list[NDArray[Any]] = []
    for key, given in zip(order, values, strict=True):
        if key.kind == "lottery":
            keys.append(draw(claims.keys, seed))
            continue
        if given is None:
            raise ValueError(f"there are no values for the key {key.kind} of the order")
        if np.issubdtype(given.dtype, np.datetime64):
            told &= ~np.isnat(given)
            keys.append(given.astype("datetime64[us]").view(np.int64))
        else:
            numbers = given.astype(np.float64)
            told &= ~np.isnan(numbers)
            keys.append(-numbers if key.kind == "highest" else numbers)
    return keys, told


def draw(keys: Sequence[str], seed: str) -> NDArray[np.uint64]:
    """The lots of claims: the first 64 bits of the SHA-256 of `seed:key`. Raises ValueError without a seed."""
    if not seed:
        raise ValueError("a lottery needs the seed that was published for it")
    begun = hashlib.sha256(f"{seed}:".encode())
    lots = bytearray()
    for key in keys:
        lot = begun.copy()
        lot.update(key.encode())
        lots += lot.digest()[:8]
    return np.frombuffer(bytes(lots), dtype=">u8").astype(np.uint64)


def _changes(keys: Sequence[NDArray[Any]]) -> NDArray[np.bool_]:
    """True where a claim differs from the one before it in any key."""
    change = np.ones(len(keys[0]), dtype=bool)
    change[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return change


def _refuse_ties(result: NDArray[np.int8], change: NDArray[np.bool_]) -> None:
    """Raises Tied where equal claims fare differently."""
    if not len(result):
        return
    fare = np.minimum(result, _CODE["share"])
    starts = np.flatnonzero(change)
    worst, best = np.maximum.reduceat(fare, starts), np.minimum.reduceat(fare, starts)
    torn = np.flatnonzero(worst != best)
    if torn.size:
        at = int(torn[0])
        stop = int(starts[at + 1]) if at + 1 < len(starts) else len(result)
        same = result[int(starts[at]) : stop]
        raise Tied(len(same), int((same == _CODE["full"]).sum()))


def _allocation(amounts: Fen, results: NDArray[np.int8], places: NDArray[np.int64], rule: AllocationRule) -> Allocation:
    total = int(amounts.sum())
    return Allocation(amounts, results, places, total, None if rule.budget is None else rule.budget - total)
