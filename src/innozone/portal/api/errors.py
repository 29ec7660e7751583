"""One form for every refusal: {code, message, place, cure}, in the reader's language."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

logger = logging.getLogger("innozone.api")


class ProblemOut(Schema):
    """Why a request was refused."""

    code: str = Field(description="a stable word for programs")
    message: str = Field(description="what is wrong, for people")
    place: str = Field("", description="where: a parameter, a field, a place in a rule or file")
    cure: str = Field("", description="what to do about it")
    problems: list[dict[str, Any]] = Field(default_factory=list, description="all places, when there are several")


class Problem(Exception):
    """Raised by endpoints; becomes a ProblemOut with this status."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        place: str = "",
        cure: str = "",
        problems: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "place": place, "cure": cure, "problems": problems or []}


def not_found(place: str) -> Problem:
    """The same answer for what is not there and for what the user may not know of."""
    return Problem(404, "not_found", _("There is no such record, or it is not yours to see."), place)


def register(api: NinjaAPI) -> None:
    """Every error of the API leaves in the one form."""

    def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
        return api.create_response(request, problem.body, status=problem.status)

    @api.exception_handler(Problem)
    def on_problem(request: HttpRequest, error: Problem) -> HttpResponse:
        return answer(request, error)

    @api.exception_handler(ValidationError)
    def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        problems = [
            {"place": ".".join(str(step) for step in each["loc"]), "message": each["msg"]} for each in error.errors
        ]
        first = problems[0] if problems else {"place": "", "message": ""}
        cure = _("The schema at /api/v1/openapi.json says what each field takes.")
        return answer(request, Problem(422, "invalid", first["message"], first["place"], cure, problems))

    @api.exception_handler(HttpError)
    def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 401:
            return answer(request, unauthorised())
        if error.status_code == 403:
            cure = _("Send the CSRF token of the session in the header X-CSRFToken, or use a token of the API.")
            return answer(request, Problem(403, "csrf", _("The CSRF token is missing or wrong."), "", cure))
        if error.status_code == 400:
            return on_unreadable(request, error)
        return answer(request, Problem(error.status_code, "refused", str(error)))

    @api.exception_handler(RawPostDataException)
    def on_unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        # A form where JSON is asked for, read as a form by the check of the CSRF token.
        cure = _("Send JSON in UTF-8, or a form with the file where a file is asked for.")
        return answer(request, Problem(400, "unreadable", _("The body cannot be read."), "body", cure))

    @api.exception_handler(RequestDataTooBig)
    def on_too_big(request: HttpRequest, error: Exception) -> HttpResponse:
        cure = _("Send it as a file, or in parts.")
        return answer(request, Problem(413, "too_large", _("The body is larger than is taken."), "body", cure))

    @api.exception_handler(Http404)
    def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(request, not_found(request.path))

    @api.exception_handler(PermissionDenied)
    def on_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        if not request.user.is_authenticated:
            return answer(request, unauthorised())
        cure = _("Ask an administrator of the zone for the role that has it.")
        return answer(request, Problem(403, "forbidden", _("Your role does not have this right."), str(error), cure))

    @api.exception_handler(DataError)
    def on_data_error(request: HttpRequest, error: DataError) -> HttpResponse:
        logger.warning("%s %s: %s", request.method, request.path, error)
        return answer(request, Problem(422, "invalid", _("A value is outside what the database can hold.")))

    @api.exception_handler(Exception)
    def on_failure(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("%s %s failed", request.method, request.path)
        cure = _("Try again; if it stays, tell the operator the time of the request.")
        return answer(request, Problem(500, "failed", _("The server failed on this request."), "", cure))


def unauthorised() -> Problem:
    """No token, no session, or one that is not valid any more."""
    cure = _("Send “Authorization: Bearer …” with a valid token (Account, API tokens), or sign in.")
    return Problem(401, "unauthorised", _("This needs a signed-in user."), "Authorization", cure)
