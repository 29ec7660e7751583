"""S01, S02 deliveries: what departments sent, what was taken, what was kept aside and why."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import asks_for_part, desk_page
from innozone.foundation.facts import intake
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.models import Dataset, Delivery
from innozone.foundation.facts.problems import DeliveryRefused, DeliveryRepeated, delivery_texts, problem_text
from innozone.foundation.facts.tasks import take_delivery
from innozone.foundation.jobs import enqueue
from innozone.portal import wording
from innozone.portal.desks import DELIVERIES, REJECTED

_ROWS = 50


def deliveries(request: HttpRequest) -> HttpResponse:
    """The list, with the form to deliver a file for those who may."""
    own = gate.scope(request.user, "facts.add_delivery", Dataset.objects.filter(active=True)).order_by("title")
    return desk_page(request, DELIVERIES, "data/deliveries.html", {"own": own})


@require_POST
def deliver(request: HttpRequest) -> HttpResponse:
    """Takes a file: refused with the reason at once, or queued and shown with its progress."""
    dataset = get_object_or_404(Dataset, code=request.POST.get("dataset", ""), active=True)
    gate.require(request.user, "facts.add_delivery", dataset)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose the file to deliver."))
        return redirect("deliveries")
    try:
        delivery = intake.receive(dataset, file, file.name or "", request.user)
    except DeliveryRepeated as repeated:
        messages.warning(request, repeated.text(wording.language()))
        return redirect("delivery", pk=repeated.delivery.pk) if repeated.delivery else redirect("deliveries")
    except DeliveryRefused as refused:
        messages.error(request, refused.text(wording.language()))
        return redirect("delivery", pk=refused.delivery.pk) if refused.delivery else redirect("deliveries")
    enqueue(take_delivery, delivery_id=delivery.pk)
    return redirect("delivery", pk=delivery.pk)


def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: its state and progress, its numbers, its first rejected rows with reason and cure."""
    found = get_object_or_404(Delivery.objects.select_related("dataset__owner", "received_by"), pk=pk)
    if not gate.allows(request.user, "facts.view_delivery", found):
        raise Http404
    language = wording.language()
    rejected = [
        {
            "row": row,
            "said": [(problem.get("column", ""), problem_text(problem, language)) for problem in row.problems],
            "cells": _cells(row.raw),
        }
        for row in found.rejected.order_by("row")[:_ROWS]
    ]
    context = {
        "delivery": found,
        "working": found.status in (Delivery.Status.RECEIVED, Delivery.Status.TAKING),
        "notes": delivery_texts(found, language),
        "rejected": rejected,
        "aside": found.rows_rejected + found.rows_unlinked,
        "contract": contract_of(found.dataset),
    }
    return render(request, "data/delivery_body.html" if asks_for_part(request) else "data/delivery.html", context)


def rejected_rows(request: HttpRequest) -> HttpResponse:
    """All rejected rows, or those of one delivery; exported, they are the sender's list of what to mend."""
    found = None
    number = request.GET.get("delivery", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        found = Delivery.objects.select_related("dataset").filter(pk=int(number)).first()
        if found is not None and not gate.allows(request.user, "facts.view_delivery", found):
            raise Http404
    return desk_page(request, REJECTED, "data/rejected_rows.html", {"delivery": found})


def _cells(raw: object) -> list[tuple[str, str]]:
    """The filled cells of a row as delivered, by header or by position."""
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw, 1) if isinstance(raw, list) else ()
    return [(str(name), str(cell)) for name, cell in pairs if cell not in (None, "")]
