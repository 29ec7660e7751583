"""Rules are published once they are sound; their versions are added, never edited."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion
from innozone.foundation.verdicts.rules import RuleRefused
from tests import zone

pytestmark = pytest.mark.django_db
GOOD = {"conditions": {"all": ["revenue[-1] >= 100万"]}, "benefit": {"kind": "补贴", "amount": "1万"}}


@pytest.fixture(autouse=True)
def _zone():
    zone.load(zone.pack(policies={}))


def publish(data, **more):
    return rules.publish("r", "support", "补助", "Grant", data, **more)


def test_the_same_rule_again_is_the_same_version():
    first = publish(GOOD)
    assert publish(dict(reversed(GOOD.items()))) == first
    assert RuleVersion.objects.count() == 1


def test_another_wording_is_a_new_version_and_the_old_one_stays():
    first = publish(GOOD)
    second = publish(GOOD | {"conditions": {"all": ["revenue[-1] >= 200万"]}})
    first.refresh_from_db()
    assert (first.status, second.status, second.number) == ("ended", "active", 2)
    assert first.data == GOOD


def test_other_dates_are_a_new_version():
    publish(GOOD)
    assert publish(GOOD, valid_to=date(2027, 12, 31)).number == 2


def test_a_rule_that_comes_back_is_a_new_version():
    first = publish(GOOD)
    rules.retire(first.rule)
    today = timezone.localdate()
    assert list(rules.in_force(today)) == []
    assert list(rules.in_force(today - timedelta(days=1))) == [first]
    assert publish(GOOD).number == 2
    assert [version.number for version in rules.in_force(today)] == [2]


def test_a_version_that_begins_later_leaves_the_present_one_in_force_until_then():
    today = timezone.localdate()
    first = publish(GOOD)
    start = today + timedelta(days=30)
    second = publish(GOOD | {"conditions": {"all": ["revenue[-1] >= 200万"]}}, valid_from=start)
    first.refresh_from_db()
    assert (first.status, second.status) == ("active", "active")
    assert list(rules.in_force(today)) == [first]
    assert list(rules.in_force(start - timedelta(days=1))) == [first]
    assert list(rules.in_force(start)) == [second]
    assert rules.current([first, second], today) == first
    # A third that begins at once stands in the place of the first, and the second still begins.
    third = publish(GOOD | {"conditions": {"all": ["revenue[-1] >= 300万"]}}, valid_to=start - timedelta(days=1))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, list(rules.in_force(today))) == ("ended", [third])


def test_what_was_known_then_can_be_asked():
    first = publish(GOOD)
    then = timezone.now()
    second = publish(GOOD | {"conditions": {"all": ["revenue[-1] >= 200万"]}})
    day = date(2026, 6, 1)
    assert list(rules.in_force(day)) == [second]
    assert list(rules.in_force(day, known_at=then)) == [first]
    assert list(rules.in_force(day, known_at=then - timedelta(days=1))) == []


def test_a_renamed_rule_keeps_its_version():
    first = publish(GOOD)
    again = rules.publish("r", "support", "新名", "New name", GOOD)
    assert again == first
    assert again.rule.name == "新名"


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ({"conditions": {"all": ["revenu[-1] >= 100万"]}}, "conditions.all[0]", "revenue"),
        ({"conditions": {"all": ["revenue >= 100万"]}}, "conditions.all[0]", "revenue[-1]"),
        ({"conditions": {"all": ["revenue[-1] => 100万"]}}, "conditions.all[0]", ">="),
        ({"conditions": {"any": []}}, "conditions.any", "at least one"),
        ({"conditions": None}, "conditions", "one of"),
        (GOOD | {"benefit": {"amount": "10% * "}}, "benefit.amount", "ends too early"),
        (GOOD | {"benefit": {"amount": "revenue[-1] > 5"}}, "benefit.amount", "number"),
        (GOOD | {"scores": {"a": {"expr": "nothing"}}}, "scores.a", "nothing"),
        (GOOD | {"grants": "gazele"}, "grants", "designations"),
    ],
)
def test_an_unsound_rule_is_refused_with_the_place_and_the_cure(data, place, words):
    with pytest.raises(RuleRefused) as refused:
        publish(data)
    problem = refused.value.problems[0]
    assert problem.path.startswith(place)
    assert words in problem.message
    assert RuleVersion.objects.count() == 0


def test_all_problems_are_told_at_once():
    with pytest.raises(RuleRefused) as refused:
        publish({"conditions": {"all": ["a > 1", "b > 1"]}, "benefit": {"amount": "c"}})
    assert len(refused.value.problems) == 3


def test_a_quote_that_is_not_in_the_paper_is_refused():
    data = {"conditions": {"test": "revenue[-1] >= 100万", "quote": "收入三百万元"}}
    with pytest.raises(RuleRefused, match="not in the document"):
        publish(data, document="营业收入一百万元以上")


def test_a_draft_waits_until_it_is_put_in_force():
    first = publish(GOOD)
    draft = rules.draft("r", "support", "补助", "Grant", GOOD | {"conditions": "serious_breach"})
    assert (draft.status, draft.number) == ("draft", 2)
    assert list(rules.in_force(date(2026, 6, 1))) == [first]
    rules.activate(draft)
    assert list(rules.in_force(date(2026, 6, 1))) == [draft]
    assert draft.activated_at is not None


def test_a_draft_may_speak_of_unknown_facts_but_is_not_put_in_force_with_them():
    draft = rules.draft("r", "support", "补助", "Grant", {"conditions": "export_value[-1] > 0"})
    with pytest.raises(RuleRefused, match="export_value"):
        rules.activate(draft)
    with pytest.raises(RuleRefused):
        rules.draft("r", "support", "补助", "Grant", {"conditions": "revenue[-1] >"})


def test_leaves_know_their_place_in_the_text():
    document = "第一条 营业收入100万元以上"
    version = publish({"conditions": {"test": "revenue[-1] >= 100万", "quote": "100万元以上"}}, document=document)
    start, end = rules.anchored(version, document).leaves()[0].anchor.span
    assert document[start:end] == "100万元以上"
    assert rules.anchored(version, "改了").leaves()[0].anchor.span is None
