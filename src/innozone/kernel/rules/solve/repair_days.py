"""The days on which time alone may change what a rule says: birthdays of dates, and turns of the year.

Between two of them nothing that a rule can ask changes by itself, so that the first day of a verdict is one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.meaning import MOVED_BY_TIME
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.reads import expressions
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import (
    FIRST_CALENDAR_YEAR,
    FLIPPED,
    Call,
    Compare,
    Expr,
    In,
    Records,
    Ref,
    Tier,
    Today,
    Years,
    children,
    walk,
)
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value

#: Days looked at where an age is calculated with and not compared with a number.
MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Days:
    """Days after the reference day, in order; `complete` False where there are more of them than are looked at."""

    days: tuple[date, ...]
    complete: bool = True


def first_day(function: str, since: date, count: int) -> date | None:
    """The first day on which age, months_since or days_since of `since` is at least `count`; None beyond year 9999.

    What happened on 29 February is a year old on 1 March where there is no such day, as the functions count.
    """
    try:
        if function == "days_since":
            return since + timedelta(days=count)
        months = since.year * 12 + since.month - 1 + count * (12 if function == "age" else 1)
        year, month = divmod(months, 12)
        try:
            return date(year, month + 1, since.day)
        except ValueError:
            return date(year + (month == 11), (month + 1) % 12 + 1, 1)
    except (OverflowError, ValueError):
        return None


def break_days(rule: Condition | Expr, subject: Subject, until: date) -> Days:
    """The days after the subject's reference day, up to `until`, on which time alone may turn a part of the rule.

    Yearly figures move at the turn of a year, as many times as the rule looks years back.
    """
    clock = _Clock(subject, until)
    parts = list(expressions(rule)) if isinstance(rule, Condition) else [rule]
    for expr in parts:
        clock.visit(expr)
    this, back = subject.as_of.year, _Back(subject.dictionary)
    turns = until.year - this if clock.year_ends else max(map(back.of, parts), default=0)
    clock.add(date(this + turn, 1, 1) for turn in range(1, min(turns, date.max.year - this) + 1))
    return Days(tuple(sorted(clock.found)), clock.complete)


class _Clock:
    """Walks a rule and the formulas below it."""

    def __init__(self, subject: Subject, until: date) -> None:
        self.evaluator = Evaluator(subject)
        self.subject, self.until = subject, until
        self.found: set[date] = set()
        self.complete = True
        self.year_ends = False
        self._formulas: set[str] = set()

    def add(self, days: Iterable[date | None]) -> None:
        self.found |= {day for day in days if day is not None and self.subject.as_of < day <= self.until}

    def visit(self, expr: Expr) -> None:
        match expr:
            case Compare(op, left, right):
                self._compare(op, left, right)
                self._compare(FLIPPED[op], right, left)
            case In(operand, values):
                for value in values:
                    self._compare("==", operand, value)
            case Tier(operand, brackets, otherwise):
                for bracket in brackets:
                    self._compare(bracket.op, operand, bracket.limit)
                    self.visit(bracket.result)
                if otherwise is not None:
                    self.visit(otherwise)
            case Records(_, record, _, where):
                self._records(record, where)
            case Today(year) if year is not None:
                self.year_ends = True
            case Call(name, args) if name in MOVED_BY_TIME:
                self._every_step(name, args[0])
            case Ref(name) | Years(name):
                variable = self.subject.dictionary.get(name)
                if variable is not None and variable.formula is not None and name not in self._formulas:
                    self._formulas.add(name)
                    self.visit(parse(variable.formula))
            case _:
                for child in children(expr):
                    self.visit(child)

    def _compare(self, op: str, side: Expr, other: Expr) -> None:
        """Where one side is an age and the other stands still, only the days count on which it passes that value."""
        still = UNKNOWN if self._moves(other) else self.evaluator.value(other)
        match self._formula(side):
            case Call(name, args) if name in MOVED_BY_TIME and isinstance(still, float):
                since = self.evaluator.value(args[0])
                if isinstance(since, date):
                    self.add(first_day(name, since, count) for count in _passing(op, still))
            case Today(None) if isinstance(still, date):
                self.add((still, first_day("days_since", still, 1)))
            case _:
                self.visit(side)

    def _formula(self, expr: Expr) -> Expr:
        """What a derived variable without period stands for."""
        variable = self.subject.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        if variable is None or variable.formula is None or variable.period != "none":
            return expr
        return parse(variable.formula)

    def _moves(self, expr: Expr) -> bool:
        """May the value change by time alone."""
        for node in walk(expr):
            if isinstance(node, Today | Years | Records) or (isinstance(node, Call) and node.name in MOVED_BY_TIME):
                return True
            if isinstance(node, Ref) and (node.index is not None or self._formula(node) is not node):
                return True
        return False

    def _every_step(self, name: str, expr: Expr) -> None:
        since = self.evaluator.value(expr)
        if not isinstance(since, date):
            return
        now = self.evaluator.value(Call(name, (expr,)))
        assert isinstance(now, float)
        for count in range(int(now) + 1, int(now) + 1 + MOST_STEPS):
            day = first_day(name, since, count)
            if day is None or day > self.until:
                return
            self.add([day])
        self.complete = False

    def _records(self, record: str, where: Expr) -> None:
        terms = self.subject.dictionary.record_terms(record)
        if terms is None:
            return
        for fields in self.subject.records.get(record, ()):
            cells: dict[str, dict[int | None, Value | Unknown]] = {name: {None: cell} for name, cell in fields.items()}
            inner = _Clock(Subject(terms, cells, self.subject.as_of), self.until)
            inner.visit(where)
            self.found |= inner.found
            self.complete &= inner.complete
            self.year_ends |= inner.year_ends


def _passing(op: str, limit: float) -> set[int]:
    """The whole numbers at which a growing count turns `count op limit`."""
    reaches, passes = math.ceil(limit), math.floor(limit) + 1
    return {">=": {reaches}, "<": {reaches}, ">": {passes}, "<=": {passes}}.get(op, {reaches, passes})


class _Back:
    """How many turns of the year it takes until a rule looks at nothing but years to come."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._kept: dict[str, int] = {}

    def of(self, expr: Expr) -> int:
        most = 0
        for node in walk(expr):
            if isinstance(node, Ref) and node.index is None:
                most = max(most, self._below(node.name))
            elif isinstance(node, Ref | Years):
                first = node.index if isinstance(node, Ref) else node.first
                assert first is not None
                ago = -first if first < FIRST_CALENDAR_YEAR else 0
                most = max(most, 1, ago + self._below(node.name))
            elif isinstance(node, Call) and node.name == "growth":
                most = max(most, 1 + max(map(self.of, node.args)))
        return most

    def _below(self, name: str) -> int:
        if name not in self._kept:
            self._kept[name] = 0  # a formula that leads back to itself ends here
            variable = self.dictionary.get(name)
            formula = variable.formula if variable is not None else None
            self._kept[name] = self.of(parse(formula)) if formula else 0
        return self._kept[name]
