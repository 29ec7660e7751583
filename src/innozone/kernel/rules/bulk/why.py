"""Why one party has another verdict under one rule than before: facts that are others, leaves that turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from innozone.kernel.columns import Record, Snapshot, column_name
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.explain import Explanation, explain
from innozone.kernel.rules.reads import Key, reads
from innozone.kernel.rules.subject import Subject
from innozone.kernel.terms import UNKNOWN, Unknown, Value

if TYPE_CHECKING:
    from innozone.kernel.rules.bulk.difference import Cause, Side

Stored = Value | tuple[Record, ...] | Unknown


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that the rule reads (`ip[]`: the records of a kind) and that is another one than before."""

    variable: str
    year: int | None
    before: Stored
    after: Stored


@dataclass(frozen=True, slots=True)
class LeafChange:
    """A leaf that turned or says something else than before; None where the rule has, or had, no such leaf."""

    before: Explanation | None
    after: Explanation | None

    @property
    def reworded(self) -> bool:
        return self.before is None or self.after is None or self.before.text != self.after.text


@dataclass(frozen=True, slots=True)
class Why:
    """One party under one rule. cause: None when neither its entitlement changed nor its readiness.

    before, after: the explained verdicts; None where the rule or the party was, or is, not there.
    """

    id: str
    party: int
    cause: Cause | None
    before: Explanation | None
    after: Explanation | None
    facts: tuple[FactChange, ...]
    leaves: tuple[LeafChange, ...]


def compared(
    id: str, party: int, old: Side | None, new: Side
) -> tuple[Explanation | None, Explanation | None, tuple[FactChange, ...], tuple[LeafChange, ...]]:
    """The explained verdicts of both sides, and what is different in facts and leaves."""
    then, now = _Told(id, party, old), _Told(id, party, new)
    facts = []
    if then.row is not None and now.row is not None:
        for key in dict.fromkeys((*then.keys, *now.keys)):
            change = FactChange(*key, then.fact(key), now.fact(key))
            if change.before != change.after:
                facts.append(change)
    before, after = then.explained(), now.explained()
    return before, after, tuple(facts), tuple(_turned(before, after)) if before and after else ()


class _Told:
    """What one side says of a party and a rule."""

    def __init__(self, id: str, party: int, side: Side | None) -> None:
        self.row: int | None = None
        self.condition: Condition | None = None
        self.keys: Sequence[Key] = ()
        if side is None:
            return
        if side.snapshot is None or side.dictionary is None:
            raise ValueError("the snapshots and the dictionary are needed to say why")
        self.dictionary, self.as_of = side.dictionary, side.results.as_of
        row = side.results.row_of(party)
        if row is not None:
            self.snapshot, self.row = _part(side.snapshot, row)
        if id in side.results:
            self.condition = side.results.condition(id)
            self.keys = reads([self.condition], side.dictionary, self.as_of)

    def fact(self, key: Key) -> Stored:
        assert self.row is not None
        column = self.snapshot.column(column_name(*key))
        return UNKNOWN if column is None else column.get(self.row)

    def explained(self) -> Explanation | None:
        """The verdict, from the facts that the rule reads."""
        if self.condition is None or self.row is None:
            return None
        facts = {key: self.fact(key) for key in self.keys}
        values: dict[str, dict[int | None, Value]] = {}
        records: dict[str, tuple[Record, ...]] = {}
        for (name, year), value in facts.items():
            if isinstance(value, tuple):
                records[name.removesuffix(RECORDS)] = value
            elif not isinstance(value, Unknown):
                values.setdefault(name, {})[year] = value
        return explain(self.condition, Subject(self.dictionary, values, self.as_of, records))


def _part(snapshot: Snapshot, row: int) -> tuple[Snapshot, int]:
    """The part that holds a row, and the row there."""
    for part in snapshot.parts():
        if row < part.rows:
            return part, row
        row -= part.rows
    raise IndexError(row)


def _turned(before: Explanation, after: Explanation) -> list[LeafChange]:
    """The leaves that are not the same on both sides, leaf beside leaf as far as the rule stayed the same."""
    old, new = before.leaves(), after.leaves()
    found = []
    match = SequenceMatcher(None, [leaf.text for leaf in old], [leaf.text for leaf in new], autojunk=False)
    for _, a, a_end, b, b_end in match.get_opcodes():
        for at in range(max(a_end - a, b_end - b)):
            one = old[a + at] if a + at < a_end else None
            other = new[b + at] if b + at < b_end else None
            change = LeafChange(one, other)
            if one is None or other is None or change.reworded or one.truth is not other.truth:
                found.append(change)
    return found
