"""Who would get what of one budget, claim by claim: worked out over the newest run, listed like any record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import BadValue, Choice, Choices, Filter
from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.verdicts import allocations, runs
from innozone.foundation.verdicts.allocations import Plan
from innozone.kernel.rules.solve.allocation import RESULTS, Result
from innozone.portal import sharing

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Kept(Filter):
    """A part of the question that the page asks by its own form; the list carries it along."""

    kind: str = field(default="hidden", init=False)

    def narrow(self, rows: Any, query: Mapping[str, str], user: Account) -> Any:
        return rows


@dataclass
class Line:
    """One claim as the list shows it. Money in 元; None for a place without a sum and for what nobody knows yet."""

    pk: int
    place: int | None
    claimed: float | None
    granted: float | None
    result: Result
    check: str
    item: str
    party: Party | None = None

    def get_result_display(self) -> str:
        if self.result == "full" and self.claimed is None:
            return _("gets a place")
        return sharing.result(self.result)

    def get_check_display(self) -> str:
        return _("waits for a check") if self.check == "ready" else _("entitled")


class Lines:
    """Some claims of a plan in an order: as much of a queryset as a desk asks for."""

    def __init__(self, plan: Plan | None, at: Places) -> None:
        self.plan, self.at = plan, at

    def order_by(self, *fields: str) -> Lines:
        return self

    def count(self) -> int:
        return len(self.at)

    def __getitem__(self, part: slice) -> Lines:
        return Lines(self.plan, self.at[part])

    def iterator(self, chunk_size: int) -> Iterator[Line]:
        for start in range(0, len(self.at), chunk_size):
            yield from self[start : start + chunk_size]

    def where(self, kept: NDArray[np.bool_]) -> Lines:
        """Those of the claims for which `kept`, an array over all claims, is true."""
        return Lines(self.plan, self.at[kept[self.at]])

    def __iter__(self) -> Iterator[Line]:
        plan = self.plan
        if plan is None or plan.allocation is None:
            return
        found, english = plan.allocation, get_language() == "en"
        for at in self.at.tolist():
            rule = plan.pot.versions[int(plan.items[at])].rule
            claimed, result = int(plan.claims.amounts[at]), RESULTS[found.results[at]]
            yield Line(
                int(plan.parties[at]),
                int(found.places[at]) or None,
                claimed / 100 if claimed else None,
                int(found.amounts[at]) / 100 if claimed and result not in ("order", "amount") else None,
                result,
                "ready" if plan.ready[at] else "entitled",
                (english and rule.name_en) or rule.name,
            )


def _by_result(lines: Any, value: str) -> Any:
    found = lines.plan.allocation if lines.plan else None
    return lines if found is None else lines.where(found.results == RESULTS.index(value))  # type: ignore[arg-type]


def _results(user: Account) -> Choices:
    return [(result, sharing.result(result)) for result in RESULTS]


class AllocationLines(Desk):
    """The claims on one budget or on the places of one item; `item` is the code of an item or a group."""

    name = "allocation"
    title = gettext_lazy("Who gets what")
    permission = "parties.list_party"
    columns = [
        Column("name", label=gettext_lazy("enterprise"), value=lambda row: row.party and row.party.name),
        Column(
            "credit_code",
            label=gettext_lazy("credit code"),
            kind="code",
            value=lambda row: row.party and row.party.credit_code,
        ),
        Column("place", label=gettext_lazy("place in the order"), kind="integer", ordering="place"),
        Column("item", label=gettext_lazy("support item"), shown=False),
        Column("check", label=gettext_lazy("state"), kind="state", states={"entitled": "entitled", "ready": "ready"}),
        Column("claimed", label=gettext_lazy("claimed"), kind="money", ordering="claimed"),
        Column("granted", label=gettext_lazy("granted"), kind="money", ordering="granted"),
        Column(
            "result",
            label=gettext_lazy("result"),
            kind="state",
            states={result: f"allocation_{result}" for result in RESULTS},
        ),
    ]
    filters = [
        *(Kept(name) for name in ("item", "budget", "quota", "seed", "who")),
        Choice("result", label=gettext_lazy("result"), choices=_results, apply=_by_result),
    ]
    search = ["name", "credit_code"]
    search_label = gettext_lazy("Name or credit code")
    ordering = "place"
    drawer = False
    empty = gettext_lazy("Nobody has a claim on it.")

    def queryset(self, user: Account) -> QuerySet[Party]:
        rows = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
        return gate.scope(user, "parties.view_party", rows)

    def narrowed(self, query: Mapping[str, str], user: Account, problems: list[str]) -> Any:
        plan = self._plan(query, problems)
        known = plan is not None and plan.allocation is not None
        lines = Lines(plan, np.arange(len(plan.claims)) if plan is not None and known else np.empty(0, dtype=np.int64))
        words = (query.get("q") or "").split()[:8]
        if words and plan is not None:
            rows = self.queryset(user)
            for word in words:
                rows = rows.filter(Q(name__icontains=word) | Q(credit_code__icontains=word))
            lines = lines.where(np.isin(plan.parties, list(rows.values_list("pk", flat=True))))
        for part in self.filters:
            try:
                lines = part.narrow(lines, query, user)  # type: ignore[arg-type,assignment]
            except BadValue as error:
                problems.append(str(error))
        return lines

    def ordered(self, rows: Any, sort: str) -> Any:
        """By a figure; where nobody has a place, by what is granted, the most first. Equal ones by the number of the party."""
        plan = rows.plan
        if plan is None or plan.allocation is None:
            return rows
        places, granted = plan.allocation.places[rows.at], plan.allocation.amounts[rows.at]
        figure = {
            "place": np.where(places > 0, places, places.max(initial=0) + 1),
            "claimed": plan.claims.amounts[rows.at],
            "granted": granted,
        }[sort.lstrip("-") or "place"]
        keys = (plan.parties[rows.at], -granted, -figure if sort.startswith("-") else figure)
        return Lines(plan, rows.at[np.lexsort(keys)])

    def prepare(self, rows: list[Any], user: Account) -> None:
        parties = Party.objects.in_bulk({row.pk for row in rows})
        for row in rows:
            row.party = parties.get(row.pk)

    def url(self, row: Any) -> str:
        return reverse("enterprise", args=[row.pk])

    @staticmethod
    def _plan(query: Mapping[str, str], problems: list[str]) -> Plan | None:
        asked, run = sharing.question(query, problems), runs.latest()
        pots = {pot.code: pot for pot in allocations.pots(run)} if run is not None else {}
        pot = pots.get(query.get("item") or "")
        if not query.get("item"):
            return None
        if run is None or pot is None:
            problems.append(_("Name in “item” an item or a group that has a budget or places."))
            return None
        plan = asked.plan(run, pot)
        if plan.allocation is None:
            problems.append(sharing.refused(plan))
        return plan


ALLOCATION = register(AllocationLines())
