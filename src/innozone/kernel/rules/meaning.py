"""What references and codes mean, for every engine alike: years, computed numbers, branches of code lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import (
    FIRST_CALENDAR_YEAR,
    Arith,
    Call,
    Expr,
    Marginal,
    Number,
    Records,
    Ref,
    Today,
    Years,
    walk,
)
from innozone.kernel.terms import CodeList, Dictionary, Variable

MOVED_BY_TIME = ("age", "months_since", "days_since")


def calendar_year(index: int | None, variable: Variable, base: int | None, as_of: date) -> int | None:
    """The calendar year that a reference speaks of; None for a variable without period.

    `base` is the year of the formula being evaluated, None outside formulas. Raises ValueError when the index is
    missing on a yearly variable, or stands on one without period.
    """
    if variable.period == "none":
        if index is not None:
            raise ValueError(f"{variable.code} has one value and no years; write {variable.code} without [{index}]")
        return None
    if index is None:
        if base is None:
            raise ValueError(f"{variable.code} has one value per year; write {variable.code}[-1] for last year's")
        return base
    if index >= FIRST_CALENDAR_YEAR:
        return index
    return (as_of.year if base is None else base) + index


def day_of(expr: Today, as_of: date, base: int | None) -> date:
    """The day that `today` or `year_end(…)` is; `base` is the year of the formula it stands in."""
    if expr.year_end is None:
        return as_of
    absolute = expr.year_end >= FIRST_CALENDAR_YEAR
    return date(expr.year_end if absolute else (as_of.year if base is None else base) + expr.year_end, 12, 31)


def is_computed(expr: Expr, dictionary: Dictionary) -> bool:
    """True when the number comes from arithmetic, so that its last digits are forgiven in a comparison."""
    for node in walk(expr):
        if isinstance(node, Arith | Marginal) or (isinstance(node, Records) and node.function == "sum"):
            return True
        if isinstance(node, Call) and node.name in ("sum", "mean", "growth", "cagr"):
            return True
        if isinstance(node, Ref | Years):
            variable = dictionary.get(node.name)
            if variable is not None and variable.formula is not None:
                return True
    return False


def is_count(expr: Expr) -> bool:
    """True for a count of records, which may lie between two numbers while it is not known exactly."""
    return isinstance(expr, Records) and expr.function == "count"


def limits_of(expr: Marginal) -> list[float]:
    """The upper ends of the slices; the parser lets only numbers stand there."""
    return [float(bracket.limit.value) for bracket in expr.brackets if isinstance(bracket.limit, Number)]


def is_fixed(expr: Expr, dictionary: Dictionary) -> bool:
    """True when neither the firm nor time can turn the answer: every fact it reads is marked as not mutable.

    A test that only such facts decide is never what a firm narrowly misses. Ages and days move by themselves.
    """
    for node in (node for part in with_formulas(expr, dictionary) for node in walk(part)):
        if isinstance(node, Records | Today) or (isinstance(node, Call) and node.name in MOVED_BY_TIME):
            return False
        if isinstance(node, Ref | Years):
            variable = dictionary.get(node.name)
            if variable is None or (variable.formula is None and variable.mutable):
                return False
    return True


def with_formulas(expr: Expr, dictionary: Dictionary) -> Iterator[Expr]:
    """The expression and all formulas that it rests on, each once."""
    todo, seen = [expr], set[str]()
    for part in todo:
        yield part
        for node in walk(part):
            if isinstance(node, Ref | Years) and node.name not in seen:
                seen.add(node.name)
                variable = dictionary.get(node.name)
                if variable is not None and variable.formula is not None:
                    todo.append(parse(variable.formula))


def codelist_of(expr: Expr, dictionary: Dictionary) -> CodeList | None:
    """The code list of the first coded variable in an expression."""
    for node in walk(expr):
        variable = dictionary.get(node.name) if isinstance(node, Ref | Years) else None
        if variable is not None and variable.codelist:
            return dictionary.codelist_of(variable)
    return None


def subtree(codelist: CodeList | None, roots: Sequence[str]) -> frozenset[str]:
    """All codes at or below the roots; a root that the list does not know stands for itself."""
    if codelist is None:
        return frozenset(roots)
    known = [root for root in roots if root in codelist]
    return codelist.subtree(*known) | frozenset(roots)


def stands_below(codelist: CodeList | None, code: str, roots: Sequence[str]) -> bool:
    """Is the code one of `subtree(codelist, roots)`, found from below."""
    return code in roots or (codelist is not None and any(codelist.within(code, root) for root in roots))
