"""Who would get what of a budget or of places, by the declared order, over a run. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import portfolios, results, rules
from innozone.foundation.verdicts.models import RuleVersion, Run
from innozone.kernel.packs.model import WITHOUT_SUM
from innozone.kernel.rules import Matcher
from innozone.kernel.rules.bulk import bits
from innozone.kernel.rules.solve.allocation import Allocation, Claims, FloorsTooHigh, Tied, Values, allocate
from innozone.kernel.rules.solve.fen import fen_of
from innozone.kernel.rules.solve.population import counted
from innozone.kernel.rules.solve.stacking import AllocationRule, OrderKey, Stacking
from innozone.kernel.terms import Label

Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: Up to so many keys are asked for by the ids of their parties, more by reading all.
_MANY = 5_000


@dataclass(frozen=True)
class Pot:
    """A budget or places: of an item (its rule's code), or of a group of items (the group's code)."""

    code: str
    name: Label
    rule: AllocationRule
    versions: tuple[RuleVersion, ...]
    of_group: bool = False


@dataclass(frozen=True, eq=False)
class Plan:
    """Who would get what. Of each claim: the party, the item (its place in pot.versions), whether a person's check is
    still open, what is claimed; `allocation` says what it gets and why, None where `refused` says why there is none.

    pot: with the figures asked for. seed: of the lottery. aside: claims that do not count, because the enterprise has
    more of something that it cannot have together with it.
    """

    pot: Pot
    seed: str
    parties: Ids
    items: Ids
    ready: Flags
    claims: Claims
    aside: int
    allocation: Allocation | None = None
    refused: Exception | None = None


def pots(run: Run) -> list[Pot]:
    """Everything in the run that has a budget or places, by code. One query."""
    versions = RuleVersion.objects.filter(verdicts__run=run, rule__kind="support").select_related("rule")
    found: dict[str, Pot] = {}
    for version in versions.order_by("rule__code"):
        read = rules.parsed(version)
        if read.allocation is not None:
            name = Label(version.rule.name, version.rule.name_en)
            found[version.rule.code] = Pot(version.rule.code, name, read.allocation, (version,))
        for group in read.stacking.groups:
            if group.allocation is not None:
                before = found[group.code].versions if group.code in found else ()
                found[group.code] = Pot(group.code, group.label, group.allocation, (*before, version), True)
    return [found[code] for code in sorted(found)]


def plan(
    run: Run, pot: Pot, *, budget: int | None = None, quota: int | None = None, seed: str = "", ready: bool = True
) -> Plan:
    """Who would get what of the pot; with a budget (fen) and a quota other than the declared ones where given.

    A claim is what counts in the best set of the enterprise. ready: with those who only wait for a person's check.
    Without a seed the draw is a trial, with one made of code and year.
    """
    rule = replace(
        pot.rule,
        budget=pot.rule.budget if budget is None else budget,
        quota=pot.rule.quota if quota is None else quota,
    )
    asked = _Asked((run.pk, run.finished_at, pot.code, rule), run, replace(pot, rule=rule))
    return _plan(asked, seed or f"{pot.code}-{run.snapshot.as_of.year}", ready)


@dataclass(frozen=True)
class _Asked:
    """A pot of a run: the same question whenever it is read from the database again."""

    key: Any
    run: Run
    pot: Pot

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=4)
def _plan(asked: _Asked, seed: str, ready: bool) -> Plan:
    """Kept for the next page of the same list."""
    run, pot = asked.run, asked.pot
    matcher = Matcher(snapshots.open(run.snapshot), facts_dictionary.current())
    codes = [version.rule.code for version in pot.versions]
    refused: Exception | None = None
    try:
        parts = _claims(run, pot, codes, matcher, ready)
    except portfolios.Unsolved as error:
        parts, refused = [_Part() for _code in codes], error
    rows, items = (
        _joined([part.rows for part in parts]),
        np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts]),
    )
    parties = matcher.snapshot.party[rows]
    claims = Claims(
        _keys(parties, items, codes),
        _joined([part.amounts for part in parts]),
        _joined([part.unknown for part in parts]).astype(bool),
    )
    checks = _joined([part.ready for part in parts]).astype(bool)
    made = Plan(pot, seed, parties, items, checks, claims, sum(part.aside for part in parts), refused=refused)
    if refused is not None:
        return made
    try:
        values = [_values(key, matcher, rows) for key in pot.rule.order]
        return replace(made, allocation=allocate(claims, pot.rule, values, seed=seed))
    except (Tied, FloorsTooHigh) as error:
        return replace(made, refused=error)


def _none() -> Ids:
    return np.empty(0, dtype=np.int64)


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([_none(), *parts])


@dataclass(frozen=True, eq=False)
class _Part:
    """The claims of one item: rows of the snapshot, fen, whether the amount is unknown, whether a check is open."""

    rows: Ids = field(default_factory=_none)
    amounts: Ids = field(default_factory=_none)
    unknown: NDArray[Any] = field(default_factory=_none)
    ready: NDArray[Any] = field(default_factory=_none)
    aside: int = 0


def _claims(run: Run, pot: Pot, codes: Sequence[str], matcher: Matcher, ready: bool) -> list[_Part]:
    """What the enterprises claim of each item. Raises one of portfolios.Unsolved."""
    versions = {
        version.rule.code: version
        for version in RuleVersion.objects.filter(verdicts__run=run, rule__kind="support").select_related("rule")
    }
    stackings = {code: rules.parsed(version).stacking for code, version in versions.items()}
    related = _related(stackings, codes)
    may, checks = _who(run, related, matcher.snapshot.rows, ready)
    rows = np.flatnonzero(np.logical_or.reduce([may[code] for code in codes]))
    fen: dict[str, Ids] = {}
    unknown: dict[str, Flags] = {}
    for code in related:
        benefit, has = rules.parsed(versions[code]).benefit, may[code][rows]
        fen[code], unknown[code] = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
        if benefit is not None:
            fen[code][has], unknown[code][has] = fen_of(matcher.amounts(benefit, rows[has]))
        elif pot.rule.budget is not None:
            unknown[code] = has & ((versions[code].data.get("benefit") or {}).get("kind") not in WITHOUT_SUM)
    counts = counted({code: stackings[code] for code in related}, fen)
    found = []
    for code in codes:
        has, priced = may[code][rows], rules.parsed(versions[code]).benefit is not None
        kept = has & (unknown[code] | (counts[code] > 0)) if priced else has
        aside = has & (fen[code] > 0) & (counts[code] == 0)
        found.append(
            _Part(rows[kept], counts[code][kept], unknown[code][kept], checks[code][rows[kept]], int(aside.sum()))
        )
    return found


def _related(stackings: Mapping[str, Stacking], codes: Sequence[str]) -> list[str]:
    """The items and all others whose limits may have a say in what counts of them."""
    ties: dict[str, set[str]] = {code: set() for code in stackings}
    inside: dict[str, set[str]] = {}
    for code, stacking in stackings.items():
        for group in stacking.groups:
            inside.setdefault(group.code, set()).add(code)
    for code, stacking in stackings.items():
        others = set().union(*(inside[group.code] for group in stacking.groups))
        for excluded in stacking.excludes:
            others |= inside.get(excluded, {excluded} & stackings.keys())
        for other in others:
            ties[code].add(other)
            ties[other].add(code)
    found, todo = set(codes), list(codes)
    while todo:
        fresh = ties[todo.pop()] - found
        found |= fresh
        todo += fresh
    return sorted(found)


def _who(run: Run, codes: Sequence[str], length: int, ready: bool) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """By item: who may have it, and for whom of them a person's check is still open."""
    may, checks = {}, {}
    kept = results.open(run)
    for code in codes:
        checks[code] = bits.flags(kept[code].words("manual_only"), length) & ready
        may[code] = bits.flags(kept[code].words("true"), length) | checks[code]
    return may, checks


def _values(key: OrderKey, matcher: Matcher, rows: Ids) -> Values:
    if key.kind == "time":
        # Applications do not come in through the house yet: nobody's place is known.
        return np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[us]")
    return matcher.amounts(key.expr, rows) if key.expr else None


def _keys(parties: Ids, items: Ids, codes: Sequence[str]) -> list[str]:
    """The claims' own keys: the credit code, or the number of an enterprise that has none; in a group with the item."""
    rows = Party.objects.filter(pk__in=parties.tolist()) if len(parties) <= _MANY else Party.objects.all()
    credit = dict(rows.filter(credit_code__isnull=False).values_list("pk", "credit_code"))
    keys = [credit.get(party) or f"#{party}" for party in parties.tolist()]
    if len(codes) == 1:
        return keys
    return [f"{key}/{codes[item]}" for key, item in zip(keys, items.tolist(), strict=True)]
