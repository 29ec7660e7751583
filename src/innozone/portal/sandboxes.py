"""The sandbox in words: what moved figures come to, group by group, along one figure, scenario by scenario."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from innozone.foundation.facts.models import Snapshot
from innozone.foundation.verdicts import sandboxes
from innozone.foundation.verdicts.models import RuleVersion, Scenario
from innozone.foundation.verdicts.sandboxes import Prepared, Step
from innozone.kernel.rules.bulk.breakdown import NONE, NOT_KNOWN, Part
from innozone.kernel.rules.bulk.knobs import Knob, KnobError
from innozone.kernel.rules.bulk.outcome import Group, Money, Outcome
from innozone.kernel.terms.units import format_number
from innozone.portal import figures as figure_words
from innozone.portal import wording

#: Points of a curve, beside the present and the chosen value.
POINTS = 21
#: Scenarios are worked out for so long; those after it when they are opened.
_SCENARIO_SECONDS = 0.5
#: A breakdown with more groups is closed until it is asked for.
MOST_OPEN = 15


@dataclass(frozen=True)
class Asked:
    """What a query wants to try: the rule, over which facts, with which figures; problems: what could not be taken."""

    version: RuleVersion
    snapshot: Snapshot
    sandbox: Prepared
    figures: dict[str, Decimal]
    problems: dict[str, str]
    day: date | None

    @property
    def plain_day(self) -> str:
        return self.day.isoformat() if self.day else ""


def facts_of(query: Mapping[str, str]) -> Snapshot | None:
    """The facts of the day that a query names, else the newest; None when there are none yet."""
    return sandboxes.snapshot_of(figure_words.day(query)) or sandboxes.snapshot_of()


def asked(version: RuleVersion, snapshot: Snapshot, query: Mapping[str, str]) -> Asked:
    """Raises SandboxRefused."""
    sandbox = sandboxes.open(version, snapshot)
    figures, problems = figure_words.asked(sandbox, query)
    return Asked(version, snapshot, sandbox, figures, problems, figure_words.day(query))


def yuan(value: float) -> str:
    """元 as people read sums over a population: to four figures."""
    number = Decimal(repr(round(value, 2)))
    places = 3 - number.adjusted() if number else 0
    return format_number(round(number, min(places, 2)), "元", wording.language())


def money(amount: Money | None) -> str:
    """A sum between low and high: “300万元”, “300万元 – 450万元”; what nothing bounds is named."""
    if amount is None:
        return ""
    low, high = yuan(amount.low), yuan(amount.high)
    text = low if low == high else f"{low} – {high}"
    if not amount.unbounded:
        return text
    more = ngettext(
        "and one of unknown amount", "and %(rows)s of unknown amount", amount.unbounded
    ) % {"rows": f"{amount.unbounded:,}"}  # fmt: skip
    return f"{text} · {more}"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure against the present version. list: the kind of rows that the list behind it shows, empty for none."""

    label: str
    now: str
    before: str = ""
    note: str = ""
    list: str = ""


def tiles(sandbox: Prepared, outcome: Outcome) -> list[Tile]:
    """What the moved figures come to. `before` stands only where it differs."""
    present = sandbox.sandbox.present

    def against(label: str, now: str, before: str, note: str = "", list: str = "") -> Tile:
        return Tile(label, now, "" if before == now else before, note, list)

    found = [
        against(
            _("have it"),
            f"{outcome.granted:,}",
            f"{present.granted:,}",
            _checked(outcome.counts["manual_only"]),
            "granted",
        )
    ]
    if outcome.cost is not None:
        ready = _("after a person's check: %(sum)s more") % {"sum": money(outcome.ready)}
        note = ready if outcome.ready and outcome.ready.high else ""
        found.append(against(_("cost, least to most"), money(outcome.cost), money(present.cost), note))
    if outcome.moved:
        found += [
            Tile(_("would gain it"), f"{outcome.gained.rows:,}", note=_sum(outcome.gained), list="gained"),
            Tile(_("would lose it"), f"{outcome.lost.rows:,}", note=_sum(outcome.lost), list="lost"),
        ]
        if outcome.raised.rows or outcome.lowered.rows or outcome.unsettled:
            found += [
                Tile(_("would get more"), f"{outcome.raised.rows:,}", note=_sum(outcome.raised), list="raised"),
                Tile(_("would get less"), f"{outcome.lowered.rows:,}", note=_sum(outcome.lowered), list="lowered"),
            ]
    unknown = outcome.counts["unknown"] - outcome.counts["manual_only"]
    was = present.counts["unknown"] - present.counts["manual_only"]
    found.append(against(_("facts missing"), f"{unknown:,}", f"{was:,}", _open(outcome), "unknown"))
    found.append(against(_("one condition away"), f"{outcome.counts['near']:,}", f"{present.counts['near']:,}"))
    return found


def _checked(rows: int) -> str:
    return _("%(rows)s of them after a person's check") % {"rows": f"{rows:,}"} if rows else ""


def _sum(group: Group) -> str:
    return money(group.money) if group.rows and group.money is not None else ""


def _open(outcome: Outcome) -> str:
    parts = []
    if outcome.may_gain:
        parts.append(_("%(rows)s may gain it") % {"rows": f"{outcome.may_gain:,}"})
    if outcome.may_lose:
        parts.append(_("%(rows)s may lose it") % {"rows": f"{outcome.may_lose:,}"})
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Row:
    """One group of a breakdown. share, was: per cent of the group that has it now and had it before."""

    label: str
    part: Part
    share: float
    was: float
    cost: str

    @property
    def change(self) -> int:
        return self.part.now - self.part.before

    @property
    def was_text(self) -> str:
        return f"{self.was:.1f}%"


@dataclass(frozen=True)
class Table:
    """A breakdown: by what, its groups, whether an enterprise may be in several."""

    code: str
    title: str
    rows: list[Row]
    several: bool

    @property
    def short(self) -> bool:
        return len(self.rows) <= MOST_OPEN


def tables(sandbox: Prepared, step: Step) -> list[Table]:
    """The breakdowns, those of few groups first."""
    language, found = wording.language(), []
    own = {NONE: _("none"), NOT_KNOWN: _("not known")}
    for variable in sandboxes.broken_down_by(sandbox.dictionary):
        codelist = sandbox.dictionary.codelist_of(variable)
        rows = []
        for part in step.parts[variable.code]:
            known = codelist.by_code.get(part.code) if codelist is not None else None
            label = own.get(part.code) or (known.label.get(language) if known else part.code)
            share, was = (100 * has / part.rows for has in (part.now, part.before))
            rows.append(Row(label, part, share, was, money(part.cost)))
        several = not sandbox.breakdowns[variable.code].groups.once
        found.append(Table(variable.code, variable.label.get(language), rows, several))
    return sorted(found, key=lambda table: len(table.rows))


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a figure. here: it is the chosen one."""

    text: str
    outcome: Outcome
    cost: str
    here: bool


@dataclass(frozen=True)
class Curve:
    """What one figure does to cost and number along its slider; for the chart and its table."""

    knob: Knob
    label: str
    points: list[Point]
    data: Mapping[str, Any]

    @property
    def priced(self) -> bool:
        return self.points[0].outcome.cost is not None


def curve(sandbox: Prepared, id: str, moved: Mapping[str, Decimal]) -> Curve:
    """Along one figure with the others as moved."""
    knob = sandbox.sandbox.by_id[id]
    here = moved.get(id, knob.value)
    found = sandbox.curve(id, moved, POINTS)
    label = knob.label.get(wording.language())
    points = [
        Point(figure_words.written(knob, value), outcome, money(outcome.cost), value == here)
        for value, outcome in found
    ]
    costs = [outcome.cost for _value, outcome in found]
    data = {
        "labels": [point.text for point in points],
        "granted": [outcome.granted for _value, outcome in found],
        "low": [cost.low if cost else None for cost in costs] if costs[0] is not None else None,
        "high": [cost.high if cost else None for cost in costs] if costs[0] is not None else None,
        "here": next(at for at, point in enumerate(points) if point.here),
        "before": next(at for at, (value, _outcome) in enumerate(found) if value == knob.value),
        "words": {
            "granted": _("have it"),
            "low": _("least cost"),
            "high": _("most cost"),
            "here": _("chosen"),
            "before": _("today"),
        },
        "chinese": wording.language().startswith("zh"),
    }
    return Curve(knob, label, points, data)


@dataclass(frozen=True)
class ScenarioShown:
    """A scenario as the list shows it. outcome is None where a figure no longer fits the rule, as `problem` says, and
    where the page would have taken too long."""

    scenario: Scenario
    moves: list[tuple[str, str, str]]
    outcome: Outcome | None
    cost: str
    query: str
    problem: str
    stale: bool
    mine: bool


def scenarios(sandbox: Prepared, found: list[Scenario], user: Any, *, day: str) -> list[ScenarioShown]:
    """Each scenario over the snapshot that is looked at."""
    shown, until = [], time.monotonic() + _SCENARIO_SECONDS
    for scenario in found:
        figures, gone = sandboxes.figures_of(scenario, sandbox.knobs)
        problem, outcome = "", None
        try:
            outcome = sandbox.sandbox.step(figures) if time.monotonic() < until else None
        except KnobError as error:
            problem = figure_words.refusal(error, sandbox.sandbox.by_id.get(error.id))
        if gone and not problem:
            problem = _("The rule no longer has some of its figures.")
        shown.append(
            ScenarioShown(
                scenario,
                figure_words.moves(sandbox, figures),
                outcome,
                money(outcome.cost) if outcome else "",
                query(sandbox, figures, day=day),
                problem,
                scenario.version.digest != sandbox.version.digest,
                scenario.created_by_id == user.pk,
            )
        )
    return shown


def query(sandbox: Prepared, figures: Mapping[str, Decimal], day: str = "") -> str:
    """The address of moved figures, the same for everyone who gets the link."""
    given = {"day": day, "figures": figure_words.together(sandbox, figures)}
    return urlencode({key: value for key, value in given.items() if value})


def refusal(error: sandboxes.SandboxRefused) -> str:
    """Why a rule cannot be tried, or a scenario not be kept."""
    words = {
        "unsound": _("The rule cannot be tried as it stands: %(problem)s"),
        "gone": _("The facts of that day are no longer on disk: the next matching makes them anew."),
        "unnamed": _("Give the scenario a name."),
        "taken": _("There is a scenario “%(name)s” already: choose another name, or delete that one."),
        "too_many": _("A rule has at most %(most)d scenarios: delete some first."),
    }
    return words[error.code] % error.params
