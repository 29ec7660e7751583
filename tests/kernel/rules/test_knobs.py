"""The adjustable figures of a rule: which are found, what they are called, what they take, and that turning keeps the rest."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from innozone.kernel.rules import Condition, Expr, load_condition, parse, to_text
from innozone.kernel.rules.bulk.finder import knobs
from innozone.kernel.rules.bulk.knobs import Knob, KnobError, allowed, problems, slider, turned
from tests.kernel.rules import sample

CONDITION = load_condition(
    {
        "all": [
            'region within "xixian"',
            "not revenue[-1] < 2000万",
            "3% <= rd_ratio[-1] < 10%",
            {"any": ["age(established_on) < 5", "at_least(2 of staff_total[-1] >= 20, legal_person, score > 60)"]},
            {"at_least": {"n": 1, "of": ["legal_person", 'count(ip where age(granted_on) < 5 and value > 10万) >= 2']}},
            {"not": "-500万 > net_profit[-1]"},
            {"manual": "由专家判断"},
        ]
    }
)  # fmt: skip
BENEFIT = parse("min(tier(rd_ratio[-1], >= 5%: 10%, else: 8%) * rd_expense[-1] + 1万元/人 * staff_total[-1], 50万)")


def found(condition: Condition = CONDITION, benefit: Expr | None = BENEFIT) -> dict[str, Knob]:
    return {knob.id: knob for knob in knobs(condition, benefit, sample.DICTIONARY)}


def test_every_figure_is_found_with_its_place_kind_and_value():
    assert {id: (knob.kind, str(knob.value), knob.unit) for id, knob in found().items()} == {
        "all[1].test:0.1": ("threshold", "20000000", "元"),
        "all[2].test:0.0": ("threshold", "0.03", ""),
        "all[2].test:1.1": ("threshold", "0.1", ""),
        "all[3].any[0].test:1": ("threshold", "5", "年"),
        "all[3].any[1].test:n": ("count", "2", "项"),
        "all[3].any[1].test:0.1": ("threshold", "20", "人"),
        "all[3].any[1].test:2.1": ("threshold", "60", "分"),
        "all[4].at_least.n": ("count", "1", "项"),
        "all[4].at_least.of[1].test:0.w.0.1": ("threshold", "5", "年"),
        "all[4].at_least.of[1].test:0.w.1.1": ("threshold", "100000", "元"),
        "all[4].at_least.of[1].test:1": ("threshold", "2", "plain"),
        "all[5].not.test:0": ("threshold", "-5000000", "元"),
        "benefit:0.0.0.1.0": ("limit", "0.05", ""),
        "benefit:0.0.0.1.1": ("rate", "0.1", ""),
        "benefit:0.0.0.2": ("rate", "0.08", ""),
        "benefit:0.1.0": ("price", "10000", "元"),
        "benefit:1": ("cap", "500000", "元"),
    }


def test_labels_say_what_the_rule_asks_also_below_not():
    labels = {id: (knob.label.zh, knob.label.en) for id, knob in found().items()}
    assert labels["all[1].test:0.1"] == ("上年度营业收入不低于", "last year's revenue at least")
    assert labels["all[2].test:1.1"] == ("上年度研发费用占比低于", "last year's R&D ratio below")
    assert labels["all[3].any[0].test:1"] == ("自成立日期起不满", "less than … since date of establishment")
    assert labels["all[4].at_least.n"] == ("下列2项中至少满足", "at least how many of these 2")
    assert labels["all[5].not.test:0"] == ("上年度净利润不低于", "last year's net profit at least")
    assert labels["benefit:0.0.0.1.0"][0] == "第1档：上年度研发费用占比不低于"
    assert labels["benefit:0.1.0"][0] == "每单位上年度职工总数的金额"
    assert labels["benefit:1"] == ("上限", "upper limit")


def test_a_figure_knows_its_leaf_its_quantity_and_its_bounds():
    known = found()
    assert known["all[1].test:0.1"].leaf == 1
    assert str(known["all[1].test:0.1"].quantity) == "revenue[-1]"
    staff = known["all[3].any[1].test:0.1"]
    assert (staff.whole, staff.least, staff.most) == (True, Decimal(0), None)
    assert known["all[4].at_least.of[1].test:0.w.0.1"].quantity is None  # the date of a patent, not of the firm
    assert (known["all[4].at_least.n"].least, known["all[4].at_least.n"].most) == (1, 2)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("10% * rd_expense[-1]", ["rate"]),
        ("min(10% * rd_expense[-1], 50万)", ["rate", "cap"]),
        ("max(10% * rd_expense[-1], 1万)", ["rate", "floor"]),
        ("max(revenue[-1] - revenue[-2], 0)", []),
        ('if(holds("tech_sme"), 5万, 0)', ["amount"]),
        ("5万", ["amount"]),
        ("marginal(revenue[-1], <= 100万: 10%, <= 500万: 5%, else: 2%)", ["limit", "rate", "limit", "rate", "rate"]),
        ("round(0.5% * revenue[-1], 2)", ["rate"]),
        ("2 * (revenue[-1] - 100万)", ["rate", "amount"]),
        ("rd_expense[-1]", []),
    ],
)
def test_kinds_of_figures_of_a_benefit(text, kinds):
    assert [knob.kind for knob in knobs(load_condition("true"), parse(text), sample.DICTIONARY)] == kinds


def test_turning_a_figure_changes_it_alone_and_the_check_accepts_or_refuses_the_new_tree():
    condition, benefit = turned(
        CONDITION, BENEFIT, {"all[1].test:0.1": Decimal(3000_0000), "all[4].at_least.n": Decimal(2), "benefit:1": Decimal(80_0000)}
    )  # fmt: skip
    assert to_text(condition.of[1].expr) == "not revenue[-1] < 3000万"
    assert condition.of[4].n == 2
    assert condition.of[3] is CONDITION.of[3]
    assert str(benefit).endswith(", 80万)")
    assert not [problem for problem in problems(condition, benefit, sample.DICTIONARY) if problem.severity == "error"]
    wrong, _ = turned(CONDITION, None, {"all[2].test:0.0": Decimal("0.2")})
    assert "can never hold" in str(problems(wrong, None, sample.DICTIONARY)[0])


def test_limits_that_no_longer_rise_or_are_never_reached_are_refused_with_their_place():
    for text, values, said in (
        ("marginal(revenue[-1], <= 100万: 10%, <= 500万: 5%, else: 2%)", {"benefit:1.0": Decimal(600_0000)}, "rise"),
        ("tier(score, >= 80: 20万, >= 60: 10万, else: 0)", {"benefit:1.0": Decimal(50)}, "never reached"),
    ):
        _, benefit = turned(load_condition("true"), parse(text), values)
        found = problems(load_condition("legal_person"), benefit, sample.DICTIONARY)
        assert [problem.path for problem in found] == ["benefit"]
        assert said in found[0].message


def test_a_count_within_a_test_is_turned_like_one_of_the_tree():
    condition, _ = turned(CONDITION, None, {"all[3].any[1].test:n": Decimal(3), "all[5].not.test:0": Decimal(0)})
    assert str(condition.of[3].of[1].expr).startswith("at_least(3 of")
    assert str(condition.of[5].of.expr) == "0 > net_profit[-1]"


@pytest.mark.parametrize(
    ("id", "value", "code"),
    [
        ("all[1].test:0.1", "NaN", "not_a_number"),
        ("all[1].test:0.1", "-Infinity", "not_a_number"),
        ("all[1].test:0.1", "1e400", "too_large"),
        ("all[1].test:0.1", "0.00000000001", "too_fine"),
        ("all[3].any[0].test:1", "2.5", "whole"),
        ("all[4].at_least.n", "3", "most"),
        ("all[4].at_least.n", "0", "least"),
        ("benefit:1", "-1", "least"),
    ],
)
def test_what_a_figure_cannot_take_is_refused_with_its_place(id, value, code):
    with pytest.raises(KnobError) as refused:
        allowed(found()[id], Decimal(value))
    assert (refused.value.id, refused.value.code) == (id, code)


def test_a_slider_reaches_around_the_value_and_no_further_than_the_population():
    revenue = found()["all[1].test:0.1"]
    free = slider(revenue)
    assert (free.low, free.high, free.step) == (5000000, 60000000, 1000000)
    held = slider(revenue, np.array([np.nan, 1e6, 3e7, 3.5e7]))
    assert 20000000 < held.high < 40000000
    age = slider(found()["all[3].any[0].test:1"], np.array([0.0, 3.0, 40.0]))
    assert (age.step, age.low, age.high) == (1, 2, 15)
    assert slider(found()["all[4].at_least.n"]).high == 2


@given(st.data())
def test_a_slider_holds_the_value_on_one_of_its_steps(data):
    known = list(found().values())
    knob = data.draw(st.sampled_from(known))
    values = data.draw(st.none() | st.lists(st.floats(-1e9, 1e9) | st.just(np.nan), max_size=5).map(np.array))
    made = slider(knob, values)
    assert made.step > 0
    assert made.low <= knob.value <= made.high
    assert (knob.value - made.low) % made.step == 0
    assert (knob.least is None or made.low >= knob.least) or knob.kind == "limit"


@given(sample.conditions(peeking=True), sample.MONEY, st.data())
def test_turned_trees_read_back_and_have_the_same_figures(condition, benefit, data):
    before = knobs(condition, benefit, sample.DICTIONARY)
    assert turned(condition, benefit, {knob.id: knob.value for knob in before}) == (condition, benefit)
    values = {
        knob.id: data.draw(st.decimals(knob.least or 0, knob.most or 10**6, places=0 if knob.whole else 3))
        for knob in before
        if data.draw(st.booleans())
    }
    made, amount = turned(condition, benefit, values)
    assert amount is not None
    if not any("rise" in problem.message for problem in problems(made, amount, sample.DICTIONARY)):
        assert parse(to_text(amount)) == amount
        assert load_condition(made.to_data()) == made
    after = {knob.id: knob.value for knob in knobs(made, amount, sample.DICTIONARY)}
    for knob in before:
        # Nought in a branch says that there is nothing: it is no figure any more.
        assert after.get(knob.id, Decimal(0)) == values.get(knob.id, knob.value)
