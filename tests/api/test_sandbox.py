"""The sandbox through the API: the same figures as on the page, in stored units."""

import pytest

from innozone.foundation.verdicts.models import Scenario

pytestmark = pytest.mark.django_db

RATIO, RATE, CAP = "all[2].test:1", "benefit:0.0", "benefit:1"


@pytest.fixture
def editor(person):
    return person("editor")


def test_what_can_be_moved_and_what_it_comes_to(editor):
    found = editor.get("/sandbox/rd_grant").data
    figures = {figure["id"]: figure for figure in found["figures"]}
    assert (figures[RATIO]["value"], figures[RATIO]["kind"], figures[RATIO]["leaf"]) == (0.05, "threshold", 2)
    assert (figures[CAP]["value"], figures[CAP]["kind"], figures[CAP]["unit"]) == (500000, "cap", "元")
    assert (found["enterprises"], found["outcome"]["entitled"], found["outcome"]["unknown"]) == (4, 1, 1)
    assert found["outcome"]["cost"] == {"low": 100000, "high": 600000, "unbounded": 0}
    assert found["days"] == [found["as_of"]]


def test_moved_figures_in_all_by_groups_and_along_one(editor):
    found = editor.post("/sandbox/rd_grant", {"figures": {RATIO: 0.04, RATE: 0.1}, "along": RATIO}).data
    assert found["moved"] == {RATIO: 0.04}
    assert found["outcome"]["gained"] == {
        "enterprises": 1,
        "money": {"low": 40000, "high": 40000, "unbounded": 0},
    }
    regions = {
        part["code"]: (part["enterprises"], part["now"], part["gained"])
        for part in found["groups"]["registration_region"]
    }
    assert regions == {"east": (2, 1, 0), "west": (1, 1, 1), "far": (1, 0, 0)}
    values = [point["value"] for point in found["curve"]]
    assert values == sorted(values)
    assert {0.04, 0.05} <= set(values)
    assert [point["outcome"]["entitled"] for point in found["curve"]] == sorted(
        (point["outcome"]["entitled"] for point in found["curve"]), reverse=True
    )


def test_what_cannot_be_moved_is_refused_with_its_place(editor):
    refused = editor.post("/sandbox/rd_grant", {"figures": {"all[9].test:1": 1}})
    assert (refused.status_code, refused.data["code"], refused.data["place"]) == (
        422,
        "unknown",
        "body.figures.all[9].test:1",
    )
    assert editor.post("/sandbox/rd_grant", {"figures": {CAP: 1e15}}).data["code"] == "too_large"
    assert editor.post("/sandbox/rd_grant", {"figures": {}, "along": "x"}).status_code == 422
    assert editor.get("/sandbox/nothing").status_code == 404
    assert editor.get("/sandbox/rd_grant", day="1999-01-01").status_code == 404


def test_scenarios_are_kept_and_dropped_by_their_owner(editor, person):
    made = editor.post("/sandbox/rd_grant/scenarios", {"name": "a", "note": "why", "figures": {CAP: 300000}})
    assert made.status_code == 201
    assert made.data["figures"] == {CAP: 300000}
    assert editor.post("/sandbox/rd_grant/scenarios", {"name": "a", "figures": {CAP: 1}}).data["code"] == "taken"
    assert editor.post("/sandbox/rd_grant/scenarios", {"name": "b", "figures": {CAP: 500000}}).data["code"] == "nothing"
    assert [each["name"] for each in editor.get("/sandbox/rd_grant").data["scenarios"]] == ["a"]
    address = f"/api/v1/sandbox/rd_grant/scenarios/{made.data['id']}"
    other = person("supervisor")
    assert other.client.delete(address, **other.headers).status_code == 403
    assert editor.client.delete(address, **editor.headers).status_code == 204
    assert not Scenario.objects.exists()


def test_who_gains_is_a_list_like_any_other(person):
    rows = (
        person("supervisor").get("/desks/sandbox", item="rd_grant", figures=f"{RATIO}=4%", kind="gained").data["rows"]
    )
    assert [row["cells"]["name"] for row in rows] == ["乙制造有限公司"]
    assert rows[0]["cells"]["difference"] == 40000
    assert person("supervisor").get("/desks/sandbox", item="nothing").status_code == 422
    assert person("editor").get("/desks/sandbox").status_code == 403
