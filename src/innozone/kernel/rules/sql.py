"""Rules as SQL with the same three-valued meaning: NULL is unknown.

One boolean (or value) expression over a table with one column per variable and year, named as in a snapshot
(`"revenue@2025"`, `"industry"`): DOUBLE, DATE, BOOLEAN, VARCHAR, and VARCHAR[] for sets of codes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from innozone.kernel.columns import column_name
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.evaluate import DEEPEST_FORMULA
from innozone.kernel.rules.functions import CLOSE
from innozone.kernel.rules.meaning import calendar_year, codelist_of, is_computed, subtree
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import (
    And,
    Arith,
    Bracket,
    Call,
    Compare,
    Day,
    Expr,
    Flag,
    Has,
    In,
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
from innozone.kernel.terms import Dictionary

_TYPES = {"bool": "BOOLEAN", "date": "DATE", "text": "VARCHAR", "code": "VARCHAR", "codes": "VARCHAR[]"}

#: Parts up to this length are written out each time they are needed.
SHORT = 60

_NOTHING = "CAST(NULL AS BOOLEAN)"


def to_sql(
    rule: Condition | Expr,
    dictionary: Dictionary,
    as_of: date,
    dialect: str = "duckdb",
    *,
    columns: Collection[str] | None = None,
) -> str:
    """The SQL expression of a rule for the reference day `as_of`.

    `columns`: the names that the table has; any other column is NULL (None: the table has all). Raises ValueError for
    a dialect other than duckdb, for an unknown variable and for a year that is missing or too many.
    """
    if dialect != "duckdb":
        raise ValueError(f"there is no dialect {dialect}; the dialects are: duckdb")
    writer = _Writer(dictionary, as_of, None if columns is None else frozenset(columns))
    return writer.value(rule, None) if isinstance(rule, Expr) else writer.truth(rule)


class _Writer:
    def __init__(self, dictionary: Dictionary, as_of: date, columns: frozenset[str] | None) -> None:
        self.dictionary = dictionary
        self.as_of = as_of
        self.columns = columns
        self._formulas: list[tuple[str, int | None]] = []
        self._bound = 0

    def let(self, parts: Sequence[str], body: Callable[..., str]) -> str:
        """`body` over the parts, each written once: long ones are bound to the fields of a lambda's argument.

        Without that a formula of nested cases would double at every level.
        """
        if all(len(part) <= SHORT for part in parts):
            return body(*parts)
        self._bound += 1
        name = f"v{self._bound}"
        fields = ", ".join(f"'p{at}': {part}" for at, part in enumerate(parts))
        inner = body(*(f"{name}.p{at}" for at in range(len(parts))))
        return f"list_transform([{{{fields}}}], lambda {name}: {inner})[1]"

    def truth(self, condition: Condition) -> str:
        match condition:
            case Test(expr):
                return self.value(expr, None)
            case Manual():
                return _NOTHING
            case Negation(of):
                return f"(NOT {self.truth(of)})"
            case AllOf(of):
                return _joined("AND", [self.truth(node) for node in of])
            case AnyOf(of):
                return _joined("OR", [self.truth(node) for node in of])
            case AtLeast(n, of):
                return self.let([self.truth(node) for node in of], lambda *parts: _counted(n, parts))
        raise TypeError(f"not a condition: {condition!r}")

    def value(self, expr: Expr, base: int | None) -> str:
        match expr:
            case Number(value):
                return f"CAST('{float(value)!r}' AS DOUBLE)"
            case Text(value):
                return _quoted(value)
            case Flag(value):
                return "TRUE" if value else "FALSE"
            case Day(value):
                return f"DATE '{value.isoformat()}'"
            case Today():
                return f"DATE '{self.as_of.isoformat()}'"
            case Ref():
                return self._ref(expr, base)
            case Neg(operand):
                return f"(-{self.value(operand, base)})"
            case Arith(op, left, right):
                a, b = self.value(left, base), self.value(right, base)
                return f"({a} / nullif({b}, 0))" if op == "/" else f"({a} {op} {b})"
            case Compare(op, left, right):
                return self._compare(op, left, right, base)
            case In(operand, values):
                return _joined("OR", [self._compare("==", operand, value, base) for value in values])
            case Within(operand, roots):
                codes = subtree(codelist_of(operand, self.dictionary), roots)
                return f"({self.value(operand, base)} IN ({', '.join(map(_quoted, sorted(codes)))}))"
            case Has(operand, roots):
                codes = subtree(codelist_of(operand, self.dictionary), roots)
                return f"list_has_any({self.value(operand, base)}, [{', '.join(map(_quoted, sorted(codes)))}])"
            case And(items):
                return _joined("AND", [self.value(item, base) for item in items])
            case Or(items):
                return _joined("OR", [self.value(item, base) for item in items])
            case Not(operand):
                return f"(NOT {self.value(operand, base)})"
            case Tier(operand, brackets, otherwise):
                return self._tier(operand, brackets, otherwise, base)
            case Call(name, args):
                return self._call(name, args, base)
        raise TypeError(f"not an expression: {expr!r}")

    def _ref(self, ref: Ref, base: int | None) -> str:
        variable = self.dictionary.get(ref.name)
        if variable is None:
            raise ValueError(f"there is no variable {ref.name}")
        year = calendar_year(ref.index, variable, base, self.as_of)
        name = column_name(ref.name, year)
        there = name in self.columns if self.columns is not None else variable.formula is None
        stored = '"' + name.replace('"', '""') + '"' if there else None
        if variable.formula is None:
            return stored or f"CAST(NULL AS {_TYPES.get(variable.type, 'DOUBLE')})"
        asked = (ref.name, year)
        if asked in self._formulas or len(self._formulas) >= DEEPEST_FORMULA:
            computed = f"CAST(NULL AS {_TYPES.get(variable.type, 'DOUBLE')})"
        else:
            self._formulas.append(asked)
            computed = self.value(parse(variable.formula), year)
            self._formulas.pop()
        return f"coalesce({stored}, {computed})" if stored else computed

    def _tier(self, operand: Expr, brackets: Sequence[Bracket], otherwise: Expr | None, base: int | None) -> str:
        """A case per bracket; an unknown comparison ends the search, it may be the one that fits."""
        limits = [self.value(bracket.limit, base) for bracket in brackets]
        results = [self.value(bracket.result, base) for bracket in brackets]
        last = [] if otherwise is None else [self.value(otherwise, base)]
        close = [self._close(operand, bracket.limit) for bracket in brackets]

        def cases(value: str, *rest: str) -> str:
            bounds, found, final = (
                rest[: len(brackets)],
                rest[len(brackets) : 2 * len(brackets)],
                rest[2 * len(brackets) :],
            )
            whens = []
            for bracket, limit, result, forgiving in zip(brackets, bounds, found, close, strict=True):
                fits = _compared(bracket.op, value, limit, forgiving)
                whens.append(f"WHEN {fits} THEN {result} WHEN ({fits}) IS NULL THEN NULL")
            return f"(CASE {' '.join(whens)} ELSE {final[0] if final else 'NULL'} END)"

        return self.let([self.value(operand, base), *limits, *results, *last], cases)

    def _compare(self, op: str, left: Expr, right: Expr, base: int | None) -> str:
        close = self._close(left, right)
        a, b = self.value(left, base), self.value(right, base)
        return self.let([a, b], lambda x, y: _compared(op, x, y, close)) if close else _compared(op, a, b, close)

    def _close(self, left: Expr, right: Expr) -> bool:
        """Are these computed numbers, whose last digits are forgiven."""
        computed = is_computed(left, self.dictionary) or is_computed(right, self.dictionary)
        return computed and not self._no_number(left)

    def _no_number(self, expr: Expr) -> bool:
        """True for the codes, texts, dates and truth values that a formula may give."""
        match expr:
            case Ref(name):
                variable = self.dictionary.get(name)
                return variable is not None and not variable.numeric
            case Text() | Flag() | Day() | Today():
                return True
            case Tier(_, brackets, _):
                return self._no_number(brackets[0].result)
            case Call("if", args):
                return self._no_number(args[1])
            case Call("coalesce", args):
                return self._no_number(args[0])
        return False

    def _call(self, name: str, args: tuple[Expr, ...], base: int | None) -> str:
        match name:
            case "age" | "months_since" | "days_since":
                return self.let([self.value(args[0], base)], lambda day: _elapsed(name, day, self.as_of))
            case "min" | "max" | "sum" | "mean":
                parts = [self.value(one, base) for arg in args for one in expanded(arg)]
                return self.let(parts, lambda *each: _folded(name, each))
            case "growth":
                assert isinstance(args[0], Ref)
                index = args[0].index
                before = Ref(args[0].name, -1 if index is None else index - 1)
                return self.let(
                    [self.value(args[0], base), self.value(before, base)],
                    lambda this, last: f"(CASE WHEN {last} > 0 THEN ({this} - {last}) / {last} END)",
                )
            case "cagr":
                years = expanded(args[0])
                ends = [self.value(years[0], base), self.value(years[-1], base)]
                return self.let(ends, lambda first, last: _compounded(first, last, len(years) - 1))
            case "each":
                return _joined("AND", [self.value(one, base) for one in expanded(args[0])])
            case "some":
                return _joined("OR", [self.value(one, base) for one in expanded(args[0])])
            case "if":
                return self.let(
                    [self.value(arg, base) for arg in args],
                    lambda where, a, b: (
                        f"(CASE WHEN {where} THEN {a} WHEN NOT {where} THEN {b} WHEN {a} = {b} THEN {a} END)"
                    ),
                )
            case "coalesce":
                return f"coalesce({', '.join(self.value(arg, base) for arg in args)})"
            case "known":
                return f"({self.value(args[0], base)} IS NOT NULL)"
            case "round":
                scale = 10.0 ** (int(args[1].value) if len(args) == 2 and isinstance(args[1], Number) else 0)
                return self.let(
                    [self.value(args[0], base)],
                    lambda x: f"(sign({x}) * floor(abs({x}) * {scale!r}::DOUBLE + 0.5::DOUBLE) / {scale!r}::DOUBLE)",
                )
        raise TypeError(f"not a function: {name}")


def _counted(n: int, parts: Sequence[str]) -> str:
    sure = " + ".join(f"CAST(coalesce({part}, FALSE) AS INTEGER)" for part in parts)
    possible = " + ".join(f"CAST(coalesce({part}, TRUE) AS INTEGER)" for part in parts)
    return f"(CASE WHEN {sure} >= {n} THEN TRUE WHEN {possible} < {n} THEN FALSE END)"


def _compared(op: str, a: str, b: str, close: bool) -> str:
    sql = {"==": "=", "!=": "<>"}.get(op, op)
    if not close:
        return f"({a} {sql} {b})"
    margin = f"{CLOSE!r}::DOUBLE * greatest(abs({a}), abs({b}))"
    if op in ("==", "!="):
        return f"(abs({a} - {b}) {'<=' if op == '==' else '>'} {margin})"
    return f"({a} - {b} {sql} {'-' if op in ('>=', '<') else ''}{margin})"


def _elapsed(name: str, value: str, as_of: date) -> str:
    if name == "days_since":
        return f"CAST(DATE '{as_of.isoformat()}' - {value} AS DOUBLE)"
    months = (
        f"({as_of.year} - year({value})) * 12 + ({as_of.month} - month({value}))"
        f" - CAST(day({value}) > {as_of.day} AS INTEGER)"
    )
    return f"CAST({months} AS DOUBLE)" if name == "months_since" else f"floor(({months}) / 12.0)"


def _folded(name: str, parts: Sequence[str]) -> str:
    if name in ("min", "max"):
        # least and greatest pass over NULL.
        known = " AND ".join(f"{part} IS NOT NULL" for part in parts)
        return f"(CASE WHEN {known} THEN {'least' if name == 'min' else 'greatest'}({', '.join(parts)}) END)"
    total = f"({' + '.join(parts)})"
    return total if name == "sum" else f"({total} / {float(len(parts))!r}::DOUBLE)"


def _compounded(first: str, last: str, steps: int) -> str:
    quotient = f"{last} / {first}"
    root = {1: quotient, 2: f"sqrt({quotient})"}.get(steps, f"pow({quotient}, {1 / steps!r}::DOUBLE)")
    return f"(CASE WHEN {first} > 0 AND {last} >= 0 THEN {root} - 1 END)"


def _joined(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else "(" + f" {word} ".join(parts) + ")"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
