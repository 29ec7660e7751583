"""S21 政策汇聚: where texts come from by themselves, and what has arrived."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, DateRange, Flag
from innozone.portal.wording import reading_refusal
from innozone.wings.policies import texts, versions
from innozone.wings.policies.models import Arrival, Level, Source

_STATES = {name: f"source_{name}" for name in ("well", "failing", "new", "paused")}


def source_state(row: Source) -> str:
    """paused, new (not looked at yet), failing (something could not be had), well."""
    if not row.active:
        return "paused"
    return "new" if row.looked_at is None else "failing" if row.outcome.get("failed") else "well"


class Sources(Desk):
    name = "policy-sources"
    title = _("Sources of texts")
    permission = "policies.change_source"
    columns = [
        Column("name", ordering="name"),
        Column("state", label=_("state"), kind="state", value=source_state, states=_STATES),
        Column("kind", kind="choice", ordering="kind"),
        Column("level", kind="choice", ordering="level"),
        Column("issuer", "issuer_name", ordering="issuer_name"),
        Column("arrived", label=_("texts arrived"), kind="integer", ordering="arrived", value=lambda row: row.arrived),
        Column("looked", "looked_at", kind="datetime", ordering="looked_at"),
        Column("due", "due_at", kind="datetime", ordering="due_at"),
        Column("every", kind="integer", ordering="every", shown=False),
        Column("code", kind="code", ordering="code", shown=False),
        Column("address", shown=False),
    ]
    filters = [
        Choice("kind", "kind", label=_("kind"), choices=Source.Kind.choices),
        Choice("level", "level", label=_("level"), choices=Level.choices),
        Flag("active", "active", label=_("active")),
    ]
    search = ["name", "code", "issuer_name", "address"]
    ordering = "name"
    drawer = False
    empty = _("No source yet: add a folder, a feed or a list of pages, and new texts become drafts by themselves.")

    def queryset(self, user: Account) -> QuerySet[Source]:
        rows = gate.scope(user, "policies.change_source", Source.objects.all())
        return rows.annotate(arrived=Count("arrivals"))

    def url(self, row: Source) -> str:
        return reverse("source", args=[row.pk])


def _sources(user: Account) -> Choices:
    return list(Source.objects.values_list("code", "name").order_by("name"))


class Arrivals(Desk):
    name = "arrivals"
    title = _("Texts arrived")
    permission = "policies.change_source"
    columns = [
        Column("title", ordering="title", value=lambda row: row.title or row.address),
        Column("state", kind="state", ordering="state", states={name: f"arrival_{name}" for name in Arrival.State.values}),
        Column("source", "source__name", label=_("source"), ordering="source__name"),
        Column("policy", label=_("policy"), value=lambda row: row.policy.title if row.policy else ""),
        Column("changes", label=_("changes"), value=lambda row: row.changes.title if row.changes else "", shown=False),
        Column("reason", label=_("reason"), value=lambda row: reading_refusal(row.reason) or row.reason, shown=False),
        Column("published", kind="date", ordering="published"),
        Column("arrived", "arrived_at", kind="datetime", ordering="arrived_at"),
        Column("address", shown=False),
    ]  # fmt: skip
    filters = [
        Choice("source", "source__code", label=_("source"), choices=_sources),
        Choice("state", "state", label=_("state"), choices=Arrival.State.choices),
        DateRange("arrived", "arrived_at", label=_("arrived"), time=True),
    ]
    search = ["title", "address"]
    ordering = "-arrived"
    detail_template = "sources/arrival.html"
    empty = _("Nothing has arrived yet.")

    def queryset(self, user: Account) -> QuerySet[Arrival]:
        rows = gate.scope(user, "policies.change_source", Arrival.objects.all())
        return rows.select_related("source", "policy", "changes")

    def detail(self, row: Arrival, user: Account) -> dict[str, Any]:
        """The text beside the one it changes."""
        if row.changes is None or row.policy is None:
            return {}
        old, new = texts.current(row.changes), texts.current(row.policy)
        return {"paragraphs": list(versions.paragraphs(old.text, new.text))}


SOURCES = register(Sources())
ARRIVALS = register(Arrivals())
