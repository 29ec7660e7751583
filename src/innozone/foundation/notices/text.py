"""What a notice says: made from its data in the reader's language whenever it is read, never stored as words.

A notice about a rule holds the facts that the rule read on that day, so that its reasons are those of that day,
whatever became of the facts since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import records
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import rules, wording
from innozone.foundation.verdicts.wording import LeafShown
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules import Explanation, Subject, explain
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value
from innozone.kernel.terms.units import format_number


def render(notice: Notice, language: str, dictionary: Dictionary | None = None) -> tuple[str, str]:
    """Subject and body, plain text, in `zh-hans` or `en`. `dictionary`: that in force, for those who read many."""
    dictionary = dictionary or facts_dictionary.current()
    with override(language):
        if notice.kind == Notice.Kind.OBJECTION:
            return _objection(notice, language, dictionary)
        if notice.kind == Notice.Kind.OPINION:
            return _opinion(notice)
        if notice.kind == Notice.Kind.WEBHOOK:
            return _webhook(notice)
        if notice.kind == Notice.Kind.FOLLOWED:
            return _followed(notice, language)
        return _news(notice, language, dictionary)


def reasons(notice: Notice, language: str, dictionary: Dictionary | None = None) -> list[LeafShown]:
    """The conditions of the rule with the facts as they stood when the notice was sent; empty for other notices."""
    if notice.version is None:
        return []
    dictionary = dictionary or facts_dictionary.current()
    return wording.leaves(explanation(notice, dictionary), dictionary, language)


def explanation(notice: Notice, dictionary: Dictionary | None = None) -> Explanation:
    """The explained verdict as it stood when the notice was sent."""
    assert notice.version is not None
    dictionary = dictionary or facts_dictionary.current()
    facts: dict[str, dict[int | None, Value | Unknown]] = {}
    held = {}
    for variable, year, value in notice.data.get("facts", []):
        kind = variable.removesuffix(RECORDS)
        if variable.endswith(RECORDS):
            if kind in dictionary.records:
                held[kind] = records.typed(dictionary, kind, value)
            continue
        facts.setdefault(variable, {})[year] = typed(value, variable, dictionary)
    subject = Subject(dictionary, facts, date.fromisoformat(notice.data["as_of"]), held)
    return explain(rules.parsed(notice.version).condition, subject)


def typed(value: Any, variable: str, dictionary: Dictionary) -> Value | Unknown:
    """A value from JSON as the evaluator takes it."""
    known = dictionary.get(variable)
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return frozenset(value)
    if isinstance(value, int | float):
        return Decimal(repr(value))
    return date.fromisoformat(value) if known is not None and known.type == "date" else value


def _news(notice: Notice, language: str, dictionary: Dictionary) -> tuple[str, str]:
    data = notice.data
    words = {
        "item": _name(data["rule"], language),
        "policy": _name(data["policy"], language),
        "number": data["policy"].get("number") or "",
        "amount": _amount(data.get("amount"), language),
        "closes": data.get("closes") or "",
    }
    words["was"] = _amount(data.get("was"), language)
    subject = _SUBJECTS[notice.kind]() % words
    lost = notice.kind == Notice.Kind.LOST
    lines = [_("Under “%(policy)s” (%(number)s).") % words if words["number"] else _("Under “%(policy)s”.") % words]
    if lost:
        lines.append(_CAUSES.get(data.get("cause", ""), _CAUSES[""])())
    elif words["amount"]:
        lines.append(_("By the facts on file you would receive %(amount)s.") % words)
        if notice.kind == Notice.Kind.CHANGED and words["was"]:
            lines.append(_("You were told of %(was)s before; the policy has been changed.") % words)
    if words["closes"] and not lost:
        lines.append(_("Apply by %(closes)s.") % words)
    lines += _what_changed(notice, language, dictionary)
    leaves = reasons(notice, language, dictionary)
    unmet = [leaf for leaf in leaves if leaf.state in ("unmet", "unknown")] if lost else []
    if unmet:
        lines += ["", _("Conditions that are not met:"), *(f"- {_leaf(leaf)}" for leaf in unmet)]
    met = [leaf for leaf in leaves if leaf.state == "met"]
    if met:
        lines += ["", _("Conditions that you meet:"), *(f"- {_leaf(leaf)}" for leaf in met)]
    manual = [leaf for leaf in leaves if leaf.state == "manual"]
    if manual:
        lines += ["", _("A person still checks:"), *(f"- {leaf.sentence}" for leaf in manual)]
    return subject, "\n".join(lines)


#: Subjects by kind; called in the reader's language.
_SUBJECTS: dict[str, Callable[[], str]] = {
    Notice.Kind.ENTITLED: lambda: _("You are entitled to “%(item)s”"),
    Notice.Kind.READY: lambda: _("You may be entitled to “%(item)s”: only a check by a person is open"),
    Notice.Kind.CHANGED: lambda: _("“%(item)s” now gives another amount"),
    Notice.Kind.LOST: lambda: _("You are no longer entitled to “%(item)s”"),
    Notice.Kind.DEADLINE: lambda: _("“%(item)s” closes on %(closes)s"),
}
#: Why something was lost, by the label of kernel.rules.Cause.
_CAUSES: dict[str, Callable[[], str]] = {
    "rule": lambda: _("The conditions of the policy have been changed; your facts are the same."),
    "time": lambda: _("Time has passed: a condition that counts days or years is not met any more."),
    "facts": lambda: _("Facts on file have changed."),
    "": lambda: _("By the conditions and facts of today it is not met any more."),
}


def _what_changed(notice: Notice, language: str, dictionary: Dictionary) -> list[str]:
    """The facts that moved the verdict, before and after; empty where none did."""
    then = {(variable, year): value for variable, year, value in notice.data.get("changed", [])}
    if not then:
        return []
    now = {(variable, year): value for variable, year, value in notice.data.get("facts", [])}
    lines = []
    for (variable, year), value in then.items():
        known = dictionary.get(variable)
        if known is None:
            continue
        label = known.label.get(language)
        if year:
            label = f"{year}年{label}" if language.startswith("zh") else f"{label} {year}"
        old, new = (
            wording.shown(known, shown, dictionary, language)
            for shown in (typed(value, variable, dictionary), typed(now.get((variable, year)), variable, dictionary))
        )
        words = {"fact": label, "old": old or _("not known"), "new": new or _("not known")}
        lines.append("- " + _("%(fact)s: %(old)s before, %(new)s now") % words)
    return ["", _("What has changed:"), *lines] if lines else []


def _webhook(notice: Notice) -> tuple[str, str]:
    words = notice.data
    subject = _("Your webhook was switched off")
    first = _("%(url)s did not take %(failures)s messages in a row; the last time: %(error)s.") % words
    return subject, f"{first}\n" + _(
        "Mend it and switch it on again in the settings of messages: what was held back leaves then."
    )


#: What happened to a paper that somebody follows; called in the reader's language.
_HAPPENED: dict[str, Callable[[], str]] = {
    "published": lambda: _("“%(policy)s” has been published"),
    "changed": lambda: _("“%(policy)s” has been changed"),
    "ended": lambda: _("“%(policy)s” is no longer in force"),
    "replaced": lambda: _("“%(policy)s” has been replaced"),
}
_FOLLOWED: dict[str, Callable[[], str]] = {
    "policy": lambda: _("this policy"),
    "theme": lambda: _("the theme “%(name)s”"),
    "level": lambda: _("policies of the level “%(name)s”"),
}


def _followed(notice: Notice, language: str) -> tuple[str, str]:
    """What became of a policy that a person follows, which of its items say something else, and why it is told."""
    data = notice.data
    words = {"policy": _name(data["policy"], language)}
    lines = []
    if data.get("replaced_by"):
        lines.append(_("In its place: “%(policy)s”.") % {"policy": _name(data["replaced_by"], language)})
    for item in data.get("items", []):
        what = [
            text
            for said, text in (
                (item["new"], _("new item")),
                (item.get("gone"), _("taken out")),
                (item["conditions"], _("other conditions")),
                (item["benefit"], _("another amount")),
            )
            if said
        ]
        told = {"item": _name(item, language), "what": _("; ").join(what) or _("other details")}
        lines.append("- " + _("%(item)s: %(what)s") % told)
    because = [_FOLLOWED[each["kind"]]() % {"name": _name(each, language)} for each in data.get("because", [])]
    lines += ["", _("You are told because you follow %(what)s.") % {"what": _(", ").join(because)}]
    return _HAPPENED[data["news"]]() % words, "\n".join(lines).strip()


def _leaf(leaf: LeafShown) -> str:
    """The condition and the facts that meet it."""
    facts = _("; ").join(
        _("%(label)s: %(value)s") % {"label": fact.label, "value": fact.text} for fact in leaf.facts if fact.text
    )
    return _("%(sentence)s (%(facts)s)") % {"sentence": leaf.sentence, "facts": facts} if facts else leaf.sentence


def _objection(notice: Notice, language: str, dictionary: Dictionary) -> tuple[str, str]:
    data = notice.data
    variable = dictionary.get(data.get("variable", ""))
    label = variable.label.get(language) if variable is not None else data.get("variable", "")
    words = {
        "fact": f"{label} {data['year']}" if data.get("year") else label,
        "claimed": data.get("claimed", ""),
        "answer": data.get("answer", ""),
    }
    if data.get("accepted"):
        subject = _("Your objection to “%(fact)s” was accepted") % words
        body = _("“%(claimed)s” now stands as the value.") % words
    else:
        subject = _("Your objection to “%(fact)s” was not accepted") % words
        body = _("The value stays as it was.")
    return subject, f"{body}\n\n{words['answer']}" if words["answer"] else body


def _opinion(notice: Notice) -> tuple[str, str]:
    """An opinion on a draft has been answered."""
    data = notice.data
    heads = {
        "accepted": _("Your opinion on “%(title)s” is taken up"),
        "partly": _("Your opinion on “%(title)s” is taken up in part"),
        "refused": _("Your opinion on “%(title)s” is not taken up"),
    }
    return heads[data["outcome"]] % {"title": data.get("title", "")}, str(data.get("answer", ""))


def _name(names: Mapping[str, Any], language: str) -> str:
    chinese, english = str(names.get("zh") or ""), str(names.get("en") or "")
    return (chinese or english) if language.startswith("zh") else (english or chinese)


def _amount(amount: float | None, language: str) -> str:
    return format_number(Decimal(repr(amount)), "元", language) if amount else ""


@dataclass(frozen=True)
class Message:
    """What an inbox shows as one message: a notice, or all of one kind that one run brought.

    On the first day an enterprise may be entitled to a dozen items: it reads one message with a list.
    """

    kind: str
    subject: str
    notices: list[Notice]
    sent_at: datetime

    @property
    def unread(self) -> bool:
        return any(notice.read_at is None and not notice.quiet for notice in self.notices)


def inbox(notices: Iterable[Notice], language: str) -> list[Message]:
    """Notices (newest first) as messages."""
    groups: dict[tuple[Any, ...], list[Notice]] = {}
    for notice in notices:
        key = (notice.kind, notice.run_id) if notice.run_id else (notice.kind, None, notice.pk)
        groups.setdefault(key, []).append(notice)
    with override(language):
        return [
            Message(found[0].kind, _subject(found, language), found, found[0].created_at) for found in groups.values()
        ]


def _subject(found: list[Notice], language: str) -> str:
    if len(found) == 1:
        return render(found[0], language)[0]
    total = sum(notice.data.get("amount") or 0 for notice in found)
    words = {"number": len(found), "amount": _amount(total, language)}
    if found[0].kind == Notice.Kind.ENTITLED:
        if total:
            return _("You are entitled to %(number)d items, together up to %(amount)s") % words
        return (
            ngettext("You are entitled to %(number)d item", "You are entitled to %(number)d items", len(found)) % words
        )
    return _GROUPED[found[0].kind]() % words


#: Subjects of several notices of one kind from one run.
_GROUPED: dict[str, Callable[[], str]] = {
    Notice.Kind.READY: lambda: _("%(number)d items only wait for a check by a person"),
    Notice.Kind.CHANGED: lambda: _("%(number)d items now give another amount"),
    Notice.Kind.LOST: lambda: _("You are no longer entitled to %(number)d items"),
    Notice.Kind.DEADLINE: lambda: _("%(number)d items close soon"),
}
