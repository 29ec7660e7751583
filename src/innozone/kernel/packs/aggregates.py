"""Variables made from records, column-wise: the same meaning as foundation.facts.aggregates has in SQL, without a database."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Flags, Numbers, Records, Sets
from innozone.kernel.columns.arrays import Plain, positions
from innozone.kernel.packs.model import DatasetContract
from innozone.kernel.rules.functions import age, day_number
from innozone.kernel.terms import Aggregate, Dictionary, Variable

Bools = NDArray[np.bool_]


def made_from(
    variable: Variable,
    contract: DatasetContract,
    records: Records,
    dictionary: Dictionary,
    as_of: date,
    complete: Bools,
) -> Plain:
    """The column of a variable with an aggregate over the records of its dataset, a row for each row of `records`.

    complete: rows of which all records are here. Everywhere else nobody knows that there are none: without a record
    that counts the value is unknown. Raises ValueError for a variable that has no aggregate, or one for every year, or
    of a field that the records do not have.
    """
    aggregate = variable.aggregate
    if aggregate is None or variable.period == "year":
        raise ValueError(f"{variable.code} is not made from records as of a day")
    owner = np.repeat(np.arange(len(records)), np.diff(records.offsets))
    chosen = _chosen(aggregate, contract, records, dictionary, as_of)
    of = None if aggregate.of is None else _field(records, aggregate.of, variable.code)
    if aggregate.function == "codes":
        assert of is not None
        return _codes(of, owner, chosen, complete)
    if aggregate.function == "latest":
        assert of is not None
        return _latest(of, owner, chosen, _day(contract.validity.date, records), len(records))
    found = np.bincount(owner[chosen], minlength=len(records)).astype(np.float64)
    if aggregate.function == "exists":
        return Flags(np.where(complete | (found > 0), found > 0, -1).astype(np.int8))
    if aggregate.function == "sum":
        if not isinstance(of, Numbers):
            raise ValueError(f"{variable.code}: {aggregate.of} is no number")
        # A sum over records of which one has no amount is not known.
        found = np.bincount(owner[chosen], of.values[chosen], len(records)).astype(np.float64)
    return Numbers(np.where(complete | (found != 0), found, np.nan))


def _field(records: Records, name: str, variable: str) -> Plain:
    if name not in records.fields:
        raise ValueError(f"{variable}: the records have no field {name}")
    return records.fields[name]


def _day(field: str | None, records: Records) -> NDArray[np.float64]:
    """The days of a date field of all records; NaN where there is none."""
    column = records.fields.get(field or "")
    if isinstance(column, Numbers) and column.kind == "date":
        return column.values
    return np.full(records.count, np.nan)


def _chosen(
    aggregate: Aggregate, contract: DatasetContract, records: Records, dictionary: Dictionary, as_of: date
) -> Bools:
    """The records that count."""
    today, validity = day_number(as_of), contract.validity
    when = _day(validity.date, records)
    chosen: Bools = ~(when > today)
    for name, values in aggregate.where.items():
        field = contract.field(name)
        codelist = dictionary.codelists.get(field.codelist or "") if field is not None else None
        wanted = set(values)
        if codelist is not None:
            wanted |= codelist.subtree(*(value for value in values if value in codelist))
        chosen &= _holding(_field(records, name, contract.code), wanted)
    if aggregate.valid:
        chosen &= ~(_day(validity.valid_from, records) > today) & ~(_day(validity.valid_to, records) < today)
    if aggregate.within_years is not None:
        chosen &= age(when, as_of) < aggregate.within_years
    return chosen


def _holding(column: Plain, wanted: set[str]) -> Bools:
    if isinstance(column, Sets):
        return column.holds(wanted)
    if isinstance(column, Codes):
        table = np.array([*(category in wanted for category in column.categories), False])
        held: Bools = table[column.values]  # -1, unknown, falls on the last entry
        return held
    if isinstance(column, Flags):
        return np.isin(column.values, [number for word, number in (("true", 1), ("false", 0)) if word in wanted])
    raise ValueError("records are chosen by codes and truth values, not by numbers")


def _codes(of: Plain, owner: NDArray[np.int64], chosen: Bools, complete: Bools) -> Sets:
    if isinstance(of, Sets):
        inside = chosen[of.row_of]
        rows, values, categories = owner[of.row_of][inside], of.values[inside], of.categories
    elif isinstance(of, Codes):
        inside = chosen & (of.values >= 0)
        rows, values, categories = owner[inside], of.values[inside], of.categories
    else:
        raise ValueError("codes are collected from a field that holds codes")
    width = max(len(categories), 1)
    rows, values = np.divmod(np.unique(rows * width + values), width)
    offsets = np.searchsorted(rows, np.arange(len(complete) + 1)).astype(np.int64)
    return Sets(offsets, positions(values, len(categories)), complete | (np.diff(offsets) > 0), categories)


def _latest(of: Plain, owner: NDArray[np.int64], chosen: Bools, when: NDArray[np.float64], rows: int) -> Plain:
    """The value of the newest record that counts and has one: what has no date is older than all, of records of one day
    the later in order is newer."""
    if isinstance(of, Sets):
        raise ValueError("sets of codes have no newest value")
    held = np.flatnonzero(chosen & (~np.isnan(of.values) if isinstance(of, Numbers) else of.values >= 0))
    order = held[np.argsort(np.nan_to_num(when[held], nan=-np.inf), kind="stable")]
    last = np.full(rows, -1)
    # Of several records of one row the last one stays.
    last[owner[order]] = order
    # An unknown value behind all others is what row -1 takes.
    if isinstance(of, Numbers):
        return Numbers(np.append(of.values, np.nan)[last], of.kind)
    if isinstance(of, Flags):
        return Flags(np.append(of.values, np.int8(-1))[last])
    return Codes(np.append(of.values, of.values.dtype.type(-1))[last], of.categories)
