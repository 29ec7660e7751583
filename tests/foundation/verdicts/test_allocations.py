"""Who would get what of a budget, by the declared order, over everybody."""

from dataclasses import replace

import pytest
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.verdicts import allocations, rules, runs
from innozone.kernel.rules.solve.allocation import RESULTS, FloorsTooHigh, Tied
from innozone.kernel.rules.solve.limits import CapsOverlap
from tests import zone

pytestmark = pytest.mark.django_db

IN_ZONE = {"all": [zone.RD_CONDITIONS["all"][0]]}


@pytest.fixture
def parties(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()
    return zone.populate()


def publish(code, amount, allocation=None, *groups, conditions=None, kind="奖励"):
    data = {
        "conditions": conditions or IN_ZONE,
        "benefit": {"kind": kind, "amount": amount, "note": None},
        "stacking": {"groups": list(groups)},
    }
    return rules.publish(code, "support", code, "", data | ({"allocation": allocation} if allocation else {}))


def plan(code, **asked):
    run = runs.latest() or runs.run(snapshots.build(timezone.localdate()))
    pot = next(pot for pot in allocations.pots(run) if pot.code == code)
    return allocations.plan(run, pot, **asked)


def told(found):
    """party → what it gets in 元, and why."""
    assert found.allocation is not None, found.refused
    allocation = found.allocation
    return {
        int(party): (int(amount) / 100, RESULTS[result])
        for party, amount, result in zip(found.parties, allocation.amounts, allocation.results, strict=True)
    }


def test_the_budget_goes_by_the_declared_order(parties):
    # Revenue: 甲 and 乙 10 million each, 丁 5 million; 丙 is not in the zone.
    order = [{"highest": "revenue[-1]"}, {"highest": "rd_expense[-1]"}, "lottery"]
    publish("a", "10万", {"budget": "15万", "order": order[:1] + order[2:], "last": "cut"})
    publish("b", "10万", {"budget": "15万", "order": order, "last": "cut"})
    first, second, _third, fourth = (party.pk for party in parties)
    drawn = told(plan("a", seed="x"))
    assert sorted([drawn[first], drawn[second]]) == [(50_000.0, "cut"), (100_000.0, "full")]
    assert drawn[fourth] == (0.0, "budget")
    # Nobody has told what 丁 spends on R&D: its place is not known.
    assert told(plan("b")) == {first: (100_000.0, "full"), second: (50_000.0, "cut"), fourth: (0.0, "order")}


def test_a_budget_and_a_quota_can_be_asked_for_that_are_not_the_declared_ones(parties):
    publish("a", "10万", {"budget": "15万", "order": [{"lowest": "revenue[-1]"}, "lottery"], "last": "stop"})
    assert plan("a").allocation.total == 10_000_000
    assert plan("a", budget=1_000_000_00).allocation.total == 30_000_000
    assert plan("a", budget=1_000_000_00, quota=1).allocation.counts()["quota"] == 2
    assert plan("a").pot.rule.budget == 15_000_000


def test_the_draw_follows_from_the_seed(parties):
    publish("a", "10万", {"quota": 1, "order": ["lottery"]})
    drawn = {seed: told(plan("a", seed=seed)) for seed in ("s1", "s2", "s3", "s4", "s5", "s6")}
    assert told(plan("a", seed="s1")) == drawn["s1"]
    assert len({str(each) for each in drawn.values()}) > 1
    assert plan("a").seed == f"a-{timezone.localdate().year}"


def test_a_claim_is_what_counts_in_the_best_set(parties):
    pro_rata = {"budget": "11万", "order": ["pro_rata"]}
    rd = {"code": "rd", "label": {"zh": "研发", "en": "R&D"}, "most": 1, "allocation": pro_rata}
    publish("a", "6万", None, rd)
    publish("b", "10% * rd_expense[-1]", None, rd)
    found = plan("rd")
    assert found.pot.of_group
    first, second, _third, fourth = (party.pk for party in parties)
    # 甲 has 10 for b rather than 6 for a; 乙 6 for a rather than 4 for b; of 丁 nobody knows b.
    items = {
        (int(party), found.pot.versions[item].rule.code) for party, item in zip(found.parties, found.items, strict=True)
    }
    assert items == {(first, "b"), (second, "a"), (fourth, "a"), (fourth, "b")}
    assert found.aside == 2
    assert found.allocation.total == 11_000_000
    assert found.allocation.counts()["amount"] == 1
    assert all("/" in key for key in found.claims.keys)


def test_a_place_without_a_sum_is_no_unknown_amount(parties):
    publish("a", None, {"quota": 2, "order": [{"highest": "revenue[-1]"}, "lottery"]}, kind="补贴")
    assert plan("a").allocation.counts() == {**dict.fromkeys(RESULTS, 0), "full": 2, "quota": 1}
    publish("b", None, {"budget": "9万", "order": ["lottery"], "last": "cut"}, kind="补贴")
    runs.run(snapshots.build(timezone.localdate()))
    assert plan("b").allocation.counts()["amount"] == 3


def test_those_who_wait_for_a_check_can_be_left_out(parties):
    check = {"all": [IN_ZONE["all"][0], {"manual": "核查"}]}
    publish("a", "10万", {"budget": "100万", "order": ["lottery"], "last": "cut"}, conditions=check)
    assert plan("a").ready.tolist() == [True, True, True]
    assert len(plan("a", ready=False).claims) == 0


def test_by_time_nobody_has_a_place_before_anyone_applied(parties):
    publish("a", "10万", {"budget": "15万", "order": ["time", "lottery"], "last": "cut"})
    assert plan("a").allocation.counts()["order"] == 3
    assert plan("a", budget=30_000_000).allocation.counts()["full"] == 3


def test_what_stands_against_an_allocation_is_told_and_nothing_is_given(parties):
    publish("a", "10万", {"budget": "15万", "order": [{"highest": "revenue[-1]"}], "last": "cut"})
    publish("b", "10万", {"budget": "2万", "order": ["pro_rata"], "floor": "1万"})
    caps = [
        {"code": code, "label": {"zh": code, "en": ""}, "cap": {"amount": "9万", "years": 1}} for code in ("one", "two")
    ]
    publish("c", "1万", None, caps[0])
    publish("d", "1万", {"budget": "2万", "order": ["pro_rata"]}, *caps)
    publish("e", "1万", None, caps[1])
    for code, error in (("a", Tied), ("b", FloorsTooHigh), ("d", CapsOverlap)):
        found = plan(code)
        assert found.allocation is None
        assert isinstance(found.refused, error)


def test_pots_are_found_without_reading_any_bits(parties, django_assert_num_queries):
    publish("a", "10万", {"budget": "15万", "order": ["lottery"], "last": "cut"})
    run = runs.run(snapshots.build(timezone.localdate()))
    with django_assert_num_queries(1):
        assert [pot.code for pot in allocations.pots(run)] == ["a", "rd_grant"]
    pot = allocations.pots(run)[0]
    assert allocations.plan(run, pot) is allocations.plan(run, replace(pot))
