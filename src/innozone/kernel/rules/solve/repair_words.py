"""Ways in words: what to reach is said as the rule itself would ask for it, in the words of the dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.phrases import CHINESE, ENGLISH
from innozone.kernel.rules.render import render
from innozone.kernel.rules.solve.repair import Change, Finding, Way
from innozone.kernel.rules.solve.repair_numbers import GRID, rounder
from innozone.kernel.rules.tree import And, Call, Compare, Day, Expr, Flag, Has, Not, Number, Ref, Text
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value


@dataclass(frozen=True, slots=True)
class WaySaid:
    """A way in one language.

    when: from which day it counts, empty where it does at once. steps: what to change. findings: what must turn out so.
    notes: until when it holds, and what is assumed. effort: how much work that is, empty where there is none.
    """

    when: str
    steps: tuple[str, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    effort: str
    line: str


def said(
    way: Way, today: date, dictionary: Dictionary, language: str, items: Mapping[str, str] | None = None
) -> WaySaid:
    """A way in Chinese (`zh…`) or English. `today` is the day it was asked for, `items` the names of items by code."""
    words = _Words(dictionary, language, items or {})
    steps = tuple(words.step(change) for change in way.changes)
    findings = tuple(words.finding(finding) for finding in way.findings)
    # A way without steps counts by itself from its day.
    when = ""
    if way.day > today:
        when = words.say("way from" if steps or findings else "way by itself", words.day(way.day))
    parts = [*steps, *findings, *([when] if when else [])]
    return WaySaid(
        when, steps, findings, tuple(words.notes(way)), words.effort(way), words.phrases["items"].join(parts)
    )


def goal(change: Change, dictionary: Dictionary) -> Expr:
    """What a change reaches, as a condition in calendar years."""
    ref, target = Ref(change.variable, change.year), change.target
    if isinstance(target, bool):
        return ref if target else Not(ref)
    if isinstance(target, Decimal):
        variable = dictionary[change.variable]
        beyond = target - GRID[variable.type] * (1 if change.up else -1)
        if rounder(variable, target, beyond):
            return Compare(">" if change.up else "<", ref, Number(beyond))
        return Compare(">=" if change.up else "<=", ref, Number(target))
    if isinstance(target, frozenset):
        present = change.present if isinstance(change.present, frozenset) else frozenset()
        parts: list[Expr] = [Has(ref, (code,)) for code in sorted(target - present)]
        parts += [Not(Has(ref, (code,))) for code in sorted(present - target)]
        return parts[0] if len(parts) == 1 else And(tuple(parts))
    return Compare("==", ref, Text(target)) if isinstance(target, str) else Flag(True)


class _Words:
    def __init__(self, dictionary: Dictionary, language: str, items: Mapping[str, str]) -> None:
        self.dictionary, self.language, self.items = dictionary, language, items
        self.phrases = CHINESE if language.startswith("zh") else ENGLISH

    def say(self, name: str, *slots: object) -> str:
        return self.phrases[name].format(*slots)

    def day(self, day: date) -> str:
        return render(Day(day), self.dictionary, self.language, unit="")

    def step(self, change: Change) -> str:
        if isinstance(change.target, tuple):
            return self._records(change)
        reached = render(goal(change, self.dictionary), self.dictionary, self.language)
        return reached + self._now(change) + self._granted(change)

    def finding(self, finding: Finding) -> str:
        if isinstance(finding.expr, Call) and finding.expr.name == "known":
            return self.say("way learn", render(finding.expr.args[0], self.dictionary, self.language, unit=""))
        expr = finding.expr if finding.wanted else Not(finding.expr)
        return self.say("way if", render(expr, self.dictionary, self.language))

    def notes(self, way: Way) -> Iterator[str]:
        if way.until is not None:
            yield self.say("way until", self.day(way.until))
        years = sorted({year for _, year in way.assumed})
        if years:
            yield self.say("way assumed", self.phrases["list"].join(map(str, years)))

    def effort(self, way: Way) -> str:
        days = math.ceil(sum(change.cost for change in way.changes))
        return self.say("way effort", f"{days:,}") if days else ""

    def _now(self, change: Change) -> str:
        """The figure or code that a change starts from."""
        if isinstance(change.present, bool | frozenset | Unknown):
            return ""
        shown = self._shown(change.variable, change.present)
        if change.known_year is None:
            return self.say("way now", shown)
        return self.say("way now of year", change.known_year, shown)

    def _shown(self, name: str, value: Value | Unknown) -> str:
        """A value in the unit of its variable."""
        ref = Ref(name)
        if isinstance(value, Decimal | int | float):
            # The words of “x is 5 persons” after those of x.
            whole, label = (
                Compare("==", ref, Number(Decimal(str(value)))),
                render(ref, self.dictionary, self.language, unit=""),
            )
            prefix = self.say("==", label, "")
            return render(whole, self.dictionary, self.language).removeprefix(prefix)
        codelist = self.dictionary.codelist_of(self.dictionary[name]) if name in self.dictionary else None
        if isinstance(value, str) and codelist is not None and value in codelist:
            return codelist.by_code[value].label.get(self.language)
        return "" if value is UNKNOWN else str(value)

    def _granted(self, change: Change) -> str:
        names = [self.items.get(code, code) for _, codes in change.grants for code in codes]
        return self.say("way granted", self.phrases["choice"].join(dict.fromkeys(names))) if names else ""

    def _records(self, change: Change) -> str:
        kind = self.dictionary.records[change.variable.removesuffix(RECORDS)]
        terms = self.dictionary.record_terms(kind.code) or Dictionary({}, {})
        assert isinstance(change.target, tuple)
        counted: dict[tuple[tuple[str, Value], ...], int] = {}
        for record in change.target:
            counted[record] = counted.get(record, 0) + 1
        said_ = []
        for record, number in counted.items():
            fields: Sequence[str] = [render(_field(name, cell), terms, self.language) for name, cell in record]
            label = kind.label.get(self.language)
            shown = self.say("records", label, self.phrases["and"].join(fields)) if fields else label
            said_.append(self.say("way records", shown, number))
        return self.phrases["and"].join(said_)


def _field(name: str, cell: Value) -> Expr:
    ref = Ref(name)
    if isinstance(cell, bool):
        return ref if cell else Not(ref)
    if isinstance(cell, Decimal):
        return Compare(">=", ref, Number(cell))
    return Compare("==", ref, Day(cell) if isinstance(cell, date) else Text(str(cell)))
