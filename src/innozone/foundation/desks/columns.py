"""Columns: where a value comes from, how it is read by people, by spreadsheets and by machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from innozone.kernel.terms import format_number

Kind = Literal["text", "code", "integer", "number", "money", "ratio", "date", "datetime", "choice", "bool", "state"]
NUMERIC: frozenset[str] = frozenset({"integer", "number", "money", "ratio"})


@dataclass(frozen=True)
class Column:
    """One column. `path` walks attributes with `__` from the row; `value` computes instead where a path cannot.

    label: the model field's own when absent. ordering: the ORM path to sort by; none = not sortable.
    shown: part of the table until the user chooses columns. kind `choice` shows the field's display text;
    kind `state` looks its display up in `states`: value → name of a state of `templates/components/state.html`.
    """

    name: str
    path: str = ""
    label: str | Promise | None = None
    kind: Kind = "text"
    ordering: str = ""
    shown: bool = True
    value: Callable[[Any], Any] | None = None
    states: Mapping[str, str] | None = None
    unit: str = ""

    def heading(self, model: type[Model]) -> str:
        """The label, taken from the model's field when the column has none of its own."""
        if self.label is not None:
            return str(self.label)[:1].upper() + str(self.label)[1:]
        field: Any = None
        at: Any = model
        for step in (self.path or self.name).split("__"):
            field = at._meta.get_field(step)
            at = field.related_model or at
        name = str(field.verbose_name)
        return name[:1].upper() + name[1:]

    def raw(self, row: Any) -> Any:
        """The value as stored; None when there is none."""
        if self.value is not None:
            return self.value(row)
        at = row
        for step in (self.path or self.name).split("__"):
            if at is None:
                return None
            at = getattr(at, step)
        return at

    def data(self, row: Any) -> Any:
        """The value for JSON: numbers stay numbers, days and times are ISO 8601, exact decimals are strings."""
        value = self.raw(row)
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return str(value)
        return value if isinstance(value, int | float | bool | str | list | dict | None) else str(value)

    def text(self, row: Any) -> str:
        """The value as people read it, in the active language."""
        value = self.raw(row)
        if value is None or value == "":
            return ""
        if self.kind in ("choice", "state") and self.value is None:
            return self._display(row)
        if self.kind == "state" and (name := self.state(row)):
            # What is worked out has no display of a field: the word of the state itself.
            from innozone.foundation.desks.templatetags.ui import STATES

            return str(STATES[name][2])
        if self.kind == "bool":
            return _("yes") if value else _("no")
        if self.kind == "datetime":
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        if self.kind == "date":
            return value.isoformat()
        if self.kind == "integer":
            return f"{int(value):,}"
        if self.kind == "money":
            return format_number(value, "元", get_language() or "zh-hans")
        if self.kind == "ratio":
            return format_number(value, "", get_language() or "zh-hans")
        if self.kind == "number":
            return format_number(value, self.unit or "项", get_language() or "zh-hans") if self.unit else f"{value:,}"
        return str(value)

    def state(self, row: Any) -> str:
        """The name of the state that stands for the value; empty when none does."""
        return (self.states or {}).get(str(self.raw(row)), "")

    def cell(self, row: Any) -> Any:
        """The value for a spreadsheet: a number, a bool, a day or a string; None for an empty cell."""
        value = self.raw(row)
        if value is None or value == "":
            return None
        if self.kind in NUMERIC or isinstance(value, bool):
            return value
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None)
        return value if isinstance(value, date) else self.text(row)

    def _display(self, row: Any) -> str:
        *above, field = (self.path or self.name).split("__")
        for step in above:
            row = getattr(row, step)
        return str(getattr(row, f"get_{field}_display")())
