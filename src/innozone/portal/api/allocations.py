"""Budgets and places: what is limited, and who would get what by the declared order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router
from pydantic import Field

from innozone.foundation.access import gate
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import allocations, runs
from innozone.foundation.verdicts.allocations import Plan, Pot
from innozone.foundation.verdicts.models import Run
from innozone.kernel.rules.solve.allocation import RESULTS
from innozone.portal import sharing
from innozone.portal.api import money_schemas, schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found

router = Router(tags=["allocations"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}

#: A budget in 元.
Budget = Annotated[float, Field(ge=0, le=1e15)]


@router.get("", response={200: list[money_schemas.Pot]} | REFUSED, summary="What has a budget or places")
def list_pots(request: HttpRequest) -> list[dict[str, Any]]:
    """Items and groups of items in force in the newest run; empty before the first run."""
    gate.require(request.user, "parties.list_party")
    run = runs.latest()
    return [_pot(pot) for pot in allocations.pots(run)] if run is not None else []


@router.get("/{code}", response={200: money_schemas.Allocation} | REFUSED, summary="Who would get what")
def get_allocation(
    request: HttpRequest,
    code: schemas.Text,
    budget: Budget | None = None,
    quota: Annotated[int, Field(ge=0, le=10**8)] | None = None,
    seed: Annotated[schemas.Text, Field(max_length=100)] = "",
    who: Literal["all", "entitled"] = "all",
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """Over the newest run, in the order in which claims are served; never in the order of a list.

    budget (元) and quota stand in place of the declared ones; seed: the published one of a draw; who: `entitled` leaves
    out those who wait for a person's check.
    422 `undecided` where the rule leaves open who comes first, or cannot be kept. The whole list as a table:
    `GET /desks/allocation?item={code}`.
    """
    gate.require(request.user, "parties.list_party")
    run = runs.latest()
    pot = next((each for each in allocations.pots(run) if each.code == code), None) if run is not None else None
    if run is None or pot is None:
        raise not_found("code")
    asked = sharing.Question(None if budget is None else round(budget * 100), quota, seed, who == "all")
    plan = asked.plan(run, pot)
    if plan.allocation is None:
        raise Problem(422, "undecided", sharing.refused(plan), "order")
    return _allocation(run, pot, plan, offset, limit)


def _pot(pot: Pot) -> dict[str, Any]:
    rule = pot.rule
    return {
        "code": pot.code,
        "name": pot.name.get(get_language() or "zh-hans"),
        "items": [version.rule.code for version in pot.versions],
        "budget": None if rule.budget is None else rule.budget / 100,
        "quota": rule.quota,
        "order": [key.to_data() for key in rule.order],
        "last": None if rule.budget is None or rule.pro_rata else rule.last,
        "words": sharing.joined([sharing.limits(rule), sharing.order(rule), sharing.last(rule)]),
    }


def _allocation(run: Run, pot: Pot, plan: Plan, offset: int, limit: int) -> dict[str, Any]:
    found = plan.allocation
    assert found is not None
    last = found.places.max(initial=0) + 1
    order = np.lexsort((plan.parties, -found.amounts, np.where(found.places > 0, found.places, last)))
    shown = order[offset : offset + limit].tolist()
    parties = Party.objects.in_bulk({int(plan.parties[at]) for at in shown})
    return _pot(pot) | {
        "as_of": run.snapshot.as_of,
        "asked": {
            "budget": None if plan.pot.rule.budget is None else plan.pot.rule.budget / 100,
            "quota": plan.pot.rule.quota,
            "seed": plan.seed,
        },
        "claimed": int(plan.claims.amounts.sum()) / 100,
        "granted": found.total / 100,
        "left": None if found.left is None else found.left / 100,
        "counts": found.counts(),
        "aside": plan.aside,
        "notes": sharing.notes(plan),
        "claims": {
            "items": [_claim(plan, at, parties[int(plan.parties[at])]) for at in shown if plan.parties[at] in parties],
            "total": len(plan.claims),
            "offset": offset,
            "limit": limit,
        },
    }


def _claim(plan: Plan, at: int, party: Party) -> dict[str, Any]:
    found = plan.allocation
    assert found is not None
    result = RESULTS[found.results[at]]
    return {
        "enterprise": party.pk,
        "name": party.name,
        "credit_code": party.credit_code,
        "item": plan.pot.versions[int(plan.items[at])].rule.code,
        "state": "ready" if plan.ready[at] else "entitled",
        "place": int(found.places[at]) or None,
        "claimed": None if result == "amount" else int(plan.claims.amounts[at]) / 100,
        "granted": None if result in ("order", "amount") else int(found.amounts[at]) / 100,
        "result": result,
    }
