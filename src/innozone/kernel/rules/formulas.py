"""Checking the formulas of derived variables: what check finds, a wrong type or unit, a circle."""

from __future__ import annotations

from dataclasses import replace

from innozone.kernel.rules.check import Checker, Problem
from innozone.kernel.rules.dead import dead_parts
from innozone.kernel.rules.depth import DEEPEST_FORMULA, followed, named_by
from innozone.kernel.rules.errors import RuleSyntaxError
from innozone.kernel.rules.kinds import ANY, Dimension, kind_of, named, same_dimension
from innozone.kernel.rules.parse import MOST_LEVELS, parse
from innozone.kernel.rules.tree import Call, Expr, Text, Tier
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Dictionary, Variable


def check_formula(variable: Variable, dictionary: Dictionary) -> list[Problem]:
    """The problems of a derived variable's formula: what check finds, a wrong type or unit, a circle, one too deep."""
    if variable.formula is None:
        return []
    try:
        expr = parse(variable.formula)
    except RuleSyntaxError as error:
        return [Problem("error", error.said, variable.code, (error.position, error.position + 1))]
    checker = Checker(dictionary, variable.code, variable)
    found = checker.kind(expr)
    wanted = kind_of(variable)
    if found.base != wanted.base and ANY not in (found, wanted) and {found.base, wanted.base} != {"text", "code"}:
        checker.error(expr, say("{} is {}, its formula gives {}", variable.code, named(wanted), named(found)))
    elif not same_dimension(_amount(found.dimension), wanted.dimension):
        checker.error(expr, say("{} is in {}, its formula gives {}", variable.code, named(wanted), named(found)))
    elif wanted.base == "code":
        checker.codes(_results(expr), dictionary.codelist_of(variable))
    circle = _circle(variable, dictionary)
    if circle:
        checker.error(expr, say("the formula leads back to itself: {}", " → ".join(circle)))
    elif not followed(variable.code, dictionary):
        most = say(
            "more than {} formulas or {} operations, one within the other, or on a circle", DEEPEST_FORMULA, MOST_LEVELS
        )
        checker.error(expr, say("the formula rests on {}; deliver one of its variables", most))
    if not checker.doubtful(expr):
        checker.problems += [replace(each, path=variable.code) for each in dead_parts(expr, dictionary, Problem)]
    return checker.problems


def _amount(dimension: Dimension) -> Dimension:
    """Money per something (人均营业收入) is still an amount of money."""
    above = tuple(power for power in dimension or () if power[1] > 0)
    return above if above == (("money", 1),) else dimension


def check_dictionary(dictionary: Dictionary) -> list[Problem]:
    """The problems of all formulas of a dictionary."""
    return [problem for variable in dictionary for problem in check_formula(variable, dictionary)]


def _results(expr: Expr) -> list[Text]:
    """The texts that an expression can give."""
    match expr:
        case Text():
            return [expr]
        case Tier(_, brackets, otherwise):
            found = [text for bracket in brackets for text in _results(bracket.result)]
            return found + (_results(otherwise) if otherwise is not None else [])
        case Call("if", args):
            return _results(args[1]) + _results(args[2])
        case Call("coalesce", args):
            return [text for arg in args for text in _results(arg)]
    return []


def _circle(variable: Variable, dictionary: Dictionary) -> list[str]:
    """The variables of the shortest circle of formulas through `variable`, empty when there is none."""
    before: dict[str, str] = {}
    todo = [variable.code]
    for code in todo:
        for name in sorted(named_by(code, dictionary)):
            if name == variable.code:
                trail = [code]
                while trail[-1] != variable.code:
                    trail.append(before[trail[-1]])
                return [*reversed(trail), variable.code]
            if name not in before:
                before[name] = code
                todo.append(name)
    return []
