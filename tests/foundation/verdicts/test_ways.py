"""An enterprise learns what it would have to do for an item, by when, and through which other item."""

from datetime import date

import pytest
from django.utils import timezone

from innozone.foundation.verdicts import live, rules, ways
from tests import zone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _zone(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()


def publish(code, test, **more):
    return rules.publish(code, "support", code, "", {"conditions": {"all": test}, **more})


def found(party, code):
    every = live.for_party(party)
    item = next(item for item in every if item.rule.code == code)
    return item, ways.granting(each.version for each in every)


def line(party, code, language="zh-hans"):
    item, grants = found(party, code)
    names = {"tech_sme": "科技型中小企业入库"}
    return [ways.told(way, item, language, names).line for way in ways.of(item, grants).ways]


def test_a_near_miss_learns_the_least_change_and_from_when_it_counts():
    second = zone.populate()[1]
    year = zone.YEAR + 1
    assert (
        line(second, "rd_grant")[0]
        == f"{year}年度研发费用不低于50万元（{zone.YEAR}年为40万元）；自{year + 1}年1月1日起计"
    )
    assert f"{year}'s R&D expense at least ¥500,000" in line(second, "rd_grant", "en")[0]


def test_a_missing_fact_is_to_be_found_out():
    fourth = zone.populate()[3]
    assert line(fourth, "rd_grant")[0] == f"须查明：{zone.YEAR}年度研发费用不低于25万元"


def test_who_needs_no_way_gets_none():
    first = zone.populate()[0]
    for code in ("rd_grant", "rd_safe"):
        item, grants = found(first, code)
        assert ways.of(item, grants) is None
        assert ways.of_scores(item, grants) == []


def test_a_title_is_reached_through_the_item_that_grants_it():
    first = zone.populate()[0]
    publish("bonus", ['holds("tech_sme")'])
    assert line(first, "bonus") == ["具备科技型中小企业资质（见“科技型中小企业入库”）"]
    # Nobody comes to an item through the item itself.
    publish("again", ['holds("gazelle")'], grants="gazelle")
    item, grants = found(first, "again")
    assert grants == {"tech_sme": ("tech_sme",), "gazelle": ("again",)}
    assert [change.grants for change in ways.of(item, grants).ways[0].changes] == [(("gazelle", ()),)]


def test_time_alone_brings_it_on_its_day():
    third = zone.populate()[2]
    publish("old", ["age(established_on) >= 3"])
    item, grants = found(third, "old")
    repairs = ways.of(item, grants)
    assert repairs.by_itself == date(zone.YEAR + 3, 5, 1)
    # It is one of the ways already.
    assert [way.changes for way in repairs.ways] == [()]
    assert ways.by_itself(repairs) is None


def test_points_that_the_rule_asks_for_have_a_way_of_their_own():
    second = zone.populate()[1]
    score = {"points": {"label": {"zh": "得分", "en": "Points"}, "expr": "rd_ratio[-1] * 1000"}}
    publish("scored", ["rd_ratio[-1] * 1000 >= 60", "revenue[-1] >= 2000万"], scores=score)
    item, grants = found(second, "scored")
    (way,) = ways.of_scores(item, grants)
    assert way.score == "points"
    assert [change.variable for change in way.repairs.ways[0].changes] == ["rd_expense"]
    assert {change.variable for change in ways.of(item, grants).ways[0].changes} == {"rd_expense", "revenue"}
    # A score that no condition asks for has none.
    publish("unasked", ["revenue[-1] >= 2000万"], scores=score)
    assert ways.of_scores(*found(second, "unasked")) == []


def test_ways_are_data_for_programs():
    second = zone.populate()[1]
    item, grants = found(second, "rd_grant")
    data = ways.as_data(ways.of(item, grants), item, "zh-hans", {})
    year = zone.YEAR + 1
    # Revenue and expense share what is needed: another division may be cheaper.
    assert (data["proved"], data["by_itself"]) == (False, None)
    first = data["found"][0]
    assert (first["day"], first["until"]) == (f"{year + 1}-01-01", None)
    (step,) = first["steps"]
    assert (step["variable"], step["year"], step["present"], step["target"]) == (
        "rd_expense",
        year,
        40_0000.0,
        50_0000.0,
    )
    assert first["effort"] == step["effort"] > 0
    assert first["assumed"] == [{"variable": "revenue", "year": year}]


def test_the_way_goes_from_the_day_that_is_asked_about():
    second = zone.populate()[1]
    as_of = timezone.localdate().replace(year=zone.YEAR + 2)
    zone.set_facts(second, {"revenue": {zone.YEAR + 1: 1000_0000}, "rd_expense": {zone.YEAR + 1: 40_0000}})
    version = rules.in_force(as_of).get(rule__code="rd_grant")
    (item,) = live.for_party(second, as_of, [version])
    assert ways.of(item, {}).ways[0].day == date(zone.YEAR + 3, 1, 1)
