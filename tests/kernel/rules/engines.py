"""Rules asked of every engine in its own way over the same rows: what each gives, rule by rule and row by row."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from innozone.kernel.columns import Snapshot, SnapshotWriter, column_name
from innozone.kernel.rules import Condition, Expr, Matcher, Subject, Test, Truth, evaluate, to_sql, value
from innozone.kernel.rules.sql import DIALECTS
from innozone.kernel.terms import UNKNOWN
from tests.kernel.rules.sample import AS_OF, DICTIONARY, IP, keys

Facts = dict[str, dict[int | None, Any]]
Records = list[dict[str, Any]] | None
Rules = Sequence[Condition | Expr]
Answers = list[list[Any]]

RECORDS = "ip[]"


@dataclass(frozen=True)
class Firm:
    """The facts of one party, and its `ip` records (None: nobody knows)."""

    facts: Facts
    records: Records = None

    def subject(self) -> Subject:
        return Subject(DICTIONARY, self.facts, AS_OF, {} if self.records is None else {"ip": self.records})


def snapshot(firms: Sequence[Firm]) -> Snapshot:
    """The firms as a snapshot with all columns, also those of which nothing is known."""
    columns: dict[str, Any] = {
        column_name(name, year): [firm.facts.get(name, {}).get(year) for firm in firms] for name, year in keys()
    }
    columns[RECORDS] = [firm.records for firm in firms]
    return Snapshot.from_columns(columns, as_of=AS_OF, party=np.arange(len(firms)), dictionary=DICTIONARY)


def written(firms: Sequence[Firm], folder: Path, parts: int = 2) -> Path:
    """The folder of a snapshot of the firms in some parts."""
    whole = snapshot(firms)
    size = -(-len(firms) // parts)
    with SnapshotWriter(folder, as_of=AS_OF, dictionary=DICTIONARY) as writer:
        for start in range(0, len(firms), size):
            rows = slice(start, start + size)
            writer.append(whole.party[rows], {name: whole.column(name).take(rows) for name in whole.names})  # type: ignore[union-attr]
    return folder


def _select(rules: Rules, dialect: str) -> str:
    columns = {RECORDS, *(column_name(name, year) for name, year in keys())}
    parts = [to_sql(rule, DICTIONARY, AS_OF, dialect, columns=columns) for rule in rules]
    quoted = [DIALECTS[dialect].identifier(f"rule {at}") for at in range(len(parts))]
    return ", ".join(f"{part} AS {name}" for part, name in zip(parts, quoted, strict=True))


def by_reference(rules: Rules, firms: Sequence[Firm]) -> Answers:
    """The reference evaluator; as all engines do, None for unknown."""
    subjects = [firm.subject() for firm in firms]

    def answer(rule: Condition | Expr, subject: Subject) -> Any:
        if isinstance(rule, Condition):
            return {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}[evaluate(rule, subject)]
        found = value(rule, subject)
        return None if found is UNKNOWN else found

    return [[answer(rule, subject) for rule in rules] for subject in subjects]


def by_bitmaps(rules: Rules, firms: Sequence[Firm]) -> Answers:
    """The bulk engine; verdicts only."""
    conditions = {str(at): rule if isinstance(rule, Condition) else Test(rule) for at, rule in enumerate(rules)}
    matches = Matcher(snapshot(firms), DICTIONARY, block_rows=64).match(conditions, near=False)
    marks = {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}
    return [[marks[matches[id].truth(row)] for id in conditions] for row in range(len(firms))]


def by_duckdb(rules: Rules, folder: Path) -> Answers:
    """DuckDB over the part files of a snapshot."""
    with closing(duckdb.connect()) as connection:
        query = f"SELECT {_select(rules, 'duckdb')} FROM read_parquet('{folder}/*.parquet') ORDER BY party"
        return [list(row) for row in connection.execute(query).fetchall()]


def by_spark(rules: Rules, folder: Path, spark: Any) -> Answers:
    """Spark SQL over the part files of a snapshot."""
    spark.read.parquet(str(folder), pathGlobFilter="*.parquet").createOrReplaceTempView("firms")
    found = spark.sql(f"SELECT party, {_select(rules, 'spark')} FROM firms ORDER BY party").collect()
    return [list(row)[1:] for row in found]


def by_postgres(rules: Rules, connection: psycopg.Connection[Any]) -> Answers:
    """PostgreSQL over the table that `filled` made."""
    query = f"SELECT {_select(rules, 'postgres')} FROM firms ORDER BY party"
    return [list(row) for row in connection.execute(query.encode()).fetchall()]


@contextmanager
def postgres() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the database of the tests; all that is made in it is temporary."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        types = DIALECTS["postgres"].types
        kinds = {"code": "code", "date": "date", "bool": "bool", "money": "number"}
        fields = [f'"{field.code}" {types[kinds[field.type]]}' for field in IP.fields]
        connection.execute(f"CREATE TYPE pg_temp.ip AS ({', '.join(fields)})".encode())
        yield connection


def filled(connection: psycopg.Connection[Any], firms: Sequence[Firm]) -> None:
    """Puts the firms into a new table `firms`."""
    shot = snapshot(firms)
    dialect = DIALECTS["postgres"]
    names = [name for name in shot.names if name != RECORDS]
    columns = [f"{dialect.identifier(name)} {dialect.types[str(shot.kind(name))]}" for name in names]
    connection.execute("DROP TABLE IF EXISTS pg_temp.firms")
    records = f"{dialect.identifier(RECORDS)} pg_temp.ip[]"
    connection.execute(f"CREATE TEMP TABLE firms (party bigint, {', '.join(columns)}, {records})".encode())
    listed = "(SELECT coalesce(array_agg(r), '{}') FROM jsonb_populate_recordset(NULL::pg_temp.ip, %s) AS r)"
    marks = ", ".join(["%s"] * (len(names) + 1))
    insert = f"INSERT INTO firms VALUES ({marks}, CASE WHEN %s THEN {listed} END)".encode()
    for row, firm in enumerate(firms):
        cells = []
        for name in names:
            column = shot.column(name)
            assert column is not None
            cell = column.get(row)
            cells.append(None if cell is UNKNOWN else sorted(cell) if isinstance(cell, frozenset) else cell)
        rows = [{name: _plain(cell) for name, cell in record.items()} for record in firm.records or []]
        connection.execute(insert, [row, *cells, firm.records is not None, Jsonb(rows)])


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, bool | str) else cell.isoformat() if hasattr(cell, "isoformat") else float(cell)
