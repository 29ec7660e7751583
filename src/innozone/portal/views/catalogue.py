"""S02 data catalogue and dictionary: what each dataset carries under which contract, what each variable means."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.models import Dataset
from innozone.kernel.terms import Variable
from innozone.portal import wording
from innozone.portal.desks import DATASETS


def datasets(request: HttpRequest) -> HttpResponse:
    """All datasets with their owners."""
    return desk_page(request, DATASETS, "data/datasets.html")


@gate.permitted("facts.view_dataset")
def dataset(request: HttpRequest, code: str) -> HttpResponse:
    """One dataset: its contract, column by column, and its deliveries for those who may see them."""
    found = get_object_or_404(Dataset.objects.select_related("owner"), code=code)
    contract = contract_of(found)
    seen = gate.scope(request.user, "facts.view_delivery", found.deliveries.all())
    names = {field.name: field.column for field in contract.fields}
    return render(
        request,
        "data/dataset.html",
        {
            "dataset": found,
            "contract": contract,
            "rules": [(rule, [names.get(column, column) for column in rule.columns]) for rule in contract.quality],
            "deliveries": seen.order_by("-received_at")[:10],
            "may_deliver": gate.allows(request.user, "facts.add_delivery", found),
        },
    )


@gate.permitted("facts.view_dataset")
def variables(request: HttpRequest) -> HttpResponse:
    """The dictionary by category; narrowed by words in code, name or description."""
    known = wording.terms()
    words = request.GET.get("q", "").casefold().split()[:8]
    found = [variable for variable in known or () if all(word in _haystack(variable) for word in words)]
    carriers: dict[str, list[Dataset]] = {}
    for each in Dataset.objects.filter(active=True).order_by("code"):
        for name in contract_of(each).variables:
            carriers.setdefault(name, []).append(each)
    rows: list[dict[str, Any]] = [
        {
            "variable": variable,
            "codelist": known.codelist_of(variable) if known else None,
            "carriers": carriers.get(variable.code, []),
        }
        for variable in sorted(found, key=lambda variable: variable.category)
    ]
    groups = [
        (wording.category_name(category), list(members))
        for category, members in groupby(rows, key=lambda row: row["variable"].category)
    ]
    return render(request, "data/variables.html", {"groups": groups, "number": len(found), "words": " ".join(words)})


def _haystack(variable: Variable) -> str:
    parts = [variable.code, variable.label.zh, variable.label.en]
    if variable.description:
        parts += [variable.description.zh, variable.description.en]
    return " ".join(parts).casefold()
