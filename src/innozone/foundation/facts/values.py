"""The facts of one party: for rules as a subject, for people with their source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language

from innozone.foundation.facts import aggregates, dictionary, records
from innozone.foundation.facts.models import Dataset, Fact, Statement
from innozone.foundation.parties.models import Party
from innozone.kernel.rules import Subject
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value, Variable, format_number

Key = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as a page shows it.

    `display` is the value in the reader's language and everyday unit. `dataset` and `owner` name where it comes from
    (the owner's party id), `delivery` and `row` the place, empty for a value made from records, whose `origin` is the
    code of their dataset. `statements` counts everything ever said of it; `objection` is that which won, if one did.
    """

    variable: Variable
    year: int | None
    value: Value
    display: str
    dataset: str
    owner: str
    owner_id: int | None
    delivery: int | None
    row: int | None
    recorded_at: datetime
    statements: int
    conflicting: bool
    origin: str
    objection: int | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement of a fact's history: what a source said, where, when, and whether it is the one in force."""

    id: int
    value: Value
    display: str
    raw: str
    dataset: str
    owner: str
    delivery: int | None
    filename: str
    row: int | None
    recorded_at: datetime
    objection: int | None
    in_force: bool


def value_of(variable: Variable, number: Decimal | float | None, text: str | None) -> Value | Unknown:
    """A stored value as rules take it."""
    if variable.type == "bool":
        return UNKNOWN if number is None else bool(number)
    if variable.numeric:
        return UNKNOWN if number is None else Decimal(number).normalize() + 0
    if text is None:
        return UNKNOWN
    if variable.type == "date":
        return date.fromisoformat(text)
    return frozenset(json.loads(text)) if variable.type == "codes" else text


def display_of(known: Dictionary, variable: Variable, value: Value | Unknown, language: str | None = None) -> str:
    """A value as people read it: `1,200万元`, `5%`, `是`, the label of a code. "" for an unknown one."""
    language = language or get_language() or "zh-hans"
    chinese = language.startswith("zh")
    if value is UNKNOWN:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, Decimal | int | float):
        return (
            format_number(value, variable.unit, language)
            if variable.type != "number" or variable.unit
            else f"{value:f}"
        )
    if isinstance(value, date):
        return value.isoformat()
    codelist = known.codelist_of(variable)

    def label(code: str) -> str:
        return codelist.by_code[code].label.get(language) if codelist is not None and code in codelist else code

    if isinstance(value, frozenset):
        # That there is none is known: an empty text would say that nobody knows.
        return ("、" if chinese else ", ").join(sorted(map(label, value))) or ("无" if chinese else "none")
    assert isinstance(value, str)
    return label(value) if variable.type == "code" else value


def plain(value: Any) -> Any:
    """A value as JSON takes it: days in ISO 8601, sets of codes in order, records as mappings; None for an unknown one."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, Unknown):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple):
        return [{name: plain(cell) for name, cell in record} for record in value]
    return float(value)


def subject(party: Party | int, as_of: date | None = None) -> Subject:
    """The facts and records of a party for the rules on the day `as_of` (default: today). Three queries."""
    as_of = as_of or timezone.localdate()
    number = party if isinstance(party, int) else party.pk
    known = dictionary.current()
    values: dict[str, dict[int | None, Value | Unknown]] = {}

    def put(code: str, year: int, amount: Decimal | None, text: str | None) -> None:
        variable = known.get(code)
        if variable is not None:
            values.setdefault(code, {})[year or None] = value_of(variable, amount, text)

    made = {variable.code for variable in aggregates.aggregated(known)}
    for code, year, amount, text, statement in Fact.objects.filter(party=number).values_list(
        "variable", "year", "number", "text", "statement_id"
    ):
        if code not in made or statement is not None:
            put(code, year, amount, text)
    sql, params = aggregates.query(known, as_of, parties=[number])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for _, code, year, amount, text, _ in cursor.fetchall():
            # What an accepted objection says stands above what the records say.
            if (year or None) not in values.get(code, {}):
                put(code, year, amount, text)
    return Subject(known, values, as_of, records.of_party(known, number, as_of))


def views(party: Party | int, keys: Iterable[Key] | None = None) -> dict[Key, FactView]:
    """The facts of a party with their sources, by (variable, year or None). One query besides the dictionary's."""
    known = dictionary.current()
    rows = (
        Fact.objects.filter(party=party if isinstance(party, int) else party.pk)
        .select_related("statement__dataset__owner")
        # A contract is long and would be read again with every fact.
        .defer("statement__dataset__contract")
    )
    wanted = None if keys is None else set(keys)
    if wanted is not None:
        rows = rows.filter(variable__in={code for code, _ in wanted})
    origins: dict[str, Dataset] | None = None
    found: dict[Key, FactView] = {}
    for row in rows:
        variable, key = known.get(row.variable), (row.variable, row.year or None)
        if variable is None or (wanted is not None and key not in wanted):
            continue
        value = value_of(variable, row.number, row.text)
        if isinstance(value, Unknown):
            continue
        statement = row.statement
        dataset = statement.dataset if statement is not None else None
        if statement is None and row.origin:
            if origins is None:
                origins = {entry.code: entry for entry in Dataset.objects.select_related("owner").defer("contract")}
            dataset = origins.get(row.origin)
        found[key] = FactView(
            variable=variable,
            year=row.year or None,
            value=value,
            display=display_of(known, variable, value),
            dataset=_title(dataset),
            owner=_owner(dataset),
            owner_id=dataset.owner_id if dataset else None,
            delivery=statement.delivery_id if statement else None,
            row=statement.row if statement else None,
            recorded_at=row.recorded_at,
            statements=row.statements,
            conflicting=row.conflicting,
            origin=row.origin,
            objection=statement.objection_id if statement else None,
        )
    return found


def history(party: Party | int, variable: str, year: int | None = None) -> list[StatementView]:
    """Everything that sources said of one fact, the newest first, the one in force marked."""
    known = dictionary.current()
    term = known[variable]
    key = {"party": party if isinstance(party, int) else party.pk, "variable": variable, "year": year or 0}
    in_force = Fact.objects.filter(**key).values_list("statement_id", flat=True).first()
    rows = Statement.objects.filter(**key).select_related("dataset__owner", "delivery").order_by("-id")
    rows = rows.defer("dataset__contract", "delivery__notes")
    found = []
    for row in rows:
        value = value_of(term, row.number, row.text)
        if isinstance(value, Unknown):
            continue
        found.append(
            StatementView(
                id=row.pk,
                value=value,
                display=display_of(known, term, value),
                raw=row.raw,
                dataset=_title(row.dataset),
                owner=_owner(row.dataset),
                delivery=row.delivery_id,
                filename=row.delivery.filename if row.delivery else "",
                row=row.row,
                recorded_at=row.recorded_at,
                objection=row.objection_id,
                in_force=row.pk == in_force,
            )
        )
    return found


def _english() -> bool:
    return (get_language() or "zh").startswith("en")


def _title(dataset: Dataset | None) -> str:
    if dataset is None:
        return ""
    return (dataset.title_en or dataset.title) if _english() else dataset.title


def _owner(dataset: Dataset | None) -> str:
    if dataset is None:
        return ""
    return (dataset.owner.name_en or dataset.owner.name) if _english() else dataset.owner.name


def value_fields(value: Any) -> tuple[Decimal | None, str | None]:
    """Number and text under which a value is stored."""
    if isinstance(value, bool):
        return Decimal(int(value)), None
    if isinstance(value, Decimal):
        return value, None
    if isinstance(value, frozenset):
        return None, json.dumps(sorted(value), ensure_ascii=False)
    return None, value.isoformat() if isinstance(value, date) else str(value)
