"""What every answer carries, and what no page lets through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from innozone.foundation.access.models import User
from innozone.foundation.parties.models import Party
from tests import zone
from tests.portal.conftest import place  # noqa: F401
from tests.portal.people import PASSWORD, client_of
from tests.portal.test_rights import PAGES, address

pytestmark = pytest.mark.django_db
TEMPLATES = [*Path(settings.PACKAGE).glob("portal/templates/**/*.html"), *Path(settings.PACKAGE).glob("foundation/*/templates/**/*.html")]  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
FILES = ("delivery_rejected", "enterprise_calendar_file", "calendar_by_link", "policy_calendar")


def test_scripts_come_from_our_own_files_only(client):
    headers = client.get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_forbids(template):
    text = template.read_text()
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", text), "an inline script"
    assert not re.search(r"(src|href)=\"https?://", text), "a file from elsewhere"
    # Filters in hx-trigger are evaluated, which the policy refuses.
    assert not re.search(r"hx-(trigger|vals|on)[^\"]*\"[^\"]*(js:|\[)", text), "an expression for htmx to evaluate"


def test_pages_differ_for_whole_and_part(client):
    assert "HX-Request" in client.get("/").headers["Vary"]


def test_a_form_without_the_token_of_the_page_changes_nothing(place):  # noqa: F811
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(place.users["administrator"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/members/", {"username": "mallory", "role": "administrator"})
    assert answer.status_code == 403
    assert "expired" in answer.content.decode()
    assert not User.objects.filter(username="mallory").exists()


def test_what_others_wrote_is_shown_and_not_run(place):  # noqa: F811
    firm = Party.objects.get(pk=place.parties[0].pk)
    firm.name = f"甲{SCRIPT}"
    firm.save()
    User.objects.filter(username="supervisor").update(display_name=SCRIPT)
    place.objection.reason = SCRIPT
    place.objection.save()
    place.delivery.filename = f"{SCRIPT}.csv"
    place.delivery.save()
    type(place.rejected).objects.filter(pk=place.rejected.pk).update(raw={SCRIPT: SCRIPT})
    place.draft.title = SCRIPT
    place.draft.save()
    place.draft.versions.update(text=f"第一条 {SCRIPT}", note=SCRIPT, gist=SCRIPT)
    for role in ("administrator", "enterprise"):
        client = client_of(place.users, role)
        for name, expected in PAGES.items():
            # A table and calendars, which no browser reads as a page (nosniff), name things as they are.
            if expected[role] == 200 and name not in FILES:
                assert SCRIPT not in client.get(address(name, place)).content.decode(), (role, name)
    client = client_of(place.users, "administrator")
    for url in (
        f"/search/?q={SCRIPT}",
        f"/enterprises/?q={SCRIPT}&sort={SCRIPT}&columns={SCRIPT}",
        f"/deliveries/{place.delivery.pk}/?detail={place.rejected.pk}",
        reverse("policy", args=[place.draft.code]),
        f"/dictionary/?q={SCRIPT}",
        f"/{SCRIPT}",
    ):
        assert SCRIPT not in client.get(url).content.decode(), url


@pytest.mark.parametrize(
    "query",
    ["q='%3B drop table parties_party%3B--", "sort=name%27", "detail=1 or 1=1", "detail=99999999999999999999999",
     "staff_from=1e400", "page=-1", "q=%00", "industry=%00", "q=" + "a" * 5000, "columns=" + "," * 2000],
)  # fmt: skip
def test_a_hostile_query_gives_a_page_and_no_failure(place, query):  # noqa: F811
    client = client_of(place.users, "administrator")
    for name in ("enterprises", "deliveries", "policies", "search", "variables", "members"):
        url = reverse(f"access:{name}" if name == "members" else name)
        assert client.get(f"{url}?{query}").status_code in (200, 400, 404), (name, query)


def test_the_session_cookie_is_out_of_reach_of_scripts(place, client):  # noqa: F811
    client.post("/accounts/login/", {"login": "editor", "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_in_leads_only_to_our_own_pages(place, client):  # noqa: F811
    sent = {"login": "editor", "password": PASSWORD, "next": "https://evil.example/"}
    answer = client.post("/accounts/login/", sent)
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]


def test_a_file_name_is_a_name_and_no_path(place):  # noqa: F811
    from django.core.files.uploadedfile import SimpleUploadedFile

    rows = f"统一社会信用代码,企业名称,年度,营业收入(万元),研发费用(万元)\n,丁服务有限公司,{zone.YEAR},9,1\n"
    file = SimpleUploadedFile("x.csv", rows.encode())
    file._name = "../../../../etc/x.csv"
    client_of(place.users, "officer").post("/deliveries/", {"dataset": "finance", "file": file})
    from innozone.foundation.facts.models import Delivery

    made = Delivery.objects.exclude(pk=place.delivery.pk).get()
    assert made.filename == "x.csv"
    assert ".." not in made.path
