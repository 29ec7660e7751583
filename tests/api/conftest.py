"""The small zone with a run, people of every role, and a client that sends a token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.parties.models import Party
from innozone.wings.policies import matching
from tests import zone


class Api:
    """Calls as one person; `.status` and `.data` of the answer."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"HTTP_ACCEPT_LANGUAGE": "en"}
        if token:
            self.headers["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self.client.get(f"/api/v1{path}", query, **self.headers))

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        body = json.dumps(data if data is not None else {})
        return self._answer(
            self.client.post(f"/api/v1{path}", body, content_type="application/json", **self.headers, **more)
        )

    def send(self, path: str, **files: Any) -> Any:
        return self._answer(self.client.post(f"/api/v1{path}", files, **self.headers))

    @staticmethod
    def _answer(response: Any) -> Any:
        response.data = response.json() if response["Content-Type"].startswith("application/json") else None
        return response


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def parties(db):
    zone.load()
    found = zone.populate()
    matching.run()
    return found


@pytest.fixture
def person(parties):
    """Makes a person with a role and gives their client."""

    def make(role: str, party: Party | None = None) -> Api:
        user = User.objects.create_user(f"{role}{User.objects.count()}", password="x" * 12)
        Membership.objects.create(user=user, role=role, party=party)
        api = Api(ApiToken.issue(user, "test")[1])
        api.user = user
        return api

    return make


@pytest.fixture
def firm(person, parties):
    return person(Role.ENTERPRISE, parties[0])


@pytest.fixture
def officer(person):
    return person(Role.OFFICER, Party.objects.get(code="tax"))


@pytest.fixture
def editor(person):
    return person(Role.EDITOR)


@pytest.fixture
def supervisor(person):
    return person(Role.SUPERVISOR)


@pytest.fixture
def visitor():
    return Api()
