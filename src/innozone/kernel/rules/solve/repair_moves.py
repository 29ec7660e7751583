"""The single changes that bring a comparison nearer to what it should say, each no larger than it need be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import islice

from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.meaning import codelist_of, subtree
from innozone.kernel.rules.solve.repair_numbers import GRID, Axis, Turn, start
from innozone.kernel.rules.solve.repair_records import additions
from innozone.kernel.rules.solve.repair_steps import Step, Steps
from innozone.kernel.rules.solve.repair_tree import Atom
from innozone.kernel.rules.solve.repair_world import Changes, Key, Outlook, Target
from innozone.kernel.rules.tree import Compare, Expr, Has, In, Ref, Text, Within, walk
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import UNKNOWN, CodeList, Unknown, Value, Variable

#: Codes tried of a list, and turns followed of a figure that nobody knows.
MOST_CODES = 8
MOST_TURNS = 24


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one fact; without a key the comparison is taken to turn out well, which must be found out.

    worse: by itself it leads away, and pays only together with others.
    """

    key: Key | None = None
    target: Target | None = None
    worse: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves for a comparison; `certain` when whatever makes it hold goes at least as far as one of them."""

    moves: tuple[Move, ...]
    certain: bool


class Mover:
    """Finds the moves of comparisons on one day. `filters`: what the rule asks of records, by kind; `codes`: all codes
    and texts that it names."""

    def __init__(self, outlook: Outlook, filters: Mapping[str, Sequence[Expr]], codes: Sequence[str]) -> None:
        self.outlook, self.filters, self.codes = outlook, filters, codes

    def moves(self, atom: Atom, changes: Changes) -> Moves:
        """The moves for an atom that is not as it should be."""
        return _Search(self, atom, changes).found()

    def truth(self, atom: Atom, changes: Changes) -> Truth:
        """TRUE when the atom is as it should be."""
        found = Evaluator(self.outlook.world(changes)).logical(atom.expr)
        return found if atom.wanted else ~found


@dataclass
class _Search:
    """inner: of each figure, up and down, the nearest turn inside the comparison; moves: all the others. doubtful: facts
    of turns of which it is not plain whether they help."""

    mover: Mover
    atom: Atom
    changes: Changes
    inner: dict[tuple[Key, bool], Decimal] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    doubtful: set[Key] = field(default_factory=set)
    certain: bool = True

    def __post_init__(self) -> None:
        self.outlook = self.mover.outlook
        self.steps = Steps(self.outlook, self.changes)
        self.steps.truth(self.atom.expr, 1 if self.atom.wanted else -1)
        self.certain = self.steps.certain

    def found(self) -> Moves:
        for step in self.steps.steps:
            own = step.expr is self.atom.expr
            now = Truth.of(not self.atom.wanted) if own else self.steps.evaluator.logical(step.expr)
            # What is as it should be to help the whole is left alone.
            if now is not Truth.UNKNOWN and (own or now is not Truth.of(step.helps is True) or step.helps is None):
                self._step(step, now is Truth.FALSE, own)
        self.moves += [Move(key, target) for (key, _), target in self.inner.items()]
        unknown = self.steps.unknown
        if len(unknown) == 1 and not self._waits():
            self._discover(next(iter(unknown)))
        # Records that are not known whole leave a count open, too; a division by zero is nothing to find out.
        waits = (unknown or self.steps.records) and not any(move.key in unknown for move in self.moves)
        if self.mover.truth(self.atom, self.changes) is Truth.UNKNOWN:
            self.certain &= bool(unknown)
            self.moves += [Move()] if waits else []
        return Moves(tuple(self._weighed(move) for move in dict.fromkeys(self.moves)), self.certain)

    def _weighed(self, move: Move) -> Move:
        here, rising = self._here, self._rising(self.atom.expr, self.atom.wanted)
        doubtful = move.key in self.doubtful and not isinstance(move.target, tuple)
        if not doubtful or here is None or rising is None or move.key is None:
            return move
        there = self._distance({move.key: move.target})
        if there is None or here == there:
            return move
        return Move(move.key, move.target, (there > here) is not rising)

    def _step(self, step: Step, wanted: bool, own: bool) -> None:
        """The moves that turn an elementary comparison."""
        helping = 0
        if step.helps is None and not own:
            self.doubtful |= {key for fact in step.facts for key in self.outlook.keys(*fact, self.changes)}
        facts = list(dict.fromkeys(step.facts))
        for fact in facts:
            if fact in self.steps.unknown:
                helping += 1
                continue
            helps = False
            for key in self.outlook.keys(*fact, self.changes):
                helps |= self._turned(step, fact, key, wanted, own, len(facts) > 1)
            helping += helps
        # Several facts may share what is needed: then the least change need not be one of a single fact.
        self.certain &= helping < 2

    def _turned(self, step: Step, fact: Key, key: Key, wanted: bool, own: bool, shared: bool) -> bool:
        """Notes the moves of one fact; True when a figure helps at all."""
        name = key[0]
        if name.endswith(RECORDS):
            self._records(step, key, wanted)
            return False
        variable = self.outlook.dictionary[name]
        if variable.type not in GRID:
            targets = list(islice(self._targets(step.expr, key, variable, wanted), MOST_CODES + 1))
            self.certain &= len(targets) <= MOST_CODES
            self.moves += [Move(key, target) for target in targets[:MOST_CODES]]
            return False
        helps = False
        for up in self._directions(key, variable):
            turn = self._turn(step, fact, key, variable, wanted, up)
            helps |= turn.helps
            present, side, target = self._number(key), (key, up), turn.value
            if target is None and shared:
                # As far as it goes, or out of zero, where a product hides the other factors.
                target = turn.end if turn.helps else None if present else self._beyond_zero(variable, up)
                self.certain &= target is None
            if target is None:
                continue
            if own:
                self.moves.append(Move(key, target))
            elif side not in self.inner or abs(float(target) - present) < abs(float(self.inner[side]) - present):
                self.inner[side] = target
        return helps

    def _waits(self) -> bool:
        """Does it rest on what was found out for another comparison: then no limit of its own can be named."""
        facts = {fact for step in self.steps.steps for fact in step.facts}
        return any(fact in self.changes and self.outlook.present(fact, self.changes) is UNKNOWN for fact in facts)

    @cached_property
    def _here(self) -> float | None:
        return self._distance({})

    # Figures.

    def _number(self, key: Key) -> float:
        return _float(self.outlook.fact(*key, self.changes)) or 0.0

    def _directions(self, key: Key, variable: Variable) -> list[bool]:
        """Ways in which a figure may go; one that has moved goes on the same way."""
        before = self.outlook.present(key, self.changes)
        effort = self.outlook.effort(key[0])
        origin = _float(start(variable) if before is UNKNOWN else before) or 0.0
        allowed = [up for up in (True, False) if before is UNKNOWN or effort.allows(up)]
        now = self._number(key)
        return allowed if now == origin else [up for up in allowed if up is (now > origin)]

    @staticmethod
    def _beyond_zero(variable: Variable, up: bool) -> Decimal | None:
        axis = Axis(variable, 0.0, up)
        return axis.value(axis.first) if axis.within(axis.first) else None

    def _turn(self, step: Step, fact: Key, key: Key, variable: Variable, wanted: bool, up: bool) -> Turn:
        axis = Axis(variable, self._number(key), up)

        def holds(value: Decimal) -> bool:
            return self._evaluator({key: value}).logical(step.expr) is Truth.of(wanted)

        expr = step.expr
        if not isinstance(expr, Compare):
            return self._listed(axis, expr, holds)
        rising = self._rising(expr, wanted)
        if expr.op == ("!=" if wanted else "=="):
            return axis.at_limit(axis.present, holds, up)
        if [name for name, _ in step.facts].count(fact[0]) == 1:
            for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
                limit = self.steps.evaluator.value(other) if side == Ref(*fact) else UNKNOWN
                if isinstance(limit, float):
                    return axis.at_limit(limit, holds, rising if rising is None or side is expr.left else not rising)

        def distance(value: float) -> float | None:
            return self._distance({key: value}, expr)

        return axis.search(holds, distance, rising)

    def _listed(self, axis: Axis, expr: Expr, holds: object) -> Turn:
        """The nearest of the numbers that a list names, or next to one."""
        assert callable(holds)
        values = (
            [_float(value.value) for value in expr.values if hasattr(value, "value")] if isinstance(expr, In) else []
        )
        turns = [axis.at_limit(value, holds) for value in values if value is not None]
        reached = [turn for turn in turns if turn.value is not None]
        return min(reached, key=lambda turn: abs(float(turn.value or 0) - axis.present), default=Turn(None, False))

    def _evaluator(self, more: dict[Key, object]) -> Evaluator:
        return Evaluator(self.outlook.world({**self.changes, **more}))  # type: ignore[dict-item]

    def _distance(self, more: dict[Key, object], expr: Expr | None = None) -> float | None:
        """Left side less right side of a comparison of numbers."""
        compared = self.atom.expr if expr is None else expr
        if not isinstance(compared, Compare):
            return None
        evaluator = self._evaluator(more)
        left, right = evaluator.value(compared.left), evaluator.value(compared.right)
        return left - right if isinstance(left, float) and isinstance(right, float) else None

    @staticmethod
    def _rising(expr: Expr, wanted: bool) -> bool | None:
        """Must the left side rise against the right one; None where they must meet."""
        if not isinstance(expr, Compare) or expr.op in ("==", "!="):
            return None
        return (expr.op in (">", ">=")) is wanted

    # Codes, yes and no.

    def _targets(self, expr: Expr, key: Key, variable: Variable, wanted: bool) -> Iterator[Value]:
        """Values of a fact that is no figure with which an elementary comparison turns."""
        for target in self._candidates(expr, key, variable):
            if self._evaluator({key: target}).logical(expr) is Truth.of(wanted):
                yield target

    def _candidates(self, expr: Expr, key: Key, variable: Variable) -> Iterator[Value]:
        now = self.outlook.fact(*key, self.changes)
        unknown = self.outlook.present(key, self.changes) is UNKNOWN
        if key in self.changes and variable.type != "codes":
            return
        effort = self.outlook.effort(key[0])
        if variable.type == "bool":
            yield from (value for value in (True, False) if value is not now and (unknown or effort.allows(value)))
        elif variable.type == "codes":
            held = now if isinstance(now, frozenset) else frozenset()
            roots = expr.roots if isinstance(expr, Has) else ()
            if unknown:
                yield from (held, *(held | {root} for root in roots[:MOST_CODES]))
                return
            if effort.allows(True):
                for root in roots[:MOST_CODES]:
                    yield from self._gained(expr, key, held, root, variable)
            if effort.allows(False):
                below = subtree(self.outlook.dictionary.codelist_of(variable), roots)
                yield held - below
        else:
            codelist = codelist_of(expr, self.outlook.dictionary)
            named = [code for code in dict.fromkeys((*named_in(expr), *self.mover.codes)) if self._fits(code, codelist)]
            yield from (code for code in named if code != now)
            others = codelist.by_code if codelist is not None else ()
            taken = subtree(codelist, named) | {now}
            yield from [code for code in others if code not in taken][:1]

    @staticmethod
    def _fits(code: str, codelist: CodeList | None) -> bool:
        return codelist is None or code in codelist

    def _gained(
        self, expr: Expr, key: Key, held: frozenset[str], root: str, variable: Variable
    ) -> Iterator[frozenset[str]]:
        """The set with the root added, or else with the first code below it that can be had and makes a difference."""
        before = self.steps.evaluator.logical(expr)
        for code in (root, *sorted(subtree(self.outlook.dictionary.codelist_of(variable), (root,)) - {root})):
            if code not in held and self.outlook.gainable(code, variable):
                target = held | {code}
                if self._evaluator({key: target}).logical(expr) is not before:
                    yield target
                    return

    def _records(self, step: Step, key: Key, wanted: bool) -> None:
        kind = key[0].removesuffix(RECORDS)
        terms = self.outlook.dictionary.record_terms(kind)
        nodes = [node for node in self.steps.records if node.record == kind]
        if terms is None:
            return
        before = self.changes.get(key, ())
        assert isinstance(before, tuple)
        for more in additions(
            nodes,
            terms,
            self.mover.filters.get(kind, []),
            self.outlook.day,
            before,
            lambda records: self._evaluator({key: records}).logical(step.expr) is Truth.of(wanted),
            self._distance({}, step.expr) or 0.0,
        ):
            self.moves.append(Move(key, more))

    # What nobody has told.

    def _discover(self, fact: Key) -> None:
        """Values with which a fact that nobody has told makes the comparison hold."""
        variable = self.outlook.dictionary.get(fact[0])
        if variable is None or variable.type in ("date", "text"):
            return
        if variable.type not in GRID:
            targets = [target for step in self.steps.steps for target in self._candidates(step.expr, fact, variable)]
            good = [target for target in dict.fromkeys(targets) if self._good({fact: target})]
            self.moves += [Move(fact, target) for target in good[:MOST_CODES]]
            return
        origin = start(variable)
        if self._good({fact: origin}):
            self.moves.append(Move(fact, origin))
            return
        for up in (True, False):
            target = self._found(fact, variable, origin, up)
            if target is not None:
                self.moves.append(Move(fact, target))

    def _found(self, fact: Key, variable: Variable, origin: Decimal, up: bool) -> Decimal | None:
        """The first figure in a direction that makes the comparison hold, else the one that brings it nearest."""
        at, best = origin, None
        here = self._distance({fact: origin})
        rising = self._rising(self.atom.expr, self.atom.wanted)
        for _ in range(MOST_TURNS):
            search = _Search(self.mover, self.atom, {**self.changes, fact: at})
            turns: list[Decimal] = []
            for step in search.steps.steps:
                if fact not in step.facts:
                    continue
                own = step.expr is self.atom.expr
                wanted = self.atom.wanted if own else search.steps.evaluator.logical(step.expr) is Truth.FALSE
                value = search._turn(step, fact, fact, variable, wanted, up).value
                if value is not None:
                    turns.append(value)
            if not turns:
                break
            at = min(turns) if up else max(turns)
            if self._good({fact: at}):
                return at
            there = self._distance({fact: at})
            if (
                here is not None
                and there is not None
                and rising is not None
                and there != here
                and (there > here) is rising
            ):
                here, best = there, at
        return best

    def _good(self, more: dict[Key, object]) -> bool:
        return self._evaluator(more).logical(self.atom.expr) is Truth.of(self.atom.wanted)


def named_in(expr: Expr) -> Iterator[str]:
    """The codes and texts that an expression names."""
    for node in walk(expr):
        if isinstance(node, Within):
            yield from node.roots
        elif isinstance(node, Text):
            yield node.value


def _float(value: Value | Unknown | object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return float(value)
