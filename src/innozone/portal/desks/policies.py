"""S21 政策库: the papers that everyone may read, and the editors' bench of drafts."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, DateRange, Flag
from innozone.kernel.packs.model import BENEFIT_KINDS
from innozone.portal.wording import benefit_kind, terms, theme_name
from innozone.wings.policies import library, news
from innozone.wings.policies.models import Level, Policy

#: Marks of the last thirty days.
_NEWS = {"published": pgettext_lazy("news", "new"), "changed": pgettext_lazy("news", "changed")}
_STATES = {"draft": "draft", "confirmed": "confirmed", "ended": "ended"}
_VALIDITY = [
    ("now", pgettext_lazy("validity", "in force")),
    ("coming", pgettext_lazy("validity", "not yet in force")),
    ("ended", pgettext_lazy("validity", "no longer in force")),
]


def _themes(user: Account) -> Choices:
    known = terms()
    themes = known.codelists.get("themes") if known else None
    return [(entry.code, entry.label.get(get_language() or "zh-hans")) for entry in themes or ()]


def _kinds(user: Account) -> Choices:
    return [(kind, benefit_kind(kind)) for kind in BENEFIT_KINDS]


def _title(row: Any) -> str:
    return (get_language() == "en" and row.title_en) or row.title


def _successor(row: Any) -> str:
    """The paper in whose place the row's has gone; one that is not published yet is nobody's business."""
    other = row.replaced_by
    return _title(other) if other is not None and other.status != Policy.Status.DRAFT else ""


class Policies(Desk):
    name = "policies"
    title = _("Policies")
    permission = "policies.view_policy"
    columns = [
        Column("title", label=_("policy"), ordering="title", value=_title),
        Column("number", ordering="number"),
        Column("level", kind="choice", ordering="level"),
        Column("issuer", label=_("issuer"), ordering="issuer_name", value=lambda row: row.issuer_shown),
        Column("themes", label=_("themes"), value=lambda row: "、".join(theme_name(code) for code in row.themes)),
        Column("items", label=_("items"), kind="integer", ordering="item_count", value=lambda row: row.item_count),
        Column("issued", kind="date", ordering="issued"),
        Column("valid_from", kind="date", ordering="valid_from", shown=False),
        Column("valid_to", kind="date", ordering="valid_to", shown=False),
        Column(
            "validity",
            label=_("validity"),
            kind="state",
            states={code: f"validity_{code}" for code, _word in _VALIDITY},
        ),
        Column("replaced_by", label=_("replaced by"), value=_successor),
        Column("news", label=_("news"), value=lambda row: str(_NEWS[row.mark]) if row.mark else ""),
    ]
    filters = [
        Choice(
            "validity",
            label=_("validity"),
            choices=_VALIDITY,
            where=lambda value: library.in_validity(value, timezone.localdate()),
            counted=True,
        ),
        Choice("level", "level", label=_("level"), choices=Level.choices, counted=True),
        Choice("theme", label=_("theme"), choices=_themes, where=lambda v: Q(themes__contains=[v]), counted=True),
        Choice("support", label=_("kind of support"), choices=_kinds, where=library.giving, counted=True),
        Flag("money", label=_("gives money"), where=lambda _v: library.giving(), counted=True),
        Flag(
            "closing",
            label=_("closes within 30 days"),
            where=lambda _v: library.closing(timezone.localdate()),
            counted=True,
        ),
        DateRange("issued", "issued", label=_("issued")),
    ]
    search = ["title", "text"]
    search_label = _("Words of the title, text, number or item")
    ordering = "-issued"
    drawer = False
    empty = _("No policy is in the library yet: they come with the zone pack or from the policy workbench.")

    def queryset(self, user: Account) -> QuerySet[Policy]:
        rows = gate.scope(user, "policies.view_policy", Policy.objects.exclude(status=Policy.Status.DRAFT))
        return rows.select_related("issuer", "replaced_by").annotate(
            item_count=Count("items", filter=Q(items__ended=False), distinct=True)
        )

    def searched(self, rows: QuerySet, text: str) -> QuerySet:
        return library.search(text, rows)

    def prepare(self, rows: list[Any], user: Account) -> None:
        marks, today, words = news.marks(rows), timezone.localdate(), dict(_VALIDITY)
        for row in rows:
            row.validity = library.validity(row, today)
            row.get_validity_display = partial(words.get, row.validity)
            row.mark = marks.get(row.pk, "")
            english = get_language() == "en" and row.issuer and row.issuer.name_en
            row.issuer_shown = english or (row.issuer.name if row.issuer else row.issuer_name)

    def url(self, row: Policy) -> str:
        return reverse("policy", args=[row.code])


class Workbench(Policies):
    name = "policy-workbench"
    title = _("Policy workbench")
    permission = "policies.change_policy"
    columns = [
        Column("title", label=_("policy"), ordering="title", value=_title),
        Column("status", kind="state", ordering="status", states=_STATES),
        Column("origin", kind="choice", ordering="origin"),
        Column("level", kind="choice", ordering="level"),
        Column("items", label=_("items"), kind="integer", ordering="item_count", value=lambda row: row.item_count),
        Column("number", ordering="number", shown=False),
        Column("entered", "created_at", kind="datetime", ordering="created_at"),
    ]
    filters = [
        Choice("status", "status", label=_("status"), choices=Policy.Status.choices),
        Choice("origin", "origin", label=_("origin"), choices=Policy.Origin.choices),
        Choice("level", "level", label=_("level"), choices=Level.choices),
        Flag("proposal", "proposal", label=_("our proposal")),
    ]
    ordering = "-entered"
    empty = _("No paper is on the bench: upload or paste the text of a policy, and it will be read into conditions.")

    def queryset(self, user: Account) -> QuerySet[Policy]:
        rows = gate.scope(user, "policies.view_policy", Policy.objects.all())
        return rows.select_related("issuer", "replaced_by").annotate(
            item_count=Count("items", filter=Q(items__ended=False), distinct=True)
        )

    def url(self, row: Policy) -> str:
        return reverse("workbench_policy", args=[row.code])


POLICIES = register(Policies())
WORKBENCH = register(Workbench())
