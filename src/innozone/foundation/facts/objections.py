"""Objections of enterprises to facts of their own.

Accepted, an objection becomes a statement that wins over every source, until the source in charge (the best-ranked
dataset that speaks of the fact; for a fact made from records, their dataset) delivers again: then that source has
confirmed or corrected itself and speaks for itself. See `winners`.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from innozone.foundation.facts import aggregates, dictionary, signals, winners
from innozone.foundation.facts.models import Dataset, Fact, Objection, Statement
from innozone.foundation.facts.settling import lock
from innozone.foundation.facts.values import value_fields
from innozone.foundation.parties.models import Party
from innozone.kernel.terms import UNKNOWN, Value, Variable, parse_value


class ObjectionError(ValueError):
    """An objection that cannot be raised or decided; the message says why."""


def read_claim(variable: Variable, claimed: str) -> Value:
    """The claimed value. Raises ObjectionError (from a terms.CellError where the text cannot be read)."""
    try:
        value = parse_value(variable, claimed, variable.unit, dictionary.current().codelist_of(variable))
    except ValueError as error:
        raise ObjectionError(str(error)) from error
    if value is UNKNOWN or isinstance(value, type(UNKNOWN)):
        raise ObjectionError("the claimed value is empty")
    return value


@transaction.atomic
def raise_objection(party: Party, variable: str, year: int | None, claimed: str, reason: str, user: Any) -> Objection:
    """An enterprise says that a fact is wrong or missing and what it should be (money in 元 or with its own unit).

    Raises ObjectionError for an unknown or computed variable, a value that cannot be read, an empty reason or an open
    objection to the same fact.
    """
    known = dictionary.current()
    term = known.get(variable)
    if term is None:
        raise ObjectionError(f"there is no variable {variable}")
    if term.formula is not None:
        raise ObjectionError(f"{term.label.en} is computed: object to a figure that it is made of")
    if (year is not None) != (term.period == "year"):
        wanted = "needs its year" if term.period == "year" else "has no year"
        raise ObjectionError(f"{term.label.en} {wanted}")
    if not reason.strip():
        raise ObjectionError("say why the value is wrong")
    read_claim(term, claimed)
    key = {"party": party, "variable": variable, "year": year or 0}
    if Objection.objects.filter(**key, status=Objection.Status.OPEN).exists():
        raise ObjectionError("an objection to this fact is open already")
    fact = Fact.objects.filter(**key).first()
    made = Objection(
        **key,
        disputed=fact.statement if fact else None,
        dataset=_in_charge(term, fact),
        claimed=claimed.strip()[:200],
        reason=reason.strip(),
        raised_by=user,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Sent from two tabs at once.
        raise ObjectionError("an objection to this fact is open already") from None
    return made


def _in_charge(term: Variable, fact: Fact | None) -> Dataset | None:
    """The dataset whose owner decides: the one that told the fact, else the first that should tell it."""
    if fact is not None and fact.statement is not None and fact.statement.dataset is not None:
        return fact.statement.dataset
    ranked = [term.aggregate.dataset] if term.aggregate else list(term.precedence)
    found = Dataset.objects.filter(active=True, code__in=ranked)
    return min(found, key=lambda each: ranked.index(each.code), default=None)


@transaction.atomic
def decide(objection: Objection, accept: bool, answer: str, user: Any) -> Objection:
    """Accept or reject an open objection. Raises ObjectionError when it is decided already."""
    lock()
    objection = (
        Objection.objects.select_for_update(no_key=True, of=("self",)).select_related("party").get(pk=objection.pk)
    )
    if objection.status != Objection.Status.OPEN:
        raise ObjectionError("this objection is decided already")
    objection.status = Objection.Status.ACCEPTED if accept else Objection.Status.REJECTED
    objection.answer = answer.strip()
    objection.decided_by = user
    objection.decided_at = timezone.now()
    objection.save()
    if accept:
        known = dictionary.current()
        term = known[objection.variable]
        number, text = value_fields(read_claim(term, objection.claimed))
        Statement.objects.create(
            party=objection.party,
            variable=objection.variable,
            year=objection.year,
            number=number,
            text=text,
            raw=objection.claimed,
            objection=objection,
            recorded_at=timezone.now(),
        )
        if term.aggregate is not None:
            changed = aggregates.refresh(
                known, timezone.localdate(), datasets=[term.aggregate.dataset], parties=[objection.party_id]
            )
        else:
            changed = winners.recompute(known, [(objection.party_id, objection.variable, objection.year)])
        signals.announce(changed)
    return objection
