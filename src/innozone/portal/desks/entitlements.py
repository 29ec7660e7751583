"""S22 我的清单: every item for one enterprise as a list: filtered, sorted, taken along as a file or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Flag
from innozone.foundation.desks.templatetags.ui import STATES as UI_STATES
from innozone.foundation.parties.models import Party, PartyKind
from innozone.kernel.packs.model import BENEFIT_KINDS
from innozone.kernel.rules import Truth
from innozone.portal import conditions, evidence, portrait, wording
from innozone.portal.desks.worked import Kept
from innozone.portal.evidence import PaperShown
from innozone.portal.portrait import GROUPS, STAGES, VerdictShown
from innozone.wings.policies.library import SOON

_STAGES = {
    "own": pgettext_lazy("stage", "for its stage"),
    "next": pgettext_lazy("stage", "its next rung"),
    "other": pgettext_lazy("stage", "for any stage"),
}


@dataclass
class Entitlement:
    """A line: an item for the enterprise `party`. pk: of the rule."""

    party: Party
    shown: VerdictShown
    place: int
    papers: list[PaperShown] = field(default_factory=list)

    @property
    def pk(self) -> int:
        return self.shown.verdict.rule.pk

    @property
    def state(self) -> str:
        return self.shown.state

    def get_state_display(self) -> str:
        return str(UI_STATES[self.state][2])

    @property
    def amount(self) -> Any:
        return self.shown.verdict.benefit or None

    @property
    def closes(self) -> date | None:
        return self.shown.item.closes if self.shown.item else None

    @property
    def kind(self) -> str:
        return (self.shown.verdict.version.data.get("benefit") or {}).get("kind") or ""

    @property
    def themes(self) -> Sequence[str]:
        return self.shown.item.policy.themes if self.shown.item else ()


@dataclass(frozen=True)
class Lines:
    """Lines in an order: as much of a queryset as a desk asks for."""

    rows: list[Entitlement]

    def order_by(self, *fields: str) -> Lines:
        return self

    def count(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> Lines:
        return Lines(self.rows[part])

    def __iter__(self) -> Iterator[Entitlement]:
        return iter(self.rows)

    def iterator(self, chunk_size: int) -> Iterator[Entitlement]:
        return iter(self.rows)

    def where(self, kept: Callable[[Entitlement], bool]) -> Lines:
        return Lines([row for row in self.rows if kept(row)])


def _closes_soon(row: Entitlement) -> bool:
    today = timezone.localdate()
    return row.closes is not None and today <= row.closes <= today + timedelta(days=SOON)


def _themes(user: Account) -> list[tuple[str, str]]:
    known = wording.terms()
    themes = known.codelists.get("themes") if known else None
    return [(entry.code, entry.label.get(get_language() or "zh-hans")) for entry in themes or ()]


def _on_file(row: Entitlement) -> str:
    return "、".join(paper.name for paper in row.papers if paper.fact)


def _to_bring(row: Entitlement) -> str:
    return "、".join(paper.name for paper in row.papers if not paper.fact)


def _reasons(row: Entitlement) -> str:
    """Why it is so: what lacks or is open; of what is met, what was asked."""
    shown, known = row.shown, wording.terms()
    told = [
        _("%(sentence)s (%(facts)s)") % {"sentence": sentence, "facts": lacks} if lacks else sentence
        for sentence, lacks in shown.why
    ]
    if shown.best and shown.best.why:
        told.append(shown.best.why)
    if not told and known is not None:
        told = [
            conditions.sentence(leaf.condition, known, wording.language())  # type: ignore[arg-type]
            for leaf in shown.verdict.explanation.leaves()
            if leaf.truth is Truth.of(leaf.asked) and leaf.condition is not None
        ]
    return _("; ").join(told)


def _department(row: Entitlement) -> str:
    item = row.shown.item
    return wording.local_text(item.department, "name") if item and item.department else ""


_KEYS: dict[str, Callable[[Entitlement], Any]] = {
    "name": lambda row: wording.local_text(row.shown.verdict.rule, "name"),
    "state": lambda row: row.place,
    "amount": lambda row: row.amount,
    "closes": lambda row: row.closes,
    "stage": lambda row: STAGES.index(row.shown.stage),
}


class Entitlements(Desk):
    name = "entitlements"
    title = gettext_lazy("My list")
    permission = "parties.view_party"
    columns = [
        Column("name", label=gettext_lazy("item"), ordering="name", value=_KEYS["name"]),
        Column("state", label=gettext_lazy("state"), kind="state", ordering="state", states={state: state for state in GROUPS}),
        Column("amount", label=gettext_lazy("amount"), kind="money", ordering="amount"),
        Column("gives", label=gettext_lazy("kind of support"), value=lambda row: row.shown.benefit_kind or row.shown.grants, shown=False),
        Column("closes", label=gettext_lazy("last day"), kind="date", ordering="closes"),
        Column("reasons", label=gettext_lazy("reasons"), value=_reasons),
        Column("bring", label=gettext_lazy("papers to bring"), value=_to_bring),
        Column("on_file", label=gettext_lazy("papers on file"), value=_on_file),
        Column("department", label=gettext_lazy("handled by"), value=_department),
        Column(
            "policy",
            label=gettext_lazy("policy"),
            value=lambda row: wording.local_text(row.shown.item.policy, "title") if row.shown.item else "",
        ),
        Column("stage", label=gettext_lazy("stage"), ordering="stage", value=lambda row: str(_STAGES[row.shown.stage]), shown=False),
    ]  # fmt: skip
    filters = [
        Kept("enterprise"),
        Choice(
            "state",
            label=gettext_lazy("state"),
            choices=[(state, UI_STATES[state][2]) for state in GROUPS],
            apply=lambda rows, v: rows.where(lambda row: row.state == v),
            counted=True,
        ),
        Choice(
            "support",
            label=gettext_lazy("kind of support"),
            choices=lambda _user: [(kind, wording.benefit_kind(kind)) for kind in BENEFIT_KINDS],
            apply=lambda rows, v: rows.where(lambda row: row.kind == v),
            counted=True,
        ),
        Choice(
            "theme",
            label=gettext_lazy("theme"),
            choices=_themes,
            apply=lambda rows, v: rows.where(lambda row: v in row.themes),
            counted=True,
        ),
        Flag(
            "closing",
            label=gettext_lazy("closes within 30 days"),
            apply=lambda rows, v: rows.where(lambda row: _closes_soon(row) == (v == "1")),
            counted=True,
        ),
        Flag(
            "money",
            label=gettext_lazy("gives money"),
            apply=lambda rows, v: rows.where(lambda row: bool(row.amount) == (v == "1")),
            counted=True,
        ),
    ]
    search = ["name"]
    search_label = gettext_lazy("Words of the item or policy")
    ordering = "state"
    page_size = 200
    drawer = False
    empty = gettext_lazy("No rule has been published yet.")

    def queryset(self, user: Account) -> QuerySet[Party]:
        rows = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
        return gate.scope(user, "parties.view_party", rows)

    def narrowed(self, query: Mapping[str, str], user: Account, problems: list[str]) -> Any:
        """Of the enterprise that the query names; without one, of the first for which the user speaks."""
        rows = self.of(self._party(query, user, problems), user)
        return self.filtered(self.searched(rows, query.get("q") or ""), query, user, problems)

    def of(self, party: Party | None, user: Account) -> Any:
        """All lines of an enterprise, judged once per request."""
        if party is None:
            return Lines([])
        kept = getattr(user, "_judged", None)
        if kept is None or kept[0] != party.pk:
            kept = (party.pk, portrait.of(party).shown)
            user._judged = kept  # type: ignore[union-attr]
        return self.lines(party, kept[1])

    def lines(self, party: Party, shown: Sequence[VerdictShown]) -> Any:
        """The lines of what has been judged."""
        return Lines([Entitlement(party, each, place) for place, each in enumerate(shown)])

    def _party(self, query: Mapping[str, str], user: Account, problems: list[str]) -> Party | None:
        given = (query.get("enterprise") or "").strip()
        if not given:
            return next(iter(gate.enterprises(user)), None)
        found = None
        if given.isascii() and given.isdigit() and len(given) < 19:
            found = self.queryset(user).filter(pk=int(given)).first()
        if found is None:
            problems.append(_("There is no such enterprise, or you may not see it."))
        return found

    def searched(self, rows: Any, text: str) -> Any:
        for word in text.lower().split()[:8]:
            rows = rows.where(lambda row, word=word: word in self._words(row))
        return rows

    @staticmethod
    def _words(row: Entitlement) -> str:
        rule, item = row.shown.verdict.rule, row.shown.item
        names = [rule.name, rule.name_en]
        if item is not None:
            names += [item.policy.title, item.policy.title_en, item.summary, item.summary_en]
        return " ".join(names).lower()

    def facets(self, query: Mapping[str, str], user: Account) -> dict[str, dict[str, int]]:
        rows = self.of(self._party(query, user, []), user)
        return self.facets_of(self.searched(rows, query.get("q") or ""), query, user)

    def facets_of(self, rows: Any, query: Mapping[str, str], user: Account) -> dict[str, dict[str, int]]:
        """The same of lines that are there already."""
        made: dict[str, dict[str, int]] = {}
        for part in self.filters:
            if part.counted:
                beside = self.filtered(rows, {**query, part.name: ""}, user, [])
                keys = [str(key) for key, _label in part.options(user)]
                made[part.name] = {key: part.chosen(beside, key).count() for key in keys}
        return made

    def ordered(self, rows: Any, sort: str) -> Any:
        """By a figure, those without one last; equal ones as the page has them."""
        key, down = _KEYS[sort.lstrip("-") or "state"], sort.startswith("-")
        there = [row for row in rows if key(row) is not None]
        there.sort(key=key, reverse=down)
        return Lines([*there, *(row for row in rows if key(row) is None)])

    def one(self, key: str, user: Account) -> None:
        """A line is nothing by itself: it leads to the page of the item."""

    def prepare(self, rows: list[Any], user: Account) -> None:
        if rows:
            held = evidence.held(rows[0].party)
            for row in rows:
                row.papers = evidence.of(row.shown.item.papers, held) if row.shown.item else []

    def url(self, row: Any) -> str:
        return reverse("enterprise_item", args=[row.party.pk, row.shown.verdict.rule.code])


ENTITLEMENTS = Entitlements()
register(ENTITLEMENTS)
