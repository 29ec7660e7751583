"""A rule whose figures are moved over a whole population: prepared once, then a step takes milliseconds.

    sandbox = Sandbox(snapshot, dictionary, condition, benefit)
    sandbox.knobs                                           # the figures with place, label and bounds
    outcome = sandbox.step({"benefit:0.0": Decimal("0.12")})

Only live rows are looked at: those that some figures would make true, unknown or a near miss. They stand in the order of
their present verdict, so that most spans of them are of one kind; those that no figures pay stand last. The bits of comparisons that do
not move, the values of the quantities that are compared and of the parts of the amount are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Numbers, Snapshot
from innozone.kernel.rules.bulk.amounts import AmountMaker
from innozone.kernel.rules.bulk.bits import Words, count, flags, full, pack, rows_of, words_for
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.compare import compare_numbers
from innozone.kernel.rules.bulk.finder import knobs
from innozone.kernel.rules.bulk.kept import Values, alike
from innozone.kernel.rules.bulk.knobs import KnobError, Slider, allowed, problems, slider, turned
from innozone.kernel.rules.bulk.ledger import FALSE, READY, TRUE, UNKNOWN, Ledger, Segment
from innozone.kernel.rules.bulk.lower import ExprAtom, NumberAtom
from innozone.kernel.rules.bulk.machine import Machine
from innozone.kernel.rules.bulk.matcher import Matcher
from innozone.kernel.rules.bulk.outcome import Group, Money, Outcome, Verdicts
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS, Packer
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.bulk.told import Told, peeks
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.check import Problem
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.tree import Expr, Least, Number, Records, walk
from innozone.kernel.terms import Dictionary

_RULE = "rule"


class Sandbox:
    """One rule over one snapshot. Steps may be asked for from several threads; each waits for the one before.

    knobs: the figures. live: the row numbers that are looked at, in the sandbox's order. present: the outcome of the
    rule as it stands. Raises ValueError for a rule with errors.
    """

    def __init__(
        self, snapshot: Snapshot, dictionary: Dictionary, condition: Condition, benefit: Expr | None = None
    ) -> None:
        self.snapshot = snapshot
        self.dictionary = dictionary
        self.condition = condition
        self.benefit = benefit
        self.knobs = knobs(condition, benefit, dictionary)
        self.by_id = {knob.id: knob for knob in self.knobs}
        self._lock = threading.Lock()
        self.live, segments, amounts = self._order()
        self._values = Values(snapshot, dictionary, self.live)
        self._program = Program({_RULE: condition}, dictionary, snapshot.as_of)
        self._true, self._known = self._packed(self._program)
        self._ledger = None
        if benefit is not None and amounts is not None:
            self._ledger = Ledger(
                AmountMaker(self._values), segments, benefit, amounts, self._alike(benefit, amounts), self._ends
            )
        self.present = self._outcome({}, condition, benefit, None)

    def step(self, values: Mapping[str, Decimal]) -> Outcome:
        """The rule with these figures in place of the present ones. Whether it makes sense so is for `problems` to say.

        Raises KnobError for a figure that there is not, or a value that it cannot take.
        """
        moved = self.moved(values)
        condition, benefit = turned(self.condition, self.benefit, moved)
        with self._lock:
            return self._outcome(moved, condition, benefit, self.present)

    def moved(self, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """The figures that differ from the present ones. Raises KnobError as `step`."""
        found = {}
        for id, value in values.items():
            if id not in self.by_id:
                raise KnobError(id, "unknown", "the rule has no such figure")
            plain = allowed(self.by_id[id], value)
            if plain != self.by_id[id].value:
                found[id] = plain
        return found

    def problems(self, values: Mapping[str, Decimal]) -> list[Problem]:
        """What the check says of the rule with these figures. Raises KnobError as `step`."""
        return problems(*turned(self.condition, self.benefit, self.moved(values)), self.dictionary)

    def sliders(self) -> dict[str, Slider]:
        """Where each figure is moved by hand, by the values of the population."""
        with self._lock:
            made = {}
            for knob in self.knobs:
                found = self._values.keep(knob.quantity) if knob.quantity is not None else None
                made[knob.id] = slider(knob, found.values if isinstance(found, Numbers) else None)
            return made

    def rows(self, outcome: Outcome, kind: str) -> NDArray[np.int64]:
        """The row numbers of a kind: gained, lost, granted, true, unknown; ascending."""
        now, then = outcome.verdicts, self.present.verdicts
        words = {
            "gained": now.granted & then.false,
            "lost": then.granted & now.false,
            "granted": now.granted,
            "true": now.true,
            "unknown": ~(now.granted | now.false) & full(len(self.live)),
        }[kind]
        return np.sort(self.live[rows_of(words, len(self.live))])

    def paid(self, outcome: Outcome) -> tuple[Floats, Floats]:
        """What each row gets at least and at most, inf where nothing bounds it; nothing for rows that have not and cannot
        have the grant. For the first of the live rows, since no figures pay the others. Raises ValueError for a rule
        without a sum."""
        if outcome.benefit is None or self._ledger is None:
            raise ValueError("the rule gives no sum")
        amounts = self._ledger.amounts
        places = np.flatnonzero(~flags(outcome.verdicts.false, len(self.live))[: len(amounts)])
        low, high = np.zeros(len(amounts)), np.zeros(len(amounts))
        if outcome.benefit is self.benefit:
            # Most of it is known from the beginning.
            low[places] = high[places] = amounts[places]
            places = places[np.isnan(amounts[places])]
        low[places], high[places] = self._ends(outcome.benefit, places)
        return low, high

    # A step.

    def _outcome(
        self, moved: Mapping[str, Decimal], condition: Condition, benefit: Expr | None, present: Outcome | None
    ) -> Outcome:
        if present is not None and condition is self.condition:
            now = present.verdicts
        else:
            now = self._verdicts(condition)
        then = now if present is None else present.verdicts
        unknown, was_unknown = self._unknown(now), self._unknown(then)
        gained, lost = count(now.granted & then.false), count(then.granted & now.false)
        account = None
        if self._ledger is not None and benefit is not None:
            account = self._ledger.account(now, benefit)

        def money(name: str) -> Money | None:
            return None if account is None else account.money(name)

        return Outcome(
            moved=moved,
            cost=money("cost"),
            sure=money("sure"),
            ready=money("ready"),
            gained=Group(gained, money("gained")),
            lost=Group(lost, money("lost")),
            may_gain=count(unknown & then.false) + count(now.granted & was_unknown),
            may_lose=count(unknown & then.granted) + count(now.false & was_unknown),
            raised=Group(account.raised if account else 0, money("raised")),
            lowered=Group(account.lowered if account else 0, money("lowered")),
            unsettled=account.unsettled if account else 0,
            condition=condition,
            benefit=benefit,
            verdicts=now,
        )

    def _unknown(self, verdicts: Verdicts) -> Words:
        """Live rows of which facts are missing."""
        return full(len(self.live)) & ~(verdicts.granted | verdicts.false)

    def _verdicts(self, condition: Condition) -> Verdicts:
        program = self._program
        if condition is not self.condition:
            self._keep_unmoved(condition, self.condition)
            program = program.changed({_RULE: condition})
        true, known = self._compared(program)
        machine = Machine(true, known, full(len(self.live)))
        step = program.steps[_RULE]
        surely, false = machine.truth(step)
        distance = machine.distance(step)
        granted = distance.zero if step.manual else surely
        counts = {
            "true": count(surely),
            "unknown": len(self.live) - count(surely) - count(false),
            "manual_only": count(granted) - count(surely),
            "near": count(distance.one & false),
        }
        counts["false"] = self.snapshot.rows - counts["true"] - counts["unknown"]
        return Verdicts(surely, granted, false, counts)

    def _compared(self, program: Program) -> tuple[dict[int, Words], dict[int, Words]]:
        """The true bits of each comparison of a version, and the bits of the rows where each source is known."""
        true, known = dict(self._true), dict(self._known)
        fresh = [(source, at) for source, atoms in program.groups.items() for at in atoms if at not in true]
        if not all(isinstance(program.atoms[at], NumberAtom | ExprAtom) for _, at in fresh):
            # The present version was settled without looking at some codes or flags.
            return self._packed(program)
        for source, at in fresh:
            atom = program.atoms[at]
            if isinstance(atom, NumberAtom):
                true[at], there = self._number_bits(atom, source in known)
            else:
                assert isinstance(atom, ExprAtom)
                true[at], there = self._logic_bits(atom)
            if there is not None:
                known[source] = there
        return true, known

    def _number_bits(self, atom: NumberAtom, known: bool) -> tuple[Words, Words | None]:
        values = self._values.keep(atom.source)
        true = np.zeros(words_for(len(self.live)), dtype=np.uint64)
        if not isinstance(values, Numbers) or values.kind != atom.kind:
            return true, None if known else true
        met = np.empty(len(self.live), dtype=bool)
        compare_numbers(atom, values.values, met)
        pack(met, true)
        if known:
            return true, None
        there = np.empty_like(true)
        pack(np.equal(values.values, values.values, out=met), there)
        return true, there

    def _logic_bits(self, atom: ExprAtom) -> tuple[Words, Words]:
        logic = self._values.logic(atom.expr)
        true, known = (np.empty(words_for(len(self.live)), dtype=np.uint64) for _ in range(2))
        pack(logic.true, true)
        pack(logic.true | logic.false, known)
        return true, known

    def _keep_unmoved(self, new: Condition, old: Condition) -> None:
        if isinstance(new, Test) and isinstance(old, Test):
            if new.expr is not old.expr:
                self._values.keep_unmoved(new.expr, old.expr)
            return
        if new is not old:
            for one, other in zip(new.items, old.items, strict=True):
                self._keep_unmoved(one, other)

    # Preparing.

    def _order(self) -> tuple[NDArray[np.int64], list[Segment], Floats | None]:
        """The live rows; those that may be paid come first, by their present verdict, and of one verdict those whose
        amount is known exactly; and the amounts of these."""
        matcher = Matcher(self.snapshot, self.dictionary)
        matches = matcher.match({"now": self.condition, "free": _freed(self.condition)}, members=True)
        now, free = matches["now"], matches["free"]
        payable = free.true.words | free.unknown.words
        live, rest = rows_of(payable, self.snapshot.rows), rows_of(free.near.words & ~payable, self.snapshot.rows)
        verdict = np.full(self.snapshot.rows, FALSE, dtype=np.int8)
        for kind, at in (("unknown", UNKNOWN), ("manual_only", READY), ("true", TRUE)):
            verdict[now.rows(kind)] = at
        rank = verdict[live] * 2
        amounts = None
        if self.benefit is not None:
            amounts = np.empty(len(live))
            for start in range(0, len(live), BLOCK_ROWS):
                span = slice(start, start + BLOCK_ROWS)
                amounts[span] = _exact(self.benefit, Block(self.snapshot, self.dictionary, live[span]))
            rank += np.isnan(amounts)
        order = np.argsort(rank, kind="stable")
        bounds = np.searchsorted(rank[order], np.arange(9)).tolist()
        segments = [
            Segment(bounds[at], bounds[at + 1], at // 2, at % 2 == 0) for at in range(8) if bounds[at] < bounds[at + 1]
        ]
        live = np.concatenate([live[order], rest])
        return live, segments, None if amounts is None else amounts[order]

    def _packed(self, program: Program) -> tuple[dict[int, Words], dict[int, Words]]:
        """The bits of all comparisons of a version over the live rows."""
        width = words_for(len(self.live))
        true = {atom: np.zeros(width, dtype=np.uint64) for atoms in program.groups.values() for atom in atoms}
        known = {source: np.zeros(width, dtype=np.uint64) for source in program.groups}
        packer = Packer(program, self.snapshot)
        for span in self._values.spans(BLOCK_ROWS):
            packed = packer.block(self.live[span])
            place = slice(span.start // 64, span.start // 64 + words_for(packed.length))
            for kept, made in ((true, packed.machine.true), (known, packed.machine.known)):
                for number, words in kept.items():
                    # The packer's arrays are as wide as its widest block.
                    words[place] = made[number][: words_for(packed.length)]
        return true, known

    def _alike(self, benefit: Expr, amounts: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows without an exact amount in groups of the same known facts: the group of each, a place for each."""
        places = np.flatnonzero(np.isnan(amounts))
        groups = alike(benefit, self.snapshot, self.dictionary, self.live[places])
        first = np.full(groups.max() + 1 if len(groups) else 0, -1)
        first[groups[::-1]] = places[::-1]
        return groups, first

    def _ends(self, expr: Expr, places: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """What is paid at least and at most at some live places."""
        low, high = np.empty(len(places)), np.empty(len(places))
        for start in range(0, len(places), BLOCK_ROWS):
            span = slice(start, start + BLOCK_ROWS)
            found = bounds(expr, Block(self.snapshot, self.dictionary, self.live[places[span]]))
            low[span], high[span] = np.maximum(found.low, 0.0), np.maximum(found.high, 0.0)
        return low, high


def _freed(condition: Condition) -> Condition:
    """The condition with whatever a figure touches left to a person: what is false then is false whatever the figures."""
    match condition:
        case Test(expr):
            return Manual("a figure") if any(_adjustable(node) for node in walk(expr)) else condition
        case Negation(of):
            return replace(condition, of=_freed(of))
        case AllOf(of) | AnyOf(of):
            return replace(condition, of=tuple(_freed(node) for node in of))
        case AtLeast():
            return Manual("a count")
    return condition


def _exact(benefit: Expr, block: Block) -> Floats:
    """What is paid to each row as far as no missing fact can change it; NaN elsewhere."""
    paid = np.maximum(block.number(benefit), 0.0)
    sure = paid < LARGEST
    if peeks(benefit, block.dictionary):
        sure = sure & Told(block).of(benefit)
    return np.where(sure, paid, np.nan)


def _adjustable(node: Expr) -> bool:
    inner = node.where if isinstance(node, Records) else None
    return isinstance(node, Number | Least) or (inner is not None and any(_adjustable(each) for each in walk(inner)))
