"""Conditions and expressions of a pack, read by the rules and placed in their file: every error has its line."""

from __future__ import annotations

import re
from typing import Any

from innozone.kernel.packs.marked import Context, Node
from innozone.kernel.packs.model import PolicyData, Problem
from innozone.kernel.rules import Condition, ConditionError, Expr, RuleSyntaxError, check, load_condition, parse
from innozone.kernel.rules import Problem as RuleProblem
from innozone.kernel.rules.check import Expect
from innozone.kernel.rules.formulas import check_formula
from innozone.kernel.rules.items import Item, check_items
from innozone.kernel.rules.solve.stacking import Stacking
from innozone.kernel.terms import Dictionary, Variable

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
    for problem in check(condition, dictionary):
        _note(context, node.at(steps_of(problem.path)), problem)
    return None if broken else condition


def read_expression(context: Context, node: Node, text: str, dictionary: Dictionary, expect: Expect) -> Expr | None:
    """The parsed expression, or None with its problems noted at the line of `node`."""
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        context.problem(node, str(error))
        return None
    for problem in check(expr, dictionary, expect):
        _note(context, node, problem)
    return expr


def read_formula(context: Context, node: Node, variable: Variable, dictionary: Dictionary) -> None:
    """Check the formula of a derived variable; `node` is where it stands."""
    for problem in check_formula(variable, dictionary):
        _note(context, node, problem)


def check_together(context: Context, paper: Node, policy: PolicyData, dictionary: Dictionary) -> None:
    """What the items of a policy say against each other; `paper` is the policy's file. Each item by itself is sound."""
    items = [
        Item(
            item.code,
            item.condition,
            item.name.zh,
            item.benefit.expr if item.benefit else None,
            item.benefit.kind if item.benefit else "",
            item.grants,
            item.stacking or Stacking(),
        )
        if item.condition is not None
        else None
        for item in policy.items
    ]
    for problem in check_items(items, dictionary):
        _note(context, paper.at(steps_of(problem.path)), problem)


def _note(context: Context, node: Node, problem: RuleProblem) -> None:
    if problem.severity == "warning":
        context.warnings.append(Problem(node.file, node.line, problem.message))
    else:
        context.problem(node, problem.message)


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
