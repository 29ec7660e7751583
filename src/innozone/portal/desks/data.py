"""Datasets, deliveries, rejected rows, conflicts, objections."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, DateRange, NumberRange, Within
from innozone.foundation.facts import values
from innozone.foundation.facts.models import Dataset, Delivery, Fact, Objection, RejectedRow
from innozone.foundation.facts.problems import problem_text
from innozone.foundation.parties.models import Party
from innozone.portal.wording import fact_text, terms, variable_name

_STATES = {"received": "received", "taking": "taking", "taken": "taken", "refused": "refused"}
_DECISIONS = {"open": "open", "accepted": "accepted", "rejected": "rejected"}


def _datasets(user: Account) -> Choices:
    english = get_language() == "en"
    found = Dataset.objects.values_list("code", "title", "title_en")
    return [(code, (english and title_en) or title) for code, title, title_en in found]


def _variables(user: Account) -> Choices:
    known = terms()
    if known is None:
        return []
    language = get_language() or "zh-hans"
    return [(variable.code, variable.label.get(language)) for variable in known if not variable.derived]


def _dataset_name(row: Any) -> str:
    return (get_language() == "en" and row.dataset.title_en) or row.dataset.title


class Deliveries(Desk):
    name = "deliveries"
    title = _("Deliveries")
    permission = "facts.list_delivery"
    columns = [
        Column("file", "filename", ordering="filename"),
        Column("dataset", label=_("dataset"), ordering="dataset__title", value=_dataset_name),
        Column("owner", "dataset__owner__name", label=_("from"), ordering="dataset__owner__name"),
        Column("status", kind="state", ordering="status", states=_STATES),
        Column("rows", "rows_total", kind="integer", ordering="rows_total"),
        Column("taken", "rows_taken", kind="integer", ordering="rows_taken"),
        Column("rejected", "rows_rejected", kind="integer", ordering="rows_rejected"),
        Column("unlinked", "rows_unlinked", kind="integer", ordering="rows_unlinked"),
        Column("received", "received_at", kind="datetime", ordering="received_at"),
        Column("bytes", "size", kind="integer", ordering="size", shown=False),
    ]
    filters = [
        Choice("dataset", "dataset__code", label=_("dataset"), choices=_datasets),
        Choice("status", "status", label=_("status"), choices=Delivery.Status.choices),
        DateRange("received", "received_at", label=_("received"), time=True),
        NumberRange("rejected", "rows_rejected", label=_("rows rejected")),
    ]
    search = ["filename", "dataset__title", "dataset__title_en"]
    search_label = _("File or dataset")
    ordering = "-received"
    drawer = False
    empty = _("Nothing has been delivered yet: choose a dataset above and upload its file.")

    def queryset(self, user: Account) -> QuerySet[Delivery]:
        return gate.scope(user, "facts.view_delivery", Delivery.objects.select_related("dataset__owner"))

    def url(self, row: Delivery) -> str:
        return reverse("delivery", args=[row.pk])


class Rejected(Desk):
    """The rows of all deliveries that were kept aside; one delivery's by the filter `delivery`."""

    name = "rejected-rows"
    title = _("Rejected rows")
    permission = "facts.list_delivery"
    columns = [
        Column("row", kind="integer", ordering="row"),
        Column("kind", kind="choice", ordering="kind"),
        Column("problems", label=_("what is wrong and how to cure it"), value=lambda row: problems_text(row)),
        Column("cells", label=_("row as delivered"), value=lambda row: _cells(row)),
        Column("delivery", "delivery__filename", label=_("file"), ordering="delivery__received_at", shown=False),
        Column("settled", "settled_at", kind="datetime", ordering="settled_at", shown=False),
    ]
    filters = [
        Within("delivery"),
        Choice("kind", "kind", label=_("kind"), choices=RejectedRow.Kind.choices),
    ]
    ordering = "row"
    empty = _("No row was rejected.")

    detail_template = "data/rejected_drawer.html"

    def detail(self, row: RejectedRow, user: Account) -> dict[str, Any]:
        may = row.settled_at is None and gate.allows(user, "facts.add_delivery", row)
        candidates = Party.objects.filter(pk__in=row.parties) if may and row.kind != RejectedRow.Kind.INVALID else ()
        return {"candidates": candidates, "problems": problems_text(row).split("\n"), "cells": row.raw.items()}

    def queryset(self, user: Account) -> QuerySet[RejectedRow]:
        seen = gate.scope(user, "facts.view_delivery", Delivery.objects.all())
        return RejectedRow.objects.filter(delivery__in=seen).select_related("delivery")


def problems_text(row: RejectedRow) -> str:
    """What is wrong with a row and how to cure it, a line for each problem."""
    language = get_language() or "zh-hans"
    return "\n".join(
        f"{problem['column']}: {problem_text(problem, language)}"
        if problem.get("column")
        else problem_text(problem, language)
        for problem in row.problems
    )


def _cells(row: RejectedRow) -> str:
    cells = row.raw.items() if isinstance(row.raw, dict) else enumerate(row.raw, 1)
    return "; ".join(f"{name}: {cell}" for name, cell in cells if cell not in (None, ""))


class Conflicts(Desk):
    """Facts on which sources disagree; the winning value by precedence is in force."""

    name = "conflicts"
    title = _("Conflicts between sources")
    permission = "facts.view_conflict"
    columns = [
        Column("enterprise", "party__name", label=_("enterprise"), ordering="party__name"),
        Column("fact", label=_("fact"), ordering="variable", value=lambda row: variable_name(row.variable, row.year)),
        Column("value", label=_("value in force"), value=lambda row: fact_text(row)),
        Column("source", label=_("source in force"), value=lambda row: row.source_shown),
        Column("statements", kind="integer", ordering="statements"),
        Column("recorded", "recorded_at", kind="datetime", ordering="recorded_at"),
    ]
    filters = [Choice("variable", "variable", label=_("fact"), choices=_variables)]
    search = ["party__name", "party__credit_code"]
    search_label = _("Enterprise")
    ordering = "-recorded"
    detail_template = "data/conflict.html"
    empty = _("No two sources contradict each other.")

    def queryset(self, user: Account) -> QuerySet[Fact]:
        if not gate.allows(user, "facts.view_conflict"):
            return Fact.objects.none()
        return Fact.objects.filter(conflicting=True).select_related("party", "statement__dataset")

    def prepare(self, rows: list[Any], user: Account) -> None:
        for row in rows:
            row.source_shown = _dataset_name(row.statement) if row.statement and row.statement.dataset else ""

    def url(self, row: Fact) -> str:
        return reverse("fact", args=[row.party_id, row.variable, row.year])

    def detail(self, row: Fact, user: Account) -> dict[str, Any]:
        return {"statements": values.history(row.party_id, row.variable, row.year or None)}


class Objections(Desk):
    name = "objections"
    title = _("Objections to facts")
    permission = "facts.list_objection"
    columns = [
        Column("enterprise", "party__name", label=_("enterprise"), ordering="party__name"),
        Column("fact", label=_("fact"), ordering="variable", value=lambda row: variable_name(row.variable, row.year)),
        Column("claimed", ordering="claimed"),
        Column("reason", "reason"),
        Column("status", kind="state", ordering="status", states=_DECISIONS),
        Column("raised", "raised_at", kind="datetime", ordering="raised_at"),
        Column("decided", "decided_at", kind="datetime", ordering="decided_at", shown=False),
        Column("answer", shown=False),
    ]
    filters = [
        Choice("status", "status", label=_("status"), choices=Objection.Status.choices),
        Choice("variable", "variable", label=_("fact"), choices=_variables),
        DateRange("raised", "raised_at", label=_("raised"), time=True),
    ]
    search = ["party__name", "party__credit_code", "reason"]
    search_label = _("Enterprise or reason")
    ordering = "-raised"
    drawer = False
    empty = _("No enterprise has objected to a fact.")

    def queryset(self, user: Account) -> QuerySet[Objection]:
        return gate.scope(user, "facts.view_objection", Objection.objects.select_related("party", "dataset"))

    def url(self, row: Objection) -> str:
        return reverse("objection", args=[row.pk])


class Datasets(Desk):
    name = "datasets"
    title = _("Datasets")
    permission = "facts.view_dataset"
    columns = [
        Column(
            "title",
            label=_("dataset"),
            ordering="title",
            value=lambda row: (get_language() == "en" and row.title_en) or row.title,
        ),
        Column("code", kind="code", ordering="code"),
        Column("owner", "owner__name", label=_("from"), ordering="owner__name"),
        Column("fields", label=_("fields"), kind="integer", value=lambda row: len(row.contract.get("fields", ()))),
        Column("newest", label=_("newest delivery"), kind="datetime", ordering="newest", value=lambda row: row.newest),
        Column("active", kind="bool", ordering="active"),
    ]
    search = ["title", "title_en", "code", "owner__name"]
    ordering = "code"
    drawer = False
    empty = _("No dataset is declared: they come with the zone pack.")

    def queryset(self, user: Account) -> QuerySet[Dataset]:
        rows = gate.scope(user, "facts.view_dataset", Dataset.objects.select_related("owner"))
        return rows.annotate(newest=Max("deliveries__finished_at"))

    def url(self, row: Dataset) -> str:
        return reverse("dataset", args=[row.code])


DELIVERIES = register(Deliveries())
REJECTED = register(Rejected())
CONFLICTS = register(Conflicts())
OBJECTIONS = register(Objections())
DATASETS = register(Datasets())
