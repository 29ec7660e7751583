"""What leaves the house: due deliveries are claimed, sent as one message a route, and their outcome is kept.

A worker claims (one transaction), sends, and keeps the outcome (another). One that is killed after sending and before
keeping leaves a claim; after CLAIM it is sent again under the same parcel, which is the Message-ID of the mail and the
Idempotency-Key of the call: at least once, and a receiver can tell the repetition. Everything else happens once.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from innozone.foundation.notices import mail, routes, webhooks
from innozone.foundation.notices.models import Delivery, Notice, Route

logger = logging.getLogger("innozone.notices")

State = Delivery.State
#: Minutes after each failed attempt until the next; after the last the delivery is given up.
BACKOFF = (1, 5, 30, 120, 360, 720, 1440)
#: A claim so old belongs to a dead worker: longer than any attempt takes.
CLAIM = timedelta(minutes=5)
#: Notices in one message; further ones travel in the next.
PARCEL = 100
BATCH = 500
#: Calls in a row that a webhook may fail before it is switched off.
MOST_FAILURES = 10


@dataclass(frozen=True)
class Parcel:
    """What travels as one message. `key` is the same for every attempt."""

    key: str
    route: Route
    deliveries: list[Delivery]


def post_due() -> int:
    """Sends everything that is due; the number of notices that left."""
    sent = 0
    while parcels := claim():
        sent += sum(_send(parcel) for parcel in parcels)
    return sent


@transaction.atomic
def claim() -> list[Parcel]:
    """Takes what is due, a bounded number, for this worker alone, and packs it by route."""
    now = timezone.now()
    is_open = Q(state__in=[State.WAITING, State.FAILED]) | Q(state=State.SENDING, claimed_at__lt=now - CLAIM)
    due = Delivery.objects.select_for_update(skip_locked=True, no_key=True).filter(is_open, due_at__lte=now)
    taken = dict(due.order_by("due_at", "id").values_list("pk", "parcel")[:BATCH])
    # A parcel that is tried again goes whole: a receiver that has it drops whatever else comes under its key.
    begun = {parcel for parcel in taken.values() if parcel}
    keys = {*taken, *due.filter(parcel__in=begun).values_list("pk", flat=True)} if begun else set(taken)
    rows = list(
        Delivery.objects.filter(pk__in=keys)
        .select_related(
            "route__party", "route__user", "notice__version__rule", "notice__run__snapshot", "notice__party"
        )
        .order_by("route", "parcel", "notice_id")
    )
    parcels: list[Parcel] = []
    # What has travelled before keeps its parcel, so that a receiver knows it again; new ones are packed together.
    for (_route, key), group in groupby(rows, key=lambda row: (row.route_id, row.parcel)):
        together = list(group)
        for start in range(0, len(together), PARCEL):
            part = together[start : start + PARCEL]
            parcels.append(Parcel(key or uuid.uuid4().hex, part[0].route, part))
    for parcel in parcels:
        for row in parcel.deliveries:
            row.parcel, row.state, row.claimed_at, row.attempts = parcel.key, State.SENDING, now, row.attempts + 1
    Delivery.objects.bulk_update(rows, ["parcel", "state", "claimed_at", "attempts"], batch_size=500)
    return parcels


def _send(parcel: Parcel) -> int:
    """One attempt with its outcome; how many notices left."""
    claimed = parcel.deliveries[0].claimed_at
    if _mine(parcel).filter(claimed_at=claimed).update(claimed_at=timezone.now()) != len(parcel.deliveries):
        # It waited here so long behind slow receivers that another worker has taken it.
        return 0
    try:
        if _hold(parcel):
            return 0
        if parcel.route.channel == Route.Channel.MAIL:
            mail.send(parcel.key, parcel.route, parcel.deliveries)
        else:
            webhooks.send(parcel.key, parcel.route, [each.notice for each in parcel.deliveries])
    except mail.NoReceiver as error:
        return _failed(parcel, str(error), final=True)
    except Exception as error:  # Whatever a server outside does to us, the others get their messages.
        logger.warning("parcel %s by %s did not leave: %s", parcel.key, parcel.route.channel, error)
        return _failed(parcel, f"{error}" or type(error).__name__)
    with transaction.atomic():
        now = timezone.now()
        _mine(parcel).update(state=State.SENT, sent_at=now, error="")
        Route.objects.filter(pk=parcel.route.pk).exclude(failures=0).update(failures=0)
    return len(parcel.deliveries)


def _mine(parcel: Parcel) -> QuerySet[Delivery]:
    """The rows of the parcel that are still this worker's."""
    return Delivery.objects.filter(pk__in=[row.pk for row in parcel.deliveries], state=State.SENDING, parcel=parcel.key)


def _hold(parcel: Parcel) -> bool:
    """True where nothing may leave now: the route is off, switched off, or in its quiet hours by now."""
    route = parcel.route
    if not route.on:
        _mine(parcel).update(state=State.GIVEN_UP, error="off")
        return True
    if route.disabled_at is not None:
        _mine(parcel).update(state=State.HELD)
        return True
    now = timezone.now()
    if routes.is_quiet(timezone.localtime(now).hour, route.quiet_from, route.quiet_to):
        later = routes.due(now, "at_once", 0, 0, route.quiet_from, route.quiet_to)
        for row in parcel.deliveries:
            row.attempts -= 1
        _mine(parcel).update(state=State.WAITING, due_at=later)
        Delivery.objects.bulk_update(parcel.deliveries, ["attempts"])
        return True
    return False


def _failed(parcel: Parcel, message: str, final: bool = False) -> int:
    now, words = timezone.now(), " ".join(message.split())[:300]
    with transaction.atomic():
        for row in parcel.deliveries:
            if final or row.attempts > len(BACKOFF):
                row.state = State.GIVEN_UP
            else:
                row.state, row.due_at = State.FAILED, now + timedelta(minutes=BACKOFF[row.attempts - 1])
            row.error = words
        Delivery.objects.bulk_update(parcel.deliveries, ["state", "due_at", "error"])
        if parcel.route.channel == Route.Channel.WEBHOOK:
            _count_failure(parcel.route, words)
    return 0


def _count_failure(route: Route, error: str) -> None:
    """Switches a webhook off that has failed too often in a row, and tells its enterprise once."""
    kept = Route.objects.select_for_update(no_key=True).get(pk=route.pk)
    kept.failures = min(kept.failures + 1, 30_000)
    if kept.failures >= MOST_FAILURES and kept.disabled_at is None:
        from innozone.foundation.notices import services

        kept.disabled_at = timezone.now()
        Delivery.objects.filter(route=kept, state__in=[State.WAITING, State.FAILED]).update(state=State.HELD)
        data = {"url": kept.url, "failures": kept.failures, "error": error}
        key = f"webhook:{kept.pk}:{kept.disabled_at:%Y%m%dT%H%M%S%f}"
        services.send([services.Draft(kept.party_id, Notice.Kind.WEBHOOK, key, data)])
    kept.save(update_fields=["failures", "disabled_at"])


def opened(delivery: int) -> Notice | None:
    """Keeps when the link of a mail was first followed; the notice to go to, None for an unknown delivery."""
    found = Delivery.objects.select_related("notice").filter(pk=delivery).first()
    if found is not None and found.opened_at is None:
        Delivery.objects.filter(pk=delivery, opened_at__isnull=True).update(opened_at=timezone.now())
    return found.notice if found is not None else None
