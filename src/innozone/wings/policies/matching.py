"""S22 企业—政策匹配与主动推送: snapshot, verdicts of everyone, notices to those who are newly entitled.

Every notice carries its reason: the facts that the rule read are stored with it, so that the conditions can be
explained later as they stood then. The time from issue to push is measured from these notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone
from numpy.typing import NDArray

from innozone.foundation import jobs
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import records, snapshots
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import rules, runs
from innozone.foundation.verdicts.models import Rule, RuleVersion, Run
from innozone.kernel.columns import Codes, Column, Flags, Sets, column_name
from innozone.kernel.columns import Records as RecordsColumn
from innozone.kernel.columns import Snapshot as Columns
from innozone.kernel.rules import Matcher
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.tree import DESIGNATIONS
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown
from innozone.wings.policies import signals, tasks
from innozone.wings.policies.models import Item

Progress = Callable[[str], None]
#: One matching at a time in the whole zone, whoever started it.
LOCK = "innozone.matching"


def run(progress: Progress | None = None) -> Run:
    """A snapshot of today's facts, the verdicts of all rules over it, notices to the newly entitled and ready.

    What waits in the queue for the same is done by this run. Verdicts and notices are stored together or not at all.
    """
    with _alone():
        jobs.forget(tasks.match)
        with signals.silent():
            snapshot = snapshots.build(timezone.localdate(), lambda percent, text: progress and progress(text))
        before = runs.latest()
        with transaction.atomic():
            made = runs.run(snapshot, progress)
            changes = runs.diff(before, made)
            sent = notices.send(_drafts(runs.noted(changes, made) if before else changes, made))
        if progress:
            progress(f"{sent:,} notices")
    return made


class _alone:
    """Holds the zone's matching lock on this connection; it goes with the process, however that ends."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtext(%s))", [LOCK])

    def __exit__(self, *error: object) -> None:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext(%s))", [LOCK])


def _drafts(changes: Iterable[runs.Change], made: Run) -> Iterator[notices.Draft]:
    columns, dictionary = snapshots.open(made.snapshot), facts_dictionary.current()
    items = {
        item.rule_id: item
        for item in Item.objects.filter(ended=False).select_related("policy", "policy__issuer", "rule")
    }
    today = made.snapshot.as_of
    for change in changes:
        item = items.get(change.version.rule_id)
        if item is None or (item.closes and item.closes < today):
            continue
        for kind, gained in ((Notice.Kind.ENTITLED, change.entitled), (Notice.Kind.READY, change.ready)):
            rows = _told(change.version, _rows(columns, gained.parties), columns, dictionary)
            if len(rows):
                yield from _of_rule(kind, change.version, item, rows, made, columns, dictionary)


def _rows(columns: Columns, parties: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.isin(columns.party, parties))


def _told(version: RuleVersion, rows: NDArray[np.int64], columns: Columns, dictionary: Dictionary) -> NDArray[np.int64]:
    """Whom a notice helps: nobody needs to be told that a title is within reach which they hold already."""
    if version.rule.kind != Rule.Kind.RECOGNITION:
        return rows
    grants = version.data.get("grants")
    held = columns.column(DESIGNATIONS)
    codes = dictionary.codelists.get(DESIGNATIONS)
    if not grants:
        return rows[:0]
    if not isinstance(held, Sets) or codes is None or grants not in codes:
        return rows
    return rows[~held.holds(codes.subtree(grants))[rows]]


def _of_rule(
    kind: Notice.Kind,
    version: RuleVersion,
    item: Item,
    rows: NDArray[np.int64],
    made: Run,
    columns: Columns,
    dictionary: Dictionary,
) -> Iterator[notices.Draft]:
    read = rules.parsed(version)
    amounts: Sequence[float] = []
    parts: list[Any] = [read.condition]
    if read.benefit is not None:
        amounts = Matcher(columns, dictionary).amounts(read.benefit, rows).tolist()
        parts.append(read.benefit)
    asked = [key for key in reads(parts, dictionary, columns.as_of) if columns.kind(column_name(*key)) is not None]
    found = [_plain(column, rows) for key in asked if (column := columns.column(column_name(*key))) is not None]
    common = _common(version, item, columns.as_of)
    for at, party in enumerate(columns.party[rows].tolist()):
        amount = amounts[at] if amounts else None
        facts = [
            [variable, year, values[at]]
            for (variable, year), values in zip(asked, found, strict=True)
            if values[at] is not None
        ]
        yield notices.Draft(
            party=party,
            kind=kind,
            key=f"{kind}:{version.pk}:{party}",
            data=common | {"amount": None if amount is None or amount != amount else round(amount, 2), "facts": facts},
            version=version.pk,
            run=made.pk,
        )


def _plain(column: Column, rows: NDArray[np.int64]) -> list[Any]:
    """The values at the rows as JSON has them: numbers, ISO days, bools, codes, lists of codes or records; None =
    unknown."""
    if isinstance(column, RecordsColumn):
        held = [column.get(row) for row in rows.tolist()]
        return [None if isinstance(of, Unknown) else [records.plain(each) for each in of] for of in held]
    if isinstance(column, Sets):
        values = [column.get(row) for row in rows.tolist()]
        return [None if value is UNKNOWN else sorted(value) for value in values]
    picked = column.take(rows)
    if isinstance(picked, Codes):
        return [picked.categories[at] if at >= 0 else None for at in picked.values.tolist()]
    if isinstance(picked, Flags):
        return [None if value < 0 else bool(value) for value in picked.values.tolist()]
    if picked.kind == "date":
        days = picked.values
        shown = np.where(np.isnan(days), 0, days).astype("datetime64[D]").astype(str).tolist()
        return [None if unknown else day for day, unknown in zip(shown, np.isnan(days).tolist(), strict=True)]
    return [None if value != value else value for value in picked.values.tolist()]


def _common(version: RuleVersion, item: Item, as_of: date) -> dict[str, Any]:
    policy = item.policy
    return {
        "as_of": as_of.isoformat(),
        "rule": {"code": version.rule.code, "zh": version.rule.name, "en": version.rule.name_en},
        "item": item.pk,
        "policy": {
            "id": policy.pk,
            "code": policy.code,
            "zh": policy.title,
            "en": policy.title_en,
            "number": policy.number,
            "issuer": policy.issuer.name if policy.issuer else policy.issuer_name,
            "issued": policy.issued.isoformat() if policy.issued else None,
        },
        "benefit": (version.data.get("benefit") or {}).get("kind"),
        "closes": item.closes.isoformat() if item.closes else None,
    }


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
