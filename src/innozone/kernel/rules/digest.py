"""The digest of what a rule says: equal digests give equal verdicts over equal facts on equal days."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules.condition import NOTES, Condition
from innozone.kernel.rules.reads import reads
from innozone.kernel.rules.tree import Expr, to_text
from innozone.kernel.terms import Dictionary, Variable


def digests(
    rules: Mapping[str, Condition], amounts: Mapping[str, Expr], dictionary: Dictionary, as_of: date
) -> dict[str, str]:
    """SHA-256 by id, of a rule's tree and benefit and of the variables and code lists they speak of.

    Quotes, sources and names are left out: they change no verdict.
    """
    terms = _Terms(dictionary)
    found = {}
    for id, rule in rules.items():
        amount = amounts.get(id)
        names = sorted({name for name, _ in reads([rule] if amount is None else [rule, amount], dictionary, as_of)})
        said = [_plain(rule.to_data()), None if amount is None else to_text(amount), [terms.of(name) for name in names]]
        found[id] = _hashed(said)
    return found


def _plain(data: Any) -> Any:
    """The data of a condition without what is only for people."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items() if key not in NOTES}
    return [_plain(each) for each in data] if isinstance(data, list) else data


class _Terms:
    """What a dictionary says of its variables and kinds of records, as far as verdicts rest on it."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._lists: dict[str, str] = {}

    def of(self, name: str) -> Any:
        kind = self._dictionary.records.get(name.removesuffix(RECORDS)) if name.endswith(RECORDS) else None
        if kind is not None:
            return [name, [self._variable(field) for field in kind.fields]]
        return self._variable(self._dictionary[name]) if name in self._dictionary else [name]

    def _variable(self, variable: Variable) -> list[Any]:
        each = variable
        limits = [each.minimum, each.maximum]
        return [each.code, each.type, each.unit, each.period, each.formula, each.mutable, *limits, self._list(each)]

    def _list(self, variable: Variable) -> str | None:
        codelist = self._dictionary.codelist_of(variable)
        if codelist is None:
            return None
        if codelist.code not in self._lists:
            self._lists[codelist.code] = _hashed([[entry.code, entry.parent] for entry in codelist.entries])
        return self._lists[codelist.code]


def _hashed(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
