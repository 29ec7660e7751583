"""`innozone match --snapshot FOLDER`: the items of a zone's pack over a snapshot in a folder, here or on Spark."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from innozone.kernel.columns import SnapshotError
from innozone.kernel.columns.snapshot import Snapshot
from innozone.kernel.packs.loader import load_pack
from innozone.kernel.packs.model import ItemData, Pack
from innozone.kernel.rules.bulk import parts, spark
from innozone.kernel.rules.bulk.matches import RuleRows
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.results import write_results
from innozone.kernel.terms import format_number


def items_of(pack: Pack, day: date) -> dict[str, ItemData]:
    """The items of the policies in force on a day, by `policy/item`."""
    return {
        f"{policy.code}/{item.code}": item
        for policy in pack.policies.values()
        if (policy.valid_from or day) <= day <= (policy.valid_to or day)
        for item in policy.items
    }


def program_of(items: dict[str, ItemData], pack: Pack, day: date) -> Program:
    """The rules of the items with their benefits, compiled for a day."""
    rules = {id: item.condition for id, item in items.items() if item.condition is not None}
    amounts = {id: item.benefit.expr for id, item in items.items() if item.benefit and item.benefit.expr is not None}
    return Program(rules, pack.dictionary, day, amounts)


def match(
    folder: Path,
    zone: str,
    *,
    policy: str | None = None,
    engine: str = "local",
    master: str | None = None,
    out: Path | None = None,
    keep: Path | None = None,
    as_json: bool = False,
) -> int:
    """Prints how many are entitled, ready, near and unknown under each item, and what it costs. 0; 1 when it cannot.

    policy: only this policy or item. engine: local (this process) or spark (on `master`). out: a new folder for the
    members as Parquet. keep: a new folder for the results, which --diff compares. Raises PackError for a faulty pack.
    """
    pack = load_pack(zone)
    try:
        if keep is not None and (engine != "local" or out is not None):
            raise ValueError("--keep goes with the engine local and without --out")
        snapshot = Snapshot.open(folder)
        day = snapshot.as_of
        items = {id: item for id, item in items_of(pack, day).items() if policy in (None, id, *id.split("/"))}
        if not items:
            raise ValueError(f"no policy or item in force on {day} is called “{policy}”")
        program = program_of(items, pack, day)
        found: Mapping[str, RuleRows]
        if keep is not None:
            found = write_results(keep, snapshot, program)
        else:
            run = spark.on(spark.session(master)) if engine == "spark" else None
            found = parts.match_parts(folder, program, out=out, run=run)
    except (SnapshotError, spark.SparkError, FileExistsError, ValueError) as error:
        print(f"innozone: {error}", file=sys.stderr)
        return 1
    if as_json:
        listed = [parts.summary(rule) | {"name": items[id].name.zh} for id, rule in found.items()]
        print(json.dumps({"as_of": day.isoformat(), "items": listed}, ensure_ascii=False, indent=1))
        return 0
    for id, rule in found.items():
        print(f"{id}  {items[id].name.zh}\n    {_counted(rule)}")
    return 0


def _counted(rule: RuleRows) -> str:
    shown: dict[str, Any] = {"entitled": "true", "ready": "manual_only", "near": "near", "unknown": "unknown"}
    text = "  ".join(f"{name} {rule.counts[kind]:,}" for name, kind in shown.items())
    if rule.benefit is None:
        return text
    ends = f"{format_number(rule.benefit.low, '元')} – {format_number(rule.benefit.high, '元')}"
    more = f" and {rule.benefit.unbounded:,} without an end" if rule.benefit.unbounded else ""
    return f"{text}  {format_number(rule.benefit.total, '元')} ({ends}{more})"
