"""S25 评估与动态调整: figures of a rule moved by hand over everyone, kept as scenarios, taken over as a draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import asks_for_part, desk_page, flat
from innozone.foundation.verdicts import rules, sandboxes
from innozone.foundation.verdicts.models import RuleVersion, Scenario
from innozone.foundation.verdicts.sandboxes import SandboxRefused
from innozone.portal import bench, conditions, wording
from innozone.portal import figures as figure_words
from innozone.portal import sandboxes as words
from innozone.portal.desks import SANDBOX
from innozone.portal.sandboxes import Asked
from innozone.wings.policies import corrections, library
from innozone.wings.policies.drafts import DraftRefused

PERMISSION = "verdicts.try_rule"


def rules_to_try(request: HttpRequest) -> HttpResponse:
    """Every rule in force that has figures to move, policy by policy, with its scenarios."""
    gate.require(request.user, PERMISSION)
    counts = sandboxes.counts()
    versions = list(rules.in_force(timezone.localdate()))
    items = library.of_rules(version.rule_id for version in versions)
    known = wording.terms()
    groups: dict[Any, list[dict[str, Any]]] = {}
    for version in versions:
        item = items.get(version.rule_id)
        found = sandboxes.knobs_of(version, known) if known is not None else ()
        if found:
            line = {"rule": version.rule, "figures": len(found), "scenarios": counts.get(version.rule_id, 0)}
            groups.setdefault(item.policy if item else None, []).append(line)
    return render(request, "sandboxes/list.html", {"groups": list(groups.items())})


def _version(code: str) -> RuleVersion:
    version = sandboxes.version_of(code, timezone.localdate())
    if version is None:
        raise Http404
    return version


def _asked(code: str, query: dict[str, str]) -> Asked:
    """Raises Http404 without such a rule or without facts, and SandboxRefused."""
    version, snapshot = _version(code), words.facts_of(query)
    if snapshot is None:
        raise Http404
    return words.asked(version, snapshot, query)


def sandbox(request: HttpRequest, code: str) -> HttpResponse:
    """The rule's figures on the left, what they come to on the right; htmx asks for the right side alone."""
    gate.require(request.user, PERMISSION)
    query = flat(request.GET)
    version = _version(code)
    item = library.of_rules([version.rule_id]).get(version.rule_id)
    context: dict[str, Any] = {
        "version": version,
        "standing": sandboxes.standing(version, timezone.localdate()),
        "rule": version.rule,
        "policy": item.policy if item else None,
    }
    snapshot = words.facts_of(query)
    if snapshot is None:
        return render(request, "sandboxes/one.html", context | {"nothing": True})
    if "ready" not in query and not asks_for_part(request) and sandboxes.takes_long(version, snapshot):
        # The reader sees what is going on; the browser asks again at once and waits there.
        onward = f"{request.path}?{urlencode({**query, 'ready': '1'})}"
        return render(request, "sandboxes/preparing.html", context | {"snapshot": snapshot, "onward": onward})
    try:
        asked = words.asked(version, snapshot, query)
    except SandboxRefused as refused:
        return render(request, "sandboxes/one.html", context | {"refused": words.refusal(refused)})
    if not asked.sandbox.knobs:
        return render(request, "sandboxes/one.html", context | {"asked": asked})
    context |= _outcome(request, asked, query)
    if asks_for_part(request):
        answer = render(request, "sandboxes/moved.html", context | {"part": True})
        # The address bar keeps what is shown: reload, bookmark and link say the same.
        answer.headers["HX-Replace-Url"] = _address(asked)
        return answer
    kept = sandboxes.scenarios(version.rule)
    context |= {
        "figures": figure_words.shown(asked.sandbox, asked.figures, query, asked.problems),
        "leaves": _leaves(asked),
        "days": sandboxes.days(),
        "may_take_over": gate.allows(request.user, "policies.change_policy"),
        "may_delete_all": gate.allows(request.user, "access.change_membership"),
        "scenarios": words.scenarios(asked.sandbox, kept, request.user, day=asked.plain_day),
    }
    return render(request, "sandboxes/one.html", context)


def _outcome(request: HttpRequest, asked: Asked, query: dict[str, str]) -> dict[str, Any]:
    sandbox = asked.sandbox
    step = sandbox.step(asked.figures)
    labels = {knob.id: knob.label.get(wording.language()) for knob in sandbox.knobs}
    problems = [f"{labels[id]}: {text}" for id, text in asked.problems.items()]
    if asked.figures:
        found = sandbox.sandbox.problems(asked.figures)
        said = [bench.said(each) for each in found if each.severity == "error"]
        problems += [_("The check of rules says of these figures: %(problem)s") % {"problem": each} for each in said]
    focus = _focus(asked, query)
    address = words.query(sandbox, asked.figures, day=asked.plain_day)
    return {
        "asked": asked,
        "outcome": step.outcome,
        "problems": problems,
        "moves": figure_words.moves(sandbox, asked.figures),
        "tiles": words.tiles(sandbox, step.outcome),
        "tables": words.tables(sandbox, step),
        "focus": focus,
        "figure_choices": list(labels.items()),
        "together": figure_words.together(sandbox, asked.figures),
        "query": address,
        "curve_query": "&".join(part for part in (urlencode({"focus": focus}), address) if part),
        "may_list": gate.allows(request.user, SANDBOX.permission),
    }


def _address(asked: Asked) -> str:
    """The page with these figures."""
    query = words.query(asked.sandbox, asked.figures, day=asked.plain_day)
    return reverse("sandbox", args=[asked.version.rule.code]) + (f"?{query}" if query else "")


def _focus(asked: Asked, query: dict[str, str]) -> str:
    """The figure along which the curve runs: the one asked for, else the first that is moved, else the first."""
    known = asked.sandbox.sandbox.by_id
    focus = query.get("focus", "")
    return focus if focus in known else next(iter(asked.figures), next(iter(known)))


def curve(request: HttpRequest, code: str) -> HttpResponse:
    """Cost and number along one figure, the others as moved: a part of the sandbox, or a page without scripts."""
    gate.require(request.user, PERMISSION)
    query = flat(request.GET)
    try:
        asked = _asked(code, query)
    except SandboxRefused as refused:
        messages.error(request, words.refusal(refused))
        return redirect("sandbox", code=code)
    if not asked.sandbox.knobs:
        raise Http404
    found = words.curve(asked.sandbox, _focus(asked, query), asked.figures)
    template = "sandboxes/curve.html" if asks_for_part(request) else "sandboxes/curve_page.html"
    return render(request, template, {"rule": asked.version.rule, "curve": found, "back": _address(asked)})


def _leaves(asked: Asked) -> dict[int, str]:
    """The sentence of each condition by its number from 1."""
    leaves = enumerate(asked.sandbox.sandbox.condition.leaves(), 1)
    return {at: conditions.sentence(leaf, asked.sandbox.dictionary, wording.language()) for at, leaf in leaves}


def changes(request: HttpRequest, code: str) -> HttpResponseBase:
    """Enterprise by enterprise: who would gain it, lose it, get more or less."""
    gate.require(request.user, PERMISSION)
    gate.require(request.user, SANDBOX.permission)
    query = flat(request.GET)
    try:
        asked = _asked(code, query)
    except SandboxRefused as refused:
        messages.error(request, words.refusal(refused))
        return redirect("sandbox", code=code)
    context = {
        "rule": asked.version.rule,
        "moves": figure_words.moves(asked.sandbox, asked.figures),
        "back": _address(asked),
        "snapshot": asked.snapshot,
    }
    return desk_page(request, SANDBOX, "sandboxes/changes.html", context, fixed={"item": code})


@require_POST
def keep(request: HttpRequest, code: str) -> HttpResponseRedirect:
    """Keeps the figures of the form as a scenario."""
    gate.require(request.user, "verdicts.add_scenario")
    try:
        asked = _asked(code, flat(request.POST))
        name = request.POST.get("name", "")
        if asked.problems or not asked.figures:
            text = next(iter(asked.problems.values()), _("Move a figure first: there is nothing to keep."))
            messages.error(request, text)
        else:
            _save(request, asked, name)
    except SandboxRefused as refused:
        messages.error(request, words.refusal(refused))
        return redirect("sandbox", code=code)
    return HttpResponseRedirect(_address(asked))


def _save(request: HttpRequest, asked: Asked, name: str) -> None:
    try:
        made = sandboxes.save(asked.version, name, asked.figures, request.user, request.POST.get("note", ""))
    except SandboxRefused as refused:
        messages.error(request, words.refusal(refused))
    else:
        messages.success(request, _("The scenario “%(name)s” has been kept.") % {"name": made.name})


@require_POST
def drop(request: HttpRequest, code: str, pk: int) -> HttpResponseRedirect:
    """Deletes a scenario: one's own, or anyone's for an administrator."""
    gate.require(request.user, PERMISSION)
    scenario = get_object_or_404(Scenario, pk=pk, rule__code=code)
    gate.require(request.user, "verdicts.delete_scenario", scenario)
    scenario.delete()
    messages.success(request, _("The scenario “%(name)s” has been deleted.") % {"name": scenario.name})
    return redirect("sandbox", code=code)


@require_POST
def take_over(request: HttpRequest, code: str, pk: int) -> HttpResponseRedirect:
    """Makes a scenario a draft of the policy: a new version in the workbench, in force only when a person confirms it."""
    gate.require(request.user, "policies.change_policy")
    scenario = get_object_or_404(Scenario.objects.select_related("version__rule"), pk=pk, rule__code=code)
    item = library.of_rules([scenario.rule_id]).get(scenario.rule_id)
    known = wording.terms()
    if item is None or known is None:
        raise Http404
    figures, gone = sandboxes.figures_of(scenario, sandboxes.knobs_of(scenario.version, known))
    if gone:
        messages.error(request, _("The rule no longer has some of its figures."))
        return redirect("sandbox", code=code)
    data = sandboxes.data_of(scenario.version, figures)
    note = _("figures of the scenario “%(name)s”") % {"name": scenario.name}
    try:
        corrections.with_data(item.policy, scenario.version, data, request.user, note[:200])
    except DraftRefused as refused:
        for line in bench.refusal(refused)[:8]:
            messages.error(request, line)
        return redirect("sandbox", code=code)
    messages.success(request, _("A draft has been made with these figures. It counts once it is confirmed."))
    return redirect("workbench_policy", code=item.policy.code)
