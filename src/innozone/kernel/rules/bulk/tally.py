"""What is added up for one rule, block after block: counts, rows, near misses by leaf, money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from innozone.kernel.rules.bulk.bits import Words, count, flags, put, rows_of
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.machine import Step, Verdict, blame
from innozone.kernel.rules.bulk.packed import Packed
from innozone.kernel.rules.bulk.sums import exact, number
from innozone.kernel.rules.tree import Expr

#: The kinds of rows that are kept; `false` is all the rest.
KINDS = ("true", "unknown", "manual_only", "near")


#: No amount that anyone is paid reaches this; where it does, the rule cannot mean it, and it is worked out no further.
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class BenefitTotal:
    """A benefit over all rows of a rule, in the unit of its expression (money: 元).

    `total`: over the rows that are true; `ready`: over those that only await a manual check; `unknown`: rows of both
    whose amount cannot be worked out and is in neither.
    `low`: what the true rows get at least, whatever the missing facts may be, each no less than nothing. `high`: what
    the true and all unknown rows (the ready ones too) get at most; `unbounded`: rows of these for which nothing says
    how much it is at most, and which are not in it.
    """

    total: float
    ready: float
    unknown: int
    low: float
    high: float
    unbounded: int


@dataclass
class Tally:
    """Sums over the rows met so far. `bits` holds the rows of each kind, None when only counts are wanted.

    money: the sums of BenefitTotal by name, in the units of sums.exact, and its counts of rows.
    """

    bits: dict[str, Words] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    near_leaves: Counter[int] = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)

    def add(self, packed: Packed, step: Step, verdict: Verdict, near: bool, amount: Expr | None) -> None:
        """One block of a rule. `near`: tell near misses; `amount`: the benefit."""
        machine, counts = packed.machine, self.counts
        true, false, ready, lacking = verdict.true, verdict.false, verdict.zero, machine.nothing
        surely = count(true)
        counts["true"] += surely
        counts["unknown"] += packed.length - surely - count(false)
        if step.manual:
            counts["manual_only"] += count(ready) - surely
        if near:
            lacking = verdict.one & false
            found = count(lacking)
            if found:
                counts["near"] += found
                blamed: dict[int, Words] = {}
                blame(step, verdict, lacking, blamed)
                for leaf, words in blamed.items():
                    self.near_leaves[leaf] += count(words)
        if self.bits is not None:
            put(true, self.bits["true"], packed.at)
            put(machine.every & ~(true | false), self.bits["unknown"], packed.at)
            # Of these there are often none: what is never written to takes no memory, and no room in a file.
            if step.manual:
                put(ready & ~true, self.bits["manual_only"], packed.at)
            if near:
                put(lacking, self.bits["near"], packed.at)
        if amount is not None:
            self._pay(packed, amount, true, ready, false)

    def _pay(self, packed: Packed, amount: Expr, true: Words, ready: Words, false: Words) -> None:
        inside = rows_of(packed.machine.every & ~false, packed.length)
        if not len(inside):
            return
        found = bounds(amount, packed.only(inside))
        entitled, granted = flags(true, packed.length)[inside], flags(ready, packed.length)[inside]
        there = np.abs(found.value) < LARGEST
        self.money["total"] += exact(found.value[entitled & there])
        self.money["ready"] += exact(found.value[granted & ~entitled & there])
        self.money["unknown"] += int(np.count_nonzero(granted & ~there))
        most = np.maximum(found.high, 0.0)
        bounded = most < LARGEST
        least = np.maximum(found.low, 0.0)[entitled]
        self.money["low"] += exact(least[least < LARGEST])
        self.money["high"] += exact(most[bounded])
        self.money["unbounded"] += int(np.count_nonzero(~bounded))

    def replace(self, old: Tally, new: Tally) -> None:
        """Takes out what `old` counted and puts in what `new` counts; the bits are not looked at."""
        for kind in KINDS:
            self.counts[kind] += new.counts[kind] - old.counts[kind]
        for leaf in {*old.near_leaves, *new.near_leaves}:
            self.near_leaves[leaf] += new.near_leaves[leaf] - old.near_leaves[leaf]
        for name in {*old.money, *new.money}:
            self.money[name] += new.money[name] - old.money[name]

    def benefit(self) -> BenefitTotal:
        sums = {name: number(self.money[name]) for name in ("total", "ready", "low", "high")}
        return BenefitTotal(**sums, unknown=self.money["unknown"], unbounded=self.money["unbounded"])
