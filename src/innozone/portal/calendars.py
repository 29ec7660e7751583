"""Deadlines in words, as a page lists them and as a calendar program reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.desks.templatetags.ui import STATES as UI_STATES
from innozone.foundation.notices.calendar import Day, calendar
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts.models import RuleVersion
from innozone.portal import portrait, wording
from innozone.portal.context import zone_head
from innozone.wings.policies import deadlines
from innozone.wings.policies.models import Item

#: Of these an enterprise keeps the last day in mind: what it has, what is close.
STATES = ("entitled", "ready", "soon", "near")


@dataclass(frozen=True)
class Deadline:
    """A last day of an item; state and amount as of the enterprise that it is listed for, empty where for all."""

    item: Item
    day: date
    left: int
    state: str = ""
    amount: str = ""


def of_all() -> list[Deadline]:
    """The deadlines of all items in force."""
    today = timezone.localdate()
    return [Deadline(item, item.closes, (item.closes - today).days) for item in deadlines.items(today) if item.closes]


def of_party(party: Party) -> list[Deadline]:
    """Those of what the enterprise is entitled to or close to."""
    judged = {
        shown.item.pk: shown
        for shown in portrait.of(party).shown
        if shown.item is not None and shown.state in STATES and not shown.held
    }
    return [
        Deadline(each.item, each.day, each.left, judged[each.item.pk].state, judged[each.item.pk].amount)
        for each in of_all()
        if each.item.pk in judged
    ]


def file_of(found: list[Deadline], party: Party | None = None) -> bytes:
    """The calendar in the language of the reader."""
    zone = wording.local_label(zone_head()["title"])
    name = _("Deadlines of policies") if party is None else _("Deadlines of %(name)s") % {"name": party.name}
    changed = _changed(found)
    days = [_day(each, party, changed) for each in found]
    return calendar(f"{name} · {zone}", days, wording.language())


def _changed(found: list[Deadline]) -> dict[int, datetime]:
    """When the wording in force of each rule came in force. One query."""
    rows = RuleVersion.objects.filter(rule__in=[each.item.rule_id for each in found], activated_at__isnull=False)
    newest: dict[int, datetime] = {}
    for rule, at in rows.values_list("rule", "activated_at"):
        newest[rule] = max(at, newest.get(rule, at))
    return newest


def _day(each: Deadline, party: Party | None, changed: dict[int, datetime]) -> Day:
    item = each.item
    lines: list[Any] = [wording.local_text(item.policy, "title")]
    if item.summary:
        lines.append(wording.local_text(item, "summary"))
    if each.amount:
        lines.append(_("amount: %(amount)s") % {"amount": each.amount})
    if item.department is not None:
        lines.append(wording.local_text(item.department, "name"))
    if item.papers:
        lines.append(_("papers: %(papers)s") % {"papers": "、".join(item.papers)})
    words = {
        "item": wording.local_text(item.rule, "name"),
        "state": str(UI_STATES[each.state][2]) if each.state else "",
    }
    title = _("Last day: %(item)s (%(state)s)") % words if each.state else _("Last day: %(item)s") % words
    place = (
        reverse("enterprise_item", args=[party.pk, item.rule.code])
        if party is not None
        else reverse("policy", args=[item.policy.code])
    )
    host = settings.ADDRESS.partition("://")[2].partition("/")[0] or "innozone"
    uid = f"{item.rule.code}-closes{f'-{party.pk}' if party else ''}@{host}"
    stamp = changed.get(item.rule_id) or item.policy.confirmed_at or item.policy.created_at
    return Day(uid, each.day, title, "\n".join(lines), settings.ADDRESS + place, stamp)
