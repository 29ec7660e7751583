"""What the check says is true of everyone, and the sets of values behind it. What it says of which rule: test_gallery."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Subject,
    Truth,
    check,
    check_dictionary,
    evaluate,
    load_condition,
)
from innozone.kernel.rules.bounded import Bounded
from innozone.kernel.rules.domains import NumberSet, in_at_least, inside, join, meet
from innozone.kernel.rules.parts import implies
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition, conditions, expressions, facts


def test_the_formulas_of_the_sample_are_sound() -> None:
    assert check_dictionary(DICTIONARY) == []


def test_a_problem_is_one_line() -> None:
    rule = load_condition({"all": ["legal_person", "score >= 60 and revenu[-1] > 5亿"]})
    (problem,) = check(rule, DICTIONARY)
    assert str(problem) == (
        "error: all[1].test: there is no variable revenu; did you mean revenue? (characters 17 to 26)"
    )


@settings(max_examples=300, deadline=None)
@given(expressions(), facts(unknown=0.05))
def test_a_rule_said_to_be_impossible_never_holds(expr, values) -> None:
    """A whole rule that is called impossible is true for nobody; one said to hold always is false for nobody."""
    whole = f"“{expr}”"
    verdict = evaluate(condition(str(expr)), Subject(DICTIONARY, values, AS_OF))
    for problem in check(expr, DICTIONARY):
        if problem.message == f"{whole} can never hold":
            assert verdict is not Truth.TRUE
        if problem.message == f"{whole} holds for every known value":
            assert verdict is not Truth.FALSE


@settings(max_examples=200, deadline=None)
@given(conditions(manual=False), conditions(manual=False), st.lists(facts(unknown=0.05), min_size=3, max_size=3))
def test_what_is_said_to_follow_from_a_rule_never_fails_where_the_rule_holds(a, b, firms) -> None:
    reader = Bounded(DICTIONARY)
    joined = [(a, b), (AllOf((a, b)), b), (a, AnyOf((b, a))), (AllOf((b, AnyOf((a, b)))), AtLeast(1, (a, b)))]
    certain = [implies(reader.read(one), reader.read(other)) for one, other in joined]
    assert certain[2:] == [True, True]
    for values in firms:
        firm = Subject(DICTIONARY, values, AS_OF)
        for (one, other), follows in zip(joined, certain, strict=True):
            if follows and evaluate(one, firm) is Truth.TRUE:
                assert evaluate(other, firm) is not Truth.FALSE


_OPS = st.sampled_from((">=", ">", "<=", "<", "==", "!="))
_SETS = st.recursive(
    st.builds(NumberSet.where, _OPS, st.integers(-3, 3).map(float), st.booleans()),
    lambda deep: st.one_of(st.builds(meet, deep, deep), st.builds(join, deep, deep), deep.map(lambda each: ~each)),
    max_leaves=5,
)
_POINTS = [at / 2 for at in range(-9, 10)]


def _members(domain: NumberSet) -> set[float]:
    return {point for point in _POINTS if meet(domain, NumberSet.where("==", point))}


@given(_SETS, _SETS)
def test_sets_of_numbers_combine_like_sets(a: NumberSet, b: NumberSet) -> None:
    assert _members(meet(a, b)) == _members(a) & _members(b)
    assert _members(join(a, b)) == _members(a) | _members(b)
    assert _members(~a) == set(_POINTS) - _members(a)
    assert ~~a == a
    assert not meet(a, ~a)
    assert inside(a, b) == (not meet(a, ~b))
    if inside(a, b):
        assert _members(a) <= _members(b)


@given(st.integers(1, 4), st.lists(_SETS, min_size=1, max_size=5))
def test_what_lies_in_so_many_sets_is_counted(n: int, sets: list[NumberSet]) -> None:
    listed = [_members(each) for each in sets]
    found = in_at_least(n, sets)
    assert isinstance(found, NumberSet)
    assert _members(found) == {point for point in _POINTS if sum(point in each for each in listed) >= n}


@given(_OPS, st.floats(-4, 4), st.integers(-5, 5))
def test_bounds_on_whole_numbers_keep_the_same_whole_numbers(op: str, limit: float, number: int) -> None:
    plain = bool(meet(NumberSet.where(op, limit), NumberSet.where("==", float(number))))
    assert bool(meet(NumberSet.where(op, limit, whole=True), NumberSet.where("==", float(number)))) is plain
