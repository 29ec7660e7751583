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


def test_without_a_document_quotes_are_kept_and_not_located() -> None:
    leaf = load_condition(DATA).leaves()[0]
    assert leaf.anchor.quote == "在西咸新区注册"
    assert leaf.anchor.span is None


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
