"""Three-valued logic of Kleene: true, false, unknown. Unknown never turns into either by itself."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from innozone.kernel.terms import UNKNOWN, Unknown


class Truth(Enum):
    """The verdict of a condition."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a verdict has three values: compare with `is Truth.TRUE`")

    def __invert__(self) -> Truth:
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}[self]

    @staticmethod
    def of(value: bool | Unknown) -> Truth:
        """The verdict for a value of an expression."""
        if value is UNKNOWN:
            return Truth.UNKNOWN
        return Truth.TRUE if value else Truth.FALSE


def at_least(count: int, verdicts: Iterable[Truth]) -> Truth:
    """True when `count` verdicts are true, false when no more than count - 1 can be, else unknown."""
    listed = list(verdicts)
    sure = sum(verdict is Truth.TRUE for verdict in listed)
    possible = sum(verdict is not Truth.FALSE for verdict in listed)
    if sure >= count:
        return Truth.TRUE
    return Truth.UNKNOWN if possible >= count else Truth.FALSE


def all_of(verdicts: Iterable[Truth]) -> Truth:
    """And: false as soon as one is false; true for none at all."""
    listed = list(verdicts)
    return at_least(len(listed), listed)


def any_of(verdicts: Iterable[Truth]) -> Truth:
    """Or: true as soon as one is true; false for none at all."""
    return at_least(1, verdicts)
