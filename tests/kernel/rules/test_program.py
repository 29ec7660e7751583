"""Rules compiled once: what changes is compiled and judged again, everything else stays; parts give what the whole gives."""

from __future__ import annotations

import gc
import math
import weakref
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, SnapshotWriter
from innozone.kernel.rules import Condition, Matcher, Matches, Program
from innozone.kernel.rules.bulk.bits import count, put, rows_of, words_for
from innozone.kernel.rules.bulk.lower import Lowering
from innozone.kernel.rules.bulk.sums import exact, number
from tests.kernel.rules.sample import AS_OF, DICTIONARY, MONEY, condition, conditions, facts
from tests.kernel.rules.test_matcher import snapshot

ROWS = st.lists(facts(), min_size=1, max_size=5)
RULES = st.lists(conditions(peeking=True), min_size=1, max_size=4)


def told(matches: Matches) -> dict[str, Any]:
    """All that matches say."""
    return {
        id: (match.counts, match.near_leaves, match.benefit, {kind: match.rows(kind).tolist() for kind in match.counts})
        for id, match in matches.items()
    }


def named(rules: list[Condition]) -> dict[str, Condition]:
    return {f"r{at}": rule for at, rule in enumerate(rules)}


@settings(max_examples=60, deadline=None)
@given(ROWS, RULES, RULES, MONEY)
def test_rules_changed_added_and_taken_away_leave_what_a_new_match_gives(rows, rules, others, amount) -> None:
    shot = snapshot(rows)
    matcher = Matcher(shot, DICTIONARY)
    before = matcher.match(named(rules), dict.fromkeys(named(rules), amount))
    changed = {f"r{at * 2}": rule for at, rule in enumerate(others)}
    gone = f"r{len(rules) - 1}"
    after = matcher.update(before, changed | {gone: None}, {id: "100" for id in changed if id != gone})
    wanted = {id: rule for id, rule in (named(rules) | changed).items() if id != gone}
    benefits = {id: "100" if id in changed else amount for id in wanted}
    assert told(after) == told(matcher.match(wanted, benefits))
    assert set(after.program.rules) == set(wanted)


def test_only_what_changed_is_compiled_and_run() -> None:
    shot = Snapshot.from_columns({"score": [50, 60, None, 70]}, as_of=AS_OF, dictionary=DICTIONARY)
    matcher = Matcher(shot, DICTIONARY)
    before = matcher.match({"a": condition("score >= 60"), "b": condition("score >= 70")})
    with patch.object(Lowering, "condition", autospec=True, side_effect=Lowering.condition) as compiled:
        after = matcher.update(before, {"b": condition("score > 60")})
    assert [str(call.args[1].expr) for call in compiled.call_args_list] == ["score > 60"]
    assert after["a"] is before["a"]
    assert after["b"].rows("true").tolist() == [3]


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, RULES, MONEY, st.randoms(use_true_random=False))
def test_rows_with_other_facts_are_judged_again_and_no_others(old, new, rules, amount, random) -> None:
    rows = [random.randrange(len(old)) for _ in range(200)]
    moved = sorted(random.sample(range(200), 7))
    now = [old[at] for at in rows]
    for row in moved:
        now[row] = random.choice(new)
    before, after = snapshot([old[at] for at in rows]), snapshot(now)
    matches = Matcher(before, DICTIONARY).match(named(rules), dict.fromkeys(named(rules), amount))
    fresh = Matcher(after, DICTIONARY).refresh(matches, np.array(moved))
    assert told(fresh) == told(Matcher(after, DICTIONARY).match(named(rules), dict.fromkeys(named(rules), amount)))


@settings(max_examples=25, deadline=None)
@given(st.lists(facts(), min_size=3, max_size=8), RULES, MONEY, st.data())
def test_part_by_part_gives_what_the_whole_gives(tmp_path_factory, rows, rules, amount, data) -> None:
    whole = snapshot(rows * 30)
    cuts = data.draw(st.lists(st.integers(0, whole.rows), max_size=3).map(sorted))
    stored = in_parts(whole, cuts, tmp_path_factory.mktemp("snapshots") / "s")
    benefits = dict.fromkeys(named(rules), amount)
    wanted = Matcher(whole, DICTIONARY).match(named(rules), benefits)
    found = Matcher(stored, DICTIONARY, block_rows=64).match(named(rules), benefits)
    assert told(found) == told(wanted)
    for id, match in found.items():
        near = match.rows("near").tolist()[:2]
        assert [match.near_leaf(row) for row in near] == [wanted[id].near_leaf(row) for row in near]
        for one, other in zip(match.amounts("true"), wanted[id].amounts("true"), strict=True):
            assert np.array_equal(one, other, equal_nan=True)


def test_columns_of_one_part_only_are_in_memory(tmp_path, monkeypatch) -> None:
    rows = 1000
    columns = {f"revenue@{year}": np.arange(rows) * 1e5 for year in (2023, 2024, 2025)}
    columns |= {"score": np.linspace(0, 100, rows), "region": np.array(["xixian", "620000"] * (rows // 2))}
    whole = Snapshot.from_columns(columns, as_of=AS_OF, dictionary=DICTIONARY)
    stored = in_parts(whole, [200, 450, 700], tmp_path / "s")
    live: dict[int, weakref.ref[Any]] = {}
    most = 0
    read = Snapshot.column

    def column(self: Snapshot, name: str) -> Any:
        nonlocal most
        found = read(self, name)
        if found is not None:
            live[id(found)] = weakref.ref(found)
        gc.collect()
        most = max(most, len({id(each) for ref in live.values() if (each := ref()) is not None}))
        return found

    monkeypatch.setattr(Snapshot, "column", column)
    rules = {"a": condition("sum(revenue[-3..-1]) >= 2000万"), "b": condition('score >= 60 or region within "xixian"')}
    found = Matcher(stored, DICTIONARY, block_rows=64).match(rules, {"a": "1% * revenue[-1]"})
    assert most <= len(columns)
    monkeypatch.undo()
    assert told(found) == told(Matcher(whole, DICTIONARY).match(rules, {"a": "1% * revenue[-1]"}))


def in_parts(whole: Snapshot, cuts: list[int], folder: Path) -> Snapshot:
    """The snapshot written in parts that end at the cuts."""
    with SnapshotWriter(folder, as_of=whole.as_of, dictionary=DICTIONARY) as writer:
        for start, end in zip([0, *cuts], [*cuts, whole.rows], strict=True):
            columns = {name: column.take(slice(start, end)) for name in whole.names if (column := whole.column(name))}
            writer.append(whole.party[start:end], columns)
    return Snapshot.open(folder)


def test_a_program_of_another_day_is_refused() -> None:
    shot = Snapshot.from_columns({"score": [50]}, as_of=AS_OF, dictionary=DICTIONARY)
    program = Program({"a": condition("score >= 60")}, DICTIONARY, date(2025, 1, 1))
    with pytest.raises(ValueError, match="speaks of 2025-01-01"):
        Matcher(shot, DICTIONARY).run(program)
    other = Snapshot.from_columns({"score": [50]}, as_of=AS_OF, dictionary=DICTIONARY)
    matches = Matcher(shot, DICTIONARY).match({"a": condition("score >= 60")})
    with pytest.raises(ValueError, match="another snapshot"):
        Matcher(other, DICTIONARY).update(matches, {})
    with pytest.raises(ValueError, match="must ascend"):
        Matcher(other, DICTIONARY).refresh(matches, np.array([0, 0]))
    more = Snapshot.from_columns({"score": [50, 60]}, as_of=AS_OF, dictionary=DICTIONARY)
    with pytest.raises(ValueError, match="other parties"):
        Matcher(more, DICTIONARY).refresh(matches, np.array([0]))
    with pytest.raises(ValueError, match="benefits without a rule: b"):
        matches.program.changed({"b": None}, {"b": "1"})


@given(st.lists(st.booleans(), min_size=1, max_size=150), st.integers(0, 140))
def test_bits_are_put_at_any_place(flags, at) -> None:
    words = np.zeros(words_for(len(flags)), dtype=np.uint64)
    packed = np.packbits(flags, bitorder="little")
    words.view(np.uint8)[: len(packed)] = packed
    out = np.zeros(words_for(at + len(flags)), dtype=np.uint64)
    out[0] = 1
    put(words, out, at)
    wanted = sorted({0} | {at + row for row, flag in enumerate(flags) if flag})
    assert rows_of(out, at + len(flags)).tolist() == wanted
    assert count(out) == len(wanted)


AMOUNTS = st.floats(-1e14, 1e14) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(AMOUNTS, max_size=20), st.randoms(use_true_random=False))
def test_a_sum_is_the_same_in_any_order_and_close_to_the_true_one(amounts, random) -> None:
    total = exact(np.array(amounts))
    random.shuffle(amounts)
    half = len(amounts) // 2
    assert exact(np.array(amounts[:half])) + exact(np.array(amounts[half:])) == total
    if all(abs(each) < 1e300 for each in amounts):
        assert number(total) == pytest.approx(math.fsum(amounts), rel=1e-15, abs=len(amounts) * 2.0**-40)


def test_a_sum_beyond_all_floats_is_infinite() -> None:
    assert number(2 * exact(np.array([1.7e308]))) == math.inf
    assert number(2 * exact(np.array([-1.7e308]))) == -math.inf
