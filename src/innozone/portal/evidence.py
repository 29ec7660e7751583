"""Which papers of an item the platform has the facts of already: material is asked for once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from innozone.foundation.facts import values
from innozone.foundation.parties.models import Party
from innozone.kernel.terms import Dictionary
from innozone.portal import wording

# 近三年审计报告 is there only when three years are.
_YEARS = re.compile(r"[近上前]([两二三四五])个?(?:会计)?年")
_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}


@dataclass(frozen=True)
class PaperShown:
    """A paper that an item asks for. fact: the variable that says the same and is on file, empty where none is; year: of
    the newest value; source: who delivered it; day: when."""

    name: str
    fact: str = ""
    year: int | None = None
    source: str = ""
    day: date | None = None


Held = dict[str, dict[int, values.FactView]]


def held(party: Party) -> Held:
    """The facts of the enterprise that stand for papers, by variable and year (0 without one). One query."""
    known = wording.terms()
    found: Held = {}
    if known is None:
        return found
    wanted = {variable.code for variable in known if variable.papers}
    for (code, year), view in (values.views(party) if wanted else {}).items():
        if code in wanted:
            found.setdefault(code, {})[year or 0] = view
    return found


def of(papers: Sequence[str], found: Held) -> list[PaperShown]:
    """The papers in their order, each with the newest fact that stands for it."""
    known = wording.terms()
    if known is None:
        return [PaperShown(name) for name in papers]
    return [_shown(name, [found[code] for code in _variables(name, known) if code in found]) for name in papers]


def _variables(name: str, known: Dictionary) -> list[str]:
    """The variables whose papers the name of this one contains, those of the longest words first."""
    found = [(max(map(len, words)), variable.code) for variable in known if (words := _in(variable.papers, name))]
    return [code for _length, code in sorted(found, key=lambda pair: -pair[0])]


def _in(papers: Sequence[str], name: str) -> list[str]:
    return [words for words in papers if words in name]


def _shown(name: str, facts: list[dict[int, values.FactView]]) -> PaperShown:
    several = _YEARS.search(name)
    years = _NUMBERS[several[1]] if several else 1
    full = next((views for views in facts if len(views) >= years or 0 in views), None)
    if full is None:
        return PaperShown(name)
    year = max(full)
    view = full[year]
    return PaperShown(name, view.variable.code, year or None, view.owner, timezone.localdate(view.recorded_at))
