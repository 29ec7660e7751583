"""From what was stored to the facts in force; one writer at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.utils import timezone

from innozone.foundation.facts import aggregates, winners
from innozone.foundation.facts.models import Dataset
from innozone.foundation.facts.stage import Stage
from innozone.kernel.terms import Dictionary

# The key of the advisory lock. Two writers that touch one fact would each not see what the other says.
_LOCK = 4_205_011


def lock() -> None:
    """Waits until no other transaction writes facts; held until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        # Sorts and joins of a whole delivery; the usual 4 MB would send them to the disk.
        cursor.execute("set local work_mem = '128MB'")


def _analyze() -> None:
    """Tells the database how many rows there are now; left to itself it learns of a large delivery a minute later."""
    tables = {
        "facts_statement": "party_id, variable, year",
        "facts_fact": "party_id, variable, year",
        "facts_record": "party_id, dataset_id",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, pg_relation_size(oid) / 8192 > 2 * relpages from pg_class "
            "where oid = any(%s::regclass[]::oid[])",
            [list(tables)],
        )
        for name, grown in cursor.fetchall():
            if grown:
                cursor.execute(f"analyze {name} ({tables[name]})")


def settle_facts(stage: Stage, known: Dictionary, dataset: Dataset, now: datetime, aside: Collection[int]) -> set[int]:
    """Facts after a stage was stored; the parties whose values changed. `aside`: whom rows put aside may speak of."""
    if stage.large:
        _analyze()
    if stage.attributes:
        return stage.fresh | (winners.recompute_staged(known) if stage.spoken_before else set())
    # With its first delivery a dataset begins to say of everyone that there is nothing.
    begins = not dataset.deliveries.filter(status="taken", finished_at__lt=now).exists()
    concerned = None if begins else stage.touched(dataset.pk, now) | set(aside)
    return aggregates.refresh(known, timezone.localdate(now), datasets=[dataset.code], parties=concerned)
