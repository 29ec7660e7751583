"""Bit programs: rules compiled to numbered nodes, and the machine that runs them over one block of packed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from innozone.kernel.rules.bulk.bits import Words, at_least
from innozone.kernel.rules.bulk.lower import Node

LITERAL, MANUAL, CONSTANT, ALL, ANY, COUNT = range(6)
_KINDS = {"literal": LITERAL, "manual": MANUAL, "constant": CONSTANT, "all": ALL, "any": ANY, "count": COUNT}

Pair = tuple[Words, Words]


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


class Distance:
    """How far each row is from holding, manual leaves confirmed: `zero` nothing lacks, `one` exactly one part lacks."""

    __slots__ = ("one", "parts", "zero")

    def __init__(self, zero: Words, one: Words, parts: tuple[Distance, ...] = ()) -> None:
        self.zero = zero
        self.one = one
        self.parts = parts


class Machine:
    """Runs steps over one block. `true` holds the true bits of each atom, `known` the rows where each source is known."""

    def __init__(self, true: Mapping[int, Words], known: Mapping[int, Words], every: Words, slots: int) -> None:
        self.true = true
        self.known = known
        self.every = every
        self.nothing = np.zeros_like(every)
        self._kept: list[Pair | None] = [None] * slots

    def truth(self, step: Step) -> Pair:
        """Surely true, surely false. The arrays may be shared: never written to by the caller."""
        kind = step.kind
        if kind == LITERAL:
            true = self.true[step.atom]
            false = true ^ self.known[step.source]
            return (false, true) if step.negated else (true, false)
        if step.slot >= 0:
            kept = self._kept[step.slot]
            if kept is None:
                kept = self._kept[step.slot] = self._inner(step)
            return kept
        return self._inner(step)

    def _inner(self, step: Step) -> Pair:
        kind = step.kind
        if kind == MANUAL:
            return self.nothing, self.nothing
        if kind == CONSTANT:
            return (self.nothing, self.every) if step.negated else (self.every, self.nothing)
        parts = step.parts
        if kind == COUNT:
            pairs = [self.truth(part) for part in parts]
            true = at_least(step.n, [pair[0] for pair in pairs], self.every)
            return true, at_least(len(parts) - step.n + 1, [pair[1] for pair in pairs], self.every)
        narrow, widen = (np.bitwise_and, np.bitwise_or) if kind == ALL else (np.bitwise_or, np.bitwise_and)
        true, false = self.truth(parts[0])
        more_true, more_false = self.truth(parts[1])
        true, false = narrow(true, more_true), widen(false, more_false)
        for part in parts[2:]:
            more_true, more_false = self.truth(part)
            narrow(true, more_true, out=true)
            widen(false, more_false, out=false)
        return true, false

    def distance(self, step: Step) -> Distance:
        """Unknown parts, and false ones that nobody can turn, are too far: they count neither as zero nor as one."""
        if not step.parts:
            if step.kind == MANUAL:
                return Distance(self.every, self.nothing)
            true, false = self.truth(step)
            return Distance(true, self.nothing if step.fixed else false)
        parts = tuple(self.distance(part) for part in step.parts)
        zero, one = parts[0].zero, parts[0].one
        if step.kind == ALL:
            for part in parts[1:]:
                one = (one & part.zero) | (zero & part.one)
                zero = zero & part.zero
        elif step.kind == ANY:
            for part in parts[1:]:
                one = one | part.one
                zero = zero | part.zero
            one = one & ~zero
        else:
            zeros = [part.zero for part in parts]
            one = np.bitwise_or.reduce([part.one for part in parts])
            zero = at_least(step.n, zeros, self.every)
            one = at_least(step.n - 1, zeros, self.every) & one & ~zero
        return Distance(zero, one, parts)


def blame(step: Step, distance: Distance, lacking: Words, blamed: dict[int, Words]) -> None:
    """Adds to `blamed`, by leaf, the rows of `lacking` that this leaf alone could save. `lacking` lies in distance.one."""
    if not step.parts:
        blamed[step.leaf] = blamed[step.leaf] | lacking if step.leaf in blamed else lacking
        return
    for part, below in zip(step.parts, distance.parts, strict=True):
        share = lacking & below.one
        if share.any():
            blame(part, below, share, blamed)
