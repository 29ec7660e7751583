"""Proved on random rules and facts: a verdict given with facts missing is the verdict in every world they leave open.

Asking whether a fact is known (`known`, `coalesce`) is left out, as the reference says: such answers are meant to
change. So is a derived figure that is delivered later and differs from the one computed.
"""

from __future__ import annotations

from bench import unknowns
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import AllOf, AnyOf, AtLeast, Condition, Negation, Subject, Test, Truth, evaluate
from tests.kernel.rules.sample import AS_OF, DICTIONARY, DISTINCT, conditions, facts
from tests.kernel.rules.worlds import Facts, worlds

#: Of so many worlds each verdict is tried in, drawn evenly where there are more.
WORLDS = 40


def _verdict(rule: Condition, values: Facts) -> Truth:
    return evaluate(rule, Subject(DICTIONARY, values, AS_OF))


@settings(max_examples=250, deadline=None)
@given(conditions(manual=False), facts(unknown=0.5))
def test_a_verdict_holds_in_every_world_that_the_missing_facts_leave_open(rule, values) -> None:
    verdict = _verdict(rule, values)
    if verdict is not Truth.UNKNOWN:
        for world in worlds(rule, values, WORLDS):
            assert _verdict(rule, world) is verdict, world


@settings(max_examples=150, deadline=None)
@given(conditions(manual=False), facts(unknown=0.5), st.randoms(use_true_random=False))
def test_a_fact_that_comes_in_never_contradicts_a_verdict(rule, values, random) -> None:
    """One fact after the other until all are known: unknown may turn into true or false, and that then stays."""
    (world,) = list(worlds(rule, values, 1)) or [values]
    missing = [(name, year) for name in world for year in world[name] if year not in values.get(name, {})]
    random.shuffle(missing)
    now = {name: dict(by_year) for name, by_year in values.items()}
    verdict = _verdict(rule, now)
    for name, year in missing:
        now.setdefault(name, {})[year] = world[name][year]
        later = _verdict(rule, now)
        assert verdict in (Truth.UNKNOWN, later), (name, year)
        verdict = later


@st.composite
def of_distinct_facts(draw: st.DrawFn) -> Condition:
    """A tree over comparisons no two of which read the same fact."""
    atoms = draw(st.lists(st.sampled_from(DISTINCT), min_size=1, max_size=4, unique_by=id))
    nodes: list[Condition] = [Test(draw(atom)) for atom in atoms]
    while len(nodes) > 1:
        taken = tuple(nodes.pop() for _ in range(draw(st.integers(2, len(nodes)))))
        n = draw(st.integers(1, len(taken)))
        joined = draw(st.sampled_from((AllOf(taken), AnyOf(taken), AtLeast(n, taken))))
        nodes.insert(0, Negation(joined) if draw(st.booleans()) else joined)
    return nodes[0]


@settings(max_examples=200, deadline=None)
@given(of_distinct_facts(), facts(unknown=0.6))
def test_unknown_means_that_the_missing_facts_decide(rule, values) -> None:
    """Complete: where no fact is asked twice, a verdict stays unknown only if one world makes it true, one false."""
    found = {_verdict(rule, world) for world in worlds(rule, values, 2000)}
    assert _verdict(rule, values) is (found.pop() if len(found) == 1 else Truth.UNKNOWN)


def test_no_wrong_grant_and_none_missed_where_taking_unknown_for_zero_gives_many_of_both() -> None:
    found = unknowns.figures(rows=3000, policies=150, unknown=0.1)
    ours, zero = found["three-valued"], found["unknown taken for zero"]
    assert (ours["wrong"], ours["missed"]) == (0, 0)
    assert 0.02 < ours["open_share"] < 0.15
    assert zero["open"] == 0
    assert 0.02 < zero["wrong_share"] < 0.15
    assert 0.02 < zero["missed_share"] < 0.15
