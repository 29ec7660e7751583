"""The pages of budgets and of the best set, as people read them."""

from __future__ import annotations

import io
from html import unescape

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from innozone.foundation.verdicts import rules
from innozone.wings.policies import matching
from tests import zone
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db

HIGHEST = {"code": "rd", "label": {"zh": "研发支持", "en": "R&D support"}, "most": 1}
YEAR = {"code": "year", "label": {"zh": "年度合计", "en": "Year"}, "cap": {"amount": "12万", "years": 1}}


def publish(code, amount, *groups, allocation=None, **more):
    """An item for everybody in the zone."""
    data = {
        "conditions": {"all": [zone.RD_CONDITIONS["all"][0]]},
        "benefit": {"kind": "奖励", "amount": amount, "note": None},
        "stacking": {"groups": list(groups), **more},
    }
    return rules.publish(
        code, "support", f"{code}奖励", f"Award {code}", data | ({"allocation": allocation} if allocation else {})
    )


def page(place, name, *arguments, role="supervisor", language="en", **query):
    answer = client_of(place.users, role, language).get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer


def text(place, name, *arguments, **more):
    return page(place, name, *arguments, **more).content.decode()


def test_an_enterprise_reads_its_best_set_with_the_reason_for_the_rest(place):
    publish("a", "3万", HIGHEST, YEAR)
    publish("b", "10% * rd_expense[-1]", HIGHEST, YEAR)
    publish("c", "5万", YEAR)
    shown = text(place, "enterprise", place.parties[0].pk, role="enterprise")
    # The delivery of the zone says 2 million of R&D: 20 of b are cut by the cap of 12, and c adds nothing.
    assert "cut from ¥200,000: the cap of “Year”" in shown
    assert "only the highest of “R&amp;D support” counts: Award b" in shown
    assert "the cap of “Year” is used up: Award b" in shown
    assert "2 more do not count beside them" in shown
    chinese = text(place, "enterprise", place.parties[0].pk, role="enterprise", language="zh-hans")
    assert "“研发支持”就高不重复：计入b奖励" in chinese


def test_a_sum_that_nobody_knows_is_told_as_open(place):
    publish("a", "3万", HIGHEST)
    publish("b", "10% * rd_expense[-1]", HIGHEST)
    fourth = text(place, "enterprise", place.parties[3].pk)
    assert "its amount is not known yet; above ¥30,000 it counts in place of Award a" in fourth
    assert "some amounts are not known yet" in fourth


def test_limits_that_contradict_each_other_are_told_and_no_sum_is_given(place):
    other = YEAR | {"code": "other", "label": {"zh": "另", "en": "Other"}}
    publish("a", "3万", YEAR)
    publish("b", "3万", YEAR, other)
    publish("c", "3万", other)
    shown = text(place, "enterprise", place.parties[0].pk)
    assert "The limits of these items contradict each other: Other, Year." in shown or "Year, Other" in shown


def test_a_budget_shows_who_would_get_what_by_the_declared_order(place):
    assert "rd_grant" in text(place, "allocations")
    shown = text(place, "allocation", "rd_grant")
    assert "the highest first: last year's R&D ratio; by lot" in unescape(shown)
    assert place.parties[0].name in shown
    assert "<b>第二条</b> 给予补助" in shown


def test_another_budget_is_tried_by_the_address(place):
    before = page(place, "allocation", "rd_grant").context
    assert (before["totals"].claims, before["totals"].granted, before["totals"].sum) == ("1", "1", "¥80,000")
    after = page(place, "allocation", "rd_grant", budget="50万", who="entitled").context
    assert (after["totals"].sum, after["totals"].left) == ("¥200,000", "¥300,000")
    assert after["changed"]
    wrong = text(place, "allocation", "rd_grant", budget="viel", quota="-1")
    assert "is not a number" in wrong
    assert "“-1” is not a number of enterprises." in wrong


def test_a_draw_is_the_same_for_the_same_seed_and_can_be_searched_filtered_sorted(place):
    publish("lot", "1万", allocation={"budget": "1万", "order": ["lottery"], "last": "stop"})
    matching.run()
    first = page(place, "allocation", "lot", seed="2026-1").context
    names = [row.party.name for row in first["page"].objects]
    assert names == [row.party.name for row in page(place, "allocation", "lot", seed="2026-1").context["page"].objects]
    assert [row.result for row in first["page"].objects] == ["full", "tie", "tie"] or [
        row.result for row in first["page"].objects
    ] == ["full", "budget", "budget"]
    served = page(place, "allocation", "lot", seed="2026-1", result="full").context["page"].objects
    assert [row.party.name for row in served] == names[:1]
    found = page(place, "allocation", "lot", q="丁服务").context["page"].objects
    assert [row.party.name for row in found] == ["丁服务有限公司"]
    backwards = page(place, "allocation", "lot", seed="2026-1", sort="-place").context["page"].objects
    assert [row.party.name for row in backwards] == names[::-1]


def test_the_list_goes_into_files(place):
    csv = b"".join(page(place, "allocation", "rd_grant", format="csv").streaming_content).decode()
    assert csv.splitlines()[1].startswith("甲科技有限公司,91610131MA6TXXXX01,1,entitled,200000.0,80000.0,cut")
    book = b"".join(page(place, "allocation", "rd_grant", format="xlsx").streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[1][:3] == ["甲科技有限公司", "91610131MA6TXXXX01", 1.0]


def test_equal_enterprises_are_not_served_before_the_policy_decides(place):
    publish("tied", "1万", allocation={"budget": "1万", "order": [{"highest": "1 + 0 * revenue[-1]"}], "last": "cut"})
    matching.run()
    shown = text(place, "allocation", "tied")
    assert "3 enterprises are equal in the whole order, and only 1 of them could be served" in shown
    assert "Nobody has a claim on it." not in shown


def test_a_policy_says_its_limits_and_leads_to_who_would_get_it(place):
    assert "¥80,000; the highest first: last year's R&D ratio; by lot" in unescape(text(place, "policy", "rd"))
    assert reverse("allocation", args=["rd_grant"]) in text(place, "policy", "rd")
    assert reverse("allocation", args=["rd_grant"]) not in text(place, "policy", "rd", role="enterprise")


def test_what_has_no_budget_has_no_page(place):
    client = client_of(place.users, "supervisor")
    assert client.get(reverse("allocation", args=["rd_safe"])).status_code == 404
    assert client.get(reverse("allocation", args=["nothing"])).status_code == 404
