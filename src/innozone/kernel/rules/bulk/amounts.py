"""Amounts over kept values: sums, products, lowest and highest in place over blocks that fit the cache; the rest as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Numbers
from innozone.kernel.rules.bulk.kept import Values
from innozone.kernel.rules.bulk.knobs import figure
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.tree import Arith, Call, Expr, Neg, own_years

#: Rows worked on at once: a few arrays of them stay in the cache, and a product of two is not spread over threads,
#: which costs more than it brings.
SPAN_ROWS = 8_192

_OPERATIONS: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply}
_FOLDS: dict[str, Any] = {"min": np.minimum, "max": np.maximum}

Work = Callable[[slice, int], Floats | float]


@dataclass(frozen=True, eq=False)
class Amounts:
    """An amount that can be asked for span after span; what `of` gives is only good until it is asked again."""

    of: Callable[[slice], Floats]


class AmountMaker:
    """Makes amounts over the same values; they share working memory, so only one is asked at a time."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._scratch: list[Floats] = []

    def plain(self, expr: Expr) -> Amounts | None:
        """The amount by its kept parts; None when there is more in it than + - * min and max of them.

        It is known wherever all its parts are, unless it overflows: an error within np.errstate(over="raise").
        """
        work = self._work(expr)
        if work is None:
            return None

        def of(span: slice) -> Floats:
            found = work(span, 0)
            if isinstance(found, float):
                out = self._out(span, 0)
                out[:] = found
                return out
            return found

        return Amounts(of)

    def any(self, expr: Expr) -> Amounts:
        """The amount by the bulk evaluator, whatever is in it."""

        def of(span: slice) -> Floats:
            return np.broadcast_to(self.values.block(span).number(expr), (span.stop - span.start,))

        return Amounts(of)

    def _out(self, span: slice, depth: int) -> Floats:
        while len(self._scratch) <= depth:
            self._scratch.append(np.empty(SPAN_ROWS))
        return self._scratch[depth][: span.stop - span.start]

    def _work(self, expr: Expr) -> Work | None:
        value = figure(expr)
        if value is not None:
            number = float(value)
            return lambda span, depth: number
        kept = self.values.kept(expr)
        if isinstance(kept, Numbers):
            array: NDArray[np.float64] = kept.values
            return (lambda span, depth: array[span]) if kept.kind == "number" else None
        match expr:
            case Neg(operand):
                return self._joined(np.multiply, [operand], -1.0)
            case Arith("+" | "-" | "*", left, right):
                return self._joined(_OPERATIONS[expr.op], [left, right])
            case Call("min" | "max", args) if not any(True for arg in args for _ in own_years(arg)):
                return self._joined(_FOLDS[expr.name], list(args))
        return None

    def _joined(self, operation: Any, parts: list[Expr], first: float | None = None) -> Work | None:
        works = [self._work(part) for part in parts]
        if first is not None:
            works.insert(0, lambda span, depth: first)
        known = [work for work in works if work is not None]
        if len(known) < len(works):
            return None

        def work(span: slice, depth: int) -> Floats | float:
            result = known[0](span, depth)
            for each in known[1:]:
                other = each(span, depth + 1)
                if isinstance(result, float) and isinstance(other, float):
                    result = float(operation(result, other))
                else:
                    result = operation(result, other, out=self._out(span, depth))
            return result

        return work
