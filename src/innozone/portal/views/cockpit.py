"""S71 the cockpit: first figures, each opens to the records behind it; the plan's targets with their state by word."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.access import gate
from innozone.foundation.verdicts import runs
from innozone.kernel.terms.units import format_number
from innozone.portal import wording
from innozone.portal.desks import PAGES
from innozone.wings.supervision import figures
from innozone.wings.supervision.figures import Figure, Link, Part

# The first year of the plan: a target's share of the way is measured from here to its deadline.
PLAN_BEGINS = 2023
_BARS = 12


@dataclass(frozen=True)
class Tile:
    """One figure: number, words, where it opens to."""

    label: str
    value: str
    definition: str
    url: str


@dataclass(frozen=True)
class Chart:
    """A question, its answer in a sentence, bars, and the same as a table."""

    key: str
    question: str
    answer: str
    rows: list[tuple[str, int, str]]

    @property
    def json_id(self) -> str:
        return f"chart-{self.key}"

    @property
    def data(self) -> dict[str, Any]:
        return {"labels": [label for label, _n, _u in self.rows], "values": [number for _l, number, _u in self.rows]}


@dataclass(frozen=True)
class TargetShown:
    """A target of the plan with what is reached of it."""

    figure: Figure
    label: str
    wanted: str
    actual: str
    share: int | None
    state: str
    url: str


def cockpit(request: HttpRequest) -> HttpResponse:
    """The zone at a glance."""
    gate.require(request.user, "supervision.view_cockpit")
    may_list = gate.allows(request.user, "parties.list_party")
    found = {figure.code: figure for figure in figures.cockpit()}
    charts = [
        _chart("entitled", _("Which support reaches most enterprises?"), found, may_list),
        _chart("near", _("Where does one condition keep most enterprises out?"), found, may_list),
        _chart("enterprises_by_region", _("In which new city are the enterprises?"), found, may_list),
        _chart("enterprises_by_title", _("Which titles do they hold?"), found, may_list),
    ]
    by_section: dict[str, list[TargetShown]] = {}
    for figure in figures.targets():
        by_section.setdefault(figure.section, []).append(_target(figure, may_list))
    context = {
        "run": runs.latest(),
        "tiles": [_tile(figure, may_list) for figure in found.values() if not figure.code.startswith("enterprises_by")],
        "charts": [chart for chart in charts if chart is not None],
        "sections": by_section.items(),
        "states": _count(by_section),
    }
    return render(request, "cockpit/cockpit.html", context)


def address(link: Link | None, may_list: bool) -> str:
    """The page behind a figure; empty where there is none or the reader may not open it."""
    if link is None or link.name != "desk":
        return ""
    query = dict(link.query)
    page = PAGES.get(query.pop("name"))
    if page is None or (page == "enterprises" and not may_list):
        return ""
    return reverse(page) + (f"?{urlencode(query)}" if query else "")


def _number(value: Decimal | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit == "元":
        return format_number(value, unit, wording.language())
    text = f"{value.normalize():,f}" if value % 1 else f"{int(value):,}"
    return f"{text}%" if unit == "%" else text


def _tile(figure: Figure, may_list: bool) -> Tile:
    label = figure.label_in(wording.language())
    return Tile(label, _number(figure.value, figure.unit), str(figure.definition), address(figure.link, may_list))


def _chart(code: str, question: str, found: dict[str, Figure], may_list: bool) -> Chart | None:
    figure = found.get(code)
    parts: list[Part] = sorted(figure.parts, key=lambda part: -part.value)[:_BARS] if figure else []
    if not parts:
        return None
    language = wording.language()
    rows = [(part.label.get(language), int(part.value), address(part.link, may_list)) for part in parts]
    answer = _("%(most)s: %(number)s; then %(second)s.") % {
        "most": rows[0][0],
        "number": f"{rows[0][1]:,}",
        "second": f"{rows[1][0]} {rows[1][1]:,}" if len(rows) > 1 else "—",
    }
    return Chart(code, question, answer, rows)


def _target(figure: Figure, may_list: bool) -> TargetShown:
    share = figure.reached
    return TargetShown(
        figure,
        figure.label_in(wording.language()),
        _with_unit(figure.target, figure.unit),
        _with_unit(figure.value, figure.unit),
        None if share is None else min(100, int(share * 100)),
        state_of(figure, timezone.localdate().year),
        address(figure.link, may_list),
    )


def _with_unit(value: Decimal | None, unit: str) -> str:
    text = _number(value, unit)
    return text if value is None or unit in ("元", "%") else f"{text} {unit}"


def state_of(figure: Figure, year: int) -> str:
    """Reached, on track (as far as the years that are over), behind, missed (the deadline is over), not counted yet."""
    share = figure.reached
    if share is None:
        return "not_counted"
    if share >= 1:
        return "reached"
    deadline = figure.deadline or year
    if year > deadline:
        return "missed"
    gone = Decimal(max(0, year - PLAN_BEGINS)) / Decimal(max(1, deadline + 1 - PLAN_BEGINS))
    return "on_track" if share >= gone else "behind"


def _count(sections: dict[str, list[TargetShown]]) -> list[tuple[str, int]]:
    states = [shown.state for rows in sections.values() for shown in rows]
    order = ("reached", "on_track", "behind", "missed", "not_counted")
    return [(state, states.count(state)) for state in order if state in states]
