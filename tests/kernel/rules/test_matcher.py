"""The bulk engine gives for every row what the reference evaluator gives for that row alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, column_name
from innozone.kernel.rules import Condition, Matcher, Subject, Test, Truth, evaluate, explain, load_condition, value
from innozone.kernel.rules.bulk import compare, packed
from innozone.kernel.terms import UNKNOWN, Code, CodeList, Dictionary, Label, Variable
from tests.kernel.rules.sample import AS_OF, DICTIONARY, MONEY, condition, conditions, facts, keys


def snapshot(rows: Sequence[dict[str, dict[int | None, Any]]]) -> Snapshot:
    columns = {
        column_name(name, year): [row.get(name, {}).get(year) for row in rows]
        for name, year in keys()
        if any(year in row.get(name, {}) for row in rows)
    }
    party = np.arange(len(rows)) + 1000
    return Snapshot.from_columns(columns, as_of=AS_OF, party=party, dictionary=DICTIONARY)


def rule(*items: Any) -> Condition:
    return load_condition({"all": list(items)})


def test_a_near_miss_names_the_leaf_of_its_own_rule_when_rules_share_a_part() -> None:
    shared = {"any": ["score >= 90", "legal_person"]}
    rules = {"a": rule(shared, "revenue[-1] >= 1"), "b": rule("revenue[-1] >= 1", "registered_capital >= 1", shared)}
    values = {"score": {None: Decimal(50)}, "legal_person": {None: False}, "revenue": {2025: Decimal(5)}}
    found = Matcher(snapshot([values | {"registered_capital": {None: Decimal(5)}}]), DICTIONARY).match(rules)
    assert (found["a"].near_leaves, found["b"].near_leaves) == ({0: 1, 1: 1}, {2: 1, 3: 1})
    assert (found["a"].near_leaf(0), found["b"].near_leaf(0)) == ((0, 1), (2, 3))


@pytest.mark.parametrize("length", [1, 63, 64, 65, 127, 128, 129, 200, 320])
def test_several_limits_of_one_quantity_are_compared_alike_in_every_block(length) -> None:
    """The last block is narrower than those before it, and what they left in its words counts for nothing."""
    values = [(at * 37) % 101 if at % 7 else None for at in range(length)]
    facts = [{"score": {None: Decimal(value)}} if value is not None else {} for value in values]
    rules = {str(limit): rule(f"score >= {limit}") for limit in range(0, 100, 9)} | {"more": rule("score > 50")}
    with patch.object(compare, "CACHED_ROWS", 64):
        found = Matcher(snapshot(facts), DICTIONARY, block_rows=128).match(rules)
    for limit in range(0, 100, 9):
        wanted = [row for row, value in enumerate(values) if value is not None and value >= limit]
        assert found[str(limit)].rows("true").tolist() == wanted
        assert found[str(limit)].counts["unknown"] == values.count(None)
    assert found["more"].counts["true"] == sum(value is not None and value > 50 for value in values)


def test_a_condition_that_stands_twice_is_named_twice() -> None:
    twice = load_condition({"not": {"all": ["legal_person", "legal_person"]}})
    found = Matcher(snapshot([{"legal_person": {None: True}}]), DICTIONARY).match({"a": twice})["a"]
    assert found.near_leaf(0) == (0, 1)
    assert len(explain(twice, Subject(DICTIONARY, {"legal_person": {None: True}}, AS_OF)).near_miss) == 2


# The fewest rows that are worked out at once: a block of the second matcher has two pieces.
@patch.object(packed, "WORK_ROWS", 64)
@settings(max_examples=150, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=6), st.lists(conditions(peeking=True), min_size=1, max_size=3), MONEY)
def test_every_row_gets_the_verdict_of_the_reference_evaluator(rows, rules, amount) -> None:
    shot = snapshot(rows)
    named = {str(at): each for at, each in enumerate(rules)}
    # The smallest block: rows beyond it go through a second one.
    matcher = Matcher(shot, DICTIONARY, block_rows=64)
    repeated = Snapshot.from_columns(
        {name: [each for _ in range(30) for each in _listed(shot, name)] for name in shot.names},
        as_of=AS_OF,
        dictionary=DICTIONARY,
    ) if shot.names else shot  # fmt: skip
    for each in (matcher, Matcher(repeated, DICTIONARY, block_rows=128)):
        matches = each.match(named, dict.fromkeys(named, amount))
        for id, condition_ in named.items():
            found = matches[id]
            explained = [explain(condition_, Subject(DICTIONARY, row, AS_OF)) for row in rows]
            times = each.snapshot.rows // len(rows)
            for kind, wanted in {
                "true": [e.truth is Truth.TRUE for e in explained],
                "false": [e.truth is Truth.FALSE for e in explained],
                "unknown": [e.truth is Truth.UNKNOWN for e in explained],
                "manual_only": [e.manual_only for e in explained],
                "near": [bool(e.near_miss) for e in explained],
            }.items():
                assert found.rows(kind).tolist() == np.flatnonzero(wanted * times).tolist(), kind
                assert found.counts[kind] == sum(wanted) * times == len(found.bits(kind))
            blamed: dict[int, int] = {}
            for at, e in enumerate(explained):
                leaves = {_leaf(e, part) for part in e.near_miss}
                assert set(found.near_leaf(at)) == leaves
                for leaf in leaves:
                    blamed[leaf] = blamed.get(leaf, 0) + times
            assert found.near_leaves == blamed
            values = [value(amount, Subject(DICTIONARY, row, AS_OF)) for row in rows] * times
            for kind in ("true", "manual_only"):
                places, amounts = found.amounts(kind)
                for place, got in zip(places, amounts, strict=True):
                    wanted = values[place]
                    assert math.isnan(got) if wanted is UNKNOWN else got == wanted
            paid = [values[place] for place in found.rows("true")]
            assert found.benefit is not None
            assert found.benefit.total == pytest.approx(sum(each for each in paid if each is not UNKNOWN))


def _listed(shot: Snapshot, name: str) -> list[Any]:
    column = shot.column(name)
    assert column is not None
    found = [column.get(row) for row in range(shot.rows)]
    return [None if each is UNKNOWN else each for each in found]


def _leaf(root: Any, part: Any) -> int:
    """The leaf that a part of a test belongs to."""
    return next(leaf.leaf for leaf in root.leaves() if any(node is part for node in leaf.walk()))


def test_counts_and_rows_without_keeping_members() -> None:
    shot = Snapshot.from_columns({"score": [50, 60, None, 70] * 100}, as_of=AS_OF, dictionary=DICTIONARY)
    matcher = Matcher(shot, DICTIONARY, block_rows=128)
    kept = matcher.match({"a": condition("score >= 60")}, members=True)["a"]
    counted = matcher.match({"a": condition("score >= 60")}, members=False)["a"]
    assert counted.counts == kept.counts == {"true": 200, "unknown": 100, "manual_only": 0, "near": 100, "false": 100}
    for kind in ("true", "false", "unknown", "near"):
        assert counted.rows(kind).tolist() == kept.rows(kind).tolist()
    assert counted.truth(0) is Truth.FALSE
    assert counted.truth(2) is Truth.UNKNOWN
    assert 1 in counted.true
    assert 400 not in counted.true


def test_an_enterprise_short_of_one_leaf_is_a_near_miss_with_that_leaf() -> None:
    shot = Snapshot.from_columns(
        {
            "score": [60, 60, 50, 50, None],
            "legal_person": [True, True, True, False, True],
            "designations": [["tech_sme"], [], ["tech_sme"], [], []],
        },
        as_of=AS_OF,
        dictionary=DICTIONARY,
    )
    match = Matcher(shot, DICTIONARY).match({"a": rule("score >= 60", 'holds("tech_sme")', "legal_person")})["a"]
    assert match.rows("true").tolist() == [0]
    assert match.rows("near").tolist() == [1, 2]
    assert match.near_leaves == {0: 1, 1: 1}
    assert match.near_leaf(1) == (1,)
    assert match.near_leaf(2) == (0,)
    # Row 4 lacks the designation and nobody knows its score: that is not near.
    assert match.truth(4) is Truth.FALSE
    assert match.near_leaf(4) == ()


def test_rows_that_only_await_a_person_are_told_apart_and_priced_apart() -> None:
    shot = Snapshot.from_columns(
        {"score": [60, 50, None], "revenue@2025": [1e8, 1e8, 1e8]}, as_of=AS_OF, dictionary=DICTIONARY
    )
    rules = {"a": rule("score >= 60", {"manual": "无重大事故"}), "b": rule("score >= 60")}
    matches = Matcher(shot, DICTIONARY).match(rules, {"a": "min(1% * revenue[-1], 50万)", "b": "1% * net_profit[-1]"})
    assert matches["a"].rows("manual_only").tolist() == [0]
    assert matches["a"].rows("unknown").tolist() == [0, 2]
    assert (matches["a"].benefit.total, matches["a"].benefit.ready, matches["a"].benefit.unknown) == (0, 500_000, 0)
    assert (matches["b"].benefit.total, matches["b"].benefit.unknown) == (0, 1)


def test_a_column_the_snapshot_lacks_is_unknown_everywhere() -> None:
    shot = Snapshot.from_columns({"score": [60.0, 50.0]}, as_of=AS_OF, dictionary=DICTIONARY)
    rules = {
        text: condition(text)
        for text in ("revenue[-1] > 0", "legal_person", 'region within "xixian"', 'holds("tech_sme")', "rd_ratio[-1] > 0",
                     "nonsense > 1", "revenue > 1", 'scale == "large"', "age(established_on) > 1")
    }  # fmt: skip
    matches = Matcher(shot, DICTIONARY).match(rules)
    assert {id: matches[id].counts["unknown"] for id in rules} == dict.fromkeys(rules, 2)


def test_a_column_of_another_kind_than_the_rule_asks_for_is_unknown() -> None:
    shot = Snapshot.from_columns({"score": ["a", "b"], "region": [1.0, 2.0]}, as_of=AS_OF)
    matches = Matcher(shot, DICTIONARY).match({"a": condition("score >= 60"), "b": condition('region within "xixian"')})
    assert matches["a"].counts["unknown"] == matches["b"].counts["unknown"] == 2


def test_more_than_256_codes_and_scattered_branches() -> None:
    entries = tuple(Code(f"{at:04d}", Label(str(at), ""), f"{at % 10:04d}" if at >= 10 else None) for at in range(1000))
    many = Dictionary(
        {"product": Variable("product", Label("产品", "Product"), "code", codelist="products")},
        {"products": CodeList("products", Label("", ""), entries)},
    )
    listed = [f"{at:04d}" for at in range(1000)]
    shot = Snapshot.from_columns({"product": listed}, as_of=AS_OF)
    match = Matcher(shot, many).match({"a": condition('product within "0007"'), "b": condition('product == "0999"')})
    assert match["a"].rows("true").tolist() == [at for at in range(1000) if at % 10 == 7]
    assert match["b"].rows("true").tolist() == [999]


def test_no_rows_and_no_rules() -> None:
    empty = Snapshot.from_columns({}, as_of=AS_OF)
    match = Matcher(empty, DICTIONARY).match({"a": condition("score >= 60")}, {"a": "5万"})["a"]
    assert match.counts == {"true": 0, "unknown": 0, "manual_only": 0, "near": 0, "false": 0}
    assert match.rows("true").tolist() == match.rows("false").tolist() == []
    assert len(Matcher(empty, DICTIONARY).match({})) == 0


def test_wrong_calls_are_refused() -> None:
    shot = Snapshot.from_columns({"score": [60.0]}, as_of=AS_OF)
    with pytest.raises(ValueError, match="multiple of 64"):
        Matcher(shot, DICTIONARY, block_rows=100)
    with pytest.raises(ValueError, match="benefits without a rule: b"):
        Matcher(shot, DICTIONARY).match({"a": condition("true")}, {"b": "1"})
    match = Matcher(shot, DICTIONARY).match({"a": condition("true")})["a"]
    with pytest.raises(KeyError, match="no kind maybe"):
        match.rows("maybe")
    with pytest.raises(ValueError, match="without a benefit"):
        match.amounts()


def test_amounts_of_chosen_rows() -> None:
    shot = Snapshot.from_columns(
        {"revenue@2025": [100.0, None, 300.0], "established_on": [date(2020, 1, 1)] * 3},
        as_of=AS_OF,
        dictionary=DICTIONARY,
    )
    matcher = Matcher(shot, DICTIONARY)
    assert matcher.amounts("10% * revenue[-1]", np.array([2, 0])).tolist() == [30.0, 10.0]
    assert matcher.amounts("age(established_on)", slice(0, 2)).tolist() == [6.0, 6.0]
    assert matcher.amounts("5万", slice(None)).tolist() == [50_000.0] * 3


def test_the_verdict_of_a_row_is_that_of_its_facts_read_back() -> None:
    shot = Snapshot.from_columns(
        {"score": [59.9, None], "region": ["xixian", None]}, as_of=AS_OF, dictionary=DICTIONARY
    )
    test: Test = condition('score < 60 and region within "610000"')  # type: ignore[assignment]
    for row in range(2):
        facts = Subject(DICTIONARY, shot.values(row), shot.as_of)
        assert evaluate(test, facts) is Matcher(shot, DICTIONARY).match({"a": test})["a"].truth(row)
