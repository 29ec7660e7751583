"""A gallery of faulty rules and what the check says, and of sound rules it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Subject,
    Truth,
    check,
    check_dictionary,
    check_formula,
    evaluate,
    load_condition,
    parse,
)
from innozone.kernel.rules.bounded import Bounded
from innozone.kernel.rules.domains import NumberSet, in_at_least, inside, join, meet
from innozone.kernel.rules.parts import implies
from innozone.kernel.terms import Dictionary, Label, Variable
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, conditions, expressions, facts

BAD = [
    ("revenu[-1] >= 2000万", "there is no variable revenu; did you mean revenue?"),
    ("quantum[-1] >= 3", "there is no variable quantum"),
    ("revenue >= 2000万", "write revenue[-1]"),
    ("established_on[-1] <= today", "write established_on"),
    ("revenue[1] >= 2000万", "lies in the future"),
    ("revenue[-1] >= 5%", "revenue[-1] is money, 5% is a ratio"),
    ('score >= "60"', "score is points, \"60\" is a text"),
    ("legal_person >= 1", "they do not compare"),
    ("revenue[-1] + staff_total[-1] > 5", "adds money and persons"),
    ("age(established_on) > months_since(established_on)", "measure both with the same"),
    ("established_on - 365 > 3", "not calculated with"),
    ('established_on > "2020-01-01"', 'write date("2026-01-01")'),
    ("age(revenue[-1]) > 3", "age counts from a date"),
    ('region >= "610000"', "has no order"),
    ('region == "西咸新区"', "did you mean xixian?"),
    ('region within "fengdon"', "did you mean fengdong?"),
    ('industry in {"65", "66"}', "“66” is not in the code list industries"),
    ('holds("hightech_enterprise")', "did you mean high_tech_enterprise?"),
    ('legal_person within "xixian"', "within asks whether a code"),
    ('region has "xixian"', "has asks whether a set"),
    ('designations in {"tech_sme"}', 'designations has "…"'),
    ("designations == designations", "sets of codes do not compare"),
    ("region == industry", "different code lists"),
    ("revenue[-1]", "a condition must be true or false"),
    ("revenue[-1] and legal_person", "“and” joins conditions"),
    ("not score", "“not” turns a condition round"),
    ("-legal_person == 1", "only numbers have a sign"),
    ("min(revenue[-1], staff_total[-1]) > 3", "min needs one unit"),
    ("growth(legal_person) > 3%", "growth works on numbers"),
    ("growth(registered_capital) > 3%", "needs a variable with a value per year"),
    ('if(legal_person, 1, "a") == 1', "all branches give one kind"),
    ("if(legal_person, revenue[-1], staff_total[-1]) > 3", "all branches have one unit"),
    ("if(score, 1, 2) == 1", "if needs a condition first"),
    ("if(legal_person, designations, designations) has \"tech_sme\"", "is a set of codes and cannot be a result"),
    ("each(revenue[-2..-1])", "each asks a condition of every year"),
    ("tier(rd_ratio[-1], >= 3%: 1, >= 5%: 2, else: 0) > 1", "“>= 5%” is never reached"),
    ("tier(rd_ratio[-1], >= 5%: 2, >= 3%: 1) > 1", "fall in no bracket"),
    ("tier(score, < 60: 0, > 60: 1) == 1", "fall in no bracket"),
    ("3% <= rd_ratio[-1] < 2%", "can never hold"),
    ("staff_total[-1] > 3 and staff_total[-1] < 4", "can never hold"),
    ("staff_total[-1] < 0", "can never hold"),
    ('region within "xixian" and region within "620000"', "can never hold"),
    ('region == "fengdong" and region not within "xixian"', "can never hold"),
    ("legal_person and not legal_person", "can never hold"),
    ("legal_person == false and legal_person", "can never hold"),
    ('established_on > date("2025-01-01") and established_on < date("2025-01-02")', "can never hold"),
    ('holds("tech_sme") and not holds("tech_sme")', "can never hold"),
    ("revenue[-1] > 2亿 and (revenue[-1] < 1亿 or legal_person)", "the conditions around it rule it out"),
]  # fmt: skip

DUBIOUS = [
    ("rd_ratio[-1] >= 5", "5 means 500%; write 5%"),
    ("revenue[-1] >= 2000", "2000 means 2000 yuan; write 2000万"),
    ("rd_ratio[-1] < 5% or rd_ratio[-1] >= 3%", "holds for every known value"),
    ("legal_person or not legal_person", "holds for every known value"),
    ("staff_total[-1] >= 0", "holds for every known value"),
    ("revenue[-1] >= 3亿 and revenue[-1] >= 1亿", "“revenue[-1] >= 1亿” says nothing new"),
    ("revenue[-1] >= 3亿 or revenue[-1] >= 1亿", "other alternatives allow it already"),
    ("revenue[-1] > 2亿 and (revenue[-1] > 1亿 or legal_person)", "always holds here"),
    ("tier(score, >= 60: 1, < 60: 0, else: 2) == 1", "else is never reached"),
]

GOOD = [
    "revenue[-1] >= 2000万 and rd_ratio[-1] >= 5%",
    "rd_expense[-1] / revenue[-1] >= 5%",
    "revenue[-1] / staff_total[-1] >= 30万",
    "sum(rd_expense[-3..-1]) / sum(revenue[-3..-1]) >= 3%",
    "5% * revenue[-1] + 10万 <= rd_expense[-1]",
    "age(established_on) >= 3 and established_on <= today",
    'region within "xixian" or operating_region within "xixian"',
    "region == operating_region",
    'holds("tech_sme") and not holds("high_tech_enterprise")',
    'scale == "small"',
    "staff_total[-1] > 3 and staff_total[-1] < 5",
    "rd_ratio[-1] > 3% and rd_ratio[-2] < 3%",
    "revenue[2024] >= 2亿 and revenue[-1] >= 2亿",
    "known(score) and score > 70",
    "tier(score, >= 60: 1, else: 0) == 1",
    "revenue[-1] <= 5000万 and rd_ratio[-1] >= 5% or 5000万 < revenue[-1] <= 2亿 and rd_ratio[-1] >= 4%",
]


def messages(text: str, severity: str) -> list[str]:
    return [problem.message for problem in check(parse(text), DICTIONARY) if problem.severity == severity]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_faulty_rule_is_refused(text: str, says: str) -> None:
    found = messages(text, "error")
    assert any(says in message for message in found), found


@pytest.mark.parametrize(("text", "says"), DUBIOUS)
def test_a_dubious_rule_gets_a_warning_and_no_error(text: str, says: str) -> None:
    found = messages(text, "warning")
    assert any(says in message for message in found), found
    assert messages(text, "error") == []


@pytest.mark.parametrize("text", GOOD)
def test_a_sound_rule_is_left_alone(text: str) -> None:
    assert check(parse(text), DICTIONARY) == []


def test_a_problem_names_leaf_and_characters() -> None:
    rule = load_condition({"all": ["legal_person", {"any": ["score >= 60 and revenu[-1] > 5亿", "abnormal_list"]}]})
    (problem,) = check(rule, DICTIONARY)
    assert (problem.severity, problem.path) == ("error", "all[1].any[0].test")
    assert "score >= 60 and revenu[-1] > 5亿"[slice(*problem.position)] == "revenu[-1]"
    assert str(problem).startswith("error: all[1].any[0].test: there is no variable revenu")


def test_leaves_that_contradict_each_other_across_the_tree() -> None:
    rule = load_condition({"all": ["revenue[-1] >= 2亿", {"any": ["legal_person", {"not": "revenue[-1] >= 1亿"}]}]})
    (problem,) = check(rule, DICTIONARY)
    assert (problem.severity, problem.path) == ("error", "all[1].any[1].not.test")
    assert "can never hold here" in problem.message


def test_leaves_of_one_all_that_contradict_each_other() -> None:
    rule = load_condition({"all": ["score >= 80", "legal_person", "score < 60", {"manual": "核对"}]})
    assert [(p.severity, p.path) for p in check(rule, DICTIONARY)] == [("error", "all[2].test")]


def test_amounts_must_be_numbers_and_money_must_not_be_a_share() -> None:
    assert check(parse("min(10% * rd_expense[-1], 50万)"), DICTIONARY, "money") == []
    assert check(parse("50万"), DICTIONARY, "money") == []
    assert check(parse("rd_ratio[-1]"), DICTIONARY, "number") == []
    assert "amount of money" in check(parse("rd_ratio[-1]"), DICTIONARY, "money")[0].message
    assert "must be a number" in check(parse("legal_person"), DICTIONARY, "number")[0].message


def test_formulas_are_checked_against_their_variable() -> None:
    assert check_dictionary(DICTIONARY) == []

    def said(formula: str, like: str = "rd_ratio") -> str:
        variable = replace(DICTIONARY[like], code="derived", formula=formula)
        extended = Dictionary({**DICTIONARY.variables, "derived": variable}, DICTIONARY.codelists)
        return " ".join(problem.message for problem in check_formula(variable, extended))

    assert said("rd_expense / revenue") == ""
    assert "its formula gives money" in said("rd_expense - revenue")
    assert "its formula gives true or false" in said("rd_expense > revenue")
    assert "there is no variable revenu" in said("rd_expense / revenu")
    assert "ends too early" in said("rd_expense /")
    assert "leads back to itself: derived → derived" in said("derived + 1")
    assert "one value per year" in said("if(legal_person, revenue / 2, 5万)", "registered_capital")
    assert "“big” is not in the code list scales" in said('if(legal_person, "big", "small")', "scale")


def test_a_circle_through_several_formulas_is_named() -> None:
    variables = {
        name: Variable(name, Label(name, name), "number", formula=formula)
        for name, formula in {"a": "b + 1", "b": "c + 1", "c": "a + 1", "d": "a"}.items()
    }
    found = [problem.message for problem in check_dictionary(Dictionary(variables, {}))]
    assert any("a → b → c → a" in message for message in found)


@settings(max_examples=300, deadline=None)
@given(expressions(), facts(unknown=0.05))
def test_a_rule_said_to_be_impossible_never_holds(expr, values) -> None:
    """A whole rule that is called impossible is true for nobody; one said to hold always is false for nobody."""
    whole = f"“{expr}”"
    verdict = evaluate(condition(str(expr)), Subject(DICTIONARY, values, AS_OF))
    for problem in check(expr, DICTIONARY):
        if problem.message == f"{whole} can never hold":
            assert verdict is not Truth.TRUE
        if problem.message == f"{whole} holds for every known value":
            assert verdict is not Truth.FALSE


@settings(max_examples=200, deadline=None)
@given(conditions(manual=False), conditions(manual=False), st.lists(facts(unknown=0.05), min_size=3, max_size=3))
def test_what_is_said_to_follow_from_a_rule_never_fails_where_the_rule_holds(a, b, firms) -> None:
    reader = Bounded(DICTIONARY)
    joined = [(a, b), (AllOf((a, b)), b), (a, AnyOf((b, a))), (AllOf((b, AnyOf((a, b)))), AtLeast(1, (a, b)))]
    certain = [implies(reader.read(one), reader.read(other)) for one, other in joined]
    assert certain[2:] == [True, True]
    for values in firms:
        firm = Subject(DICTIONARY, values, AS_OF)
        for (one, other), follows in zip(joined, certain, strict=True):
            if follows and evaluate(one, firm) is Truth.TRUE:
                assert evaluate(other, firm) is not Truth.FALSE


_OPS = st.sampled_from((">=", ">", "<=", "<", "==", "!="))
_SETS = st.recursive(
    st.builds(NumberSet.where, _OPS, st.integers(-3, 3).map(float), st.booleans()),
    lambda deep: st.one_of(st.builds(meet, deep, deep), st.builds(join, deep, deep), deep.map(lambda each: ~each)),
    max_leaves=5,
)
_POINTS = [at / 2 for at in range(-9, 10)]


def _members(domain: NumberSet) -> set[float]:
    return {point for point in _POINTS if meet(domain, NumberSet.where("==", point))}


@given(_SETS, _SETS)
def test_sets_of_numbers_combine_like_sets(a: NumberSet, b: NumberSet) -> None:
    assert _members(meet(a, b)) == _members(a) & _members(b)
    assert _members(join(a, b)) == _members(a) | _members(b)
    assert _members(~a) == set(_POINTS) - _members(a)
    assert ~~a == a
    assert not meet(a, ~a)
    assert inside(a, b) == (not meet(a, ~b))
    if inside(a, b):
        assert _members(a) <= _members(b)


@given(st.integers(1, 4), st.lists(_SETS, min_size=1, max_size=5))
def test_what_lies_in_so_many_sets_is_counted(n: int, sets: list[NumberSet]) -> None:
    listed = [_members(each) for each in sets]
    found = in_at_least(n, sets)
    assert isinstance(found, NumberSet)
    assert _members(found) == {point for point in _POINTS if sum(point in each for each in listed) >= n}


@given(_OPS, st.floats(-4, 4), st.integers(-5, 5))
def test_bounds_on_whole_numbers_keep_the_same_whole_numbers(op: str, limit: float, number: int) -> None:
    plain = bool(meet(NumberSet.where(op, limit), NumberSet.where("==", float(number))))
    assert bool(meet(NumberSet.where(op, limit, whole=True), NumberSet.where("==", float(number)))) is plain
