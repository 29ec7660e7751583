"""S25 政策评估与动态调整: what policies came to, and what follows; the tree of the 1+N system."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.portal import wording
from innozone.portal.desks import EVALUATIONS, PAYMENTS
from innozone.wings.policies import evaluations, system
from innozone.wings.policies.evaluations import ItemFigures, Refused
from innozone.wings.policies.models import Evaluation, Policy

_MOST_DUE = 20


def every(request: HttpRequest) -> HttpResponseBase:
    """All evaluations, the policies that are due for one, and the form that works one out."""
    problem = ""
    if request.method == "POST":
        gate.require(request.user, "policies.add_evaluation")
        policy = Policy.objects.exclude(status="draft").filter(code=request.POST.get("policy", "")).first()
        try:
            if policy is None:
                raise Refused(_("Choose a policy that is or was in force."))
            made = evaluations.evaluate(
                policy, _day(request.POST.get("start", "")), _day(request.POST.get("end", "")), request.user
            )
        except Refused as refused:
            problem = str(refused)
        else:
            return redirect("evaluation", pk=made.pk)
    may = gate.allows(request.user, "policies.add_evaluation")
    today = timezone.localdate()
    context = {
        "problem": problem,
        "may_evaluate": may,
        "due": evaluations.due()[:_MOST_DUE] if may else (),
        "choices": Policy.objects.exclude(status="draft").order_by("code").values_list("code", "title") if may else (),
        "given": request.POST,
        "start": today - timedelta(days=365),
        "end": today,
    }
    return desk_page(request, EVALUATIONS, "evaluations/list.html", context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("“%(value)s” is not a day: write it as 2026-03-05.") % {"value": text[:40]}) from None


def one(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One evaluation: use and money per item, and the decision."""
    gate.require(request.user, "policies.view_evaluation")
    found = get_object_or_404(Evaluation.objects.select_related("policy", "outcome", "created_by", "decided_by"), pk=pk)
    if request.method == "POST":
        gate.require(request.user, "policies.add_evaluation")
        try:
            evaluations.decide(
                found,
                request.user,
                request.POST.get("decision", ""),
                request.POST.get("reason", "").replace("\r\n", "\n"),
            )
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("evaluation", pk=pk)
    rows = [ItemFigures(**each) for each in found.figures]
    context = {
        "evaluation": found,
        "rows": rows,
        "paid": sum(float(row.paid) for row in rows),
        "paid_to": sum(row.paid_to for row in rows),
        "told": sum(row.told for row in rows),
        "opened": sum(row.opened for row in rows),
        "low": sum(float(row.low or 0) for row in rows),
        "high": sum(float(row.high or 0) for row in rows),
        "decisions": Evaluation.Decision.choices,
        "may_decide": gate.allows(request.user, "policies.add_evaluation") and not found.decision,
        "may_list": gate.allows(request.user, "parties.list_party"),
        "may_change": gate.allows(request.user, "policies.change_policy"),
        "may_try": gate.allows(request.user, "verdicts.try_rule"),
    }
    return render(request, "evaluations/evaluation.html", context)


def payments(request: HttpRequest) -> HttpResponseBase:
    """What was paid, record by record."""
    return desk_page(request, PAYMENTS)


def tree(request: HttpRequest) -> HttpResponseBase:
    """S25 “1+N”: the policies as they stand under each other, themes without one, and what they say of each other."""
    # Of drafts only those that were given a place: who may read drafts sees what is planned.
    rows = Policy.objects.exclude(status="draft", part="", parent=None).select_related("issuer", "replaced_by")
    shown = rows if request.GET.get("ended") else rows.exclude(status="ended")
    found = list(gate.scope(request.user, "policies.view_policy", shown))
    staff = gate.allows(request.user, "policies.view_evaluation")
    placed = [policy for policy in found if policy.part or policy.parent_id]
    context: dict[str, Any] = {
        "roots": system.tree(placed),
        "others": system.tree([policy for policy in found if not (policy.part or policy.parent_id)]),
        "gaps": [wording.theme_name(code) for code in system.gaps(found)],
        "staff": staff,
        "ended": bool(request.GET.get("ended")),
        "overlaps": _overlaps() if staff and request.GET.get("overlaps") else None,
    }
    return render(request, "policies/tree.html", context)


def _overlaps() -> list[dict[str, Any]]:
    """What items in force say against each other, in the language of the page."""
    return [{"version": each.version, "said": wording.in_words(each.problem.message)} for each in system.overlaps()]
