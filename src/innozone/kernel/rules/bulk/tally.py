"""What is added up for one rule, block after block: counts, rows, near misses by leaf, money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from innozone.kernel.rules.bulk.bits import Words, count, put, rows_of
from innozone.kernel.rules.bulk.machine import Step, blame
from innozone.kernel.rules.bulk.packed import Packed
from innozone.kernel.rules.bulk.sums import exact, number
from innozone.kernel.rules.tree import Expr

#: The kinds of rows that are kept; `false` is all the rest.
KINDS = ("true", "unknown", "manual_only", "near")


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
class Tally:
    """Sums over the rows met so far. `bits` holds the rows of each kind, None when only counts are wanted.

    paid, ready: the money over true rows and over those that only await a manual check, in the units of sums.exact;
    unpriced: rows of both whose amount cannot be worked out.
    """

    bits: dict[str, Words] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    near_leaves: Counter[int] = field(default_factory=Counter)
    paid: int = 0
    ready: int = 0
    unpriced: int = 0

    def add(self, packed: Packed, step: Step, near: bool, amount: Expr | None) -> None:
        """One block. `near`: tell near misses; `amount`: the benefit."""
        machine, counts = packed.machine, self.counts
        true, false = machine.truth(step)
        surely = count(true)
        counts["true"] += surely
        counts["unknown"] += packed.length - surely - count(false)
        ready = true
        lacking = machine.nothing
        if near or step.manual:
            distance = machine.distance(step)
            ready = distance.zero
            if step.manual:
                counts["manual_only"] += count(ready) - surely
            if near:
                lacking = distance.one & false
                found = count(lacking)
                if found:
                    counts["near"] += found
                    blamed: dict[int, Words] = {}
                    blame(step, distance, lacking, blamed)
                    for leaf, words in blamed.items():
                        self.near_leaves[leaf] += count(words)
        if self.bits is not None:
            put(true, self.bits["true"], packed.at)
            put(machine.every & ~(true | false), self.bits["unknown"], packed.at)
            put(ready & ~true, self.bits["manual_only"], packed.at)
            put(lacking, self.bits["near"], packed.at)
        if amount is not None:
            self._pay(packed, amount, true, ready)

    def _pay(self, packed: Packed, amount: Expr, true: Words, ready: Words) -> None:
        inside = rows_of(ready, packed.length)
        if not len(inside):
            return
        amounts = packed.amounts(amount, inside)
        paid = np.unpackbits(true.view(np.uint8), count=packed.length, bitorder="little")[inside].astype(bool)
        there = ~np.isnan(amounts)
        self.paid += exact(amounts[paid & there])
        self.ready += exact(amounts[~paid & there])
        self.unpriced += int(np.count_nonzero(~there))

    def replace(self, old: Tally, new: Tally) -> None:
        """Takes out what `old` counted and puts in what `new` counts; the bits are not looked at."""
        for kind in KINDS:
            self.counts[kind] += new.counts[kind] - old.counts[kind]
        for leaf in {*old.near_leaves, *new.near_leaves}:
            self.near_leaves[leaf] += new.near_leaves[leaf] - old.near_leaves[leaf]
        self.paid += new.paid - old.paid
        self.ready += new.ready - old.ready
        self.unpriced += new.unpriced - old.unpriced

    def benefit(self) -> BenefitTotal:
        return BenefitTotal(number(self.paid), number(self.ready), self.unpriced)
