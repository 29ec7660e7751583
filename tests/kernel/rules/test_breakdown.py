"""Groups of a sandbox are what counting each row by hand gives; nobody is lost, nobody stands in a group twice."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Codes, Sets, Snapshot
from innozone.kernel.rules import load_condition
from innozone.kernel.rules.bulk import breakdown
from innozone.kernel.rules.bulk.breakdown import NONE, NOT_KNOWN, Breakdown, Standing, grouping
from innozone.kernel.rules.bulk.sandbox import Sandbox
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.tree import Ref
from tests.kernel.rules import sample
from tests.kernel.rules.sample import DICTIONARY
from tests.kernel.rules.test_matcher import snapshot
from tests.kernel.rules.test_sandbox import paid_to


def codes_of(shot: Snapshot, variable: str) -> list[set[str]]:
    """The codes of each row; those of a row of which nothing is known are that one group."""
    column = Block(shot, DICTIONARY, slice(0, shot.rows)).value(Ref(variable))
    if isinstance(column, Codes):
        values = np.broadcast_to(column.values, shot.rows)
        return [{column.categories[at] if at >= 0 else NOT_KNOWN} for at in values.tolist()]
    if isinstance(column, Sets):
        found: list[set[str]] = [set() for _ in range(shot.rows)]
        for row, at in zip(column.row_of.tolist(), column.values.tolist(), strict=True):
            found[row].add(column.categories[at])
        return [each or {NONE if known else NOT_KNOWN} for each, known in zip(found, column.known, strict=True)]
    return [{NOT_KNOWN}] * shot.rows


@settings(max_examples=60, deadline=None)
@given(
    st.lists(sample.facts(), min_size=1, max_size=8),
    sample.conditions(peeking=True),
    sample.MONEY,
    st.integers(1, 9),
    st.sampled_from(["industry", "scale", "designations", "region"]),
    st.data(),
)
def test_groups_are_what_counting_each_row_gives(rows, condition, benefit, times, variable, data) -> None:
    shot = snapshot(rows * times)
    sandbox = Sandbox(shot, DICTIONARY, condition, benefit)
    values = {}
    for knob in sandbox.knobs:
        if data.draw(st.booleans()) and (knob.least or 0) <= 3 <= (knob.most or 10**9):
            values[knob.id] = Decimal(3)
    outcome = sandbox.step(values)
    with patch.object(breakdown, "BLOCK_ROWS", 16):
        groups = grouping(variable, shot, DICTIONARY)
    found = {part.code: part for part in Breakdown(sandbox, groups).of(Standing(sandbox, outcome))}
    kinds = {
        kind: set(sandbox.rows(outcome, kind).tolist()) for kind in ("granted", "true", "unknown", "gained", "lost")
    }
    before = set(sandbox.rows(sandbox.present, "granted").tolist())
    assert outcome.benefit is not None
    low, high = paid_to(shot, outcome.benefit, sandbox.live)
    ends = {int(row): (low[at], high[at]) for at, row in enumerate(sandbox.live)}
    by_hand: defaultdict[str, list[int]] = defaultdict(list)
    for row, codes in enumerate(codes_of(shot, variable)):
        for code in codes:
            by_hand[code].append(row)
    assert found.keys() == by_hand.keys()
    for code, members in by_hand.items():
        inside, part = set(members), found[code]
        assert (part.rows, part.before, part.now) == (
            len(members),
            len(inside & before),
            len(inside & kinds["granted"]),
        )
        assert (part.gained, part.lost) == (len(inside & kinds["gained"]), len(inside & kinds["lost"]))
        assert part.unknown == len(inside & kinds["unknown"])
        assert part.cost is not None
        may = inside & (kinds["unknown"] | kinds["granted"])
        least = [ends[row][0] for row in inside & kinds["true"] if ends[row][0] < LARGEST]
        assert part.cost.low == pytest.approx(sum(least))
        bounded = [ends[row][1] for row in may if ends[row][1] < LARGEST]
        assert part.cost.high == pytest.approx(sum(bounded))
        assert part.cost.unbounded == len(may) - len(bounded)


def test_a_long_list_is_broken_down_by_its_uppermost_codes_in_their_order() -> None:
    shot = snapshot([{"industry": {None: code}} for code in ("65", "39", "I", "C", "39")] + [{}])
    with patch.object(breakdown, "MOST_ENTRIES", 3):
        groups = grouping("industry", shot, DICTIONARY)
    assert groups.codes == ("C", "I", NOT_KNOWN)
    assert groups.sizes.tolist() == [3, 2, 1]


def test_only_codes_make_groups() -> None:
    shot = snapshot([{"revenue": {2025: Decimal(3)}}])
    with pytest.raises(ValueError, match="revenue is no variable with codes"):
        grouping("revenue", shot, DICTIONARY)
    with pytest.raises(ValueError, match="nothing is no variable"):
        grouping("nothing", shot, DICTIONARY)


def test_a_rule_without_a_sum_has_groups_without_cost() -> None:
    shot = snapshot(
        [{"industry": {None: code}, "score": {None: Decimal(score)}} for code, score in (("39", 70), ("65", 50))]
    )
    sandbox = Sandbox(shot, DICTIONARY, load_condition({"test": "score >= 60"}))
    outcome = sandbox.step({sandbox.knobs[0].id: Decimal(40)})
    parts = Breakdown(sandbox, grouping("industry", shot, DICTIONARY)).of(Standing(sandbox, outcome))
    assert [(part.code, part.before, part.now, part.gained, part.cost) for part in parts] == [
        ("39", 1, 1, 0, None),
        ("65", 0, 1, 1, None),
    ]
