"""Parts of a rule that can never hold, always hold or say nothing new, and branches that are never taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from innozone.kernel.rules.bounded import Bounded
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.domains import Domain, NumberSet, in_at_least, inside, join, meet
from innozone.kernel.rules.parts import Part, implies
from innozone.kernel.rules.settle import Possible, possible
from innozone.kernel.rules.tree import (
    And,
    Call,
    Compare,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Not,
    Or,
    Records,
    Tier,
    Within,
    children,
)
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Dictionary

Severity = Literal["error", "warning"]

Report = Callable[[Severity, Part, str], None]

#: Expressions that are true or false by what they are; a call or a variable may be a number.
_CONDITIONS = (And, Or, Not, Least, Compare, In, Within, Has, Flag)

#: Neighbours in one group that are weighed against each other; in longer lists nobody finds what is said twice.
MOST_WEIGHED = 200


def dead_parts(
    rule: Condition | Expr, dictionary: Dictionary, problem: Callable[..., Any], known: Possible | None = None
) -> list[Any]:
    """Problems for parts that can never hold (errors), always hold or repeat others (warnings), and for branches that
    are never taken. `known` holds what is said elsewhere of those whom the rule concerns: quantity → values."""
    found: list[Any] = []

    def report(severity: Severity, part: Part, message: str) -> None:
        said = problem(severity, message, part.path, part.span)
        if said not in found:
            found.append(said)

    reader = Bounded(dictionary)
    judge = _Judge(reader, report)
    if isinstance(rule, (Condition, *_CONDITIONS)):
        judge.visit(reader.read(rule), known or {})
    else:
        judge.branches(rule, "", known or {})
    return found


def tier_faults(tier: Tier, dictionary: Dictionary) -> list[tuple[Severity, Expr, str]]:
    """Brackets that are never reached, and values that no bracket takes."""
    faults: list[tuple[Severity, Expr, str]] = []
    reader = Bounded(dictionary)
    taken: list[Domain] = []
    for bracket in tier.brackets:
        own = reader.comparison(bracket.op, tier.operand, bracket.limit)
        if own is None or not isinstance(own[1], NumberSet):
            return faults
        if taken and inside(own[1], join(*taken)):
            faults.append(
                ("error", bracket, say("the bracket “{} {}” is never reached: those above take all of it; write the brackets from the strictest to the widest", bracket.op, bracket.limit))
            )  # fmt: skip
        taken.append(own[1])
    left = meet(reader.universe(tier.operand, taken[0]), ~join(*taken))
    assert isinstance(left, NumberSet)
    if tier.otherwise is None and left:
        values = say("some values of {} ({})", tier.operand, reader.in_words(tier.operand, left))
        faults.append(("error", tier, say("{} fall in no bracket; add else: …", values)))
    elif tier.otherwise is not None and not left:
        faults.append(("warning", tier, say("else is never reached: the brackets take every value")))
    return faults


class _Judge:
    """Walks the parts with what the conditions around each already say."""

    def __init__(self, reader: Bounded, report: Report) -> None:
        self.reader = reader
        self.report = report

    def visit(self, part: Part, known: Possible) -> None:
        single = part.single
        if single is not None and self.settled(part, *single, known):
            return
        within = known
        if part.all:
            found = self.conjunction(part, known)
            if found is None:
                return
            within = found
        elif part.n == 1:
            self.disjunction(part, single is not None)
        for child in part.children:
            # A child of one quantity was weighed against its neighbours already.
            self.visit(child, within if child.single is None else known)
        if not part.children and isinstance(part.node, Expr):
            self.branches(part.node, part.path, known)

    def settled(self, part: Part, key: Expr, domain: Domain, known: Possible) -> bool:
        """Reports a part that can never or must always hold; True when there is nothing more to say below."""
        around = known.get(key)
        if not domain:
            self.report("error", part, say("“{}” can never hold", part.text))
        elif around is not None and not meet(around, domain):
            self.report("error", part, say("“{}” can never hold here: the conditions around it rule it out", part.text))
        elif around is not None and inside(around, domain):
            self.report(
                "warning", part, say("“{}” always holds here: the conditions around it already say so", part.text)
            )
        elif self.reader.everything(key, domain) and not isinstance(key, Flag):
            self.report("warning", part, say("“{}” holds for every known value", part.text))
        else:
            return False
        return True

    def conjunction(self, part: Part, known: Possible) -> Possible | None:
        """What holds around the children; None when they contradict each other."""
        within = dict(known)
        for key, members in _by_quantity(part):
            domains = [domain for _, domain in members]
            together = meet(*domains)
            if not together and all(domains):
                last = members[-1][0]
                self.report("error", last, say("“{}” can never hold together with the conditions beside it", last.text))
                return None
            if 1 < len(members) <= MOST_WEIGHED:
                # What all others allow and this one does not: nothing, if this one says nothing new.
                most = in_at_least(len(members) - 1, domains)
                idle = next((child for child, domain in members if inside(most, domain)), None)
                if idle is not None:
                    self.report("warning", idle, say("“{}” says nothing new beside the other conditions", idle.text))
            if together:
                within[key] = meet(within[key], together) if key in within else together
        mixed = _mixed(part)
        idle = next(
            (child for child in reversed(mixed) if any(implies(o, child) for o in mixed if o is not child)), None
        )
        if idle is not None:
            self.report("warning", idle, say("“{}” says nothing new beside the other conditions", idle.text))
        return within

    def disjunction(self, part: Part, whole: bool) -> None:
        for key, members in _by_quantity(part):
            domains = [domain for _, domain in members]
            if 1 < len(members) <= MOST_WEIGHED:
                shared = ~in_at_least(2, domains)
                for child, domain in members:
                    if domain and not meet(domain, shared):
                        self.report(
                            "warning",
                            child,
                            say("“{}” says nothing new: other alternatives allow it already", child.text),
                        )
                        return
            if not whole and len(members) > 1 and self.reader.everything(key, join(*domains)):
                last = members[-1][0]
                self.report(
                    "warning", last, say("“{}” and the alternatives before it hold for every known value", last.text)
                )
        for child in reversed(_mixed(part)):
            if any(implies(child, other) for other in part.children if other is not child):
                self.report(
                    "warning", child, say("“{}” says nothing new: other alternatives allow it already", child.text)
                )
                return

    def branches(self, expr: Expr, path: str, known: Possible) -> None:
        """The conditions within a number or a test, and the branches that nobody gets to."""
        match expr:
            case Call("if", (condition, *results)):
                self.visit(self.reader.read(condition, path), known)
                for result, negate in zip(results, (False, True), strict=True):
                    around = possible(self.reader.read(condition, path, negate), known)
                    if around is not None:
                        self._result(result, path, around)
            case Tier():
                self._tier(expr, path, known)
            case Records(_, record, _, where):
                terms = self.reader.dictionary.record_terms(record)
                if terms is not None:
                    inner = Bounded(terms)
                    _Judge(inner, self.report).visit(inner.read(where, path), {})
            case _:
                for child in children(expr):
                    self.branches(child, path, known)

    def _result(self, expr: Expr, path: str, known: Possible) -> None:
        if isinstance(expr, _CONDITIONS) and not isinstance(expr, Flag):
            self.visit(self.reader.read(expr, path), known)
        else:
            self.branches(expr, path, known)

    def _tier(self, tier: Tier, path: str, known: Possible) -> None:
        self.branches(tier.operand, path, known)
        left = known.get(tier.operand)
        for bracket in tier.brackets:
            own = self.reader.comparison(bracket.op, tier.operand, bracket.limit)
            around = known
            if left is not None and own is not None:
                fitting = meet(left, own[1])
                if not fitting:
                    shown = f"“{bracket.op} {bracket.limit}”"
                    message = say("the bracket {} is never reached here: the conditions around it rule it out", shown)
                    self.report("warning", Part(bracket, path, False), message)
                    continue
                around, left = known | {tier.operand: fitting}, meet(left, ~own[1])
            self._result(bracket.result, path, around)
        if tier.otherwise is not None:
            self._result(tier.otherwise, path, known)


def _by_quantity(part: Part) -> list[tuple[Expr, list[tuple[Part, Domain]]]]:
    groups: dict[Expr, list[tuple[Part, Domain]]] = {}
    for child in part.children:
        own = child.single
        if own is not None:
            groups.setdefault(own[0], []).append((child, own[1]))
    return list(groups.items())


def _mixed(part: Part) -> list[Part]:
    """The children that speak of several quantities or of none, unless there are too many to weigh."""
    mixed = [child for child in part.children if child.single is None]
    return mixed if sum(child.size for child in part.children) <= MOST_WEIGHED else []
