"""The bulk engine: all rules over all rows of a snapshot with packed bitmaps.

The snapshot is taken in blocks of rows. In each block every distinct comparison is worked out once, into true bits and
known bits of 64 rows to a word; then and, or, at-least and not of every rule are bit operations on words. Near misses
come from two saturating counters per node: Z (nothing lacks) and O (exactly one part lacks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Snapshot
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules.bulk.bits import Words, rows_of, words_for
from innozone.kernel.rules.bulk.matches import Matches, RuleMatch
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS, Packed, Packer, blocks
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.tally import KINDS, Tally
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr
from innozone.kernel.terms import Dictionary

#: Packed results of all rules are kept up to this many bytes; beyond, rows are worked out again when asked for.
MOST_KEPT_BYTES = 256 * 2**20

#: Where the packed rows of a rule are to lie: its id → an array of zeros for each of KINDS.
Store = Callable[[str], dict[str, Words]]


class Matcher:
    """Matches rules over one snapshot, part by part: memory holds one part's columns at a time, and the results.

    Rules are conditions over `dictionary`; expressions that the snapshot has no column for are unknown everywhere.
    """

    def __init__(self, snapshot: Snapshot, dictionary: Dictionary, block_rows: int = BLOCK_ROWS) -> None:
        if block_rows <= 0 or block_rows % 64:
            raise ValueError("block_rows must be a positive multiple of 64")
        self.snapshot = snapshot
        self.dictionary = dictionary
        self.block_rows = block_rows

    def match(
        self,
        rules: Mapping[str, Condition],
        benefits: Mapping[str, Expr | str] | None = None,
        *,
        members: bool | None = None,
        near: bool = True,
    ) -> Matches:
        """The matches of all rules; `benefits` holds the amount of some of them, by the same id. As `run`."""
        program = Program(rules, self.dictionary, self.snapshot.as_of, benefits)
        return self.run(program, members=members, near=near)

    def run(
        self, program: Program, *, members: bool | None = None, near: bool = True, store: Store | None = None
    ) -> Matches:
        """The matches of a compiled program.

        `members`: keep the packed rows of every kind (None: when they take less than MOST_KEPT_BYTES); without them the
        counts are there and rows are worked out when asked for. `near` False leaves out near misses. `store` says where
        the rows are kept. Raises ValueError for a program of another day than the snapshot's.
        """
        if program.as_of != self.snapshot.as_of:
            raise ValueError(f"the program speaks of {program.as_of}, the snapshot of {self.snapshot.as_of}")
        if members is None:
            members = len(program.rules) * len(KINDS) * self.snapshot.rows / 8 <= MOST_KEPT_BYTES
        if store is None and members:
            store = self._memory
        tallies = {id: Tally(store(id) if store else None) for id in program.rules}
        for packed in blocks(program, self.snapshot, self.block_rows):
            _add(tallies, packed, program, near)
        return self._matches(program, tallies, near)

    def update(
        self,
        matches: Matches,
        rules: Mapping[str, Condition | None],
        benefits: Mapping[str, Expr | str] | None = None,
    ) -> Matches:
        """Earlier matches over the same snapshot with these rules added or in place of those of the same id, or taken
        away (None). Only they are compiled and run; all others are taken over as they are.

        `benefits`: the amounts of the given rules. Raises ValueError for matches over another snapshot.
        """
        if matches.snapshot is not self.snapshot:
            raise ValueError("these matches are over another snapshot")
        program = matches.program.changed(rules, benefits)
        fresh = program.only([id for id, rule in rules.items() if rule is not None])
        found = self.run(fresh, members=matches.members, near=matches.near)
        kept = {id: found[id] if id in found else matches[id] for id in program.rules}
        return Matches(kept, program, self.snapshot, matches.near)

    def refresh(self, matches: Matches, rows: NDArray[np.int64]) -> Matches:
        """Earlier matches brought up to date with this snapshot, which has the same parties in the same order and other
        facts in the given rows (ascending, each once): only these are judged again.

        The packed rows of `matches` are written over: it must not be used any more. Raises ValueError when the parties
        or the day are others, or the rows do not ascend.
        """
        if np.any(np.diff(rows) <= 0):
            raise ValueError("the rows must ascend, each once")
        before = matches.snapshot
        if before.as_of != self.snapshot.as_of or not np.array_equal(before.party, self.snapshot.party):
            raise ValueError("the snapshot of these matches has other parties or another day")
        program, near = matches.program, matches.near
        old = Matcher(before, self.dictionary, self.block_rows).tallies_of(program, rows, near)
        new = self.tallies_of(program, rows, near)
        tallies = {}
        for id, match in matches.items():
            tally = tallies[id] = match.tally
            tally.replace(old[id], new[id])
            if tally.bits is not None and (bits := new[id].bits) is not None:
                for kind, words in tally.bits.items():
                    _write(words, rows, rows_of(bits[kind], len(rows)))
        return self._matches(program, tallies, near)

    def amounts(self, expr: Expr | str, rows: Selection) -> NDArray[np.float64]:
        """The values of a numeric expression at the given rows; NaN where unknown."""
        expr = parse(expr) if isinstance(expr, str) else expr
        wanted = np.arange(self.snapshot.rows)[rows] if isinstance(rows, slice) else rows
        found = np.full(len(wanted), np.nan)
        for part, inside, places in self._parts_of(wanted):
            found[places] = Block(part, self.dictionary, inside).number(expr)
        return found

    def tallies_of(self, program: Program, rows: NDArray[np.int64], near: bool) -> dict[str, Tally]:
        """The sums over some rows of the snapshot; their bits are numbered by the place in `rows`, which ascend."""
        tallies = {id: Tally(_zeros(len(rows))) for id in program.rules}
        for part, inside, places in self._parts_of(rows):
            packer = Packer(program, part, min(self.block_rows, len(inside)))
            for start in range(0, len(inside), self.block_rows):
                packed = packer.block(inside[start : start + self.block_rows], int(places[0]) + start)
                _add(tallies, packed, program, near)
        return tallies

    def _parts_of(self, rows: NDArray[np.int64]) -> Iterable[tuple[Snapshot, NDArray[np.int64], NDArray[np.int64]]]:
        """The parts that hold some of the rows: the rows' numbers there, and their places in `rows`."""
        start = 0
        for part in self.snapshot.parts():
            places = np.flatnonzero((rows >= start) & (rows < start + part.rows))
            if len(places):
                yield part, rows[places] - start, places
            start += part.rows

    def _memory(self, id: str) -> dict[str, Words]:
        return _zeros(self.snapshot.rows)

    def _matches(self, program: Program, tallies: Mapping[str, Tally], near: bool) -> Matches:
        found = {id: self._result(id, program, tally) for id, tally in tallies.items()}
        return Matches(found, program, self.snapshot, near)

    def _result(self, id: str, program: Program, tally: Tally) -> RuleMatch:
        amount = program.amounts.get(id)

        def again() -> dict[str, Words]:
            bits = self.run(program.only([id]), members=True)[id].tally.bits
            assert bits is not None
            return bits

        def saving(row: int) -> tuple[int, ...]:
            found = self.tallies_of(program.only([id]), np.array([row], dtype=np.int64), True)
            return tuple(sorted(found[id].near_leaves))

        priced = None if amount is None else lambda rows: self.amounts(amount, rows)
        return RuleMatch(id, self.snapshot.rows, tally, amount is not None, again, saving, priced)


def _add(tallies: Mapping[str, Tally], packed: Packed, program: Program, near: bool) -> None:
    for id, verdict in packed.verdicts(near):
        tallies[id].add(packed, program.steps[id], verdict, near, program.amounts.get(id))


def _zeros(rows: int) -> dict[str, Words]:
    return {kind: np.zeros(words_for(rows), dtype=np.uint64) for kind in KINDS}


def _write(words: Words, rows: NDArray[np.int64], chosen: NDArray[np.int64]) -> None:
    """Clears the bits of the rows, and sets those of the chosen ones of them."""
    bits = words.view(np.uint8)
    clear = np.left_shift(np.uint8(1), (rows & 7).astype(np.uint8))
    np.bitwise_and.at(bits, rows >> 3, ~clear)
    np.bitwise_or.at(bits, rows[chosen] >> 3, clear[chosen])
