"""S25 the lists of policy making: rounds of opinions, evaluations, and what was paid under policies."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, DateRange
from innozone.foundation.facts.models import Record
from innozone.wings.policies import evaluations
from innozone.wings.policies.models import Consultation, Evaluation, Item, Opinion, Policy

ROUND_STATES = {"coming": "round_coming", "open": "round_open", "answering": "round_answering", "done": "round_done"}


def round_state(row: Consultation) -> str:
    """coming, open, answering (closed, opinions may lack an answer), done."""
    today = timezone.localdate()
    if row.concluded_at:
        return "done"
    return "coming" if today < row.opens else "open" if today <= row.closes else "answering"


def _by_state(rows: QuerySet, value: str) -> QuerySet:
    today = timezone.localdate()
    if value == "done":
        return rows.filter(concluded_at__isnull=False)
    rows = rows.filter(concluded_at__isnull=True)
    if value == "coming":
        return rows.filter(opens__gt=today)
    return rows.filter(opens__lte=today, closes__gte=today) if value == "open" else rows.filter(closes__lt=today)


def _without_answer(rows: QuerySet, value: str) -> QuerySet:
    open_ = Opinion.objects.filter(consultation=OuterRef("pk"), superseded_at__isnull=True, answered_at__isnull=True)
    return rows.filter(Exists(open_)) if value == "1" else rows.filter(~Exists(open_))


class Rounds(Desk):
    """Rounds of opinions and surveys: staff see all, everybody those that are concluded."""

    name = "rounds"
    title = _("Opinions and surveys")
    permission = "policies.view_consultation"
    columns = [
        Column("title", ordering="title"),
        Column("policy", label=_("draft"), value=lambda row: row.version.policy.title if row.version else "—"),
        Column("opens", kind="date", ordering="opens", shown=False),
        Column("closes", kind="date", ordering="closes"),
        Column(
            "opinions",
            label=_("opinions"),
            kind="integer",
            ordering="opinion_count",
            value=lambda row: row.opinion_count,
        ),
        Column("answered", label=_("answered"), kind="integer", value=lambda row: row.answered_count),
        Column(
            "replies", label=_("replies"), kind="integer", ordering="reply_count", value=lambda row: row.reply_count
        ),
        Column("state", label=_("state"), kind="state", value=round_state, states=ROUND_STATES),
    ]
    filters = [
        Choice(
            "state",
            label=_("state"),
            choices=[
                ("open", _("open")),
                ("answering", _("being answered")),
                ("done", _("concluded")),
                ("coming", _("to come")),
            ],
            apply=_by_state,
        ),
        Choice(
            "waiting", label=_("without an answer"), choices=[("1", _("yes")), ("0", _("no"))], apply=_without_answer
        ),
    ]
    search = ["title", "intro", "version__policy__title"]
    ordering = "-closes"
    drawer = False
    empty = _("No round yet: a draft is put before the enterprises from the policy workbench, a survey is begun here.")

    def queryset(self, user: Account) -> QuerySet[Consultation]:
        rows = gate.scope(user, "policies.view_consultation", Consultation.objects.all())
        standing = Q(opinions__superseded_at__isnull=True)
        return rows.select_related("version__policy").annotate(
            opinion_count=Count("opinions", filter=standing, distinct=True),
            answered_count=Count("opinions", filter=standing & Q(opinions__answered_at__isnull=False), distinct=True),
            reply_count=Count("replies", filter=Q(replies__superseded_at__isnull=True), distinct=True),
        )

    def url(self, row: Consultation) -> str:
        return reverse("round", args=[row.pk])


class Evaluations(Desk):
    """What policies came to, period by period."""

    name = "evaluations"
    title = _("Evaluations of policies")
    permission = "policies.view_evaluation"
    columns = [
        Column("policy", "policy__title", ordering="policy__title"),
        Column("start", kind="date", ordering="start"),
        Column("end", kind="date", ordering="end"),
        Column("told", label=_("told"), kind="integer", value=lambda row: sum(each["told"] for each in row.figures)),
        Column(
            "paid", label=_("paid"), kind="money", value=lambda row: sum(float(each["paid"]) for each in row.figures)
        ),
        Column("decision", kind="choice", ordering="decision"),
        Column("outcome", label=_("led to"), value=lambda row: f"v{row.outcome.number}" if row.outcome else ""),
    ]
    filters = [
        Choice("decision", "decision", label=_("decision"), choices=Evaluation.Decision.choices),
        DateRange("end", "end", label=_("to")),
    ]
    search = ["policy__title", "policy__code"]
    ordering = "-end"
    drawer = False
    empty = _("No policy has been evaluated yet.")

    def queryset(self, user: Account) -> QuerySet[Evaluation]:
        return gate.scope(user, self.permission, Evaluation.objects.select_related("policy", "outcome"))

    def url(self, row: Evaluation) -> str:
        return reverse("evaluation", args=[row.pk])


def _items(user: Account) -> Choices:
    rows = (
        Item.objects.exclude(policy__status=Policy.Status.DRAFT).select_related("rule").order_by("policy", "position")
    )
    english = get_language() == "en"
    return [(item.rule.code, (english and item.rule.name_en) or item.rule.name) for item in rows]


class Payments(Desk):
    """What the finance office paid under the items of policies, record by record."""

    name = "policy-payments"
    title = _("Payments under policies")
    permission = "parties.list_party"
    columns = [
        Column("enterprise", "party__name", label=_("enterprise"), ordering="party__name"),
        Column("item", label=_("support item"), value=lambda row: row.item_name),
        Column("amount", label=_("amount"), kind="money", value=lambda row: row.data.get("amount")),
        Column("date", label=_("paid on"), kind="date", ordering="date"),
        Column("voucher", label=_("voucher"), value=lambda row: row.data.get("voucher", "")),
        Column("delivery", "delivery__filename", label=_("file"), shown=False),
        Column("row", kind="integer", shown=False),
    ]
    filters = [
        Choice("item", "data__item", label=_("support item"), choices=_items),
        DateRange("date", "date", label=_("paid on")),
    ]
    search = ["party__name", "party__credit_code"]
    ordering = "-date"
    empty = _("The finance office has delivered no payment yet.")

    def queryset(self, user: Account) -> QuerySet[Record]:
        rows = Record.objects.filter(dataset__code=evaluations.PAYMENTS, superseded_at__isnull=True)
        return gate.scope(user, self.permission, rows.select_related("party", "delivery"))

    def prepare(self, rows: list[Any], user: Account) -> None:
        names = dict(_items(user))
        for row in rows:
            row.item_name = names.get(row.data.get("item", ""), row.data.get("item", ""))

    def url(self, row: Record) -> str:
        return reverse("enterprise_records", args=[row.party_id, evaluations.PAYMENTS])


ROUNDS = register(Rounds())
EVALUATIONS = register(Evaluations())
PAYMENTS = register(Payments())
