"""Mails with notices: one message for all that leave together, with a link each and one to unsubscribe."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from innozone.foundation.access.models import Membership, Role
from innozone.foundation.notices import routes, text
from innozone.foundation.notices.models import Delivery, Route

_SALT = "notices.opened"


class NoReceiver(Exception):
    """Nobody is there to whom the mail may go: no address, or the person does not speak for the enterprise any more."""


def send(key: str, route: Route, deliveries: Sequence[Delivery]) -> None:
    """Hands one mail to the server for outgoing mail. Raises NoReceiver, or what the server answers."""
    message(key, route, deliveries).send()


def message(key: str, route: Route, deliveries: Sequence[Delivery]) -> EmailMessage:
    """The mail of a parcel in the language of the route. Raises NoReceiver."""
    user = route.user
    # Who has left the enterprise since must not read on.
    speaks = Membership.objects.filter(user=user, party=route.party_id, role=Role.ENTERPRISE)
    own = route.party is None
    if user is None or not user.is_active or not user.email or not (own or speaks.exists()):
        raise NoReceiver("nobody with an address speaks for the enterprise on this route")
    language = route.language or user.language or settings.LANGUAGE_CODE
    with override(language):
        rendered = [(each, *text.render(each.notice, language)) for each in deliveries]
        head = rendered[0][1] if len(rendered) == 1 else _("%(number)d new messages") % {"number": len(rendered)}
        subject = " ".join((head if route.party is None else f"{head} · {route.party.name}").split())[:180]
        parts = [
            f"{title}\n\n{body}\n\n{_('Open it: %(url)s') % {'url': _address('message_opened', opened_token(each))}}"
            for each, title, body in rendered
        ]
        stop = _address("message_unsubscribe", routes.token_of(route))
        page = reverse("following") if own else reverse("enterprise_message_settings", args=[route.party_id])
        settings_page = settings.ADDRESS + page
        foot = _("No more mail of this kind: %(stop)s\nOther hours, kinds and languages: %(settings)s")
        body = "\n\n----\n\n".join([*parts, foot % {"stop": stop, "settings": settings_page}])
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return EmailMessage(
        subject,
        body,
        to=[user.email],
        headers={
            "Message-ID": f"<{key}@{domain}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )


def _address(name: str, token: str) -> str:
    return settings.ADDRESS + reverse(name, args=[token])


def opened_token(delivery: Delivery) -> str:
    """The word in the link of a notice in a mail; it opens nothing by itself, it tells which notice was opened."""
    return signing.dumps(delivery.pk, salt=_SALT)


def delivery_of(token: str) -> int | None:
    """The delivery that a link names; None for a wrong word."""
    try:
        return int(signing.loads(token, salt=_SALT))
    except signing.BadSignature:
        return None
