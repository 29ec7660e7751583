"""The sandbox for programs: figures of a rule moved over everyone, scenarios kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status

from innozone.foundation.access import gate
from innozone.foundation.verdicts import sandboxes
from innozone.foundation.verdicts.models import RuleVersion, Scenario
from innozone.foundation.verdicts.sandboxes import Prepared, SandboxRefused, Step
from innozone.kernel.rules.bulk.knobs import KnobError
from innozone.kernel.rules.bulk.outcome import Group, Money, Outcome
from innozone.portal import figures as figure_words
from innozone.portal import sandboxes as words
from innozone.portal import wording
from innozone.portal.api import sandbox_schemas, schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found

router = Router(tags=["sandbox"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
PERMISSION = "verdicts.try_rule"


@router.get("/{rule}", response={200: sandbox_schemas.Sandbox} | REFUSED, summary="The figures of a rule")
def get_sandbox(request: HttpRequest, rule: schemas.Text, day: date | None = None) -> dict[str, Any]:
    """What can be moved, from where to where, and what the rule comes to as it stands.

    day: that of the facts, one of `days`; the newest without it. 422 `unsound` for a draft that is no sound rule.
    """
    gate.require(request.user, PERMISSION)
    version, sandbox = _open(rule, day)
    return {
        "rule": rule,
        "version": version.number,
        "as_of": sandbox.snapshot.as_of,
        "enterprises": sandbox.snapshot.rows,
        "days": sandboxes.days(),
        "figures": [_figure(sandbox, at) for at in range(len(sandbox.knobs))],
        "outcome": _outcome(sandbox.present.outcome),
        "groups": _groups(sandbox, sandbox.present),
        "scenarios": [_scenario(each) for each in sandboxes.scenarios(version.rule)],
    }


@router.post("/{rule}", response={200: sandbox_schemas.Tried} | REFUSED, summary="Move figures")
def try_figures(request: HttpRequest, rule: schemas.Text, body: sandbox_schemas.TryIn) -> dict[str, Any]:
    """What moved figures come to, in all and group by group; `along` adds the outcomes along one figure.

    Nothing is stored. Who gains and who loses: `GET /desks/sandbox?item={rule}&figures=place=value%26place=value`.
    """
    gate.require(request.user, PERMISSION)
    _version, sandbox = _open(rule, body.day)
    figures = _numbers(body.figures)
    try:
        step = sandbox.step(figures)
        found = sandbox.sandbox.problems(figures)
        curve = [] if not body.along else sandbox.curve(_known(sandbox, body.along), figures, words.POINTS)
    except KnobError as error:
        raise _refused(sandbox, error) from None
    return {
        "as_of": sandbox.snapshot.as_of,
        "moved": {id: float(value) for id, value in step.outcome.moved.items()},
        "outcome": _outcome(step.outcome),
        "groups": _groups(sandbox, step),
        "problems": [wording.in_words(problem.message) for problem in found if problem.severity == "error"],
        "curve": [{"value": float(value), "outcome": _outcome(outcome)} for value, outcome in curve],
    }


@router.post(
    "/{rule}/scenarios", response={201: sandbox_schemas.Scenario} | REFUSED, summary="Keep figures as a scenario"
)
def keep_scenario(request: HttpRequest, rule: schemas.Text, body: sandbox_schemas.ScenarioIn) -> Status[dict[str, Any]]:
    """Under a name that no other scenario of the rule bears: 422 `taken`, `unnamed`, `too_many`, `nothing`."""
    gate.require(request.user, "verdicts.add_scenario")
    version, sandbox = _open(rule, None)
    try:
        figures = sandbox.sandbox.moved(_numbers(body.figures))
        if not figures:
            raise Problem(422, "nothing", _("Move a figure first: there is nothing to keep."), "body.figures")
        made = sandboxes.save(version, body.name, figures, request.user, body.note)
    except KnobError as error:
        raise _refused(sandbox, error) from None
    except SandboxRefused as refused:
        raise Problem(422, refused.code, words.refusal(refused), "body.name") from None
    return Status(201, _scenario(made))


@router.delete("/{rule}/scenarios/{id}", response={204: None} | REFUSED, summary="Delete a scenario")
def delete_scenario(request: HttpRequest, rule: schemas.Text, id: schemas.Id) -> Status[None]:
    """One's own; administrators any."""
    gate.require(request.user, PERMISSION)
    scenario = get_object_or_404(Scenario, pk=id, rule__code=rule)
    gate.require(request.user, "verdicts.delete_scenario", scenario)
    scenario.delete()
    return Status(204, None)


def _open(rule: str, day: date | None) -> tuple[RuleVersion, Prepared]:
    version, snapshot = sandboxes.version_of(rule, timezone.localdate()), sandboxes.snapshot_of(day)
    if version is None:
        raise not_found("rule")
    if snapshot is None:
        raise not_found("day")
    try:
        return version, sandboxes.open(version, snapshot)
    except SandboxRefused as refused:
        raise Problem(422, refused.code, words.refusal(refused), "rule") from None


def _numbers(figures: Mapping[str, float]) -> dict[str, Decimal]:
    return {id: Decimal(repr(value)) for id, value in figures.items()}


def _known(sandbox: Prepared, id: str) -> str:
    if id not in sandbox.sandbox.by_id:
        raise KnobError(id, "unknown", "the rule has no such figure")
    return id


def _refused(sandbox: Prepared, error: KnobError) -> Problem:
    message = figure_words.refusal(error, sandbox.sandbox.by_id.get(error.id))
    return Problem(422, error.code, message, f"body.figures.{error.id}")


def _figure(sandbox: Prepared, at: int) -> dict[str, Any]:
    knob = sandbox.knobs[at]
    slider = sandbox.sliders[knob.id]
    return {
        "id": knob.id,
        "kind": knob.kind,
        "label": knob.label.get(wording.language()),
        "leaf": None if knob.leaf < 0 else knob.leaf,
        "value": float(knob.value),
        "unit": knob.unit,
        "whole": knob.whole,
        "least": None if knob.least is None else float(knob.least),
        "most": None if knob.most is None else float(knob.most),
        "slider": {"low": float(slider.low), "high": float(slider.high), "step": float(slider.step)},
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "entitled": counts["true"],
        "ready": counts["manual_only"],
        "unknown": counts["unknown"] - counts["manual_only"],
        "near": counts["near"],
        "cost": _money(outcome.cost),
        "cost_sure": _money(outcome.sure),
        "cost_ready": _money(outcome.ready),
        "gained": _group(outcome.gained),
        "lost": _group(outcome.lost),
        "raised": _group(outcome.raised),
        "lowered": _group(outcome.lowered),
        "unsettled": outcome.unsettled,
        "may_gain": outcome.may_gain,
        "may_lose": outcome.may_lose,
    }


def _group(group: Group) -> dict[str, Any]:
    return {"enterprises": group.rows, "money": _money(group.money)}


def _money(amount: Money | None) -> dict[str, Any] | None:
    return None if amount is None else {"low": amount.low, "high": amount.high, "unbounded": amount.unbounded}


def _groups(sandbox: Prepared, step: Step) -> dict[str, list[dict[str, Any]]]:
    return {
        table.code: [
            {
                "code": row.part.code or None,
                "label": row.label,
                "enterprises": row.part.rows,
                "before": row.part.before,
                "now": row.part.now,
                "gained": row.part.gained,
                "lost": row.part.lost,
                "unknown": row.part.unknown,
                "cost": _money(row.part.cost),
            }
            for row in table.rows
        ]
        for table in words.tables(sandbox, step)
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.pk,
        "name": scenario.name,
        "note": scenario.note,
        "version": scenario.version.number,
        "figures": {id: float(value) for id, value in scenario.figures.items()},
        "created_at": scenario.created_at,
    }
