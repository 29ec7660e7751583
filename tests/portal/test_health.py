"""What those who run the servers ask."""

import pytest

from innozone.foundation.access.models import ApiToken, Membership, User

pytestmark = pytest.mark.django_db


def test_the_server_says_that_it_and_its_database_answer(client):
    assert client.get("/healthz").content == b"ok"


def test_figures_are_for_administrators_and_their_tokens(client):
    assert client.get("/metrics").status_code in (302, 403)
    user = User.objects.create_user("watch")
    _token, secret = ApiToken.issue(user, "prometheus")
    headers = {"authorization": f"Bearer {secret}"}
    assert client.get("/metrics", headers=headers).status_code in (302, 403)
    Membership.objects.create(user=user, role="administrator")
    text = client.get("/metrics", headers=headers).content.decode()
    assert "innozone_enterprises 0.0" in text
    assert "innozone_database_bytes" in text
    assert client.get("/metrics", headers={"authorization": "Bearer nonsense"}).status_code in (302, 403)
