"""What reads well and cannot be meant: divisions by zero, codes, limits and fallbacks that change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from innozone.kernel.rules.bounded import Bounded, reads_facts
from innozone.kernel.rules.meaning import codelist_of
from innozone.kernel.rules.tree import (
    Arith,
    Call,
    Expr,
    Has,
    In,
    Marginal,
    Number,
    Records,
    Today,
    Within,
    children,
    walk,
)
from innozone.kernel.rules.words import say
from innozone.kernel.terms import UNKNOWN, CodeList, Dictionary

Doubt = tuple[Literal["error", "warning"], Expr, str]


def doubts(expr: Expr, dictionary: Dictionary) -> Iterator[Doubt]:
    """Severity, place and words for everything doubtful in an expression whose kinds fit."""
    reader = Bounded(dictionary)
    for node in walk(expr):
        match node:
            case Arith("/", _, right) if reader.constant(right) == 0.0:
                yield "error", node, say("“{}” divides by zero and never has a value", node)
            case Arith() if _valueless(node, reader) and not any(_valueless(part, reader) for part in children(node)):
                yield "error", node, say("“{}” is too large a number and has no value", node)
            case Within(operand, roots) | Has(operand, roots):
                yield from _roots(node, codelist_of(operand, dictionary), roots)
            case In(_, values):
                twice = next((value for at, value in enumerate(values) if value in values[:at]), None)
                if twice is not None:
                    yield "warning", twice, say("{} stands twice in the list", twice)
            case Call("min" | "max", args):
                fixed = [arg for arg in args if _fixed(arg)]
                if 1 < len(fixed) < len(args):
                    which = (
                        "{} has several fixed limits; only the smallest of them counts"
                        if node.name == "min"
                        else "{} has several fixed limits; only the largest of them counts"
                    )
                    yield "warning", fixed[-1], say(which, node.name)
            case Call("coalesce", args):
                first = next((arg for arg in args[:-1] if _fixed(arg)), None)
                if first is not None:
                    yield "warning", first, say("{} is always known: what follows it in coalesce is never asked", first)
            case Marginal(operand, brackets, otherwise):
                for rate in (*(bracket.result for bracket in brackets), otherwise):
                    if isinstance(rate, Number) and not rate.mark and rate.value > 1:
                        yield (
                            "warning",
                            rate,
                            say("{} is a rate of {}%; write {}% if that is meant", rate, f"{rate.value * 100:f}", rate),
                        )
            case Records(_, record, _, where):
                terms = dictionary.record_terms(record)
                if terms is not None:
                    yield from doubts(where, terms)


def _fixed(expr: Expr) -> bool:
    """Is the value the same for everyone and on every day."""
    return not reads_facts(expr) and not any(isinstance(node, Today) for node in walk(expr))


def _valueless(expr: Expr, reader: Bounded) -> bool:
    return _fixed(expr) and reader.constant(expr) is UNKNOWN


def _roots(at: Expr, codelist: CodeList | None, roots: Sequence[str]) -> Iterator[Doubt]:
    for place, root in enumerate(roots):
        if root in roots[:place]:
            yield "warning", at, say("“{}” stands twice in the list", root)
        above = next((other for other in roots if other != root and codelist and codelist.within(root, other)), None)
        if above is not None:
            yield "warning", at, say("“{}” says nothing new: it lies below “{}”", root, above)
