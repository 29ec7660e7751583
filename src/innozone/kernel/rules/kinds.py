"""Kinds of values for the check: number with its dimension, truth, date, code of a list, set of codes, text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from innozone.kernel.rules.words import say
from innozone.kernel.terms import UNITS, Variable

#: Powers of units in order, () for a ratio, None for a bare number that fits everything.
Dimension = tuple[tuple[str, int], ...] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """base: number, bool, date, text, code, codes, or any (an error was told already)."""

    base: str
    dimension: Dimension = None
    codelist: str | None = None


ANY = Kind("any")
BOOL = Kind("bool")
DATE = Kind("date")
TEXT = Kind("text")
NUMBER = Kind("number")
RATIO = Kind("number", ())

_WORDS = {
    "bool": "true or false",
    "date": "a date",
    "text": "a text",
    "code": "a code",
    "codes": "a set of codes",
    "any": "anything",
}


def kind_of(variable: Variable) -> Kind:
    """The kind of a variable's values."""
    if variable.type == "money":
        return Kind("number", (("money", 1),))
    if variable.type == "ratio":
        return RATIO
    if variable.numeric:
        if not variable.unit:
            return NUMBER
        unit = UNITS.get(variable.unit)
        return Kind("number", ((unit.kind if unit else variable.unit, 1),))
    return Kind(variable.type, None, variable.codelist)


def named(kind: Kind) -> str:
    """The kind in words."""
    if kind.base != "number":
        base = say(_WORDS[kind.base])
        return say("{} of {}", base, kind.codelist) if kind.codelist else base
    if kind.dimension is None:
        return say("a number")
    if kind.dimension == ():
        return say("a ratio")
    top = [_power(unit, power) for unit, power in kind.dimension if power > 0]
    bottom = [_power(unit, -power) for unit, power in kind.dimension if power < 0]
    words: str = top[0] if top else "1"
    for unit in top[1:]:
        words = say("{} × {}", words, unit)
    for unit in bottom:
        words = say("{} per {}", words, unit)
    return words


def _power(unit: str, power: int) -> str:
    return say(unit) if power == 1 else say("{}^{}", say(unit), power)


def same_dimension(a: Dimension, b: Dimension) -> bool:
    """True when numbers of both can be added and compared."""
    return a is None or b is None or a == b


def multiplied(a: Dimension, b: Dimension) -> Dimension:
    """The dimension of a product; a bare number leaves the other as it is."""
    if a is None or b is None:
        return b if a is None else a
    powers = Counter(dict(a))
    for unit, power in b:
        powers[unit] += power
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


def divided(a: Dimension, b: Dimension) -> Dimension:
    """The dimension of a quotient; something divided by a bare number keeps its own."""
    if b is None:
        return a
    if a is None:
        return None
    return multiplied(a, tuple((unit, -power) for unit, power in b))
