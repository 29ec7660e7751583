"""S25 a paper is put into the 1+N system by an editor, on the workbench and over the API."""

import pytest
from django.urls import reverse

from innozone.wings.policies.models import Policy
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db


def test_a_paper_gets_its_place_and_never_stands_under_itself(place):
    editor, visitor = client_of(place.users, "editor"), client_of(place.users, "visitor")
    put = {"part": "measure", "parent": "rd"}
    assert editor.post(reverse("workbench_place", args=[place.draft.code]), put).url == reverse("policy_tree")
    assert Policy.objects.get(code="rd").children.get() == place.draft
    # A draft stands in the tree of those who may read drafts.
    assert place.draft.title in editor.get(reverse("policy_tree")).content.decode()
    assert place.draft.title not in visitor.get(reverse("policy_tree")).content.decode()
    ring = editor.post(reverse("workbench_place", args=["rd"]), {"parent": place.draft.code}, follow=True)
    assert "cannot stand under itself" in ring.content.decode()
    assert Policy.objects.get(code="rd").parent is None
    # And out of it again.
    editor.post(reverse("workbench_place", args=[place.draft.code]), {})
    assert Policy.objects.get(pk=place.draft.pk).parent is None


def test_the_api_puts_papers_into_the_system_too(place):
    editor = client_of(place.users, "editor")

    def send(client, **body):
        return client.post("/api/v1/policy-tree", body, content_type="application/json")

    assert send(editor, policy="sme", part="special", parent="rd").json()["part"] == "special"
    (root,) = [branch for branch in editor.get("/api/v1/policy-tree").json() if branch["policy"] == "rd"]
    assert [branch["policy"] for branch in root["children"]] == ["sme"]
    refused = send(editor, policy="rd", parent="sme")
    assert (refused.status_code, refused.json()["code"]) == (422, "misplaced")
    assert send(editor, policy="rd", parent="nowhere").status_code == 404
    assert send(client_of(place.users, "supervisor"), policy="rd").status_code == 403
    assert send(client_of(place.users, "visitor"), policy="rd").status_code == 401
