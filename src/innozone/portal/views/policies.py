"""S21 the policy library as everyone reads it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.foundation.verdicts import runs
from innozone.portal import conditions, papers, wording
from innozone.portal.desks import POLICIES
from innozone.wings.policies.models import Policy


def policies(request: HttpRequest) -> HttpResponse:
    """All published policies: what everyone may read."""
    return desk_page(request, POLICIES, "policies/list.html")


def policy(request: HttpRequest, code: str) -> HttpResponse:
    """One policy: what it gives, to whom, on which words, and how many qualify."""
    found = get_object_or_404(Policy.objects.select_related("issuer", "replaced_by"), code=code)
    if not gate.allows(request.user, "policies.view_policy", found):
        raise Http404
    newest = papers.newest_text(found)
    asked = request.GET.get("version", "")
    text = newest
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        text = get_object_or_404(found.versions.select_related("created_by"), number=number)
    if text is None or newest is None:
        raise Http404
    run = runs.latest()
    mine = gate.enterprises(request.user)
    states = runs.states(run, mine[0].pk) if run and mine else {}
    items = papers.items_of(found, text.text, run, states)
    return render(
        request,
        "policies/policy.html",
        {
            "policy": found,
            "text": text,
            "older": text.number < newest.number,
            "marked": conditions.marked(text.text, [leaf for item in items for leaf in item.leaves]),
            "items": items,
            "run": run,
            "enterprise": mine[0] if mine else None,
            "themes": [wording.theme_name(code) for code in found.themes],
            "versions": found.versions.select_related("created_by").defer("text"),
            "may_list": gate.allows(request.user, "parties.list_party"),
            "may_try": gate.allows(request.user, "verdicts.try_rule"),
            "may_change": gate.allows(request.user, "policies.change_policy"),
        },
    )
