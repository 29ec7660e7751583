"""The form of a rule's conditions: what comes back is what went out, but for what a person changed."""

from __future__ import annotations

import json

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import load_condition
from innozone.portal import trees

LEAVES = st.one_of(
    st.integers(1, 99).map(
        lambda n: {"test": f"revenue[-1] >= {n}万", "quote": f"营业收入{n}万元以上", "source": "第一条"}
    ),
    st.sampled_from("甲乙丙丁").map(lambda word: {"manual": f"符合{word}方向"}),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda of: {"all": of}),
        st.lists(inner, min_size=2, max_size=4).map(lambda of: {"any": of, "quote": "符合下列条件之一"}),
        st.lists(inner, min_size=2, max_size=4).map(lambda of: {"at_least": {"n": 2, "of": of}}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=12,
)
RULE = {"all": [{"test": "revenue[-1] >= 5万"}, {"test": "rd_ratio[-1] >= 5%"}, {"manual": "符合方向"}]}


def post(form: trees.GroupForm, name: str = "i0", **changed: str) -> QueryDict:
    """What a browser sends of a form."""
    sent = QueryDict(mutable=True)
    sent[f"{name}-shape"] = form.shape_text
    for leaf in form.leaves():
        sent.update({f"{leaf.name}-kind": leaf.kind, f"{leaf.name}-text": leaf.text, f"{leaf.name}-quote": leaf.quote})
    for key, value in changed.items():
        sent[f"{name}-{key}"] = value
    return sent


def same(data):
    return load_condition(data).to_data()


@pytest.fixture
def form(place):
    translation.activate("en")
    return trees.form_of("i0", RULE, "", {})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES)
def test_a_form_that_is_sent_back_untouched_changes_nothing(place, data):
    assert trees.data_of(post(trees.form_of("i0", data, "", {})), "i0", data) == same(data)


def test_conditions_are_grouped_counted_denied_and_added(form):
    shape = {"join": "all", "group": 0, "of": [0, {"join": "any", "group": None, "of": [2, 1, 3]}]}
    sent = post(form, shape=json.dumps(shape), **{"l3-kind": "test", "l3-text": "registered_years >= 2"})
    any_of = [RULE["all"][2], RULE["all"][1], {"test": "registered_years >= 2"}]
    assert trees.data_of(sent, "i0", RULE) == {"all": [RULE["all"][0], {"any": any_of}]}
    shape["of"][1] |= {"join": "at_least", "n": 9}
    sent["i0-shape"] = json.dumps(shape)
    assert trees.data_of(sent, "i0", RULE)["all"][1] == {"at_least": {"n": 3, "of": any_of}}, "no more than there are"
    shape["of"][1]["join"] = "none"
    sent["i0-shape"] = json.dumps(shape)
    assert trees.data_of(sent, "i0", RULE)["all"][1] == {"not": {"any": any_of}}


def test_what_is_left_out_is_gone_and_with_it_a_group_of_nothing(form):
    shape = {"join": "all", "group": 0, "of": [0, {"join": "any", "group": None, "of": [1, 2]}]}
    sent = post(form, shape=json.dumps(shape), **{"l1-drop": "1"})
    assert trees.data_of(sent, "i0", RULE) == {"all": [RULE["all"][0], RULE["all"][2]]}
    sent["i0-l2-drop"] = "1"
    assert trees.data_of(sent, "i0", RULE) == {"all": [RULE["all"][0]]}
    sent["i0-l0-drop"] = "1"
    assert trees.data_of(sent, "i0", RULE) == {"all": []}


@pytest.mark.parametrize(
    "shape",
    [
        "{",
        "[" * 10_000,
        '{"join": "xor", "of": [0]}',
        '{"join": "all", "of": [0, 0]}',
        '{"join": "all", "of": [-1]}',
        '{"join": "all", "of": [true]}',
        '{"join": "all", "of": 3}',
        '{"join": "at_least", "n": 0, "of": [0, 1]}',
        '{"join": "at_least", "of": [0, 1]}',
        '"all"',
    ],
)
def test_a_shape_that_is_none_is_told_and_never_guessed(form, shape):
    with pytest.raises(ValueError, match=r"joined|1 or more"):
        trees.data_of(post(form, shape=shape), "i0", RULE)


def test_groups_without_end_and_emptied_conditions_are_told(form):
    deep = '{"join": "any", "of": [' * 40 + "0" + "]}" * 40
    with pytest.raises(ValueError, match="too deeply"):
        trees.data_of(post(form, shape=deep), "i0", RULE)
    with pytest.raises(ValueError, match="empty"):
        trees.data_of(post(form, **{"l1-text": " "}), "i0", RULE)


def test_words_of_the_text_become_conditions(place):
    (found,) = trees.leaves_from_words("i0", 7, "上年度营业收入500万元以上")
    assert (found.name, found.kind, found.text) == ("i0-l7", "test", "revenue[-1] >= 500万")
    assert found.quote in "上年度营业收入500万元以上"
    (judged,) = trees.leaves_from_words("i0", 0, "具有较强的示范带动作用")
    assert (judged.kind, judged.quote) == ("manual", "具有较强的示范带动作用")
    (empty,) = trees.leaves_from_words("i0", 0, "  ")
    assert (empty.kind, empty.text) == ("test", "")
