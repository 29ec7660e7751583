"""Whom moved figures of a rule would change something for, enterprise by enterprise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import register
from innozone.foundation.desks.filters import Choice, Choices
from innozone.foundation.desks.templatetags.ui import STATES
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import sandboxes
from innozone.foundation.verdicts.sandboxes import KINDS, Changes, SandboxRefused
from innozone.portal import sandboxes as words
from innozone.portal.desks.worked import Kept, Places, WorkedOut, enterprise_columns


@dataclass
class Change:
    """One enterprise. before, now: 元 at least; most: at most now; None without a sum, most also where nothing bounds it."""

    pk: int
    kind: str
    before: float | None
    now: float | None
    most: float | None
    party: Party | None = None

    @property
    def difference(self) -> float | None:
        return None if self.now is None or self.before is None else self.now - self.before

    def get_kind_display(self) -> str:
        return str(STATES[f"change_{self.kind}"][2])


def _by_kind(lines: Any, value: str) -> Any:
    if lines.source is None:
        return lines
    if value == "granted":
        return lines.where(lines.source.has)
    if value == "unknown":
        return lines.where(lines.source.missing)
    return lines.where(lines.source.kinds == KINDS.index(value))


def _kinds(user: Account) -> Choices:
    own = {"granted": _("has it now")}
    return [(kind, own.get(kind) or str(STATES[f"change_{kind}"][2])) for kind in KINDS]


class SandboxLines(WorkedOut):
    """`item` is the code of a rule, `figures` what is moved (place=value&…), `day` that of the facts."""

    name = "sandbox"
    title = gettext_lazy("Who gains, who loses")
    columns = [
        *enterprise_columns(),
        Column(
            "kind",
            label=gettext_lazy("change"),
            kind="state",
            states={kind: f"change_{kind}" for kind in KINDS},
            ordering="kind",
        ),
        Column("before", label=gettext_lazy("before, at least"), kind="money", ordering="before"),
        Column("now", label=gettext_lazy("now, at least"), kind="money", ordering="now"),
        Column("most", label=gettext_lazy("now, at most"), kind="money", ordering="most", shown=False),
        Column("difference", label=gettext_lazy("difference"), kind="money", ordering="difference"),
    ]
    filters = [
        *(Kept(name) for name in ("item", "figures", "day")),
        Choice("kind", label=gettext_lazy("change"), choices=_kinds, apply=_by_kind),
    ]
    ordering = "kind"
    empty = gettext_lazy("Nobody: the figures change nothing for anyone.")

    def narrowed(self, query: Mapping[str, str], user: Account, problems: list[str]) -> Any:
        # Names of enterprises, and rules before they are confirmed: it takes the right to both.
        gate.require(user, "verdicts.try_rule")
        return super().narrowed(query, user, problems)

    def source(self, query: Mapping[str, str], problems: list[str]) -> Changes | None:
        code = query.get("item") or ""
        if not code:
            return None
        version, snapshot = sandboxes.version_of(code, timezone.localdate()), words.facts_of(query)
        if version is None or snapshot is None:
            problems.append(_("Name in “item” a rule."))
            return None
        try:
            asked = words.asked(version, snapshot, query)
        except SandboxRefused as refused:
            problems.append(words.refusal(refused))
            return None
        problems += asked.problems.values()
        return asked.sandbox.changes(asked.figures)

    def lines(self, source: Changes, at: Places) -> Iterator[Change]:
        for place in at.tolist():
            before = now = most = None
            if source.before is not None and source.now is not None:
                before, now, most = (float(ends[place]) for ends in (source.before[0], *source.now))
            yield Change(
                int(source.parties[place]),
                KINDS[source.kinds[place]],
                before,
                now,
                most if most is not None and isfinite(most) else None,
            )

    def keys(self, source: Changes, at: Places, column: str) -> tuple[NDArray[Any], ...]:
        """Within a kind the largest difference first."""
        if source.before is None or source.now is None:
            return (source.kinds[at],)
        before, now, most = (ends[at] for ends in (source.before[0], *source.now))
        figures: dict[str, NDArray[Any]] = {
            "kind": source.kinds[at],
            "before": before,
            "now": now,
            "most": most,
            "difference": now - before,
        }
        return figures[column], -np.abs(now - before)


SANDBOX = register(SandboxLines())
