"""The bulk engine: all rules over all rows of a snapshot with packed bitmaps.

The snapshot is taken in blocks of rows. In each block every distinct comparison is worked out once, into true bits and
false bits of 64 rows to a word; then and, or, at-least and not of every rule are bit operations on words. Near misses
come from two saturating counters per node: Z (nothing lacks) and O (exactly one part lacks).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Flags, Numbers, Sets, Snapshot
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules.bulk.bits import Words, count, full, pack, rows_of, words_for
from innozone.kernel.rules.bulk.compare import accept, accepted_runs, compare_numbers, grouped
from innozone.kernel.rules.bulk.lower import CodeAtom, ExprAtom, FlagAtom, Lowering, NumberAtom, SetAtom
from innozone.kernel.rules.bulk.matches import KINDS, BenefitTotal, Matches, RuleMatch
from innozone.kernel.rules.bulk.programs import Machine, Step, blame, shared
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr
from innozone.kernel.terms import Dictionary

BLOCK_ROWS = 131_072

#: Packed results of all rules are kept up to this many bytes; beyond, rows are worked out again when asked for.
MOST_KEPT_BYTES = 256 * 2**20


class Matcher:
    """Matches rules over one snapshot.

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
        """The matches of all rules; `benefits` holds the amount of some of them, by the same id.

        `members`: keep the packed rows of every kind (None: when they take less than MOST_KEPT_BYTES); without them the
        counts are there and rows are worked out when asked for. `near` False leaves out near misses.
        """
        rows = self.snapshot.rows
        if members is None:
            members = len(rules) * len(KINDS) * rows / 8 <= MOST_KEPT_BYTES
        amounts = {id: parse(expr) if isinstance(expr, str) else expr for id, expr in (benefits or {}).items()}
        unknown = amounts.keys() - rules.keys()
        if unknown:
            raise ValueError(f"benefits without a rule: {', '.join(sorted(unknown))}")
        run = _Run(self, rules, amounts, members, near)
        run.all_blocks()
        return Matches({id: self._result(id, rules[id], run.tallies[id], amounts.get(id)) for id in rules}, rows)

    def amounts(self, expr: Expr | str, rows: Selection) -> NDArray[np.float64]:
        """The values of a numeric expression at the given rows; NaN where unknown."""
        block = Block(self.snapshot, self.dictionary, rows)
        numbers = block.number(parse(expr) if isinstance(expr, str) else expr)
        length = len(np.arange(self.snapshot.rows)[rows]) if isinstance(rows, slice) else len(rows)
        return np.broadcast_to(numbers, (length,)).astype(np.float64)

    def _result(self, id: str, rule: Condition, tally: _Tally, amount: Expr | None) -> RuleMatch:
        def again() -> dict[str, Words]:
            run = _Run(self, {id: rule}, {}, True, True)
            run.all_blocks()
            bits = run.tallies[id].bits
            assert bits is not None
            return bits

        def saving(row: int) -> tuple[int, ...]:
            run = _Run(self, {id: rule}, {}, False, True)
            run.block(np.array([row], dtype=np.int64), 0)
            return tuple(sorted(run.tallies[id].near_leaves))

        counts = {kind: tally.counts[kind] for kind in KINDS}
        counts["false"] = self.snapshot.rows - counts["true"] - counts["unknown"]
        benefit = None
        if amount is not None:
            benefit = BenefitTotal(math.fsum(tally.paid), math.fsum(tally.ready), tally.unpriced)
        return RuleMatch(
            id,
            self.snapshot.rows,
            counts,
            dict(sorted(tally.near_leaves.items())),
            benefit,
            tally.bits,
            again,
            saving,
            None if amount is None else lambda rows: self.amounts(amount, rows),
        )


@dataclass
class _Tally:
    """What is added up for one rule, block after block."""

    counts: Counter[str] = field(default_factory=Counter)
    near_leaves: Counter[int] = field(default_factory=Counter)
    bits: dict[str, Words] | None = None
    paid: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    unpriced: int = 0


class _Run:
    """One pass over the snapshot."""

    def __init__(
        self, matcher: Matcher, rules: Mapping[str, Condition], amounts: Mapping[str, Expr], members: bool, near: bool
    ) -> None:
        self.matcher = matcher
        self.snapshot, self.dictionary = matcher.snapshot, matcher.dictionary
        self.amounts, self.near = amounts, near
        lowering = Lowering(self.dictionary, self.snapshot.as_of)
        nodes = {id: lowering.condition(rule) for id, rule in rules.items()}
        self.atoms, self.groups, place = grouped(list(lowering.atoms))
        group_of = [group for group, (first, last) in enumerate(self.groups) for _ in range(first, last)]
        slots = shared(nodes.values())
        self.slots = len(slots)
        self.steps = {id: Step(node, place, group_of, slots) for id, node in nodes.items()}
        self.tallies = {id: _Tally() for id in rules}
        if members:
            words = words_for(self.snapshot.rows)
            for tally in self.tallies.values():
                tally.bits = {kind: np.zeros(words, dtype=np.uint64) for kind in KINDS}
        widest = words_for(min(matcher.block_rows, self.snapshot.rows))
        self._true = np.zeros((len(self.atoms), widest), dtype=np.uint64)
        self._known = np.zeros((len(self.groups), widest), dtype=np.uint64)
        self._runs: dict[int, list[tuple[int, int]]] = {}

    def all_blocks(self) -> None:
        for start in range(0, self.snapshot.rows, self.matcher.block_rows):
            self.block(slice(start, min(start + self.matcher.block_rows, self.snapshot.rows)), start // 64)

    def block(self, rows: Selection, first_word: int) -> None:
        """Adds one block of rows whose bits start at word `first_word` of the results."""
        length = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        width = words_for(length)
        true, known = list(self._true[:, :width]), list(self._known[:, :width])
        block = Block(self.snapshot, self.dictionary, rows)
        for group, (first, last) in enumerate(self.groups):
            self._group(block, first, true[first:last], known[group], length)
        machine = Machine(true, known, full(length), self.slots)
        place = slice(first_word, first_word + width)
        for id, step in self.steps.items():
            self._rule(id, step, machine, rows, length, place)

    # Comparisons.

    def _group(self, block: Block, first: int, true: list[Words], known: Words, length: int) -> None:
        """Works out the atoms of one source: the rows where it is known, and each atom's true bits."""
        atom = self.atoms[first]
        if isinstance(atom, ExprAtom):
            logic = block.logical(atom.expr)
            _pack(logic.true, length, true[0])
            _pack(logic.true | logic.false, length, known)
            return
        if isinstance(atom, NumberAtom):
            there = self._numbers(block, atom, first, true, known, length)
        else:
            there = self._column(block, atom, first, true, known, length)
        if not there:
            known[:] = 0
            for words in true:
                words[:] = 0

    def _numbers(
        self, block: Block, atom: NumberAtom, first: int, true: list[Words], known: Words, length: int
    ) -> bool:
        source = block.value(atom.source)
        if not isinstance(source, Numbers) or source.kind != atom.kind:
            return False
        values = source.values if len(source.values) == length else np.broadcast_to(source.values, (length,))
        flags = np.equal(values, values)
        pack(flags, known)
        for at, words in enumerate(true, first):
            compare_numbers(self.atoms[at], values, flags)
            pack(flags, words)
        return True

    def _column(
        self,
        block: Block,
        atom: FlagAtom | SetAtom | CodeAtom,
        first: int,
        true: list[Words],
        known: Words,
        length: int,
    ) -> bool:
        column = block.column(atom.column)
        flags = np.empty(length, dtype=bool)
        if isinstance(atom, FlagAtom) and isinstance(column, Flags):
            pack(np.greater_equal(column.values, 0, out=flags), known)
            pack(np.greater(column.values, 0, out=flags), true[0])
            return True
        if isinstance(atom, SetAtom) and isinstance(column, Sets):
            pack(column.known, known)
            for at, words in enumerate(true, first):
                pack(column.holds(self._accepted(at)), words)
            return True
        if isinstance(atom, CodeAtom) and isinstance(column, Codes):
            pack(np.greater_equal(column.values, 0, out=flags), known)
            for at, words in enumerate(true, first):
                if at not in self._runs:
                    self._runs[at] = accepted_runs(column.categories, self._accepted(at))
                accept(column, self._runs[at], flags)
                pack(flags, words)
            return True
        return False

    def _accepted(self, at: int) -> frozenset[str]:
        atom = self.atoms[at]
        assert isinstance(atom, CodeAtom | SetAtom)
        return atom.accepted

    # Rules.

    def _rule(self, id: str, step: Step, machine: Machine, rows: Selection, length: int, place: slice) -> None:
        tally = self.tallies[id]
        counts, bits = tally.counts, tally.bits
        true, false = machine.truth(step)
        surely = count(true)
        counts["true"] += surely
        counts["unknown"] += length - surely - count(false)
        ready = true
        if self.near or step.manual:
            distance = machine.distance(step)
            ready = distance.zero
            if step.manual:
                counts["manual_only"] += count(ready) - surely
            if self.near:
                lacking = distance.one & false
                found = count(lacking)
                if found:
                    counts["near"] += found
                    blamed: dict[int, Words] = {}
                    blame(step, distance, lacking, blamed)
                    for leaf, words in blamed.items():
                        tally.near_leaves[leaf] += count(words)
                if bits is not None:
                    bits["near"][place] = lacking
        if bits is not None:
            bits["true"][place] = true
            bits["unknown"][place] = machine.every & ~(true | false)
            bits["manual_only"][place] = ready & ~true
        if id in self.amounts:
            self._pay(id, rows, length, true, ready)

    def _pay(self, id: str, rows: Selection, length: int, true: Words, ready: Words) -> None:
        tally = self.tallies[id]
        inside = rows_of(ready, length)
        if not len(inside):
            return
        picked = inside + rows.start if isinstance(rows, slice) else rows[inside]
        amounts = self.matcher.amounts(self.amounts[id], picked)
        paid = np.unpackbits(true.view(np.uint8), count=length, bitorder="little")[inside].astype(bool)
        there = ~np.isnan(amounts)
        tally.paid.append(float(amounts[paid & there].sum()))
        tally.ready.append(float(amounts[~paid & there].sum()))
        tally.unpriced += int(np.count_nonzero(~there))


def _pack(flags: NDArray[np.bool_], length: int, out: Words) -> None:
    pack(flags if len(flags) == length else np.broadcast_to(flags, (length,)), out)
