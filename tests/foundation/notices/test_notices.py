"""A notice goes out once, says why in the reader's language, and keeps who opened it."""

import pytest
from django.utils import timezone

from innozone.foundation.access.models import User
from innozone.foundation.facts import objections
from innozone.foundation.notices import services, text
from innozone.foundation.notices.models import Notice
from innozone.wings.policies import matching
from tests import zone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def parties():
    zone.load()
    return zone.populate()


@pytest.fixture
def user():
    return User.objects.create_user("anna", password="x" * 12)


def test_a_notice_is_sent_once(parties):
    draft = services.Draft(parties[0].pk, Notice.Kind.ENTITLED, "k", {"a": 1})
    assert services.send([draft, draft]) == 1
    assert services.send([draft, services.Draft(parties[1].pk, Notice.Kind.ENTITLED, "k2")]) == 1
    assert Notice.objects.count() == 2


def test_thousands_are_sent_in_chunks(parties, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 7)
    drafts = [services.Draft(parties[0].pk, Notice.Kind.READY, f"k{number}") for number in range(50)]
    assert services.send(iter(drafts)) == 50


def test_opening_keeps_who_and_when_and_only_the_first_time(parties, user):
    services.send([services.Draft(parties[0].pk, Notice.Kind.ENTITLED, "k")])
    notice = services.of_party(parties[0].pk, unread=True).get()
    assert services.unread_count(parties[0].pk) == 1
    assert services.mark_read(notice, user) == 1
    first = Notice.objects.get()
    assert (first.read_by, first.read_at is not None) == (user, True)
    assert services.mark_read(Notice.objects.all(), User.objects.create_user("bob")) == 0
    assert Notice.objects.get().read_by == user


def test_the_reason_is_that_of_the_day_whatever_became_of_the_facts(parties):
    matching.run()
    notice = Notice.objects.get(party=parties[0], version__rule__code="rd_grant")
    before = text.render(notice, "zh-hans")
    zone.set_facts(parties[0], {"revenue": {zone.YEAR: 1}})
    assert text.render(notice, "zh-hans") == before
    leaves = text.reasons(notice, "zh-hans")
    assert [leaf.state for leaf in leaves] == ["met", "met", "met"]
    assert "1,000万元" in before[1]


def test_the_text_is_in_the_readers_language(parties):
    matching.run()
    notice = Notice.objects.get(party=parties[0], version__rule__code="rd_grant")
    subject, body = text.render(notice, "en")
    assert subject == "You are entitled to “R&D grant”"
    assert "R&D support measures" in body
    assert "示范发〔2026〕1号" in body
    assert "Revenue" in body
    assert "You meet" in body or "Conditions that you meet" in body


def test_many_news_of_one_day_are_one_message_with_a_list(parties):
    rules = zone.pack().policies["rd"].items[0]
    more = [
        zone.ItemData(code=f"grant{number}", name=rules.name, kind="support", conditions=rules.conditions,
                      benefit=rules.benefit)
        for number in range(3)
    ]  # fmt: skip
    policies = zone.pack().policies
    data = zone.PolicyData("more", rules.name, zone.RD_TEXT, tuple(more), level="zone")
    zone.load(zone.pack(policies=policies | {"more": data}, version="2"))
    matching.run()
    messages = text.inbox(services.of_party(parties[0].pk), "en")
    entitled = next(message for message in messages if message.kind == "entitled")
    # Four grants and the recognition; the closed grant is no news.
    assert len(entitled.notices) == 5
    assert entitled.subject == "You are entitled to 5 items, together up to ¥400,000"
    assert entitled.unread


def test_an_enterprise_is_told_what_became_of_its_objection(parties, user):
    objection = objections.raise_objection(parties[0], "revenue", zone.YEAR, "1200万元", "年报有误", user)
    assert Notice.objects.count() == 0
    objections.decide(objection, True, "已更正", user)
    notice = Notice.objects.get()
    subject, body = text.render(notice, "en")
    assert (notice.kind, notice.party_id) == ("objection", parties[0].pk)
    assert subject == f"Your objection to “Revenue {zone.YEAR}” was accepted"
    assert "已更正" in body
    assert timezone.now() >= notice.created_at
