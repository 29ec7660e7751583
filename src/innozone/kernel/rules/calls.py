"""Functions as they are written, checked and made into nodes; what does not fit is refused with the place and the cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from lark.tree import Meta

from innozone.kernel.rules.tree import (
    DESIGNATIONS,
    DESIGNATIONS_EVER,
    FIRST_CALENDAR_YEAR,
    Bracket,
    Call,
    Day,
    Expr,
    Flag,
    Has,
    Marginal,
    Neg,
    Number,
    Records,
    Ref,
    Text,
    Tier,
    Today,
    Years,
    own_years,
)
from innozone.kernel.rules.words import say

MOST_YEARS = 30

#: Calendar years that may be named; below them years count from the reference year.
_CALENDAR = range(FIRST_CALENDAR_YEAR, 10_000)


class Refusal(Exception):
    def __init__(self, position: int, message: str, hint: str = "") -> None:
        self.position, self.message, self.hint = position, message, hint
        super().__init__(message)


class Else:
    def __init__(self, result: Expr, start: int) -> None:
        self.result, self.start = result, start


def span_of(meta: Meta) -> tuple[int, int]:
    return (0, 0) if meta.empty else (meta.start_pos, meta.end_pos)


def codes_of(values: tuple[Expr, ...], word: str) -> tuple[str, ...]:
    codes: list[str] = []
    for value in values:
        if not isinstance(value, Text):
            raise Refusal(value.span[0], say("{} takes codes", word), say('write them as texts: {} "610000"', word))
        codes.append(value.value)
    return tuple(codes)


def tier_of(name: str, meta: Meta, args: list[Any], usage: str) -> Expr:
    operand, rest = args[0], args[1:]
    otherwise: Expr | None = None
    if rest and isinstance(rest[-1], Else):
        otherwise = rest.pop().result
    if isinstance(operand, Bracket | Else):
        raise Refusal(meta.start_pos, say("{} needs the quantity first, then its brackets", name), usage)
    for item in rest:
        if isinstance(item, Else):
            raise Refusal(item.start, say("else stands last in {}", name), usage)
        if not isinstance(item, Bracket):
            raise Refusal(item.span[0], say("a bracket of {} is a comparison, a colon and a result", name), usage)
    if not rest:
        raise Refusal(meta.start_pos, say("{} needs at least one bracket", name), usage)
    if name == "marginal":
        return _marginal(meta, operand, rest, otherwise, usage)
    return Tier(operand, tuple(rest), otherwise, span=span_of(meta))


def _marginal(meta: Meta, operand: Expr, rest: list[Bracket], otherwise: Expr | None, usage: str) -> Expr:
    """Slices must leave no doubt: limits are numbers that rise from above zero, and the rest has a rate of its own."""
    if otherwise is None:
        raise Refusal(
            meta.start_pos, say("marginal does not say what lies above the last limit earns"), say("add else: 0%")
        )
    below = Decimal(0)
    for bracket in rest:
        if bracket.op != "<=" or not isinstance(bracket.limit, Number):
            raise Refusal(bracket.span[0], say("a slice of marginal ends at a number, as in <= 100万: 10%"), usage)
        if bracket.limit.value <= below:
            raise Refusal(
                bracket.span[0], say("the limits of marginal rise from above 0; {} does not", bracket.limit), usage
            )
        below = bracket.limit.value
    return Marginal(operand, tuple(rest), otherwise, span=span_of(meta))


def call_of(meta: Meta, name: str, args: list[Any], shape: str, usage: str) -> Expr:
    span = span_of(meta)
    if shape == "texts":
        for arg in args:
            if not isinstance(arg, Text):
                raise Refusal(arg.span[0], say('{} takes texts in "…"', name), usage)
    if name == "date":
        try:
            return Day(date.fromisoformat(args[0].value), span=span)
        except ValueError:
            raise Refusal(args[0].span[0], say("“{}” is not a day of the calendar", args[0].value), usage) from None
    if shape == "year":
        sign, year = (-1, args[0].operand) if isinstance(args[0], Neg) else (1, args[0])
        if (
            not isinstance(year, Number)
            or year.mark
            or (year.value not in range(MOST_YEARS) and year.value not in _CALENDAR)
        ):
            raise Refusal(
                args[0].span[0], say("{} takes a year: -1 for last year, 0 for this one, or 2024", name), usage
            )
        return Today(sign * int(year.value), span=span)
    if name in ("holds", "holds_any"):
        return Has(Ref(DESIGNATIONS, span=span), tuple(arg.value for arg in args), span=span)
    if name == "ever_held":
        return Has(Ref(DESIGNATIONS_EVER, span=span), tuple(arg.value for arg in args), span=span)
    if name == "at_least":
        raise Refusal(meta.start_pos, say("at_least does not say how many"), usage)
    if shape == "records":
        if not isinstance(args[0], Ref) or args[0].index is not None or "." in args[0].name:
            raise Refusal(args[0].span[0], say("{} counts records of a kind", name), usage)
        return Records(name, args[0].name, "", Flag(True), span=span)
    if shape == "reference" and not isinstance(args[0], Ref | Years):
        raise Refusal(args[0].span[0], say("{} takes one year of a variable", name), usage)
    if shape == "years" and not (isinstance(args[0], Years) and args[0].last > args[0].first):
        raise Refusal(args[0].span[0], say("{} takes a span of at least two years", name), usage)
    if shape == "over years" and not any(own_years(args[0])):
        raise Refusal(args[0].span[0], say("{} needs a variable over several years", name), usage)
    if name == "round" and len(args) == 2:
        places = args[1]
        if not (isinstance(places, Number) and not places.mark and places.value in range(7)):
            raise Refusal(places.span[0], say("round takes 0 to 6 places"), usage)
    return Call(name, tuple(args), span=span)
