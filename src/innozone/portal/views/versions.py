"""S21 versions of a policy: compared, restored, put in force with their days, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.portal import bench, conditions, papers, wording
from innozone.wings.policies import drafts, library, system, versions
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.models import Part, Policy, PolicyVersion


def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions side by side, word by word and condition by condition; without numbers the newest two."""
    found = get_object_or_404(Policy, code=code)
    if not gate.allows(request.user, "policies.view_policy", found):
        raise Http404
    every = list(found.versions.select_related("created_by").defer("text").order_by("number"))
    new = _asked(every, request.GET.get("to", ""), every[-1] if every else None)
    before = [version for version in every if new is not None and version.number < new.number]
    old = _asked(every, request.GET.get("from", ""), before[-1] if before else new)
    if new is None or old is None:
        raise Http404
    made = versions.compare(old, new)
    context = {
        "policy": found,
        "versions": every,
        "made": made,
        "items": [_shown(change) for change in made.items],
        "same": not made.text_changed and all(change.change == "same" for change in made.items),
        "may_restore": gate.allows(request.user, "policies.change_policy") and old.number != every[-1].number,
        "may_change": gate.allows(request.user, "policies.change_policy"),
    }
    return render(request, "policies/compare.html", context)


def _asked(every: list[PolicyVersion], text: str, usual: PolicyVersion | None) -> PolicyVersion | None:
    if not text:
        return usual
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    found = next((version for version in every if version.number == number), None)
    if found is None:
        raise Http404
    return found


def _shown(change: versions.ItemChange) -> dict[str, Any]:
    known, language = wording.terms(), wording.language()

    def said(leaf: Any) -> dict[str, str] | None:
        if leaf is None or known is None:
            return None
        return {"sentence": conditions.sentence(leaf, known, language), "quote": leaf.anchor.quote}

    def in_words(pair: tuple[str, str] | None, words: Any) -> tuple[str, str] | None:
        return (words(pair[0]) if pair[0] else "—", words(pair[1]) if pair[1] else "—") if pair else None

    english = language == "en" and change.name_en
    return {
        "change": change.change,
        "code": change.code,
        "name": english or change.name,
        "leaves": [(leaf.change, said(leaf.was), said(leaf.now)) for leaf in change.leaves],
        "amount": in_words(change.amount, papers.amount_text),
        "kind": in_words(change.kind, wording.benefit_kind),
        "grants": in_words(change.grants, lambda code: wording.code_name("designations", code)),
        "limits": change.limits,
        "joined": change.joined,
    }


def publish(request: HttpRequest, code: str) -> HttpResponse:
    """What confirming would do, over everyone, and from when to when the new wording holds."""
    gate.require(request.user, "policies.change_policy")
    found = get_object_or_404(Policy, code=code)
    text = papers.newest_text(found)
    items = library.items(found, drafts_first=True)
    context = {
        "policy": found,
        "text": text,
        "stamp": library.stamp(text.number if text else 0, items),
        "rows": versions.consequences(found),
        "problems": [(name, bench.said(problem)) for name, told in drafts.problems(found).items() for problem in told]
        if text
        else [],
        "today": timezone.localdate(),
        "first": found.status == Policy.Status.DRAFT,
    }
    return render(request, "workbench/publish.html", context)


@require_POST
def restore(request: HttpRequest, code: str) -> HttpResponse:
    """What an older version said, as a new one."""
    gate.require(request.user, "policies.change_policy")
    found = get_object_or_404(Policy, code=code)
    number = request.POST.get("version", "")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    version = get_object_or_404(found.versions, number=wanted)
    try:
        versions.restore(found, version, request.user)
    except DraftRefused as refused:
        for line in bench.refusal(refused)[:8]:
            messages.error(request, line)
    else:
        messages.success(request, _("It has been saved as a new version. It counts once it is confirmed."))
    return redirect("workbench_policy", code=code)


@require_POST
def end(request: HttpRequest, code: str) -> HttpResponse:
    """Ends a policy with the reason and what takes its place."""
    gate.require(request.user, "policies.change_policy")
    found = get_object_or_404(Policy, code=code)
    successor = request.POST.get("replaced_by", "")
    other = get_object_or_404(Policy, code=successor, status=Policy.Status.CONFIRMED) if successor else None
    try:
        versions.end(found, request.user, request.POST.get("reason", ""), other)
    except DraftRefused as refused:
        for line in bench.refusal(refused)[:8]:
            messages.error(request, line)
        return redirect("workbench_policy", code=code)
    messages.success(request, _("The policy has ended."))
    return redirect("policy", code=code)


@require_POST
def place(request: HttpRequest, code: str) -> HttpResponse:
    """S25 where the paper stands in the 1+N system."""
    gate.require(request.user, "policies.change_policy")
    found = get_object_or_404(Policy, code=code)
    parent, part = request.POST.get("parent", ""), request.POST.get("part", "")
    try:
        above = get_object_or_404(Policy, code=parent) if parent else None
        system.place(found, part if part in Part.values else "", above)
    except system.Misplaced as refused:
        messages.error(request, str(refused))
        return redirect("workbench_policy", code=code)
    messages.success(request, _("The paper has its place in the 1+N system."))
    return redirect("policy_tree")
