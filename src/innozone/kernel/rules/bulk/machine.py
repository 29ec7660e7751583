"""Bit programs: rules compiled to numbered nodes, and the tape of operations that runs them over blocks of packed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from innozone.kernel.rules.bulk.bits import Words, at_least
from innozone.kernel.rules.bulk.lower import Node

LITERAL, MANUAL, CONSTANT, ALL, ANY, COUNT = range(6)
_KINDS = {"literal": LITERAL, "manual": MANUAL, "constant": CONSTANT, "all": ALL, "any": ANY, "count": COUNT}


class Step:
    """A compiled node. `atom` is the number of its comparison, `source` that of what is compared (-1 for both above the
    leaves); `slot` is the place of its result when it stands in several rules, else -1."""

    __slots__ = ("atom", "fixed", "kind", "leaf", "manual", "n", "negated", "parts", "slot", "source")

    manual: bool

    def __init__(self, node: Node, sources: Sequence[int], slots: Mapping[Node, int]) -> None:
        self.kind = _KINDS[node.kind]
        self.negated = node.negated
        self.n = node.n
        self.leaf = node.leaf
        self.fixed = node.fixed
        self.atom = node.atom
        self.source = sources[node.atom] if node.atom >= 0 else -1
        self.parts = tuple(Step(child, sources, slots) for child in node.children)
        self.manual = self.kind == MANUAL or any(part.manual for part in self.parts)
        self.slot = slots.get(node, -1) if node.children else -1

    def literals(self) -> Iterator[Step]:
        """The comparisons in it, from left to right."""
        if self.kind == LITERAL:
            yield self
        for part in self.parts:
            yield from part.literals()


def shared(nodes: Iterable[Node]) -> list[Node]:
    """The inner nodes that stand in more than one place."""
    seen: Counter[Node] = Counter()

    def visit(node: Node) -> None:
        if node.children:
            seen[node] += 1
            for child in node.children:
                visit(child)

    for node in nodes:
        visit(node)
    return [node for node, times in seen.items() if times > 1]


class Verdict:
    """The rows of a node: surely true, surely false; and how far each is from holding, manual leaves confirmed: `zero`
    nothing lacks, `one` exactly one part lacks.

    Unknown parts, and false ones that nobody can turn, are too far: they count neither as zero nor as one.
    """

    __slots__ = ("false", "one", "parts", "true", "zero")

    def __init__(self, true: Words, false: Words, zero: Words, one: Words, parts: tuple[Verdict, ...] = ()) -> None:
        self.true = true
        self.false = false
        self.zero = zero
        self.one = one
        self.parts = parts


#: function, two operands, the array for the result
Operation = tuple[Callable[..., Any], Any, Any, Words]


class Tape:
    """Operations on packed rows, in order, bound to the arrays that they read and write: made once, run for every block.

    true: the true bits of each comparison by number; known: the rows where each source is known; every: all rows.
    distance: work out zero and one too; without it zero is right only for nodes with manual leaves, and one empty.
    """

    def __init__(self, true: Mapping[int, Words], known: Mapping[int, Words], every: Words, distance: bool) -> None:
        self.true = true
        self.known = known
        self.every = every
        self.nothing = np.zeros_like(every)
        self.distance = distance
        self.operations: list[Operation] = []
        self._shared: dict[int, Verdict] = {}
        self._inside_shared = 0
        self._pool: list[Words] = []
        self._taken = 0

    def bind(self, step: Step) -> Verdict:
        """Adds the operations of a rule; the arrays of its verdict hold its rows once they have been run, until those of
        the next rule are."""
        self._taken = 0
        return self._bound(step)

    def run(self, start: int = 0, end: int | None = None) -> None:
        """Runs the operations of these numbers."""
        for function, one, other, out in self.operations[start:end]:
            function(one, other, out)

    def _new(self) -> Words:
        """An array for a result: one that the rule before is done with, or its own for what several rules share."""
        if self._inside_shared:
            return np.empty_like(self.every)
        if self._taken == len(self._pool):
            self._pool.append(np.empty_like(self.every))
        self._taken += 1
        return self._pool[self._taken - 1]

    def _bound(self, step: Step) -> Verdict:
        if step.slot < 0:
            return self._made(step)
        if step.slot not in self._shared:
            self._inside_shared += 1
            self._shared[step.slot] = self._made(step)
            self._inside_shared -= 1
        return self._shared[step.slot]

    def _made(self, step: Step) -> Verdict:
        kind, nothing = step.kind, self.nothing
        if kind == LITERAL:
            true = self.true[step.atom]
            false = self._operation(np.bitwise_xor, true, self.known[step.source])
            if step.negated:
                true, false = false, true
            return Verdict(true, false, true, nothing if step.fixed or not self.distance else false)
        if kind == MANUAL:
            return Verdict(nothing, nothing, self.every, nothing)
        if kind == CONSTANT:
            true, false = (nothing, self.every) if step.negated else (self.every, nothing)
            return Verdict(true, false, true, nothing)
        parts = tuple(self._bound(part) for part in step.parts)
        return {ALL: self._all, ANY: self._any, COUNT: self._count}[kind](step, parts)

    def _operation(self, function: Callable[..., Any], one: Any, other: Any, out: Words | None = None) -> Words:
        if out is None:
            out = self._new()
        self.operations.append((function, one, other, out))
        return out

    def _folded(self, function: Callable[..., Any], items: Sequence[Words]) -> Words:
        result, out = items[0], None
        for item in items[1:]:
            result = out = self._operation(function, result, item, out)
        return result

    def _all(self, step: Step, parts: tuple[Verdict, ...]) -> Verdict:
        one, true, zero = parts[0].one, parts[0].true, parts[0].zero
        true_out = zero_out = None
        for part in parts[1:]:
            one = self._one_of(one, zero, part)
            true = true_out = self._operation(np.bitwise_and, true, part.true, true_out)
            if step.manual:
                zero = zero_out = self._operation(np.bitwise_and, zero, part.zero, zero_out)
            else:
                zero = true
        false = self._folded(np.bitwise_or, [part.false for part in parts])
        return Verdict(true, false, zero, one, parts)

    def _one_of(self, one: Words, zero: Words, part: Verdict) -> Words:
        """Exactly one lacks in what came before, or in the part."""
        here = self._operation(np.bitwise_and, one, part.zero) if one is not self.nothing else self.nothing
        there = self._operation(np.bitwise_and, zero, part.one) if part.one is not self.nothing else self.nothing
        if here is self.nothing or there is self.nothing:
            return there if here is self.nothing else here
        return self._operation(np.bitwise_or, here, there, here)

    def _any(self, step: Step, parts: tuple[Verdict, ...]) -> Verdict:
        true = self._folded(np.bitwise_or, [part.true for part in parts])
        false = self._folded(np.bitwise_and, [part.false for part in parts])
        zero = self._folded(np.bitwise_or, [part.zero for part in parts]) if step.manual else true
        ones = [part.one for part in parts if part.one is not self.nothing]
        one = self._without(self._folded(np.bitwise_or, ones), zero) if ones else self.nothing
        return Verdict(true, false, zero, one, parts)

    def _without(self, one: Words, zero: Words) -> Words:
        both = self._operation(np.bitwise_and, one, zero)
        return self._operation(np.bitwise_xor, one, both, both)

    def _count(self, step: Step, parts: tuple[Verdict, ...]) -> Verdict:
        def at(n: int, items: list[Words]) -> Words:
            return self._operation(_at_least, (n, self.every), items)

        true = at(step.n, [part.true for part in parts])
        false = at(len(parts) - step.n + 1, [part.false for part in parts])
        zero = at(step.n, [part.zero for part in parts]) if step.manual else true
        ones = [part.one for part in parts if part.one is not self.nothing]
        if not ones:
            return Verdict(true, false, zero, self.nothing, parts)
        some = self._folded(np.bitwise_or, ones)
        almost = at(step.n - 1, [part.zero for part in parts])
        one = self._without(self._operation(np.bitwise_and, some, almost, almost), zero)
        return Verdict(true, false, zero, one, parts)


def _at_least(of: tuple[int, Words], items: list[Words], out: Words) -> None:
    out[:] = at_least(of[0], items, of[1])


class Machine:
    """Works out single steps over one block, each with arrays of its own. `true` holds the true bits of each atom,
    `known` the rows where each source is known."""

    def __init__(self, true: Mapping[int, Words], known: Mapping[int, Words], every: Words) -> None:
        self.true = true
        self.known = known
        self.every = every
        self.nothing = np.zeros_like(every)

    def truth(self, step: Step) -> tuple[Words, Words]:
        """Surely true, surely false. The arrays may be shared: never written to by the caller."""
        found = self._run(step, False)
        return found.true, found.false

    def distance(self, step: Step) -> Verdict:
        """The verdict with all that it tells."""
        return self._run(step, True)

    def _run(self, step: Step, distance: bool) -> Verdict:
        tape = Tape(self.true, self.known, self.every, distance)
        found = tape.bind(step)
        tape.run()
        return found


def blame(step: Step, verdict: Verdict, lacking: Words, blamed: dict[int, Words]) -> None:
    """Adds to `blamed`, by leaf, the rows of `lacking` that this leaf alone could save. `lacking` lies in verdict.one.

    The number of a leaf is the step's: a verdict may be shared by rules, or places of one, that number it differently.
    """
    if not verdict.parts:
        blamed[step.leaf] = blamed[step.leaf] | lacking if step.leaf in blamed else lacking
        return
    for part, own in zip(step.parts, verdict.parts, strict=True):
        share = lacking & own.one
        if share.any():
            blame(part, own, share, blamed)
