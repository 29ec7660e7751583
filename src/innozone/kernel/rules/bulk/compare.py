"""One comparison over one block: numbers against a limit, codes against the accepted ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes
from innozone.kernel.rules.bulk.lower import Atom, ExprAtom, NumberAtom
from innozone.kernel.rules.functions import Floats, compare

#: Up to so many runs of adjoining accepted codes are compared as ranges, more are looked up.
MOST_RUNS = 6


def compare_numbers(atom: Atom, values: Floats, out: NDArray[np.bool_]) -> None:
    assert isinstance(atom, NumberAtom)
    if atom.close:
        out[:] = compare(atom.op, values, atom.limit, True)
    elif atom.op == ">=":
        np.greater_equal(values, atom.limit, out=out)
    elif atom.op == ">":
        np.greater(values, atom.limit, out=out)
    else:
        np.equal(values, atom.limit, out=out)


def accepted_runs(categories: tuple[str, ...], accepted: frozenset[str]) -> list[tuple[int, int]]:
    """The accepted positions as runs from first to last; codes of one branch mostly adjoin."""
    runs: list[tuple[int, int]] = []
    for at, category in enumerate(categories):
        if category in accepted:
            if runs and runs[-1][1] == at - 1:
                runs[-1] = (runs[-1][0], at)
            else:
                runs.append((at, at))
    return runs


def accept(column: Codes, runs: list[tuple[int, int]], out: NDArray[np.bool_]) -> None:
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


def source_of(atom: Atom) -> object:
    """What an atom compares: atoms of one source are known in the same rows and worked out together."""
    if isinstance(atom, NumberAtom):
        return atom.source, atom.kind
    return atom if isinstance(atom, ExprAtom) else (type(atom), atom.column)
