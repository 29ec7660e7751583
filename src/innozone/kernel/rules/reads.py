"""Which facts a rule reads, formulas of derived variables followed down to what departments deliver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from innozone.kernel.columns import records_name
from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.meaning import MOVED_BY_TIME, calendar_year, with_formulas
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Call, Expr, Records, Ref, Today, Years, walk
from innozone.kernel.terms import Dictionary

Key = tuple[str, int | None]


def expressions(condition: Condition) -> Iterator[Expr]:
    """The expressions of all tests."""
    for leaf in condition.leaves():
        if isinstance(leaf, Test):
            yield leaf.expr


def references(expr: Expr) -> Iterator[Ref]:
    """The variables that an expression asks for, year by year; growth asks for the year before, too."""
    for node in walk(expr):
        if isinstance(node, Ref):
            yield node
        elif isinstance(node, Years):
            yield from node.refs()
        elif isinstance(node, Call) and node.name == "growth":
            for asked in references(node.args[0]):
                yield Ref(asked.name, -1 if asked.index is None else asked.index - 1, span=asked.span)


def reads(parts: Iterable[Condition | Expr], dictionary: Dictionary, as_of: date) -> list[Key]:
    """(variable, calendar year; None without period), in reading order: what is asked and what its formulas ask.

    Records stand as (`ip[]`, None).
    """
    found: dict[Key, None] = {}
    for part in parts:
        for expr in expressions(part) if isinstance(part, Condition) else (part,):
            _collect(expr, dictionary, as_of, None, found)
    return list(found)


def minds_day(condition: Condition, dictionary: Dictionary, one: date, other: date) -> bool:
    """May the verdict differ between two days over the same facts: it asks for the day, or for other years on each."""
    if reads([condition], dictionary, one) != reads([condition], dictionary, other):
        return True
    return any(_asks_day(expr, dictionary) for expr in expressions(condition))


def _asks_day(expr: Expr, dictionary: Dictionary) -> bool:
    for node in (node for part in with_formulas(expr, dictionary) for node in walk(part)):
        if isinstance(node, Today) or (isinstance(node, Call) and node.name in MOVED_BY_TIME):
            return True
        terms = dictionary.record_terms(node.record) if isinstance(node, Records) else None
        if terms is not None and isinstance(node, Records):
            inside = (node.where, Ref(node.field)) if node.field else (node.where,)
            if any(_asks_day(part, terms) for part in inside):
                return True
    return False


def _collect(expr: Expr, dictionary: Dictionary, as_of: date, base: int | None, found: dict[Key, None]) -> None:
    for node in walk(expr):
        if isinstance(node, Records):
            found.setdefault((records_name(node.record), None))
    for ref in references(expr):
        variable = dictionary.get(ref.name)
        if variable is None:
            continue
        try:
            year = calendar_year(ref.index, variable, base, as_of)
        except ValueError:
            continue
        if (ref.name, year) in found:
            continue
        found[ref.name, year] = None
        if variable.formula and followed(variable.code, dictionary):
            _collect(parse(variable.formula), dictionary, as_of, year, found)
