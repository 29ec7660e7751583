"""S01 企业库 as staff see it: every enterprise with its trade, place, titles, size and what it may apply for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, NumberRange
from innozone.foundation.facts.models import Fact
from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.verdicts import runs
from innozone.foundation.verdicts.models import Verdict
from innozone.kernel.terms import CodeList
from innozone.portal.wording import terms

# The facts that the table shows: of yearly ones the newest year.
SHOWN = ("industry", "registration_region", "designations", "established_on", "staff_total", "revenue")


def _list(code: str) -> CodeList | None:
    known = terms()
    return known.codelists.get(code) if known else None


def _names(codelist: CodeList | None, codes: Any) -> Choices:
    language = get_language() or "zh-hans"
    return [(code, codelist.by_code[code].label.get(language)) for code in codes] if codelist else []


def _industries(user: Account) -> Choices:
    known = _list("gbt4754")
    return _names(known, known.children.get(None, ())) if known else []


def _regions(user: Account) -> Choices:
    """The new cities first, then the provinces of whatever else is registered."""
    known = _list("regions")
    if known is None:
        return []
    zone = [code for code in known.by_code if not code.isdigit()]
    return _names(known, [*zone, *known.children.get(None, ())])


def _designations(user: Account) -> Choices:
    known = _list("designations")
    return _names(known, known.by_code) if known else []


def _rules(user: Account) -> Choices:
    run = runs.latest()
    if run is None:
        return []
    rules = Verdict.objects.filter(run=run).order_by("version__rule__code")
    name = "version__rule__name_en" if get_language() == "en" else "version__rule__name"
    return [
        (f"{code}:{kind}", f"{label}: {word}")
        for code, label in rules.values_list("version__rule__code", name)
        for kind, word in ((("true"), _("entitled")), ("ready", _("ready")), ("near", _("nearly there")))
    ]


def _has(variable: str, **lookup: Any) -> Exists:
    return Exists(Fact.objects.filter(party=OuterRef("pk"), variable=variable, **lookup))


def _below(variable: str, codelist: str) -> Callable[[QuerySet, str], QuerySet]:
    def apply(rows: QuerySet, value: str) -> QuerySet:
        known = _list(codelist)
        return rows.filter(_has(variable, text__in=known.subtree(value))) if known else rows.none()

    return apply


def _holding(rows: QuerySet, value: str) -> QuerySet:
    known = _list("designations")
    if known is None:
        return rows.none()
    # Sets of codes are kept as a JSON list: a code stands between quotation marks.
    anyone = "|".join(re.escape(code) for code in sorted(known.subtree(value)))
    return rows.filter(_has("designations", text__regex=f'"({anyone})"'))


def _judged(rows: QuerySet, value: str) -> QuerySet:
    code, _colon, kind = value.rpartition(":")
    run = runs.latest()
    verdict = (
        Verdict.objects.filter(run=run, version__rule__code=code)
        .select_related("run__snapshot", "version__rule")
        .first()
    )
    return rows.filter(pk__in=runs.members(verdict, kind)) if verdict else rows.none()


class _Newest(NumberRange):
    """A range over the newest year of a yearly variable."""

    def narrow(self, rows: QuerySet, query: Any, user: Account) -> QuerySet:
        if not any(self._given(query, name) for name in self.parameters()):
            return rows
        facts = Fact.objects.filter(party=OuterRef("pk"), variable=self.path).order_by("-year").values("number")[:1]
        narrowed = NumberRange(self.name, f"_{self.name}", self.label)
        return narrowed.narrow(rows.annotate(**{f"_{self.name}": facts}), query, user)


class Enterprises(Desk):
    name = "enterprises"
    title = _("Enterprises")
    permission = "parties.list_party"
    columns = [
        Column("name", ordering="name"),
        Column("credit_code", kind="code", ordering="credit_code"),
        Column("industry", label=_("industry"), value=lambda row: row.facts_shown.get("industry")),
        Column("region", label=_("region"), value=lambda row: row.facts_shown.get("registration_region")),
        Column("designations", label=_("titles held"), value=lambda row: row.facts_shown.get("designations")),
        Column("staff", label=_("staff"), kind="integer", value=lambda row: row.facts_shown.get("staff_total")),
        Column("revenue", label=_("revenue"), kind="money", value=lambda row: row.facts_shown.get("revenue")),
        Column("established", label=_("founded"), shown=False, value=lambda row: row.facts_shown.get("established_on")),
        Column("entitled", label=_("entitled"), kind="integer", value=lambda row: row.tally and row.tally.entitled),
        Column("near", label=_("nearly there"), kind="integer", value=lambda row: row.tally and row.tally.near),
    ]
    filters = [
        Choice("industry", label=_("industry"), choices=_industries, apply=_below("industry", "gbt4754")),
        Choice("region", label=_("region"), choices=_regions, apply=_below("registration_region", "regions")),
        Choice("title", label=_("title held"), choices=_designations, apply=_holding),
        Choice("item", label=_("support item"), choices=_rules, apply=_judged),
        _Newest("staff", "staff_total", label=_("staff")),
    ]
    search = ["name", "credit_code", "names__name"]
    search_label = _("Name or credit code")
    ordering = "name"
    drawer = True
    detail_template = "enterprises/drawer.html"
    empty = _("No enterprise is known yet: they come with the first delivery of the business registry.")

    def queryset(self, user: Account) -> QuerySet[Party]:
        rows = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
        return gate.scope(user, "parties.view_party", rows)

    def narrowed(self, query: Any, user: Account, problems: list[str]) -> QuerySet[Party]:
        rows = super().narrowed(query, user, problems)
        # A search word may fit several names of one enterprise.
        return rows.distinct() if query.get("q") else rows

    def prepare(self, rows: list[Any], user: Account) -> None:
        """The shown facts in one query, the tallies of the newest run in another."""
        known: dict[int, dict[str, Any]] = {row.pk: {} for row in rows}
        facts = Fact.objects.filter(party__in=known, variable__in=SHOWN).order_by("year")
        for party, variable, number, text in facts.values_list("party_id", "variable", "number", "text"):
            known[party][variable] = number if number is not None else text
        labels = _Labels()
        run = runs.latest()
        tallies = runs.tallies(run, list(known)) if run and known else {}
        for row in rows:
            row.facts_shown = {name: labels.read(name, value) for name, value in known[row.pk].items()}
            row.tally = tallies.get(row.pk)

    def url(self, row: Party) -> str:
        return reverse("enterprise", args=[row.pk])


class _Labels:
    """Codes as their names, in the active language."""

    def __init__(self) -> None:
        self.language = get_language() or "zh-hans"
        self.lists = {
            "industry": _list("gbt4754"),
            "registration_region": _list("regions"),
            "designations": _list("designations"),
        }

    def read(self, variable: str, value: Any) -> Any:
        known = self.lists.get(variable)
        if known is None or value is None:
            return value
        codes = re.findall(r'"([^"]+)"', value) if value.startswith("[") else [value]
        names = [known.by_code[code].label.get(self.language) if code in known else code for code in codes]
        return ("、" if self.language.startswith("zh") else ", ").join(names)


ENTERPRISES = register(Enterprises())
