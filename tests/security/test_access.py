"""The wrong person with the right link: every address × every role, and what stands in the answer."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from innozone.foundation.access.models import ApiToken, User
from innozone.foundation.access.tokens import revoke
from innozone.foundation.desks.desk import registered
from innozone.foundation.notices import mail, routes
from innozone.portal import urls
from innozone.wings.policies import deadlines
from tests import zone
from tests.security.world import (
    ADMINISTRATOR,
    EDITOR,
    FACTS,
    OFFICER,
    OTHER,
    OWN,
    ROLES,
    SECRET,
    STAFF,
    STRANGER,
    SUPERVISOR,
    VISITOR,
)

pytestmark = pytest.mark.django_db

OVERSEERS = (SUPERVISOR, ADMINISTRATOR)
SIGNED_IN = ROLES[1:]
DEPARTMENT = (OFFICER, *OVERSEERS)
EDITORS = (EDITOR, ADMINISTRATOR)
READERS_OF_DRAFTS = (EDITOR, *OVERSEERS)

# address → (roles that get it, what the others are answered). A visitor is asked to sign in where others get 403.
PAGES = {
    "healthz": (ROLES, 0),
    "metrics": ((ADMINISTRATOR,), 403),
    "": (ROLES, 0),
    "search/?q=x": (ROLES, 0),
    "help/": (ROLES, 0),
    "policies/": (ROLES, 0),
    "policies/rd/": (ROLES, 0),
    "policies/{draft}/": (READERS_OF_DRAFTS, 404),
    "my/": (STAFF, 302),
    "enterprises/": (FACTS, 403),
    "enterprises/{firm}/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/items/rd_grant/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/items/rd_grant/ways/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/items/tech_sme/points/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/ways/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/facts/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/facts/revenue/{year}/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/records/rights/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/messages/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/messages/{notice}/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/messages/settings/": ((OWN,), 403),
    "messages/opened/{opened}/": ((), 302),
    "messages/unsubscribe/{stop}/": (ROLES, 0),
    "pushes/": (STAFF, 403),
    "pushes/messages/": (FACTS, 403),
    "enterprises/{firm}/objections/": ((OWN, *FACTS), 403),
    "objections/": (FACTS, 403),
    "objections/{objection}/": ((OWN, *DEPARTMENT), 403),
    "conflicts/": (FACTS, 403),
    "deliveries/": (FACTS, 403),
    "deliveries/{delivery}/": (DEPARTMENT, 403),
    "deliveries/{delivery}/progress/": (DEPARTMENT, 403),
    "deliveries/{delivery}/rejected.csv": (DEPARTMENT, 403),
    "rejected/": (FACTS, 403),
    "datasets/": (SIGNED_IN, 403),
    "datasets/finance/": (SIGNED_IN, 403),
    "dictionary/": (SIGNED_IN, 403),
    "dictionary/revenue/": (SIGNED_IN, 403),
    "workbench/": (EDITORS, 403),
    "workbench/words/?q=rev": (EDITORS, 403),
    "workbench/{draft}/": (EDITORS, 403),
    "sources/": (EDITORS, 403),
    "sources/{source}/": (EDITORS, 403),
    "sources/arrivals/": (EDITORS, 403),
    "cockpit/": (STAFF, 403),
    "allocations/": (FACTS, 403),
    "allocations/rd_grant/": (FACTS, 403),
    "sandbox/": (READERS_OF_DRAFTS, 403),
    "sandbox/rd_grant/": (READERS_OF_DRAFTS, 403),
    "sandbox/rd_grant/curve/": (READERS_OF_DRAFTS, 403),
    "sandbox/rd_grant/enterprises/": (OVERSEERS, 403),
    "policies/tree/": (ROLES, 0),
    "policies/changes/": (ROLES, 0),
    "policies/changes.atom": (ROLES, 0),
    "policies/rd/compare/": (ROLES, 0),
    "policies/rd/export/": (EDITORS, 403),
    "policies/calendar.ics": (ROLES, 0),
    "enterprises/{firm}/list/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/calendar/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/calendar.ics": ((OWN, *FACTS), 403),
    "calendars/{calendar}.ics": (ROLES, 0),
    "following/": (SIGNED_IN, 403),
    "following/{news}/": ((OWN,), 404),
    "workbench/{draft}/publish/": (EDITORS, 403),
    "workbench/{draft}/proposals/": (EDITORS, 403),
    "consultations/": (ROLES, 0),
    "consultations/{round}/": (STAFF, 404),
    "enterprises/{firm}/consultations/": ((OWN, *FACTS), 403),
    "enterprises/{firm}/consultations/{round}/": ((OWN, *FACTS), 403),
    "evaluations/": (STAFF, 403),
    "evaluations/{evaluation}/": (STAFF, 403),
    "payments/": (FACTS, 403),
    "account/": (SIGNED_IN, 403),
    "account/tokens/": (SIGNED_IN, 403),
    "members/": ((ADMINISTRATOR,), 403),
}
# What a visitor may ask for, and is told is not there.
OPEN = ("policies/{draft}", "policies/{draft}/versions", "consultations/{round}")
API = {
    "healthz": (ROLES, 0),
    "docs": (ROLES, 0),
    "openapi.json": (ROLES, 0),
    "me": (SIGNED_IN, 401),
    "notices": (SIGNED_IN, 401),
    "follows": (SIGNED_IN, 401),
    "enterprises": (SIGNED_IN, 401),
    "enterprises/{firm}": ((OWN, *FACTS), 404),
    "enterprises/{firm}/facts": ((OWN, *FACTS), 404),
    "enterprises/{firm}/verdicts": ((OWN, *FACTS), 404),
    "enterprises/{firm}/points/tech_sme/research?points=20": ((OWN, *FACTS), 404),
    "enterprises/{firm}/portfolio": ((OWN, *FACTS), 404),
    "enterprises/{firm}/questions": ((OWN, *FACTS), 404),
    "enterprises/{firm}/papers": ((OWN, *FACTS), 404),
    "enterprises/{firm}/routes": ((OWN,), 404),
    "pushes/rd": (STAFF, 403),
    "desks/pushes": (STAFF, 403),
    "desks/notices": (FACTS, 403),
    "desks/entitlements": ((OTHER, OWN, *FACTS), 403),
    "allocations": (FACTS, 403),
    "allocations/rd_grant": (FACTS, 403),
    "sandbox/rd_grant": (READERS_OF_DRAFTS, 403),
    "policies": (ROLES, 0),
    "policies/rd": (ROLES, 0),
    "policies/{draft}": (READERS_OF_DRAFTS, 404),
    "policies/rd/counts": (STAFF, 403),
    "policies/rd/compare": (ROLES, 0),
    "policies/rd/export": (EDITORS, 403),
    "policies/rd/versions": (ROLES, 0),
    "policies/{draft}/versions": (READERS_OF_DRAFTS, 404),
    "policies/rd?draft=true": (EDITORS, 403),
    "policies/{draft}/proposals": (EDITORS, 403),
    "rules/rd_grant/members/near": (FACTS, 403),
    "datasets": (SIGNED_IN, 401),
    "datasets/finance": (SIGNED_IN, 401),
    "dictionary": (SIGNED_IN, 401),
    "codelists/regions": (SIGNED_IN, 401),
    "deliveries": (FACTS, 403),
    "deliveries/{delivery}": (DEPARTMENT, 404),
    "deliveries/{delivery}/rejected": (DEPARTMENT, 404),
    "objections": (SIGNED_IN, 401),
    "cockpit/figures": (STAFF, 403),
    "cockpit/targets": (STAFF, 403),
    "consultations": (ROLES, 0),
    "consultations/{round}": ((OTHER, OWN, *STAFF), 404),
    "evaluations": (STAFF, 403),
    "policy-tree": (ROLES, 0),
    "policy-changes": (ROLES, 0),
    "desks": (SIGNED_IN, 401),
    "desks/rounds": (SIGNED_IN, 401),
    "desks/evaluations": (STAFF, 403),
    "desks/policy-payments": (FACTS, 403),
    "desks/allocation": (FACTS, 403),
    "desks/sandbox": (OVERSEERS, 403),
    "desks/deliveries": (FACTS, 403),
    "desks/enterprises": (FACTS, 403),
    "desks/members": ((ADMINISTRATOR,), 403),
    "desks/policies": (SIGNED_IN, 401),
    "desks/policy-workbench": (EDITORS, 403),
    "desks/policy-sources": (EDITORS, 403),
    "desks/arrivals": (EDITORS, 403),
    "sources/watched": (EDITORS, 403),
    "desks/rejected-rows": (FACTS, 403),
    "desks/conflicts": (FACTS, 403),
    "desks/objections": (FACTS, 403),
    "desks/datasets": (SIGNED_IN, 401),
}
# Everything that only takes POST, with the roles for whom it does something (or says why not).
POSTS = {
    "workbench/check/": EDITORS,
    "workbench/leaf/": EDITORS,
    "workbench/import/": EDITORS,
    "workbench/{draft}/confirm/": EDITORS,
    "workbench/{draft}/preview/i0/": EDITORS,
    "workbench/{draft}/consult/": EDITORS,
    "workbench/{draft}/restore/": EDITORS,
    "workbench/{draft}/end/": EDITORS,
    "workbench/{draft}/place/": EDITORS,
    "sources/{source}/look/": EDITORS,
    "api/v1/sources": EDITORS,
    "api/v1/sources/watched/look": EDITORS,
    "workbench/{draft}/proposals/0/": EDITORS,
    "consultations/{round}/answer/": EDITORS,
    "consultations/{round}/conclude/": EDITORS,
    "api/v1/consultations/{round}/opinions": (OWN,),
    "api/v1/consultations/{round}/replies": (OWN,),
    "api/v1/consultations/{round}/conclude": EDITORS,
    "api/v1/opinions/{opinion}/answer": EDITORS,
    "api/v1/evaluations/{evaluation}/decide": READERS_OF_DRAFTS,
    "sandbox/rd_grant/scenarios/": READERS_OF_DRAFTS,
    "sandbox/rd_grant/scenarios/0/drop/": READERS_OF_DRAFTS,
    "sandbox/rd_grant/scenarios/0/draft/": EDITORS,
    "account/tokens/0/revoke/": SIGNED_IN,
    "members/0/revoke/": (ADMINISTRATOR,),
    "follow/": SIGNED_IN,
    "language/": ROLES,
    "theme/": ROLES,
    "desks/views/save/": SIGNED_IN,
    "desks/views/{view}/delete/": SIGNED_IN,
    "api/v1/notices/{notice}/read": (OWN,),
    "api/v1/enterprises/{firm}/routes/app": (OWN,),
    "api/v1/enterprises/{firm}/webhook/test": (OWN,),
    "api/v1/policies/read": EDITORS,
    "api/v1/policies/read-file": EDITORS,
    "api/v1/policies/import": EDITORS,
    "api/v1/policies/{draft}/confirm": EDITORS,
    "api/v1/policies/{draft}/restore?version=99": EDITORS,
    "api/v1/policies/{draft}/end": EDITORS,
    "api/v1/policies/{draft}/proposals/0/take": EDITORS,
    "api/v1/policies/{draft}/proposals/0/refuse": EDITORS,
    "api/v1/rules/preview": STAFF,
    "api/v1/sandbox/rd_grant/scenarios": READERS_OF_DRAFTS,
    "api/v1/objections/{objection}/decide": (OFFICER, ADMINISTRATOR),
}
BODIES = {
    "api/v1/enterprises/{firm}/routes/app": {"muted": ["deadline"]},
    "api/v1/follows": {"kind": "theme", "value": "none"},
    "api/v1/policies/read": {"text": "第一条 企业"},
    "api/v1/rules/preview": {"conditions": "true"},
    "api/v1/policies/{draft}/end": {"reason": ""},
    "api/v1/sources": {"name": "x", "code": "x", "kind": "feed", "address": "none", "level": "zone"},
    "api/v1/sources/watched": {"name": "x", "code": "watched", "kind": "feed", "address": "none", "level": "zone"},
    "api/v1/policies/{draft}/confirm": {},
    "api/v1/policies/{draft}/versions": {"base": "none"},
    "api/v1/consultations": {"title": "", "closes": "2020-01-01"},
    "api/v1/consultations/{round}/opinions": {"enterprise": 999999999, "stance": "support"},
    "api/v1/consultations/{round}/replies": {"enterprise": 999999999, "answers": {}},
    "api/v1/consultations/{round}/conclude": {"summary": ""},
    "api/v1/opinions/{opinion}/answer": {"outcome": "refused", "answer": ""},
    "api/v1/evaluations": {"policy": "rd", "start": "2020-02-01", "end": "2020-01-01"},
    "api/v1/evaluations/{evaluation}/decide": {"decision": "keep", "reason": ""},
    "api/v1/sandbox/rd_grant": {"figures": {}},
    "api/v1/sandbox/rd_grant/scenarios": {"name": "x", "figures": {"benefit:1": 300000}},
    "api/v1/objections/{objection}/decide": {"accept": False, "answer": ""},
}
# What only takes DELETE; nothing of that number is there.
DELETES = {
    "api/v1/sandbox/rd_grant/scenarios/999999999": READERS_OF_DRAFTS,
    "api/v1/follows/999999999": SIGNED_IN,
}
# What a page also takes by POST.
FORMS = {
    "enterprises/{firm}/facts/revenue/{year}/": (OWN,),
    "enterprises/{firm}/messages/": (OWN,),
    "enterprises/{firm}/messages/settings/": (OWN,),
    "messages/unsubscribe/{stop}/": ROLES,
    "following/": SIGNED_IN,
    "enterprises/{firm}/calendar/": (OWN,),
    "api/v1/follows": SIGNED_IN,
    "objections/{objection}/": (OFFICER, ADMINISTRATOR),
    "deliveries/": (STRANGER, OFFICER, ADMINISTRATOR),
    "deliveries/{delivery}/": (OFFICER, ADMINISTRATOR),
    "workbench/": EDITORS,
    "workbench/{draft}/": EDITORS,
    "workbench/{draft}/proposals/": EDITORS,
    "api/v1/policies/{draft}/proposals": EDITORS,
    "api/v1/policies/{draft}/versions": EDITORS,
    "members/": (ADMINISTRATOR,),
    "account/tokens/": SIGNED_IN,
    "consultations/": EDITORS,
    "sources/": EDITORS,
    "sources/{source}/": EDITORS,
    "api/v1/sources/watched": EDITORS,
    "enterprises/{firm}/consultations/{round}/": (OWN,),
    "evaluations/": READERS_OF_DRAFTS,
    "evaluations/{evaluation}/": READERS_OF_DRAFTS,
    "api/v1/consultations": EDITORS,
    "api/v1/evaluations": READERS_OF_DRAFTS,
    "api/v1/sandbox/rd_grant": READERS_OF_DRAFTS,
}


def fill(address: str, world) -> str:
    return address.format(
        firm=world.firm.pk,
        year=zone.YEAR,
        notice=world.notice.pk,
        news=world.news.pk,
        calendar=deadlines.token_of(world.calendar),
        opened=mail.opened_token(world.letter),
        stop=routes.token_of(world.letter.route),
        objection=world.objection.pk,
        delivery=world.delivery.pk,
        draft=world.draft.code,
        view=world.view.pk,
        round=world.round.pk,
        opinion=world.opinion.pk,
        evaluation=world.evaluation.pk,
        source=world.source.pk,
    )


def addresses(patterns=urls.urlpatterns, before: str = ""):
    for entry in patterns:
        if isinstance(entry, URLResolver) and "allauth" not in str(entry.urlconf_name):
            yield from addresses(entry.url_patterns, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern)


def test_no_address_of_the_resolver_is_missing_from_the_tables(world):
    from django.urls import resolve

    known = {resolve("/" + fill(address, world).partition("?")[0]).route for address in (*PAGES, *POSTS, *DELETES)}
    known |= {resolve("/api/v1/" + fill(address, world)).route for address in API}
    # The root of the API is only a name; the last one catches what leads nowhere.
    assert set(addresses()) - known - {"api/v1/", "api/v1/<path:path>"} == set()
    assert {f"desks/{desk.name}" for desk in registered()} <= API.keys()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_for_every_role(world, role):
    client, wrong = world.client(role), []
    for address, (roles, refused) in PAGES.items():
        expected = 200 if role in roles else 302 if role == VISITOR and refused == 403 else refused
        answer = client.get("/" + fill(address, world))
        if answer.status_code != expected:
            wrong.append(f"{address}: {answer.status_code}, expected {expected}")
        if answer.status_code == 302 and role == VISITOR:
            assert answer.url.startswith("/accounts/login/?next="), address
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_address_of_the_api_for_every_role(world, role):
    client, wrong = world.client(VISITOR), []
    for address, (roles, refused) in API.items():
        expected = 200 if role in roles else 401 if role == VISITOR and address not in OPEN else refused
        got = client.get("/api/v1/" + fill(address, world), headers=world.api(role)).status_code
        if got != expected:
            wrong.append(f"{address}: {got}, expected {expected}")
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sends_what_is_not_theirs_to_send(world, role):
    """Whoever has the right learns what the form lacks; whoever has not is refused before anything is looked at."""
    client, wrong = world.client(role), []
    for address, roles in (*POSTS.items(), *FORMS.items()):
        body = {"data": BODIES[address], "content_type": "application/json"} if address in BODIES else {}
        if address.endswith(("read-file", "policies/import")):
            body = {"data": {"file": io.BytesIO("第一条 企业".encode())}}
        status = client.post("/" + fill(address, world), **body).status_code
        # Without the right the record may also not be there; with it, only a record that nobody has is not.
        expected = status < 500 and status not in (401, 403) if role in roles else status in (401, 403, 404)
        if not expected:
            wrong.append(f"{address}: {status}")
    for address, roles in DELETES.items():
        status = client.delete("/" + address).status_code
        if status != (404 if role in roles else 401 if role == VISITOR else 403):
            wrong.append(f"{address}: {status}")
    assert not wrong
    assert world.draft.__class__.objects.get(pk=world.draft.pk).status == ("confirmed" if role in EDITORS else "draft")


def test_a_firm_finds_nothing_of_another_by_any_way_in(world):
    """The other firm's name and secret, through every page, drawer, export as text, search and address of the API."""
    client, name = world.client(OWN), world.other.name
    words = {"q": name, "enterprise": str(world.other.pk), "party": str(world.other.pk)}
    hits = []
    asked = [f"/{fill(address, world)}" for address in PAGES] + [f"/api/v1/{fill(address, world)}" for address in API]
    keys = {str(key) for key in (world.other.pk, world.secret.pk, world.foreign.pk, world.foreign.rejected.first().pk)}
    for path in asked:
        path = path.partition("?")[0]
        plain = [({}, {}), (words, {}), ({"format": "csv"}, {})]
        drawer = {"HX-Request": "true", "HX-Target": "aside#drawer"}
        for query, headers in (*plain, *(({"detail": key}, drawer) for key in keys)):
            answer = client.get(path, query, headers=headers)
            shown = answer.getvalue() if answer.streaming else answer.content
            # What the page repeats of one's own question is no news.
            text = shown.decode(errors="replace").replace(f'value="{name}"', "")
            if SECRET in text or (name in text and not query.get("q")) or f">{name}<" in text:
                hits.append(f"{path} {query}")
    assert not hits


def test_numbers_of_others_in_ones_own_address_lead_nowhere(world):
    client = world.client(OWN)
    theirs = world.other.notices.first()
    assert client.get(f"/enterprises/{world.firm.pk}/messages/{theirs.pk}/").status_code == 404
    assert client.post(f"/api/v1/notices/{theirs.pk}/read").status_code == 404
    assert client.get(f"/api/v1/notices?enterprise={world.other.pk}").json()["total"] == 0
    body = {"enterprise": world.other.pk, "variable": "revenue", "year": zone.YEAR, "claimed": "1万元", "reason": "x"}
    assert client.post("/api/v1/objections", body, content_type="application/json").status_code == 404
    assert [row["id"] for row in client.get("/api/v1/objections").json()["items"]] == [world.objection.pk]
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_a_department_sees_no_file_of_another(world):
    client = world.client(STRANGER)
    for path in (
        "/deliveries/",
        "/rejected/",
        "/deliveries/?format=csv",
        "/rejected/?format=csv",
        "/search/?q=accounts",
    ):
        answer = client.get(path)
        text = (answer.getvalue() if answer.streaming else answer.content).decode()
        assert not [word for word in ("accounts.csv", "约一千") if word in text], path
    row = world.delivery.rejected.first()
    assert client.get(f"/rejected/?detail={row.pk}").status_code == 404
    assert "约一千" not in client.get(f"/rejected/?delivery={world.delivery.pk}").content.decode()
    settle = {"row": row.pk, "party": world.firm.pk}
    assert client.post(f"/deliveries/{world.delivery.pk}/", settle).status_code == 403
    # Nor through a delivery of its own.
    assert client.post(f"/deliveries/{world.foreign.pk}/", settle).status_code == 404
    with open(__file__, "rb") as file:
        assert client.post("/deliveries/", {"dataset": "finance", "file": file}).status_code == 403
        file.seek(0)
        assert client.post("/api/v1/deliveries?dataset=finance", {"file": file}).status_code == 403


def test_a_row_is_settled_for_a_firm_and_for_nothing_else(world):
    client, row = world.client(OFFICER), world.delivery.rejected.exclude(kind="invalid").first()
    path = f"/deliveries/{world.delivery.pk}/"
    assert client.post(path, {"row": row.pk, "party": world.department.pk}).status_code == 404
    for wrong in ("", "abc", "²", "9" * 40, -1):
        assert client.post(path, {"row": row.pk, "party": wrong}).status_code == 404, wrong
        assert client.post(path, {"row": wrong, "party": world.firm.pk}).status_code == 404, wrong
    assert client.post(path, {"row": row.pk, "party": world.firm.pk}).status_code == 302
    row.refresh_from_db()
    assert row.settled_by == world.users[OFFICER]


def test_what_is_kept_by_one_person_is_not_touched_by_another(world):
    client = world.client(ADMINISTRATOR)
    token = ApiToken.objects.get(user=world.users[SUPERVISOR])
    assert client.post(f"/desks/views/{world.view.pk}/delete/").status_code == 404
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert "mine" not in client.get("/enterprises/").content.decode()


@pytest.mark.parametrize("end", ["expired", "revoked", "closed", "stripped"])
def test_a_key_ends_with_its_day_its_word_its_account_and_its_role(world, end):
    token, user = ApiToken.objects.get(user=world.users[SUPERVISOR]), world.users[SUPERVISOR]
    assert world.client(VISITOR).get("/api/v1/deliveries", headers=world.api(SUPERVISOR)).status_code == 200
    if end == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "revoked":
        revoke(token)
    elif end == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        user.memberships.all().delete()
    got = world.client(VISITOR).get("/api/v1/deliveries", headers=world.api(SUPERVISOR)).status_code
    assert got == (403 if end == "stripped" else 401)


def test_a_key_opens_no_page_and_is_shown_once(world):
    client = world.client(OWN)
    page = client.post("/account/tokens/", {"name": "x", "days": 30})
    secret = page.content.decode().split("izn_")[1].split("<")[0]
    assert secret not in client.get("/account/tokens/").content.decode()
    assert not ApiToken.objects.filter(digest__contains=secret).exists()
    bearer = {"authorization": f"Bearer izn_{secret}"}
    assert world.client(VISITOR).get("/account/", headers=bearer).status_code == 302
    assert world.client(VISITOR).get(f"/enterprises/{world.firm.pk}/", headers=bearer).status_code == 302


def test_the_table_of_roles_covers_everyone_with_an_account(world):
    assert set(world.users) == set(ROLES) - {VISITOR}
    assert OTHER in world.tokens
    assert EDITOR in world.tokens
