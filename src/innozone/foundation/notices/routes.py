"""The routes of a party: what comes by which channel, and when it leaves."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation import jobs, outside
from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices.models import Delivery, Notice, Route

Channel, Digest = Route.Channel, Route.Digest
#: What people may set; the address of a webhook goes through `set_webhook`.
SETTINGS = ("on", "muted", "quiet_from", "quiet_to", "digest", "hour", "weekday", "language")
_SALT = "notices.unsubscribe"


class RouteRefused(ValueError):
    """Something that cannot be set. `place`: the name of the setting; the message is for the person."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


def of(party: int, user: User) -> dict[str, Route]:
    """The routes of a party as this person has them: channel → route; one that is not kept yet has what is usual."""
    rows = Route.objects.filter(Q(user=user) | Q(user=None), party=party)
    found = {route.channel: route for route in rows}
    return {channel: found.get(channel) or usual(party, channel, user) for channel in Channel.values}


def own(user: User) -> Route:
    """The person's own route, by which what goes to them alone leaves by mail."""
    return Route.objects.filter(party=None, channel=Channel.MAIL, user=user).first() or usual(None, Channel.MAIL, user)


def ensure_own(user: User) -> None:
    """Gives the person a route of their own, on until they say otherwise."""
    Route.objects.get_or_create(party=None, channel=Channel.MAIL, user=user)


def usual(party: int | None, channel: str, user: User | None) -> Route:
    """A route as it is before anybody has set anything."""
    return Route(
        party_id=party, channel=channel, user=user if channel == Channel.MAIL else None, on=channel != Channel.WEBHOOK,
        muted=[], quiet_from=22, quiet_to=8, digest=Digest.AT_ONCE, hour=9, weekday=0, language="", url="", nonce="",
        failures=0,
    )  # fmt: skip


@transaction.atomic
def change(party: int | None, channel: str, user: User, given: Mapping[str, Any]) -> Route:
    """Sets some of SETTINGS of one route; without a party of the person's own. Raises RouteRefused."""
    route = _kept(party, channel, user)
    for name, value in given.items():
        if name not in SETTINGS:
            raise RouteRefused(name, _("There is no such setting."))
        setattr(route, name, value)
    _check(route)
    if route.channel == Channel.WEBHOOK and route.on and not route.url:
        raise RouteRefused("url", _("Give the address that is to be called."))
    route.save()
    return route


def _check(route: Route) -> None:
    unknown = [kind for kind in route.muted if kind not in Notice.Kind.values]
    if unknown:
        raise RouteRefused("muted", _("There is no kind of message “%(kind)s”.") % {"kind": unknown[0]})
    if route.channel == Channel.APP:
        if not route.on:
            raise RouteRefused("on", _("Messages always stand in the application."))
        kept = [kind for kind in route.muted if kind in Notice.UNMUTABLE]
        if kept:
            message = _("“%(kind)s” cannot be muted in the application.")
            raise RouteRefused("muted", message % {"kind": Notice.Kind(kept[0]).label})
    for name in ("quiet_from", "quiet_to", "hour"):
        if not 0 <= getattr(route, name) <= 23:
            raise RouteRefused(name, _("An hour is a number from 0 to 23."))
    if not 0 <= route.weekday <= 6:
        raise RouteRefused("weekday", _("A day of the week is a number from 0 (Monday) to 6 (Sunday)."))
    if route.digest not in Digest.values:
        raise RouteRefused("digest", _("There is no such rhythm."))
    if route.language not in ("", "zh-hans", "en"):
        raise RouteRefused("language", _("There is no such language."))


def _kept(party: int | None, channel: str, user: User) -> Route:
    """The route as stored, locked; made where it is not there yet."""
    if channel not in Channel.values:
        raise RouteRefused("channel", _("There is no such channel."))
    fresh = usual(party, channel, user)
    values = {name: getattr(fresh, name) for name in (*SETTINGS, "url", "nonce", "failures")}
    Route.objects.get_or_create(party_id=party, channel=channel, user=fresh.user, defaults=values)
    return Route.objects.select_for_update(no_key=True).get(party=party, channel=channel, user=fresh.user)


@transaction.atomic
def set_webhook(party: int, user: User, url: str) -> tuple[Route, bool]:
    """Sets the address; True when the secret is a new one and has to be shown. Raises RouteRefused."""
    try:
        if len(url) > 500:
            raise outside.Refused(_("The address is longer than 500 characters."))
        outside.target(url)
    except outside.Refused as refused:
        raise RouteRefused("url", str(refused)) from None
    route = _kept(party, Channel.WEBHOOK, user)
    new = not route.nonce or route.url != url
    if new:
        # Whoever answers at the new address must not have the secret of the old one.
        route.url, route.on, route.nonce = url, True, secrets.token_urlsafe(24)
        _revive(route)
    return route, new


@transaction.atomic
def new_secret(party: int) -> Route:
    """Gives the webhook another secret: the old one signs nothing from now on. Raises RouteRefused where there is none."""
    route = webhook(party)
    route.nonce = secrets.token_urlsafe(24)
    route.save(update_fields=["nonce"])
    return route


@transaction.atomic
def enable(party: int) -> Route:
    """Switches a webhook that was switched off on again; what was held back leaves now."""
    route = webhook(party)
    _revive(route)
    return route


def webhook(party: int) -> Route:
    """The webhook of a party. Raises RouteRefused where no address was given."""
    route = Route.objects.filter(party=party, channel=Channel.WEBHOOK).exclude(url="").first()
    if route is None:
        raise RouteRefused("url", _("Give the address that is to be called."))
    return route


def _revive(route: Route) -> None:
    route.on, route.failures, route.disabled_at = True, 0, None
    route.save()
    held = Delivery.objects.filter(route=route, state=Delivery.State.HELD)
    if held.update(state=Delivery.State.WAITING, due_at=timezone.now(), attempts=0):
        from innozone.foundation.notices import tasks

        jobs.enqueue(tasks.post)


def ensure_mail() -> None:
    """Everyone who speaks for an enterprise and has an address gets mail until they say otherwise. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Route._meta.db_table} (party_id, user_id, channel) "
            f"select m.party_id, m.user_id, 'mail' from {Membership._meta.db_table} m "
            f"join {User._meta.db_table} u on u.id = m.user_id "
            "where m.role = %s and m.party_id is not null and u.is_active and u.email <> '' on conflict do nothing",
            [Role.ENTERPRISE],
        )


def token_of(route: Route) -> str:
    """The word in the link by which a mail is unsubscribed from."""
    return signing.dumps(route.pk, salt=_SALT)


def by_token(token: str) -> Route | None:
    """The mail route that a token names; None for a wrong one."""
    try:
        key = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Route.objects.select_related("party", "user").filter(pk=key, channel=Channel.MAIL).first()


def unsubscribe(route: Route) -> None:
    """Ends mail on this route, and what waits on it; the messages stay in the application."""
    with transaction.atomic():
        Route.objects.filter(pk=route.pk).update(on=False)
        open_states = [Delivery.State.WAITING, Delivery.State.FAILED, Delivery.State.HELD]
        Delivery.objects.filter(route=route, state__in=open_states).update(state=Delivery.State.GIVEN_UP, error="off")


def due_times(now: datetime) -> Sequence[tuple[Any, ...]]:
    """When what is sent now leaves, for each rhythm in use: (digest, hour, weekday, quiet from, quiet to, time)."""
    rows = Route.objects.order_by().values_list("digest", "hour", "weekday", "quiet_from", "quiet_to").distinct()
    return [(*row, due(now, *row)) for row in rows]


def due(now: datetime, digest: str, hour: int, weekday: int, quiet_from: int, quiet_to: int) -> datetime:
    """The first moment from now at which the rhythm and the quiet hours of the zone let something leave."""
    local = timezone.localtime(now)
    when = local
    if digest != Digest.AT_ONCE:
        when = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        if digest == Digest.WEEKLY:
            when += timedelta(days=(weekday - when.weekday()) % 7)
        if when <= local:
            when += timedelta(days=7 if digest == Digest.WEEKLY else 1)
    if not is_quiet(when.hour, quiet_from, quiet_to):
        return when
    end = when.replace(hour=quiet_to, minute=0, second=0, microsecond=0)
    return end if end > when else end + timedelta(days=1)


def is_quiet(hour: int, start: int, end: int) -> bool:
    """True in the hours from start up to end, over midnight where end is the smaller; equal ones are none."""
    return start <= hour < end if start <= end else hour >= start or hour < end
