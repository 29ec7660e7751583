"""The way there: what an enterprise would have to change for an item, by when, and through which items of the zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from innozone.foundation.facts import values
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.live import ItemVerdict
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.rules import Explanation, Test
from innozone.kernel.rules.solve.failing import LeafSets, failing_sets, reasons
from innozone.kernel.rules.solve.repair import MOST_EVALUATIONS, MOST_WAYS, Change, Repairs, Way, raise_score, repair
from innozone.kernel.rules.solve.repair_words import WaySaid, said
from innozone.kernel.rules.solve.waiting import comes_true

#: States in which there is a way to go.
AHEAD = ("near", "unknown", "not")
#: How far ahead a list looks for what time alone brings.
SOON = timedelta(days=730)
#: Titles → codes of the items that grant them.
Grants = Mapping[str, Sequence[str]]


def granting(versions: Iterable[RuleVersion]) -> dict[str, tuple[str, ...]]:
    """Which items grant which title, of the versions in force."""
    found: dict[str, tuple[str, ...]] = {}
    for version in versions:
        if title := version.data.get("grants"):
            found[title] = (*found.get(title, ()), version.rule.code)
    return found


def of(
    item: ItemVerdict, grants: Grants, most: int = MOST_WAYS, most_evaluations: int = MOST_EVALUATIONS
) -> Repairs | None:
    """The cheapest ways to the item, as `repair` finds them; None where nothing but a person's check is open."""
    if item.state not in AHEAD:
        return None
    return repair(
        rules.parsed(item.version).condition,
        item.subject,
        grants=_others(item, grants),
        most=most,
        most_evaluations=most_evaluations,
    )


def by_itself(repairs: Repairs) -> date | None:
    """The day on which time alone does it, where none of the ways says so."""
    return None if any(not (way.changes or way.findings) for way in repairs.ways) else repairs.by_itself


def soon(item: ItemVerdict, within: timedelta = SOON) -> date | None:
    """The day within two years on which time alone makes the verdict true; None for none and where it is true already."""
    if item.state not in AHEAD:
        return None
    until = date.fromordinal(min(item.subject.as_of.toordinal() + within.days, date.max.toordinal()))
    return comes_true(rules.parsed(item.version).condition, item.subject, until)


@dataclass(frozen=True, slots=True)
class ScoreWay:
    """The way to the points that a rule asks for: of which score, the comparison that is to hold, the cheapest ways."""

    score: str
    asked: Explanation
    repairs: Repairs


def of_scores(item: ItemVerdict, grants: Grants) -> list[ScoreWay]:
    """For each score that the rule's condition asks so many points of and that has not come to them, the ways there.

    A near miss has none: what it lacks is one part, and the ways to that are the item's own.
    """
    if item.state not in AHEAD or item.state == "near":
        return []
    scores = {expr: code for code, expr in rules.parsed(item.version).scores.items()}
    found: dict[str, ScoreWay] = {}
    for part in _asked(item.explanation):
        code = scores.get(part.gap.expr) if part.gap is not None else None
        if code is not None and code not in found and part.expr is not None:
            found[code] = ScoreWay(code, part, repair(Test(part.expr), item.subject, grants=_others(item, grants)))
    return list(found.values())


def to_points(item: ItemVerdict, score: str, points: Decimal, grants: Grants) -> Repairs:
    """The cheapest ways to so many points of a score of the rule. Raises KeyError for a score that it has not."""
    expr = rules.parsed(item.version).scores[score]
    return raise_score(expr, points, item.subject, grants=_others(item, grants))


def blocking(item: ItemVerdict) -> LeafSets:
    """The smallest sets of leaves that, turned, make the verdict true, whatever it takes to turn them."""
    return failing_sets(item.explanation, item.subject.dictionary)


def _asked(explanation: Explanation) -> Iterator[Explanation]:
    """The comparisons that ask for more than there is."""
    for part in explanation.walk():
        if part.asked and part.truth.value != "true" and part.gap is not None and part.gap.op in (">=", ">"):
            yield part


def _others(item: ItemVerdict, grants: Grants) -> dict[str, tuple[str, ...]]:
    """Titles that other items grant: an item is no way to itself."""
    others = {title: tuple(code for code in codes if code != item.rule.code) for title, codes in grants.items()}
    return {title: codes for title, codes in others.items() if codes}


def told(way: Way, item: ItemVerdict, language: str, names: Mapping[str, str]) -> WaySaid:
    """A way in words. `names`: of the items, by code."""
    return said(way, item.subject.as_of, item.subject.dictionary, language, names)


def as_data(repairs: Repairs, item: ItemVerdict, language: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Ways for programs: every step and finding in words and as data, days in ISO 8601, effort in points."""
    return {
        "by_itself": _day(repairs.by_itself),
        "proved": repairs.proved,
        "found": [_way(way, told(way, item, language, names)) for way in repairs.ways],
    }


def sets_as_data(sets: LeafSets) -> dict[str, Any]:
    """Sets of leaves for programs, by number."""
    found = [{"change": list(each.change), "find_out": list(each.find_out)} for each in sets.sets]
    return {"count": sets.count, "sets": found}


def explained(item: ItemVerdict) -> dict[str, Any]:
    """Which leaves stand between the verdict and true, and which keep it false whatever the others may be."""
    kept = reasons(item.explanation, item.subject.dictionary)
    return {"turn": sets_as_data(blocking(item)), "kept_false_by": sets_as_data(kept)}


def _way(way: Way, words: WaySaid) -> dict[str, Any]:
    return {
        "line": words.line,
        "day": _day(way.day),
        "until": _day(way.until),
        "effort": way.effort,
        "steps": [_step(change, text) for change, text in zip(way.changes, words.steps, strict=True)],
        "findings": list(words.findings),
        "assumed": [{"variable": variable, "year": year} for variable, year in way.assumed],
        "manual": list(way.manual),
        "notes": list(words.notes),
    }


def _step(change: Change, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "variable": change.variable,
        "year": change.year,
        "present": values.plain(change.present),
        "target": values.plain(change.target),
        "effort": change.cost,
        "through": sorted({code for _, codes in change.grants for code in codes}),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
