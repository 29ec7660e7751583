"""Two versions of a policy: what is different, brought back, with days of validity, ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import drafts, library, matching, texts, versions
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.models import Policy
from innozone.wings.policies.versions import Words
from tests import zone

pytestmark = pytest.mark.django_db
TEXT = "示范新区补助办法\n在新区注册，上年度营业收入500万元以上的企业，奖励8万元。\n本办法由科技局解释。"
LEAVES = [
    {"test": 'registration_region within "zone"', "quote": "在新区注册"},
    {"test": "revenue[-1] >= 500万", "quote": "上年度营业收入500万元以上"},
]
TODAY = timezone.localdate()


@pytest.fixture
def editor(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()
    zone.populate()
    user = User.objects.create_user("editor", password="x" * 12)
    Membership.objects.create(user=user, role=Role.EDITOR)
    return user


def saved(editor, text=TEXT, leaves=LEAVES, amount="8万", code="", **more) -> Policy:
    policy = Policy.objects.filter(origin="read").first() or drafts.read(text, editor)
    item = ItemDraft(
        "成长奖励", {"conditions": {"all": leaves}, "benefit": {"kind": "奖励", "amount": amount}} | more, code=code
    )
    drafts.save_version(policy, text, [item], editor)
    return policy


def code_of(policy: Policy) -> str:
    return library.items(policy, drafts_first=True)[0].item.rule.code


def test_figures_are_compared_whole_and_words_letter_by_letter():
    assert versions.letters("营业收入500万元以上", "营业收入450万元以上") == [
        Words("same", "营业收入"), Words("gone", "500"), Words("added", "450"), Words("same", "万元以上")
    ]  # fmt: skip
    assert versions.letters("", "新的一句") == [Words("added", "新的一句")]


def test_what_changed_is_told_by_word_and_by_condition(editor):
    policy = saved(editor)
    old = texts.current(policy)
    changed = TEXT.replace("500万元", "400万元").replace("8万元", "10万元")
    leaves = [
        LEAVES[0],
        {"test": "revenue[-1] >= 400万", "quote": "上年度营业收入400万元以上"},
        {"manual": "未发生安全事故", "quote": "企业"},
    ]
    saved(editor, changed, leaves, "10万", code_of(policy))
    new = texts.current(policy)
    made = versions.compare(old, new)
    told = [
        (words.change, words.text) for paragraph in made.paragraphs for words in paragraph if words.change != "same"
    ]
    assert told == [("gone", "500"), ("added", "400"), ("gone", "8"), ("added", "10")]
    (item,) = [each for each in made.items if each.change != "gone"]
    assert (item.change, item.amount, item.kind) == ("changed", ("8万", "10万"), None)
    assert [leaf.change for leaf in item.leaves] == ["same", "changed", "added"]
    assert item.leaves[1].was.anchor.quote == "上年度营业收入500万元以上"
    # The other way round it is the same, turned.
    back = versions.compare(new, old)
    assert [leaf.change for leaf in next(each for each in back.items if each.change == "changed").leaves] == [
        "same",
        "changed",
        "gone",
    ]
    # A version beside itself has nothing to tell.
    alone = versions.compare(new, new)
    assert not alone.text_changed
    assert {each.change for each in alone.items} == {"same"}


def test_conditions_that_only_join_otherwise_are_told(editor):
    policy = saved(editor)
    old = texts.current(policy)
    data = {"conditions": {"any": LEAVES}, "benefit": {"kind": "奖励", "amount": "8万"}}
    drafts.save_version(policy, TEXT, [ItemDraft("成长奖励", data, code=code_of(policy))], editor)
    item = next(each for each in versions.compare(old, texts.current(policy)).items if each.change == "changed")
    assert item.joined
    assert {leaf.change for leaf in item.leaves} == {"same"}


def test_a_version_is_restored_as_a_new_one(editor):
    policy = saved(editor)
    first = texts.current(policy)
    saved(editor, TEXT.replace("500万元", "400万元"), [LEAVES[0]], "10万", code_of(policy))
    made = versions.restore(policy, first, editor)
    assert (made.text, made.number) == (first.text, first.number + 2)
    data = library.items(policy, drafts_first=True)[0].version.data
    assert (len(data["conditions"]["all"]), data["benefit"]["amount"]) == (2, "8万")
    assert policy.versions.count() == first.number + 2
    with pytest.raises(DraftRefused):
        versions.restore(policy, made, editor)


def test_consequences_are_counted_before_anything_is_in_force(editor):
    matching.run()
    policy = saved(editor)
    (row,) = versions.consequences(policy)
    assert (row.before, row.after, row.gained, row.lost) == (0, row.gained, row.gained, 0)
    assert row.gained > 0
    drafts.confirm(policy, editor)
    assert versions.consequences(policy) == []
    run = matching.run()
    assert run.verdicts.get(version__rule__item__policy=policy).true_count == row.gained
    saved(editor, TEXT, [LEAVES[0], {"test": "revenue[-1] >= 900亿", "quote": "500万元"}], "8万", code_of(policy))
    (row,) = versions.consequences(policy)
    assert (row.after, row.lost) == (0, row.before)
    assert row.before > 0


def test_a_later_wording_waits_and_the_present_one_holds_until_then(editor):
    policy = saved(editor)
    drafts.confirm(policy, editor)
    present = library.items(policy)[0].version
    saved(editor, TEXT, LEAVES, "10万", code_of(policy))
    begins = TODAY + timedelta(days=30)
    with pytest.raises(DraftRefused):
        drafts.confirm(policy, editor, begins, TODAY)
    drafts.confirm(policy, editor, begins)
    rows = RuleVersion.objects.filter(rule=present.rule)
    assert rules.in_force(TODAY).get(rule=present.rule) == present
    later = rules.in_force(begins).get(rule=present.rule)
    assert (later.number, later.data["benefit"]["amount"], later.valid_from) == (2, "10万", begins)
    assert rows.count() == 2, "both versions are kept"


def test_a_policy_ends_with_its_reason_and_successor(editor):
    policy = saved(editor)
    with pytest.raises(DraftRefused):
        versions.end(policy, editor, "尚未实施")
    drafts.confirm(policy, editor)
    matching.run()
    told = Notice.objects.count()
    rd = Policy.objects.get(code="rd")
    for reason, other in (("  ", None), ("替代", policy)):
        with pytest.raises(DraftRefused):
            versions.end(policy, editor, reason, other)
    versions.end(policy, editor, "并入研发补助办法", rd)
    policy.refresh_from_db()
    assert (policy.status, policy.ended_on, policy.replaced_by) == ("ended", TODAY, rd)
    run = matching.run()
    assert not run.verdicts.filter(version__rule__item__policy=policy).exists()
    assert Notice.objects.count() == told
