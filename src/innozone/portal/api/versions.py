"""Versions of a policy: corrected, compared, restored, put in force, ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from innozone.foundation.access import gate
from innozone.foundation.parties.models import Party
from innozone.kernel.rules import Manual, to_text
from innozone.portal.api import policy_schemas, schemas
from innozone.portal.api.auth import ANYONE
from innozone.portal.api.errors import Problem, not_found
from innozone.portal.api.policies import REFUSED, find, refused_draft, whole
from innozone.wings.policies import corrections, drafts, versions
from innozone.wings.policies.corrections import ItemCorrection
from innozone.wings.policies.models import Policy, PolicyVersion

router = Router(tags=["policies"])


@router.get(
    "/{code}/versions",
    auth=ANYONE,
    response={200: list[policy_schemas.VersionOut]} | REFUSED,
    summary="Who changed what, and when",
)
def list_versions(request: HttpRequest, code: schemas.Text) -> list[dict[str, Any]]:
    """Every version of a policy that you may see, the newest first; who entered it is for editors."""
    rows = find(request, code).versions.select_related("created_by").defer("text").order_by("-number")
    named = gate.allows(request.user, "policies.change_policy")
    return [
        {
            "number": row.number,
            "created_at": row.created_at,
            "created_by": str(row.created_by) if named and row.created_by else None,
            "note": row.note,
            "gist": row.gist,
            "items": row.items,
        }
        for row in rows
    ]


@router.post("/{code}/versions", response={201: policy_schemas.Policy} | REFUSED, summary="Correct a policy")
def correct(request: HttpRequest, code: schemas.Text, body: policy_schemas.CorrectionIn) -> Status[dict[str, Any]]:
    """The corrections as a new version that waits to be confirmed; the one before is kept. All of it is taken or
    nothing. `stale` when someone has saved another version since `base`."""
    gate.require(request.user, "policies.change_policy")
    policy = find(request, code)
    made = [ItemCorrection(item.rule, _changed(item, at), item.drop) for at, item in enumerate(body.items)]
    try:
        corrections.amend(
            policy,
            body.base,
            made,
            request.user,
            text=body.text,
            note=body.note,
            gist=body.gist,
            keywords=body.keywords,
            tags=body.tags,
        )
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return Status(201, whole(policy, draft=True))


def _changed(item: policy_schemas.ItemIn, at: int) -> dict[str, Any]:
    """What was said of the item, and no more; a department by its name becomes the office itself."""
    changed = item.dict(exclude_unset=True, exclude={"rule", "drop"})
    if changed.get("department"):
        office = Party.objects.exclude(kind="enterprise").filter(name=changed["department"]).first()
        if office is None:
            message = _("There is no department named “%(name)s”.") % {"name": changed["department"]}
            raise Problem(422, "department", message, f"items[{at}].department")
        changed["department"] = office
    return changed


@router.post("/{code}/confirm", response={200: policy_schemas.Policy} | REFUSED, summary="Confirm a draft")
def confirm(request: HttpRequest, code: schemas.Text, body: policy_schemas.Validity | None = None) -> dict[str, Any]:
    """Puts the items in force; the next matching, which starts at once, holds every enterprise against them.

    What begins later waits until then.
    """
    gate.require(request.user, "policies.change_policy")
    policy, days = find(request, code), body or policy_schemas.Validity()
    try:
        policy = drafts.confirm(policy, request.user, days.valid_from, days.valid_to)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return whole(policy)


@router.get(
    "/{code}/compare",
    auth=ANYONE,
    response={200: policy_schemas.ComparisonOut} | REFUSED,
    summary="Two versions compared",
)
def compare(request: HttpRequest, code: schemas.Text, old: int | None = None, new: int | None = None) -> dict[str, Any]:
    """Word by word and condition by condition; without numbers the newest version and the one before it."""
    policy = find(request, code)
    numbers = list(policy.versions.order_by("number").values_list("number", flat=True))
    to = numbers[-1] if new is None else new
    since = max((number for number in numbers if number < to), default=to) if old is None else old
    made = versions.compare(_version(policy, since), _version(policy, to))
    return {
        "old": since,
        "new": to,
        "text": [[{"change": words.change, "text": words.text} for words in line] for line in made.paragraphs],
        "items": [
            {
                "rule": item.code,
                "name": item.name,
                "change": item.change,
                "amount": item.amount,
                "grants": item.grants,
                "conditions": [
                    {"change": leaf.change, "was": _leaf(leaf.was), "now": _leaf(leaf.now)} for leaf in item.leaves
                ],
            }
            for item in made.items
        ],
    }


@router.post("/{code}/restore", response={200: policy_schemas.Policy} | REFUSED, summary="Restore a version")
def restore(request: HttpRequest, code: schemas.Text, version: int) -> dict[str, Any]:
    """What the version said, as a new draft version."""
    gate.require(request.user, "policies.change_policy")
    policy = find(request, code)
    try:
        versions.restore(policy, _version(policy, version), request.user)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return whole(policy)


@router.post("/{code}/end", response={200: policy_schemas.Policy} | REFUSED, summary="End a policy")
def end(request: HttpRequest, code: schemas.Text, body: policy_schemas.EndIn) -> dict[str, Any]:
    """The policy and its items end today."""
    gate.require(request.user, "policies.change_policy")
    policy = find(request, code)
    other = find(request, body.replaced_by) if body.replaced_by else None
    try:
        return whole(versions.end(policy, request.user, body.reason, other))
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None


def _version(policy: Policy, number: int) -> PolicyVersion:
    found = policy.versions.filter(number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise not_found("version")
    return found


def _leaf(leaf: Any) -> dict[str, Any] | None:
    if leaf is None:
        return None
    manual = isinstance(leaf, Manual)
    return {("manual" if manual else "test"): leaf.text if manual else to_text(leaf.expr), "quote": leaf.anchor.quote}
