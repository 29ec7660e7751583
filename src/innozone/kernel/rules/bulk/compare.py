"""One comparison over one block: numbers against a limit, codes against the accepted ones; and their order of work."""

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


def grouped(atoms: list[Atom]) -> tuple[list[Atom], list[tuple[int, int]], list[int]]:
    """The atoms sorted by source, the bounds of each source's group, and the new place of each atom."""
    keys: dict[object, int] = {}
    group_of: list[int] = []
    for at, atom in enumerate(atoms):
        if isinstance(atom, NumberAtom):
            key: object = (atom.source, atom.kind)
        elif isinstance(atom, ExprAtom):
            key = at
        else:
            key = (type(atom), atom.column)
        group_of.append(keys.setdefault(key, len(keys)))
    order = sorted(range(len(atoms)), key=group_of.__getitem__)
    place = [0] * len(atoms)
    bounds: list[tuple[int, int]] = []
    for new, old in enumerate(order):
        place[old] = new
        if new and group_of[old] == group_of[order[new - 1]]:
            bounds[-1] = (bounds[-1][0], new + 1)
        else:
            bounds.append((new, new + 1))
    return [atoms[old] for old in order], bounds, place
