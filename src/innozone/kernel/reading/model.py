"""What a reading holds: items with conditions, promises and open points, each tied to the words it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from innozone.kernel.reading.document import Document
from innozone.kernel.reading.vocabulary import LABELS

Span = tuple[int, int]


@dataclass(slots=True)
class Group:
    """How a condition joins its neighbours: `all` members hold, one `branch` of an `any` group, or `n` of an `n_of`."""

    kind: str = "all"
    id: str = ""
    branch: str | None = None
    order: str | None = None  # the number of the branch, also where a single member gives it no name
    n: int | None = None

    def to_gold(self) -> dict[str, Any]:
        data: dict[str, Any] = {"kind": self.kind, "id": self.id}
        data |= {"branch": self.branch} if self.branch is not None else {}
        return data | ({"n": self.n} if self.n is not None else {})


@dataclass(slots=True)
class Condition:
    """An understood test of the applicant. `value` as printed in `unit`; `value_yuan` for money; span into the body."""

    quote: str
    span: Span
    variable: str
    op: str
    value: Any
    unit: str | None = None
    value_yuan: Any = None
    bounds: str | None = None
    period: str | None = None
    group: Group = field(default_factory=Group)
    source: str = ""
    members: tuple[str, ...] = ()  # the levels or rising thresholds the clause lists, in the order of the tiers

    @property
    def label(self) -> str:
        return LABELS[self.variable]

    def to_gold(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "quote": self.quote, "span": list(self.span), "variable": self.variable, "label": self.label, "op": self.op,
            "value": self.value, "unit": self.unit, "period": self.period, "group": self.group.to_gold(),
        }  # fmt: skip
        if self.value_yuan is not None:
            data["value_yuan"] = self.value_yuan
        if self.bounds:
            data["bounds"] = self.bounds
        if self.members:
            data["members"] = list(self.members)
        return data


@dataclass(slots=True)
class Manual:
    """Words that read like a condition and were not understood: a person judges."""

    quote: str
    span: Span
    group: Group = field(default_factory=Group)
    source: str = ""

    def to_gold(self) -> dict[str, Any]:
        return {"quote": self.quote, "span": list(self.span), "variable": "manual", "label": "人工判断", "op": "manual", "value": None, "group": self.group.to_gold()}  # fmt: skip


@dataclass(slots=True)
class Benefit:
    """A promise in the shape of the gold annotations; `branch` names the conditions it goes with, None for all."""

    quote: str
    span: Span
    kind: str
    formula: dict[str, Any]
    unit: str = "万元"
    per: str | None = None
    duration: str | None = None
    note: str | None = None
    branch: str | None = None

    def to_gold(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "quote": self.quote,
            "span": list(self.span),
            "kind": self.kind,
            "formula": self.formula,
            "unit": self.unit,
        }
        data |= {key: value for key in ("per", "duration", "note") if (value := getattr(self, key))}
        return data


@dataclass(frozen=True, slots=True)
class Stacked:
    """A sentence that limits what may be had together. scope: `firm`, one of the items for one enterprise; `thing`, only
    one and the same thing is not paid for twice. items: indexes of the items it is said of."""

    quote: str
    span: Span
    source: str
    scope: str
    items: list[int]

    def to_gold(self) -> dict[str, Any]:
        return {"quote": self.quote, "span": list(self.span), "scope": self.scope, "items": self.items}


@dataclass(slots=True)
class Item:
    """One measure or rule of recognition."""

    name: str
    span: Span
    conditions: list[Condition] = field(default_factory=list)
    benefits: list[Benefit] = field(default_factory=list)
    manual: list[Manual] = field(default_factory=list)
    deadline: dict[str, Any] | None = None
    window: tuple[str, str] | None = None  # first and last day of applications, ISO
    department: dict[str, Any] | None = None
    materials: list[str] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)
    gist: str = ""
    source: str = ""
    scope: Span = (0, 0)  # the section that it reigns over, where it is general
    general: bool = False  # conditions for all measures of its scope: 适用对象, what rules out

    def _said_once(self) -> Iterator[Condition]:
        """首次 said of each of several designations is one condition of the item."""
        first = next((c for c in self.conditions if c.variable == "first_time"), None)
        yield from (c for c in self.conditions if c.variable != "first_time" or c is first)

    def to_gold(self, body: str) -> dict[str, Any]:
        return {
            "name": self.name,
            "clause_quote": body[slice(*self.span)],
            "clause_span": list(self.span),
            "conditions": [condition.to_gold() for condition in self._said_once()],
            "benefits": [benefit.to_gold() for benefit in self.benefits],
            "manual": [manual.to_gold() for manual in self.manual],
            "deadline": self.deadline,
            "window": list(self.window) if self.window else None,
            "department": self.department,
            "materials": self.materials,
            "gist": self.gist,
            "tags": self.tags,
        }


@dataclass(slots=True)
class Reading:
    """A document and what was understood of it. `warnings` are sentences for the person who confirms."""

    document: Document
    items: list[Item] = field(default_factory=list)
    gist: str = ""
    keywords: list[str] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)
    region: str = ""
    kind: str = "txt"
    name: str = ""
    warnings: list[str] = field(default_factory=list)
    stacked: list[Stacked] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def body(self) -> str:
        return self.document.body

    def conditions(self) -> Iterator[Condition]:
        for item in self.items:
            yield from item.conditions

    def to_gold(self) -> dict[str, Any]:
        """The reading in the format of the gold annotations, ready for `json.dumps`."""
        document = self.document
        return {
            "id": self.name.split("_")[0] if self.name else "",
            "title": document.title,
            "region": self.region,
            "topic": next(iter(self.tags.get("topic", [])), ""),
            "coverage": "full",
            "number": document.number,
            "issuer": document.issuer,
            "issued": document.issued or None,
            "valid_from": document.valid_from or None,
            "valid_to": document.valid_to or None,
            "gist": self.gist,
            "keywords": self.keywords,
            "tags": self.tags,
            "warnings": self.warnings,
            "items": [item.to_gold(document.body) for item in self.items],
            "stacking": [stacked.to_gold() for stacked in self.stacked],
        }
