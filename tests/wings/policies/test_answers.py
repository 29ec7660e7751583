"""What is shown of a survey never tells what a few said, neither by itself nor by what is left of the whole."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from innozone.foundation.access.models import User
from innozone.foundation.facts import snapshots
from innozone.wings.policies import answers, consultations
from tests import zone

OPTIONS = ("甲", "乙", "丙")


@given(st.lists(st.sampled_from(OPTIONS), max_size=60))
def test_no_count_of_a_few_follows_from_the_counts_that_are_shown(said):
    whole = Counter(said)
    shown = answers._shown(whole, OPTIONS, adds_up=True)
    hidden = [option for option in OPTIONS if shown[option] is None]
    assert all(number is None or number == 0 or number >= answers.SMALL for number in shown.values())
    left = len(said) - sum(number or 0 for number in shown.values())
    assert not hidden or all(not number for number in shown.values()) or (len(hidden) > 1 and left >= answers.SMALL)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(OPTIONS)), max_size=80))
def test_no_group_tells_of_a_few_and_neither_do_those_left_out(said):
    chosen = dict(enumerate(option for _group, option in said))
    codes = dict(enumerate(group for group, _option in said))
    whole = Counter(chosen.values())
    shown = answers._shown(whole, OPTIONS, adds_up=True)
    groups = answers._groups(chosen, codes, shown, whole)
    for group in groups:
        assert group.answered >= answers.SMALL
        assert sum(group.counts.values()) == group.answered
        assert not any(0 < number < answers.SMALL for number in group.counts.values())
    for option, number in shown.items():
        if groups and number is not None:
            rest = number - sum(group.counts[option] for group in groups)
            assert rest == 0 or rest >= answers.SMALL
    assert not groups or len(said) - sum(group.answered for group in groups) not in range(1, answers.SMALL)


@pytest.mark.django_db
def test_answers_are_shown_by_the_groups_of_the_dictionary():
    zone.load()
    user = User.objects.create_user("editor", password="x" * 12)
    found = consultations.open_round(
        "需求调研",
        user,
        closes=timezone.localdate() + timedelta(days=9),
        questions=[{"text": "最需要什么", "kind": "single", "options": ["资金", "场地"]}],
    )
    for at in range(24):
        region, said = ("east", "资金") if at < 12 else ("west", "场地")
        firm = zone.enterprise(f"第{at}家有限公司", {"registration_region": region})
        consultations.reply(found, firm, user, {"q1": said})
    snapshots.build(timezone.localdate())
    (result,) = answers.results(found)
    assert result.counts == {"资金": 12, "场地": 12}
    assert [(group.answered, group.counts) for group in result.groups["registration_region"]] == [
        (12, {"资金": 12, "场地": 0}),
        (12, {"资金": 0, "场地": 12}),
    ]
