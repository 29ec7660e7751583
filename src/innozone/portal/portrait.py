"""What the pages of one enterprise show: verdicts with reasons and sources, facts by category."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.facts import values
from innozone.foundation.facts.models import Fact
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import live, rules, ways
from innozone.foundation.verdicts import wording as verdict_wording
from innozone.foundation.verdicts.live import ItemVerdict
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules import Explanation, Manual, Test, Truth
from innozone.kernel.rules.tree import DESIGNATIONS
from innozone.kernel.terms import Dictionary
from innozone.kernel.terms.units import format_number
from innozone.portal import best, conditions, evidence, wording
from innozone.portal.best import BestShown, Line
from innozone.portal.conditions import Node
from innozone.portal.evidence import PaperShown
from innozone.wings.policies import library
from innozone.wings.policies.models import Item

#: How many of the last years a row of facts shows.
YEARS = 4
#: How many lines explain a state before the item is opened.
_WHY = 2
#: How many questions a page asks at once.
MOST_ASKED = 5


#: What an item is to where the enterprise stands (S22 精准定位企业各阶段需求): it asks for a title or a young age that the
#: enterprise has; it grants a title that is within reach, the next rung; or it speaks of no stage.
Stage = Literal["own", "next", "other"]
STAGES: tuple[Stage, ...] = ("own", "next", "other")


@dataclass
class VerdictShown:
    """One item for one enterprise in a line.

    why: what lacks, what is missing or what a person judges; todo: when and where to apply. Both ready to be read.
    best: what it does in the best set, for entitled items. soon: the day on which time alone makes it true. item: the
    support item; None for a rule without one. stage: see STAGES.
    """

    verdict: ItemVerdict
    benefit_kind: str
    amount: str
    grants: str
    held: bool
    why: list[tuple[str, str]]
    todo: str
    best: Line | None = None
    soon: date | None = None
    item: Item | None = None
    stage: Stage = "other"

    @property
    def state(self) -> str:
        return "soon" if self.soon else self.verdict.state


@dataclass
class VerdictOpened:
    """The same with everything behind it: the policy, the tree of conditions with facts and their sources, points."""

    shown: VerdictShown
    item: Item | None
    tree: Node
    sources: dict[Any, Any]
    scores: list[tuple[str, str, str]]
    papers: list[PaperShown]

    @property
    def ahead(self) -> bool:
        """Is there a way to go."""
        return self.shown.verdict.state in ways.AHEAD


#: The groups of the page, the best news first.
GROUPS = ("entitled", "ready", "soon", "near", "unknown", "not")


@dataclass
class Portrait:
    """Every item for one enterprise, the best news first, and what they come to together.

    shown: in the order of GROUPS, within `entitled` what counts in the best set first, within `soon` by day. best: the
    best set of entitled support items. asked: the questions that settle what is unknown.
    """

    shown: list[VerdictShown] = field(default_factory=list)
    best: BestShown = field(default_factory=BestShown)
    asked: list[QuestionShown] = field(default_factory=list)


def of(party: Party) -> Portrait:
    """Nothing before the first pack. A bounded number of queries, however many items there are."""
    known = wording.terms()
    if known is None:
        return Portrait()
    found = live.for_party(party)
    held = _held(party, known)
    chosen = best.of(found)
    items = library.of_rules(verdict.rule.pk for verdict in found)
    groups: dict[str, list[VerdictShown]] = {state: [] for state in GROUPS}
    for verdict in found:
        line = chosen.lines.get(verdict.rule.code) if verdict.state == "entitled" else None
        shown = _shown(verdict, held, known, items.get(verdict.rule.pk), line)
        if not shown.held:
            shown.soon = ways.soon(verdict)
        shown.stage = _stage(shown)
        groups[shown.state].append(shown)
    groups["entitled"].sort(key=lambda shown: best.PLACES.index(shown.best.place) if shown.best else 0)
    groups["soon"].sort(key=lambda shown: shown.soon or date.max)
    return Portrait([shown for group in groups.values() for shown in group], chosen, questions_of(found, known))


def _stage(shown: VerdictShown) -> Stage:
    """What the item is to where the enterprise stands, by the conditions themselves."""
    if shown.held or not (shown.verdict.state in ("entitled", "ready", "near") or shown.soon):
        return "other"
    explanation = shown.verdict.explanation
    # A title that is lacking, or an age that is past, says that the item is for another stage.
    if any(_speaks_of_a_stage(leaf) for leaf in explanation.failing() if leaf.truth is Truth.FALSE):
        return "other"
    if shown.grants:
        return "next"
    met = (leaf for leaf in explanation.leaves() if leaf.asked and leaf.truth is Truth.TRUE)
    return "own" if any(_speaks_of_a_stage(leaf) for leaf in met) else "other"


def _speaks_of_a_stage(leaf: Explanation) -> bool:
    """A title that is held, or that a firm is not older than so many years."""
    young = leaf.text.startswith("age(") and "<" in leaf.text
    return young or any(read.variable == DESIGNATIONS for node in leaf.walk() for read in node.inputs)


@dataclass(frozen=True)
class QuestionShown:
    """A fact that nobody has told and whose answer alone could settle items. items: their names, those that could give
    most first; money: what they could come to at most, empty where no sum is known; kind: of a record, empty for a fact."""

    variable: str
    year: int | None
    label: str
    items: list[str]
    money: str
    kind: str = ""


def questions_of(found: list[ItemVerdict], known: Dictionary, most: int = MOST_ASKED) -> list[QuestionShown]:
    """The questions that unlock most, of the items for which facts are missing."""
    unknown = {verdict.rule.code: verdict for verdict in found if verdict.state == "unknown"}
    language, made = wording.language(), []
    for question in live.questions(list(unknown.values()))[:most]:
        kind = question.variable.removesuffix(RECORDS) if question.variable.endswith(RECORDS) else ""
        label = known.records[kind].label.get(language) if kind in known.records else ""
        ranked = sorted(question.rules.items(), key=lambda pair: -(pair[1].money or 0.0))
        money = question.unlocked.money
        made.append(
            QuestionShown(
                question.variable,
                question.year,
                label or wording.variable_name(question.variable, question.year, known),
                [wording.local_text(unknown[code].rule, "name") for code, _unlocked in ranked if code in unknown],
                format_number(Decimal(repr(money)), "元", language) if money else "",
                kind,
            )
        )
    return made


def opened(party: Party, code: str) -> VerdictOpened | None:
    """One item with everything behind it; None when no rule in force bears the code."""
    known, language = wording.terms(), wording.language()
    version = next((version for version in rules.in_force(timezone.localdate()) if version.rule.code == code), None)
    if known is None or version is None:
        return None
    verdict = live.for_party(party, versions=[version])[0]
    tree = conditions.explained(verdict.explanation, known, language, f"r{verdict.rule.pk}")
    keys = {(fact.variable, fact.year) for leaf in tree.leaves() for fact in leaf.facts if fact.text}
    item = library.of_rules([verdict.rule.pk]).get(verdict.rule.pk)
    shown = _shown(verdict, _held(party, known), known, item)
    shown.soon = None if shown.held else ways.soon(verdict)
    return VerdictOpened(
        shown,
        item,
        tree,
        values.views(party, keys) if keys else {},
        _scores(verdict),
        evidence.of(item.papers, evidence.held(party)) if item is not None and item.papers else [],
    )


def _held(party: Party, known: Dictionary) -> frozenset[str]:
    fact = Fact.objects.filter(party=party, variable="designations").first()
    listed = known.codelists.get("designations")
    if fact is None or listed is None:
        return frozenset()
    codes = values.value_of(known["designations"], fact.number, fact.text)
    if not isinstance(codes, frozenset):
        return frozenset()
    # Who holds a title holds every title above it.
    above: set[str] = set()
    for code in codes:
        at: str | None = code
        while at is not None and at in listed:
            above.add(at)
            at = listed.by_code[at].parent
    return frozenset(above)


def _shown(
    verdict: ItemVerdict, held: frozenset[str], known: Dictionary, item: Item | None, line: Line | None = None
) -> VerdictShown:
    data = verdict.version.data
    grants = data.get("grants") or ""
    benefit = data.get("benefit") or {}
    return VerdictShown(
        verdict,
        wording.benefit_kind(benefit["kind"]) if benefit.get("kind") else "",
        format_number(verdict.benefit, "元", wording.language()) if verdict.benefit else "",
        wording.code_name("designations", grants) if grants else "",
        grants in held,
        _why(verdict, known),
        _todo(item) if item is not None and verdict.state in ("entitled", "ready") else "",
        line,
        item=item,
    )


def _todo(item: Item) -> str:
    """“Apply 2026-08-01 – 2026-10-31 · Science Office”; whether the window is open, over, or yet to come."""
    parts = []
    today = timezone.localdate()
    if item.opens or item.closes:
        days = {"opens": item.opens or "…", "closes": item.closes or "…"}
        if item.closes and item.closes < today:
            parts.append(_("window closed on %(closes)s") % days)
        elif item.opens and item.opens > today:
            parts.append(_("apply from %(opens)s to %(closes)s") % days)
        else:
            parts.append(_("apply now, until %(closes)s") % days)
    if item.department is not None:
        parts.append(wording.local_text(item.department, "name"))
    return " · ".join(parts)


def _why(verdict: ItemVerdict, known: Dictionary) -> list[tuple[str, str]]:
    """(sentence, what lacks in figures) for the few lines that explain the state."""
    explanation, language = verdict.explanation, wording.language()
    if verdict.state == "unknown":
        missing = [wording.variable_name(each.variable, each.year, known) for each in explanation.missing()]
        return [(name, "") for name in dict.fromkeys(missing)][:_WHY]
    if verdict.state == "ready":
        told = [leaf for leaf in explanation.leaves() if leaf.manual]
    elif verdict.state in ("near", "not"):
        told = _leaves_of(explanation.near_miss, explanation) or explanation.failing()
    else:
        told = []
    return [
        (
            conditions.sentence(leaf.condition, known, language),
            verdict_wording.lacks(leaf, known, language) if not leaf.manual else "",
        )
        for leaf in told[:_WHY]
        if isinstance(leaf.condition, Test | Manual)
    ]


def _leaves_of(parts: list[Explanation], explanation: Explanation) -> list[Explanation]:
    """The leaves in which the parts stand, without repetition."""
    wanted = {id(part) for part in parts}
    return [leaf for leaf in explanation.leaves() if any(id(part) in wanted for part in leaf.walk())]


def _scores(verdict: ItemVerdict) -> list[tuple[str, str, str]]:
    """(code, label, points) of each score of the rule."""
    return [
        (code, wording.score_name(verdict.version, code), "—" if score is None else f"{score:g}")
        for code, score in verdict.scores.items()
    ]


@dataclass
class FactRow:
    """One variable of an enterprise: its values by year, the newest first, with their views."""

    variable: str
    label: str
    values: list[tuple[int, Any]]
    conflicting: bool


def facts_of(party: Party) -> list[tuple[str, list[FactRow]]]:
    """All facts, by category in the order of the dictionary."""
    known = wording.terms()
    if known is None:
        return []
    rows: dict[str, FactRow] = {}
    for (code, year), view in values.views(party).items():
        variable = known.get(code)
        if variable is None:
            continue
        row = rows.setdefault(code, FactRow(code, variable.label.get(wording.language()), [], False))
        row.values.append((year or 0, view))
        row.conflicting |= view.conflicting
    categories: dict[str, list[FactRow]] = {}
    for variable in known:
        if variable.code in rows:
            row = rows[variable.code]
            row.values = sorted(row.values, key=lambda pair: -pair[0])[:YEARS]
            categories.setdefault(variable.category, []).append(row)
    return [(wording.category_name(category), found) for category, found in categories.items()]
