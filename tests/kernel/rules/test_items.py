"""Items of one policy that contradict each other, and items that do not."""

from __future__ import annotations

from typing import Any

import pytest

from innozone.kernel.rules import load_condition, parse
from innozone.kernel.rules.items import Item, check_items
from innozone.kernel.rules.solve.stacking import Group, Stacking
from innozone.kernel.terms import Label
from tests.kernel.rules.sample import DICTIONARY

SCOPE = 'region within "xixian"'


def group(code: str, most: int | None = None) -> Stacking:
    return Stacking((Group(code, Label(code, code), most),))


def item(code: str, *tests: Any, benefit: str | None = None, **more: Any) -> Item:
    more.setdefault("kind", "奖励" if benefit else "")
    parsed = parse(benefit) if benefit else None
    return Item(code, load_condition({"all": [SCOPE, *tests]}), benefit=parsed, **more)


def said(*items: Item) -> list[str]:
    return [str(problem) for problem in check_items(items, DICTIONARY)]


def test_the_same_conditions_with_another_amount_pay_twice() -> None:
    (found,) = said(item("a", "score >= 60", benefit="10万"), item("b", "score >= 60", benefit="20万"))
    assert found.startswith("error: items[1]: “a” gives another amount under the same conditions: both are paid")
    both = {"stacking": group("reward", None)}
    assert (
        said(item("a", "legal_person", benefit="10万", **both), item("b", "legal_person", benefit="20万", **both)) == []
    )
    assert said(item("a", "legal_person", benefit="10万"), item("b", "legal_person", benefit="20万", kind="授信")) == []


def test_the_same_conditions_said_in_another_order_are_the_same() -> None:
    a = item("a", "score >= 60 and legal_person", {"manual": "由专家评议"}, benefit="10万")
    b = item("b", {"manual": "由专家评议"}, "legal_person", {"not": "score < 60"}, benefit="10万")
    (found,) = said(a, b)
    assert "“a” gives the same under the same conditions" in found
    assert (
        said(a, item("b", {"manual": "由区长办公会审定"}, "legal_person", {"not": "score < 60"}, benefit="10万")) == []
    )


def test_tiers_that_meet_in_one_value_pay_it_twice() -> None:
    small, large = (
        item("small", "revenue[-1] <= 1000万", benefit="10万"),
        item("large", "revenue[-1] >= 1000万", benefit="20万"),
    )
    (found,) = said(small, large)
    assert found.startswith("error: items[1].conditions.all[1].test: exactly 1000万 of revenue[-1] fits “small” too")
    assert "write < or > on one side" in found
    assert "(characters 1 to 20)" in found
    (found,) = said(
        item("young", "age(established_on) <= 3", benefit="1万"), item("old", "age(established_on) >= 3", benefit="2万")
    )
    assert "exactly 3 of age(established_on) fits “young” too" in found


def test_tiers_that_leave_one_value_out_are_told_of_it() -> None:
    three = [
        item("small", "revenue[-1] < 1000万", benefit="10万"),
        item("middle", "1000万 <= revenue[-1] < 5000万", benefit="20万"),
        item("large", "revenue[-1] > 5000万", benefit="30万"),
    ]
    (found,) = said(*three)
    assert found.startswith(
        "warning: items[2].conditions.all[1].test: exactly 5000万 of revenue[-1] fits neither this item nor “small”, “middle”"
    )
    whole = [item("few", "staff_total[-1] < 20", benefit="1万"), item("many", "staff_total[-1] > 20", benefit="2万")]
    assert "exactly 20 of staff_total[-1]" in said(*whole)[0]
    assert (
        said(item("few", "staff_total[-1] <= 20", benefit="1万"), item("many", "staff_total[-1] > 20", benefit="2万"))
        == []
    )
    assert (
        said(item("few", "staff_total[-1] <= 20", benefit="1万"), item("many", "staff_total[-1] >= 21", benefit="2万"))
        == []
    )
    assert (
        said(item("profit", "net_profit[-1] > 0", benefit="1万"), item("loss", "net_profit[-1] < 0", benefit="2万"))
        == []
    )
    filled = item("round", "4000万 <= revenue[-1] <= 6000万", benefit="30万", stacking=group("g", None))
    assert not any("neither" in each for each in said(*three, filled))


def test_a_higher_tier_that_holds_the_lower_one_pays_both_unless_that_is_said() -> None:
    low, high = (
        item("low", "revenue[-1] >= 1000万", benefit="10万"),
        item("high", "revenue[-1] >= 5000万", benefit="20万"),
    )
    (found,) = said(low, high)
    assert found.startswith(
        "warning: items[1].conditions.all[1].test: whoever has revenue[-1] from 5000万 gets “low” too"
    )
    (found,) = said(low, item("all", benefit="1万"))
    assert found.startswith(
        "warning: items[0].conditions.all[1].test: whoever has revenue[-1] from 1000万 gets “all” too"
    )
    one = {"stacking": group("revenue_reward", 1)}
    assert (
        said(
            item("low", "revenue[-1] >= 1000万", benefit="10万", **one),
            item("high", "revenue[-1] >= 5000万", benefit="20万", **one),
        )
        == []
    )
    assert said(low, item("high", "revenue[-1] >= 5000万", "legal_person", benefit="20万")) == []
    assert said(low, item("high", 'industry within "C"', "revenue[-1] >= 5000万", benefit="20万")) == []


def test_of_a_group_the_item_that_gives_less_and_asks_more_never_counts() -> None:
    one = {"stacking": group("reward", 1)}
    low, high = (
        item("low", "score >= 60", benefit="20万", **one),
        item("high", "score >= 80", "legal_person", benefit="10万", **one),
    )
    (found,) = said(low, high)
    assert found.startswith("error: items[1]: never counts: whoever fulfils it fulfils “low” too, which gives more")
    assert said(low, item("high", "score >= 80", benefit="30万", **one)) == []
    assert said(low, item("high", "score >= 80", benefit="10万", stacking=group("reward", None))) == []


def test_an_item_that_asks_for_what_it_excludes_can_never_be_had() -> None:
    gives = item("giant", "score >= 80", grants="little_giant")
    asks = item("reward", 'holds("little_giant")', benefit="10万", stacking=Stacking(excludes=("giant",)))
    (found,) = said(gives, asks)
    assert found.startswith(
        "error: items[1].conditions.all[1].test: asks for little_giant, which “giant” grants; yet the two exclude"
    )
    assert said(gives, item("reward", 'holds("little_giant")', benefit="10万")) == []
    # Whoever is a specialised enterprise without being a giant may have the reward.
    wider = item("reward", 'holds("specialised")', benefit="10万", stacking=Stacking(excludes=("giant",)))
    assert said(gives, wider) == []


def test_two_ways_to_one_title_that_read_the_same_words_otherwise() -> None:
    quote = "营业收入1000万元以上"
    one = item("one", {"test": "revenue[-1] >= 1000万", "quote": quote}, grants="tech_sme")
    other = item("other", {"test": "revenue[-1] < 1000万", "quote": quote}, "legal_person", grants="tech_sme")
    (found,) = said(one, other)
    assert found.startswith(f"error: items[1].conditions.all[1].test: “one” reads the same words “{quote}” otherwise")
    second = item("other", {"test": "revenue[-1] < 1000万", "quote": "其余企业"}, "legal_person", grants="tech_sme")
    assert said(one, second) == []


def test_titles_that_ask_for_each_other_are_out_of_reach() -> None:
    giant = item("giant", 'holds("high_tech_enterprise")', grants="little_giant")
    tech = item("tech", 'holds("little_giant")', grants="high_tech_enterprise")
    found = said(giant, tech)
    assert len(found) == 2
    assert found[0].startswith(
        "warning: items[0].conditions.all[1].test: asks for high_tech_enterprise, which the policy grants only"
    )
    assert said(giant, tech, item("first", "score >= 60", grants="high_tech_enterprise")) == []
    assert said(giant) == []


def test_branches_of_a_benefit_that_the_conditions_rule_out() -> None:
    (found,) = said(item("a", "score >= 60", benefit="tier(score, >= 80: 20万, >= 60: 10万, < 60: 5万)"))
    assert found.startswith("warning: items[0].benefit.amount: the bracket “< 60” is never reached here")
    (found,) = said(item("a", "legal_person", benefit="if(legal_person, 10万, 5万)"))
    assert "“legal_person” always holds here" in found
    assert said(item("a", "score >= 60", benefit="tier(score, >= 80: 20万, else: 10万)")) == []


@pytest.mark.parametrize("count", [60])
def test_many_items_are_compared_quickly(count: int) -> None:
    items = [
        item(f"i{at}", f"score >= {at}", f"revenue[-1] >= {at + 1}万", "legal_person or abnormal_list", benefit="1万")
        for at in range(count)
    ]
    assert said(*items) == []
