"""All rules over all enterprises: Innozone's matcher, OpenFisca-core and DuckDB on the same seeded data in one run.

    python -m bench.match [--rows 1000000] [--policies 1000] [--limit 1.5] [--engines ours,openfisca,duckdb,…]

Each engine runs in its own process, so that its peak memory is its own. Timed is the work from rules in hand to counts
of true and unknown per rule; parsing texts, loading data and building the peer's system are not. The run fails when the
counts of the three-valued engines differ for any rule, or when ours takes longer than --limit seconds.

OpenFisca knows two values: an input nobody gave is its default. `openfisca` here has three-valued logic written by hand
in its formulas, so that counts can be compared; `openfisca2` is used as its documentation says (unknown = 0, false), and
its counts of true show what that costs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import match_data
from bench.match_data import Leaf, Rule

Counts = list[list[int]]

NAMES = {
    "ours": "Innozone Matcher",
    "near": "Innozone Matcher, with near misses and their leaf",
    "openfisca": "OpenFisca-core, three-valued by hand",
    "openfisca2": "OpenFisca-core, two-valued as documented",
    "duckdb": "DuckDB, NULL as unknown",
}
SEED = 20260630


def main() -> int:
    parser = argparse.ArgumentParser(description="Rules over enterprises: ours beside OpenFisca-core and DuckDB.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--unknown", type=float, default=0.1, help="share of values that nobody knows")
    parser.add_argument("--limit", type=float, default=1.5, help="seconds that ours may take")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each engine; the best counts")
    parser.add_argument("--patience", type=float, default=20, help="seconds after which an engine is not run again")
    parser.add_argument("--engines", default=",".join(NAMES))
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(ENGINES[options.engine](options)))
        return 0
    return compare(options)


def compare(options: argparse.Namespace) -> int:
    """Runs every engine in a process of its own and prints them side by side."""
    made = match_data.rules(options.policies, SEED)
    print(
        f"{options.rows:,} enterprises × {options.policies:,} policies of {match_data.COMPARISONS} comparisons "
        f"({match_data.distinct(made):,} distinct), {options.unknown:.0%} of values unknown"
    )
    found: dict[str, dict[str, Any]] = {}
    for engine in options.engines.split(","):
        command = [sys.executable, "-m", "bench.match", "--engine", engine]
        for name in ("rows", "policies", "unknown", "repeat", "patience"):
            command += [f"--{name}", str(getattr(options, name))]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found[engine] = json.loads(done.stdout.splitlines()[-1])
    base = found["ours"]["seconds"] if "ours" in found else float("nan")
    print(f"{'engine':58}{'seconds':>9}{'ratio':>8}{'cpu s':>8}{'data MB':>9}{'more MB':>9}{'true':>14}{'unknown':>14}")
    for engine, result in found.items():
        true = sum(each[0] for each in result["counts"])
        unknown = f"{sum(each[1] for each in result['counts']):,}" if engine != "openfisca2" else "none"
        print(
            f"{NAMES[engine] + ' ' + result['version']:58}{result['seconds']:9.2f}{result['seconds'] / base:8.1f}{result['cpu']:8.2f}"
            f"{result['data']:9.0f}{result['more']:9.0f}{true:14,}{unknown:>14}"
        )
    failures = []
    exact = {engine: result["counts"] for engine, result in found.items() if engine != "openfisca2"}
    reference = next(iter(exact.values()))
    for engine, counts in exact.items():
        wrong = [at for at, (one, other) in enumerate(zip(reference, counts, strict=True)) if one != other]
        if wrong:
            failures.append(
                f"{NAMES[engine]} counts otherwise than the first engine in {len(wrong)} policies: {wrong[:5]}"
            )
    if "ours" in found and base > options.limit:
        failures.append(f"ours took {base:.2f} s, more than {options.limit} s")
    print("counts of true and unknown are equal for every policy" if not failures else "\n".join(failures))
    return 1 if failures else 0


def measured(run: Callable[[], Counts], version: str, options: argparse.Namespace) -> dict[str, Any]:
    """Runs, with time and memory. `data`: resident before the run; `more`: the peak above that, both in MB."""
    before = _memory("VmRSS")
    _reset_peak()
    times: list[tuple[float, float]] = []
    counts: Counts = []
    while len(times) < options.repeat and sum(seconds for seconds, _ in times) < options.patience:
        started, busy = time.perf_counter(), time.process_time()
        counts = run()
        times.append((time.perf_counter() - started, time.process_time() - busy))
    seconds, cpu = min(times)
    more = _memory("VmHWM") - before
    return {"seconds": seconds, "cpu": cpu, "counts": counts, "data": before, "more": more, "version": version}


def _memory(field: str) -> float:
    """Current (VmRSS) or peak (VmHWM) resident memory in MB; NaN where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))
    except OSError:
        return float("nan")


def _reset_peak() -> None:
    """Lets the kernel forget the peak of loading the data; without that the figure is only an upper bound."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as control:
            control.write("5")
    except OSError:
        pass


# Ours.


def run_ours(options: argparse.Namespace, near: bool = False) -> dict[str, Any]:
    from importlib.metadata import version

    from innozone.kernel.rules import Matcher

    conditions = match_data.conditions(match_data.rules(options.policies, SEED))
    snapshot = match_data.snapshot(match_data.columns(options.rows, options.unknown, SEED))
    dictionary = match_data.dictionary()

    def run() -> Counts:
        matches = Matcher(snapshot, dictionary).match(conditions, members=False, near=near)
        return [[match.counts["true"], match.counts["unknown"]] for match in matches.values()]

    return measured(run, version("innozone"), options)


# OpenFisca.


def run_openfisca(options: argparse.Namespace, two_valued: bool = False) -> dict[str, Any]:
    from importlib.metadata import version

    from openfisca_core import periods
    from openfisca_core.entities import Entity
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    enterprise = Entity("enterprise", "enterprises", "An enterprise", "")
    system = TaxBenefitSystem([enterprise])

    def add(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        members: dict[str, Any] = {"value_type": kind, "entity": enterprise, "label": name}
        members["definition_period"] = periods.DateUnit.YEAR
        if formula is not None:
            members["formula"] = formula
        system.add_variable(type(name, (Variable,), members))

    raw = match_data.columns(options.rows, options.unknown, SEED)
    for name in raw:
        add(name, {"n": float, "c": int, "b": bool if two_valued else int}[name[0]])
    formula = _two_valued if two_valued else _three_valued
    for at, rule in enumerate(match_data.rules(options.policies, SEED)):
        add(f"r{at}", bool if two_valued else int, formula(rule))

    simulation = SimulationBuilder().build_default_simulation(system, options.rows)
    for name in list(raw):
        values = raw.pop(name)
        if two_valued:
            # Nobody gave the value: OpenFisca's default, 0 and false.
            values = np.where(np.isnan(values) if name[0] == "n" else values < 0, 0, values)
        simulation.set_input(name, "2026", values if name[0] == "n" else values.astype(np.int32))

    def run() -> Counts:
        counts = []
        for at in range(options.policies):
            verdicts = simulation.calculate(f"r{at}", "2026")
            if two_valued:
                counts.append([int(np.count_nonzero(verdicts)), 0])
            else:
                counts.append([int(np.count_nonzero(verdicts == 1)), int(np.count_nonzero(verdicts == 2))])
            # Results of all policies would fill the memory.
            simulation.delete_arrays(f"r{at}")
        return counts

    return measured(run, version("openfisca-core"), options)


def _three_valued(rule: Rule) -> Callable[..., Any]:
    def both(enterprise: Any, period: Any, part: Rule) -> tuple[Any, Any]:
        """Surely true, surely false."""
        if isinstance(part, Leaf):
            values = enterprise(part.column, period)
            known = ~np.isnan(values) if part.kind == "number" else values >= 0
            true = _holds(part, values) & known
            return true, known & ~true
        pairs = [both(enterprise, period, below) for below in part.parts]
        if part.word == "not":
            return pairs[0][1], pairs[0][0]
        if part.word == "and":
            return pairs[0][0] & pairs[1][0], pairs[0][1] | pairs[1][1]
        return pairs[0][0] | pairs[1][0], pairs[0][1] & pairs[1][1]

    def formula(enterprise: Any, period: Any, parameters: Any) -> Any:
        true, false = both(enterprise, period, rule)
        return np.where(true, 1, np.where(false, 0, 2))

    return formula


def _two_valued(rule: Rule) -> Callable[..., Any]:
    def holds(enterprise: Any, period: Any, part: Rule) -> Any:
        if isinstance(part, Leaf):
            return _holds(part, enterprise(part.column, period))
        found = [holds(enterprise, period, below) for below in part.parts]
        if part.word == "not":
            return ~found[0]
        return found[0] & found[1] if part.word == "and" else found[0] | found[1]

    def formula(enterprise: Any, period: Any, parameters: Any) -> Any:
        return holds(enterprise, period, rule)

    return formula


def _holds(leaf: Leaf, values: Any) -> Any:
    if leaf.kind == "number":
        operations = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}
        return operations[leaf.op](values, np.float32(leaf.limit))
    if leaf.kind == "code":
        return (values >= leaf.first) & (values <= leaf.last)
    return values == 1


# DuckDB.


def run_duckdb(options: argparse.Namespace) -> dict[str, Any]:
    import duckdb
    import pyarrow as pa

    made = match_data.rules(options.policies, SEED)
    raw = match_data.columns(options.rows, options.unknown, SEED)
    arrays = {}
    for name in list(raw):
        values = raw.pop(name)
        unknown = np.isnan(values) if name[0] == "n" else values < 0
        arrays[name] = pa.array(values == 1 if name[0] == "b" else values, mask=unknown)
    firms = pa.table(arrays)
    connection = duckdb.connect()
    connection.register("firms_in", firms)
    connection.execute("CREATE TABLE firms AS SELECT * FROM firms_in")
    connection.unregister("firms_in")
    del firms, arrays

    def run() -> Counts:
        counts: Counts = []
        # A hundred policies to a query: all at once, planning takes longer than the work.
        for first in range(0, len(made), 100):
            parts = [match_data.sql(rule) for rule in made[first : first + 100]]
            columns = ", ".join(f"count_if({part}), count({part})" for part in parts)
            row = connection.execute(f"SELECT {columns} FROM firms").fetchone() or ()
            counts += [[row[at], options.rows - row[at + 1]] for at in range(0, len(row), 2)]
        return counts

    return measured(run, duckdb.__version__, options)


ENGINES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "ours": run_ours,
    "near": lambda options: run_ours(options, near=True),
    "openfisca": run_openfisca,
    "openfisca2": lambda options: run_openfisca(options, two_valued=True),
    "duckdb": run_duckdb,
}


if __name__ == "__main__":
    sys.exit(main())
