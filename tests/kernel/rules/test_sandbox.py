"""A step of the sandbox gives what a full match of the changed rule gives: verdicts, counts, money; and who wins and loses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules import Condition, Expr, Matcher, load_condition, parse
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.knobs import KnobError, turned
from innozone.kernel.rules.bulk.outcome import Money, Outcome
from innozone.kernel.rules.bulk.sandbox import Sandbox
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.bulk.told import Told, peeks
from innozone.kernel.rules.bulk.vector import Block
from tests.kernel.rules import sample
from tests.kernel.rules.sample import DICTIONARY
from tests.kernel.rules.test_matcher import snapshot


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-6)


def paid_to(shot: Snapshot, benefit: Expr, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What these rows get at least and at most."""
    found = bounds(benefit, Block(shot, DICTIONARY, rows))
    return np.maximum(found.low, 0), np.maximum(found.high, 0)


def exactly(shot: Snapshot, benefit: Expr, rows: np.ndarray) -> np.ndarray:
    """Where no missing fact can change the amount."""
    block = Block(shot, DICTIONARY, rows)
    value = np.broadcast_to(block.number(benefit), (len(rows),))
    told = np.broadcast_to(Told(block).of(benefit), (len(rows),))
    return (np.maximum(value, 0) < LARGEST) & (told | (not peeks(benefit, DICTIONARY)))


def hold_to_a_full_match(
    shot: Snapshot, old: tuple[Condition, Expr], new: tuple[Condition, Expr], got: Outcome, sandbox: Sandbox
) -> None:
    """Everything that an outcome says, worked out again by the matcher."""
    matches = Matcher(shot, DICTIONARY).match({"old": old[0], "new": new[0]}, {"old": old[1], "new": new[1]})
    then, now = matches["old"], matches["new"]
    assert got.counts == now.counts
    assert sandbox.rows(got, "true").tolist() == now.rows("true").tolist()
    unknown = set(now.rows("unknown").tolist()) - set(now.rows("manual_only").tolist())
    assert set(sandbox.rows(got, "unknown").tolist()) == unknown
    before, after = (set(m.rows("true").tolist()) | set(m.rows("manual_only").tolist()) for m in (then, now))
    assert set(sandbox.rows(got, "granted").tolist()) == after
    was_false, is_false = set(then.rows("false").tolist()), set(now.rows("false").tolist())
    gained, lost = sorted(after & was_false), sorted(before & is_false)
    assert sandbox.rows(got, "gained").tolist() == gained
    assert sandbox.rows(got, "lost").tolist() == lost
    assert (got.gained.rows, got.lost.rows) == (len(gained), len(lost))
    was_unknown = set(range(shot.rows)) - before - was_false
    assert got.may_gain == len(unknown & was_false) + len(after & was_unknown)
    assert got.may_lose == len(unknown & before) + len(is_false & was_unknown)
    # Money.
    assert got.cost == Money(close(now.benefit.low), close(now.benefit.high), now.benefit.unbounded)
    low, high = paid_to(shot, new[1], sandbox.live)
    ends = {int(row): (low[at], high[at]) for at, row in enumerate(sandbox.live)}
    paid, ready = now.rows("true").tolist(), now.rows("manual_only").tolist()
    for group, rows in ((got.sure, paid), (got.ready, ready), (got.gained.money, gained)):
        told = [ends[row] for row in rows]
        assert group.low == close(sum(low for low, _ in told if low < LARGEST))
        assert group.high == close(sum(high for _, high in told if high < LARGEST))
        assert group.unbounded == sum(not high < LARGEST for _, high in told)
    # Those who have it in both.
    both = np.array(sorted(before & after), dtype=np.int64)
    (low_then, high_then), (low_now, high_now) = (paid_to(shot, benefit, both) for benefit in (old[1], new[1]))
    told = exactly(shot, old[1], both) & exactly(shot, new[1], both)
    change = (low_now - low_then)[told]
    assert got.raised.rows == np.count_nonzero(change > 0)
    assert got.lowered.rows == np.count_nonzero(change < 0)
    assert got.raised.money.low == close(change[change > 0].sum())
    assert got.lowered.money.low == close(-change[change < 0].sum())
    assert got.unsettled == np.count_nonzero(((low_now != low_then) | (high_now != high_then))[~told])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(sample.facts(), min_size=1, max_size=8),
    sample.conditions(peeking=True),
    sample.MONEY,
    st.integers(1, 12),
    st.data(),
)
def test_a_step_is_a_full_match_of_the_changed_rule(rows, condition, benefit, times, data) -> None:
    shot = snapshot(rows * times)
    sandbox = Sandbox(shot, DICTIONARY, condition, benefit)
    hold_to_a_full_match(shot, (condition, benefit), (condition, benefit), sandbox.present, sandbox)
    for _ in range(2):
        values = {}
        for knob in sandbox.knobs:
            if data.draw(st.booleans()):
                choices = [Decimal(0), Decimal("0.031"), Decimal(3), Decimal(20), Decimal(4000_0000), knob.value * 2]
                value = data.draw(st.sampled_from(choices))
                if (knob.least or 0) <= value <= (knob.most or 10**9) and not (knob.whole and value % 1):
                    values[knob.id] = value
        got = sandbox.step(values)
        hold_to_a_full_match(shot, (condition, benefit), turned(condition, benefit, values), got, sandbox)


FIRMS = [
    # region, revenue, rd expense, abnormal: entitled, entitled above the cap, below the threshold, unknown, no base, elsewhere
    {"region": {None: "xixian"}, "revenue": {2025: Decimal(3000_0000)}, "rd_expense": {2025: Decimal(100_0000)}},
    {"region": {None: "fengdong"}, "revenue": {2025: Decimal(9000_0000)}, "rd_expense": {2025: Decimal(900_0000)}},
    {"region": {None: "xixian"}, "revenue": {2025: Decimal(1500_0000)}, "rd_expense": {2025: Decimal(50_0000)}},
    {"region": {None: "xixian"}, "rd_expense": {2025: Decimal(200_0000)}},
    {"region": {None: "xixian"}, "revenue": {2025: Decimal(8000_0000)}},
    {"region": {None: "620000"}, "revenue": {2025: Decimal(8000_0000)}, "rd_expense": {2025: Decimal(80_0000)}},
]
RULE = load_condition({"all": ['region within "xixian"', "revenue[-1] >= 2000万"]})
GRANT = parse("min(10% * rd_expense[-1], 50万)")


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(snapshot(FIRMS), DICTIONARY, RULE, GRANT)


def test_the_present_version_has_its_cost_and_neither_winners_nor_losers(sandbox):
    now = sandbox.present
    assert now.counts == {"true": 3, "false": 2, "unknown": 1, "manual_only": 0, "near": 2}
    assert now.sure.low == 60_0000
    assert now.cost.low == 60_0000
    assert (now.gained.rows, now.lost.rows, now.raised.rows, now.lowered.rows, now.unsettled) == (0, 0, 0, 0, 0)
    assert len(sandbox.live) == 6  # the one elsewhere lacks nothing but the region: a near miss
    assert sandbox.rows(now, "true").tolist() == [0, 1, 4]


def test_a_lower_threshold_lets_one_in(sandbox):
    got = sandbox.step({"all[1].test:1": Decimal(1000_0000)})
    assert (got.gained.rows, got.gained.money.low, got.lost.rows) == (1, 5_0000, 0)
    assert sandbox.rows(got, "gained").tolist() == [2]
    assert got.sure.low == 65_0000


def test_a_higher_threshold_takes_what_it_gave(sandbox):
    got = sandbox.step({"all[1].test:1": Decimal(5000_0000)})
    assert (got.lost.rows, got.lost.money.low, got.sure.low) == (1, 10_0000, 50_0000)
    assert sandbox.rows(got, "lost").tolist() == [0]


def test_another_rate_and_cap_raise_and_lower(sandbox):
    got = sandbox.step({"benefit:0.0": Decimal("0.2"), "benefit:1": Decimal(30_0000)})
    assert (got.raised.rows, got.raised.money.low) == (1, 10_0000)
    assert (got.lowered.rows, got.lowered.money.low) == (1, 20_0000)
    assert got.unsettled == 1
    assert got.sure.low == 50_0000
    assert got.moved == {"benefit:0.0": Decimal("0.2"), "benefit:1": Decimal(300000)}


def test_a_figure_moved_back_is_the_present_version(sandbox):
    sandbox.step({"all[1].test:1": Decimal(1)})
    assert sandbox.step({"all[1].test:1": Decimal("2e7")}) == sandbox.present


def test_who_only_awaits_a_person_has_the_grant_and_is_no_sure_cost():
    condition = load_condition({"all": ["revenue[-1] >= 2000万", {"manual": "由专家判断"}]})
    made = Sandbox(snapshot(FIRMS), DICTIONARY, condition, GRANT)
    assert (made.present.counts["true"], made.present.counts["manual_only"]) == (0, 4)
    assert (made.present.sure.high, made.present.ready.low) == (0, 68_0000)
    got = made.step({"all[0].test:1": Decimal(5000_0000)})
    assert (got.lost.rows, got.lost.money.low) == (1, 10_0000)
    assert got.cost.high - got.ready.high == close(made.present.cost.high - made.present.ready.high)


def test_a_rule_without_a_sum_has_counts_and_no_money():
    made = Sandbox(snapshot(FIRMS), DICTIONARY, RULE)
    got = made.step({"all[1].test:1": Decimal(1000_0000)})
    assert (got.cost, got.gained.rows, got.gained.money) == (None, 1, None)


def test_more_firms_than_go_into_one_block_are_judged_alike(monkeypatch):
    few = Sandbox(snapshot(FIRMS), DICTIONARY, RULE, GRANT)
    monkeypatch.setattr("innozone.kernel.rules.bulk.sandbox.BLOCK_ROWS", 64)
    many = Sandbox(snapshot(FIRMS * 50), DICTIONARY, RULE, GRANT)
    knob = few.knobs[0]
    for moved in ({}, {knob.id: knob.value / 2}, {knob.id: knob.value * 2}):
        one, fifty = few.step(moved), many.step(moved)
        assert {kind: 50 * rows for kind, rows in one.counts.items()} == fifty.counts
        assert fifty.sure.high == close(50 * one.sure.high)
        assert fifty.lost.rows == 50 * one.lost.rows


def test_an_amount_beyond_all_counting_has_no_upper_end():
    made = Sandbox(snapshot(FIRMS), DICTIONARY, RULE, parse("rd_expense[-1] * 1"))
    assert made.present.sure.high > 0
    got = made.step({made.knobs[-1].id: Decimal(10) ** 13})
    assert got.sure.unbounded == made.present.sure.unbounded + 2
    assert got.sure.high == 0


def test_a_figure_that_is_not_there_and_a_value_that_cannot_be_are_refused(sandbox):
    with pytest.raises(KnobError, match="no such figure"):
        sandbox.step({"all[7].test:1": Decimal(1)})
    with pytest.raises(KnobError, match="not a number"):
        sandbox.step({"benefit:1": Decimal("NaN")})


def test_the_check_looks_at_a_version_before_it_is_taken(sandbox):
    assert sandbox.problems({"benefit:1": Decimal(60_0000)}) == []
    made = Sandbox(snapshot(FIRMS), DICTIONARY, load_condition("1% <= rd_ratio[-1] < 3%"))
    assert "can never hold" in made.problems({"test:0.0": Decimal("0.05")})[0].message


def test_sliders_reach_as_far_as_the_population(sandbox):
    made = sandbox.sliders()
    assert made["all[1].test:1"].high <= 9000_0000
    assert made.keys() == sandbox.by_id.keys()


def test_steps_from_several_threads_do_not_mix():
    from concurrent.futures import ThreadPoolExecutor

    made = Sandbox(snapshot(FIRMS * 500), DICTIONARY, RULE, GRANT)
    wanted = {rate: made.step({"benefit:0.0": Decimal(rate) / 100}).sure for rate in range(1, 30)}
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda rate: (rate, made.step({"benefit:0.0": Decimal(rate) / 100}).sure), list(wanted) * 3)
        assert all(wanted[rate] == sure for rate, sure in found)
