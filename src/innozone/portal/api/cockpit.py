"""The cockpit's figures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router

from innozone.foundation.access import gate
from innozone.portal.api import schemas
from innozone.portal.api.errors import ProblemOut
from innozone.wings.supervision import figures

router = Router(tags=["cockpit"])
REFUSED = {401: ProblemOut, 403: ProblemOut}


@router.get("/figures", response={200: list[schemas.Figure]} | REFUSED, summary="The first figures")
def list_figures(request: HttpRequest) -> list[dict[str, Any]]:
    """Each with its definition, its parts and the list of records behind it."""
    gate.require(request.user, "supervision.view_cockpit")
    return [_figure(figure) for figure in figures.cockpit()]


@router.get("/targets", response={200: list[schemas.Figure]} | REFUSED, summary="Targets of the plan")
def list_targets(request: HttpRequest) -> list[dict[str, Any]]:
    """What was to be reached by when, and what has been where departments' data can say it."""
    gate.require(request.user, "supervision.view_cockpit")
    return [_figure(figure) for figure in figures.targets()]


def _figure(figure: figures.Figure) -> dict[str, Any]:
    language = get_language() or "zh-hans"
    return {
        "code": figure.code,
        "label": figure.label_in(language),
        "value": None if figure.value is None else float(figure.value),
        "unit": figure.unit,
        "definition": str(figure.definition),
        "target": None if figure.target is None else float(figure.target),
        "deadline": figure.deadline,
        "link": _address(figure.link),
        "parts": [
            {
                "code": part.code,
                "label": part.label.get(language),
                "value": float(part.value),
                "link": _address(part.link),
            }
            for part in figure.parts
        ],
    }


def _address(link: figures.Link | None) -> str:
    """The list behind a figure in this API."""
    if link is None:
        return ""
    query = {key: value for key, value in link.query.items() if key != "name"}
    return f"/api/v1/desks/{link.query['name']}" + (f"?{urlencode(query)}" if query else "")
