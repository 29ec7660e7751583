"""S22 主动推送: who is told what, once each: newly entitled, ready, another amount, no longer entitled, deadline near.

Every notice carries its reason: the facts that the rule read are stored with it, so that the conditions can be
explained later as they stood then; where facts moved the verdict, what they said before stands beside them.

What an enterprise was told last about a rule is its state for it: `entitled`, `ready` or `lost`, whatever version the
rule had then. A notice goes out when the verdict differs from that state. Its key names the notice before it, so that
of two for one change of state the database takes one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import records, snapshots
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import rules, runs
from innozone.foundation.verdicts.models import Rule, RuleVersion, Run
from innozone.kernel.columns import Codes, Column, Flags, Sets, SnapshotError, column_name
from innozone.kernel.columns import Records as RecordsColumn
from innozone.kernel.columns import Snapshot as Columns
from innozone.kernel.rules import Matcher
from innozone.kernel.rules.bulk.difference import Cause, Moved
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.tree import DESIGNATIONS
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown
from innozone.wings.policies.models import Item

Kind = Notice.Kind
Rows = NDArray[np.int64]
#: Rows whose facts are values of Python at a time.
CHUNK = 20_000
#: Days before an item closes on which those who could claim it are told.
DEADLINES = (14, 3)
_STATES = {Kind.ENTITLED: Kind.ENTITLED, Kind.CHANGED: Kind.ENTITLED, Kind.READY: Kind.READY, Kind.LOST: Kind.LOST}


@dataclass(frozen=True, slots=True)
class Told:
    """What a party was told last about a rule: the state, the notice, the amount named in it (元)."""

    state: str
    notice: int
    amount: float | None


def last_told(rule: int, parties: Rows) -> dict[int, Told]:
    """By party; those who were never told anything are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (n.party_id) n.party_id, n.kind, n.id, (n.data->>'amount')::float8 "
            f"from {Notice._meta.db_table} n where n.party_id = any(%s) and n.kind = any(%s) and n.version_id in "
            f"(select id from {RuleVersion._meta.db_table} where rule_id = %s) order by n.party_id, n.id desc",
            [parties.tolist(), [str(kind) for kind in _STATES], rule],
        )
        return {party: Told(_STATES[Kind(kind)], key, amount) for party, kind, key, amount in cursor.fetchall()}


def drafts(changes: Iterable[runs.Change], before: Run | None, made: Run) -> Iterator[notices.Draft]:
    """The notices that a run gives rise to. Without a run before, everyone who is entitled or ready is looked at."""
    teller = _Teller(before, made)
    for change in changes:
        yield from teller.of_change(change)
    if before is not None:
        yield from teller.of_amounts(before)


class _Teller:
    """Makes the notices of one run."""

    def __init__(self, before: Run | None, made: Run) -> None:
        self.made = made
        self.columns = snapshots.open(made.snapshot)
        self.dictionary = facts_dictionary.current()
        self.then = _opened(before)
        found = Item.objects.filter(ended=False).select_related("policy", "policy__issuer", "rule")
        self.items = {item.rule_id: item for item in found}
        self.held = set(made.verdicts.values_list("version_id", flat=True))

    def _item(self, version: RuleVersion) -> Item | None:
        """The item of a rule that the run held everyone against, unless it has closed."""
        item = self.items.get(version.rule_id)
        if item is None or version.pk not in self.held or (item.closes and item.closes < self.made.snapshot.as_of):
            return None
        return item

    def of_change(self, change: runs.Change) -> Iterator[notices.Draft]:
        version, item = change.version, self._item(change.version)
        if item is None:
            return
        came = {Kind.ENTITLED: change.entitled, Kind.READY: change.ready}
        left = [change.no_longer_entitled, change.no_longer_ready]
        everyone = [moved.parties for moved in (*came.values(), *left)]
        told = last_told(version.rule_id, np.unique(np.concatenate(everyone)))
        for kind, moved in came.items():
            rows = _told(version, self._rows(moved.parties), self.columns, self.dictionary)
            yield from self._of_rule(kind, version, item, self._untold(rows, kind, told), told, _causes([moved]))
        rows = self._rows(np.concatenate([moved.parties for moved in left]))
        # Who went from entitled to ready, or back, has lost nothing.
        rows = np.setdiff1d(rows, self._rows(np.concatenate([moved.parties for moved in came.values()])))
        rows = np.array(
            [row for row in self._untold(rows, Kind.LOST, told) if self._party(row) in told], dtype=np.int64
        )
        yield from self._of_rule(Kind.LOST, version, item, rows, told, _causes(left))

    def of_amounts(self, before: Run) -> Iterator[notices.Draft]:
        """Of rules whose benefit was reworded: those who were told an amount and would now get another."""
        old = {version.rule_id: version for version in RuleVersion.objects.filter(verdicts__run=before)}
        for verdict in self.made.verdicts.select_related("version__rule", "run"):
            version, then = verdict.version, old.get(verdict.version.rule_id)
            if then is None or then.data.get("benefit") == version.data.get("benefit"):
                continue
            item = self._item(version)
            if item is None:
                continue
            parties = runs.member_ids(verdict, "true")
            told = last_told(version.rule_id, parties)
            rows = self._rows(parties)
            amounts = self._amounts(version, rows)
            changed = [
                at
                for at, row in enumerate(rows.tolist())
                if (was := told.get(self._party(row))) is not None
                and was.state == Kind.ENTITLED
                and was.amount != _amount(amounts, at)
            ]
            yield from self._of_rule(Kind.CHANGED, version, item, rows[changed], told, {})

    def _rows(self, parties: Rows) -> Rows:
        return np.flatnonzero(np.isin(self.columns.party, parties))

    def _party(self, row: int) -> int:
        return int(self.columns.party[row])

    def _untold(self, rows: Rows, state: str, told: dict[int, Told]) -> Rows:
        """The rows whose last notice says another state."""
        if not told:
            return rows
        parties = self.columns.party[rows].tolist()
        news = [at for at, party in enumerate(parties) if (was := told.get(party)) is None or was.state != state]
        return rows[news]

    def _amounts(self, version: RuleVersion, rows: Rows) -> Sequence[float]:
        benefit = rules.parsed(version).benefit
        if benefit is None or not len(rows):
            return ()
        return Matcher(self.columns, self.dictionary).amounts(benefit, rows).tolist()

    def _of_rule(
        self,
        kind: Notice.Kind,
        version: RuleVersion,
        item: Item,
        rows: Rows,
        told: dict[int, Told],
        causes: dict[int, int],
    ) -> Iterator[notices.Draft]:
        if not len(rows):
            return
        read = rules.parsed(version)
        parts: list[Any] = [part for part in (read.condition, read.benefit) if part is not None]
        asked = [key for key in reads(parts, self.dictionary, self.columns.as_of) if self._there(self.columns, key)]
        common = json.dumps(_common(version, item, self.columns.as_of), ensure_ascii=False)[:-1]
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            facts = _facts(self.columns, asked, part)
            parties = self.columns.party[part]
            changed = self._changed(asked, part, causes)
            amounts = self._amounts(version, part) if kind != Kind.LOST else ()
            for at, party in enumerate(parties.tolist()):
                was = told.get(party)
                more = {"amount": _amount(amounts, at)}
                if was is not None and was.amount is not None:
                    more["was"] = was.amount
                if causes.get(party):
                    more["cause"] = Cause(causes[party]).label
                words = json.dumps(more)[1:-1]
                if party in changed:
                    words += f', "changed": [{changed[party]}]'
                yield notices.Draft(
                    party=party,
                    kind=kind,
                    key=f"{kind}:{version.rule_id}:{party}:{was.notice if was else 0}",
                    data=f'{common}, {words}, "facts": [{facts[at]}]}}',
                    version=version.pk,
                    run=self.made.pk,
                )

    def _changed(self, asked: Sequence[Any], rows: Rows, causes: dict[int, int]) -> dict[int, str]:
        """By party what the facts said before, [variable, year, value] each, where facts moved the verdict."""
        parties = self.columns.party[rows]
        moved = np.array([bool(causes.get(party, 0) & Cause.FACTS) for party in parties.tolist()], dtype=bool)
        if self.then is None or not moved.any():
            return {}
        rows, parties = rows[moved], parties[moved]
        places = np.searchsorted(self.then.party, parties)
        places[places == len(self.then.party)] = 0
        known = self.then.party[places] == parties
        rows, parties, places = rows[known], parties[known], places[known]
        found: dict[int, list[str]] = {}
        for key in asked:
            now = _fragments(self.columns, key, rows)
            then = _fragments(self.then, key, places) if self._there(self.then, key) else [""] * len(places)
            unknown = json.dumps([*key, None], ensure_ascii=False)
            for party, is_now, was in zip(parties.tolist(), now, then, strict=True):
                if is_now != was:
                    found.setdefault(party, []).append(was or unknown)
        return {party: ", ".join(each) for party, each in found.items()}

    @staticmethod
    def _there(columns: Columns, key: Any) -> bool:
        return columns.kind(column_name(*key)) is not None


def deadlines(run: Run, today: date) -> Iterator[notices.Draft]:
    """For items that close within the days of DEADLINES: everyone who is entitled or ready, once for each of the days.

    Of several days that have come at once the nearest is told.
    """
    teller = _Teller(None, run)
    for verdict in run.verdicts.select_related("version__rule", "run"):
        version = verdict.version
        item = teller.items.get(version.rule_id)
        if item is None or item.closes is None or item.closes < today or (item.opens and item.opens > today):
            continue
        days = (item.closes - today).days
        reached = min((limit for limit in DEADLINES if days <= limit), default=None)
        if reached is None:
            continue
        parties = np.concatenate([runs.member_ids(verdict, "true"), runs.member_ids(verdict, "ready")])
        about = f"deadline:{version.rule_id}:{item.closes}:{reached}:"
        told = Notice.objects.filter(key__startswith=about).values_list("party_id", flat=True)
        parties = np.setdiff1d(parties, np.array(list(told), dtype=np.int64))
        rows = _told(version, teller._rows(parties), teller.columns, teller.dictionary)
        for draft in teller._of_rule(Kind.DEADLINE, version, item, rows, {}, {}):
            yield replace(draft, key=f"{about}{draft.party}")


def _opened(run: Run | None) -> Columns | None:
    """The facts of the run before; without them news are told without what the facts said before."""
    try:
        return snapshots.open(run.snapshot) if run is not None else None
    except SnapshotError:
        return None


def _causes(moves: Sequence[Moved]) -> dict[int, int]:
    found: dict[int, int] = {}
    for moved in moves:
        found |= dict(zip(moved.parties.tolist(), moved.causes.tolist(), strict=True))
    return found


def _amount(amounts: Sequence[float], at: int) -> float | None:
    """元 to the fen; None for what cannot be worked out."""
    return None if not amounts or amounts[at] != amounts[at] else round(amounts[at], 2)


def _facts(columns: Columns, asked: Sequence[Any], rows: Rows) -> list[str]:
    """For each row the known facts as JSON, [variable, year, value] each, joined by commas."""
    found = [_fragments(columns, key, rows) for key in asked]
    if not found:
        return [""] * len(rows)
    return [", ".join(filter(None, each)) for each in zip(*found, strict=True)]


def _fragments(columns: Columns, key: Any, rows: Rows) -> list[str]:
    """The fact of one variable and year at the rows as JSON, empty where it is unknown."""
    column = columns.column(column_name(*key))
    assert column is not None
    start = json.dumps([*key], ensure_ascii=False)[:-1]
    texts: dict[Any, str] = {None: ""}
    made = []
    for value in _plain(column, rows):
        if isinstance(value, list):
            made.append(f"{start}, {json.dumps(value, ensure_ascii=False)}]")
            continue
        text = texts.get(value)
        # 1, 1.0 and true are one key of a dict.
        if text is None or isinstance(value, bool):
            text = texts[value] = f"{start}, {json.dumps(value, ensure_ascii=False)}]"
        made.append(text)
    return made


def _told(version: RuleVersion, rows: NDArray[np.int64], columns: Columns, dictionary: Dictionary) -> NDArray[np.int64]:
    """Whom a notice helps: nobody needs to be told that a title is within reach which they hold already."""
    if version.rule.kind != Rule.Kind.RECOGNITION:
        return rows
    grants = version.data.get("grants")
    held = columns.column(DESIGNATIONS)
    codes = dictionary.codelists.get(DESIGNATIONS)
    if not grants:
        return rows[:0]
    if not isinstance(held, Sets) or codes is None or grants not in codes:
        return rows
    return rows[~held.holds(codes.subtree(grants))[rows]]


def _plain(column: Column, rows: NDArray[np.int64]) -> list[Any]:
    """The values at the rows as JSON has them: numbers, ISO days, bools, codes, lists of codes or records; None =
    unknown."""
    if isinstance(column, RecordsColumn):
        held = [column.get(row) for row in rows.tolist()]
        return [None if isinstance(of, Unknown) else [records.plain(each) for each in of] for of in held]
    if isinstance(column, Sets):
        values = [column.get(row) for row in rows.tolist()]
        return [None if value is UNKNOWN else sorted(value) for value in values]
    picked = column.take(rows)
    if isinstance(picked, Codes):
        return [picked.categories[at] if at >= 0 else None for at in picked.values.tolist()]
    if isinstance(picked, Flags):
        return [None if value < 0 else bool(value) for value in picked.values.tolist()]
    if picked.kind == "date":
        days = picked.values
        shown = np.where(np.isnan(days), 0, days).astype("datetime64[D]").astype(str).tolist()
        return [None if unknown else day for day, unknown in zip(shown, np.isnan(days).tolist(), strict=True)]
    return [None if value != value else value for value in picked.values.tolist()]


def _common(version: RuleVersion, item: Item, as_of: date) -> dict[str, Any]:
    policy = item.policy
    return {
        "as_of": as_of.isoformat(),
        "rule": {"code": version.rule.code, "zh": version.rule.name, "en": version.rule.name_en},
        "item": item.pk,
        "policy": {
            "id": policy.pk,
            "code": policy.code,
            "zh": policy.title,
            "en": policy.title_en,
            "number": policy.number,
            "issuer": policy.issuer.name if policy.issuer else policy.issuer_name,
            "issued": policy.issued.isoformat() if policy.issued else None,
        },
        "benefit": (version.data.get("benefit") or {}).get("kind"),
        "closes": item.closes.isoformat() if item.closes else None,
    }
