"""Why a verdict is what it is: facts, what is missing, how far off, and the one leaf that would turn it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules import Gap, Input, Matcher, Subject, Truth, evaluate, explain, load_condition
from innozone.kernel.terms import UNKNOWN, Dictionary
from tests.kernel.rules.sample import AS_OF, DICTIONARY, conditions, facts, subject

RULE = load_condition(
    {
        "all": [
            'region within "xixian"',
            {"any": ['holds("high_tech_enterprise")', 'holds("tech_sme")']},
            "rd_ratio[-1] >= 5%",
            {"not": "abnormal_list"},
            {"manual": "未发生重大事故"},
        ]
    }
)

READY = {
    "region": "fengdong",
    "designations": frozenset({"tech_sme"}),
    "rd_expense": {2025: 6},
    "revenue": {2025: 100},
    "abnormal_list": False,
}


def test_every_leaf_shows_its_truth_and_the_facts_it_read() -> None:
    found = explain(RULE, subject(**READY))
    assert found.truth is Truth.UNKNOWN
    assert found.manual_only
    leaves = found.leaves()
    assert [leaf.leaf for leaf in leaves] == [0, 1, 2, 3, 4, 5]
    assert [leaf.truth.value for leaf in leaves] == ["true", "false", "true", "true", "false", "unknown"]
    assert [leaf.path for leaf in leaves][:2] == ["all[0].test", "all[1].any[0].test"]
    assert leaves[3].inputs == (Input("rd_expense", 2025, 6), Input("revenue", 2025, 100))
    assert leaves[5].manual
    assert leaves[5].reasons[0].kind == "manual"
    # The unused branch of the any and the negated leaf stand in nobody's way.
    assert found.failing() == []
    assert found.open() == []
    assert found.missing() == []


def test_a_missing_fact_is_named_once_with_its_year() -> None:
    found = explain(RULE, subject(**{**READY, "revenue": {}}))
    assert found.truth is Truth.UNKNOWN
    assert not found.manual_only
    assert [leaf.leaf for leaf in found.open()] == [3]
    assert found.missing() == [Input("revenue", 2025, UNKNOWN)]


def test_a_fact_that_can_no_longer_change_the_verdict_is_not_asked_for() -> None:
    found = explain(RULE, subject(**{**READY, "revenue": {}, "region": "620000"}))
    assert found.truth is Truth.FALSE
    assert found.missing() == []
    assert [leaf.leaf for leaf in found.failing()] == [0]


def test_a_gap_tells_what_is_asked_what_there_is_and_the_difference() -> None:
    found = explain(RULE, subject(**{**READY, "rd_expense": {2025: 4}}))
    assert found.truth is Truth.FALSE
    (near,) = found.near_miss
    assert near.leaf == 3
    assert near.gap is not None
    assert (near.gap.op, near.gap.threshold, near.gap.actual) == (">=", 0.05, 0.04)
    assert round(near.gap.difference or 0, 12) == 0.01


def test_two_ways_out_of_one_gap() -> None:
    found = explain(RULE, subject(**{**READY, "designations": frozenset()}))
    assert [part.leaf for part in found.near_miss] == [1, 2]
    assert found.near_miss[0].gap == Gap(
        found.near_miss[0].expr.operand, "has", ("high_tech_enterprise",), frozenset(), None
    )


def test_a_leaf_under_not_must_turn_the_other_way() -> None:
    found = explain(RULE, subject(**{**READY, "abnormal_list": True}))
    (near,) = found.near_miss
    assert (near.leaf, near.gap.op, near.gap.threshold, near.gap.actual) == (4, "is", False, True)
    assert [leaf.leaf for leaf in found.failing()] == [4]


def test_two_failing_leaves_are_no_near_miss() -> None:
    found = explain(RULE, subject(**{**READY, "abnormal_list": True, "region": "620000"}))
    assert found.near_miss == []
    assert [leaf.leaf for leaf in found.failing()] == [0, 4]


def test_an_unknown_leaf_besides_the_failing_one_is_no_near_miss() -> None:
    found = explain(RULE, subject(**{**READY, "abnormal_list": True, "revenue": {}}))
    assert found.truth is Truth.FALSE
    assert found.near_miss == []


def test_the_parts_of_one_test_are_told_apart() -> None:
    rule = load_condition("legal_person and 60 <= score < 80")
    found = explain(rule, subject(legal_person=True, score=50))
    assert found.kind == "test"
    assert [(part.kind, part.text, part.truth.value) for part in found.walk()][1:] == [
        ("part", "legal_person", "true"),
        ("part", "60 <= score", "false"),
        ("part", "score < 80", "true"),
    ]
    assert [part.text for part in found.near_miss] == ["60 <= score"]


def test_dates_and_codes_have_gaps_too() -> None:
    rule = load_condition({"all": ['established_on >= date("2023-01-01")', {"not": 'region within "xixian"'}]})
    found = explain(rule, subject(established_on=date(2022, 12, 22), region="fengdong"))
    first, second = found.leaves()
    assert first.gap is not None
    assert first.gap.difference == 10.0
    assert second.gap is not None
    assert (second.gap.op, second.gap.threshold, second.gap.actual) == ("not within", ("xixian",), "fengdong")


def test_at_least_counts() -> None:
    rule = load_condition({"at_least": {"n": 2, "of": ["legal_person", "score >= 60", "staff_total[-1] >= 20"]}})
    near = explain(rule, subject(legal_person=True, score=50, staff_total={2025: 10}))
    assert [part.leaf for part in near.near_miss] == [1, 2]
    far = explain(rule, subject(legal_person=False, score=50, staff_total={2025: 10}))
    assert far.near_miss == []


@settings(max_examples=200, deadline=None)
@given(conditions(peeking=True), facts())
def test_the_explanation_has_the_verdict_of_the_evaluator(rule, values) -> None:
    firm = Subject(DICTIONARY, values, AS_OF)
    found = explain(rule, firm)
    assert found.truth is evaluate(rule, firm)
    assert len(found.leaves()) == len(rule.leaves())
    if found.truth is Truth.TRUE:
        assert found.failing() == found.open() == found.near_miss == []
    if found.truth is Truth.FALSE:
        assert found.missing() == []


def test_what_neither_the_firm_nor_time_can_turn_is_no_near_miss() -> None:
    industry = replace(DICTIONARY["industry"], mutable=False)
    founded = replace(DICTIONARY["established_on"], mutable=False)
    fixed = Dictionary({**DICTIONARY.variables, "industry": industry, "established_on": founded}, DICTIONARY.codelists)
    facts = {"industry": {None: "C39"}, "established_on": {None: date(2025, 1, 1)}, "legal_person": {None: True}}
    one = Subject(fixed, facts, AS_OF)
    shot = Snapshot.from_columns(
        {"industry": ["C39"], "established_on": [date(2025, 1, 1)], "legal_person": [True]},
        as_of=AS_OF,
        dictionary=fixed,
    )
    for test, near in (('industry within "I"', False), ("age(established_on) >= 3", True), ("false", False)):
        condition = load_condition({"all": [test, "legal_person"]})
        assert evaluate(condition, one) is Truth.FALSE
        assert bool(explain(condition, one).near_miss) is near, test
        assert Matcher(shot, fixed).match({"a": condition})["a"].counts["near"] == near, test
