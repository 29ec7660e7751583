"""The reference evaluator: one subject, one expression, three values. Short on purpose; every other engine is held to it.

A value nobody told, a division by zero, a year that is missing, values that do not compare: each is unknown, with a
reason in the evaluator's notes. Nothing fails open.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from innozone.kernel.columns import records_name
from innozone.kernel.rules import functions
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.meaning import (
    calendar_year,
    codelist_of,
    day_of,
    is_computed,
    is_count,
    limits_of,
    stands_below,
)
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.settle import settled
from innozone.kernel.rules.subject import Notes, Scalar, Subject
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
    Records,
    Ref,
    Text,
    Tier,
    Today,
    Within,
    expanded,
)
from innozone.kernel.rules.truth import Truth, all_of, any_of, at_least
from innozone.kernel.terms import UNKNOWN, Unknown, Value, Variable

_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


class Evaluator:
    """Evaluates expressions over one subject and keeps notes."""

    def __init__(self, subject: Subject, notes: Notes | None = None) -> None:
        self.subject = subject
        self.dictionary = subject.dictionary
        self.notes = notes if notes is not None else Notes()

    def truth(self, condition: Condition) -> Truth:
        """The verdict of a condition tree."""
        match condition:
            case AllOf(of):
                return self._joined(all_of([self.truth(node) for node in of]), condition)
            case AnyOf(of):
                return self._joined(any_of([self.truth(node) for node in of]), condition)
            case AtLeast(n, of):
                return self._joined(at_least(n, [self.truth(node) for node in of]), condition)
            case Negation(of):
                return ~self.truth(of)
            case Manual(text):
                return Truth.of(self.notes.unknown("manual", text))
            case Test(expr):
                return self.logical(expr)
        raise TypeError(f"not a condition: {condition!r}")

    def _joined(self, verdict: Truth, node: Condition | Expr) -> Truth:
        """The verdict of the parts, or what holds whatever the facts that are not known may be."""
        found = settled(node, self.dictionary) if verdict is Truth.UNKNOWN else None
        return verdict if found is None else Truth.of(found)

    def logical(self, expr: Expr, base: int | None = None) -> Truth:
        """The truth of an expression; a value that is no truth value is unknown."""
        value = self.value(expr, base)
        if isinstance(value, bool) or value is UNKNOWN:
            return Truth.of(value)
        return Truth.of(self.notes.unknown("mismatch", f"{expr} is neither true nor false"))

    def value(self, expr: Expr, base: int | None = None) -> Scalar:
        """The value of an expression; `base` is the year of the formula it stands in."""
        match expr:
            case Number(value):
                return float(value)
            case Text(value) | Flag(value) | Day(value):
                return value
            case Today():
                return day_of(expr, self.subject.as_of, base)
            case Ref():
                return self._ref(expr, base)
            case Neg(operand):
                number = self._number(operand, base)
                return UNKNOWN if number is UNKNOWN else -number
            case Arith(op, left, right):
                return self._arith(op, self._number(left, base), self._number(right, base), expr)
            case Compare(op, left, right):
                return self._compare(op, left, right, base)
            case In(operand, values):
                return _bool(any_of([Truth.of(self._compare("==", operand, value, base)) for value in values]))
            case Within(operand, roots):
                code = self.value(operand, base)
                if code is UNKNOWN:
                    return UNKNOWN
                if not isinstance(code, str):
                    return self.notes.unknown("mismatch", f"{operand} is not a code")
                return stands_below(codelist_of(operand, self.dictionary), code, roots)
            case Has(operand, roots):
                codes = self.value(operand, base)
                if codes is UNKNOWN:
                    return UNKNOWN
                if not isinstance(codes, frozenset):
                    return self.notes.unknown("mismatch", f"{operand} is not a set of codes")
                codelist = codelist_of(operand, self.dictionary)
                return any(stands_below(codelist, code, roots) for code in codes)
            case And(items):
                return _bool(self._joined(all_of([self.logical(item, base) for item in items]), expr))
            case Or(items):
                return _bool(self._joined(any_of([self.logical(item, base) for item in items]), expr))
            case Not(operand):
                return _bool(~self.logical(operand, base))
            case Least(n, items):
                return _bool(self._joined(at_least(n, [self.logical(item, base) for item in items]), expr))
            case Tier():
                return self._tier(expr, base)
            case Marginal():
                return self._marginal(expr, base)
            case Records():
                return self._records(expr)
            case Call(name, args):
                return self._call(name, args, expr, base)
        raise TypeError(f"not an expression: {expr!r}")

    def _ref(self, ref: Ref, base: int | None) -> Scalar:
        variable = self.dictionary.get(ref.name)
        if variable is None:
            return self.notes.unknown("no_variable", f"there is no variable {ref.name}", ref.name)
        try:
            year = calendar_year(ref.index, variable, base, self.subject.as_of)
        except ValueError as error:
            return self.notes.unknown("no_year", str(error), ref.name)
        stored = self.subject.get(ref.name, year)
        if stored is UNKNOWN and variable.formula is not None:
            return self._formula(variable, year)
        self.notes.inputs.setdefault((ref.name, year), stored)
        if stored is UNKNOWN:
            when = f" for {year}" if year is not None else ""
            return self.notes.unknown("missing", f"{ref.name} is not known{when}", ref.name, year)
        if isinstance(stored, bool | str | date | frozenset) and not isinstance(stored, datetime):
            return stored
        if isinstance(stored, set | list | tuple) and all(isinstance(code, str) for code in stored):
            return frozenset(stored)
        number = _plain(stored)
        if number is None:
            return self.notes.unknown("not_finite", f"{ref.name} holds no value that can be read", ref.name, year)
        return number

    def _formula(self, variable: Variable, year: int | None) -> Scalar:
        asked = (variable.code, year)
        if not followed(variable.code, self.dictionary):
            words = f"the formula of {variable.code} leads back to itself, or rests on too many others"
            return self.notes.unknown("cycle", words, variable.code, year)
        if asked not in self.subject.formulas:
            outer, self.notes = self.notes, Notes()
            found = self.value(parse(variable.formula or ""), year)
            self.subject.formulas[asked] = found, self.notes
            self.notes = outer
        found, notes = self.subject.formulas[asked]
        self.notes.add(notes)
        return found

    def _number(self, expr: Expr, base: int | None) -> float | Unknown:
        value = self.value(expr, base)
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, bool) or not isinstance(value, float):
            return self.notes.unknown("mismatch", f"{expr} is not a number")
        return value

    def _arith(self, op: str, left: float | Unknown, right: float | Unknown, expr: Expr) -> Scalar:
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        if op == "/" and right == 0:
            return self.notes.unknown("zero_division", f"{expr} divides by zero")
        return self._checked(_OPERATIONS[op](left, right), expr)

    def _checked(self, result: float, expr: Expr, kind: str = "not_finite") -> Scalar:
        number = _finite(float(result))
        return self.notes.unknown(kind, f"{expr} has no value") if number is UNKNOWN else number

    def _compare(self, op: str, left: Expr, right: Expr, base: int | None) -> bool | Unknown:
        if is_count(left) or is_count(right):
            return self._compare_counts(op, left, right, base)
        a, b = self.value(left, base), self.value(right, base)
        if a is UNKNOWN or b is UNKNOWN:
            return UNKNOWN
        ordered = isinstance(a, float | date)
        if type(a) is not type(b) or isinstance(a, frozenset) or not (ordered or op in ("==", "!=")):
            return self.notes.unknown("mismatch", f"{left} and {right} do not compare with {op}")
        if isinstance(a, float) and isinstance(b, float):
            close = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
            return _holds(op, a, b, close)
        comparisons = {"==": a == b, "!=": a != b}
        if isinstance(a, date) and isinstance(b, date):
            comparisons |= {">=": a >= b, ">": a > b, "<=": a <= b, "<": a < b}
        return comparisons[op]

    def _tier(self, tier: Tier, base: int | None) -> Scalar:
        for bracket in tier.brackets:
            fits = self._compare(bracket.op, tier.operand, bracket.limit, base)
            if fits is UNKNOWN:
                return UNKNOWN
            if fits:
                return self.value(bracket.result, base)
        if tier.otherwise is None:
            return self.notes.unknown("no_bracket", f"no bracket of {tier} fits")
        return self.value(tier.otherwise, base)

    def _marginal(self, expr: Marginal, base: int | None) -> Scalar:
        whole = self._number(expr.operand, base)
        rates = [self._number(bracket.result, base) for bracket in expr.brackets]
        rates.append(self._number(expr.otherwise, base))
        known = [np.array([rate]) for rate in rates if rate is not UNKNOWN]
        if whole is UNKNOWN or len(known) < len(rates):
            return UNKNOWN
        return self._checked(functions.marginal(np.array([whole]), limits_of(expr), known)[0], expr)

    def _of_record(self, expr: Records) -> tuple[int, int, list[Mapping[str, Value]]] | Unknown:
        """How many records surely fit, how many may, and those that surely do."""
        terms, records = self.dictionary.record_terms(expr.record), self.subject.records.get(expr.record)
        if terms is None:
            return self.notes.unknown("no_variable", f"there are no records {expr.record}", expr.record)
        name = records_name(expr.record)
        if records is None:
            self.notes.inputs.setdefault((name, None), UNKNOWN)
            return self.notes.unknown("missing", f"the records {expr.record} are not known", name)
        fitting: list[Mapping[str, Value]] = []
        possible = 0
        for record in records:
            values: dict[str, dict[int | None, Value | Unknown]] = {
                field: {None: cell} for field, cell in record.items()
            }
            inner = Evaluator(Subject(terms, values, self.subject.as_of))
            verdict = inner.logical(expr.where)
            possible += verdict is not Truth.FALSE
            if verdict is Truth.TRUE:
                fitting.append(record)
            elif verdict is Truth.UNKNOWN:
                for reason in inner.notes.reasons:
                    text = f"a record of {expr.record}: {reason.text}"
                    self.notes.unknown("record", text, name)
        self.notes.inputs[name, None] = Decimal(len(fitting))
        return len(fitting), possible, fitting

    def _records(self, expr: Records) -> Scalar:
        found = self._of_record(expr)
        if found is UNKNOWN:
            return UNKNOWN
        sure, possible, fitting = found
        if sure != possible:
            return UNKNOWN
        if expr.function == "count":
            return float(sure)
        cells = [record.get(expr.field, UNKNOWN) for record in fitting]
        numbers = [number for cell in cells if (number := _plain(cell)) is not None]
        if len(numbers) < len(cells):
            name = records_name(expr.record)
            return self.notes.unknown("record", f"a record of {expr.record} has no {expr.field}", name)
        if not numbers and expr.function != "sum":
            return self.notes.unknown("no_records", f"{expr} has no record to choose from", records_name(expr.record))
        return self._fold(expr.function, list(numbers), expr) if numbers else 0.0

    def _compare_counts(self, op: str, left: Expr, right: Expr, base: int | None) -> bool | Unknown:
        """Counts lie between the records that surely fit and those that may: that often settles a comparison."""
        one, other = self._ends(left, base), self._ends(right, base)
        if one is UNKNOWN or other is UNKNOWN:
            return UNKNOWN
        (low, high), (least, most) = one, other
        close = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
        found = {_holds(op, a, b, close) for a, b in ((low, least), (low, most), (high, least), (high, most))}
        if op in ("==", "!=") and (low < high or least < most) and high >= least and low <= most:
            return UNKNOWN
        return found.pop() if len(found) == 1 else UNKNOWN

    def _ends(self, expr: Expr, base: int | None) -> tuple[float, float] | Unknown:
        if isinstance(expr, Records) and is_count(expr):
            found = self._of_record(expr)
            return UNKNOWN if found is UNKNOWN else (float(found[0]), float(found[1]))
        number = self._number(expr, base)
        return UNKNOWN if number is UNKNOWN else (number, number)

    def _call(self, name: str, args: tuple[Expr, ...], expr: Expr, base: int | None) -> Scalar:
        match name:
            case "age" | "months_since" | "days_since":
                day = self.value(args[0], base)
                if day is UNKNOWN:
                    return UNKNOWN
                if not isinstance(day, date):
                    return self.notes.unknown("mismatch", f"{args[0]} is not a date")
                function = getattr(functions, name)
                return float(function(np.array([functions.day_number(day)]), self.subject.as_of)[0])
            case "min" | "max" | "sum" | "mean":
                return self._fold(name, [self._number(one, base) for arg in args for one in expanded(arg)], expr)
            case "growth":
                assert isinstance(args[0], Ref)
                this, before = self._number(args[0], base), self._number(_year_before(args[0]), base)
                if this is UNKNOWN or before is UNKNOWN:
                    return UNKNOWN
                return self._checked(functions.growth(np.array([this]), np.array([before]))[0], expr, "base")
            case "cagr":
                years = [self._number(one, base) for one in expanded(args[0])]
                first, last = years[0], years[-1]
                if first is UNKNOWN or last is UNKNOWN:
                    return UNKNOWN
                return self._checked(
                    functions.cagr(np.array([first]), np.array([last]), len(years) - 1)[0], expr, "base"
                )
            case "each":
                verdicts = [self.logical(one, base) for one in expanded(args[0])]
                return _bool(self._joined(all_of(verdicts), expr))
            case "some":
                verdicts = [self.logical(one, base) for one in expanded(args[0])]
                return _bool(self._joined(any_of(verdicts), expr))
            case "if":
                verdict = self.logical(args[0], base)
                if verdict is not Truth.UNKNOWN:
                    return self.value(args[1] if verdict is Truth.TRUE else args[2], base)
                either, other = self.value(args[1], base), self.value(args[2], base)
                return either if type(either) is type(other) and either == other else UNKNOWN
            case "coalesce":
                for arg in args:
                    value = self.value(arg, base)
                    if value is not UNKNOWN:
                        return value
                return UNKNOWN
            case "known":
                return self.value(args[0], base) is not UNKNOWN
            case "round":
                number = self._number(args[0], base)
                places = int(args[1].value) if len(args) == 2 and isinstance(args[1], Number) else 0
                return (
                    UNKNOWN
                    if number is UNKNOWN
                    else self._checked(functions.rounded(np.array([number]), places)[0], expr)
                )
        raise TypeError(f"not a function: {name}")

    def _fold(self, name: str, numbers: list[float | Unknown], expr: Expr) -> Scalar:
        known = [number for number in numbers if number is not UNKNOWN]
        if len(known) < len(numbers):
            return UNKNOWN
        if name in ("min", "max"):
            return min(known) if name == "min" else max(known)
        result = known[0]
        for number in known[1:]:  # one after the other: sum() of later Pythons rounds otherwise
            result += number
        return self._checked(result / len(known) if name == "mean" else result, expr)


def _year_before(ref: Ref) -> Ref:
    return Ref(ref.name, -1 if ref.index is None else ref.index - 1, span=ref.span)


def _plain(stored: object) -> float | None:
    """A stored number as float; None for what is no number, or has no end."""
    if isinstance(stored, bool) or not isinstance(stored, Decimal | float | int):
        return None
    try:
        number = float(stored)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _finite(number: float) -> float | Unknown:
    return number if math.isfinite(number) else UNKNOWN


def _holds(op: str, a: float, b: float, close: bool) -> bool:
    """functions.compare for two numbers."""
    margin = functions.CLOSE * max(abs(a), abs(b)) if close else 0.0
    difference = a - b if close else float((a > b) - (a < b))
    match op:
        case ">=":
            return difference >= -margin
        case ">":
            return difference > margin
        case "<=":
            return difference <= margin
        case "<":
            return difference < -margin
        case "==":
            return abs(difference) <= margin
    return abs(difference) > margin


def _bool(truth: Truth) -> bool | Unknown:
    return UNKNOWN if truth is Truth.UNKNOWN else truth is Truth.TRUE


def evaluate(condition: Condition, subject: Subject) -> Truth:
    """The verdict of a condition for one subject: TRUE, FALSE or UNKNOWN."""
    return Evaluator(subject).truth(condition)


def value(expr: Expr | str, subject: Subject) -> Scalar:
    """The value of an expression for one subject; numbers as float in the stored unit, UNKNOWN when a fact is missing."""
    return Evaluator(subject).value(parse(expr) if isinstance(expr, str) else expr)
