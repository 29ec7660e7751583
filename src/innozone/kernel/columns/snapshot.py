"""A snapshot: all facts of all parties on one day, read column by column when a rule asks for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innozone.kernel.columns.arrays import (
    KIND_OF_TYPE,
    RECORDS,
    Column,
    Flags,
    Kind,
    Numbers,
    Plain,
    Record,
    Records,
    Sets,
    column_name,
    column_of,
    encoded,
    finite,
    positions,
    records_name,
    records_of,
    split_name,
)
from innozone.kernel.terms import UNKNOWN, Dictionary, Value

FORMAT = 1
MANIFEST = "manifest.json"
PARTY = "party"


class SnapshotError(ValueError):
    """The folder is no snapshot, or not a whole one. The message names the file and the cure."""


class Snapshot:
    """Columns by name with the reference day they speak of.

    `rows`: number of parties; `party`: int64 array of their keys; `version`: text that names the snapshot;
    `recorded_at`: when it was taken, None for one made in memory.
    """

    def __init__(
        self,
        columns: Mapping[str, Column],
        party: NDArray[np.int64],
        as_of: date,
        version: str = "",
        recorded_at: datetime | None = None,
        folder: Path | None = None,
        parts: tuple[tuple[str, int], ...] = (),
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self._columns = dict(columns)
        self._kinds = dict(kinds) if kinds is not None else {name: column.kind for name, column in columns.items()}
        self._folder = folder
        self._parts = parts
        self.party = party
        self.rows = len(party)
        self.as_of = as_of
        self.version = version
        self.recorded_at = recorded_at

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, Any],
        *,
        as_of: date,
        party: Any = None,
        dictionary: Dictionary | None = None,
        version: str = "",
    ) -> Snapshot:
        """A snapshot in memory from arrays or lists (None and NaN = unknown); kinds come from the dictionary where given.

        `party` defaults to 0, 1, 2 … Raises ValueError for a column that does not fit or is not as long as the others.
        """
        made: dict[str, Column] = {}
        for name, values in columns.items():
            try:
                made[name] = made_column(name, values, kind_of(name, dictionary), dictionary)
            except ValueError as error:
                raise ValueError(f"column {name}: {error}") from None
        lengths = {len(column) for column in made.values()}
        if party is not None:
            lengths.add(len(party))
        if len(lengths) > 1:
            raise ValueError(f"the columns have different lengths: {sorted(lengths)}")
        rows = lengths.pop() if lengths else 0
        keys = np.arange(rows, dtype=np.int64) if party is None else np.asarray(party, dtype=np.int64)
        return cls(made, keys, as_of, version)

    @classmethod
    def of_one(
        cls,
        facts: Mapping[str, Mapping[int | None, Any]],
        records: Mapping[str, Any],
        *,
        as_of: date,
        dictionary: Dictionary,
    ) -> Snapshot:
        """A snapshot of a single row, from what `values` and `records` give. Raises ValueError as from_columns."""
        columns = {column_name(name, year): [value] for name, years in facts.items() for year, value in years.items()}
        listed = {records_name(kind): [each] for kind, each in records.items()}
        return cls.from_columns(columns | listed, as_of=as_of, party=[0], dictionary=dictionary)

    @classmethod
    def open(cls, folder: str | Path, *, verify: bool = False, part: int | None = None) -> Snapshot:
        """The snapshot in a folder; columns are read, memory-mapped, when first asked for.

        `part`: only the part file of this number, from 0, as a snapshot of its own. `verify` compares every checksum.
        Raises SnapshotError when the folder is not a whole snapshot.
        """
        folder = Path(folder)
        manifest = _manifest(folder)
        parts = manifest["parts"] if part is None else [manifest["parts"][part]]
        for entry in parts:
            path = folder / entry["file"]
            if not path.is_file() or path.stat().st_size != entry["bytes"]:
                raise SnapshotError(f"{path} is missing or not whole; take the snapshot again")
            if verify and checksum(path) != entry["sha256"]:
                raise SnapshotError(f"{path} does not have the checksum of the manifest; take the snapshot again")
        files = tuple((entry["file"], entry["rows"]) for entry in parts)
        snapshot = cls(
            {},
            np.empty(0, dtype=np.int64),
            date.fromisoformat(manifest["as_of"]),
            manifest["version"],
            datetime.fromisoformat(manifest["recorded_at"]),
            folder,
            files,
            manifest["columns"],
        )
        keys = snapshot._read(PARTY)
        snapshot.party = keys.to_numpy().astype(np.int64, copy=False)
        snapshot.rows = len(snapshot.party)
        rows = manifest["rows"] if part is None else parts[0]["rows"]
        if snapshot.rows != rows:
            raise SnapshotError(f"{folder}: {snapshot.rows} rows, the manifest says {rows}; take it again")
        return snapshot

    @property
    def folder(self) -> Path | None:
        """Where its files lie, None for one made in memory."""
        return self._folder

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, without the key."""
        return tuple(self._kinds)

    def kind(self, name: str) -> Kind | None:
        """The kind of a column, None when there is none of that name."""
        return self._kinds.get(name)

    def column(self, name: str) -> Column | None:
        """A column by name (`revenue@2025`), None when the snapshot has none: everything in it is unknown."""
        if name not in self._kinds:
            return None
        if name not in self._columns:
            self._columns[name] = _decoded(self._read(name), self._kinds[name])
        return self._columns[name]

    @property
    def part_count(self) -> int:
        """How many part files hold it; 0 for one made in memory."""
        return len(self._parts)

    def release(self) -> None:
        """Forget columns that were read from the folder; they are read again when asked for."""
        if self._folder is not None:
            self._columns.clear()

    def on(self, day: date) -> Snapshot:
        """The same facts, asked about on another day; columns that were read serve both."""
        made = copy(self)
        made.as_of = day
        return made

    def parts(self) -> Iterator[Snapshot]:
        """The part files one after the other, each a snapshot of its own rows that reads its own columns: who lets go of
        one before the next holds no more than one part in memory. What has no more than one part is its own part."""
        if len(self._parts) <= 1:
            yield self
            return
        start = 0
        for file, rows in self._parts:
            keys = self.party[start : start + rows]
            files = ((file, rows),)
            yield Snapshot({}, keys, self.as_of, self.version, self.recorded_at, self._folder, files, self._kinds)
            start += rows

    def row_of(self, party: int) -> int | None:
        """The row of a party key, None when it is not in the snapshot."""
        found = np.flatnonzero(self.party == party)
        return int(found[0]) if len(found) else None

    def values(self, row: int) -> dict[str, dict[int | None, Value]]:
        """The known facts of one row, in the form that rules.Subject takes."""
        facts: dict[str, dict[int | None, Value]] = {}
        for name in self._kinds:
            column = self.column(name)
            assert column is not None
            if isinstance(column, Records):
                continue
            value = column.get(row)
            if value is not UNKNOWN:
                variable, year = split_name(name)
                facts.setdefault(variable, {})[year] = value
        return facts

    def records(self, row: int) -> dict[str, tuple[Record, ...]]:
        """The records of one row by kind, in the form that rules.Subject takes; kinds of which nothing is known left out."""
        found = {}
        for name, kind in self._kinds.items():
            column = self.column(name) if kind == "records" else None
            records = column.get(row) if isinstance(column, Records) else UNKNOWN
            if isinstance(records, tuple):
                found[name.removesuffix(RECORDS)] = records
        return found

    def _read(self, name: str) -> pa.ChunkedArray:
        assert self._folder is not None
        coded = [name] if self._kinds.get(name) == "code" else None
        chunks = []
        for part, _ in self._parts:
            path = self._folder / part
            try:
                file = pq.ParquetFile(path, memory_map=True, read_dictionary=coded)
                chunks.append(file.read(columns=[name]).column(0))
            except (OSError, pa.ArrowException) as error:
                raise SnapshotError(f"{path} cannot be read ({error}); take the snapshot again") from None
        return pa.chunked_array([chunk for part in chunks for chunk in part.chunks], type=chunks[0].type)


def kind_of(name: str, dictionary: Dictionary | None) -> Kind | None:
    """The kind that the dictionary gives a column, None when it does not know the variable."""
    if name.endswith(RECORDS):
        return "records"
    variable = dictionary.get(split_name(name)[0]) if dictionary is not None else None
    return KIND_OF_TYPE[variable.type] if variable is not None else None


def made_column(name: str, values: Any, kind: Kind | None, dictionary: Dictionary | None) -> Column:
    """The column of a name from lists, arrays or a ready column. Raises ValueError when a value does not fit."""
    if kind != "records":
        return column_of(values, kind)
    terms = dictionary.record_terms(name.removesuffix(RECORDS)) if dictionary is not None else None
    if terms is None and not isinstance(values, Records):
        raise ValueError("the dictionary has no records of this kind")
    return records_of(values, {variable.code: KIND_OF_TYPE[variable.type] for variable in terms or ()})


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SnapshotError(f"{folder} is no snapshot: it has no {MANIFEST}") from None
    except ValueError as error:
        raise SnapshotError(f"{path} is damaged ({error}); take the snapshot again") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SnapshotError(f"{path} is not a manifest of format {FORMAT}; take the snapshot again with this release")
    return manifest


def _decoded(array: pa.ChunkedArray, kind: Kind) -> Column:
    if kind in ("number", "date"):
        if kind == "date":
            array = array.cast(pa.int32())
        return Numbers(finite(_plain(array.cast(pa.float64()), np.nan).astype(np.float64, copy=False)), kind)
    if kind == "bool":
        return Flags(_plain(array.cast(pa.int8()), -1).astype(np.int8, copy=False))
    if kind == "code":
        whole = (
            _encoded(array).unify_dictionaries().combine_chunks()
            if array.num_chunks
            else pa.array([], pa.string()).dictionary_encode()
        )
        if isinstance(whole, pa.ChunkedArray):
            whole = pa.concat_arrays(whole.chunks)
        return encoded(whole.indices.fill_null(-1).to_numpy(zero_copy_only=False), whole.dictionary.to_pylist())
    lists = array.combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks)
    if kind == "records":
        return _decoded_records(lists)
    words = lists.flatten().dictionary_encode()
    inner = encoded(words.indices.to_numpy(zero_copy_only=False), words.dictionary.to_pylist())
    sizes = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    known = lists.is_valid().to_numpy(zero_copy_only=False)
    return Sets(offsets, positions(inner.values, len(inner.categories)), known, inner.categories)


def _encoded(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


def _decoded_records(lists: pa.ListArray) -> Records:
    sizes = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    inner = lists.flatten()
    fields: dict[str, Plain] = {}
    for field in inner.type:
        column = _decoded(pa.chunked_array([inner.field(field.name)]), _kind_of_arrow(field.type))
        assert not isinstance(column, Records)
        fields[field.name] = column
    return Records(offsets, lists.is_valid().to_numpy(zero_copy_only=False), fields)


def _kind_of_arrow(type: pa.DataType) -> Kind:
    """The kind of a record's field as writer.py wrote it."""
    if pa.types.is_date(type):
        return "date"
    if pa.types.is_boolean(type):
        return "bool"
    if pa.types.is_list(type):
        return "codes"
    return "code" if pa.types.is_string(type) or pa.types.is_dictionary(type) else "number"


def _plain(array: pa.ChunkedArray, unknown: float) -> NDArray[Any]:
    return array.fill_null(unknown).to_numpy() if array.null_count else array.to_numpy()
