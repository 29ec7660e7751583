"""Who would get what of one budget, claim by claim: worked out over the newest run, listed like any record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import register
from innozone.foundation.desks.filters import Choice, Choices
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import allocations, runs
from innozone.foundation.verdicts.allocations import Plan
from innozone.kernel.rules.solve.allocation import RESULTS, Result
from innozone.portal import sharing
from innozone.portal.desks.worked import Kept, Places, WorkedOut, enterprise_columns


@dataclass
class Claim:
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


def _by_result(lines: Any, value: str) -> Any:
    found = lines.source.allocation if lines.source else None
    return lines if found is None else lines.where(found.results == RESULTS.index(value))


def _results(user: Account) -> Choices:
    return [(result, sharing.result(result)) for result in RESULTS]


class AllocationLines(WorkedOut):
    """The claims on one budget or on the places of one item; `item` is the code of an item or a group."""

    name = "allocation"
    title = gettext_lazy("Who gets what")
    columns = [
        *enterprise_columns(),
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
    ordering = "place"
    empty = gettext_lazy("Nobody has a claim on it.")

    def source(self, query: Mapping[str, str], problems: list[str]) -> Plan | None:
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
            return None
        return plan

    def lines(self, source: Plan, at: Places) -> Iterator[Claim]:
        found, english = source.allocation, get_language() == "en"
        assert found is not None
        for place in at.tolist():
            rule = source.pot.versions[int(source.items[place])].rule
            claimed, result = int(source.claims.amounts[place]), RESULTS[found.results[place]]
            yield Claim(
                int(source.parties[place]),
                int(found.places[place]) or None,
                claimed / 100 if claimed else None,
                int(found.amounts[place]) / 100 if claimed and result not in ("order", "amount") else None,
                result,
                "ready" if source.ready[place] else "entitled",
                (english and rule.name_en) or rule.name,
            )

    def keys(self, source: Plan, at: Places, column: str) -> tuple[NDArray[Any], ...]:
        """Where nobody has a place, by what is granted, the most first."""
        assert source.allocation is not None
        places, granted = source.allocation.places[at], source.allocation.amounts[at]
        figures = {
            "place": np.where(places > 0, places, places.max(initial=0) + 1),
            "claimed": source.claims.amounts[at],
            "granted": granted,
        }
        return figures[column], -granted


ALLOCATION = register(AllocationLines())
