"""Figures of a rule moved over everyone: what it would cost, who would come and go. Scenarios keep moved figures by name.

sandbox = sandboxes.open(version, snapshot)
step = sandbox.step({"benefit:0.0": Decimal("0.12")})
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import Count
from numpy.typing import NDArray

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import Rule, RuleVersion, Scenario
from innozone.kernel import columns
from innozone.kernel.rules.bulk.bits import flags
from innozone.kernel.rules.bulk.breakdown import Breakdown, Grouping, Part, Standing, grouping
from innozone.kernel.rules.bulk.finder import knobs
from innozone.kernel.rules.bulk.knobs import Knob, Slider, turned
from innozone.kernel.rules.bulk.outcome import Outcome
from innozone.kernel.rules.bulk.sandbox import Sandbox
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.tree import to_text
from innozone.kernel.terms import Dictionary, Variable

#: Rules that are kept prepared, and groupings of their snapshots. A rule over a million enterprises takes some 100 MB.
_MOST_PREPARED, _MOST_GROUPINGS = 3, 12
#: Days that a choice offers, the newest.
MOST_DAYS = 24
MOST_SCENARIOS = 100
#: A rule over more enterprises is made ready in seconds, about three over a million.
MANY_ROWS = 100_000
#: A curve takes no longer than this, once it has so many points.
_CURVE_SECONDS, _FEWEST_POINTS = 0.6, 7
MOST_NAME = 100

Figures = Mapping[str, Decimal]
Made = TypeVar("Made")


class SandboxRefused(ValueError):
    """Nothing was done. `code` is a stable word: unsound, gone, unnamed, taken, too_many; `params` of its sentence."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(message)


class _Latest(Generic[Made]):
    """The last few of what takes long to make. Each is made once: who asks for it meanwhile waits."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Any, Made] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def get(self, key: Any, make: Callable[[], Made]) -> Made:
        found = self._look(key)
        if found is not None:
            return found
        with self._making:
            found = self._look(key)
            if found is None:
                found = make()
                with self._lock:
                    self._kept[key] = found
                    while len(self._kept) > self._most:
                        self._kept.popitem(last=False)
        return found

    def has(self, key: Any) -> bool:
        return key in self._kept

    def _look(self, key: Any) -> Made | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


_prepared: _Latest[Prepared] = _Latest(_MOST_PREPARED)
_groupings: _Latest[Grouping] = _Latest(_MOST_GROUPINGS)
_knobs: _Latest[tuple[Knob, ...]] = _Latest(512)


@dataclass(frozen=True)
class Step:
    """An outcome with its groups: {variable: parts} for each variable that figures are broken down by."""

    outcome: Outcome
    parts: Mapping[str, list[Part]]


class Prepared:
    """A version over a snapshot. knobs: its figures with their sliders; present: the step in which nothing moved."""

    def __init__(self, version: RuleVersion, snapshot: Snapshot, dictionary: Dictionary) -> None:
        read, problems = rules.inspect(version.data, dictionary=dictionary)
        if read is None:
            first = next(problem for problem in problems if problem.severity == "error")
            raise SandboxRefused("unsound", str(first), problem=str(first))
        self.version, self.snapshot, self.dictionary = version, snapshot, dictionary
        self._curves: _Latest[dict[Decimal, Outcome]] = _Latest(_MOST_PREPARED)
        self._changes: _Latest[Changes] = _Latest(_MOST_PREPARED)
        try:
            shot = snapshots.open(snapshot)
        except columns.SnapshotError as error:
            raise SandboxRefused("gone", str(error)) from error
        self.sandbox = Sandbox(shot, dictionary, read.condition, read.benefit)
        self.breakdowns = {
            variable.code: Breakdown(self.sandbox, groups_of(variable, snapshot, shot, dictionary))
            for variable in broken_down_by(dictionary)
        }

    @property
    def knobs(self) -> tuple[Knob, ...]:
        return self.sandbox.knobs

    @cached_property
    def sliders(self) -> Mapping[str, Slider]:
        return self.sandbox.sliders()

    @cached_property
    def present(self) -> Step:
        return self._step(self.sandbox.present)

    def step(self, figures: Figures) -> Step:
        """The version with these figures. Raises KnobError for one that it has not, or a value that it cannot take."""
        outcome = self.sandbox.step(figures)
        return self.present if not outcome.moved else self._step(outcome)

    def curve(self, id: str, figures: Figures, points: int) -> list[tuple[Decimal, Outcome]]:
        """The outcomes along the slider of one figure, the others as in `figures`; present and asked value among them.

        Those of the slider are kept: moving that figure itself asks for one more only.
        """
        knob, others = self.sandbox.by_id[id], {key: value for key, value in figures.items() if key != id}
        key = (id, tuple(sorted(others.items())), points)
        found = self._curves.get(key, lambda: self._along(knob, others, points))
        here = figures.get(id, knob.value)
        if here not in found:
            found = {**found, here: self.sandbox.step({**others, id: here})}
        return sorted(found.items())

    def _along(self, knob: Knob, others: Figures, points: int) -> dict[Decimal, Outcome]:
        """From coarse to fine, so that a slow rule has a curve of fewer points rather than a late one."""
        slider = self.sliders[knob.id]
        steps, last = int((slider.high - slider.low) / slider.step), max(1, points - 1)
        order = [0, last, *(at for size in (4, 2, 1) for at in range(size, last, size))]
        values = dict.fromkeys([knob.value, *(slider.low + slider.step * (steps * at // last) for at in order)])
        found: dict[Decimal, Outcome] = {}
        until = time.monotonic() + _CURVE_SECONDS
        for value in values:
            found[value] = self.sandbox.step({**others, knob.id: value})
            if len(found) >= _FEWEST_POINTS and time.monotonic() > until:
                break
        return found

    def changes(self, figures: Figures) -> Changes:
        """Enterprise by enterprise what the figures change. Kept for the next page of the same list."""
        key = tuple(sorted(figures.items()))
        return self._changes.get(key, lambda: _changed(self.sandbox, self.sandbox.step(figures)))

    def _step(self, outcome: Outcome) -> Step:
        standing = Standing(self.sandbox, outcome)
        return Step(outcome, {code: each.of(standing) for code, each in self.breakdowns.items()})


#: What a version does to an enterprise against the present one.
KINDS = ("gained", "lost", "raised", "lowered", "may_gain", "may_lose", "unsettled", "granted", "unknown")


@dataclass(frozen=True, eq=False)
class Changes:
    """The enterprises that have the grant in one of two versions, or may have it. parties: their ids, ascending.

    kinds: place in KINDS; `granted` have it in both for the same amount, `unsettled` for amounts that differ somewhere
    between low and high; `may_gain`, `may_lose` come to or leave those of whom facts are missing, as in Outcome;
    `unknown`: facts are missing in both. has, missing: has it now, facts are missing now, whatever changes. before, now:
    what they get at least and at most in 元, inf where nothing bounds it, 0 where they do not have it; None for a rule
    without a sum.
    """

    parties: NDArray[np.int64]
    kinds: NDArray[np.int8]
    has: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    before: tuple[Floats, Floats] | None
    now: tuple[Floats, Floats] | None


def _changed(sandbox: Sandbox, outcome: Outcome) -> Changes:
    length = len(sandbox.live)
    then, now = sandbox.present.verdicts, outcome.verdicts
    had, false_then, has, false = (flags(words, length) for words in (then.granted, then.false, now.granted, now.false))
    unknown, unknown_then = ~(has | false), ~(had | false_then)
    kinds = np.full(length, -1, dtype=np.int8)
    for kind, rows in (
        ("granted", has),
        ("unknown", unknown),
        ("gained", has & false_then),
        ("lost", had & false),
        ("may_gain", (unknown & false_then) | (has & unknown_then)),
        ("may_lose", (unknown & had) | (false & unknown_then)),
    ):
        kinds[rows] = KINDS.index(kind)
    paid: list[tuple[Floats, Floats]] = []
    if outcome.benefit is not None:
        for version in (sandbox.present, outcome):
            low, high = np.zeros(length), np.zeros(length)
            found = sandbox.paid(version)
            low[: len(found[0])], high[: len(found[1])] = found
            paid.append((low, high))
        (low_then, high_then), (low_now, high_now) = paid
        exact = (low_then == high_then) & (low_now == high_now)
        both = had & has
        # Whoever may get nothing is sure of nothing.
        low_then[~had] = low_now[~has] = 0.0
        kinds[both & exact & (low_now > low_then)] = KINDS.index("raised")
        kinds[both & exact & (low_now < low_then)] = KINDS.index("lowered")
        kinds[both & ~exact & ((low_now != low_then) | (high_now != high_then))] = KINDS.index("unsettled")
    order = np.argsort(sandbox.live)
    order = order[kinds[order] >= 0]
    kept = [(low[order], high[order]) for low, high in paid]
    before_now = (kept[0], kept[1]) if kept else (None, None)
    return Changes(sandbox.snapshot.party[sandbox.live[order]], kinds[order], has[order], unknown[order], *before_now)


def open(version: RuleVersion, snapshot: Snapshot) -> Prepared:
    """A version made ready over a snapshot, and kept for the next who asks.

    Raises SandboxRefused: `unsound` for a draft that is no sound rule, `gone` when the facts are no longer on disk.
    """
    dictionary = facts_dictionary.current()
    return _prepared.get(_key(version, snapshot, dictionary), lambda: Prepared(version, snapshot, dictionary))


def takes_long(version: RuleVersion, snapshot: Snapshot) -> bool:
    """Would `open` take seconds: many enterprises, and nobody has asked for the rule yet."""
    return snapshot.rows > MANY_ROWS and not _prepared.has(_key(version, snapshot, facts_dictionary.current()))


def _key(version: RuleVersion, snapshot: Snapshot, dictionary: Dictionary) -> Any:
    return version.digest, snapshot.folder, _Same(dictionary)


def broken_down_by(dictionary: Dictionary) -> list[Variable]:
    """The variables by whose codes figures are broken down, in the order of the dictionary."""
    return [variable for variable in dictionary if variable.breakdown]


def groups_of(variable: Variable, snapshot: Snapshot, shot: columns.Snapshot, dictionary: Dictionary) -> Grouping:
    """The rows of a snapshot by the code of a variable; worked out once."""
    key = (variable.code, snapshot.folder, _Same(dictionary))
    return _groupings.get(key, lambda: grouping(variable.code, shot, dictionary))


@dataclass(frozen=True, eq=False)
class _Same:
    """Equal to itself for one and the same dictionary only."""

    dictionary: Dictionary

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.dictionary is self.dictionary

    def __hash__(self) -> int:
        return id(self.dictionary)


# What is tried on what.


def knobs_of(version: RuleVersion, dictionary: Dictionary) -> tuple[Knob, ...]:
    """The figures of a version, without anybody's facts; none of a draft that is not sound."""
    key = (version.pk, version.digest, _Same(dictionary))
    return _knobs.get(key, lambda: _find_knobs(version, dictionary))


def _find_knobs(version: RuleVersion, dictionary: Dictionary) -> tuple[Knob, ...]:
    if version.activated_at is None and rules.inspect(version.data, dictionary=dictionary)[0] is None:
        return ()
    read = rules.parsed(version)
    return knobs(read.condition, read.benefit, dictionary)


def version_of(code: str, as_of: date) -> RuleVersion | None:
    """The wording of a rule that is moved: in force on the day, else the next one to be, else the newest draft."""
    found = rules.in_force(as_of).filter(rule__code=code).first()
    if found is not None:
        return found
    versions = RuleVersion.objects.filter(rule__code=code).select_related("rule")
    ahead = versions.filter(status=RuleVersion.Status.ACTIVE, valid_from__gt=as_of).order_by("valid_from", "-number")
    return ahead.first() or versions.filter(status=RuleVersion.Status.DRAFT).order_by("-number").first()


def standing(version: RuleVersion, as_of: date) -> str:
    """in_force, ahead (its time begins later), or draft."""
    if version.status == RuleVersion.Status.DRAFT:
        return "draft"
    return "ahead" if version.valid_from is not None and version.valid_from > as_of else "in_force"


def days() -> list[date]:
    """The days of which there are facts, the newest first."""
    return list(Snapshot.objects.order_by("-as_of").values_list("as_of", flat=True).distinct()[:MOST_DAYS])


def snapshot_of(day: date | None = None) -> Snapshot | None:
    """The snapshot of a day that was made last; without a day that of the newest one."""
    rows = Snapshot.objects.all() if day is None else Snapshot.objects.filter(as_of=day)
    return rows.order_by("-as_of", "-recorded_at", "-id").first()


# Scenarios.


def save(version: RuleVersion, name: str, figures: Figures, user: Any, note: str = "") -> Scenario:
    """Keeps moved figures under a name, which no other scenario of the rule may bear. Raises SandboxRefused."""
    name = " ".join(name.split())[:MOST_NAME]
    if not name:
        raise SandboxRefused("unnamed", "a scenario has a name")
    if Scenario.objects.filter(rule=version.rule).count() >= MOST_SCENARIOS:
        raise SandboxRefused("too_many", f"a rule has at most {MOST_SCENARIOS} scenarios", most=MOST_SCENARIOS)
    try:
        with transaction.atomic():
            return Scenario.objects.create(
                rule=version.rule,
                version=version,
                name=name,
                note=note.strip()[:400],
                figures={id: f"{value:f}" for id, value in figures.items()},
                created_by=user,
            )
    except IntegrityError:
        raise SandboxRefused("taken", f"there is a scenario “{name}” already", name=name) from None


def scenarios(rule: Rule) -> list[Scenario]:
    """The scenarios of a rule, the newest first."""
    return list(
        Scenario.objects.filter(rule=rule).select_related("version", "created_by").order_by("-created_at", "-id")
    )


def counts() -> dict[int, int]:
    """How many scenarios each rule has, by the rule's id."""
    return dict(Scenario.objects.values_list("rule").annotate(found=Count("pk")))


def figures_of(scenario: Scenario, knobs: Iterable[Knob]) -> tuple[dict[str, Decimal], list[str]]:
    """The figures of a scenario that a version still has, and the places of those that it no longer has."""
    known = {knob.id for knob in knobs}
    figures, gone = {}, []
    for id, value in scenario.figures.items():
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            gone.append(id)
            continue
        if id in known and number.is_finite():
            figures[id] = number
        else:
            gone.append(id)
    return figures, gone


def data_of(version: RuleVersion, figures: Figures) -> dict[str, Any]:
    """The data of the rule with these figures in place of its own; everything else stays as it is."""
    read = rules.parsed(version)
    condition, benefit = turned(read.condition, read.benefit, figures)
    data = {**version.data, "conditions": condition.to_data()}
    if benefit is not None:
        data["benefit"] = {**(version.data.get("benefit") or {}), "amount": to_text(benefit)}
    return data
