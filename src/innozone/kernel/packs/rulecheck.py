"""Conditions and expressions of a pack, read by the rules and placed in their file: every error has its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from innozone.kernel.packs.marked import Context, Node, nearest
from innozone.kernel.rules import Condition, ConditionError, Expr, RuleSyntaxError, Test, load_condition, parse
from innozone.kernel.rules.tree import Ref, Years, walk
from innozone.kernel.terms import Dictionary

_MOST_ERRORS = 40
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def steps_of(path: str) -> list[str | int]:
    """`all[1].at_least.of[0].test` as steps into the data."""
    return [int(number) if number else name for name, number in _STEP.findall(path)]


def read_condition(context: Context, node: Node, data: Any, dictionary: Dictionary, document: str) -> Condition | None:
    """The condition for `data`, or None with every problem noted (an unreadable node is set aside to find the next)."""
    broken = False
    for _ in range(_MOST_ERRORS):
        try:
            condition = load_condition(data, document=document)
        except ConditionError as error:
            broken = True
            steps = steps_of(error.path)
            context.problem(node.at(steps), error.message)
            data = _without(data, steps)
            if data is None:
                return None
        else:
            break
    else:
        return None
    for path, part in condition.walk():
        if isinstance(part, Test):
            steps = [*steps_of(path), "test"]
            for message, cure in _wrong_names(part.expr, dictionary):
                context.problem(node.at(steps), message, cure)
    return None if broken else condition


def read_expression(context: Context, node: Node, text: str, dictionary: Dictionary, expect: str) -> Expr | None:
    """The parsed expression, or None with its problems noted at the line of `node`."""
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        context.problem(node, str(error))
        return None
    for message, cure in _wrong_names(expr, dictionary):
        context.problem(node, message, cure)
    return expr


def _wrong_names(expr: Expr, dictionary: Dictionary) -> Iterator[tuple[str, str]]:
    for part in walk(expr):
        if isinstance(part, Ref | Years) and part.name not in dictionary:
            yield f"there is no variable {part.name}", nearest(part.name, dictionary.variables)


def _without(data: Any, steps: list[str | int]) -> Any:
    """The tree with the condition that holds `steps` replaced by a leaf that says nothing; None when that is all of it."""
    deepest = max((at for at, step in enumerate(steps) if isinstance(step, int) or step == "not"), default=-1)
    if deepest < 0:
        return None
    return _replaced(data, steps[: deepest + 1])


def _replaced(data: Any, steps: list[str | int]) -> Any:
    if not steps:
        return {"manual": "set aside"}
    step = steps[0]
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return [*data[:step], _replaced(data[step], steps[1:]), *data[step + 1 :]]
    if isinstance(data, dict) and step in data:
        return {**data, step: _replaced(data[step], steps[1:])}
    return None
