"""Forged forms, planted links, borrowed sessions, foreign host names, and rubbish in every field."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.db import transaction

from innozone.foundation.desks.desk import registered
from innozone.foundation.desks.models import SavedView
from tests import zone
from tests.security.test_access import FORMS, PAGES, POSTS, fill
from tests.security.world import ADMINISTRATOR, OWN, SUPERVISOR, VISITOR

pytestmark = pytest.mark.django_db

#: Mail programs post there without a session (RFC 8058); the signed word in the address is the whole right.
BY_ADDRESS = {"messages/unsubscribe/{stop}/"}
RUBBISH = ("a\x00b", "-1", "1e999999", "²", "9999-12-31", "9" * 5000)


def test_no_form_is_taken_without_the_token_of_a_page(world):
    """Every address, also those of the sign-in package; the API by its session too."""
    client = world.client(ADMINISTRATOR, enforce_csrf_checks=True)
    account = ("login", "logout", "password/change", "password/reset", "email", "signup", "2fa/totp/activate")
    wrong = []
    for address in (*POSTS, *(FORMS.keys() - BY_ADDRESS), *(f"accounts/{name}/" for name in account)):
        answer = client.post("/" + fill(address, world), {"name": "x"}, headers={"origin": "https://evil.example"})
        if answer.status_code != 403:
            wrong.append(f"{address}: {answer.status_code}")
    assert not wrong
    body = {"text": "第一条 企业"}
    assert client.post("/api/v1/policies/read", body, content_type="application/json").status_code == 403


def test_reading_changes_nothing(world):
    """A picture in a foreign page can make the browser ask; no address acts on being asked."""
    client = world.client(ADMINISTRATOR)
    for address in POSTS:
        assert client.get("/" + fill(address, world)).status_code in (404, 405), address
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert SavedView.objects.filter(pk=world.view.pk).exists()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "/\t/evil.example",
        "%2f%2fevil.example",
    ],
)
def test_nobody_is_led_away_by_a_link_of_ours(world, target):
    client = world.client(SUPERVISOR)
    for path, form in (
        ("/language/", {"language": "en"}),
        ("/theme/", {"theme": "dark"}),
        ("/desks/views/save/", {"desk": "enterprises", "name": "x", "query": "?q=1"}),
    ):
        answer = client.post(path, {**form, "next": target})
        assert answer.status_code == 302
        assert answer.url == "/" or answer.url.startswith("%2f"), (path, answer.url)
    visitor = world.client(VISITOR)
    form = {"login": "own_firm", "password": "correct-horse-battery", "next": target}
    answer = visitor.post(f"/accounts/login/?next={quote(target)}", form)
    assert answer.status_code == 302
    assert answer.url == "/" or answer.url.startswith("%2f"), answer.url


def test_the_session_of_before_is_not_the_session_of_after(world):
    """A session planted in a browser is worth nothing after signing in, and nothing is left after signing out."""
    client = world.client(VISITOR)
    client.cookies["sessionid"] = planted = "a" * 32
    answer = client.post("/accounts/login/", {"login": "own_firm", "password": "correct-horse-battery"})
    assert answer.status_code == 302
    given = client.cookies["sessionid"]
    assert given.value != planted
    assert given["httponly"]
    assert given["samesite"] == "Lax"
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    client.post("/accounts/logout/")
    later = world.client(VISITOR)
    later.cookies["sessionid"], later.cookies["csrftoken"] = given.value, token
    assert later.get("/account/").status_code == 302


def test_a_new_password_ends_the_other_sessions(world):
    here, there = world.client(OWN), world.client(OWN)
    user = world.users[OWN]
    user.set_password("another-horse-battery")
    user.save()
    assert here.get("/account/").status_code == there.get("/account/").status_code == 302


def test_guessing_passwords_is_slowed_down(world, settings):
    from django.core.cache import cache

    cache.clear()
    client, texts = world.client(VISITOR), []
    for _ in range(7):
        answer = client.post("/accounts/login/", {"login": "own_firm", "password": "wrong"})
        texts.append(answer.content.decode())
    assert answer.status_code == 429 or "Too many" in texts[-1]
    # An account that is not there answers like one that is.
    cache.clear()
    unknown = client.post("/accounts/login/", {"login": "nobody_here", "password": "wrong"}).content.decode()
    error = re.compile(r'errorlist.*?</ul>|class="[^"]*error[^"]*".*?</\w+>', re.DOTALL)
    assert error.findall(unknown) == error.findall(texts[0])
    cache.clear()


def test_registration_is_closed(world):
    client = world.client(VISITOR)
    form = {"username": "me", "email": "me@evil.example", "password1": "long-enough-9", "password2": "long-enough-9"}
    client.post("/accounts/signup/", form)
    assert not type(world.users[OWN]).objects.filter(username="me").exists()


def test_every_answer_carries_its_guards(world):
    """Pages, parts, refusals, files and the API; of a signed-in person nothing is kept by a cache."""
    client = world.client(ADMINISTRATOR)
    paths = [f"/{fill(address, world)}" for address in PAGES] + ["/nowhere/", "/api/v1/me", "/enterprises/?format=csv"]
    for path in paths:
        answer = client.get(path)
        headers = answer.headers
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert {"Cookie", "HX-Request"} <= {name.strip() for name in headers["Vary"].split(",")}, path
        assert "no-store" in headers["Cache-Control"], path
    refused = client.post("/language/", headers={"origin": "https://evil.example"})
    assert "Content-Security-Policy" in refused.headers
    assert "no-store" not in world.client(VISITOR).get("/policies/").headers.get("Cache-Control", "")


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "", "a b"])
def test_a_foreign_host_name_gets_no_answer(world, host):
    for path in ("/", "/accounts/password/reset/", "/api/v1/policies", "/nowhere"):
        answer = world.client(VISITOR, raise_request_exception=False).get(path, headers={"host": host})
        assert answer.status_code == 400, path
        assert "evil" not in answer.content.decode()


def stamp_of(world, role: str) -> str:
    """The hidden word by which the workbench knows what an editor has read."""
    page = world.client(role).get(f"/workbench/{world.draft.code}/").content.decode()
    return re.search(r'name="stamp" value="([^"]*)"', page)[1]


class Careful:
    """A client whose requests leave no trace in the database, and whose files are read to the end."""

    def __init__(self, client) -> None:
        self.client = client

    def __call__(self, method: str, *args, **more) -> int:
        mark = transaction.savepoint()
        try:
            answer = getattr(self.client, method)(*args, **more)
            _ = answer.getvalue() if answer.streaming else answer.content
            return answer.status_code
        finally:
            transaction.savepoint_rollback(mark)


def test_rubbish_in_a_question_is_an_answer_and_no_failure(world):
    ask = Careful(world.client(ADMINISTRATOR, raise_request_exception=False))
    failed = []
    for desk in registered():
        shown = ("q", "sort", "columns", "page", "size", "detail")
        names = (*shown, *(name for part in desk.filters for name in part.parameters()))
        path = f"/api/v1/desks/{desk.name}"
        failed += [
            (path, name, value[:9])
            for name in names
            for value in RUBBISH[::2]
            if ask("get", path, {name: value}) >= 500
        ]
    for path in ("/search/", "/dictionary/", "/enterprises/", "/rejected/", "/api/v1/policies", "/api/v1/enterprises"):
        for name in ("q", "detail", "delivery", "offset"):
            failed += [(path, name, value[:9]) for value in RUBBISH if ask("get", path, {name: value}) >= 500]
    assert not failed


def test_rubbish_in_an_address_is_a_page_that_says_so(world):
    ask, failed = Careful(world.client(ADMINISTRATOR, raise_request_exception=False)), []
    firm = world.firm.pk
    for path in (
        "/policies/{}/", "/enterprises/{}/", f"/enterprises/{firm}/items/{{}}/", f"/enterprises/{firm}/facts/{{}}/2025/",
        f"/enterprises/{firm}/facts/revenue/{{}}/", f"/enterprises/{firm}/messages/{{}}/", "/objections/{}/",
        "/deliveries/{}/", "/deliveries/{}/rejected.csv", "/datasets/{}/", "/dictionary/{}/", "/workbench/{}/",
        "/api/v1/policies/{}", "/api/v1/rules/{}/members/near", "/api/v1/codelists/{}", "/api/v1/deliveries/{}",
        "/api/v1/enterprises/{}/facts", "/api/v1/desks/{}", f"/api/v1/enterprises/{firm}/verdicts?as_of={{}}",
    ):  # fmt: skip
        failed += [(path, value[:9]) for value in RUBBISH if ask("get", path.format(quote(value, safe=""))) >= 500]
    assert not failed


def test_rubbish_in_a_form_is_told_to_its_sender(world):
    send, failed = Careful(world.client(ADMINISTRATOR, raise_request_exception=False)), []
    own = Careful(world.client(OWN, raise_request_exception=False))
    stamp = stamp_of(world, ADMINISTRATOR)
    row = world.delivery.rejected.first().pk
    paper = {"text": "第一条 在新区注册的企业", "stamp": stamp, "i0-title": "x", "i0-use_tree": "1"}
    for sender, path, form, names in (
        (send, f"/deliveries/{world.delivery.pk}/", {"row": row, "party": world.firm.pk}, ("row", "party")),
        (send, "/desks/views/save/", {"desk": "enterprises", "name": "x"}, ("desk", "name", "query", "next")),
        (send, "/language/", {"language": "en"}, ("language", "next")),
        (send, f"/workbench/{world.draft.code}/", paper, (*paper, "note", "i0-tree", "i0-opens", "i0-shape", "i0-l0-text", "i0-amount", "i0-department", "new-title")),
        (send, f"/workbench/{world.draft.code}/preview/i0/", paper, ("i0-title", "i0-tree", "i0-department", "i0-amount", "i0-l0-text")),
        (send, "/workbench/check/?leaf=", {}, ("-kind", "-text")),
        (send, "/workbench/leaf/", {"item": "i0", "first": "1", "words": "x"}, ("item", "first", "words")),
        (send, "/workbench/", {}, ("text",)),
        (send, "/deliveries/", {}, ("dataset",)),
        (send, f"/objections/{world.objection.pk}/", {"accept": "yes", "answer": "x"}, ("accept", "answer")),
        (own, f"/enterprises/{world.firm.pk}/facts/rd_expense/{zone.YEAR}/", {"claimed": "1万元", "reason": "x"}, ("claimed", "reason")),
        (send, "/members/", {"username": "zz", "role": "editor"}, ("username", "display_name", "role", "party")),
        (send, "/account/tokens/", {"name": "x", "days": 30}, ("name", "days")),
        (send, "/accounts/login/", {"login": "a", "password": "b"}, ("login", "password", "next")),
    ):  # fmt: skip
        for name in names:
            failed += [
                (path, name, value[:9]) for value in RUBBISH[:4] if sender("post", path, {**form, name: value}) >= 500
            ]
    assert not failed


@pytest.mark.parametrize(
    "path", ["policies/read", "rules/preview", "objections", "objections/1/decide", "deliveries?dataset=finance"]
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"text": "\xff"}', "application/json"),
        (b'{"conditions": ' + b'{"all": [' * 300 + b"]}" * 300 + b"}", "application/json"),
        (b'{"claimed": 1e999999, "enterprise": 1e999}', "application/json"),
        (b"a=1", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        (b"<a/>", "text/xml"),
    ],
)
@pytest.mark.parametrize("key", [True, False])
def test_rubbish_in_a_body_is_refused_in_the_form_of_the_api(world, path, body, kind, key):
    client = world.client(VISITOR if key else ADMINISTRATOR, raise_request_exception=False)
    headers = world.api(ADMINISTRATOR) if key else {}
    answer = client.post(f"/api/v1/{path}", body, content_type=kind, headers=headers)
    if answer.status_code == 200:
        # A rule in the making is told its problems.
        assert path == "rules/preview"
        assert answer.json()["problems"]
    else:
        assert 400 <= answer.status_code < 500, answer.content[:300]
        # Django itself refuses a form without its boundary.
        assert kind == "multipart/form-data" or answer.json()["message"]
