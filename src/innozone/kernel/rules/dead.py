"""Parts of a rule that can never hold, always hold or say nothing new, found with sets of values per quantity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.domains import Domain, FiniteSet, NumberSet, inside, join, meet
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.meaning import MOVED_BY_TIME, is_count
from innozone.kernel.rules.parts import TRUTHS, Constant, Part, Reader
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import Call, Compare, Expr, Flag, Records, Ref, Tier, Today, Years, walk
from innozone.kernel.terms import UNKNOWN, CodeList, Dictionary, Unknown

Severity = Literal["error", "warning"]


def dead_parts(rule: Condition | Expr, dictionary: Dictionary, problem: Callable[..., Any]) -> list[Any]:
    """Problems for parts that can never hold (errors), always hold or repeat others (warnings)."""
    reader = _Bounded(dictionary)
    found: list[Any] = []

    def report(severity: Severity, part: Part, message: str) -> None:
        said = problem(severity, message, part.path, part.span)
        if said not in found:
            found.append(said)

    _Judge(reader, report).visit(reader.read(rule), {})
    return found


def tier_faults(tier: Tier, dictionary: Dictionary) -> list[tuple[Severity, Expr, str]]:
    """Brackets that are never reached, and values that no bracket takes."""
    faults: list[tuple[Severity, Expr, str]] = []
    reader = _Bounded(dictionary)
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
    whole = taken is not None and inside(reader.universe(tier.operand, taken), taken)
    if tier.otherwise is None and not whole:
        faults.append(("error", tier, f"some values of {tier.operand} fall in no bracket; add else: …"))
    if tier.otherwise is not None and whole:
        faults.append(("warning", tier, "else is never reached: the brackets take every value"))
    return faults


class _Bounded(Reader):
    """Believes the dictionary too: bounds of variables, whole numbers, closed code lists; types have been checked."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__(dictionary)
        self._constants = Evaluator(Subject(dictionary, {}, date(2000, 1, 1)))
        self._codes: dict[str, frozenset[object]] = {}

    def atom(self, expr: Expr) -> tuple[Expr, Domain] | None:
        if isinstance(expr, Compare) and expr.left == expr.right:
            return expr, FiniteSet.of(TRUTHS if expr.op in (">=", "<=", "==") else (), TRUTHS)
        return super().atom(expr)

    def constant(self, expr: Expr) -> Constant | Unknown:
        """The value of an expression that reads no fact, calculated ones included."""
        if _reads(expr) or any(isinstance(node, Today) for node in walk(expr)):
            return UNKNOWN
        found = self._constants.value(expr)
        return UNKNOWN if isinstance(found, frozenset) else found

    def fits(self, left: Expr, limit: Constant) -> bool:
        return isinstance(left, Ref) if isinstance(limit, str) else _reads(left)

    def certain(self, expr: Expr) -> bool:
        return True

    def whole(self, expr: Expr) -> bool:
        if isinstance(expr, Call):
            return expr.name in MOVED_BY_TIME
        if isinstance(expr, Records):
            return is_count(expr)
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        return variable is not None and variable.type in ("integer", "date")

    def universe(self, expr: Expr, like: Domain) -> Domain:
        everything = super().universe(expr, like)
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        if not isinstance(everything, NumberSet):
            return everything
        if is_count(expr):
            return NumberSet.where(">=", 0.0)
        if variable is not None and variable.minimum is not None:
            everything = meet(everything, NumberSet.where(">=", variable.minimum))
        if variable is not None and variable.maximum is not None:
            everything = meet(everything, NumberSet.where("<=", variable.maximum))
        return everything

    def codes(self, codelist: CodeList | None) -> frozenset[object] | None:
        if codelist is None:
            return None
        if codelist.code not in self._codes:
            self._codes[codelist.code] = frozenset(codelist.by_code)
        return self._codes[codelist.code]


def _reads(expr: Expr) -> bool:
    """Does the expression read facts."""
    return any(isinstance(node, Ref | Years | Records) for node in walk(expr))


Known = dict[Expr, Domain]
Report = Callable[[Severity, Part, str], None]


class _Judge:
    """Walks the parts with what the conditions around each already say."""

    def __init__(self, reader: _Bounded, report: Report) -> None:
        self.reader = reader
        self.report = report

    def visit(self, part: Part, known: Known) -> None:
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

    def settled(self, part: Part, key: Expr, domain: Domain, known: Known) -> bool:
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
        return inside(self.reader.universe(key, domain), domain)

    def conjunction(self, part: Part, known: Known) -> Known | None:
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

    def disjunction(self, part: Part, whole: bool) -> None:
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


def _by_quantity(part: Part) -> list[tuple[Expr, list[tuple[Part, Domain]]]]:
    groups: dict[Expr, list[tuple[Part, Domain]]] = {}
    for child in part.children:
        own = child.single
        if own is not None:
            groups.setdefault(own[0], []).append((child, own[1]))
    return list(groups.items())


def _without_each(
    members: list[tuple[Part, Domain]], combine: Callable[[Domain, Domain], Domain]
) -> list[tuple[Part, Domain]]:
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
