"""Shapes of best sets and allocations. Money is in 元."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from innozone.portal.api import schemas


class Counted(Schema):
    """An item of the best set. claimed: by its formula; amount: what counts of it; both None without a sum."""

    rule: str
    name: str
    claimed: float | None
    amount: float | None
    low: float | None = Field(description="the least it may come to while facts are missing; None when it is known")
    high: float | None = Field(description="the most; None when it is known, or when nothing says how much")
    cut_by: str = Field(description="the group whose cap cut it, or the item itself; empty when it counts in full")


class LeftOut(Schema):
    """An item that does not count, and why."""

    rule: str
    name: str
    why: Literal["group", "excluded", "cap", "quota", "received", "nothing"]
    by: list[str] = Field(description="items that stand in its way")
    group: str
    message: str


class Undecided(Schema):
    """An item whose amount is not known and decides: above `above` it counts in place of the items `by`."""

    rule: str
    name: str
    low: float
    high: float | None
    above: float
    by: list[str]
    message: str


class Portfolio(Schema):
    """The best set of support items of one enterprise. low, high: between which sums it lies while amounts are unknown."""

    year: int
    total: float
    low: float
    high: float | None
    taken: list[Counted]
    left: list[LeftOut]
    open: list[Undecided]


class Pot(Schema):
    """A budget or places, of an item or of a group of items."""

    code: str
    name: str
    items: list[str]
    budget: float | None
    quota: int | None
    order: list[Any] = Field(description="who comes first: time, lottery, pro_rata, {highest: …}, {lowest: …}")
    last: Literal["cut", "skip", "stop"] | None = Field(description="what becomes of the first that no longer fits")
    words: str


class Claim(Schema):
    """What one enterprise would get, and why. place: in the order, None where nobody has one."""

    enterprise: int
    name: str
    credit_code: str | None
    item: str
    state: Literal["entitled", "ready"]
    place: int | None
    claimed: float | None
    granted: float | None = Field(description="None while nobody knows the place or the amount")
    result: Literal["full", "cut", "share", "budget", "quota", "tie", "order", "amount"]


class Asked(Schema):
    """The figures of an allocation, where they are not the declared ones."""

    budget: float | None
    quota: int | None
    seed: str


class Allocation(Pot):
    """Who would get what over the newest run."""

    as_of: date
    asked: Asked
    claimed: float
    granted: float
    left: float | None
    counts: dict[str, int]
    aside: int = Field(description="claims that do not count: something else counts more for the enterprise")
    notes: list[str]
    claims: schemas.Page[Claim]
