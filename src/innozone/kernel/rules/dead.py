"""Parts of a rule that can never hold, always hold or say nothing new, found with sets of values per quantity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from innozone.kernel.rules.condition import AllOf, AnyOf, Condition, Manual, Negation, Test
from innozone.kernel.rules.domains import Domain, FiniteSet, NumberSet, inside, join, meet
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.functions import day_number
from innozone.kernel.rules.meaning import codelist_of, subtree
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import (
    FLIPPED,
    And,
    Call,
    Compare,
    Expr,
    Flag,
    In,
    Not,
    Or,
    Ref,
    Tier,
    Today,
    Within,
    Years,
    expanded,
    walk,
)
from innozone.kernel.terms import Dictionary

Severity = Literal["error", "warning"]

_TRUTHS = (True, False)
_COUNTS = ("age", "months_since", "days_since")


@dataclass(frozen=True, slots=True)
class _Part:
    """A node in negation normal form. An atom says that `key` lies in `domain`; other kinds: and, or, opaque."""

    kind: str
    path: str
    span: tuple[int, int] | None
    text: str
    children: tuple[_Part, ...] = ()
    key: Expr | None = None
    domain: Domain | None = None


def dead_parts(rule: Condition | Expr, dictionary: Dictionary, problem: Callable[..., Any]) -> list[Any]:
    """Problems for parts that can never hold (errors), always hold or repeat others (warnings)."""
    reader = _Reader(dictionary)
    root = reader.expr(rule, "", False) if isinstance(rule, Expr) else reader.condition(rule, "", False)
    found: list[Any] = []

    def report(severity: Severity, part: _Part, message: str) -> None:
        said = problem(severity, message, part.path, part.span)
        if said not in found:
            found.append(said)

    _Judge(reader, report).visit(root, {})
    return found


def tier_faults(tier: Tier, dictionary: Dictionary) -> list[tuple[Severity, Expr, str]]:
    """Brackets that are never reached, and values that no bracket takes."""
    faults: list[tuple[Severity, Expr, str]] = []
    reader = _Reader(dictionary)
    taken: Domain | None = None
    for bracket in tier.brackets:
        own = reader.comparison(bracket.op, tier.operand, bracket.limit)
        if own is None or not isinstance(own[1], NumberSet):
            return faults
        if taken is not None and inside(own[1], taken):
            faults.append(
                ("error", bracket, f"the bracket “{bracket.op} {bracket.limit}” is never reached: those above take all of it"
                 "; write the brackets from the strictest to the widest")
            )  # fmt: skip
        taken = own[1] if taken is None else join(taken, own[1])
    everything = reader.universe(tier.operand)
    if tier.otherwise is None and taken is not None and not inside(everything, taken):
        faults.append(("error", tier, f"some values of {tier.operand} fall in no bracket; add else: …"))
    if tier.otherwise is not None and taken is not None and inside(everything, taken):
        faults.append(("warning", tier, "else is never reached: the brackets take every value"))
    return faults


class _Reader:
    """Turns rules into parts."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.constants = Evaluator(Subject(dictionary, {}, date(2000, 1, 1)))

    def condition(self, condition: Condition, path: str, negate: bool) -> _Part:
        join_path = f"{path}." if path else ""
        match condition:
            case Test(expr):
                return self.expr(expr, f"{join_path}test", negate)
            case Manual(text):
                return _Part("opaque", path, None, text)
            case Negation(of):
                return self.condition(of, f"{join_path}not", not negate)
            case AllOf() | AnyOf():
                kind = "and" if isinstance(condition, AllOf) is not negate else "or"
                word = "all" if isinstance(condition, AllOf) else "any"
                below = tuple(
                    self.condition(node, f"{join_path}{word}[{at}]", negate) for at, node in enumerate(condition.of)
                )
                return _Part(kind, path, None, word, below)
        below = tuple(
            self.condition(node, f"{join_path}at_least.of[{at}]", negate) for at, node in enumerate(condition.items)
        )
        return _Part("opaque", path, None, "at_least", below)

    def expr(self, expr: Expr, path: str, negate: bool) -> _Part:
        match expr:
            case Not(operand):
                return self.expr(operand, path, not negate)
            case And(items) | Or(items):
                kind = "and" if isinstance(expr, And) is not negate else "or"
                return _Part(kind, path, expr.span, str(expr), tuple(self.expr(item, path, negate) for item in items))
            case Call("each" | "some", args):
                kind = "and" if (expr.name == "each") is not negate else "or"
                below = tuple(self.expr(item, path, negate) for item in expanded(args[0]))
                return _Part(kind, path, expr.span, str(expr), below)
        key, domain = self.atom(expr)
        if negate:
            domain = meet(~domain, self.universe(key)) if isinstance(domain, NumberSet) else ~domain
        return _Part("atom", path, expr.span, f"not {expr}" if negate else str(expr), (), key, domain)

    def atom(self, expr: Expr) -> tuple[Expr, Domain]:
        """The quantity that an atom speaks of, and the values for which it holds."""
        found: tuple[Expr, Domain] | None = None
        match expr:
            case Compare(op, left, right):
                found = self.comparison(op, left, right) or self.comparison(FLIPPED[op], right, left)
            case In(operand, values):
                domains = [self.comparison("==", operand, value) for value in values]
                if all(domains):
                    domain = domains[0][1]  # type: ignore[index]
                    for other in domains[1:]:
                        domain = join(domain, other[1])  # type: ignore[index]
                    found = (operand, domain)
            case Within(operand, roots):
                codelist = codelist_of(operand, self.dictionary)
                if codelist is not None:
                    found = (operand, FiniteSet.of(subtree(codelist, roots), codelist.by_code))
            case Flag(value):
                return expr, FiniteSet.of([True, False] if value else [], _TRUTHS)
        return found or (expr, FiniteSet.of([True], _TRUTHS))

    def comparison(self, op: str, left: Expr, right: Expr) -> tuple[Expr, Domain] | None:
        """The values of `left` for which `left op right` holds; None when right is no constant."""
        if any(isinstance(node, Ref | Years | Today) for node in walk(right)):
            return None
        if not any(isinstance(node, Ref | Years) for node in walk(left)):
            return None
        constant = self.constants.value(right)
        if isinstance(constant, bool):
            return left, FiniteSet.of([constant is (op == "==")], _TRUTHS)
        if isinstance(constant, float | date):
            limit = constant if isinstance(constant, float) else day_number(constant)
            universe = self.universe(left)
            if isinstance(universe, NumberSet):
                return left, meet(NumberSet.where(op, limit, self.whole(left)), universe)
        if isinstance(constant, str):
            codelist = codelist_of(left, self.dictionary)
            if codelist is not None and isinstance(left, Ref):
                found = FiniteSet.of([constant], codelist.by_code)
                return left, found if op == "==" else ~found
        return None

    def whole(self, expr: Expr) -> bool:
        """True for quantities that take whole numbers only."""
        if isinstance(expr, Call):
            return expr.name in _COUNTS
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        return variable is not None and variable.type in ("integer", "date")

    def universe(self, expr: Expr) -> Domain:
        """All the values that a numeric quantity can take, by the bounds of the dictionary."""
        everything: Domain = NumberSet.all()
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        if variable is not None and variable.minimum is not None:
            everything = meet(everything, NumberSet.where(">=", variable.minimum))
        if variable is not None and variable.maximum is not None:
            everything = meet(everything, NumberSet.where("<=", variable.maximum))
        return everything


Known = dict[Expr, Domain]
Report = Callable[[Severity, _Part, str], None]


def _single(part: _Part) -> tuple[Expr, Domain] | None:
    """The quantity and its values, when the part speaks of one quantity only."""
    if part.key is not None and part.domain is not None:
        return part.key, part.domain
    if part.kind == "opaque" or not part.children:
        return None
    key: Expr | None = None
    domain: Domain | None = None
    for child in part.children:
        own = _single(child)
        if own is None or (key is not None and own[0] != key):
            return None
        key = own[0]
        domain = own[1] if domain is None else (meet if part.kind == "and" else join)(domain, own[1])
    return None if key is None or domain is None else (key, domain)


class _Judge:
    """Walks the parts with what the conditions around each already say."""

    def __init__(self, reader: _Reader, report: Report) -> None:
        self.reader = reader
        self.report = report

    def visit(self, part: _Part, known: Known) -> None:
        single = _single(part)
        if single is not None and self.settled(part, *single, known):
            return
        within = known
        if part.kind == "and":
            found = self.conjunction(part, known)
            if found is None:
                return
            within = found
        elif part.kind == "or":
            self.disjunction(part, single is not None)
        for child in part.children:
            # A child of one quantity was weighed against its neighbours already.
            self.visit(child, within if _single(child) is None else known)

    def settled(self, part: _Part, key: Expr, domain: Domain, known: Known) -> bool:
        """Reports a part that can never or must always hold; True when there is nothing more to say below."""
        around = known.get(key)
        if not domain:
            self.report("error", part, f"“{part.text}” can never hold")
        elif around is not None and not meet(around, domain):
            self.report("error", part, f"“{part.text}” can never hold here: the conditions around it rule it out")
        elif around is not None and inside(around, domain):
            self.report("warning", part, f"“{part.text}” always holds here: the conditions around it already say so")
        elif self.full(key, domain) and not isinstance(key, Flag):
            self.report("warning", part, f"“{part.text}” holds for every known value")
        else:
            return False
        return True

    def full(self, key: Expr, domain: Domain) -> bool:
        return inside(self.reader.universe(key), domain) if isinstance(domain, NumberSet) else not ~domain

    def conjunction(self, part: _Part, known: Known) -> Known | None:
        """What holds around the children; None when they contradict each other."""
        within = dict(known)
        for key, members in _by_quantity(part):
            together = members[0][1]
            for _, domain in members[1:]:
                together = meet(together, domain)
            if not together and all(domain for _, domain in members):
                last = members[-1][0]
                self.report("error", last, f"“{last.text}” can never hold together with the conditions beside it")
                return None
            for child, rest in _without_each(members, meet):
                if inside(rest, dict(members)[child]):
                    self.report("warning", child, f"“{child.text}” says nothing new beside the other conditions")
                    break
            if together:
                within[key] = meet(within[key], together) if key in within else together
        return within

    def disjunction(self, part: _Part, whole: bool) -> None:
        for key, members in _by_quantity(part):
            for child, rest in _without_each(members, join):
                own = dict(members)[child]
                if own and inside(own, rest):
                    self.report(
                        "warning", child, f"“{child.text}” says nothing new: other alternatives allow it already"
                    )
                    return
            together = members[0][1]
            for _, domain in members[1:]:
                together = join(together, domain)
            if not whole and len(members) > 1 and self.full(key, together):
                last = members[-1][0]
                self.report("warning", last, f"“{last.text}” and the alternatives before it hold for every known value")


def _by_quantity(part: _Part) -> list[tuple[Expr, list[tuple[_Part, Domain]]]]:
    groups: dict[Expr, list[tuple[_Part, Domain]]] = {}
    for child in part.children:
        own = _single(child)
        if own is not None:
            groups.setdefault(own[0], []).append((child, own[1]))
    return list(groups.items())


def _without_each(
    members: list[tuple[_Part, Domain]], combine: Callable[[Domain, Domain], Domain]
) -> list[tuple[_Part, Domain]]:
    """For each member of two or more, what the others say together."""
    found = []
    for at, (child, _) in enumerate(members):
        others = [domain for place, (_, domain) in enumerate(members) if place != at]
        if others:
            together = others[0]
            for domain in others[1:]:
                together = combine(together, domain)
            found.append((child, together))
    return found
