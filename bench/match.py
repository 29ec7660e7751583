"""All rules over all enterprises: Innozone's matcher, OpenFisca-core and DuckDB on the same seeded data in one run.

    python -m bench.match [--rows 1000000] [--policies 1000] [--limit 1.0] [--engines ours,openfisca2,duckdb,…] [--json]

Each engine runs in its own process, so that its peak memory is its own. Timed is the work from rules in hand to counts
of true and unknown per rule; parsing texts, loading data and building the peer's system are not. Every rule compares five
different facts: that a fact compared twice settles more than Kleene's logic does is no matter here.

OpenFisca knows two values: an input nobody gave is its default. `openfisca2` is used as its documentation says (unknown =
0, false; results stay in the simulation), and its counts of true show what that costs; `openfisca` has three-valued logic
written by hand in its formulas, so that counts can be compared. The `-lean` ways delete each result at once, which its
documentation does not.

The run fails when the counts of the three-valued engines differ for any rule, when ours takes longer than --limit seconds,
and, at full size, when any other bar of MOST and FASTER is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from bench import match_data
from bench.match_engines import ENGINES, SEED

Found = dict[str, dict[str, Any]]

NAMES = {
    "ours": "Innozone",
    "openfisca2": "OpenFisca-core, two-valued as documented",
    "openfisca2-lean": "OpenFisca-core, two-valued, results deleted",
    "openfisca": "OpenFisca-core, three-valued by hand",
    "openfisca-lean": "OpenFisca-core, three-valued, results deleted",
    "duckdb": "DuckDB, NULL as unknown",
    "near": "Innozone, with near misses and their leaf",
    "one": "Innozone, one enterprise",
    "one-openfisca2": "OpenFisca-core, two-valued, one enterprise",
    "explain": "Innozone, one explanation, the slowest",
    "changed": "Innozone, one new policy",
    "changed-openfisca2": "OpenFisca-core, two-valued, one new policy",
    "changed-duckdb": "DuckDB, one new policy",
}

#: (what, engine, figure, at most) and (what, engine, times faster than it, at least) at full size.
MOST = [
    ("counts of all pairs", "ours", "more", 200.0),
    ("near misses of all pairs", "near", "seconds", 1.5),
    ("one enterprise, verdicts", "one", "seconds", 0.0002),
    ("one enterprise, one explanation", "explain", "seconds", 0.002),
    ("one new policy over everyone", "changed", "seconds", 0.010),
]
FASTER = [("openfisca2", 6.0), ("openfisca", 15.0), ("duckdb", 30.0)]
FULL = (1_000_000, 1000)

#: What an engine's time is held against.
BASE = {
    "one-openfisca2": "one",
    "changed-openfisca2": "changed",
    "changed-duckdb": "changed",
    "one": "one",
    "changed": "changed",
}
EXACT = ("ours", "near", "openfisca", "openfisca-lean", "duckdb")


def main() -> int:
    parser = argparse.ArgumentParser(description="Rules over enterprises: ours beside OpenFisca-core and DuckDB.")
    parser.add_argument("--rows", type=int, default=FULL[0])
    parser.add_argument("--policies", type=int, default=FULL[1])
    parser.add_argument("--unknown", type=float, default=0.1, help="share of values that nobody knows")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds that ours may take")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each engine; the best counts")
    parser.add_argument("--patience", type=float, default=20, help="seconds after which an engine is not run again")
    parser.add_argument("--engines", default=",".join(NAMES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(ENGINES[options.engine](options)))
        return 0
    found = {engine: _run(engine, options) for engine in options.engines.split(",")}
    failures = missed(found, options)
    if options.json:
        print(json.dumps(_data(found, failures, options), ensure_ascii=False, indent=1))
    else:
        _show(found, failures, options)
    return 1 if failures else 0


def _run(engine: str, options: argparse.Namespace) -> dict[str, Any]:
    """An engine's figures, from a process of its own."""
    command = [sys.executable, "-m", "bench.match", "--engine", engine]
    for name in ("rows", "policies", "unknown", "repeat", "patience"):
        command += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def missed(found: Found, options: argparse.Namespace) -> list[str]:
    """Every bar that is not reached, in words."""
    failures = []
    exact = {engine: result["counts"] for engine, result in found.items() if engine in EXACT}
    reference = next(iter(exact.values()), [])
    for engine, counts in exact.items():
        wrong = [at for at, (one, other) in enumerate(zip(reference, counts, strict=True)) if one != other]
        if wrong:
            failures.append(f"{NAMES[engine]} counts otherwise than the first in {len(wrong)} policies: {wrong[:5]}")
    if "ours" in found and found["ours"]["seconds"] > options.limit:
        failures.append(f"ours took {found['ours']['first']:.2f} s, more than {options.limit} s")
    if (options.rows, options.policies) != FULL:
        return failures
    for what, engine, figure, most in MOST:
        if engine in found and found[engine][figure] > most:
            failures.append(f"{what}: {found[engine][figure]:.4g} is more than {most:g} ({figure})")
    for engine, least in FASTER:
        times = _ratio(engine, found)
        if times is not None and times < least:
            failures.append(f"{NAMES[engine]} takes {times:.1f} times as long, less than {least:g} times")
    return failures


def _ratio(engine: str, found: Found) -> float | None:
    """How many times as long as ours for the same work."""
    base = BASE.get(engine, "ours")
    if engine not in found or base not in found or engine == "explain":
        return None
    times: float = found[engine]["seconds"] / found[base]["seconds"]
    return times


def _data(found: Found, failures: list[str], options: argparse.Namespace) -> dict[str, Any]:
    engines = {}
    for engine, result in found.items():
        kept = {key: value for key, value in result.items() if key != "counts"}
        sums = {name: sum(each[at] for each in result["counts"]) for at, name in enumerate(("true", "unknown"))}
        engines[engine] = {"name": NAMES[engine]} | kept | {"ratio": _ratio(engine, found)} | sums
    return {
        "rows": options.rows,
        "policies": options.policies,
        "unknown": options.unknown,
        "engines": engines,
        "missed": failures,
    }


def _show(found: Found, failures: list[str], options: argparse.Namespace) -> None:
    made = match_data.rules(options.policies, SEED)
    print(
        f"{options.rows:,} enterprises × {options.policies:,} policies of {match_data.COMPARISONS} comparisons "
        f"({match_data.distinct(made):,} distinct), {options.unknown:.0%} of values unknown"
    )
    print(f"{'':53}{'ms':>11}{'× ours':>8}{'data MB':>9}{'more MB':>9}{'true':>14}{'unknown':>13}")
    for engine, result in found.items():
        ratio = _ratio(engine, found)
        true, unknown = (sum(each[at] for each in result["counts"]) for at in (0, 1))
        said = "none" if "openfisca2" in engine else f"{unknown:,}"
        print(
            f"{NAMES[engine] + ' ' + result['version']:53}{result['seconds'] * 1000:11,.2f}"
            f"{'' if ratio is None else f'{ratio:.1f}':>8}{result['data']:9.0f}{result['more']:9.0f}"
            f"{f'{true:,}' if true else '':>14}{said if true else '':>13}"
        )
    exact = [engine for engine in found if engine in EXACT]
    if len(exact) > 1 and not any("counts otherwise" in failure for failure in failures):
        print("counts of true and unknown are equal for every policy")
    print("\n".join(failures) if failures else "every bar is reached")


if __name__ == "__main__":
    sys.exit(main())
