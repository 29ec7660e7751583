"""S25 the 1+N system of policies, S21 what changed in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict

from innozone.foundation.access import gate
from innozone.portal.api import schemas
from innozone.portal.api.auth import ANYONE
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.wings.policies import news, system
from innozone.wings.policies.models import Policy

router = Router(tags=["policy making"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}


class NewsOut(Schema):
    """Something that happened to a policy; `items`: of a changed one, those that say something else."""

    policy: str
    title: str
    kind: Literal["published", "changed", "ended", "replaced"]
    at: datetime
    replaced_by: str | None
    items: list[dict[str, Any]]


class PlaceIn(Schema):
    """A policy by its code, what it is in the system, the code of the policy that it stands under."""

    model_config = ConfigDict(extra="forbid")

    policy: schemas.Text
    part: Literal["general", "special", "measure", ""] = ""
    parent: schemas.Text = ""


class BranchOut(Schema):
    """A policy with what stands under it."""

    policy: str
    title: str
    part: str
    status: str
    items: int
    entitled: int
    paid: float
    versions: int
    adjusted_to: int | None
    children: list[BranchOut]


@router.get("/policy-tree", auth=ANYONE, response={200: list[BranchOut]}, summary="The 1+N system")
def tree(request: HttpRequest) -> list[dict[str, Any]]:
    """Policies in force, ended ones, and drafts that have a place, as they stand under each other."""
    rows = gate.scope(
        request.user, "policies.view_policy", Policy.objects.exclude(status="draft", part="", parent=None)
    )
    return [_branch(branch) for branch in system.tree(rows)]


@router.post("/policy-tree", response={200: BranchOut} | REFUSED, summary="Put a policy into the 1+N system")
def place(request: HttpRequest, body: PlaceIn) -> dict[str, Any]:
    """Under another policy, or under none."""
    gate.require(request.user, "policies.change_policy")
    known = Policy.objects.in_bulk([body.policy, body.parent], field_name="code")
    if body.policy not in known or (body.parent and body.parent not in known):
        raise not_found("policy")
    try:
        placed = system.place(known[body.policy], body.part, known.get(body.parent))
    except system.Misplaced as refused:
        raise Problem(422, "misplaced", str(refused), "parent") from None
    return _branch(system.tree([placed])[0])


@router.get(
    "/policy-changes",
    auth=ANYONE,
    response={200: list[NewsOut], 422: ProblemOut},
    summary="What changed in the policies",
)
def get_changes(request: HttpRequest, since: date | None = None) -> list[dict[str, Any]]:
    """Since the day, it included (without one: in the last thirty days), newest first, at most 500."""
    if since is not None and since.year < 1990:
        raise Problem(422, "since", _("Name a day after 1990."), "since")
    return [
        {
            "policy": each.policy.code,
            "title": each.policy.title,
            "kind": each.kind,
            "at": each.at,
            "replaced_by": each.policy.replaced_by.code if each.policy.replaced_by else None,
            "items": [
                {
                    "rule": change.after.rule.code,
                    "version": change.after.number,
                    "new": change.before is None,
                    "gone": change.gone,
                    "conditions": change.conditions,
                    "benefit": change.benefit,
                }
                for change in each.items
            ],
        }
        for each in news.since(request.user, since or news.default_since())
    ]


def _branch(branch: system.Branch) -> dict[str, Any]:
    adjusted = branch.adjusted
    return {
        "policy": branch.policy.code,
        "title": branch.policy.title,
        "part": branch.policy.part,
        "status": branch.policy.status,
        "items": branch.items,
        "entitled": branch.entitled,
        "paid": float(branch.paid),
        "versions": branch.versions,
        "adjusted_to": adjusted.outcome.number if adjusted and adjusted.outcome else None,
        "children": [_branch(child) for child in branch.children],
    }
