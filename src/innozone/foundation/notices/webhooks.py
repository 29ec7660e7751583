"""Calls to the address that an enterprise gave: signed JSON, answered by a status of 2xx or tried again.

The answer is read as far as its status and no further, within LIMIT in all; redirects are not followed. The signature
is `t=<seconds>,v1=<hex>`, an HMAC-SHA256 with the secret over `<seconds>.<body>`: docs/operations.md shows the check.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from innozone.foundation import outside
from innozone.foundation.notices import text
from innozone.foundation.notices.models import Notice, Route

#: Seconds for a whole call, from connecting to the status.
LIMIT = 5.0
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r|$)")


class CallFailed(Exception):
    """The call did not end with 2xx; the message says what happened, without the words of the answer."""


def secret_of(route: Route) -> str:
    """The secret that signs the calls: made from the server's key, so that no copy of the database holds it."""
    made = salted_hmac("notices.webhook", f"{route.pk}:{route.nonce}", algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of the header Innozone-Signature for a body sent at `at`, seconds since 1970."""
    made = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def send(key: str, route: Route, notices: Sequence[Notice]) -> None:
    """Calls with these notices. Raises CallFailed, outside.Refused."""
    call(
        route,
        key,
        {"event": "notices", "enterprise": route.party_id, "notices": [_shape(each, route) for each in notices]},
    )


def test(route: Route) -> str:
    """Calls once with an empty message, whatever the hour; what went wrong, or nothing."""
    key = f"test-{route.pk}-{timezone.now():%Y%m%dT%H%M%S%f}"
    try:
        call(route, key, {"event": "test", "enterprise": route.party_id, "notices": []})
    except (CallFailed, outside.Refused) as error:
        return str(error)
    return ""


def _shape(notice: Notice, route: Route) -> dict[str, Any]:
    subject, body = text.render(notice, route.language or settings.LANGUAGE_CODE)
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "subject": subject,
        "body": body,
        "sent_at": notice.created_at.isoformat(),
        "rule": notice.version.rule.code if notice.version else None,
        "url": f"{settings.ADDRESS}/enterprises/{notice.party_id}/messages/{notice.pk}/",
    }


def call(route: Route, key: str, content: dict[str, Any]) -> None:
    """One signed POST. Raises CallFailed, outside.Refused."""
    place = outside.target(route.url)
    body = json.dumps(content, ensure_ascii=False).encode()
    at = int(time.time())
    lines = [
        f"POST {place.path} HTTP/1.1",
        f"Host: {place.authority}",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        "User-Agent: Innozone",
        f"Idempotency-Key: {key}",
        f"Innozone-Signature: {signature(secret_of(route), body, at)}",
        "Connection: close",
    ]
    status = _exchange(place, "\r\n".join([*lines, "", ""]).encode("ascii") + body)
    if not 200 <= status < 300:
        raise CallFailed(f"HTTP {status}")


def _exchange(place: outside.Target, request: bytes) -> int:
    """Sends the bytes to the checked address and reads the status, nothing else of what comes."""
    try:
        with outside.call(place, request, LIMIT) as answer:
            got = answer.readline(1024)
    except outside.Unanswered as error:
        raise CallFailed(str(error)) from None
    found = _STATUS.match(got)
    if found is None:
        raise CallFailed("the answer is no HTTP")
    return int(found[1])
