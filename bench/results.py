"""Results kept as files and compared, beside lists of members in Parquet that DuckDB compares, in one run.

    python -m bench.results [--rows 1000000] [--policies 100] [--moved 0.02] [--json]

The rules and enterprises of bench.match on two days: on the second a share of the enterprises has other figures, every
twentieth rule is another one, and one enterprise in a thousand has come or gone. Timed is: matching alone (counts; and
with the rows in memory), matching straight into a folder, opening it, who came and who left, the same with the cause of
each, why for one enterprise. DuckDB (one thread) tells who came and left from the Parquet files of parts.match_parts,
without any cause. The run fails when the two disagree on how many came or left under any rule.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench import match_data
from bench.measure import measured
from innozone.kernel.columns import Column, Numbers, Snapshot, SnapshotWriter
from innozone.kernel.rules import Condition, Difference, Matcher, Program, Results, diff, write_results
from innozone.kernel.rules.bulk.parts import match_parts

SEED = 20260630
DAYS = (date(2026, 6, 30), date(2026, 7, 1))
PART = 262_144


def main() -> int:
    parser = argparse.ArgumentParser(description="Results kept and compared: bits in files beside Parquet and DuckDB.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--policies", type=int, default=100)
    parser.add_argument("--unknown", type=float, default=0.1, help="share of values that nobody knows")
    parser.add_argument("--moved", type=float, default=0.02, help="share of enterprises with other figures on day two")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each piece of work; the best counts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="innozone-results-"))
    try:
        found = figures(folder, options)
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show(found, options)
    return 1 if found["wrong"] else 0


def figures(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Every figure: `work` by name, `mb` of the folders, `changes` by kind and cause, `wrong`: rules told otherwise."""
    terms = match_data.dictionary()
    programs = [Program(rules, terms, day) for rules, day in zip(_rules(options.policies), DAYS, strict=True)]
    for name, day, columns in zip(("then", "now"), DAYS, _columns(options), strict=True):
        with SnapshotWriter(folder / name, as_of=day, dictionary=terms, version=name) as writer:
            party = columns.pop("party")
            for start in range(0, len(party), PART):
                rows = slice(start, start + PART)
                writer.append(party[rows], {each: column.take(rows) for each, column in columns.items()})
    before, after = (Snapshot.open(folder / name) for name in ("then", "now"))
    work: dict[str, dict[str, float]] = {}
    given: dict[str, Any] = {}

    def timed(name: str, do: Callable[[], Any], repeat: int = options.repeat) -> Any:
        work[name], given[name] = measured(do, repeat, 120)
        return given[name]

    matcher = Matcher(after, terms)
    timed("matched, counts only", lambda: matcher.run(programs[1], members=False))
    timed("matched, rows in memory", lambda: matcher.run(programs[1], members=True))
    given.clear()
    old = write_results(folder / "old", before, programs[0])
    new = timed("matched into a folder", lambda: _anew(folder / "new", after, programs[1]))
    timed("opened", lambda: Results.open(folder / "new"))
    timed("opened and verified", lambda: Results.open(folder / "new", verify=True))
    blind = timed("who came and who left", lambda: _counts(diff(old, new)))
    sides: dict[str, Any] = {"before": before, "after": after, "dictionary": terms}
    timed("the same with the cause of each", lambda: list(diff(old, new, **sides).changes()))
    difference = diff(old, new, **sides)
    change = next(change for change in given["the same with the cause of each"] if len(change.gained))
    timed("why, one enterprise under one rule", lambda: difference.why(int(change.gained.parties[0]), change.id))
    for name, program in zip(("then", "now"), programs, strict=True):
        write = f"members of {name} as Parquet"
        timed(
            write,
            lambda name=name, program=program: match_parts(folder / name, program, out=folder / f"{name}-members"),
            1,
        )
    theirs = timed("who came and who left, DuckDB over Parquet", lambda: _compared(folder), 1)
    causes: dict[str, dict[str, int]] = {"gained": {}, "lost": {}}
    for each in given["the same with the cause of each"]:
        for kind, counted in causes.items():
            for label, number in getattr(each, kind).counts().items():
                counted[label] = counted.get(label, 0) + number
    return {
        "rows": options.rows,
        "policies": options.policies,
        "work": work,
        "mb": {name: _size(folder / name) / 2**20 for name in ("then", "new", "now-members")},
        "changes": causes,
        "wrong": sorted(id for id in {*blind, *theirs} if blind.get(id) != theirs.get(id)),
    }


def _rules(number: int) -> tuple[dict[str, Condition], dict[str, Condition]]:
    """The rules of both days: every twentieth is another one on the second."""
    then = match_data.conditions(match_data.rules(number, SEED))
    others = match_data.conditions(match_data.rules(number, SEED + 1))
    return then, {id: others[id] if at % 20 == 0 else rule for at, (id, rule) in enumerate(then.items())}


def _columns(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The columns of both days, with the keys as `party`."""
    shot = match_data.snapshot(match_data.columns(options.rows, options.unknown, SEED))
    columns: dict[str, Column] = {name: column for name in shot.names if (column := shot.column(name)) is not None}
    yield {"party": np.arange(options.rows)} | columns
    random = np.random.default_rng(SEED)
    moved = np.flatnonzero(random.random(options.rows) < options.moved)
    for name, column in columns.items():
        if isinstance(column, Numbers):
            values = column.values.copy()
            values[moved] = random.permutation(values[moved])
            columns[name] = Numbers(values)
    kept = random.random(options.rows) >= 0.001
    party = np.arange(options.rows)[kept]
    # Who came has the figures of one who went.
    party[-len(party) // 1000 :] += options.rows
    yield {"party": party} | {name: column.take(np.flatnonzero(kept)) for name, column in columns.items()}


def _anew(folder: Path, snapshot: Snapshot, program: Program) -> Results:
    shutil.rmtree(folder, ignore_errors=True)
    return write_results(folder, snapshot, program)


def _counts(difference: Difference) -> dict[str, tuple[int, int]]:
    changes = difference.changes()
    return {each.id: (len(each.gained), len(each.lost)) for each in changes if len(each.gained) or len(each.lost)}


def _compared(folder: Path) -> dict[str, tuple[int, int]]:
    """How many came and left under each rule, as DuckDB has it from the lists of members."""
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        counts: list[dict[str, int]] = []
        for one, other in (("now", "then"), ("then", "now")):
            sides = [f"(FROM '{folder}/{name}-members/*.parquet' WHERE state = 'true')" for name in (one, other)]
            query = f"SELECT rule, count(*) FROM {sides[0]} a ANTI JOIN {sides[1]} b USING (rule, party) GROUP BY rule"
            counts.append(dict(connection.execute(query).fetchall()))
        return {rule: (counts[0].get(rule, 0), counts[1].get(rule, 0)) for rule in {*counts[0], *counts[1]}}


def _size(folder: Path) -> int:
    """Bytes on the disk: what is never written to takes none."""
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


def _show(found: dict[str, Any], options: argparse.Namespace) -> None:
    print(
        f"{found['rows']:,} enterprises × {found['policies']} rules, {options.moved:.0%} with other figures on day two"
    )
    print(f"{'':48}{'seconds':>9}{'more MB':>9}")
    for name, figure in found["work"].items():
        print(f"{name:48}{figure['seconds']:9.4f}{figure['more']:9.0f}")
    sizes = "  ".join(f"{name} {size:.1f}" for name, size in found["mb"].items())
    print(f"MB on disk: {sizes}")
    for kind, counted in found["changes"].items():
        print(f"{kind}: {'  '.join(f'{label} {number:,}' for label, number in counted.items())}")
    wrong = found["wrong"]
    print(f"NOT equal to DuckDB in {len(wrong)} rules: {wrong[:5]}" if wrong else "equal to DuckDB for every rule")


if __name__ == "__main__":
    sys.exit(main())
