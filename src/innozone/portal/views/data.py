"""S01, S02 the work with data: deliveries and rejected rows, conflicts, objections, datasets, the dictionary."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from innozone.foundation import jobs
from innozone.foundation.access import gate
from innozone.foundation.desks.export import harmless
from innozone.foundation.desks.views import desk_page
from innozone.foundation.facts import intake, tasks, unlinked, values
from innozone.foundation.facts import objections as facts_objections
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.models import Dataset, Delivery, Objection, RejectedRow
from innozone.foundation.facts.problems import DeliveryRefused, delivery_texts
from innozone.foundation.parties.models import Party, PartyKind
from innozone.portal import wording
from innozone.portal.desks import CONFLICTS, DATASETS, DELIVERIES, OBJECTIONS, REJECTED
from innozone.portal.desks.data import problems_text
from innozone.portal.forms import DecisionForm, DeliveryForm
from innozone.wings.policies import library


def deliveries(request: HttpRequest) -> HttpResponse:
    """The deliveries one may see; a new file is received here and taken in by the worker."""
    own = gate.scope(request.user, "facts.add_delivery", Dataset.objects.filter(active=True)).order_by("code")
    form = DeliveryForm(own, request.POST or None, request.FILES or None)
    if request.method == "POST":
        gate.require(request.user, "facts.add_delivery")
        asked = Dataset.objects.filter(code=request.POST.get("dataset", "")).first()
        gate.require(request.user, "facts.add_delivery", asked)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                received = intake.receive(form.cleaned_data["dataset"], file, file.name, request.user)
            except DeliveryRefused as refused:
                form.add_error("file", refused.text(wording.language()))
            else:
                jobs.enqueue(tasks.take_delivery, delivery=received.pk)
                return redirect("delivery", pk=received.pk)
    may_deliver = gate.allows(request.user, "facts.add_delivery") and own.exists()
    return desk_page(request, DELIVERIES, "data/deliveries.html", {"form": form, "may_deliver": may_deliver})


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    found = get_object_or_404(Delivery.objects.select_related("dataset__owner", "received_by"), pk=pk)
    gate.require(request.user, "facts.view_delivery", found)
    return found


def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: how far it is, what became of its rows, the rejected ones with their cure."""
    found = _delivery(request, pk)
    if request.method == "POST":
        return _settle(request, found)
    context = {
        "delivery": found,
        "said": delivery_texts(found, wording.language()),
        "working": found.status in (Delivery.Status.RECEIVED, Delivery.Status.TAKING),
    }
    return desk_page(request, REJECTED, "data/delivery.html", context, fixed={"delivery": str(pk)})


def _settle(request: HttpRequest, found: Delivery) -> HttpResponse:
    """A person says to which of the possible enterprises a row belongs."""
    gate.require(request.user, "facts.add_delivery", found)
    row = get_object_or_404(RejectedRow, pk=_key(request, "row"), delivery=found)
    # Departments and merged enterprises have no facts.
    firms = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
    party = get_object_or_404(firms, pk=_key(request, "party"))
    if unlinked.settle(row, party, request.user):
        messages.success(request, _("The row has been taken in for %(party)s.") % {"party": party.name})
    else:
        messages.error(request, _("The row could not be taken in: it does not keep the contract."))
    return redirect("delivery", pk=found.pk)


def _key(request: HttpRequest, name: str) -> int:
    """The number of a record that a form names; 0, which nothing has, for anything else."""
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a delivery is, for the page that watches it; at the end the page is loaded anew."""
    found = _delivery(request, pk)
    working = found.status in (Delivery.Status.RECEIVED, Delivery.Status.TAKING)
    response = render(request, "data/progress.html", {"delivery": found, "working": working})
    if not working:
        response.headers["HX-Refresh"] = "true"
    return response


def rejected_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The rejected rows in the sender's own columns, with what is wrong: to be cured and sent again."""
    found = _delivery(request, pk)
    rows = list(RejectedRow.objects.filter(delivery=found, settled_at__isnull=True).order_by("row"))
    columns = list(dict.fromkeys(name for row in rows for name in row.raw))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("row"), *map(harmless, columns), _("what is wrong and how to cure it")])
    for row in rows:
        cells = [harmless(row.raw.get(name, "")) for name in columns]
        writer.writerow([row.row, *cells, harmless(problems_text(row).replace("\n", "; "))])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejected-{found.pk}.csv"'
    return response


def rejected(request: HttpRequest) -> HttpResponse:
    """The rejected rows of all deliveries that one may see."""
    return desk_page(request, REJECTED)


def conflicts(request: HttpRequest) -> HttpResponse:
    """Facts on which sources disagree."""
    return desk_page(request, CONFLICTS, "data/conflicts.html")


def objections(request: HttpRequest) -> HttpResponse:
    """Objections that departments must answer."""
    return desk_page(request, OBJECTIONS, "data/objections.html")


def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection: both sides, and the decision."""
    known = Objection.objects.select_related("party", "dataset__owner", "raised_by", "decided_by")
    found = get_object_or_404(known, pk=pk)
    gate.require(request.user, "facts.view_objection", found)
    may_decide = gate.allows(request.user, "facts.decide_objection", found) and found.status == "open"
    form = DecisionForm(request.POST or None)
    if request.method == "POST":
        gate.require(request.user, "facts.decide_objection", found)
        if form.is_valid():
            decision = form.cleaned_data
            try:
                facts_objections.decide(found, decision["accept"], decision["answer"], request.user)
            except ValueError as error:
                form.add_error(None, wording.refusal(error))
            else:
                messages.success(request, _("The enterprise has been told your decision."))
                return redirect("objection", pk=pk)
    key = (found.variable, found.year or None)
    context = {
        "objection": found,
        "name": wording.variable_name(found.variable, found.year),
        "view": values.views(found.party, [key]).get(key),
        "statements": values.history(found.party, found.variable, found.year or None),
        "form": form,
        "may_decide": may_decide,
    }
    return render(request, "data/objection.html", context)


def datasets(request: HttpRequest) -> HttpResponse:
    """The catalogue: who delivers what."""
    return desk_page(request, DATASETS, "data/datasets.html")


def dataset(request: HttpRequest, code: str) -> HttpResponse:
    """One dataset: its contract in words, its fields, its checks, its deliveries."""
    found = get_object_or_404(Dataset.objects.select_related("owner"), code=code)
    gate.require(request.user, "facts.view_dataset", found)
    contract = contract_of(found)
    seen = gate.scope(request.user, "facts.view_delivery", found.deliveries.all())
    context = {
        "dataset": found,
        "contract": contract,
        "fields": [(field, wording.code_list_name(field.codelist)) for field in contract.fields],
        "rhythm": wording.rhythm(contract.cadence),
        "classification": wording.classification_name(contract.classification),
        "deliveries": seen[:10],
    }
    return render(request, "data/dataset.html", context)


def variables(request: HttpRequest) -> HttpResponse:
    """The dictionary: every quantity that rules, files and pages speak of."""
    gate.require(request.user, "facts.view_dataset")
    known = wording.terms()
    words = request.GET.get("q", "").split()
    found: dict[str, list[Any]] = {}
    for variable in known or ():
        text = f"{variable.code} {variable.label.zh} {variable.label.en}".casefold()
        if all(word.casefold() in text for word in words):
            found.setdefault(variable.category, []).append(variable)
    context = {
        "words": " ".join(words),
        "categories": [(wording.category_name(category), rows) for category, rows in found.items()],
        "count": sum(map(len, found.values())),
    }
    return render(request, "data/variables.html", context)


def variable(request: HttpRequest, code: str) -> HttpResponse:
    """One quantity: meaning, unit, period, where it comes from, its codes, the rules that read it."""
    gate.require(request.user, "facts.view_dataset")
    known = wording.terms()
    found = known.get(code) if known else None
    if found is None or known is None:
        raise Http404
    carriers = [d for d in Dataset.objects.select_related("owner") if contract_of(d).field(code)]
    carriers.sort(key=lambda d: found.precedence.index(d.code) if d.code in found.precedence else len(found.precedence))
    codelist = known.codelist_of(found)
    readers = library.of_rules(wording.rules_reading(code, known))
    context = {
        "variable": found,
        "category": wording.category_name(found.category),
        "classification": wording.classification_name(found.classification),
        "type": wording.type_name(found.type),
        "carriers": carriers,
        "codelist": codelist,
        "codes": list(codelist)[:300] if codelist else [],
        "readers": readers.values(),
    }
    return render(request, "data/variable.html", context)
