"""The evaluator for many rows at once: the same meaning and the same order of operations as `evaluate`, on arrays.

Numbers are float64 with NaN for unknown; truth is a pair of arrays (surely true, surely false); codes are positions in
categories. A constant is an array of one element and spreads by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TypeGuard

import numpy as np

from innozone.kernel.columns import Codes, Column, Flags, Numbers, Records, Sets, Snapshot, column_name, records_name
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules import functions
from innozone.kernel.rules.bulk.compare import compare_to, reach
from innozone.kernel.rules.bulk.fitting import Fitting
from innozone.kernel.rules.bulk.logic import (
    NO_NUMBER,
    NOTHING,
    Logic,
    Vector,
    all_of,
    any_of,
    by_limits,
    chosen,
    coded,
    counted,
    dated,
    everywhere,
    first_known,
    first_of,
    inverted,
    known,
    truths,
    unified,
    unknown_like,
    unknown_of,
)
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.meaning import (
    MOVED_BY_TIME,
    calendar_year,
    codelist_of,
    day_of,
    is_computed,
    is_count,
    limits_of,
    subtree,
)
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.settle import settled
from innozone.kernel.rules.tree import (
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
    Marginal,
    Neg,
    Not,
    Number,
    Or,
    Ref,
    Text,
    Tier,
    Today,
    Within,
    expanded,
)
from innozone.kernel.rules.tree import Records as RecordsExpr
from innozone.kernel.terms import Dictionary, Variable

#: Computed arrays kept per block: formulas of derived variables and ages, which many rules share.
MOST_KEPT = 32


class Block:
    """Some rows of a snapshot, and what expressions give there."""

    def __init__(self, snapshot: Snapshot, dictionary: Dictionary, rows: Selection) -> None:
        self.snapshot = snapshot
        self.dictionary = dictionary
        self.rows = rows
        self._columns: dict[str, Column | None] = {}
        self._kept: dict[tuple[Expr, int | None], Vector] = {}
        self._records: dict[RecordsExpr, tuple[Fitting, Fitting, Records]] = {}

    def column(self, name: str) -> Column | None:
        """The column's rows of this block; None when the snapshot has no such column."""
        if name not in self._columns:
            column = self.snapshot.column(name)
            self._columns[name] = None if column is None else column.take(self.rows)
        return self._columns[name]

    def value(self, expr: Expr, base: int | None = None) -> Vector:
        """The values of an expression; `base` is the year of the formula it stands in."""
        match expr:
            case Number(value):
                return Numbers(np.array([float(value)]))
            case Text(value):
                return Codes(np.zeros(1, dtype=np.int16), (value,))
            case Flag(value):
                return everywhere(value)
            case Day(value):
                return dated(value)
            case Today():
                return dated(day_of(expr, self.snapshot.as_of, base))
            case Ref():
                return self._ref(expr, base)
            case Neg(operand):
                return Numbers(-self.number(operand, base))
            case Arith(op, left, right):
                return Numbers(functions.arithmetic(op, self.number(left, base), self.number(right, base)))
            case Compare(op, left, right):
                return self._compare(op, left, right, base)
            case In(operand, values):
                return any_of([self._compare("==", operand, value, base) for value in values])
            case Within(operand, roots):
                codes = self.value(operand, base)
                return coded(codes, subtree(codelist_of(operand, self.dictionary), roots))
            case Has(operand, roots):
                sets = self.value(operand, base)
                if not isinstance(sets, Sets):
                    return NOTHING
                held = sets.holds(subtree(codelist_of(operand, self.dictionary), roots))
                return Logic(held, sets.known & ~held)
            case And(items):
                return self._settled(expr) or all_of([self.logical(item, base) for item in items])
            case Or(items):
                return self._settled(expr) or any_of([self.logical(item, base) for item in items])
            case Not(operand):
                return inverted(self.logical(operand, base))
            case Least(n, items):
                return self._settled(expr) or counted(n, [self.logical(item, base) for item in items])
            case Tier():
                return self._tier(expr, base)
            case Marginal(operand, brackets, otherwise):
                rates = [self.number(bracket.result, base) for bracket in brackets]
                rates.append(self.number(otherwise, base))
                return Numbers(functions.marginal(self.number(operand, base), limits_of(expr), rates))
            case RecordsExpr():
                return self._over_records(expr)
            case Call(name, args):
                return self._call(name, args, expr, base)
        raise TypeError(f"not an expression: {expr!r}")

    def _settled(self, expr: Expr) -> Logic | None:
        """The truth that the expression has whatever the facts may be."""
        found = settled(expr, self.dictionary)
        return None if found is None else everywhere(found)

    def logical(self, expr: Expr, base: int | None = None) -> Logic:
        """The truth of an expression per row; values that are no truth values are unknown."""
        found = self.value(expr, base)
        return found if isinstance(found, Logic) else NOTHING

    def number(self, expr: Expr, base: int | None = None) -> functions.Floats:
        """The numbers of an expression per row; NaN where unknown or no number."""
        found = self.value(expr, base)
        return found.values if isinstance(found, Numbers) and found.kind == "number" else NO_NUMBER.values

    def _days(self, expr: Expr, base: int | None) -> functions.Floats:
        found = self.value(expr, base)
        return found.values if isinstance(found, Numbers) and found.kind == "date" else NO_NUMBER.values

    def _ref(self, ref: Ref, base: int | None) -> Vector:
        variable = self.dictionary.get(ref.name)
        if variable is None:
            return NOTHING
        try:
            year = calendar_year(ref.index, variable, base, self.snapshot.as_of)
        except ValueError:
            return NOTHING
        column = self.column(column_name(ref.name, year))
        assert not isinstance(column, Records), "no variable has the name of records"
        stored: Vector | None = truths(column) if isinstance(column, Flags) else column
        if variable.formula is None:
            return unknown_of(variable) if stored is None else stored
        key: tuple[Expr, int | None] = (Ref(ref.name), year)
        if key not in self._kept:
            computed = self._formula(variable, year)
            self._keep(key, computed if stored is None else first_known(stored, computed))
        return self._kept[key]

    def _formula(self, variable: Variable, year: int | None) -> Vector:
        if not followed(variable.code, self.dictionary):
            return unknown_of(variable)
        return self.value(parse(variable.formula or ""), year)

    def _keep(self, key: tuple[Expr, int | None], vector: Vector) -> None:
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = vector

    def fitting(self, expr: RecordsExpr) -> tuple[Fitting, Fitting, Records] | None:
        """Per row how many records surely fit and how many may, and the records; None when nothing is known of them."""
        key = RecordsExpr("count", expr.record, "", expr.where)
        if key not in self._records:
            terms, column = self.dictionary.record_terms(expr.record), self.column(records_name(expr.record))
            if terms is None or not isinstance(column, Records):
                return None
            world = Snapshot(column.fields, np.empty(column.count, dtype=np.int64), self.snapshot.as_of)
            verdict = Block(world, terms, slice(0, column.count)).logical(expr.where)
            true, maybe = (np.broadcast_to(part, (column.count,)) for part in (verdict.true, ~verdict.false))
            sure = Fitting(column, true)
            self._records[key] = sure, sure if np.array_equal(true, maybe) else Fitting(column, maybe), column
        return self._records[key]

    def _over_records(self, expr: RecordsExpr) -> Numbers:
        found = self.fitting(expr)
        if found is None:
            return NO_NUMBER
        sure, possible, column = found
        settled = column.known & (sure.counts == possible.counts)
        if expr.function == "count":
            return Numbers(np.where(settled, sure.counts, np.nan))
        cells = column.fields.get(expr.field)
        if not isinstance(cells, Numbers) or cells.kind != "number":
            return NO_NUMBER
        folded = sure.folded(expr.function, cells.values)
        return Numbers(np.where(settled, folded, np.nan))

    def _ends(self, expr: Expr, base: int | None) -> tuple[functions.Floats, functions.Floats]:
        """The least and the most that a count may be; both NaN where nothing is known."""
        if not isinstance(expr, RecordsExpr) or not is_count(expr):
            number = self.number(expr, base)
            return number, number
        found = self.fitting(expr)
        if found is None:
            return NO_NUMBER.values, NO_NUMBER.values
        sure, possible, column = found
        return np.where(column.known, sure.counts, np.nan), np.where(column.known, possible.counts, np.nan)

    def _compare_counts(self, op: str, left: Expr, right: Expr, base: int | None) -> Logic:
        """Settled where it comes out the same whatever the counts are between their ends."""
        (low, high), (least, most) = self._ends(left, base), self._ends(right, base)
        close = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
        corners = [
            Logic(true, ~(true | np.isnan(a) | np.isnan(b)))
            for a in (low, high)
            for b in (least, most)
            for true in (functions.compare(op, a, b, close),)
        ]
        true = reduce(np.logical_and, [corner.true for corner in corners])
        false = reduce(np.logical_and, [corner.false for corner in corners])
        if op in ("==", "!="):
            open_ = ((low < high) | (least < most)) & (high >= least) & (low <= most)
            true, false = true & ~open_, false & ~open_
        return Logic(true, false)

    def _compare(self, op: str, left: Expr, right: Expr, base: int | None) -> Logic:
        if is_count(left) or is_count(right):
            return self._compare_counts(op, left, right, base)
        b = self.value(right, base)
        close = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
        constant = float(b.values[0]) if isinstance(b, Numbers) and len(b) == 1 else np.nan
        if isinstance(left, Call) and left.name in MOVED_BY_TIME and _numbers([b]) and not np.isnan(constant):
            return self._compare_age(op, left, constant, close, base)
        a = self.value(left, base)
        if isinstance(a, Numbers) and isinstance(b, Numbers) and a.kind == b.kind:
            close = close and a.kind == "number"
            if len(a) > 1 and not np.isnan(constant):
                true = compare_to(op, a.values, constant, close)
                return Logic(true, ~(true | np.isnan(a.values)))
            true = functions.compare(op, a.values, b.values, close)
            return Logic(true, ~(true | np.isnan(a.values) | np.isnan(b.values)))
        if op not in ("==", "!="):
            return NOTHING
        equal = NOTHING
        if isinstance(a, Codes) and isinstance(b, Codes) and len(b) == 1 and b.values[0] >= 0:
            equal = coded(a, frozenset({b.categories[int(b.values[0])]}))
        elif isinstance(a, Codes) and isinstance(b, Codes):
            one, other, _ = unified(a, b)
            true = (one == other) & (one >= 0)
            equal = Logic(true, ~true & (one >= 0) & (other >= 0))
        elif isinstance(a, Logic) and isinstance(b, Logic):
            equal = Logic((a.true & b.true) | (a.false & b.false), (a.true & b.false) | (a.false & b.true))
        return equal if op == "==" else inverted(equal)

    def _compare_age(self, op: str, left: Call, limit: float, close: bool, base: int | None) -> Logic:
        """The days compared, not what has passed since: the earlier the day, the more that is."""
        days = self._days(left.args[0], base)
        least, more = (
            functions.last_day(left.name, reach(each, limit, close), self.snapshot.as_of) for each in (">=", ">")
        )
        if op in ("==", "!="):
            true = (days <= least) & (days > more)
        else:
            true = days <= (least if op in (">=", "<") else more)
        found = Logic(true, ~(true | np.isnan(days)))
        return found if op in (">=", ">", "==") else inverted(found)

    def _tier(self, tier: Tier, base: int | None) -> Vector:
        found = self._numeric_tier(tier, base)
        return self._any_tier(tier, base) if found is None else found

    def _numeric_tier(self, tier: Tier, base: int | None) -> Numbers | None:
        """A number by the bracket of another number, where limits are the same for all rows and fall or rise from bracket
        to bracket: how many limits are reached tells the bracket. None for any other tier."""
        reached = self._reached(tier, base)
        if reached is None:
            return None
        vectors = [self.value(bracket.result, base) for bracket in tier.brackets]
        vectors.append(NO_NUMBER if tier.otherwise is None else self.value(tier.otherwise, base))
        vectors.append(self.value(tier.operand, base))
        if not _numbers(vectors):
            return None
        *results, numbers = (vector.values for vector in vectors)
        return Numbers(by_limits(numbers, reached, results[::-1] if tier.brackets[0].op in (">=", ">") else results))

    def _reached(self, tier: Tier, base: int | None) -> list[float] | None:
        """The limits of a tier as the least number of which each is reached; None where they are not known, not the same
        for all rows, or do not fall or rise."""
        limits = [self.value(bracket.limit, base) for bracket in tier.brackets]
        ops = {bracket.op for bracket in tier.brackets}
        if is_count(tier.operand) or not _numbers(limits) or not (ops <= {">=", ">"} or ops <= {"<=", "<"}):
            return None
        computed = is_computed(tier.operand, self.dictionary)
        found = []
        for bracket, limit in zip(tier.brackets, limits, strict=True):
            if len(limit) != 1 or np.isnan(limit.values[0]):
                return None
            close = computed or is_computed(bracket.limit, self.dictionary)
            found.append(reach(">=" if bracket.op in (">=", "<") else ">", float(limit.values[0]), close))
        return found if found == sorted(found, reverse=bool(ops & {">=", ">"})) else None

    def _any_tier(self, tier: Tier, base: int | None) -> Vector:
        result = None if tier.otherwise is None else self.value(tier.otherwise, base)
        for bracket in reversed(tier.brackets):
            fits = self._compare(bracket.op, tier.operand, bracket.limit, base)
            found = self.value(bracket.result, base)
            result = chosen(fits, found, result if result is not None else unknown_like(found), same=False)
        assert result is not None, "a tier has at least one bracket"
        return result

    def _call(self, name: str, args: tuple[Expr, ...], expr: Expr, base: int | None) -> Vector:
        match name:
            case "age" | "months_since" | "days_since":
                key = (Call(name, args), base)
                if key not in self._kept:
                    function = getattr(functions, name)
                    self._keep(key, Numbers(function(self._days(args[0], base), self.snapshot.as_of)))
                return self._kept[key]
            case "min" | "max" | "sum" | "mean":
                numbers = [self.number(one, base) for arg in args for one in expanded(arg)]
                if name in ("min", "max"):
                    return Numbers(reduce(np.minimum if name == "min" else np.maximum, numbers))
                result = functions.total(numbers)
                if name == "mean":
                    result = functions.arithmetic("/", result, np.array([float(len(numbers))]))
                return Numbers(result)
            case "growth":
                assert isinstance(args[0], Ref)
                index = args[0].index
                before = Ref(args[0].name, -1 if index is None else index - 1)
                return Numbers(functions.growth(self.number(args[0], base), self.number(before, base)))
            case "cagr":
                years = expanded(args[0])
                first, last = self.number(years[0], base), self.number(years[-1], base)
                return Numbers(functions.cagr(first, last, len(years) - 1))
            case "each":
                return self._settled(expr) or all_of([self.logical(one, base) for one in expanded(args[0])])
            case "some":
                return self._settled(expr) or any_of([self.logical(one, base) for one in expanded(args[0])])
            case "if":
                return chosen(
                    self.logical(args[0], base), self.value(args[1], base), self.value(args[2], base), same=True
                )
            case "coalesce":
                return first_of([self.value(arg, base) for arg in args])
            case "known":
                there = known(self.value(args[0], base))
                return Logic(there, ~there)
            case "round":
                places = int(args[1].value) if len(args) == 2 and isinstance(args[1], Number) else 0
                return Numbers(functions.rounded(self.number(args[0], base), places))
        raise TypeError(f"not a function: {name}")


def _numbers(vectors: Sequence[Vector]) -> TypeGuard[Sequence[Numbers]]:
    """Are all of them plain numbers."""
    return all(isinstance(each, Numbers) and each.kind == "number" for each in vectors)
