"""The benchmark behind docs/scale.md runs, and its figures hang together."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_rates_and_what_they_come_to() -> None:
    arguments = ["--rows", "2000", "--repeat", "1", "--many", "200", "--firms", "1000000", "--cores", "4", "--no-spark"]
    command = [sys.executable, "-m", "bench.scale", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    rates, estimate = found["rates"], found["estimate"]
    assert all(figure > 0 for figure in [*rates.values(), *estimate.values()])
    assert rates["bytes in memory per row and column of kind number"] == 8
    assert rates["items of the pack with money"] < rates["items of the pack"]
    assert estimate["part files"] == 500
    matching = 1e6 * 10_000 / rates["pack: pairs per core second, money too"] / 3600
    assert estimate["core hours of matching, rules like the pack's"] == pytest.approx(matching)
    minutes = (matching + estimate["core hours of reading"]) * 60 / 4
    assert estimate["minutes, rules like the pack's"] == pytest.approx(minutes)
    assert estimate["minutes of a night, rules like the pack's"] == pytest.approx(minutes / 100)
