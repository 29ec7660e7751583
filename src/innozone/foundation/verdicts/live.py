"""One enterprise against all rules, with reasons; one draft rule against everyone. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any, Literal

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots, values
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.foundation.verdicts.rules import Parsed, Problem
from innozone.kernel.columns import Snapshot as Columns
from innozone.kernel.rules import Explanation, Expr, Matcher, Program, Question, Subject, Truth, explain, value
from innozone.kernel.rules import questions as kernel_questions
from innozone.kernel.rules.bulk import bits
from innozone.kernel.rules.bulk.bounds import bounds
from innozone.kernel.rules.bulk.matches import RuleRows
from innozone.kernel.rules.bulk.tally import BenefitTotal
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.solve.fen import fen
from innozone.kernel.rules.solve.portfolio import Between

State = Literal["entitled", "ready", "near", "unknown", "not"]
#: How many enterprises a preview names.
MOST_SHOWN = 50
STATES: tuple[State, ...] = ("entitled", "ready", "near", "unknown", "not")


@dataclass(frozen=True)
class ItemVerdict:
    """What one rule says of one enterprise.

    state: entitled; ready (only a person's check is open); near (one part away from true); unknown (facts missing);
    not. subject: the facts it was said of. benefit: 元, of the entitled and the ready what they get, of the others what
    they would get; None without a sum or where facts for it are missing. between: of the entitled and the ready the
    least and the most of a sum for which facts are missing. scores: named expressions of the rule, None where unknown.
    """

    version: RuleVersion
    rule: Rule
    state: State
    truth: Truth
    explanation: Explanation
    subject: Subject
    benefit: Decimal | None
    scores: Mapping[str, float | None] = field(default_factory=dict)
    between: Between | None = None


def for_party(
    party: Party, as_of: date | None = None, versions: Iterable[RuleVersion] | None = None
) -> list[ItemVerdict]:
    """Every rule in force (or the given versions) for one enterprise on a day, the best news first."""
    as_of = as_of or timezone.localdate()
    subject = values.subject(party, as_of)
    found = [judge(version, subject) for version in (rules.in_force(as_of) if versions is None else versions)]
    found.sort(key=lambda item: (STATES.index(item.state), distance(item), -(item.benefit or 0), item.rule.code))
    return found


def distance(item: ItemVerdict) -> float:
    """How far a near miss is: the smallest lacking share of what its one open part asks (0.05 of a threshold of 100
    for 95), 1 where that is no number; 0 for every other state."""
    if item.state != "near":
        return 0.0
    shares = [
        min(1.0, abs(part.gap.difference / part.gap.threshold))
        for part in item.explanation.near_miss
        if part.gap and part.gap.difference is not None and isinstance(part.gap.threshold, float) and part.gap.threshold
    ]
    return min(shares, default=1.0)


def judge(version: RuleVersion, subject: Subject) -> ItemVerdict:
    """One rule for one subject, by the reference evaluator."""
    read = rules.parsed(version)
    explanation = explain(read.condition, subject)
    state, money = state_of(explanation), _money(read, subject)
    wanted = read.benefit is not None and money is None and state in ("entitled", "ready")
    return ItemVerdict(
        version,
        version.rule,
        state,
        explanation.truth,
        explanation,
        subject,
        money,
        {code: _number(expr, subject) for code, expr in read.scores.items()},
        _between(read.benefit, subject) if wanted and read.benefit is not None else None,
    )


def state_of(explanation: Explanation) -> State:
    """The state that an explained verdict amounts to."""
    if explanation.truth is Truth.TRUE:
        return "entitled"
    if explanation.truth is Truth.UNKNOWN:
        return "ready" if explanation.manual_only else "unknown"
    return "near" if explanation.near_miss else "not"


def _money(read: Parsed, subject: Subject) -> Decimal | None:
    amount = _number(read.benefit, subject) if read.benefit is not None else None
    return None if amount is None else Decimal(repr(amount)).quantize(Decimal("0.01"))


def _between(expr: Expr, subject: Subject) -> Between:
    """Between which sums an amount lies whatever the missing facts are."""
    one = Columns.of_one(subject.values, subject.records, as_of=subject.as_of, dictionary=subject.dictionary)
    ends = bounds(expr, Block(one, subject.dictionary, slice(0, 1)))
    low, high = float(ends.low[0]), float(ends.high[0])
    return Between(fen(max(low, 0.0)) if isfinite(low) else 0, fen(max(high, 0.0)) if isfinite(high) else None)


def _number(expr: Expr, subject: Subject) -> float | None:
    found = value(expr, subject)
    return found if isinstance(found, float) else None


def questions(items: Sequence[ItemVerdict]) -> list[Question]:
    """The missing facts whose answer alone could settle one of the items of one enterprise, most money first."""
    if not items:
        return []
    subject = items[0].subject
    read = {item.rule.code: rules.parsed(item.version) for item in items}
    one = Columns.of_one(subject.values, subject.records, as_of=subject.as_of, dictionary=subject.dictionary)
    program = Program(
        {code: each.condition for code, each in read.items()},
        subject.dictionary,
        subject.as_of,
        {code: each.benefit for code, each in read.items() if each.benefit is not None},
    )
    return kernel_questions(program, one)


@dataclass(frozen=True, slots=True)
class LeafCount:
    """How many meet one leaf of a condition, do not, or have no facts for it. near: those whom it alone keeps out."""

    leaf: int
    true: int
    false: int
    unknown: int
    near: int


@dataclass(frozen=True)
class Preview:
    """How a rule in the making would fare over the newest snapshot. With errors in `problems` there are no counts.

    benefit: what it would cost, in 元.
    parties: ids of the first MOST_SHOWN in the state that was asked for, in the order of the snapshot.
    """

    problems: list[Problem]
    enterprises: int = 0
    entitled: int = 0
    ready: int = 0
    near: int = 0
    unknown: int = 0
    benefit: BenefitTotal | None = None
    leaves: list[LeafCount] = field(default_factory=list)
    as_of: date | None = None
    parties: list[int] = field(default_factory=list)

    @property
    def not_entitled(self) -> int:
        """Those that are neither entitled nor ready nor near, and for whom all needed facts are there."""
        return self.enterprises - self.entitled - self.ready - self.near - self.unknown

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


def preview(data: Mapping[str, Any], document: str | None = None, show: State | None = None) -> Preview:
    """Counts for a draft rule; its problems instead when it is no sound rule. `show`: a state whose enterprises are to
    be named, too."""
    dictionary = facts_dictionary.current()
    read, problems = rules.inspect(data, document=document, dictionary=dictionary)
    snapshot = Snapshot.objects.order_by("-recorded_at", "-id").first()
    if read is None or snapshot is None:
        return Preview(problems)
    leaves: tuple[Condition, ...] = read.condition.leaves()
    conditions: dict[str, Condition] = {"rule": read.condition}
    conditions |= {str(number): leaf for number, leaf in enumerate(leaves)}
    columns = snapshots.open(snapshot)
    matches = Matcher(columns, dictionary).match(
        conditions, {"rule": read.benefit} if read.benefit is not None else {}, members=show is not None
    )
    whole = matches["rule"]
    parties = columns.party[_rows(whole, show)[:MOST_SHOWN]].tolist() if show is not None else []
    return Preview(
        problems,
        enterprises=snapshot.rows,
        entitled=whole.counts["true"],
        ready=whole.counts["manual_only"],
        near=whole.counts["near"],
        unknown=whole.counts["unknown"] - whole.counts["manual_only"],
        benefit=whole.benefit,
        leaves=[
            LeafCount(
                number,
                *(matches[str(number)].counts[kind] for kind in ("true", "false", "unknown")),
                whole.near_leaves.get(number, 0),
            )
            for number in range(len(leaves))
        ],
        as_of=snapshot.as_of,
        parties=parties,
    )


def _rows(whole: RuleRows, state: State) -> NDArray[np.int64]:
    """The rows of the enterprises in a state."""
    if state == "unknown":
        words = whole.words("unknown") & ~whole.words("manual_only")
    elif state == "not":
        words = bits.full(whole.length) & ~(whole.words("true") | whole.words("unknown") | whole.words("near"))
    else:
        words = whole.words({"entitled": "true", "ready": "manual_only", "near": "near"}[state])
    return bits.rows_of(words, whole.length)
