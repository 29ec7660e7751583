"""The data dictionary: what each variable means, in which unit, for which period, from which source first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from innozone.kernel.terms.effort import Effort

if TYPE_CHECKING:
    from innozone.kernel.terms.codes import CodeList

VariableType = Literal["money", "number", "integer", "ratio", "bool", "date", "text", "code", "codes"]
PeriodKind = Literal["none", "year"]
Classification = Literal["public", "internal", "sensitive", "secret"]

TYPES: tuple[str, ...] = get_args(VariableType)
NUMERIC: frozenset[str] = frozenset({"money", "number", "integer", "ratio"})


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages of the house."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def get(self, language: str) -> str:
        """The name for a language tag such as `zh-hans` or `en`; Chinese when the other is empty."""
        return (self.zh or self.en) if language.startswith("zh") else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A variable made from the records of a dataset.

    count: number of records; sum: total of `of`; codes: the set of the values of `of`; latest: newest value of `of`.
    `where` holds column → accepted values. `valid` keeps only records in force on the reference day.
    `within_years` keeps records whose date lies in that many years before it.
    """

    dataset: str
    function: Literal["count", "sum", "codes", "latest", "exists"]
    of: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid: bool = False
    within_years: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """One quantity. `unit` is the unit in which values are stored (money: 元; ratio: 1, so 5 % is 0.05).

    period `none`: one current value; `year`: one value per calendar year.
    `formula` (derived) is an expression of the rule language over other variables, written for one year or day.
    `precedence`: dataset codes, most trusted first. `mutable` False: no firm can change it at will (date of founding).
    `effort`: what a change of it takes, None where the pack does not say.
    `part_of`: the variable than which it is never more, as the staff for research is part of the staff.
    `breakdown`: figures over many firms are broken down by its codes.
    `papers`: words of the names of papers that say the same (营业执照): who has the fact need not bring the paper.
    """

    code: str
    label: Label
    type: VariableType
    unit: str = ""
    period: PeriodKind = "none"
    category: str = ""
    entity: str = "enterprise"
    classification: Classification = "internal"
    codelist: str | None = None
    formula: str | None = None
    aggregate: Aggregate | None = None
    precedence: tuple[str, ...] = ()
    mutable: bool = True
    description: Label | None = None
    minimum: float | None = None
    maximum: float | None = None
    effort: Effort | None = None
    part_of: str | None = None
    breakdown: bool = False
    papers: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC

    @property
    def derived(self) -> bool:
        return self.formula is not None or self.aggregate is not None


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of records that firms have, such as patents. `fields` are variables without period of one record.

    `effort`: what it takes to come by one more, None where the pack does not say.
    """

    code: str
    label: Label
    fields: tuple[Variable, ...]
    effort: Effort | None = None


@dataclass(frozen=True)
class Dictionary:
    """Variables, code lists and kinds of records by code."""

    variables: Mapping[str, Variable]
    codelists: Mapping[str, CodeList]
    records: Mapping[str, RecordType] = field(default_factory=dict)
    _of_records: dict[str, Dictionary] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getitem__(self, code: str) -> Variable:
        return self.variables[code]

    def __contains__(self, code: object) -> bool:
        return code in self.variables

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables.values())

    def get(self, code: str) -> Variable | None:
        return self.variables.get(code)

    def codelist_of(self, variable: Variable) -> CodeList | None:
        return self.codelists.get(variable.codelist) if variable.codelist else None

    def record_terms(self, code: str) -> Dictionary | None:
        """The fields of a kind of records as a dictionary of their own; None when there is no such kind."""
        if code not in self.records:
            return None
        if code not in self._of_records:
            fields = {variable.code: variable for variable in self.records[code].fields}
            self._of_records[code] = Dictionary(fields, self.codelists)
        return self._of_records[code]
