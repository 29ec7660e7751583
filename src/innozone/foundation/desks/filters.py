"""Filters of a desk: each reads its own parameters and narrows the queryset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from innozone.foundation.access.gate import Account

Choices = Sequence[tuple[str, Any]]
Apply = Callable[[QuerySet, str], QuerySet]


class BadValue(ValueError):
    """A filter was given something it cannot read; the message is for the user."""


@dataclass(frozen=True)
class Filter:
    """What all filters share. `path` is the ORM path; `apply` narrows by other means, `where` by a condition of rows.

    counted: the choices say how many rows each would leave beside the other filters (Desk.facets); needs `where` or
    `path`, as all choices are counted in one query.
    """

    name: str
    path: str = ""
    label: str | Promise = ""
    apply: Apply | None = None
    where: Callable[[str], Q] | None = None
    counted: bool = False
    kind: str = field(default="", init=False)

    def parameters(self) -> list[str]:
        """The names of the query parameters that this filter reads."""
        return [self.name]

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        """The rows that pass. Raises BadValue with a sentence for the user."""
        raise NotImplementedError

    def options(self, user: Account) -> Choices:
        return ()

    def condition(self, value: str) -> Q:
        """What a row must meet for the value."""
        return self.where(value) if self.where else Q(**{self.path or self.name: value})

    def chosen(self, rows: QuerySet, value: str) -> QuerySet:
        """The rows that the value lets through."""
        return self.apply(rows, value) if self.apply else rows.filter(self.condition(value))

    def _given(self, query: Mapping[str, str], parameter: str = "") -> str:
        return (query.get(parameter or self.name) or "").strip()


@dataclass(frozen=True)
class Choice(Filter):
    """One of several values; `choices` is a list or a function of the user."""

    choices: Choices | Callable[[Account], Choices] = ()
    kind: str = field(default="choice", init=False)

    def options(self, user: Account) -> Choices:
        return self.choices(user) if callable(self.choices) else self.choices

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        value = self._given(query)
        if not value:
            return rows
        if value not in {str(key) for key, _label in self.options(user)}:
            raise BadValue(_("“%(value)s” is not one of the choices of “%(filter)s”.") % self._named(value))
        return self.chosen(rows, value)

    def _named(self, value: str) -> dict[str, str]:
        return {"value": value, "filter": str(self.label)}


@dataclass(frozen=True)
class Flag(Filter):
    """Yes, no, or either."""

    kind: str = field(default="choice", init=False)

    def options(self, user: Account) -> Choices:
        return (("1", _("yes")), ("0", _("no")))

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        value = self._given(query)
        if value not in ("", "0", "1"):
            raise BadValue(_("“%(filter)s” takes 1 or 0.") % {"filter": self.label})
        return self.chosen(rows, value) if value else rows

    def condition(self, value: str) -> Q:
        if self.where:
            return self.where("1") if value == "1" else ~self.where("1")
        return Q(**{self.path or self.name: value == "1"})


@dataclass(frozen=True)
class DateRange(Filter):
    """From a day to a day, both included; for times the last day counts whole."""

    time: bool = False
    kind: str = field(default="date", init=False)

    def parameters(self) -> list[str]:
        return [f"{self.name}_from", f"{self.name}_to"]

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        path = (self.path or self.name) + ("__date" if self.time else "")
        for parameter, lookup in zip(self.parameters(), ("gte", "lt"), strict=True):
            value = self._given(query, parameter)
            if value:
                try:
                    day = date.fromisoformat(value) + timedelta(days=lookup == "lt")
                except (ValueError, OverflowError):
                    raise BadValue(_("“%(value)s” is not a day: write it as 2026-03-05.") % {"value": value}) from None
                rows = rows.filter(**{f"{path}__{lookup}": day})
        return rows


@dataclass(frozen=True)
class NumberRange(Filter):
    """From a number to a number, both included."""

    kind: str = field(default="number", init=False)

    def parameters(self) -> list[str]:
        return [f"{self.name}_from", f"{self.name}_to"]

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        for parameter, lookup in zip(self.parameters(), ("gte", "lte"), strict=True):
            value = self._given(query, parameter)
            if value:
                try:
                    number = Decimal(value.replace(",", ""))
                except InvalidOperation:
                    raise BadValue(_("“%(value)s” is not a number.") % {"value": value}) from None
                # The database counts to 1e18; 1E+999999 would be a million digits on the way there.
                if not number.is_finite() or not -18 <= number.adjusted() <= 18:
                    raise BadValue(_("“%(value)s” is not a number.") % {"value": value})
                rows = rows.filter(**{f"{self.path or self.name}__{lookup}": number})
        return rows


@dataclass(frozen=True)
class Within(Filter):
    """Keeps a list inside one record (the rows of one delivery); set by the page, not by the user's hand."""

    kind: str = field(default="hidden", init=False)

    def narrow(self, rows: QuerySet, query: Mapping[str, str], user: Account) -> QuerySet:
        value = self._given(query)
        if value and not (value.isascii() and value.isdigit() and len(value) < 19):
            raise BadValue(_("“%(value)s” is not a number.") % {"value": value})
        return rows.filter(**{self.path or self.name: int(value)}) if value else rows
