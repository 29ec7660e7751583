"""A firm's records (patents, titles, loans) as rules ask for them: for one party, and as columns for all.

What it means that a firm has no record depends on the contract's coverage, as for aggregates. `complete`: it has none.
`partial`: nobody knows. Nobody knows either before the first delivery, and of a firm that a row put aside may speak of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from innozone.foundation.facts.aggregates import in_doubt
from innozone.foundation.facts.models import Dataset
from innozone.kernel.columns import Codes, Column, Flags, Numbers, Record, Records, column_of, records_name
from innozone.kernel.columns.arrays import KIND_OF_TYPE, positions
from innozone.kernel.terms import Dictionary, Unknown, Value, Variable, parse_value

_IN_FORCE = "superseded_at is null and (date is null or date <= %(as_of)s)"

# Records of one kind, in the order of party and record; everything below meets them in this order.
_RECORDS = (
    "select party_id, data from facts_record where dataset_id = %(dataset)s "
    f"and {_IN_FORCE} and party_id = any(%(parties)s) order by party_id, id"
)


def of_party(known: Dictionary, party: int, as_of: date) -> dict[str, tuple[Record, ...]]:
    """The records of one party by kind; kinds of which nobody knows are left out. One query, none without kinds."""
    if not known.records:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.code, t.contract->>'coverage' = 'complete' and "
            "exists (select 1 from facts_delivery d where d.dataset_id = t.id and d.status = 'taken') and "
            f"not exists (select 1 from ({in_doubt('t.id')}) h where h.party = %(party)s), "
            f"(select json_agg(data order by id) from facts_record where dataset_id = t.id and party_id = %(party)s "
            f"and {_IN_FORCE}) from facts_dataset t where t.code = any(%(codes)s)",
            {"party": party, "as_of": as_of, "codes": list(known.records)},
        )
        rows = cursor.fetchall()
    return {code: typed(known, code, data or ()) for code, complete, data in rows if complete or data}


def typed(known: Dictionary, code: str, data: Iterable[Mapping[str, Any]]) -> tuple[Record, ...]:
    """Records from JSON as rules take them; fields that are not known are left out."""
    found = []
    for record in data:
        values = {field.code: _value(known, field, record.get(field.code)) for field in known.records[code].fields}
        found.append({name: value for name, value in values.items() if value is not None})
    return tuple(found)


def _value(known: Dictionary, field: Variable, cell: Any) -> Value | None:
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, list):
        return frozenset(cell)
    value = parse_value(field, str(cell), field.unit, known.codelist_of(field))
    return None if isinstance(value, Unknown) else value


def columns_of(known: Dictionary, parties: NDArray[np.int64], as_of: date) -> dict[str, Column]:
    """The column of each kind of records for the given parties, in their order (ids ascending)."""
    made: dict[str, Column] = {}
    for dataset in Dataset.objects.filter(code__in=known.records):
        kind = known.records[dataset.code]
        params: dict[str, Any] = {"dataset": dataset.pk, "as_of": as_of, "parties": parties.tolist()}
        cells = [_cell(known, field, params) for field in kind.fields]
        with connection.cursor() as cursor:
            cursor.execute(
                f"select string_agg(int8send(party_id), ''::bytea){''.join(f', {cell}' for cell in cells)} "
                f"from ({_RECORDS}) r",
                params,
            )
            owners, *found = cursor.fetchone()
            held = np.searchsorted(parties, np.frombuffer(owners or b"", dtype=">i8"))
            sizes = np.bincount(held, minlength=len(parties))
            there = _known(cursor, dataset, parties) | (sizes > 0)
        offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        fields: dict[str, Any] = {
            field.code: _column(known, field, cell) for field, cell in zip(kind.fields, found, strict=True)
        }
        made[records_name(dataset.code)] = Records(offsets, there, fields)
    return made


def _known(cursor: Any, dataset: Dataset, parties: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of whom it is known that all their records are here."""
    taken = dataset.deliveries.filter(status="taken").exists()
    if not taken or dataset.contract.get("coverage") != "complete":
        return np.zeros(len(parties), dtype=bool)
    cursor.execute(in_doubt("%(dataset)s"), {"dataset": dataset.pk})
    return ~np.isin(parties, np.array([row[0] for row in cursor.fetchall()], dtype=np.int64))


def _cell(known: Dictionary, field: Variable, params: dict[str, Any]) -> str:
    """The aggregate that gives all values of a field at once: bytes of float8, or JSON for sets of codes."""
    name = f"f{len(params)}"
    params[name] = field.code
    cell = f"r.data->>%({name})s"
    if field.type == "codes":
        return f"json_agg(r.data->%({name})s)::text"
    if field.type == "bool":
        number = f"case {cell} when 'true' then 1 when 'false' then 0 end"
    elif field.type == "date":
        number = f"({cell})::date - date '1970-01-01'"
    elif field.type == "code":
        params[f"{name}_codes"] = list(_categories(known, field))
        number = f"array_position(%({name}_codes)s::text[], {cell}) - 1"
    else:
        number = cell
    return f"string_agg(float8send(coalesce(({number})::float8, 'NaN')), ''::bytea)"


def _categories(known: Dictionary, field: Variable) -> tuple[str, ...]:
    codelist = known.codelist_of(field)
    return tuple(sorted(codelist.by_code)) if codelist is not None else ()


def _column(known: Dictionary, field: Variable, cell: Any) -> Column:
    if field.type == "codes":
        return column_of(json.loads(cell or "[]"), "codes")
    values = np.frombuffer(cell or b"", dtype=">f8").astype(np.float64)
    if field.type == "bool":
        return Flags(np.where(np.isnan(values), -1, values).astype(np.int8))
    if field.type == "code":
        categories = _categories(known, field)
        return Codes(positions(np.where(np.isnan(values), -1, values), len(categories)), categories)
    return Numbers(values, KIND_OF_TYPE[field.type])


def plain(record: Record) -> dict[str, Any]:
    """A record as JSON has it; `typed` reads it back."""
    return {name: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else float(value)
