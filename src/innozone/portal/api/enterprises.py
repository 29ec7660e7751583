"""Enterprises: facts with their sources, verdicts with their reasons."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from innozone.foundation.access import gate
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import values
from innozone.foundation.parties.models import Party, PartyName
from innozone.foundation.verdicts import live, portfolios, rules, wording
from innozone.foundation.verdicts import ways as verdict_ways
from innozone.foundation.verdicts.live import ItemVerdict
from innozone.kernel.rules import Explanation
from innozone.kernel.rules.solve.fen import fen
from innozone.kernel.rules.solve.limits import Received
from innozone.kernel.rules.solve.portfolio import Amount, Between
from innozone.kernel.terms import Dictionary
from innozone.portal import best, evidence
from innozone.portal import wording as portal_wording
from innozone.portal.api import money_schemas, schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.paging import page
from innozone.wings.enterprises import services
from innozone.wings.policies import library
from innozone.wings.policies.models import Item

router = Router(tags=["enterprises"])
#: A year and a sum of 元 to the fen.
_PAID = re.compile(r"(19|20)\d\d:\d{1,13}(\.\d{1,2})?", re.ASCII)
REFUSED = {401: ProblemOut, 404: ProblemOut, 422: ProblemOut}


def visible(request: HttpRequest, enterprise: int) -> Party:
    """The enterprise, if the user may see it. Raises the same 404 for one that is not there and one of others."""
    found = gate.scope(request.user, "parties.view_party", services.everyone()).filter(pk=enterprise).first()
    if found is None:
        raise not_found("enterprise")
    return found


@router.get("", response={200: schemas.Page[schemas.Enterprise]} | REFUSED, summary="List enterprises")
def list_enterprises(
    request: HttpRequest,
    q: schemas.Text = "",
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """Those that you may see, by name. `q`: words of a name (former ones too) or of a credit code.

    More filters and columns: `GET /desks/enterprises`.
    """
    rows = gate.scope(request.user, "parties.view_party", services.search(q))
    return page(rows, offset, limit, _head)


@router.get("/{enterprise}", response={200: schemas.Enterprise} | REFUSED, summary="One enterprise")
def get_enterprise(request: HttpRequest, enterprise: schemas.Id) -> dict[str, Any]:
    party = visible(request, enterprise)
    names = party.names.exclude(kind=PartyName.Kind.CURRENT).order_by("pk").values_list("name", flat=True)
    return _head(party) | {"names": list(names)}


@router.get("/{enterprise}/facts", response={200: list[schemas.Fact]} | REFUSED, summary="Facts with their sources")
def list_facts(request: HttpRequest, enterprise: schemas.Id) -> list[dict[str, Any]]:
    """Every value in force: who said it, in which row of which delivery, when, and whether sources disagree."""
    party = visible(request, enterprise)
    language = get_language() or "zh-hans"
    return [
        {
            "variable": view.variable.code,
            "label": view.variable.label.get(language),
            "year": view.year,
            "value": values.plain(view.value),
            "display": view.display,
            "dataset": view.dataset,
            "owner": view.owner,
            "delivery": view.delivery,
            "row": view.row,
            "recorded_at": view.recorded_at,
            "statements": view.statements,
            "conflicting": view.conflicting,
            "origin": view.origin,
        }
        for view in values.views(party).values()
    ]


@router.get(
    "/{enterprise}/verdicts", response={200: list[schemas.Verdict]} | REFUSED, summary="What it is entitled to, and why"
)
def list_verdicts(
    request: HttpRequest,
    enterprise: schemas.Id,
    state: schemas.State | None = None,
    as_of: date | None = None,
    rule: schemas.Text | None = None,
    ways: bool = False,
) -> list[dict[str, Any]]:
    """Every rule in force, by the facts of this moment, the best news first; each with all conditions and facts.

    ways: with the way to each item that is not reached. Some 10 ms an item, half a second for the longest rules: name
    the `rule` or the `state`.
    """
    party = visible(request, enterprise)
    every = live.for_party(party, as_of)
    found = [item for item in every if state in (None, item.state) and rule in (None, item.rule.code)]
    items = library.of_rules(item.rule.pk for item in found)
    dictionary, language = facts_dictionary.current(), get_language() or "zh-hans"
    told = [verdict(item, items.get(item.rule.pk), dictionary, language) for item in found]
    if ways:
        grants, names = verdict_ways.granting(item.version for item in every), best.Words(every).names
        for each, item in zip(told, found, strict=True):
            repairs = verdict_ways.of(item, grants)
            each["ways"] = verdict_ways.as_data(repairs, item, language, names) if repairs else None
            each["leaves"] = verdict_ways.explained(item) if repairs else None
    return told


@router.get(
    "/{enterprise}/questions", response={200: list[schemas.Asked]} | REFUSED, summary="Which answer would settle most"
)
def list_questions(request: HttpRequest, enterprise: schemas.Id) -> list[dict[str, Any]]:
    """Facts that nobody has told and whose answer alone could turn an item, those first that unlock most money."""
    party = visible(request, enterprise)
    known = facts_dictionary.current()
    return [
        {
            "variable": question.variable,
            "year": question.year,
            "label": portal_wording.variable_name(question.variable, question.year, known),
            "money": question.unlocked.money,
            "rules": sorted(question.rules),
        }
        for question in live.questions([item for item in live.for_party(party) if item.state == "unknown"])
    ]


@router.get(
    "/{enterprise}/papers", response={200: list[schemas.PaperList]} | REFUSED, summary="Papers, and which are on file"
)
def list_papers(request: HttpRequest, enterprise: schemas.Id) -> list[dict[str, Any]]:
    """For every item in force the papers that it asks for; `on_file` names the fact that says the same."""
    party = visible(request, enterprise)
    found = evidence.held(party)
    items = library.of_rules(rules.in_force(timezone.localdate()).values_list("rule", flat=True))
    return [
        {
            "rule": item.rule.code,
            "papers": [
                {
                    "name": paper.name,
                    "on_file": {"variable": paper.fact, "year": paper.year, "source": paper.source, "day": paper.day}
                    if paper.fact
                    else None,
                }
                for paper in evidence.of(item.papers, found)
            ],
        }
        for item in items.values()
        if item.papers
    ]


@router.get(
    "/{enterprise}/points/{rule}/{score}",
    response={200: schemas.Points} | REFUSED,
    summary="The cheapest ways to so many points",
)
def get_points(
    request: HttpRequest,
    enterprise: schemas.Id,
    rule: schemas.Text,
    score: schemas.Text,
    points: Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)],
) -> dict[str, Any]:
    """How the enterprise gets from its points of a score of a rule (`scores` of a verdict) to `points`."""
    party = visible(request, enterprise)
    every = live.for_party(party)
    item = next((item for item in every if item.rule.code == rule), None)
    if item is None or score not in item.scores:
        raise not_found("rule" if item is None else "score")
    grants, names = verdict_ways.granting(item.version for item in every), best.Words(every).names
    repairs = verdict_ways.to_points(item, score, Decimal(repr(points)), grants)
    found = verdict_ways.as_data(repairs, item, get_language() or "zh-hans", names)
    return found | {"rule": rule, "score": score, "points": points, "now": item.scores[score]}


@router.get(
    "/{enterprise}/portfolio",
    response={200: money_schemas.Portfolio} | REFUSED,
    summary="Its best set of items, and why the rest does not count",
)
def get_portfolio(
    request: HttpRequest,
    enterprise: schemas.Id,
    as_of: date | None = None,
    ready: bool = False,
    received: Annotated[schemas.Text, Field(max_length=20_000)] = "",
) -> dict[str, Any]:
    """What it can have together that gives most: the highest of a group, exclusions and caps kept, to the fen.

    ready: as if every open check turned out well. received: what was paid before, as rule:year:元 with commas between
    (`rd_subsidy:2026:200000`). Budgets and places are not counted.
    """
    party = visible(request, enterprise)
    found = live.for_party(party, as_of)
    day, words = as_of or timezone.localdate(), best.Words(found)
    try:
        portfolio = portfolios.best(
            found, ("entitled", "ready") if ready else ("entitled",), year=day.year, received=_received(received, found)
        )
    except portfolios.Unsolved as error:
        raise Problem(422, "contradiction", str(error), "stacking") from None
    return {
        "year": day.year,
        "total": portfolio.total / 100,
        "low": portfolio.low / 100,
        "high": _yuan(portfolio.high),
        "taken": [
            {
                "rule": each.code,
                "name": words.name(each.code),
                "claimed": _yuan(each.claimed),
                "amount": _yuan(each.amount),
                "low": each.amount.low / 100 if isinstance(each.amount, Between) else None,
                "high": _yuan(each.amount.high) if isinstance(each.amount, Between) else None,
                "cut_by": each.cut_by,
            }
            for each in portfolio.taken
        ],
        "left": [
            {
                "rule": each.code,
                "name": words.name(each.code),
                "why": each.why,
                "by": list(each.by),
                "group": each.group,
                "message": words.why(each),
            }
            for each in portfolio.left
        ],
        "open": [
            {
                "rule": each.code,
                "name": words.name(each.code),
                "low": each.amount.low / 100,
                "high": _yuan(each.amount.high),
                "above": each.above / 100,
                "by": list(each.by),
                "message": words.depends(each),
            }
            for each in portfolio.open
        ],
    }


def _received(given: str, found: list[ItemVerdict]) -> list[Received]:
    """What was paid, as the query says it. Raises Problem."""
    stackings = {item.rule.code: rules.parsed(item.version).stacking for item in found}
    paid = []
    for text in (part.strip() for part in given.split(",") if part.strip()):
        code, _colon, rest = text.partition(":")
        year, _colon, amount = rest.partition(":")
        plain = _PAID.fullmatch(f"{year}:{amount}")
        if code not in stackings or plain is None:
            message = _("“%(value)s” does not say what was paid.") % {"value": text}
            raise Problem(422, "invalid", message, "received", _("Write rule:year:元, such as rd_subsidy:2026:200000."))
        paid.append(Received(code, int(year), fen(Decimal(amount)), stackings[code]))
    return paid


def _yuan(amount: Amount) -> float | None:
    return amount / 100 if isinstance(amount, int) else None


def verdict(found: ItemVerdict, item: Item | None, dictionary: Dictionary, language: str) -> dict[str, Any]:
    """A schemas.Verdict as data."""
    return {
        "rule": found.rule.code,
        "version": found.version.number,
        "name": found.rule.name,
        "name_en": found.rule.name_en,
        "kind": found.rule.kind,
        "policy": item.policy.code if item else None,
        "state": found.state,
        "benefit": None if found.benefit is None else float(found.benefit),
        "benefit_kind": (found.version.data.get("benefit") or {}).get("kind"),
        "closes": item.closes if item else None,
        "soon": verdict_ways.soon(found),
        "scores": dict(found.scores),
        "ways": None,
        "leaves": None,
        "conditions": [
            {
                "leaf": leaf.leaf,
                "sentence": leaf.sentence,
                "state": leaf.state,
                "facts": [
                    {"variable": fact.variable, "year": fact.year, "label": fact.label, "text": fact.text}
                    for fact in leaf.facts
                ],
                "lacks": leaf.lacks,
                "near": leaf.near,
                "quote": leaf.quote,
                "source": leaf.source,
            }
            for leaf in wording.leaves(found.explanation, dictionary, language)
        ],
        "tree": _tree(found.explanation),
    }


def _tree(node: Explanation) -> dict[str, Any]:
    if node.kind in ("test", "manual"):
        return {"kind": "leaf", "truth": node.truth.value, "leaf": node.leaf}
    return {
        "kind": node.kind,
        "truth": node.truth.value,
        "n": node.n if node.kind == "at_least" else None,
        "children": [_tree(child) for child in node.children],
    }


def _head(party: Party) -> dict[str, Any]:
    return {"id": party.pk, "name": party.name, "credit_code": party.credit_code}
