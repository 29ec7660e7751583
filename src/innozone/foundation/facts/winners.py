"""Which statement is in force, by the declared precedence of sources, and where sources disagree.

Of each dataset only its newest statement of a key (party, variable, year) counts: that of the latest year the rows speak
of, then that of the newest delivery. Older ones stay as history.

1. An accepted objection wins over all, until a delivery of the best-ranked dataset that speaks of the key arrives after
   the decision: from then on that dataset has confirmed or corrected itself, and the objection is history.
2. Then the order of the variable's `precedence`; datasets that it does not name stand behind it, equal to each other.
3. Then the newest delivery, then the newest statement.

`conflicting` is set when a current statement of another source differs from the winner: numbers by more than half of
the coarser of the two last printed digits (and by more than one part in a million), texts after folding of width, case
and blanks, codes unless one stands above the other in the code list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from innozone.foundation.facts.models import Dataset
from innozone.kernel.terms import Dictionary

Key = tuple[int, str, int]


def recompute_staged(dictionary: Dictionary) -> set[int]:
    """Facts of the keys in `intake_keys`, as the stage has left it; the parties whose values changed."""
    with connection.cursor() as cursor:
        return _recompute(cursor, dictionary)


def recompute(dictionary: Dictionary, keys: Iterable[Key]) -> set[int]:
    """Facts of some keys; the parties whose values changed."""
    columns: list[list[Any]] = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists intake_keys")
        cursor.execute(
            "create temporary table intake_keys on commit drop as select distinct * from "
            "unnest(%s::bigint[], %s::text[], %s::smallint[]) as t(party, variable, year)",
            columns,
        )
        cursor.execute("analyze intake_keys")
        return _recompute(cursor, dictionary)


def _recompute(cursor: Any, dictionary: Dictionary) -> set[int]:
    cursor.execute("select distinct variable from intake_keys")
    touched = [row[0] for row in cursor.fetchall()]
    known = [dictionary[code] for code in touched if code in dictionary]
    datasets = dict(Dataset.objects.values_list("code", "id"))
    ranks = [
        (variable.code, datasets[code], rank)
        for variable in known
        for rank, code in enumerate(variable.precedence)
        if code in datasets
    ]
    cursor.execute("drop table if exists intake_live, intake_agree, intake_won")
    cursor.execute(_LIVE, [list(column) for column in zip(*ranks, strict=True)] or [[], [], []])
    cursor.execute("analyze intake_live (party)")
    _agreements(cursor, dictionary, touched)
    folded = [variable.code for variable in known if variable.type == "text"]
    cursor.execute(_WON, {"folded": folded})
    cursor.execute("analyze intake_won (party)")
    cursor.execute(_CHANGED)
    changed = {row[0] for row in cursor.fetchall()}
    cursor.execute(_UPSERT)
    return changed


def _agreements(cursor: Any, dictionary: Dictionary, touched: list[str]) -> None:
    """Pairs of codes of which one stands above the other: the same said more exactly is no conflict."""
    cursor.execute("create temporary table intake_agree (variable text, a text, b text) on commit drop")
    lists = {
        code: codelist
        for code in touched
        if (variable := dictionary.get(code)) is not None
        and variable.type == "code"
        and (codelist := dictionary.codelist_of(variable)) is not None
    }
    if not lists:
        return
    cursor.execute(
        "select distinct l.variable, l.text, m.text from intake_live l join intake_live m using (party, variable, year) "
        "where l.variable = any(%s) and l.sources > 1 and l.text <> m.text",
        [list(lists)],
    )
    pairs = [
        row for row in cursor.fetchall() if lists[row[0]].within(row[1], row[2]) or lists[row[0]].within(row[2], row[1])
    ]
    if pairs:
        cursor.execute(
            "insert into intake_agree select * from unnest(%s::text[], %s::text[], %s::text[])",
            [list(column) for column in zip(*pairs, strict=True)],
        )


# The newest statement of every source for the touched keys, without objections that are history.
_LIVE = """
create temporary table intake_live on commit drop as
with precedence as (
    select * from unnest(%s::text[], %s::bigint[], %s::int[]) as t(variable, dataset_id, rank)
),
current as (
    select distinct on (party, variable, year, dataset_id) * from (
        select s.id, k.party, k.variable, k.year, s.period, s.number, s.text, s.grain, s.dataset_id, s.delivery_id,
            s.objection_id, s.recorded_at, count(*) over (partition by k.party, k.variable, k.year) as statements
        from intake_keys k
        join facts_statement s on s.party_id = k.party and s.variable = k.variable and s.year = k.year
    ) every
    order by party, variable, year, dataset_id, period desc, delivery_id desc, id desc
),
ranked as (
    select c.*, coalesce(p.rank, 32767) as rank, d.received_at,
        min(coalesce(p.rank, 32767)) filter (where c.objection_id is null)
            over (partition by c.party, c.variable, c.year) as top
    from current c
    left join precedence p on p.variable = c.variable and p.dataset_id = c.dataset_id
    left join facts_delivery d on d.id = c.delivery_id
),
dated as (
    select r.*, max(received_at) filter (where rank = top and objection_id is null)
        over (partition by party, variable, year) as spoken_at
    from ranked r
)
select *, count(*) over (partition by party, variable, year) as sources from dated
where objection_id is null or spoken_at is null or spoken_at <= recorded_at
"""

_WON = """
create temporary table intake_won on commit drop as
with winner as (
    select distinct on (party, variable, year) * from intake_live
    order by party, variable, year, objection_id is null, rank, delivery_id desc, id desc
),
disagreed as (
    select distinct w.party, w.variable, w.year
    from winner w join intake_live o using (party, variable, year)
    where w.sources > 1 and o.id <> w.id and (
        (
            w.number is not null and o.number is not null and w.number <> o.number
            and abs(w.number - o.number) > greatest(coalesce(w.grain, 0), coalesce(o.grain, 0)) / 2
            and abs(w.number - o.number) > 1e-6 * greatest(abs(w.number), abs(o.number))
        ) or (
            w.text is not null and o.text is not null and w.text <> o.text
            and not (
                w.variable = any(%(folded)s)
                and upper(regexp_replace(normalize(w.text, NFKC), '\\s', '', 'g'))
                    = upper(regexp_replace(normalize(o.text, NFKC), '\\s', '', 'g'))
            )
            and not exists (
                select 1 from intake_agree a where a.variable = w.variable and a.a = w.text and a.b = o.text
            )
        )
    )
)
select w.*, d.party is not null as conflicting from winner w left join disagreed d using (party, variable, year)
"""

_CHANGED = """
select distinct w.party from intake_won w
left join facts_fact f on f.party_id = w.party and f.variable = w.variable and f.year = w.year
where f.id is null or f.number is distinct from w.number or f.text is distinct from w.text
"""

_UPSERT = """
insert into facts_fact
    (party_id, variable, year, number, text, statement_id, origin, statements, conflicting, recorded_at)
select party, variable, year, number, text, id, '', least(statements, 32767), conflicting, recorded_at from intake_won
on conflict (party_id, variable, year) do update set
    number = excluded.number, text = excluded.text, statement_id = excluded.statement_id, origin = '',
    statements = excluded.statements, conflicting = excluded.conflicting, recorded_at = excluded.recorded_at
where (facts_fact.statement_id, facts_fact.statements, facts_fact.conflicting)
    is distinct from (excluded.statement_id, excluded.statements, excluded.conflicting)
"""
