"""The invented enterprises as the columns of a snapshot, without files: for measuring over more of them than anyone wants
to read in.

Known is what the departments would deliver: of the firms that a dataset reaches, since their founding, but for cells
that come empty. Rows that would be put aside, a few in a hundred, are taken as right. Free texts are left out, no rule
reads them; so is what no dataset carries.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from innozone.demo.deliveries import reached
from innozone.demo.faults import BLANK_CELL, never_blank
from innozone.demo.names import stream
from innozone.demo.population import Flags, Population
from innozone.demo.sheets import record_table
from innozone.kernel.columns import Codes, Column, Numbers, Records, Sets, column_name, records_name
from innozone.kernel.columns import Flags as Truths
from innozone.kernel.columns.arrays import Plain, positions
from innozone.kernel.packs import DatasetContract, Pack
from innozone.kernel.packs.aggregates import made_from
from innozone.kernel.terms import CodeList, Variable

Array = npt.NDArray[Any]


def columns(pack: Pack, people: Population, seed: int, wanted: Collection[str] | None = None) -> dict[str, Column]:
    """Column name → column, in the order of `people`: variables, one for each year of the yearly ones, the records of
    each kind (`ip[]`) and the variables made from them.

    wanted: names of columns; all others but those of records are left out. `seed`: the one that `people` has.
    """
    made: dict[str, Column] = {}
    known: dict[str, Flags] = {}
    for contract in pack.datasets.values():
        if contract.kind == "records":
            made |= _from_records(pack, people, contract, seed, wanted)
        else:
            _notice(pack, people, contract, seed, wanted, known)
    for name, there in known.items():
        variable = pack.dictionary[name.partition("@")[0]]
        year = name.partition("@")[2]
        values = people.yearly[variable.code][:, people.years.index(int(year))] if year else people.values[name]
        made[name] = _column(variable, values, there, pack.dictionary.codelist_of(variable))
    return made


def _notice(
    pack: Pack,
    people: Population,
    contract: DatasetContract,
    seed: int,
    wanted: Collection[str] | None,
    known: dict[str, Flags],
) -> None:
    """Adds to `known` by column name of which firms a dataset of attributes gives the value."""
    rng = stream(seed, f"columns {contract.code}")
    here = np.zeros(len(people), dtype=bool)
    here[reached(pack, people, contract, seed)] = True
    filled = never_blank(contract)
    for code in contract.variables:
        variable = pack.dictionary[code]
        if variable.type == "text":
            continue
        for year in people.years if variable.period == "year" else (None,):
            name = column_name(code, year)
            there = here if code in filled else here & (rng.random(len(people)) >= BLANK_CELL)
            if wanted is None or name in wanted:
                known[name] = there | known[name] if name in known else there


def _from_records(
    pack: Pack, people: Population, contract: DatasetContract, seed: int, wanted: Collection[str] | None
) -> dict[str, Column]:
    table, kind = record_table(people, contract), contract.records
    assert kind is not None
    rng = stream(seed, f"columns {contract.code}")
    firm = table["firm"].astype(np.int64)
    order = np.argsort(firm, kind="stable")
    sizes = np.bincount(firm, minlength=len(people))
    filled = never_blank(contract)
    fields: dict[str, Plain] = {}
    for field in kind.fields:
        there = rng.random(len(order)) >= (0.0 if field.code in filled else BLANK_CELL)
        fields[field.code] = _column(field, table[field.code][order], there, pack.dictionary.codelist_of(field))
    complete = np.full(len(people), contract.coverage == "complete")
    records = Records(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), complete | (sizes > 0), fields)
    made: dict[str, Column] = {records_name(contract.code): records}
    for variable in pack.dictionary:
        aggregate = variable.aggregate
        if aggregate is not None and aggregate.dataset == contract.code and (wanted is None or variable.code in wanted):
            made[variable.code] = made_from(variable, contract, records, pack.dictionary, people.today, complete)
    return made


def _column(variable: Variable, values: Array, known: Flags, codelist: CodeList | None) -> Plain:
    """The values of a population as a column, unknown where not `known` and where they are NaN, NaT or empty."""
    if variable.type == "date":
        days = values.astype("datetime64[D]")
        return Numbers(np.where(np.isnat(days) | ~known, np.nan, days.astype(np.int64)), "date")
    if variable.numeric:
        return Numbers(np.where(known, values.astype(np.float64), np.nan))
    if variable.type == "bool":
        truth = values.astype(np.float64)
        return Truths(np.where(np.isnan(truth) | ~known, -1, truth).astype(np.int8))
    assert codelist is not None, variable.code
    categories = tuple(sorted(codelist.by_code))
    place = {category: at for at, category in enumerate(categories)}
    words, at = np.unique(values.astype(np.str_), return_inverse=True)
    if variable.type == "codes":
        held = [[place[code] for code in word.split(";") if code] for word in words.tolist()]
        return _sets(held, np.where(known, at, -1), categories)
    table = np.array([place.get(word, -1) for word in words.tolist()], dtype=np.int64)
    return Codes(positions(np.where(known, table[at], -1), len(categories)), categories)


def _sets(held: list[list[int]], at: npt.NDArray[np.int64], categories: tuple[str, ...]) -> Sets:
    """Sets of codes: row r has held[at[r]]; one without codes says nothing, neither does -1."""
    lengths = np.array([*(len(each) for each in held), 0])
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
    flat = np.array([code for each in held for code in each], dtype=np.int64)
    sizes = lengths[at]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    inside = np.repeat(starts[at], sizes) + np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    return Sets(offsets, positions(flat[inside], len(categories)), sizes > 0, categories)
