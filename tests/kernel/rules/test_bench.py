"""The benchmark runs, and its engines count the same."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_all_engines_of_the_test_environment_count_the_same() -> None:
    command = [sys.executable, "-m", "bench.match", "--rows", "3000", "--policies", "40", "--limit", "30"]
    done = subprocess.run([*command, "--engines", "ours,near,duckdb"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "counts of true and unknown are equal for every policy" in done.stdout


@pytest.mark.slow
def test_a_run_above_the_limit_fails() -> None:
    command = [
        sys.executable,
        "-m",
        "bench.match",
        "--rows",
        "3000",
        "--policies",
        "40",
        "--limit",
        "0",
        "--engines",
        "ours",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "more than 0.0 s" in done.stdout
