"""What is true of the invented enterprises and which faults their files carry: for tests, never for the product."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from innozone.demo.faults import Fault
from innozone.demo.population import Population, Whole
from innozone.demo.sectors import SECTORS


def write_truth(people: Population, faults: Iterable[Fault], reach: Mapping[str, Whole], folder: Path) -> None:
    """`enterprises.parquet`: a row a firm, columns by variable (`revenue@2025` for a year) and `in:<dataset>`;
    `records_<topic>.parquet`: the records; `faults.jsonl`: one fault a line."""
    folder.mkdir(parents=True)
    columns: dict[str, pl.Series] = {
        "credit_code": pl.Series(people.code.tolist()),
        "name": pl.Series(people.name.tolist()),
        "former_name": _series(people.former_name),
        "brand": pl.Series(people.brand.tolist()),
        "sector": pl.Series([SECTORS[number].code for number in people.sector.tolist()]),
    }
    columns |= {name: _series(values) for name, values in people.values.items()}
    for name, table in people.yearly.items():
        for position, year in enumerate(people.years):
            columns[f"{name}@{year}"] = _series(table[:, position])
    for code, firms in reach.items():
        held = np.zeros(len(people), dtype=bool)
        held[firms] = True
        columns[f"in:{code}"] = pl.Series(held)
    pl.DataFrame(columns).write_parquet(folder / "enterprises.parquet")
    for topic, records in people.records.items():
        pl.DataFrame({name: _series(values) for name, values in records.items()}).write_parquet(
            folder / f"records_{topic}.parquet"
        )
    with (folder / "faults.jsonl").open("w", encoding="utf-8") as file:
        for fault in faults:
            file.write(json.dumps(fault.to_data(), ensure_ascii=False) + "\n")


def _series(values: npt.NDArray[Any]) -> pl.Series:
    """A column with null for what is unknown."""
    if values.dtype.kind == "f":
        return pl.Series(values).fill_nan(None)
    if values.dtype.kind == "U":
        return pl.Series([text or None for text in values.tolist()], dtype=pl.String)
    if values.dtype.kind == "M":
        return pl.Series(values.astype("datetime64[D]").astype(object).tolist(), dtype=pl.Date)
    return pl.Series(values)
