"""Every list of the portal, with its filters, columns and order, as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from innozone.foundation.access import gate
from innozone.foundation.desks.desk import DeskQueryError, get, registered
from innozone.portal.api import schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found

router = Router(tags=["lists"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}


@router.get("", response={200: list[dict[str, Any]], 401: ProblemOut}, summary="The lists that you may read")
def list_desks(request: HttpRequest) -> list[dict[str, Any]]:
    """With their filters: the parameters that `GET /desks/{name}` takes besides q, sort, columns, page and size."""
    return [
        {
            "name": desk.name,
            "title": str(desk.title),
            "filters": [{"label": str(part.label), "parameters": list(part.parameters())} for part in desk.filters],
            "columns": [column.name for column in desk.columns],
        }
        for desk in registered()
        if gate.allows(request.user, desk.permission)
    ]


@router.get("/{name}", response={200: dict[str, Any]} | REFUSED, summary="A page of a list")
def get_desk(request: HttpRequest, name: schemas.Text) -> dict[str, Any]:
    """Takes the query of the portal's page: q, the filters, sort (- for descending), columns, page, size."""
    desk = get(name)
    if desk is None:
        raise not_found("name")
    query = {key: value.replace("\x00", "") for key, value in request.GET.items()}
    try:
        return desk.rows(query, request.user)
    except DeskQueryError as error:
        problems = [{"place": "query", "message": text} for text in error.problems]
        raise Problem(422, "invalid", error.problems[0], "query", problems=problems) from None
