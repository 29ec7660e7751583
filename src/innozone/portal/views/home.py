"""The home page and the search over everything public."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from innozone.foundation.access import gate
from innozone.foundation.facts.models import Dataset
from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.verdicts import runs
from innozone.portal import wording
from innozone.wings.policies import library
from innozone.wings.policies.models import Item, Policy

_MOST = 20


def home(request: HttpRequest) -> HttpResponse:
    """What the zone offers, the four ways in, the newest policies."""
    policies = Policy.objects.filter(status=Policy.Status.CONFIRMED)
    run = runs.latest()
    reached = runs.reached(run) if run else {}
    return render(
        request,
        "home/home.html",
        {
            "newest": policies.select_related("issuer").order_by(F("issued").desc(nulls_last=True), "code")[:6],
            "policies": policies.count(),
            "items": Item.objects.filter(policy__status=Policy.Status.CONFIRMED, ended=False).count(),
            "enterprises": run.snapshot.rows if run else 0,
            "reached": reached.get("true", 0),
            "run": run,
            "ways": _ways(request),
        },
    )


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """我要看, 我要查, 我要办, 我要问: each leads to a page that does it."""
    mine = gate.enterprises(request.user)
    party = mine[0].pk if mine else None
    apply = reverse("enterprise", args=[party]) if party else reverse("my_enterprise")
    ask = reverse("enterprise_objections", args=[party]) if party else reverse("help")
    return [
        {"title": _("Look"), "icon": "eye", "url": reverse("policies"), "text": _("Read policies and what they give")},
        {
            "title": pgettext("way in", "Search"),
            "icon": "search",
            "url": reverse("search"),
            "text": _("Find a policy, an item, a dataset"),
        },
        {
            "title": _("Apply"),
            "icon": "circle-check",
            "url": apply,
            "text": _("See what your enterprise is entitled to"),
        },
        {"title": _("Ask"), "icon": "message-question", "url": ask, "text": _("Object to a fact, find whom to ask")},
    ]


def search(request: HttpRequest) -> HttpResponse:
    """Policies, items, enterprises and datasets that hold all the words, as far as the reader may see them."""
    words = request.GET.get("q", "").split()[:8]
    groups = _groups(request, words) if words else []
    context = {"search_words": " ".join(words), "groups": groups, "found": sum(len(g["rows"]) for g in groups)}
    return render(request, "home/search.html", context)


def _groups(request: HttpRequest, words: list[str]) -> list[dict[str, Any]]:
    user = request.user
    policies = gate.scope(user, "policies.view_policy", Policy.objects.all())
    papers = library.search(" ".join(words), policies)
    items = Item.objects.filter(policy__in=policies, ended=False).select_related("rule", "policy")
    items = _holding(items, words, "rule__name", "rule__name_en", "summary", "summary_en")
    groups = [
        {"title": _("Policies"), "rows": [(p, reverse("policy", args=[p.code]), p.number) for p in papers[:_MOST]]},
        {
            "title": _("Support items and recognitions"),
            "rows": [
                (i.rule, f"{reverse('policy', args=[i.policy.code])}#item-{i.pk}", wording.local_text(i, "summary"))
                for i in items[:_MOST]
            ],
        },
    ]
    if gate.allows(user, "parties.list_party"):
        known = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)
        firms = _holding(gate.scope(user, "parties.view_party", known), words, "name", "credit_code", "names__name")
        groups.append(
            {
                "title": _("Enterprises"),
                "rows": [
                    (p, reverse("enterprise", args=[p.pk]), p.credit_code or "") for p in firms.distinct()[:_MOST]
                ],
            }
        )
    if gate.allows(user, "facts.view_dataset"):
        sets = _holding(Dataset.objects.filter(active=True), words, "title", "title_en", "code").select_related("owner")
        groups.append(
            {
                "title": _("Datasets"),
                "rows": [(d, reverse("dataset", args=[d.code]), str(d.owner)) for d in sets[:_MOST]],
            }
        )
    return [group for group in groups if group["rows"]]


def _holding(rows: QuerySet, words: list[str], *paths: str) -> QuerySet:
    for word in words:
        anywhere = Q()
        for path in paths:
            anywhere |= Q(**{f"{path}__icontains": word})
        rows = rows.filter(anywhere)
    return rows


def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to ask and how an objection works."""
    return render(request, "home/help.html")
