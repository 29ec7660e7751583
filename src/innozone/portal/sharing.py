"""How budgets and places are shared, in words: the order, what an allocation came to, why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from innozone.foundation.desks.templatetags.ui import STATES
from innozone.foundation.verdicts import allocations
from innozone.foundation.verdicts.allocations import Plan, Pot
from innozone.foundation.verdicts.models import Run
from innozone.kernel.rules import render
from innozone.kernel.rules.solve.allocation import FloorsTooHigh, Result, Tied
from innozone.kernel.rules.solve.fen import fen
from innozone.kernel.rules.solve.stacking import AllocationRule, OrderKey, yuan
from innozone.kernel.terms import Dictionary
from innozone.kernel.terms.units import parse_number
from innozone.portal import wording
from innozone.portal.best import listed, money

_LONGEST_SEED = 100
_MOST_FEN = 10**17


@dataclass(frozen=True)
class Question:
    """What if: a budget in fen and a quota in place of the declared ones, the seed of a draw, whom it is about."""

    budget: int | None = None
    quota: int | None = None
    seed: str = ""
    ready: bool = True

    def plan(self, run: Run, pot: Pot) -> Plan:
        return allocations.plan(run, pot, budget=self.budget, quota=self.quota, seed=self.seed, ready=self.ready)


def question(query: Mapping[str, str], problems: list[str]) -> Question:
    """The question that a query asks; what it gets wrong is left out and named in `problems`.

    budget: 元, as people write it (`2000万`); quota; seed; who: `entitled`, else those who wait for a check too.
    """
    budget = _budget((query.get("budget") or "").strip(), problems)
    quota = None
    if given := (query.get("quota") or "").strip():
        if given.isascii() and given.isdigit() and 0 < len(given) < 9:
            quota = int(given)
        else:
            problems.append(_("“%(value)s” is not a number of enterprises.") % {"value": given})
    who = query.get("who") or ""
    if who not in ("", "entitled"):
        problems.append(
            _("“%(value)s” is not one of the choices of “%(filter)s”.") % {"value": who, "filter": _("who")}
        )
    return Question(budget, quota, (query.get("seed") or "").strip()[:_LONGEST_SEED], who != "entitled")


def result(name: Result) -> str:
    """The words of a result."""
    return str(STATES[f"allocation_{name}"][2])


def _budget(given: str, problems: list[str]) -> int | None:
    if not given:
        return None
    try:
        found = fen(parse_number(given, "元", "元"))
    except (ArithmeticError, ValueError):
        found = -1
    if not 0 <= found <= _MOST_FEN:
        problems.append(_("“%(value)s” is not a sum of money: write it as 2000万.") % {"value": given})
        return None
    return found


def order(rule: AllocationRule) -> str:
    """Who comes first, as a sentence."""
    known, language = wording.terms(), wording.language()
    return joined([_key(key, known, language) for key in rule.order])


def joined(parts: Sequence[str]) -> str:
    """Sentences with the mark of the language between them."""
    return ("；" if wording.language().startswith("zh") else "; ").join(part for part in parts if part)


def _key(key: OrderKey, known: Dictionary | None, language: str) -> str:
    what = render(key.parsed, known, language) if key.parsed is not None and known is not None else key.expr
    match key.kind:
        case "time":
            return _("by the time of application")
        case "lottery":
            return _("by lot")
        case "highest":
            return _("the highest first: %(what)s") % {"what": what}
        case "lowest":
            return _("the lowest first: %(what)s") % {"what": what}
        case "pro_rata":
            return _("shared in proportion to %(what)s") % {"what": what or _("what is claimed")}


def last(rule: AllocationRule) -> str:
    """What becomes of the first claim that no longer fits; empty where that cannot happen."""
    if rule.budget is None or rule.pro_rata:
        return ""
    return {
        "cut": _("the first that no longer fits gets what is left"),
        "skip": _("who no longer fits is passed over for the next"),
        "stop": _("the first that no longer fits ends it"),
    }[rule.last]


def limits(rule: AllocationRule) -> str:
    """“5000万元, 20 places”."""
    parts = [money(rule.budget)] if rule.budget is not None else []
    if rule.quota is not None:
        parts.append(_("%(number)s places") % {"number": f"{rule.quota:,}"})
    return listed(parts)


def refused(plan: Plan) -> str:
    """Why there is no allocation."""
    error = plan.refused
    if isinstance(error, Tied):
        return _(
            "%(equal)d enterprises are equal in the whole order, and only %(served)d of them could be served. Nobody is "
            "served before the policy says what decides between them, such as a lottery."
        ) % {"equal": error.equal, "served": error.served}
    if isinstance(error, FloorsTooHigh):
        return _("The least that everyone shall get comes to %(needed)s, more than the budget.") % {
            "needed": money(error.needed)
        }
    return _("The limits of the items contradict each other: %(error)s") % {"error": error} if error else ""


def notes(plan: Plan) -> list[str]:
    """What a reader of the allocation must know."""
    if plan.allocation is None:
        return []
    found, counts = [], plan.allocation.counts()
    kinds = [key.kind for key in plan.pot.rule.order]
    if counts["order"] and "time" in kinds:
        found.append(
            _(
                "Applications do not come in through the house yet, so that nobody's place by time is known: nobody is served."
            )
        )
    elif counts["order"]:
        found.append(
            _(
                "Of %(number)s nobody knows the place in the order: they are not served yet, and may displace others later."
            )
            % {"number": f"{counts['order']:,}"}
        )
    if counts["amount"]:
        found.append(
            _("Of %(number)s nobody knows the amount: they are not served yet, and may displace others later.")
            % {"number": f"{counts['amount']:,}"}
        )
    if "lottery" in kinds and 0 < counts["full"] < len(plan.claims):
        found.append(
            _(
                "A trial draw with the seed “%(seed)s”. Anyone can check it: of “seed:credit code” the lowest SHA-256 comes "
                "first. A real draw takes a seed that is published after the list is closed."
            )
            % {"seed": plan.seed}
        )
    if plan.aside:
        found.append(
            _("%(number)s do not claim it: something that they cannot have together with it gives them more.")
            % {"number": f"{plan.aside:,}"}
        )
    return found


@dataclass(frozen=True)
class Totals:
    """Figures of an allocation, ready to be read."""

    claims: str
    claimed: str
    granted: str
    sum: str
    left: str
    without: str


def totals(plan: Plan) -> Totals | None:
    """The figures; None where nothing was allocated."""
    if plan.allocation is None:
        return None
    granted = int(plan.allocation.granted.sum())
    priced = int(plan.claims.amounts.sum())
    return Totals(
        f"{len(plan.claims):,}",
        money(priced) if priced else "",
        f"{granted:,}",
        money(plan.allocation.total) if priced else "",
        "" if plan.allocation.left is None else money(plan.allocation.left),
        f"{len(plan.claims) - granted:,}",
    )


def _written(fen: int) -> str:
    """A sum as it can be written into the form again."""
    return money(fen) if wording.language().startswith("zh") else yuan(fen)


def fields(plan: Plan) -> dict[str, Any]:
    """What the form of the page shows as it stands."""
    rule = plan.pot.rule
    return {
        "budget": "" if rule.budget is None else _written(rule.budget),
        "quota": "" if rule.quota is None else str(rule.quota),
        "seed": plan.seed,
    }
