"""Proposals of a language model on the workbench and in the API: marked as a machine's, decided by an editor."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from innozone.foundation import jobs
from innozone.wings.policies import library, proposals
from tests.portal.people import client_of
from tests.wings.policies.model_server import proposal, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(place):
    return client_of(place.users, "editor")


@pytest.fixture
def asked(place, editor, settings):
    """The draft, its manual clauses answered by a model that says the same of all."""
    settings.MODEL_NAME = "<b>small</b>"
    with serving(lambda clause, body: proposal("not serious_breach", clause)) as server:
        settings.MODEL_URL = server.url
        answer = editor.post(reverse("workbench_proposals", args=[place.draft.code]))
        assert answer.status_code == 302
        waiting = editor.get(reverse("workbench_proposals", args=[place.draft.code])).content.decode()
        assert 'hx-trigger="every 2s"' in waiting
        jobs.run_pending()
    return list(proposals.of(place.draft))


def page(editor, place):
    return editor.get(reverse("workbench_policy", args=[place.draft.code])).content.decode()


def test_without_a_model_the_workbench_says_nothing_of_it(editor, place):
    assert 'id="proposals"' not in page(editor, place)


def test_a_proposal_is_shown_as_a_machines_and_escaped(editor, place, asked):
    shown = page(editor, place)
    assert asked[0].state == "open"
    assert "Proposals of a machine" in shown
    assert "to be checked by a person; they count in no rule" in shown
    assert "not serious_breach" in shown
    assert "&lt;b&gt;small&lt;/b&gt;" in shown
    assert "<b>small</b>" not in shown
    assert "every 2s" not in shown


def test_an_editor_takes_one_over(editor, place, asked):
    address = reverse("workbench_proposal", args=[place.draft.code, asked[0].pk])
    editor.post(address, {"decision": "perhaps"})
    assert proposals.of(place.draft).get(pk=asked[0].pk).state == "open"
    assert editor.post(address, {"decision": "take"}).status_code == 302
    assert proposals.of(place.draft).get(pk=asked[0].pk).state == "taken"
    said = json.dumps(library.items(place.draft, drafts_first=True)[0].version.data)
    assert "not serious_breach" in said


def test_a_proposal_of_another_policy_is_not_there(editor, place, asked):
    address = reverse("workbench_proposal", args=["rd", asked[0].pk])
    assert editor.post(address, {"decision": "take"}).status_code == 404
    assert proposals.of(place.draft).get(pk=asked[0].pk).state == "open"


def test_the_api_lists_refuses_and_says_what_is_wrong(editor, place, asked, settings):
    base = f"/api/v1/policies/{place.draft.code}/proposals"
    client = Client()
    client.force_login(place.users["editor"])
    listed = client.get(base).json()
    assert listed[0]["expression"] == "not serious_breach"
    refused = client.post(f"{base}/{asked[0].pk}/refuse")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    again = client.post(f"{base}/{asked[0].pk}/take")
    assert (again.status_code, again.json()["code"]) == (422, "decided")
    settings.MODEL_URL = ""
    assert client.post(base).json()["code"] == "no_model"
    client.force_login(place.users["enterprise"])
    assert client.get(base).status_code == 403
