"""Writing snapshots: part after part, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innozone.kernel.columns.arrays import Codes, Column, Flags, Kind, Numbers, Records, Sets
from innozone.kernel.columns.snapshot import FORMAT, MANIFEST, PARTY, Snapshot, checksum, kind_of, made_column
from innozone.kernel.terms import Dictionary

_TYPES: dict[Kind, pa.DataType] = {
    "number": pa.float64(),
    "date": pa.date32(),
    "bool": pa.bool_(),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "codes": pa.list_(pa.string()),
}


class SnapshotWriter:
    """Writes a snapshot folder. Use it as a context manager, or call close(); the folder appears only then, complete.

        with SnapshotWriter(folder, as_of=day, dictionary=dictionary) as writer:
            writer.append(party_ids, {"revenue@2025": [...], "industry": [...]})

    All parts have the columns of the first one; a later part may leave some out (unknown). Raises FileExistsError when
    the folder exists.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        as_of: date,
        dictionary: Dictionary | None = None,
        version: str = "",
        recorded_at: datetime | None = None,
    ) -> None:
        self.folder = Path(folder)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} exists already; a snapshot is never written over")
        self.as_of = as_of
        self.dictionary = dictionary
        self.recorded_at = recorded_at or datetime.now(UTC)
        self.version = version or self.recorded_at.strftime("%Y%m%dT%H%M%SZ")
        self._temporary = self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        self._kinds: dict[str, Kind] = {}
        self._nested: dict[str, pa.DataType] = {}
        self._parts: list[dict[str, Any]] = []
        self._rows = 0

    def append(self, party: Any, columns: Mapping[str, Any]) -> None:
        """One part: the keys of its rows and their columns (lists with None for unknown, arrays, or ready columns)."""
        keys = np.asarray(party, dtype=np.int64)
        made: dict[str, Column] = {}
        for name, values in columns.items():
            kind = self._kinds.get(name) or kind_of(name, self.dictionary)
            try:
                column = made_column(name, values, kind, self.dictionary)
            except ValueError as error:
                raise ValueError(f"column {name}: {error}") from None
            if len(column) != len(keys):
                raise ValueError(f"column {name} has {len(column)} rows, the part has {len(keys)}")
            made[name] = column
        if not self._parts:
            self._kinds = {name: column.kind for name, column in made.items()}
            self._nested = {name: _array(made[name]).type for name, kind in self._kinds.items() if kind == "records"}
        strange = made.keys() - self._kinds.keys()
        if strange:
            raise ValueError(f"the first part has no column {', '.join(sorted(strange))}")
        arrays = [pa.array(keys)]
        for name, kind in self._kinds.items():
            arrays.append(_array(made[name]) if name in made else pa.nulls(len(keys), self._type(name, kind)))
        file = f"part-{len(self._parts):05d}.parquet"
        table = pa.Table.from_arrays(arrays, names=[PARTY, *self._kinds])
        path = self._temporary / file
        pq.write_table(table, path, compression="zstd", store_schema=True)
        self._parts.append({"file": file, "rows": len(keys), "bytes": path.stat().st_size, "sha256": checksum(path)})
        self._rows += len(keys)

    def _type(self, name: str, kind: Kind) -> pa.DataType:
        return self._nested[name] if kind == "records" else _TYPES[kind]

    def close(self) -> Snapshot:
        """Finishes the folder and opens it. A snapshot without rows is allowed."""
        if not self._parts:
            self.append([], {})
        manifest = {
            "format": FORMAT,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "recorded_at": self.recorded_at.isoformat(),
            "rows": self._rows,
            "columns": self._kinds,
            "parts": self._parts,
        }
        path = self._temporary / MANIFEST
        path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        self._temporary.rename(self.folder)
        return Snapshot.open(self.folder)

    def discard(self) -> None:
        """Throws away what was written so far."""
        shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> SnapshotWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()


def _array(column: Column) -> pa.Array:
    if isinstance(column, Numbers):
        unknown = np.isnan(column.values)
        if column.kind == "date":
            days = np.where(unknown, 0, column.values).astype(np.int32)
            return pa.array(days, mask=unknown).cast(pa.date32())
        return pa.array(column.values, mask=unknown)
    if isinstance(column, Flags):
        return pa.array(column.values == 1, mask=column.values < 0)
    if isinstance(column, Records):
        fields = [_array(field) for field in column.fields.values()]
        inner = pa.StructArray.from_arrays(fields, names=list(column.fields)) if fields else pa.nulls(0, pa.struct([]))
        return pa.ListArray.from_arrays(_offsets(column.offsets, column.known), inner)
    words = pa.array(column.categories, type=pa.string())
    if isinstance(column, Codes):
        indices = pa.array(column.values.astype(np.int32), mask=column.values < 0)
        return pa.DictionaryArray.from_arrays(indices, words)
    assert isinstance(column, Sets)
    offsets = _offsets(column.offsets, column.known)
    return pa.ListArray.from_arrays(offsets, words.take(pa.array(column.values.astype(np.int32))))


def _offsets(offsets: NDArray[np.int64], known: NDArray[np.bool_]) -> pa.Array:
    """Offsets of a list array; a list that is not known has none."""
    return pa.array(offsets.astype(np.int32), mask=np.append(~known, False) if len(known) else None)
