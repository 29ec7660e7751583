"""What differs between two results: per rule who came to a verdict, who left it, and because of what.

    found = diff(old, new, before=old_snapshot, after=new_snapshot, dictionary=dictionary)
    for change in found.changes():
        change.id, change.gained.parties, change.gained.counts()     # {"facts": 12, "time": 3, "rule+facts": 1}
    found.why(party, "a")                                            # facts and leaves, see why.Why

Parties are told by their keys, whatever the order of the rows. Between two results three things may move: the rule, the
facts, the day. The cause of a change is the least of these that, moved on alone, already gives the new verdict; of
equally many the first in this order. So a rule that was loosened is the cause for whoever meets it now with the facts of
then, and facts and time together are the cause where a new year's figures are asked for and have come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules.bulk import why
from innozone.kernel.rules.bulk.bits import Words, flags, rows_of, words_for
from innozone.kernel.rules.bulk.matcher import Matcher
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.results import Results
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.reads import minds_day
from innozone.kernel.terms import Dictionary

Keys = NDArray[np.int64]

#: Changes are explained together, so that each part of a snapshot is read once for many rules, until they are so many.
TOGETHER = 4_000_000


class Cause(IntFlag):
    """Why a verdict is another one: what had to move. Zero: that could not be worked out without the snapshots."""

    RULE = 1
    FACTS = 2
    TIME = 4
    #: The party was not there before, or is not there any more.
    NEW = 8
    GONE = 16

    @property
    def label(self) -> str:
        """`rule`, `facts`, `time`, `rule+facts`, …, `new`, `gone`, `unexplained`."""
        return "+".join(str(each.name).lower() for each in Cause if each in self) or "unexplained"


#: The least first.
_STEPS = (
    Cause.RULE, Cause.FACTS, Cause.TIME, Cause.RULE | Cause.FACTS, Cause.RULE | Cause.TIME, Cause.FACTS | Cause.TIME,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Moved:
    """Parties whose verdict is another one, each with its Cause as a number."""

    parties: Keys
    causes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.parties)

    def counts(self) -> dict[str, int]:
        """Parties by the label of their cause, the most frequent first."""
        numbers = np.bincount(self.causes, minlength=1)
        order = sorted(np.flatnonzero(numbers).tolist(), key=lambda cause: -numbers[cause])
        return {Cause(cause).label: int(numbers[cause]) for cause in order}


@dataclass(frozen=True, eq=False)
class RuleChange:
    """What changed for one rule. gained, lost: parties newly true and no longer true, in the order of the rows of the new
    and the old results; ready, unready: the same for those that only await a person's check."""

    id: str
    gained: Moved
    lost: Moved
    ready: Moved
    unready: Moved

    def __bool__(self) -> bool:
        return any(len(moved) for moved in (self.gained, self.lost, self.ready, self.unready))


@dataclass(eq=False)
class _Part:
    """Rows that came to a kind (`wanted`) or left it, in the old and the new results, -1 where there is none."""

    id: str
    kind: str
    wanted: bool
    old: Keys
    new: Keys
    causes: NDArray[np.uint8] = field(init=False)
    open: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.causes = np.where(self.old < 0, Cause.NEW, np.where(self.new < 0, Cause.GONE, 0)).astype(np.uint8)
        self.open = self.causes == 0

    def settle(self, cause: Cause, where: NDArray[np.bool_] | None = None) -> None:
        found = self.open if where is None else self.open & where
        self.causes[found] = cause
        self.open = self.open & ~found


@dataclass(frozen=True, eq=False)
class Side:
    """Results, with the snapshot that was matched and the dictionary of the rules where these are known."""

    results: Results
    snapshot: Snapshot | None = None
    dictionary: Dictionary | None = None

    def __post_init__(self) -> None:
        shot = self.snapshot
        if shot is not None and not (
            shot.as_of == self.results.as_of and np.array_equal(shot.party, self.results.party)
        ):
            raise ValueError(f"the snapshot {shot.version} of {shot.as_of} is not the one that was matched")


def diff(
    old: Results | None,
    new: Results,
    *,
    before: Snapshot | None = None,
    after: Snapshot | None = None,
    dictionary: Dictionary | None = None,
    old_dictionary: Dictionary | None = None,
) -> Difference:
    """What `new` changed against `old`; without an old one everyone is new.

    before, after: the snapshots that were matched. dictionary: that of the rules; old_dictionary: of the old ones, where
    it was another. Without these only what can have no other cause is explained. Raises ValueError for snapshots that
    were not matched, and for a party that stands twice.
    """
    past = None if old is None else Side(old, before, old_dictionary or dictionary)
    return Difference(past, Side(new, after, dictionary))


class Difference:
    """What one result changed against another; worked out when asked for."""

    def __init__(self, old: Side | None, new: Side) -> None:
        self.old = old
        self.new = new

    @property
    def ids(self) -> list[str]:
        """The rules of both, those of the new one first."""
        return list(dict.fromkeys((*self.new.results, *(self.old.results if self.old else ()))))

    def __getitem__(self, id: str) -> RuleChange:
        """What changed for one rule. Raises KeyError for one that neither knows."""
        if id not in self.new.results and (self.old is None or id not in self.old.results):
            raise KeyError(id)
        return next(self._changes([id]))

    def changes(self, ids: Iterable[str] | None = None) -> Iterator[RuleChange]:
        """Rule by rule, all or the given ones, what changed; rules for which nothing did are left out."""
        return filter(None, self._changes(self.ids if ids is None else list(ids)))

    def why(self, party: int, id: str) -> why.Why:
        """One party under one rule: the cause, the facts that are others, the leaves that turned.

        Raises ValueError without snapshots and dictionary, KeyError for a rule that neither result knows.
        """
        parts = self[id]
        cause = None
        for moved in (parts.gained, parts.lost, parts.ready, parts.unready):
            found = moved.causes[moved.parties == party]
            if cause is None and len(found):
                cause = Cause(int(found[0]))
        return why.Why(id, party, cause, *why.compared(id, party, self.old, self.new))

    @cached_property
    def _rows(self) -> tuple[Keys, Keys] | None:
        """For each new row the old one, and the other way round, -1 where there is none; None when they are the same."""
        new = self.new.results.party
        old = self.old.results.party if self.old else new[:0]
        if np.array_equal(old, new):
            _places(new, new[:0])
            return None
        return _places(old, new), _places(new, old)

    def _changes(self, ids: Sequence[str]) -> Iterator[RuleChange]:
        waiting: list[tuple[str, list[_Part]]] = []
        rows = 0
        for id in ids:
            parts = [part for kind in ("true", "manual_only") for part in self._moved(id, kind)]
            waiting.append((id, parts))
            rows += sum(len(part.causes) for part in parts)
            if rows >= TOGETHER:
                yield from self._explained(waiting)
                waiting, rows = [], 0
        yield from self._explained(waiting)

    def _explained(self, waiting: Sequence[tuple[str, list[_Part]]]) -> Iterator[RuleChange]:
        self._explain([part for _, parts in waiting for part in parts])
        for id, parts in waiting:
            yield RuleChange(id, *map(self._told, parts))

    def _told(self, part: _Part) -> Moved:
        side, rows = (self.new, part.new) if part.wanted else (self.old, part.old)
        return Moved(side.results.party[rows] if side else np.empty(0, dtype=np.int64), part.causes)

    def _moved(self, id: str, kind: str) -> tuple[_Part, _Part]:
        """The rows that came to a kind, and those that left it."""
        now, then = (self._words(side, id, kind) for side in (self.new, self.old))
        if self._rows is None:
            came, left = (rows_of(words, self.new.results.rows) for words in (now & ~then, then & ~now))
            return _Part(id, kind, True, came, came), _Part(id, kind, False, left, left)
        old_of, new_of = self._rows
        is_now, was_then = flags(now, len(old_of)), flags(then, len(new_of))
        came = np.flatnonzero(is_now & ~_at(was_then, old_of))
        left = np.flatnonzero(was_then & ~_at(is_now, new_of))
        return _Part(id, kind, True, old_of[came], came), _Part(id, kind, False, left, new_of[left])

    def _words(self, side: Side | None, id: str, kind: str) -> Words:
        if side is None or id not in side.results:
            return np.zeros(words_for(side.results.rows if side else 0), dtype=np.uint64)
        return side.results[id].words(kind)

    # Causes.

    def _explain(self, parts: Sequence[_Part]) -> None:
        """Finds the cause of every row."""
        several: list[tuple[_Part, Cause]] = []
        for part in parts:
            if not part.open.any():
                continue
            differ = self.differ(part.id)
            if differ.bit_count() <= 1:
                part.settle(differ)
            else:
                several.append((part, differ))
        if not several or self.old is None or None in (self.old.snapshot, self.new.snapshot, self.new.dictionary):
            return
        worlds = _Worlds(self.old, self.new, [part.id for part, _ in several])
        for step in _STEPS:
            worlds.settle(step, [part for part, differ in several if step in differ and step != differ])
        for part, differ in several:
            part.settle(differ)

    def differ(self, id: str) -> Cause:
        """What may have moved a verdict of a rule; for one that only one side knows, the rule."""
        new = self.new.results
        if self.old is None or id not in self.old.results or id not in new:
            return Cause.RULE
        old = self.old.results
        found = Cause(0)
        if old[id].digest != new[id].digest:
            found |= Cause.RULE
        if not old.snapshot or old.snapshot != new.snapshot:
            found |= Cause.FACTS
        if old.as_of != new.as_of and (self._minds_day(self.old, id) or self._minds_day(self.new, id)):
            found |= Cause.TIME
        return found

    def _minds_day(self, side: Side, id: str) -> bool:
        if self.old is None or side.dictionary is None:
            return True
        days = self.old.results.as_of, self.new.results.as_of
        return minds_day(side.results.condition(id), side.dictionary, *days)


class _Worlds:
    """Rules judged anew with some of rule, facts and day as they are now, and the rest as it was."""

    def __init__(self, old: Side, new: Side, ids: Iterable[str]) -> None:
        self.old, self.new = old, new
        self.ids = list(dict.fromkeys(ids))
        self._rules: dict[bool, dict[str, Condition]] = {}
        self._programs: dict[tuple[bool, bool], Program] = {}

    def settle(self, moved: Cause, parts: Sequence[_Part]) -> None:
        """Gives this cause to the open rows of the parts that had the new verdict if this alone had moved."""
        parts = [part for part in parts if part.open.any()]
        if not parts:
            return
        new = Cause.FACTS in moved
        program = self._program(Cause.RULE in moved, Cause.TIME in moved)
        shot = (self.new if new else self.old).snapshot
        assert shot is not None
        rows = {part: part.new if new else part.old for part in parts}
        fits = {part: np.zeros(len(part.open), dtype=bool) for part in parts}
        only = {part.id: program.only([part.id]) for part in parts}
        start = 0
        for piece in shot.on(program.as_of).parts():
            matcher, end = Matcher(piece, program.dictionary), start + piece.rows
            for part in parts:
                # The places, among the rows that changed, of the open ones in this piece.
                inside = np.flatnonzero(part.open & (rows[part] >= start) & (rows[part] < end))
                if len(inside):
                    inside = inside[np.argsort(rows[part][inside])]
                    tally = matcher.tallies_of(only[part.id], rows[part][inside] - start, near=False)[part.id]
                    assert tally.bits is not None
                    fits[part][inside] = flags(tally.bits[part.kind], len(inside)) == part.wanted
            start = end
        for part in parts:
            part.settle(moved, fits[part])

    def _program(self, new_rule: bool, new_day: bool) -> Program:
        key = new_rule, new_day
        if key not in self._programs:
            side = self.new if new_rule else self.old
            if new_rule not in self._rules:
                self._rules[new_rule] = {id: side.results.condition(id) for id in self.ids}
            assert side.dictionary is not None
            day = (self.new if new_day else self.old).results.as_of
            self._programs[key] = Program(self._rules[new_rule], side.dictionary, day)
        return self._programs[key]


def _at(held: NDArray[np.bool_], rows: Keys) -> NDArray[np.bool_]:
    """The flags at some rows; False where there is no row."""
    return (rows >= 0) & held[rows] if len(held) else np.zeros(len(rows), dtype=bool)


def _places(keys: Keys, wanted: Keys) -> Keys:
    """The place of each wanted key among the keys, -1 where it is not. Raises ValueError when a key stands twice."""
    order = None if np.all(keys[1:] > keys[:-1]) else np.argsort(keys, kind="stable")
    ordered = keys if order is None else keys[order]
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(twice):
        raise ValueError(f"the party {ordered[twice[0]]} stands twice")
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    found = np.searchsorted(ordered, wanted)
    found[found == len(keys)] = 0
    there = ordered[found] == wanted
    return np.where(there, found if order is None else order[found], -1)
