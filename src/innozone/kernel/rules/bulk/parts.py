"""A snapshot matched part file by part file, each on its own, wherever it is done; what they give is added up.

Members go into a folder as Parquet, one file for each part: columns rule, party, state (true, or ready: only a manual
check is awaited) and amount (the benefit; null where there is none or it cannot be worked out). manifest.json beside
them has the counts of every rule.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules.bulk.bits import Words, rows_of
from innozone.kernel.rules.bulk.matches import RuleRows
from innozone.kernel.rules.bulk.packed import Packed, blocks
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.tally import LARGEST, Tally
from innozone.kernel.rules.digest import digests

FORMAT = 1
MANIFEST = "manifest.json"
STATES = ("true", "ready")

#: Members are written when so many are at hand.
MEMBERS_AT_ONCE = 2**20

_STATES = pa.array(STATES, pa.string())
_SCHEMA = pa.schema(
    [
        ("rule", pa.dictionary(pa.int32(), pa.string())),
        ("party", pa.int64()),
        ("state", pa.dictionary(pa.int8(), pa.string())),
        ("amount", pa.float64()),
    ]
)

#: The sums of every rule over some parts, in the order of the program's rules.
Sums = list[Tally]


@dataclass(frozen=True)
class Task:
    """All that is needed to match parts of a snapshot in a folder: `members` is where they are written, if at all.

    Called with the number of a part; may be sent to another machine, which sees both folders under the same names.
    """

    folder: Path
    program: Program
    near: bool = True
    members: Path | None = None

    def __call__(self, part: int) -> Sums:
        snapshot = Snapshot.open(self.folder, part=part)
        if self.members is None:
            return list(matched(snapshot, self.program, self.near).values())
        path = self.members / _file(part)
        # Another try of the same part may be under way elsewhere; whoever ends last has the name.
        own = path.with_name(f".{path.name}.{os.getpid()}.{datetime.now(UTC).timestamp()}")
        with _Members(own, snapshot, self.program) as members:
            found = matched(snapshot, self.program, self.near, members)
        own.replace(path)
        return list(found.values())


def added(one: Sums, other: Sums) -> Sums:
    """The sums over the parts of both. `one` is written over."""
    for mine, theirs in zip(one, other, strict=True):
        mine.replace(Tally(), theirs)
    return one


def match_parts(
    folder: str | Path,
    program: Program,
    *,
    near: bool = True,
    out: str | Path | None = None,
    run: Callable[[Task, int], Sums] | None = None,
) -> dict[str, RuleRows]:
    """What every rule of a program gives over the snapshot in a folder: counts, near misses by leaf, money.

    Memory holds one part at a time. `near` False leaves out near misses. `out`: a new folder for the members; it appears
    only when all are there. `run` does a task for so many parts and adds up the sums; by default here, one after the
    other. Raises SnapshotError, FileExistsError for `out`, ValueError for a program of another day than the snapshot's.
    """
    folder = Path(folder).resolve()
    snapshot = Snapshot.open(folder)
    if program.as_of != snapshot.as_of:
        raise ValueError(f"the program speaks of {program.as_of}, the snapshot of {snapshot.as_of}")
    if out is None:
        sums = (run or here)(Task(folder, program, near), snapshot.part_count)
        return _rows(program, snapshot.rows, sums)
    out = Path(out).resolve()
    if out.exists():
        raise FileExistsError(f"{out} exists already; members are never written over")
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        sums = (run or here)(Task(folder, program, near, temporary), snapshot.part_count)
        found = _rows(program, snapshot.rows, sums)
        _finish(temporary, snapshot, program, found, near)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return found


def here(task: Task, parts: int) -> Sums:
    """Does all parts in this process."""
    return total(map(task, range(parts)), task.program)


def total(sums: Iterable[Sums], program: Program) -> Sums:
    result: Sums = [Tally() for _ in program.rules]
    for each in sums:
        result = added(result, each)
    return result


def _rows(program: Program, rows: int, sums: Sequence[Tally]) -> dict[str, RuleRows]:
    found = {}
    for id, tally in zip(program.rules, sums, strict=True):
        benefit = tally.benefit() if id in program.amounts else None
        found[id] = RuleRows(id, rows, tally.counts, tally.near_leaves, benefit)
    return found


def matched(part: Snapshot, program: Program, near: bool, members: _Members | None = None) -> dict[str, Tally]:
    """The sums of every rule over one part."""
    tallies = {id: Tally() for id in program.rules}
    for packed in blocks(program, part):
        for id, verdict in packed.verdicts(near):
            step = program.steps[id]
            tallies[id].add(packed, step, verdict, near, program.amounts.get(id))
            if members is not None:
                members.add(id, packed, verdict.true, verdict.zero & ~verdict.true if step.manual else None)
    return tallies


class _Members:
    """Writes the members of one part, block by block."""

    def __init__(self, path: Path, part: Snapshot, program: Program) -> None:
        self.part = part
        self.program = program
        self._rules = pa.array(list(program.rules), pa.string())
        self._place = {id: at for at, id in enumerate(program.rules)}
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._batches: list[pa.RecordBatch] = []
        self._waiting = 0

    def add(self, id: str, packed: Packed, true: Words, ready: Words | None) -> None:
        for state, words in enumerate((true, ready)):
            inside = rows_of(words, packed.length) if words is not None else ()
            if len(inside):
                self._put(id, packed, state, inside)

    def _put(self, id: str, packed: Packed, state: int, inside: Any) -> None:
        length, amount = len(inside), self.program.amounts.get(id)
        amounts = pa.nulls(length, pa.float64())
        if amount is not None:
            values = np.broadcast_to(packed.only(inside).number(amount), (length,))
            amounts = pa.array(values, mask=~(np.abs(values) < LARGEST))
        columns = [
            pa.DictionaryArray.from_arrays(np.full(length, self._place[id], dtype=np.int32), self._rules),
            pa.array(self.part.party[inside + packed.at]),
            pa.DictionaryArray.from_arrays(np.full(length, state, dtype=np.int8), _STATES),
            amounts,
        ]
        self._batches.append(pa.RecordBatch.from_arrays(columns, schema=_SCHEMA))
        self._waiting += length
        if self._waiting >= MEMBERS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches, _SCHEMA))
        self._batches, self._waiting = [], 0

    def __enter__(self) -> _Members:
        return self

    def __exit__(self, *error: object) -> None:
        self._flush()
        self._writer.close()


def _file(part: int) -> str:
    return f"part-{part:05d}.parquet"


def _finish(folder: Path, snapshot: Snapshot, program: Program, found: Mapping[str, RuleRows], near: bool) -> None:
    for stray in folder.glob(".*"):
        stray.unlink()
    said = digests(program.rules, program.amounts, program.dictionary, program.as_of)
    manifest = {
        "format": FORMAT,
        "snapshot": snapshot.version,
        "as_of": snapshot.as_of.isoformat(),
        "recorded_at": datetime.now(UTC).isoformat(),
        "rows": snapshot.rows,
        "near": near,
        "parts": list(_parts(folder, snapshot.part_count)),
        "rules": [summary(rule) | {"digest": said[id]} for id, rule in found.items()],
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


def _parts(folder: Path, number: int) -> Iterator[dict[str, Any]]:
    for part in range(number):
        path = folder / _file(part)
        yield {"file": path.name, "rows": pq.read_metadata(path).num_rows, "bytes": path.stat().st_size}


def summary(rule: RuleRows) -> dict[str, Any]:
    """The counts of a rule as plain data."""
    return {
        "id": rule.id,
        "counts": rule.counts,
        "near_leaves": rule.near_leaves,
        "benefit": None if rule.benefit is None else asdict(rule.benefit),
    }
