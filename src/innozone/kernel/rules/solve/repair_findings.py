"""What must turn out well, in the terms of the rule: a comparison as it stands, or the limit of the one fact it waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from innozone.kernel.rules.meaning import with_formulas
from innozone.kernel.rules.solve.repair_numbers import Axis, rounder
from innozone.kernel.rules.solve.repair_search import Search, State
from innozone.kernel.rules.solve.repair_tree import atoms
from innozone.kernel.rules.solve.repair_world import Key, Target
from innozone.kernel.rules.tree import FLIPPED, And, Call, Compare, Expr, Number, Ref, walk
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import UNKNOWN

#: (expression in calendar years, whether it should hold, leaves)
Found = tuple[Expr, bool, tuple[int, ...]]


def findings_of(search: Search, state: State) -> Iterator[Found]:
    """The findings on which a state rests, each once, in the order of the rule."""
    told: dict[tuple[Expr, bool], list[int]] = {}
    limits: dict[Key, tuple[Expr, bool] | None] = {}
    found = {key: target for key, target in state.changes.items() if _is_found(search, state, key, target)}
    for atom in atoms(search.tree):
        if search.truth(atom, State()) is Truth.TRUE or search.truth(atom, state) is not Truth.TRUE:
            continue
        own = [key for key in found if key[0] in atom.names]
        if atom in state.assumed or len(own) > 1:
            told.setdefault((atom.expr, atom.wanted), []).append(atom.leaf)
        for key in own:
            if key not in limits:
                limits[key] = _limits(search, state, key, found[key])
            told.setdefault(limits[key] or (atom.expr, atom.wanted), []).append(atom.leaf)
    for (expr, wanted), leaves in told.items():
        yield expr, wanted, tuple(dict.fromkeys(leaves))


def _is_found(search: Search, state: State, key: Key, target: Target) -> bool:
    return not isinstance(target, tuple) and search.outlook.present(key, state.changes) is UNKNOWN


def _limits(search: Search, state: State, key: Key, target: Target) -> tuple[Expr, bool] | None:
    """What a fact must be for the rule to hold, all else being as in the state; None for sets and codes, of which the
    comparisons themselves say it best."""
    ref = Ref(*key)
    if isinstance(target, bool):
        return ref, target
    if not isinstance(target, Decimal):
        return None
    variable = search.outlook.dictionary[key[0]]

    def fails(value: Decimal) -> bool:
        changed = State({**state.changes, key: value}, state.assumed)
        return search.truth(search.tree, changed) is not Truth.TRUE

    parts: list[Compare] = []
    for up, closed, opened in ((False, ">=", ">"), (True, "<=", "<")):
        axis = Axis(variable, float(target), up)
        beyond = _first(axis, fails, _named(search, key))
        if beyond is not None:
            last = beyond - axis.grid * axis.sign
            op, limit = (opened, beyond) if rounder(variable, last, beyond) else (closed, last)
            parts.append(Compare(op, ref, Number(limit, "%" if variable.type == "ratio" else "")))
    if len(parts) == 2 and parts[0].right == parts[1].right:
        return Compare("==", ref, parts[0].right), True
    if not parts:
        return Call("known", (ref,)), True
    if len(parts) == 1:
        return parts[0], True
    low, high = parts
    return And((Compare(FLIPPED[low.op], low.right, ref), high)), True


def _first(axis: Axis, fails: Callable[[Decimal], bool], named: Sequence[float]) -> Decimal | None:
    """The first value outward with which it fails: the end of the interval, or a value before it that the rule names."""
    end = axis.halve(fails)
    inside = [axis.value(step) for limit in named for step in axis.around(limit)]
    holes = [value for value in inside if (end is None or (end - value) * axis.sign > 0) and fails(value)]
    return min(
        [*holes, *([end] if end is not None else [])], key=lambda value: abs(float(value) - axis.present), default=None
    )


def _named(search: Search, key: Key) -> list[float]:
    """Numbers that the rule names where it speaks of a fact."""
    exprs = dict.fromkeys(atom.expr for atom in atoms(search.tree) if key[0] in atom.names)
    parts = dict.fromkeys(part for expr in exprs for part in with_formulas(expr, search.outlook.dictionary))
    return sorted({float(node.value) for part in parts for node in walk(part) if isinstance(node, Number)})
