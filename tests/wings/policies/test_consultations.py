"""Rounds of opinions and surveys: who is asked, what is kept, what must be answered, what is shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices.models import Notice
from innozone.wings.policies import answers, consultations, drafts, matching, texts
from innozone.wings.policies.consultations import Refused
from tests import zone

pytestmark = pytest.mark.django_db
TEXT = "示范新区补助办法\n第一条 在新区注册的企业，上年度营业收入500万元以上的，给予10万元奖励。"
TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=10)
QUESTIONS = [
    {"text": "最需要哪类支持", "kind": "single", "options": ["资金", "场地"]},
    {"text": "还需要什么", "kind": "multiple", "options": ["人才", "技术"]},
    {"text": "满意度", "kind": "scale"},
    {"text": "拟投入研发经费", "kind": "number"},
    {"text": "其他建议", "kind": "text"},
]


@pytest.fixture
def people(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()
    firms = zone.populate()
    editor = User.objects.create_user("editor", password="x" * 12)
    Membership.objects.create(user=editor, role=Role.EDITOR)
    return editor, firms


def a_round(editor, **more):
    draft = drafts.read(TEXT, editor)
    return consultations.open_round("征求意见", editor, closes=SOON, version=texts.current(draft), **more)


def test_an_opinion_is_corrected_answered_told_and_the_round_concluded(people):
    editor, (first, second, *_rest) = people
    found = a_round(editor)
    item = found.version.items[0]["rule"]
    one = consultations.opine(found, first, editor, "amend", "门槛降到300万元", item)
    assert consultations.opine(found, first, editor, "amend", "门槛降到300万元", item).pk == one.pk
    two = consultations.opine(found, first, editor, "amend", "门槛降到400万元", item)
    consultations.opine(found, second, editor, "support", "")
    # What was said before is kept; only the last one stands.
    assert found.opinions.count() == 3
    rows = {row.code: row for row in consultations.by_item(found)}
    assert [opinion.text for opinion in rows[item].opinions] == ["门槛降到400万元"]
    assert rows[""].counts == {"support": 1}

    with pytest.raises(Refused, match="2"):
        consultations.conclude(found, editor, "都看了")
    with pytest.raises(Refused):
        consultations.answer(one, editor, "accepted", "已调整")  # superseded
    with pytest.raises(Refused):
        consultations.answer(two, editor, "partly", "  ")
    consultations.answer(two, editor, "partly", "调整为450万元")
    consultations.answer(two, editor, "partly", "调整为450万元")
    for opinion in consultations.unanswered(found):
        consultations.answer(opinion, editor, "accepted", "谢谢支持")
    told = Notice.objects.filter(kind="opinion", party=first)
    assert [notice.data["answer"] for notice in told] == ["调整为450万元"], "the same answer is told once"
    consultations.conclude(found, editor, "门槛调整为450万元")
    found.refresh_from_db()
    assert not consultations.is_open(found)
    with pytest.raises(Refused):
        consultations.opine(found, first, editor, "oppose", "太晚了", item)
    with pytest.raises(Refused):
        consultations.answer(two, editor, "refused", "改主意了")


def test_only_those_who_are_asked_see_a_round_and_a_draft(people):
    editor, firms = people
    matching.run()
    rule = zone_rule("rd_grant")
    found = a_round(editor, rule=rule)
    asked = [firm for firm in firms if consultations.for_parties([firm.pk]).filter(pk=found.pk).exists()]
    assert [firm.pk for firm in asked] == [firms[0].pk], "only the one that is entitled to the item"
    assert consultations.readable(found.version.policy, [firms[0].pk])
    assert not consultations.readable(found.version.policy, [firms[1].pk])
    later = a_round(editor, opens=TODAY + timedelta(days=2))
    assert not consultations.for_parties([firms[0].pk]).filter(pk=later.pk).exists()
    with pytest.raises(Refused):
        consultations.opine(later, firms[0], editor, "support", "")


def zone_rule(code):
    from innozone.foundation.verdicts.models import Rule

    return Rule.objects.get(code=code)


def test_answers_are_checked_kept_and_small_cells_hidden(people):
    editor, firms = people
    found = consultations.open_round("需求调研", editor, closes=SOON, questions=QUESTIONS)
    good = {"q1": "资金", "q2": ["技术", "人才"], "q3": "4", "q4": "1,200,000", "q5": "多开讲座"}
    kept = consultations.reply(found, firms[0], editor, good)
    assert kept.answers == {"q1": "资金", "q2": ["人才", "技术"], "q3": "4", "q4": "1200000", "q5": "多开讲座"}
    for wrong in ({"q1": "黄金"}, {"q2": ["人才", "黄金"]}, {"q3": "9"}, {"q4": "很多"}, {"q4": "NaN"}, {}):
        with pytest.raises(Refused):
            consultations.reply(found, firms[1], editor, wrong)
    results = answers.results(found)
    assert [result.answered for result in results] == [1] * 5
    assert results[0].counts == {"资金": None, "场地": 0}, "one answer is nobody's to see"
    assert (results[3].mean, results[4].texts) == (None, [])
    more = [zone.enterprise(f"第{n}家有限公司", {}) for n in range(answers.SMALL)]
    for firm in more:
        consultations.reply(found, firm, editor, good)
    results = answers.results(found)
    assert results[0].counts == {"资金": 6, "场地": 0}
    assert results[3].mean == 1200000
    assert len(results[4].texts) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"closes": TODAY - timedelta(days=1)},
        {"opens": SOON + timedelta(days=1)},
        {"questions": []},
        {"questions": [{"text": "", "kind": "text"}]},
        {"questions": [{"text": "x", "kind": "riddle"}]},
        {"questions": [{"text": "x", "kind": "single", "options": ["a"]}]},
        {"questions": [{"text": "x", "kind": "single", "options": ["a", "a"]}]},
        {"questions": [{"text": "x", "kind": "text"}] * 41},
    ],
)
def test_what_cannot_be_asked_is_refused(people, wrong):
    editor, _firms = people
    given = {"title": "调研", "closes": SOON, "questions": QUESTIONS} | wrong
    with pytest.raises(Refused):
        consultations.open_round(given.pop("title"), editor, **given)
