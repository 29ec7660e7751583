"""One subject, one rule: what the constructs mean, and that unknown facts never give a wrong verdict."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innozone.kernel.rules import Subject, Truth, evaluate, load_condition, parse, value
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.terms import UNKNOWN, Dictionary, Label, Variable
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, subject

FIRM = subject(
    revenue={2023: 80_000_000, 2024: 100_000_000, 2025: 120_000_000},
    rd_expense={2023: 4_000_000, 2024: 4_000_000, 2025: 6_000_000},
    staff_total={2025: 50},
    established_on=date(2023, 7, 1),
    legal_person=True,
    abnormal_list=False,
    region="fengdong",
    industry="65",
    designations=frozenset({"little_giant"}),
    name="沣东软件",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("revenue[-1] >= 1.2亿", True),
        ("revenue[-1] > 1.2亿", False),
        ("revenue[2024] == 1亿", True),
        ("5% <= rd_ratio[-1] < 6%", True),
        ("rd_ratio[-1] == 5%", True),
        ("growth(revenue[-1]) >= 20%", True),  # 120 / 100 - 1 is a hair below 0.2 in binary
        ("revenue_growth[-1] >= 20%", True),
        ("cagr(revenue[-3..-1]) > 22%", True),
        ("sum(rd_expense[-3..-1]) / sum(revenue[-3..-1]) < 5%", True),
        ("mean(revenue[-3..-1]) == 1亿", True),
        ("max(revenue[-3..-1]) - min(revenue[-3..-1]) == 4000万", True),
        ("each(rd_ratio[-3..-1] >= 4%)", True),
        ("each(rd_ratio[-3..-1] >= 5%)", False),
        ("some(rd_ratio[-3..-1] < 5%)", True),
        ("each(revenue[-2..-1] > revenue[-3..-2])", True),
        ("age(established_on) >= 3", False),  # born 2023-07-01, three years old tomorrow
        ("months_since(established_on) == 35", True),
        ("days_since(established_on) == 1095", True),
        ('established_on < date("2024-01-01") and established_on <= today', True),
        ('region within "xixian"', True),
        ('region within "610100"', False),
        ('region not within {"610100", "620000"}', True),
        ('region == "610000"', False),
        ('industry in {"65", "39"}', True),
        ('industry not in "C"', True),
        ('holds("specialised")', True),  # little giants are below
        ('holds("tech_sme")', False),
        ('holds_any("tech_sme", "little_giant")', True),
        ('designations has {"tech_sme", "specialised"}', True),
        ("legal_person and not abnormal_list", True),
        ("legal_person == true and abnormal_list != true", True),
        ('scale == "small"', True),
        ('name == "沣东软件"', True),
        ("known(revenue[-1]) and not known(net_profit[-1])", True),
        ("coalesce(net_profit[-1], revenue[-1], 0) == 1.2亿", True),
        ("if(staff_total[-1] < 20, 1, 2) == 2", True),
        ("tier(rd_ratio[-1], >= 6%: 50, >= 5%: 40, else: 0) == 40", True),
        ("round(12.345, 2) == 12.35 and round(2.5) == 3 and round(-2.5) == -3", True),
        ("-revenue[-1] < 0 and 2 * (3 + 4) - 10 / 4 == 11.5", True),
        ("true or net_profit[-1] > 0", True),
        ("false and net_profit[-1] > 0", False),
    ],
)
def test_each_construct_means_what_it_says(text: str, expected: bool) -> None:
    assert evaluate(condition(text), FIRM) is Truth.of(expected)


@pytest.mark.parametrize(
    "text",
    [
        "net_profit[-1] > 0",
        "not net_profit[-1] > 0",
        "net_profit[-1] > 0 and legal_person",
        "sum(revenue[-4..-1]) > 0",
        "min(revenue[-1], net_profit[-1]) > 0",
        "revenue[-1] / staff_total[-2] > 0",
        'region == "xixian" and net_profit[-1] > 0 or net_profit[-1] > 0',
        "if(net_profit[-1] > 0, 1, 2) == 1",
    ],
)
def test_what_rests_on_an_unknown_fact_is_unknown(text: str) -> None:
    assert evaluate(condition(text), FIRM) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("revenue[-1] / 0 > 1", "zero_division"),
        ("nonsense[-1] > 1", "no_variable"),
        ("revenue > 1", "no_year"),
        ("established_on[-1] == today", "no_year"),
        ('revenue[-1] == "a lot"', "mismatch"),
        ('legal_person within "xixian"', "mismatch"),
        ('region has "xixian"', "mismatch"),
        ("revenue[-1] and legal_person", "mismatch"),
        ("age(revenue[-1]) > 1", "mismatch"),
        ("tier(rd_ratio[-1], >= 50%: 1) == 1", "no_bracket"),
        ("growth(net_profit[-1]) > 1", "missing"),
        ("revenue[-1] * 1_0000_0000_0000 * 1_0000_0000_0000 / 0.000001 > net_profit[-1]", "missing"),
    ],
)
def test_an_error_is_unknown_with_a_reason_and_never_true_or_false(text: str, kind: str) -> None:
    for rule in (text, f"not ({text})"):
        evaluator = Evaluator(FIRM)
        assert evaluator.truth(condition(rule)) is Truth.UNKNOWN
        assert kind in {reason.kind for reason in evaluator.notes.reasons}


def test_growth_from_a_loss_has_no_value() -> None:
    loss = subject(net_profit={2024: -100, 2025: 100}, revenue={2023: 0, 2024: 5, 2025: 6})
    assert value("growth(net_profit[-1])", loss) is UNKNOWN
    assert value("cagr(revenue[-3..-1])", loss) is UNKNOWN


def test_two_equal_branches_need_no_condition() -> None:
    assert value("if(net_profit[-1] > 0, 5, 5)", FIRM) == 5.0
    assert value("if(net_profit[-1] > 0, 5, 6)", FIRM) is UNKNOWN


def test_a_stated_value_stands_before_the_computed_one() -> None:
    stated = subject(rd_ratio={2025: 0.07}, rd_expense={2025: 5}, revenue={2025: 100})
    assert value("rd_ratio[-1]", stated) == 0.07


def test_an_age_counts_full_years_to_the_day() -> None:
    def age(born: date, day: date) -> object:
        return value("age(established_on)", Subject(DICTIONARY, {"established_on": {None: born}}, day))

    assert age(date(2020, 2, 29), date(2021, 2, 28)) == 0
    assert age(date(2020, 2, 29), date(2021, 3, 1)) == 1
    assert age(date(2023, 6, 30), date(2026, 6, 30)) == 3
    assert age(date(2023, 7, 1), date(2026, 6, 30)) == 2
    assert age(date(1969, 12, 31), date(2026, 6, 30)) == 56


def test_a_formula_that_leads_back_to_itself_is_unknown() -> None:
    circle = Dictionary(
        {
            "a": Variable("a", Label("a", "a"), "number", formula="b + 1"),
            "b": Variable("b", Label("b", "b"), "number", formula="a + 1"),
        },
        {},
    )
    evaluator = Evaluator(Subject(circle, {}, AS_OF))
    assert evaluator.value(parse("a")) is UNKNOWN
    assert {reason.kind for reason in evaluator.notes.reasons} == {"cycle"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"staff_total": {2025: 30}, "revenue": {2025: 1}, "score": 70}, Truth.TRUE),
        ({"staff_total": {2025: 30}, "revenue": {2025: 1}}, Truth.TRUE),
        ({"staff_total": {2025: 30}, "score": 10}, Truth.UNKNOWN),
        ({"staff_total": {2025: 10}, "score": 10}, Truth.FALSE),
        ({"staff_total": {2025: 10}}, Truth.UNKNOWN),
    ],
)
def test_at_least_two_of_three(facts: dict[str, object], expected: Truth) -> None:
    rule = load_condition({"at_least": {"n": 2, "of": ["staff_total[-1] >= 20", "revenue[-1] > 0", "score >= 60"]}})
    assert evaluate(rule, subject(**facts)) is expected


def test_a_manual_leaf_is_never_true_by_itself() -> None:
    rule = load_condition({"all": ["legal_person", {"manual": "技术水平国内领先"}]})
    assert evaluate(rule, FIRM) is Truth.UNKNOWN
    assert evaluate(load_condition({"not": {"manual": "有争议"}}), FIRM) is Truth.UNKNOWN
    assert evaluate(load_condition({"any": ["legal_person", {"manual": "其他情形"}]}), FIRM) is Truth.TRUE


def test_a_verdict_cannot_be_used_as_a_plain_truth_value() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(evaluate(condition("legal_person"), FIRM))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=Decimal(10) ** 12))
def test_a_stored_number_equals_itself_to_the_last_digit(number: Decimal) -> None:
    facts = subject(registered_capital=number)
    assert evaluate(condition(f"registered_capital == {number:f}"), facts) is Truth.TRUE
    assert evaluate(condition(f"registered_capital > {number:f}"), facts) is Truth.FALSE
