"""Frozen columnar copies of all facts, for rules that meet everyone at once."""

from __future__ import annotations

import hashlib
import io
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
import polars as pl
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from innozone.foundation.facts import aggregates, dictionary, signals
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.facts.settling import lock
from innozone.kernel import columns
from innozone.kernel.columns.snapshot import MANIFEST
from innozone.kernel.terms import Dictionary, Variable

logger = logging.getLogger("innozone.facts")
Progress = Callable[[int, str], None]


def folder() -> Path:
    return Path(settings.DATA) / "snapshots"


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
        newest = Snapshot.objects.order_by("-as_of").values_list("as_of", flat=True).first()
        changed: set[int] = set()
        tell(5, "counting records")
        if newest is None or as_of >= newest:
            changed = aggregates.refresh(known, as_of)
            facts = _copy("select party_id, variable, year, number, text from facts_fact")
        else:
            facts = _past(known, as_of)
        tell(35, "reading facts")
        parties = _copy("select id from parties_party where kind = 'enterprise' and redirect_id is null order by id")[
            "id"
        ].to_numpy()
        tell(55, "writing columns")
        with columns.SnapshotWriter(folder() / name, as_of=as_of, dictionary=known, version=name) as writer:
            writer.append(parties, _columns(known, parties, facts))
        tell(90, "closing")
        snapshot = Snapshot.objects.create(as_of=as_of, folder=name, rows=len(parties), digest=_digest(folder() / name))
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


def _copy(sql: str, params: dict[str, Any] | None = None) -> pl.DataFrame:
    """The result of a query by COPY, every column as text but ids, years and numbers."""
    types = {"party_id": pl.Int64, "id": pl.Int64, "year": pl.Int32, "number": pl.Float64}
    buffer = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"copy ({sql}) to stdout (format csv, header)", params) as copy:
        for block in copy:
            buffer.write(block)
    buffer.seek(0)
    frame = pl.read_csv(buffer, infer_schema=False)
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in types.items() if name in frame.columns)


def _past(known: Dictionary, as_of: date) -> pl.DataFrame:
    """Facts with those made from records counted for an earlier day."""
    made = [variable.code for variable in aggregates.aggregated(known)]
    own = _copy(
        "select party_id, variable, year, number, text from facts_fact "
        "where variable <> all(%(made)s) or statement_id is not null",
        {"made": made},
    )
    sql, params = aggregates.query(known, as_of)
    counted = _copy(f"select party as party_id, variable, year, number, text from ({sql}) made", params)
    return pl.concat([own, counted]).unique(["party_id", "variable", "year"], keep="first", maintain_order=True)


def _columns(known: Dictionary, parties: np.ndarray, facts: pl.DataFrame) -> dict[str, Any]:
    """A column for each variable and year, `revenue@2025` or `industry`, in the order of their names."""
    made: dict[str, Any] = {}
    rows = np.searchsorted(parties, facts["party_id"].to_numpy())
    inside = rows < len(parties)
    inside[inside] = parties[rows[inside]] == facts["party_id"].to_numpy()[inside]
    facts = facts.with_columns(pl.Series("row", rows)).filter(pl.Series(inside))
    for (code, year), part in sorted(
        facts.partition_by(["variable", "year"], as_dict=True).items(), key=lambda entry: entry[0]
    ):
        variable = known.get(str(code))
        if variable is not None:
            name = f"{code}@{year}" if year else str(code)
            made[name] = _column(variable, part, len(parties))
    return made


def _column(variable: Variable, part: pl.DataFrame, count: int) -> Any:
    at = part["row"].to_numpy()
    if variable.numeric:
        numbers = np.full(count, np.nan)
        numbers[at] = part["number"].to_numpy()
        return numbers
    cells: list[Any] = [None] * count
    if variable.type == "bool":
        for row, number in zip(at.tolist(), part["number"].to_list(), strict=True):
            cells[row] = bool(number)
    elif variable.type == "date":
        for row, day in zip(at.tolist(), part["text"].str.to_date().to_list(), strict=True):
            cells[row] = day
    elif variable.type == "codes":
        for row, text in zip(at.tolist(), part["text"].to_list(), strict=True):
            cells[row] = json.loads(text)
    else:
        for row, text in zip(at.tolist(), part["text"].to_list(), strict=True):
            cells[row] = text
    return cells
