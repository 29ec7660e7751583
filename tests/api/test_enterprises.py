"""Enterprises through the API: each sees itself, staff see all, others look as if they were not there."""

import pytest

from innozone.foundation.verdicts import rules
from tests import zone

pytestmark = pytest.mark.django_db


def test_an_enterprise_sees_only_itself(firm, parties):
    found = firm.get("/enterprises").data
    assert (found["total"], found["items"][0]["id"]) == (1, parties[0].pk)
    for path in ("", "/facts", "/verdicts"):
        other = firm.get(f"/enterprises/{parties[1].pk}{path}")
        nowhere = firm.get(f"/enterprises/999999{path}")
        assert (other.status_code, nowhere.status_code) == (404, 404)
        assert other.data == nowhere.data


def test_staff_find_enterprises_by_words_of_name_and_code(supervisor, parties):
    assert supervisor.get("/enterprises").data["total"] == 4
    assert supervisor.get("/enterprises", q="科技").data["items"][0]["id"] == parties[0].pk
    assert supervisor.get("/enterprises", q="91610131 XX02").data["items"][0]["id"] == parties[1].pk
    page = supervisor.get("/enterprises", limit=2, offset=3).data
    assert (len(page["items"]), page["total"]) == (1, 4)


def test_facts_come_with_value_and_words(firm, parties):
    facts = firm.get(f"/enterprises/{parties[0].pk}/facts").data
    revenue = next(fact for fact in facts if fact["variable"] == "revenue")
    assert (revenue["year"], revenue["value"]) == (zone.YEAR, 10000000.0)
    region = next(fact for fact in facts if fact["variable"] == "registration_region")
    assert (region["value"], region["display"]) == ("east", "East City")


def test_verdicts_say_why(firm, parties):
    found = firm.get(f"/enterprises/{parties[0].pk}/verdicts").data
    assert [(item["rule"], item["state"]) for item in found] == [
        ("rd_grant", "entitled"),
        ("rd_over", "entitled"),
        ("tech_sme", "entitled"),
        ("rd_safe", "ready"),
    ]
    grant = found[0]
    assert (grant["benefit"], grant["benefit_kind"], grant["policy"]) == (100000.0, "补贴", "rd")
    assert [leaf["state"] for leaf in grant["conditions"]] == ["met", "met", "met"]
    assert grant["conditions"][1]["quote"] == "营业收入100万元以上"
    assert grant["tree"]["kind"] == "all"
    assert [node["leaf"] for node in grant["tree"]["children"]] == [0, 1, 2]
    only = firm.get(f"/enterprises/{parties[0].pk}/verdicts", state="ready").data
    assert [item["rule"] for item in only] == ["rd_safe"]


def test_a_near_miss_says_what_is_lacking(supervisor, parties):
    found = supervisor.get(f"/enterprises/{parties[1].pk}/verdicts", state="near").data
    leaf = next(leaf for leaf in found[0]["conditions"] if leaf["near"])
    assert leaf["lacks"] == "1% short"


def test_the_way_to_an_item_comes_in_words_and_as_data(supervisor, parties):
    year = zone.YEAR + 1
    rules.publish("bonus", "support", "奖励", "Bonus", {"conditions": {"all": ['holds("tech_sme")']}})
    path = f"/enterprises/{parties[1].pk}/verdicts"
    assert all(item["ways"] is None for item in supervisor.get(path).data)
    (grant,) = supervisor.get(path, rule="rd_grant", ways="true").data
    first = grant["ways"]["found"][0]
    assert (first["day"], first["until"], first["findings"]) == (f"{year + 1}-01-01", None, [])
    assert first["line"].startswith(f"{year}'s R&D expense at least ¥500,000 ({zone.YEAR}: ¥400,000)")
    (step,) = first["steps"]
    assert (step["variable"], step["year"], step["present"], step["target"]) == ("rd_expense", year, 4e5, 5e5)
    assert step["effort"] == first["effort"] > 0
    assert first["assumed"] == [{"variable": "revenue", "year": year}]
    (entitled,) = supervisor.get(path, rule="rd_over", ways="true").data
    assert entitled["ways"] is None
    (bonus,) = supervisor.get(f"/enterprises/{parties[0].pk}/verdicts", rule="bonus", ways="true").data
    (step,) = bonus["ways"]["found"][0]["steps"]
    assert (step["through"], step["present"], step["target"]) == (["tech_sme"], [], ["tech_sme"])
    assert "through “Technology SME”" in step["text"]
    assert bonus["ways"]["proved"]


def test_a_wrong_parameter_is_named(supervisor):
    refused = supervisor.get("/enterprises", limit=0)
    assert refused.status_code == 422
    assert refused.data["place"] == "query.limit"
    assert supervisor.get("/enterprises", q="a\x00b").status_code == 422
    assert supervisor.get("/enterprises/99999999999999999999").status_code == 422


def test_the_way_to_so_many_points(supervisor, firm, parties):
    path = f"/enterprises/{parties[1].pk}/points/tech_sme/research"
    found = supervisor.get(path, points=20).data
    assert (found["now"], found["points"], found["score"]) == (10, 20, "research")
    step = found["found"][0]["steps"][0]
    assert (step["variable"], step["year"], step["target"]) == ("rd_expense", zone.YEAR + 1, 500000)
    assert supervisor.get(path, points=21).data["found"] == []
    assert supervisor.get(path).status_code == 422
    assert supervisor.get(f"/enterprises/{parties[1].pk}/points/tech_sme/none", points=1).status_code == 404
    assert firm.get(path, points=20).status_code == 404


def test_which_leaves_decide(supervisor, parties):
    found = supervisor.get(f"/enterprises/{parties[2].pk}/verdicts", rule="rd_grant", ways="true").data[0]["leaves"]
    assert found["turn"] == {"count": 1, "sets": [{"change": [0, 1, 2], "find_out": []}]}
    assert [each["change"] for each in found["kept_false_by"]["sets"]] == [[0], [1], [2]]
    assert supervisor.get(f"/enterprises/{parties[2].pk}/verdicts", rule="rd_grant").data[0]["leaves"] is None
