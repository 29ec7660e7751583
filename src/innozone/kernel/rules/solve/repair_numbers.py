"""The nearest number at which a comparison turns, found on the grid of values that a fact can take.

A literal limit is taken as it is. Where a fact stands inside a formula, a straight line through two values is tried
first, which solves sums, shares and quotients of one fact at once; then halving. Every answer is the evaluator's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from innozone.kernel.terms import Variable

#: The steps in which figures are proposed: whole 元, whole persons, hundredths of a per cent, tenths of a point.
GRID = {
    "integer": Decimal(1),
    "money": Decimal(1),
    "ratio": Decimal("0.0001"),
    "number": Decimal("0.1"),
}
#: Figures of a million billion and more are no plan.
FARTHEST = 1e15


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a comparison turns: `value`, None where it does not; `helps` False where a move in the direction leads
    away from it or changes nothing; `end` is the last value there is in the direction."""

    value: Decimal | None
    helps: bool
    end: Decimal | None = None


def start(variable: Variable) -> Decimal:
    """The value from which one that nobody knows is looked for: zero, or what lies nearest to it."""
    low, high = variable.minimum, variable.maximum
    nearest = max(low or 0.0, 0.0) if high is None or high >= 0 else high
    return on_grid(variable, nearest if low is None else max(nearest, low))


def on_grid(variable: Variable, value: float) -> Decimal:
    grid = GRID[variable.type]
    return Decimal(math.floor(value / float(grid) + 0.5)) * grid


def rounder(variable: Variable, last: Decimal, beyond: Decimal) -> bool:
    """Is the first value that will not do rounder than the last that will: above zero says more than from one yuan on."""
    return variable.type != "integer" and _digits(beyond) < _digits(last)


def _digits(value: Decimal) -> int:
    """How many digits it takes to write a number, trailing zeros left out."""
    return len(value.normalize().as_tuple().digits) if value else 0


class Axis:
    """The values of one fact in one direction from the present one (`up` or down)."""

    def __init__(self, variable: Variable, present: float, up: bool) -> None:
        self.grid = GRID[variable.type]
        self.size = float(self.grid)
        self.sign = 1 if up else -1
        self.present = present
        limit = variable.maximum if up else variable.minimum
        self.bound = limit if limit is not None else self.sign * FARTHEST
        self.bounded = limit is not None
        #: The first step of the grid beyond the present value and the last within the bounds.
        self.first = (math.floor(present / self.size + 1e-9) + 1) if up else (math.ceil(present / self.size - 1e-9) - 1)
        self.last = math.floor(self.bound / self.size + 1e-9) if up else math.ceil(self.bound / self.size - 1e-9)

    def value(self, step: int) -> Decimal:
        return Decimal(step) * self.grid

    def within(self, step: int) -> bool:
        return (step - self.first) * self.sign >= 0 and (self.last - step) * self.sign >= 0

    def around(self, value: float) -> Iterator[int]:
        """The steps next to a value, from the present one outward."""
        if not math.isfinite(value) or abs(value) > FARTHEST:
            return
        middle = math.floor(value / self.size + 1e-9)
        for offset in (-1, 0, 1, 2):
            step = middle + (offset if self.sign > 0 else 1 - offset)
            if self.within(step):
                yield step

    def end(self) -> Decimal | None:
        return self.value(self.last) if self.bounded and self.within(self.last) else None

    def at_limit(self, limit: float, holds: Callable[[Decimal], bool], rising: bool | None = None) -> Turn:
        """The turn of a comparison of the fact itself with a value that stands still; `rising` as in search."""
        for step in self.around(limit):
            if holds(self.value(step)):
                return Turn(self.value(step), True, self.end())
        wanted = rising if rising is not None else limit > self.present
        return Turn(None, wanted is (self.sign > 0), self.end())

    def search(
        self, holds: Callable[[Decimal], bool], distance: Callable[[float], float | None], rising: bool | None
    ) -> Turn:
        """The turn of any comparison. `distance` is left side less right, `rising` whether it must rise for the
        comparison to hold, None where it must come to zero."""
        here = distance(self.present)
        origin, valued = self.present, here is not None
        if here is None:
            # No value here (a division by zero): the first step beyond may have one.
            if not self.within(self.first):
                return Turn(None, False)
            if holds(self.value(self.first)):
                return Turn(self.value(self.first), True, self.end())
            origin = float(self.value(self.first))
            here = distance(origin)
            if here is None:
                return Turn(None, False)
        there, at = self._probe(origin, here, distance)
        wanted = rising if rising is not None else here < 0
        if there is None or (there > here) is not wanted:
            # From no value to some: a step of use to others.
            return Turn(None, False) if valued else Turn(None, True, self.value(self.first))
        for step in self.around(origin - here * (at - origin) / (there - here)):
            inner = step - self.sign
            if holds(self.value(step)) and not (self.within(inner) and holds(self.value(inner))):
                return Turn(self.value(step), True, self.end())
        return Turn(self.halve(holds), True, self.end())

    def _probe(
        self, origin: float, here: float, distance: Callable[[float], float | None]
    ) -> tuple[float | None, float]:
        """The distance some way out, where it is another than here."""
        for far in (max(abs(origin) / 8, 16 * self.size), max(abs(origin) * 64, 2.0**24 * self.size)):
            at = origin + self.sign * far
            at = min(at, self.bound) if self.sign > 0 else max(at, self.bound)
            there = distance(at) if at != origin else None
            if there is not None and there != here:
                return there, at
        return None, origin

    def halve(self, holds: Callable[[Decimal], bool]) -> Decimal | None:
        """The nearest step at which it holds, if it then goes on holding outward to the end."""
        if not self.within(self.first) or not holds(self.value(self.last)):
            return None
        near, far, reach = self.first - self.sign, self.last, 1
        while (self.last - near) * self.sign > reach:
            at = near + self.sign * reach
            if holds(self.value(at)):
                far = at
                break
            near, reach = at, reach * 4
        while (far - near) * self.sign > 1:
            middle = (near + far) // 2
            if holds(self.value(middle)):
                far = middle
            else:
                near = middle
        return self.value(far)
