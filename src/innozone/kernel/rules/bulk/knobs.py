"""The adjustable figures of a rule, thresholds, rates, caps, amounts, counts: which values each takes, and new trees with
other values. `finder` finds them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.check import Problem, check
from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Negation, Test
from innozone.kernel.rules.errors import RuleSyntaxError
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr, Least, Marginal, Neg, Number, Records, mapped, to_text, walk
from innozone.kernel.terms import Dictionary, Label

Kind = Literal["threshold", "limit", "rate", "price", "cap", "floor", "amount", "count"]

#: Where the figures of the benefit stand.
BENEFIT = "benefit"

#: No figure of a rule is larger, or finer than so many places.
LARGEST = Decimal(10) ** 13
MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class Knob:
    """One figure that can be moved.

    id: the place in the rule's data, a colon, the way down the expression (`all[1].test:1`, `benefit:0.1`,
    `all[4].at_least.n`); it stays the same whatever the figures are. kind: threshold of a comparison, limit of a bracket,
    rate on a quantity, price of a unit, cap, floor, amount, count (n of at_least).
    value, least, most: in the stored unit, None = no bound. unit: `元`, `年` …, empty for a ratio, PLAIN without one.
    whole: only whole numbers make sense. leaf: number of the leaf it stands in, -1 outside leaves. quantity: what is
    compared with it, where that is a quantity of the firm.
    """

    id: str
    kind: Kind
    value: Decimal
    unit: str
    label: Label
    whole: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    leaf: int = -1
    quantity: Expr | None = None


class KnobError(ValueError):
    """A value that a figure cannot take: `id` names the figure, `code` the reason with its `params`, for texts in other
    languages: unknown, not_a_number, too_large, too_fine, whole, least, most."""

    def __init__(self, id: str, code: str, message: str, **params: str) -> None:
        self.id, self.code, self.message, self.params = id, code, message, params
        super().__init__(f"{id}: {message}")


def allowed(knob: Knob, value: Decimal) -> Decimal:
    """The value as the figure takes it. Raises KnobError with what is wrong and what would do."""
    if not value.is_finite():
        raise KnobError(knob.id, "not_a_number", "this is not a number")
    if abs(value) > LARGEST:
        raise KnobError(knob.id, "too_large", f"the number is larger than {LARGEST:,}", most=f"{LARGEST:,}")
    plain = written(value)
    if _places(plain) > MOST_PLACES:
        message = f"the number has more than {MOST_PLACES} places"
        raise KnobError(knob.id, "too_fine", message, most=str(MOST_PLACES))
    if knob.whole and plain != plain.to_integral_value():
        raise KnobError(knob.id, "whole", "this figure is a whole number")
    if knob.least is not None and plain < knob.least:
        raise KnobError(knob.id, "least", f"the least possible is {knob.least:f}", least=f"{knob.least:f}")
    if knob.most is not None and plain > knob.most:
        raise KnobError(knob.id, "most", f"the most possible is {knob.most:f}", most=f"{knob.most:f}")
    return plain


def written(value: Decimal) -> Decimal:
    """The same number without zeros at its end and without an exponent: 1000000, 0.05."""
    plain = value.normalize()
    return plain.quantize(Decimal(1)) if _places(plain) < 0 else plain


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "the number is finite"
    return -exponent


def turned(condition: Condition, benefit: Expr | None, values: Mapping[str, Decimal]) -> tuple[Condition, Expr | None]:
    """New trees with these figures in place of those of the same id; what does not change is the same object.

    An id that leads nowhere changes nothing: `knobs` says which there are, `allowed` which values they take.
    """
    by_place: dict[str, dict[str, Decimal]] = {}
    for id, value in values.items():
        place, _, way = id.partition(":")
        by_place.setdefault(place, {})[way] = value
    if benefit is not None and BENEFIT in by_place:
        benefit = _turned_expr(benefit, "", by_place[BENEFIT])
    return _turned(condition, "", by_place), benefit


def _turned(node: Condition, path: str, values: Mapping[str, Mapping[str, Decimal]]) -> Condition:
    below = f"{path}." if path else ""
    if not any(place == path or place.startswith(below) for place in values):
        return node
    match node:
        case Test(expr):
            return replace(node, expr=_turned_expr(expr, "", values.get(f"{below}test", {})))
        case Negation(of):
            return replace(node, of=_turned(of, f"{below}not", values))
        case AllOf(of) | AnyOf(of) | AtLeast(_, of):
            steps = [f"{below}{step}" for step in node._steps()]
            made = replace(node, of=tuple(_turned(each, step, values) for each, step in zip(of, steps, strict=True)))
            n = values.get(f"{below}at_least.n", {}).get("")
            return replace(made, n=int(n)) if isinstance(made, AtLeast) and n is not None else made
    return node


def _turned_expr(expr: Expr, way: str, values: Mapping[str, Decimal]) -> Expr:
    if way in values:
        return literal(values[way], expr)
    below = f"{way}." if way else ""
    if not any(each.startswith(below) for each in values):
        return expr
    counter = itertools.count()
    made = mapped(expr, lambda child: _turned_expr(child, f"{below}{next(counter)}", values))
    if isinstance(made, Records):
        return replace(made, where=_turned_expr(made.where, f"{below}w", values))
    if isinstance(made, Least) and f"{below}n" in values:
        return replace(made, n=int(values[f"{below}n"]))
    return made


def problems(condition: Condition, benefit: Expr | None, dictionary: Dictionary) -> list[Problem]:
    """What stands against trees whose figures were turned: the grammar (the limits of slices rise) and the check.

    The place of a problem of the benefit is `benefit`, those of the condition are as check says them.
    """
    found: list[Problem] = []
    places = [
        (f"{path}.test" if path else "test", node.expr) for path, node in condition.walk() if isinstance(node, Test)
    ]
    for place, expr in [*places, *([(BENEFIT, benefit)] if benefit is not None else [])]:
        if any(isinstance(node, Marginal) for node in walk(expr)):
            try:
                parse(to_text(expr))
            except RuleSyntaxError as error:
                found.append(Problem("error", error.message, place))
    if found:
        return found
    found = check(condition, dictionary)
    if benefit is not None:
        found += [replace(each, path=BENEFIT) for each in check(benefit, dictionary, "number")]
    return found


def literal(value: Decimal, like: Expr) -> Expr:
    """The figure as an expression, written as the one before it was (`5%`, `2000万元`)."""
    if value == figure(like):
        return like
    mark = next((node.mark for node in walk(like) if isinstance(node, Number)), "")
    number = Number(abs(value), mark, span=like.span)
    return Neg(number, span=like.span) if value < 0 else number


def figure(expr: Expr) -> Decimal | None:
    """The value of a figure as it stands in a tree; None for anything else."""
    match expr:
        case Number(value):
            return value
        case Neg(operand):
            below = figure(operand)
            return None if below is None else -below
    return None


@dataclass(frozen=True, slots=True)
class Slider:
    """Where a figure is moved by hand, in the stored unit: from low to high in steps; the value itself is one of them."""

    low: Decimal
    high: Decimal
    step: Decimal


#: A slider has about so many steps.
STEPS = 100


def slider(knob: Knob, quantity: NDArray[np.float64] | None = None) -> Slider:
    """The sensible range of a figure: around its value, and where `quantity` has the population's values (NaN =
    unknown), no further than nearly all of them reach."""
    value = knob.value
    if knob.kind == "count":
        return Slider(knob.least or Decimal(1), knob.most or value, Decimal(1))
    low, high = sorted((value / 4, value * 3)) if value else (Decimal(0), Decimal(1))
    known = quantity[np.isfinite(quantity)] if quantity is not None else np.empty(0)
    if len(known):
        least, most = (Decimal(repr(float(end))) for end in np.quantile(known, (0.02, 0.98)))
        low, high = (max(low, min(least, value)), min(high, max(most, value))) if value else (least, most)
    least = -LARGEST if knob.least is None else max(knob.least, -LARGEST)
    most = LARGEST if knob.most is None else min(knob.most, LARGEST)
    low, high = max(low, least), min(high, most)
    if high <= low:
        low, high = min(low, value), max(low, value) + (abs(value) or 1)
    step = max(_step((high - low) / STEPS), Decimal(1) if knob.whole else Decimal(1).scaleb(-MOST_PLACES))
    down, up = (value - low) // step, max(-((value - high) // step), Decimal(1))
    # No further than the figure itself may go, in whole steps from its value.
    down, up = min(down, (value - least) // step), min(up, (most - value) // step)
    return Slider(written(value - down * step), written(value + up * step), written(step))


def _step(about: Decimal) -> Decimal:
    """A round step (1, 2, 5 and tens of them) of about the size."""
    ten = Decimal(1).scaleb(about.adjusted())
    return next(size * ten for size in (Decimal(1), Decimal(2), Decimal(5), Decimal(10)) if size * ten >= about)
