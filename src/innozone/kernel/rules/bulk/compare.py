"""One comparison over one block: numbers against a limit, codes against the accepted ones."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Sets
from innozone.kernel.rules.bulk.bits import Words, pack, pack_rows, words_for
from innozone.kernel.rules.bulk.lower import Atom, ExprAtom, NumberAtom
from innozone.kernel.rules.functions import CLOSE, Floats, compare

#: Up to so many runs of adjoining accepted codes are compared as ranges, more are looked up.
MOST_RUNS = 6

#: Rows that are compared with all limits of a quantity before the next ones: they and the answers stay in the cache.
CACHED_ROWS = 16_384


def compare_numbers(atom: NumberAtom, values: Floats, out: NDArray[np.bool_]) -> None:
    """Which of the values fit the limit; NaN does not."""
    compare_to(atom.op, values, atom.limit, atom.close, out)


def reach_of(atom: NumberAtom) -> float | None:
    """The least number that fits; None where greater ones do not all fit."""
    return reach(atom.op, atom.limit, atom.close) if atom.op in (">=", ">") else None


def compare_all(values: Floats, limits: Floats, out: NDArray[np.uint64]) -> None:
    """Which values are at least each of the limits: the bits of a limit in its row of `out`, those beyond the values zero."""
    column, flags = limits[:, np.newaxis], np.empty((len(limits), CACHED_ROWS), dtype=bool)
    for start in range(0, len(values), CACHED_ROWS):
        some = values[start : start + CACHED_ROWS]
        met = np.greater_equal(some, column, out=flags[:, : len(some)])
        pack_rows(met, out[:, start // 64 : (start + CACHED_ROWS) // 64])
    out[:, words_for(len(values)) :] = 0


def compare_to(
    op: str, values: Floats, limit: float, close: bool, out: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """functions.compare with one known number, any of the comparators: one or two plain comparisons."""
    if op in (">=", ">"):
        return np.greater_equal(values, reach(op, limit, close), out=out)
    if op in ("<", "<="):
        return np.less(values, reach(">=" if op == "<" else ">", limit, close), out=out)
    same = np.greater_equal(values, reach(">=", limit, close), out=out)
    same &= values < reach(">", limit, close)
    return same if op == "==" else np.logical_and(~same, values == values, out=out)


@lru_cache(maxsize=4096)
def reach(op: str, limit: float, close: bool) -> float:
    """The least number of which `number op limit` holds, op >= or >. Of all greater ones it holds, too, so that one plain
    comparison says what functions.compare says, which takes ten for numbers whose last digits are forgiven (`close`)."""
    if not close or not limit:
        return limit if op == ">=" else math.nextafter(limit, math.inf)

    def fits(number: float) -> bool:
        return bool(compare(op, np.float64(number), np.float64(limit), True))

    slack = 4 * CLOSE * abs(limit)
    low = max(math.nextafter(limit - slack, -math.inf), -sys.float_info.max)
    high = min(math.nextafter(limit + slack, math.inf), sys.float_info.max)
    if fits(low) or not fits(high):
        # There is no number beyond.
        return low if fits(low) else math.inf
    while low < (middle := low + (high - low) / 2) < high:
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def accepted_runs(column: Codes, accepted: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """The accepted positions as runs from first to last; codes of one branch mostly adjoin."""
    runs: list[tuple[int, int]] = []
    for at in sorted(column.position[code] for code in accepted & column.position.keys()):
        if runs and runs[-1][1] == at - 1:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return tuple(runs)


def accept(column: Codes, runs: Sequence[tuple[int, int]], out: NDArray[np.bool_]) -> None:
    """Rows whose code lies in one of the runs: compared while these are few, else looked up in a table."""
    if not runs:
        out[:] = False
        return
    if len(runs) > MOST_RUNS:
        table = np.zeros(len(column.categories) + 1, dtype=bool)
        for first, last in runs:
            table[first : last + 1] = True
        np.take(table, column.values, out=out, mode="wrap")  # -1, unknown, falls on the last entry
        return
    # Unsigned, a position below the run wraps round to far above it, and so does unknown: one comparison does for both
    # ends. Positions take half the range of their type at most, so nothing wraps into a run.
    unsigned = np.uint16 if column.values.dtype == np.int16 else np.uint32
    values: NDArray[Any] = column.values.view(unsigned)
    for at, (first, last) in enumerate(runs):
        target = out if at == 0 else np.empty_like(out)
        if first == last:
            np.equal(values, unsigned(first), out=target)
        else:
            np.less_equal(values - unsigned(first) if first else values, unsigned(last - first), out=target)
        if at:
            out |= target


def held_bits(column: Sets, accepted: Sequence[frozenset[str]], known: Words, out: Sequence[Words]) -> None:
    """For each of several sets of codes the rows that hold one of them: the rows of a code are packed once for all.

    `known`: the rows whose codes are known.
    """
    wanted = frozenset().union(*accepted)
    order = np.argsort(column.values, kind="stable")
    rows, starts = column.row_of[order], np.searchsorted(column.values[order], np.arange(len(column.categories) + 1))
    flags = np.zeros(len(column), dtype=bool)
    packed: dict[str, Words] = {}
    for at, category in enumerate(column.categories):
        if category in wanted and starts[at] < starts[at + 1]:
            flags[:] = False
            flags[rows[starts[at] : starts[at + 1]]] = True
            packed[category] = np.empty_like(known)
            pack(flags, packed[category])
    for codes, words in zip(accepted, out, strict=True):
        words[:] = 0
        for code in codes:
            if code in packed:
                words |= packed[code]
        words &= known


def source_of(atom: Atom) -> object:
    """What an atom compares: atoms of one source are known in the same rows and worked out together."""
    if isinstance(atom, NumberAtom):
        return atom.source, atom.kind
    return atom if isinstance(atom, ExprAtom) else (type(atom), atom.column)
