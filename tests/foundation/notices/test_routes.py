"""What comes by which channel and when it leaves; who may not be muted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices import routes, services, webhooks
from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.foundation.notices.routes import RouteRefused
from tests import zone

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
PUBLIC = "https://93.184.216.34/hook"


@pytest.fixture
def party():
    return zone.enterprise("甲科技有限公司", {})


@pytest.fixture
def user(party):
    made = User.objects.create_user("anna", email="anna@example.com")
    Membership.objects.create(user=made, role=Role.ENTERPRISE, party=party)
    return made


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the zone in June 2026; the 1st is a Monday."""
    return datetime(2026, 6, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "rhythm", "left"),
    [
        (at(1, 12), ("at_once", 9, 0, 22, 8), at(1, 12)),
        (at(1, 23), ("at_once", 9, 0, 22, 8), at(2, 8)),
        (at(2, 3, 30), ("at_once", 9, 0, 22, 8), at(2, 8)),
        (at(2, 8), ("at_once", 9, 0, 22, 8), at(2, 8)),
        (at(2, 3), ("at_once", 9, 0, 0, 0), at(2, 3)),
        (at(1, 8), ("daily", 9, 0, 22, 8), at(1, 9)),
        (at(1, 9), ("daily", 9, 0, 22, 8), at(2, 9)),
        (at(1, 10), ("daily", 23, 0, 22, 8), at(2, 8)),
        (at(3, 10), ("weekly", 9, 0, 22, 8), at(8, 9)),
        (at(1, 10), ("weekly", 9, 0, 22, 8), at(8, 9)),
        (at(1, 8), ("weekly", 9, 4, 22, 8), at(5, 9)),
    ],
)
def test_what_is_sent_leaves_at_the_rhythms_next_hour_that_is_not_quiet(now, rhythm, left):
    assert routes.due(now, *rhythm) == left


HOUR = st.integers(0, 23)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from(["at_once", "daily", "weekly"]), HOUR,
       st.integers(0, 6), HOUR, HOUR)  # fmt: skip
def test_nothing_leaves_before_it_is_sent_nor_in_quiet_hours(now, digest, hour, weekday, start, end):
    now = now.replace(tzinfo=ZONE)
    left = routes.due(now, digest, hour, weekday, start, end)
    assert now <= left <= now + timedelta(days=9)
    assert not routes.is_quiet(left.hour, start, end)


def test_a_muted_kind_stands_in_the_list_and_asks_for_nobody(party, user):
    routes.change(party.pk, "app", user, {"muted": ["deadline"]})
    services.send([services.Draft(party.pk, kind, kind) for kind in ("deadline", "entitled")])
    assert {notice.kind: notice.quiet for notice in services.of_party(party.pk)} == {
        "deadline": True,
        "entitled": False,
    }
    assert services.unread_count(party.pk) == 1
    assert [notice.kind for notice in services.of_party(party.pk, unread=True)] == ["entitled"]


def test_mails_are_for_those_who_speak_for_it_by_the_kinds_each_wants(party, user):
    other = User.objects.create_user("bob", email="bob@example.com")
    Membership.objects.create(user=other, role=Role.ENTERPRISE, party=party)
    User.objects.create_user("stranger", email="s@example.com")
    routes.change(party.pk, "mail", other, {"muted": ["deadline"]})
    services.send([services.Draft(party.pk, kind, kind) for kind in ("deadline", "entitled")])
    queued = Delivery.objects.values_list("route__user__username", "notice__kind")
    assert sorted(queued) == [("anna", "deadline"), ("anna", "entitled"), ("bob", "entitled")]
    services.send([services.Draft(party.pk, "entitled", "entitled")])
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize(
    ("channel", "given", "place"),
    [
        ("app", {"muted": ["objection"]}, "muted"),
        ("app", {"on": False}, "on"),
        ("mail", {"muted": ["nonsense"]}, "muted"),
        ("mail", {"quiet_from": 24}, "quiet_from"),
        ("mail", {"digest": "hourly"}, "digest"),
        ("mail", {"weekday": 7}, "weekday"),
        ("mail", {"language": "fr"}, "language"),
        ("mail", {"nonce": "x"}, "nonce"),
        ("pigeon", {}, "channel"),
        ("webhook", {"on": True}, "url"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(party, user, channel, given, place):
    with pytest.raises(RouteRefused) as refused:
        routes.change(party.pk, channel, user, given)
    assert refused.value.place == place
    assert not Route.objects.filter(muted__contains=["objection"]).exists()


def test_the_secret_changes_with_the_address_and_stands_nowhere(party, user):
    route, new = routes.set_webhook(party.pk, user, PUBLIC)
    secret = webhooks.secret_of(route)
    assert new
    assert not routes.set_webhook(party.pk, user, PUBLIC)[1]
    moved, new = routes.set_webhook(party.pk, user, PUBLIC + "2")
    assert new
    assert webhooks.secret_of(moved) != secret
    assert webhooks.secret_of(routes.new_secret(party.pk)) != webhooks.secret_of(moved)
    assert secret not in str(Route.objects.values())


def test_a_link_to_unsubscribe_ends_the_mails_of_one_person_alone(party, user, client):
    services.send([services.Draft(party.pk, "entitled", "k")])
    route = Route.objects.get(channel="mail")
    path = f"/messages/unsubscribe/{routes.token_of(route)}/"
    assert client.get(path).status_code == 200
    assert Route.objects.get(pk=route.pk).on
    # RFC 8058: the mail program posts, without cookies.
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Route.objects.get(pk=route.pk).on
    assert Delivery.objects.get().state == "given_up"
    services.send([services.Draft(party.pk, "entitled", "k2")])
    assert Delivery.objects.count() == 1
    assert Notice.objects.count() == 2


@pytest.mark.parametrize("token", ["x", "1", "1:abc:def", "MQ:1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_wrong_link_leads_nowhere(client, token):
    assert client.post(f"/messages/unsubscribe/{token}/").status_code == 404
    assert client.get(f"/messages/opened/{token}/").status_code == 404


def test_a_link_of_one_kind_is_not_one_of_another(party, user, client):
    from innozone.foundation.notices import mail

    services.send([services.Draft(party.pk, "entitled", "k")])
    delivery = Delivery.objects.get()
    assert client.post(f"/messages/unsubscribe/{mail.opened_token(delivery)}/").status_code == 404
    assert client.get(f"/messages/opened/{routes.token_of(delivery.route)}/").status_code == 404
    assert Route.objects.get(pk=delivery.route_id).on
