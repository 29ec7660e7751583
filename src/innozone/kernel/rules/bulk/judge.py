"""One firm against all rules of a program at once: verdicts only, from its plain values.

Truth is a small number: 0 false, 1 unknown, 2 true. Then and is the least, or the greatest, not 2 - t, and all rules
are worked out together, level by level of their trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import split_name
from innozone.kernel.rules.bulk.lower import CodeAtom, ExprAtom, FlagAtom, NumberAtom, SetAtom
from innozone.kernel.rules.bulk.machine import ALL, ANY, CONSTANT, LITERAL, MANUAL, Step
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.functions import compare, day_number
from innozone.kernel.rules.meaning import calendar_year
from innozone.kernel.rules.subject import Scalar, Subject
from innozone.kernel.rules.tree import Expr, Ref
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import Unknown, Value

FALSE, UNKNOWN, TRUE = 0, 1, 2

Truths = NDArray[np.int8]
Indices = NDArray[np.intp]

_TRUTH = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)

#: Answers kept for each column of codes: one for each code that was met.
MOST_KEPT = 10_000

#: Nodes of no more children are worked out child by child.
MOST_COLUMNS = 8


class Judge:
    """Judges firms by the rules of a program, in the program's order of rules."""

    def __init__(self, program: Program) -> None:
        self.program = program
        atoms = program.atoms
        self._numbers = _Numbers(program)
        self._codes: list[_Codes] = []
        self._rest: list[ExprAtom | FlagAtom] = []
        order = list(self._numbers.order)
        for numbers in program.groups.values():
            found = [atoms[at] for at in numbers]
            if all(isinstance(atom, CodeAtom | SetAtom) for atom in found):
                self._codes.append(_Codes([atom for atom in found if isinstance(atom, CodeAtom | SetAtom)]))
                order += numbers
        for numbers in program.groups.values():
            atom = atoms[numbers[0]]
            if isinstance(atom, ExprAtom | FlagAtom):
                self._rest.append(atom)
                order += numbers
        self._tree = _Tree(program.steps.values(), {atom: at for at, atom in enumerate(order)})

    def truths(self, subject: Subject, *, confirmed: bool = False) -> Truths:
        """The verdict of every rule: 0 false, 1 unknown, 2 true. `confirmed` takes all manual leaves as confirmed.

        Raises ValueError for a subject of another day than the program's.
        """
        if subject.as_of != self.program.as_of:
            raise ValueError(f"the program speaks of {self.program.as_of}, the subject of {subject.as_of}")
        evaluator = Evaluator(subject)
        parts = [self._numbers.truths(subject, evaluator)]
        parts += [codes.truths(subject) for codes in self._codes]
        parts.append(np.array([_rest(atom, subject, evaluator) for atom in self._rest], dtype=np.int8))
        return self._tree.truths(np.concatenate(parts), confirmed)

    def verdicts(self, subject: Subject) -> dict[str, Truth]:
        """The same by the id of the rule."""
        return {id: _TRUTH[truth] for id, truth in zip(self.program.rules, self.truths(subject).tolist(), strict=True)}


def _rest(atom: ExprAtom | FlagAtom, subject: Subject, evaluator: Evaluator) -> int:
    if isinstance(atom, ExprAtom):
        return _TRUTH.index(evaluator.logical(atom.expr))
    value = subject.get(*split_name(atom.column))
    return UNKNOWN if not isinstance(value, bool) else 2 * value


class _Numbers:
    """All comparisons of numbers and days, sorted by how they compare: each way is done for all of them at once."""

    def __init__(self, program: Program) -> None:
        atoms = program.atoms
        self._keys: list[tuple[str, int | None]] = []
        self._kinds: list[str] = []
        self._computed: list[tuple[Expr, str]] = []
        plain: list[tuple[int, NumberAtom, int]] = []
        computed: list[tuple[int, NumberAtom, int]] = []
        for numbers in program.groups.values():
            first = atoms[numbers[0]]
            if not isinstance(first, NumberAtom):
                continue
            key = _stored(first.source, program)
            if key is not None:
                self._keys.append(key)
                self._kinds.append(first.kind)
            else:
                self._computed.append((first.source, first.kind))
            listed, place = (plain, len(self._keys)) if key is not None else (computed, len(self._computed))
            listed += [(at, atom, place - 1) for at in numbers if isinstance(atom := atoms[at], NumberAtom)]
        found = plain + [(at, atom, place + len(self._keys)) for at, atom, place in computed]
        found.sort(key=lambda each: (each[1].op, each[1].close))
        #: The numbers of the atoms in the order of the answer.
        self.order = [at for at, _, _ in found]
        self._limits = np.array([atom.limit for _, atom, _ in found], dtype=np.float64)
        self._places = np.array([place for _, _, place in found], dtype=np.intp)
        self._ways: list[tuple[str, bool, slice]] = []
        for at, (_, atom, _) in enumerate(found):
            if not self._ways or self._ways[-1][:2] != (atom.op, atom.close):
                self._ways.append((atom.op, atom.close, slice(at, at)))
            op, close, span = self._ways[-1]
            self._ways[-1] = op, close, slice(span.start, at + 1)

    def truths(self, subject: Subject, evaluator: Evaluator) -> Truths:
        values = subject.values
        read: list[float] = []
        for (name, year), kind in zip(self._keys, self._kinds, strict=True):
            by_year = values.get(name)
            value = by_year.get(year) if by_year is not None else None
            read.append(_number(value, kind) if value is not None else np.nan)
        read += [_number(evaluator.value(expr), kind) for expr, kind in self._computed]
        numbers = np.array(read, dtype=np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        compared = numbers.take(self._places)
        true = np.empty(len(compared), dtype=bool)
        for op, close, span in self._ways:
            true[span] = compare(op, compared[span], self._limits[span], close)
        found: Truths = true.view(np.int8) * np.int8(TRUE)
        found += np.isnan(compared)
        return found


def _stored(source: Expr, program: Program) -> tuple[str, int | None] | None:
    """Where the value of a plain variable stands; None for anything that must be worked out."""
    variable = program.dictionary.get(source.name) if isinstance(source, Ref) else None
    if variable is None or variable.formula is not None or not isinstance(source, Ref):
        return None
    try:
        return source.name, calendar_year(source.index, variable, None, program.as_of)
    except ValueError:
        return None


def _number(value: Value | Scalar | Unknown, kind: str) -> float:
    """The number to compare; NaN for what is unknown or no number (no day)."""
    if kind == "date":
        return day_number(value) if type(value) is date else np.nan
    if isinstance(value, Decimal | float) or type(value) is int:
        return float(value)
    return np.nan


class _Codes:
    """All questions about one column of codes, or of sets of codes, with the answers for every value met so far."""

    def __init__(self, atoms: Sequence[CodeAtom | SetAtom]) -> None:
        self._key = split_name(atoms[0].column)
        self._sets = isinstance(atoms[0], SetAtom)
        self._accepted = [atom.accepted for atom in atoms]
        self._unknown = np.full(len(atoms), UNKNOWN, dtype=np.int8)
        self._kept: dict[Value, Truths] = {}

    def truths(self, subject: Subject) -> Truths:
        by_year = subject.values.get(self._key[0])
        value = by_year.get(self._key[1]) if by_year is not None else None
        if self._sets and isinstance(value, set | list | tuple):
            value = frozenset(value)
        if not isinstance(value, frozenset if self._sets else str):
            return self._unknown
        found = self._kept.get(value)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            codes = value if isinstance(value, frozenset) else (value,)
            held = [not accepted.isdisjoint(codes) for accepted in self._accepted]
            found = self._kept[value] = np.array(held, dtype=np.int8) * np.int8(TRUE)
        return found


@dataclass(frozen=True, eq=False)
class _Level:
    """Nodes of one kind and depth, those with most children first: `at` their places among all values, `below` those of
    their children one node after the other, `starts` where each begins, `least` how many must hold (of `count` nodes).

    columns: the first children of all nodes, the second ones of those that have two, and so on; none where a node has
    more than MOST_COLUMNS.
    """

    kind: int
    at: slice
    below: Indices
    starts: Indices
    least: NDArray[np.int64]
    columns: tuple[Indices, ...]

    def folded(self, values: Truths) -> None:
        """The least, or the greatest, of the children of each node."""
        lesser = np.minimum if self.kind == ALL else np.maximum
        if not self.columns:
            lesser.reduceat(values.take(self.below), self.starts, out=values[self.at])
            return
        # Column by column: a call for each node costs several times as much.
        found = values.take(self.columns[0])
        for column in self.columns[1:]:
            some = found[: len(column)]
            lesser(some, values.take(column), out=some)
        values[self.at] = found


class _Tree:
    """The rules as one forest over the comparisons. Values: those, the three constants, the negation of both, inner nodes."""

    def __init__(self, steps: Iterable[Step], place: dict[int, int]) -> None:
        self._place = place
        self._half = len(place) + 3
        self._nodes: list[tuple[int, int, int, list[int]]] = []
        roots = [self._visit(step)[0] for step in steps]
        order = sorted(range(len(self._nodes)), key=lambda at: (self._nodes[at][:2], -len(self._nodes[at][3])))
        moved = np.arange(2 * self._half + len(order))
        moved[2 * self._half + np.array(order, dtype=np.intp)] = 2 * self._half + np.arange(len(order))
        self._size = len(moved)
        self._roots = moved[np.array(roots, dtype=np.intp)]
        self._levels: list[_Level] = []
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and self._nodes[order[end]][:2] == self._nodes[order[start]][:2]:
                end += 1
            nodes = [self._nodes[at] for at in order[start:end]]
            below = np.array([child for node in nodes for child in node[3]], dtype=np.intp)
            starts = np.cumsum([0, *(len(node[3]) for node in nodes[:-1])], dtype=np.intp)
            first = 2 * self._half
            least = np.array([node[2] for node in nodes])
            widest = len(nodes[0][3])
            columns = tuple(
                moved[np.array([node[3][at] for node in nodes if len(node[3]) > at], dtype=np.intp)]
                for at in range(widest if widest <= MOST_COLUMNS else 0)
            )
            span = slice(first + start, first + end)
            self._levels.append(_Level(nodes[0][1], span, moved[below], starts, least, columns))
            start = end

    def _visit(self, step: Step) -> tuple[int, int]:
        """The place of a node's value, and how many levels lie below it."""
        if step.kind == LITERAL:
            return self._place[step.atom] + step.negated * self._half, 0
        if step.kind in (CONSTANT, MANUAL):
            constant = UNKNOWN if step.kind == MANUAL else FALSE if step.negated else TRUE
            return len(self._place) + constant, 0
        below = [self._visit(part) for part in step.parts]
        depth = max(level for _, level in below) + 1
        self._nodes.append((depth, step.kind, step.n, [at for at, _ in below]))
        return 2 * self._half + len(self._nodes) - 1, depth

    def truths(self, literals: Truths, confirmed: bool) -> Truths:
        values = np.empty(self._size, dtype=np.int8)
        half = self._half
        values[: len(literals)] = literals
        values[len(literals) : half] = FALSE, TRUE if confirmed else UNKNOWN, TRUE
        np.subtract(TRUE, values[:half], out=values[half : 2 * half])
        for level in self._levels:
            if level.kind in (ALL, ANY):
                level.folded(values)
            else:
                below = values.take(level.below)
                sure = np.add.reduceat(below == TRUE, level.starts, dtype=np.int64) >= level.least
                possible = np.add.reduceat(below != FALSE, level.starts, dtype=np.int64) >= level.least
                values[level.at] = sure.view(np.int8) + possible.view(np.int8)
        found: Truths = values.take(self._roots)
        return found
