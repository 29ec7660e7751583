"""S21, S22 申报截止日: which items close when, and the secret address by which a calendar program reads them."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from innozone.foundation.access import gate
from innozone.foundation.access.models import User
from innozone.foundation.parties.models import Party
from innozone.wings.policies.models import CalendarLink, Item, Policy


def items(today: date) -> list[Item]:
    """The items of policies in force that close today or later, the nearest first. One query."""
    rows = Item.objects.filter(ended=False, closes__gte=today, policy__status=Policy.Status.CONFIRMED)
    return list(rows.select_related("policy", "rule", "department").order_by("closes", "rule__code"))


def link_of(user: User, party: Party) -> CalendarLink | None:
    """The person's link for the enterprise."""
    return CalendarLink.objects.filter(user=user, party=party).first()


def make_link(user: User, party: Party) -> CalendarLink:
    """A new link; one that was there opens nothing any more."""
    return CalendarLink.objects.update_or_create(user=user, party=party, defaults={"nonce": secrets.token_urlsafe(24)})[
        0
    ]


def drop_link(user: User, party: Party) -> None:
    """The link opens nothing any more."""
    CalendarLink.objects.filter(user=user, party=party).delete()


def token_of(link: CalendarLink) -> str:
    """The word in the address."""
    return f"{link.pk}-{_secret(link)}"


def by_token(token: str) -> CalendarLink | None:
    """The link that the word names, as long as its person still speaks for the enterprise; None for any other."""
    key, _dash, secret = token.partition("-")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    link: Any = CalendarLink.objects.select_related("user", "party").filter(pk=int(key)).first()
    if link is None or not constant_time_compare(secret, _secret(link)):
        return None
    return link if gate.allows(link.user, "notices.change_route", link.party) else None


def _secret(link: CalendarLink) -> str:
    return salted_hmac("policies.calendar", f"{link.pk}:{link.nonce}", algorithm="sha256").hexdigest()
