"""Policies through the API: the library for everyone, who qualifies for staff, rules in the making for editors."""

import pytest

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import drafts, matching
from innozone.wings.policies.models import Policy
from tests import zone

pytestmark = pytest.mark.django_db


def test_the_library_is_searched_by_words_of_title_text_and_items(visitor, parties):
    assert [policy["code"] for policy in visitor.get("/policies").data["items"]] == ["rd", "sme"]
    assert [policy["code"] for policy in visitor.get("/policies", q="示范发").data["items"]] == ["rd"]
    assert [policy["code"] for policy in visitor.get("/policies", q="投入补助").data["items"]] == ["rd"]
    assert [policy["code"] for policy in visitor.get("/policies", q="成立三年").data["items"]] == ["sme"]
    assert [policy["code"] for policy in visitor.get("/policies", q="研发补助").data["items"]] == ["rd"]
    assert visitor.get("/policies", q="不存在的词").data["total"] == 0
    assert visitor.get("/policies", theme="rd").data["total"] == 1
    assert visitor.get("/policies", level="national").data["items"][0]["code"] == "sme"


def test_counts_say_what_the_newest_run_changed_and_why(editor, parties):
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 90_0000}})
    matching.run()
    counts = {each["rule"]: each for each in editor.get("/policies/rd/counts").data}
    assert counts["rd_grant"]["changes"] == {"entitled": {"facts": 1}}


def test_a_policy_comes_with_its_text_and_items(visitor, parties):
    found = visitor.get("/policies/rd").data
    assert found["text"] == zone.RD_TEXT
    assert found["issuer"] == "科技局"
    assert [item["rule"] for item in found["items"]] == ["rd_grant", "rd_safe", "rd_over"]
    assert found["items"][0]["conditions"] == zone.RD_CONDITIONS
    assert found["items"][0]["department"] == "科技局"
    assert visitor.get("/policies/none").status_code == 404


def test_a_draft_is_seen_by_editors_only(visitor, firm, editor, parties):
    Policy.objects.filter(code="sme").update(status="draft")
    assert visitor.get("/policies/sme").status_code == 404
    assert firm.get("/policies/sme").status_code == 404
    assert editor.get("/policies/sme").status_code == 200


def test_who_qualifies_is_for_staff(firm, officer, editor, parties):
    counts = {each["rule"]: each for each in editor.get("/policies/rd/counts").data}
    assert (counts["rd_grant"]["entitled"], counts["rd_grant"]["near"], counts["rd_grant"]["unknown"]) == (1, 1, 1)
    assert counts["rd_grant"]["benefit_total"] == 100000.0
    assert counts["rd_grant"]["changes"] == {}
    near = officer.get("/rules/rd_grant/members/near").data
    assert [member["id"] for member in near["items"]] == [parties[1].pk]
    assert firm.get("/policies/rd/counts").status_code == 403
    assert firm.get("/rules/rd_grant/members/near").status_code == 403
    assert officer.get("/rules/nothing/members/near").status_code == 404


def test_a_rule_in_the_making_is_tried_out(editor, parties):
    found = editor.post("/rules/preview", {"conditions": zone.RD_CONDITIONS, "amount": "1万"}).data
    assert (found["enterprises"], found["entitled"], found["benefit_total"]) == (4, 1, 10000.0)
    assert found["leaves"][2] == {"leaf": 2, "true": 1, "false": 2, "unknown": 1, "near": 1}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"conditions": {"all": ["revenu[-1] > 1"]}}, "conditions.all[0]"),
        ({"conditions": {"all": ["revenue[-1] > "]}}, "conditions.all[0]"),
        ({"conditions": 5}, "conditions"),
        ({"conditions": "true", "amount": "1 +"}, "benefit.amount"),
    ],
)
def test_an_unsound_rule_gets_its_problems_with_their_places(editor, parties, body, place):
    found = editor.post("/rules/preview", body).data
    assert found["problems"][0]["place"].startswith(place)
    assert found["enterprises"] == 0


def test_an_unknown_field_is_refused(editor, parties):
    refused = editor.post("/rules/preview", {"condition": "true"})
    assert refused.status_code == 422
    assert refused.data["code"] == "invalid"


def test_a_body_that_is_no_json_is_refused(editor):
    refused = editor.client.post("/api/v1/rules/preview", "{", content_type="application/json", **editor.headers)
    assert refused.status_code in (400, 422)
    assert refused.json()["code"] in ("unreadable", "invalid")
    assert RuleVersion.objects.count() == 4


def test_versions_are_compared_restored_and_ended_through_the_api(visitor, editor, parties):
    text = "奖励办法\n第一条 上年度营业收入500万元以上的企业，奖励8万元。"
    made = editor.post("/policies/read", {"text": text}).data
    code = made["code"]
    policy = Policy.objects.get(code=code)
    user = policy.versions.get().created_by
    drafts.save_version(policy, text.replace("500万元", "400万元").replace("500", "400"), [], user)
    told = editor.get(f"/policies/{code}/compare").data
    assert (told["old"], told["new"]) == (1, 2)
    assert [item["change"] for item in told["items"]] == ["gone"]
    assert {"change": "added", "text": "400"} in [words for line in told["text"] for words in line]
    assert visitor.get(f"/policies/{code}/compare").status_code == 404, "a draft is not everybody's"
    assert editor.get(f"/policies/{code}/compare", old=7).status_code == 404
    back = editor.post(f"/policies/{code}/restore?version=1").data
    assert (back["version"], back["text"]) == (3, made["text"])
    assert (
        editor.post(f"/policies/{code}/confirm", {"valid_from": "2026-02-01", "valid_to": "2026-01-01"}).status_code
        == 422
    )
    assert editor.post(f"/policies/{code}/confirm", {"valid_from": "2026-02-01"}).data["valid_from"] == "2026-02-01"
    assert visitor.get(f"/policies/{code}/compare", old=1, new=3).data["items"][0]["change"] == "same"
    assert editor.post(f"/policies/{code}/end", {"reason": " "}).status_code == 422
    ended = editor.post(f"/policies/{code}/end", {"reason": "并入新办法", "replaced_by": "rd"}).data
    assert ended["status"] == "ended"
