"""Who I am, and my messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router

from innozone.foundation.access import gate
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.notices import services as notices
from innozone.foundation.notices import text as notice_text
from innozone.foundation.notices.models import Notice
from innozone.kernel.terms import Dictionary
from innozone.portal.api import schemas
from innozone.portal.api.errors import ProblemOut, not_found
from innozone.portal.api.paging import page

router = Router(tags=["me"])


@router.get("/me", response={200: schemas.Me, 401: ProblemOut}, summary="Who am I, and for whom do I speak?")
def me(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    speaks_for = gate.parties(user, "enterprise")
    return {
        "username": user.username,
        "name": str(user),
        "language": get_language() or "zh-hans",
        "memberships": [
            {"role": member.role, "organisation": member.party_id, "name": member.party.name if member.party else ""}
            for member in gate.memberships(user)
        ],
        "unread_notices": sum(notices.unread_counts(user.pk, speaks_for).values()),
    }


@router.get("/notices", response={200: schemas.Page[schemas.Notice], 401: ProblemOut}, summary="Messages")
def list_notices(
    request: HttpRequest,
    enterprise: schemas.Id | None = None,
    unread: bool = False,
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 20,
) -> dict[str, Any]:
    """Messages of the enterprises that you speak for (staff: of all) and those to you alone, newest first."""
    rows = gate.scope(request.user, "notices.view_notice", Notice.objects.all()).select_related("version__rule")
    if enterprise:
        rows = rows.filter(party=enterprise)
    if unread:
        rows = rows.filter(read_at__isnull=True, quiet=False)
    dictionary = facts_dictionary.current()
    return page(rows, offset, limit, lambda row: shape(row, dictionary))


@router.post(
    "/notices/{notice}/read",
    response={200: schemas.Notice, 401: ProblemOut, 403: ProblemOut, 404: ProblemOut},
    summary="Mark as read",
)
def read_notice(request: HttpRequest, notice: schemas.Id) -> dict[str, Any]:
    """Keeps who opened it first and when. Only for those who speak for the enterprise."""
    rows = gate.scope(request.user, "notices.view_notice", Notice.objects.select_related("version__rule"))
    found = rows.filter(pk=notice).first()
    if found is None:
        raise not_found("notice")
    gate.require(request.user, "notices.read_notice", found)
    notices.mark_read(found, request.user)
    found.refresh_from_db(fields=["read_at", "read_by"])
    return shape(found, facts_dictionary.current())


def shape(notice: Notice, dictionary: Dictionary) -> dict[str, Any]:
    """A schemas.Notice as data."""
    subject, body = notice_text.render(notice, get_language() or "zh-hans", dictionary)
    return {
        "id": notice.pk,
        "enterprise": notice.party_id,
        "kind": notice.kind,
        "subject": subject,
        "body": body,
        "sent_at": notice.created_at,
        "read_at": notice.read_at,
        "rule": notice.version.rule.code if notice.version else None,
    }
