"""The engines of bench/match.py: Innozone, OpenFisca-core and DuckDB over the same seeded data and rules."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from bench import match_data
from bench.match_data import Leaf, Rule
from bench.measure import measured

#: Per policy: rows that are true, rows that are unknown.
Counts = list[list[int]]

SEED = 20260630

#: Single enterprises are judged so often, each another one.
FIRMS = 200


def run_ours(options: argparse.Namespace, near: bool = False) -> dict[str, Any]:
    from innozone.kernel.rules import Matcher

    conditions = match_data.conditions(match_data.rules(options.policies, SEED))
    snapshot = match_data.snapshot(match_data.columns(options.rows, options.unknown, SEED))
    dictionary = match_data.dictionary()

    def run() -> Counts:
        matches = Matcher(snapshot, dictionary).match(conditions, members=False, near=near)
        return [[match.counts["true"], match.counts["unknown"]] for match in matches.values()]

    figures, counts = measured(run, options.repeat, options.patience)
    return figures | {"counts": counts, "version": version("innozone")}


def run_changed(options: argparse.Namespace) -> dict[str, Any]:
    """One new policy over everyone, compiled and matched with its near misses and rows; the others stay as they are."""
    from innozone.kernel.rules import Matcher

    conditions = match_data.conditions(match_data.rules(options.policies + 1, SEED))
    snapshot = match_data.snapshot(match_data.columns(options.rows, options.unknown, SEED))
    matcher = Matcher(snapshot, match_data.dictionary())
    *others, new = conditions
    matches = matcher.match({id: conditions[id] for id in others[:20]}, members=True)

    def run() -> Counts:
        match = matcher.update(matches, {new: conditions[new]})[new]
        return [[match.counts["true"], match.counts["unknown"]]]

    figures, counts = measured(run, 7, options.patience)
    return figures | {"counts": counts, "version": version("innozone")}


def run_one(options: argparse.Namespace) -> dict[str, Any]:
    """One enterprise under all policies, from its plain values; each verdict compared with the reference evaluator's."""
    from innozone.kernel.rules import Judge, Program, Subject, evaluate

    snapshot = match_data.snapshot(match_data.columns(FIRMS, options.unknown, SEED))
    dictionary = match_data.dictionary()
    conditions = match_data.conditions(match_data.rules(options.policies, SEED))
    judge = Judge(Program(conditions, dictionary, snapshot.as_of))
    firms = [Subject(dictionary, snapshot.values(row), snapshot.as_of) for row in range(snapshot.rows)]
    for firm in firms[:5]:
        wanted = [evaluate(condition, firm) for condition in conditions.values()]
        assert list(judge.verdicts(firm).values()) == wanted, "the verdicts are not those of the reference evaluator"

    def run() -> Counts:
        for firm in firms:
            truths = judge.truths(firm)
        return [[int((truths == 2).sum()), int((truths == 1).sum())]]

    figures, counts = measured(run, 7, options.patience)
    for name in ("seconds", "cpu"):
        figures[name] /= len(firms)
    return figures | {"counts": counts, "version": version("innozone")}


def run_explain(options: argparse.Namespace) -> dict[str, Any]:
    """The full explanation of one enterprise under one policy; the slowest policy of all counts."""
    from innozone.kernel.rules import Subject, explain

    snapshot = match_data.snapshot(match_data.columns(1, options.unknown, SEED))
    firm = Subject(match_data.dictionary(), snapshot.values(0), snapshot.as_of)
    conditions = match_data.conditions(match_data.rules(options.policies, SEED))
    figures: dict[str, float] = {}
    for condition in conditions.values():
        found, _ = measured(lambda condition=condition: explain(condition, firm), 3)
        if not figures or found["seconds"] > figures["seconds"]:
            figures = found
    return figures | {"counts": [], "version": version("innozone")}


# OpenFisca.


def run_openfisca(
    options: argparse.Namespace, two_valued: bool = False, rows: int = 0, last: bool = False, keep: bool = True
) -> dict[str, Any]:
    """`keep`: results stay in the simulation, as they do when nobody deletes them. `last`: one more policy, and only it."""
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

    rows = rows or options.rows
    raw = match_data.columns(rows, options.unknown, SEED)
    for name in raw:
        add(name, {"n": float, "c": int, "b": bool if two_valued else int}[name[0]])
    formula = _two_valued if two_valued else _three_valued
    for at, rule in enumerate(match_data.rules(options.policies + last, SEED)):
        add(f"r{at}", bool if two_valued else int, formula(rule))

    simulation = SimulationBuilder().build_default_simulation(system, rows)
    for name in list(raw):
        values = raw.pop(name)
        if two_valued:
            # Nobody gave the value: OpenFisca's default, 0 and false.
            values = np.where(np.isnan(values) if name[0] == "n" else values < 0, 0, values)
        simulation.set_input(name, "2026", values if name[0] == "n" else values.astype(np.int32))
    asked = [options.policies] if last else range(options.policies)

    def run() -> Counts:
        counts = []
        for at in asked:
            # What an earlier run kept would be looked up, not calculated.
            simulation.delete_arrays(f"r{at}")
            verdicts = simulation.calculate(f"r{at}", "2026")
            if two_valued:
                counts.append([int(np.count_nonzero(verdicts)), 0])
            else:
                counts.append([int(np.count_nonzero(verdicts == 1)), int(np.count_nonzero(verdicts == 2))])
            if not keep:
                simulation.delete_arrays(f"r{at}")
        return counts

    figures, counts = measured(run, options.repeat, options.patience)
    return figures | {"counts": counts, "version": version("openfisca-core")}


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


def run_duckdb(options: argparse.Namespace, last: bool = False) -> dict[str, Any]:
    import duckdb
    import pyarrow as pa

    made = match_data.rules(options.policies + last, SEED)
    made = made[-1:] if last else made
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

    figures, counts = measured(run, options.repeat, options.patience)
    return figures | {"counts": counts, "version": duckdb.__version__}


ENGINES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "ours": run_ours,
    "openfisca2": lambda options: run_openfisca(options, two_valued=True),
    "openfisca2-lean": lambda options: run_openfisca(options, two_valued=True, keep=False),
    "openfisca": run_openfisca,
    "openfisca-lean": lambda options: run_openfisca(options, keep=False),
    "duckdb": run_duckdb,
    "near": lambda options: run_ours(options, near=True),
    "one": run_one,
    "one-openfisca2": lambda options: run_openfisca(options, two_valued=True, rows=1),
    "explain": run_explain,
    "changed": run_changed,
    "changed-openfisca2": lambda options: run_openfisca(options, two_valued=True, last=True),
    "changed-duckdb": lambda options: run_duckdb(options, last=True),
}
