"""S01, S22 one enterprise: what it is entitled to, its facts, its messages, its objections.

The same pages serve the enterprise itself and those who work with its facts; the gate tells them apart.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from innozone.foundation.access import gate
from innozone.foundation.desks.views import asks_for_part, desk_page, fields, flat
from innozone.foundation.facts import objections as facts_objections
from innozone.foundation.facts import records as facts_records
from innozone.foundation.facts import values
from innozone.foundation.facts.models import Dataset, Objection, Record
from innozone.foundation.notices import services as notices_services
from innozone.foundation.notices import text as notices_text
from innozone.foundation.notices.models import Notice
from innozone.foundation.parties.models import Party, PartyKind
from innozone.portal import portrait, ways, wording
from innozone.portal.desks import ENTERPRISES, ENTITLEMENTS
from innozone.portal.forms import ObjectionForm

TABS = (
    ("enterprise", gettext_lazy("Entitlements"), "circle-check"),
    ("enterprise_facts", gettext_lazy("Facts"), "database"),
    ("enterprise_messages", gettext_lazy("Messages"), "mail"),
    ("enterprise_rounds", gettext_lazy("Opinions"), "message-circle"),
    ("enterprise_objections", gettext_lazy("Objections"), "message-report"),
)
MOST_RECORDS = 50
#: How the page of an enterprise can be ordered, within each group.
ORDERS = (
    ("stage", gettext_lazy("its stage first")),
    ("-amount", gettext_lazy("highest amount first")),
    ("closes", gettext_lazy("nearest last day first")),
)


def mine(request: HttpRequest) -> HttpResponse:
    """To the enterprise for which the user speaks."""
    found = gate.enterprises(request.user)
    if len(found) == 1:
        return redirect("enterprise", pk=found[0].pk)
    if not request.user.is_authenticated:
        gate.require(request.user, "access.add_apitoken")
    return render(request, "enterprises/mine.html", {"found": found})


def enterprises(request: HttpRequest) -> HttpResponse:
    """All enterprises, for staff."""
    return desk_page(request, ENTERPRISES)


def party_of(request: HttpRequest, pk: int) -> Party:
    """The enterprise, at its present id when it was merged; 403 for those who may not see it."""
    party = get_object_or_404(Party.objects.select_related("redirect"), pk=pk, kind=PartyKind.ENTERPRISE)
    while party.redirect is not None:
        party = party.redirect
    gate.require(request.user, "parties.view_party", party)
    return party


def frame(request: HttpRequest, party: Party, tab: str) -> dict[str, Any]:
    return {
        "party": party,
        "tabs": TABS,
        "tab": tab,
        "unread": notices_services.unread_count(party.pk),
        "may_set": gate.allows(request.user, "notices.change_route", party),
        "is_own": gate.allows(request.user, "facts.add_objection", party),
        "may_list": gate.allows(request.user, "parties.list_party"),
    }


def enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    """Entitled, ready, nearly there, facts missing, not: each with its reasons, narrowed and ordered as asked."""
    party = party_of(request, pk)
    found, query, problems = portrait.of(party), flat(request.GET), list[str]()
    every = ENTITLEMENTS.searched(ENTITLEMENTS.lines(party, found.shown), query.get("q", ""))
    kept = ENTITLEMENTS.filtered(every, query, request.user, problems)
    sort = query.get("sort", "")
    if sort and sort not in dict(ORDERS):
        problems.append(_("The list cannot be sorted by “%(column)s”.") % {"column": sort[:40]})
        sort = ""
    groups: dict[str, list[portrait.VerdictShown]] = {state: [] for state in portrait.GROUPS}
    for row in ENTITLEMENTS.ordered(kept, sort):
        groups[row.state].append(row.shown)
    facets = ENTITLEMENTS.facets_of(every, query, request.user)
    asked = {name: query[name] for part in ENTITLEMENTS.filters for name in part.parameters() if query.get(name)}
    context = frame(request, party, "enterprise") | {
        "groups": groups,
        "best": found.best,
        "asked": found.asked,
        "judged": len(found.shown),
        "kept": kept.count(),
        "filters": fields(ENTITLEMENTS, query, request, facets),
        "facets": facets,
        "narrowed": bool(asked or sort),
        "orders": ORDERS,
        "sort": sort,
        "problems": problems,
        "list_query": urlencode(asked | ({"sort": sort} if sort else {})),
    }
    template = "enterprises/groups.html" if asks_for_part(request) else "enterprises/entitlements.html"
    return render(request, template, context)


def entitlements(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as one list, to be sorted by its columns, taken along as a file, or printed."""
    party = party_of(request, pk)
    return desk_page(request, ENTITLEMENTS, "enterprises/list.html", {"party": party}, {"enterprise": str(party.pk)})


def item(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One item for one enterprise: every condition with its facts and their sources."""
    party = party_of(request, pk)
    opened = portrait.opened(party, code)
    if opened is None:
        raise Http404
    context = frame(request, party, "enterprise") | {"opened": opened, "shown": opened.shown}
    return render(request, "enterprises/item_body.html" if asks_for_part(request) else "enterprises/item.html", context)


def points(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """How the enterprise gets to so many points of a score of a rule."""
    party = party_of(request, pk)
    there = ways.to_points(party, code, request.GET.get("score", ""), request.GET.get("points", "").strip())
    return _apart(request, party, there, "enterprises/points_body.html")


def near_ways(request: HttpRequest, pk: int) -> HttpResponse:
    """The cheapest way to each near miss in a line, for the list of the page: a request of its own after it."""
    party = party_of(request, pk)
    return render(request, "enterprises/near_ways.html", {"party": party, "lines": ways.of_near_misses(party)})


def item_ways(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """How the enterprise gets to one item. Apart from the item's page, as the search may take half a second."""
    party = party_of(request, pk)
    return _apart(request, party, ways.of(party, code), "enterprises/item_ways_body.html")


def _apart(request: HttpRequest, party: Party, there: Any, body: str) -> HttpResponse:
    """A part of an item that comes by a request of its own, or as a page without scripts."""
    if there is None:
        raise Http404
    if asks_for_part(request):
        return render(request, body, {"party": party, "there": there})
    context = frame(request, party, "enterprise") | {"there": there, "body": body}
    return render(request, "enterprises/item_apart.html", context)


def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """All facts by category, each with its source."""
    party = party_of(request, pk)
    context = frame(request, party, "enterprise_facts") | {"categories": portrait.facts_of(party)}
    return render(request, "enterprises/facts.html", context)


def fact(request: HttpRequest, pk: int, variable: str, year: int) -> HttpResponse:
    """One fact: the value in force, what all sources said, the records behind it, the objection form."""
    party = party_of(request, pk)
    known = wording.terms()
    described = known.get(variable) if known else None
    if described is None:
        raise Http404
    is_own = gate.allows(request.user, "facts.add_objection", party)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        gate.require(request.user, "facts.add_objection", party)
        if form.is_valid():
            try:
                facts_objections.raise_objection(
                    party,
                    variable,
                    year or None,
                    form.cleaned_data["claimed"],
                    form.cleaned_data["reason"],
                    request.user,
                )
            except ValueError as error:
                form.add_error("claimed", wording.refusal(error))
            else:
                messages.success(request, _("Your objection has been sent to the department that delivered the fact."))
                return redirect("enterprise_objections", pk=party.pk)
    view = values.views(party, [(variable, year or None)]).get((variable, year or None))
    records = _records(party, described.aggregate.dataset)[:MOST_RECORDS] if described.aggregate else []
    context = frame(request, party, "enterprise_facts") | {
        "variable": described,
        "year": year,
        "name": wording.with_year(described.label.get(wording.language()), year),
        "description": described.description.get(wording.language()) if described.description else "",
        "view": view,
        "formula": described.formula,
        "statements": values.history(party, variable, year or None),
        "records": [(record, wording.record_lines(record)) for record in records],
        "objection": Objection.objects.filter(party=party, variable=variable, year=year, status="open").first(),
        "may_object": is_own and not described.formula,
        "form": form,
    }
    return render(request, "enterprises/fact_drawer.html" if _in_drawer(request) else "enterprises/fact.html", context)


def records(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The records of one kind that rules count, each with the row of the file it came in."""
    party = party_of(request, pk)
    known = wording.terms()
    kind = known.records.get(code) if known else None
    dataset = Dataset.objects.select_related("owner").filter(code=code).first()
    if kind is None or dataset is None or known is None:
        raise Http404
    found = _records(party, code)
    shown, count = list(found[:MOST_RECORDS]), found.count()
    context = frame(request, party, "enterprise_facts") | {
        "dataset": dataset,
        "name": kind.label.get(wording.language()),
        "records": [(record, wording.record_lines(record)) for record in shown],
        "count": count,
        "more": count > len(shown),
        "none_for_sure": code in facts_records.of_party(known, party.pk, timezone.localdate()),
    }
    return render(
        request, "enterprises/records_drawer.html" if _in_drawer(request) else "enterprises/records.html", context
    )


def _records(party: Party, code: str) -> QuerySet[Record]:
    """The records in force of one dataset, the newest first."""
    rows = Record.objects.filter(party=party, dataset__code=code, superseded_at__isnull=True)
    return rows.select_related("dataset", "delivery").defer("delivery__notes").order_by("-date", "-id")


def _in_drawer(request: HttpRequest) -> bool:
    return asks_for_part(request) and request.headers.get("HX-Target", "").endswith("#drawer")


def notices(request: HttpRequest, pk: int) -> HttpResponse:
    """The messages of the enterprise, those of one run as one."""
    party = party_of(request, pk)
    gate.require(request.user, "notices.view_notice", party)
    found = notices_services.of_party(party.pk)[:200]
    inbox = notices_text.inbox(found, wording.language())
    if request.method == "POST":
        gate.require(request.user, "notices.read_notice", party)
        notices_services.mark_read(notices_services.of_party(party.pk, unread=True), request.user)
        return redirect("enterprise_messages", pk=party.pk)
    return render(
        request,
        "enterprises/messages.html",
        frame(request, party, "enterprise_messages") | {"inbox": [(m, _titles(m)) for m in inbox]},
    )


def _titles(message: notices_text.Message) -> list[tuple[Notice, str]]:
    return [(notice, notices_text.render(notice, wording.language())[0]) for notice in message.notices]


def notice(request: HttpRequest, pk: int, notice: int) -> HttpResponse:
    """One message; opened by the enterprise itself it counts as read."""
    party = party_of(request, pk)
    found = get_object_or_404(Notice.objects.select_related("version__rule", "run__snapshot"), pk=notice, party=party)
    gate.require(request.user, "notices.view_notice", found)
    if gate.allows(request.user, "notices.read_notice", found) and found.read_at is None:
        notices_services.mark_read(found, request.user)
        found.refresh_from_db()
    subject, body = notices_text.render(found, wording.language())
    return render(
        request,
        "enterprises/message.html",
        frame(request, party, "enterprise_messages") | {"notice": found, "subject": subject, "body": body},
    )


def objections(request: HttpRequest, pk: int) -> HttpResponse:
    """The objections of the enterprise and what became of them."""
    party = party_of(request, pk)
    found = Objection.objects.filter(party=party).select_related("raised_by", "decided_by", "dataset")
    rows = [(row, wording.variable_name(row.variable, row.year)) for row in found]
    return render(
        request,
        "enterprises/objections.html",
        frame(request, party, "enterprise_objections") | {"objections": rows},
    )
