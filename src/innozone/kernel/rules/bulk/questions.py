"""Which single fact, once told, would unlock most money: over a population, or for one firm.

A fact that is missing is worth asking for where one answer alone turns a verdict: the rule grants nothing now, and does
when the comparisons that rest on this fact come out well. Manual leaves count as confirmed, as for near misses. What no
answer can turn is not asked for.

Comparisons of the fact itself are tried with every answer that tells them apart. Where the fact stands inside a formula
or a calculation, each comparison is tried with answers far apart and at its limits, one comparison by itself. Records
that nobody has told may turn out either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from innozone.kernel.columns import Numbers, Snapshot, column_name
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.bulk.answers import Answer, AnsweredBlock, answers, asked_of, holds, is_direct, largest
from innozone.kernel.rules.bulk.bits import Words, at_least, count, pack, rows_of
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.logic import Bools, Logic
from innozone.kernel.rules.bulk.lower import Atom, ExprAtom, NumberAtom
from innozone.kernel.rules.bulk.machine import ALL, ANY, CONSTANT, LITERAL, MANUAL, Step
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS, Packed, blocks
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.sums import exact, number
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.bulk.told import told
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.functions import compare
from innozone.kernel.rules.reads import Key


@dataclass(slots=True)
class Unlocked:
    """What one answer could unlock: so many grants, and the money of those whose amount is bounded, at its most.

    rows: grants that there are not yet; `unbounded` of them have no known most and are not in `money`; None where no sum
    is given at all.
    """

    rows: int = 0
    units: int | None = None
    unbounded: int = 0

    @property
    def money(self) -> float | None:
        return None if self.units is None else number(self.units)

    def add(self, rows: int, units: int | None, unbounded: int) -> None:
        self.rows += rows
        self.unbounded += unbounded
        if units is not None:
            self.units = (self.units or 0) + units


@dataclass(slots=True)
class Question:
    """A fact to ask for: a variable and its calendar year (None without period; kinds of records as `ip[]`).

    parties: rows that miss it and for which it alone could turn a verdict. unlocked: over all rules, each by itself:
    that grants exclude each other is not looked at. rules: the same for each rule that it could turn.
    """

    variable: str
    year: int | None
    parties: int = 0
    unlocked: Unlocked = field(default_factory=Unlocked)
    rules: dict[str, Unlocked] = field(default_factory=dict)


def questions(program: Program, snapshot: Snapshot, block_rows: int = BLOCK_ROWS) -> list[Question]:
    """What is worth asking, most money first, then most grants; money is what the benefits of the program say."""
    plans = {id: _Plan(step, program) for id, step in program.steps.items()}
    found: dict[Key, Question] = {}
    for packed in blocks(program, snapshot, block_rows):
        turned: dict[Key, Words] = {}
        for id, plan in plans.items():
            for key, words in plan.turned(packed):
                question = found.setdefault(key, Question(*key))
                unlocked = _unlocked(packed, words, program, id)
                question.unlocked.add(*unlocked)
                question.rules.setdefault(id, Unlocked()).add(*unlocked)
                turned[key] = turned[key] | words if key in turned else words
        for key, words in turned.items():
            found[key].parties += count(words)
    return sorted(found.values(), key=_worth)


def _worth(question: Question) -> tuple[float, int, int, str, int]:
    unlocked = question.unlocked
    return -(unlocked.money or 0.0), -unlocked.unbounded, -unlocked.rows, question.variable, -(question.year or 0)


def _unlocked(packed: Packed, words: Words, program: Program, id: str) -> tuple[int, int | None, int]:
    amount = program.amounts.get(id)
    if amount is None:
        return count(words), None, 0
    most = np.maximum(bounds(amount, packed.only(rows_of(words, packed.length))).high, 0.0)
    bounded = most < LARGEST
    return len(most), exact(most[bounded]), int(np.count_nonzero(~bounded))


Literal = tuple[int, bool]
Satisfied = Callable[[Step], Words]


class _Plan:
    """One rule: the facts on which its comparisons rest, and what their answers can make of these."""

    def __init__(self, step: Step, program: Program) -> None:
        self.step = step
        self.program = program
        dictionary, as_of, atoms = program.dictionary, program.as_of, program.atoms
        resting: dict[Key, dict[Literal, Step]] = {}
        for literal in step.literals():
            for key in asked_of(atoms[literal.atom], dictionary, as_of):
                resting.setdefault(key, {})[literal.atom, literal.negated] = literal
        self.asks: dict[Key, _Ask] = {}
        for key, literals in resting.items():
            variable = dictionary.get(key[0])
            read = [atoms[atom] for atom, _ in literals]
            tried = answers(variable, read, dictionary, as_of) if variable is not None else []
            if variable is None and not key[0].endswith(RECORDS):
                continue
            plain = [literal for literal in literals if is_direct(atoms[literal[0]], key, dictionary, as_of)]
            sets = largest(
                frozenset(at for at, (atom, negated) in enumerate(plain) if holds(atoms[atom], answer) is not negated)
                for answer in tried
            )
            within = {literal: (atoms[literal[0]], at) for literal, at in literals.items() if literal not in plain}
            self.asks[key] = _Ask(plain, sets if plain else [frozenset()], within, tried)

    def turned(self, packed: Packed) -> Iterator[tuple[Key, Words]]:
        """The facts that could turn the rule, each with the rows of the block where it could."""
        machine = packed.machine
        now: Satisfied = lambda step: machine.truth(step)[0]  # noqa: E731
        closed = granted(self.step, packed, now)
        for key, ask in self.asks.items():
            missing = _missing(packed, key) & ~closed
            if not missing.any():
                continue
            best = dict.fromkeys((*ask.plain, *ask.within), missing)
            possible = granted(self.step, packed, _better(now, best)) & missing
            if not possible.any():
                continue
            reached = {literal: ask.reached(packed, key, literal, possible) for literal in ask.within}
            found = np.zeros_like(possible)
            for some in ask.sets:
                plain = {literal: possible for at, literal in enumerate(ask.plain) if at in some}
                found |= granted(self.step, packed, _better(now, plain | reached))
            found &= possible
            if found.any():
                yield key, found


@dataclass(frozen=True)
class _Ask:
    """What rests on one fact in one rule. plain: comparisons of the fact itself; sets: which of them one answer can make
    hold together. within: comparisons of something worked out from it, to be tried with `tried`."""

    plain: Sequence[Literal]
    sets: Sequence[frozenset[int]]
    within: dict[Literal, tuple[Atom, Step]]
    tried: Sequence[Answer]

    def reached(self, packed: Packed, key: Key, literal: Literal, rows: Words) -> Words:
        """The rows where some answer makes a comparison hold."""
        atom, step = self.within[literal]
        if key[0].endswith(RECORDS):
            return rows & ~packed.machine.truth(step)[1]
        left = rows_of(rows, packed.length)
        flags = np.zeros(packed.length, dtype=bool)
        for answer in self.tried:
            if not len(left):
                break
            logic = truth_of(atom, AnsweredBlock(packed.only(left), key, answer))
            held = np.broadcast_to(logic.false if literal[1] else logic.true, (len(left),))
            flags[left[held]] = True
            left = left[~held]
        words = np.zeros_like(rows)
        pack(flags, words)
        return words


def truth_of(atom: Atom, block: Block) -> Logic:
    """The truth of a comparison of something worked out."""
    if isinstance(atom, ExprAtom):
        return block.logical(atom.expr)
    assert isinstance(atom, NumberAtom)
    source = block.value(atom.source)
    values = source.values if isinstance(source, Numbers) and source.kind == atom.kind else np.array([np.nan])
    true = compare(atom.op, values, atom.limit, atom.close)
    return Logic(true, ~(true | np.isnan(values)))


def granted(step: Step, packed: Packed, satisfied: Satisfied) -> Words:
    """The rows where a rule holds, manual leaves confirmed, when its comparisons are satisfied where `satisfied` says."""
    machine = packed.machine
    kind = step.kind
    if kind == LITERAL:
        return satisfied(step)
    if kind == MANUAL:
        return machine.every
    if kind == CONSTANT:
        return machine.nothing if step.negated else machine.every
    parts = [granted(part, packed, satisfied) for part in step.parts]
    if kind == ALL:
        return np.bitwise_and.reduce(parts)
    if kind == ANY:
        return np.bitwise_or.reduce(parts)
    return at_least(step.n, parts, machine.every)


def _better(now: Satisfied, more: dict[Literal, Words]) -> Satisfied:
    def satisfied(step: Step) -> Words:
        rows = more.get((step.atom, step.negated))
        return now(step) if rows is None else now(step) | rows

    return satisfied


def _missing(packed: Packed, key: Key) -> Words:
    """The rows that miss a fact."""
    there: Bools = told(packed.block.column(column_name(*key)))
    words = np.zeros_like(packed.machine.every)
    pack(np.broadcast_to(there, (packed.length,)), words)
    return packed.machine.every & ~words
