"""The policy workbench: an item's rule as a form, and the form as a rule.

The form edits leaves where they stand; the shape of the tree is edited as data (YAML) when it must change.
Field names: `i{item}-name`, `i{item}-l{leaf}-text`; leaves are numbered from left to right like everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.rules import Problem
from innozone.kernel.packs.model import BENEFIT_KINDS
from innozone.kernel.rules import ConditionError, RuleSyntaxError, Test, load_condition, parse, render, to_text
from innozone.kernel.rules.functions import FUNCTIONS
from innozone.portal import conditions, papers, wording
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.library import ItemInForce

MOST_ITEMS = 60
MOST_LEAVES = 300
#: How many words a completion offers.
MOST_WORDS = 12


@dataclass
class LeafForm:
    """One leaf as the form shows it. kind: test or manual; text: the expression or the words."""

    name: str
    key: str
    kind: str
    text: str
    quote: str
    source: str
    depth: int
    joined: str
    sentence: str = ""
    problem: str = ""
    span: tuple[int, int] | None = None


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
    leaves: list[LeafForm]
    tree: str
    problems: list[str] = field(default_factory=list)


def forms_of(found: list[ItemInForce], text: str, problems: Mapping[str, list[Problem]]) -> list[ItemForm]:
    """The items of a policy as forms."""
    return [_form(f"i{at}", each, text, problems.get(each.item.rule.code, [])) for at, each in enumerate(found)]


def _form(name: str, each: ItemInForce, text: str, problems: list[Problem]) -> ItemForm:
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
        _leaves(name, data.get("conditions"), text, {problem.path: problem for problem in problems}),
        yaml.safe_dump(data.get("conditions"), allow_unicode=True, sort_keys=False, width=100),
        [said(problem) for problem in problems],
    )


def stamp(number: int, found: list[ItemInForce]) -> str:
    """A word for the paper as it stands: two editors who begin with the same one would write over each other."""
    state = [
        (
            each.item.rule.code,
            each.item.rule.name,
            each.item.rule.name_en,
            each.item.rule.kind,
            each.version.digest if each.version else "",
            each.item.summary,
            str(each.item.opens),
            str(each.item.closes),
            each.item.department_id,
            each.item.papers,
        )
        for each in found
    ]
    return hashlib.sha256(json.dumps([number, state]).encode()).hexdigest()[:16]


def said(problem: Problem) -> str:
    """A problem with the place where it stands."""
    word = _("Error") if problem.severity == "error" else _("Note")
    text = wording.in_words(problem.message)
    return f"{word}: {problem.path}: {text}" if problem.path else f"{word}: {text}"


def refusal(refused: DraftRefused) -> list[str]:
    """Why a draft was not taken: the reason, then every problem with its place."""
    return [wording.draft_refusal(refused), *(said(problem) for problem in refused.problems)]


def _leaves(name: str, data: Any, text: str, problems: Mapping[str, Problem]) -> list[LeafForm]:
    condition = conditions.load(data, text)
    if condition is None:
        return []
    known, language = dictionary.current(), wording.language()
    found: list[LeafForm] = []

    def walk(part: Any, path: str, depth: int, joined: str) -> None:
        if part.items:
            for at, child in enumerate(part.items):
                step = part._steps()[at]
                below = f"{path}.{step}" if path else step
                walk(child, below, depth + 1, conditions.joining(part) if at == 0 else "")
            return
        number = len(found)
        is_test = isinstance(part, Test)
        problem = problems.get(f"conditions.{path}.test" if path else "conditions.test") or problems.get(
            f"conditions.{path}" if path else "conditions"
        )
        found.append(
            LeafForm(
                f"{name}-l{number}",
                f"{name}-{number}",
                "test" if is_test else "manual",
                to_text(part.expr) if is_test else part.text,
                part.anchor.quote,
                part.anchor.source,
                max(0, depth - 1),
                joined,
                conditions.sentence(part, known, language),
                wording.in_words(problem.message) if problem else "",
                part.anchor.span,
            )
        )

    walk(condition, "", 0, "")
    return found


def check_leaf(kind: str, text: str) -> tuple[str, list[str]]:
    """(sentence, problems) of one leaf as it is being written."""
    if kind == "manual":
        return text.strip(), [] if text.strip() else [_("Say in words what a person must judge.")]
    known = dictionary.current()
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        return "", [wording.in_words(error.said)]
    _read, problems = rules.inspect({"conditions": {"test": text}}, dictionary=known)
    return render(expr, known, wording.language()), [wording.in_words(problem.message) for problem in problems]


def draft_of(post: QueryDict, name: str, old: ItemInForce | None, document: str) -> ItemDraft:
    """An item as the form says it. Raises ValueError with a sentence for what cannot even be read."""

    def given(part: str) -> str:
        return post.get(f"{name}-{part}", "").strip()

    before = old.version.data if old and old.version else {}
    benefit = before.get("benefit") or {}
    kind = given("benefit_kind") if given("benefit_kind") in BENEFIT_KINDS else ""
    changed = {"kind": kind, "amount": given("amount") or None, "note": benefit.get("note")} if kind else None
    data = {
        **before,
        "conditions": _tree(post, name, before.get("conditions")),
        "benefit": changed,
        "grants": given("grants") or None,
        "stacking": before.get("stacking"),
        "scores": before.get("scores") or {},
    }
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


def _tree(post: QueryDict, name: str, before: Any) -> Any:
    """The condition data after the edits: the tree as data when the user changed it there, else leaf by leaf."""
    written = post.get(f"{name}-tree", "").replace("\r\n", "\n")
    if post.get(f"{name}-use_tree") and written.strip():
        try:
            return yaml.safe_load(written)
        except RecursionError:
            raise ValueError(_("The conditions are nested too deeply.")) from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = _("line %(line)d") % {"line": mark.line + 1} if mark else ""
            raise ValueError(_("The conditions are not YAML (%(place)s).") % {"place": place}) from None
    try:
        data = load_condition(before).to_data() if before else {"all": []}
    except ConditionError:
        data = {"all": []}
    counter = iter(range(MOST_LEAVES))
    edited = _edited(data, post, name, counter)
    added = _added(post, name)
    if added is None:
        return edited if edited is not None else {"all": []}
    if edited is None:
        return {"all": [added]}
    if isinstance(edited, dict) and "all" in edited:
        return {**edited, "all": [*edited["all"], added]}
    return {"all": [edited, added]}


def _edited(data: dict[str, Any], post: QueryDict, name: str, counter: Any) -> dict[str, Any] | None:
    """The node with its leaves as the form has them; None when nothing of it is left."""
    for kind in ("all", "any"):
        if kind in data:
            kept = [node for child in data[kind] if (node := _edited(child, post, name, counter)) is not None]
            return {**data, kind: kept} if kept else None
    if "not" in data:
        inner = _edited(data["not"], post, name, counter)
        return {**data, "not": inner} if inner is not None else None
    if "at_least" in data:
        part = data["at_least"]
        kept = [node for child in part["of"] if (node := _edited(child, post, name, counter)) is not None]
        return {**data, "at_least": {"n": min(part["n"], len(kept)), "of": kept}} if kept else None
    leaf = f"{name}-l{next(counter)}"
    if post.get(f"{leaf}-drop"):
        return None
    kind = post.get(f"{leaf}-kind")
    if kind not in ("test", "manual"):
        return data
    node = {key: value for key, value in data.items() if key not in ("test", "manual", "quote")}
    node[kind] = post.get(f"{leaf}-text", "").strip()
    quote = post.get(f"{leaf}-quote", "").strip()
    return {**node, "quote": quote} if quote else node


def _added(post: QueryDict, name: str) -> dict[str, Any] | None:
    text = post.get(f"{name}-new-text", "").strip()
    if not text:
        return None
    kind = "manual" if post.get(f"{name}-new-kind") == "manual" else "test"
    quote = post.get(f"{name}-new-quote", "").strip()
    return {kind: text, "quote": quote} if quote else {kind: text}


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
