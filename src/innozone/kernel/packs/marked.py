"""YAML with line marks: every value knows the file and line it stands on, every error can name them.

A file is composed, not constructed: nothing in it can make a Python object. Anchors are refused (a few of them can
blow a small file up to gigabytes), and so is a key written twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from innozone.kernel.packs.model import Origin, Problem
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Label

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST = 8 * 1024 * 1024
#: Levels of lists and mappings, one in the other; the composer in C recurses and has no bound of its own.
_DEEPEST = 100
#: Values, lists and mappings of one file; the largest pack file has some thousands.
_MOST_EVENTS = 500_000


@dataclass(slots=True)
class Node:
    """A value of a YAML file: a scalar (`text` as written, `tag`), a list, or a mapping."""

    file: str
    line: int
    tag: str = ""
    text: str = ""
    items: list[Node] | None = None
    entries: dict[str, Node] | None = None
    key_lines: dict[str, int] | None = None

    @property
    def origin(self) -> Origin:
        return Origin(self.file, self.line)

    @property
    def null(self) -> bool:
        return self.tag.endswith(":null")

    def data(self) -> Any:
        """The value as plain Python: dict, list, str, int, float, bool, date, None."""
        if self.entries is not None:
            return {key: value.data() for key, value in self.entries.items()}
        if self.items is not None:
            return [value.data() for value in self.items]
        return _scalar(self.tag, self.text)

    def at(self, path: Iterable[str | int]) -> Node:
        """The node below, as far as the path can be followed (a place for an error message, never an error)."""
        here = self
        for step in path:
            if isinstance(step, int) and here.items is not None and 0 <= step < len(here.items):
                here = here.items[step]
            elif isinstance(step, str) and here.entries is not None and step in here.entries:
                here = here.entries[step]
            else:
                break
        return here


def _scalar(tag: str, text: str) -> Any:
    kind = tag.rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in {"true", "yes", "on"}
    if kind == "int":
        digits = text.replace("_", "")
        try:
            return int(digits)
        except ValueError:
            return text
    if kind == "float":
        try:
            return float(text.replace("_", ""))
        except ValueError:
            return text
    if kind == "timestamp":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """“did you mean …” for a mistyped word, or the list of what is known when it is short, or nothing."""
    choices = sorted(set(known))
    found = difflib.get_close_matches(word, choices, n=1, cutoff=0.55)
    if found:
        return say("did you mean {}?", found[0])
    return say("known here: {}", ", ".join(choices)) if 0 < len(choices) <= 14 else ""


class Context:
    """Gathers the problems and the references of all files of a load; nothing is raised before the end."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.references: list[tuple[Origin, str, str, str]] = []

    def problem(self, where: Node | Origin, message: str, cure: str = "") -> None:
        self.problems.append(Problem(where.file, where.line, message, cure))

    def refer(self, where: Node | Origin, kind: str, code: str, of: str = "") -> None:
        """Note that `code` must be a known `kind` (variable, codelist, dataset, code of list `of` …) when all is read."""
        origin = where if isinstance(where, Origin) else where.origin
        self.references.append((origin, kind, code, of))

    def read(self, path: Path, shown: str) -> Node | None:
        """The root node of a file, or None with a problem noted."""
        here = Origin(shown, 1)
        try:
            if path.stat().st_size > _LARGEST:
                self.problem(here, say("the file is larger than {} MB", _LARGEST // 1024 // 1024), say("split it"))
                return None
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            self.problem(Origin(shown, line), say("the file is not UTF-8"), say("save it as UTF-8"))
            return None
        except OSError as error:
            self.problem(here, say("the file cannot be read: {}", error.strerror))
            return None
        return self.parse(text, shown)

    def parse(self, text: str, shown: str) -> Node | None:
        """The root node of a text that is called `shown`, or None with a problem noted."""
        here = Origin(shown, 1)
        try:
            if not self._bounded(text, shown):
                return None
            root = yaml.compose(text, Loader=_Loader)
            return self._rooted(root, here)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.problem(Origin(shown, mark.line + 1 if mark else 1), say("not YAML: {}", error.problem or error))
            return None
        except yaml.YAMLError as error:
            self.problem(here, say("not YAML: {}", error))
            return None
        except RecursionError:
            self.problem(
                here, say("the file is nested too deeply"), say("no entry of a pack has more than a few levels")
            )
            return None

    def _bounded(self, text: str, shown: str) -> bool:
        """Is the text within what may be composed? Event by event, before anything is built of it."""
        depth = 0
        for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST or number > _MOST_EVENTS:
                what = say("the file is nested too deeply") if depth > _DEEPEST else say("the file has too many values")
                self.problem(
                    Origin(shown, event.start_mark.line + 1 if event.start_mark else 1),
                    what,
                    say("no pack has so much: split it"),
                )
                return False
        return True

    def _rooted(self, root: yaml.Node | None, here: Origin) -> Node | None:
        if root is None:
            self.problem(here, say("the file is empty"))
            return None
        return self._convert(root, here.file, set())

    def _convert(self, raw: yaml.Node, shown: str, seen: set[int]) -> Node:
        node = Node(shown, raw.start_mark.line + 1, raw.tag)
        if not raw.tag.startswith("tag:yaml.org,2002:") or "python" in raw.tag:
            self.problem(node, say("the tag {} is not used here", raw.tag), say("leave it out"))
        if not isinstance(raw, yaml.ScalarNode):
            if id(raw) in seen:
                self.problem(node, say("an alias (*name) is used"), say("write the value out"))
                node.items = []
                return node
            seen.add(id(raw))
        if isinstance(raw, yaml.ScalarNode):
            node.text = raw.value
        elif isinstance(raw, yaml.SequenceNode):
            node.items = [self._convert(entry, shown, seen) for entry in raw.value]
        else:
            node.entries, node.key_lines = {}, {}
            for key, value in raw.value:
                name = key.value if isinstance(key, yaml.ScalarNode) else str(key.tag)
                line = key.start_mark.line + 1
                if name in node.entries:
                    self.problem(Origin(shown, line), say("the key {} stands twice", name), say("keep one of them"))
                    continue
                node.entries[name] = self._convert(value, shown, seen)
                node.key_lines[name] = line
        return node


class Form:
    """A mapping being read against the keys it may have; each getter notes what is wrong and gives a default."""

    def __init__(self, context: Context, node: Node, what: str, keys: Iterable[str]) -> None:
        self.context, self.node, self.what = context, node, what
        self.entries: dict[str, Node] = node.entries or {}
        known = tuple(keys)
        if node.entries is None:
            context.problem(node, say("{} must be a mapping of keys to values", what))
        for key in self.entries:
            if key not in known:
                line = (node.key_lines or {}).get(key, node.line)
                context.problem(Origin(node.file, line), say("{} has no key {}", what, key), nearest(key, known))

    def __contains__(self, key: str) -> bool:
        return key in self.entries and not self.entries[key].null

    def place(self, key: str) -> Node:
        return self.entries.get(key, self.node)

    def missing(self, key: str) -> None:
        self.context.problem(self.node, say("{} lacks the key {}", self.what, key))

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        if key not in self:
            if required:
                self.missing(key)
            return default
        node = self.entries[key]
        if node.items is not None or node.entries is not None:
            self.context.problem(node, say("{} of {} must be a text", key, self.what))
            return default
        if required and not node.text.strip():
            self.context.problem(node, say("{} of {} is empty", key, self.what))
        return node.text

    def optional(self, key: str) -> str | None:
        return self.text(key) or None

    def choice(self, key: str, choices: Iterable[str], *, required: bool = False, default: str = "") -> str:
        text = self.text(key, required=required, default=default)
        known = tuple(choices)
        if text and text not in known:
            cure = nearest(text, known) or say("known here: {}", ", ".join(known))
            self.context.problem(self.place(key), say("{} of {} cannot be {}", key, self.what, text), cure)
            return default
        return text

    def flag(self, key: str, default: bool = False) -> bool:
        if key not in self:
            return default
        value = self.entries[key].data()
        if not isinstance(value, bool):
            self.context.problem(self.entries[key], say("{} of {} must be true or false", key, self.what))
            return default
        return value

    def integer(self, key: str) -> int | None:
        if key not in self:
            return None
        value = self.entries[key].data()
        if isinstance(value, bool) or not isinstance(value, int):
            self.context.problem(self.entries[key], say("{} of {} must be a whole number", key, self.what))
            return None
        return value

    def decimal(self, key: str) -> Decimal | None:
        if key not in self:
            return None
        return self.number_of(self.entries[key], key)

    def number_of(self, node: Node, key: str) -> Decimal | None:
        try:
            return Decimal(node.text.replace("_", ""))
        except InvalidOperation:
            self.context.problem(node, say("{} of {} must be a number, not “{}”", key, self.what, node.text))
            return None

    def number(self, key: str) -> float | None:
        value = self.decimal(key)
        return None if value is None else float(value)

    def day(self, key: str, *, required: bool = False) -> date | None:
        if key not in self:
            if required:
                self.missing(key)
            return None
        value = self.entries[key].data()
        if not isinstance(value, date):
            self.context.problem(self.entries[key], say("{} of {} must be a date such as 2026-01-31", key, self.what))
            return None
        return value

    def label(self, key: str, *, required: bool = False, english: bool = True) -> Label | None:
        """A name in both languages: `{zh: …, en: …}`; with `english` False a text alone is Chinese."""
        if key not in self:
            if required:
                self.missing(key)
            return None
        node = self.entries[key]
        if node.entries is None:
            if not english and node.items is None:
                return Label(node.text, "")
            self.context.problem(
                node, say("{} of {} must name both languages", key, self.what), say("write {{zh: …, en: …}}")
            )
            return Label(node.text, node.text)
        form = Form(self.context, node, say("{} of {}", key, self.what), ("zh", "en"))
        return Label(form.text("zh", required=True), form.text("en", required=english))

    def nodes(self, key: str, *, required: bool = False) -> list[Node]:
        if key not in self:
            if required:
                self.missing(key)
            return []
        node = self.entries[key]
        if node.items is None:
            self.context.problem(
                node, say("{} of {} must be a list", key, self.what), say("begin each line of it with “- ”")
            )
            return []
        return node.items

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        if key not in self:
            return ()
        node = self.entries[key]
        if node.items is None:
            return (self.text(key),)
        found = []
        for entry in node.items:
            if entry.items is not None or entry.entries is not None:
                self.context.problem(entry, say("{} of {} must hold texts only", key, self.what))
            else:
                found.append(entry.text)
        return tuple(found)

    def forms(self, key: str, what: str, keys: Iterable[str], *, required: bool = False) -> Iterator[Form]:
        known = tuple(keys)
        for node in self.nodes(key, required=required):
            if node.entries is None:
                self.context.problem(node, say("{} must be a mapping of keys to values", what))
            else:
                yield Form(self.context, node, what, known)

    def form(self, key: str, what: str, keys: Iterable[str]) -> Form | None:
        if key not in self:
            return None
        return Form(self.context, self.entries[key], what, keys)

    def pairs(self, key: str) -> dict[str, str]:
        """A mapping of texts to texts."""
        if key not in self:
            return {}
        node = self.entries[key]
        if node.entries is None:
            self.context.problem(node, say("{} of {} must be a mapping", key, self.what))
            return {}
        return {name: value.text for name, value in node.entries.items()}
