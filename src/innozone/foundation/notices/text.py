"""What a notice says: made from its data in the reader's language whenever it is read, never stored as words.

A notice about a rule holds the facts that the rule read on that day, so that its reasons are those of that day,
whatever became of the facts since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    if notice.kind == Notice.Kind.ENTITLED:
        subject = _("You are entitled to “%(item)s”") % words
    else:
        subject = _("You may be entitled to “%(item)s”: only a check by a person is open") % words
    lines = [_("Under “%(policy)s” (%(number)s).") % words if words["number"] else _("Under “%(policy)s”.") % words]
    if words["amount"]:
        lines.append(_("By the facts on file you would receive %(amount)s.") % words)
    if words["closes"]:
        lines.append(_("Apply by %(closes)s.") % words)
    leaves = reasons(notice, language, dictionary)
    met = [leaf for leaf in leaves if leaf.state == "met"]
    if met:
        lines += ["", _("Conditions that you meet:"), *(f"- {_leaf(leaf)}" for leaf in met)]
    manual = [leaf for leaf in leaves if leaf.state == "manual"]
    if manual:
        lines += ["", _("A person still checks:"), *(f"- {leaf.sentence}" for leaf in manual)]
    return subject, "\n".join(lines)


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
        return any(notice.read_at is None for notice in self.notices)


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
    return _("%(number)d items only wait for a check by a person") % words
