"""Versions of a policy: corrected, compared, restored, put in force, ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from innozone.foundation.access import gate
from innozone.foundation.parties.models import Party
from innozone.kernel.packs.model import BenefitKind
from innozone.kernel.rules import Manual, to_text
from innozone.portal.api import schemas
from innozone.portal.api.auth import ANYONE
from innozone.portal.api.errors import Problem, not_found
from innozone.portal.api.policies import REFUSED, find, refused_draft, whole
from innozone.wings.policies import corrections, drafts, versions
from innozone.wings.policies.corrections import ItemCorrection
from innozone.wings.policies.models import Policy, PolicyVersion

router = Router(tags=["policies"])


class Validity(Schema):
    """When a new wording holds, both days included; without them as the paper says."""

    valid_from: date | None = None
    valid_to: date | None = None


class EndIn(Schema):
    """Why a policy ends, and the code of the one that takes its place."""

    reason: schemas.Text
    replaced_by: schemas.Text = ""


class ComparisonOut(Schema):
    """What is different: `change` is same, added, gone or changed; pairs are (before, after)."""

    old: int
    new: int
    text: list[list[dict[str, str]]]
    items: list[dict[str, Any]]


class VersionOut(Schema):
    """Who changed what, and when; `items`: as they stood, each with its rule and the version of its wording."""

    number: int
    created_at: datetime
    created_by: str | None
    note: str
    gist: str
    items: list[dict[str, Any]]


class BenefitIn(Schema):
    """What an item gives. amount: in 元, an expression."""

    model_config = ConfigDict(extra="forbid")

    kind: BenefitKind
    amount: Annotated[schemas.Text, Field(max_length=4000)] | None = None
    note: dict[Literal["zh", "en"], schemas.Text] | None = None


class ItemIn(Schema):
    """What is said anew of an item: fields that are left out stay as they are. Without `rule` it is a new item."""

    model_config = ConfigDict(extra="forbid")

    rule: Annotated[schemas.Text, Field(max_length=100)] = ""
    drop: bool = Field(False, description="the item ends once the correction is confirmed")
    name: Annotated[schemas.Text, Field(min_length=1, max_length=200)] = ""
    name_en: Annotated[schemas.Text, Field(max_length=200)] = ""
    kind: Literal["support", "recognition"] = "support"
    summary: Annotated[schemas.Text, Field(max_length=400)] = ""
    summary_en: Annotated[schemas.Text, Field(max_length=600)] = ""
    opens: date | None = None
    closes: date | None = None
    department: Annotated[schemas.Text, Field(max_length=200)] | None = Field(None, description="its name")
    papers: Annotated[list[Annotated[schemas.Text, Field(max_length=200)]], Field(max_length=100)] = []
    conditions: Any = Field(None, description="a condition tree: {all: […]}, {any: […]}, {test: …}, {manual: …}")
    benefit: BenefitIn | None = None
    grants: Annotated[schemas.Text, Field(max_length=100)] | None = None
    stacking: dict[str, Any] | None = None
    allocation: dict[str, Any] | None = None
    scores: dict[str, dict[str, Any]] = {}


class CorrectionIn(Schema):
    """Changes of a policy: what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    base: schemas.Text = Field(description="the `stamp` that `GET /policies/{code}?draft=true` gave")
    text: Annotated[schemas.Text, Field(min_length=1, max_length=2_000_000)] | None = None
    gist: Annotated[schemas.Text, Field(max_length=400)] | None = None
    keywords: Annotated[list[Annotated[schemas.Text, Field(max_length=50)]], Field(max_length=100)] | None = None
    tags: Annotated[list[Annotated[schemas.Text, Field(max_length=50)]], Field(max_length=100)] | None = None
    note: Annotated[schemas.Text, Field(max_length=200)] = Field("", description="what changed and why, for readers")
    items: Annotated[list[ItemIn], Field(max_length=200)] = []


@router.get(
    "/{code}/versions", auth=ANYONE, response={200: list[VersionOut]} | REFUSED, summary="Who changed what, and when"
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


@router.post("/{code}/versions", response={201: schemas.Policy} | REFUSED, summary="Correct a policy")
def correct(request: HttpRequest, code: schemas.Text, body: CorrectionIn) -> Status[dict[str, Any]]:
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


def _changed(item: ItemIn, at: int) -> dict[str, Any]:
    """What was said of the item, and no more; a department by its name becomes the office itself."""
    changed = item.dict(exclude_unset=True, exclude={"rule", "drop"})
    if changed.get("department"):
        office = Party.objects.exclude(kind="enterprise").filter(name=changed["department"]).first()
        if office is None:
            message = _("There is no department named “%(name)s”.") % {"name": changed["department"]}
            raise Problem(422, "department", message, f"items[{at}].department")
        changed["department"] = office
    return changed


@router.post("/{code}/confirm", response={200: schemas.Policy} | REFUSED, summary="Confirm a draft")
def confirm(request: HttpRequest, code: schemas.Text, body: Validity | None = None) -> dict[str, Any]:
    """Puts the items in force; the next matching, which starts at once, holds every enterprise against them.

    What begins later waits until then.
    """
    gate.require(request.user, "policies.change_policy")
    policy, days = find(request, code), body or Validity()
    try:
        policy = drafts.confirm(policy, request.user, days.valid_from, days.valid_to)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return whole(policy)


@router.get("/{code}/compare", auth=ANYONE, response={200: ComparisonOut} | REFUSED, summary="Two versions compared")
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


@router.post("/{code}/restore", response={200: schemas.Policy} | REFUSED, summary="Restore a version")
def restore(request: HttpRequest, code: schemas.Text, version: int) -> dict[str, Any]:
    """What the version said, as a new draft version."""
    gate.require(request.user, "policies.change_policy")
    policy = find(request, code)
    try:
        versions.restore(policy, _version(policy, version), request.user)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return whole(policy)


@router.post("/{code}/end", response={200: schemas.Policy} | REFUSED, summary="End a policy")
def end(request: HttpRequest, code: schemas.Text, body: EndIn) -> dict[str, Any]:
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
