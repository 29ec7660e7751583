"""Who gets in: a token may do what its user may do, as long as it is valid."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from innozone.foundation.access import tokens
from innozone.foundation.access.models import ApiToken, User
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_without_a_token_nothing_but_the_library_is_open(visitor, parties):
    refused = visitor.get("/me")
    assert refused.status_code == 401
    assert refused.data["code"] == "unauthorised"
    assert "Bearer" in refused.data["cure"]
    assert visitor.get("/policies").status_code == 200
    assert visitor.get("/policies/rd").status_code == 200


def test_a_token_says_who_calls_and_when_last(firm, parties):
    assert firm.get("/me").data == {
        "username": firm.user.username,
        "name": firm.user.username,
        "language": "en",
        "memberships": [{"role": "enterprise", "organisation": parties[0].pk, "name": parties[0].name}],
        "unread_notices": 3,
    }
    assert ApiToken.objects.get(user=firm.user).last_used_at is not None


@pytest.mark.parametrize("what", ["expired", "revoked", "closed", "unknown", "empty"])
def test_a_token_that_does_not_hold_is_refused_everywhere(firm, what):
    token = ApiToken.objects.get(user=firm.user)
    if what == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif what == "revoked":
        tokens.revoke(token)
    elif what == "closed":
        User.objects.filter(pk=firm.user.pk).update(is_active=False)
    elif what == "unknown":
        firm.headers["HTTP_AUTHORIZATION"] = "Bearer izn_nonsense"
    else:
        firm.headers["HTTP_AUTHORIZATION"] = "Bearer "
    assert firm.get("/me").status_code == 401
    # Even where visitors may read: whoever sends a key is told that it does not fit.
    assert firm.get("/policies").status_code == 401


def test_a_wrong_token_is_not_saved_by_a_session(firm):
    firm.client.force_login(firm.user)
    firm.headers["HTTP_AUTHORIZATION"] = "Bearer izn_nonsense"
    assert firm.get("/me").status_code == 401


def test_the_browser_session_reads_and_writes_only_with_the_csrf_token(editor):
    api = Api()
    api.client.force_login(editor.user)
    assert api.get("/me").data["username"] == editor.user.username
    refused = api.post("/rules/preview", {"conditions": "true"})
    assert (refused.status_code, refused.data["code"]) == (403, "csrf")
    api.client.cookies["csrftoken"] = "a" * 32
    assert api.post("/rules/preview", {"conditions": "true"}, HTTP_X_CSRFTOKEN="a" * 32).status_code == 200


def test_the_page_of_the_api_and_its_scripts_come_from_our_own_origin(db):
    page = Client().get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "//cdn" not in text
    assert "<script>" not in text
    assert "/static/ninja/swagger-ui-bundle.js" in text
    schema = Client().get("/api/v1/openapi.json").json()
    assert schema["info"]["title"] == "Innozone API"


def test_an_address_that_leads_nowhere_is_said_so_in_the_same_form(visitor):
    found = visitor.get("/nowhere/at/all")
    assert (found.status_code, found.data["code"], found.data["place"]) == (404, "not_found", "nowhere/at/all")
