"""The SQL of values, with what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """The SQL of a value. kind: number, date, bool, code (texts too), codes; or count: `sql` is then the number of
    records that surely fit, `most` of those that may."""

    sql: str
    kind: str
    most: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.sql, self.most) if self.most else (self.sql,)

    def named(self, names: dict[str, str]) -> Term:
        """The same with names in the place of its SQL."""
        return Term(names[self.sql], self.kind, names[self.most] if self.most else "")


def kind_of(terms: Sequence[Term]) -> str | None:
    """The kind of all of them; None when they differ."""
    kinds = {term.kind for term in terms}
    return kinds.pop() if len(kinds) == 1 else None


def flag(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def joined(word: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "(" + f" {word} ".join(parts) + ")"
