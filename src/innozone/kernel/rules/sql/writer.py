"""From trees to SQL: the same case by case as the reference evaluator, with text in the place of values.

Every part is written once, or bound to a name where it is asked for again: without that a formula of nested cases would
double at every level.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from innozone.kernel.columns import column_name, records_name
from innozone.kernel.columns.arrays import KIND_OF_TYPE
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.functions import CLOSE
from innozone.kernel.rules.meaning import (
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
from innozone.kernel.rules.sql.calls import called
from innozone.kernel.rules.sql.dialects import Dialect
from innozone.kernel.rules.sql.term import Term, flag, joined, kind_of
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
)
from innozone.kernel.terms import Dictionary, Variable

#: Parts up to this length are written out each time they are needed.
SHORT = 60

#: Longer than this no database takes an expression in reasonable time.
MOST_TEXT = 4_000_000

_SQL = {"==": "=", "!=": "<>"}


class Writer:
    """Writes expressions over one dictionary and reference day. `record`: the name of the record whose fields the
    dictionary describes; empty for the firm. `names` numbers the names of our own."""

    def __init__(
        self,
        dictionary: Dictionary,
        as_of: date,
        dialect: Dialect,
        columns: frozenset[str] | None,
        names: Iterator[int],
        record: str = "",
    ) -> None:
        self.dictionary = dictionary
        self.as_of = as_of
        self.dialect = dialect
        self.columns = columns
        self.names = names
        self.record = record
        self._written: dict[tuple[str, int | None], Term] = {}

    def let(self, terms: Sequence[Term], body: Callable[..., str]) -> str:
        """`body` over the terms, each worked out once: long ones are bound to a name."""
        parts = dict.fromkeys(part for term in terms for part in term.parts)
        long = [part for part in parts if len(part) > SHORT]
        name = str(next(self.names)) if long else ""
        names = {part: part for part in parts}
        names |= {part: self.dialect.field(name, at) for at, part in enumerate(long)}
        written = body(*(term.named(names) for term in terms))
        text = self.dialect.let(name, long, written) if long else written
        if len(text) > MOST_TEXT:
            raise ValueError(f"the SQL of this rule would be longer than {MOST_TEXT:,} characters; make it simpler")
        return text

    def truth(self, condition: Condition) -> str:
        """A condition tree as a truth value."""
        fixed = settled(condition, self.dictionary) if condition.items else None
        if fixed is not None:
            return flag(fixed)
        match condition:
            case Test(expr):
                return self.logical(expr, None)
            case Manual():
                return self.dialect.null("bool")
            case Negation(of):
                return f"(NOT {self.truth(of)})"
            case AllOf(of):
                return joined("AND", [self.truth(node) for node in of])
            case AnyOf(of):
                return joined("OR", [self.truth(node) for node in of])
            case AtLeast(n, of):
                return self._counted(n, [self.truth(node) for node in of])
        raise TypeError(f"not a condition: {condition!r}")

    def logical(self, expr: Expr, base: int | None) -> str:
        """The truth of an expression; NULL for what is no truth value."""
        return self.of_kind("bool", expr, base).sql

    def number(self, expr: Expr, base: int | None) -> Term:
        """A number; NULL for what is none."""
        return self.of_kind("number", expr, base)

    def of_kind(self, kind: str, expr: Expr, base: int | None) -> Term:
        term = self.value(expr, base)
        return term if term.kind == kind else self.null(kind)

    def null(self, kind: str) -> Term:
        return Term(self.dialect.null(kind), kind)

    def value(self, expr: Expr, base: int | None = None) -> Term:
        """The value of an expression; `base` is the year of the formula it stands in."""
        match expr:
            case Number(value):
                return Term(self.dialect.number(float(value)), "number")
            case Text(value):
                return Term(self.dialect.text(value), "code")
            case Flag(value):
                return Term(flag(value), "bool")
            case Day(value):
                return Term(self.dialect.day(value), "date")
            case Today():
                return Term(self.dialect.day(day_of(expr, self.as_of, base)), "date")
            case Ref():
                return self._ref(expr, base)
            case Neg(operand):
                return Term(f"(-{self.number(operand, base).sql})", "number")
            case Arith():
                return self._arith(expr, base)
            case Tier():
                return self._tier(expr, base)
            case Marginal():
                return self._marginal(expr, base)
            case Records():
                return self._records(expr)
            case Call():
                return called(self, expr, base)
        return Term(self._verdict(expr, base), "bool")

    def _verdict(self, expr: Expr, base: int | None) -> str:
        match expr:
            case Compare(op, left, right):
                return self._compare(op, left, right, base)
            case In(operand, values):
                return joined("OR", [self._compare("==", operand, value, base) for value in values])
            case Within(operand, roots):
                code = self.of_kind("code", operand, base).sql
                accepted = ", ".join(map(self.dialect.text, self._subtree(operand, roots)))
                return f"({self.dialect.by_code_point(code)} IN ({accepted}))"
            case Has(operand, roots):
                codes = self.of_kind("codes", operand, base).sql
                return self.dialect.overlaps(codes, self._subtree(operand, roots))
            case And(items):
                return self.join(expr, len(items), items, base)
            case Or(items):
                return self.join(expr, 1, items, base)
            case Least(n, items):
                return self.join(expr, n, items, base)
            case Not(operand):
                return f"(NOT {self.logical(operand, base)})"
        raise TypeError(f"not an expression: {expr!r}")

    def _subtree(self, operand: Expr, roots: Sequence[str]) -> list[str]:
        return sorted(subtree(codelist_of(operand, self.dictionary), roots))

    def join(self, whole: Expr, n: int, items: Sequence[Expr], base: int | None) -> str:
        """At least n of the items, or what holds whatever the facts that are not known may be."""
        fixed = settled(whole, self.dictionary)
        if fixed is not None:
            return flag(fixed)
        return self._counted(n, [self.logical(item, base) for item in items])

    def _counted(self, n: int, parts: list[str]) -> str:
        if n in (1, len(parts)):
            return joined("AND" if n == len(parts) else "OR", parts)

        def body(*terms: Term) -> str:
            sure = " + ".join(f"CAST(coalesce({term.sql}, FALSE) AS INTEGER)" for term in terms)
            possible = " + ".join(f"CAST(coalesce({term.sql}, TRUE) AS INTEGER)" for term in terms)
            return f"(CASE WHEN {sure} >= {n} THEN TRUE WHEN {possible} < {n} THEN FALSE END)"

        return self.let([Term(part, "bool") for part in parts], body)

    def _ref(self, ref: Ref, base: int | None) -> Term:
        variable = self.dictionary.get(ref.name)
        if variable is None:
            raise ValueError(f"there is no variable {ref.name}")
        year = calendar_year(ref.index, variable, base, self.as_of)
        stored = self._stored(variable, year)
        if variable.formula is None:
            return stored or self.null(KIND_OF_TYPE[variable.type])
        computed = self._formula(variable, year)
        if stored is None:
            return computed
        return self.first_known([stored, computed]) if computed.kind == stored.kind else stored

    def _stored(self, variable: Variable, year: int | None) -> Term | None:
        """The column of a variable; None when the table has none."""
        name, kind = column_name(variable.code, year), KIND_OF_TYPE[variable.type]
        if self.record:
            return Term(self.dialect.field(self.record, name), kind) if variable.formula is None else None
        there = name in self.columns if self.columns is not None else variable.formula is None
        return Term(self.dialect.identifier(name), kind) if there else None

    def _formula(self, variable: Variable, year: int | None) -> Term:
        asked = (variable.code, year)
        if not followed(variable.code, self.dictionary):
            return self.null(KIND_OF_TYPE[variable.type])
        if asked not in self._written:
            self._written[asked] = self.value(parse(variable.formula or ""), year)
        return self._written[asked]

    def first_known(self, terms: Sequence[Term]) -> Term:
        return Term(f"coalesce({', '.join(term.sql for term in terms)})", terms[0].kind)

    # Numbers.

    def calculated(self, operands: Sequence[Term], write: Callable[..., str]) -> Term:
        """The number that `write` gives from the operands, NULL when it is not finite."""
        dialect = self.dialect

        def guarded(*terms: Term) -> str:
            conditions = " AND ".join(dialect.usable(term.sql) for term in terms)
            return f"(CASE WHEN {conditions} THEN {write(*terms)} END)"

        if dialect.raises:
            return Term(self.let(operands, guarded), "number")
        found = Term(self.let(operands, write), "number")
        return Term(self.let([found], lambda term: dialect.finite(term.sql)), "number")

    def _arith(self, expr: Arith, base: int | None) -> Term:
        left, right = self.number(expr.left, base), self.number(expr.right, base)
        divisor = f"nullif({{}}, {self.dialect.number(0.0)})" if expr.op == "/" else "{}"
        return self.calculated([left, right], lambda a, b: f"({a.sql} {expr.op} {divisor.format(b.sql)})")

    def _marginal(self, expr: Marginal, base: int | None) -> Term:
        limits = [self.dialect.number(limit) for limit in limits_of(expr)]
        rates = [self.number(bracket.result, base) for bracket in expr.brackets]
        rates.append(self.number(expr.otherwise, base))

        def slices(whole: Term, *shares: Term) -> str:
            parts = []
            below = zero = self.dialect.number(0.0)
            for at, share in enumerate(shares):
                top = f"least({whole.sql}, {limits[at]})" if at < len(limits) else whole.sql
                parts.append(f"greatest({top} - {below}, {zero}) * {share.sql}")
                below = limits[at] if at < len(limits) else below
            # least passes over NULL.
            return f"(CASE WHEN {whole.sql} IS NOT NULL THEN {' + '.join(parts)} END)"

        return self.calculated([self.number(expr.operand, base), *rates], slices)

    # Comparisons.

    def _operand(self, expr: Expr, base: int | None) -> Term:
        """A value to compare; a count of records as what it is at least and at most."""
        if not (isinstance(expr, Records) and is_count(expr)):
            return self.value(expr, base)
        sure, possible = self._count(expr)
        return Term(sure, "count", possible)

    def _compare(self, op: str, left: Expr, right: Expr, base: int | None) -> str:
        a, b = self._operand(left, base), self._operand(right, base)
        return self._compared(op, a, b, self._close(left, right))

    def _close(self, left: Expr, right: Expr) -> bool:
        return is_computed(left, self.dictionary) or is_computed(right, self.dictionary)

    def _compared(self, op: str, a: Term, b: Term, close: bool) -> str:
        """a op b; computed numbers (`close`) forgive the last digits. NULL for values that do not compare."""
        numbers = {a.kind, b.kind} <= {"number", "count"}
        ordered = numbers or a.kind == "date"
        if (not numbers and a.kind != b.kind) or a.kind == "codes" or (not ordered and op not in ("==", "!=")):
            return self.dialect.null("bool")
        if numbers and (a.most or b.most):
            return self.let([a, b], lambda x, y: self._compared_counts(op, x, y, close))
        if numbers and close:
            return self.let([a, b], lambda x, y: self._holds(op, x.sql, y.sql, True))
        if a.kind == "code":
            return f"({self.dialect.by_code_point(a.sql)} {_SQL.get(op, op)} {b.sql})"
        return self._holds(op, a.sql, b.sql, False)

    def _holds(self, op: str, a: str, b: str, close: bool) -> str:
        plain = f"({a} {_SQL.get(op, op)} {b})"
        if not close:
            return plain
        near = self.dialect.near(a, b, CLOSE)
        if op in ("==", "!="):
            return near if op == "==" else f"(NOT {near})"
        return f"({plain} OR {near})" if op in (">=", "<=") else f"({plain} AND NOT {near})"

    def _compared_counts(self, op: str, a: Term, b: Term, close: bool) -> str:
        """Settled where it comes out the same whatever the counts are between their ends."""
        low, high, least, most = a.sql, a.most or a.sql, b.sql, b.most or b.sql
        if op in ("==", "!="):
            ends = dict.fromkeys((one, other) for one in (low, high) for other in (least, most))
            equal = [self._holds("==", one, other, close) for one, other in ends]
            apart = f"({high} < {least} OR {low} > {most})"
            exact = f"({low} = {high} AND {least} = {most})"
            settled = f"({exact} OR {apart})"
            yes, no = joined("AND", equal), f"(NOT {joined('OR', equal)})"
            verdict = f"(CASE WHEN {settled} AND {yes} THEN TRUE WHEN {settled} AND {no} THEN FALSE END)"
            return verdict if op == "==" else f"(NOT {verdict})"
        # The ends at which it holds least, and most, willingly.
        worst, best = ((low, most), (high, least)) if op in (">=", ">") else ((high, least), (low, most))
        surely, possibly = self._holds(op, *worst, close), self._holds(op, *best, close)
        return f"(CASE WHEN {surely} THEN TRUE WHEN NOT {possibly} THEN FALSE END)"

    def _tier(self, tier: Tier, base: int | None) -> Term:
        """A case per bracket; an unknown comparison ends the search, it may be the one that fits."""
        results = [self.value(bracket.result, base) for bracket in tier.brackets]
        last = [] if tier.otherwise is None else [self.value(tier.otherwise, base)]
        kind = kind_of([*results, *last])
        if kind is None:
            return self.null("bool")
        limits = [self._operand(bracket.limit, base) for bracket in tier.brackets]
        close = [self._close(tier.operand, bracket.limit) for bracket in tier.brackets]

        def cases(value: Term, *bounds: Term) -> str:
            whens = []
            for bracket, limit, result, forgiving in zip(tier.brackets, bounds, results, close, strict=True):
                fits = self._compared(bracket.op, value, limit, forgiving)
                whens.append(f"WHEN {fits} THEN {result.sql} WHEN {fits} IS NULL THEN NULL")
            return f"(CASE {' '.join(whens)} ELSE {last[0].sql if last else 'NULL'} END)"

        return Term(self.let([self._operand(tier.operand, base), *limits], cases), kind)

    # Records.

    def _over(self, expr: Records, cell: Callable[[str, Term], str], function: str, start: float) -> str:
        """A fold over the firm's records: `cell` gives the SQL for one of them from that of the filter and the field."""
        terms, name = self.dictionary.record_terms(expr.record), records_name(expr.record)
        if terms is None:
            raise ValueError(f"there are no records {expr.record}")
        if self.columns is not None and name not in self.columns:
            return self.dialect.null("number")
        own = str(next(self.names))
        inner = Writer(terms, self.as_of, self.dialect, None, self.names, own)
        value = inner.number(Ref(expr.field), None) if expr.field else inner.null("number")
        written = cell(inner.logical(expr.where, None), value)
        return self.dialect.folded(self.dialect.identifier(name), own, written, function, self.dialect.number(start))

    def _count(self, expr: Records) -> tuple[str, str]:
        """How many records surely fit, and how many may."""
        one, none = self.dialect.number(1.0), self.dialect.number(0.0)
        sure = self._over(expr, lambda fits, _: f"CASE WHEN {fits} THEN {one} ELSE {none} END", "sum", 0.0)
        possible = self._over(expr, lambda fits, _: f"CASE WHEN NOT {fits} THEN {none} ELSE {one} END", "sum", 0.0)
        return sure, possible

    def _records(self, expr: Records) -> Term:
        if expr.function == "count":
            ends = [Term(sql, "number") for sql in self._count(expr)]
            return Term(self.let(ends, lambda a, b: f"(CASE WHEN {a.sql} = {b.sql} THEN {a.sql} END)"), "number")
        start = {"sum": 0.0, "min": math.inf, "max": -math.inf}[expr.function]
        passed = self.dialect.number(start)

        def cell(fits: str, value: Term) -> str:
            return f"CASE {fits} WHEN TRUE THEN {value.sql} WHEN FALSE THEN {passed} END"

        # What no record was chosen for is still infinite.
        found = Term(self._over(expr, cell, expr.function, start), "number")
        return Term(self.let([found], lambda term: self.dialect.finite(term.sql)), "number")
