"""S69 the cockpit: the zone's first figures and the plan's targets, each open to what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from innozone.foundation.access import gate
from innozone.foundation.verdicts import runs
from innozone.kernel.terms import format_number
from innozone.portal import wording
from innozone.wings.supervision import figures
from innozone.wings.supervision.figures import Figure, Link

#: desk → the address of its list.
_LISTS = {
    "enterprises": "enterprises",
    "deliveries": "deliveries",
    "rejected-rows": "rejected_rows",
    "conflicts": "conflicts",
    "objections": "objections",
}
_PLAN_BEGAN = 2023
_BARS = 12


@dataclass(frozen=True)
class Tile:
    """A figure as the page shows it: text, meaning, the list behind it."""

    label: str
    text: str
    definition: str
    url: str


@dataclass(frozen=True)
class Bar:
    """One bar of a chart and one row of its table. `text` is the value as people read it."""

    label: str
    value: float
    text: str
    url: str


@dataclass(frozen=True)
class Goal:
    """A target of the plan with its state by word."""

    figure: Figure
    label: str
    target: str
    actual: str
    share: str
    state: str
    url: str


@gate.permitted("supervision.view_cockpit")
def cockpit(request: HttpRequest) -> HttpResponse:
    """Figures, two charts with their tables, targets."""
    run = runs.latest()
    found = {figure.code: figure for figure in figures.cockpit()}
    may = gate.allows(request.user, "parties.list_party")

    def tiles(*codes: str) -> list[Tile]:
        return [_tile(found[code], may) for code in codes if code in found]

    goals = [_goal(figure, may) for figure in figures.targets()]
    return render(
        request,
        "cockpit/cockpit.html",
        {
            "run": run,
            "people": tiles("enterprises", "entitled", "ready", "near", "benefits", "benefits_ready"),
            "data": tiles("deliveries", "rows_taken", "rows_rejected", "conflicts", "objections"),
            "by_region": _bars(found.get("enterprises_by_region"), may),
            "by_item": _bars(found.get("entitled"), may)[:_BARS],
            "by_title": _bars(found.get("enterprises_by_title"), may),
            "goals": goals,
            "counted": sum(1 for goal in goals if goal.figure.value is not None),
        },
    )


def _address(link: Link | None, may: bool) -> str:
    """The list behind a figure; empty when there is none or the reader may not open it."""
    if link is None or link.name != "desk" or not may:
        return ""
    query = dict(link.query)
    base = reverse(_LISTS[query.pop("name")])
    return f"{base}?{urlencode(query)}" if query else base


def _number(value: Decimal, unit: str) -> str:
    return format_number(value, unit, wording.language())


def _tile(figure: Figure, may: bool) -> Tile:
    text = "—" if figure.value is None else _number(figure.value, figure.unit)
    return Tile(figure.label_in(wording.language()), text, str(figure.definition), _address(figure.link, may))


def _bars(figure: Figure | None, may: bool) -> list[Bar]:
    if figure is None:
        return []
    language = wording.language()
    return [
        Bar(part.label.get(language), float(part.value), _number(part.value, figure.unit), _address(part.link, may))
        for part in figure.parts
    ]


def _goal(figure: Figure, may: bool) -> Goal:
    reached = figure.reached
    return Goal(
        figure,
        figure.label_in(wording.language()),
        "—" if figure.target is None else _plain(figure.target, figure.unit),
        "—" if figure.value is None else _plain(figure.value, figure.unit),
        "" if reached is None else format_number(reached, "", wording.language()),
        state_of(reached, figure.deadline, timezone.localdate()),
        _address(figure.link, may) if figure.value is not None else "",
    )


def state_of(reached: Decimal | None, deadline: int | None, today: Any) -> str:
    """reached, on_track, behind or not_counted. On track: at least the share of the plan's time that has gone by."""
    if reached is None:
        return "not_counted"
    if reached >= 1:
        return "reached"
    end = deadline or _PLAN_BEGAN
    months = Decimal((end - _PLAN_BEGAN + 1) * 12)
    gone = Decimal((today.year - _PLAN_BEGAN) * 12 + today.month - 1)
    return "on_track" if gone < months and reached >= gone / months else "behind"


def _plain(value: Decimal, unit: str) -> str:
    """A target's figure in the unit that the plan prints."""
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}{unit}" if wording.language().startswith("zh") else f"{text} {unit}".strip()
