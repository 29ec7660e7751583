"""One more record: what it must say to be counted, and how many more it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, product

from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.meaning import codelist_of
from innozone.kernel.rules.solve.repair_numbers import GRID
from innozone.kernel.rules.solve.repair_world import Record
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import And, Day, Expr, Flag, Number, Records, Ref, Text, Within, walk
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import Dictionary, Value, Variable

MOST_ADDED = 24
#: Combinations of values tried to fit a filter, and values of a field.
MOST_TRIED = 400
MOST_VALUES = 6


def additions(
    nodes: Sequence[Records],
    terms: Dictionary,
    filters: Sequence[Expr],
    day: date,
    before: tuple[Record, ...],
    holds: Callable[[tuple[Record, ...]], bool],
    lacking: float,
) -> Iterator[tuple[Record, ...]]:
    """Records to add so that a comparison over `nodes` holds: as few as it takes, one kind of record at a time.

    filters: all that the rule asks of such records; a record that fits them all is tried beside one that fits its own.
    before: what is added already. lacking: by how much a sum falls short.
    """
    tried: list[Record] = []
    for node in nodes:
        for where in (node.where, And((node.where, *filters))):
            record = fitting(where, terms, day, _amount(node, terms, lacking))
            if record is None or record in tried:
                continue
            tried.append(record)
            for count in range(1, MOST_ADDED + 1):
                more = before + (record,) * count
                if holds(more):
                    yield more
                    break


def _amount(node: Records, terms: Dictionary, lacking: float) -> tuple[str, Decimal] | None:
    variable = terms.get(node.field) if node.field else None
    if variable is None or not variable.numeric or not math.isfinite(lacking):
        return None
    grid = GRID[variable.type]
    return node.field, Decimal(math.ceil(abs(lacking) / float(grid) - 1e-9)) * grid


def fitting(where: Expr, terms: Dictionary, day: date, amount: tuple[str, Decimal] | None = None) -> Record | None:
    """A record of the day that a filter lets through, with no more fields than the filter asks for; None when none is
    found. `amount` is a field with the value it must have."""
    fixed: dict[str, Value] = dict([amount]) if amount is not None else {}
    fields = [name for name in dict.fromkeys(_names(where)) if name not in fixed]
    choices = [_values(terms[name], where, terms, day) for name in fields if name in terms]
    if len(choices) < len(fields):
        return None
    for values in islice(product(*choices), MOST_TRIED):
        cells = fixed | dict(zip(fields, values, strict=True))
        world = Subject(terms, {name: {None: cell} for name, cell in cells.items()}, day)
        if Evaluator(world).logical(where) is Truth.TRUE:
            return tuple(sorted(cells.items()))
    return None


def _names(where: Expr) -> Iterator[str]:
    return (node.name for node in walk(where) if isinstance(node, Ref))


def _values(variable: Variable, where: Expr, terms: Dictionary, day: date) -> list[Value]:
    """Values of a field that a filter may ask for, the likeliest first: what happens now, what it names."""
    found: list[Value] = []
    for node in walk(where):
        match node:
            case Flag() if variable.type == "bool":
                pass
            case Within(operand, roots) if _of(operand, variable):
                found += roots
            case Text(value) if variable.type in ("code", "text"):
                found.append(value)
            case Number(value) if variable.numeric:
                step = GRID[variable.type]
                found += [value, value + step, value - step]
            case Day(value) if variable.type == "date":
                found += [value, value + timedelta(days=1), value - timedelta(days=1)]
    if variable.type == "bool":
        found = [True, False]
    elif variable.type == "date":
        found = [day, *found, date(day.year - 1, 1, 1), date(1990, 1, 1)]
    elif variable.type == "code":
        codelist = codelist_of(Ref(variable.code), terms)
        if codelist is not None:
            found = [code for code in found if code in codelist]
            found += [code for code in islice(codelist.by_code, MOST_VALUES) if code not in found]
    return list(dict.fromkeys(found))[: MOST_VALUES * 2]


def _of(operand: Expr, variable: Variable) -> bool:
    return isinstance(operand, Ref) and operand.name == variable.code
