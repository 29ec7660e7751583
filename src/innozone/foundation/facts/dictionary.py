"""The data dictionary in force: the newest zone pack, with official code tables in place of its lists."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils import timezone

from innozone.foundation.facts.models import Code as CodeRow
from innozone.foundation.facts.models import CodeTable, PackLoad
from innozone.foundation.facts.plain import from_data, to_data
from innozone.kernel.terms import Code, CodeList, Dictionary, Label, RecordType, Variable

_lock = threading.Lock()
_kept: tuple[Any, Dictionary] | None = None


class NoPack(RuntimeError):
    """No zone pack has been loaded yet."""


def current() -> Dictionary:
    """The dictionary in force today; kept in memory until a pack or a code table is loaded. One query.

    Raises NoPack before the first pack is loaded.
    """
    global _kept
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select max(id) from facts_packload), array(select distinct on (list) id from facts_codetable "
            "where valid_from <= %s order by list, valid_from desc, id desc)",
            [timezone.localdate()],
        )
        pack, tables = cursor.fetchone()
    if pack is None:
        raise NoPack("no zone pack is loaded: run `innozone up`, which loads the pack of the zone")
    # The database is part of the key: tests and commands may change it within one process.
    key = (connection.settings_dict["NAME"], pack, tuple(tables))
    with _lock:
        if _kept is not None and _kept[0] == key:
            return _kept[1]
    dictionary = _build(PackLoad.objects.get(pk=pack).data, tables)
    with _lock:
        _kept = (key, dictionary)
    return dictionary


def forget() -> None:
    """Drop what is kept in memory (a rolled-back load leaves ids that will be given again)."""
    global _kept
    with _lock:
        _kept = None


def dictionary_data(dictionary: Dictionary) -> dict[str, Any]:
    """What PackLoad.data holds to rebuild the dictionary."""
    return {
        "variables": [to_data(variable) for variable in dictionary],
        "codelists": [to_data(codelist) for codelist in dictionary.codelists.values()],
        "records": [to_data(kind) for kind in dictionary.records.values()],
    }


def _build(data: dict[str, Any], tables: list[int]) -> Dictionary:
    variables = [from_data(Variable, entry) for entry in data["variables"]]
    codelists = {entry["code"]: from_data(CodeList, entry) for entry in data["codelists"]}
    for table in CodeTable.objects.filter(pk__in=tables):
        codelists[table.list] = _official(table, codelists.get(table.list))
    # Packs loaded by older releases hold no kinds of records.
    records = {entry["code"]: from_data(RecordType, entry) for entry in data.get("records", ())}
    return Dictionary({variable.code: variable for variable in variables}, codelists, records)


def _official(table: CodeTable, packed: CodeList | None) -> CodeList:
    """The list of an official table. What the pack says besides (English names, aliases) is carried over by code."""
    rows = CodeRow.objects.filter(table=table).values_list("code", "parent", "label", "label_en")
    entries = []
    for code, parent, label, label_en in rows:
        known = packed.by_code.get(code) if packed else None
        english = label_en or (known.label.en if known else "")
        aliases = known.aliases if known else ()
        if known and known.label.zh != label:
            aliases = (*aliases, known.label.zh)
        entries.append(Code(code, Label(label, english), parent or None, aliases))
    whole = packed or CodeList(table.list, Label(table.list, table.list), ())
    return replace(
        whole,
        entries=tuple(entries),
        version=table.version,
        valid_from=table.valid_from.isoformat(),
        source=table.source,
    )
