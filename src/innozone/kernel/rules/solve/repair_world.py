"""A firm on a later day, under some changes: what is known, what is assumed of years to come, what may still change.

Figures of years that are over stay as they are. Of a year that is not over by the reference day nothing is known on a
later day: it is taken to be as in the year before, at most three years back, unless a change says otherwise. Facts
without years are taken to stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from innozone.kernel.columns.arrays import RECORDS, records_name
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import DESIGNATIONS, DESIGNATIONS_EVER, Expr, Records, Ref, Years, walk
from innozone.kernel.terms import DEFAULT_EFFORT, UNKNOWN, Dictionary, Effort, Unknown, Value, Variable

#: A variable with its calendar year, or the records of a kind (`ip[]`, None).
Key = tuple[str, int | None]

#: One more record: its fields in the order of their codes.
Record = tuple[tuple[str, Value], ...]
Target = Value | tuple[Record, ...]
Changes = Mapping[Key, Target]

#: How many years back a figure of a year to come is taken from.
STALE = 3
#: Points for finding out one fact that nobody has told.
ASKING = 1.0


@dataclass(frozen=True)
class World(Subject):
    """The firm on the day of an outlook under changes."""

    outlook: Outlook | None = None
    changes: Changes = field(default_factory=dict)

    def get(self, name: str, year: int | None) -> Value | Unknown:
        assert self.outlook is not None
        return self.outlook.fact(name, year, self.changes)


@dataclass
class Budget:
    """Worlds that may still be made, by all days together: what a search costs in time."""

    most: int
    used: int = 0

    @property
    def spent(self) -> bool:
        return self.used > self.most


class Outlook:
    """What one day can bring for a firm. `grants`: designation → the items that grant it."""

    def __init__(
        self, subject: Subject, day: date, grants: Mapping[str, Sequence[str]], names: Names, budget: Budget
    ) -> None:
        self.subject, self.day, self.grants, self.names, self.budget = subject, day, grants, names, budget
        self.dictionary = subject.dictionary
        #: The first year that is not over, and the last of which the figure can be reached by the day.
        self.first = subject.as_of.year
        self.last = max(self.first, day.year - 1)
        self._siblings = self.names.siblings
        self._known_until: dict[str, int] = {}
        self._base: World | None = None

    def world(self, changes: Changes) -> World:
        self.budget.used += 1
        records = self.subject.records
        added = {key[0].removesuffix(RECORDS): more for key, more in changes.items() if isinstance(more, tuple)}
        if added:
            records = {**records, **{kind: [*records.get(kind, ()), *map(dict, more)] for kind, more in added.items()}}
        world = World(self.dictionary, self.subject.values, self.day, records, self, changes)
        if self._base is None:
            self._base = world if not changes else self.world({})
        if changes:
            # Formulas over facts that stay as they are give what they gave.
            changed = {name for name, _ in changes}
            kept = self._base.formulas.items()
            world.formulas.update((key, found) for key, found in kept if changed.isdisjoint(self.names.of(key[0])))
        return world

    def fact(self, name: str, year: int | None, changes: Changes) -> Value | Unknown:
        """The value of a fact on the day."""
        if changes:
            changed = changes.get((name, year))
            if changed is not None and not isinstance(changed, tuple):
                return changed
        stored = self.subject.get(name, year)
        if year is None:
            return self._with_gained(name, stored, changes) if changes and name in self._siblings else stored
        if stored is not UNKNOWN or not self.first <= year <= self._until(name):
            return stored
        for before in range(year - 1, self.first - 1 - STALE, -1):
            changed = changes.get((name, before)) if changes else None
            if changed is not None and not isinstance(changed, tuple):
                return changed
            value = self.subject.get(name, before)
            if value is not UNKNOWN:
                return value
        return UNKNOWN

    def known_year(self, name: str, year: int | None) -> int | None:
        """The year of the known figure that stands for the year; the year itself where its own is known."""
        for before in range(year, self.first - 1 - STALE, -1) if year is not None else ():
            if self.subject.get(name, before) is not UNKNOWN:
                return before
        return year

    def _until(self, name: str) -> int:
        """The last year of which something is assumed. Of the year that the day lies in only what is known of the
        running year today; of computed figures only what was delivered for last year."""
        if name not in self._known_until:
            running = self.subject.get(name, self.first) is not UNKNOWN
            variable = self.dictionary.get(name)
            computed = variable is not None and variable.formula is not None
            if self.day.year == self.first or (
                computed and not running and self.subject.get(name, self.first - 1) is UNKNOWN
            ):
                self._known_until[name] = 0
            else:
                self._known_until[name] = self.day.year if running else self.day.year - 1
        return self._known_until[name]

    def _with_gained(self, name: str, stored: Value | Unknown, changes: Changes) -> Value | Unknown:
        """A designation that is gained is one that was ever held, and one of those won this year."""
        gained = changes.get((DESIGNATIONS, None))
        held = self.subject.get(DESIGNATIONS, None)
        if not isinstance(gained, frozenset) or not isinstance(held, frozenset) or not isinstance(stored, frozenset):
            return stored
        new = gained - held
        if self._siblings[name]:
            ever = self.subject.get(DESIGNATIONS_EVER, None)
            new -= ever if isinstance(ever, frozenset) else held
        return stored | new

    # What may change, and what it takes.

    def keys(self, name: str, year: int | None, changes: Changes) -> list[Key]:
        """The facts through which a fact may be changed: itself, and earlier years that it is taken from."""
        if name in self._siblings:
            return self.keys(DESIGNATIONS, None, changes)
        if self.fact(name, year, changes) is UNKNOWN or (name, year) in changes:
            return [(name, year)]
        if not self.movable(name):
            return []
        if year is None or name.endswith(RECORDS):
            return [(name, year)]
        found: list[Key] = []
        for at in range(year, self.first - 1, -1):
            if at <= self.last:
                found.append((name, at))
            if (name, at) in changes or self.subject.get(name, at) is not UNKNOWN:
                break
        return found

    def movable(self, name: str) -> bool:
        """Can the firm, or an item of the zone, bring a change about. Dates and texts are what they are."""
        if name.endswith(RECORDS):
            return name.removesuffix(RECORDS) in self.dictionary.records
        variable = self.dictionary.get(name)
        if variable is None or variable.type in ("date", "text") or self.effort(name).direction == "none":
            return False
        return variable.mutable or (name == DESIGNATIONS and bool(self.grants))

    def open(self, name: str) -> bool:
        """May a fact be another than it is known to be: movable, unknown, or of a year of which nobody knows."""
        variable = self.dictionary.get(name)
        if variable is None or self.movable(name) or variable.period != "none":
            return True
        return variable.formula is None and self.subject.get(name, None) is UNKNOWN

    def effort(self, name: str) -> Effort:
        if name.endswith(RECORDS):
            return self.dictionary.records[name.removesuffix(RECORDS)].effort or DEFAULT_EFFORT
        return self.dictionary[name].effort or DEFAULT_EFFORT

    def present(self, key: Key, changes: Changes) -> Value | Unknown:
        """The value that a change starts from."""
        return self.fact(*key, {other: target for other, target in changes.items() if other != key})

    def gainable(self, code: str, variable: Variable) -> bool:
        """May a code be added: any, or only what an item of the zone grants where no firm can change the set at will."""
        return variable.mutable or code in self.grants

    def cost(self, changes: Changes) -> float:
        return sum(self.cost_of(key, target, changes) for key, target in changes.items())

    def cost_of(self, key: Key, target: Target, changes: Changes) -> float:
        """Points for one of the changes."""
        name = key[0]
        effort = self.effort(name)
        if isinstance(target, tuple):
            return effort.fixed * len(target)
        present = self.present(key, changes)
        if present is UNKNOWN:
            return ASKING
        if isinstance(target, frozenset) and isinstance(present, frozenset):
            return sum(effort.of_code(code) for code in target ^ present)
        if isinstance(target, str):
            return effort.of_code(target)
        if isinstance(target, bool) or not isinstance(present, int | float | Decimal):
            return effort.fixed
        reference = self.subject.get(name, self.known_year(name, key[1]))
        whole = float(reference) if isinstance(reference, int | float | Decimal) else 0.0
        return effort.of_number(float(present), float(target), whole)  # type: ignore[arg-type]


class Names:
    """Which facts stand behind a name: formulas followed down, and for sets of designations those that are held.

    siblings: the sets of codes that a new designation enters, too, as they are made from the same records; True where
    only some of the records are taken, so that only a code that was never held is sure to enter.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.siblings = _siblings(dictionary)
        self._kept: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        if name not in self._kept:
            self._kept[name] = frozenset((name,))  # a formula that leads back to itself ends here
            variable = self.dictionary.get(name)
            below = self.within(parse(variable.formula)) if variable is not None and variable.formula else frozenset()
            held = {DESIGNATIONS} if name in self.siblings else set()
            self._kept[name] = frozenset({name, *below, *held})
        return self._kept[name]

    def within(self, expr: Expr) -> frozenset[str]:
        """All facts that an expression reads."""
        found: set[str] = set()
        for node in walk(expr):
            if isinstance(node, Ref | Years):
                found |= self.of(node.name)
            elif isinstance(node, Records):
                found.add(records_name(node.record))
        return frozenset(found)


def _siblings(dictionary: Dictionary) -> dict[str, bool]:
    found = {DESIGNATIONS_EVER: False} if DESIGNATIONS_EVER in dictionary else {}
    held = dictionary.get(DESIGNATIONS)
    if held is None or held.aggregate is None:
        return found
    for variable in dictionary:
        made = variable.aggregate
        if made is None or variable.code == DESIGNATIONS:
            continue
        if (made.function, made.dataset, made.of) == ("codes", held.aggregate.dataset, held.aggregate.of):
            found[variable.code] = bool(made.where)
    return found
