"""All the ways in which the facts that nobody has told may turn out, near and on every limit that a rule names."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, product
from math import prod
from typing import Any

from innozone.kernel.rules import Condition, Expr, Test, parse
from innozone.kernel.rules.meaning import calendar_year
from innozone.kernel.rules.tree import Call, Day, Number, Ref, Text, Years, children, walk
from tests.kernel.rules.sample import AS_OF, DESIGNATIONS, DICTIONARY, INDUSTRIES, REGIONS

Facts = dict[str, dict[int | None, Any]]
Key = tuple[str, int | None]

_CODES = {"regions": REGIONS, "industries": INDUSTRIES}


def expressions_of(rule: Condition) -> list[Expr]:
    return [leaf.expr for leaf in rule.leaves() if isinstance(leaf, Test)]


def reads(rule: Condition) -> set[Key]:
    """The stored facts that a rule reads, those behind derived variables too."""
    found: set[Key] = set()

    def visit(expr: Expr, base: int | None) -> None:
        named: list[Ref] = []
        if isinstance(expr, Years):
            named = list(expr.refs())
        elif isinstance(expr, Ref):
            named = [expr]
        elif isinstance(expr, Call) and expr.name == "growth":
            named = [
                Ref(ref.name, (ref.index or 0) - 1)
                for part in walk(expr)
                for ref in (part.refs() if isinstance(part, Years) else [part] if isinstance(part, Ref) else [])
            ]
        for ref in named:
            variable = DICTIONARY[ref.name]
            year = calendar_year(ref.index, variable, base, AS_OF)
            if variable.formula is None:
                found.add((ref.name, year))
            else:
                visit(parse(variable.formula), year)
        for child in children(expr):
            visit(child, base)

    for expr in expressions_of(rule):
        visit(expr, None)
    return found


def outcomes(name: str, rule: Condition, values: Facts) -> list[Any]:
    """Values of a variable on, just beside and between all the limits that it may meet in a rule, and beyond them."""
    exprs = expressions_of(rule)
    own = [expr for expr in exprs if any(isinstance(node, Ref | Years) and node.name == name for node in walk(expr))]
    nodes = [node for expr in own or exprs for node in walk(expr)]
    variable = DICTIONARY[name]
    if variable.type == "bool":
        return [True, False]
    if variable.numeric:
        step = {"money": Decimal("0.01"), "integer": Decimal(1)}.get(variable.type, Decimal("0.001"))
        limits = {node.value for node in nodes if isinstance(node, Number)} | set(values.get(name, {}).values())
        if variable.type == "integer":
            limits = {limit.to_integral_value() for limit in limits}
        return sorted({limit + near for limit in limits or {Decimal(0)} for near in (-step, Decimal(0), step)})
    if variable.type == "date":
        days = {node.value for node in nodes if isinstance(node, Day)} | {AS_OF, date(1949, 10, 1), date(2049, 10, 1)}
        # A number of years, months or days ago.
        for limit in {int(node.value) for node in nodes if isinstance(node, Number) and node.value < 5000}:
            days |= {AS_OF - timedelta(days=limit), _months_ago(limit), _months_ago(12 * limit)}
        return sorted({day + timedelta(days=near) for day in days for near in (-1, 0, 1)})
    if variable.type == "codes":
        return [frozenset(), *(frozenset({code}) for code in DESIGNATIONS.by_code), frozenset(DESIGNATIONS.by_code)]
    if variable.codelist:
        return [*_CODES[variable.codelist].by_code, "a code of a later year"]
    return [*sorted({node.value for node in nodes if isinstance(node, Text)}), "another name"]


def _months_ago(months: int) -> date:
    year, month = divmod(AS_OF.year * 12 + AS_OF.month - 1 - months, 12)
    return date(max(year, 1), month + 1, 28 if month == 1 else 30)


def worlds(rule: Condition, values: Facts, most: int) -> Iterator[Facts]:
    """The facts completed in every way, or in `most` ways drawn evenly when there are more."""
    missing = sorted(key for key in reads(rule) if key[1] not in values.get(key[0], {}))
    domains = [outcomes(name, rule, values) for name, _ in missing]
    if prod(len(domain) for domain in domains) <= most:
        choices: Iterator[tuple[Any, ...]] = product(*domains)
    else:
        drawn = random.Random(len(missing))
        choices = (tuple(drawn.choice(domain) for domain in domains) for _ in range(most))
    for choice in islice(choices, most):
        filled = {name: dict(by_year) for name, by_year in values.items()}
        for (name, year), fact in zip(missing, choice, strict=True):
            filled.setdefault(name, {})[year] = fact
        yield filled
