"""Ways in words, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from innozone.kernel.rules import load_condition
from innozone.kernel.rules.solve.repair import repair
from innozone.kernel.rules.solve.repair_words import WaySaid, said
from tests.kernel.rules.sample import AS_OF
from tests.kernel.rules.solve.test_repair import GRANTS, TERMS, firm


def told(data: Any, language: str, **changes: Any) -> WaySaid:
    way = repair(load_condition(data), firm(**changes), grants=GRANTS).ways[0]
    return said(way, AS_OF, TERMS, language, {"giant": "小巨人认定", "special": "专精特新认定"})


SENTENCES = [
    (
        "revenue[-1] >= 1.2亿",
        {},
        "2026年度revenue不低于1.2亿元（2025年为1亿元）；自2027年1月1日起计",
        "2026's revenue at least ¥120 million (2025: ¥100 million); counts from 2027-01-01",
    ),
    (
        "net_profit[-1] > 0",
        {"net_profit": {2025: Decimal(-20_0000)}},
        "2026年度net_profit高于0元（2025年为-20万元）；自2027年1月1日起计",
        "2026's net_profit above ¥0 (2025: ¥-200,000); counts from 2027-01-01",
    ),
    ("score >= 60", {}, "score不低于60分（现为55.5分）", "score at least 60 points (now 55.5 points)"),
    ("not abnormal_list", {"abnormal_list": True}, "abnormal_list：否", "abnormal_list: no"),
    (
        'region == "fengdong"',
        {},
        "region为沣东新城（现为西安市）",
        "region is Fengdong (now Xi'an)",
    ),
    (
        'holds("little_giant")',
        {},
        "具备专精特新“小巨人”资质（见“小巨人认定”）",
        "holds Little giant (through “小巨人认定”)",
    ),
    ('not chains has "C"', {}, "chains不包括计算机、通信和其他电子设备制造业", "chains does not include Electronics"),
    ("net_profit[-1] > 0", {}, "须查明：2025年度net_profit高于0元", "to find out: 2025's net_profit above ¥0"),
    (
        "100万 <= net_profit[-1] < 500万",
        {},
        "须查明：2025年度net_profit不低于100万元、低于500万元",
        "to find out: 2025's net_profit at least ¥1,000,000 and below ¥5,000,000",
    ),
    (
        "known(net_profit[-1])",
        {},
        "须查明2025年度net_profit（数值不限）",
        "to find out 2025's net_profit (any value will do)",
    ),
    ("age(established_on) >= 3", {}, "无需改变，自2027年3月1日起即满足", "by itself from 2027-03-01"),
    (
        'count(ip where kind == "invention_patent") >= 2',
        {"ip": []},
        "新增知识产权（类型为发明专利）2条",
        "2 more of Rights (kind is Invention patent)",
    ),
]


@pytest.mark.parametrize(("data", "changes", "chinese", "english"), SENTENCES)
def test_a_way_is_said_in_the_words_of_the_rules(
    data: Any, changes: dict[str, Any], chinese: str, english: str
) -> None:
    assert told(data, "zh-hans", **changes).line == chinese
    assert told(data, "en", **changes).line == english


def test_what_it_takes_until_when_it_holds_and_what_is_assumed() -> None:
    rule = {"all": ["rd_ratio[-1] >= 5%", "age(established_on) < 3"]}
    way = told(rule, "zh-hans")
    assert way.steps == ("2026年度rd_expense不低于500万元（2025年为450万元）",)
    assert way.when == "自2027年1月1日起计"
    assert way.effort == "约105人日"
    assert way.notes == ("至2027年2月28日为止", "假定2026年的其他数据与上一年持平")
    english = told(rule, "en")
    assert english.effort == "about 105 person-days"
    assert english.notes == ("until 2027-02-28", "if all other figures of 2026 are as in the year before")
    assert told("net_profit[-1] > 0", "en").effort == ""


def test_a_way_of_today_names_no_day() -> None:
    way = repair(load_condition("score >= 60"), firm()).ways[0]
    assert said(way, date(2026, 6, 30), TERMS, "en").when == ""
