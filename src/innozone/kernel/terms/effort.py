"""What it takes a firm to change a fact, in points: a point is about a working day of one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Direction = Literal["up", "down", "both", "none"]

DIRECTIONS: tuple[str, ...] = get_args(Direction)


@dataclass(frozen=True, slots=True)
class Effort:
    """The cost of changing a fact.

    `fixed` points for any change, and for numbers `each` points for every `unit` (in the stored unit, days for dates) or
    for every `share` of the present figure. A figure that is zero has no share: any change of it counts as the whole.
    direction: up (more, later, yes, gained), down (less, earlier, no, lost), both, or none: never proposed.
    codes: points for particular codes, in place of `fixed`. proposal: the figures are the zone's own.
    """

    fixed: float = 0.0
    each: float = 0.0
    unit: float | None = None
    share: float | None = None
    direction: Direction = "both"
    codes: Mapping[str, float] = field(default_factory=dict)
    proposal: bool = False

    def allows(self, up: bool) -> bool:
        return self.direction in ("both", "up" if up else "down")

    def of_code(self, code: str) -> float:
        """Points for gaining, losing or taking a code."""
        return self.codes.get(code, self.fixed)

    def of_number(self, present: float, target: float, reference: float) -> float:
        """Points from one figure to another; `reference` is the figure of which shares are taken."""
        change = abs(target - present)
        if not change:
            return 0.0
        if self.share:
            whole = abs(reference)
            return self.fixed + self.each * ((change / whole if whole else 1.0) / self.share)
        return self.fixed + (self.each * change / self.unit if self.unit else 0.0)


#: What a change costs where the pack says nothing: twenty points, and five for every tenth of the present figure.
DEFAULT_EFFORT = Effort(fixed=20.0, each=5.0, share=0.1)
