"""S21 订阅: a person follows a policy, a theme or a level and is told once of everything that becomes of it."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.access.models import User
from innozone.foundation.notices import post, routes
from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.foundation.verdicts.models import Scenario
from innozone.wings.policies import following, versions
from innozone.wings.policies.models import Follow, Policy, Visit
from tests.portal.conftest import build
from tests.portal.people import client_of
from tests.portal.test_policy_news import moved

# The history of a policy names the time at which a transaction began: what is done one after the other needs several.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db, settings, tmp_path):
    made = build(settings, tmp_path)
    made.news.delete()
    return made


def follow(client, kind, value, on="1"):
    return client.post(reverse("follow"), {"kind": kind, "value": value, "on": on, "next": "/following/"}, follow=True)


def told(user):
    return list(Notice.objects.filter(user=user).order_by("pk"))


def test_a_change_is_told_once_whatever_it_meets(place):
    user, client = place.users["supervisor"], client_of(place.users, "supervisor")
    for kind, value in (("policy", "rd"), ("theme", "rd"), ("level", "zone")):
        assert "You follow it" in follow(client, kind, value).content.decode()
    following.tell()
    assert told(user) == [], "what was published before one followed is no news"
    moved(place)
    (notice,) = told(user)
    for _again in range(3):
        following.tell()
    assert told(user) == [notice]
    page = client.get(reverse("following")).content.decode()
    assert "“R&amp;D support measures” has been changed" in page
    letter = client.get(reverse("following_message", args=[notice.pk])).content.decode()
    assert "R&amp;D grant: other conditions" in letter
    assert "this policy, the theme “R&amp;D”, policies of the level “zone”" in letter
    notice.refresh_from_db()
    assert notice.read_by == user

    versions.end(Policy.objects.get(code="rd"), place.users["editor"], "到期", Policy.objects.get(code="sme"))
    jobs.run_pending()
    (_, ended) = told(user)
    assert "has been replaced" in client.get(reverse("following_message", args=[ended.pk])).content.decode()
    # What took its place later does not make it end twice.
    Policy.objects.filter(code="rd").update(replaced_by=None)
    following.tell()
    assert len(told(user)) == 2


def test_two_changes_of_a_day_are_two_messages_each_of_its_own_items(place):
    user = place.users["supervisor"]
    following.follow(user, "policy", "rd")
    moved(place)
    editor = client_of(place.users, "editor")
    editor.post(reverse("sandbox_keep", args=["rd_grant"]), {"figures": "benefit:1=60万", "name": "more"})
    editor.post(reverse("sandbox_take_over", args=["rd_grant", Scenario.objects.get(name="more").pk]))
    editor.post(reverse("workbench_confirm", args=["rd"]))
    jobs.run_pending()
    said = [
        [(item["en"], item["conditions"], item["benefit"]) for item in notice.data["items"]] for notice in told(user)
    ]
    assert said == [[("R&D grant", True, False)], [("R&D grant", False, True)]]


def test_a_new_paper_of_a_followed_level_is_told_and_what_is_stopped_is_not(place):
    user, client = place.users["supervisor"], client_of(place.users, "supervisor")
    follow(client, "level", "zone")
    follow(client, "theme", "rd")
    follow(client, "theme", "rd", on="0")
    assert following.followed(user) == {("level", "zone")}
    Policy.objects.filter(pk=place.draft.pk).update(level="zone")
    client_of(place.users, "editor").post(reverse("workbench_confirm", args=[place.draft.code]))
    # Its manual leaf asks for nothing that stands against it.
    place.draft.refresh_from_db()
    assert place.draft.status == "confirmed"
    jobs.run_pending()
    (notice,) = told(user)
    assert (notice.data["news"], notice.data["policy"]["code"]) == ("published", place.draft.code)
    assert told(place.users["officer"]) == []


def test_it_leaves_by_the_persons_own_route_with_its_hours_and_can_be_switched_off(place, settings):
    settings.ADDRESS = "https://zone.example"
    client, user = client_of(place.users, "enterprise"), place.users["enterprise"]
    follow(client, "policy", "rd")
    route = routes.own(user)
    assert (route.pk is not None, route.quiet_from, route.quiet_to, route.digest) == (True, 22, 8, "at_once")
    given = {
        "on": "on",
        "digest": "daily",
        "hour": "9",
        "weekday": "0",
        "quiet_from": "0",
        "quiet_to": "0",
        "language": "en",
    }
    assert client.post(reverse("following"), given).status_code == 302
    moved(place)
    (delivery,) = Delivery.objects.filter(notice__user=user)
    assert (delivery.route, delivery.state) == (route, "waiting")
    assert timezone.localtime(delivery.due_at).hour == 9
    # The colleagues' routes and the enterprise's webhook carry nothing of it.
    assert not Delivery.objects.filter(notice__user=user).exclude(route=route).exists()
    Delivery.objects.exclude(pk=delivery.pk).delete()
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert post.post_due() == 1
    (letter,) = outbox.outbox
    assert letter.subject == "“R&D support measures” has been changed"
    assert "https://zone.example/following/" in letter.body
    # The link of the mail leads to the message, the one to unsubscribe ends this route and no other.
    from innozone.foundation.notices import mail

    opened = client.get(reverse("message_opened", args=[mail.opened_token(delivery)]))
    assert opened.url == reverse("following_message", args=[delivery.notice_id])
    stop = reverse("message_unsubscribe", args=[routes.token_of(route)])
    assert "what you follow" in client.get(stop).content.decode()
    client.post(stop)
    assert list(Route.objects.filter(on=False).values_list("pk", flat=True)) == [route.pk]


def test_a_message_to_a_person_is_read_by_nobody_else(place):
    following.follow(place.users["enterprise"], "policy", "rd")
    moved(place)
    (notice,) = told(place.users["enterprise"])
    for role in ("officer", "supervisor", "administrator"):
        client = client_of(place.users, role)
        assert client.get(reverse("following_message", args=[notice.pk])).status_code == 404
        assert client.post(f"/api/v1/notices/{notice.pk}/read").status_code == 404
        assert notice.pk not in {row["id"] for row in client.get("/api/v1/notices?limit=200").json()["items"]}
    own = client_of(place.users, "enterprise")
    (row,) = [row for row in own.get("/api/v1/notices?limit=200").json()["items"] if row["id"] == notice.pk]
    assert (row["enterprise"], row["kind"]) == (None, "followed")
    unread = own.get("/api/v1/me").json()["unread_notices"]
    assert own.post(f"/api/v1/notices/{notice.pk}/read").status_code == 200
    assert own.get("/api/v1/me").json()["unread_notices"] == unread - 1


def test_what_is_not_there_cannot_be_followed_and_a_draft_is_not_there(place):
    client = client_of(place.users, "editor")
    nothing = (("theme", "none"), ("level", "x"), ("", ""), ("\x00", "\x00"), ("policy", "x" * 500))
    for kind, value in (("policy", "none"), ("policy", place.draft.code), *nothing):
        answer = follow(client, kind, value)
        assert "You follow it" not in answer.content.decode(), (kind, value)
    assert not Follow.objects.exists()
    refused = client.post(
        "/api/v1/follows", {"kind": "policy", "value": place.draft.code}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["place"]) == (422, "value")


def test_following_over_the_api(place):
    client = client_of(place.users, "officer")
    made = client.post("/api/v1/follows", {"kind": "theme", "value": "rd"}, content_type="application/json")
    assert (made.status_code, made.json()["name"]) == (201, "R&D")
    again = client.post("/api/v1/follows", {"kind": "theme", "value": "rd"}, content_type="application/json")
    assert again.json()["id"] == made.json()["id"]
    assert [each["value"] for each in client.get("/api/v1/follows").json()] == ["rd"]
    other = client_of(place.users, "supervisor")
    assert other.delete(f"/api/v1/follows/{made.json()['id']}").status_code == 404
    assert client.delete(f"/api/v1/follows/{made.json()['id']}").status_code == 204
    assert client.get("/api/v1/follows").json() == []
    events = Follow.pgh_event_model.objects.order_by("pgh_id").values_list("pgh_label", flat=True)
    assert list(events) == ["insert", "delete"], "what was followed is kept"


def test_a_closed_account_is_told_nothing(place):
    user = place.users["supervisor"]
    following.follow(user, "policy", "rd")
    User.objects.filter(pk=user.pk).update(is_active=False)
    moved(place)
    assert told(user) == []


def test_changes_begin_at_the_last_visit_and_say_so(place):
    client, user = client_of(place.users, "supervisor"), place.users["supervisor"]
    today = timezone.localdate()
    first = client.get(reverse("policy_changes"))
    assert first.context["since"] == today - timedelta(days=30)
    assert "Since your last visit" not in first.content.decode()
    Visit.objects.filter(user=user).update(day=today - timedelta(days=3))
    for _reload in range(2):
        again = client.get(reverse("policy_changes"))
        assert again.context["since"] == today - timedelta(days=3)
        assert f"Since your last visit on {today - timedelta(days=3)}" in again.content.decode()
    day = today - timedelta(days=9)
    assert client.get(reverse("policy_changes"), {"since": day.isoformat()}).context["since"] == day
    assert client_of(place.users, "visitor").get(reverse("policy_changes")).context["since"] == today - timedelta(
        days=30
    )
