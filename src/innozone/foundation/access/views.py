"""Pages of one's own account, of API tokens and of the members."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from innozone.foundation.access import gate
from innozone.foundation.access import tokens as keys
from innozone.foundation.access.desks import MEMBERS
from innozone.foundation.access.forms import MemberForm, TokenForm
from innozone.foundation.access.models import ApiToken, Membership, User
from innozone.foundation.desks.views import back, desk_page

YEAR = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: roles, password, second factor, tokens."""
    gate.require(request.user, "access.add_apitoken")
    return render(request, "access/account.html", {"memberships": gate.memberships(request.user)})


@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """The user's API tokens. A new token's secret stands on the answer to the form and nowhere else."""
    gate.require(request.user, "access.add_apitoken")
    secret = ""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _token, secret = ApiToken.issue(request.user, form.cleaned_data["name"], form.cleaned_data["days"])
        form = TokenForm()
    rows = ApiToken.objects.filter(user=request.user).order_by("-created_at")
    return render(request, "access/tokens.html", {"form": form, "secret": secret, "tokens": rows})


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    gate.require(request.user, "access.add_apitoken")
    keys.revoke(get_object_or_404(ApiToken, pk=pk, user=request.user))
    messages.success(request, _("The token no longer opens anything."))
    return redirect("access:tokens")


@never_cache
def members(request: HttpRequest) -> HttpResponse:
    """Who has which role for whom; the administrator adds and revokes."""
    gate.require(request.user, "access.change_membership")
    form = MemberForm(request.POST or None)
    opened: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            member, password = form.save()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(member)s has been added.") % {"member": member})
            if password:
                opened = {"username": member.user.username, "password": password}
            form = MemberForm()
    return desk_page(request, MEMBERS, "access/members.html", {"form": form, "opened": opened})


@require_POST
def revoke_member(request: HttpRequest, pk: int) -> HttpResponse:
    gate.require(request.user, "access.change_membership")
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    others = Membership.objects.filter(role="administrator", user__is_active=True).exclude(pk=pk)
    if member.role == "administrator" and not others.exists():
        messages.error(request, _("This is the last administrator: appoint another one first."))
    else:
        name = str(member)
        member.delete()
        messages.success(request, _("%(member)s has been revoked.") % {"member": name})
    return redirect("access:members")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Chooses the language: kept in this browser and with the account."""
    response = back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Chooses light, dark or what the system says."""
    response = back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.SECURE)
    return response
