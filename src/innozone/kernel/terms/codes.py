"""Code lists: trees of codes with a subtree test (regions, industries, chains, designations)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from innozone.kernel.terms.dictionary import Label


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list. `parent` is the code above it in the same list, None at the top."""

    code: str
    label: Label
    parent: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeList:
    """A tree of codes. More than 256 codes is normal; positions are stable within one version.

    Raises ValueError on a repeated code, an unknown parent or a cycle: `problem` names the code.
    """

    code: str
    label: Label
    entries: tuple[Code, ...]
    version: str = ""
    valid_from: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        by_code = self.by_code
        if len(by_code) != len(self.entries):
            seen: set[str] = set()
            for entry in self.entries:
                if entry.code in seen:
                    raise ValueError(f"code list {self.code}: code {entry.code} stands twice")
                seen.add(entry.code)
        for entry in self.entries:
            if entry.parent is not None and entry.parent not in by_code:
                raise ValueError(f"code list {self.code}: {entry.code} has the unknown parent {entry.parent}")
        for entry in self.entries:
            above, steps = entry.parent, 0
            while above is not None:
                steps += 1
                if above == entry.code or steps > 64:
                    raise ValueError(f"code list {self.code}: {entry.code} stands above itself")
                above = by_code[above].parent

    @cached_property
    def by_code(self) -> dict[str, Code]:
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def unquoted(self) -> tuple[tuple[str, str], ...]:
        """Every Chinese label and alias without its “ ”, with its code, in the order of the entries."""
        return tuple(
            (name.replace("“", "").replace("”", ""), entry.code)
            for entry in self.entries
            for name in (entry.label.zh, *entry.aliases)
        )

    @cached_property
    def by_unquoted(self) -> dict[str, str]:
        return dict(self.unquoted)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """Names to codes. A name of two codes finds the upper one where they stand in one line, else nothing."""
        names: dict[str, str] = {}
        for labels in (True, False):
            found: dict[str, str] = {}
            unclear: set[str] = set()
            for entry in self.entries:
                for name in (entry.label.zh, entry.label.en) if labels else entry.aliases:
                    other = found.setdefault(name, entry.code)
                    if other == entry.code or self.within(entry.code, other):
                        continue
                    if self.within(other, entry.code):
                        found[name] = entry.code
                    else:
                        unclear.add(name)
            for name, code in found.items():
                if name and name not in names:
                    # An unclear label hides an alias of the same words too.
                    names[name] = "" if name in unclear else code
        return {name: code for name, code in names.items() if code}

    @cached_property
    def children(self) -> dict[str | None, tuple[str, ...]]:
        below: dict[str | None, list[str]] = {}
        for entry in self.entries:
            below.setdefault(entry.parent, []).append(entry.code)
        return {parent: tuple(codes) for parent, codes in below.items()}

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __iter__(self) -> Iterator[Code]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, text: str) -> str | None:
        """The code for a code, a label or an alias; None when nothing fits exactly, or two codes do (朝阳区)."""
        text = text.strip()
        return text if text in self.by_code else self._by_name.get(text)

    def subtree(self, *roots: str) -> frozenset[str]:
        """All codes at or below the roots. Raises KeyError for a root that is not in the list."""
        found: set[str] = set()
        todo = list(roots)
        for root in roots:
            if root not in self.by_code:
                raise KeyError(root)
        while todo:
            code = todo.pop()
            if code not in found:
                found.add(code)
                todo.extend(self.children.get(code, ()))
        return frozenset(found)

    def within(self, code: str, root: str) -> bool:
        """True when `code` is `root` or stands below it."""
        at: str | None = code
        while at is not None:
            if at == root:
                return True
            at = self.by_code[at].parent if at in self.by_code else None
        return False

    def extended(self, entries: Iterable[Code]) -> CodeList:
        """This list with more entries; an entry with a known code replaces the old one."""
        merged = dict(self.by_code)
        for entry in entries:
            merged[entry.code] = entry
        return CodeList(self.code, self.label, tuple(merged.values()), self.version, self.valid_from, self.source)
