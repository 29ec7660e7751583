"""What it costs to take unknown for zero: grants to the wrong and misses of the entitled, beside three-valued verdicts.

    python -m bench.unknowns [--rows 200000] [--policies 1000] [--unknown 0.1] [--json]

Data and rules are those of bench/match.py, and the truth is what the rules say of the whole data. Then a share of the
values is taken away at random. Ours says true, false or unknown; the peer's way puts zero, false and the first code in
the place of what nobody told, as OpenFisca does by default.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

from bench import match_data
from innozone.kernel.rules import Matcher

SEED = 20260630


def main() -> int:
    parser = argparse.ArgumentParser(description="Wrong verdicts when unknown is taken for zero, and ours.")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--unknown", type=float, default=0.1, help="share of values that nobody knows")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = figures(options.rows, options.policies, options.unknown)
    if options.json:
        print(json.dumps(found))
    else:
        print(f"{options.rows:,} enterprises × {options.policies:,} policies, {options.unknown:.0%} of values unknown")
        print(
            f"{'':28}{'wrong grants':>14}{'of grants':>11}{'missed':>12}{'of entitled':>13}{'open':>12}{'of pairs':>10}"
        )
        for name, way in found.items():
            print(
                f"{name:28}{way['wrong']:14,.0f}{way['wrong_share']:11.1%}{way['missed']:12,.0f}"
                f"{way['missed_share']:13.1%}{way['open']:12,.0f}{way['open_share']:10.1%}"
            )
    return 1 if found["three-valued"]["wrong"] or found["three-valued"]["missed"] else 0


def figures(rows: int, policies: int, unknown: float) -> dict[str, dict[str, float]]:
    """Per way: pairs granted wrongly and as a share of its grants; entitled pairs that it calls not entitled and as a
    share of the entitled; pairs that it leaves open and as a share of all."""
    rules = match_data.conditions(match_data.rules(policies, SEED))
    dictionary = match_data.dictionary()
    gaps = match_data.columns(rows, unknown, SEED)
    zeros = {
        name: np.where(np.isnan(values) if name[0] == "n" else values < 0, 0, values).astype(values.dtype)
        for name, values in gaps.items()
    }
    worlds = {"three-valued": gaps, "unknown taken for zero": zeros, "truth": match_data.columns(rows, 0.0, SEED)}
    shots = {name: match_data.snapshot(columns) for name, columns in worlds.items()}
    sums = {name: {"granted": 0, "wrong": 0, "missed": 0, "open": 0} for name in shots}
    entitled = 0
    everyone = np.arange(rows)
    # Rule by rule: the packed rows of all rules at once would fill the memory.
    for id, rule in rules.items():
        matches = {
            name: Matcher(shot, dictionary).match({id: rule}, members=True, near=False)[id]
            for name, shot in shots.items()
        }
        truth = np.isin(everyone, matches["truth"].rows("true"), assume_unique=True)
        entitled += int(truth.sum())
        for name, match in matches.items():
            granted = np.isin(everyone, match.rows("true"), assume_unique=True)
            refused = np.isin(everyone, match.rows("false"), assume_unique=True)
            sums[name]["granted"] += int(granted.sum())
            sums[name]["wrong"] += int((granted & ~truth).sum())
            sums[name]["missed"] += int((refused & truth).sum())
            sums[name]["open"] += rows - int(granted.sum()) - int(refused.sum())
    return {
        name: {
            **found,
            "wrong_share": found["wrong"] / max(found["granted"], 1),
            "missed_share": found["missed"] / max(entitled, 1),
            "open_share": found["open"] / max(rows * policies, 1),
        }
        for name, found in sums.items()
        if name != "truth"
    }


if __name__ == "__main__":
    sys.exit(main())
