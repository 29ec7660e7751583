"""The ways to an item as a page shows them: what to do, what to find out, by when, through which item, how much work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import live, rules, ways
from innozone.foundation.verdicts.live import ItemVerdict, State
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.rules import Condition, Manual, Test, Truth, render
from innozone.kernel.rules.solve.repair import Change, Way
from innozone.kernel.terms.units import parse_number
from innozone.portal import conditions, wording

#: Near misses that get a way in a line, and how often a rule is evaluated for each: some 65 ms together, 130 at p95.
MOST_NEAR = 10
SHORT_SEARCH = 300
#: A way of more person-days, some four years of one person, is none that a list should propose.
MOST_EFFORT = 1000
#: The longest number of points that anybody writes.
_LONGEST = 20


@dataclass(frozen=True)
class Through:
    """An item that grants a title on the way, and how it stands with the enterprise."""

    rule: Rule
    state: State


@dataclass(frozen=True)
class StepShown:
    text: str
    through: list[Through]


@dataclass(frozen=True)
class WayShown:
    """line: of a way without steps and findings, that time brings it. notes: when, how much work, what is assumed, what
    a person still judges."""

    steps: list[StepShown]
    findings: tuple[str, ...]
    notes: list[str]
    line: str = ""


@dataclass(frozen=True)
class ScoreShown:
    """The points that a rule asks for and that are not reached: which score, what is asked, the cheapest way there."""

    label: str
    asked: str
    line: str


@dataclass(frozen=True)
class WaysShown:
    """verdict: of the item; ahead: is there a way to go at all; by_itself: the day on which time alone does it, where
    none of the ways says so; proved: there is no cheaper way, or none at all."""

    verdict: ItemVerdict
    ahead: bool
    ways: list[WayShown] = field(default_factory=list)
    scores: list[ScoreShown] = field(default_factory=list)
    by_itself: str = ""
    proved: bool = True
    blocking: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PointsShown:
    """So many points of a score: now and asked for, as written; the ways as of WaysShown. problem: what was wrong with the
    number."""

    verdict: ItemVerdict
    score: str
    label: str
    now: str
    wanted: str
    reached: bool = False
    ways: list[WayShown] = field(default_factory=list)
    by_itself: str = ""
    proved: bool = True
    problem: str = ""


def names_of(versions: Mapping[str, RuleVersion]) -> dict[str, str]:
    """The names of items in the reader's language, by code."""
    return {code: wording.local_text(version.rule, "name") for code, version in versions.items()}


def of(party: Party, code: str) -> WaysShown | None:
    """The ways of one enterprise to one item; None when no rule in force bears the code."""
    versions = {version.rule.code: version for version in rules.in_force(timezone.localdate())}
    if code not in versions or wording.terms() is None:
        return None
    item = live.for_party(party, versions=[versions[code]])[0]
    grants = ways.granting(versions.values())
    repairs = ways.of(item, grants)
    if repairs is None:
        return WaysShown(item, False)
    words = _Words(item, versions)
    first = words.line(repairs.ways[0]) if repairs.ways else ""
    alone = ways.by_itself(repairs)
    return WaysShown(
        item,
        True,
        [words.way(way) for way in repairs.ways],
        [shown for score in ways.of_scores(item, grants) for shown in words.score(score) if shown.line != first],
        alone.isoformat() if alone else "",
        repairs.proved,
        [] if repairs.ways else words.blocking(),
    )


def to_points(party: Party, code: str, score: str, written: str) -> PointsShown | None:
    """The ways to so many points of a score, the first without a name; None when no rule in force bears the code, or the
    rule has no such score."""
    versions = {version.rule.code: version for version in rules.in_force(timezone.localdate())}
    if code not in versions or wording.terms() is None:
        return None
    item = live.for_party(party, versions=[versions[code]])[0]
    score = score or next(iter(item.scores), "")
    if score not in item.scores:
        return None
    now = item.scores[score]
    label = wording.score_name(item.version, score)
    told = PointsShown(item, score, label, "—" if now is None else f"{now:g}", written[:_LONGEST])
    try:
        points = parse_number(written[:_LONGEST], "分", "分")
    except ValueError:
        return replace(told, problem=_("“%(value)s” is not a number.") % {"value": written[:_LONGEST]})
    repairs = ways.to_points(item, score, points, ways.granting(versions.values()))
    words, alone = _Words(item, versions), ways.by_itself(repairs)
    return replace(
        told,
        reached=repairs.truth is Truth.TRUE,
        ways=[words.way(way) for way in repairs.ways],
        by_itself=alone.isoformat() if alone else "",
        proved=repairs.proved,
    )


def of_near_misses(party: Party) -> list[tuple[Rule, str]]:
    """Of each near miss, the nearest first, the cheapest way in a line; those for which a short search finds none of
    sensible work are left out."""
    versions = {version.rule.code: version for version in rules.in_force(timezone.localdate())}
    if wording.terms() is None:
        return []
    grants, found = ways.granting(versions.values()), []
    near = [item for item in live.for_party(party, versions=versions.values()) if item.state == "near"]
    for item in near[:MOST_NEAR]:
        repairs = ways.of(item, grants, most=1, most_evaluations=SHORT_SEARCH)
        if repairs is not None and repairs.ways and repairs.ways[0].effort <= MOST_EFFORT:
            words = ways.told(repairs.ways[0], item, wording.language(), names_of(versions))
            found.append((item.rule, " · ".join(part for part in (words.line, words.effort) if part)))
    return found


class _Words:
    def __init__(self, item: ItemVerdict, versions: Mapping[str, RuleVersion]) -> None:
        self.item, self.versions, self.names = item, versions, names_of(versions)
        self.language = wording.language()

    def line(self, way: Way) -> str:
        return ways.told(way, self.item, self.language, self.names).line

    def way(self, way: Way) -> WayShown:
        # The items on the way stand beside their steps as links.
        bare = replace(way, changes=tuple(replace(change, grants=()) for change in way.changes))
        words = ways.told(bare, self.item, self.language, {})
        steps = [StepShown(text, self._through(change)) for change, text in zip(way.changes, words.steps, strict=True)]
        if not steps and not words.findings:
            return WayShown([], (), [*words.notes, *self._judged(way)], words.line)
        when = words.when or (_("counts as soon as it is done") if steps else "")
        notes = [when, words.effort, *words.notes, *self._judged(way)]
        return WayShown(steps, words.findings, [note for note in notes if note])

    def score(self, found: ways.ScoreWay) -> list[ScoreShown]:
        """Nothing where the points can only be found out."""
        if not found.repairs.ways or not found.repairs.ways[0].changes or found.asked.expr is None:
            return []
        label = wording.score_name(self.item.version, found.score)
        asked = render(found.asked.expr, self.item.subject.dictionary, self.language)
        return [ScoreShown(label, asked, self.line(found.repairs.ways[0]))]

    def blocking(self) -> list[str]:
        """The sentences of the fewest conditions that would have to turn; empty where none can help."""
        leaves = self.item.explanation.leaves()
        least = next(iter(ways.blocking(self.item).sets), None)
        return [self._sentence(leaves[at].condition) for at in least.leaves] if least else []

    def _sentence(self, leaf: Condition) -> str:
        assert isinstance(leaf, Test | Manual)
        return conditions.sentence(leaf, self.item.subject.dictionary, self.language)

    def _through(self, change: Change) -> list[Through]:
        codes = dict.fromkeys(code for _title, codes in change.grants for code in codes)
        found = [live.judge(self.versions[code], self.item.subject) for code in codes]
        return [Through(item.rule, item.state) for item in found]

    def _judged(self, way: Way) -> list[str]:
        leaves = self.item.explanation.leaves()
        sentences = [self._sentence(leaves[at].condition) for at in way.manual]
        return [_("a person then judges: %(sentence)s") % {"sentence": sentence} for sentence in sentences]
