"""Icons, states and the parts of desks."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from innozone.foundation.desks.desk import Page
from innozone.kernel.terms import format_number

register = template.Library()

#: state → icon, tone, word. A state is read by its word and its icon first, by its colour only then.
STATES: dict[str, tuple[str, str, Any]] = {
    "entitled": ("circle-check", "good", _("Entitled")),
    "ready": ("user-check", "good", _("Ready for check")),
    "near": ("target-arrow", "warn", _("Nearly there")),
    "soon": ("calendar-time", "warn", _("Soon")),
    "unknown": ("help-circle", "mute", _("Facts missing")),
    "not": ("circle-minus", "mute", _("Not entitled")),
    "true": ("check", "good", pgettext_lazy("condition", "met")),
    "false": ("x", "bad", pgettext_lazy("condition", "not met")),
    "manual": ("user-question", "info", _("a person judges")),
    "missing": ("help-circle", "mute", _("fact missing")),
    "conflict": ("arrows-split-2", "warn", _("sources disagree")),
    "open": ("clock", "info", pgettext_lazy("objection", "open")),
    "accepted": ("circle-check", "good", pgettext_lazy("objection", "accepted")),
    "rejected": ("circle-x", "bad", pgettext_lazy("objection", "rejected")),
    "received": ("inbox", "info", pgettext_lazy("delivery", "received")),
    "taking": ("loader", "info", pgettext_lazy("delivery", "being taken in")),
    "taken": ("circle-check", "good", pgettext_lazy("delivery", "taken in")),
    "refused": ("circle-x", "bad", pgettext_lazy("delivery", "refused")),
    "draft": ("pencil", "info", pgettext_lazy("policy", "draft")),
    "confirmed": ("circle-check", "good", pgettext_lazy("policy", "confirmed")),
    "ended": ("archive", "mute", pgettext_lazy("policy", "ended")),
    "validity_now": ("circle-check", "good", pgettext_lazy("validity", "in force")),
    "validity_coming": ("calendar-time", "info", pgettext_lazy("validity", "not yet in force")),
    "validity_ended": ("archive", "mute", pgettext_lazy("validity", "no longer in force")),
    "reached": ("circle-check", "good", pgettext_lazy("target", "reached")),
    "on_track": ("trending-up", "good", pgettext_lazy("target", "on track")),
    "behind": ("alert-triangle", "warn", pgettext_lazy("target", "behind")),
    "missed": ("circle-x", "bad", pgettext_lazy("target", "deadline missed")),
    "not_counted": ("help-circle", "mute", pgettext_lazy("target", "not counted yet")),
    "allocation_full": ("circle-check", "good", pgettext_lazy("allocation", "in full")),
    "allocation_cut": ("scissors", "warn", pgettext_lazy("allocation", "cut")),
    "allocation_share": ("chart-pie", "good", pgettext_lazy("allocation", "a share")),
    "allocation_budget": ("circle-minus", "mute", pgettext_lazy("allocation", "budget used up")),
    "allocation_quota": ("circle-minus", "mute", pgettext_lazy("allocation", "no place left")),
    "allocation_tie": ("equal", "mute", pgettext_lazy("allocation", "equal, but behind")),
    "allocation_order": ("help-circle", "mute", pgettext_lazy("allocation", "place not known")),
    "allocation_amount": ("help-circle", "mute", pgettext_lazy("allocation", "amount not known")),
    "change_gained": ("circle-plus", "good", pgettext_lazy("change", "gains it")),
    "change_lost": ("circle-minus", "bad", pgettext_lazy("change", "loses it")),
    "change_raised": ("trending-up", "good", pgettext_lazy("change", "gets more")),
    "change_lowered": ("trending-down", "warn", pgettext_lazy("change", "gets less")),
    "change_may_gain": ("help-circle", "good", pgettext_lazy("change", "may gain it")),
    "change_may_lose": ("help-circle", "warn", pgettext_lazy("change", "may lose it")),
    "change_unsettled": ("help-circle", "mute", pgettext_lazy("change", "amount not settled")),
    "change_granted": ("equal", "mute", pgettext_lazy("change", "keeps it")),
    "change_unknown": ("help-circle", "mute", pgettext_lazy("change", "facts missing")),
    "round_coming": ("calendar", "mute", pgettext_lazy("round", "to come")),
    "round_open": ("message-circle", "info", pgettext_lazy("round", "open")),
    "round_answering": ("clock", "warn", pgettext_lazy("round", "being answered")),
    "round_done": ("circle-check", "good", pgettext_lazy("round", "concluded")),
    "stance_support": ("thumb-up", "good", pgettext_lazy("stance", "for it")),
    "stance_amend": ("edit", "warn", pgettext_lazy("stance", "change it")),
    "stance_oppose": ("thumb-down", "bad", pgettext_lazy("stance", "against it")),
    "opinion_accepted": ("circle-check", "good", pgettext_lazy("opinion", "taken up")),
    "opinion_partly": ("circle-half-2", "good", pgettext_lazy("opinion", "taken up in part")),
    "opinion_refused": ("circle-minus", "mute", pgettext_lazy("opinion", "not taken up")),
    "opinion_waiting": ("clock", "info", pgettext_lazy("opinion", "waits for an answer")),
    "version_same": ("equal", "mute", pgettext_lazy("version", "same")),
    "version_added": ("circle-plus", "good", pgettext_lazy("version", "added")),
    "version_gone": ("circle-minus", "bad", pgettext_lazy("version", "taken out")),
    "version_changed": ("edit", "warn", pgettext_lazy("version", "changed")),
    "arrival_read": ("file-plus", "good", pgettext_lazy("arrival", "read into a draft")),
    "arrival_changed": ("edit", "warn", pgettext_lazy("arrival", "changed since")),
    "arrival_duplicate": ("equal", "mute", pgettext_lazy("arrival", "known already")),
    "arrival_refused": ("circle-x", "bad", pgettext_lazy("arrival", "could not be read")),
    "source_well": ("circle-check", "good", pgettext_lazy("source", "read")),
    "source_failing": ("alert-triangle", "warn", pgettext_lazy("source", "not all could be had")),
    "source_new": ("clock", "info", pgettext_lazy("source", "not looked at yet")),
    "source_paused": ("player-pause", "mute", pgettext_lazy("source", "paused")),
    "unread": ("mail", "info", pgettext_lazy("message", "unread")),
    "read": ("mail-opened", "mute", pgettext_lazy("message", "read")),
}
_NAME = re.compile(r"[a-z0-9-]+")
_PATHS = re.compile(r"<path d=.*?/>|<(?:circle|rect|line|polyline)\b.*?/>", re.DOTALL)


@lru_cache(maxsize=256)
def _drawing(name: str) -> str:
    """The lines of an outline icon from the icon package; nothing on a machine that has not fetched it."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an icon name: {name}")
    folder = settings.NODE_MODULES / "@tabler/icons/icons/outline"
    if not folder.exists():
        return ""
    return "".join(_PATHS.findall((folder / f"{name}.svg").read_text()))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An outline icon in the colour and size of the text; silent for screen readers unless it has a label."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return mark_safe(
        f'<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {spoken}>{_drawing(name)}</svg>'
    )


@register.simple_tag
def state(name: str, word: str = "") -> SafeString:
    """A state: icon, word, colour. `word` replaces the usual word."""
    shape, tone, usual = STATES[str(name)]
    return format_html('<span class="state state-{}">{}<span>{}</span></span>', tone, icon(shape), word or usual)


@register.filter
def local(label: Any, field: str = "") -> str:
    """A name in the active language: a Label, or a mapping or record with a Chinese and an English name.

    `field` names the pair of fields of a record (`summary`, `summary_en`); without it the record's name is meant.
    """
    english = (get_language() or "zh-hans").startswith("en")
    if label is None:
        return ""
    if isinstance(label, dict):
        first, second = (label.get("en"), label.get("zh")) if english else (label.get("zh"), label.get("en"))
        return str(first or second or "")
    if hasattr(label, "get") and hasattr(label, "zh"):
        return str(label.get(get_language() or "zh-hans"))
    for name in (field,) if field else ("title", "name", "indicator", "label"):
        if hasattr(label, name):
            return str((english and getattr(label, f"{name}_en", "")) or getattr(label, name))
    return str(label)


@register.simple_tag
def address(listed: Page, **changes: Any) -> str:
    """The list's address with some parameters changed; an empty string removes one."""
    return listed.address(**{key: None if value == "" else value for key, value in changes.items()})


@register.simple_tag
def sorting(page: Page, column: Any) -> dict[str, str]:
    """How a heading sorts: {"next": the order a click asks for, "aria": the present one}."""
    name = column.name
    if page.sort == name:
        return {"next": f"-{name}", "aria": "ascending"}
    return {"next": name, "aria": "descending" if page.sort == f"-{name}" else "none"}


@register.simple_tag
def cell(column: Any, row: Any) -> str | SafeString:
    """A cell of a desk as people read it."""
    text = column.text(row)
    name = column.state(row) if column.states else ""
    return state(name, text) if name else text


@register.simple_tag
def row_url(desk: Any, row: Any) -> str:
    """The address of a row's own page."""
    return desk.url(row) or ""


@register.filter
def split_words(text: str) -> list[str]:
    """The words of a string, for short fixed lists in templates."""
    return text.split()


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """The entry of a mapping under a key that only the template knows; None when it has none."""
    return mapping.get(key)


@register.filter
def styled(field: Any) -> SafeString:
    """A form field's widget in the look of the house, tied to its errors."""
    widget = field.field.widget
    kind = "form-select" if widget.__class__.__name__.startswith("Select") else "form-control"
    attrs = {"class": kind}
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)


@register.simple_tag
def fact_source(sources: Any, fact: Any) -> Any:
    """The source view of a fact, from {(variable, year): view}; empty when there is none."""
    return (sources or {}).get((fact.variable, fact.year)) or ""


@register.filter
def duration(seconds: float | None) -> str:
    """“12 seconds”, “5 minutes”, “3 hours”, “2 days”, rounded to the unit that fits; empty for None."""
    if seconds is None:
        return ""
    for size, words in (
        (86_400, lambda n: ngettext("%(n)d day", "%(n)d days", n)),
        (3_600, lambda n: ngettext("%(n)d hour", "%(n)d hours", n)),
        (60, lambda n: ngettext("%(n)d minute", "%(n)d minutes", n)),
    ):
        if seconds >= size:
            number = round(seconds / size)
            return words(number) % {"n": number}
    number = round(seconds)
    return ngettext("%(n)d second", "%(n)d seconds", number) % {"n": number}


@register.filter
def grouped(number: Any) -> str:
    """A number with a comma after every three digits, in both languages: 4,985."""
    return "" if number is None else f"{number:,}"


@register.simple_tag
def money(amount: Any) -> str:
    """An amount in 元 as people read it."""
    return "" if amount is None else format_number(amount, "元", get_language() or "zh-hans")


@register.simple_tag
def money_between(low: Any, high: Any) -> str:
    """Between which sums an amount in 元 lies; one sum where they are the same."""
    least, most = money(low), money(high)
    return least if least == most else f"{least} – {most}"
