"""S21 what a language model proposes for clauses that a person must judge: asked for, taken over or refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.facts import dictionary
from innozone.kernel.rules import RuleSyntaxError, parse
from innozone.kernel.rules import render as in_words
from innozone.portal import wording
from innozone.wings.policies import endpoint, proposals
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.models import Policy, Proposal

#: What the page shows; a paper has some dozens of clauses.
MOST_SHOWN = 200


def context(policy: Policy) -> dict[str, Any]:
    """What workbench/proposals.html shows of a policy. Bounded queries; nothing without a model and proposals."""
    found = list(proposals.of(policy)[:MOST_SHOWN])
    known, language = (dictionary.current(), wording.language()) if found else (None, "")
    for each in found:
        each.sentence, each.told = "", wording.proposal_reason(each)
        each.partly = bool(each.quote) and each.quote != each.clause
        if each.expression and each.state != Proposal.State.FAILED:
            try:
                each.sentence = in_words(parse(each.expression), known, language)
            except (RuleSyntaxError, LookupError):
                # The dictionary has changed since: the check before taking it says what is wrong.
                each.sentence = each.expression
    waiting = sum(each.state == Proposal.State.WAITING for each in found)
    can = endpoint.configured() and policy.status != Policy.Status.ENDED
    unasked = proposals.unasked(policy, found) if can else 0
    return {
        "proposals": found,
        "asking": bool(waiting),
        "asked": len(found),
        "answered": len(found) - waiting,
        "may_ask": bool(unasked),
        "unasked": min(unasked, settings.MODEL_REQUESTS),
    }


def _policy(request: HttpRequest, code: str) -> Policy:
    gate.require(request.user, "policies.change_policy")
    return get_object_or_404(Policy, code=code)


def ask(request: HttpRequest, code: str) -> HttpResponse:
    """GET: the proposals alone, while the worker asks. POST: the model is to be asked."""
    policy = _policy(request, code)
    if request.method != "POST":
        return render(request, "workbench/proposals.html", {"policy": policy, **context(policy)})
    try:
        waiting = proposals.ask(policy, request.user)
    except DraftRefused as refused:
        messages.error(request, wording.draft_refusal(refused))
    else:
        if not waiting:
            messages.info(request, _("There is no clause left to ask for."))
    return redirect("workbench_policy", code=code)


@require_POST
def decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A person takes a proposal over, as a new version, or refuses it."""
    policy = _policy(request, code)
    proposal = get_object_or_404(Proposal, pk=pk, item__policy=policy)
    decision = request.POST.get("decision", "")
    try:
        if decision == "take":
            proposals.take(proposal, request.user)
            messages.success(request, _("A new version has been saved. It counts once it is confirmed."))
        elif decision == "refuse":
            proposals.refuse(proposal, request.user)
            messages.success(request, _("The proposal has been refused."))
        else:
            messages.error(request, _("Choose whether to take the proposal over or to refuse it."))
    except DraftRefused as refused:
        messages.error(request, wording.draft_refusal(refused))
    return redirect("workbench_policy", code=code)
