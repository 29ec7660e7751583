"""S24 科技政策兑现: who would get what of budgets and places, by the declared order, over the newest run."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page, flat
from innozone.foundation.verdicts import allocations, runs
from innozone.foundation.verdicts.allocations import Pot
from innozone.portal import sharing
from innozone.portal.desks import ALLOCATION
from innozone.wings.policies import library


def pots(request: HttpRequest) -> HttpResponseBase:
    """Everything that has a budget or places, with how many could claim it."""
    gate.require(request.user, ALLOCATION.permission)
    run = runs.latest()
    found = allocations.pots(run) if run is not None else []
    counts: dict[str, Any] = {}
    if run is not None:
        rows = run.verdicts.values_list("version__rule__code", "true_count", "ready_count")
        counts = {code: (entitled, ready) for code, entitled, ready in rows}
    items = library.of_rules(version.rule_id for pot in found for version in pot.versions)
    lines = [
        {
            "pot": pot,
            "policy": items[pot.versions[0].rule_id].policy if pot.versions[0].rule_id in items else None,
            "limits": sharing.limits(pot.rule),
            "order": sharing.order(pot.rule),
            "entitled": sum(counts[version.rule.code][0] for version in pot.versions),
            "ready": sum(counts[version.rule.code][1] for version in pot.versions),
        }
        for pot in found
    ]
    return render(request, "allocations/list.html", {"lines": lines, "run": run})


def allocation(request: HttpRequest, code: str) -> HttpResponseBase:
    """One budget: the claims, what each gets and why; another budget, quota or seed by the form."""
    gate.require(request.user, ALLOCATION.permission)
    run = runs.latest()
    pot: Pot | None = next((each for each in allocations.pots(run) if each.code == code), None) if run else None
    if run is None or pot is None:
        raise Http404
    plan = sharing.question(flat(request.GET), []).plan(run, pot)
    item = library.of_rules([pot.versions[0].rule_id]).get(pot.versions[0].rule_id)
    context = {
        "pot": pot,
        "run": run,
        "policy": item.policy if item else None,
        "declared": sharing.limits(pot.rule),
        "changed": (plan.pot.rule.budget, plan.pot.rule.quota) != (pot.rule.budget, pot.rule.quota),
        "order": sharing.order(pot.rule),
        "last": sharing.last(pot.rule),
        "drawn": any(key.kind == "lottery" for key in pot.rule.order),
        "totals": sharing.totals(plan),
        "notes": sharing.notes(plan),
        "fields": sharing.fields(plan),
    }
    return desk_page(request, ALLOCATION, "allocations/one.html", context, fixed={"item": code})
