"""Variables made from records: how many, how much, which codes, the newest, whether any. In SQL, for one day.

What it means that an enterprise has no record depends on the contract's coverage. `complete`: none exists, so a count
is 0, a sum 0, a set empty, `exists` false. `partial`: nobody knows, so there is no fact. Before the first delivery
nobody knows either, nor of an enterprise that a row put aside may speak of, until a person settles or dismisses the row
or a later delivery brings a record of that enterprise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db import connection

from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.models import Dataset
from innozone.kernel.packs import DatasetContract
from innozone.kernel.terms import Aggregate, Dictionary, Variable

# Yearly counts of a complete dataset are 0 for so many years back, the reference year included.
YEARS = 6


def aggregated(dictionary: Dictionary, datasets: Collection[str] | None = None) -> list[Variable]:
    """Variables made from records, of all datasets or of some."""
    return [
        variable
        for variable in dictionary
        if variable.aggregate is not None and (datasets is None or variable.aggregate.dataset in datasets)
    ]


def query(
    dictionary: Dictionary, as_of: date, *, datasets: Collection[str] | None = None, parties: list[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """SQL with its params that gives party, variable, year, number, text, origin (the dataset's code)."""
    params: dict[str, Any] = {"as_of": as_of, "parties": parties}
    groups: dict[tuple[str, bool], list[Variable]] = defaultdict(list)
    for variable in aggregated(dictionary, datasets):
        assert variable.aggregate is not None
        groups[variable.aggregate.dataset, variable.period == "year"].append(variable)
    known = {row.code: row for row in Dataset.objects.filter(code__in=[code for code, _ in groups])}
    parts = []
    for (code, yearly), variables in groups.items():
        if code in known:
            parts.append(_Group(dictionary, known[code], yearly, variables, params, parties is not None).sql())
    empty = (
        "select null::bigint as party, null::text as variable, null::int as year, null::numeric as number, "
        "null::text as text, null::text as origin where false"
    )
    return " union all ".join(parts) if parts else empty, params


def in_doubt(dataset: str) -> str:
    """SQL that gives the parties (column `party`) of whom a row put aside may speak. `dataset`: a placeholder."""
    return (
        "select distinct x.party from facts_rejectedrow w "
        "join facts_delivery d on d.id = w.delivery_id, unnest(w.parties) as x(party) "
        f"where d.dataset_id = {dataset} and w.settled_at is null and not exists (select 1 from facts_record r "
        f"where r.dataset_id = {dataset} and r.party_id = x.party and r.delivery_id > w.delivery_id)"
    )


class _Group:
    """The aggregates of one dataset in one pass over its records."""

    def __init__(
        self,
        dictionary: Dictionary,
        dataset: Dataset,
        yearly: bool,
        variables: list[Variable],
        params: dict[str, Any],
        some: bool,
    ) -> None:
        self.dictionary, self.dataset, self.yearly, self.params, self.some = dictionary, dataset, yearly, params, some
        self.contract: DatasetContract = contract_of(dataset)
        self.variables = [entry for entry in variables if self._fits(entry)]

    def _fits(self, variable: Variable) -> bool:
        assert variable.aggregate is not None
        of = variable.aggregate.of
        return of is None or self.contract.field(of) is not None

    def _bind(self, value: Any) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def _cell(self, field: str, kind: str) -> str:
        return f"r.data->>{self._bind(field)}" if kind == "text" else f"(r.data->>{self._bind(field)})::{kind}"

    def _filter(self, aggregate: Aggregate) -> str:
        parts = ["(r.date is null or r.date <= %(as_of)s)"]
        for name, values in aggregate.where.items():
            field = self.contract.field(name)
            codelist = self.dictionary.codelists.get(field.codelist) if field and field.codelist else None
            wanted = set(values)
            if codelist is not None:
                # A designation counts under the one above it, as it does in rules.
                wanted |= codelist.subtree(*(value for value in values if value in codelist))
            if field is not None and field.type == "codes":
                parts.append(f"r.data->{self._bind(name)} ?| {self._bind(sorted(wanted))}::text[]")
            else:
                parts.append(f"r.data->>{self._bind(name)} = any({self._bind(sorted(wanted))}::text[])")
        if aggregate.valid:
            parts.append("(r.valid_from is null or r.valid_from <= %(as_of)s)")
            parts.append("(r.valid_to is null or r.valid_to >= %(as_of)s)")
        if aggregate.within_years is not None:
            since = self._bind(aggregate.within_years)
            parts.append(f"r.date > (%(as_of)s::date - make_interval(years => {since}))::date")
        return " and ".join(parts)

    def _column(self, at: int, variable: Variable) -> tuple[str, str, str]:
        """The aggregate of the inner select, and number and text of the fact made from it."""
        aggregate = variable.aggregate
        assert aggregate is not None
        chosen = self._filter(aggregate)
        zero = f"case when known then coalesce(a{at}, 0) else nullif(a{at}, 0) end"
        if aggregate.function == "count":
            return f"count(*) filter (where {chosen})", zero, "null"
        if aggregate.function == "exists":
            return f"max(case when {chosen} then 1 else 0 end)", zero, "null"
        field = self.contract.field(aggregate.of or "")
        assert field is not None
        assert aggregate.of is not None
        if aggregate.function == "sum":
            # A sum over records of which one has no amount is not known.
            cell = self._cell(aggregate.of, "numeric")
            inner = (
                f"case when count(*) filter (where {chosen}) = count({cell}) filter (where {chosen}) "
                f"then coalesce(sum({cell}) filter (where {chosen}), 0) else 'NaN'::numeric end"
            )
            return inner, f"nullif({zero}, 'NaN'::numeric)", "null"
        if aggregate.function == "codes":
            cell = self._cell(aggregate.of, "text")
            if field.type == "codes":
                inner = f"jsonb_agg(r.data->{self._bind(aggregate.of)}) filter (where {chosen} and {cell} is not null)"
                flat = (
                    f"(select jsonb_agg(distinct code order by code)::text from jsonb_array_elements(a{at}) as s(codes), "
                    f"jsonb_array_elements_text(s.codes) as c(code))"
                )
            else:
                inner = f"jsonb_agg(distinct {cell}) filter (where {chosen} and {cell} is not null)"
                flat = f"(select jsonb_agg(code order by code)::text from jsonb_array_elements_text(a{at}) as c(code))"
            return inner, "null", f"case when a{at} is null then case when known then '[]' end else {flat} end"
        cell = self._cell(aggregate.of, "text")
        inner = f"(array_agg({cell} order by r.date desc nulls last, r.id desc) filter (where {chosen} and {cell} is not null))[1]"
        if variable.type == "bool":
            return inner, f"case a{at} when 'true' then 1 when 'false' then 0 end", "null"
        return (inner, f"a{at}::numeric", "null") if variable.numeric else (inner, "null", f"a{at}")

    def sql(self) -> str:
        columns = [self._column(at, variable) for at, variable in enumerate(self.variables)]
        inner = ", ".join(f"{column[0]} as a{at}" for at, column in enumerate(columns))
        made = ", ".join(
            f"({self._bind(variable.code)}::text, ({number})::numeric, ({text})::text)"
            for variable, (_, number, text) in zip(self.variables, columns, strict=True)
        )
        if not columns:
            return "select null::bigint, null::text, null::int, null::numeric, null::text, null::text where false"
        dataset = self._bind(self.dataset.pk)
        mine = "and r.party_id = any(%(parties)s)" if self.some else ""
        year = "extract(year from r.date)::int" if self.yearly else "0"
        dated = "and r.date is not null" if self.yearly else ""
        records = (
            f"select r.party_id as party, {year} as year, {inner} from facts_record r "
            f"where r.dataset_id = {dataset} and r.superseded_at is null {mine} {dated} group by 1, 2"
        )
        if self.contract.coverage == "complete":
            only = "and p.id = any(%(parties)s)" if self.some else ""
            years = (
                f"generate_series(extract(year from %(as_of)s::date)::int - {YEARS - 1}, "
                "extract(year from %(as_of)s::date)::int)"
                if self.yearly
                else "generate_series(0, 0)"
            )
            kept = ", ".join(f"a{at}" for at in range(len(columns)))
            records = (
                f"select coalesce(g.party, p.id) as party, coalesce(g.year, y.year) as year, {kept}, "
                f"t.taken and h.party is null as known "
                f"from (select id from parties_party p where p.kind = 'enterprise' and p.redirect_id is null {only}) p "
                f"cross join {years} as y(year) full join ({records}) g on g.party = p.id and g.year = y.year "
                f"cross join (select exists (select 1 from facts_delivery d where d.dataset_id = {dataset} "
                f"and d.status = 'taken') as taken) t "
                f"left join ({in_doubt(dataset)}) h "
                f"on h.party = coalesce(g.party, p.id)"
            )
        else:
            records = f"select g.*, false as known from ({records}) g"
        return (
            f"select b.party, v.variable, b.year, v.number, v.text, {self._bind(self.dataset.code)}::text as origin "
            f"from ({records}) b cross join lateral (values {made}) as v(variable, number, text) "
            "where v.number is not null or v.text is not null"
        )


def refresh(
    dictionary: Dictionary,
    as_of: date,
    *,
    datasets: Collection[str] | None = None,
    parties: Iterable[int] | None = None,
) -> set[int]:
    """Write the facts made from records for a day; the parties whose values changed.

    An accepted objection to such a fact stands until the next delivery of its dataset.
    """
    chosen = None if parties is None else list(parties)
    sql, params = query(dictionary, as_of, datasets=datasets, parties=chosen)
    codes = [variable.code for variable in aggregated(dictionary, datasets)]
    mine = "" if chosen is None else "and f.party_id = any(%(parties)s)"
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists intake_made")
        cursor.execute(f"create temporary table intake_made on commit drop as {sql}", params)
        _apply_objections(cursor, dictionary, codes, chosen)
        cursor.execute("analyze intake_made (party, variable, year)")
        cursor.execute("drop table if exists intake_changed")
        # Most of what is counted again is as it was: only the rest is written.
        cursor.execute(
            "create temporary table intake_changed on commit drop as select m.* from intake_made m "
            "left join facts_fact f on f.party_id = m.party and f.variable = m.variable and f.year = m.year "
            "where f.id is null or (f.number, f.text, f.statement_id, f.origin) "
            "is distinct from (m.number, m.text, m.statement, m.origin)"
        )
        cursor.execute(
            "with gone as (delete from facts_fact f where f.variable = any(%(codes)s) "
            f"{mine} and not exists (select 1 from intake_made m where m.party = f.party_id "
            "and m.variable = f.variable and m.year = f.year) returning f.party_id) "
            "select party_id from gone union select party from intake_changed",
            {"codes": codes, "parties": chosen},
        )
        changed = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "insert into facts_fact "
            "(party_id, variable, year, number, text, statement_id, origin, statements, conflicting, recorded_at) "
            "select party, variable, year, number, text, statement, origin, 1, false, now() from intake_changed "
            "on conflict (party_id, variable, year) do update set number = excluded.number, text = excluded.text, "
            "statement_id = excluded.statement_id, origin = excluded.origin, statements = 1, conflicting = false, "
            "recorded_at = excluded.recorded_at"
        )
    return changed


# Statements of accepted objections that no newer delivery of the dataset has overtaken.
_OBJECTIONS = """
with live as (
    select distinct on (s.party_id, s.variable, s.year)
        s.party_id as party, s.variable, s.year, s.number, s.text, s.id as statement
    from facts_statement s
    join unnest(%(codes)s::text[], %(datasets)s::text[]) as v(variable, dataset) on v.variable = s.variable
    where s.objection_id is not null and (%(parties)s::bigint[] is null or s.party_id = any(%(parties)s))
        and not exists (
            select 1 from facts_delivery d join facts_dataset t on t.id = d.dataset_id
            where t.code = v.dataset and d.status = 'taken' and d.received_at > s.recorded_at
        )
    order by s.party_id, s.variable, s.year, s.id desc
),
gone as (
    delete from intake_made m using live l
    where m.party = l.party and m.variable = l.variable and m.year = l.year
)
insert into intake_made (party, variable, year, number, text, origin, statement)
select party, variable, year, number, text, '', statement from live
"""


def _apply_objections(cursor: Any, dictionary: Dictionary, codes: list[str], parties: list[int] | None) -> None:
    cursor.execute("alter table intake_made add column statement bigint")
    datasets = [dictionary[code].aggregate.dataset for code in codes]  # type: ignore[union-attr]
    cursor.execute(_OBJECTIONS, {"codes": codes, "datasets": datasets, "parties": parties})
