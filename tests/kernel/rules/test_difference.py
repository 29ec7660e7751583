"""What changed between two results, and why: against evaluating both sides, and what lies between, firm by firm."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, SnapshotWriter, column_name
from innozone.kernel.rules import (
    Cause,
    Condition,
    Program,
    Results,
    Subject,
    Truth,
    diff,
    explain,
    load_condition,
    write_results,
)
from innozone.kernel.rules.bulk.difference import _STEPS, Moved
from innozone.kernel.terms import UNKNOWN, Dictionary
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, conditions, facts, keys

Firms = dict[int, dict[str, dict[int | None, Any]]]
LATER = date(2027, 2, 1)


def snapshot(firms: Firms, day: date = AS_OF, version: str = "") -> Snapshot:
    columns = {column_name(*key): [firm.get(key[0], {}).get(key[1]) for firm in firms.values()] for key in keys()}
    return Snapshot.from_columns(columns, as_of=day, party=list(firms), dictionary=DICTIONARY, version=version)


class Side:
    """Firms and rules of one day, matched and kept."""

    def __init__(self, folder: Path, firms: Firms, rules: dict[str, Condition], day: date = AS_OF) -> None:
        self.firms, self.rules, self.day = firms, rules, day
        self.snapshot = snapshot(firms, day)
        self.results = write_results(folder, self.snapshot, Program(rules, DICTIONARY, day))


def found(old: Side, new: Side) -> Any:
    return diff(old.results, new.results, before=old.snapshot, after=new.snapshot, dictionary=DICTIONARY)


def kind_of(rule: Condition | None, firm: Any, day: date) -> str:
    """true, manual_only, or other."""
    if rule is None or firm is None:
        return "other"
    explained = explain(rule, Subject(DICTIONARY, firm, day))
    return "true" if explained.truth is Truth.TRUE else "manual_only" if explained.manual_only else "other"


def cause_of(old: Side, new: Side, id: str, party: int, kind: str) -> Cause:
    """The least of what moved that gives the new verdict, tried one by one."""
    if party not in old.firms or party not in new.firms:
        return Cause.NEW if party not in old.firms else Cause.GONE
    if id not in old.rules or id not in new.rules:
        return Cause.RULE
    wanted = kind_of(new.rules[id], new.firms[party], new.day) == kind
    moved = Cause.FACTS
    moved |= Cause.RULE if old.rules[id] != new.rules[id] else Cause(0)
    moved |= Cause.TIME if old.day != new.day else Cause(0)
    for step in _STEPS:
        rule, firm = (
            (new if cause in step else old).__dict__[name][key]
            for cause, name, key in ((Cause.RULE, "rules", id), (Cause.FACTS, "firms", party))
        )
        day = (new if Cause.TIME in step else old).day
        if step in moved and (kind_of(rule, firm, day) == kind) == wanted:
            return step
    return moved


def told(moved: Moved) -> dict[int, Cause]:
    return dict(zip(moved.parties.tolist(), map(Cause, moved.causes.tolist()), strict=True))


#: Rules that facts and time turn more often than those made at random.
PLAIN = ("age(established_on) >= 4", "score >= 60", "revenue[-1] >= 4000万", "score >= 60 and age(established_on) >= 4")
RULES = conditions() | st.sampled_from([condition(text) for text in PLAIN])
FACTS, OFTEN = facts(0.15), st.sampled_from((True, True, True, True, True, False))


@st.composite
def sides(draw: st.DrawFn) -> tuple[tuple[Firms, dict[str, Condition], date], tuple[Firms, dict[str, Condition], date]]:
    """Two days of a zone: some firms and rules stay as they are, some are others, come or go."""
    before, after, old, new = {}, {}, {}, {}
    for strategy, then, now, most in ((FACTS, before, after, 6), (RULES, old, new, 4)):
        for at in range(draw(st.integers(1, most))):
            one = draw(strategy)
            if draw(OFTEN):
                then[at] = one
            if draw(OFTEN):
                now[at] = draw(strategy) if draw(st.booleans()) else one
    order = draw(st.permutations(sorted(after))) if draw(st.booleans()) else sorted(after)
    rules = [{f"r{at}": rule for at, rule in side.items()} for side in (old, new)]
    return (before, rules[0], AS_OF), ({at: after[at] for at in order}, rules[1], draw(st.sampled_from((AS_OF, LATER))))


@settings(max_examples=60, deadline=None)
@given(sides())
def test_who_changed_and_because_of_what_is_as_every_firm_alone_says(both) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old, new = (Side(Path(folder) / str(at), *side) for at, side in enumerate(both))
        difference = found(old, new)
        changed = {change.id: change for change in difference.changes()}
        assert set(changed) <= {*old.rules, *new.rules}
        for id in {*old.rules, *new.rules}:
            change = difference[id]
            assert bool(change) == (id in changed)
            for kind, came, left in (
                ("true", change.gained, change.lost),
                ("manual_only", change.ready, change.unready),
            ):
                wanted_came, wanted_left = {}, {}
                for party in {*old.firms, *new.firms}:
                    was = kind_of(old.rules.get(id), old.firms.get(party), old.day) == kind
                    is_now = kind_of(new.rules.get(id), new.firms.get(party), new.day) == kind
                    if was != is_now:
                        wanted = wanted_came if is_now else wanted_left
                        wanted[party] = cause_of(old, new, id, party, kind)
                assert told(came) == wanted_came
                assert told(left) == wanted_left
                assert came.parties.tolist() == [party for party in new.firms if party in wanted_came]
                assert left.parties.tolist() == [party for party in old.firms if party in wanted_left]


@settings(max_examples=25, deadline=None)
@given(sides())
def test_why_tells_the_facts_that_moved_and_the_leaves_that_turned(both) -> None:
    with tempfile.TemporaryDirectory() as folder:
        old, new = (Side(Path(folder) / str(at), *side) for at, side in enumerate(both))
        difference = found(old, new)
        for id in difference.ids:
            for party in {*old.firms, *new.firms}:
                why = difference.why(party, id)
                for side, explained in ((old, why.before), (new, why.after)):
                    if id not in side.rules or party not in side.firms:
                        assert explained is None
                    else:
                        alone = explain(side.rules[id], Subject(DICTIONARY, side.firms[party], side.day))
                        assert explained == alone
                for fact in why.facts:
                    then, now = (
                        side.firms[party].get(fact.variable, {}).get(fact.year, UNKNOWN) for side in (old, new)
                    )
                    assert (fact.before, fact.after) == (then, now)
                    assert then != now
                if why.before is not None and why.after is not None:
                    if old.rules[id] == new.rules[id]:
                        turned = [
                            (one.leaf, other.leaf)
                            for one, other in zip(why.before.leaves(), why.after.leaves(), strict=True)
                            if one.truth is not other.truth
                        ]
                        assert [(leaf.before.leaf, leaf.after.leaf) for leaf in why.leaves] == turned
                        if old.day == new.day:
                            # The same rule on the same day: nothing turns without a fact.
                            assert bool(why.facts) or why.before == why.after
                    elif why.before.truth is not why.after.truth:
                        assert (
                            why.leaves or why.before.kind != why.after.kind or why.before.n != why.after.n or why.facts
                        )


def pair(tmp_path: Path, then: dict[str, Any], now: dict[str, Any]) -> tuple[Results, Results, dict[str, Any]]:
    """Two results from columns, rules by text, and days; with the snapshots as diff takes them."""
    made = []
    for name, side in (("then", then), ("now", now)):
        day = side.get("day", AS_OF)
        shot = Snapshot.from_columns(
            side["columns"], as_of=day, party=side["party"], dictionary=DICTIONARY, version=side.get("version", name)
        )
        rules = {id: load_condition(data) for id, data in side["rules"].items()}
        made.append((write_results(tmp_path / name, shot, Program(rules, DICTIONARY, day)), shot))
    (old, before), (new, after) = made
    return old, new, {"before": before, "after": after, "dictionary": DICTIONARY}


def test_each_cause_is_told_apart(tmp_path) -> None:
    then = {
        "columns": {"score": [60, 50, 70, 80, None], "established_on": [date(2024, 1, 5)] * 5},
        "party": [1, 2, 3, 4, 5],
        "rules": {
            "score": "score >= 60",
            "age": "age(established_on) >= 3",
            "new_bar": "score >= 75",
            "gone": "score >= 1",
        },
    }
    now = {
        "columns": {"score": [60, 65, 70, 90, 40], "established_on": [date(2024, 1, 5)] * 5},
        "party": [1, 2, 3, 6, 5],
        "rules": {"score": "score >= 60", "age": "age(established_on) >= 3", "new_bar": "score >= 65", "added": "score >= 90"},
        "day": LATER,
    }  # fmt: skip
    old, new, sides = pair(tmp_path, then, now)
    difference = diff(old, new, **sides)
    assert [change.id for change in difference.changes()] == ["score", "age", "new_bar", "added", "gone"]
    assert difference["score"].gained.counts() == {"facts": 1, "new": 1}
    assert told(difference["score"].lost) == {4: Cause.GONE}
    assert told(difference["age"].gained) == {1: Cause.TIME, 2: Cause.TIME, 3: Cause.TIME, 5: Cause.TIME, 6: Cause.NEW}
    # 70 always reached 65; 2 has more now, and needed the lower bar, too.
    assert told(difference["new_bar"].gained) == {3: Cause.RULE, 2: Cause.RULE | Cause.FACTS, 6: Cause.NEW}
    assert difference["new_bar"].gained.counts() == {"rule": 1, "new": 1, "rule+facts": 1}
    assert told(difference["added"].gained) == {6: Cause.NEW}
    assert told(difference["gone"].lost) == {1: Cause.RULE, 2: Cause.RULE, 3: Cause.RULE, 4: Cause.GONE}
    with pytest.raises(KeyError):
        difference["nothing"]
    # Without the snapshots only what can have no other cause is told.
    blind = diff(old, new)
    assert told(blind["new_bar"].gained) == {3: Cause(0), 2: Cause(0), 6: Cause.NEW}
    assert blind["new_bar"].gained.counts() == {"unexplained": 2, "new": 1}
    with pytest.raises(ValueError, match="needed to say why"):
        blind.why(2, "score")


def test_a_new_years_figures_need_the_day_and_the_facts(tmp_path) -> None:
    then = {"columns": {"revenue@2025": [9_000_000]}, "party": [1], "rules": {"a": "revenue[-1] >= 1000万"}}
    now = then | {"columns": {"revenue@2025": [9_000_000], "revenue@2026": [12_000_000]}, "day": LATER}
    old, new, sides = pair(tmp_path, then, now)
    difference = diff(old, new, **sides)
    assert difference["a"].gained.counts() == {"facts+time": 1}
    why = difference.why(1, "a")
    assert why.cause == Cause.FACTS | Cause.TIME
    assert [(fact.variable, fact.year, fact.before, fact.after) for fact in why.facts] == [
        ("revenue", 2026, UNKNOWN, 12_000_000)
    ]
    (leaf,) = why.leaves
    assert [(each.year, each.value) for each in (*leaf.before.inputs, *leaf.after.inputs)] == [
        (2025, 9_000_000), (2026, 12_000_000),
    ]  # fmt: skip
    assert not leaf.reworded


def test_a_reworded_rule_tells_its_leaves_side_by_side(tmp_path) -> None:
    then = {
        "columns": {"score": [65], "legal_person": [True], "region": ["xixian"]},
        "party": [7],
        "rules": {"a": {"all": ["legal_person", "score >= 70", 'region within "xixian"']}},
    }
    now = then | {"rules": {"a": {"all": ["legal_person", "score >= 60", {"manual": "诚信经营"}]}}, "version": "then"}
    old, new, sides = pair(tmp_path, then, now)
    difference = diff(old, new, **sides)
    assert told(difference["a"].ready) == {7: Cause.RULE}
    assert not difference["a"].gained
    why = difference.why(7, "a")
    assert why.facts == ()
    assert [(leaf.before and leaf.before.text, leaf.after and leaf.after.text) for leaf in why.leaves] == [
        ("score >= 70", "score >= 60"),
        ('region within "xixian"', "诚信经营"),
    ]
    assert all(leaf.reworded for leaf in why.leaves)


def test_records_that_came_are_a_fact_that_changed(tmp_path) -> None:
    patent = {"kind": "invention_patent", "granted_on": date(2025, 1, 1)}
    rules = {"a": 'count(ip where kind == "invention_patent") >= 1'}
    then = {"columns": {"ip[]": [[], []]}, "party": [1, 2], "rules": rules}
    now = {"columns": {"ip[]": [[patent], []]}, "party": [1, 2], "rules": rules}
    old, new, sides = pair(tmp_path, then, now)
    difference = diff(old, new, **sides)
    assert told(difference["a"].gained) == {1: Cause.FACTS}
    (fact,) = difference.why(1, "a").facts
    assert (fact.variable, fact.year, fact.before, fact.after) == ("ip[]", None, (), (patent,))
    assert difference.why(2, "a").cause is None


def test_a_formula_of_the_dictionary_that_changed_is_a_rule_that_changed(tmp_path) -> None:
    shot = Snapshot.from_columns(
        {"revenue@2025": [100], "rd_expense@2025": [4]}, as_of=AS_OF, dictionary=DICTIONARY, version="v"
    )
    rules = {"a": condition("rd_ratio[-1] >= 5%")}
    old = write_results(tmp_path / "old", shot, Program(rules, DICTIONARY, AS_OF))
    variable = DICTIONARY["rd_ratio"]
    twice = type(variable)(variable.code, variable.label, "ratio", period="year", formula="2 * rd_expense / revenue")
    terms = Dictionary({**DICTIONARY.variables, "rd_ratio": twice}, DICTIONARY.codelists, DICTIONARY.records)
    new = write_results(tmp_path / "new", shot, Program(rules, terms, AS_OF))
    difference = diff(old, new, before=shot, after=shot, dictionary=terms, old_dictionary=DICTIONARY)
    assert difference["a"].gained.counts() == {"rule": 1}
    assert difference.why(0, "a").cause is Cause.RULE


def test_the_first_results_find_everyone_new(tmp_path) -> None:
    then = {"columns": {"score": [60, 50]}, "party": [1, 2], "rules": {"a": "score >= 60"}}
    _, new, sides = pair(tmp_path, then, then)
    difference = diff(None, new, after=sides["after"], dictionary=DICTIONARY)
    assert told(difference["a"].gained) == {1: Cause.NEW}
    why = difference.why(1, "a")
    assert why.before is None
    assert why.after.truth is Truth.TRUE
    with pytest.raises(KeyError):
        difference["b"]


def test_many_parts_are_read_once_for_many_rules(tmp_path, monkeypatch) -> None:
    folders = []
    for name, shift in (("then", 0), ("now", 3)):
        with SnapshotWriter(tmp_path / name, as_of=AS_OF, dictionary=DICTIONARY, version=name) as writer:
            for start in range(0, 900, 300):
                writer.append(np.arange(start, start + 300), {"score": (np.arange(start, start + 300) + shift) % 100.0})
        folders.append(Snapshot.open(tmp_path / name))
    before, after = folders
    rules = {f"r{at}": condition(f"score >= {at + 40}") for at in range(40)}
    old = write_results(tmp_path / "old", before, Program(rules, DICTIONARY, AS_OF))
    reworded = {id: load_condition(f"score >= {at + 41}") for at, id in enumerate(rules)}
    new = write_results(tmp_path / "new", after, Program(reworded, DICTIONARY, AS_OF))
    reads = []
    original = Snapshot._read
    monkeypatch.setattr(Snapshot, "_read", lambda self, name: reads.append(name) or original(self, name))
    changes = {
        change.id: change for change in diff(old, new, before=before, after=after, dictionary=DICTIONARY).changes()
    }
    assert set(changes) == set(rules)
    # Up to two from the last two of a hundred that now come to the limit.
    assert changes["r0"].gained.counts() == {"facts": 18}
    assert changes["r0"].lost.counts() == {"facts": 27}
    # Two worlds (another rule, other facts) of three parts for 32 rules and for the other 8.
    assert len(reads) <= 2 * 2 * 3


def test_what_does_not_belong_together_is_refused(tmp_path) -> None:
    then = {"columns": {"score": [60, 50]}, "party": [1, 2], "rules": {"a": "score >= 60"}}
    old, new, sides = pair(tmp_path, then, then | {"party": [1, 3]})
    with pytest.raises(ValueError, match="is not the one that was matched"):
        diff(old, new, before=sides["after"])
    twice = pair(tmp_path / "twice", then | {"party": [4, 4]}, then)
    with pytest.raises(ValueError, match="the party 4 stands twice"):
        list(diff(*twice[:2]).changes())
