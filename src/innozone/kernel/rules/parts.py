"""A rule as parts: negation pushed down to the comparisons, each the set of values of one quantity for which it holds.

The check looks here for what can never hold (`dead`), the engines for what holds whatever a fact may be (`settle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.domains import Domain, FiniteSet, NumberSet, in_at_least, join, meet
from innozone.kernel.rules.functions import day_number
from innozone.kernel.rules.meaning import MOVED_BY_TIME, codelist_of, subtree
from innozone.kernel.rules.tree import (
    FLIPPED,
    And,
    Arith,
    Call,
    Compare,
    Day,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Neg,
    Not,
    Number,
    Or,
    Ref,
    Text,
    Today,
    Within,
    expanded,
)
from innozone.kernel.terms import UNKNOWN, CodeList, Dictionary, Unknown

TRUTHS: frozenset[object] = frozenset({True, False})

Constant = float | bool | str | date

#: What a quantity is made of that compares with a constant of the type.
_FITTING: dict[type, tuple[str, ...]] = {
    float: ("number",),
    date: ("date",),
    bool: ("bool",),
    str: ("code", "text"),
}


@dataclass(frozen=True)
class Part:
    """A node, or its negation (`negated`).

    An atom says that `key` lies in `domain`. A group holds where at least `n` of its children do, which carry its
    negation already. Anything else has neither and says nothing about one quantity.
    """

    node: Condition | Expr
    path: str
    negated: bool
    n: int = 0
    children: tuple[Part, ...] = ()
    key: Expr | None = None
    domain: Domain | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        return self.node.span if isinstance(self.node, Expr) else None

    @property
    def all(self) -> bool:
        """Every child must hold."""
        return bool(self.children) and self.n == len(self.children)

    @property
    def text(self) -> str:
        """The words of the rule, as an author would write them."""
        if isinstance(self.node, Expr):
            return str(Not(self.node) if self.negated else self.node)
        if isinstance(self.node, Manual):
            return self.node.text
        return {AllOf: "all", AnyOf: "any"}.get(type(self.node), "at_least")

    @cached_property
    def size(self) -> int:
        """The number of parts, itself included."""
        return 1 + sum(child.size for child in self.children)

    @cached_property
    def single(self) -> tuple[Expr, Domain] | None:
        """The one quantity that the part speaks of and the values for which it holds; None when there are several."""
        if self.key is not None and self.domain is not None:
            return self.key, self.domain
        if not self.children:
            return None
        found = [child.single for child in self.children]
        told = [each for each in found if each is not None]
        if len(told) < len(found) or any(key != told[0][0] for key, _ in told):
            return None
        return told[0][0], in_at_least(self.n, [domain for _, domain in told])


def conjuncts(part: Part) -> Iterator[Part]:
    """What must hold for the part to hold."""
    if not part.all:
        yield part
    for child in part.children if part.all else ():
        yield from conjuncts(child)


def implies(a: Part, b: Part) -> bool:
    """True when b holds wherever a does; False when that is not certain."""
    return _Implications().holds(a, b)


class _Implications:
    def __init__(self) -> None:
        # Trees are met again and again from both sides.
        self._kept: dict[tuple[int, int], bool] = {}

    def holds(self, a: Part, b: Part) -> bool:
        pair = id(a), id(b)
        if pair not in self._kept:
            self._kept[pair] = self._found(a, b)
        return self._kept[pair]

    def _found(self, a: Part, b: Part) -> bool:
        if b.all:
            return all(self.holds(a, each) for each in b.children)
        if a.n == 1 and not a.all:
            return all(self.holds(each, b) for each in a.children)
        told = list(conjuncts(a))
        if b.single is not None:
            key, domain = b.single
            mine = [each.single[1] for each in told if each.single is not None and each.single[0] == key]
            if mine and not meet(*mine, ~domain):
                return True
        if any(self._no_less(each, b) for each in told):
            return True
        if len(told) > 1 and any(each.children and self.holds(each, b) for each in told):
            return True
        return bool(b.children) and sum(self.holds(a, each) for each in b.children) >= b.n

    def _no_less(self, a: Part, b: Part) -> bool:
        """Do both ask a person the same, or a the same of more than b."""
        if a.children or b.children:
            same = len(a.children) == len(b.children) and a.n >= b.n
            return same and all(self.holds(one, other) for one, other in zip(a.children, b.children, strict=True))
        return a.node == b.node and a.negated == b.negated


class Reader:
    """Turns rules into parts of which nothing but the rule itself is believed: numbers of any size, codes beyond those
    of a list. Only quantities count that have a value as soon as all facts are told."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary

    def read(self, rule: Condition | Expr, path: str = "", negate: bool = False) -> Part:
        """The parts of a rule; paths as in Problem."""
        step = f"{path}." if path else ""
        match rule:
            case Test(expr):
                return self.read(expr, f"{step}test", negate)
            case Manual(text):
                return Part(Manual(text), path, negate)  # two that ask the same are equal, wherever they come from
            case Negation(of):
                return self.read(of, f"{step}not", not negate)
            case AllOf(of):
                return self._group(
                    rule, path, negate, len(of), [(each, f"{step}all[{at}]") for at, each in enumerate(of)]
                )
            case AnyOf(of):
                return self._group(rule, path, negate, 1, [(each, f"{step}any[{at}]") for at, each in enumerate(of)])
            case AtLeast(n, of):
                steps = [(each, f"{step}at_least.of[{at}]") for at, each in enumerate(of)]
                return self._group(rule, path, negate, n, steps)
            case Not(operand):
                return self.read(operand, path, not negate)
            case And(items):
                return self._group(rule, path, negate, len(items), [(item, path) for item in items])
            case Or(items):
                return self._group(rule, path, negate, 1, [(item, path) for item in items])
            case Least(n, items):
                return self._group(rule, path, negate, n, [(item, path) for item in items])
            case Call("each" | "some", args):
                years = expanded(args[0])
                n = len(years) if rule.name == "each" else 1
                return self._group(rule, path, negate, n, [(year, path) for year in years])
        found = self.atom(rule) if isinstance(rule, Expr) else None
        if found is None:
            return Part(rule, path, negate)
        key, domain = found
        return Part(rule, path, negate, key=key, domain=meet(~domain, self.universe(key, domain)) if negate else domain)

    def _group(
        self, rule: Condition | Expr, path: str, negate: bool, n: int, items: Iterable[tuple[Condition | Expr, str]]
    ) -> Part:
        children = tuple(self.read(item, step, negate) for item, step in items)
        return Part(rule, path, negate, len(children) - n + 1 if negate else n, children)

    def atom(self, expr: Expr) -> tuple[Expr, Domain] | None:
        """The quantity that a comparison speaks of and the values for which it holds; None when it may have no value."""
        found: tuple[Expr, Domain] | None = None
        match expr:
            case Flag(value):
                return expr, FiniteSet.of(TRUTHS if value else (), TRUTHS)
            case Compare(op, left, right):
                found = self.comparison(op, left, right) or self.comparison(FLIPPED[op], right, left)
            case In(operand, values):
                told = [self.comparison("==", operand, value) for value in values]
                domains = [each[1] for each in told if each is not None]
                if len(domains) == len(told):
                    found = operand, join(*domains)
            case Within(operand, roots):
                codelist = codelist_of(operand, self.dictionary)
                if self.fits(operand, ""):
                    found = operand, FiniteSet.of(subtree(codelist, roots), self.codes(codelist))
        if found is None and self.certain(expr):
            return _difference(expr) if isinstance(expr, Compare) else (expr, FiniteSet.of([True], TRUTHS))
        return found

    def comparison(self, op: str, left: Expr, right: Expr) -> tuple[Expr, Domain] | None:
        """The values of `left` for which `left op right` holds; None when that says nothing about them."""
        limit = self.constant(right)
        if limit is UNKNOWN or not self.fits(left, limit):
            return None
        if isinstance(limit, bool | str) and op not in ("==", "!="):
            return None
        if isinstance(limit, bool):
            return left, FiniteSet.of([limit is (op == "==")], TRUTHS)
        if isinstance(limit, str):
            same = FiniteSet.of([limit], self.codes(codelist_of(left, self.dictionary)))
            return left, same if op == "==" else ~same
        bound = NumberSet.where(op, limit if isinstance(limit, float) else day_number(limit), self.whole(left))
        return left, meet(bound, self.universe(left, bound))

    def constant(self, expr: Expr) -> Constant | Unknown:
        """The value of a literal; UNKNOWN for anything else. Calculated limits forgive last digits: they are no bounds."""
        match expr:
            case Number(value):
                return float(value)
            case Neg(Number(value)):
                return -float(value)
            case Text(value) | Flag(value) | Day(value):
                return value
        return UNKNOWN

    def fits(self, left: Expr, limit: Constant) -> bool:
        """Is `left` a quantity that always compares with the limit."""
        return self.base(left) in _FITTING[type(limit)]

    def certain(self, expr: Expr) -> bool:
        """Is the expression true or false as soon as all facts are told."""
        match expr:
            case Ref():
                return self.base(expr) == "bool"
            case Has(operand, _):
                return self.base(operand) == "codes"
            case Compare(op, left, right):
                base = self.base(left)
                ordered = base in ("number", "date") or op in ("==", "!=")
                return base not in (None, "codes") and base == self.base(right) and ordered
        return False

    def base(self, expr: Expr) -> str | None:
        """number, date, bool, text, code or codes of a quantity that has a value as soon as its fact is told, else None."""
        if isinstance(expr, Call) and expr.name in MOVED_BY_TIME:
            return "number" if self.base(expr.args[0]) == "date" else None
        if isinstance(expr, Today):
            return "date"
        if not isinstance(expr, Ref):
            return None
        variable = self.dictionary.get(expr.name)
        if variable is None or variable.formula is not None or (variable.period == "none") is not (expr.index is None):
            return None
        return "number" if variable.numeric else variable.type

    def whole(self, expr: Expr) -> bool:
        """Does the quantity take whole numbers only."""
        return False

    def universe(self, expr: Expr, like: Domain) -> Domain:
        """All the values that the quantity can take; `like` is a set of such values."""
        return NumberSet.all() if isinstance(like, NumberSet) else ~FiniteSet(frozenset(), like.universe)

    def codes(self, codelist: CodeList | None) -> frozenset[object] | None:
        """All the codes that a quantity over the list can take; None when there may be others."""
        return None


def _difference(expr: Compare) -> tuple[Expr, Domain]:
    """Two quantities compared with each other: what lies between them, whichever of the two is named first."""
    op, left, right = expr.op, expr.left, expr.right
    if str(left) > str(right):
        op, left, right = FLIPPED[op], right, left
    return Arith("-", left, right), NumberSet.where(op, 0.0)
