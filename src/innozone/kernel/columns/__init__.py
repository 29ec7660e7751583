"""Columns: snapshots of all facts, one column per variable and year, and where they are kept (Parquet with a manifest).

    snapshot = Snapshot.from_columns({"revenue@2025": [1e7, None], "industry": ["C39", None]}, as_of=date(2026, 6, 30))
    writer = SnapshotWriter(folder, as_of=…, dictionary=dictionary); writer.append(party_ids, columns); writer.close()
    snapshot = Snapshot.open(folder)

A column is one of Numbers (float64, NaN = unknown; dates as days since 1970-01-01), Flags (int8, -1 = unknown),
Codes (integer positions in sorted categories, -1 = unknown), Sets (offsets, positions, known) and Records (offsets,
known, a column per field; named `ip[]`).
"""

from innozone.kernel.columns.arrays import (
    Codes,
    Column,
    Flags,
    Numbers,
    Record,
    Records,
    Sets,
    column_name,
    column_of,
    records_name,
    split_name,
)
from innozone.kernel.columns.snapshot import Snapshot, SnapshotError
from innozone.kernel.columns.writer import SnapshotWriter

__all__ = [
    "Codes",
    "Column",
    "Flags",
    "Numbers",
    "Record",
    "Records",
    "Sets",
    "Snapshot",
    "SnapshotError",
    "SnapshotWriter",
    "column_name",
    "column_of",
    "records_name",
    "split_name",
]
