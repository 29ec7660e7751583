"""Frozen columnar copies of all facts, for rules that meet everyone at once."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import uuid
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from innozone.foundation.facts import aggregates, dictionary, records, signals
from innozone.foundation.facts.models import Change, Snapshot
from innozone.foundation.facts.settling import lock
from innozone.kernel import columns
from innozone.kernel.columns.snapshot import MANIFEST
from innozone.kernel.terms import Dictionary, Variable

logger = logging.getLogger("innozone.facts")
Progress = Callable[[int, str], None]


def folder() -> Path:
    return Path(settings.DATA) / "snapshots"


def newest(as_of: date, progress: Progress | None = None) -> Snapshot:
    """The snapshot of the day with all that is known now: the newest there is if nothing has changed since, or a new one."""
    with transaction.atomic():
        lock()
        found = Snapshot.objects.order_by("-as_of", "-id").first()
        if found is not None and found.as_of == as_of and not Change.objects.exists() and _there(found):
            return found
        return build(as_of, progress)


def _there(snapshot: Snapshot) -> bool:
    try:
        open(snapshot)
    except columns.SnapshotError:
        return False
    return True


def build(as_of: date | None = None, progress: Progress | None = None) -> Snapshot:
    """Freezes the facts of all enterprises for a day (default: today), in the order of their ids.

    Values made from records are counted for that day; the facts that pages show follow when the day is not older than
    that of the newest snapshot. The folder appears whole or not at all.
    """
    as_of = as_of or timezone.localdate()
    known = dictionary.current()
    tell = progress or (lambda percent, message: None)
    _sweep()
    name = f"{as_of:%Y%m%d}-{timezone.now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    # One view of the database for parties, facts and records; writers wait, since facts made from records follow.
    with transaction.atomic():
        lock()
        last = Snapshot.objects.order_by("-as_of").values_list("as_of", flat=True).first()
        changed: set[int] = set()
        tell(5, "counting records")
        past = last is not None and as_of < last
        if not past:
            # Before anything is read: what is committed from here on leaves its line for the next snapshot.
            Change.objects.all().delete()
            changed = aggregates.refresh(known, as_of)
        tell(35, "reading facts")
        with connection.cursor() as cursor:
            cursor.execute("select id from parties_party where kind = 'enterprise' and redirect_id is null order by id")
            parties = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
        made = _columns(known, parties, as_of if past else None) | records.columns_of(known, parties, as_of)
        tell(55, "writing columns")
        with columns.SnapshotWriter(folder() / name, as_of=as_of, dictionary=known, version=name) as writer:
            writer.append(parties, made)
        tell(90, "closing")
        snapshot = Snapshot.objects.create(as_of=as_of, folder=name, rows=len(parties), digest=_digest(folder() / name))
        if not past:
            # Our own refresh is in it.
            with connection.cursor() as cursor:
                cursor.execute(f"delete from {Change._meta.db_table} where txid = txid_current()")
        signals.announce(changed)
    tell(100, "done")
    return snapshot


def open(snapshot: Snapshot) -> columns.Snapshot:
    """The columns of a snapshot, memory-mapped and kept for the next caller. Raises columns.SnapshotError."""
    return _open(str(folder() / snapshot.folder))


@lru_cache(maxsize=4)
def _open(path: str) -> columns.Snapshot:
    return columns.Snapshot.open(path)


def _sweep() -> None:
    """Removes what killed builds have left: folders never finished, and finished ones that no row names."""
    if not folder().exists():
        folder().mkdir(parents=True)
        return
    known = set(Snapshot.objects.values_list("folder", flat=True))
    for path in folder().iterdir():
        if path.is_dir() and path.name not in known and _age(path) > 3600:
            logger.warning("the unfinished snapshot %s is removed", path.name)
            shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return timezone.now().timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _digest(path: Path) -> str:
    """A digest of the content: equal facts on equal days give equal digests."""
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    parts = "".join(part["sha256"] for part in manifest["parts"])
    return hashlib.sha256(f"{manifest['as_of']}:{parts}".encode()).hexdigest()


# Keys and numbers travel as the bytes of arrays (big-endian), texts as JSON: no row is ever an object. All aggregates of
# a group meet its rows in one and the same order.
_COLUMNS = """
select variable, year, string_agg(int8send(party_id), ''::bytea), string_agg(float8send(number::float8), ''::bytea),
    json_agg(text) filter (where text is not null)::text
from ({}) facts group by variable, year order by variable, year
"""


def _source(known: Dictionary, past: date | None) -> tuple[str, dict[str, Any]]:
    """The facts as stored; for a day of the past, those made from records counted for that day."""
    stored = "select party_id, variable, year, number, text from facts_fact"
    if past is None:
        return stored, {}
    sql, params = aggregates.query(known, past)
    params["made"] = [variable.code for variable in aggregates.aggregated(known)]
    return (
        f"{stored} where variable <> all(%(made)s) or statement_id is not null union all "
        f"select party, variable, year, number, text from ({sql}) counted where not exists ("
        "select 1 from facts_fact f where f.party_id = counted.party and f.variable = counted.variable "
        "and f.year = counted.year and f.statement_id is not null)"
    ), params


def _columns(known: Dictionary, parties: np.ndarray, past: date | None) -> dict[str, Any]:
    """A column for each variable and year, `revenue@2025` or `industry`, in the order of their names."""
    source, params = _source(known, past)
    made: dict[str, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS.format(source), params)
        for code, year, keys, numbers, texts in cursor.fetchall():
            variable = known.get(code)
            if variable is None:
                continue
            held = np.frombuffer(keys, dtype=">i8")
            rows = np.searchsorted(parties, held)
            # Facts of a party that was merged into another stay with it and out of the snapshot.
            inside = (rows < len(parties)) & (parties[np.minimum(rows, len(parties) - 1)] == held)
            name = columns.column_name(code, year or None)
            made[name] = _column(variable, rows, inside, numbers, texts, len(parties))
    return made


def _column(
    variable: Variable, rows: np.ndarray, inside: np.ndarray, numbers: bytes | None, texts: str | None, count: int
) -> Any:
    if variable.numeric or variable.type == "bool":
        values = np.full(count, np.nan)
        values[rows[inside]] = np.frombuffer(numbers or b"", dtype=">f8")[inside]
        if variable.numeric:
            return values
        return [None if np.isnan(value) else bool(value) for value in values]
    cells: list[Any] = [None] * count
    for row, kept, text in zip(rows.tolist(), inside.tolist(), json.loads(texts or "[]"), strict=True):
        if kept:
            cells[row] = text
    if variable.type == "date":
        return [None if text is None else date.fromisoformat(text) for text in cells]
    return [None if text is None else json.loads(text) for text in cells] if variable.type == "codes" else cells
