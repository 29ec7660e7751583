"""What items may be combined with, and how budgets are shared: groups, exclusions, caps, allocations of a pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import Origin, PolicyData
from innozone.kernel.packs.rulecheck import read_expression, steps_of
from innozone.kernel.rules.solve.limits import CapsOverlap
from innozone.kernel.rules.solve.population import TooEntangled, counted
from innozone.kernel.rules.solve.stacking import (
    AllocationRule,
    Group,
    Stacking,
    StackingProblem,
    load_allocation,
    load_group,
    load_stacking,
)
from innozone.kernel.terms import Dictionary


def read_groups(context: Context, papers: Iterable[Node], dictionary: Dictionary) -> dict[str, Group]:
    """The groups of all policies of the pack by code, each checked against the text of the policy that declares it."""
    found: dict[str, Group] = {}
    origins: dict[str, Origin] = {}
    for paper in papers:
        for code, node in (paper.at(["groups"]).entries or {}).items() if "groups" in (paper.entries or {}) else ():
            if code in origins:
                context.problem(node, f"the group {code} stands twice", f"the first is at {origins[code]}")
                continue
            origins[code] = node.origin
            group, problems = load_group(code, node.data(), paper.at(["text"]).text)
            _note(context, node, problems, f"the group {code}")
            if group is not None:
                found[code] = group
                _check_order(context, node.at(["allocation"]), group.allocation, dictionary)
    return found


def read_stacking(context: Context, form: Form, groups: Mapping[str, Group], document: str) -> Stacking | None:
    """What the item in `form` may be combined with."""
    if "stacking" not in form:
        return None
    node = form.place("stacking")
    stacking, problems = load_stacking(node.data(), groups, document)
    _note(context, node, problems, f"stacking of {form.what}")
    return stacking


def read_allocation(context: Context, form: Form, dictionary: Dictionary, document: str) -> AllocationRule | None:
    """How the budget or the places of the item in `form` are shared."""
    if "allocation" not in form:
        return None
    node = form.place("allocation")
    allocation, problems = load_allocation(node.data(), document)
    _note(context, node, problems, f"allocation of {form.what}")
    _check_order(context, node, allocation, dictionary)
    return allocation


def check_stacking(context: Context, papers: Iterable[Node], policies: Mapping[str, PolicyData]) -> None:
    """What only shows when all items are there: exclusions of what is not there, groups without items, caps that cut
    across each other."""
    groups = {group.code: policy for policy in policies.values() for group in policy.groups}
    declared = {
        code: node
        for paper in papers
        if "groups" in (paper.entries or {})
        for code, node in (paper.at(["groups"]).entries or {}).items()
    }
    items = {item.code: item for policy in policies.values() for item in policy.items}
    stackings = {code: item.stacking for code, item in items.items() if item.stacking is not None}
    for code, stacking in stackings.items():
        origin = items[code].origin
        for excluded in stacking.excludes:
            if excluded not in items and excluded not in groups and origin is not None:
                cure = nearest(excluded, [*items, *groups])
                context.problem(origin, f"the item {code} excludes {excluded}, which is no item and no group", cure)
            elif excluded == code and origin is not None:
                context.problem(origin, f"the item {code} excludes itself", "leave it out")
    used = {group.code for stacking in stackings.values() for group in stacking.groups}
    for code in groups:
        if code not in used:
            context.problem(
                declared[code], f"no item belongs to the group {code}", f"write groups: [{code}] at its items"
            )
    try:
        counted(stackings, {code: np.zeros(1, dtype=np.int64) for code in stackings})
    except CapsOverlap as error:
        place = next((declared[code] for code in error.codes if code in declared), None)
        if place is not None:
            context.problem(place, str(error))
    except TooEntangled as error:
        first = items[error.codes[0]].origin
        if first is not None:
            context.problem(first, str(error), "let fewer items stand against each other")


def _check_order(context: Context, node: Node, rule: AllocationRule | None, dictionary: Dictionary) -> None:
    for at, key in enumerate(rule.order if rule is not None else ()):
        if key.expr:
            read_expression(context, node.at(["order", at, key.kind]), key.expr, dictionary, "number")


def _note(context: Context, node: Node, problems: Iterable[StackingProblem], what: str) -> None:
    for problem in problems:
        message, _semicolon, cure = problem.message.partition("; ")
        context.problem(node.at(steps_of(problem.path)), f"{what}: {message}", cure)
