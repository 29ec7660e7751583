"""Sending in bulk, reading, receipts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from innozone.foundation.notices.models import Notice

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice to be sent. `key` says what it is about once and for all: a second one with the key is not sent."""

    party: int
    kind: str
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    run: int | None = None


def send(drafts: Iterable[Draft]) -> int:
    """Sends what was not sent before, in one transaction; the number sent."""
    columns = ("party_id", "kind", "key", "version_id", "run_id", "data")
    statement = (
        f"insert into {Notice._meta.db_table} ({', '.join(columns)}) "
        "select * from unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::jsonb[]) "
        "on conflict (key) do nothing"
    )
    sent = 0
    waiting = iter(drafts)
    with transaction.atomic(), connection.cursor() as cursor:
        while chunk := list(islice(waiting, CHUNK)):
            cursor.execute(
                statement,
                [
                    [draft.party for draft in chunk],
                    [draft.kind for draft in chunk],
                    [draft.key for draft in chunk],
                    [draft.version for draft in chunk],
                    [draft.run for draft in chunk],
                    [json.dumps(draft.data, ensure_ascii=False) for draft in chunk],
                ],
            )
            sent += cursor.rowcount
    return sent


def of_party(party: int, *, unread: bool = False) -> QuerySet[Notice]:
    """The messages of one party, newest first."""
    found = Notice.objects.filter(party=party).select_related("version__rule", "run__snapshot", "read_by")
    return found.filter(read_at__isnull=True) if unread else found


def unread_count(party: int) -> int:
    """How many messages nobody of the party has opened."""
    return Notice.objects.filter(party=party, read_at__isnull=True).count()


def mark_read(notices: QuerySet[Notice] | Notice, user: Any) -> int:
    """Keeps who opened them first, and when; the number that were unread."""
    if isinstance(notices, Notice):
        notices = Notice.objects.filter(pk=notices.pk)
    return notices.filter(read_at__isnull=True).update(read_at=timezone.now(), read_by=user)
