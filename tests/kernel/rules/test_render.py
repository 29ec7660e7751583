"""Rules in words, in both languages, from the tree and the dictionary alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from innozone.kernel.rules import load_condition, parse, render
from tests.kernel.rules.sample import DICTIONARY, conditions

SENTENCES = [
    ("revenue[-1] >= 2000万", "上年度营业收入不低于2,000万元", "last year's revenue at least ¥20,000,000"),
    ("2000万 < revenue[-1]", "上年度营业收入高于2,000万元", "last year's revenue above ¥20,000,000"),
    ("not revenue[-1] >= 2亿", "上年度营业收入低于2亿元", "last year's revenue below ¥200 million"),
    ("3% <= rd_ratio[-1] < 5%", "上年度研发费用占比不低于3%、低于5%", "last year's R&D ratio at least 3% and below 5%"),
    ("rd_ratio[0] > 0.05", "本年度研发费用占比高于5%", "this year's R&D ratio above 5%"),
    ("staff_total[-2] == 20", "前年职工总数为20人", "the year before last's staff is 20 persons"),
    ("staff_total[-5] != 1", "五年前职工总数不为1人", "5 years ago: staff is not 1 person"),
    ("revenue[2024] > 1亿", "2024年度营业收入高于1亿元", "2024's revenue above ¥100 million"),
    ("score >= 60", "评价得分不低于60分", "score at least 60 points"),
    ("age(established_on) >= 3", "自成立日期起满3年", "at least 3 years since date of establishment"),
    ("months_since(established_on) < 42", "自成立日期起不满42月", "less than 42 months since date of establishment"),
    ("age(established_on) <= 5", "自成立日期起的整年数不超过5年", "full years since date of establishment at most 5 years"),
    (
        'established_on >= date("2023-01-01")',
        "成立日期不早于2023年1月1日",
        "date of establishment on or after 2023-01-01",
    ),
    ("established_on <= today", "成立日期不晚于当日", "date of establishment on or before today"),
    ("legal_person", "独立法人资格：是", "independent legal person: yes"),
    ("abnormal_list == false", "列入经营异常名录：否", "on the list of abnormal operation: no"),
    ("not abnormal_list", "列入经营异常名录：否", "on the list of abnormal operation: no"),
    ('region within "xixian"', "注册地属于西咸新区", "region of registration within Xixian New Area"),
    (
        'region not within {"xixian", "620000"}',
        "注册地不属于西咸新区或甘肃省",
        "region of registration not within Xixian New Area or Gansu",
    ),
    ('industry in {"39", "65"}', "所属行业为计算机、通信和其他电子设备制造业或软件和信息技术服务业", "industry is Electronics or Software"),
    ('holds("tech_sme")', "具备科技型中小企业资质", "holds Technology SME"),
    ('not holds("tech_sme")', "不具备科技型中小企业资质", "does not hold Technology SME"),
    (
        'holds_any("tech_sme", "high_tech_enterprise", "specialised")',
        "具备科技型中小企业、高新技术企业或专精特新中小企业资质",
        "holds Technology SME, High-tech enterprise or Specialised SME",
    ),
    ('scale == "small"', "企业规模为小型", "size is Small"),
    ("region == operating_region", "注册地为经营地", "region of registration is region of operation"),
    ("each(rd_ratio[-3..-1] >= 3%)", "近三年每年研发费用占比不低于3%", "in each of the last 3 years': R&D ratio at least 3%"),
    (
        "each(revenue[-2..-1] > mean(revenue[-5..-1]))",
        "近两年每年营业收入高于近五年营业收入平均值",
        "in each of the last 2 years': revenue above mean of the last 5 years' revenue",
    ),
    (
        "not some(net_profit[-2..-1] < 0)",
        "近两年每年净利润不低于0元",
        "in each of the last 2 years': net profit at least ¥0",
    ),
    ("sum(rd_expense[-2..0]) > 5亿", "近三年（含本年）研发费用合计高于5亿元", "sum of the last 3 years' (this one included) R&D expense above ¥500 million"),
    ("mean(revenue[2022..2024]) > 5亿", "2022年至2024年营业收入平均值高于5亿元", "mean of 2022 to 2024: revenue above ¥500 million"),
    ("growth(revenue[-1]) >= 20%", "上年度营业收入同比增长率不低于20%", "growth of last year's revenue over the year before at least 20%"),
    ("cagr(revenue[-3..-1]) >= 10%", "近三年营业收入年均复合增长率不低于10%", "compound yearly growth of the last 3 years' revenue at least 10%"),
    ("rd_expense[-1] / revenue[-1] >= 5%", "上年度研发费用÷上年度营业收入不低于5%", "last year's R&D expense ÷ last year's revenue at least 5%"),
    ("known(score) and not known(name)", "评价得分已知，且企业名称不明", "score is known, and name is unknown"),
    ("legal_person or abnormal_list and score > 5", "独立法人资格：是，或（列入经营异常名录：是，且评价得分高于5分）", "independent legal person: yes, or (on the list of abnormal operation: yes, and score above 5 points)"),
    ("not (legal_person or abnormal_list)", "独立法人资格：否，且列入经营异常名录：否", "independent legal person: no, and on the list of abnormal operation: no"),
    ("true", "恒成立", "always true"),
]  # fmt: skip

AMOUNTS = [
    ("50万", "50万元", "¥500,000"),
    ("min(10% * rd_expense[-1], 50万)", "10%×上年度研发费用，最高50万元", "10% × last year's R&D expense, at most ¥500,000"),
    ("max(20% * rd_expense[-1], 1万)", "20%×上年度研发费用，最低1万元", "20% × last year's R&D expense, at least ¥10,000"),
    ("min(1万 * staff_total[-1], 20万)", "1万元×上年度职工总数，最高20万元", "¥10,000 × last year's staff, at most ¥200,000"),
    (
        "10% * (rd_expense[-1] - rd_expense[-2])",
        "10%×（上年度研发费用−前年研发费用）",
        "10% × (last year's R&D expense − the year before last's R&D expense)",
    ),
    (
        "tier(revenue[-1], >= 1亿: 10万, >= 5000万: 5万, else: 0)",
        "按上年度营业收入分档：不低于1亿元的为10万元；不低于5,000万元的为5万元；其余为0元",
        "by last year's revenue: at least ¥100 million: ¥100,000; at least ¥50,000,000: ¥50,000; otherwise: ¥0",
    ),
    ('if(holds("tech_sme"), 20万, 10万)', "具备科技型中小企业资质的，为20万元；否则为10万元", "if holds Technology SME: ¥200,000; otherwise ¥100,000"),
    ("coalesce(net_profit[-1], 0)", "上年度净利润（不明时取0元）", "last year's net profit (if unknown, ¥0)"),
    ("round(registered_capital / 3, 2)", "注册资本÷3（保留2位小数）", "registered capital ÷ 3 (to 2 places)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "chinese", "english"), SENTENCES)
def test_an_expression_in_words(text: str, chinese: str, english: str) -> None:
    assert render(parse(text), DICTIONARY) == chinese
    assert render(parse(text), DICTIONARY, "en") == english


@pytest.mark.parametrize(("text", "chinese", "english"), AMOUNTS)
def test_an_amount_in_words(text: str, chinese: str, english: str) -> None:
    assert render(parse(text), DICTIONARY, unit="元") == chinese
    assert render(parse(text), DICTIONARY, "en", "元") == english


def test_a_tree_in_words() -> None:
    rule = load_condition(
        {
            "all": [
                'region within "xixian"',
                {"any": ['holds("tech_sme")', {"all": ["score >= 60", "legal_person"]}]},
                {"not": "abnormal_list"},
                {"at_least": {"n": 2, "of": ["score > 1", "score > 2", "score > 3"]}},
                {"test": "staff_total[-1] > 5", "label": {"zh": "有足够的职工", "en": "Enough staff"}},
                {"manual": "未发生重大事故"},
            ]
        }
    )
    assert render(rule, DICTIONARY) == (
        "同时满足：（1）注册地属于西咸新区；（2）（满足下列之一：①具备科技型中小企业资质；"
        "②（同时满足：a) 评价得分不低于60分；b) 独立法人资格：是））；（3）（列入经营异常名录：否）；"
        "（4）（下列三项中至少满足两项：①评价得分高于1分；②评价得分高于2分；③评价得分高于3分）；"
        "（5）有足够的职工；（6）未发生重大事故（人工核对）"
    )
    assert render(rule, DICTIONARY, "en").endswith(
        "(4) (at least 2 of these 3: ① score above 1 point; ② score above 2 points; ③ score above 3 points); "
        "(5) Enough staff; (6) 未发生重大事故 (checked by a person)"
    )


@settings(max_examples=150, deadline=None)
@given(conditions(peeking=True))
def test_every_rule_has_words_in_both_languages(rule) -> None:
    for language in ("zh-hans", "en"):
        said = render(rule, DICTIONARY, language)
        assert said
        assert "{" not in said
