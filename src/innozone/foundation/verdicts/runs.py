"""All rules in force meet a snapshot: verdicts for everyone, kept as a folder; members, counts, what changed since."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
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
from innozone.foundation.verdicts import portfolios, results, rules
from innozone.foundation.verdicts.models import RuleVersion, Run, Verdict
from innozone.kernel import columns
from innozone.kernel import rules as kernel
from innozone.kernel.rules.bulk import bits
from innozone.kernel.rules.bulk.difference import Moved
from innozone.kernel.rules.bulk.results import ResultsWriter

logger = logging.getLogger("innozone.verdicts")

Kind = Literal["true", "ready", "unknown", "near"]
KINDS: tuple[Kind, ...] = ("true", "ready", "unknown", "near")
Progress = Callable[[str], None]
Ids = NDArray[np.int64]

#: What the results call the rows of a kind; those unknown are without the ready there.
_KEPT = {"true": "true", "ready": "manual_only", "near": "near"}


@transaction.atomic
def run(snapshot: Snapshot, progress: Progress | None = None) -> Run:
    """Holds every enterprise of the snapshot against every rule in force on its day.

    One transaction: a run that is killed leaves nothing that counts; what it wrote is swept away by a later one.
    """
    started = time.monotonic()
    results.sweep()
    made = Run.objects.create(snapshot=snapshot, folder=results.new_name())
    versions = list(rules.in_force(snapshot.as_of))
    if progress:
        progress(f"{snapshot.rows:,} enterprises × {len(versions)} rules")
    shot, matches = _matched(made, versions)
    try:
        Verdict.objects.bulk_create(
            (_verdict(made, version, matches[version.rule.code]) for version in versions), batch_size=500
        )
        sums = portfolios.sums(versions, matches, shot.rows)
        if sums is not None:
            made.best_total, made.best_more = Decimal(sums.entitled) / 100, Decimal(sums.more) / 100
        made.rules = len(versions)
        made.seconds = round(time.monotonic() - started, 3)
        made.finished_at = timezone.now()
        made.save()
    except BaseException:
        shutil.rmtree(results.place(made), ignore_errors=True)
        raise
    return made


def _matched(made: Run, versions: Iterable[RuleVersion]) -> tuple[columns.Snapshot, kernel.Matches]:
    """The matches of the versions, by the code of their rule, kept in the run's folder."""
    shot, read = snapshots.open(made.snapshot), {version.rule.code: rules.parsed(version) for version in versions}
    program = kernel.Program(
        {code: rule.condition for code, rule in read.items()},
        facts_dictionary.current(),
        shot.as_of,
        {code: rule.benefit for code, rule in read.items() if rule.benefit is not None},
    )
    with ResultsWriter(results.place(made), shot, program) as writer:
        matches = kernel.Matcher(shot, program.dictionary).run(program, store=writer.store)
        writer.close(matches)
    return shot, matches


def latest() -> Run | None:
    """The newest run that ended. None when its results are lost: nothing can be said until everyone is matched anew."""
    found = Run.objects.filter(finished_at__isnull=False).select_related("snapshot").order_by("-finished_at").first()
    if found is not None and not results.there(found):
        logger.warning("%s", results.ResultsGone(found))
        return None
    return found


def members(verdict: Verdict, kind: Kind, offset: int = 0, limit: int | None = None) -> list[int]:
    """Ids of the parties that are entitled (`true`), ready, unknown or near, in the order of the snapshot."""
    found = member_ids(verdict, kind)
    return found[offset : None if limit is None else offset + limit].tolist()


def member_ids(verdict: Verdict, kind: Kind) -> Ids:
    """The same as an array, all of them. Raises results.ResultsGone."""
    kept = results.open(verdict.run)
    return kept.party[bits.rows_of(_words(kept[verdict.version.rule.code], kind), kept.rows)]


def _words(rule: kernel.RuleRows, kind: Kind) -> bits.Words:
    if kind == "unknown":
        return rule.words("unknown") & ~rule.words("manual_only")
    return rule.words(_KEPT[kind])


def states(run: Run, party: int) -> dict[int, str]:
    """The state of one party under each rule version of the run: {version id: entitled, ready, near, unknown, not}."""
    kept = results.open(run)
    row = kept.row_of(party)
    if row is None:
        return {}
    versions = dict(run.verdicts.values_list("version__rule__code", "version_id"))
    found = {}
    held = [kept.held(kind, np.array([row]))[:, 0] for kind in ("true", "manual_only", "near", "unknown")]
    for at, code in enumerate(kept):
        which = (
            state for state, flags in zip(("entitled", "ready", "near", "unknown"), held, strict=True) if flags[at]
        )
        found[versions[code]] = next(which, "not")
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rules a party is entitled to, ready for and near to."""

    entitled: int
    ready: int
    near: int


def tallies(run: Run, parties: list[int]) -> dict[int, Tally]:
    """For a page of parties; those that are not in the snapshot are left out. No query."""
    kept = results.open(run)
    rows = np.flatnonzero(np.isin(kept.party, np.array(parties, dtype=np.int64)))
    sums = [kept.held(_KEPT[kind], rows).sum(axis=0).tolist() for kind in ("true", "ready", "near")]
    return {party: Tally(*counts) for party, *counts in zip(kept.party[rows].tolist(), *sums, strict=True)}


def reached(run: Run) -> dict[str, int]:
    """How many parties are entitled to, ready for, near to at least one support item."""
    kept = results.open(run)
    codes = run.verdicts.filter(version__rule__kind="support").values_list("version__rule__code", flat=True)
    found = {kind: np.zeros(bits.words_for(kept.rows), dtype=np.uint64) for kind in _KEPT}
    for code in codes:
        for kind, words in found.items():
            words |= kept[code].words(_KEPT[kind])
    return {kind: bits.count(words) for kind, words in found.items()}


def busiest_party(run: Run) -> Party | None:
    """The enterprise with the most to show: entitled to much and near to more."""
    kept = results.open(run)
    score = np.zeros(kept.rows, dtype=np.int64)
    for rule in kept.values():
        for kind, weight in (("true", 3), ("ready", 2), ("near", 2)):
            score += weight * bits.flags(rule.words(_KEPT[kind]), kept.rows)
    return Party.objects.filter(pk=int(kept.party[score.argmax()])).first() if kept.rows else None


@dataclass(frozen=True, eq=False)
class Change:
    """What a new run changed for one rule: the parties that came to a state, and left it, each with the cause.

    version: that of the new run; of a rule that it does not hold anyone against any more, that of the old one.
    """

    version: RuleVersion
    entitled: Moved
    no_longer_entitled: Moved
    ready: Moved
    no_longer_ready: Moved

    def counts(self) -> dict[str, dict[str, int]]:
        """Parties by cause, as Verdict.changes has them."""
        names = ("entitled", "no_longer_entitled", "ready", "no_longer_ready")
        return {name: moved.counts() for name in names if len(moved := getattr(self, name))}


def diff(old: Run | None, new: Run) -> Iterator[Change]:
    """Rule by rule what is different, whatever the order of the parties in the two snapshots.

    Versions of one rule are compared with each other; without an old run everyone is new. Raises results.ResultsGone.
    """
    versions = {
        version.rule.code: version
        for run in (old, new)
        if run is not None
        for version in RuleVersion.objects.filter(verdicts__run=run).select_related("rule")
    }
    found = compared(old, new)
    for change in found.changes(sorted(found.ids)):
        yield Change(versions[change.id], change.gained, change.lost, change.ready, change.unready)


def compared(old: Run | None, new: Run) -> kernel.Difference:
    """What a run changed against another, by the code of the rule; tells of one party why."""
    return kernel.diff(
        results.open(old) if old else None,
        results.open(new),
        before=_columns(old) if old else None,
        after=_columns(new),
        dictionary=facts_dictionary.current(),
    )


def _columns(run: Run) -> columns.Snapshot | None:
    """The snapshot of a run; without it, what changed can still be told, though not always why."""
    try:
        return snapshots.open(run.snapshot)
    except columns.SnapshotError:
        logger.exception("the snapshot of run %s is lost", run.pk)
        return None


def noted(changes: Iterable[Change], run: Run) -> Iterator[Change]:
    """Passes the changes on, and at the end keeps their counts by cause with the verdicts of the run."""
    counts = {}
    for change in changes:
        counts[change.version.pk] = change.counts()
        yield change
    verdicts = list(run.verdicts.filter(version__in=counts))
    for verdict in verdicts:
        verdict.changes = counts[verdict.version_id]
    Verdict.objects.bulk_update(verdicts, ["changes"], batch_size=500)


def _verdict(run: Run, version: RuleVersion, match: kernel.RuleMatch) -> Verdict:
    benefit = match.benefit
    return Verdict(
        run=run,
        version=version,
        true_count=match.counts["true"],
        ready_count=match.counts["manual_only"],
        unknown_count=match.counts["unknown"] - match.counts["manual_only"],
        near_count=match.counts["near"],
        near_leaves={str(leaf): count for leaf, count in match.near_leaves.items()},
        benefit_total=_fen(benefit.total) if benefit else None,
        benefit_ready=_fen(benefit.ready) if benefit else None,
        benefit_unknown=benefit.unknown if benefit else 0,
    )


def _fen(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(Decimal("0.01"))
