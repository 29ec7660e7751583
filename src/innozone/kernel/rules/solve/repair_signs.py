"""Between which ends a quantity lies whatever the facts are, and which way it goes with a part of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from innozone.kernel.rules.solve.repair_tree import opened
from innozone.kernel.rules.solve.repair_world import Outlook
from innozone.kernel.rules.tree import Arith, Bracket, Call, Expr, Neg, Number, Ref, Tier, Years

Ends = tuple[float, float]

EVERYTHING: Ends = (-math.inf, math.inf)


def ends(expr: Expr, outlook: Outlook) -> Ends:
    """The least and the most that a quantity can be, where it has a value; wide where that is not plain to see."""

    def below(part: Expr) -> Ends:
        return ends(part, outlook)

    match expr:
        case Number(value):
            return float(value), float(value)
        case Ref(name):
            formula = opened(expr, outlook)
            if formula is not None:
                return below(formula)
            return _of_variable(name, outlook)
        case Years(name):
            return below(Ref(name, expr.first))
        case Neg(operand):
            low, high = below(operand)
            return -high, -low
        case Arith("+", left, right):
            (a, b), (c, d) = below(left), below(right)
            return a + c, b + d
        case Arith("*", left, right):
            (a, b), (c, d) = below(left), below(right)
            return (_times(a, c), _times(b, d)) if a >= 0 and c >= 0 else EVERYTHING
        case Arith("/", left, right):
            return (0.0, math.inf) if below(left)[0] >= 0 and below(right)[0] >= 0 else EVERYTHING
        case Call("min" | "max" as name, args):
            both = [below(arg) for arg in args]
            choose = min if name == "min" else max
            return choose(low for low, _ in both), choose(high for _, high in both)
        case Call("if", (_, one, other)):
            return _hull([below(one), below(other)])
        case Call("coalesce", args):
            return _hull([below(arg) for arg in args])
        case Tier(_, brackets, otherwise):
            results = [bracket.result for bracket in brackets] + ([otherwise] if otherwise is not None else [])
            return _hull([below(result) for result in results])
    return EVERYTHING


def of_bracket(at: int, brackets: Sequence[Bracket], otherwise: Expr | None, outlook: Outlook) -> int:
    """1 where the bracket gives no less than all that come after it, -1 where it gives no more, 0 otherwise."""
    rest = [bracket.result for bracket in brackets[at + 1 :]] + ([otherwise] if otherwise is not None else [])
    return compared(brackets[at].result, rest, outlook)


def compared(one: Expr, others: Sequence[Expr], outlook: Outlook) -> int:
    """1 where a quantity is never below the others, -1 where it is never above them, 0 otherwise."""
    low, high = ends(one, outlook)
    least, most = _hull([ends(other, outlook) for other in others]) if others else EVERYTHING
    return 1 if low >= most else -1 if high <= least else 0


def of_factor(op: str, right: bool, other: Expr, outlook: Outlook) -> int:
    """Which way a product or quotient goes with one of its parts: 1 with it, -1 against it, 0 unknown."""
    low, high = ends(other, outlook)
    sign = 1 if low >= 0 else -1 if high <= 0 else 0
    return -sign if op == "/" and right else sign


def _of_variable(name: str, outlook: Outlook) -> Ends:
    variable = outlook.dictionary.get(name)
    if variable is None:
        return EVERYTHING
    low = -math.inf if variable.minimum is None else variable.minimum
    return low, math.inf if variable.maximum is None else variable.maximum


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _hull(parts: Sequence[Ends]) -> Ends:
    return min(low for low, _ in parts), max(high for _, high in parts)
