"""Results kept on two days by the command, and what it says changed between them."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from innozone import cli
from innozone.kernel.columns import Snapshot, SnapshotWriter
from innozone.kernel.packs import load_pack
from innozone.kernel.packs.command import items_of, program_of
from innozone.kernel.rules import Matcher, Program, Results, parse, write_results
from innozone.kernel.rules.condition import Test as Leaf

DAY, LATER = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture(scope="module")
def pack():
    return load_pack("xixian")


def taken(folder: Path, dictionary, day: date, revenue: list[float], region: list[str]) -> Path:
    with SnapshotWriter(folder, as_of=day, dictionary=dictionary, version=folder.name) as writer:
        writer.append([7, 8, 9], {"revenue@2025": revenue, "registration_region": region})
    return folder


@pytest.fixture
def kept(pack, tmp_path) -> tuple[Path, Path]:
    """One rule over three firms: 8 comes to it by its revenue, 9 leaves it by moving away."""
    rules = {"city/grant": Leaf(parse('revenue[-1] >= 1000万 and registration_region within "xixian"'))}
    made = []
    for name, day, revenue, region in (
        ("then", DAY, [2e7, 9e6, 2e7], ["fengxi"] * 3),
        ("now", LATER, [2e7, 12e6, 2e7], ["fengxi", "fengxi", "610112"]),
    ):
        shot = Snapshot.open(taken(tmp_path / name, pack.dictionary, day, revenue, region))
        made.append(write_results(tmp_path / f"{name}-kept", shot, Program(rules, pack.dictionary, day)).folder)
    return made[0], made[1]


def test_who_came_and_left_with_cause_and_example(kept, capsys) -> None:
    assert cli.main(["match", "--diff", *map(str, kept)]) == 0
    said = capsys.readouterr()
    assert "2026-06-30 → 2026-07-01: 1 of 1 rules with changes" in said.out
    assert "newly entitled 1: facts 1" in said.out
    assert "no longer entitled 1: facts 1" in said.out
    assert "8 (newly entitled, facts)" in said.out
    assert "900万元 → 1,200万元" in said.out
    assert said.err == ""


def test_the_same_for_programs(kept, capsys) -> None:
    assert cli.main(["match", "--diff", *map(str, kept), "--policy", "city", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (rule,) = found["changed"]
    assert (rule["id"], rule["gained"], rule["lost"], rule["ready"]) == ("city/grant", {"facts": 1}, {"facts": 1}, {})
    assert [(each["party"], each["state"], each["cause"]) for each in rule["examples"]] == [
        (8, "gained", "facts"),
        (9, "lost", "facts"),
    ]
    assert [leaf.rpartition(": ")[2] for leaf in rule["examples"][0]["leaves"]] == ["false → true"]


def test_without_the_snapshots_there_are_no_examples(kept, tmp_path, capsys) -> None:
    shutil.rmtree(tmp_path / "then")
    assert cli.main(["match", "--diff", *map(str, kept), "--json"]) == 0
    said = capsys.readouterr()
    (rule,) = json.loads(said.out)["changed"]
    assert sum(rule["gained"].values()) == 1
    assert rule["examples"] == []
    assert "a snapshot is not where it was matched" in said.err


def test_what_cannot_be_compared_is_said_so(kept, tmp_path, capsys) -> None:
    assert cli.main(["match", "--diff", str(tmp_path), str(kept[1])]) == 1
    assert "holds no results" in capsys.readouterr().err
    assert cli.main(["match", "--diff", *map(str, kept), "--policy", "none"]) == 1
    assert "no rule in these results is called “none”" in capsys.readouterr().err


def test_the_packs_items_over_a_snapshot_are_kept(pack, tmp_path, capsys) -> None:
    folder = taken(tmp_path / "shot", pack.dictionary, DAY, [2e7, 9e6, 2e7], ["fengxi"] * 3)
    command = ["match", "--snapshot", str(folder), "--keep", str(tmp_path / "kept")]
    assert cli.main(command) == 0
    counted = capsys.readouterr().out
    results = Results.open(tmp_path / "kept", verify=True)
    program = program_of(items_of(pack, DAY), pack, DAY)
    wanted = Matcher(Snapshot.open(folder), pack.dictionary).run(program)
    assert list(results) == list(program.rules)
    assert {id: rule.counts for id, rule in results.items()} == {id: rule.counts for id, rule in wanted.items()}
    assert all(f"{id}  " in counted for id in results)
    assert cli.main(command) == 1
    assert "never written over" in capsys.readouterr().err
    assert cli.main([*command, "--engine", "spark"]) == 1
    assert "--keep goes with the engine local" in capsys.readouterr().err
