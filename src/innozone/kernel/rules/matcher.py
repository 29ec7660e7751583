"""The bulk engine: all rules over all rows of a snapshot with packed bitmaps.

The snapshot is taken in blocks of rows. In each block every distinct comparison is worked out once, into true bits and
false bits of 64 rows to a word; then and, or, at-least and not of every rule are bit operations on words. Near misses
come from two saturating counters per node: Z (nothing lacks) and O (exactly one part lacks).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Numbers, Sets, Snapshot
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules.bits import Words, at_least, count, full, pack, rows_of, words_for
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.functions import Floats, compare
from innozone.kernel.rules.lower import Atom, ExprAtom, FlagAtom, Lowering, Node, NumberAtom, SetAtom
from innozone.kernel.rules.matches import KINDS, BenefitTotal, Matches, RuleMatch
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr
from innozone.kernel.rules.vector import Block
from innozone.kernel.terms import Dictionary

BLOCK_ROWS = 131_072

#: Packed results of all rules are kept up to this many bytes; beyond, rows are worked out again when asked for.
MOST_KEPT_BYTES = 256 * 2**20

#: Up to so many runs of adjoining accepted codes are compared as ranges, more are looked up.
MOST_RUNS = 3

Pair = tuple[Words, Words]


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

        def blame(row: int) -> tuple[int, ...]:
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
            blame,
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
        self.programs = {id: lowering.condition(rule) for id, rule in rules.items()}
        self.atoms, self.groups, place = grouped(list(lowering.atoms))
        self.programs = {id: placed(program, place) for id, program in self.programs.items()}
        self.has_manual = {id: program.manual for id, program in self.programs.items()}
        self.shared = shared_nodes(self.programs.values())
        self.tallies = {id: _Tally() for id in rules}
        words = words_for(self.snapshot.rows)
        if members:
            for tally in self.tallies.values():
                tally.bits = {kind: np.zeros(words, dtype=np.uint64) for kind in KINDS}
        widest = words_for(min(matcher.block_rows, self.snapshot.rows))
        self.true = np.zeros((len(self.atoms), widest), dtype=np.uint64)
        self.false = np.zeros((len(self.atoms), widest), dtype=np.uint64)

    def all_blocks(self) -> None:
        for start in range(0, self.snapshot.rows, self.matcher.block_rows):
            self.block(slice(start, min(start + self.matcher.block_rows, self.snapshot.rows)), start // 64)

    def block(self, rows: Selection, first_word: int) -> None:
        """Adds one block of rows whose bits start at word `first_word` of the results."""
        length = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        width = words_for(length)
        self.every = full(length)
        self.t, self.f = self.true[:, :width], self.false[:, :width]
        block = Block(self.snapshot, self.dictionary, rows)
        for first, last in self.groups:
            self._group(block, first, last, length)
        self.kept: dict[Node, Pair] = {}
        for id, program in self.programs.items():
            self._rule(id, program, rows, length, slice(first_word, first_word + width))

    # Comparisons.

    def _group(self, block: Block, first: int, last: int, length: int) -> None:
        """Works out the atoms of one source: its known rows once, then each atom's true bits, then all false bits."""
        atom = self.atoms[first]
        if isinstance(atom, ExprAtom):
            logic = block.logical(atom.expr)
            _pack(logic.true, length, self.t[first])
            _pack(logic.false, length, self.f[first])
            return
        known = self._known_and_true(atom, block, first, last, length)
        if known is None:
            self.t[first:last] = 0
            self.f[first:last] = 0
        else:
            np.bitwise_xor(self.t[first:last], known, out=self.f[first:last])

    def _known_and_true(self, atom: Atom, block: Block, first: int, last: int, length: int) -> Words | None:
        """Packs the true bits of the group; returns the known bits, None when nothing is known."""
        known = np.empty(self.t.shape[1], dtype=np.uint64)
        flags = np.empty(length, dtype=bool)
        if isinstance(atom, NumberAtom):
            source = block.value(atom.source)
            if not isinstance(source, Numbers) or source.kind != atom.kind:
                return None
            values = np.broadcast_to(source.values, (length,))
            pack(np.equal(values, values, out=flags), known)
            for at in range(first, last):
                _compare(self.atoms[at], values, flags)
                pack(flags, self.t[at])
            return known
        assert not isinstance(atom, ExprAtom)
        column = block.column(atom.column)
        if isinstance(atom, FlagAtom):
            if column is None or column.kind != "bool":
                return None
            pack(column.values >= 0, known)
            pack(np.greater(column.values, 0, out=flags), self.t[first])
            return known
        if isinstance(atom, SetAtom):
            if not isinstance(column, Sets):
                return None
            pack(column.known, known)
            for at in range(first, last):
                pack(column.holds(self.atoms[at].accepted), self.t[at])  # type: ignore[union-attr]
            return known
        if not isinstance(column, Codes):
            return None
        pack(np.greater_equal(column.values, 0, out=flags), known)
        for at in range(first, last):
            _accept(column, self.atoms[at].accepted, flags)  # type: ignore[union-attr]
            pack(flags, self.t[at])
        return known

    # Rules.

    def _rule(self, id: str, program: Node, rows: Selection, length: int, place: slice) -> None:
        tally = self.tallies[id]
        true, false = self._truth(program)
        surely = count(true)
        counts = tally.counts
        counts["true"] += surely
        counts["unknown"] += length - surely - count(false)
        ready = true
        if self.has_manual[id]:
            ready = self._distance(program)[0]
            counts["manual_only"] += count(ready) - surely
        if self.near:
            lacking = self._distance(program)[1] & false
            found = count(lacking)
            counts["near"] += found
            if found:
                blamed: dict[int, Words] = {}
                self._blame(program, lacking, blamed)
                for leaf, words in blamed.items():
                    tally.near_leaves[leaf] += count(words)
            if tally.bits is not None:
                tally.bits["near"][place] = lacking
        if tally.bits is not None:
            tally.bits["true"][place] = true
            tally.bits["unknown"][place] = self.every & ~(true | false)
            tally.bits["manual_only"][place] = ready & ~true
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

    def _truth(self, node: Node) -> Pair:
        """Surely true, surely false."""
        if node.kind == "literal":
            pair = self.t[node.atom], self.f[node.atom]
            return (pair[1], pair[0]) if node.negated else pair
        if node in self.kept:
            return self.kept[node]
        pair = self._truth_below(node)
        if node in self.shared:
            self.kept[node] = pair
        return pair

    def _truth_below(self, node: Node) -> Pair:
        if node.kind == "manual":
            nothing = np.zeros_like(self.every)
            return nothing, nothing
        if node.kind == "constant":
            nothing = np.zeros_like(self.every)
            return (nothing, self.every) if node.negated else (self.every, nothing)
        pairs = [self._truth(child) for child in node.children]
        if node.kind == "count":
            true = at_least(node.n, [pair[0] for pair in pairs], self.every)
            return true, at_least(len(pairs) - node.n + 1, [pair[1] for pair in pairs], self.every)
        true, false = pairs[0]
        narrow, widen = (np.bitwise_and, np.bitwise_or) if node.kind == "all" else (np.bitwise_or, np.bitwise_and)
        true, false = narrow(true, pairs[1][0]), widen(false, pairs[1][1])
        for more_true, more_false in pairs[2:]:
            narrow(true, more_true, out=true)
            widen(false, more_false, out=false)
        return true, false

    def _distance(self, node: Node) -> Pair:
        """Z: holds with manual leaves confirmed; O: exactly one part must turn. Unknown parts are too far."""
        if node.kind == "manual":
            return self.every, np.zeros_like(self.every)
        if not node.children:
            return self._truth(node)
        pairs = [self._distance(child) for child in node.children]
        if node.kind == "count":
            zero = at_least(node.n, [pair[0] for pair in pairs], self.every)
            almost = at_least(node.n - 1, [pair[0] for pair in pairs], self.every)
            one = np.bitwise_or.reduce([pair[1] for pair in pairs])
            return zero, almost & one & ~zero
        zero, one = pairs[0]
        if node.kind == "all":
            for more_zero, more_one in pairs[1:]:
                one = (one & more_zero) | (zero & more_one)
                zero = zero & more_zero
            return zero, one
        for more_zero, more_one in pairs[1:]:
            one = one | more_one
            zero = zero | more_zero
        return zero, one & ~zero

    def _blame(self, node: Node, lacking: Words, blamed: dict[int, Words]) -> None:
        """Adds to `blamed` the rows of `lacking` (where node lacks exactly one part) under the leaf that could save them."""
        if not node.children:
            blamed[node.leaf] = blamed[node.leaf] | lacking if node.leaf in blamed else lacking
            return
        for child in node.children:
            share = lacking & self._distance(child)[1]
            if share.any():
                self._blame(child, share, blamed)


def _pack(flags: NDArray[np.bool_], length: int, out: Words) -> None:
    pack(flags if len(flags) == length else np.broadcast_to(flags, (length,)), out)


def _compare(atom: Atom, values: Floats, out: NDArray[np.bool_]) -> None:
    assert isinstance(atom, NumberAtom)
    if atom.close:
        out[:] = compare(atom.op, values, atom.limit, True)
    elif atom.op == ">=":
        np.greater_equal(values, atom.limit, out=out)
    elif atom.op == ">":
        np.greater(values, atom.limit, out=out)
    else:
        np.equal(values, atom.limit, out=out)


def _accept(column: Codes, accepted: frozenset[str], out: NDArray[np.bool_]) -> None:
    """Rows whose code is accepted: as ranges of positions while these are few, else by a table."""
    found = np.flatnonzero([category in accepted for category in column.categories])
    if not len(found):
        out[:] = False
        return
    breaks = np.flatnonzero(np.diff(found) > 1) + 1
    runs = [(int(run[0]), int(run[-1])) for run in np.split(found, breaks)]
    if len(runs) > MOST_RUNS:
        table = np.zeros(len(column.categories) + 1, dtype=bool)
        table[found] = True
        np.take(table, column.values, out=out, mode="wrap")
        return
    values, kind = column.values, column.values.dtype.type
    for at, (first, last) in enumerate(runs):
        if first == last:
            run = np.equal(values, kind(first), out=out) if at == 0 else values == kind(first)
        else:
            run = np.greater_equal(values, kind(first), out=out) if at == 0 else values >= kind(first)
            run &= values <= kind(last)
        if at:
            out |= run


def grouped(atoms: list[Atom]) -> tuple[list[Atom], list[tuple[int, int]], list[int]]:
    """The atoms sorted by source, the bounds of each source's group, and the new place of each atom."""
    keys: dict[object, int] = {}
    group_of: list[int] = []
    for at, atom in enumerate(atoms):
        if isinstance(atom, NumberAtom):
            key: object = (atom.source, atom.kind)
        elif isinstance(atom, ExprAtom):
            key = at
        else:
            key = (type(atom), atom.column)
        group_of.append(keys.setdefault(key, len(keys)))
    order = sorted(range(len(atoms)), key=group_of.__getitem__)
    place = [0] * len(atoms)
    bounds: list[tuple[int, int]] = []
    for new, old in enumerate(order):
        place[old] = new
        if new and group_of[old] == group_of[order[new - 1]]:
            bounds[-1] = (bounds[-1][0], new + 1)
        else:
            bounds.append((new, new + 1))
    return [atoms[old] for old in order], bounds, place


def placed(node: Node, place: list[int]) -> Node:
    """The program with the atoms' new numbers."""
    children = tuple(placed(child, place) for child in node.children)
    atom = place[node.atom] if node.kind == "literal" else -1
    return Node(node.kind, atom, node.negated, node.n, children, node.leaf)


def shared_nodes(programs: Iterable[Node]) -> set[Node]:
    """Inner nodes that stand in more than one place and are worth keeping per block."""
    seen: Counter[Node] = Counter()

    def visit(node: Node) -> None:
        if node.children:
            seen[node] += 1
            for child in node.children:
                visit(child)

    for program in programs:
        visit(program)
    return {node for node, times in seen.items() if times > 1}
