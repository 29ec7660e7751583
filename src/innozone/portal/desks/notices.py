"""S22 主动推送: the pushes of each policy, and the messages behind the figures."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice, Choices, DateRange
from innozone.foundation.desks.templatetags.ui import duration
from innozone.foundation.notices import text
from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.portal.wording import language
from innozone.wings.policies import reports
from innozone.wings.policies.models import Level, Policy

_KINDS = [(kind.value, kind.label) for kind in Notice.Kind if kind not in Notice.PERSONAL]


def _title(row: Any) -> str:
    return (get_language() == "en" and row.title_en) or row.title


def _channel(name: str, figure: str) -> Any:
    """A figure of one channel of the row's push."""

    def value(row: Any) -> int | None:
        found = row.push.channels.get(name) if row.push else None
        return getattr(found, figure) if found is not None else None

    return value


class Pushes(Desk):
    name = "pushes"
    title = _("Pushes")
    permission = "notices.list_push"
    columns = [
        Column("title", label=_("policy"), ordering="title", value=_title),
        Column("level", kind="choice", ordering="level", shown=False),
        Column("issued", kind="date", ordering="issued"),
        Column("days", label=_("days from issue to push"), kind="integer", value=lambda row: _delay(row, "days")),
        Column("delay", label=_("from taking effect here to push"), value=lambda row: duration(_delay(row, "seconds"))),
        Column("notices", label=_("messages"), kind="integer", ordering="notice_count", value=lambda row: row.notice_count),
        Column("opened", label=_("opened in the application"), kind="integer", value=_channel("app", "opened")),
        Column("share", label=_("share opened"), kind="ratio", value=_channel("app", "share")),
        Column("median", label=_("median time to opening"), value=lambda row: duration(_channel("app", "median")(row))),
        Column("p90", label=_("nine of ten opened within"), value=lambda row: duration(_channel("app", "p90")(row)), shown=False),
        Column("mails", label=_("mails delivered"), kind="integer", value=_channel("mail", "delivered")),
        Column("mails_opened", label=_("mails opened"), kind="integer", value=_channel("mail", "opened"), shown=False),
        Column("mails_failed", label=_("mails failed"), kind="integer", value=_channel("mail", "failed"), shown=False),
        Column("calls", label=_("webhook calls taken"), kind="integer", value=_channel("webhook", "delivered"), shown=False),
        Column("calls_failed", label=_("webhook calls failed"), kind="integer", value=_channel("webhook", "failed"), shown=False),
        Column("last", label=_("last push"), kind="datetime", ordering="last_push", value=lambda row: row.last_push),
    ]  # fmt: skip
    filters = [
        Choice("level", "level", label=_("level"), choices=Level.choices),
        DateRange("issued", "issued", label=_("issued")),
    ]
    search = ["title", "title_en", "number"]
    search_label = _("Title or number")
    ordering = "-last"
    drawer = False
    empty = _("Nothing has been pushed yet: when a policy takes effect, those whom it entitles are told.")

    def queryset(self, user: Account) -> QuerySet[Policy]:
        rows = gate.scope(user, "policies.view_policy", Policy.objects.exclude(status=Policy.Status.DRAFT))
        sent = "items__rule__versions__notice"
        return rows.annotate(notice_count=Count(sent), last_push=Max(f"{sent}__created_at")).filter(notice_count__gt=0)

    def prepare(self, rows: list[Any], user: Account) -> None:
        found = reports.of_policies([row.pk for row in rows])
        for row in rows:
            row.push = found.get(row.pk)

    def url(self, row: Policy) -> str:
        return reverse("notices_sent") + f"?policy={row.code}"


def _delay(row: Any, figure: str) -> Any:
    delay = row.push.delay if row.push else None
    return getattr(delay, figure) if delay is not None else None


def _policies(user: Account) -> Choices:
    found = Policy.objects.filter(items__rule__versions__notice__isnull=False).distinct()
    return [(code, title) for code, title in found.values_list("code", "title")]


def _receipt(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(read_at__isnull=value == "unread")


def _delivered(state: str) -> Any:
    def narrow(rows: QuerySet, channel: str) -> QuerySet:
        return rows.filter(Exists(Delivery.objects.filter(notice=OuterRef("pk"), route__channel=channel, state=state)))

    return narrow


class Notices(Desk):
    name = "notices"
    title = _("Messages sent")
    permission = "parties.list_party"
    columns = [
        Column("party", "party__name", label=_("enterprise"), ordering="party__name"),
        Column("kind", kind="choice", ordering="kind"),
        Column("subject", label=_("subject"), value=lambda row: row.subject),
        Column("sent", "created_at", kind="datetime", ordering="created_at"),
        Column("read", "read_at", label=_("opened"), kind="datetime", ordering="read_at"),
        Column("mail", label=_("mail"), value=lambda row: row.by_channel.get("mail", "")),
        Column("webhook", label=_("webhook"), value=lambda row: row.by_channel.get("webhook", "")),
    ]
    filters = [
        Choice("policy", "version__rule__item__policy__code", label=_("policy"), choices=_policies),
        Choice("kind", "kind", label=_("kind"), choices=_KINDS),
        Choice("receipt", label=_("receipt"), choices=[("read", _("opened")), ("unread", _("not opened"))], apply=_receipt),
        Choice("delivered", label=_("delivered by"), choices=Route.Channel.choices[1:], apply=_delivered("sent")),
        Choice("failed", label=_("given up by"), choices=Route.Channel.choices[1:], apply=_delivered("given_up")),
        DateRange("sent", "created_at", label=_("sent"), time=True),
    ]  # fmt: skip
    search = ["party__name", "party__credit_code"]
    search_label = _("Name or credit code")
    ordering = "-sent"
    drawer = False
    empty = _("No message has been sent yet.")

    def queryset(self, user: Account) -> QuerySet[Notice]:
        # What goes to a person alone is no push of the zone.
        rows = gate.scope(user, "notices.view_notice", Notice.objects.filter(party__isnull=False))
        return rows.select_related("party", "version__rule", "run__snapshot")

    def prepare(self, rows: list[Any], user: Account) -> None:
        found = Delivery.objects.filter(notice__in=[row.pk for row in rows]).select_related("route")
        states: dict[int, dict[str, list[str]]] = {}
        for each in found.order_by("id"):
            word = each.get_state_display()
            states.setdefault(each.notice_id, {}).setdefault(each.route.channel, []).append(word)
        for row in rows:
            row.subject = text.render(row, language())[0]
            row.by_channel = {
                channel: "、".join(dict.fromkeys(words)) for channel, words in states.get(row.pk, {}).items()
            }

    def url(self, row: Notice) -> str:
        return reverse("enterprise_message", args=[row.party_id, row.pk])


PUSHES = register(Pushes())
NOTICES = register(Notices())
