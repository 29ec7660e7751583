"""The minimal sets of failing leaves, and the reasons of a false verdict, against trying every set of leaves."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import Explanation, explain, load_condition
from innozone.kernel.rules.solve.failing import LeafSet, failing_sets, reasons
from innozone.kernel.rules.truth import Truth, at_least
from tests.kernel.rules.sample import DICTIONARY, subject

#: Each leaf speaks of a fact of its own and stands once in a tree: no node is settled by what another says.
FACTS = {
    "legal_person": True,
    "abnormal_list": False,
    "score": 70,
    "registered_capital": 100,
    "region": "620000",
    "industry": "65",
    "name": "沣东材料",
}
LEAVES: tuple[Any, ...] = (
    "legal_person",
    "abnormal_list",
    "score > 90",
    "registered_capital >= 500万",
    "net_profit[-1] > 0",
    'region within "xixian"',
    'holds("tech_sme")',
    "revenue[-1] >= 2000万",
    "staff_total[-1] >= 20",
    'industry within "I"',
    'name == "秦创原科技"',
    {"manual": "经专家评议"},
)


def _nodes(deep: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(deep, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda nodes: {"all": nodes}),
        some.map(lambda nodes: {"any": nodes}),
        deep.map(lambda node: {"not": node}),
        some.flatmap(
            lambda nodes: st.integers(1, len(nodes)).map(lambda n: {"at_least": {"n": n, "of": nodes}}),
        ),
    )


@st.composite
def trees(draw: st.DrawFn) -> Any:
    shape = draw(st.recursive(st.none(), _nodes, max_leaves=7))
    leaves = iter(draw(st.permutations(LEAVES)) * 3)

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [filled(each) for each in node]
        return next(leaves) if node is None else node

    return filled(shape)


def truth(node: Explanation, leaves: dict[int, Truth]) -> Truth:
    """The verdict of the tree with other truths of its leaves."""
    if node.leaf is not None:
        return leaves[node.leaf]
    below = [truth(child, leaves) for child in node.children]
    return ~below[0] if node.kind == "not" else at_least(node.n, below)


def subsets(leaves: list[int]) -> list[frozenset[int]]:
    every = chain.from_iterable(combinations(leaves, size) for size in range(len(leaves) + 1))
    return [frozenset(each) for each in every]


def minimal(found: list[frozenset[int]]) -> set[frozenset[int]]:
    return {each for each in found if not any(other < each for other in found)}


def explained(data: Any) -> Explanation:
    return explain(load_condition(data), subject(**FACTS))


@settings(max_examples=120, deadline=None)
@given(trees())
def test_the_sets_are_all_the_minimal_ones_that_make_the_verdict_true(data: Any) -> None:
    told = explained(data)
    leaves = {leaf.leaf or 0: leaf for leaf in told.leaves()}

    def turned(some: frozenset[int]) -> Truth:
        return truth(
            told,
            {at: Truth.of(leaf.asked) if at in some or leaf.manual else leaf.truth for at, leaf in leaves.items()},
        )

    open_ = [at for at, leaf in leaves.items() if not leaf.manual and leaf.truth is not Truth.of(leaf.asked)]
    wanted = minimal([some for some in subsets(open_) if turned(some) is Truth.TRUE])
    found = failing_sets(told, DICTIONARY, most=1000)
    assert {frozenset(each.leaves) for each in found.sets} == wanted
    assert found.complete
    assert found.count == len(wanted)
    assert [len(each.leaves) for each in found.sets] == sorted(len(each) for each in wanted)
    for each in found.sets:
        assert all(leaves[at].truth is Truth.UNKNOWN for at in each.find_out)
        assert all(leaves[at].truth is not Truth.UNKNOWN for at in each.change)


@settings(max_examples=120, deadline=None)
@given(trees())
def test_the_reasons_are_all_the_minimal_ones_that_keep_it_false(data: Any) -> None:
    told = explained(data)
    leaves = {leaf.leaf or 0: leaf for leaf in told.leaves()}
    against = [at for at, leaf in leaves.items() if leaf.truth is Truth.of(not leaf.asked)]

    def kept(some: frozenset[int]) -> bool:
        """Is it false with nothing but these leaves known?"""
        return (
            truth(told, {at: leaf.truth if at in some else Truth.UNKNOWN for at, leaf in leaves.items()}) is Truth.FALSE
        )

    found = reasons(told, DICTIONARY, most=1000)
    assert {frozenset(each.leaves) for each in found.sets} == minimal([some for some in subsets(against) if kept(some)])
    assert bool(found.sets) is (told.truth is Truth.FALSE)


@settings(max_examples=60, deadline=None)
@given(trees(), st.integers(1, 4))
def test_a_bound_leaves_out_none_but_larger_ones_and_says_so(data: Any, most: int) -> None:
    told = explained(data)
    every, few = failing_sets(told, DICTIONARY, most=1000), failing_sets(told, DICTIONARY, most=most)
    assert few.count == every.count
    assert few.complete is (len(every.sets) <= most)
    sizes = [(len(each.leaves), len(each.find_out)) for each in every.sets]
    assert [(len(each.leaves), len(each.find_out)) for each in few.sets] == sizes[:most]


def test_what_can_be_changed_and_what_must_be_found_out() -> None:
    told = explained(
        {"all": ["score > 90", {"any": ["net_profit[-1] > 0", 'region within "xixian"']}, {"manual": "x"}]}
    )
    assert failing_sets(told, DICTIONARY).sets == (LeafSet((0, 2)), LeafSet((0,), (1,)))
    assert reasons(told, DICTIONARY).sets == (LeafSet((0,)),)


def test_a_huge_choice_is_counted_and_the_smallest_are_given() -> None:
    pairs = [{"any": ["score > 90", "registered_capital >= 500万"]} for _ in range(40)]
    found = failing_sets(explained({"all": pairs}), DICTIONARY)
    assert found.count == 2**40
    assert not found.complete
    assert {len(each.leaves) for each in found.sets} == {40}


def test_no_leaf_can_turn_what_contradicts_itself_and_none_need_turn_what_always_holds() -> None:
    assert failing_sets(explained({"all": ["net_profit[-1] > 5", "net_profit[-1] < 5"]}), DICTIONARY).sets == ()
    assert reasons(explained({"all": ["net_profit[-1] > 5", "net_profit[-1] < 5"]}), DICTIONARY).sets == (LeafSet(()),)
    found = failing_sets(explained({"any": ["net_profit[-1] > 5", "net_profit[-1] <= 5"]}), DICTIONARY)
    assert found.sets == (LeafSet(()),)
