"""What a measure promises: kind, sums, shares, caps, tiers."""

from typing import Any

import pytest

from innozone.kernel.reading import Benefit
from tests.kernel.reading.conftest import only


def promise(text: str) -> Benefit:
    benefits = only(f"一、支持措施\n{text}\n").benefits
    assert len(benefits) == 1, [b.quote for b in benefits]
    return benefits[0]


def facts(benefit: Benefit) -> dict[str, Any]:
    return {key: value for key, value in benefit.formula.items() if value is not None and key != "base"}


@pytest.mark.parametrize(
    ("text", "kind", "formula"),
    [
        ("对瞪羚企业给予一次性奖励20万元。", "奖励", {"type": "fixed", "amount": 20, "value_yuan": 200000}),
        ("对瞪羚企业给予最高50万元补助。", "补贴", {"type": "fixed", "cap": 50, "cap_yuan": 500000}),
        (
            "对企业研发项目，按研发投入的10%给予补助，最高不超过100万元。",
            "补贴",
            {"type": "rate", "rate": 0.1, "cap": 100, "cap_yuan": 1000000},
        ),
        (
            "对取得科技贷款的企业，按实际支付利息的50%给予贴息，每家每年不超过30万元。",
            "贴息",
            {"type": "rate", "rate": 0.5, "cap": 30, "cap_yuan": 300000},
        ),
        ("对承担国家科技专项的企业，按1:1给予配套资助。", "补贴", {"type": "rate", "rate": 1.0}),
        ("对入驻孵化器的企业，房租全免，期限2年。", "减免", {"type": "rate", "rate": 1.0}),
    ],
)
def test_single_promises(text: str, kind: str, formula: dict[str, Any]) -> None:
    benefit = promise(text)
    assert (benefit.kind, facts(benefit)) == (kind, formula)


def test_listed_sums_follow_the_listed_levels() -> None:
    benefit = promise("对新认定的国家级、省级、市级孵化器，分别给予100万元、50万元、20万元奖励。")
    tiers = [(tier["when"], tier["value_yuan"]) for tier in benefit.formula["tiers"]]
    assert tiers == [("国家级", 1_000_000), ("省级", 500_000), ("市级", 200_000)]


def test_rising_thresholds_leave_the_lowest_as_condition() -> None:
    item = only(
        "一、支持措施\n对年度研发投入达到100万元、500万元、1000万元以上的企业，分别给予5万元、30万元、80万元奖励。\n"
    )
    assert [(c.op, c.value) for c in item.conditions] == [(">=", 100)]
    assert [tier["value_yuan"] for tier in item.benefits[0].formula["tiers"]] == [50_000, 300_000, 800_000]


def test_brackets_are_tiers_of_one_promise() -> None:
    benefit = promise("按企业研发费用，200万元以内的部分按照10%的比例补助，200万元以上的部分按照5%比例补助。")
    assert [tier["rate"] for tier in benefit.formula["tiers"]] == [0.1, 0.05]


def test_labelled_sums_in_a_row_are_tiers() -> None:
    benefit = promise("对获评示范企业的，市级奖励2万元，省级奖励5万元，国家级奖励10万元。")
    assert [(tier["when"], tier["amount"]) for tier in benefit.formula["tiers"]] == [
        ("市级", 2),
        ("省级", 5),
        ("国家级", 10),
    ]


def test_each_guard_has_its_own_promise() -> None:
    item = only("一、支持措施\n对瞪羚企业给予20万元奖励；对独角兽企业给予300万元奖励。\n")
    assert [(b.branch, b.formula["value_yuan"]) for b in item.benefits] == [("1", 200_000), ("2", 3_000_000)]
    assert [(c.value, c.group.kind) for c in item.conditions] == [(["瞪羚企业"], "any"), (["独角兽企业"], "any")]


def test_what_a_sum_is_paid_for_and_how_long() -> None:
    benefit = promise("对获得发明专利授权的，每件给予资助5000元。")
    assert (benefit.per, benefit.unit) == ("件", "元")
    rent = promise("对租赁办公场地的企业，最高给予15元/平方米·月房租补助，年补助金额不超过20万元，补助期限不超过3年。")
    assert facts(rent) == {"type": "rate", "cap": 20, "cap_yuan": 200000}
    assert rent.duration is not None


def test_a_threshold_is_no_promise() -> None:
    item = only("一、支持措施\n对营业收入达到5000万元以上的企业给予30万元奖励。\n")
    assert [b.formula["value_yuan"] for b in item.benefits] == [300_000]
    assert [(c.variable, c.value) for c in item.conditions] == [("revenue", 5000)]


def test_recognition_without_a_sum_is_a_promise_too() -> None:
    item = only(
        "一、认定条件\n申报单位应符合下列条件：\n（一）具有独立法人资格；\n二、其他\n符合条件的单位经评审后纳入市级示范基地名单。\n"
    )
    assert [b.kind for b in item.benefits] == ["荣誉"]
    assert item.benefits[0].formula["amount"] is None


def test_every_figure_of_a_promise_stands_in_its_quote() -> None:
    item = only("一、支持措施\n对瞪羚企业，按其上年度研发投入的８％给予补助，单个企业最高３００万元。\n")
    assert "８％" in item.benefits[0].quote
    assert "３００万元" in item.benefits[0].quote
