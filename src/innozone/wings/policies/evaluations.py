"""S25 政策评估与动态调整: what each item of a policy did in a period (use, money), and whether to keep, adjust or end it.

Use: who was entitled at the beginning and at the end (the runs nearest to both days), who was told and who opened it.
Money: what the benefit comes to between low and high at the end, and what was paid by the records of payments that
the finance office delivers. The figures are frozen when they are worked out; what they rest on stays to be opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.facts.models import Record
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts.models import Run, Verdict
from innozone.wings.policies import packs
from innozone.wings.policies.models import Evaluation, Item, Policy, PolicyVersion

#: The dataset whose records say what was paid for which item.
PAYMENTS = "policy_payments"
#: A policy in force for so long without an evaluation is due for one.
DUE_AFTER = timedelta(days=365)


class Refused(ValueError):
    """What cannot be done, as a sentence. `place`: the field."""

    def __init__(self, message: str, place: str = "") -> None:
        self.place = place
        super().__init__(message)


@dataclass(frozen=True)
class ItemFigures:
    """One item in the period. Counts of enterprises; money in 元 as text. None: no run, or no sum, says.

    before, after: entitled at the beginning and at the end, ready: with only a person's check open at the end; near: one condition short.
    low, high: what the entitled, and with them the ready, would come to. payments, paid: how many were paid, and what.
    """

    rule: str
    name: str
    name_en: str
    before: int | None
    after: int | None
    ready: int | None
    near: int | None
    told: int
    opened: int
    low: str | None
    high: str | None
    payments: int
    paid_to: int
    paid: str

    @property
    def share_paid(self) -> float | None:
        """Of those entitled at the end, how many were paid, with 1 = all; None where nobody is entitled."""
        return self.paid_to / self.after if self.after else None


def figures(policy: Policy, start: date, end: date) -> list[ItemFigures]:
    """The figures of every item that the policy has, or had, in the period; both days included. Bounded queries."""
    items = list(policy.items.select_related("rule").order_by("ended", "position"))
    first, last = _run_near(start, first=True), _run_near(end, first=False)
    if first == last:
        first = None  # one run says nothing of the way from one day to the other
    before, after = _verdicts(first, policy), _verdicts(last, policy)
    told = _told(policy, start, end)
    paid = payments([item.rule.code for item in items], start, end)
    made = []
    for item in items:
        was, now = before.get(item.rule_id), after.get(item.rule_id)
        sent, opened = told.get(item.rule_id, (0, 0))
        number, parties, total = paid.get(item.rule.code, (0, 0, Decimal(0)))
        if item.ended and not (was or now or sent or number):
            continue
        low = now.benefit_total if now else None
        high = low + (now.benefit_ready or 0) if now and low is not None else None
        made.append(
            ItemFigures(
                item.rule.code,
                item.rule.name,
                item.rule.name_en,
                was.true_count if was else None,
                now.true_count if now else None,
                now.ready_count if now else None,
                now.near_count if now else None,
                sent,
                opened,
                None if low is None else str(low),
                None if high is None else str(high),
                number,
                parties,
                str(total),
            )
        )
    return made


def _run_near(day: date, *, first: bool) -> Run | None:
    """The first run that knew the facts of `day` or later, or the last one that knew those of `day` or before."""
    done = Run.objects.filter(finished_at__isnull=False).select_related("snapshot")
    if first:
        return done.filter(snapshot__as_of__gte=day).order_by("snapshot__as_of", "pk").first()
    return done.filter(snapshot__as_of__lte=day).order_by("-snapshot__as_of", "-pk").first()


def _verdicts(run: Run | None, policy: Policy) -> dict[int, Verdict]:
    if run is None:
        return {}
    rows = Verdict.objects.filter(run=run, version__rule__item__policy=policy).select_related("version")
    return {verdict.version.rule_id: verdict for verdict in rows}


def _told(policy: Policy, start: date, end: date) -> dict[int, tuple[int, int]]:
    rows = (
        Notice.objects.filter(
            kind__in=[Notice.Kind.ENTITLED, Notice.Kind.READY],
            version__rule__item__policy=policy,
            created_at__date__gte=start,
            created_at__date__lte=end,
        )
        .values("version__rule")
        .annotate(
            sent=Count("party", distinct=True), opened=Count("party", distinct=True, filter=Q(read_at__isnull=False))
        )
    )
    return {row["version__rule"]: (row["sent"], row["opened"]) for row in rows}


def payments(rules: Iterable[str], start: date, end: date) -> dict[str, tuple[int, int, Decimal]]:
    """Rule code → (payments, enterprises paid, 元) by the records of payments from `start` to `end`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select data->>'item', count(*), count(distinct party_id), coalesce(sum((data->>'amount')::numeric), 0) "
            "from facts_record r join facts_dataset d on d.id = r.dataset_id where d.code = %s and r.superseded_at is "
            "null and r.date between %s and %s and data->>'item' = any(%s) group by 1",
            [PAYMENTS, start, end, list(rules)],
        )
        return {code: (number, parties, Decimal(total)) for code, number, parties, total in cursor.fetchall()}


def payment_records(rule: str, start: date, end: date) -> QuerySet[Record]:
    """The records behind what was paid for an item in the period, the newest first."""
    return (
        Record.objects.filter(
            dataset__code=PAYMENTS, superseded_at__isnull=True, date__range=(start, end), data__item=rule
        )
        .select_related("party", "delivery")
        .order_by("-date", "-pk")
    )


def evaluate(policy: Policy, start: date, end: date, user: Any) -> Evaluation:
    """Works out and keeps the figures of a period; the same period again gives the evaluation there is. Raises Refused."""
    if policy.status == Policy.Status.DRAFT:
        raise Refused(_("A draft has no use to evaluate."))
    if not start < end <= timezone.localdate():
        raise Refused(_("The period ends after it begins and not after today."), "end")
    found = Evaluation.objects.filter(policy=policy, start=start, end=end).first()
    if found is not None:
        return found
    made = [asdict(each) for each in figures(policy, start, end)]
    return Evaluation.objects.create(policy=policy, start=start, end=end, figures=made, created_by=user)


@transaction.atomic
def decide(found: Evaluation, user: Any, decision: str, reason: str) -> Evaluation:
    """Keeps, adjusts or ends the policy, with the reason. To end it ends its rules; an adjustment waits for its version."""
    found = Evaluation.objects.select_for_update(no_key=True).get(pk=found.pk)
    if found.decision:
        raise Refused(_("This evaluation is decided already."))
    if decision not in Evaluation.Decision.values:
        raise Refused(_("Keep it, adjust it, or end it."), "decision")
    if not reason.strip():
        raise Refused(_("A decision gives its reason."), "reason")
    found.decision, found.reason = decision, reason.strip()[:4000]
    found.decided_at, found.decided_by = timezone.now(), user
    found.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
    if decision == Evaluation.Decision.END:
        packs.end(found.policy, found.reason)
    return found


def adjusted(policy: Policy, version: PolicyVersion) -> int:
    """A version of the policy has been confirmed: it is what the adjustments that wait for one led to."""
    waiting = Evaluation.objects.filter(
        policy=policy, decision=Evaluation.Decision.ADJUST, outcome__isnull=True, decided_at__lte=timezone.now()
    )
    return waiting.update(outcome=version)


def due(day: date | None = None) -> QuerySet[Policy]:
    """Policies in force for over a year of which no evaluation reaches into the last year, the longest waiting first."""
    limit = (day or timezone.localdate()) - DUE_AFTER
    return (
        Policy.objects.filter(status=Policy.Status.CONFIRMED)
        .filter(Q(valid_from__lte=limit) | Q(valid_from__isnull=True, issued__lte=limit))
        .exclude(evaluations__end__gt=limit)
        .filter(pk__in=Item.objects.filter(ended=False).values("policy"))
        .order_by("valid_from", "issued", "code")
    )
