"""S21 订阅: what a person follows, what became of it, and how they are told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import back
from innozone.foundation.notices import routes
from innozone.foundation.notices import services as notices_services
from innozone.foundation.notices import text as notices_text
from innozone.foundation.notices.models import Notice, Route
from innozone.portal import following as shown
from innozone.portal import wording
from innozone.portal.forms import RouteForm
from innozone.wings.policies import following
from innozone.wings.policies.following import FollowRefused
from innozone.wings.policies.models import Policy

#: Messages that the page lists.
_MOST = 50


def mine(request: HttpRequest) -> HttpResponse:
    """What one follows, the news of it, everything else that can be followed, and how mails come."""
    gate.require(request.user, "policies.add_follow")
    user = request.user
    form = RouteForm(routes.own(user), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if request.POST.get("action") == "read":
            notices_services.mark_read(notices_services.of_user(user.pk), user)
            return redirect("following")
        if form.is_valid():
            try:
                routes.change(None, Route.Channel.MAIL, user, form.settings())
            except routes.RouteRefused as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("The settings have been saved."))
                return redirect("following")
    inbox = list(notices_services.of_user(user.pk)[:_MOST])
    known = following.followed(user)
    context = {
        "follows": shown.of(user),
        "choices": [(each, (each.kind, each.value) in known) for each in shown.choices()],
        "inbox": [(notice, notices_text.render(notice, wording.language())[0]) for notice in inbox],
        "unread": any(notice.read_at is None for notice in inbox),
        "form": form,
    }
    return render(request, "policies/following.html", context)


def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message to the person alone; opened it counts as read."""
    rows = gate.scope(request.user, "notices.view_notice", Notice.objects.filter(user__isnull=False))
    found = get_object_or_404(rows, pk=pk)
    notices_services.mark_read(found, request.user)
    subject, body = notices_text.render(found, wording.language())
    policies = Policy.objects.exclude(status=Policy.Status.DRAFT).filter(code=found.data["policy"]["code"])
    context = {"notice": found, "subject": subject, "body": body, "policy": policies.first()}
    return render(request, "policies/followed.html", context)


@require_POST
def follow(request: HttpRequest) -> HttpResponseBase:
    """The button that follows something, or follows it no more."""
    gate.require(request.user, "policies.add_follow")
    kind, value = (request.POST.get(name, "").replace("\x00", "") for name in ("kind", "value"))
    if request.POST.get("on") == "0":
        following.stop(request.user, kind, value)
        messages.success(request, _("You do not follow it any more."))
        return back(request)
    try:
        following.follow(request.user, kind, value)
    except FollowRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("You follow it: you will be told once of every change."))
    return back(request)
