"""How deep formulas stand within each other. One that leads back to itself, or rests on too many others, is followed by
no engine: what it would give is unknown, wherever it is asked from."""

from __future__ import annotations

from innozone.kernel.rules.errors import RuleSyntaxError
from innozone.kernel.rules.parse import MOST_LEVELS, parse
from innozone.kernel.rules.tree import Expr, Ref, Years, children, walk
from innozone.kernel.terms import Dictionary

#: Formulas one within the other.
DEEPEST_FORMULA = 20

#: Dictionaries whose formulas are remembered.
MOST_DICTIONARIES = 64

_kept: dict[int, tuple[Dictionary, frozenset[str]]] = {}


def followed(code: str, dictionary: Dictionary) -> bool:
    """Is the formula of a variable followed: it rests on no more than DEEPEST_FORMULA others and MOST_LEVELS operations,
    one within the other, and never on itself."""
    kept = _kept.get(id(dictionary))
    if kept is None:
        if len(_kept) >= MOST_DICTIONARIES:
            _kept.clear()
        # The dictionary is kept with the answer: no other one can have its identity meanwhile.
        kept = _kept[id(dictionary)] = dictionary, _followed(dictionary)
    return code in kept[1]


def named_by(code: str, dictionary: Dictionary) -> frozenset[str]:
    """The variables that a variable's formula names; none when it has no formula, or one that cannot be read."""
    variable = dictionary.get(code)
    if variable is None or variable.formula is None:
        return frozenset()
    try:
        return frozenset(node.name for node in walk(parse(variable.formula)) if isinstance(node, Ref | Years))
    except RuleSyntaxError:
        return frozenset()


def levels_of(expr: Expr) -> int:
    """How many operations stand one within the other."""
    level: list[Expr] = [expr]
    levels = 0
    while level:
        level = [child for each in level for child in children(each)]
        levels += 1
    return levels


def _followed(dictionary: Dictionary) -> frozenset[str]:
    """From the formulas that rest on none upwards: each is met when all that it names are; those of a circle never are."""
    formulas = {variable.code: variable.formula for variable in dictionary if variable.formula is not None}
    below = {code: named_by(code, dictionary) & formulas.keys() for code in formulas}
    above: dict[str, list[str]] = {}
    for code, names in below.items():
        for name in names:
            above.setdefault(name, []).append(code)
    waiting = {code: len(names) for code, names in below.items()}
    depth: dict[str, tuple[int, int]] = {}
    ready = [code for code, count in waiting.items() if not count]
    for code in ready:
        inner = [depth[name] for name in below[code]]
        formula = formulas[code]
        try:
            own = levels_of(parse(formula)) if formula is not None else 0
        except RuleSyntaxError:
            continue
        depth[code] = (
            1 + max((count for count, _ in inner), default=0),
            own + max((size for _, size in inner), default=0),
        )
        for user in above.get(code, ()):
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return frozenset(code for code, (count, size) in depth.items() if count <= DEEPEST_FORMULA and size <= MOST_LEVELS)
