"""Rows that belonged to no known enterprise, tried again when the registry has brought it; rows a person assigns."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from innozone.foundation.facts import aggregates, dictionary, signals
from innozone.foundation.facts.check import Checker
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.files import Cell, Chunk, Header
from innozone.foundation.facts.linking import Link, Linker
from innozone.foundation.facts.models import Delivery, RejectedRow
from innozone.foundation.facts.settling import lock, settle_facts
from innozone.foundation.facts.stage import Stage
from innozone.foundation.parties.models import Party
from innozone.kernel.terms import Dictionary

_KNOWN_NOW = """
select w.delivery_id, array_agg(w.id order by w.row) from facts_rejectedrow w
where w.kind <> 'invalid' and w.settled_at is null and (
    w.credit_code <> '' and exists (
        select 1 from parties_party p where p.credit_code = w.credit_code and p.kind = 'enterprise'
    ) or w.credit_code = '' and w.name_key <> '' and exists (
        select 1 from parties_partyname n join parties_party p on p.id = n.party_id
        where n.key = w.name_key and p.kind = 'enterprise'
    )
)
group by w.delivery_id order by w.delivery_id
"""


def retry(known: Dictionary, today: date) -> set[int]:
    """Takes rows in whose enterprise has become known; the parties whose facts changed. Call it within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_NOW)
        found = cursor.fetchall()
    changed: set[int] = set()
    for delivery, rows in found:
        changed |= _again(Delivery.objects.select_related("dataset").get(pk=delivery), rows, known, today)
    return changed


@transaction.atomic
def settle(row: RejectedRow, party: Party, user: Any) -> bool:
    """A person says whose row this is: it is taken in for that party. False when the row itself is not good."""
    lock()
    row.refresh_from_db()
    if row.settled_at is not None or row.kind == RejectedRow.Kind.INVALID:
        return False
    changed = _again(row.delivery, [row.pk], dictionary.current(), timezone.localdate(), party=party.pk, user=user)
    signals.announce(changed)
    row.refresh_from_db()
    return row.settled_at is not None


@transaction.atomic
def dismiss(row: RejectedRow, user: Any) -> bool:
    """A person says that nothing is to be taken from this row: it no longer stands against what the dataset says of
    the enterprises that it might have meant. False when it is settled already."""
    lock()
    row.refresh_from_db()
    if row.settled_at is not None:
        return False
    row.settled_at, row.settled_by = timezone.now(), user
    row.save(update_fields=["settled_at", "settled_by"])
    dataset = row.delivery.dataset
    if row.parties and contract_of(dataset).kind == "records":
        today = timezone.localdate()
        signals.announce(aggregates.refresh(dictionary.current(), today, datasets=[dataset.code], parties=row.parties))
    return True


def _again(
    delivery: Delivery, ids: list[int], known: Dictionary, today: date, *, party: int | None = None, user: Any = None
) -> set[int]:
    rows = list(RejectedRow.objects.filter(pk__in=ids).order_by("row"))
    contract = contract_of(delivery.dataset)
    titles = list(dict.fromkeys(title for row in rows for title in row.raw))
    headers = [
        Header(title.rpartition(" / ")[2], title.rpartition(" / ")[0]) if " / " in title else Header(title)
        for title in titles
    ]
    checker = Checker(contract, known, headers, today)
    cells: list[list[Cell]] = [[row.raw.get(title, "") for title in titles] for row in rows]
    checked = checker.check(Chunk([row.row for row in rows], cells))
    links = (
        Linker.of(contract, known, strict=checker.strict_code).link(checked)
        if party is None
        else [Link(party)] * len(rows)
    )
    good = [row.pk for at, row in enumerate(rows) if links[at].party is not None and at not in checked.problems]
    if not good:
        return set()
    stage, now = Stage(contract, known), timezone.now()
    stage.add(checked, links)
    stage.store(delivery.dataset_id, delivery.pk, now)
    RejectedRow.objects.filter(pk__in=good).update(settled_at=now, settled_by=user)
    Delivery.objects.filter(pk=delivery.pk).update(
        rows_taken=F("rows_taken") + len(good), rows_unlinked=F("rows_unlinked") - len(good)
    )
    return settle_facts(stage, known, delivery.dataset, now, {party for row in rows for party in row.parties})
