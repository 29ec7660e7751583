"""Snapshots: what goes in comes out, unknown stays unknown, and a damaged folder is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Codes, Flags, Numbers, Sets, Snapshot, SnapshotError, SnapshotWriter, column_of
from innozone.kernel.columns.arrays import encoded
from tests.kernel.rules.sample import AS_OF, DICTIONARY

COLUMNS: dict[str, list[Any]] = {
    "revenue@2025": [Decimal("123.45"), None, 0],
    "established_on": [date(2020, 2, 29), None, date(1969, 12, 31)],
    "legal_person": [True, False, None],
    "region": ["xixian", None, "610000"],
    "designations": [["tech_sme", "little_giant"], [], None],
    "name": ["秦创原", "", None],
}
FACTS: list[dict[str, dict[int | None, Any]]] = [
    {
        "revenue": {2025: Decimal("123.45")},
        "established_on": {None: date(2020, 2, 29)},
        "legal_person": {None: True},
        "region": {None: "xixian"},
        "designations": {None: frozenset({"tech_sme", "little_giant"})},
        "name": {None: "秦创原"},
    },
    {"legal_person": {None: False}, "designations": {None: frozenset()}, "name": {None: ""}},
    {"revenue": {2025: Decimal(0)}, "established_on": {None: date(1969, 12, 31)}, "region": {None: "610000"}},
]


def write(folder: Path, **more: Any) -> Snapshot:
    writer = SnapshotWriter(folder, as_of=AS_OF, dictionary=DICTIONARY, **more)
    writer.append([7, 8], {name: values[:2] for name, values in COLUMNS.items()})
    writer.append([9], {name: values[2:] for name, values in COLUMNS.items()})
    return writer.close()


def test_facts_survive_memory_and_disk(tmp_path: Path) -> None:
    memory = Snapshot.from_columns(COLUMNS, as_of=AS_OF, party=[7, 8, 9], dictionary=DICTIONARY)
    stored = write(tmp_path / "s", version="v1", recorded_at=datetime(2026, 7, 1, tzinfo=UTC))
    for snapshot in (memory, stored, Snapshot.open(tmp_path / "s", verify=True)):
        assert snapshot.rows == 3
        assert snapshot.party.tolist() == [7, 8, 9]
        assert snapshot.row_of(8) == 1
        assert snapshot.row_of(5) is None
        assert [snapshot.values(row) for row in range(3)] == FACTS
    assert (stored.version, stored.recorded_at) == ("v1", datetime(2026, 7, 1, tzinfo=UTC))
    assert stored.as_of == AS_OF
    assert set(stored.names) == set(COLUMNS)
    assert stored.column("staff_total@2025") is None
    assert [stored.kind(name) for name in COLUMNS] == ["number", "date", "bool", "code", "codes", "code"]


def test_the_folder_is_plain_parquet_that_other_engines_read(tmp_path: Path) -> None:
    write(tmp_path / "s")
    table = pq.read_table(sorted((tmp_path / "s").glob("*.parquet")))
    assert table.column("revenue@2025").to_pylist() == [123.45, None, 0.0]
    assert table.column("established_on").to_pylist() == [date(2020, 2, 29), None, date(1969, 12, 31)]
    assert table.column("legal_person").to_pylist() == [True, False, None]
    assert table.column("region").to_pylist() == ["xixian", None, "610000"]
    assert [None if codes is None else set(codes) for codes in table.column("designations").to_pylist()] == [
        {"tech_sme", "little_giant"},
        set(),
        None,
    ]
    assert table.column("party").to_pylist() == [7, 8, 9]


def test_columns_are_read_only_when_asked_for_and_can_be_let_go(tmp_path: Path) -> None:
    snapshot = write(tmp_path / "s")
    assert snapshot.column("region") is snapshot.column("region")
    before = snapshot.column("region")
    snapshot.release()
    assert snapshot.column("region") is not before


def test_a_later_part_may_leave_columns_out(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "s", as_of=AS_OF, dictionary=DICTIONARY)
    writer.append([1], {"score": [60], "designations": [["tech_sme"]], "region": ["xixian"], "legal_person": [True]})
    writer.append([2], {})
    with pytest.raises(ValueError, match="no column revenue@2025"):
        writer.append([3], {"revenue@2025": [1]})
    assert writer.close().values(1) == {}


def test_an_empty_snapshot(tmp_path: Path) -> None:
    snapshot = SnapshotWriter(tmp_path / "s", as_of=AS_OF).close()
    assert (snapshot.rows, snapshot.names) == (0, ())
    writer = SnapshotWriter(tmp_path / "t", as_of=AS_OF, dictionary=DICTIONARY)
    writer.append([], {name: [] for name in COLUMNS})
    empty = writer.close()
    assert [len(empty.column(name)) for name in COLUMNS] == [0] * 6  # type: ignore[arg-type]


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with SnapshotWriter(tmp_path / "s", as_of=AS_OF) as writer:
            writer.append([1], {"score": [60]})
            raise RuntimeError("the machine stopped")

    with pytest.raises(RuntimeError, match="the machine stopped"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "s")
    with pytest.raises(FileExistsError, match="never written over"):
        write(tmp_path / "s")


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"a": [1, 2], "b": [1]}, "different lengths"),
        ({"legal_person": ["yes", "no"]}, "column legal_person: .*'yes' is neither true nor false"),
        ({"score": ["60"]}, "column score: .*'60' is not a number"),
        ({"established_on": ["2020-01-01"]}, "is not a date"),
        ({"region": [610000]}, "610000 is not a code or text"),
        ({"designations": ["tech_sme"]}, "where a set of codes belongs"),
        ({"score": np.array([1j])}, "column score: an array of complex128"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Snapshot.from_columns(columns, as_of=AS_OF, dictionary=DICTIONARY)


def test_a_damaged_folder_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no snapshot: it has no manifest"):
        Snapshot.open(tmp_path)
    folder = tmp_path / "s"
    write(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    part = folder / manifest["parts"][0]["file"]
    whole = part.read_bytes()
    part.write_bytes(whole[:-1])
    with pytest.raises(SnapshotError, match=r"part-00000.parquet is missing or not whole; take the snapshot again"):
        Snapshot.open(folder)
    part.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    with pytest.raises(SnapshotError, match="checksum"):
        Snapshot.open(folder, verify=True)
    part.write_bytes(whole)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(SnapshotError, match="damaged"):
        Snapshot.open(folder)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(SnapshotError, match="format 1"):
        Snapshot.open(folder)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "rows": 4}))
    with pytest.raises(SnapshotError, match="the manifest says 4"):
        Snapshot.open(folder)


def test_arrays_become_columns() -> None:
    days = column_of(np.array(["2020-01-02", "NaT"], dtype="datetime64[D]"))
    assert isinstance(days, Numbers)
    assert days.get(0) == date(2020, 1, 2)
    assert np.isnan(days.values[1])
    assert isinstance(column_of(np.array([True, False])), Flags)
    assert isinstance(column_of(np.array(["b", "a"])), Codes)
    assert isinstance(column_of(np.array([1.0, np.nan]), "bool"), Flags)
    assert column_of(np.array([1, 2], dtype=np.int8)).values.dtype == np.float64


def test_codes_are_kept_small_and_in_order() -> None:
    few = encoded(np.array([1, 0, -1], dtype=np.int32), ["b", "a"])
    assert (few.categories, few.values.tolist(), few.values.dtype) == (("a", "b"), [0, 1, -1], np.int16)
    many = encoded(np.arange(40_000), [f"{at:05d}" for at in range(40_000)])
    assert many.values.dtype == np.int32
    with pytest.raises(ValueError, match="twice"):
        encoded(np.array([0]), ["a", "a"])
    with pytest.raises(ValueError, match="outside"):
        encoded(np.array([2]), ["a", "b"])


_CODES = st.lists(st.sampled_from("abcd"), max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | _CODES, min_size=1, max_size=8), st.data())
def test_sets_of_codes_keep_their_rows_when_some_are_taken(rows: list[list[str] | None], data: st.DataObject) -> None:
    column = column_of(rows, "codes")
    assert isinstance(column, Sets)
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8))
    taken = column.take(np.array(picked, dtype=np.int64))
    for accepted in ({"a"}, {"b", "d"}, {"z"}):
        expected = [rows[at] is not None and not accepted.isdisjoint(rows[at] or []) for at in picked]
        assert taken.holds(accepted).tolist() == expected
        start = data.draw(st.integers(0, len(rows)))
        assert column.take(slice(start, None)).holds(accepted).tolist() == column.holds(accepted)[start:].tolist()


def test_one_row_alone_makes_a_snapshot() -> None:
    facts = {**FACTS[0], "rd_expense": {2024: Decimal(5), 2025: Decimal(6)}}
    records = {"ip": ({"kind": "invention_patent"}, {"value": Decimal(7)})}
    one = Snapshot.of_one(facts, records, as_of=AS_OF, dictionary=DICTIONARY)
    assert (one.rows, one.values(0), one.records(0)) == (1, facts, records)
    assert Snapshot.of_one({}, {}, as_of=AS_OF, dictionary=DICTIONARY).rows == 1
