"""Policies and their items, who qualifies, reading a text into a draft, trying a rule out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from django.core.files.uploadedfile import UploadedFile
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Status
from ninja.files import UploadedFile as NinjaFile

from innozone.foundation.access import gate
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import live, runs
from innozone.foundation.verdicts.models import Verdict
from innozone.portal import papers, wording
from innozone.portal.api import policy_schemas, schemas
from innozone.portal.api.auth import ANYONE
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.paging import page
from innozone.wings.policies import drafts, exchange, library
from innozone.wings.policies.exchange_files import LARGEST
from innozone.wings.policies.models import Policy

router = Router(tags=["policies"])
rules_router = Router(tags=["rules"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
Level = Literal["national", "province", "city", "zone"]
PolicyStatus = Literal["draft", "confirmed", "ended"]


def _visible(request: HttpRequest) -> Any:
    return gate.scope(request.user, "policies.view_policy", Policy.objects.select_related("issuer"))


def find(request: HttpRequest, code: str) -> Policy:
    found = _visible(request).filter(code=code).first()
    if found is None:
        raise not_found("policy")
    return found


@router.get(
    "",
    auth=ANYONE,
    response={200: schemas.Page[policy_schemas.PolicyHead], 422: ProblemOut},
    summary="Search the library",
)
def list_policies(
    request: HttpRequest,
    q: schemas.Text = "",
    level: Level | None = None,
    status: PolicyStatus | None = None,
    theme: schemas.Text = "",
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """Open to everyone; drafts only to editors. `q`: words of title, number, issuer, gist, tags, text or item names."""
    rows = library.search(q, _visible(request))
    if level:
        rows = rows.filter(level=level)
    if status:
        rows = rows.filter(status=status)
    if theme:
        rows = rows.filter(themes__contains=[theme])
    found = page(rows.order_by(F("issued").desc(nulls_last=True), "code"), offset, limit, lambda row: row)
    gists = library.gists(found["items"])
    found["items"] = [_head(row, gists.get(row.pk, "")) for row in found["items"]]
    return found


@router.post("/read", response={201: policy_schemas.Policy} | REFUSED, summary="Read a text into a draft")
def read_text(request: HttpRequest, body: policy_schemas.ReadIn) -> Status[dict[str, Any]]:
    """The text is taken apart into items, conditions and benefits; what is not understood is left to a person.

    The draft takes part in nothing until an editor confirms it.
    """
    gate.require(request.user, "policies.change_policy")
    try:
        policy = drafts.read(body.text, request.user, title=body.title)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return Status(201, whole(policy))


@router.post("/read-file", response={201: policy_schemas.Policy} | REFUSED, summary="Read a file into a draft")
def read_file(request: HttpRequest, file: File[NinjaFile]) -> Status[dict[str, Any]]:
    """A docx, pdf, html or txt."""
    gate.require(request.user, "policies.change_policy")
    upload: UploadedFile = file
    try:
        policy = drafts.read(upload, request.user)
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return Status(201, whole(policy))


@router.post("/import", response={201: list[policy_schemas.TakenOut]} | REFUSED, summary="Take in a file of policies")
def take(request: HttpRequest, file: File[NinjaFile]) -> Status[list[dict[str, Any]]]:
    """A file as `/policies/{code}/export` gives it: all its policies become drafts, or none. The same file again is
    nothing new. Every problem is named with its line."""
    gate.require(request.user, "policies.change_policy")
    try:
        taken = exchange.take(file.read(LARGEST + 1), request.user, file.name or "file")
    except drafts.DraftRefused as refused:
        raise refused_draft(refused) from None
    return Status(
        201,
        [
            {
                "code": each.policy.code,
                "title": each.policy.title,
                "version": each.version.number if each.version else None,
                "left_open": each.left_open,
            }
            for each in taken
        ],
    )


@router.get("/{code}/export", response={200: str} | REFUSED, summary="A policy with its rules as one file")
def export(request: HttpRequest, code: schemas.Text) -> HttpResponse:
    """YAML in the shape of the zone packs, with the newest version of the text. For editors."""
    gate.require(request.user, "policies.change_policy")
    return papers.as_file(find(request, code))


@router.get(
    "/{code}",
    auth=ANYONE,
    response={200: policy_schemas.Policy, 404: ProblemOut, 422: ProblemOut},
    summary="One policy",
)
def get_policy(request: HttpRequest, code: schemas.Text, draft: bool = False) -> dict[str, Any]:
    """The text in its newest version, with the items in force (of a draft: as they stand).

    `draft`, for editors: the items as they stand with corrections that wait to be confirmed, and the `stamp` that a
    correction is based on.
    """
    if draft:
        gate.require(request.user, "policies.change_policy")
    return whole(find(request, code), draft)


@router.get("/{code}/counts", response={200: list[policy_schemas.ItemCount]} | REFUSED, summary="Who qualifies: counts")
def counts(request: HttpRequest, code: schemas.Text) -> list[dict[str, Any]]:
    """Per item, over the newest run; empty before the first run."""
    gate.require(request.user, "verdicts.view_run")
    policy, run = find(request, code), runs.latest()
    found = library.verdicts(policy, run) if run else []
    return [
        {
            "rule": each.version.rule.code,
            "name": each.version.rule.name,
            "entitled": each.true_count,
            "ready": each.ready_count,
            "near": each.near_count,
            "unknown": each.unknown_count,
            "benefit_total": None if each.benefit_total is None else float(each.benefit_total),
            "near_leaves": each.near_leaves,
            "changes": each.changes,
        }
        for each in found
    ]


@rules_router.get(
    "/{rule}/members/{kind}",
    response={200: schemas.Page[policy_schemas.Member]} | REFUSED,
    summary="Who qualifies: list",
)
def members(
    request: HttpRequest,
    rule: schemas.Text,
    kind: Literal["entitled", "ready", "near", "unknown"],
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """The enterprises of one item in one state, over the newest run."""
    gate.require(request.user, "verdicts.view_run")
    gate.require(request.user, "parties.list_party")
    run = runs.latest()
    verdict = (
        Verdict.objects.filter(run=run, version__rule__code=rule)
        .select_related("run__snapshot", "version__rule")
        .first()
        if run
        else None
    )
    if verdict is None:
        raise not_found("rule")
    ids = runs.member_ids(verdict, "true" if kind == "entitled" else kind)
    wanted = ids[offset : offset + limit].tolist()
    parties = Party.objects.in_bulk(wanted)
    return {
        "items": [
            {"id": key, "name": parties[key].name, "credit_code": parties[key].credit_code}
            for key in wanted
            if key in parties
        ],
        "total": len(ids),
        "offset": offset,
        "limit": limit,
    }


@rules_router.post("/preview", response={200: policy_schemas.Preview} | REFUSED, summary="Try a rule out")
def preview(request: HttpRequest, body: policy_schemas.RuleIn) -> dict[str, Any]:
    """How many enterprises of the newest snapshot would meet it, condition by condition. Nothing is stored.

    A rule with errors gets its problems instead of counts.
    """
    gate.require(request.user, "verdicts.view_run")
    found = live.preview({"conditions": body.conditions, "benefit": {"amount": body.amount} if body.amount else None})
    return {
        "problems": [_problem(problem) for problem in found.problems],
        "as_of": found.as_of,
        "enterprises": found.enterprises,
        "entitled": found.entitled,
        "ready": found.ready,
        "near": found.near,
        "unknown": found.unknown,
        "benefit_total": found.benefit.total if found.benefit else None,
        "benefit_low": found.benefit.low if found.benefit else None,
        "benefit_high": found.benefit.high if found.benefit and not found.benefit.unbounded else None,
        "leaves": [asdict(leaf) for leaf in found.leaves],
    }


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "place": problem.path,
        "position": problem.position,
        "severity": problem.severity,
        "message": wording.in_words(problem.message),
    }


def refused_draft(refused: drafts.DraftRefused) -> Problem:
    problems = [_problem(problem) for problem in refused.problems]
    return Problem(422, refused.code, refused.message, refused.place, wording.in_words(refused.cure), problems)


def _head(policy: Policy, gist: str) -> dict[str, Any]:
    return {
        "id": policy.pk,
        "code": policy.code,
        "title": policy.title,
        "title_en": policy.title_en,
        "number": policy.number,
        "issuer": policy.issuer.name if policy.issuer else policy.issuer_name,
        "level": policy.level,
        "status": policy.status,
        "proposal": policy.proposal,
        "issued": policy.issued,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "themes": policy.themes,
        "gist": gist,
    }


def whole(policy: Policy, draft: bool = False) -> dict[str, Any]:
    """policy_schemas.Policy; draft: with corrections that wait to be confirmed."""
    text, items = library.newest(policy), library.items(policy, drafts_first=draft)
    return _head(policy, text.gist if text else "") | {
        "url": policy.url,
        "version": text.number if text else 0,
        "text": text.text if text else "",
        "keywords": text.keywords if text else [],
        "tags": text.tags if text else [],
        "items": [_item(found) for found in items],
        "stamp": library.stamp(text.number if text else 0, items) if draft else None,
    }


def _item(found: library.ItemInForce) -> dict[str, Any]:
    item, version = found.item, found.version
    data = version.data if version else {}
    return {
        "rule": item.rule.code,
        "version": version.number if version else None,
        "name": item.rule.name,
        "name_en": item.rule.name_en,
        "kind": item.rule.kind,
        "summary": item.summary,
        "summary_en": item.summary_en,
        "opens": item.opens,
        "closes": item.closes,
        "department": item.department.name if item.department else None,
        "papers": item.papers,
        "conditions": data.get("conditions"),
        "benefit": data.get("benefit"),
        "grants": data.get("grants"),
        "stacking": data.get("stacking"),
        "allocation": data.get("allocation"),
        "scores": data.get("scores"),
    }
