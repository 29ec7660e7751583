"""A figure of a rule moved over everyone: the sandbox's step beside the same question put to DuckDB.

    python -m bench.sandbox [--rows 1000000] [--limit 0.005] [--json]

The rule asks for revenue, R&D expense, points and good standing, and pays a share of the R&D expense up to a cap; a tenth
of the values is unknown. A step moves the threshold of revenue (or the share, or the cap) and gives who is entitled and
unknown, the cost between low and high, winners and losers with their money. DuckDB counts entitled and unknown and adds up
the cost of the entitled only. The run fails when the counts differ or a step takes longer than --limit (the median).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from innozone.kernel.columns import Flags, Numbers, Snapshot
from innozone.kernel.rules import load_condition, parse, to_sql
from innozone.kernel.rules.bulk.knobs import turned
from innozone.kernel.rules.bulk.sandbox import Sandbox
from innozone.kernel.terms import Dictionary, Label, Variable

AS_OF = date(2026, 6, 30)
SEED = 20260630
STEPS = 15

DICTIONARY = Dictionary(
    {
        variable.code: variable
        for variable in (
            Variable("revenue", Label("营业收入", "Revenue"), "money", "元", "year", minimum=0),
            Variable("rd_expense", Label("研发费用", "R&D expense"), "money", "元", "year", minimum=0),
            Variable("points", Label("评价得分", "Points"), "number", "分"),
            Variable("good_standing", Label("信用良好", "In good standing"), "bool"),
        )
    },
    {},
)
CONDITION = load_condition(
    {"all": ["revenue[-1] >= 2000万", "rd_expense[-1] >= 50万", "points >= 60", "good_standing"]}
)
BENEFIT = parse("min(20% * rd_expense[-1], 50万)")

#: What is moved: the figure's place, and its values one step after the other.
MOVES: dict[str, tuple[int, list[Decimal]]] = {
    "threshold": (0, [Decimal(1000_0000 + 200_0000 * at) for at in range(STEPS)]),
    "rate": (-2, [Decimal(10 + at) / 100 for at in range(STEPS) if at != 10]),
    "cap": (-1, [Decimal(20_0000 + 5_0001 * at) for at in range(STEPS)]),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="One step of the sandbox beside DuckDB.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--limit", type=float, default=0.005, help="seconds that the median step may take")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    shot = snapshot(options.rows)
    started = time.perf_counter()
    sandbox = Sandbox(shot, DICTIONARY, CONDITION, BENEFIT)
    prepared = time.perf_counter() - started
    peer = _Duck(shot)
    found: dict[str, Any] = {"rows": options.rows, "live": len(sandbox.live), "prepared": prepared, "moves": {}}
    failures = []
    for name, (at, values) in MOVES.items():
        id = sandbox.knobs[at].id
        ours = [_timed(sandbox.step, {id: value}) for value in values]
        theirs = [_timed(peer.step, sandbox, {id: value}) for value in values[:5]]
        for (_, outcome), (_, counts) in zip(ours, theirs, strict=False):
            if (outcome.counts["true"], outcome.counts["unknown"]) != counts[:2]:
                failures.append(f"{name}: ours counts {outcome.counts}, DuckDB {counts}")
            elif outcome.sure is None or abs(outcome.sure.low - counts[2]) > 1e-6 * max(1.0, counts[2]):
                failures.append(f"{name}: ours pays {outcome.sure}, DuckDB {counts[2]}")
        median, other = (float(np.median([seconds for seconds, _ in each])) for each in (ours, theirs))
        found["moves"][name] = {"seconds": median, "slowest": max(ours)[0], "duckdb": other, "ratio": other / median}
        if median > options.limit:
            failures.append(f"{name}: {median * 1000:.1f} ms a step, more than {options.limit * 1000:g} ms")
    found["failures"] = failures
    if options.json:
        print(json.dumps(found))
    else:
        _print(found)
    return 1 if failures else 0


def snapshot(rows: int) -> Snapshot:
    """Firms with a tenth of the values unknown; amounts spread as sizes of firms do."""
    random = np.random.default_rng(SEED)

    def unknown(values: Any) -> Any:
        values[random.random(rows) < 0.1] = np.nan
        return values

    standing = np.where(random.random(rows) < 0.9, 1, 0).astype(np.int8)
    standing[random.random(rows) < 0.1] = -1
    return Snapshot.from_columns(
        {
            "revenue@2025": Numbers(unknown(np.round(random.lognormal(np.log(2e7), 1.2, rows)))),
            "rd_expense@2025": Numbers(unknown(np.round(random.lognormal(np.log(1.2e6), 1.2, rows)))),
            "points": Numbers(unknown(random.integers(0, 100, rows).astype(np.float64))),
            "good_standing": Flags(standing),
        },
        as_of=AS_OF,
        dictionary=DICTIONARY,
    )


class _Duck:
    def __init__(self, shot: Snapshot) -> None:
        arrays = {}
        for name in shot.names:
            column = shot.column(name)
            assert isinstance(column, Numbers | Flags)
            gaps = np.isnan(column.values) if isinstance(column, Numbers) else column.values < 0
            arrays[name] = pa.array(column.values == 1 if isinstance(column, Flags) else column.values, mask=gaps)
        firms = pa.table(arrays)
        self.connection = duckdb.connect()
        self.connection.register("given", firms)
        self.connection.execute("CREATE TABLE firms AS SELECT * FROM given")

    def step(self, sandbox: Sandbox, moved: dict[str, Decimal]) -> tuple[int, int, float]:
        """Rows that are true and unknown, and what the true ones get."""
        condition, benefit = turned(sandbox.condition, sandbox.benefit, moved)
        assert benefit is not None
        holds, amount = (to_sql(each, DICTIONARY, AS_OF) for each in (condition, benefit))
        query = f"SELECT count_if({holds}), count(*) - count({holds}), sum({amount}) FILTER ({holds}) FROM firms"
        true, unknown, paid = self.connection.execute(query).fetchone() or (0, 0, 0.0)
        return true, unknown, paid or 0.0


def _timed(work: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work(*given)
    return time.perf_counter() - started, found


def _print(found: dict[str, Any]) -> None:
    print(
        f"{found['rows']:,} enterprises, {found['live']:,} that some figures would pay; prepared in {found['prepared']:.2f} s"
    )
    print(f"{'moved':12}{'ms a step':>11}{'slowest':>9}{'DuckDB ms':>11}{'ratio':>7}")
    for name, move in found["moves"].items():
        cells = (move["seconds"] * 1000, move["slowest"] * 1000, move["duckdb"] * 1000, move["ratio"])
        print(f"{name:12}{cells[0]:11.2f}{cells[1]:9.2f}{cells[2]:11.1f}{cells[3]:7.1f}")
    print("counts and sums are those of DuckDB" if not found["failures"] else "\n".join(found["failures"]))


if __name__ == "__main__":
    sys.exit(main())
