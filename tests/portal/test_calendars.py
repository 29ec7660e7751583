"""Deadlines as calendar files: of everything, and of one enterprise under a secret address that ends with the role."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation.access.models import Membership, User
from innozone.foundation.notices.calendar import Day, calendar
from innozone.wings.policies import deadlines
from innozone.wings.policies.models import CalendarLink, Item
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    return content.decode().replace("\r\n ", "").split("\r\n")


def days(content: bytes) -> dict[str, dict[str, str]]:
    found, event = {}, {}
    for line in unfolded(content):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            found[event["UID"]] = event
        else:
            event[name] = value
    return found


@pytest.fixture
def open_items(place):
    Item.objects.filter(rule__code__in=["rd_grant", "tech_sme"]).update(closes=TODAY + timedelta(days=20))
    return place


def test_a_file_keeps_the_rules_of_its_format():
    text = "一、条件；二, 金额; 三\\四\n第二行\r\nBEGIN:VEVENT\x00" + "长" * 60
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    made = calendar("名称;一", [Day("a;b@zone", date(2026, 12, 31), text, text, "https://z.example/\r\nX:1", moment)])
    lines = unfolded(made)
    assert lines.count("BEGIN:VEVENT") == 1, "nothing that is written becomes a line of the file"
    (event,) = days(made).values()
    assert event["DTSTART;VALUE=DATE"] == "20261231"
    assert event["DTEND;VALUE=DATE"] == "20270101"
    assert event["DTSTAMP"] == "20260102T030405Z"
    assert event["SUMMARY"].startswith("一、条件；二\\, 金额\\; 三\\\\四\\n第二行\\nBEGIN:VEVENT长长")
    assert event["URL"] == "https://z.example/X:1"


def test_everyone_may_subscribe_to_the_deadlines_of_all_items(open_items):
    answer = client_of(open_items.users, "visitor").get(reverse("policy_calendar"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = days(answer.content)
    assert [uid.partition("@")[0] for uid in found] == ["rd_grant-closes", "tech_sme-closes"], (
        "what is over is left out"
    )
    event = next(iter(found.values()))
    assert event["SUMMARY"] == "Last day: R&D grant"
    assert event["DTSTART;VALUE=DATE"] == f"{TODAY + timedelta(days=20):%Y%m%d}"
    # A day that moves keeps its name, so that it moves in the reader's calendar.
    Item.objects.filter(rule__code="rd_grant").update(closes=TODAY + timedelta(days=25))
    again = days(client_of(open_items.users, "visitor").get(reverse("policy_calendar")).content)
    assert set(again) == set(found)


def test_an_enterprise_sees_its_own_deadlines_with_state_and_amount(open_items):
    client, firms = client_of(open_items.users, "enterprise"), open_items.parties
    shown = client.get(reverse("enterprise_calendar", args=[firms[0].pk]))
    assert [(each.item.rule.code, each.state, each.left) for each in shown.context["deadlines"]] == [
        ("rd_grant", "entitled", 20),
        ("tech_sme", "entitled", 20),
    ]
    event = next(iter(days(client.get(reverse("enterprise_calendar_file", args=[firms[0].pk])).content).values()))
    assert event["SUMMARY"] == "Last day: R&D grant (Entitled)"
    assert "200\\,000" in event["DESCRIPTION"]
    # The second one nearly has the grant and holds the title already; the third gets neither.
    staff = client_of(open_items.users, "supervisor")
    near = staff.get(reverse("enterprise_calendar", args=[firms[1].pk])).context["deadlines"]
    assert [(each.item.rule.code, each.state) for each in near] == [("rd_grant", "near")]
    assert staff.get(reverse("enterprise_calendar", args=[firms[2].pk])).context["deadlines"] == []
    assert not staff.get(reverse("enterprise_calendar", args=[firms[0].pk])).context["may_link"]


def test_a_secret_address_opens_one_calendar_until_it_is_ended_renewed_or_its_role_is(open_items):
    client, visitor = client_of(open_items.users, "enterprise"), client_of(open_items.users, "visitor")
    page = reverse("enterprise_calendar", args=[open_items.parties[0].pk])

    def address():
        return reverse("calendar_by_link", args=[deadlines.token_of(CalendarLink.objects.get())])

    first = address()
    answer = visitor.get(first)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert first in client.get(page).content.decode()
    client.post(page, {"action": "make"})
    assert visitor.get(first).status_code == 404
    second = address()
    assert visitor.get(second).status_code == 200
    forged = second[:-5] + ("0.ics" if second[-5] != "0" else "1.ics")
    for wrong in (second.replace("-", "0-", 1), forged, "/calendars/x.ics", "/calendars/²-1.ics"):
        assert visitor.get(wrong).status_code == 404, wrong
    user = open_items.users["enterprise"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert visitor.get(second).status_code == 404
    User.objects.filter(pk=user.pk).update(is_active=True)
    Membership.objects.filter(user=user).delete()
    assert visitor.get(second).status_code == 404


def test_an_address_is_ended(open_items):
    client = client_of(open_items.users, "enterprise")
    first = reverse("calendar_by_link", args=[deadlines.token_of(open_items.calendar)])
    client.post(reverse("enterprise_calendar", args=[open_items.parties[0].pk]), {"action": "drop"})
    assert client.get(first).status_code == 404
    assert not CalendarLink.objects.exists()
