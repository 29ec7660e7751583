"""Whom a version of a rule serves, group by group, against the present version: by size, industry, park, stage.

groups = grouping("enterprise_scale", snapshot, dictionary)      # once for a snapshot
parts = Breakdown(sandbox, groups)                               # once for a sandbox
parts.of(Standing(sandbox, outcome))                             # at each step
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Sets, Snapshot
from innozone.kernel.rules.bulk import bits
from innozone.kernel.rules.bulk.outcome import Money, Outcome, Verdicts
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS
from innozone.kernel.rules.bulk.sandbox import Sandbox
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.tree import Ref
from innozone.kernel.terms import CodeList, Dictionary

#: A list with more entries is broken down by its uppermost ones.
MOST_ENTRIES = 24
#: The groups of rows that are known to have no code, and of those whose code is not known.
NONE, NOT_KNOWN = "-", ""

_NOT, _HAS, _UNKNOWN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Grouping:
    """The rows of a snapshot in groups by the code of a variable, in the order of its list; NONE and NOT_KNOWN are the last.

    codes: those groups that have rows. sizes: rows of each. rows, places: row number and group of each membership; a
    row that has several codes is in several groups, so that sizes may add up to more than there are rows.
    """

    variable: str
    codes: tuple[str, ...]
    sizes: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int16]

    @property
    def once(self) -> bool:
        """Is every row in one group only; memberships then stand in the order of the rows."""
        return len(self.rows) == int(self.rows[-1]) + 1 if len(self.rows) else True


def grouping(variable: str, snapshot: Snapshot, dictionary: Dictionary) -> Grouping:
    """The groups of a variable with codes. Raises ValueError for any other variable."""
    known = dictionary.get(variable)
    codelist = dictionary.codelist_of(known) if known is not None else None
    if codelist is None:
        raise ValueError(f"{variable} is no variable with codes")
    places = _places(codelist)
    names = (*dict.fromkeys(places.values()), NONE, NOT_KNOWN)
    number = {name: at for at, name in enumerate(names)}
    rows, found = [], []
    for start in range(0, snapshot.rows, BLOCK_ROWS):
        span = slice(start, min(start + BLOCK_ROWS, snapshot.rows))
        column = Block(snapshot, dictionary, span).value(Ref(variable))
        inside, groups = _memberships(column, span.stop - span.start, places, number)
        rows.append(inside + start)
        found.append(groups)
    joined = np.concatenate(found) if found else np.empty(0, dtype=np.int16)
    sizes = np.bincount(joined, minlength=len(names))
    kept = np.flatnonzero(sizes)
    renumbered = np.zeros(len(names), dtype=np.int16)
    renumbered[kept] = np.arange(len(kept))
    return Grouping(
        variable,
        tuple(names[at] for at in kept.tolist()),
        sizes[kept],
        np.concatenate(rows) if rows else np.empty(0, dtype=np.int64),
        renumbered[joined],
    )


def _places(codelist: CodeList) -> dict[str, str]:
    """The group of each code: itself in a short list, else the uppermost above it."""
    if len(codelist.entries) <= MOST_ENTRIES:
        return {entry.code: entry.code for entry in codelist.entries}
    tops = {}
    for entry in codelist.entries:
        top = entry
        while top.parent is not None:
            top = codelist.by_code[top.parent]
        tops[entry.code] = top.code
    # In the order of the uppermost, wherever the codes below them stand.
    order = {code: at for at, code in enumerate(codelist.by_code)}
    return dict(sorted(tops.items(), key=lambda pair: order[pair[1]]))


def _memberships(
    column: object, rows: int, places: dict[str, str], number: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Row and group of each membership of a block; rows without a code, or with one that the list lacks, are not known."""
    nobody = number[NOT_KNOWN]
    if not isinstance(column, Codes | Sets):
        return np.arange(rows), np.full(rows, nobody, dtype=np.int16)
    table = np.array([*(number[places.get(code, NOT_KNOWN)] for code in column.categories), nobody], dtype=np.int16)
    if isinstance(column, Codes):
        return np.arange(rows), table[np.broadcast_to(column.values, rows)]
    # Of two codes of one group a row is in it once.
    pairs = np.unique(column.row_of.astype(np.int64) * len(number) + table[column.values])
    inside, groups = np.divmod(pairs, len(number))
    without = np.setdiff1d(np.arange(rows), inside)
    every = np.concatenate([inside, without])
    joined = np.concatenate([groups, np.where(column.known[without], number[NONE], nobody)])
    order = np.argsort(every, kind="stable")
    return every[order], joined[order].astype(np.int16)


class Standing:
    """What each live row has in the present version and in that of the outcome, and what it is paid in the latter."""

    def __init__(self, sandbox: Sandbox, outcome: Outcome) -> None:
        length = len(sandbox.live)
        self.kinds = 3 * _kinds(sandbox.present.verdicts, length) + _kinds(outcome.verdicts, length)
        self.paid: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        if outcome.benefit is not None:
            low, high = sandbox.paid(outcome)
            self.paid = np.where(bits.flags(outcome.verdicts.true, length)[: len(low)], low, 0.0), high


def _kinds(verdicts: Verdicts, length: int) -> NDArray[np.uint8]:
    has, false = bits.flags(verdicts.granted, length), bits.flags(verdicts.false, length)
    return np.where(has, np.uint8(_HAS), np.where(false, np.uint8(_NOT), np.uint8(_UNKNOWN)))


@dataclass(frozen=True, slots=True)
class Part:
    """One group. rows: all of it. before, now: have the grant (entitled or only waiting for a person's check).
    gained, lost: did not have it and have it, had it and have not; unknown: facts are missing now. cost: as of Outcome,
    None without a sum."""

    code: str
    rows: int
    before: int
    now: int
    gained: int
    lost: int
    unknown: int
    cost: Money | None


class Breakdown:
    """The live rows of a sandbox in the groups of a grouping of its snapshot."""

    def __init__(self, sandbox: Sandbox, groups: Grouping) -> None:
        self.groups = groups
        #: The live place of each membership; None where it is the membership's own number.
        self._at: NDArray[np.int64] | None = None
        if groups.once:
            self._places = groups.places[sandbox.live]
            return
        place = np.full(sandbox.snapshot.rows, -1)
        place[sandbox.live] = np.arange(len(sandbox.live))
        at = place[groups.rows]
        self._at, self._places = at[at >= 0], groups.places[at >= 0]

    def of(self, standing: Standing) -> list[Part]:
        """The groups in their order."""
        count = len(self.groups.codes)
        kinds = standing.kinds if self._at is None else standing.kinds[self._at]
        table = np.bincount(self._places * np.intp(9) + kinds, minlength=9 * count).reshape(count, 3, 3)
        cost = self._cost(standing, count)
        return [
            Part(
                code,
                int(self.groups.sizes[at]),
                int(table[at, _HAS].sum()),
                int(table[at, :, _HAS].sum()),
                int(table[at, _NOT, _HAS]),
                int(table[at, _HAS, _NOT]),
                int(table[at, :, _UNKNOWN].sum()),
                None if cost is None else cost[at],
            )
            for at, code in enumerate(self.groups.codes)
        ]

    def _cost(self, standing: Standing, count: int) -> list[Money] | None:
        if standing.paid is None:
            return None
        low, high = standing.paid
        # What no amount can be has no upper end, as in the sums of the whole.
        endless = ~(high < LARGEST)
        some = slice(0, len(low)) if self._at is None else self._at < len(low)
        at = slice(0, len(low)) if self._at is None else self._at[some]
        places = self._places[some]

        def summed(values: NDArray[np.float64]) -> list[float]:
            return np.bincount(places, weights=values[at], minlength=count).tolist()

        rows = summed(endless.astype(np.float64))
        return [
            Money(least, most, int(more))
            for least, most, more in zip(
                summed(np.where(low < LARGEST, low, 0.0)), summed(np.where(endless, 0.0, high)), rows, strict=True
            )
        ]
