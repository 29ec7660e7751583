"""The pack's own items over invented enterprises with a history of three years: everything at once, and by construct.

    python -m bench.realistic [--rows 1000000] [--zone xixian] [--snapshot FOLDER] [--no-peer] [--json]

Rules are the items of the zone's pack that are in force, with their benefits; data are the demonstration's
(bench/realistic_data.py), made anew or kept in FOLDER for the next run. Each source of comparisons (a variable, a formula,
a function of several years, records …) is timed where it stands in the run: what several sources share is paid for by
the first one. The slowest construct is named, and the slowest single sources; constructs and sources are in core seconds. DuckDB (one thread) counts the same from
the part files by the SQL of the rules; the run fails when any count differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from bench import realistic_data
from bench.measure import measured
from innozone.kernel.columns import Snapshot
from innozone.kernel.packs import command, load_pack
from innozone.kernel.rules import Expr, Matcher, Program, questions, to_sql
from innozone.kernel.rules.bulk.bits import Words
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.lower import Atom, CodeAtom, ExprAtom, FlagAtom, NumberAtom, SetAtom
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS, WORK_ROWS, Packer
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.tree import Arith, Call, Compare, Marginal, Records, Ref, Tier

AS_OF = date(2026, 6, 30)
SHOWN = 10
COUNTS = "counts"
PEER = "counts, DuckDB from the part files"


def main() -> int:
    parser = argparse.ArgumentParser(description="The pack's own items over many enterprises, construct by construct.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--zone", default="xixian")
    parser.add_argument("--snapshot", type=Path, metavar="FOLDER", help="of the enterprises; made where there is none")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each piece of work; the best counts")
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True, help="DuckDB, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="innozone-realistic-") as temporary:
        found = figures(options, options.snapshot or Path(temporary) / "snapshot")
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show(found)
    return 1 if found["wrong"] else 0


def figures(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything that is measured: `work` by name, `constructs`, `sources` and `benefits_by_construct` slowest first,
    `wrong`: items that DuckDB counts otherwise, `history`: the years of the figures."""
    pack = load_pack(options.zone)
    priced = command.program_of(command.items_of(pack, AS_OF), pack, AS_OF)
    plain = Program(priced.rules, pack.dictionary, AS_OF)
    if not folder.exists():
        realistic_data.write(folder, pack, priced, options.rows)
    snapshot = realistic_data.in_memory(folder)
    matcher = Matcher(snapshot, pack.dictionary)
    works: dict[str, Callable[[], Any]] = {
        "compiled": lambda: Program(priced.rules, pack.dictionary, AS_OF, priced.amounts),
        COUNTS: lambda: matcher.run(plain, members=False, near=False),
        "counts and near misses": lambda: matcher.run(plain, members=False),
        "the same with benefits between low and high": lambda: matcher.run(priced, members=False),
        "which question unlocks most money": lambda: questions(priced, snapshot),
    }
    work = {name: measured(do, options.repeat, 60)[0] for name, do in works.items()}
    wrong: list[str] = []
    if options.peer:
        work[PEER], theirs = measured(lambda: _by_duckdb(plain, folder, snapshot.names), 1)
        ours = matcher.run(plain, members=False, near=False)
        wrong = [id for id, each in ours.items() if (each.counts["true"], each.counts["unknown"]) != theirs[id]]
    sources = _sources(plain, snapshot, options.repeat)
    return {
        "rows": snapshot.rows,
        "rules": len(plain.rules),
        "benefits": len(priced.amounts),
        "history": sorted({year for name in snapshot.names if (year := name.partition("@")[2])}),
        "work": work,
        "wrong": wrong,
        "constructs": _by_construct(sources),
        "sources": sorted(sources, key=_seconds)[:SHOWN],
        "benefits_by_construct": _by_construct(_benefits(priced, snapshot)),
    }


def _by_duckdb(program: Program, folder: Path, columns: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """How many are true and unknown under each rule; one query a rule, so that it reads only what that asks for."""
    found = {}
    with closing(duckdb.connect(config={"threads": 1})) as connection:
        for id, rule in program.rules.items():
            text = to_sql(rule, program.dictionary, program.as_of, "duckdb", columns=columns)
            query = f"SELECT count_if(v), count_if(v IS NULL) FROM (SELECT ({text}) AS v FROM '{folder}/*.parquet')"
            row = connection.execute(query).fetchone()
            assert row is not None
            found[id] = int(row[0]), int(row[1])
    return found


def _seconds(entry: dict[str, Any]) -> float:
    return -float(entry["seconds"])


class _Timed(Packer):
    """Notes how long each source takes."""

    seconds: dict[int, float]

    def _compute(self, piece: Any, atoms: list[int], known: Words) -> None:
        started = time.process_time()
        super()._compute(piece, atoms, known)
        self.seconds[atoms[0]] += time.process_time() - started

    def _read(self, block: Block, atoms: list[int], known: Words, length: int) -> None:
        started = time.process_time()
        super()._read(block, atoms, known, length)
        self.seconds[atoms[0]] += time.process_time() - started


def _sources(program: Program, snapshot: Snapshot, repeat: int) -> list[dict[str, Any]]:
    best: dict[int, float] = {}
    for _ in range(repeat):
        packer = _Timed(program, snapshot)
        packer.seconds = defaultdict(float)
        for start in range(0, snapshot.rows, BLOCK_ROWS):
            packer.block(slice(start, min(start + BLOCK_ROWS, snapshot.rows)))
        best = {at: min(seconds, best.get(at, seconds)) for at, seconds in packer.seconds.items()}
    atoms = program.atoms
    return [
        {
            "construct": construct(atoms[numbers[0]], program),
            "text": _text(atoms[numbers[0]]),
            "comparisons": len(numbers),
            "seconds": best[numbers[0]],
        }
        for numbers in program.groups.values()
    ]


def _benefits(program: Program, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Each benefit over everyone, whoever gets it."""
    made = []
    for amount in program.amounts.values():
        started = time.process_time()
        for start in range(0, snapshot.rows, WORK_ROWS):
            rows = slice(start, min(start + WORK_ROWS, snapshot.rows))
            bounds(amount, Block(snapshot, program.dictionary, rows))
        seconds = time.process_time() - started
        made.append({"construct": _of(amount, program), "text": str(amount), "comparisons": 1, "seconds": seconds})
    return made


def construct(atom: Atom, program: Program) -> str:
    """What kind of thing is compared."""
    match atom:
        case FlagAtom():
            return "yes or no"
        case CodeAtom():
            return "code: within, in, =="
        case SetAtom():
            return "set of codes: holds, has"
        case NumberAtom(Ref(), kind="date"):
            return "date"
        case NumberAtom(source):
            return _of(source, program)
    return _of(atom.expr, program)


def _of(expr: Expr, program: Program) -> str:
    match expr:
        case Ref(name):
            variable = program.dictionary.get(name)
            if variable is not None and variable.formula is not None:
                return f"derived variable ({'yes or no' if variable.type == 'bool' else 'number'})"
            return "number"
        case Call(name):
            return f"{name}(…)"
        case Compare(_, Records()) | Compare(_, _, Records()) | Records():
            return "records: count, sum, min, max"
        case Tier():
            return "tier(…)"
        case Marginal():
            return "marginal(…)"
        case Arith():
            return "calculation"
        case Compare():
            return "two quantities compared"
    return type(expr).__name__.lower()


def _text(atom: Atom) -> str:
    if isinstance(atom, NumberAtom | ExprAtom):
        return str(atom.source if isinstance(atom, NumberAtom) else atom.expr)
    return atom.column


def _by_construct(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    together: dict[str, dict[str, Any]] = {}
    for source in sources:
        entry = together.setdefault(
            source["construct"], {"construct": source["construct"], "sources": 0, "comparisons": 0, "seconds": 0.0}
        )
        entry["sources"] += 1
        entry["comparisons"] += source["comparisons"]
        entry["seconds"] += source["seconds"]
    total = sum(entry["seconds"] for entry in together.values()) or 1.0
    for entry in together.values():
        entry["share"] = entry["seconds"] / total
        entry["each_ms"] = entry["seconds"] / entry["sources"] * 1000
    return sorted(together.values(), key=_seconds)


def _show(found: dict[str, Any]) -> None:
    print(
        f"{found['rows']:,} invented enterprises, figures of {', '.join(found['history'])} × {found['rules']} items of "
        f"the pack, {found['benefits']} with a sum"
    )
    base = found["work"][COUNTS]["seconds"]
    print(f"{'':48}{'seconds':>9}{'core s':>9}{'× counts':>10}{'data MB':>9}{'more MB':>9}")
    for name, result in found["work"].items():
        seconds, cpu = result["seconds"], result["cpu"]
        print(f"{name:48}{seconds:9.3f}{cpu:9.3f}{seconds / base:10.1f}{result['data']:9.0f}{result['more']:9.0f}")
    for title, constructs in (
        ("comparisons by what is compared", found["constructs"]),
        ("benefits over everyone, least and most", found["benefits_by_construct"]),
    ):
        print(f"\n{title:48}{'core s':>9}{'share':>8}{'sources':>9}{'compared':>10}{'ms each':>9}")
        for entry in constructs:
            print(
                f"{entry['construct']:48}{entry['seconds']:9.3f}{entry['share']:8.1%}{entry['sources']:9}"
                f"{entry['comparisons']:10}{entry['each_ms']:9.2f}"
            )
    slowest = found["constructs"][0]
    print(f"\nslowest: {slowest['construct']}, {slowest['share']:.0%} of all comparisons; the slowest sources:")
    for entry in found["sources"]:
        print(f"{entry['seconds'] * 1000:9.1f} ms  {entry['text']}")
    if PEER in found["work"]:
        wrong = found["wrong"]
        print(f"NOT equal to DuckDB in {len(wrong)} items: {wrong[:5]}" if wrong else "equal to DuckDB for every item")


if __name__ == "__main__":
    sys.exit(main())
