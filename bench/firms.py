"""Invented enterprises for benchmarks: any number of them, fast, for the variables and records that given rules read.

Values spread over the range in which policies draw their lines; they follow no real firm and no statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Column, Flags, Numbers, Records, Sets, column_name, records_name
from innozone.kernel.columns.arrays import RECORDS, Plain, positions
from innozone.kernel.rules.functions import day_number
from innozone.kernel.terms import Dictionary, Variable

Keys = Sequence[tuple[str, int | None]]

MOST_RECORDS = 6
MOST_CODES = 3


class Firms:
    """`columns(rows, part)` gives the columns of one part of a population; equal seeds and parts give equal ones.

    keys: (variable, year) as rules.reads.reads gives them; derived variables are left out, they are calculated.
    unknown: share of values that nobody has told.
    """

    def __init__(self, dictionary: Dictionary, keys: Keys, as_of: date, unknown: float = 0.1, seed: int = 1) -> None:
        self.dictionary = dictionary
        self.as_of = as_of
        self.unknown = unknown
        self.seed = seed
        self.records = [name.removesuffix(RECORDS) for name, _ in keys if name.endswith(RECORDS)]
        stored = [key for key in keys if key[0] in dictionary and dictionary[key[0]].formula is None]
        self.keys = list(dict.fromkeys(stored))

    def columns(self, rows: int, part: int = 0) -> dict[str, Column]:
        random = np.random.default_rng((self.seed, part))
        made: dict[str, Column] = {
            column_name(name, year): self._column(self.dictionary[name], rows, random) for name, year in self.keys
        }
        for record in self.records:
            counts = random.integers(0, MOST_RECORDS + 1, rows)
            offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
            fields = self.dictionary.records[record].fields
            cells = {field.code: self._column(field, int(offsets[-1]), random) for field in fields if not field.formula}
            known = random.random(rows) >= self.unknown
            made[records_name(record)] = Records(offsets, known, cells)
        return made

    def _column(self, variable: Variable, rows: int, random: np.random.Generator) -> Plain:
        gaps = random.random(rows, dtype=np.float32) < self.unknown
        if variable.numeric:
            return Numbers(np.where(gaps, np.nan, _numbers(variable, rows, random)))
        if variable.type == "date":
            last = day_number(self.as_of)
            days = np.floor(last - 30 * 365 * random.random(rows) ** 2)
            return Numbers(np.where(gaps, np.nan, days), "date")
        if variable.type == "bool":
            return Flags(np.where(gaps, -1, random.random(rows) < 0.6).astype(np.int8))
        categories = self._categories(variable)
        if variable.type == "codes":
            sizes = random.integers(0, MOST_CODES + 1, rows)
            offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
            values = positions(random.integers(0, len(categories), int(offsets[-1])), len(categories))
            return Sets(offsets, values, ~gaps, categories)
        values = np.where(gaps, -1, random.integers(0, len(categories), rows))
        return Codes(positions(values, len(categories)), categories)

    def _categories(self, variable: Variable) -> tuple[str, ...]:
        codelist = self.dictionary.codelist_of(variable)
        listed: Iterable[str] = codelist.by_code if codelist is not None else ("甲", "乙", "丙")
        return tuple(sorted(listed))


def _numbers(variable: Variable, rows: int, random: np.random.Generator) -> NDArray[np.float64]:
    if variable.type == "ratio":
        return np.round(random.random(rows) ** 2, 4)
    if variable.type == "money":
        made = np.round(np.exp(random.normal(16.5, 1.8, rows)), 2)
        return made if variable.minimum is not None else np.where(random.random(rows) < 0.1, -made, made)
    if variable.maximum is not None:
        return np.floor(random.random(rows) * (variable.maximum + 1))
    return np.floor(np.exp(random.normal(2.5, 1.6, rows)))
