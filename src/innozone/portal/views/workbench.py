"""S21 the policy workbench: texts read into conditions, corrected by a person, confirmed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import asks_for_part, desk_page
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import live
from innozone.foundation.verdicts.models import Rule
from innozone.portal import bench, conditions, limit_forms, papers, sandboxes, trees, wording
from innozone.portal.desks import WORKBENCH
from innozone.portal.forms import ExchangeForm, PaperForm
from innozone.portal.views import proposals
from innozone.wings.policies import drafts, library
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.models import Part, Policy

#: Longest passage of a text that is read into conditions at once.
MOST_WORDS = 400


def workbench(request: HttpRequest) -> HttpResponse:
    """All papers, drafts among them; a new text is read here."""
    gate.require(request.user, "policies.change_policy")
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["file"] or form.cleaned_data["text"]
        try:
            made = drafts.read(source, request.user)
        except DraftRefused as refused:
            form.add_error("file" if form.cleaned_data["file"] else "text", wording.draft_refusal(refused))
        else:
            return redirect("workbench_policy", code=made.code)
    return desk_page(request, WORKBENCH, "workbench/list.html", {"form": form, "exchange_form": ExchangeForm()})


def _draft(request: HttpRequest, code: str) -> Policy:
    gate.require(request.user, "policies.change_policy")
    return get_object_or_404(Policy.objects.select_related("issuer"), code=code)


def policy(request: HttpRequest, code: str) -> HttpResponse:
    """Text on the left, conditions on the right; saving makes a new version."""
    found = _draft(request, code)
    problems: list[str] = []
    if request.method == "POST":
        problems = _save(request, found)
        in_place = asks_for_part(request)
        if in_place and problems:
            # The page stays as it is, with everything that was written on it.
            return render(request, "workbench/problems.html", {"problems": problems})
        if not problems:
            if _stands(found) == request.POST.get("stamp"):
                messages.info(request, _("Nothing was changed."))
            else:
                messages.success(request, _("A new version has been saved. It counts once it is confirmed."))
            if in_place:
                return HttpResponse(headers={"HX-Redirect": reverse("workbench_policy", args=[code])})
            return redirect("workbench_policy", code=code)
    text = papers.newest_text(found)
    body = request.POST.get("text", text.text if text else "") if problems else text.text if text else ""
    items = library.items(found, drafts_first=True)
    forms = bench.forms_of(items, body, drafts.problems(found) if text else {})
    leaves = [
        conditions.Node(leaf.kind, "", key=leaf.key, span=leaf.span)
        for form in forms
        for leaf in form.conditions.leaves()
    ]
    context = {
        "policy": found,
        "text": text,
        "stamp": library.stamp(text.number if text else 0, items),
        "body": body,
        "marked": conditions.marked(body, leaves),
        "items": forms,
        "groups": limit_forms.groups_of(items),
        "orders": list(limit_forms.orders().values()),
        "rules": Rule.objects.exclude(item__policy=found).order_by("code").values_list("code", "name"),
        "new_group": trees.GroupForm("any", None),
        "problems": problems,
        "kinds": [(kind, wording.benefit_kind(kind)) for kind in bench.BENEFIT_KINDS],
        "designations": wording.code_choices("designations"),
        "departments": wording.departments(),
        "waiting": found.status == "draft" or any(form.status == "draft" for form in forms),
        "versions": found.versions.select_related("created_by").defer("text")[:10],
        "parts": Part.choices,
        "others": Policy.objects.exclude(pk=found.pk)
        .exclude(status="ended")
        .only("code", "title", "status")
        .order_by("title"),
    }
    context |= proposals.context(found)
    return render(request, "workbench/policy.html", context, status=422 if problems else 200)


def _stamp(found: Policy) -> str:
    """The stamp of the paper as it is now. The paper is locked: of two who send at once the second sees the first."""
    Policy.objects.select_for_update(no_key=True).get(pk=found.pk)
    return _stands(found)


def _stands(found: Policy) -> str:
    text = papers.newest_text(found)
    return library.stamp(text.number if text else 0, library.items(found, drafts_first=True))


@transaction.atomic
def _save(request: HttpRequest, found: Policy) -> list[str]:
    """Saves what the form says; what is wrong with it otherwise."""
    if request.POST.get("stamp") != _stamp(found):
        return [_("Someone saved a newer version meanwhile: load the page again and repeat your change.")]
    items = library.items(found, drafts_first=True)
    body = request.POST.get("text", "").replace("\r\n", "\n").strip("\n")
    made: list[Any] = []
    try:
        groups = limit_forms.members(request.POST, items)
    except ValueError as error:
        return [str(error)]
    problems = []
    for at, old in enumerate(items):
        if not request.POST.get(f"i{at}-drop"):
            problems += _add(request, made, f"i{at}", old, groups)
    if request.POST.get("new-title", "").strip():
        problems += _add(request, made, "new", None, groups)
    if problems:
        return problems
    try:
        drafts.save_version(found, body, made, request.user, request.POST.get("note", "").strip())
    except DraftRefused as refused:
        return bench.refusal(refused)
    return []


def _add(request: HttpRequest, made: list[Any], name: str, old: Any, groups: Any) -> list[str]:
    try:
        made.append(bench.draft_of(request.POST, name, old, groups))
    except ValueError as error:
        return [f"{old.item.rule.name if old else request.POST.get(f'{name}-title', '')}: {error}"]
    return []


@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """A person answers for the paper: its rules come into force and the matching starts."""
    found = _draft(request, code)
    try:
        with transaction.atomic():
            # A person answers for what that person has read, not for what was saved since.
            if request.POST.get("stamp", "") not in ("", _stamp(found)):
                messages.error(
                    request, _("Someone saved a newer version meanwhile: load the page again and repeat your change.")
                )
                return redirect("workbench_policy", code=code)
            drafts.confirm(found, request.user, _day(request, "valid_from"), _day(request, "valid_to"))
    except DraftRefused as refused:
        for line in bench.refusal(refused)[:8]:
            messages.error(request, line)
        return redirect("workbench_policy", code=code)
    messages.success(request, _("The policy is in force. The matching has begun; entitled enterprises will be told."))
    return redirect("policy", code=code)


def _day(request: HttpRequest, name: str) -> date | None:
    """A day of the form; none where it is left open. Raises DraftRefused for what is no day."""
    text = request.POST.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        message = _("“%(value)s” is not a day: write it as 2026-03-05.") % {"value": text[:40]}
        raise DraftRefused("day", message, name) from None


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """One leaf while it is being written: the sentence it makes, or what is wrong."""
    gate.require(request.user, "policies.change_policy")
    name = request.GET.get("leaf", "")
    kind, text = request.POST.get(f"{name}-kind", "test"), request.POST.get(f"{name}-text", "")
    sentence, problems = trees.check_leaf(kind, text) if text.strip() else ("", [])
    return render(request, "workbench/check.html", {"sentence": sentence, "problems": problems})


@require_POST
def leaf(request: HttpRequest) -> HttpResponse:
    """New conditions for a form: those that marked words of the text say, an empty one where none are marked."""
    gate.require(request.user, "policies.change_policy")
    name, first = request.POST.get("item", ""), request.POST.get("first", "")
    if not re.fullmatch(r"i[0-9]{1,3}", name) or not re.fullmatch(r"[0-9]{1,4}", first):
        return HttpResponse(status=422)
    words = request.POST.get("words", "")[:MOST_WORDS]
    return render(request, "workbench/leaves.html", {"leaves": trees.leaves_from_words(name, int(first), words)})


@require_POST
def preview(request: HttpRequest, code: str, item: str) -> HttpResponse:
    """Who would qualify under one item as the form stands now, over the newest snapshot."""
    found = _draft(request, code)
    items = library.items(found, drafts_first=True)
    at = int(item[1:]) if item[:1] == "i" and item[1:].isascii() and item[1:].isdigit() else -1
    old = items[at] if 0 <= at < len(items) else None
    may_list = gate.allows(request.user, "parties.list_party")
    asked = request.GET.get("who", "")
    show = next((state for state in live.STATES if state == asked), None) if may_list else None
    try:
        made = bench.draft_of(request.POST, item, old)
        counted = live.preview(made.data, show=show)
        problems = [bench.said(problem) for problem in counted.errors]
    except ValueError as error:
        counted, problems = None, [str(error)]
    names = Party.objects.in_bulk(counted.parties) if counted else {}
    context = {
        "counted": counted,
        "cost": sandboxes.money(counted.benefit) if counted and counted.benefit else "",
        "problems": problems,
        "policy": found,
        "item": item,
        "may_list": may_list,
        "show": show,
        "parties": [names[key] for key in counted.parties if key in names] if counted else [],
        "states": [(state, getattr(counted, "not_entitled" if state == "not" else state)) for state in live.STATES]
        if counted
        else [],
    }
    return render(request, "workbench/preview.html", context)


def words(request: HttpRequest) -> JsonResponse:
    """What could be meant by a word of a condition: facts, kinds of records, functions, codes, by code or label."""
    gate.require(request.user, "policies.change_policy")
    return JsonResponse({"words": bench.words(request.GET.get("q", "").strip()[:40])})
