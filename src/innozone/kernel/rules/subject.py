"""Whom a rule is asked about: the facts of one party, and what an evaluation notes down while it reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value

#: What an expression gives: numbers are floats in the stored unit.
Scalar = float | bool | str | date | frozenset[str] | Unknown


@dataclass(frozen=True)
class Subject:
    """The facts of one party: variable → year → value; year None for variables without period.

    A missing key is unknown. `as_of` is the reference day; its year is index 0. `records`: kind → the records of that
    kind, none of which is unknown to exist; a missing kind is unknown. `formulas` keeps what derived variables gave, with
    the notes: many rules ask for the same ones.
    """

    dictionary: Dictionary
    values: Mapping[str, Mapping[int | None, Value | Unknown]]
    as_of: date
    records: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    formulas: dict[tuple[str, int | None], tuple[Scalar, Notes]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def get(self, name: str, year: int | None) -> Value | Unknown:
        found = self.values.get(name, {}).get(year)
        return UNKNOWN if found is None else found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is unknown. `kind` is one of missing, no_variable, no_year, zero_division, not_finite, base,
    no_bracket, no_records, mismatch, cycle, manual; `variable` and `year` say where, `text` is the English sentence."""

    kind: str
    text: str
    variable: str = ""
    year: int | None = None


@dataclass(slots=True)
class Notes:
    """What an evaluation read and why parts of it stayed unknown, in order, without repetition."""

    inputs: dict[tuple[str, int | None], Value | Unknown] = field(default_factory=dict)
    reasons: dict[Reason, None] = field(default_factory=dict)

    def add(self, other: Notes) -> None:
        """Takes over what another evaluation noted."""
        for key, fact in other.inputs.items():
            self.inputs.setdefault(key, fact)
        self.reasons.update(other.reasons)

    def unknown(self, kind: str, text: str, variable: str = "", year: int | None = None) -> Unknown:
        self.reasons.setdefault(Reason(kind, text, variable, year))
        return UNKNOWN
