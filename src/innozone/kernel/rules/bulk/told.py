"""Where all facts are told that an expression reads, and which expressions ask whether they are."""

from __future__ import annotations

from functools import reduce

import numpy as np

from innozone.kernel.columns import Column, Flags, Records, column_name, records_name
from innozone.kernel.rules.bulk.fitting import Fitting
from innozone.kernel.rules.bulk.logic import Bools, known
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.depth import followed
from innozone.kernel.rules.meaning import calendar_year, with_formulas
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.reads import references
from innozone.kernel.rules.tree import Call, Expr, Ref, walk
from innozone.kernel.rules.tree import Records as RecordsExpr
from innozone.kernel.terms import Dictionary, Variable


def peeks(expr: Expr, dictionary: Dictionary) -> bool:
    """Does it ask whether a fact is known? Only then may a value change that is there already when a fact comes in."""
    for node in (node for part in with_formulas(expr, dictionary) for node in walk(part)):
        if isinstance(node, Call) and node.name in ("known", "coalesce"):
            return True
        if isinstance(node, RecordsExpr) and peeks(node.where, dictionary):
            return True
    return False


def told(column: Column | None) -> Bools:
    """Per row of a stored column: is there a value; one False for a column that is not there."""
    if column is None:
        return np.zeros(1, dtype=bool)
    if isinstance(column, Records):
        return column.known
    return column.values >= 0 if isinstance(column, Flags) else known(column)


class Told:
    """Where all facts are told that an expression reads."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self._kept: dict[tuple[str, int | None], Bools] = {}

    def of(self, expr: Expr, base: int | None = None) -> Bools:
        """Per row, or one for all rows."""
        parts: list[Bools] = [np.ones(1, dtype=bool)]
        parts += [self._records(node) for node in walk(expr) if isinstance(node, RecordsExpr)]
        parts += [self._ref(ref, base) for ref in references(expr)]
        return reduce(np.logical_and, parts)

    def _ref(self, ref: Ref, base: int | None) -> Bools:
        variable = self.block.dictionary.get(ref.name)
        year = year_of(ref, variable, base, self.block)
        if variable is None or year is NO_YEAR:
            return np.ones(1, dtype=bool)
        stored = told(self.block.column(column_name(ref.name, year)))
        if variable.formula is None or not followed(variable.code, self.block.dictionary):
            return stored
        key = (ref.name, year)
        if key not in self._kept:
            self._kept[key] = stored | self.of(parse(variable.formula), year)
        return self._kept[key]

    def _records(self, expr: RecordsExpr) -> Bools:
        column = self.block.column(records_name(expr.record))
        if not isinstance(column, Records):
            return np.zeros(1, dtype=bool)
        asked = {ref.name for ref in references(expr.where)} | ({expr.field} if expr.field else set())
        missing = np.zeros(column.count, dtype=bool)
        for name in asked:
            cells = column.fields.get(name)
            if cells is None:
                missing[:] = True
            else:
                missing |= ~told(cells)
        return column.known & (Fitting(column, missing).counts == 0)


NO_YEAR = -1


def year_of(ref: Ref, variable: Variable | None, base: int | None, block: Block) -> int | None:
    """The calendar year of a reference; NO_YEAR where it is wrong."""
    try:
        return NO_YEAR if variable is None else calendar_year(ref.index, variable, base, block.snapshot.as_of)
    except ValueError:
        return NO_YEAR
