"""S21 through the API: a policy is read, corrected item by item, confirmed; both versions are kept."""

import pytest

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies.models import Policy

TEXT = "奖励办法\n第一条 上年度营业收入500万元以上的企业，奖励8万元。\n第二条 上年度营业收入900万元以上的企业，奖励12万元。"


@pytest.fixture
def paper(editor, parties):
    """A draft of two items, as an editor gets it."""
    code = editor.post("/policies/read", {"text": TEXT}).data["code"]
    return editor.get(f"/policies/{code}", draft="true").data


def _correct(editor, paper, **body):
    return editor.post(f"/policies/{paper['code']}/versions", {"base": paper["stamp"], **body})


def test_one_item_is_corrected_and_all_else_stays(editor, visitor, paper):
    first, second = paper["items"]
    made = _correct(
        editor,
        paper,
        note="门槛降低",
        items=[{"rule": first["rule"], "conditions": {"all": ["revenue[-1] >= 300万"]}, "papers": ["审计报告"]}],
    )
    assert made.status_code == 201
    assert made.data["version"] == 2
    assert [item["name"] for item in made.data["items"]] == [first["name"], second["name"]]
    assert made.data["items"][0]["conditions"] == {"all": ["revenue[-1] >= 300万"]}
    assert made.data["items"][0]["papers"] == ["审计报告"]
    assert made.data["items"][0]["benefit"] == first["benefit"]
    assert {**made.data["items"][1]} == second
    listed = editor.get(f"/policies/{paper['code']}/versions").data
    assert [(each["number"], each["note"]) for each in listed] == [(2, "门槛降低"), (1, "")]
    assert listed[0]["created_by"]
    editor.post(f"/policies/{paper['code']}/confirm", {})
    shown = visitor.get(f"/policies/{paper['code']}").data
    assert shown["items"][0]["conditions"] == {"all": ["revenue[-1] >= 300万"]}
    assert shown["stamp"] is None
    public = visitor.get(f"/policies/{paper['code']}/versions").data
    assert [each["number"] for each in public] == [2, 1]
    assert public[0]["created_by"] is None, "who entered it is for editors"
    told = visitor.get(f"/policies/{paper['code']}/compare", old=1, new=2).data
    assert [item["change"] for item in told["items"]] == ["changed", "same"]


def test_items_are_added_and_dropped(editor, paper):
    first, second = paper["items"]
    made = _correct(
        editor,
        paper,
        items=[
            {"rule": first["rule"], "drop": True},
            {"name": "研发奖励", "conditions": "rd_expense[-1] >= 10万", "benefit": {"kind": "奖励", "amount": "1万"}},
        ],
    ).data
    assert [item["name"] for item in made["items"]] == [second["name"], "研发奖励"]
    assert made["items"][1]["rule"] not in {first["rule"], second["rule"]}
    assert made["items"][1]["benefit"]["amount"] == "1万"


def test_what_was_based_on_an_older_wording_is_refused(editor, paper):
    first = paper["items"][0]
    assert _correct(editor, paper, items=[{"rule": first["rule"], "summary": "八万"}]).status_code == 201
    # Nothing of text or conditions has changed, only what is said of the item; still the second one would undo it.
    refused = _correct(editor, paper, items=[{"rule": first["rule"], "summary": "奖励"}])
    assert (refused.status_code, refused.data["code"], refused.data["place"]) == (422, "stale", "base")
    now = editor.get(f"/policies/{paper['code']}", draft="true").data
    assert now["items"][0]["summary"] == "八万"
    assert _correct(editor, now, items=[{"rule": first["rule"], "summary": "奖励"}]).status_code == 201


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"rule": "rd.1", "summary": "x"}, "items[1].rule"),
        ({"rule": "SECOND", "conditions": {"all": ["revenue[-1] >="]}}, "items[1].conditions.all[0]"),
        ({"rule": "SECOND", "conditions": None}, "items[1].conditions"),
        ({"rule": "FIRST", "summary": "twice"}, "items[1].rule"),
        ({"conditions": "true"}, "items[1].name"),
        ({"name": "x"}, "items[1].conditions"),
        ({"rule": "SECOND", "department": "没有这个局"}, "items[1].department"),
        ({"rule": "SECOND", "stacking": {"group": 5}}, "items[1].stacking"),
        ({"rule": "SECOND", "allocation": {"order": "x"}}, "items[1].allocation"),
        ({"rule": "SECOND", "scores": {"a": {"expr": "1 +"}}}, "items[1].scores.a"),
        ({"rule": "SECOND", "benefit": {"kind": "奖励", "amount": "1 +"}}, "items[1].benefit.amount"),
        ({"rule": "SECOND", "benefit": {"kind": "wish"}}, "body.body.items.1.benefit.kind"),
        ({"rule": "SECOND", "condition": "true"}, "body.body.items.1.condition"),
        ({"rule": "SECOND", "grants": "no_such_title"}, "items[1].grants"),
    ],
)
def test_a_correction_that_cannot_be_taken_names_its_place_and_nothing_changes(editor, paper, item, place):
    first, second = paper["items"]
    if "rule" in item:
        item = item | {"rule": {"FIRST": first["rule"], "SECOND": second["rule"]}.get(item["rule"], item["rule"])}
    refused = _correct(editor, paper, items=[{"rule": first["rule"], "summary": "新"}, item])
    if refused.status_code == 201:
        # Kept as a draft with its error; it cannot come into force.
        refused = editor.post(f"/policies/{paper['code']}/confirm", {})
        assert refused.status_code == 422
        assert refused.data["problems"][0]["place"].startswith(place)
        return
    assert refused.status_code == 422
    assert refused.data["place"].startswith(place)
    assert editor.get(f"/policies/{paper['code']}", draft="true").data == paper
    assert RuleVersion.objects.filter(rule__code__startswith=paper["code"]).count() == 2


def test_a_changed_text_must_still_hold_the_words_of_its_conditions(editor, paper):
    refused = _correct(editor, paper, text=TEXT.replace("500万元", "400万元"))
    assert refused.status_code == 422
    assert refused.data["problems"][0]["place"].startswith(paper["items"][0]["rule"]), "an item that was not sent"
    assert Policy.objects.get(code=paper["code"]).versions.count() == 1


def test_corrections_are_for_editors(visitor, firm, paper):
    assert visitor.get(f"/policies/{paper['code']}/versions").status_code == 404
    assert firm.get(f"/policies/{paper['code']}", draft="true").status_code == 403
    assert firm.post(f"/policies/{paper['code']}/versions", {"base": paper["stamp"]}).status_code == 403
