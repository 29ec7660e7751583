"""Shapes of the sandbox. Money is in 元, figures in the stored unit: 元, ratios with 1 = 100 %."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from innozone.portal.api import schemas

Number = Annotated[float, Field(allow_inf_nan=False)]
Figures = Annotated[dict[schemas.Text, Number], Field(max_length=200, description="place of the figure → value")]


class Slider(Schema):
    low: float
    high: float
    step: float


class Figure(Schema):
    """A figure that can be moved. leaf: number of the condition it stands in, from 0; None in the amount."""

    id: str = Field(description="its place in the rule; the same in every version that has it")
    kind: Literal["threshold", "limit", "rate", "price", "cap", "floor", "amount", "count"]
    label: str
    leaf: int | None
    value: float
    unit: str
    whole: bool = Field(description="only whole numbers make sense")
    least: float | None
    most: float | None
    slider: Slider = Field(description="the sensible range among the zone's enterprises")


class Money(Schema):
    """Between which sums it lies. unbounded: enterprises of which nothing says how much; they are not in `high`."""

    low: float
    high: float
    unbounded: int


class Group(Schema):
    enterprises: int
    money: Money | None


class Outcome(Schema):
    """A version of the rule over everyone, against the version in force. Having the grant: entitled or ready."""

    entitled: int
    ready: int = Field(description="only a person's check is open")
    unknown: int = Field(description="facts are missing")
    near: int
    cost: Money | None = Field(
        description="from what the surely entitled get at least to what all that may be get at most"
    )
    cost_sure: Money | None
    cost_ready: Money | None
    gained: Group
    lost: Group
    raised: Group
    lowered: Group
    unsettled: int = Field(description="have it in both for amounts that differ between low and high")
    may_gain: int
    may_lose: int


class Part(Schema):
    """One group of enterprises. code None: not known."""

    code: str | None
    label: str
    enterprises: int
    before: int
    now: int
    gained: int
    lost: int
    unknown: int
    cost: Money | None


class Scenario(Schema):
    id: int
    name: str
    note: str
    version: int
    figures: dict[str, float]
    created_at: datetime


class Sandbox(Schema):
    """A rule as it stands, and what can be moved in it. groups: variable → its groups."""

    rule: str
    version: int
    as_of: date
    enterprises: int
    days: list[date]
    figures: list[Figure]
    outcome: Outcome
    groups: dict[str, list[Part]]
    scenarios: list[Scenario]


class Point(Schema):
    value: float
    outcome: Outcome


class TryIn(Schema):
    figures: Figures
    day: date | None = None
    along: schemas.Text = Field("", description="a figure whose curve is wanted")


class Tried(Schema):
    """problems: what the check of rules says against these figures."""

    as_of: date
    moved: dict[str, float]
    outcome: Outcome
    groups: dict[str, list[Part]]
    problems: list[str]
    curve: list[Point]


class ScenarioIn(Schema):
    name: Annotated[schemas.Text, Field(max_length=100)]
    note: Annotated[schemas.Text, Field(max_length=400)] = ""
    figures: Figures
