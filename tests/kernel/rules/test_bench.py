"""The benchmarks run, and their engines count the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ("--rows", "3000", "--policies", "40")
HERE = "ours,near,duckdb,one,explain,changed,changed-duckdb"


def match(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.match", *SMALL, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_all_engines_of_the_test_environment_count_the_same() -> None:
    done = match("--limit", "30", "--engines", HERE)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "counts of true and unknown are equal for every policy" in done.stdout
    assert "every bar is reached" in done.stdout


@pytest.mark.slow
def test_the_figures_as_data() -> None:
    done = match("--limit", "30", "--engines", HERE, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    engines = found["engines"]
    assert found["missed"] == []
    assert list(engines) == HERE.split(",")
    assert engines["ours"]["true"] == engines["duckdb"]["true"] > 0
    assert engines["changed"]["unknown"] == engines["changed-duckdb"]["unknown"] > 0
    assert engines["duckdb"]["ratio"] == pytest.approx(engines["duckdb"]["seconds"] / engines["ours"]["seconds"])


@pytest.mark.slow
def test_a_run_above_the_limit_fails() -> None:
    done = match("--limit", "0", "--engines", "ours")
    assert done.returncode == 1
    assert "more than 0.0 s" in done.stdout


@pytest.mark.slow
def test_results_are_compared_as_duckdb_compares_them() -> None:
    command = [sys.executable, "-m", "bench.results", "--rows", "3000", "--policies", "40", "--repeat", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["changes"]["gained"]["facts"] > 0
    assert found["work"]["matched into a folder"]["seconds"] > 0


@pytest.mark.slow
def test_the_packs_items_are_counted_as_duckdb_counts_them_and_the_slowest_construct_is_named(tmp_path: Path) -> None:
    options = ("--rows", "500", "--repeat", "1", "--snapshot", tmp_path / "kept")
    command = [sys.executable, "-m", "bench.realistic", *options]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["history"] == ["2023", "2024", "2025"]
    assert found["constructs"][0]["seconds"] == max(each["seconds"] for each in found["constructs"])
    again = subprocess.run([*command, "--no-peer"], capture_output=True, text=True, check=True)
    assert "500 invented enterprises" in again.stdout
    assert "slowest: " in again.stdout
