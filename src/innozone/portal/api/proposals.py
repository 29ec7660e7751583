"""What a language model proposes for clauses that a person must judge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from innozone.foundation.access import gate
from innozone.portal import wording
from innozone.portal.api import schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.wings.policies import drafts, proposals
from innozone.wings.policies.models import Policy, Proposal

router = Router(tags=["policies"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
#: A policy has some dozens of clauses.
MOST = 500


class ProposalOut(Schema):
    """state: waiting, open, taken, refused, invalid or failed; `reason` says why an answer is none. No part of a rule."""

    id: int
    rule: str
    clause: str
    expression: str
    quote: str
    model: str
    state: str
    reason: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class AskedOut(Schema):
    """How many clauses wait for the model."""

    waiting: int


def _policy(request: HttpRequest, code: str) -> Policy:
    gate.require(request.user, "policies.change_policy")
    found = Policy.objects.filter(code=code).first()
    if found is None:
        raise not_found("policy")
    return found


@router.get("/{code}/proposals", response={200: list[ProposalOut]} | REFUSED, summary="Proposals of a language model")
def list_proposals(request: HttpRequest, code: schemas.Text) -> list[dict[str, Any]]:
    """In the order of the items, at most 500."""
    return [_shape(each) for each in proposals.of(_policy(request, code))[:MOST]]


@router.post("/{code}/proposals", response={202: AskedOut} | REFUSED, summary="Ask for proposals")
def ask(request: HttpRequest, code: schemas.Text) -> Status[dict[str, int]]:
    """The worker asks the model for every clause that it has not answered; 422 when none is set up."""
    try:
        return Status(202, {"waiting": proposals.ask(_policy(request, code), request.user)})
    except drafts.DraftRefused as refused:
        raise _refused(refused) from None


@router.post("/{code}/proposals/{number}/take", response={200: ProposalOut} | REFUSED, summary="Take a proposal over")
def take(request: HttpRequest, code: schemas.Text, number: int) -> dict[str, Any]:
    """The clause becomes this condition in a new version, which counts once it is confirmed."""
    found = _proposal(_policy(request, code), number)
    try:
        proposals.take(found, request.user)
    except drafts.DraftRefused as refused:
        raise _refused(refused) from None
    return _shape(_proposal(found.item.policy, number))


@router.post("/{code}/proposals/{number}/refuse", response={200: ProposalOut} | REFUSED, summary="Refuse a proposal")
def refuse(request: HttpRequest, code: schemas.Text, number: int) -> dict[str, Any]:
    """The clause stays with a person."""
    found = _proposal(_policy(request, code), number)
    try:
        proposals.refuse(found, request.user)
    except drafts.DraftRefused as refused:
        raise _refused(refused) from None
    return _shape(_proposal(found.item.policy, number))


def _proposal(policy: Policy, number: int) -> Proposal:
    found = proposals.of(policy).filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise not_found("proposal")
    return found


def _refused(refused: drafts.DraftRefused) -> Problem:
    return Problem(422, refused.code, refused.message, refused.place, wording.in_words(refused.cure))


def _shape(each: Proposal) -> dict[str, Any]:
    return {
        "id": each.pk,
        "rule": each.item.rule.code,
        "clause": each.clause,
        "expression": each.expression,
        "quote": each.quote,
        "model": each.model,
        "state": each.state,
        "reason": wording.proposal_reason(each),
        "asked_at": each.asked_at,
        "decided_by": str(each.decided_by) if each.decided_by else None,
        "decided_at": each.decided_at,
    }
