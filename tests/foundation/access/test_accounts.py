"""Accounts, tokens, members, language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from innozone.foundation.access import tokens
from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.parties.models import Party, PartyKind

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _no_attempts_remembered():
    """Sign-ins that one test tried do not slow the next one down."""
    yield
    cache.clear()


@pytest.fixture
def admin():
    user = User.objects.create_user("admin", password=PASSWORD)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user


@pytest.fixture
def browser(admin):
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_token_is_shown_once_and_opens_until_revoked(browser, admin):
    page = browser.post("/account/tokens/", {"name": "nightly", "days": "30"}).content.decode()
    secret = next(word for word in page.replace("<", " ").replace(">", " ").split() if word.startswith("izn_"))
    assert tokens.user_of(secret) == admin
    assert secret not in browser.get("/account/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert secret not in token.digest
    assert token.expires_at - timezone.now() < timedelta(days=31)
    browser.post(f"/account/tokens/{token.pk}/revoke/")
    assert tokens.user_of(secret) is None


def test_a_token_past_its_day_or_of_a_closed_account_opens_nothing(admin):
    token, secret = ApiToken.issue(admin, "old", days=-1)
    assert tokens.user_of(secret) is None
    token, secret = ApiToken.issue(admin, "new")
    assert tokens.user_of(secret) == admin
    assert ApiToken.objects.get(pk=token.pk).last_used_at is not None
    User.objects.update(is_active=False)
    assert tokens.user_of(secret) is None


def test_nobody_revokes_the_token_of_another(browser):
    other = User.objects.create_user("other")
    token, secret = ApiToken.issue(other, "theirs")
    assert browser.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert tokens.user_of(secret) == other


def test_the_administrator_adds_a_member_with_an_account_and_its_first_password(browser):
    firm = Party.objects.create(kind=PartyKind.ENTERPRISE, name="甲科技有限公司", credit_code="91610131MA6TXXXX01")
    sent = {"username": "li", "display_name": "李", "role": "enterprise", "party": "91610131ma6txxxx01"}
    page = browser.post("/members/", sent).content.decode()
    password = page.split('id="secret" class="mono">')[1].split("<")[0]
    member = Membership.objects.get(user__username="li")
    assert member.party == firm
    assert Client().login(username="li", password=password)
    # A second role for the same person opens no second account and shows no password.
    page = browser.post("/members/", {"username": "li", "role": "editor"}).content.decode()
    assert 'id="secret"' not in page
    assert Membership.objects.filter(user__username="li").count() == 2


@pytest.mark.parametrize(
    ("role", "party", "says"),
    [
        ("enterprise", "", "name it"),
        ("enterprise", "没有这家公司", "no such organisation"),
        ("supervisor", "甲", "leave the field empty"),
    ],
)
def test_a_role_needs_the_right_organisation(browser, role, party, says):
    page = browser.post("/members/", {"username": "li", "role": role, "party": party}).content.decode()
    assert says in page
    assert not User.objects.filter(username="li").exists()


def test_the_last_administrator_stays(browser, admin):
    member = admin.memberships.get()
    assert "last administrator" in browser.post(f"/members/{member.pk}/revoke/", follow=True).content.decode()
    second = User.objects.create_user("second")
    Membership.objects.create(user=second, role=Role.ADMINISTRATOR)
    browser.post(f"/members/{member.pk}/revoke/")
    assert not admin.memberships.exists()


def test_the_language_goes_with_the_account(browser, admin):
    browser.post("/language/", {"language": "zh-hans", "next": "/account/"})
    admin.refresh_from_db()
    assert admin.language == "zh-hans"
    # On another machine, whose browser speaks English.
    other = Client(headers={"accept-language": "en"})
    other.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    assert "我的账号" in other.get("/account/").content.decode()


def test_choices_lead_back_to_our_own_pages_only(browser):
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert browser.post("/language/", {"language": "en", "next": target}).headers["Location"] == "/"
        assert browser.post("/theme/", {"theme": "dark", "next": target}).headers["Location"] == "/"
    assert browser.cookies["theme"].value == "dark"
    assert 'data-bs-theme="dark"' in browser.get("/account/").content.decode()


def test_nobody_signs_up_from_outside(client):
    assert client.post("/accounts/signup/", {"username": "x", "password1": PASSWORD}).status_code == 200
    assert not User.objects.exists()


def test_guessing_passwords_is_slowed_down(admin, client, settings):
    answers = [client.post("/accounts/login/", {"login": "admin", "password": f"wrong{n}"}) for n in range(12)]
    assert answers[0].status_code == 200
    # From here on even the right password is not tried.
    assert client.post("/accounts/login/", {"login": "admin", "password": PASSWORD}).status_code != 302


@pytest.mark.parametrize("page", ["account/password/change", "2fa", "2fa/totp/activate", "account/email"])
def test_the_pages_of_the_own_account_open(browser, page):
    page = page.replace("account/", "")
    answer = browser.get(f"/accounts/{page}/", follow=True)
    assert answer.status_code == 200
    assert "topbar" in answer.content.decode()
