"""What pages say of facts, variables and benefits: labels from the dictionary, never written twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary, values
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.problems import problem, problem_text
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.words import in_language
from innozone.kernel.terms import Dictionary
from innozone.kernel.terms.units import CellError


def language() -> str:
    """The active language as the kernel knows it."""
    return get_language() or "zh-hans"


def in_words(text: str) -> str:
    """What the kernel says of a rule, in the active language."""
    return in_language(text, language())


#: What `terms` found during this request; None outside requests.
_found: ContextVar[list[Dictionary | None] | None] = ContextVar("terms", default=None)


@contextmanager
def one_dictionary() -> Iterator[None]:
    """Within it `terms` asks the database once."""
    token = _found.set([])
    try:
        yield
    finally:
        _found.reset(token)


def terms() -> Dictionary | None:
    """The dictionary in force; None before the first pack."""
    kept = _found.get()
    if kept:
        return kept[0]
    try:
        known = dictionary.current()
    except dictionary.NoPack:
        known = None
    if kept is not None:
        kept.append(known)
    return known


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


def fact_text(fact: Any, known: Dictionary | None = None) -> str:
    """The value of a fact as people read it."""
    known = known or terms()
    variable = known.get(fact.variable) if known else None
    if known is None or variable is None:
        return str(fact.number if fact.number is not None else fact.text or "")
    return values.display_of(known, variable, values.value_of(variable, fact.number, fact.text))


def refusal(error: Exception) -> str:
    """Why something was refused, in the reader's language where the reason is known as data."""
    while error is not None:
        if isinstance(error, CellError):
            return problem_text(problem(error.code, **error.params), language())
        if error.__cause__ is None:
            break
        error = error.__cause__  # type: ignore[assignment]
    return str(error)


def record_lines(record: Any) -> list[tuple[str, str]]:
    """The fields of a record as its dataset names and codes them."""
    known, contract = terms(), contract_of(record.dataset)
    lines = []
    for field in contract.fields:
        raw = record.data.get(field.name)
        if raw in (None, "", []):
            continue
        codelist = known.codelists.get(field.codelist or "") if known else None
        codes = raw if isinstance(raw, list) else [raw]
        shown = [
            codelist.by_code[code].label.get(language()) if codelist and code in codelist else str(code)
            for code in codes
        ]
        lines.append((field.label.get(language()) or field.column, "、".join(shown)))
    return lines


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


def score_name(version: Any, code: str) -> str:
    """The name of a score of a rule's version; its code without one."""
    return local_label(((version.data.get("scores") or {}).get(code) or {}).get("label")) or code


def code_name(codelist: str, code: str) -> str:
    """The name of a code."""
    known = terms()
    listed = known.codelists.get(codelist) if known else None
    return listed.by_code[code].label.get(language()) if listed and code in listed else code


def code_list_name(code: str | None) -> str:
    """The name of a code list."""
    known = terms()
    listed = known.codelists.get(code) if known and code else None
    return listed.label.get(language()) if listed else code or ""


def rhythm(cadence: Any) -> str:
    """“every month, by day 5 after its end”."""
    if cadence is None:
        return ""
    every = {
        "day": _("every day"),
        "week": _("every week"),
        "month": _("every month"),
        "quarter": _("every quarter"),
        "year": _("every year"),
    }.get(cadence.every, cadence.every)
    return (
        _("%(every)s, within %(days)d days") % {"every": every, "days": cadence.due_day} if cadence.due_day else every
    )


def type_name(code: str) -> str:
    """The type of a variable."""
    return {
        "money": _("money"),
        "number": _("number"),
        "integer": _("whole number"),
        "ratio": _("share"),
        "bool": _("yes or no"),
        "date": _("day"),
        "text": _("text"),
        "code": _("code"),
        "codes": _("set of codes"),
    }.get(code, code)


def rules_reading(code: str, known: Dictionary) -> list[int]:
    """The rules in force that read a variable, themselves or through a formula."""
    today = timezone.localdate()
    found = []
    for version in rules.in_force(today):
        read = rules.parsed(version)
        parts = [read.condition, *([read.benefit] if read.benefit is not None else [])]
        if any(name == code for name, _year in reads(parts, known, today)):
            found.append(version.rule_id)
    return found


def draft_refusal(refused: Any) -> str:
    """Why a text, a correction or a confirmation was not taken."""
    return reading_refusal(refused.code) or str(refused)


def reading_refusal(code: str) -> str:
    """The same by its stable word alone; empty for one that says nothing without its place."""
    known = {
        "too_large": _("The text is too large: read it in parts."),
        "empty": _("There is no text in it: paste the text of the policy."),
        "scanned": _("The PDF holds pictures of pages and no text: have it recognised (OCR) first, or paste the text."),
        "slow": _("Text recognition took too long: split the document, or paste the text."),
        "unreadable": _("The scan cannot be made out: scan it again more finely, or paste the text."),
        "encrypted": _("The file is protected by a password: save it without one."),
        "broken": _("The file is damaged and cannot be opened: save it again."),
        "bomb": _("The file unpacks to far more than a policy can be: send the plain document."),
        "entities": _("The file declares XML entities, which no word processor writes: save it again."),
        "old_word": _("The file is in the old .doc format: save it as .docx."),
        "extension": _("This kind of file cannot be read: send docx, pdf, html or txt."),
        "kind": _("The file is not what its name says: send docx, pdf, html or txt."),
        "binary": _("The file is not a text: send docx, pdf, html or txt."),
        "encoding": _("The letters of the text cannot be made out: save it as UTF-8."),
        "missing": _("A part of the file is missing: save it again."),
        "ended": _("This policy has ended: read the new text as a policy of its own."),
        "no_items": _("The policy has no item: add one with its conditions."),
        "unknown_item": _("An item is not of this policy: load the page again."),
        "stale": _("This item has been changed meanwhile: move the figures of its newest wording."),
        "unsound": _("A condition or an amount is not sound:"),
    }
    return str(known.get(code, ""))


def proposal_reason(proposal: Any) -> str:
    """Why an answer of the language model is no proposal, or why none came; empty for one that can be judged."""
    known = {
        "nothing": _("The model finds no fact that decides this clause."),
        "json": _("The answer is no JSON."),
        "schema": _("The answer has another form than was asked for."),
        "quote": _("Its quote does not stand in the clause."),
        "figure": _("A figure does not stand in its quote:"),
        "variable": _("There is no such fact:"),
        "form": _("This is no plain condition on facts:"),
        "empty": _("It holds or fails whatever the facts are:"),
        "syntax": _("The condition cannot be read:"),
        "unsound": _("The check of rules objects:"),
        "long": _("The condition is too long."),
        "busy": _("The model is busy; ask again later."),
        "slow": _("The model did not answer in time."),
        "huge": _("The answer is too large."),
        "status": _("The server of the model answered with an error:"),
        "protocol": _("The server did not answer as a language model does."),
        "connection": _("The server of the model cannot be reached:"),
        "address": _("The address of the model is not set up rightly:"),
        "limit": _("The number of calls for one policy is used up; ask again."),
        "off": _("No language model is set up."),
    }
    sentence = known.get(proposal.reason, "")
    return f"{sentence} {proposal.detail}".strip() if sentence.endswith(("：", ":")) else sentence


def code_choices(codelist: str) -> list[tuple[str, str]]:
    """(code, name) of a whole code list."""
    known = terms()
    listed = known.codelists.get(codelist) if known else None
    return [(entry.code, entry.label.get(language())) for entry in listed or ()]


def departments() -> list[str]:
    """Names of the departments that handle items."""
    return list(Party.objects.filter(kind="department").order_by("name").values_list("name", flat=True))
