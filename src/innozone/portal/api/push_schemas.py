"""Shapes of the settings of messages and of the figures of pushes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from innozone.portal.api.schemas import Text

Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Kind = Literal["entitled", "ready", "changed", "lost", "deadline", "objection", "webhook"]


class RouteIn(Schema):
    """Settings of one channel; what is left out stays. Hours are those of the zone."""

    on: bool = True
    muted: list[Kind] = Field(default_factory=list, max_length=20)
    quiet_from: Hour = 22
    quiet_to: Hour = 8
    digest: Literal["at_once", "daily", "weekly"] = "at_once"
    hour: Hour = 9
    weekday: Weekday = Field(0, description="0 = Monday")
    language: Literal["", "zh-hans", "en"] = ""
    url: Annotated[Text, Field(max_length=500)] = Field("", description="of a webhook: https, on the public network")


class Route(Schema):
    """How messages reach an enterprise by one channel."""

    channel: str
    on: bool
    muted: list[str]
    quiet_from: int
    quiet_to: int
    digest: str
    hour: int
    weekday: int
    language: str
    url: str
    failures: int = Field(description="calls that failed in a row")
    disabled_at: datetime | None = Field(description="when it was switched off after failures")
    secret: str | None = Field(None, description="a new secret, this once")


class WebhookDone(Schema):
    """What became of it; `problem` is empty when a test call was taken."""

    route: Route
    problem: str


class ChannelFigures(Schema):
    """What became of the messages on one channel; times from sending to opening."""

    channel: str
    delivered: int
    waiting: int
    failed: int
    opened: int
    share_opened: float | None
    median_seconds: float | None
    p90_seconds: float | None


class Push(Schema):
    """The pushes of one policy."""

    policy: str
    issued: date | None
    notices: int
    days_from_issue: int | None
    seconds_from_force: float | None
    first_push: datetime | None
    last_push: datetime | None
    channels: list[ChannelFigures]
