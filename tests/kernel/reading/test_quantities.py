"""Figures as policies print them: width, numerals, units, bounds, ranges, lists."""

from decimal import Decimal

import pytest

from innozone.kernel.reading.fold import fold
from innozone.kernel.reading.numerals import chinese_number
from innozone.kernel.reading.quantities import scan, series


def one(text: str, **options: bool):
    found = scan(fold(text).text, **options)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "op", "value", "unit"),
    [
        ("年销售收入不低于2,000万元", ">=", 2000, "万元"),
        ("年销售收入２０００万元以上", ">=", 2000, "万元"),
        ("资产总额超过1.5亿元", ">", Decimal("1.5"), "亿元"),
        ("职工不足一百人", "<", 100, "人"),
        ("从业人员300人以下", "<=", 300, "人"),
        ("占比达到百分之三", ">=", 3, "%"),
        ("占比高于百分之一点五", ">", Decimal("1.5"), "%"),
        ("税额低于50万元（含50万元）", "<=", 50, "万元"),
        ("增幅超过10%以上", ">", 10, "%"),
        ("成立满三年", ">=", 3, "年"),
        ("面积控制在500平米以内", "<=", 500, "平方米"),
        ("年龄不超过45周岁", "<=", 45, "岁"),
        ("每年带团30批次（含）以上", ">=", 30, "批次"),
    ],
)
def test_a_bound_keeps_its_end_point(text: str, op: str, value: object, unit: str) -> None:
    found = one(text)
    assert (found.op, found.value, found.unit) == (op, value, unit)


def test_below_leaves_out_its_bound_where_the_document_says_so() -> None:
    assert one("营业收入100万元以下", exclusive_below=True).op == "<"


@pytest.mark.parametrize(
    ("text", "low", "high", "bounds"),
    [
        ("投资500万元至2亿元", 500, 20000, "[]"),
        ("投资50万元以上至100万元以下", 50, 100, "[)"),
        ("成立超过1年未满5年", 1, 5, "()"),
        ("面积100—500亩（含500亩）", 100, 500, "[]"),
        ("补助10%-30%", 10, 30, "[]"),
    ],
)
def test_ranges_become_one_quantity(text: str, low: int, high: int, bounds: str) -> None:
    found = one(text)
    assert (found.op, found.value, found.upper, found.bounds) == ("between", low, high, bounds)


def test_money_knows_its_yuan_whatever_the_unit() -> None:
    assert [q.yuan for q in scan("5000元、8万元和1.2亿元")] == [5000, 80000, 120000000]


def test_a_list_shares_the_unit_that_closes_it() -> None:
    groups = series(text := "提高3、2、1个百分点", scan(text))
    assert [(int(q.value), q.unit) for q in groups[0]] == [(3, "个百分点"), (2, "个百分点"), (1, "个百分点")]


@pytest.mark.parametrize(
    "text", ["2023年度", "第一条", "一次性", "同一企业", "统一申报", "分别给予", "国发〔2015〕12号"]
)
def test_words_that_only_look_like_figures_are_left_alone(text: str) -> None:
    assert scan(fold(text).text) == []


def test_days_carry_the_side_they_bound() -> None:
    assert (one("申请日在2020年3月1日及之前").op, one("2020年3月1日后授权").op) == ("<=", ">")
    between = one("2020年1月1日至6月30日期间")
    assert (between.op, between.day) == ("between", "2020-01-01/2020-06-30")


@pytest.mark.parametrize(
    ("text", "value"), [("二十五", 25), ("一千二百", 1200), ("百", 100), ("两", 2), ("二〇", 20), ("企业", None)]
)
def test_chinese_numerals(text: str, value: int | None) -> None:
    assert chinese_number(text) == value


def test_blanks_inside_a_figure_do_not_break_it() -> None:
    body = "不低于 2 000 万元"
    folded = fold(body)
    found = scan(folded.text)[0]
    start, end = folded.span(*found.outer)
    assert body[start:end] == "不低于 2 000 万元"
    assert found.yuan == 20_000_000
