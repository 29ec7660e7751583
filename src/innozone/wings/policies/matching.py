"""S22 企业—政策匹配与主动推送: snapshot, verdicts of everyone, notices to those who are newly entitled.

Who is told what stands in `telling`. The time from issue to push is measured from the notices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.facts import snapshots
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import runs
from innozone.foundation.verdicts.models import Run
from innozone.wings.policies import signals, tasks, telling

Progress = Callable[[str], None]
#: One matching at a time in the whole zone, whoever started it.
LOCK = "innozone.matching"


def run(progress: Progress | None = None) -> Run:
    """Today's facts (a new snapshot if any changed), the verdicts of all rules over it, notices to the newly entitled and ready.

    What waits in the queue for the same is done by this run. Verdicts and notices are stored together or not at all.
    """
    with _alone():
        jobs.forget(tasks.match)
        with signals.silent():
            snapshot = snapshots.newest(timezone.localdate(), lambda percent, text: progress and progress(text))
        before = runs.latest()
        with transaction.atomic():
            made = runs.run(snapshot, progress)
            changes = runs.diff(before, made)
            sent = notices.send(telling.drafts(runs.noted(changes, made) if before else changes, before, made))
        if progress:
            progress(f"{sent:,} notices")
    return made


def tell_deadlines(today: date | None = None) -> int:
    """Tells those who are entitled or ready by the newest run of items that close soon, once each; the number told."""
    run = runs.latest()
    if run is None:
        return 0
    return notices.send(telling.deadlines(run, today or timezone.localdate()))


class _alone:
    """Holds the zone's matching lock on this connection; it goes with the process, however that ends."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext(%s))", [LOCK])

    def __exit__(self, *error: object) -> None:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext(%s))", [LOCK])


@dataclass(frozen=True, slots=True)
class Delay:
    """From issue to push for one policy: the day of issue, when it came into force here, when its notices went out.

    seconds: from coming into force here to the first notice. days: from the day of issue to the first notice; None
    where the paper names no day.
    """

    policy: int
    issued: date | None
    in_force_at: datetime | None
    first_push: datetime
    last_push: datetime
    notices: int
    seconds: float | None
    days: int | None


def delays(policies: Sequence[int] | None = None) -> dict[int, Delay]:
    """The delay of every policy of which a notice went out, by the first of its versions that did. One query."""
    found = Notice.objects.filter(version__isnull=False, kind__in=[Notice.Kind.ENTITLED, Notice.Kind.READY])
    if policies is not None:
        found = found.filter(version__rule__item__policy__in=policies)
    rows = found.values("version__rule__item__policy", "version__rule__item__policy__issued").annotate(
        active=Min("version__activated_at"), first=Min("created_at"), last=Max("created_at"), number=Count("pk")
    )
    result = {}
    for row in rows:
        policy, issued = row["version__rule__item__policy"], row["version__rule__item__policy__issued"]
        took: timedelta | None = row["first"] - row["active"] if row["active"] else None
        result[policy] = Delay(
            policy,
            issued,
            row["active"],
            row["first"],
            row["last"],
            row["number"],
            max(took.total_seconds(), 0.0) if took is not None else None,
            (timezone.localdate(row["first"]) - issued).days if issued else None,
        )
    return result
