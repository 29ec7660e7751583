"""The desk and its page of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.filters import BadValue, Filter

PAGE_SIZES = (20, 50, 100, 200)
# Counting millions of rows for every page helps nobody: above this a list says "more than" and asks for a filter.
COUNT_LIMIT = 10_000
CHUNK = 2_000
# Parameters that say how a list is shown, not which rows it holds.
VIEW_PARAMETERS = ("page", "detail", "format")


class DeskQueryError(ValueError):
    """The query names something the desk does not know; `problems` are sentences for the user."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Page:
    """One page of a desk as a query asks for it."""

    desk: Desk
    user: Account
    query: Mapping[str, str]
    objects: list[Any]
    columns: list[Column]
    number: int
    size: int
    total: int
    exact: bool
    sort: str
    problems: list[str] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.objects else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.objects)

    @cached_property
    def filtered(self) -> bool:
        """True when the query narrows the list at all."""
        names = {"q", *(name for part in self.desk.filters for name in part.parameters())}
        return any(self.query.get(name) for name in names)

    def address(self, **changes: object) -> str:
        """This list's query string with some parameters changed; None removes one."""
        kept = {k: v for k, v in self.query.items() if v and k not in VIEW_PARAMETERS}
        if self.number > 1 and "page" not in changes:
            kept["page"] = str(self.number)
        for key, value in changes.items():
            kept.pop(key, None)
            if value is not None:
                kept[key] = str(value)
        return "?" + urlencode(kept)

    def to_data(self) -> dict[str, Any]:
        """The page as plain data, see `Desk.rows`."""
        model = self.desk.model
        return {
            "desk": self.desk.name,
            "title": str(self.desk.title),
            "columns": [{"name": c.name, "label": c.heading(model), "kind": c.kind} for c in self.columns],
            "rows": [
                {"id": row.pk, "url": self.desk.url(row), "cells": {c.name: c.data(row) for c in self.columns}}
                for row in self.objects
            ],
            "page": self.number,
            "pages": self.pages,
            "size": self.size,
            "total": self.total,
            "total_is_exact": self.exact,
            "sort": self.sort,
        }


class Desk:
    """A declared list. Subclasses set the attributes and `queryset`.

    `permission` is asked for the list as such; `queryset` gives only what the user may see (`gate.scope`).
    `prepare` may attach to one page of rows, in a bounded number of queries, what columns need.
    """

    name: str
    title: str | Promise
    permission: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    search: Sequence[str] = ()
    search_label: str | Promise = gettext_lazy("Search")
    ordering: str = ""
    page_size: int = 50
    empty: str | Promise = gettext_lazy("There is nothing here yet.")
    # What the drawer shows below the columns; empty = columns only. False for `drawer` links rows to their page.
    detail_template: str = ""
    drawer: bool = True

    def queryset(self, user: Account) -> QuerySet[Any]:
        raise NotImplementedError

    def prepare(self, rows: list[Any], user: Account) -> None:
        """Attaches to the rows of one page what the columns show."""

    def url(self, row: Any) -> str | None:
        """The address of the row's own page; None when it has none."""
        return None

    def detail(self, row: Any, user: Account) -> dict[str, Any]:
        """What `detail_template` needs besides the row."""
        return {}

    @cached_property
    def model(self) -> type[Model]:
        from django.contrib.auth.models import AnonymousUser

        return self.queryset(AnonymousUser()).model

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def rows(self, query: Mapping[str, str], user: Account) -> dict[str, Any]:
        """One page as plain data, for the API; refuses what the page would only warn of.

        query: the parameters of the page: `q`, each filter's own, `sort` (a column, `-` for descending), `columns`
        (names with commas), `page` from 1, `size`. Gives {"desk", "title", "columns": [{"name", "label", "kind"}],
        "rows": [{"id", "url", "cells": {column: value}}], "page", "pages", "size", "total", "total_is_exact",
        "sort", "facets": see `facets`}; money in 元, ratios with 1 = 100 %, exact decimals as strings. `total` stops at 10,000 and
        `total_is_exact` is false then; so do the pages: narrow the list by a filter to see the rest.
        Raises PermissionDenied, and DeskQueryError for an unknown column, filter value or page.
        """
        page = self.page(query, user)
        if page.problems:
            raise DeskQueryError(page.problems)
        return page.to_data() | {"facets": self.facets(query, user)}

    def page(self, query: Mapping[str, str], user: Account) -> Page:
        """One page; what the query gets wrong is left out and named in `problems`."""
        gate.require(user, self.permission)
        problems: list[str] = []
        rows = self.narrowed(query, user, problems)
        total = rows.order_by()[: COUNT_LIMIT + 1].count()
        exact = total <= COUNT_LIMIT
        total = min(total, COUNT_LIMIT)
        size = self._number(query, "size", self.page_size, problems)
        if not 1 <= size <= PAGE_SIZES[-1]:
            problems.append(_("A page holds 1 to %(most)d rows.") % {"most": PAGE_SIZES[-1]})
            size = self.page_size
        number = self._number(query, "page", 1, problems)
        last = max(1, -(-total // size))
        if not 1 <= number <= last:
            problems.append(_("There is no page %(page)d: the last one is %(last)d.") % {"page": number, "last": last})
            number = last
        sort = self._sort(query, problems)
        found = list(self.ordered(rows, sort)[(number - 1) * size : number * size])
        self.prepare(found, user)
        columns = self.chosen(query, problems)
        return Page(self, user, query, found, columns, number, size, total, exact, sort, problems)

    def narrowed(self, query: Mapping[str, str], user: Account, problems: list[str]) -> QuerySet[Any]:
        """The rows that the search words and the filters let through."""
        rows = self.searched(self.queryset(user), query.get("q") or "")
        return self.filtered(rows, query, user, problems)

    def filtered(self, rows: Any, query: Mapping[str, str], user: Account, problems: list[str]) -> Any:
        """The rows that the filters let through; what they cannot read is named in `problems`."""
        for part in self.filters:
            try:
                rows = part.narrow(rows, query, user)
            except BadValue as error:
                problems.append(str(error))
        return rows

    def searched(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """The rows that hold every word of the text, each in one of the places of `search`."""
        for word in text.split()[:8]:
            anywhere = Q()
            for path in self.search:
                anywhere |= Q(**{f"{path}__icontains": word})
            rows = rows.filter(anywhere)
        return rows

    def facets(self, query: Mapping[str, str], user: Account) -> dict[str, dict[str, int]]:
        """Of each counted filter, how many rows each choice would leave beside all other filters of the query:
        filter → choice → rows. One query; none where nothing is counted. Conditions must not multiply rows."""
        counted = [(part, [str(key) for key, _label in part.options(user)]) for part in self.filters if part.counted]
        if not counted:
            return {}
        given = {part.name: (query.get(part.name) or "").strip() for part, _keys in counted}
        kept = {part.name: part.condition(given[part.name]) for part, keys in counted if given[part.name] in keys}
        # By key alone: what the list adds to its rows for sorting need not be counted along.
        left = self.narrowed({**query, **dict.fromkeys(given, "")}, user, []).order_by().values("pk")
        rows = self.model._base_manager.filter(pk__in=left)
        wanted = {}
        for at, (part, keys) in enumerate(counted):
            beside = Q(*(condition for name, condition in kept.items() if name != part.name))
            for place, key in enumerate(keys):
                wanted[f"f{at}_{place}"] = Count("pk", filter=beside & part.condition(key))
        found = rows.aggregate(**wanted) if wanted else {}
        return {
            part.name: {key: found[f"f{at}_{place}"] for place, key in enumerate(keys)}
            for at, (part, keys) in enumerate(counted)
        }

    def ordered(self, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
        """Sorted, with the key as the last word so that pages never overlap."""
        if not sort:
            return rows.order_by("pk")
        path = self.by_name[sort.lstrip("-")].ordering
        return rows.order_by(("-" if sort.startswith("-") else "") + path, "pk")

    def chosen(self, query: Mapping[str, str], problems: list[str]) -> list[Column]:
        """The columns to show: those the query names, else the usual ones."""
        names = [name for name in (query.get("columns") or "").split(",") if name]
        unknown = [name for name in names if name not in self.by_name]
        if unknown:
            problems.append(_("There is no column “%(column)s”.") % {"column": unknown[0]})
        known = [column for column in self.columns if column.name in names]
        return known or [column for column in self.columns if column.shown]

    def everything(self, query: Mapping[str, str], user: Account) -> Iterator[Any]:
        """All rows of the query, in order, prepared in chunks: for files."""
        gate.require(user, self.permission)
        rows = self.ordered(self.narrowed(query, user, []), self._sort(query, []))
        chunk: list[Any] = []
        for row in rows.iterator(chunk_size=CHUNK):
            chunk.append(row)
            if len(chunk) == CHUNK:
                self.prepare(chunk, user)
                yield from chunk
                chunk = []
        self.prepare(chunk, user)
        yield from chunk

    def one(self, key: str, user: Account) -> Any | None:
        """The row with this key when the user may see it, prepared as for a page."""
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
        row = self.queryset(user).filter(pk=number).first()
        if row is not None:
            self.prepare([row], user)
        return row

    def _sort(self, query: Mapping[str, str], problems: list[str]) -> str:
        sort = query.get("sort") or self.ordering
        column = self.by_name.get(sort.lstrip("-"))
        if sort and (column is None or not column.ordering):
            problems.append(_("The list cannot be sorted by “%(column)s”.") % {"column": sort})
            return self.ordering
        return sort

    @staticmethod
    def _number(query: Mapping[str, str], name: str, usual: int, problems: list[str]) -> int:
        given = (query.get(name) or "").strip()
        if not given:
            return usual
        if given.isascii() and given.isdigit() and len(given) < 9:
            return int(given)
        problems.append(_("“%(value)s” is not a number.") % {"value": given})
        return usual


_DESKS: dict[str, Desk] = {}


def register(desk: Desk) -> Desk:
    """Makes the desk known by its name, which the API and saved views use."""
    if desk.name in _DESKS:
        raise ValueError(f"two desks are named {desk.name}")
    _DESKS[desk.name] = desk
    return desk


def get(name: str) -> Desk | None:
    """The desk of this name."""
    return _DESKS.get(name)


def registered() -> list[Desk]:
    """All desks by name."""
    return [_DESKS[name] for name in sorted(_DESKS)]
