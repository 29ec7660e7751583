"""What a person follows, in words and with where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from innozone.portal import wording
from innozone.wings.policies import following
from innozone.wings.policies.models import Follow, Level, Policy

Kind = Follow.Kind


@dataclass(frozen=True)
class Followed:
    """One thing that is followed, or can be: its name, the page that shows it, since when."""

    kind: str
    value: str
    name: str
    url: str
    since: datetime | None = None
    pk: int = 0


def of(user: Any) -> list[Followed]:
    """What the person follows: policies first, then themes and levels. Two queries."""
    rows = list(Follow.objects.filter(user=user))
    codes = [row.value for row in rows if row.kind == Kind.POLICY]
    titles = {policy.code: policy for policy in Policy.objects.filter(code__in=codes)}
    return [
        Followed(
            row.kind, row.value, _name(row.kind, row.value, titles), _url(row.kind, row.value), row.created_at, row.pk
        )
        for row in rows
    ]


def choices() -> list[Followed]:
    """The levels and the themes of the zone, to be followed."""
    whats = [*((Kind.LEVEL, level) for level in Level.values), *((Kind.THEME, code) for code in following.themes())]
    return [Followed(kind, value, _name(kind, value, {}), _url(kind, value)) for kind, value in whats]


def _name(kind: str, value: str, titles: dict[str, Policy]) -> str:
    if kind == Kind.POLICY:
        return wording.local_text(titles[value], "title") if value in titles else value
    return wording.theme_name(value) if kind == Kind.THEME else str(Level(value).label)


def _url(kind: str, value: str) -> str:
    if kind == Kind.POLICY:
        return reverse("policy", args=[value])
    return f"{reverse('policies')}?{urlencode({kind: value})}"
