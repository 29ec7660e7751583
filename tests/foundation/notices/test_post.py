"""What leaves the house: once, signed, again after a failure, never to whom it does not concern any more."""

import hashlib
import hmac
import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices import mail, post, routes, services, webhooks
from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.wings.policies import matching
from tests import zone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def parties():
    zone.load()
    return zone.populate()


@pytest.fixture
def user(parties):
    made = User.objects.create_user("anna", email="anna@example.com")
    Membership.objects.create(user=made, role=Role.ENTERPRISE, party=parties[0])
    awake(parties[0], "mail", made)
    return made


def awake(party, channel, user, **more):
    """No quiet hours, so that a test does not depend on the hour at which it runs."""
    if channel == "webhook":
        more.setdefault("on", True)
    return routes.change(party.pk, channel, user, {"quiet_from": 0, "quiet_to": 0} | more)


@contextmanager
def server(answer, delay=0.0):
    """Answers each call with these bytes; gives its port and what was sent to it."""
    listening = socket.create_server(("127.0.0.1", 0))
    calls = []

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                got = b""
                try:
                    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length(got):
                        more = connection.recv(65536)
                        if not more:
                            break
                        got += more
                    calls.append(got)
                    for piece in [answer] if isinstance(answer, bytes) else answer():
                        time.sleep(delay)
                        connection.sendall(piece)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1], calls
    finally:
        listening.close()


def length(got: bytes) -> int:
    head = got.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def hook(settings, party, user, port):
    settings.TRUSTED_HOSTS = ["127.0.0.1"]
    route, _ = routes.set_webhook(party.pk, user, f"http://127.0.0.1:{port}/hook")
    return awake(party, "webhook", user) and route


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_news_of_one_run_are_one_mail_with_a_link_each(parties, user):
    matching.run()
    assert post.post_due() == 3
    (sent,) = outbox.outbox
    assert sent.to == ["anna@example.com"]
    assert sent.subject == "3条新消息 · 甲科技有限公司"
    assert "在新区注册" in sent.body or "注册地" in sent.body
    assert sent.body.count("/messages/opened/") == 3
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert routes.token_of(Route.objects.get(channel="mail")) in sent.extra_headers["List-Unsubscribe"]
    assert post.post_due() == 0
    assert len(outbox.outbox) == 1


def test_the_link_of_a_mail_keeps_when_it_was_opened_and_leads_to_the_message(parties, user, client):
    matching.run()
    post.post_due()
    row = Delivery.objects.select_related("notice").first()
    path = f"/messages/opened/{mail.opened_token(row)}/"
    # Who is not signed in is asked who they are; the message itself needs its right.
    assert client.get(path).url.startswith("/accounts/login/?next=")
    client.force_login(User.objects.create_user("stranger"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(client.get(path).url).status_code == 403
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(client.get(path).url).status_code == 200
    row.refresh_from_db()
    assert row.opened_at is not None
    assert Notice.objects.get(pk=row.notice_id).read_by == user


def test_no_line_of_a_mails_head_can_be_forged(parties, user):
    policy = matching.run() and Notice.objects.filter(party=parties[0]).first()
    policy.data["rule"]["zh"] = "补助\r\nBcc: all@example.com\n"
    policy.save()
    Delivery.objects.exclude(notice=policy).delete()
    post.post_due()
    (sent,) = outbox.outbox
    assert "\n" not in sent.subject
    assert sent.message()["Bcc"] is None
    assert sent.recipients() == ["anna@example.com"]


def test_who_left_the_enterprise_gets_nothing_more(parties, user):
    matching.run()
    user.memberships.all().delete()
    assert post.post_due() == 0
    assert outbox.outbox == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"given_up"}


def test_quiet_hours_hold_what_was_due_before_they_began(parties, user):
    hour = timezone.localtime().hour
    matching.run()
    awake(parties[0], "mail", user, quiet_from=hour, quiet_to=(hour + 1) % 24)
    assert post.post_due() == 0
    row = Delivery.objects.first()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert row.due_at > timezone.now()


def test_a_mail_that_does_not_leave_is_tried_again_and_given_up_in_the_end(parties, user, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    matching.run()
    for attempt, minutes in enumerate(post.BACKOFF, 1):
        assert post.post_due() == 0
        row = Delivery.objects.first()
        assert (row.state, row.attempts) == ("failed", attempt)
        assert timedelta(minutes=minutes - 1) < row.due_at - timezone.now() <= timedelta(minutes=minutes)
        Delivery.objects.update(due_at=timezone.now())
    post.post_due()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"given_up"}
    assert "refused" in Delivery.objects.first().error.lower()


def test_after_a_kill_the_same_message_leaves_under_the_same_key(parties, user):
    """Killed after sending and before keeping it: at least once, and the receiver can tell."""
    matching.run()
    (parcel,) = post.claim()
    mail.send(parcel.key, parcel.route, parcel.deliveries)
    assert post.claim() == []
    assert post.post_due() == 0
    Delivery.objects.update(claimed_at=timezone.now() - post.CLAIM - timedelta(seconds=1))
    # What has come meanwhile travels by itself: a receiver that knows the key would drop it.
    services.send([services.Draft(parties[0].pk, "objection", "new", {"variable": "revenue"})])
    assert post.post_due() == 4
    first, again, new = (sent.extra_headers["Message-ID"] for sent in outbox.outbox)
    assert {first} == {again, new} - {max({again, new} - {first})}
    assert len({first, again, new}) == 2


def test_what_another_worker_has_taken_meanwhile_is_left_to_it(parties, user):
    matching.run()
    claimed = post.claim()
    Delivery.objects.update(claimed_at=timezone.now() - post.CLAIM - timedelta(seconds=1))
    others = post.claim()
    assert [parcel.key for parcel in others] == [parcel.key for parcel in claimed]
    assert [post._send(parcel) for parcel in claimed] == [0]
    assert [post._send(parcel) for parcel in others] == [3]
    assert len(outbox.outbox) == 1


def test_a_call_is_signed_and_taken(parties, user, settings):
    with server(OK) as (port, calls):
        route = hook(settings, parties[0], user, port)
        Route.objects.filter(channel="mail").update(on=False)
        matching.run()
        assert post.post_due() == 3
    (call,) = calls
    head, _, body = call.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    at, made = (part.partition("=")[2] for part in lines["Innozone-Signature"].split(","))
    secret = webhooks.secret_of(route).encode()
    assert hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest() == made
    assert abs(int(at) - time.time()) < 60
    row = Delivery.objects.filter(route=route).first()
    assert lines["Idempotency-Key"] == row.parcel
    content = json.loads(body)
    assert (content["enterprise"], len(content["notices"])) == (parties[0].pk, 3)
    assert {notice["kind"] for notice in content["notices"]} == {"entitled", "ready"}
    assert (row.state, row.sent_at is not None) == ("sent", True)


def drip():
    yield b"HTTP"
    while True:
        yield b"x"


@pytest.mark.parametrize(
    ("answer", "delay", "says"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 0, "HTTP 302"),
        (b"HTTP/1.1 500 \r\n\r\n", 0, "HTTP 500"),
        (b"SSH-2.0-OpenSSH\r\n", 0, "no HTTP"),
        (b"HTTP/1.1 2000 Fine\r\n\r\n", 0, "no HTTP"),
        (b"", 0, "no HTTP"),
        (b"x" * 1_000_000, 0, "no HTTP"),
        (drip, 0.2, "no answer within"),
        (OK, 3, "no answer within"),
    ],
)
def test_a_hostile_answer_costs_no_more_than_the_limit(parties, user, settings, monkeypatch, answer, delay, says):
    monkeypatch.setattr(webhooks, "LIMIT", 1.0)
    with server(answer, delay) as (port, calls):
        hook(settings, parties[0], user, port)
        started = time.monotonic()
        problem = webhooks.test(routes.webhook(parties[0].pk))
    assert says in problem
    assert time.monotonic() - started < 2.5
    assert len(calls) == 1


def test_a_webhook_that_keeps_failing_is_switched_off_its_owner_told_and_what_waits_held(parties, user, settings):
    Route.objects.filter(channel="mail").update(on=False)
    with server(b"HTTP/1.1 503 \r\n\r\n") as (port, _calls):
        route = hook(settings, parties[0], user, port)
        matching.run()
        for _ in range(post.MOST_FAILURES):
            Delivery.objects.filter(state="failed").update(due_at=timezone.now(), attempts=1)
            post.post_due()
    route.refresh_from_db()
    assert route.disabled_at is not None
    told = Notice.objects.get(kind="webhook")
    assert told.party == parties[0]
    assert not Delivery.objects.filter(notice=told, route=route).exists()
    assert set(Delivery.objects.filter(route=route).values_list("state", flat=True)) == {"held"}
    # What comes while it is off waits, too; all of it leaves once it is on again.
    services.send([services.Draft(parties[0].pk, "objection", "later", {"variable": "revenue"})])
    assert Delivery.objects.filter(route=route, state="held").count() == 4
    with server(OK) as (port, calls):
        Route.objects.filter(pk=route.pk).update(url=f"http://127.0.0.1:{port}/hook")
        routes.enable(parties[0].pk)
        assert post.post_due() == 4
    assert calls
    assert set(Delivery.objects.filter(route=route).values_list("state", flat=True)) == {"sent"}


def test_a_name_that_turns_private_after_it_was_set_is_not_called(parties, user, monkeypatch):
    routes.set_webhook(parties[0].pk, user, "https://93.184.216.34/hook")
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **more: [(2, 1, 6, "", ("169.254.169.254", port))])
    assert "网" in webhooks.test(routes.webhook(parties[0].pk))
