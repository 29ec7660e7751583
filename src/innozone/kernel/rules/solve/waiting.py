"""What time alone brings: the day on which a rule becomes true for a firm if nothing else changes."""

from __future__ import annotations

from datetime import date

from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.evaluate import evaluate
from innozone.kernel.rules.solve.repair import confirmed
from innozone.kernel.rules.solve.repair_days import break_days
from innozone.kernel.rules.solve.repair_world import Budget, Names, Outlook
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.truth import Truth


def comes_true(condition: Condition, subject: Subject, until: date) -> date | None:
    """The first day after the subject's, up to `until`, on which the verdict is true by time alone; None for none, and
    where it is true already. Manual leaves count as confirmed. As `repair` says it in `by_itself`, without a search
    for ways: some evaluations, so that it can be asked for every rule of a firm.
    """
    rule = confirmed(condition, True)
    if evaluate(rule, subject) is Truth.TRUE:
        return None
    names, budget = Names(subject.dictionary), Budget(1 << 30)
    for day in break_days(condition, subject, until).days:
        if evaluate(rule, Outlook(subject, day, {}, names, budget).world({})) is Truth.TRUE:
            return day
    return None
