"""The policy workbench: an item's rule as a form, and the form as a rule.

Field names: `i{item}-title`, `i{item}-amount` …; those of the conditions are in `trees`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts.rules import Problem
from innozone.kernel.packs.model import BENEFIT_KINDS
from innozone.kernel.rules.functions import FUNCTIONS
from innozone.portal import limit_forms, papers, trees, wording
from innozone.portal.limit_forms import LimitForm
from innozone.portal.trees import GroupForm
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.library import ItemInForce

MOST_ITEMS = 60
#: How many words a completion offers.
MOST_WORDS = 12


@dataclass
class ItemForm:
    """One item as the form shows it."""

    name: str
    code: str
    title: str
    title_en: str
    kind: str
    summary: str
    benefit_kind: str
    amount: str
    amount_text: str
    grants: str
    opens: str
    closes: str
    department: str
    papers: str
    status: str
    conditions: GroupForm
    limits: LimitForm
    tree: str
    problems: list[str] = field(default_factory=list)


def forms_of(found: list[ItemInForce], text: str, problems: Mapping[str, list[Problem]]) -> list[ItemForm]:
    """The items of a policy as forms."""
    limits = limit_forms.forms_of(found)
    return [
        _form(f"i{at}", each, text, problems.get(each.item.rule.code, []), limits[at]) for at, each in enumerate(found)
    ]


def _form(name: str, each: ItemInForce, text: str, problems: list[Problem], limits: LimitForm) -> ItemForm:
    item, data = each.item, each.version.data if each.version else {}
    benefit = data.get("benefit") or {}
    amount = str(benefit.get("amount") or "")
    return ItemForm(
        name,
        item.rule.code,
        item.rule.name,
        item.rule.name_en,
        item.rule.kind,
        item.summary,
        benefit.get("kind") or "",
        amount,
        papers.amount_text(amount) if amount else "",
        data.get("grants") or "",
        item.opens.isoformat() if item.opens else "",
        item.closes.isoformat() if item.closes else "",
        item.department.name if item.department else "",
        "\n".join(item.papers),
        each.version.status if each.version else "draft",
        trees.form_of(name, data.get("conditions"), text, {problem.path: problem for problem in problems}),
        limits,
        yaml.safe_dump(data.get("conditions"), allow_unicode=True, sort_keys=False, width=100),
        # Those of a leaf stand at the leaf.
        [said(problem) for problem in problems if not problem.path.startswith("conditions")],
    )


def said(problem: Problem) -> str:
    """A problem with the place where it stands."""
    word = _("Error") if problem.severity == "error" else _("Note")
    text = wording.in_words(problem.message)
    return f"{word}: {problem.path}: {text}" if problem.path else f"{word}: {text}"


def refusal(refused: DraftRefused) -> list[str]:
    """Why a draft was not taken: the reason, then every problem with its place."""
    return [wording.draft_refusal(refused), *(said(problem) for problem in refused.problems)]


def draft_of(
    post: QueryDict,
    name: str,
    old: ItemInForce | None,
    groups: Mapping[str, list[dict[str, Any]]] | None = None,
) -> ItemDraft:
    """An item as the form says it; groups: of every item, where the form changes them (limit_forms.members).

    Raises ValueError with a sentence for what cannot even be read.
    """

    def given(part: str) -> str:
        return post.get(f"{name}-{part}", "").strip()

    before = old.version.data if old and old.version else {}
    benefit = before.get("benefit") or {}
    kind = given("benefit_kind") if given("benefit_kind") in BENEFIT_KINDS else ""
    changed = {"kind": kind, "amount": given("amount") or None, "note": benefit.get("note")} if kind else None
    allocation = limit_forms.allocation_of(post, name, before.get("allocation"))
    data = {
        **before,
        "conditions": trees.data_of(post, name, before.get("conditions")),
        "benefit": changed,
        "grants": given("grants") or None,
        "stacking": limit_forms.stacking_of(post, name, before.get("stacking"), groups),
        "scores": before.get("scores") or {},
    }
    # An item that had no budget and gets none is the item that it was.
    if allocation is not None or "allocation" in before:
        data["allocation"] = allocation
    department = given("department")
    party = Party.objects.exclude(kind="enterprise").filter(name=department).first() if department else None
    if department and party is None:
        raise ValueError(_("There is no department named “%(name)s”.") % {"name": department})
    if not given("title"):
        raise ValueError(_("An item needs a name."))
    return ItemDraft(
        name=given("title")[:200],
        data=data,
        code=old.item.rule.code if old else "",
        name_en=given("title_en")[:200],
        kind=given("kind") if given("kind") in ("support", "recognition") else "support",
        summary=given("summary")[:400],
        summary_en=old.item.summary_en if old else "",
        opens=_day(given("opens")),
        closes=_day(given("closes")),
        department=party,
        papers=tuple(line.strip() for line in given("papers").splitlines() if line.strip()),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(_("“%(value)s” is not a day: write it as 2026-03-05.") % {"value": text}) from None


def words(asked: str) -> list[dict[str, str]]:
    """At most MOST_WORDS {insert, label, kind} whose code or label holds the word, those that begin with it first.

    kind: fact, record, function or code; a code comes with its list and is written in quotation marks.
    """
    known = dictionary.current()
    language, low = wording.language(), asked.lower()
    if not low:
        return []
    found: list[tuple[int, dict[str, str]]] = []

    def offer(kind: str, insert: str, label: str, code: str) -> None:
        at = min((place for place in (code.lower().find(low), label.lower().find(low)) if place >= 0), default=-1)
        if at >= 0:
            found.append((at, {"kind": kind, "insert": insert, "label": label}))

    for variable in known:
        place = f"{variable.code}[-1]" if variable.period == "year" else variable.code
        offer("fact", place, variable.label.get(language), variable.code)
    for code, record in known.records.items():
        offer("record", code, record.label.get(language), code)
    for code, function in FUNCTIONS.items():
        offer("function", function.usage, function.usage, code)
    if len(low) > 1:
        for codelist in known.codelists.values():
            for entry in codelist:
                offer(
                    "code",
                    f'"{entry.code}"',
                    f"{entry.label.get(language)} · {codelist.label.get(language)}",
                    entry.code,
                )
    order = ("fact", "function", "record", "code")
    found.sort(key=lambda pair: (pair[0] > 0, order.index(pair[1]["kind"]), len(pair[1]["label"])))
    return [entry for _at, entry in found[:MOST_WORDS]]
