"""Rules as SQL with the same three-valued meaning: NULL is unknown.

One boolean (or value) expression over a table with one column per variable and year, named as in a snapshot
(`"revenue@2025"`, `"industry"`, `"ip[]"`): double, date, boolean, text, lists of text for sets of codes, and lists of
structs for records (in PostgreSQL arrays of a composite type). Numbers are finite or NULL.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import count

from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.sql.dialects import Dialect, DuckDb, Postgres, Spark
from innozone.kernel.rules.sql.writer import Writer
from innozone.kernel.rules.tree import Expr
from innozone.kernel.terms import Dictionary

DIALECTS: dict[str, Dialect] = {"duckdb": DuckDb(), "spark": Spark(), "postgres": Postgres()}


def to_sql(
    rule: Condition | Expr,
    dictionary: Dictionary,
    as_of: date,
    dialect: str = "duckdb",
    *,
    columns: Collection[str] | None = None,
) -> str:
    """The SQL expression of a rule for the reference day `as_of`, in one of DIALECTS.

    `columns`: the names that the table has; any other column is NULL (None: the table has all that no formula gives).
    Raises ValueError for another dialect, for an unknown variable, a year that is missing or too many, and a rule whose
    SQL would be longer than MOST_TEXT.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"there is no dialect {dialect}; the dialects are: {', '.join(DIALECTS)}")
    known = None if columns is None else frozenset(columns)
    writer = Writer(dictionary, as_of, DIALECTS[dialect], known, count(1))
    return writer.value(rule).sql if isinstance(rule, Expr) else writer.truth(rule)
