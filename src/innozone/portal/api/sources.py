"""Where policy texts come from by themselves. `desks/policy-sources` and `desks/arrivals` list them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from innozone.foundation import jobs
from innozone.foundation.access import gate
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.schemas import Text
from innozone.wings.policies import tasks
from innozone.wings.policies.models import Source

router = Router(tags=["policies"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
_FIELDS = ("name", "code", "kind", "address", "level", "issuer_name", "every", "active")


class SourceIn(Schema):
    """`address`: a folder below the watched one, the address of a feed, or addresses of pages, one a line."""

    name: Text
    code: Text
    kind: Literal["folder", "feed", "pages"]
    address: Text = Field("", max_length=50_000)
    level: Literal["national", "province", "city", "zone"]
    issuer_name: Text = ""
    every: int = Field(24, ge=1, le=720, description="hours between two looks")
    active: bool = True


class SourceOut(SourceIn):
    looked_at: datetime | None
    due_at: datetime | None
    outcome: dict[str, Any] = Field(
        description="of the newest look: how many texts by state, `waiting`, `failed` as [address, why], `more`"
    )


@router.post("", response={201: SourceOut} | REFUSED, summary="Add a source")
def add(request: HttpRequest, body: SourceIn) -> Status[Source]:
    """It is looked at within five minutes. What it brings becomes drafts, which a person confirms."""
    gate.require(request.user, "policies.change_source")
    source = Source(**body.model_dump())
    _check(source)
    source.save()
    return Status(201, source)


@router.get("/{code}", response={200: SourceOut} | REFUSED, summary="One source")
def get_source(request: HttpRequest, code: Text) -> Source:
    """With what its newest look came to."""
    return _source(request, code)


@router.post("/{code}", response={200: SourceOut} | REFUSED, summary="Change or pause a source")
def change(request: HttpRequest, code: Text, body: SourceIn) -> Source:
    """All settings at once; `active` false pauses it."""
    source = _source(request, code)
    for name, value in body.model_dump().items():
        setattr(source, name, value)
    _check(source)
    source.save(update_fields=_FIELDS)
    return source


@router.post("/{code}/look", response={202: SourceOut} | REFUSED, summary="Look at a source now")
def look(request: HttpRequest, code: Text) -> Status[Source]:
    """Left to the worker: `looked_at` tells when it has been done."""
    source = _source(request, code)
    jobs.enqueue(tasks.look, source=source.pk)
    return Status(202, source)


def _source(request: HttpRequest, code: str) -> Source:
    gate.require(request.user, "policies.change_source")
    found = Source.objects.filter(code=code).first()
    if found is None:
        raise not_found("source")
    return found


def _check(source: Source) -> None:
    try:
        source.full_clean()
    except ValidationError as error:
        place, said = next(iter(error.message_dict.items()))
        raise Problem(422, "refused", said[0], place) from None
