"""The rates that docs/scale.md reckons with, measured on this machine, and what they come to for a whole country.

    python -m bench.scale [--rows 250000] [--firms 60000000] [--items 10000] [--columns 400] [--cores 64] [--json]

Each probe runs in a process of its own over one part file of --rows invented enterprises: the items of the zone's pack
(conditions and money), and plain rules of five comparisons (those of bench/match.py). Where Spark is there, the same part
files go through it, too: as the engine does it, and as Spark SQL.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench import match_data
from bench.firms import Firms
from bench.match_engines import SEED
from bench.measure import measured, memory
from innozone.kernel.columns import Records, Sets, Snapshot, SnapshotWriter
from innozone.kernel.packs import command, load_pack
from innozone.kernel.rules import to_sql
from innozone.kernel.rules.bulk import parts, spark
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.reads import reads

Figures = dict[str, float]
AS_OF = date(2026, 6, 30)
PLAIN = 1000
#: Part files of each snapshot; the probes of one core use the first.
PARTS = 4
SQL_RULES = 25


def main() -> int:
    parser = argparse.ArgumentParser(description="Rates of reading and matching, and what they come to.")
    parser.add_argument("--rows", type=int, default=250_000, help="enterprises in a part file")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each probe; the best counts")
    parser.add_argument("--firms", type=int, default=60_000_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=400, help="columns that so many items read")
    parser.add_argument("--cores", type=int, default=64)
    parser.add_argument("--changed", type=float, default=0.01, help="share of enterprises that change in a day")
    parser.add_argument("--zone", default="xixian")
    parser.add_argument("--many", type=int, default=10_000, help="rules at once, for memory and what is sent")
    parser.add_argument("--spark", action=argparse.BooleanOptionalAction, default=True, help="Spark's probe, too")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.probe:
        print(json.dumps(PROBES[options.probe](options)))
        return 0
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="innozone-scale-") as folder:
        for name in PROBES:
            if name == "spark" and not options.spark:
                continue
            arguments = [sys.executable, "-m", "bench.scale", "--probe", name, "--folder", folder, *sys.argv[1:]]
            done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
            figures |= json.loads(done.stdout.splitlines()[-1])
    found = estimate(figures, options)
    if options.json:
        print(json.dumps({"rates": figures, "estimate": found}, indent=1))
        return 0
    print(f"rates, {options.rows:,} enterprises to a part file")
    _show(figures)
    print(
        f"\n{options.firms:,} enterprises × {options.items:,} items over {options.columns} columns on {options.cores} cores"
    )
    _show(found)
    return 0


def _show(figures: Figures) -> None:
    for name, figure in figures.items():
        print(f"  {name:58}{figure:18,.{0 if abs(figure) >= 1000 else 3}f}")


# Probes: each gives figures by what they say.


def _of_pack(options: argparse.Namespace) -> tuple[Program, Firms]:
    pack = load_pack(options.zone)
    program = command.program_of(command.items_of(pack, AS_OF), pack, AS_OF)
    asked = reads([*program.rules.values(), *program.amounts.values()], pack.dictionary, AS_OF)
    return program, Firms(pack.dictionary, asked, AS_OF, seed=SEED)


def _plain(rules: int) -> Program:
    made = match_data.conditions(match_data.rules(rules, SEED))
    return Program(made, match_data.dictionary(), AS_OF)


def write(options: argparse.Namespace) -> Figures:
    """Makes the snapshots; what a row takes on disk and in memory, by kind of column."""
    program, firms = _of_pack(options)
    with SnapshotWriter(options.folder / "pack", as_of=AS_OF, dictionary=program.dictionary) as writer:
        for part in range(PARTS):
            writer.append(np.arange(options.rows) + part * options.rows, firms.columns(options.rows, part))
    dictionary = match_data.dictionary()
    with SnapshotWriter(options.folder / "plain", as_of=AS_OF, dictionary=dictionary) as writer:
        for part in range(PARTS):
            shot = match_data.snapshot(match_data.columns(options.rows, 0.1, SEED + part))
            writer.append(
                np.arange(options.rows) + part * options.rows, {name: shot.column(name) for name in shot.names}
            )
    shot = Snapshot.open(options.folder / "pack", part=0)
    group = pq.read_metadata(options.folder / "pack" / "part-00000.parquet")
    sizes: dict[str, int] = {}
    for at in range(group.num_row_groups):
        for leaf in range(group.num_columns):
            chunk = group.row_group(at).column(leaf)
            top = chunk.path_in_schema.split(".")[0]
            sizes[top] = sizes.get(top, 0) + chunk.total_compressed_size
    kinds: dict[str, list[str]] = {}
    for name in shot.names:
        kinds.setdefault(str(shot.kind(name)), []).append(name)
    figures: Figures = {"columns that the pack's items read": len(shot.names)}
    for kind, names in sorted(kinds.items()):
        figures[f"bytes on disk per row and column of kind {kind}"] = (
            sum(sizes[each] for each in names) / len(names) / shot.rows
        )
        figures[f"bytes in memory per row and column of kind {kind}"] = (
            sum(_bytes(shot.column(each)) for each in names) / len(names) / shot.rows
        )
    figures["bytes on disk per row, all columns"] = (
        options.folder / "pack" / "part-00000.parquet"
    ).stat().st_size / shot.rows
    figures["bytes in memory per row, all columns"] = sum(_bytes(shot.column(each)) for each in shot.names) / shot.rows
    return figures


def _bytes(column: Any) -> int:
    if isinstance(column, Records):
        return column.offsets.nbytes + column.known.nbytes + sum(_bytes(each) for each in column.fields.values())
    if isinstance(column, Sets):
        return int(column.offsets.nbytes + column.values.nbytes + column.known.nbytes)
    return int(column.values.nbytes)


def read(options: argparse.Namespace) -> Figures:
    """From a part file to columns in memory, on one core."""

    def run() -> None:
        shot = Snapshot.open(options.folder / "pack", part=0)
        for name in shot.names:
            shot.column(name)

    took, _ = measured(run, options.repeat)
    values = options.rows * len(Snapshot.open(options.folder / "pack", part=0).names)
    return {"values read per core second": values / took["cpu"]}


def pack(options: argparse.Namespace) -> Figures:
    """The pack's items over one part in memory, on one core; and its members."""
    program, _ = _of_pack(options)
    without = Program(program.rules, program.dictionary, AS_OF)
    shot = Snapshot.open(options.folder / "pack", part=0)
    for name in shot.names:
        shot.column(name)
    pairs = options.rows * len(program.rules)
    figures: Figures = {"items of the pack": len(program.rules)}
    figures["items of the pack with money"] = len(program.amounts)
    for label, each, near in (
        ("verdicts", without, False),
        ("near misses too", without, True),
        ("money too", program, True),
    ):
        took, _ = measured(lambda each=each, near=near: parts.matched(shot, each, near), options.repeat)
        figures[f"pack: pairs per core second, {label}"] = pairs / took["cpu"]
    task = parts.Task(options.folder / "pack", program, True, options.folder)
    took, _ = measured(lambda: task(0), options.repeat)
    figures["pack: pairs per core second, from file to members"] = pairs / took["cpu"]
    written = options.folder / "part-00000.parquet"
    figures["pack: share of pairs that are members"] = pq.read_metadata(written).num_rows / pairs
    figures["pack: bytes on disk per member"] = written.stat().st_size / max(1, pq.read_metadata(written).num_rows)
    figures["pack: resident MB at most, one part from file to members"] = memory("VmHWM")
    return figures


def plain(options: argparse.Namespace) -> Figures:
    """A thousand rules of five comparisons over one part in memory, on one core."""
    program, shot = _plain(PLAIN), Snapshot.open(options.folder / "plain", part=0)
    for name in shot.names:
        shot.column(name)
    pairs = options.rows * PLAIN
    figures: Figures = {}
    for label, near in (("verdicts", False), ("near misses too", True)):
        took, _ = measured(lambda near=near: parts.matched(shot, program, near), options.repeat)
        figures[f"plain: pairs per core second, {label}"] = pairs / took["cpu"]
    return figures


def many(options: argparse.Namespace) -> Figures:
    """As many rules at once as a country may have, from file to sums: what they take before and while they run."""
    started = time.process_time()
    made = match_data.conditions(match_data.rules(options.many, SEED))
    parsed = time.process_time()
    program = Program(made, match_data.dictionary(), AS_OF)
    compiled = time.process_time()
    sent = len(pickle.dumps(program))
    task = parts.Task(options.folder / "plain", program)
    took, sums = measured(lambda: task(0), options.repeat)
    return {
        "many: rules": options.many,
        "many: seconds to read their text": parsed - started,
        "many: seconds to compile": compiled - parsed,
        "many: MB sent to each executor": sent / 1e6,
        "many: pairs per core second, from file to sums": options.rows * options.many / took["cpu"],
        "many: bytes of sums per rule and part": len(pickle.dumps(sums)) / options.many,
        "many: resident MB at most": memory("VmHWM"),
    }


def on_spark(options: argparse.Namespace) -> Figures:
    """The engine on two local executors beside the same parts one after the other, and Spark SQL over the same files."""
    program = _plain(PLAIN)
    took, _ = measured(lambda: parts.match_parts(options.folder / "plain", program, near=False), options.repeat)
    figures: Figures = {"plain: seconds for all parts here": took["seconds"]}
    # The executors' own Python has the modules of the house from here.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    started = time.perf_counter()
    try:
        session = spark.session("local[2]", {"spark.driver.memory": "4g"})
    except spark.SparkError as error:
        print(f"without Spark: {error}", file=sys.stderr)
        return figures
    figures["Spark: seconds to start"] = time.perf_counter() - started
    run = spark.on(session)
    work = lambda: parts.match_parts(options.folder / "plain", program, near=False, run=run)  # noqa: E731
    took, found = measured(work, options.repeat + 1)
    figures["plain: seconds for all parts on local[2]"] = took["seconds"]
    firms = session.read.parquet(str(options.folder / "plain"), pathGlobFilter="*.parquet")
    ids = list(program.rules)[:SQL_RULES]

    def by_sql() -> list[int]:
        texts = [to_sql(program.rules[id], program.dictionary, AS_OF, "spark", columns=firms.columns) for id in ids]
        verdicts = firms.selectExpr(*(f"{text} AS r{at}" for at, text in enumerate(texts)))
        return list(verdicts.selectExpr(*(f"count_if(r{at})" for at in range(len(ids)))).collect()[0])

    took, counts = measured(by_sql, options.repeat)
    assert counts == [found[id].counts["true"] for id in ids]
    figures["plain: pairs per core second, Spark SQL"] = PARTS * options.rows * len(ids) / took["seconds"] / 2
    figures["plain: pairs per core second, engine on Spark"] = PARTS * options.rows * PLAIN / figures["plain: seconds for all parts on local[2]"] / 2  # fmt: skip
    session.stop()
    return figures


PROBES: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "write": write,
    "read": read,
    "pack": pack,
    "plain": plain,
    "many": many,
    "spark": on_spark,
}


def estimate(rates: Figures, options: argparse.Namespace) -> Figures:
    """What the rates come to: everything grows with the number of rows, and there is nothing between the parts."""
    firms, items = options.firms, options.items
    pairs, files = firms * items, -(-firms // options.rows)
    width = options.columns / rates["columns that the pack's items read"]
    reading = firms * options.columns / rates["values read per core second"]
    plainly, fully = (
        rates["plain: pairs per core second, near misses too"],
        rates["pack: pairs per core second, money too"],
    )
    members = pairs * rates["pack: share of pairs that are members"]
    return {
        "part files": float(files),
        "GB of snapshot on disk": firms * width * rates["bytes on disk per row, all columns"] / 1e9,
        "core hours of reading": reading / 3600,
        "core hours of matching, plain rules": pairs / plainly / 3600,
        "core hours of matching, rules like the pack's": pairs / fully / 3600,
        "minutes, plain rules": (reading + pairs / plainly) / options.cores / 60,
        "minutes, rules like the pack's": (reading + pairs / fully) / options.cores / 60,
        "minutes of a night, rules like the pack's": options.changed * (reading + pairs / fully) / options.cores / 60,
        "GB of sums that come back": files * items * rates["many: bytes of sums per rule and part"] / 1e9,
        "GB of verdicts as bits, one kind": pairs / 8 / 1e9,
        "members in billions, as many as under the pack": members / 1e9,
        "GB of members as Parquet": members * rates["pack: bytes on disk per member"] / 1e9,
    }


if __name__ == "__main__":
    sys.exit(main())
