"""The functions of the rule language as SQL; each in the order of operations of rules/functions.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from innozone.kernel.rules.sql.term import Term, kind_of
from innozone.kernel.rules.tree import Call, Expr, Number, Ref, expanded

if TYPE_CHECKING:
    from innozone.kernel.rules.sql.writer import Writer


def called(writer: Writer, call: Call, base: int | None) -> Term:
    """The value of a function; `base` is the year of the formula it stands in."""
    name, args = call.name, call.args
    match name:
        case "age" | "months_since" | "days_since":
            day = writer.of_kind("date", args[0], base)
            return Term(writer.let([day], lambda term: _elapsed(writer, name, term.sql)), "number")
        case "min" | "max" | "sum" | "mean":
            return _folded(writer, name, [writer.number(one, base) for arg in args for one in expanded(arg)])
        case "growth":
            assert isinstance(args[0], Ref)
            index = args[0].index
            before = Ref(args[0].name, -1 if index is None else index - 1)
            return _growth(writer, writer.number(args[0], base), writer.number(before, base))
        case "cagr":
            years = expanded(args[0])
            ends = writer.number(years[0], base), writer.number(years[-1], base)
            return _compounded(writer, *ends, steps=len(years) - 1)
        case "each":
            years = expanded(args[0])
            return Term(writer.join(call, len(years), years, base), "bool")
        case "some":
            return Term(writer.join(call, 1, expanded(args[0]), base), "bool")
        case "if":
            return _if(writer, args, base)
        case "coalesce":
            terms = [writer.value(arg, base) for arg in args]
            return writer.first_known(terms) if kind_of(terms) else writer.null("bool")
        case "known":
            return Term(f"({writer.value(args[0], base).sql} IS NOT NULL)", "bool")
        case "round":
            places = int(args[1].value) if len(args) == 2 and isinstance(args[1], Number) else 0
            return _rounded(writer, writer.number(args[0], base), places)
    raise TypeError(f"not a function: {name}")


def _elapsed(writer: Writer, name: str, value: str) -> str:
    dialect, as_of = writer.dialect, writer.as_of
    if name == "days_since":
        whole = dialect.days_until(as_of, value)
    else:
        year, month, day = dialect.calendar(value)
        if name == "age":
            later = f"{month} * 100 + {day} > {as_of.month * 100 + as_of.day}"
            whole = f"({as_of.year} - {year} - CAST({later} AS INTEGER))"
        else:
            months = f"({as_of.year} - {year}) * 12 + ({as_of.month} - {month})"
            whole = f"({months} - CAST({day} > {as_of.day} AS INTEGER))"
    return f"CAST({whole} AS {dialect.types['number']})"


def _folded(writer: Writer, name: str, terms: list[Term]) -> Term:
    if name in ("sum", "mean"):

        def total(*parts: Term) -> str:
            added = f"({' + '.join(part.sql for part in parts)})"
            return added if name == "sum" else f"({added} / {writer.dialect.number(float(len(parts)))})"

        return writer.calculated(terms, total)

    def extreme(*parts: Term) -> str:
        # least and greatest pass over NULL.
        known = " AND ".join(f"{part.sql} IS NOT NULL" for part in parts)
        chosen = f"{'least' if name == 'min' else 'greatest'}({', '.join(part.sql for part in parts)})"
        return f"(CASE WHEN {known} THEN {chosen} END)" if len(parts) > 1 else parts[0].sql

    return Term(writer.let(terms, extreme), "number")


def _growth(writer: Writer, this: Term, before: Term) -> Term:
    zero = writer.dialect.number(0.0)

    def grown(a: Term, b: Term) -> str:
        return f"(CASE WHEN {b.sql} > {zero} THEN ({a.sql} - {b.sql}) / {b.sql} END)"

    return writer.calculated([this, before], grown)


def _compounded(writer: Writer, first: Term, last: Term, steps: int) -> Term:
    zero, one = writer.dialect.number(0.0), writer.dialect.number(1.0)

    def root(a: Term, b: Term) -> str:
        quotient = f"{b.sql} / {a.sql}"
        power = f"power({quotient}, {writer.dialect.number(1.0 / steps)})"
        found = {1: quotient, 2: f"sqrt({quotient})"}.get(steps, power)
        return f"(CASE WHEN {a.sql} > {zero} AND {b.sql} >= {zero} THEN {found} - {one} END)"

    return writer.calculated([first, last], root)


def _if(writer: Writer, args: tuple[Expr, ...], base: int | None) -> Term:
    where = Term(writer.logical(args[0], base), "bool")
    a, b = writer.value(args[1], base), writer.value(args[2], base)
    kind = kind_of([a, b])
    if kind is None:
        return writer.null("bool")

    def cases(test: Term, one: Term, other: Term) -> str:
        same = f"WHEN {one.sql} = {other.sql} THEN {one.sql}"
        return f"(CASE WHEN {test.sql} THEN {one.sql} WHEN NOT {test.sql} THEN {other.sql} {same} END)"

    return Term(writer.let([where, a, b], cases), kind)


def _rounded(writer: Writer, term: Term, places: int) -> Term:
    dialect = writer.dialect
    scale = dialect.number(10.0**places)

    def half_away(x: Term) -> str:
        shifted = Term(f"abs({x.sql}) * {scale} + {dialect.number(0.5)}", "number")
        whole = writer.let([shifted], lambda each: dialect.floor(each.sql))
        return f"(sign({x.sql}) * {whole} / {scale})"

    return writer.calculated([term], half_away)
