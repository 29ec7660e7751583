"""From what was stored to the facts in force; one writer at a time."""

from __future__ import annotations

from datetime import date

from django.db import connection

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


def settle_facts(stage: Stage, known: Dictionary, today: date, dataset: Dataset) -> set[int]:
    """Facts after a stage was stored; the parties whose values changed."""
    if stage.attributes:
        return winners.recompute_staged(known)
    return aggregates.refresh(known, today, datasets=[dataset.code])
