"""S21 政策汇聚: sources of texts, what they brought, and a look at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation import fetching, jobs
from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.portal.desks import ARRIVALS, SOURCES
from innozone.portal.desks.sources import source_state
from innozone.portal.forms import SourceForm
from innozone.wings.policies import sources, tasks
from innozone.wings.policies.models import Arrival, Source


def every(request: HttpRequest) -> HttpResponseBase:
    """All sources; a new one is added here."""
    gate.require(request.user, "policies.change_source")
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, _("The source has been added. It is looked at within five minutes."))
        return redirect("source", pk=made.pk)
    return desk_page(request, SOURCES, "sources/list.html", {"form": form, "fetching": fetching.is_on()})


def arrivals(request: HttpRequest) -> HttpResponseBase:
    """Every text that came, with what became of it."""
    return desk_page(request, ARRIVALS)


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: what the last look came to, its newest texts, its settings."""
    found = _source(request, pk)
    form = SourceForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        # Only what the form asks: a look may be writing down what it saw.
        kept = form.save(commit=False)
        kept.save(update_fields=SourceForm.Meta.fields)
        messages.success(request, _("The settings have been saved."))
        return redirect("source", pk=pk)
    kept = Source.objects.get(pk=pk) if form.errors else found
    labels: dict[str, Any] = {**dict(Arrival.State.choices), "waiting": _("still being written")}
    context = {
        "source": kept,
        "state": source_state(kept),
        "form": form,
        "counts": [(labels[name], kept.outcome.get(name, 0)) for name in sources.COUNTED],
        "arrivals": kept.arrivals.select_related("policy")[:20],
        "fetching": fetching.is_on() or kept.kind == Source.Kind.FOLDER,
    }
    return render(request, "sources/source.html", context)


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Has the worker look now."""
    found = _source(request, pk)
    jobs.enqueue(tasks.look, source=found.pk)
    messages.success(request, _("The source is being looked at; what is new will stand here."))
    return redirect("source", pk=pk)


def _source(request: HttpRequest, pk: int) -> Source:
    gate.require(request.user, "policies.change_source")
    return get_object_or_404(Source, pk=pk)
