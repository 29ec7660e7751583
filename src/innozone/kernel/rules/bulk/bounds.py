"""Between which two numbers an amount lies, whatever the facts may be that nobody has told: intervals over rows.

A stored number that is unknown lies between the variable's declared minimum and maximum, and is unbounded where none is
declared. Everything worked out from it is bounded by the same operations at the ends, so that a float worked out later
from the told facts lies between the ends, too. Where a fact makes the amount impossible to work out, such as a division
by zero, there is no value to be bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from innozone.kernel.columns import Numbers, Records, column_name
from innozone.kernel.rules import functions
from innozone.kernel.rules.bulk.ends import ANYTHING, Ends, arithmetic, compared, fitting_ends, growth, point, widened
from innozone.kernel.rules.bulk.logic import Logic, all_of, any_of, counted, everywhere, inverted, known
from innozone.kernel.rules.bulk.told import NO_YEAR, Told, peeks, year_of
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.meaning import is_computed, limits_of
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.settle import settled
from innozone.kernel.rules.tree import (
    And,
    Arith,
    Call,
    Compare,
    Expr,
    Least,
    Marginal,
    Neg,
    Not,
    Number,
    Or,
    Ref,
    Tier,
    expanded,
)
from innozone.kernel.rules.tree import Records as RecordsExpr
from innozone.kernel.terms import Variable


@dataclass(frozen=True, eq=False)
class Bounded(Ends):
    """The ends of an amount, and its value by the facts there are, NaN where these do not give it."""

    value: Floats


def bounds(expr: Expr, block: Block) -> Bounded:
    """Between which numbers a numeric expression lies in each row of a block: arrays of float64.

    Where the facts that it reads are all told both ends are its value; where it has none in spite of that, both are
    infinite.
    """
    length = block.rows.stop - block.rows.start if isinstance(block.rows, slice) else len(block.rows)
    value = np.broadcast_to(block.number(expr), (length,))
    there = ~np.isnan(value)
    sure = there & Told(block).of(expr) if peeks(expr, block.dictionary) else there
    low, high = np.where(sure, value, -np.inf), np.where(sure, value, np.inf)
    open_ = np.flatnonzero(~sure)
    if len(open_):
        rows = open_ + block.rows.start if isinstance(block.rows, slice) else block.rows[open_]
        rest = Block(block.snapshot, block.dictionary, rows)
        found = Intervals(rest).of(expr)
        # All is told and there is still no value: nothing bounds what cannot be worked out.
        hopeless = Told(rest).of(expr)
        low[open_] = np.where(hopeless, -np.inf, found.low)
        high[open_] = np.where(hopeless, np.inf, found.high)
    return Bounded(low, high, value)


class Intervals:
    """The ends of expressions over the rows of a block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.dictionary = block.dictionary
        self._kept: dict[tuple[str, int | None], Ends] = {}

    def of(self, expr: Expr, base: int | None = None) -> Ends:
        """The ends of a numeric expression per row, or one for all rows; `base` is the year of the formula it stands in."""
        with np.errstate(all="ignore"):
            found = self._of(expr, base)
            # No float is as large: it has no value.
            never = (found.low == np.inf) | (found.high == -np.inf) | np.isnan(found.low) | np.isnan(found.high)
            return Ends(np.where(never, -np.inf, found.low), np.where(never, np.inf, found.high))

    def _of(self, expr: Expr, base: int | None) -> Ends:
        match expr:
            case Number(value):
                return point(np.array([float(value)]))
            case Ref():
                return self._ref(expr, base)
            case Neg(operand):
                inner = self.of(operand, base)
                return Ends(-inner.high, -inner.low)
            case Arith(op, left, right):
                return arithmetic(op, self.of(left, base), self.of(right, base))
            case Tier():
                return self._tier(expr, base)
            case Marginal():
                return self._marginal(expr, base)
            case RecordsExpr():
                return self._records(expr)
            case Call(name, args):
                return self._call(name, args, expr, base)
        return self._plain(expr, base)

    def _plain(self, expr: Expr, base: int | None) -> Ends:
        """Its value where nothing can change that, anything elsewhere."""
        value = self.block.number(expr, base)
        sure = ~np.isnan(value)
        if peeks(expr, self.dictionary):
            sure = sure & Told(self.block).of(expr, base)
        return Ends(np.where(sure, value, -np.inf), np.where(sure, value, np.inf))

    def _ref(self, ref: Ref, base: int | None) -> Ends:
        variable = self.dictionary.get(ref.name)
        year = year_of(ref, variable, base, self.block)
        if variable is None or year is NO_YEAR or not variable.numeric:
            return ANYTHING
        key = (ref.name, year)
        if key in self._kept:
            return self._kept[key]
        column = self.block.column(column_name(ref.name, year))
        stored = column.values if isinstance(column, Numbers) and column.kind == "number" else np.array([np.nan])
        if variable.formula is None:
            rest = _declared(variable)
        elif not followed(variable.code, self.dictionary):
            return ANYTHING
        else:
            rest = self.of(parse(variable.formula), year)
        unknown = np.isnan(stored)
        self._kept[key] = Ends(np.where(unknown, rest.low, stored), np.where(unknown, rest.high, stored))
        return self._kept[key]

    def _tier(self, tier: Tier, base: int | None) -> Ends:
        low, high = np.array([np.inf]), np.array([-np.inf])
        left = np.ones(1, dtype=bool)
        for bracket in tier.brackets:
            fits = self._compare(Compare(bracket.op, tier.operand, bracket.limit), base)
            low, high = widened(low, high, left & ~fits.false, self.of(bracket.result, base))
            left = left & ~fits.true
        if tier.otherwise is not None:
            low, high = widened(low, high, left, self.of(tier.otherwise, base))
        return Ends(low, high)

    def _marginal(self, expr: Marginal, base: int | None) -> Ends:
        whole, limits = self.of(expr.operand, base), limits_of(expr)
        rates = [self.of(rate, base) for rate in [*(each.result for each in expr.brackets), expr.otherwise]]
        parts, below = [], 0.0
        for at, rate in enumerate(rates):
            top = limits[at] if at < len(limits) else np.inf
            low, high = (np.maximum(np.minimum(end, top) - below, 0.0) for end in (whole.low, whole.high))
            parts.append(arithmetic("*", Ends(low, high), rate))
            below = top
        return reduce(lambda a, b: arithmetic("+", a, b), parts)

    def _records(self, expr: RecordsExpr) -> Ends:
        found = None if peeks(expr.where, self.dictionary) else self.block.fitting(expr)
        terms = self.dictionary.record_terms(expr.record)
        variable = terms.get(expr.field) if terms is not None else None
        if expr.function == "count":
            if found is None:
                return Ends(np.zeros(1), np.array([np.inf]))
            sure, possible, column = found
            return Ends(np.where(column.known, sure.counts, 0.0), np.where(column.known, possible.counts, np.inf))
        if variable is None:
            return ANYTHING
        declared = _declared(variable)
        if expr.function == "sum":
            unknown = Ends(np.where(declared.low >= 0, 0.0, -np.inf), np.where(declared.high <= 0, 0.0, np.inf))
        else:
            unknown = declared
        if found is None:
            return unknown
        sure, possible, column = found
        ends = fitting_ends(expr.function, sure, possible, _cells(column, expr.field, declared))
        exact = self._plain(expr, None)
        told = np.isfinite(exact.low)
        low, high = (
            np.where(column.known, one, other) for one, other in ((ends.low, unknown.low), (ends.high, unknown.high))
        )
        return Ends(np.where(told, exact.low, low), np.where(told, exact.high, high))

    def _call(self, name: str, args: tuple[Expr, ...], expr: Expr, base: int | None) -> Ends:
        match name:
            case "min" | "max":
                fold = np.minimum if name == "min" else np.maximum
                each = [self.of(one, base) for arg in args for one in expanded(arg)]
                return Ends(reduce(fold, [part.low for part in each]), reduce(fold, [part.high for part in each]))
            case "sum" | "mean":
                each = [self.of(one, base) for arg in args for one in expanded(arg)]
                total = reduce(lambda a, b: arithmetic("+", a, b), each)
                return total if name == "sum" else arithmetic("/", total, point(np.array([float(len(each))])))
            case "growth" if isinstance(args[0], Ref):
                index = args[0].index
                before = self.of(Ref(args[0].name, -1 if index is None else index - 1), base)
                return growth(self.of(args[0], base), before)
            case "if":
                truth = self.logical(args[0], base)
                first, second = self.of(args[1], base), self.of(args[2], base)
                low, high = widened(np.array([np.inf]), np.array([-np.inf]), ~truth.false, first)
                return Ends(*widened(low, high, ~truth.true, second))
            case "coalesce":
                found = self.of(args[-1], base)
                for arg in reversed(args[:-1]):
                    own, told = self.of(arg, base), Told(self.block).of(arg, base)
                    there = ~np.isnan(self.block.number(arg, base))
                    low, high = widened(own.low, own.high, np.ones(1, dtype=bool), found)
                    low, high = (
                        np.where(told & there, one, other) for one, other in ((own.low, low), (own.high, high))
                    )
                    gone = told & ~there
                    found = Ends(np.where(gone, found.low, low), np.where(gone, found.high, high))
                return found
            case "round":
                places = int(args[1].value) if len(args) == 2 and isinstance(args[1], Number) else 0
                inner = self.of(args[0], base)
                ends = [
                    np.where(np.isfinite(end), functions.rounded(end, places), end) for end in (inner.low, inner.high)
                ]
                return Ends(ends[0], ends[1])
        return self._plain(expr, base)

    # Truth that no fact can change any more.

    def logical(self, expr: Expr, base: int | None = None) -> Logic:
        """Where a true-or-false expression is true, or false, whatever the unknown facts may be."""
        items: list[Expr] = []
        match expr:
            case And() | Or() | Least():
                items = list(expr.items)
            case Call("each" | "some", args):
                items = list(expanded(args[0]))
            case Not(operand):
                return inverted(self.logical(operand, base))
            case Compare():
                return self._compare(expr, base)
            case Call("known", args):
                there, told = known(self.block.value(args[0], base)), Told(self.block).of(args[0], base)
                return Logic(there & (told | (not peeks(args[0], self.dictionary))), ~there & told)
        if not items:
            return self._told(expr, base)
        found = settled(expr, self.dictionary)
        if found is not None:
            return everywhere(found)
        parts = [self.logical(item, base) for item in items]
        if isinstance(expr, Least):
            return counted(expr.n, parts)
        return (
            all_of(parts)
            if isinstance(expr, And) or (isinstance(expr, Call) and expr.name == "each")
            else any_of(parts)
        )

    def _told(self, expr: Expr, base: int | None) -> Logic:
        truth = self.block.logical(expr, base)
        if not peeks(expr, self.dictionary):
            return truth
        told = Told(self.block).of(expr, base)
        return Logic(truth.true & told, truth.false & told)

    def _compare(self, expr: Compare, base: int | None) -> Logic:
        sides = (expr.left, expr.right)
        values = [self.block.value(side, base) for side in sides]
        if not all(isinstance(value, Numbers) and value.kind == "number" for value in values):
            return self._told(expr, base)
        close = any(is_computed(side, self.dictionary) for side in sides)
        return compared(expr.op, self.of(expr.left, base), self.of(expr.right, base), close)


def _declared(variable: Variable) -> Ends:
    """What the dictionary says of a number that nobody has told."""
    low = -np.inf if variable.minimum is None else float(variable.minimum)
    high = np.inf if variable.maximum is None else float(variable.maximum)
    return Ends(np.array([low]), np.array([high]))


def _cells(column: Records, field: str, declared: Ends) -> Ends:
    cells = column.fields.get(field)
    values = cells.values if isinstance(cells, Numbers) and cells.kind == "number" else np.full(column.count, np.nan)
    unknown = np.isnan(values)
    return Ends(np.where(unknown, declared.low, values), np.where(unknown, declared.high, values))
