"""The tree of conditions as the workbench shows and edits it.

A leaf's fields are `i{item}-l{number}-kind|text|quote|drop`; leaves are numbered from left to right as they stand in the
rule, new ones go on from there. `i{item}-shape` holds the tree as JSON: a leaf is its number, a group is
`{"join": all|any|at_least|none, "n": …, "group": number in the rule or null, "of": […]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.http import QueryDict
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.rules import Problem
from innozone.kernel.reading import conditions_in
from innozone.kernel.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    ConditionError,
    Manual,
    Negation,
    RuleSyntaxError,
    Test,
    load_condition,
    parse,
    render,
    to_text,
)
from innozone.kernel.rules.condition import DEEPEST
from innozone.portal import conditions, wording

MOST_LEAVES = 300
JOINS = ("all", "any", "at_least", "none")
_KINDS = {AllOf: "all", AnyOf: "any", AtLeast: "at_least", Negation: "none"}
_OWN = {"all", "any", "not", "at_least", "test", "manual", "quote"}


@dataclass
class LeafForm:
    """One leaf as the form shows it. kind: test or manual; text: the expression or the words. key pairs it with its
    words in the text."""

    name: str
    number: int
    key: str
    kind: str
    text: str
    quote: str
    source: str
    sentence: str = ""
    problem: str = ""
    remark: bool = False  # the problem stands in nobody's way
    span: tuple[int, int] | None = None


@dataclass
class GroupForm:
    """Conditions that count together. join: all, any, at_least (n of them), none; number: of the group in the rule."""

    join: str
    number: int | None
    n: int = 1
    of: list[GroupForm | LeafForm] = field(default_factory=list)

    def leaves(self) -> Iterator[LeafForm]:
        for part in self.of:
            if isinstance(part, LeafForm):
                yield part
            else:
                yield from part.leaves()

    def shape(self) -> dict[str, Any]:
        of = [part.number if isinstance(part, LeafForm) else part.shape() for part in self.of]
        return {"join": self.join, "n": self.n, "group": self.number, "of": of}

    @property
    def shape_text(self) -> str:
        return json.dumps(self.shape(), separators=(",", ":"))


def form_of(name: str, data: Any, text: str, problems: Mapping[str, Problem]) -> GroupForm:
    """The conditions of an item as a form; a lone leaf, or nothing at all, stands in a group of its own."""
    condition = conditions.load(data, text)
    if condition is None:
        return GroupForm("all", None)
    leaves, groups = iter(range(MOST_LEAVES * 10)), iter(range(MOST_LEAVES * 10))

    def made(part: Condition, path: str) -> GroupForm | LeafForm:
        if isinstance(part, Test | Manual):
            return _leaf(name, next(leaves), part, path, problems)
        group = GroupForm(_KINDS[type(part)], next(groups), part.n if isinstance(part, AtLeast) else 1)
        for step, child in zip(part._steps(), part.items, strict=True):
            group.of.append(made(child, f"{path}.{step}" if path else step))
        return group

    root = made(condition, "")
    return root if isinstance(root, GroupForm) else GroupForm("all", None, of=[root])


def _leaf(name: str, number: int, leaf: Test | Manual, path: str, problems: Mapping[str, Problem]) -> LeafForm:
    is_test = isinstance(leaf, Test)
    place = f"conditions.{path}" if path else "conditions"
    problem = problems.get(f"{place}.test") or problems.get(place)
    return LeafForm(
        f"{name}-l{number}",
        number,
        f"{name}-{number}",
        "test" if is_test else "manual",
        to_text(leaf.expr) if is_test else leaf.text,
        leaf.anchor.quote,
        leaf.anchor.source,
        conditions.sentence(leaf, dictionary.current(), wording.language()),
        wording.in_words(problem.message) if problem else "",
        problem is not None and problem.severity != "error",
        leaf.anchor.span,
    )


def leaves_from_words(name: str, first: int, words: str) -> list[LeafForm]:
    """New leaves, numbered from `first`: what the reader makes of words of the text, an empty one of no words."""
    if not words.strip():
        return [LeafForm(f"{name}-l{first}", first, f"{name}-{first}", "test", "", "", "")]
    found = []
    for number, data in enumerate(conditions_in(words, dictionary.current()), first):
        leaf = load_condition(data)
        assert isinstance(leaf, Test | Manual)
        found.append(_leaf(name, number, leaf, "", {}))
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


def data_of(post: QueryDict, name: str, before: Any) -> Any:
    """The condition data after the edits: the tree as data when the user changed it there, else by shape and leaves.

    Raises ValueError with a sentence for what cannot even be read.
    """
    written = post.get(f"{name}-tree", "").replace("\r\n", "\n")
    if post.get(f"{name}-use_tree") and written.strip():
        return _from_yaml(written)
    try:
        data = load_condition(before).to_data() if before else {"all": []}
    except ConditionError:
        data = {"all": []}
    shape = post.get(f"{name}-shape", "")
    edited = _Edit(post, name, data).made(_read(shape) if shape else form_of(name, data, "", {}).shape())
    added = _node(post, f"{name}-new", {})
    if added is None:
        return edited if edited is not None else {"all": []}
    if edited is None:
        return {"all": [added]}
    if "all" in edited:
        return {**edited, "all": [*edited["all"], added]}
    return {"all": [edited, added]}


def _from_yaml(written: str) -> Any:
    try:
        return yaml.safe_load(written)
    except RecursionError:
        raise ValueError(_("The conditions are nested too deeply.")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = _("line %(line)d") % {"line": mark.line + 1} if mark else ""
        raise ValueError(_("The conditions are not YAML (%(place)s).") % {"place": place}) from None


def _read(shape: str) -> Any:
    try:
        return json.loads(shape)
    except (ValueError, RecursionError):
        raise ValueError(_unreadable()) from None


def _unreadable() -> str:
    return _("How the conditions are joined could not be read: load the page again and repeat your change.")


def _node(post: QueryDict, leaf: str, before: Mapping[str, Any]) -> dict[str, Any] | None:
    """The leaf as its fields have it, with what they do not show; None without a text."""
    text = post.get(f"{leaf}-text", "").strip()
    if not text:
        return None
    quote = post.get(f"{leaf}-quote", "").strip()
    node = {key: value for key, value in before.items() if key not in _OWN}
    node["manual" if post.get(f"{leaf}-kind") == "manual" else "test"] = text
    return {**node, "quote": quote} if quote else node


class _Edit:
    """Builds the data of a tree from its shape, the fields of its leaves and the rule as it was."""

    def __init__(self, post: QueryDict, name: str, data: dict[str, Any]) -> None:
        self.post, self.name = post, name
        self.leaves: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []
        self.used: set[int] = set()
        self._number(data)

    def _number(self, data: dict[str, Any]) -> None:
        below = data.get("all") or data.get("any") or (data.get("at_least") or {}).get("of")
        if "not" in data:
            below = [data["not"]]
        if "test" in data or "manual" in data:
            self.leaves.append(data)
            return
        self.groups.append(data)
        for child in below or ():
            self._number(child)

    def made(self, shape: Any, depth: int = 0) -> dict[str, Any] | None:
        """The data of a shape; None when nothing of it is left."""
        if depth > DEEPEST:
            raise ValueError(_("The conditions are nested too deeply."))
        if isinstance(shape, int) and not isinstance(shape, bool):
            return self._leaf(shape)
        if not isinstance(shape, dict) or shape.get("join") not in JOINS or not isinstance(shape.get("of"), list):
            raise ValueError(_unreadable())
        of = [node for part in shape["of"] if (node := self.made(part, depth + 1)) is not None]
        if not of:
            return None
        at, join = shape.get("group"), shape["join"]
        known = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(self.groups)
        about = {key: value for key, value in self.groups[at].items() if key not in _OWN - {"quote"}} if known else {}
        if join == "none":
            return {"not": of[0] if len(of) == 1 else {"any": of}, **about}
        if len(of) == 1 and not known:
            return of[0]
        if join == "at_least":
            n = shape.get("n")
            if not isinstance(n, int) or n < 1:
                raise ValueError(_("Say how many of the conditions must be met: 1 or more."))
            return {"at_least": {"n": min(n, len(of)), "of": of}, **about}
        return {join: of, **about}

    def _leaf(self, number: int) -> dict[str, Any] | None:
        if number in self.used or not 0 <= number < MOST_LEAVES * 10:
            raise ValueError(_unreadable())
        self.used.add(number)
        before = self.leaves[number] if number < len(self.leaves) else {}
        leaf = f"{self.name}-l{number}"
        if self.post.get(f"{leaf}-drop"):
            return None
        # A form that does not hold the leaf (the API's, a script's) leaves it as it is; an emptied one is none.
        if before and f"{leaf}-text" not in self.post:
            return before
        found = _node(self.post, leaf, before)
        if found is None and before:
            raise ValueError(_("A condition is empty: write it, or leave it out."))
        return found
