"""All rules in force meet a snapshot: verdicts for everyone, kept as bits; members, counts, what changed since."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import bits, portfolios, rules
from innozone.foundation.verdicts.models import RuleVersion, Run, Verdict
from innozone.kernel.rules import Matcher, RuleMatch

Kind = Literal["true", "ready", "unknown", "near"]
KINDS: tuple[Kind, ...] = ("true", "ready", "unknown", "near")
Progress = Callable[[str], None]
Ids = NDArray[np.int64]


@transaction.atomic
def run(snapshot: Snapshot, progress: Progress | None = None) -> Run:
    """Holds every enterprise of the snapshot against every rule in force on its day.

    One transaction: a run that is killed leaves nothing.
    """
    started = time.monotonic()
    made = Run.objects.create(snapshot=snapshot)
    versions = list(rules.in_force(snapshot.as_of))
    if progress:
        progress(f"{snapshot.rows:,} enterprises × {len(versions)} rules")
    read = {str(version.pk): rules.parsed(version) for version in versions}
    columns = snapshots.open(snapshot)
    matches = Matcher(columns, facts_dictionary.current()).match(
        {key: rule.condition for key, rule in read.items()},
        {key: rule.benefit for key, rule in read.items() if rule.benefit is not None},
    )
    Verdict.objects.bulk_create(
        (_verdict(made, version, matches[str(version.pk)], columns.rows) for version in versions), batch_size=50
    )
    sums = portfolios.sums(versions, matches, columns.rows)
    if sums is not None:
        made.best_total, made.best_more = Decimal(sums.entitled) / 100, Decimal(sums.more) / 100
    made.rules = len(versions)
    made.seconds = round(time.monotonic() - started, 3)
    made.finished_at = timezone.now()
    made.save()
    return made


def latest() -> Run | None:
    """The newest run that ended."""
    return Run.objects.filter(finished_at__isnull=False).select_related("snapshot").order_by("-finished_at").first()


def members(verdict: Verdict, kind: Kind, offset: int = 0, limit: int | None = None) -> list[int]:
    """Ids of the parties that are entitled (`true`), ready, unknown or near, in the order of the snapshot."""
    found = member_ids(verdict, kind)
    return found[offset : None if limit is None else offset + limit].tolist()


def member_ids(verdict: Verdict, kind: Kind) -> Ids:
    """The same as an array, all of them."""
    party = snapshots.open(verdict.run.snapshot).party
    return party[bits.rows(getattr(verdict, f"{kind}_bits"), len(party))]


def states(run: Run, party: int) -> dict[int, str]:
    """The state of one party under each rule version of the run: {version id: entitled, ready, near, unknown, not}."""
    row = snapshots.open(run.snapshot).row_of(party)
    if row is None:
        return {}
    return {verdict.version_id: _state(verdict, row) for verdict in run.verdicts.all()}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rules a party is entitled to, ready for and near to."""

    entitled: int
    ready: int
    near: int


def tallies(run: Run, parties: list[int]) -> dict[int, Tally]:
    """For a page of parties; those that are not in the snapshot are left out. One query."""
    columns = snapshots.open(run.snapshot)
    rows = np.flatnonzero(np.isin(columns.party, np.array(parties, dtype=np.int64)))
    sums = np.zeros((3, len(rows)), dtype=np.int64)
    if len(rows):
        for verdict in run.verdicts.only("run_id", "true_bits", "ready_bits", "near_bits").iterator(chunk_size=100):
            for at, kind in enumerate(("true", "ready", "near")):
                packed = np.frombuffer(getattr(verdict, f"{kind}_bits"), dtype=np.uint8)
                sums[at] += packed[rows >> 3] >> (rows & 7).astype(np.uint8) & 1
    return {int(party): Tally(*map(int, sums[:, at])) for at, party in enumerate(columns.party[rows])}


def reached(run: Run) -> dict[str, int]:
    """How many parties are entitled to, ready for, near to at least one support item."""
    rows = snapshots.open(run.snapshot).rows
    found = {kind: np.zeros(rows, dtype=bool) for kind in ("true", "ready", "near")}
    verdicts = run.verdicts.filter(version__rule__kind="support")
    for verdict in verdicts.only("run_id", "true_bits", "ready_bits", "near_bits").iterator(chunk_size=100):
        for kind, flags in found.items():
            flags |= bits.flags(getattr(verdict, f"{kind}_bits"), rows)
    return {kind: int(flags.sum()) for kind, flags in found.items()}


def busiest_party(run: Run) -> Party | None:
    """The enterprise with the most to show: entitled to much and near to more."""
    columns = snapshots.open(run.snapshot)
    score = np.zeros(columns.rows, dtype=np.int64)
    for verdict in run.verdicts.iterator(chunk_size=100):
        for kind, weight in (("true", 3), ("ready", 2), ("near", 2)):
            score += weight * bits.flags(getattr(verdict, f"{kind}_bits"), columns.rows)
    return Party.objects.filter(pk=int(columns.party[score.argmax()])).first() if columns.rows else None


@dataclass(frozen=True, eq=False)
class Change:
    """What a new run changed for one rule: ids of the parties that came to a state, and left it."""

    version: RuleVersion
    entitled: Ids
    no_longer_entitled: Ids
    ready: Ids
    no_longer_ready: Ids

    def __bool__(self) -> bool:
        return any(len(ids) for ids in (self.entitled, self.no_longer_entitled, self.ready, self.no_longer_ready))


def diff(old: Run | None, new: Run) -> Iterator[Change]:
    """Rule by rule what is different, whatever the order of the parties in the two snapshots.

    Versions of one rule are compared with each other; without an old run, or for a rule it did not know, everyone
    is new.
    """
    before = {verdict.version.rule_id: verdict for verdict in _with_rules(old)} if old else {}
    parties = snapshots.open(new.snapshot).party
    aligned = old is not None and np.array_equal(snapshots.open(old.snapshot).party, parties)
    for verdict in _with_rules(new):
        earlier = before.get(verdict.version.rule_id)
        changes: list[Ids] = []
        for kind in ("true", "ready"):
            if earlier is None:
                now, then = member_ids(verdict, kind), np.empty(0, dtype=np.int64)
                changes += [now, then]
            elif aligned:
                now_flags = bits.flags(getattr(verdict, f"{kind}_bits"), len(parties))
                then_flags = bits.flags(getattr(earlier, f"{kind}_bits"), len(parties))
                changes += [parties[now_flags & ~then_flags], parties[then_flags & ~now_flags]]
            else:
                now, then = member_ids(verdict, kind), member_ids(earlier, kind)
                changes += [np.setdiff1d(now, then), np.setdiff1d(then, now)]
        change = Change(verdict.version, *changes)
        if change:
            yield change


def _with_rules(run: Run) -> list[Verdict]:
    found = list(run.verdicts.select_related("version__rule").order_by("version__rule__code"))
    for verdict in found:
        verdict.run = run
    return found


def _verdict(run: Run, version: RuleVersion, match: RuleMatch, rows: int) -> Verdict:
    size = (rows + 7) // 8

    def packed(kind: str) -> bytes:
        return match.bits(kind).words.view(np.uint8)[:size].tobytes()

    benefit = match.benefit
    return Verdict(
        run=run,
        version=version,
        true_count=match.counts["true"],
        ready_count=match.counts["manual_only"],
        unknown_count=match.counts["unknown"] - match.counts["manual_only"],
        near_count=match.counts["near"],
        true_bits=packed("true"),
        ready_bits=packed("manual_only"),
        unknown_bits=_without(packed("unknown"), packed("manual_only")),
        near_bits=packed("near"),
        near_leaves={str(leaf): count for leaf, count in match.near_leaves.items()},
        benefit_total=_fen(benefit.total) if benefit else None,
        benefit_ready=_fen(benefit.ready) if benefit else None,
        benefit_unknown=benefit.unknown if benefit else 0,
    )


def _without(some: bytes, others: bytes) -> bytes:
    return (np.frombuffer(some, dtype=np.uint8) & ~np.frombuffer(others, dtype=np.uint8)).tobytes()


def _fen(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(Decimal("0.01"))


def _state(verdict: Verdict, row: int) -> str:
    for kind, state in (("true", "entitled"), ("ready", "ready"), ("near", "near"), ("unknown", "unknown")):
        if bits.at(getattr(verdict, f"{kind}_bits"), row):
            return state
    return "not"
