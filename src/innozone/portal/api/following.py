"""S21 订阅: what I follow."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status

from innozone.foundation.access import gate
from innozone.portal import following as shown
from innozone.portal.api import schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.wings.policies import following
from innozone.wings.policies.models import Follow

router = Router(tags=["me"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}


class FollowIn(Schema):
    """`value`: the code of the policy or theme, or the level (national, province, city, zone)."""

    kind: Literal["policy", "theme", "level"]
    value: schemas.Text


class FollowOut(Schema):
    id: int
    kind: str
    value: str
    name: str
    since: datetime | None


@router.get("/follows", response={200: list[FollowOut], 401: ProblemOut, 403: ProblemOut}, summary="What I follow")
def list_follows(request: HttpRequest) -> list[dict[str, Any]]:
    """The news of it stands among your messages, of the kind `followed`."""
    gate.require(request.user, "policies.add_follow")
    return [_data(each) for each in shown.of(request.user)]


@router.post("/follows", response={201: FollowOut} | REFUSED, summary="Follow something")
def follow(request: HttpRequest, body: FollowIn) -> Status[dict[str, Any]]:
    """You are told once of everything that becomes of it from now on. Following it again changes nothing."""
    gate.require(request.user, "policies.add_follow")
    try:
        made = following.follow(request.user, body.kind, body.value)
    except following.FollowRefused as refused:
        raise Problem(422, "refused", str(refused), refused.place) from None
    return Status(201, next(_data(each) for each in shown.of(request.user) if each.pk == made.pk))


@router.delete("/follows/{id}", response={204: None} | REFUSED, summary="Follow it no more")
def stop(request: HttpRequest, id: schemas.Id) -> Status[None]:
    gate.require(request.user, "policies.add_follow")
    found = Follow.objects.filter(user=request.user, pk=id).first()
    if found is None:
        raise not_found("follow")
    following.stop(request.user, found.kind, found.value)
    return Status(204, None)


def _data(each: shown.Followed) -> dict[str, Any]:
    return {"id": each.pk, "kind": each.kind, "value": each.value, "name": each.name, "since": each.since}
