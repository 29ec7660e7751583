"""Shapes of policies in the API: papers and items, who qualifies, versions and corrections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from innozone.kernel.packs.model import BenefitKind
from innozone.portal.api.schemas import Text


class Item(Schema):
    rule: str
    version: int | None
    name: str
    name_en: str
    kind: str
    summary: str
    summary_en: str
    opens: date | None
    closes: date | None
    department: str | None
    papers: list[str]
    conditions: Any
    benefit: Any
    grants: str | None
    stacking: Any
    allocation: Any
    scores: Any


class PolicyHead(Schema):
    id: int
    code: str
    title: str
    title_en: str
    number: str
    issuer: str
    level: str
    status: str
    proposal: bool
    issued: date | None
    valid_from: date | None
    valid_to: date | None
    themes: list[str]
    gist: str


class Policy(PolicyHead):
    url: str
    version: int
    text: str
    keywords: list[str]
    tags: list[str]
    items: list[Item]
    stamp: str | None = Field(None, description="with `draft`: what a correction is based on")


class ItemCount(Schema):
    """How many enterprises one item reaches, over the newest run."""

    rule: str
    name: str
    entitled: int
    ready: int
    near: int
    unknown: int
    benefit_total: float | None
    near_leaves: dict[str, int]
    changes: dict[str, dict[str, int]] = Field(
        description="against the run before: entitled, no_longer_entitled, ready, no_longer_ready → cause (rule, facts, "
        "time, new, gone, unexplained) → enterprises"
    )


class Member(Schema):
    id: int
    name: str
    credit_code: str | None


class ReadIn(Schema):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, Field(min_length=1, max_length=2_000_000)]
    title: Annotated[Text, Field(max_length=200)] = ""


class RuleIn(Schema):
    """A rule in the making, in the shape of the zone packs."""

    model_config = ConfigDict(extra="forbid")

    conditions: Any = Field(description="a condition tree: {all: […]}, {any: […]}, {test: …}, {manual: …}")
    amount: Annotated[Text, Field(max_length=4000)] | None = Field(None, description="benefit in 元, an expression")


class LeafCounts(Schema):
    leaf: int
    true: int
    false: int
    unknown: int
    near: int = Field(description="whom this leaf alone keeps out")


class Preview(Schema):
    """How a rule in the making would fare over the newest snapshot."""

    problems: list[dict[str, Any]]
    as_of: date | None
    enterprises: int
    entitled: int
    ready: int
    near: int
    unknown: int
    benefit_total: float | None
    benefit_low: float | None = Field(description="whatever the missing facts may be")
    benefit_high: float | None = Field(description="null where nothing says how much it is at most")
    leaves: list[LeafCounts]


class Validity(Schema):
    """When a new wording holds, both days included; without them as the paper says."""

    valid_from: date | None = None
    valid_to: date | None = None


class EndIn(Schema):
    """Why a policy ends, and the code of the one that takes its place."""

    reason: Text
    replaced_by: Text = ""


class ComparisonOut(Schema):
    """What is different: `change` is same, added, gone or changed; pairs are (before, after)."""

    old: int
    new: int
    text: list[list[dict[str, str]]]
    items: list[dict[str, Any]]


class VersionOut(Schema):
    """Who changed what, and when; `items`: as they stood, each with its rule and the version of its wording."""

    number: int
    created_at: datetime
    created_by: str | None
    note: str
    gist: str
    items: list[dict[str, Any]]


class BenefitIn(Schema):
    """What an item gives. amount: in 元, an expression."""

    model_config = ConfigDict(extra="forbid")

    kind: BenefitKind
    amount: Annotated[Text, Field(max_length=4000)] | None = None
    note: dict[Literal["zh", "en"], Text] | None = None


class ItemIn(Schema):
    """What is said anew of an item: fields that are left out stay as they are. Without `rule` it is a new item."""

    model_config = ConfigDict(extra="forbid")

    rule: Annotated[Text, Field(max_length=100)] = ""
    drop: bool = Field(False, description="the item ends once the correction is confirmed")
    name: Annotated[Text, Field(min_length=1, max_length=200)] = ""
    name_en: Annotated[Text, Field(max_length=200)] = ""
    kind: Literal["support", "recognition"] = "support"
    summary: Annotated[Text, Field(max_length=400)] = ""
    summary_en: Annotated[Text, Field(max_length=600)] = ""
    opens: date | None = None
    closes: date | None = None
    department: Annotated[Text, Field(max_length=200)] | None = Field(None, description="its name")
    papers: Annotated[list[Annotated[Text, Field(max_length=200)]], Field(max_length=100)] = []
    conditions: Any = Field(None, description="a condition tree: {all: […]}, {any: […]}, {test: …}, {manual: …}")
    benefit: BenefitIn | None = None
    grants: Annotated[Text, Field(max_length=100)] | None = None
    stacking: dict[str, Any] | None = None
    allocation: dict[str, Any] | None = None
    scores: dict[str, dict[str, Any]] = {}


class CorrectionIn(Schema):
    """Changes of a policy: what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    base: Text = Field(description="the `stamp` that `GET /policies/{code}?draft=true` gave")
    text: Annotated[Text, Field(min_length=1, max_length=2_000_000)] | None = None
    gist: Annotated[Text, Field(max_length=400)] | None = None
    keywords: Annotated[list[Annotated[Text, Field(max_length=50)]], Field(max_length=100)] | None = None
    tags: Annotated[list[Annotated[Text, Field(max_length=50)]], Field(max_length=100)] | None = None
    note: Annotated[Text, Field(max_length=200)] = Field("", description="what changed and why, for readers")
    items: Annotated[list[ItemIn], Field(max_length=200)] = []


class TakenOut(Schema):
    """A policy of a file: the draft version that came of it, null where nothing was new; offices not known here."""

    code: str
    title: str
    version: int | None
    left_open: list[str]
