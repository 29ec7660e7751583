"""Deadlines: of everything that is open, and of what concerns one enterprise; as pages and for calendar programs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from innozone.foundation.access import gate
from innozone.foundation.notices.calendar import CONTENT_TYPE
from innozone.portal import calendars
from innozone.portal.views import enterprises
from innozone.wings.policies import deadlines


def public(request: HttpRequest) -> HttpResponse:
    """The last days of all items in force."""
    return _file(calendars.file_of(calendars.of_all()))


def of_enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    """What the enterprise should not miss, and its person's secret address for a calendar program."""
    party = enterprises.party_of(request, pk)
    may_link = gate.allows(request.user, "notices.change_route", party)
    if request.method == "POST":
        gate.require(request.user, "notices.change_route", party)
        if request.POST.get("action") == "drop":
            deadlines.drop_link(request.user, party)
            messages.success(request, _("The address opens nothing any more."))
        else:
            deadlines.make_link(request.user, party)
            messages.success(request, _("Here is your address: put it into your calendar program."))
        return redirect("enterprise_calendar", pk=party.pk)
    link = deadlines.link_of(request.user, party) if may_link else None
    address = settings.ADDRESS + reverse("calendar_by_link", args=[deadlines.token_of(link)]) if link else ""
    context = {"deadlines": calendars.of_party(party), "may_link": may_link, "address": address}
    frame = enterprises.frame(request, party, "enterprise")
    return render(request, "enterprises/calendar.html", frame | context)


def file_of_enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a file, for those who may see the enterprise."""
    party = enterprises.party_of(request, pk)
    return _file(calendars.file_of(calendars.of_party(party), party), private=True)


def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever has the secret address, as long as its person speaks for the enterprise."""
    link = deadlines.by_token(token)
    if link is None:
        raise Http404
    with override(link.user.language or settings.LANGUAGE_CODE):
        return _file(calendars.file_of(calendars.of_party(link.party), link.party), private=True)


def _file(content: bytes, private: bool = False) -> HttpResponse:
    answer = HttpResponse(content, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    if private:
        answer["Cache-Control"] = "private, no-store"
    return answer
