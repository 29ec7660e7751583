"""From a text to a draft policy: what the dictionary knows becomes a test, the rest stays in a person's hands."""

from typing import Any

import pytest

from innozone.kernel.reading import draft_policy
from innozone.kernel.rules import check, load_condition
from innozone.kernel.terms import Dictionary
from tests.kernel.reading.conftest import read

TEXT = """一、适用对象
适用于在云谷新区注册、具有独立法人资格的企业，且未被列入经营异常名录或严重违法失信名单。
二、支持措施
（一）研发补助。对上年度研发费用占营业收入比例达到5%以上的高新技术企业，按其上年度研发费用的10%给予补助，最高50万元。
（二）成长奖励。对首次认定的瞪羚企业给予20万元奖励；对“小巨人”企业给予50万元奖励。
（三）规模奖励。对上年度营业收入达到1000万元、5000万元、1亿元以上的企业，分别给予5万元、20万元、50万元奖励。
三、其他
近三年发生过重大安全事故的企业不予支持。
"""


@pytest.fixture(scope="module")
def draft(dictionary: Dictionary) -> dict[str, Any]:
    return draft_policy(read(TEXT), dictionary)


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    for key in ("all", "any"):
        if key in node:
            return [leaf for part in node[key] for leaf in leaves(part)]
    return [node]


def texts_of(item: dict[str, Any]) -> list[str]:
    return [leaf["test"] for leaf in leaves(item["conditions"]) if "test" in leaf]


def test_the_draft_loads_and_checks_and_every_quote_stands_in_its_text(
    draft: dict[str, Any], dictionary: Dictionary
) -> None:
    assert draft["text"] == TEXT
    for item in draft["items"]:
        condition = load_condition(item["conditions"], document=draft["text"])
        assert [p for p in check(condition, dictionary) if p.severity == "error"] == []
        assert len(item["summary"]["zh"]) <= 120


def test_ratios_places_and_designations_become_tests(draft: dict[str, Any]) -> None:
    first = texts_of(draft["items"][0])
    assert 'registration_region within "hx_new"' in first
    assert "legal_person" in first
    assert "rd_ratio[-1] >= 5%" in first
    assert 'holds("high_tech")' in first or any('"high_tech"' in text for text in first)


def test_a_sum_over_a_known_base_becomes_a_formula(draft: dict[str, Any]) -> None:
    assert draft["items"][0]["benefit"]["amount"] == "min(10% * rd_expense[-1], 50万)"


def test_ways_with_promises_of_their_own_become_items_of_their_own(draft: dict[str, Any]) -> None:
    second, third = draft["items"][1], draft["items"][2]
    assert 'first_designations_1y has "gazelle"' in texts_of(second)
    assert second["benefit"]["amount"] == "20万"
    assert 'holds("little_giant")' in texts_of(third)
    assert third["benefit"]["amount"] == "50万"


def test_rising_sums_become_brackets(draft: dict[str, Any]) -> None:
    item = draft["items"][3]
    assert "revenue[-1] >= 1000万" in texts_of(item)
    assert item["benefit"]["amount"] == "tier(revenue[-1], >= 1亿: 50万, >= 5000万: 20万, >= 1000万: 5万, else: 0)"


def test_what_holds_for_all_is_given_to_each_item(draft: dict[str, Any]) -> None:
    for item in draft["items"]:
        assert "legal_person" in texts_of(item)
        assert "not accident_record_3y" in texts_of(item)


def test_half_a_statement_is_not_made_a_test(draft: dict[str, Any]) -> None:
    # The dictionary has no list of serious violations: the words stay open instead of losing half of their meaning.
    assert not any("abnormal_list" in text for text in texts_of(draft["items"][0]))
    assert any("经营异常名录" in leaf.get("manual", "") for leaf in leaves(draft["items"][0]["conditions"]))


def test_unknown_variables_titles_and_places_stay_manual(dictionary: Dictionary) -> None:
    reading = read("一、支持措施\n对在外星市注册、资产总额超过1亿元的飞马企业称号获得者给予5万元奖励。\n")
    item = draft_policy(reading, dictionary)["items"][0]
    assert texts_of(item) == []
    assert all(leaf["manual"] == leaf["quote"] for leaf in leaves(item["conditions"]))


def test_alternatives_stay_alternatives(dictionary: Dictionary) -> None:
    reading = read(
        "一、申报对象\n应符合下列条件之一：\n（一）高新技术企业；\n（二）上年度营业收入达到500万元，且职工不少于10人。\n"
    )
    (node,) = draft_policy(reading, dictionary)["items"][0]["conditions"]["all"]
    assert [sorted(part) for part in node["any"]] == [["quote", "source", "test"], ["all"]]
    assert [leaf["test"] for leaf in node["any"][1]["all"]] == ["revenue[-1] >= 500万", "staff_total[-1] >= 10"]


def test_tiers_that_exclude_each_other_do_not_contradict(dictionary: Dictionary) -> None:
    reading = read(
        "一、认定条件\n企业应符合下列条件：\n（一）上年度研发费用占营业收入的比例符合下列要求：\n"
        "1. 上年度营业收入5000万元以下的，比例不低于6%；\n2. 上年度营业收入5000万元以上的，比例不低于4%。\n"
    )
    data = draft_policy(reading, dictionary)["items"][0]["conditions"]
    assert [p for p in check(load_condition(data), dictionary) if p.severity == "error"] == []
    assert "any" in data["all"][0]


def test_statements_that_cannot_both_hold_go_back_to_a_person(dictionary: Dictionary) -> None:
    reading = read(
        "一、申报条件\n（一）上年度营业收入不低于5000万元；\n（二）上年度营业收入不超过1000万元，职工不少于5人。\n"
    )
    data = draft_policy(reading, dictionary)["items"][0]["conditions"]
    assert [p for p in check(load_condition(data), dictionary) if p.severity == "error"] == []


def test_shares_over_years_are_sums_over_sums(dictionary: Dictionary) -> None:
    reading = read("一、申报条件\n（一）近三年研发费用总额占同期营业收入总额的比例不低于4%。\n")
    assert texts_of(draft_policy(reading, dictionary)["items"][0]) == [
        "sum(rd_expense[-3..-1]) / sum(revenue[-3..-1]) >= 4%"
    ]


def test_a_text_without_any_measure_gives_a_draft_without_items(dictionary: Dictionary) -> None:
    data = draft_policy(read("今日天气晴。", "天气"), dictionary)
    assert data["items"] == []
    assert data["title"]["zh"] == "天气"


def test_a_list_that_grants_something_itself_is_not_asked_of_the_other_measures(dictionary: Dictionary) -> None:
    text = (
        "第一条 首次认定的高新技术企业，给予20万元奖励。\n第二条 同时具备以下条件的企业可申请研发补助：\n"
        "（1）上年度营业收入2000万元以上；\n（2）职工总数20人以上。"
    )
    first, second = draft_policy(read(text), dictionary)["items"]
    assert "revenue" not in str(first["conditions"])
    assert "revenue" in str(second["conditions"])


def test_the_same_test_is_made_once_of_an_item(dictionary: Dictionary) -> None:
    text = (
        "第一条 本办法适用于具有独立法人资格的企业。\n"
        "第二条 具有独立法人资格且上年度营业收入500万元以上的企业，给予8万元奖励。"
    )
    (item,) = draft_policy(read(text), dictionary)["items"]
    assert str(item["conditions"]).count("legal_person") == 1
