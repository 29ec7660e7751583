"""Condition trees as pages show them: sentences, states, facts, all from the rule and the dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from innozone.foundation.verdicts import wording as verdict_wording
from innozone.foundation.verdicts.wording import LeafShown
from innozone.kernel.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    ConditionError,
    Explanation,
    Manual,
    Negation,
    Test,
    load_condition,
    render,
    to_text,
)
from innozone.kernel.terms import Dictionary

# A leaf's state → the state of the shared vocabulary of states.
_STATES = {"met": "true", "unmet": "false", "unknown": "missing", "manual": "manual"}


@dataclass
class Node:
    """One line of a shown tree. `join` says how the children count; leaves carry a sentence instead.

    state: empty where no enterprise is looked at. key pairs the leaf with its words in the text.
    """

    kind: str
    sentence: str
    state: str = ""
    key: str = ""
    path: str = ""
    quote: str = ""
    source: str = ""
    expression: str = ""
    lacks: str = ""
    near: bool = False
    facts: tuple[Any, ...] = ()
    span: tuple[int, int] | None = None
    number: int = -1
    children: list[Node] = field(default_factory=list)

    @property
    def leaf(self) -> bool:
        return self.kind in ("test", "manual")

    def leaves(self) -> list[Node]:
        return [self] if self.leaf else [leaf for child in self.children for leaf in child.leaves()]


def joining(condition: Condition) -> str:
    """How the parts of a node count together."""
    if isinstance(condition, AllOf):
        return _("All of these")
    if isinstance(condition, AnyOf):
        return _("One of these")
    if isinstance(condition, AtLeast):
        return ngettext("At least %(n)d of these", "At least %(n)d of these", condition.n) % {"n": condition.n}
    return _("Not this")


def sentence(leaf: Test | Manual, dictionary: Dictionary, language: str) -> str:
    """What a leaf asks, in words: its own label, else rendered from the expression."""
    label = leaf.anchor.label.get(language) if leaf.anchor.label else ""
    if label:
        return label
    return render(leaf.expr, dictionary, language) if isinstance(leaf, Test) else leaf.text


def load(data: Any, text: str) -> Condition | None:
    """A rule's condition with the places of its quotes in the text; None when the data is no condition.

    A quote that is not in this version of the text only loses its place.
    """
    for document in (text, None):
        try:
            return load_condition(data, document=document)
        except ConditionError:
            continue
    return None


def asked(condition: Condition, dictionary: Dictionary, language: str, prefix: str) -> Node:
    """The tree of what is asked, without an enterprise."""
    counter = iter(range(100_000))

    def node(part: Condition, path: str) -> Node:
        if isinstance(part, Test | Manual):
            return Node(
                "manual" if isinstance(part, Manual) else "test",
                sentence(part, dictionary, language),
                key=f"{prefix}-{(number := next(counter))}",
                number=number,
                path=path,
                quote=part.anchor.quote,
                source=part.anchor.source,
                expression=to_text(part.expr) if isinstance(part, Test) else part.text,
                span=part.anchor.span,
            )
        inner = [
            node(child, f"{path}.{step}" if path else step)
            for step, child in zip(part._steps(), part.items, strict=True)
        ]
        return Node(_kind(part), joining(part), path=path, children=inner)

    return node(condition, "")


def explained(explanation: Explanation, dictionary: Dictionary, language: str, prefix: str) -> Node:
    """The tree of one enterprise's verdict: each leaf with its state, its facts and what is lacking."""
    shown = {leaf.leaf: leaf for leaf in verdict_wording.leaves(explanation, dictionary, language)}

    def node(part: Explanation) -> Node:
        if part.kind in ("test", "manual"):
            return _leaf(shown[part.leaf or 0], part.kind, prefix)
        condition = part.condition
        assert condition is not None
        state = {"true": "true", "false": "false"}.get(part.truth.value, "missing")
        if state in ("true", "false") and not part.asked:
            state = "false" if state == "true" else "true"
        return Node(_kind(condition), joining(condition), state, children=[node(child) for child in part.children])

    return node(explanation)


def _leaf(leaf: LeafShown, kind: str, prefix: str) -> Node:
    return Node(
        kind,
        leaf.sentence,
        _STATES[leaf.state],
        key=f"{prefix}-{leaf.leaf}",
        number=leaf.leaf,
        quote=leaf.quote,
        source=leaf.source,
        lacks=leaf.lacks,
        near=leaf.near,
        facts=leaf.facts,
    )


def _kind(condition: Condition) -> str:
    return {AllOf: "all", AnyOf: "any", AtLeast: "at_least", Negation: "not"}[type(condition)]


def marked(text: str, leaves: Iterable[Node], places: Iterable[tuple[str, int, int]] = ()) -> SafeString:
    """The text as paragraphs; the words of each leaf are marked and carry its key, and so do those of other `places`
    (key, start, end), which links lead to as `#words-<key>`."""
    spans = [(leaf.span[0], leaf.span[1], leaf) for leaf in leaves if leaf.span is not None]
    others = list(places)
    ends = [(start, end) for start, end, _leaf_ in spans] + [(start, end) for _key, start, end in others]
    cuts = sorted({0, len(text), *(at for each in ends for at in each)})
    pieces: list[str] = []
    named: set[str] = set()
    for start, end in pairwise(cuts):
        words = str(escape(text[start:end]))
        leaf = next((leaf for first, last, leaf in spans if first <= start and end <= last), None)
        opened, closed = "", ""
        for key in (key for key, first, last in others if first <= start and end <= last):
            # What a link leads to is named where it begins.
            name = "" if key in named else f' id="words-{escape(key)}"'
            named.add(key)
            opened, closed = f'{opened}<mark class="place" data-quote="{escape(key)}"{name}>', f"</mark>{closed}"
        if leaf is not None:
            tone = "manual" if leaf.kind == "manual" else "test"
            opened += f'<mark class="quote quote-{tone}" data-quote="{escape(leaf.key)}">'
            closed = f"</mark>{closed}"
        # A mark never spans two paragraphs, or the paragraphs would not nest.
        pieces.append("\n".join(f"{opened}{line}{closed}" if line and opened else line for line in words.split("\n")))
    paragraphs = [line.strip() for line in "".join(pieces).split("\n")]
    return mark_safe("".join(f"<p>{line}</p>" for line in paragraphs if line))
