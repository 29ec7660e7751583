"""Condition trees: data in, data out, and every quote found in the document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from innozone.kernel.rules import ConditionError, Manual, Test, load_condition, locate
from innozone.kernel.terms import Label
from tests.kernel.rules.sample import conditions

DOCUMENT = """西咸新区支持科技创新若干措施
第一条 本措施适用于在西咸新区注册的企业。
第二条 上年度研发费用占营业收入的比例
不低于5%的企业，给予奖励。
第三条 在西咸新区注册的孵化器另行规定。
"""

DATA: dict[str, Any] = {
    "all": [
        {"test": 'region within "xixian"', "quote": "在西咸新区注册", "source": "第一条"},
        {
            "any": ['holds("high_tech_enterprise")', {"test": 'holds("tech_sme")', "id": "sme"}],
            "label": {"zh": "科技企业", "en": "A technology firm"},
        },
        {"test": "rd_ratio[-1] >= 5%", "quote": "研发费用占营业收入的比例不低于5%"},
        {"not": {"test": "abnormal_list"}},
        {"at_least": {"n": 1, "of": ["legal_person", "score >= 60"]}},
        {"manual": "未发生重大安全、质量事故"},
    ]
}


def test_the_tree_is_read_and_written_back() -> None:
    condition = load_condition(DATA, document=DOCUMENT)
    written = condition.to_data()
    assert load_condition(written, document=DOCUMENT) == condition
    assert written["all"][0] == DATA["all"][0]
    assert written["all"][1]["any"][0] == {"test": 'holds("high_tech_enterprise")'}
    assert [type(leaf) for leaf in condition.leaves()] == [Test] * 7 + [Manual]
    assert condition.leaves()[2].anchor.id == "sme"
    assert condition.items[1].anchor.label == Label("科技企业", "A technology firm")


def test_paths_lead_to_every_node() -> None:
    paths = [path for path, _ in load_condition(DATA).walk()]
    assert paths[:4] == ["", "all[0]", "all[1]", "all[1].any[0]"]
    assert "all[3].not" in paths
    assert "all[4].at_least.of[1]" in paths


def test_a_quote_gets_its_span_across_line_breaks() -> None:
    leaf = load_condition(DATA, document=DOCUMENT).leaves()[3]
    start, end = leaf.anchor.span
    assert DOCUMENT[start:end] == "研发费用占营业收入的比例\n不低于5%"


def test_the_source_tells_equal_quotes_apart() -> None:
    first = locate("在西咸新区注册", DOCUMENT, "第一条")
    third = locate("在西咸新区注册", DOCUMENT, "第三条")
    assert first is not None
    assert third is not None
    assert DOCUMENT.index("第三条") < third[0]
    assert first[0] < DOCUMENT.index("第二条")
    assert locate("在西咸新区注册", DOCUMENT, "没有这一条") == first
    assert locate("不在其中", DOCUMENT) is None


def test_a_quote_that_is_not_in_the_document_is_refused_with_the_nearest_words() -> None:
    with pytest.raises(ConditionError) as caught:
        load_condition(
            {"all": [{"test": "rd_ratio[-1] >= 3%", "quote": "占营业收入的比例不低于3%"}]}, document=DOCUMENT
        )
    assert caught.value.path == "all[0]"
    assert "不低于3%” is not in the document" in str(caught.value)
    assert "占营业收入的比例" in str(caught.value).split("nearest")[1]


def test_without_a_document_quotes_are_kept_and_not_located() -> None:
    leaf = load_condition(DATA).leaves()[0]
    assert leaf.anchor.quote == "在西咸新区注册"
    assert leaf.anchor.span is None


@pytest.mark.parametrize(
    ("data", "path", "says"),
    [
        (None, "", "here is nothing"),
        (5, "", "here is “5”"),
        ([], "", "put it under all: or any:"),
        ({}, "", "here is none"),
        ({"all": ["legal_person"], "any": ["legal_person"]}, "", "here is all and any"),
        ({"al": ["legal_person"]}, "", "did you mean all?"),
        ({"test": "legal_person", "qoute": "x"}, "", "did you mean quote?"),
        ({"all": []}, "all", "at least one condition"),
        ({"all": "legal_person"}, "all", "a list"),
        ({"all": ["legal_person", {"any": [7]}]}, "all[1].any[0]", "here is “7”"),
        ({"test": 5}, "test", "an expression"),
        ({"manual": "  "}, "manual", "say in words"),
        ({"at_least": ["a"]}, "at_least", "at_least: {n: 2"),
        ({"at_least": {"n": 3, "of": ["a", "b"]}}, "at_least.n", "from 1 to 2"),
        ({"at_least": {"n": True, "of": ["a", "b"]}}, "at_least.n", "from 1 to 2"),
        ({"all": [{"test": "score >= "}]}, "all[0].test", "ends too early"),
        ({"test": "legal_person", "label": 5}, "", "label is a text"),
        ({"test": "legal_person", "quote": ["a"]}, "", "quote is a text"),
        ({"all": [{"test": "a", "id": "x"}, {"test": "b", "id": "x"}]}, "", "two leaves have the id x"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: Any, path: str, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        load_condition(data)
    assert caught.value.path == path
    assert says in str(caught.value)


def test_the_position_inside_an_expression_is_told() -> None:
    with pytest.raises(ConditionError) as caught:
        load_condition({"all": ["score = 60"]})
    assert (caught.value.path, caught.value.position) == ("all[0]", 6)


def test_endless_trees_are_refused() -> None:
    deep: Any = "legal_person"
    for _ in range(100):
        deep = {"not": deep}
    with pytest.raises(ConditionError, match="deeper than"):
        load_condition(deep)
    with pytest.raises(ConditionError, match="more than"):
        load_condition({"all": ["legal_person"] * 5000})


def test_yaml_truth_values_are_conditions() -> None:
    assert load_condition(True) == load_condition("true")
    assert load_condition({"test": False}) == load_condition({"test": "false"})


@settings(max_examples=150, deadline=None)
@given(conditions(peeking=True))
def test_any_condition_survives_the_round_trip(condition) -> None:
    assert load_condition(condition.to_data()) == condition
