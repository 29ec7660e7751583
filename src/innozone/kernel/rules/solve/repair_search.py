"""The search for the cheapest changes on one day: best first, one comparison after the other.

A state is a set of changes. Where the rule does not hold, some comparison of a few must be turned, whatever else is
done; each of its moves leads to a further state, never a cheaper one. What every other part of the rule still needs is
added to the cost as far as no fact serves two of them, so that the first state in which the rule holds is the cheapest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from itertools import count

from innozone.kernel.rules.bounded import Bounded
from innozone.kernel.rules.settle import possible, settled
from innozone.kernel.rules.solve.repair_moves import Move, Mover, Moves
from innozone.kernel.rules.solve.repair_tree import Atom, Group, Node, atoms, conjuncts
from innozone.kernel.rules.solve.repair_world import ASKING, Key, Outlook, Target
from innozone.kernel.rules.tree import And, Expr, Not
from innozone.kernel.rules.truth import Truth, at_least


@dataclass(frozen=True, eq=False)
class State:
    """Changes, and comparisons that must turn out well; `cost` in points."""

    changes: dict[Key, Target] = field(default_factory=dict)
    assumed: frozenset[Atom] = frozenset()
    cost: float = 0.0


@dataclass
class Search:
    """One day. certain: nothing was met by which the first state found might not be the cheapest; dropped: moves that
    lead away were left out; cut: the budget ended first."""

    outlook: Outlook
    tree: Node
    mover: Mover
    wide: bool = False
    certain: bool = True
    dropped: bool = False
    cut: bool = False
    _truths: dict[tuple[Atom, frozenset[tuple[Key, Target]]], Truth] = field(default_factory=dict)
    _touch: dict[Node, frozenset[str]] = field(default_factory=dict)
    _moves: dict[tuple[Atom, frozenset[tuple[Key, Target]]], Moves] = field(default_factory=dict)

    @cached_property
    def reader(self) -> Bounded:
        return Bounded(self.outlook.dictionary)

    def run(self, bound: float, told: Callable[[State], bool]) -> Iterator[State]:
        """The states in which the rule holds, the cheapest first, as long as they cost less than `bound`; a caller that
        needs no dearer ones stops. `told`: can a state lead to no more than what is known already."""
        order = count()
        heap: list[tuple[float, int, State]] = [(0.0, next(order), State())]
        seen: set[tuple[frozenset[tuple[Key, Target]], frozenset[Atom]]] = set()
        found_any = False
        while heap:
            estimate, _, state = heappop(heap)
            if estimate >= bound:
                return
            if told(state):
                continue
            if self.outlook.budget.spent:
                self.cut = True
                return
            if self.truth(self.tree, state) is Truth.TRUE:
                found_any = True
                yield state
                continue
            branches = self._branches(state, watch=not found_any)
            if branches is None:
                continue
            atoms_, rest = branches
            for after in self._after(atoms_, state):
                mark = (frozenset(after.changes.items()), after.assumed)
                if mark not in seen:
                    seen.add(mark)
                    heappush(heap, (max(estimate, after.cost + rest), next(order), after))

    # Truth.

    def truth(self, node: Node, state: State) -> Truth:
        """TRUE where a part is as it should be."""
        if isinstance(node, Group):
            found = at_least(node.n, [self.truth(child, state) for child in node.children])
            if found is Truth.UNKNOWN and node.source is not None:
                fixed = settled(node.source, self.outlook.dictionary)
                return found if fixed is None else Truth.of(fixed is node.wanted)
            return found
        if node in state.assumed:
            return Truth.TRUE
        key = node, self._part(node, state)
        if key not in self._truths:
            self._truths[key] = self.mover.truth(node, state.changes)
        return self._truths[key]

    def _part(self, atom: Atom, state: State) -> frozenset[tuple[Key, Target]]:
        return frozenset((key, target) for key, target in state.changes.items() if key[0] in atom.names)

    # Moves.

    def moves(self, atom: Atom, state: State) -> Moves:
        key = atom, self._part(atom, state)
        if key not in self._moves:
            self._moves[key] = self.mover.moves(atom, dict(key[1]))
        return self._moves[key]

    def _good(self, atom: Atom, state: State) -> list[Move]:
        return [move for move in self.moves(atom, state).moves if self.wide or not move.worse]

    def _branches(self, state: State, watch: bool) -> tuple[list[Atom], float] | None:
        """Comparisons of which one must be turned, and what the other parts of the rule will cost at least; None where
        nothing helps."""
        parts: list[tuple[int, float, frozenset[str], list[Atom]]] = []
        for part in conjuncts(self.tree):
            if self.truth(part, state) is Truth.TRUE:
                continue
            blamed = self._blamed(part, state)
            if watch:
                self._watch(blamed, state)
            moves = self._weight(blamed, state)
            if not moves:
                return None
            parts.append((moves, self._least(blamed, state), self._touched(part), blamed))
        chosen = min(parts, key=lambda part: part[0])
        rest, taken = 0.0, chosen[2]
        for _, least, names, blamed in sorted(parts, key=lambda part: -part[1]):
            if blamed is not chosen[3] and not names & taken:
                rest, taken = rest + least, taken | names
        return chosen[3], rest

    def _watch(self, looked_at: list[Atom], state: State) -> None:
        for atom in looked_at:
            found = self.moves(atom, state)
            self.certain &= found.certain
            self.dropped |= not self.wide and any(move.worse for move in found.moves)

    def _touched(self, part: Node) -> frozenset[str]:
        """The facts through which a part may come to hold."""
        if part not in self._touch:
            names = {name for atom in atoms(part) for name in atom.names}
            self._touch[part] = frozenset(name for name in names if self.outlook.open(name))
        return self._touch[part]

    def _blamed(self, node: Node, state: State) -> list[Atom]:
        """Comparisons of which at least one must be turned, those that cannot be among them."""
        if isinstance(node, Atom):
            return [node]
        if node.source is not None and settled(node.source, self.outlook.dictionary) is (not node.wanted):
            return []
        failing = [child for child in node.children if self.truth(child, state) is not Truth.TRUE]
        spare = node.n - (len(node.children) - len(failing))
        # Of so many children one must be turned; those with the fewest moves say most.
        blamed = sorted((self._blamed(child, state) for child in failing), key=lambda each: self._weight(each, state))
        return [atom for each in blamed[: len(failing) - spare + 1] for atom in each]

    def _weight(self, blamed: list[Atom], state: State) -> int:
        """The number of moves."""
        return sum(len(self._good(atom, state)) for atom in blamed)

    def _least(self, blamed: list[Atom], state: State) -> float:
        costs = [after.cost for after in self._after(blamed, state)]
        return min(costs) - state.cost if costs else float("inf")

    def _after(self, blamed: list[Atom], state: State) -> Iterator[State]:
        for atom in blamed:
            for move in self._good(atom, state):
                after = self._applied(atom, move, state)
                if after is not None:
                    yield after

    def _applied(self, atom: Atom, move: Move, state: State) -> State | None:
        if move.key is None or move.target is None:
            assumed = state.assumed | {atom}
            if len(assumed) > 1 and possible(self.reader.read(And(tuple(map(said, assumed)))), {}) is None:
                return None
            return State(state.changes, assumed, state.cost + ASKING)
        changes = {**state.changes, move.key: move.target}
        return State(changes, state.assumed, self.outlook.cost(changes) + ASKING * len(state.assumed))


def said(atom: Atom) -> Expr:
    """What an atom should say, as an expression."""
    return atom.expr if atom.wanted else Not(atom.expr)
