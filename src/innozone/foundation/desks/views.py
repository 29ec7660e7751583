"""Pages of desks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.desk import PAGE_SIZES, VIEW_PARAMETERS, Desk, get
from innozone.foundation.desks.export import export
from innozone.foundation.desks.models import SavedView

_MOST_VIEWS = 50


def asks_for_part(request: HttpRequest) -> bool:
    """True when htmx asks for a piece of the page, false for whole pages (and for the back button)."""
    return request.headers.get("HX-Request") == "true" and not request.headers.get("HX-History-Restore-Request")


def flat(given: QueryDict) -> dict[str, str]:
    """The parameters as one value each; several `columns` (ticked boxes) become one list with commas."""
    query = {key: values[-1] for key, values in given.lists() if values}
    if "columns" in given:
        query["columns"] = ",".join(name for name in given.getlist("columns") if name)
    return query


def desk_page(
    request: HttpRequest,
    desk: Desk,
    template: str = "desks/page.html",
    context: dict[str, Any] | None = None,
    fixed: dict[str, str] | None = None,
) -> HttpResponseBase:
    """The table page of a desk: whole, as the part that htmx asks for, or as a file.

    `template` extends desks/page.html where a page has more than the list; `context` is what it needs; `fixed` are
    parameters that the page sets whatever the query says.
    """
    gate.require(request.user, desk.permission)
    query = {**flat(request.GET), **(fixed or {})}
    if query.get("format") in ("csv", "xlsx"):
        return export(desk, query, request.user, query["format"])
    detail = _detail(request, desk, query)
    part = asks_for_part(request)
    if part and detail and request.headers.get("HX-Target", "").endswith("#drawer"):
        address = "?" + urlencode({k: v for k, v in query.items() if v and k != "detail"})
        return render(request, "desks/drawer.html", {**detail, "close": address})
    page = desk.page(query, request.user)
    shown = {column.name for column in page.columns}
    facets = desk.facets(query, request.user)
    values = {
        "desk": desk,
        "page": page,
        "headings": [(column, column.heading(desk.model)) for column in page.columns],
        "choosable": [(column, column.heading(desk.model), column.name in shown) for column in desk.columns],
        "filters": fields(desk, query, request, facets),
        "facets": facets,
        "saved": SavedView.objects.filter(user=request.user, desk=desk.name) if request.user.is_authenticated else (),
        "sizes": PAGE_SIZES,
        "close": page.address(),
        **detail,
        **(context or {}),
    }
    return render(request, "desks/results.html" if part else template, values)


def _detail(request: HttpRequest, desk: Desk, query: dict[str, str]) -> dict[str, Any]:
    if not query.get("detail"):
        return {}
    row = desk.one(query["detail"], request.user)
    if row is None:
        raise Http404(_("There is no such row, or you may not see it."))
    lines = [(c, c.heading(desk.model), c.text(row), c.state(row)) for c in desk.columns]
    known = {"desk": desk, "row": row, "row_url": desk.url(row), "lines": lines[1:], "caption": lines[0][2]}
    return {**known, **desk.detail(row, request.user)}


def fields(
    desk: Desk, query: dict[str, str], request: HttpRequest, facets: dict[str, dict[str, int]]
) -> list[dict[str, Any]]:
    """What desks/fields.html shows: the filters of the desk as the query sets them, with the counts of their choices."""
    return [_filter(part, query, request, facets.get(part.name, {})) for part in desk.filters]


def _filter(part: Any, query: dict[str, str], request: HttpRequest, counts: dict[str, int]) -> dict[str, Any]:
    options = [(str(key), label, counts.get(str(key))) for key, label in part.options(request.user)]
    values = [(name, query.get(name, "")) for name in part.parameters()]
    return {"filter": part, "options": options, "values": values, "value": values[0][1]}


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form names as `next`, as long as it is one of ours."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return HttpResponseRedirect(target)


@require_POST
def save_view(request: HttpRequest) -> HttpResponseBase:
    """Keeps the list as it is shown now, under a name; the same name again replaces it."""
    gate.require(request.user, "desks.add_savedview")
    desk = get(request.POST.get("desk", ""))
    if desk is None:
        raise Http404
    gate.require(request.user, desk.permission)
    name = request.POST.get("name", "").strip()[:60]
    query = flat(QueryDict(request.POST.get("query", "").lstrip("?")))
    kept = urlencode({k: v for k, v in query.items() if v and k not in VIEW_PARAMETERS})
    others = SavedView.objects.filter(user=request.user, desk=desk.name).exclude(name=name)
    if not name or len(kept) > 2000:
        messages.error(request, _("Give the view a name of up to 60 characters."))
    elif others.count() >= _MOST_VIEWS:
        messages.error(request, _("You keep %(most)d views of this list: delete one first.") % {"most": _MOST_VIEWS})
    else:
        SavedView.objects.update_or_create(user=request.user, desk=desk.name, name=name, defaults={"query": kept})
        messages.success(request, _("The view “%(name)s” has been saved.") % {"name": name})
    return back(request)


@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    gate.require(request.user, "desks.add_savedview")
    get_object_or_404(SavedView, pk=pk, user=request.user).delete()
    return back(request)
