"""People of every role in the small zone of tests/zone.py."""

from __future__ import annotations

from collections.abc import Iterator

from django.test import Client

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.parties.models import Party

PASSWORD = "correct-horse-battery"
ROLES = ("visitor", "enterprise", "officer", "editor", "supervisor", "administrator")


def open_accounts(firm: Party) -> dict[str, User]:
    """One account a role; the enterprise's speaks for `firm`, the officer's department is the tax office."""
    held = {
        "enterprise": (Role.ENTERPRISE, firm),
        "officer": (Role.OFFICER, Party.objects.get(code="tax")),
        "editor": (Role.EDITOR, None),
        "supervisor": (Role.SUPERVISOR, None),
        "administrator": (Role.ADMINISTRATOR, None),
    }
    users = {}
    for name, (role, party) in held.items():
        users[name] = User.objects.create_user(name, email=f"{name}@zone.example", password=PASSWORD)
        Membership.objects.create(user=users[name], role=role, party=party)
    return users


def client_of(users: dict[str, User], role: str, language: str = "en") -> Client:
    """A browser without scripts in which this person is signed in."""
    client = Client(headers={"accept-language": language})
    if role != "visitor":
        client.force_login(users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def clients(users: dict[str, User]) -> Iterator[tuple[str, Client]]:
    for role in ROLES:
        yield role, client_of(users, role)
