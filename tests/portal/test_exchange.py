"""An editor exports a policy from its page and takes such a file in on the workbench; the API does the same."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse

from innozone.wings.policies.models import Policy
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(place):
    return client_of(place.users, "editor")


def file_of(editor) -> bytes:
    answer = editor.get(reverse("policy_export", args=["rd"]))
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.content


def sent(editor, content: bytes, address: str = "/workbench/import/"):
    file = io.BytesIO(content)
    file.name = "rd.yaml"
    return editor.post(address, {"file": file})


def moved(content: bytes) -> bytes:
    """The same policy under codes of its own, as another zone would have it."""
    lines = [line for line in content.decode().split("\n") if not line.startswith("digest:")]
    return "\n".join(lines).replace("code: rd", "code: far_rd").encode()


def test_a_policy_goes_out_by_its_page_and_comes_in_as_a_draft(editor):
    page = editor.get(reverse("policy", args=["rd"])).content.decode()
    assert reverse("policy_export", args=["rd"]) in page
    answer = sent(editor, moved(file_of(editor)))
    assert answer["Location"] == reverse("workbench_policy", args=["far_rd"])
    made = Policy.objects.get(code="far_rd")
    assert made.status == "draft"
    shown = editor.get(answer["Location"]).content.decode()
    assert "has come in as a draft" in shown
    assert made.versions.get().note in shown
    again = editor.get(sent(editor, moved(file_of(editor)))["Location"]).content.decode()
    assert "nothing in the file is new" in again
    assert made.versions.count() == 1


def test_what_is_wrong_with_a_file_stands_at_the_form_by_line(editor):
    answer = sent(editor, moved(file_of(editor)).replace(b"level: zone", b"level: village"))
    page = answer.content.decode()
    assert "The file cannot be taken in: nothing has changed." in page
    assert "rd.yaml:" in page
    assert "village" in page
    assert not Policy.objects.filter(code="far_rd").exists()


def test_in_chinese_every_problem_of_a_file_is_chinese(editor):
    content = moved(file_of(editor)).replace(b"level: zone", b"level: village").replace(b"kind: support", b"kinds: x")
    editor.cookies["django_language"] = "zh-hans"
    page = sent(editor, content).content.decode()
    assert "不能是 village" in page
    assert "没有字段 kinds" in page
    assert "是否应为 kind？" in page
    for english in ("cannot be", "has no key", "did you mean", "known here"):
        assert english not in page


def test_the_api_does_the_same(editor):
    content = editor.get("/api/v1/policies/rd/export").content
    assert content == file_of(editor)
    answer = sent(editor, moved(content), "/api/v1/policies/import")
    assert answer.status_code == 201
    assert [(each["code"], each["version"]) for each in answer.json()] == [("far_rd", 1)]
    assert sent(editor, content, "/api/v1/policies/import").json()[0]["version"] is None
    refused = sent(editor, b"format: other", "/api/v1/policies/import")
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["place"].startswith("rd.yaml:")
    assert editor.get("/api/v1/policies/nothing/export").status_code == 404
