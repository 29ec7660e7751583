"""S22 主动推送: how an enterprise is told, the links of its mails, and what staff see of pushes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.foundation.notices import mail, post, routes, webhooks
from innozone.foundation.notices.models import Route
from innozone.foundation.parties.models import Party
from innozone.portal.desks import NOTICES, PUSHES
from innozone.portal.forms import RouteForm
from innozone.portal.views import enterprises


def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes by which channel, and when; only for those who speak for the enterprise."""
    party = enterprises.party_of(request, pk)
    gate.require(request.user, "notices.change_route", party)
    found = routes.of(party.pk, request.user)
    forms = {channel: RouteForm(route) for channel, route in found.items()}
    secret = ""
    if request.method == "POST":
        channel, action = request.POST.get("channel", ""), request.POST.get("action", "save")
        if channel not in forms:
            raise Http404
        try:
            if action == "save":
                forms[channel] = RouteForm(found[channel], request.POST)
                secret = _save(request, party, forms[channel])
            else:
                secret = _do(request, party, action)
        except routes.RouteRefused as refused:
            if action == "save":
                forms[channel].refuse(refused)
            else:
                messages.error(request, str(refused))
        if not secret and not forms[channel].errors:
            return redirect("enterprise_message_settings", pk=party.pk)
        found = routes.of(party.pk, request.user)
        forms = {name: form if form.errors else RouteForm(found[name]) for name, form in forms.items()}
    shown = [(Route.Channel(channel), found[channel], form) for channel, form in forms.items()]
    context = enterprises.frame(request, party, "enterprise_messages")
    return render(request, "enterprises/message_settings.html", context | {"routes": shown, "secret": secret})


def _save(request: HttpRequest, party: Party, form: RouteForm) -> str:
    """Keeps what the form says; the secret of a webhook where it is a new one and has to be shown."""
    if not form.is_valid():
        return ""
    secret = ""
    with transaction.atomic():
        if form.cleaned_data.get("url"):
            route, new = routes.set_webhook(party.pk, request.user, form.cleaned_data["url"])
            secret = webhooks.secret_of(route) if new else ""
        routes.change(party.pk, form.route.channel, request.user, form.settings())
    messages.success(request, _("The settings have been saved."))
    return secret


def _do(request: HttpRequest, party: Party, action: str) -> str:
    """What a button of the webhook asks for; the secret where there is a new one."""
    if action == "secret":
        return webhooks.secret_of(routes.new_secret(party.pk))
    if action == "enable":
        routes.enable(party.pk)
        messages.success(request, _("The webhook is on again; what was held back leaves now."))
    elif action == "test":
        problem = webhooks.test(routes.webhook(party.pk))
        if problem:
            messages.error(request, _("The test call failed: %(problem)s") % {"problem": problem})
        else:
            messages.success(request, _("The test call was taken."))
    else:
        raise Http404
    return ""


def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail: keeps that it was followed, and leads to the message, which asks who is there."""
    delivery = mail.delivery_of(token)
    notice = post.opened(delivery) if delivery is not None else None
    if notice is None:
        raise Http404
    place = (
        reverse("following_message", args=[notice.pk])
        if notice.party_id is None
        else reverse("enterprise_message", args=[notice.party_id, notice.pk])
    )
    return redirect(place) if request.user.is_authenticated else redirect_to_login(place)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ends the mails of one route for who has the link (RFC 8058: mail programs send the POST). GET only asks."""
    route = routes.by_token(token)
    if route is None:
        raise Http404
    if request.method == "POST":
        routes.unsubscribe(route)
        route.on = False
    return render(request, "message_unsubscribe.html", {"route": route})


def pushes(request: HttpRequest) -> HttpResponseBase:
    """Per policy: how soon its messages went out, by which channel, and how many were opened."""
    return desk_page(request, PUSHES)


def sent(request: HttpRequest) -> HttpResponseBase:
    """All messages that staff may see, to be filtered by policy, kind and receipt."""
    return desk_page(request, NOTICES)
