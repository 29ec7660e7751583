"""A snapshot matched part by part, here and on Spark, gives what it gives matched whole; the members are those."""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from bench.firms import Firms

from innozone.kernel.columns import Snapshot, SnapshotError, SnapshotWriter
from innozone.kernel.packs import Pack, command, load_pack
from innozone.kernel.rules import Matcher, RuleMatch
from innozone.kernel.rules.bulk import parts
from innozone.kernel.rules.bulk.matches import RuleRows
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.spark import SparkError, on
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.sql import to_sql
from tests.kernel.rules.sample import AS_OF, DICTIONARY, condition

FIRMS, PARTS = 3000, 3


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("xixian")


@pytest.fixture(scope="module")
def program(pack: Pack) -> Program:
    return command.program_of(command.items_of(pack, AS_OF), pack, AS_OF)


@pytest.fixture(scope="module")
def folder(pack: Pack, program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack's items meet a few thousand invented firms in three part files."""
    asked = reads([*program.rules.values(), *program.amounts.values()], pack.dictionary, AS_OF)
    firms = Firms(pack.dictionary, asked, AS_OF, seed=3)
    path = tmp_path_factory.mktemp("firms") / "snapshot"
    with SnapshotWriter(path, as_of=AS_OF, dictionary=pack.dictionary, version="test") as writer:
        for part in range(PARTS):
            keys = np.arange(FIRMS // PARTS) + 1000 * (part + 1)
            writer.append(keys, firms.columns(FIRMS // PARTS, part))
    return path


@pytest.fixture(scope="module")
def whole(folder: Path, program: Program) -> dict[str, RuleMatch]:
    """All parts as one, matched by the engine of the platform."""
    return dict(Matcher(Snapshot.open(folder), program.dictionary).run(program, members=True))


def counted(rules: dict[str, Any]) -> dict[str, Any]:
    return {id: (rule.length, rule.counts, rule.near_leaves, rule.benefit) for id, rule in rules.items()}


def members(out: Path) -> dict[tuple[str, str], dict[int, float | None]]:
    """(rule, state) → party → amount."""
    found: dict[tuple[str, str], dict[int, float | None]] = {}
    for row in pq.read_table(sorted(out.glob("*.parquet"))).to_pylist():
        state = found.setdefault((row["rule"], row["state"]), {})
        assert row["party"] not in state
        state[row["party"]] = row["amount"]
    return found


def expected_members(whole: dict[str, RuleMatch], party: Any) -> dict[tuple[str, str], dict[int, float | None]]:
    found = {}
    for id, rule in whole.items():
        for state, kind in zip(parts.STATES, ("true", "manual_only"), strict=True):
            rows = rule.rows(kind)
            amounts = rule.amounts(kind)[1] if rule.benefit is not None else [math.nan] * len(rows)
            listed = {
                int(party[row]): None if amount != amount else amount for row, amount in zip(rows, amounts, strict=True)
            }
            if listed:
                found[id, state] = listed
    return found


def test_parts_here_give_what_the_whole_gives(folder, program, whole, tmp_path) -> None:
    found = parts.match_parts(folder, program, out=tmp_path / "members")
    assert counted(found) == counted(whole)
    assert members(tmp_path / "members") == expected_members(whole, Snapshot.open(folder).party)
    assert sum(rule.counts["true"] for rule in found.values()) > FIRMS
    manifest = json.loads((tmp_path / "members" / parts.MANIFEST).read_text(encoding="utf-8"))
    assert [entry["file"] for entry in manifest["parts"]] == [f"part-0000{at}.parquet" for at in range(PARTS)]
    assert (manifest["snapshot"], manifest["rows"]) == ("test", FIRMS)
    assert {rule["id"]: rule["counts"]["true"] for rule in manifest["rules"]} == {
        id: rule.counts["true"] for id, rule in whole.items()
    }
    assert not list(tmp_path.glob(".*"))


def test_spark_gives_what_this_machine_gives(folder, program, whole, spark, tmp_path) -> None:
    found = parts.match_parts(folder, program, out=tmp_path / "members", run=on(spark))
    assert counted(found) == counted(whole)
    assert members(tmp_path / "members") == expected_members(whole, Snapshot.open(folder).party)
    assert sorted(path.name for path in (tmp_path / "members").iterdir())[0] == parts.MANIFEST
    few = parts.match_parts(folder, program.only(list(program.rules)[:5]), near=False, run=on(spark))
    assert [rule.counts["true"] for rule in few.values()] == [rule.counts["true"] for rule in whole.values()][:5]


def test_spark_sql_over_the_part_files_gives_the_same_verdicts(folder, program, whole, spark) -> None:
    firms = spark.read.parquet(str(folder), pathGlobFilter="*.parquet")
    ids = list(program.rules)[::16]
    rules = (to_sql(program.rules[id], program.dictionary, AS_OF, "spark", columns=firms.columns) for id in ids)
    rows = firms.selectExpr("party", *rules).collect()
    party = Snapshot.open(folder).party
    assert sorted(row[0] for row in rows) == party.tolist()
    for at, id in enumerate(ids, 1):
        for verdict, kind in ((True, "true"), (None, "unknown")):
            assert sorted(row[0] for row in rows if row[at] is verdict) == party[whole[id].rows(kind)].tolist()


def test_what_goes_wrong_on_an_executor_is_told_in_a_sentence(folder, program, spark, tmp_path) -> None:
    def lost(task: parts.Task, number: int) -> parts.Sums:
        return on(spark)(parts.Task(tmp_path / "elsewhere", task.program), number)

    with pytest.raises(SparkError, match=r"on an executor of Spark: .*SnapshotError: .*elsewhere is no snapshot.*$"):
        parts.match_parts(folder, program, run=lost)


def test_a_part_is_a_snapshot_of_its_own(folder) -> None:
    part = Snapshot.open(folder, part=1)
    assert (part.rows, part.part_count, part.party[0]) == (FIRMS // PARTS, 1, 2000)
    assert Snapshot.open(folder).part_count == PARTS


def test_no_rows_give_no_members(tmp_path) -> None:
    with SnapshotWriter(tmp_path / "empty", as_of=AS_OF, dictionary=DICTIONARY):
        pass
    program = Program({"a": condition("score >= 60")}, DICTIONARY, AS_OF, {"a": "5万"})
    found = parts.match_parts(tmp_path / "empty", program, out=tmp_path / "out")["a"]
    assert (found.length, found.counts["true"], found.counts["false"]) == (0, 0, 0)
    assert members(tmp_path / "out") == {}


def test_what_cannot_be_done_leaves_nothing(folder, program, tmp_path) -> None:
    with pytest.raises(SnapshotError, match="is no snapshot"):
        parts.match_parts(tmp_path, program)
    later = Program(program.rules, program.dictionary, date(2027, 1, 1))
    with pytest.raises(ValueError, match="speaks of 2027-01-01, the snapshot of 2026-06-30"):
        parts.match_parts(folder, later)
    with pytest.raises(FileExistsError, match="never written over"):
        parts.match_parts(folder, program, out=tmp_path)

    def broken(task: parts.Task, number: int) -> parts.Sums:
        task(0)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        parts.match_parts(folder, program, out=tmp_path / "out", run=broken)
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_counts_and_money(folder, whole, capsys, tmp_path) -> None:
    assert command.match(folder, "xixian", as_json=True, out=tmp_path / "out") == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert {item["id"]: item["counts"] for item in items} == {id: rule.counts for id, rule in whole.items()}
    assert command.match(folder, "xixian", policy="voucher") == 1
    assert "no policy or item in force on 2026-06-30 is called “voucher”" in capsys.readouterr().err
    assert command.match(folder, "xixian", policy="xixian-innovation-vouchers") == 0
    printed = capsys.readouterr().out
    rule: RuleRows = whole["xixian-innovation-vouchers/innovation_voucher"]
    assert f"entitled {rule.counts['true']:,}" in printed
    assert "科技创新券" in printed
    assert "万元" in printed


def test_the_command_says_what_is_missing(folder, capsys, monkeypatch, tmp_path) -> None:
    assert command.match(tmp_path, "xixian") == 1
    assert "is no snapshot" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert command.match(folder, "xixian", engine="spark", master="local[1]") == 1
    assert "uv sync --inexact --extra spark" in capsys.readouterr().err
