"""What a bulk match gives: per rule the counts, the rows, the near misses with their leaf, and what the benefit costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules.bulk.bits import Words, full, rows_of
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.tally import KINDS, BenefitTotal, Tally
from innozone.kernel.rules.truth import Truth


@dataclass(frozen=True, eq=False)
class Bits:
    """A set of rows, packed."""

    words: Words
    length: int
    count: int

    def __len__(self) -> int:
        return self.count

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, int | np.integer) or not 0 <= row < self.length:
            return False
        return bool((int(self.words[int(row) // 64]) >> (int(row) % 64)) & 1)

    def rows(self) -> NDArray[np.int64]:
        """The row numbers in order."""
        return rows_of(self.words, self.length)


class RuleRows:
    """What is known of one rule over all rows.

    counts: rows per kind (true, false, unknown, manual_only, near). manual_only is a part of unknown, near a part of
    false. near_leaves: leaf number → rows that this leaf alone keeps from being true (a row that any of several leaves
    would save counts under each). benefit: None for a rule that was matched without.
    """

    def __init__(
        self,
        id: str,
        length: int,
        counts: Mapping[str, int],
        near_leaves: Mapping[int, int],
        benefit: BenefitTotal | None,
    ) -> None:
        self.id = id
        self.length = length
        self.counts = {kind: counts[kind] for kind in KINDS}
        self.counts["false"] = length - self.counts["true"] - self.counts["unknown"]
        self.near_leaves = {leaf: rows for leaf, rows in sorted(near_leaves.items()) if rows}
        self.benefit = benefit

    def words(self, kind: str) -> Words:
        """The packed rows of one of KINDS; not to be written to. Raises KeyError for any other word."""
        raise NotImplementedError

    def bits(self, kind: str) -> Bits:
        """The rows of a kind."""
        if kind == "false":
            words = full(self.length) & ~(self.words("true") | self.words("unknown"))
            return Bits(words, self.length, self.counts["false"])
        return Bits(self.words(kind), self.length, self.counts[kind])

    @property
    def true(self) -> Bits:
        return self.bits("true")

    @property
    def unknown(self) -> Bits:
        return self.bits("unknown")

    @property
    def manual_only(self) -> Bits:
        return self.bits("manual_only")

    @property
    def near(self) -> Bits:
        return self.bits("near")

    def rows(self, kind: str) -> NDArray[np.int64]:
        """The row numbers of a kind: true, false, unknown, manual_only or near."""
        return self.bits(kind).rows()

    def truth(self, row: int) -> Truth:
        """The verdict of one row."""
        if row in self.true:
            return Truth.TRUE
        return Truth.UNKNOWN if row in self.unknown else Truth.FALSE


class RuleMatch(RuleRows):
    """One rule matched over the snapshot; rows that were not kept are worked out again when asked for."""

    def __init__(
        self,
        id: str,
        length: int,
        tally: Tally,
        priced: bool,
        again: Callable[[], dict[str, Words]],
        blame: Callable[[int], tuple[int, ...]],
        amounts: Callable[[NDArray[np.int64]], NDArray[np.float64]] | None,
    ) -> None:
        super().__init__(id, length, tally.counts, tally.near_leaves, tally.benefit() if priced else None)
        self.tally = tally
        self._bits = tally.bits
        self._again = again
        self._blame = blame
        self._amounts = amounts

    def words(self, kind: str) -> Words:
        known_kind(kind)
        if self._bits is None:
            self._bits = self._again()
        return self._bits[kind]

    def near_leaf(self, row: int) -> tuple[int, ...]:
        """The leaf numbers any one of which alone keeps the row from being true; empty when the row is no near miss."""
        return self._blame(row) if row in self.near else ()

    def amounts(self, kind: str = "true") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The rows of a kind and the benefit of each (NaN = cannot be worked out). Raises ValueError without benefit."""
        if self._amounts is None:
            raise ValueError(f"rule {self.id} was matched without a benefit")
        rows = self.rows(kind)
        return rows, self._amounts(rows)


def known_kind(kind: str) -> None:
    """Raises KeyError for a word that is none of KINDS."""
    if kind not in KINDS:
        raise KeyError(f"there is no kind {kind}; the kinds are true, false, {', '.join(KINDS[1:])}")


class Matches(Mapping[str, RuleMatch]):
    """The matches of all rules by id: of `program` over `snapshot`; `near` tells whether near misses were looked for."""

    def __init__(self, rules: dict[str, RuleMatch], program: Program, snapshot: Snapshot, near: bool) -> None:
        self._rules = rules
        self.program = program
        self.snapshot = snapshot
        self.near = near

    @property
    def rows(self) -> int:
        return self.snapshot.rows

    @property
    def members(self) -> bool:
        """Are the packed rows of every rule kept."""
        return all(rule.tally.bits is not None for rule in self._rules.values())

    def __getitem__(self, id: str) -> RuleMatch:
        return self._rules[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def total(self, kind: str) -> int:
        """The number of pairs of rule and row of a kind."""
        return sum(rule.counts[kind] for rule in self._rules.values())
