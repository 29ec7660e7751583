"""Every address × every role: who gets the page, who is refused, who is asked to sign in."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, reverse

from innozone.foundation.notices import mail, routes
from innozone.portal import urls
from innozone.wings.policies import deadlines
from tests.portal.people import ROLES, clients

pytestmark = pytest.mark.django_db

ALL = dict.fromkeys(ROLES, 200)
SIGNED_IN = {**ALL, "visitor": 302}


def only(*roles: str, refused: int = 403) -> dict[str, int]:
    """These roles get the page; others are refused, a visitor is asked to sign in."""
    return {role: 302 if role == "visitor" else 200 if role in roles else refused for role in ROLES}


STAFF = ("officer", "editor", "supervisor", "administrator")
FACTS = ("officer", "supervisor", "administrator")
EDITORS = ("editor", "administrator")
OWN = ("enterprise", *FACTS)
MAKERS = ("editor", "supervisor", "administrator")

# name of the address → who gets what with GET. "own" objects belong to the first enterprise and to the tax office.
PAGES = {
    "home": ALL,
    "search": ALL,
    "help": ALL,
    "policies": ALL,
    "policy": ALL,
    "my_enterprise": {**SIGNED_IN, "enterprise": 302},
    "enterprises": only(*FACTS),
    "enterprise": only(*OWN),
    "enterprise_item": only(*OWN),
    "enterprise_item_ways": only(*OWN),
    "enterprise_near_ways": only(*OWN),
    "enterprise_points": only(*OWN),
    "enterprise_facts": only(*OWN),
    "fact": only(*OWN),
    "enterprise_records": only(*OWN),
    "enterprise_messages": only(*OWN),
    "enterprise_message": only(*OWN),
    "enterprise_message_settings": only("enterprise"),
    "message_opened": dict.fromkeys(ROLES, 302),
    "message_unsubscribe": ALL,
    "pushes": only(*STAFF),
    "notices_sent": only(*FACTS),
    "enterprise_objections": only(*OWN),
    "objections": only(*FACTS),
    "objection": only(*OWN),
    "conflicts": only(*FACTS),
    "deliveries": only(*FACTS),
    "delivery": only(*FACTS),
    "delivery_progress": only(*FACTS),
    "delivery_rejected": only(*FACTS),
    "rejected": only(*FACTS),
    "datasets": SIGNED_IN,
    "dataset": SIGNED_IN,
    "variables": SIGNED_IN,
    "variable": SIGNED_IN,
    "workbench": only(*EDITORS),
    "workbench_words": only(*EDITORS),
    "workbench_policy": only(*EDITORS),
    "sources": only(*EDITORS),
    "source": only(*EDITORS),
    "arrivals": only(*EDITORS),
    "allocations": only(*FACTS),
    "allocation": only(*FACTS),
    "sandboxes": only(*MAKERS),
    "sandbox": only(*MAKERS),
    "sandbox_curve": only(*MAKERS),
    "sandbox_changes": only("supervisor", "administrator"),
    "cockpit": only(*STAFF),
    "policy_tree": ALL,
    "policy_changes": ALL,
    "policy_feed": ALL,
    "policy_compare": ALL,
    "policy_export": only(*EDITORS),
    "policy_calendar": ALL,
    "enterprise_list": only(*OWN),
    "enterprise_calendar": only(*OWN),
    "enterprise_calendar_file": only(*OWN),
    "calendar_by_link": ALL,
    "following": SIGNED_IN,
    "following_message": {**only("enterprise", refused=404), "visitor": 404},
    "workbench_publish": only(*EDITORS),
    "workbench_proposals": only(*EDITORS),
    "rounds": ALL,
    "round": {**only(*STAFF, refused=404), "visitor": 404},
    "enterprise_rounds": only(*OWN),
    "enterprise_round": only(*OWN),
    "evaluations": only(*STAFF),
    "evaluation": only(*STAFF),
    "payments": only(*FACTS),
    "access:account": SIGNED_IN,
    "access:tokens": SIGNED_IN,
    "access:members": only("administrator"),
}


def sends(outcome: int, *roles: str) -> dict[str, int]:
    """What a POST without content comes to: `outcome` for these roles, refused for others, a visitor too."""
    return {role: outcome if role in roles else 403 for role in ROLES}


# Addresses that only take POST. The refusal comes before anything is looked at.
POSTS = {
    "workbench_check": sends(200, *EDITORS),
    "workbench_leaf": sends(422, *EDITORS),
    "workbench_import": sends(200, *EDITORS),
    "workbench_confirm": sends(302, *EDITORS),
    "workbench_preview": sends(200, *EDITORS),
    "workbench_consult": sends(302, *EDITORS),
    "workbench_restore": sends(404, *EDITORS),
    "workbench_end": sends(302, *EDITORS),
    "workbench_place": sends(302, *EDITORS),
    "source_look": sends(302, *EDITORS),
    "workbench_proposal": sends(404, *EDITORS),
    "round_answer": sends(404, *EDITORS),
    "round_conclude": sends(302, *EDITORS),
    "sandbox_keep": sends(302, *MAKERS),
    "sandbox_drop": sends(404, *MAKERS),
    "sandbox_take_over": sends(404, *EDITORS),
    "access:revoke_token": sends(404, *ROLES[1:]),
    "access:revoke_member": sends(302, "administrator"),
    "follow": sends(302, *ROLES[1:]),
    "desks:save_view": sends(404, *ROLES[1:]),
    "desks:delete_view": sends(404, *ROLES[1:]),
    "access:language": sends(302, *ROLES),
    "access:theme": sends(302, *ROLES),
}


def address(name: str, place) -> str:
    firm = place.parties[0].pk
    arguments = {
        "policy": ["rd"],
        "enterprise": [firm],
        "enterprise_item": [firm, "rd_grant"],
        "enterprise_item_ways": [firm, "rd_grant"],
        "enterprise_near_ways": [firm],
        "enterprise_points": [firm, "tech_sme"],
        "enterprise_facts": [firm],
        "fact": [firm, "revenue", place.objection.year],
        "enterprise_records": [firm, "rights"],
        "enterprise_messages": [firm],
        "enterprise_message": [firm, place.notice.pk],
        "enterprise_message_settings": [firm],
        "message_opened": [mail.opened_token(place.letter)],
        "message_unsubscribe": [routes.token_of(place.letter.route)],
        "enterprise_objections": [firm],
        "objection": [place.objection.pk],
        "delivery": [place.delivery.pk],
        "delivery_progress": [place.delivery.pk],
        "delivery_rejected": [place.delivery.pk],
        "round": [place.round.pk],
        "round_answer": [place.round.pk],
        "round_conclude": [place.round.pk],
        "enterprise_rounds": [firm],
        "enterprise_round": [firm, place.round.pk],
        "evaluation": [place.evaluation.pk],
        "workbench_consult": [place.draft.code],
        "workbench_restore": [place.draft.code],
        "workbench_end": [place.draft.code],
        "workbench_place": [place.draft.code],
        "workbench_publish": [place.draft.code],
        "workbench_proposals": [place.draft.code],
        "workbench_proposal": [place.draft.code, 0],
        "policy_compare": ["rd"],
        "source": [place.source.pk],
        "source_look": [place.source.pk],
        "policy_export": ["rd"],
        "enterprise_list": [firm],
        "enterprise_calendar": [firm],
        "enterprise_calendar_file": [firm],
        "calendar_by_link": [deadlines.token_of(place.calendar)],
        "following_message": [place.news.pk],
        "dataset": ["finance"],
        "variable": ["revenue"],
        "allocation": ["rd_grant"],
        "sandbox": ["rd_grant"],
        "sandbox_curve": ["rd_grant"],
        "sandbox_changes": ["rd_grant"],
        "sandbox_keep": ["rd_grant"],
        "sandbox_drop": ["rd_grant", 0],
        "sandbox_take_over": ["rd_grant", 0],
        "workbench_policy": [place.draft.code],
        "workbench_confirm": [place.draft.code],
        "workbench_preview": [place.draft.code, "i0"],
        "access:revoke_token": [0],
        "access:revoke_member": [place.users["supervisor"].memberships.get().pk],
        "desks:delete_view": [0],
    }
    return reverse(name, args=arguments.get(name, []))


def names(patterns=urls.urlpatterns, prefix: str = "") -> set[str]:
    found = set()
    for entry in patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace in (None, "access", "desks") and "allauth" not in str(entry.urlconf_name):
                found |= names(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern) and entry.name:
            found.add(prefix + entry.name)
    return found


def test_no_address_is_missing_from_the_table():
    assert names() == PAGES.keys() | POSTS.keys()


def test_who_may_open_which_page(place):
    wrong = []
    for role, client in clients(place.users):
        for name, expected in PAGES.items():
            got = client.get(address(name, place)).status_code
            if got != expected[role]:
                wrong.append(f"{name} as {role}: {got}, expected {expected[role]}")
    assert not wrong, "\n".join(wrong)


def test_who_may_send_what(place):
    wrong = []
    addresses = {name: address(name, place) for name in POSTS}
    for name, expected in POSTS.items():
        for role, client in clients(place.users):
            got = client.post(addresses[name]).status_code
            if got != expected[role]:
                wrong.append(f"{name} as {role}: {got}, expected {expected[role]}")
            assert client.get(addresses[name]).status_code == 405, name
    assert not wrong, "\n".join(wrong)


def test_an_enterprise_sees_nothing_of_another(place):
    client = dict(clients(place.users))["enterprise"]
    other = place.parties[1]
    for name, arguments in (
        ("enterprise", [other.pk]),
        ("enterprise_item", [other.pk, "rd_grant"]),
        ("enterprise_item_ways", [other.pk, "rd_grant"]),
        ("enterprise_near_ways", [other.pk]),
        ("enterprise_points", [other.pk, "tech_sme"]),
        ("enterprise_facts", [other.pk]),
        ("fact", [other.pk, "revenue", place.objection.year]),
        ("enterprise_records", [other.pk, "rights"]),
        ("enterprise_messages", [other.pk]),
        ("enterprise_objections", [other.pk]),
        ("enterprise_calendar", [other.pk]),
        ("enterprise_calendar_file", [other.pk]),
    ):
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code == 403, name
        assert other.name not in answer.content.decode()
    # Nor through the address of its own page with the number of another's message.
    notice = other.notices.first()
    answer = client.get(reverse("enterprise_message", args=[place.parties[0].pk, notice.pk]))
    assert answer.status_code == 404
    assert other.name not in client.get(reverse("search"), {"q": other.name[:4]}).content.decode().replace(
        f'value="{other.name[:4]}"', ""
    )


def test_an_officer_sees_only_the_deliveries_of_the_own_department(place):
    from innozone.foundation.access.models import Membership
    from innozone.foundation.parties.models import Party

    Membership.objects.filter(user=place.users["officer"]).update(party=Party.objects.get(code="science"))
    client = dict(clients(place.users))["officer"]
    assert place.delivery.filename not in client.get(reverse("deliveries")).content.decode()
    assert client.get(reverse("delivery", args=[place.delivery.pk])).status_code == 403
    assert client.get(reverse("delivery_rejected", args=[place.delivery.pk])).status_code == 403
    assert "约一千" not in client.get(reverse("rejected")).content.decode()
    assert client.get(reverse("objection", args=[place.objection.pk])).status_code == 403


def test_a_draft_is_not_shown_to_the_public(place):
    for role, client in clients(place.users):
        expected = 200 if role in ("editor", "supervisor", "administrator") else 404
        assert client.get(reverse("policy", args=[place.draft.code])).status_code == expected, role
        found = client.get(reverse("search"), {"q": "示范新区补助办法"}).content.decode()
        assert (f"/policies/{place.draft.code}/" in found) is (expected == 200), role


def test_a_revoked_role_counts_from_the_next_click_on(place):
    client = dict(clients(place.users))["supervisor"]
    assert client.get(reverse("cockpit")).status_code == 200
    place.users["supervisor"].memberships.all().delete()
    assert client.get(reverse("cockpit")).status_code == 403


def test_a_closed_account_is_out_at_once(place):
    client = dict(clients(place.users))["administrator"]
    place.users["administrator"].is_active = False
    place.users["administrator"].save()
    assert client.get(reverse("access:members")).status_code == 302
