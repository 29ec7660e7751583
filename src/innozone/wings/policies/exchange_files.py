"""A file of policies read and checked against this zone: every problem with its line and its cure (see exchange)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import Rule
from innozone.foundation.verdicts.rules import Problem
from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import BENEFIT_KINDS, LEVELS, POLICY_PARTS
from innozone.kernel.packs.read_policies import plain
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Dictionary, Label
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.models import Item

FORMAT = "innozone-policies"
VERSION = 1
#: Bytes of a file; a policy with its rules has some 20,000.
LARGEST = 4 * 1024 * 1024
#: Policies in one file.
MOST_POLICIES = 200
RULE_KEYS = ("conditions", "benefit", "grants", "stacking", "scores", "allocation")
_HEAD_KEYS = ("format", "version", "zone", "digest", "terms", "policies")
_POLICY_KEYS = (
    *("code", "title", "number", "issuer", "issuer_name", "level", "issued", "valid_from", "valid_to", "url"),
    *("proposal", "themes", "part", "parent", "gist", "keywords", "tags", "text", "items"),
)
_ITEM_KEYS = ("code", "name", "kind", "summary", *RULE_KEYS, "window", "department", "papers")
_TERM_KEYS = ("label", "type", "unit", "period", "codelist")
_CODE = re.compile(r"\w[\w.\-]*")
#: Words that addresses below /policies/ and /workbench/ have for themselves.
_RESERVED = frozenset({"tree", "changes", "check", "words", "import", "export", "leaf", "read", "read-file"})


@dataclass(frozen=True)
class Paper:
    """A policy of a file, read: the columns of Policy, what a version holds, its items with the nodes they stand at."""

    code: str
    columns: Mapping[str, Any]
    text: str
    gist: str
    keywords: list[str]
    tags: list[str]
    items: list[ItemDraft]
    parent: str
    digest: str
    left_open: list[str]


def read(source: bytes, name: str) -> tuple[str, list[Paper]]:
    """The zone that a file comes from, and its policies. Raises DraftRefused with every problem."""
    context = Context()
    root = _root(source, name, context)
    zone, papers = _read(root, context) if root is not None else ("", [])
    _refuse(context)
    return zone, papers


def _root(source: bytes, name: str, context: Context) -> Node | None:
    limit = min(settings.POLICY_MAX_BYTES, LARGEST)
    if len(source) > limit:
        raise DraftRefused(
            "too_large", _("The file is larger than %(most)s.") % {"most": f"{limit >> 20} MB"}, name, _("Split it.")
        )
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise DraftRefused("encoding", _("The file is not UTF-8."), f"{name}:{line}", _("Save it as UTF-8.")) from None
    return context.parse(text, name)


def _refuse(context: Context) -> None:
    if not context.problems:
        return
    found = [
        Problem(f"{each.file}:{each.line}", say("{}; {}", each.message, each.cure) if each.cure else each.message)
        for each in sorted(context.problems, key=lambda problem: problem.line)
    ]
    raise DraftRefused(
        "file", _("The file cannot be taken in: nothing has changed."), found[0].path, _("See the lines named."), found
    )


def _read(root: Node, context: Context) -> tuple[str, list[Paper]]:
    """The name of the zone it comes from, and its policies; problems go into the context."""
    form = Form(context, root, say("the file"), _HEAD_KEYS)
    if form.text("format", required=True) != FORMAT or form.integer("version") != VERSION:
        context.problem(
            root, say("this is no file of policies that is known here"), say("format: {}, version: {}", FORMAT, VERSION)
        )
        return "", []
    try:
        body = plain({key: form.place(key).data() for key in ("terms", "policies") if key in form})
    except RecursionError:
        context.problem(root, say("the file is nested too deeply"), say("conditions have a few levels"))
        return "", []
    for node in _unseen(root):
        context.problem(node, say("a sign that no text may hold (zero byte, half a character)"), say("take it out"))
    if "digest" in form and form.text("digest") != rules.digest_of(body):
        cure = say("export it again, or take out the line digest where it was changed on purpose")
        context.problem(form.place("digest"), say("the file is not as it was written"), cure)
    zone = form.form("zone", say("the zone"), ("code", "title"))
    dictionary = facts_dictionary.current()
    _check_terms(context, form, dictionary)
    nodes = form.nodes("policies", required=True)
    if len(nodes) > MOST_POLICIES:
        context.problem(
            form.place("policies"), say("the file has {} policies", len(nodes)), say("{} at most", MOST_POLICIES)
        )
        return "", []
    seen: set[str] = set()
    papers = [_paper(context, Form(context, node, say("a policy"), _POLICY_KEYS), dictionary, seen) for node in nodes]
    origin = " ".join(part for part in (zone.text("title"), f"({zone.text('code')})") if part) if zone else "?"
    return origin, papers


def _unseen(root: Node) -> Iterable[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting += [*(node.items or ()), *(node.entries or {}).values()]
        words = (node.text, *(node.entries or ()))
        if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for word in words for sign in word):
            yield node


def _check_terms(context: Context, parent: Form, dictionary: Dictionary) -> None:
    """A quantity that is counted otherwise here would make another rule of the same words."""
    for code, node in (parent.place("terms").entries or {}).items() if "terms" in parent else ():
        variable = dictionary.get(code)
        form = Form(context, node, say("the term {}", code), _TERM_KEYS)
        if variable is None:
            context.problem(
                node, say("there is no variable {} in this zone", code), nearest(code, dictionary.variables)
            )
            continue
        for key in ("type", "unit", "period", "codelist"):
            there, here = form.text(key), getattr(variable, key) or ""
            if there != here:
                cure = say("write the conditions for the variable as it is here, and take the term out")
                message = say(
                    "{} has the {} {} there and {} here", code, key, there or say("none"), here or say("none")
                )
                context.problem(form.place(key), message, cure)


def _paper(context: Context, form: Form, dictionary: Dictionary, seen: set[str]) -> Paper:
    code = _code(context, form, 80, seen)
    form.what = say("the policy {}", code) if code else form.what
    title = _label(context, form, "title", 200, required=True)
    text = form.text("text", required=True)
    left_open: list[str] = []
    starts, ends = form.day("valid_from"), form.day("valid_to")
    if starts and ends and ends < starts:
        context.problem(
            form.place("valid_to"), say("{} ends before it begins", form.what), say("choose a later last day")
        )
    url = _short(context, form, "url", 200)
    if url and not url.startswith(("http://", "https://")):
        context.problem(
            form.place("url"), say("the source must be an address of the web"), say("begin it with https://")
        )
    themes, known = form.texts("themes"), dictionary.codelists.get("themes")
    for theme in themes if known is not None else ():
        if theme not in known:  # type: ignore[operator]
            context.problem(form.place("themes"), say("there is no theme {}", theme), nearest(theme, known.by_code))  # type: ignore[union-attr]
    items = [
        _item(context, Form(context, node, say("an item"), _ITEM_KEYS), text, dictionary, seen, code, left_open)
        for node in form.nodes("items")
    ]
    columns = {
        "title": title.zh,
        "title_en": title.en,
        "number": _short(context, form, "number", 80),
        "issuer": _office(form.text("issuer"), left_open),
        "issuer_name": _short(context, form, "issuer_name", 200),
        "level": form.choice("level", LEVELS, required=True, default="zone"),
        "proposal": form.flag("proposal"),
        "issued": form.day("issued"),
        "valid_from": starts,
        "valid_to": ends,
        "url": url,
        "themes": list(themes),
        "part": form.choice("part", POLICY_PARTS),
    }
    return Paper(
        code,
        columns,
        text,
        _short(context, form, "gist", 400),
        list(form.texts("keywords")),
        list(form.texts("tags")),
        items,
        form.text("parent"),
        rules.digest_of(plain(form.node.data())),
        left_open,
    )


def _item(
    context: Context, form: Form, text: str, dictionary: Dictionary, seen: set[str], policy: str, left_open: list[str]
) -> ItemDraft:
    code = _code(context, form, 120, seen)
    form.what = say("the item {}", code) if code else form.what
    owner = Item.objects.filter(rule__code=code).exclude(policy__code=policy).values_list("policy__title", flat=True)
    if other := owner.first():
        context.problem(
            form.place("code"),
            say("the item {} belongs to 《{}》 here", code, other),
            say("give it another code in the file"),
        )
    before = len(context.problems)
    if benefit := form.form("benefit", say("the benefit of {}", form.what), ("kind", "amount", "note")):
        benefit.choice("kind", BENEFIT_KINDS, required=True)
        benefit.text("amount")
        benefit.label("note", english=False)
    scores = form.place("scores").entries if "scores" in form else {}
    for name, node in (scores or {}).items():
        score = Form(context, node, say("the score {}", name), ("label", "expr"))
        score.text("expr", required=True)
        score.label("label", english=False)
    if "scores" in form and scores is None:
        context.problem(form.place("scores"), say("scores of {} must be a mapping", form.what))
    form.text("grants")
    if "conditions" not in form:
        form.missing("conditions")
    data = {key: plain(form.place(key).data()) for key in RULE_KEYS if key in form.entries}
    if len(context.problems) == before:
        _check_rule(context, form, data, text, dictionary)
    window = form.form("window", say("the window of {}", form.what), ("opens", "closes"))
    opens, closes = (window.day("opens"), window.day("closes")) if window else (None, None)
    if opens and closes and closes < opens:
        context.problem(
            form.place("window"), say("{} closes before it opens", form.what), say("choose a later last day")
        )
    name, summary = _label(context, form, "name", 200, required=True), _label(context, form, "summary", 400)
    return ItemDraft(
        name=name.zh,
        data=data,
        code=code,
        name_en=name.en,
        kind=form.choice("kind", Rule.Kind.values, required=True, default=Rule.Kind.SUPPORT),
        summary=summary.zh,
        summary_en=summary.en,
        opens=opens,
        closes=closes,
        department=_office(form.text("department"), left_open),
        papers=form.texts("papers"),
    )


def _check_rule(context: Context, form: Form, data: Mapping[str, Any], text: str, dictionary: Dictionary) -> None:
    """Every problem of the rule at the line where it stands. A rule that cannot be decided here is not taken in."""
    _parsed, problems = rules.inspect(data, document=text, dictionary=dictionary)
    for problem in problems:
        if problem.severity == "error":
            steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", problem.path)]
            context.problem(form.node.at(steps), say("{}, {}: {}", form.what, problem.path, problem.message))


def _code(context: Context, form: Form, most: int, seen: set[str]) -> str:
    code = form.text("code", required=True)
    if code and (not _CODE.fullmatch(code) or code in _RESERVED or len(code) > most):
        cure = say("letters, digits, “.”, “-” and “_”, {} at most, none of {}", most, ", ".join(sorted(_RESERVED)))
        context.problem(form.place("code"), say("“{}” cannot be a code", code[:most]), cure)
    elif code in seen:
        context.problem(form.place("code"), say("the code {} stands twice", code), say("give each its own"))
    seen.add(code)
    return code


def _short(context: Context, form: Form, key: str, most: int) -> str:
    text = form.text(key)
    if len(text) > most:
        context.problem(
            form.place(key), say("{} of {} has {} characters", key, form.what, len(text)), say("{} at most", most)
        )
    return text


def _label(context: Context, form: Form, key: str, most: int, *, required: bool = False) -> Label:
    label = form.label(key, required=required, english=False) or Label("", "")
    # An English summary may be half as long again.
    for language, text, limit in (("zh", label.zh, most), ("en", label.en, 600 if most == 400 else most)):
        if len(text) > limit:
            place, what = form.place(key).at([language]), say("{}.{} of {}", key, language, form.what)
            context.problem(place, say("{} has {} characters", what, len(text)), say("{} at most", limit))
    return label


def _office(name: str, left_open: list[str]) -> Party | None:
    """An organisation of this zone by code or name; one that is not known is left for a person to fill in."""
    if not name:
        return None
    offices = Party.objects.exclude(kind="enterprise")
    found = offices.filter(code=name).first() or offices.filter(name=name).first()
    if found is None and name not in left_open:
        left_open.append(name)
    return found
