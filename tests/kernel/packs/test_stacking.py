"""What may be combined and how budgets are shared, as a zone writes it: read whole, or every mistake with its cure."""

from __future__ import annotations

import pytest

from innozone.kernel.packs import Pack
from innozone.kernel.rules.solve.stacking import Cap, OrderKey, load_allocation, load_stacking
from tests.kernel.packs.conftest import FILES, Zone

GROUPS = """
groups:
  rd:
    label: {zh: 研发, en: R&D}
    most: 1
    quote: 最高50万元
    allocation: {budget: 300万, order: [pro_rata], floor: 1万}
  year:
    label: {zh: 年度, en: Year}
    cap: {amount: 80万, years: 1}
items:
"""
FIRST = """
    stacking: {groups: [rd, year], cap: {amount: 50万, years: 3}, quote: 最高50万元, source: 第一条}
    allocation: {quota: 5, order: [{highest: 'rd_ratio[-1]'}, time, lottery]}
    department: statistics
"""
SECOND = """
  - code: bonus
    name: {zh: 加奖, en: Bonus}
    kind: support
    conditions: {test: 'rd_ratio[-1] >= 8%'}
    benefit: {kind: 奖励, amount: 5万}
    stacking: {groups: [year], excludes: [rd]}
    cases: [{name: 占比, as_of: 2026-06-30, facts: {}, expect: unknown}]
"""


@pytest.fixture
def stacked(zone: Zone) -> Zone:
    text = (
        FILES["policies/rd.yaml"].replace("\nitems:\n", GROUPS, 1).replace("\n    department: statistics\n", FIRST, 1)
    )
    zone.write("policies/rd.yaml", text.rstrip() + SECOND)
    return zone


def test_a_declaration_is_read_whole_and_its_groups_are_the_same_for_all_items(stacked: Zone) -> None:
    pack = stacked.load()
    policy, item = pack.item("rd_grant")
    assert item.stacking is not None
    assert item.allocation is not None
    assert [group.code for group in policy.groups] == ["rd", "year"]
    assert item.stacking.groups == policy.groups
    assert item.stacking.cap == Cap(50_000_000, 3)
    shared = policy.groups[0].allocation
    assert shared is not None
    assert (shared.budget, shared.floor, shared.pro_rata) == (300_000_000, 1_000_000, True)
    assert item.allocation.order == (OrderKey("highest", "rd_ratio[-1]"), OrderKey("time"), OrderKey("lottery"))
    assert pack.item("bonus")[1].stacking.excludes == ("rd",)  # type: ignore[union-attr]


def test_what_is_stored_reads_back_to_the_same(stacked: Zone) -> None:
    item = stacked.load().item("rd_grant")[1]
    assert item.stacking is not None
    assert item.allocation is not None
    assert load_stacking(item.stacking.to_data()) == (item.stacking, [])
    assert load_allocation(item.allocation.to_data()) == (item.allocation, [])
    assert item.stacking.to_data()["cap"] == {"amount": "500000", "years": 3}


def test_versions_kept_in_the_earlier_shape_are_still_understood() -> None:
    for rule, most in (("highest", 1), ("exclusive", 1), ("sum", None)):
        stacking, problems = load_stacking({"group": "rd", "rule": rule})
        assert not problems
        assert stacking is not None
        assert [(group.code, group.most) for group in stacking.groups] == [("rd", most)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("groups: [rd, year]", "groups: [rdd, year]", "stacking of the item rd_grant: there is no group rdd; known here: rd, year"),
        ("groups: [rd, year]", "group: rd", "there is no key group; known here: groups"),
        ("groups: [rd, year]", "groups: [rd, rd, year]", "the group rd stands twice"),
        ("years: 3", "years: 0", "say for how many years the cap holds: years: 1, years: 3 or years: all"),
        ("amount: 50万", "amount: 5%", "“5%” is in %, expected 元; write a sum of money such as 50万"),
        ("amount: 50万", "amount: 0", "0 is no sum of money"),
        ("quote: 最高50万元, source: 第一条", "quote: 最高90万元", "the quote “最高90万元” is not in the document"),
        ("most: 1", "most: 一", "the group rd: most is a whole number from 1"),
        ("most: 1\n    quote: 最高50万元\n    allocation: {budget: 300万, order: [pro_rata], floor: 1万}", "source: 第一条", "the group rd: the group limits nothing; give it most, cap or allocation"),
        ("label: {zh: 研发, en: R&D}\n    most", "label: 研发\n    most", "name the group in both languages"),
        ("excludes: [rd]", "excludes: [rd_grunt]", "the item bonus excludes rd_grunt, which is no item and no group; did you mean rd_grant?"),
        ("excludes: [rd]", "excludes: [bonus]", "the item bonus excludes itself"),
        ("excludes: [rd]", "excludes: [year]", "it belongs to the group year; write most: 1 at the group"),
        ("groups: [rd, year], ", "groups: [year], ", "no item belongs to the group rd; write groups: [rd] at its items"),
        ("order: [pro_rata]", "order: [pro_rata, time]", "pro_rata stands alone: nobody comes first"),
        ("budget: 300万, order: [pro_rata]", "quota: 3, order: [pro_rata]", "pro_rata shares a budget among all; a quota needs an order"),
        ("quota: 5, order", "order", "there is nothing to share; give it a budget or a quota"),
        ("quota: 5, order", "quota: 5, budget: 9万, order", "say what becomes of the first that no longer fits: last: cut, skip or stop"),
        ("quota: 5, order", "quota: 5, last: half, order", "last cannot be half; write cut, skip or stop"),
        ("quota: 5, order", "quota: 5, floor: 1万, order", "a floor belongs to a budget shared pro_rata"),
        ("time, lottery]", "lottery, time]", "a lottery leaves nothing open; what stands behind it says nothing"),
        ("time, lottery]", "first, lottery]", "“first” is no key of an order; write time, lottery, pro_rata"),
        ("{highest: 'rd_ratio[-1]'}", "{highest: 'rd_ratio'}", "write rd_ratio[-1]"),
        ("{highest: 'rd_ratio[-1]'}", "{highest: 'rd_rate[-1]'}", "there is no variable rd_rate; did you mean rd_ratio?"),
        ("{highest: 'rd_ratio[-1]'}", "{highest: 'rd_ratio[-1] +'}", "rd.yaml:"),
        ("order: [{highest: 'rd_ratio[-1]'}, time, lottery]", "order: []", "the order is empty; write for example [time, lottery]"),
        ("quota: 5, order: [{highest: 'rd_ratio[-1]'}, time, lottery]", "quota: 5", "say who comes first; give it an order such as [time, lottery]"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_cure(stacked: Zone, old: str, new: str, message: str) -> None:
    stacked.change("policies/rd.yaml", old, new)
    told = [str(problem) for problem in stacked.problems()]
    assert any(message in line for line in told), "\n".join(told)
    assert all(line.startswith("zones/demo/policies/rd.yaml:") for line in told)


def test_caps_that_cut_across_each_other_are_refused(stacked: Zone) -> None:
    stacked.change("policies/rd.yaml", "most: 1", "cap: {amount: 9万, years: 1}")
    third = SECOND.replace("bonus", "extra").replace("groups: [year], excludes: [rd]", "groups: [rd]")
    stacked.write("policies/rd.yaml", (stacked.root / "policies/rd.yaml").read_text(encoding="utf-8").rstrip() + third)
    assert "the caps of rd and year overlap; let the items of one all belong to the other" in stacked.only_problem()


def test_the_zone_of_the_plan_says_what_its_texts_say(xixian: Pack) -> None:
    groups = {group.code: group for policy in xixian.policies.values() for group in policy.groups}
    assert groups["rd_support"].most == 1
    assert groups["listing_stage"].cap == Cap(400_000_000, None)
    assert groups["manufacturing_two"].most == 2
    assert xixian.item("proof_of_concept_support")[1].stacking.excludes == ("pilot_test_support",)  # type: ignore[union-attr]
