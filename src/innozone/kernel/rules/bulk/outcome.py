"""What a step of the sandbox gives: who is entitled, what it costs between low and high, who wins and who loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from innozone.kernel.rules.bulk.bits import Words
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.tree import Expr


@dataclass(frozen=True, slots=True)
class Money:
    """A sum that lies between low and high, in the unit of the benefit (元).

    unbounded: rows of which nothing says how much it is at most; high leaves them out.
    """

    low: float = 0.0
    high: float = 0.0
    unbounded: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(self.low + other.low, self.high + other.high, self.unbounded + other.unbounded)


@dataclass(frozen=True, slots=True)
class Group:
    """So many rows, and the money that they get or lose, or by which theirs changes; None where no sum is given."""

    rows: int = 0
    money: Money | None = None


@dataclass(frozen=True)
class Verdicts:
    """The verdict of every live row, in the sandbox's order. granted: true, or only a person's check is open.

    counts: rows of the whole population per kind, as in RuleMatch.counts.
    """

    true: Words
    granted: Words
    false: Words
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Outcome:
    """A version of the rule over the population, against the present version.

    moved: the figures that differ from the present version.
    cost: at least what the surely entitled get at their least, at most what they and everyone unknown get at their
    most. sure: the surely entitled alone. ready: those who only await a person's check, if it comes out well.
    A row has the grant here when it is entitled or ready. gained: false before, has it now. lost: had it, false now.
    may_gain, may_lose: rows that come to or leave the unknown. raised, lowered: have it in both versions, for different
    amounts that are exactly known; unsettled: have it in both, for amounts that differ somewhere between low and high.
    """

    moved: Mapping[str, Decimal]
    cost: Money | None
    sure: Money | None
    ready: Money | None
    gained: Group
    lost: Group
    may_gain: int
    may_lose: int
    raised: Group
    lowered: Group
    unsettled: int
    condition: Condition = field(repr=False)
    benefit: Expr | None = field(repr=False)
    verdicts: Verdicts = field(repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        """Rows per kind: true, false, unknown, manual_only (a part of unknown), near (a part of false)."""
        return self.verdicts.counts

    @property
    def granted(self) -> int:
        """Rows that are entitled or only await a person's check."""
        return self.counts["true"] + self.counts["manual_only"]
