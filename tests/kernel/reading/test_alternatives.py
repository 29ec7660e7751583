"""This or that inside one sentence, tiers of one line, 之一 said by the sentence above: how conditions join."""

import pytest

from innozone.kernel.reading import Reading
from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.terms import Dictionary
from tests.kernel.reading.conftest import read


def joined(reading: Reading) -> list[tuple[str, str, str | None]]:
    """(variable, kind of group, branch) of every condition."""
    return [(c.variable, c.group.kind, c.group.branch) for c in reading.conditions()]


def test_a_clause_that_begins_with_or_is_an_alternative_with_what_goes_on_with_it() -> None:
    reading = read(
        "一、申报条件\n企业应同时符合下列条件：\n（一）具有独立法人资格；\n"
        "（二）上年度营业收入在800万元以上，或上年度营业收入在800万元以下，但近2年获得股权投资1500万元以上。"
    )
    assert joined(reading) == [
        ("legal_person", "all", None),
        ("revenue", "any", None),
        ("revenue", "any", "2"),
        ("equity_received", "any", "2"),
    ]


def test_tiers_on_one_line_are_alternatives_and_share_the_measure_before_the_colon() -> None:
    reading = read(
        "一、申报条件\n企业应同时符合下列条件：\n（一）研发费用占营业收入比例：营业收入3000万元以下的不低于6%，"
        "3000万元（含）至1亿元的不低于5%，1亿元（含）以上的不低于4%；\n（二）具有独立法人资格。"
    )
    found = {(c.variable, c.value if isinstance(c.value, int) else None, c.group.branch) for c in reading.conditions()}
    assert {("rd_ratio", 6, "1"), ("rd_ratio", 5, "2"), ("rd_ratio", 4, "3"), ("legal_person", True, None)} <= found
    assert not any(item.manual for item in reading.items)


def test_one_of_a_list_that_is_itself_this_or_that_gives_more_ways_in() -> None:
    reading = read(
        "一、申报条件\n企业应符合下列条件之一：\n（一）近三年获得过省级科技奖励，并在获奖单位中排名前三；"
        "或获得国家级科技奖励；\n（二）上年度研发费用在900万元以上。"
    )
    assert joined(reading) == [("award", "any", "1.1"), ("award", "any", "1.2"), ("rd_expense", "any", None)]
    (open_point,) = reading.items[0].manual
    assert open_point.group.branch == "1.1", "what stays open belongs to its alternative"


def test_two_choices_of_one_item_do_not_melt_into_one(dictionary: Dictionary) -> None:
    text = (
        "一、申报条件\n企业应同时符合下列条件：\n（一）上年度营业收入500万元以上，或上年度研发费用80万元以上。\n"
        "（二）职工总数20人以上，或注册成立满5年。\n二、支持标准\n符合条件的企业，给予10万元奖励。"
    )
    reading = read(text)
    assert len({c.group.id for c in reading.conditions()}) == 2
    drafted = draft_policy(reading, dictionary)["items"][0]["conditions"]
    assert [len(part["any"]) for part in drafted["all"] if "any" in part] == [2, 2]


def test_the_sentence_above_says_of_which_list_one_is_enough() -> None:
    reading = read(
        "二、申请条件\n符合以下单位条件，且满足以下个人条件之一的，可申请公寓：\n（一）单位条件\n1．具有独立法人资格；\n"
        "2．信用记录良好。\n（二）个人条件\n1．具有大学本科及以上学历；\n2．具有中级及以上职称。"
    )
    assert {(c.variable, c.group.kind) for c in reading.conditions()} == {
        ("legal_person", "all"),
        ("credit_good", "all"),
        ("person_education", "any"),
        ("person_title", "any"),
    }


def test_kinds_of_firms_each_with_its_own_bound() -> None:
    reading = read(
        "一、申报条件\n企业应符合下列条件：\n（一）营业收入2000万元以上的工业企业、1000万元以上的服务业企业；\n（二）具有独立法人资格。"
    )
    found = {(c.variable, str(c.value), c.group.branch) for c in reading.conditions()}
    assert {
        ("revenue", "2000", "1"),
        ("industry", "工业", "1"),
        ("revenue", "1000", "2"),
        ("industry", "服务业", "2"),
        ("legal_person", "True", None),
    } == found


def test_bodies_listed_by_commas_are_each_meant_by_itself() -> None:
    reading = read("一、支持对象\n在本市注册的文化、旅游企业，旅行社，星级饭店等市场主体。")
    found = {(c.variable, c.group.kind, c.group.branch) for c in reading.conditions()}
    assert {("industry", "any", "1"), ("registration_region", "any", "1"), ("entity_type", "any", None)} <= found


@pytest.mark.parametrize(
    "sentence",
    [
        "本区紧缺急需的机构或个人，可一事一议。",
        "引进特别重大团队采取“一事一议”方式确定额度。",
        "市、区人民政府应当稳定增加农业科技投入，发展基金每年应安排百分之三十用于成果推广。",
        "金融机构应当逐步增加科技贷款规模，使贷款规模与产业发展相适应。",
        "市本级科普专项经费应占本年度财政预算支出的万分之二以上。",
    ],
)
def test_what_nobody_can_apply_for_asks_nothing(sentence: str) -> None:
    reading = read(f"第一条 {sentence}\n第二条 新认定的高新技术企业，给予10万元奖励。")
    assert {c.variable for c in reading.conditions()} == {"qualification", "first_time"}
