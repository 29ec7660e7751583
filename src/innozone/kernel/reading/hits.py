"""What a clause says about the applicant, before it is put in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

Value = str | int | float | bool | list[str] | list[int | float] | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One understood statement; offsets into the folded text of its clause."""

    variable: str
    op: str
    value: Value
    start: int
    end: int
    unit: str | None = None
    yuan: int | float | list[int | float] | None = None
    bounds: str | None = None
    period: str | None = None
    choice: str | None = None  # members of one 或 share it
    way: str | None = None  # the alternative of the choice; without one it stands for itself
    members: tuple[str, ...] = ()  # 国家级, 省级 or rising thresholds, as listed

    def moved(self, by: int) -> Hit:
        return replace(self, start=self.start + by, end=self.end + by)


def flag(variable: str, found: re.Match[str], negative: bool = False) -> Hit:
    """A yes-or-no statement."""
    if negative:
        return Hit(variable, "not_exists", None, *found.span())
    return Hit(variable, "exists", True, *found.span())


def listed(
    variable: str, values: list[str], start: int, end: int, *, single: str = "in", negative: bool = False
) -> Hit:
    """A statement about names; `single` is the operator for exactly one name."""
    if negative:
        return Hit(variable, "not_in", values, start, end)
    if len(values) == 1 and single == "==":
        return Hit(variable, "==", values[0], start, end)
    return Hit(variable, "in", values, start, end)


def bounds_of(hit: Hit) -> tuple[float, float] | None:
    """Between which figures a statement puts its variable; None where it sets no bound."""
    values = hit.yuan if hit.yuan is not None else hit.value
    if isinstance(values, list):
        numbers = [float(v) for v in values if isinstance(v, (int, float))]
        return (numbers[0], numbers[1]) if hit.op == "between" and len(numbers) == 2 else None
    if isinstance(values, bool) or not isinstance(values, (int, float)):
        return None
    if hit.op in {">=", ">"}:
        return (float(values), float("inf"))
    return (float("-inf"), float(values)) if hit.op in {"<=", "<"} else None
