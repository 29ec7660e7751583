"""What a bulk match gives: per rule the counts, the rows, the near misses with their leaf, and what the benefit costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.bulk.bits import Words, rows_of
from innozone.kernel.rules.truth import Truth

#: The kinds of rows that are kept; `false` is all the rest.
KINDS = ("true", "unknown", "manual_only", "near")


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


@dataclass(frozen=True, slots=True)
class BenefitTotal:
    """A benefit over all rows of a rule, in the unit of its expression (money: 元).

    `total`: over the rows that are true; `ready`: over those that only await a manual check; `unknown`: rows of both
    whose amount cannot be worked out and is in neither.
    """

    total: float
    ready: float
    unknown: int


@dataclass
class RuleMatch:
    """One rule over the snapshot.

    counts: rows per kind (true, false, unknown, manual_only, near). manual_only is a part of unknown, near a part of
    false. near_leaves: leaf number → rows that this leaf alone keeps from being true (a row that any of several leaves
    would save counts under each).
    """

    id: str
    length: int
    counts: dict[str, int]
    near_leaves: dict[int, int] = field(default_factory=dict)
    benefit: BenefitTotal | None = None
    _bits: dict[str, Words] | None = None
    _again: Callable[[], dict[str, Words]] | None = None
    _blame: Callable[[int], tuple[int, ...]] | None = None
    _amounts: Callable[[NDArray[np.int64]], NDArray[np.float64]] | None = None

    def bits(self, kind: str) -> Bits:
        """The rows of a kind; worked out again when the match kept only counts."""
        if kind == "false":
            wrong = self._kept("true") | self._kept("unknown")
            every = np.zeros(self.length, dtype=bool)
            every[rows_of(wrong, self.length)] = True
            words = np.zeros_like(wrong)
            packed = np.packbits(~every, bitorder="little")
            words.view(np.uint8)[: len(packed)] = packed
            return Bits(words, self.length, self.counts["false"])
        return Bits(self._kept(kind), self.length, self.counts[kind])

    def _kept(self, kind: str) -> Words:
        if kind not in KINDS:
            raise KeyError(f"there is no kind {kind}; the kinds are true, false, {', '.join(KINDS[1:])}")
        if self._bits is None or kind not in self._bits:
            assert self._again is not None
            self._bits = self._again()
        return self._bits[kind]

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

    def near_leaf(self, row: int) -> tuple[int, ...]:
        """The leaf numbers any one of which alone keeps the row from being true; empty when the row is no near miss."""
        assert self._blame is not None
        return self._blame(row) if row in self.near else ()

    def amounts(self, kind: str = "true") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The rows of a kind and the benefit of each (NaN = cannot be worked out). Raises ValueError without benefit."""
        if self._amounts is None:
            raise ValueError(f"rule {self.id} was matched without a benefit")
        rows = self.rows(kind)
        return rows, self._amounts(rows)


class Matches(Mapping[str, RuleMatch]):
    """The matches of all rules by id."""

    def __init__(self, rules: dict[str, RuleMatch], rows: int) -> None:
        self._rules = rules
        self.rows = rows

    def __getitem__(self, id: str) -> RuleMatch:
        return self._rules[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def total(self, kind: str) -> int:
        """The number of pairs of rule and row of a kind."""
        return sum(rule.counts[kind] for rule in self._rules.values())
