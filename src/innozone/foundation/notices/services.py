"""Sending in bulk, reading, receipts.

What is sent stands in the application at once. What leaves the house by a route waits beside it as a Delivery, written
in the same transaction (an outbox) and sent by `post` afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.notices import routes
from innozone.foundation.notices.models import Delivery, Notice, Route

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice to be sent. `key` says what it is about once and for all: a second one with the key is not sent.

    party, user: the addressee, one of the two.
    data: an object, or its JSON where the same words go to many.
    """

    party: int | None
    kind: str
    key: str
    data: dict[str, Any] | str = field(default_factory=dict)
    version: int | None = None
    run: int | None = None
    user: int | None = None


_NOTICE, _ROUTE, _DELIVERY = (model._meta.db_table for model in (Notice, Route, Delivery))
# `due` holds when what is sent now leaves by a route, for every rhythm in use (routes.due_times).
_SEND = f"""
with sent as (
    insert into {_NOTICE} (party_id, user_id, kind, key, version_id, run_id, data, quiet)
    select d.party, d.person, d.kind, d.key, d.version, d.run, d.data::jsonb, coalesce(r.muted ? d.kind, false)
    from notices_drafts d left join {_ROUTE} r on r.party_id = d.party and r.channel = 'app'
    on conflict (key) do nothing returning id, party_id, user_id, kind
), ways as (
    select sent.id as notice, sent.kind, r.* from sent join {_ROUTE} r on r.party_id = sent.party_id
    where r.channel <> 'app' and (r.channel <> 'webhook' or sent.kind <> 'webhook')
    union all
    select sent.id, sent.kind, r.* from sent join {_ROUTE} r on r.user_id = sent.user_id and r.party_id is null
), queued as (
    insert into {_DELIVERY} (notice_id, route_id, state, due_at)
    select r.notice, r.id, case when r.disabled_at is null then 'waiting' else 'held' end, coalesce(due.at, now())
    from ways r left join notices_due due on (due.digest, due.hour, due.weekday, due.quiet_from, due.quiet_to)
        = (r.digest, r.hour, r.weekday, r.quiet_from, r.quiet_to)
    where r."on" and not r.muted ? r.kind
    returning 1
)
select (select count(*) from sent), (select count(*) from queued)
"""


def send(drafts: Iterable[Draft]) -> int:
    """Sends what was not sent before, in one transaction; the number sent. What leaves the house is queued with it."""
    sent = queued = 0
    waiting = iter(drafts)
    first = list(islice(waiting, CHUNK))
    if not first:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        routes.ensure_mail()
        cursor.execute("drop table if exists notices_drafts, notices_due")
        cursor.execute(
            "create temp table notices_drafts (party bigint, person bigint, kind text, key text, version bigint, "
            "run bigint, data text) on commit drop"
        )
        cursor.execute(
            "create temp table notices_due (digest text, hour int, weekday int, quiet_from int, quiet_to int, "
            "at timestamptz) on commit drop"
        )
        # While a COPY is open its connection takes no other statement.
        times = routes.due_times(timezone.now())
        with cursor.copy("copy notices_due from stdin") as copy:
            for row in times:
                copy.write_row(row)
        chunk = first
        while chunk:
            with cursor.copy("copy notices_drafts from stdin") as copy:
                for draft in chunk:
                    data = draft.data if isinstance(draft.data, str) else json.dumps(draft.data, ensure_ascii=False)
                    row = (draft.party, draft.user, draft.kind, draft.key, draft.version, draft.run, data)
                    copy.write_row(row)
            cursor.execute(_SEND)
            counts = cursor.fetchone()
            sent, queued = sent + counts[0], queued + counts[1]
            cursor.execute("truncate notices_drafts")
            chunk = list(islice(waiting, CHUNK))
        cursor.execute("drop table notices_drafts, notices_due")
        if queued:
            from innozone.foundation.notices import tasks

            jobs.enqueue(tasks.post)
    return sent


def of_party(party: int, *, unread: bool = False) -> QuerySet[Notice]:
    """The messages of one party, newest first; `unread`: those that still ask for attention."""
    found = Notice.objects.filter(party=party).select_related("version__rule", "run__snapshot", "read_by")
    return found.filter(read_at__isnull=True, quiet=False) if unread else found


def of_user(user: int) -> QuerySet[Notice]:
    """The messages of one person for themselves, newest first."""
    return Notice.objects.filter(user=user).select_related("read_by")


def unread_counts(user: int, parties: Iterable[int]) -> dict[int | None, int]:
    """How many messages nobody has opened, without those of muted kinds: party → number; None → the person's own."""
    mine = Notice.objects.filter(Q(user=user) | Q(party__in=list(parties)), read_at__isnull=True, quiet=False)
    return dict(mine.order_by().values_list("party").annotate(Count("pk")))


def unread_count(party: int) -> int:
    """How many messages nobody of the party has opened, without those of muted kinds."""
    return Notice.objects.filter(party=party, read_at__isnull=True, quiet=False).count()


def mark_read(notices: QuerySet[Notice] | Notice, user: Any) -> int:
    """Keeps who opened them first, and when; the number that were unread."""
    if isinstance(notices, Notice):
        notices = Notice.objects.filter(pk=notices.pk)
    return notices.filter(read_at__isnull=True).update(read_at=timezone.now(), read_by=user)
