"""S21 policies as one file: given out on the page of a policy, taken in on the workbench."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.portal import bench, papers
from innozone.portal.desks import WORKBENCH
from innozone.portal.forms import ExchangeForm, PaperForm
from innozone.wings.policies import exchange
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.exchange_files import LARGEST
from innozone.wings.policies.models import Policy

#: Problems of one file that a page shows.
MOST_SHOWN = 30


def export(request: HttpRequest, code: str) -> HttpResponse:
    """The policy with its rules as a file; a draft may be in it, so it is for editors."""
    gate.require(request.user, "policies.change_policy")
    found = get_object_or_404(Policy.objects.select_related("issuer", "parent"), code=code)
    return papers.as_file(found)


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The policies of a file become drafts; what is wrong with it stands at the form, line by line."""
    gate.require(request.user, "policies.change_policy")
    form = ExchangeForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            taken = exchange.take(upload.read(LARGEST + 1), request.user, upload.name)
        except DraftRefused as refused:
            for line in bench.refusal(refused)[:MOST_SHOWN]:
                form.add_error("file", line)
        else:
            for each in taken:
                _tell(request, each)
            return redirect("workbench_policy", code=taken[0].policy.code) if len(taken) == 1 else redirect("workbench")
    return desk_page(request, WORKBENCH, "workbench/list.html", {"form": PaperForm(), "exchange_form": form})


def _tell(request: HttpRequest, each: exchange.Taken) -> None:
    named = {"title": each.policy.title}
    if each.version is None:
        messages.info(request, _("%(title)s: nothing in the file is new.") % named)
        return
    messages.success(request, _("%(title)s has come in as a draft. It counts once it is confirmed.") % named)
    if each.left_open:
        words = _("Not known in this zone and left open: %(names)s.") % {"names": "、".join(each.left_open)}
        messages.warning(request, f"{each.policy.title}: {words}")
