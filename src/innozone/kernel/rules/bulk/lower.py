"""From condition trees to bit programs: negation pushed to the leaves, each distinct comparison an atom with a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from innozone.kernel.columns import column_name
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.functions import day_number
from innozone.kernel.rules.meaning import calendar_year, codelist_of, is_computed, is_count, is_fixed, subtree
from innozone.kernel.rules.settle import repeats, settled
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import (
    FLIPPED,
    And,
    Call,
    Compare,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Not,
    Number,
    Or,
    Records,
    Ref,
    Text,
    Within,
    Years,
    expanded,
    walk,
)
from innozone.kernel.terms import UNKNOWN, Dictionary


@dataclass(frozen=True, slots=True)
class NumberAtom:
    """source op limit, op one of >=, >, ==. `kind` is number or date (limit in days)."""

    source: Expr
    op: str
    limit: float
    kind: str
    close: bool


@dataclass(frozen=True, slots=True)
class CodeAtom:
    """The code in `column` is one of `accepted`."""

    column: str
    accepted: frozenset[str]


@dataclass(frozen=True, slots=True)
class FlagAtom:
    """The truth value in `column`."""

    column: str


@dataclass(frozen=True, slots=True)
class SetAtom:
    """The set in `column` holds one of `accepted`."""

    column: str
    accepted: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExprAtom:
    """Anything else, evaluated as it stands."""

    expr: Expr


Atom = NumberAtom | CodeAtom | FlagAtom | SetAtom | ExprAtom


@dataclass(frozen=True, slots=True)
class Node:
    """kind: literal, manual, constant, all, any, count (n of the children).

    `fixed`: nobody can turn it. `leaf` is the number of the condition's leaf; it takes no part in equality, so that equal sub-rules of different
    policies are worked out once.
    """

    kind: str
    atom: int = -1
    negated: bool = False
    n: int = 0
    children: tuple[Node, ...] = ()
    leaf: int = field(default=-1, compare=False)
    fixed: bool = False

    @property
    def manual(self) -> bool:
        return self.kind == "manual" or any(child.manual for child in self.children)


class Lowering:
    """Collects the atoms of many conditions over one dictionary and reference day; `atoms` holds those there are already."""

    def __init__(self, dictionary: Dictionary, as_of: date, atoms: dict[Atom, int] | None = None) -> None:
        self.dictionary = dictionary
        self.as_of = as_of
        self.atoms: dict[Atom, int] = {} if atoms is None else atoms
        self._constants = Evaluator(Subject(dictionary, {}, as_of))

    def condition(self, condition: Condition) -> Node:
        """The bit program of a condition."""
        self._leaf = 0
        self._tangled = repeats(condition)
        return self._tree(condition, False)

    def _tree(self, condition: Condition, negate: bool) -> Node:
        found = settled(condition, self.dictionary) if self._tangled and condition.items else None
        if found is not None:
            self._leaf += len(condition.leaves())
            return _constant(found is not negate)
        match condition:
            case AllOf(of):
                return combined(len(of), [self._tree(node, negate) for node in of], negate)
            case AnyOf(of):
                return combined(1, [self._tree(node, negate) for node in of], negate)
            case AtLeast(n, of):
                return combined(n, [self._tree(node, negate) for node in of], negate)
            case Negation(of):
                return self._tree(of, not negate)
            case Manual():
                self._leaf += 1
                return Node("manual", negated=negate, leaf=self._leaf - 1)
            case Test(expr):
                self._leaf += 1
                return self._expr(expr, negate, self._leaf - 1)
        raise TypeError(f"not a condition: {condition!r}")

    def _expr(self, expr: Expr, negate: bool, leaf: int) -> Node:
        def below(items: tuple[Expr, ...]) -> list[Node]:
            return [self._expr(item, negate, leaf) for item in items]

        joins = isinstance(expr, And | Or | Least) or (isinstance(expr, Call) and expr.name in ("each", "some"))
        found = settled(expr, self.dictionary) if self._tangled and joins else None
        if found is not None:
            return _constant(found is not negate, leaf)
        match expr:
            case And(items):
                return combined(len(items), below(items), negate)
            case Or(items):
                return combined(1, below(items), negate)
            case Not(operand):
                return self._expr(operand, not negate, leaf)
            case Call("each", args):
                years = expanded(args[0])
                return combined(len(years), below(years), negate)
            case Call("some", args):
                return combined(1, below(expanded(args[0])), negate)
            case Least(n, items):
                return combined(n, below(items), negate)
            case Flag(value):
                return _constant(value is not negate, leaf)
        atom, turned = self._atom(expr)
        number = self.atoms.setdefault(atom, len(self.atoms))
        fixed = is_fixed(expr, self.dictionary)
        return Node("literal", atom=number, negated=turned is not negate, leaf=leaf, fixed=fixed)

    def _atom(self, expr: Expr) -> tuple[Atom, bool]:
        """The atom of a comparison, and whether the comparison is its negation."""
        found: tuple[Atom, bool] | None = None
        match expr:
            case Ref() if (column := self._stored(expr, {"bool"})) is not None:
                return FlagAtom(column), False
            case Compare(op, left, right):
                found = self._comparison(op, left, right) or self._comparison(FLIPPED[op], right, left)
            case In(Ref() as ref, values) if all(isinstance(value, Text) for value in values):
                if (column := self._stored(ref, {"code", "text"})) is not None:
                    found = (
                        CodeAtom(column, frozenset(value.value for value in values if isinstance(value, Text))),
                        False,
                    )
            case Within(Ref() as ref, roots):
                if (column := self._stored(ref, {"code", "text"})) is not None:
                    found = CodeAtom(column, subtree(codelist_of(ref, self.dictionary), roots)), False
            case Has(Ref() as ref, roots):
                if (column := self._stored(ref, {"codes"})) is not None:
                    found = SetAtom(column, subtree(codelist_of(ref, self.dictionary), roots)), False
        return found or (ExprAtom(expr), False)

    def _comparison(self, op: str, left: Expr, right: Expr) -> tuple[Atom, bool] | None:
        """left op constant as an atom; None when right is no constant or left no plain column or number."""
        literal = isinstance(right, Number | Text)
        if is_count(left) or not (literal or not any(isinstance(node, Ref | Years | Records) for node in walk(right))):
            return None
        constant = self._constants.value(right)
        if constant is UNKNOWN or isinstance(constant, frozenset):
            return None
        if isinstance(constant, bool | str):
            if op not in ("==", "!=") or not isinstance(left, Ref):
                return None
            if isinstance(constant, bool):
                column = self._stored(left, {"bool"})
                return None if column is None else (FlagAtom(column), (op == "==") is not constant)
            column = self._stored(left, {"code", "text"})
            return None if column is None else (CodeAtom(column, frozenset({constant})), op == "!=")
        close = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
        kind, limit = ("number", constant) if isinstance(constant, float) else ("date", day_number(constant))
        turned = op in ("<", "<=", "!=")
        plain = {"<": ">=", "<=": ">", "!=": "=="}.get(op, op)
        return NumberAtom(left, plain, limit, kind, close and kind == "number"), turned

    def _stored(self, ref: Ref, types: set[str]) -> str | None:
        """The column of a stored variable of one of the types; None when it is computed or the reference is wrong."""
        variable = self.dictionary.get(ref.name)
        if variable is None or variable.formula is not None or variable.type not in types:
            return None
        try:
            return column_name(ref.name, calendar_year(ref.index, variable, None, self.as_of))
        except ValueError:
            return None


def _constant(value: bool, leaf: int = -1) -> Node:
    return Node("constant", negated=not value, leaf=leaf, fixed=True)


def combined(n: int, children: list[Node], negate: bool) -> Node:
    """At least n of the children, or its negation over children that are negated already, in its simplest form."""
    if negate:
        n = len(children) - n + 1
    kind = "all" if n == len(children) else "any" if n == 1 else "count"
    if len(children) == 1:
        return children[0]
    if kind == "count":
        return Node("count", n=n, children=tuple(children))
    flat: list[Node] = []
    for child in children:
        flat.extend(child.children if child.kind == kind else (child,))
    return Node(kind, n=len(flat) if kind == "all" else 1, children=tuple(flat))
