"""What pages say of facts, variables and benefits: labels from the dictionary, never written twice."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary
from innozone.foundation.verdicts import wording as verdict_wording
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value, Variable


def language() -> str:
    """The active language as the kernel knows it."""
    return get_language() or "zh-hans"


def terms() -> Dictionary | None:
    """The dictionary in force; None before the first pack."""
    try:
        return dictionary.current()
    except dictionary.NoPack:
        return None


def with_year(label: str, year: int | None) -> str:
    """“2025年营业收入”, “Revenue 2025”; the label alone without a year."""
    if not year:
        return label
    return f"{year}年{label}" if language().startswith("zh") else f"{label} {year}"


def variable_name(code: str, year: int | None = None, known: Dictionary | None = None) -> str:
    """The name of a variable, with its year; its code when the dictionary no longer has it."""
    known = known or terms()
    variable = known.get(code) if known else None
    return with_year(variable.label.get(language()) if variable else code, year)


def stored_value(variable: Variable | None, number: Decimal | None, text: str | None) -> Value | Unknown:
    """A stored number or text as the value it stands for."""
    if number is not None:
        return bool(number) if variable is not None and variable.type == "bool" else number
    if text is None:
        return UNKNOWN
    if variable is not None and variable.type == "codes":
        return frozenset(json.loads(text))
    return text


def fact_text(fact: Any, known: Dictionary | None = None) -> str:
    """The value of a fact or statement as people read it."""
    known = known or terms()
    if known is None:
        return str(fact.number if fact.number is not None else fact.text or "")
    variable = known.get(fact.variable)
    return verdict_wording.shown(variable, stored_value(variable, fact.number, fact.text), known, language())


def theme_name(code: str) -> str:
    """The name of a theme of policies."""
    return code_name("themes", code)


def category_name(code: str) -> str:
    """The name of a category of variables."""
    return code_name("variable_categories", code)


def benefit_kind(kind: str) -> str:
    """The kind of a benefit, which packs write in Chinese."""
    return {
        "奖励": pgettext("benefit", "award"),
        "补贴": pgettext("benefit", "subsidy"),
        "贴息": pgettext("benefit", "interest subsidy"),
        "减免": pgettext("benefit", "reduction"),
        "授信": pgettext("benefit", "credit line"),
        "荣誉": pgettext("benefit", "honour"),
        "服务": pgettext("benefit", "service"),
    }.get(kind, kind)


def classification_name(code: str) -> str:
    """How far a variable or dataset may be shown."""
    return {
        "public": _("public"),
        "internal": _("internal"),
        "sensitive": _("sensitive"),
        "secret": _("secret"),
    }.get(code, code)


def local_text(record: Any, field: str) -> str:
    """A text field in the active language, the Chinese one where the English is empty."""
    return (language() == "en" and getattr(record, f"{field}_en", "")) or getattr(record, field)


def local_label(label: Any) -> str:
    """The text of a {zh, en} mapping in the active language."""
    if not label:
        return ""
    first, second = ("en", "zh") if language() == "en" else ("zh", "en")
    return label.get(first) or label.get(second) or ""


def code_name(codelist: str, code: str) -> str:
    """The name of a code."""
    known = terms()
    listed = known.codelists.get(codelist) if known else None
    return listed.by_code[code].label.get(language()) if listed and code in listed else code
