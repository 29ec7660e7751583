"""What a comparison rests on: the elementary comparisons inside it (brackets, conditions of `if`), and the facts of each.

Between two turns of the elementary comparisons a quantity is smooth in its facts. Only those are looked at that decide
now: the branch that is taken, the bracket that fits and the next above it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from innozone.kernel.columns import records_name
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.solve.repair_signs import compared, of_bracket, of_factor
from innozone.kernel.rules.solve.repair_tree import opened
from innozone.kernel.rules.solve.repair_world import Changes, Key, Outlook
from innozone.kernel.rules.tree import (
    And,
    Arith,
    Bracket,
    Call,
    Compare,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Neg,
    Not,
    Number,
    Or,
    Records,
    Ref,
    Tier,
    Within,
    Years,
    children,
    expanded,
)
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import UNKNOWN

Facts = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An elementary comparison, and the facts in which its sides are smooth; each as often as it stands there.

    helps: the truth that it should have to help the whole, None where that is not plain to see.
    """

    expr: Expr
    facts: Facts
    helps: bool | None = None


@dataclass
class Steps:
    """Reads one comparison under some changes.

    unknown: facts that nobody has told, nor found out by a change. records: the counts and sums of records it reads.
    certain: the sides are known to rise or fall with each fact, so that what turns one step turns it for good.
    """

    outlook: Outlook
    changes: Changes
    steps: list[Step] = field(default_factory=list)
    unknown: set[Key] = field(default_factory=set)
    records: list[Records] = field(default_factory=list)
    certain: bool = True

    def __post_init__(self) -> None:
        self.evaluator = Evaluator(self.outlook.world(self.changes))

    def truth(self, expr: Expr, sign: int) -> None:
        """Takes in a condition; it should hold where `sign` is 1, fail where it is -1; 0 where that is not known."""
        match expr:
            case And(items) | Or(items) | Least(_, items):
                for item in items:
                    self.truth(item, sign)
            case Not(operand):
                self.truth(operand, -sign)
            case Call("each" | "some", args):
                for year in expanded(args[0]):
                    self.truth(year, sign)
            case Ref():
                formula = opened(expr, self.outlook)
                if formula is not None:
                    self.truth(formula, sign)
                else:
                    self._step(expr, self._fact(expr.name, expr.index), sign)
            case Flag():
                pass
            case _:
                self.smooth(expr, sign)

    def smooth(self, expr: Expr, sign: int) -> Facts:
        """The facts in which a quantity is smooth; its elementary comparisons are noted. `sign` is 1 where more of it
        helps, -1 where less does."""
        match expr:
            case Ref(name, index):
                formula = opened(expr, self.outlook)
                return self._fact(name, index) if formula is None else self.smooth(formula, sign)
            case Years():
                return tuple(fact for ref in expr.refs() for fact in self.smooth(ref, sign))
            case Compare(op, left, right):
                return self._compare(expr, {">": sign, ">=": sign, "<": -sign, "<=": -sign}.get(op, 0), sign)
            case In(operand, _) | Within(operand, _) | Has(operand, _):
                return self._step(expr, self.smooth(operand, 0), sign)
            case And() | Or() | Not() | Least() | Call("each" | "some", _):
                self.truth(expr, sign)
                return ()
            case Call("if", (condition, one, other)):
                self.truth(condition, sign * compared(one, [other], self.outlook))
                verdict = self.evaluator.logical(condition)
                taken = {Truth.TRUE: (one,), Truth.FALSE: (other,), Truth.UNKNOWN: (one, other)}[verdict]
                return tuple(fact for branch in taken for fact in self.smooth(branch, sign))
            case Call("known", (operand,)):
                self.smooth(operand, 0)
                return ()
            case Call("coalesce", args):
                return self._coalesce(args, sign)
            case Call("growth", (Ref(name, index) as ref,)) if index is not None:
                return self.smooth(ref, 0) + self.smooth(Ref(name, index - 1), 0)
            case Call("min" | "max" | "sum" | "mean" | "round", args):
                return tuple(fact for arg in args for one in expanded(arg) for fact in self.smooth(one, sign))
            case Tier():
                return self._tier(expr, sign)
            case Records(_, record, _, _):
                self.records.append(expr)
                return self._fact(records_name(record), None)
            case Neg(operand):
                return self.smooth(operand, -sign)
            case Arith(op, left, right):
                return self._arith(op, left, right, sign)
        return tuple(fact for child in children(expr) for fact in self.smooth(child, 0))

    def _compare(self, expr: Compare, inner: int, sign: int) -> Facts:
        before = len(self.steps)
        facts = self.smooth(expr.left, inner) + self.smooth(expr.right, -inner)
        inside = {fact for step in self.steps[before:] for fact in step.facts}
        # What both slides and jumps with a fact may turn more than once.
        self.certain &= not any(fact in inside and self.moves(fact) for fact in facts)
        return self._step(expr, facts, sign)

    def _arith(self, op: str, left: Expr, right: Expr, sign: int) -> Facts:
        if op in "+-":
            return self.smooth(left, sign) + self.smooth(right, sign if op == "+" else -sign)
        signs = (of_factor(op, False, right, self.outlook), of_factor(op, True, left, self.outlook))
        sides = self.smooth(left, sign * signs[0]), self.smooth(right, sign * signs[1])
        # Where both move, a side may turn from falling to rising, unless neither is ever below zero.
        if all(any(self.moves(fact) for fact in side) for side in sides):
            self.certain &= op == "/" and all(signs)
        return sides[0] + sides[1]

    def _fact(self, name: str, year: int | None) -> Facts:
        world = self.evaluator.subject
        terms = self.outlook.dictionary
        told = world.get(name, year) is not UNKNOWN if name in terms else name.removesuffix(RECORDS) in world.records
        if not told:
            self.unknown.add((name, year))
        return ((name, year),)

    def _step(self, expr: Expr, facts: Facts, sign: int) -> Facts:
        self.steps.append(Step(expr, facts, sign > 0 if sign else None))
        moving = [fact for fact in facts if self.moves(fact)]
        self.certain &= len(set(moving)) == len(moving)
        return ()

    def moves(self, fact: Key) -> bool:
        return fact in self.unknown or bool(self.outlook.keys(*fact, self.changes))

    def _coalesce(self, args: tuple[Expr, ...], sign: int) -> Facts:
        found: Facts = ()
        for arg in args:
            told = self.smooth(arg, sign)
            if self.evaluator.value(arg) is not UNKNOWN:
                return found + told
        return found

    def _tier(self, tier: Tier, sign: int) -> Facts:
        signs = [sign * of_bracket(at, tier.brackets, tier.otherwise, self.outlook) for at in range(len(tier.brackets))]
        upward = {">=": 1, ">": 1, "<": -1, "<=": -1}
        inner = {each * upward.get(bracket.op, 0) for each, bracket in zip(signs, tier.brackets, strict=True)}
        operand = self.smooth(tier.operand, inner.pop() if len(inner) == 1 else 0)
        results: Facts = ()
        before: list[tuple[Compare, int]] = []
        for bracket, each in zip(tier.brackets, signs, strict=True):
            compared_ = Compare(bracket.op, tier.operand, bracket.limit)
            verdict = self.evaluator.logical(compared_)
            if verdict is not Truth.FALSE:
                self._step(compared_, operand, each)
                results += self.smooth(bracket.result, sign)
            if verdict is Truth.TRUE:
                break
            if verdict is Truth.FALSE:
                before.append((compared_, each))
        else:
            if tier.otherwise is not None:
                results += self.smooth(tier.otherwise, sign)
        for compared_, each in before[-1:] if _falls(tier.brackets) else before:
            self._step(compared_, operand, each)
        return results


def _falls(brackets: tuple[Bracket, ...]) -> bool:
    """Do the limits go one way with one comparator: then the bracket before the one that fits is the next."""
    limits = [bracket.limit.value for bracket in brackets if isinstance(bracket.limit, Number)]
    upward = brackets[0].op in (">=", ">")
    return (
        len(limits) == len(brackets)
        and len({bracket.op in (">=", ">") for bracket in brackets}) == 1
        and all(bracket.op not in ("==", "!=") for bracket in brackets)
        and limits == sorted(limits, reverse=upward)
    )
