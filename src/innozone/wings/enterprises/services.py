"""S01 企业库: finding an enterprise by what people know of it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.parties.names import name_key


class NotOne(LookupError):
    """No enterprise fits, or several do; `candidates` are the nearest, at most ten."""

    def __init__(self, text: str, candidates: list[Party]) -> None:
        self.text, self.candidates = text, candidates
        if candidates:
            listed = "; ".join(f"{party.name} ({party.credit_code or '-'})" for party in candidates)
            message = f"“{text}” fits more than one enterprise: {listed}. Give the credit code."
        else:
            message = f"no enterprise is called “{text}” or has this credit code"
        super().__init__(message)


def everyone() -> QuerySet[Party]:
    """All enterprises; one that was merged into another counts as that other."""
    return Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True)


def search(text: str) -> QuerySet[Party]:
    """Enterprises whose name (present, former, short) or credit code holds every word of the text."""
    found = everyone()
    for word in text.split()[:8]:
        named = Party.objects.filter(names__name__icontains=word).values("pk")
        found = found.filter(Q(name__icontains=word) | Q(credit_code__icontains=word) | Q(pk__in=named))
    return found.order_by("name", "pk")


def find(text: str) -> Party:
    """The one enterprise with this credit code or name, former names included. Raises NotOne."""
    text = text.strip()
    code = Party.objects.filter(kind=PartyKind.ENTERPRISE, credit_code=text.upper()).first()
    if code is not None:
        return code.redirect or code
    exact = list(everyone().filter(Q(name=text) | Q(names__key=name_key(text))).distinct()[:2])
    if len(exact) == 1:
        return exact[0]
    found = exact or list(search(text)[:10])
    if len(found) == 1:
        return found[0]
    raise NotOne(text, found)
