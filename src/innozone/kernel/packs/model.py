"""What a zone pack holds once it is read: plain frozen records, checked, without a word of YAML left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from innozone.kernel.terms import UNITS, CodeList, Dictionary, Effort, Label, RecordType, Variable
from innozone.kernel.terms.dictionary import Classification, VariableType

if TYPE_CHECKING:
    from innozone.kernel.rules import Condition, Expr
    from innozone.kernel.rules.solve.stacking import AllocationRule, Group, Stacking

DatasetKind = Literal["attributes", "records"]
FileType = Literal["csv", "xlsx", "jsonl"]
Rhythm = Literal["day", "week", "month", "quarter", "year"]
Coverage = Literal["complete", "partial"]
ItemKind = Literal["support", "recognition"]
BenefitKind = Literal["奖励", "补贴", "贴息", "减免", "授信", "荣誉", "服务"]
Level = Literal["national", "province", "city", "zone"]
QualityKind = Literal[
    "required", "unique", "range", "date_order", "not_future", "not_above", "pattern", "credit_code", "code"
]
Severity = Literal["error", "warning"]

FILE_TYPES: tuple[str, ...] = get_args(FileType)
RHYTHMS: tuple[str, ...] = get_args(Rhythm)
BENEFIT_KINDS: tuple[str, ...] = get_args(BenefitKind)
#: Kinds of benefit that are no money; of all others an amount that is not told is unknown, never nothing.
WITHOUT_SUM: frozenset[str] = frozenset({"荣誉", "服务"})
LEVELS: tuple[str, ...] = get_args(Level)
#: What a paper is in the 1+N system of policies.
POLICY_PARTS = ("general", "special", "measure")
QUALITY_KINDS: tuple[str, ...] = get_args(QualityKind)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry stands: `zones/xixian/policies/x.yaml`, line 12."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a pack, where it stands and what would be right."""

    file: str
    line: int
    message: str
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" + (f"; {self.cure}" if self.cure else "")


class PackError(ValueError):
    """A pack that cannot be used: `problems` holds everything that is wrong with it, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class Column:
    """The header of a column as the sender writes it, and other headers that mean the same.

    `group` is the upper header above it where a sheet has two header rows ("研发活动" over "研发费用").
    """

    column: str
    aliases: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a dataset that carries data.

    attributes: `variable` names the variable the cell is a value of. records: `field` names the record's field.
    `unit` is the unit of the column, `stored_unit` that of the stored value. `values` maps what the sender
    writes onto codes, before the code list is asked.
    """

    column: str
    type: VariableType
    aliases: tuple[str, ...] = ()
    group: str = ""
    variable: str | None = None
    field: str | None = None
    label: Label = dataclasses.field(default_factory=lambda: Label("", ""))
    unit: str = ""
    stored_unit: str = ""
    codelist: str | None = None
    required: bool = False
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    classification: Classification = "internal"
    minimum: float | None = None
    maximum: float | None = None

    @property
    def name(self) -> str:
        """The variable or the record field that this column fills."""
        return self.variable or self.field or ""

    def as_variable(self) -> Variable:
        """What `terms.parse_value` needs to read a cell of this column (give it `unit` as the column's unit)."""
        return Variable(
            code=self.name,
            label=self.label,
            type=self.type,
            unit=self.stored_unit,
            codelist=self.codelist,
            minimum=self.minimum,
            maximum=self.maximum,
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """The columns by which a row is linked to a legal person; at least one of them is given."""

    credit_code: Column | None = None
    name: Column | None = None
    former_name: Column | None = None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How the sender's file is made. `header_rows` 2 means merged upper headers; `sheet` "" is the first sheet."""

    type: FileType
    encoding: str = "utf-8"
    sheet: str = ""
    header_rows: int = 1
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a delivery is due: `due_day` days after the end of the day, week, month, quarter or year."""

    every: Rhythm
    due_day: int = 0


@dataclass(frozen=True, slots=True)
class Validity:
    """Record fields that say from when to when a record holds, and on which day it happened."""

    valid_from: str | None = None
    valid_to: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class QualityRule:
    """A check of a row (or, for `unique`, of the file). `columns` are variable or record field names.

    range: `minimum`, `maximum` in the stored unit; pattern: `pattern` is a regular expression for the whole cell;
    date_order: the dates do not fall; not_above: the first is not above the second; not_future: dates up to the
    delivery's day; credit_code: a valid code of GB 32100-2015.
    """

    rule: QualityKind
    columns: tuple[str, ...]
    severity: Severity = "error"
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    message: Label | None = None


@dataclass(frozen=True)
class DatasetContract:
    """What one sender promises to deliver, and by which checks its rows are taken or put aside.

    `creates` "enterprise": a row with a valid credit code that nobody knows founds a new enterprise (the registry).
    Rows of all other datasets are linked to known enterprises or kept aside.
    `effort`: what it takes an enterprise to come by one more record.
    """

    code: str
    title: Label
    owner: str
    kind: DatasetKind
    format: FileFormat
    subject: Subject
    fields: tuple[Field, ...]
    purpose: Label | None = None
    legal_basis: str = ""
    cadence: Cadence | None = None
    classification: Classification = "internal"
    personal: bool = False
    coverage: Coverage = "partial"
    period: Column | None = None
    key: tuple[str, ...] = ()
    validity: Validity = Validity()
    quality: tuple[QualityRule, ...] = ()
    file_name: str = ""
    creates: Literal["enterprise"] | None = None
    effort: Effort | None = None
    origin: Origin | None = None

    def field(self, name: str) -> Field | None:
        """The field of a variable or record field; None when the dataset does not carry it."""
        return next((entry for entry in self.fields if entry.name == name), None)

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(entry.variable for entry in self.fields if entry.variable)

    @property
    def records(self) -> RecordType | None:
        """The records as rules see them, None for a dataset of attributes; free texts are for people only."""
        if self.kind != "records":
            return None
        fields = tuple(entry.as_variable() for entry in self.fields if entry.field and entry.type != "text")
        return RecordType(self.code, self.title, fields, self.effort)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A department, provider, institute, bank, fund … of the zone. `source` is its id in the plan (E167)."""

    code: str
    title: Label
    kind: str
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    region: str | None = None
    level: str = ""
    source: str = ""
    fields: tuple[str, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure as printed, with its unit. `approximate` where the source says 约 or 近."""

    value: Decimal
    unit: str
    approximate: bool = False

    @property
    def base(self) -> Decimal:
        """The figure in the base unit of its kind: m², 元."""
        return self.value * UNITS[self.unit].factor


@dataclass(frozen=True, slots=True)
class Park:
    """A park, carrier, incubator, enclave or pilot base of the zone. `area` is land, `floor_area` is built."""

    code: str
    title: Label
    kind: str
    aliases: tuple[str, ...] = ()
    region: str | None = None
    part_of: str | None = None
    hosts: tuple[str, ...] = ()
    area: Measure | None = None
    floor_area: Measure | None = None
    investment: Measure | None = None
    buildings: int | None = None
    industries: tuple[str, ...] = ()
    source: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """What an item gives. `amount` is a rule-language expression in 元, None where there is no sum."""

    kind: BenefitKind
    amount: str | None = None
    note: Label | None = None
    expr: Expr | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """A named expression shown with the result (the points of a part of a scoring table)."""

    code: str
    label: Label
    expr: str
    parsed: Expr | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which applications are taken, both included; None is open."""

    opens: date | None = None
    closes: date | None = None


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A dated example with its known result. `facts`: variable → value, or year → value for yearly ones.

    `records`: kind → records, each field → value. Values are typed as `rules.Subject` wants them. `expect` None means unknown; `value` is the benefit in 元.
    """

    name: str
    as_of: date
    facts: Mapping[str, Any]
    expect: bool | None
    value: Decimal | None = None
    scores: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)
    records: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True)
class ItemData:
    """One support item or recognition of a policy. `conditions` is the tree as data, `condition` the same, checked."""

    code: str
    name: Label
    kind: ItemKind
    conditions: Any
    condition: Condition | None = dataclasses.field(default=None, compare=False)
    summary: Label | None = None
    benefit: Benefit | None = None
    grants: str | None = None
    scores: tuple[Score, ...] = ()
    stacking: Stacking | None = None
    allocation: AllocationRule | None = None
    window: Window | None = None
    department: str | None = None
    papers: tuple[str, ...] = ()
    cases: tuple[GoldenCase, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True)
class PolicyData:
    """A policy document with its items. `text` is the project's own wording; all quotes stand in it.

    `groups` are those that it declares; items of other policies may belong to them too. `part`, `parent`: its place in the
    1+N system, one of POLICY_PARTS and the code of the policy that it stands under. A general policy may have no items.
    """

    code: str
    title: Label
    text: str
    items: tuple[ItemData, ...]
    groups: tuple[Group, ...] = ()
    number: str = ""
    issuer: str | None = None
    level: Level = "zone"
    issued: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    url: str = ""
    replaces: str | None = None
    proposal: bool = False
    themes: tuple[str, ...] = ()
    part: str = ""
    parent: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class TargetData:
    """A target of the plan. `value` is the figure to reach in `unit`, None where the plan names none.

    `actual` says how the figure is counted, None where nothing in the house counts it yet; one of
    {"count": condition}: enterprises for which the condition holds;
    {"sum": expression, "where": condition}: total over enterprises; {"ratio": [expression, expression], "where": …};
    {"records": dataset, "field": …, "codes": […], "from": date}: enterprises with such a record since that day.
    `scale` divides what is counted into `unit` (100000000 for 亿元, 0.01 for %).
    """

    code: str
    section: str
    indicator: Label
    deadline: int
    value: Decimal | None = None
    unit: str = ""
    actual: Mapping[str, Any] | None = None
    scale: Decimal = Decimal(1)
    origin: Origin | None = None


@dataclass(frozen=True)
class Pack:
    """A zone: its dictionary, datasets, organisations, parks and policies, those of the packs it extends included.

    `centre` is (longitude, latitude), `bounds` (west, south, east, north), both in WGS 84 degrees.
    `version` is a digest of all files read: two packs of one version are the same. `warnings` do not forbid its use.
    """

    code: str
    title: Label
    dictionary: Dictionary
    datasets: Mapping[str, DatasetContract] = dataclasses.field(default_factory=dict)
    organisations: Mapping[str, Organisation] = dataclasses.field(default_factory=dict)
    parks: Mapping[str, Park] = dataclasses.field(default_factory=dict)
    policies: Mapping[str, PolicyData] = dataclasses.field(default_factory=dict)
    targets: Mapping[str, TargetData] = dataclasses.field(default_factory=dict)
    extends: tuple[str, ...] = ()
    subtitle: Label | None = None
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    colour: str = "#1f5fbf"
    region: str | None = None
    centre: tuple[float, float] | None = None
    bounds: tuple[float, float, float, float] | None = None
    version: str = ""
    folders: tuple[Path, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def codelists(self) -> Mapping[str, CodeList]:
        return self.dictionary.codelists

    def item(self, code: str) -> tuple[PolicyData, ItemData]:
        """The item of that code with its policy. Item codes are unique in a pack. Raises KeyError."""
        for policy in self.policies.values():
            for item in policy.items:
                if item.code == code:
                    return policy, item
        raise KeyError(code)
