"""Budgets and best sets through the API: the same figures as on the pages, in 元."""

import pytest

from innozone.foundation.verdicts import rules
from innozone.wings.policies import matching
from tests import zone

pytestmark = pytest.mark.django_db

HIGHEST = {"code": "rd", "label": {"zh": "研发支持", "en": "R&D support"}, "most": 1}
YEAR = {"code": "year", "label": {"zh": "年度合计", "en": "Year"}, "cap": {"amount": "12万", "years": 1}}


def publish(code, amount, *groups, allocation=None):
    data = {
        "conditions": {"all": [zone.RD_CONDITIONS["all"][0]]},
        "benefit": {"kind": "奖励", "amount": amount, "note": None},
        "stacking": {"groups": list(groups)},
    }
    rules.publish(code, "support", code, f"Award {code}", data | ({"allocation": allocation} if allocation else {}))


def test_the_best_set_with_every_reason(firm, parties):
    publish("a", "3万", HIGHEST, YEAR)
    publish("b", "10% * rd_expense[-1]", HIGHEST, YEAR)
    publish("c", "5万", YEAR)
    found = firm.get(f"/enterprises/{parties[0].pk}/portfolio").data
    # 10 of b, 2 of c under the cap of 12, 10 of the zone's own grant; the closed one has no sum.
    assert (found["total"], found["low"], found["high"]) == (220000, 220000, 220000)
    assert {item["rule"]: (item["claimed"], item["amount"], item["cut_by"]) for item in found["taken"]} == {
        "rd_grant": (100000, 100000, ""),
        "b": (100000, 100000, ""),
        "c": (50000, 20000, "year"),
        "rd_over": (None, None, ""),
    }
    assert found["left"] == [
        {
            "rule": "a",
            "name": "Award a",
            "why": "group",
            "by": ["b"],
            "group": "rd",
            "message": "only the highest of “R&D support” counts: Award b",
        }
    ]
    assert firm.get(f"/enterprises/{parties[0].pk}/portfolio", ready="true").data["total"] == 270000


def test_what_was_paid_before_can_be_said(firm, parties):
    publish("c", "5万", YEAR)
    publish("d", "1万", YEAR)
    address = f"/enterprises/{parties[0].pk}/portfolio"
    found = firm.get(address, received=f"d:{firm.get(address).data['year']}:100000, d:2020:50000").data
    assert next(item for item in found["taken"] if item["rule"] == "c")["amount"] == 20000
    assert next(item for item in found["left"] if item["rule"] == "d")["why"] == "received"
    for wrong in ("d", "d:2026", "x:2026:5", "d:26:5", "d:2026:-5", "d:2026:5.555", "d:2026:1e99"):
        answer = firm.get(address, received=wrong)
        assert (answer.status_code, answer.data["place"]) == (422, "received"), wrong


def test_an_amount_that_nobody_knows_lies_between_two_ends(supervisor, parties):
    publish("a", "3万", HIGHEST)
    publish("b", "min(10% * rd_expense[-1], 50万)", HIGHEST, YEAR)
    found = supervisor.get(f"/enterprises/{parties[3].pk}/portfolio").data
    assert found["open"][0]["above"] == 30000
    assert (found["open"][0]["low"], found["open"][0]["high"]) == (0, 120000)
    assert (found["total"], found["low"], found["high"]) == (30000, 30000, 120000)


def test_nobody_sees_the_best_set_of_another(firm, parties):
    assert firm.get(f"/enterprises/{parties[1].pk}/portfolio").status_code == 404


def test_a_budget_and_who_would_get_it(supervisor, parties):
    pots = supervisor.get("/allocations").data
    assert [(pot["code"], pot["budget"], pot["order"], pot["last"]) for pot in pots] == [
        ("rd_grant", 80000, [{"highest": "rd_ratio[-1]"}, "lottery"], "cut")
    ]
    found = supervisor.get("/allocations/rd_grant").data
    assert (found["claimed"], found["granted"], found["left"]) == (100000, 80000, 0)
    assert found["claims"]["items"] == [
        {
            "enterprise": parties[0].pk,
            "name": "甲科技有限公司",
            "credit_code": zone.CODES[0],
            "item": "rd_grant",
            "state": "entitled",
            "place": 1,
            "claimed": 100000,
            "granted": 80000,
            "result": "cut",
        }
    ]
    assert supervisor.get("/allocations/rd_grant", budget=500000).data["left"] == 400000
    listed = supervisor.get("/desks/allocation", item="rd_grant", budget="50万").data
    assert [row["cells"]["granted"] for row in listed["rows"]] == [100000]
    assert supervisor.get("/desks/allocation").data["rows"] == []
    assert supervisor.get("/desks/allocation", item="nothing").status_code == 422


def test_the_lottery_can_be_drawn_with_a_published_seed(supervisor, parties):
    publish("lot", "1万", allocation={"quota": 1, "order": ["lottery"]})
    matching.run()
    winners = {
        seed: [claim["name"] for claim in supervisor.get("/allocations/lot", seed=seed).data["claims"]["items"]]
        for seed in ("1", "2", "3", "4", "5")
    }
    assert winners["1"] == [
        claim["name"] for claim in supervisor.get("/allocations/lot", seed="1").data["claims"]["items"]
    ]
    assert len({names[0] for names in winners.values()}) > 1
    part = supervisor.get("/allocations/lot", seed="1", offset=1, limit=1).data["claims"]
    assert ([claim["name"] for claim in part["items"]], part["total"]) == (winners["1"][1:2], 3)


def test_a_rule_that_leaves_open_who_comes_first_is_refused_with_the_reason(supervisor, parties):
    publish("tied", "1万", allocation={"quota": 1, "order": [{"highest": "1 + 0 * revenue[-1]"}]})
    matching.run()
    answer = supervisor.get("/allocations/tied")
    assert (answer.status_code, answer.data["code"]) == (422, "undecided")
    assert "3 enterprises are equal" in answer.data["message"]


def test_who_may_not_see_all_enterprises_sees_no_allocation(firm, supervisor):
    assert firm.get("/allocations").status_code == 403
    assert firm.get("/allocations/rd_grant").status_code == 403
    assert supervisor.get("/allocations/nothing").status_code == 404
