"""Who calls: a bearer token of ours, or the browser's session (then unsafe methods need the CSRF token)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from innozone.foundation.access import tokens
from innozone.portal.api.errors import unauthorised


class Token(HttpBearer):
    """A token may do what its user may do. A header with a wrong token is refused, whatever else is sent."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" not in request.headers:
            return None
        found = super().__call__(request)
        if found is None:
            raise unauthorised()
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = tokens.user_of(token)
        if user is not None:
            request.user = user
        return user


class Session(APIKeyCookie):
    """The signed-in browser."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return request.user if request.user.is_authenticated else None


def visitor(request: HttpRequest) -> AnonymousUser | None:
    """Nobody in particular: only for what everyone may read."""
    return AnonymousUser() if not request.user.is_authenticated else None


SIGNED_IN = [Token(), Session()]
ANYONE = [*SIGNED_IN, visitor]
