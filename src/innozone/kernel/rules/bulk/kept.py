"""Values of expressions over chosen rows of a snapshot, in an order of their own, kept for the next time they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Column, Flags, Numbers, Snapshot
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules.bulk.logic import Logic, Vector
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.tree import Bracket, Day, Expr, Flag, Number, Text, Today, children, own_years
from innozone.kernel.terms import Dictionary

#: Bytes of values kept beside the columns of the snapshot.
MOST_KEPT_BYTES = 512 * 2**20

_PLAIN = (Number, Text, Flag, Day, Today)


class GivenBlock(Block):
    """A block to which the values of some whole expressions are given: they are not worked out again."""

    def __init__(
        self, snapshot: Snapshot, dictionary: Dictionary, rows: Selection, given: Mapping[Expr, Vector]
    ) -> None:
        super().__init__(snapshot, dictionary, rows)
        self.given = given

    def value(self, expr: Expr, base: int | None = None) -> Vector:
        if base is None and not isinstance(expr, _PLAIN):
            found = self.given.get(expr)
            if found is not None:
                return found
        return super().value(expr, base)


class Values:
    """The values of numeric and logical expressions over `rows`, row numbers of the snapshot in any order."""

    def __init__(self, snapshot: Snapshot, dictionary: Dictionary, rows: NDArray[np.int64]) -> None:
        self.snapshot = snapshot
        self.dictionary = dictionary
        self.rows = rows
        self._kept: dict[Expr, Numbers | Logic] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def spans(self, size: int = BLOCK_ROWS) -> Iterator[slice]:
        """The rows block by block."""
        for start in range(0, len(self.rows), size):
            yield slice(start, min(start + size, len(self.rows)))

    def block(self, span: slice) -> GivenBlock:
        """Some of the rows; what is kept is given."""
        given = {expr: _cut(vector, span) for expr, vector in self._kept.items()}
        return GivenBlock(self.snapshot, self.dictionary, self.rows[span], given)

    def kept(self, expr: Expr) -> Numbers | Logic | None:
        """The values of an expression if they are kept."""
        return self._kept.get(expr)

    def keep(self, expr: Expr) -> Numbers | Logic | None:
        """The values of an expression, one for each row; None for one that is neither numbers nor logic.

        They are kept, and others forgotten when they take too much.
        """
        if expr not in self._kept:
            found = self._worked_out(expr)
            if found is None:
                return None
            size = max(1, len(self.rows)) * 8
            while self._kept and (len(self._kept) + 1) * size > MOST_KEPT_BYTES:
                del self._kept[next(iter(self._kept))]
            self._kept[expr] = found
        return self._kept[expr]

    def keep_unmoved(self, new: Expr, old: Expr) -> None:
        """Keeps the values of the largest parts of `new` that are the same objects in `old`, which it was made from."""
        if new is old:
            if not isinstance(new, (*_PLAIN, Bracket)) and not any(own_years(new)):
                self.keep(new)
            return
        below, before = children(new), children(old)
        if len(below) == len(before):
            for one, other in zip(below, before, strict=True):
                self.keep_unmoved(one, other)

    def logic(self, expr: Expr) -> Logic:
        """The truth of an expression for each row."""
        true, false = np.empty(len(self.rows), dtype=bool), np.empty(len(self.rows), dtype=bool)
        for span in self.spans():
            found = self.block(span).logical(expr)
            true[span], false[span] = found.true, found.false
        return Logic(true, false)

    def _worked_out(self, expr: Expr) -> Numbers | Logic | None:
        numbers: NDArray[np.float64] | None = None
        logic: Logic | None = None
        kind: Numbers | None = None
        for span in self.spans():
            found = self.block(span).value(expr)
            if isinstance(found, Numbers):
                numbers = np.empty(len(self.rows)) if numbers is None else numbers
                numbers[span] = found.values
                kind = found
            elif isinstance(found, Logic):
                logic = logic or Logic(np.empty(len(self.rows), dtype=bool), np.empty(len(self.rows), dtype=bool))
                logic.true[span], logic.false[span] = found.true, found.false
            else:
                return None
        return logic if numbers is None or kind is None else Numbers(numbers, kind.kind)


def _cut(vector: Numbers | Logic, span: slice) -> Vector:
    if isinstance(vector, Numbers):
        return Numbers(vector.values[span], vector.kind)
    return Logic(vector.true[span], vector.false[span])


class _ReadingBlock(Block):
    """A block that notes which columns are asked for."""

    def __init__(self, snapshot: Snapshot, dictionary: Dictionary, rows: Selection) -> None:
        super().__init__(snapshot, dictionary, rows)
        self.names: dict[str, None] = {}

    def column(self, name: str) -> Column | None:
        self.names[name] = None
        return super().column(name)


def alike(expr: Expr, snapshot: Snapshot, dictionary: Dictionary, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each row; rows of one number have the same known facts of all that the expression reads."""
    groups = np.zeros(len(rows), dtype=np.int64)
    if not len(rows):
        return groups
    block = _ReadingBlock(snapshot, dictionary, rows[:1])
    block.value(expr)
    for name in block.names:
        column = snapshot.column(name)
        if column is None:
            continue
        if not isinstance(column, Numbers | Flags | Codes):
            return np.arange(len(rows))
        values = np.unique(column.values[rows], return_inverse=True, equal_nan=True)[1]
        groups = np.unique(groups * (int(values.max()) + 1) + values, return_inverse=True)[1]
    return groups
