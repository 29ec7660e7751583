"""Lists of enterprises that are worked out when they are asked for, not read from a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk
from innozone.foundation.desks.filters import BadValue, Filter
from innozone.foundation.parties.models import Party, PartyKind

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Kept(Filter):
    """A part of the question that the page asks by its own form; the list carries it along."""

    kind: str = field(default="hidden", init=False)

    def narrow(self, rows: Any, query: Mapping[str, str], user: Account) -> Any:
        return rows


class Source(Protocol):
    """What was worked out: of each line the enterprise it is about."""

    @property
    def parties(self) -> Places: ...


class Line(Protocol):
    """A row of the list; `pk` is that of the enterprise."""

    pk: int
    party: Party | None


class Lines:
    """Some lines of a source in an order: as much of a queryset as a desk asks for."""

    def __init__(self, desk: WorkedOut, source: Any, at: Places) -> None:
        self.desk, self.source, self.at = desk, source, at

    def order_by(self, *fields: str) -> Lines:
        return self

    def count(self) -> int:
        return len(self.at)

    def __getitem__(self, part: slice) -> Lines:
        return Lines(self.desk, self.source, self.at[part])

    def iterator(self, chunk_size: int) -> Iterator[Line]:
        for start in range(0, len(self.at), chunk_size):
            yield from self[start : start + chunk_size]

    def where(self, kept: NDArray[np.bool_]) -> Lines:
        """Those of the lines for which `kept`, an array over the whole source, is true."""
        return Lines(self.desk, self.source, self.at[kept[self.at]])

    def __iter__(self) -> Iterator[Line]:
        return iter(()) if self.source is None else self.desk.lines(self.source, self.at)


def enterprise_columns() -> list[Column]:
    """Name and credit code of the line's enterprise."""
    return [
        Column("name", label=gettext_lazy("enterprise"), value=lambda row: row.party and row.party.name),
        Column(
            "credit_code",
            label=gettext_lazy("credit code"),
            kind="code",
            value=lambda row: row.party and row.party.credit_code,
        ),
    ]


class WorkedOut(Desk):
    """A desk over lines. Subclasses say where they come from, what each shows, by which figures they are sorted."""

    permission = "parties.list_party"
    search = ["name", "credit_code"]
    search_label = gettext_lazy("Name or credit code")
    drawer = False

    def source(self, query: Mapping[str, str], problems: list[str]) -> Source | None:
        """What the query asks for; None, with a word in `problems`, when there is no such thing."""
        raise NotImplementedError

    def lines(self, source: Any, at: Places) -> Iterator[Line]:
        """The lines at some places."""
        raise NotImplementedError

    def keys(self, source: Any, at: Places, column: str) -> tuple[NDArray[Any], ...]:
        """The figures by which lines are sorted: that of the column first, then what decides between equal ones."""
        raise NotImplementedError

    def queryset(self, user: Account) -> QuerySet[Party]:
        rows = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
        return gate.scope(user, "parties.view_party", rows)

    def narrowed(self, query: Mapping[str, str], user: Account, problems: list[str]) -> Any:
        source = self.source(query, problems)
        lines = Lines(self, source, np.arange(0 if source is None else len(source.parties)))
        words = (query.get("q") or "").split()[:8]
        if words and source is not None:
            rows = self.queryset(user)
            for word in words:
                rows = rows.filter(Q(name__icontains=word) | Q(credit_code__icontains=word))
            lines = lines.where(np.isin(source.parties, list(rows.values_list("pk", flat=True))))
        for part in self.filters:
            try:
                lines = part.narrow(lines, query, user)  # type: ignore[arg-type,assignment]
            except BadValue as error:
                problems.append(str(error))
        return lines

    def one(self, key: str, user: Account) -> None:
        """A line is nothing by itself: it leads to the page of its enterprise."""

    def ordered(self, rows: Any, sort: str) -> Any:
        """By a figure; equal ones by the number of the party."""
        if rows.source is None:
            return rows
        first, *others = self.keys(rows.source, rows.at, sort.lstrip("-") or self.ordering.lstrip("-"))
        keys = (rows.source.parties[rows.at], *reversed(others), -first if sort.startswith("-") else first)
        return Lines(self, rows.source, rows.at[np.lexsort(keys)])

    def prepare(self, rows: list[Any], user: Account) -> None:
        parties = Party.objects.in_bulk({row.pk for row in rows})
        for row in rows:
            row.party = parties.get(row.pk)

    def url(self, row: Any) -> str:
        return reverse("enterprise", args=[row.pk])
