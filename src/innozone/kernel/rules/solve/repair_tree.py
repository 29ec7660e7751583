"""A rule as it stands on one day: negation pushed down to the comparisons, computed truths opened, calendar years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.meaning import calendar_year
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.solve.repair_world import Outlook
from innozone.kernel.rules.tree import (
    FIRST_CALENDAR_YEAR,
    FLIPPED,
    And,
    Call,
    Compare,
    Expr,
    Flag,
    Least,
    Not,
    Or,
    Ref,
    Today,
    Years,
    expanded,
    mapped,
)
from innozone.kernel.terms import UNKNOWN

#: The number of what stands in no leaf.
NO_LEAF = -1


@dataclass(frozen=True, eq=False)
class Atom:
    """A comparison that should have the truth `wanted`. `leaf` is the leaf of the condition in which it stands; `names`
    are the facts that it reads, formulas followed down; `movable` those of them that a change may reach."""

    expr: Expr
    wanted: bool
    leaf: int
    names: frozenset[str]
    movable: frozenset[str]


@dataclass(frozen=True, eq=False)
class Group:
    """At least n of the children. `source` is the node it was made of, which should be `wanted`."""

    n: int
    children: tuple[Node, ...]
    source: Condition | Expr | None = None
    wanted: bool = True

    @cached_property
    def conjuncts(self) -> tuple[Node, ...]:
        """What must hold for the group to hold."""
        if self.n < len(self.children):
            return (self,)
        return tuple(each for child in self.children for each in conjuncts(child))


Node = Atom | Group


def conjuncts(node: Node) -> tuple[Node, ...]:
    return node.conjuncts if isinstance(node, Group) else (node,)


def atoms(node: Node) -> Iterator[Atom]:
    if isinstance(node, Atom):
        yield node
    else:
        for child in node.children:
            yield from atoms(child)


def in_calendar_years(expr: Expr, outlook: Outlook, base: int | None = None) -> Expr:
    """The same with calendar years, as it is read on the day; `base` is the year of the formula that it stands in."""
    start = outlook.day.year if base is None else base
    match expr:
        case Ref(name, index):
            variable = outlook.dictionary.get(name)
            if variable is None or variable.period == "none":
                return expr
            try:
                return Ref(name, calendar_year(index, variable, base, outlook.day), span=expr.span)
            except ValueError:
                return expr
        case Years(name, first, last) if first < FIRST_CALENDAR_YEAR:
            return Years(name, start + first, start + last, span=expr.span)
        case Today(year) if year is not None and year < FIRST_CALENDAR_YEAR:
            return Today(start + year, span=expr.span)
    return mapped(expr, lambda child: in_calendar_years(child, outlook, base))


def opened(ref: Ref, outlook: Outlook) -> Expr | None:
    """The formula of a computed variable in the year of the reference; None for what was delivered, and for formulas
    that no engine follows."""
    variable = outlook.dictionary.get(ref.name)
    if variable is None or variable.formula is None or not followed(ref.name, outlook.dictionary):
        return None
    if outlook.fact(ref.name, ref.index, {}) is not UNKNOWN:
        return None
    return in_calendar_years(parse(variable.formula), outlook, ref.index)


@dataclass
class Builder:
    """Makes the tree of a condition. Manual leaves are taken as confirmed. `leaf` is the number of the leaf at hand."""

    outlook: Outlook
    leaf: int = NO_LEAF

    def whole(self, rule: Condition) -> Node:
        """The tree of a rule, and beside it that no part may come to exceed its whole."""
        tree = self.condition(rule)
        self.leaf = NO_LEAF
        bounds = tuple(self._bounds({name for atom in atoms(tree) for name in atom.names}))
        return Group(1 + len(bounds), (tree, *bounds)) if bounds else tree

    def _bounds(self, names: set[str]) -> Iterator[Atom]:
        """Each of the figures, of which some is a part, or which is a part, in the years that may change."""
        for variable in self.outlook.dictionary:
            if variable.part_of is None or names.isdisjoint((variable.code, variable.part_of)):
                continue
            yearly = range(self.outlook.first, self.outlook.last + 1)
            for year in yearly if variable.period == "year" else (None,):
                part, whole = Ref(variable.code, year), Ref(variable.part_of, year)
                bound = self.expr(Compare("<=", part, whole), True, None)
                if isinstance(bound, Atom) and bound.movable and self._holds(part, whole):
                    yield bound

    def _holds(self, part: Ref, whole: Ref) -> bool:
        """Is it so today; what is wrong or unknown in the facts already is not for a repair to put right."""
        figures = [self.outlook.fact(ref.name, ref.index, {}) for ref in (part, whole)]
        known = [figure for figure in figures if isinstance(figure, int | float | Decimal)]
        return len(known) == 2 and known[0] <= known[1]

    def condition(self, node: Condition, wanted: bool = True) -> Node:
        match node:
            case AllOf(of) | AnyOf(of) | AtLeast(_, of):
                n = node.n if isinstance(node, AtLeast) else len(of) if isinstance(node, AllOf) else 1
                return self._group(n, [self.condition(each, wanted) for each in of], node, wanted)
            case Negation(of):
                return self.condition(of, not wanted)
            case Manual():
                self.leaf += 1
                return Group(0, ())
            case Test(expr):
                self.leaf += 1
                return self.expr(expr, wanted, None)
        raise TypeError(f"not a condition: {node!r}")

    def expr(self, expr: Expr, wanted: bool, base: int | None) -> Node:
        match expr:
            case Flag(value):
                return Group(0 if value is wanted else 1, ())
            case Not(operand):
                return self.expr(operand, not wanted, base)
            case Compare("==" | "!=" as op, operand, Flag(value)) | Compare("==" | "!=" as op, Flag(value), operand):
                return self.expr(operand, wanted is ((op == "==") is value), base)
            case And(items) | Or(items) | Least(_, items):
                n = expr.n if isinstance(expr, Least) else len(items) if isinstance(expr, And) else 1
                return self._group(n, [self.expr(item, wanted, base) for item in items], expr, wanted)
            case Call("each" | "some", args):
                years = expanded(args[0])
                n = len(years) if expr.name == "each" else 1
                return self._group(n, [self.expr(year, wanted, base) for year in years], expr, wanted)
            case Compare(op, Call("min" | "max" as name, args), limit) if op not in ("==", "!="):
                return self._extreme(expr, name, op, args, limit, wanted, base)
            case Compare(op, limit, Call("min" | "max" as name, args)) if op not in ("==", "!="):
                return self._extreme(expr, name, FLIPPED[op], args, limit, wanted, base)
        told = in_calendar_years(expr, self.outlook, base)
        formula = self._formula(told)
        if formula is not None and isinstance(told, Ref):
            return self.expr(formula, wanted, told.index)
        names = self.outlook.names.within(expr)
        return Atom(told, wanted, self.leaf, names, frozenset(filter(self.outlook.movable, names)))

    def _extreme(
        self,
        expr: Expr,
        name: str,
        op: str,
        args: tuple[Expr, ...],
        limit: Expr,
        wanted: bool,
        base: int | None,
    ) -> Node:
        """The lowest of several is above a limit where all are, the highest where one is."""
        parts = [Compare(op, one, limit) for arg in args for one in expanded(arg)]
        n = len(parts) if (name == "min") is (op in (">", ">=")) else 1
        return self._group(n, [self.expr(part, wanted, base) for part in parts], expr, wanted)

    def _formula(self, told: Expr) -> Expr | None:
        """The formula of a computed truth, still in its own years."""
        if not isinstance(told, Ref) or opened(told, self.outlook) is None:
            return None
        variable = self.outlook.dictionary[told.name]
        return parse(variable.formula or "") if variable.type == "bool" else None

    def _group(self, n: int, children: list[Node], source: Condition | Expr, wanted: bool) -> Group:
        """Under a negation all but n - 1 must fail."""
        return Group(n if wanted else len(children) - n + 1, tuple(children), source, wanted)
