"""Rows on their way in: a temporary table, from which statements and records are made in whole sets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from innozone.foundation.facts.cells import Stored, escape
from innozone.foundation.facts.check import Checked
from innozone.foundation.facts.linking import Link
from innozone.foundation.facts.problems import Problem, problem, shorten
from innozone.foundation.parties.names import name_key
from innozone.kernel.packs import DatasetContract
from innozone.kernel.terms import Dictionary

# Stands beside the variables in the stage of a registry: two rows of one file may not name one enterprise differently.
_NAME = "$name"
_LARGE = 5_000
# Several former names in one cell.
_NAMES = re.compile(r"[;；、|]")


class Stage:
    """Good rows of one delivery. Make it inside the transaction that takes the delivery."""

    def __init__(self, contract: DatasetContract, dictionary: Dictionary) -> None:
        self.contract = contract
        self.attributes = contract.kind == "attributes"
        self._yearly = {
            name for name in contract.variables if (known := dictionary.get(name)) and known.period == "year"
        }
        self._titles = {entry.name: entry.column for entry in contract.fields}
        # A record is known by its enterprise and its key: two firms hold one designation, or one patent together.
        # Where the contract says that the key is unique, it alone is the record (error), or a record that a newer
        # delivery gives to another enterprise has moved there (warning).
        unique = [
            rule.severity
            for rule in contract.quality
            if rule.rule == "unique" and contract.key and set(rule.columns) == set(contract.key)
        ]
        self._alone, self._moves = "error" in unique, "warning" in unique
        columns = (
            "row int, party bigint, variable text, year smallint, said smallint, "
            "number numeric, text text, raw text, grain numeric"
            if self.attributes
            else "row int, party bigint, key text, data jsonb, date date, valid_from date, valid_to date"
        )
        # What the file says twice is rare: only of these is asked whether it says the same.
        self._seen: set[Any] = set()
        self._twins: set[Any] = set()
        self._parties: set[int] = set()
        self._former: list[tuple[int, int, str]] = []
        # Parties that got facts of which nothing had been said before, and whether there are others.
        self.fresh: set[int] = set()
        self.spoken_before = False
        self.large = False
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists intake_stage")
            cursor.execute(f"create temporary table intake_stage ({columns}) on commit drop")

    def add(self, checked: Checked, links: list[Link]) -> None:
        """COPY the rows that are good and linked."""
        good = [
            (at, link.party) for at, link in enumerate(links) if link.party is not None and at not in checked.problems
        ]
        lines = self._statements(checked, good) if self.attributes else self._records(checked, good)
        self.large = self.large or len(lines) > _LARGE
        with connection.cursor() as cursor, cursor.copy("copy intake_stage from stdin") as copy:
            for start in range(0, len(lines), 5_000):
                copy.write("".join(lines[start : start + 5_000]))

    def _statements(self, checked: Checked, good: list[tuple[int, int]]) -> list[str]:
        lines = []
        numbers, years = checked.numbers, checked.years
        for at, party in good:
            self._see((party, years[at]), party)
        for variable, column in checked.values.items():
            yearly = variable in self._yearly
            for at, party in good:
                held = column[at]
                if held is not None:
                    said = years[at]
                    lines.append(
                        f"{numbers[at]}\t{party}\t{variable}\t{said if yearly else 0}\t{said}\t{held.copied}\n"
                    )
        if self.contract.creates:
            for at, party in good:
                name = checked.names[at]
                if name:
                    text = escape(name)
                    lines.append(f"{numbers[at]}\t{party}\t{_NAME}\t0\t0\t\\N\t{text}\t{text}\t\\N\n")
                names = (part.strip() for part in _NAMES.split(checked.former_names[at]))
                self._former.extend((numbers[at], party, part) for part in names if len(part) > 1)
        return lines

    def _see(self, mark: Any, party: int) -> None:
        if mark in self._seen:
            self._twins.add(mark)
        else:
            self._seen.add(mark)
        self._parties.add(party)

    def _records(self, checked: Checked, good: list[tuple[int, int]]) -> list[str]:
        validity = self.contract.validity
        # The order of COPY's columns: date, valid_from, valid_to.
        days = [checked.values.get(name or "") for name in (validity.date, validity.valid_from, validity.valid_to)]
        keys = [checked.values[name] for name in self.contract.key if name in checked.values]
        lines = []
        for at, party in good:
            data = {name: held.plain for name, column in checked.values.items() if (held := column[at]) is not None}
            key = "|".join(_key_text(column[at]) for column in keys)
            key = shorten(key, 180) if self._alone else f"{party}|{shorten(key, 180)}"
            self._see(key, party)
            dates = "\t".join(
                held.text or "\\N" if column is not None and (held := column[at]) is not None else "\\N"
                for column in days
            )
            text = escape(json.dumps(data, ensure_ascii=False, sort_keys=True))
            lines.append(f"{checked.numbers[at]}\t{party}\t{escape(key)}\t{text}\t{dates}\n")
        return lines

    def contradictions(self) -> dict[int, list[Problem]]:
        """Rows of the file that say different things of the same, with the other rows' numbers; all of them go."""
        if not self._twins:
            return {}
        group = "party, variable, said" if self.attributes else "key"
        values = (
            "min(number) is distinct from max(number) or min(text) is distinct from max(text)"
            if self.attributes
            else "min(data::text) <> max(data::text) or min(party) <> max(party)"
        )
        shown = "variable, raw" if self.attributes else "key, data::text"
        mine, marks = self._among_twins()
        with connection.cursor() as cursor:
            cursor.execute(
                f"with twins as (select * from intake_stage where {mine}), "
                f"odd as (select {group} from twins group by {group} having {values}) "
                f"select dense_rank() over (order by {group}), row, party, {shown} "
                f"from twins join odd using ({group}) order by 1, 2",
                [marks],
            )
            found: dict[int, list[tuple[int, int, str, str]]] = {}
            for number, row, party, what, said in cursor.fetchall():
                found.setdefault(number, []).append((row, party, what, said))
        problems: dict[int, list[Problem]] = {}
        for entries in found.values():
            for at, (row, _, what, said) in enumerate(entries):
                if len(problems.get(row, ())) >= 5:
                    continue
                others = [entry for entry in entries[:at][-3:] + entries[at + 1 :][:3] if entry[0] != row]
                differing = next((entry for entry in others if entry[3] != said), entries[at - 1])
                if self.attributes:
                    column = self._titles.get(what, "") if what != _NAME else self._name_title()
                    own, other = said, differing[3]
                else:
                    column, own, other = self._difference(said, differing[3])
                rows = "、".join(str(entry[0]) for entry in others)
                problems.setdefault(row, []).append(
                    problem("contradiction", column=column, value=own, rows=rows, other=shorten(other))
                )
        return problems

    def _name_title(self) -> str:
        return self.contract.subject.name.column if self.contract.subject.name else ""

    def _difference(self, own: str, other: str) -> tuple[str, str, str]:
        a, b = json.loads(own), json.loads(other)
        for name, title in self._titles.items():
            if a.get(name) != b.get(name):
                return title, str(a.get(name, "")), str(b.get(name, ""))
        return self._name_title(), "", self._name_title()

    def _among_twins(self) -> tuple[str, list[Any]]:
        """The condition that picks rows of which the file has another, and its parameter."""
        if self.attributes:
            return "party = any(%s)", list({party for party, _ in self._twins})
        return "key = any(%s)", list(self._twins)

    def repeated(self) -> int:
        """How many rows say only what rows above them say."""
        if not self._twins:
            return 0
        group = "party, variable, said" if self.attributes else "key"
        mine, marks = self._among_twins()
        with connection.cursor() as cursor:
            cursor.execute(
                f"select count(*) from (select 1 from (select row, row_number() over (partition by {group} order by row) "
                f"as place from intake_stage where {mine}) t group by row having min(place) > 1) u",
                [marks],
            )
            return int(cursor.fetchone()[0])

    def drop(self, rows: Iterable[int]) -> dict[int, int]:
        """Takes rows out again; the party of each."""
        with connection.cursor() as cursor:
            cursor.execute(
                "with gone as (delete from intake_stage where row = any(%s) returning row, party) "
                "select distinct row, party from gone",
                [list(rows)],
            )
            return dict(cursor.fetchall())

    def store(self, dataset: int, delivery: int, now: datetime) -> int:
        """Statements or records of what is staged. Gives the number of rows taken.

        Facts of which nothing had been said before are made along the way; `fresh` holds their parties. The keys of the
        others stand in the temporary table `intake_keys` when `spoken_before` is set.
        """
        params = {"dataset": dataset, "delivery": delivery, "now": now, "name": _NAME}
        with connection.cursor() as cursor:
            cursor.execute("analyze intake_stage (row)")
            cursor.execute("select count(distinct row) from intake_stage")
            taken = int(cursor.fetchone()[0])
            if not self.attributes:
                if self._moves:
                    cursor.execute(_MOVE, params)
                cursor.execute(_CHANGED, params)
                cursor.execute(_SUPERSEDE, params)
                cursor.execute(_RECORDS, params)
                return taken
            if self.contract.creates:
                _rename(cursor)
                _remember(cursor, self._former)
                cursor.execute("delete from intake_stage where variable = %(name)s", params)
            cursor.execute("drop table if exists intake_keys")
            cursor.execute(_KEYS)
            self.spoken_before = cursor.rowcount > 0
            cursor.execute("analyze intake_keys")
            # One row for each enterprise: nothing needs sorting.
            once = len(self._parties) == len(self._seen) and not self._twins
            cursor.execute(_STATEMENTS.format(*(("", "") if once else (_ONCE, _LATEST))), params)
            self.fresh = {row[0] for row in cursor.fetchall()}
            return taken

    def touched(self, dataset: int, now: datetime) -> set[int]:
        """The parties of the staged rows, and those whose records these rows have taken away."""
        if self.attributes:
            return set(self._parties)
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct party_id from facts_record where dataset_id = %s and superseded_at = %s",
                [dataset, now],
            )
            return self._parties | {row[0] for row in cursor.fetchall()}


def _key_text(held: Stored | None) -> str:
    return "" if held is None else (held.text if held.text is not None else held.number or "")


def _rename(cursor: Any) -> None:
    """The registry's names become the current ones; the names before them become former names."""
    cursor.execute(
        "create temporary table intake_names on commit drop as select distinct on (s.party) s.party, s.text as name, "
        "p.name as old from intake_stage s join parties_party p on p.id = s.party "
        "where s.variable = %s and s.text <> p.name order by s.party, s.row",
        [_NAME],
    )
    cursor.execute("select party, name from intake_names")
    renamed = cursor.fetchall()
    if renamed:
        cursor.execute(
            "update parties_partyname n set kind = 'former' from intake_names i "
            "where n.party_id = i.party and n.kind = 'current'"
        )
        cursor.execute(
            "insert into parties_partyname (party_id, name, key, kind, recorded_at) select p, n, k, 'current', now() "
            "from unnest(%s::bigint[], %s::text[], %s::text[]) as t(p, n, k) "
            "on conflict (party_id, key) do update set kind = 'current', name = excluded.name",
            [[row[0] for row in renamed], [row[1] for row in renamed], [name_key(row[1]) for row in renamed]],
        )
        cursor.execute("update parties_party p set name = i.name from intake_names i where p.id = i.party")
    cursor.execute("drop table intake_names")


def _remember(cursor: Any, former: list[tuple[int, int, str]]) -> None:
    """Former names that the registry gives, of rows that were not put aside."""
    if not former:
        return
    rows, parties, names = (list(column) for column in zip(*former, strict=True))
    cursor.execute(
        "insert into parties_partyname (party_id, name, key, kind, recorded_at) select p, n, k, 'former', now() "
        "from unnest(%s::int[], %s::bigint[], %s::text[], %s::text[]) as t(r, p, n, k) "
        "where k <> '' and exists (select 1 from intake_stage s where s.row = t.r) "
        "on conflict (party_id, key) do nothing",
        [rows, parties, names, [name_key(name) for name in names]],
    )


_KEYS = """
create temporary table intake_keys on commit drop as
select distinct s.party, s.variable, s.year
from intake_stage s join facts_fact f on f.party_id = s.party and f.variable = s.variable and f.year = s.year
"""

# Of rows that repeat each other the first is kept; of a variable without period that of the latest year.
_ONCE, _LATEST = "distinct on (party, variable, year)", "order by party, variable, year, said desc, row"
_STATEMENTS = """
with said as (
    insert into facts_statement
        (party_id, variable, year, period, number, text, raw, grain, dataset_id, delivery_id, row, objection_id, recorded_at)
    select {}
        party, variable, year, said, number, text, raw, grain, %(dataset)s, %(delivery)s, row, null, %(now)s
    from intake_stage {}
    returning id, party_id, variable, year, number, text, recorded_at
),
made as (
    insert into facts_fact
        (party_id, variable, year, number, text, statement_id, origin, statements, conflicting, recorded_at)
    select party_id, variable, year, number, text, id, '', 1, false, recorded_at from said s
    where not exists (
        select 1 from intake_keys k where k.party = s.party_id and k.variable = s.variable and k.year = s.year
    )
    returning party_id
)
select distinct party_id from made
"""

# Records that this delivery gives to other enterprises only.
_MOVE = """
update facts_record r set superseded_at = %(now)s
where r.dataset_id = %(dataset)s and r.superseded_at is null and r.delivery_id < %(delivery)s
    and substring(r.key from position('|' in r.key) + 1) in (
        select substring(s.key from position('|' in s.key) + 1) from intake_stage s
    )
    and not exists (select 1 from intake_stage s where s.key = r.key)
"""

# What the stage changes: unchanged records stay as they are, with the delivery that first said so.
_CHANGED = """
delete from intake_stage s using facts_record r
where r.dataset_id = %(dataset)s and r.key = s.key and r.superseded_at is null
    and r.data = s.data and r.party_id = s.party
"""

_SUPERSEDE = """
update facts_record r set superseded_at = %(now)s from intake_stage s
where r.dataset_id = %(dataset)s and r.key = s.key and r.superseded_at is null and r.delivery_id <= %(delivery)s
"""

# A record that a newer delivery has replaced already (a late row of an older file) comes in as history.
_RECORDS = """
insert into facts_record
    (party_id, dataset_id, key, data, date, valid_from, valid_to, delivery_id, row, recorded_at, superseded_at)
select distinct on (s.key)
    s.party, %(dataset)s, s.key, s.data, s.date, s.valid_from, s.valid_to, %(delivery)s, s.row, %(now)s,
    case when exists (
        select 1 from facts_record r where r.dataset_id = %(dataset)s and r.key = s.key and r.superseded_at is null
    ) then %(now)s::timestamptz end
from intake_stage s
order by s.key, s.row
"""
