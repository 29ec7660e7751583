"""S21 the policy library as everyone reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.foundation.verdicts import runs
from innozone.portal import conditions, essence, papers, wording
from innozone.portal.desks import POLICIES
from innozone.wings.policies import following, library, news, reports
from innozone.wings.policies.models import Policy


def policies(request: HttpRequest) -> HttpResponse:
    """All published policies: what everyone may read."""
    return desk_page(request, POLICIES, "policies/list.html")


def changes(request: HttpRequest) -> HttpResponse:
    """What was published, changed, ended or replaced since a day; without one since the last visit of who is signed in,
    else in the last thirty days."""
    day, problem = _since(request)
    visit = following.visited(request.user) if request.user.is_authenticated else None
    if visit is not None and not request.GET.get("since"):
        day = visit
    found = [(each, [_said(change) for change in each.items]) for each in news.since(request.user, day)]
    context = {"news": found, "since": day, "problem": problem, "visit": visit if visit == day else None}
    return render(request, "policies/changes.html", context)


def feed(request: HttpRequest) -> HttpResponse:
    """The same as an Atom feed, of what everyone may read."""
    kinds = {
        "published": pgettext("news", "published"),
        "changed": pgettext("news", "changed"),
        "ended": pgettext("news", "ended"),
        "replaced": pgettext("news", "replaced"),
    }
    link = request.build_absolute_uri(reverse("policy_changes"))
    made = Atom1Feed(title=_("What changed in the policies"), link=link, description="", language=wording.language())
    for each in news.since(AnonymousUser(), news.default_since()):
        address = request.build_absolute_uri(reverse("policy", args=[each.policy.code]))
        words = "; ".join(f"{name}: {what}" for name, what in (_said(change) for change in each.items))
        made.add_item(
            title=f"{kinds[each.kind]}: {_name(each.policy)}",
            link=address,
            description=words,
            unique_id=f"{address}#{each.kind}-{each.at.isoformat()}",
            pubdate=each.at,
            updateddate=each.at,
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _since(request: HttpRequest) -> tuple[date, str]:
    given = request.GET.get("since", "")
    try:
        day = date.fromisoformat(given) if given else news.default_since()
        if day.year < 1990:
            raise ValueError
    except ValueError:
        return news.default_since(), _("“%(value)s” is no day: write it as 2026-01-31.") % {"value": given[:40]}
    return day, ""


def _name(named: Any) -> str:
    english = getattr(named, "title_en", "") or getattr(named, "name_en", "")
    return (wording.language() == "en" and english) or getattr(named, "title", "") or named.name


def _said(change: news.ItemChange) -> tuple[str, str]:
    """The item, and in words what is different."""
    name = _name(change.after.rule)
    if change.before is None:
        return name, _("new item")
    if change.gone:
        return name, _("taken out")
    told = []
    if change.conditions:
        told.append(_("other conditions"))
    if change.benefit:
        amounts = [
            str((version.data.get("benefit") or {}).get("amount") or "") for version in (change.before, change.after)
        ]
        before, after = (papers.amount_text(amount) if amount else _("no sum") for amount in amounts)
        told.append(_("amount: %(before)s → %(after)s") % {"before": before, "after": after})
    return name, "; ".join(told) or _("other details")


def policy(request: HttpRequest, code: str) -> HttpResponse:
    """One policy: what it gives, to whom, on which words, and how many qualify."""
    found = get_object_or_404(Policy.objects.select_related("issuer", "replaced_by"), code=code)
    if not gate.allows(request.user, "policies.view_policy", found):
        raise Http404
    newest = papers.newest_text(found)
    asked = request.GET.get("version", "")
    text = newest
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        text = get_object_or_404(found.versions.select_related("created_by"), number=number)
    if text is None or newest is None:
        raise Http404
    run, today = runs.latest(), timezone.localdate()
    mine = gate.enterprises(request.user)
    states = runs.states(run, mine[0].pk) if run and mine else {}
    may_follow = found.status != Policy.Status.DRAFT and gate.allows(request.user, "policies.add_follow")
    may_see_push = gate.allows(request.user, "notices.list_push")
    items, summed = papers.items_of(found, text.text, run, states), essence.of(text)
    return render(
        request,
        "policies/policy.html",
        {
            "policy": found,
            "validity": "draft" if found.status == "draft" else f"validity_{library.validity(found, today)}",
            "text": text,
            "older": text.number < newest.number,
            "essence": summed,
            "marked": conditions.marked(
                text.text, [leaf for item in items for leaf in item.leaves], list(summed.places())
            ),
            "items": items,
            "run": run,
            "enterprise": mine[0] if mine else None,
            "themes": [wording.theme_name(code) for code in found.themes],
            "versions": found.versions.select_related("created_by").defer("text"),
            "may_list": gate.allows(request.user, "parties.list_party"),
            "push": reports.of_policies([found.pk]).get(found.pk) if may_see_push else None,
            "may_follow": may_follow,
            "followed": may_follow and ("policy", found.code) in following.followed(request.user),
            "may_try": gate.allows(request.user, "verdicts.try_rule"),
            "may_change": gate.allows(request.user, "policies.change_policy"),
        },
    )
