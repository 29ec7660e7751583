"""The condition tree: data on the outside (YAML, JSON), immutable nodes inside, each leaf anchored to the words it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from innozone.kernel.rules.errors import HARMLESS, RuleSyntaxError, unseen, visible
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.quotes import LONGEST_QUOTE, locate, nearest
from innozone.kernel.rules.tree import Expr, to_text
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Label

DEEPEST = 24
MOST_NODES = 2000


class ConditionError(ValueError):
    """The data is no condition. `path` names the place (`all[1].test`), `position` the offset inside an expression."""

    def __init__(self, path: str, message: str, position: int | None = None) -> None:
        self.path = path
        self.message = message
        self.position = position
        super().__init__(f"{path}: {message}" if path else message)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a node comes from: the document's own words, their place, and a name for people.

    `span` holds code-point offsets of the quote in the document, None when no document was given.
    """

    quote: str = ""
    source: str = ""
    label: Label | None = None
    id: str = ""
    span: tuple[int, int] | None = None

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key in ("quote", "source", "id"):
            if getattr(self, key):
                data[key] = getattr(self, key)
        if self.label is not None:
            data["label"] = {key: text for key, text in (("zh", self.label.zh), ("en", self.label.en)) if text}
        return data


@dataclass(frozen=True, slots=True)
class Condition:
    """A node of the tree. Two conditions are equal when tree, expressions and anchors are."""

    anchor: Anchor = field(default=Anchor(), kw_only=True)

    @property
    def items(self) -> tuple[Condition, ...]:
        """The nodes right below."""
        return ()

    def leaves(self) -> tuple[Test | Manual, ...]:
        """All leaves from left to right; their numbers here are the leaf numbers used everywhere."""
        return tuple(leaf for node in self.items for leaf in node.leaves())

    def to_data(self) -> dict[str, Any]:
        """The data that load_condition reads back to an equal condition."""
        raise NotImplementedError

    def walk(self, path: str = "") -> Iterator[tuple[str, Condition]]:
        """Every node with its path, top down."""
        yield path, self
        for step, node in zip(self._steps(), self.items, strict=True):
            yield from node.walk(f"{path}.{step}" if path else step)

    def _steps(self) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    of: tuple[Condition, ...]

    @property
    def items(self) -> tuple[Condition, ...]:
        return self.of

    def to_data(self) -> dict[str, Any]:
        return {"all": [node.to_data() for node in self.of]} | self.anchor.to_data()

    def _steps(self) -> list[str]:
        return [f"all[{at}]" for at in range(len(self.of))]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    of: tuple[Condition, ...]

    @property
    def items(self) -> tuple[Condition, ...]:
        return self.of

    def to_data(self) -> dict[str, Any]:
        return {"any": [node.to_data() for node in self.of]} | self.anchor.to_data()

    def _steps(self) -> list[str]:
        return [f"any[{at}]" for at in range(len(self.of))]


@dataclass(frozen=True, slots=True)
class Negation(Condition):
    of: Condition

    @property
    def items(self) -> tuple[Condition, ...]:
        return (self.of,)

    def to_data(self) -> dict[str, Any]:
        return {"not": self.of.to_data()} | self.anchor.to_data()

    def _steps(self) -> list[str]:
        return ["not"]


@dataclass(frozen=True, slots=True)
class AtLeast(Condition):
    n: int
    of: tuple[Condition, ...]

    @property
    def items(self) -> tuple[Condition, ...]:
        return self.of

    def to_data(self) -> dict[str, Any]:
        return {"at_least": {"n": self.n, "of": [node.to_data() for node in self.of]}} | self.anchor.to_data()

    def _steps(self) -> list[str]:
        return [f"at_least.of[{at}]" for at in range(len(self.of))]


@dataclass(frozen=True, slots=True)
class Test(Condition):
    """A leaf that the facts decide."""

    __test__ = False  # not a test case, whatever a test runner may think of the name

    expr: Expr

    def leaves(self) -> tuple[Test | Manual, ...]:
        return (self,)

    def to_data(self) -> dict[str, Any]:
        return {"test": to_text(self.expr)} | self.anchor.to_data()


@dataclass(frozen=True, slots=True)
class Manual(Condition):
    """A leaf that a person must judge: always unknown here."""

    text: str

    def leaves(self) -> tuple[Test | Manual, ...]:
        return (self,)

    def to_data(self) -> dict[str, Any]:
        return {"manual": self.text} | self.anchor.to_data()


_KINDS = ("all", "any", "not", "at_least", "test", "manual")
NOTES = ("quote", "source", "label", "id")


def load_condition(data: object, *, document: str | None = None, path: str = "") -> Condition:
    """The condition for data of the form {all|any|not|at_least|test|manual: …}, or a text alone (= test).

    With `document`, every quote must stand in it (white space aside) and gets its span. Raises ConditionError with the
    path of the node and the cure.
    """
    budget = [MOST_NODES]
    condition = _load(data, document, path, 0, budget)
    seen: set[str] = set()
    for leaf in condition.leaves():
        if leaf.anchor.id in seen:
            raise ConditionError(path, say("two leaves have the id {}", leaf.anchor.id))
        if leaf.anchor.id:
            seen.add(leaf.anchor.id)
    return condition


def _load(data: object, document: str | None, path: str, depth: int, budget: list[int]) -> Condition:
    budget[0] -= 1
    if depth > DEEPEST or budget[0] < 0:
        found = (
            say("is deeper than {} levels", DEEPEST) if depth > DEEPEST else say("has more than {} nodes", MOST_NODES)
        )
        raise ConditionError(path, say("the tree {}; make several items of it, or join tests by and / or", found))
    if isinstance(data, str):
        return Test(_expression(data, path))
    if isinstance(data, bool):
        return Test(_expression("true" if data else "false", path))
    if isinstance(data, list | tuple):
        raise ConditionError(path, say("a list says not whether all or any of it is needed; put it under all: or any:"))
    if not isinstance(data, Mapping):
        raise ConditionError(
            path, say("a condition is a text or one of {}, here is {}", ", ".join(_KINDS), _shown(data))
        )
    for key in data:
        if key not in _KINDS and key not in NOTES:
            near = get_close_matches(str(key)[:40], (*_KINDS, *NOTES), 1, 0.5)
            cure = say("did you mean {}?", near[0]) if near else say("the keys are {}", ", ".join((*_KINDS, *NOTES)))
            raise ConditionError(path, say("there is no key {}; {}", _short(str(key)), cure))
    kinds = [kind for kind in _KINDS if kind in data]
    if len(kinds) != 1:
        here = say("none") if not kinds else " and ".join(kinds)
        raise ConditionError(path, say("a node has exactly one of {}; here is {}", ", ".join(_KINDS), here))
    kind = kinds[0]
    value, anchor = data[kind], _anchor(data, document, path)
    below = f"{path}.{kind}" if path else kind
    if kind == "test":
        if isinstance(value, bool):
            value = "true" if value else "false"
        if not isinstance(value, str):
            raise ConditionError(below, say("a test is an expression in the rule language, here is {}", _shown(value)))
        return Test(_expression(value, below), anchor=anchor)
    if kind == "manual":
        if not isinstance(value, str) or not value.strip():
            raise ConditionError(below, say("say in words what a person must judge"))
        _seen(value, below)
        return Manual(value.strip(), anchor=anchor)
    if kind == "not":
        return Negation(_load(value, document, below, depth + 1, budget), anchor=anchor)
    if kind == "at_least":
        return _load_at_least(value, document, below, depth, budget, anchor)
    nodes = _load_list(value, document, below, depth, budget)
    return AllOf(nodes, anchor=anchor) if kind == "all" else AnyOf(nodes, anchor=anchor)


def _load_list(value: object, document: str | None, path: str, depth: int, budget: list[int]) -> tuple[Condition, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ConditionError(path, say("a list with at least one condition belongs here, here is {}", _shown(value)))
    return tuple(_load(item, document, f"{path}[{at}]", depth + 1, budget) for at, item in enumerate(value))


def _load_at_least(
    value: object, document: str | None, path: str, depth: int, budget: list[int], anchor: Anchor
) -> Condition:
    if not isinstance(value, Mapping) or set(value) != {"n", "of"}:
        raise ConditionError(path, say("write at_least: {{n: 2, of: [ … ]}}"))
    nodes = _load_list(value["of"], document, f"{path}.of", depth, budget)
    n = value["n"]
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= len(nodes):
        raise ConditionError(f"{path}.n", say("n is a whole number from 1 to {}, here is {}", len(nodes), _shown(n)))
    return AtLeast(n, nodes, anchor=anchor)


def _expression(text: str, path: str) -> Expr:
    try:
        return parse(text)
    except RuleSyntaxError as error:
        raise ConditionError(path, error.said, error.position) from None


def _seen(text: str, path: str) -> None:
    found = unseen(text, HARMLESS)
    if found is not None:
        raise ConditionError(path, say("an invisible sign ({}) stands in the words; delete it", found[1]), found[0])


def _anchor(data: Mapping[str, Any], document: str | None, path: str) -> Anchor:
    for key in ("quote", "source", "id"):
        if key in data and not isinstance(data[key], str | int):
            raise ConditionError(path, say("{} is a text, here is {}", key, _shown(data[key])))
    label = data.get("label")
    if isinstance(label, str):
        label = Label(label, label)
    elif isinstance(label, Mapping) and set(label) <= {"zh", "en"}:
        label = Label(str(label.get("zh", "")), str(label.get("en", "")))
    elif label is not None:
        raise ConditionError(path, say("label is a text or {{zh: …, en: …}}"))
    names = [label.zh, label.en] if label is not None else []
    for text in (*(str(data.get(key, "")) for key in ("quote", "source", "id")), *names):
        _seen(text, path)
    quote, source = str(data.get("quote", "")).strip(), str(data.get("source", "")).strip()
    if len(quote) > LONGEST_QUOTE:
        raise ConditionError(
            path, say("the quote has {} characters; quote the words of this condition only", len(quote))
        )
    span = None
    if quote and document is not None:
        span = locate(quote, document, source)
        if span is None:
            near = nearest(quote, document)
            hint = say("; the nearest words there are “{}”", _short(near)) if near else ""
            raise ConditionError(path, say("the quote “{}” is not in the document{}", _short(quote), hint))
    return Anchor(quote, source, label, str(data.get("id", "")), span)


def _short(text: str) -> str:
    text = visible(" ".join(text[:1000].split()))
    return text if len(text) <= 60 else text[:57] + "…"


def _shown(value: object) -> str:
    return say("nothing") if value is None else say("“{}”", _short(str(value)))
