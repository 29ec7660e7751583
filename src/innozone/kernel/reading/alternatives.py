"""Alternatives inside one sentence of conditions: …，或…; tiers that exclude each other: 5000万元以下的不低于5%，…."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from innozone.kernel.reading.hits import Hit, bounds_of

_OR = re.compile(r"^或者?(?!有)|^以及[^，；。]{2,}的(?:企业|机构|个人|单位|人才|组织|团队)$")
# What goes on with the alternative that it follows: …1000万元以下，但近两年…
_ON = re.compile(r"^(?:且|并|但|同时|其中|占)")
_AND_SUCH = re.compile(r"等(?:各类)?(?:市场|经营)?(?:主体|单位|机构|企业)$")


@dataclass(slots=True)
class Stretch:
    """A stretch between commas: its words and what they say; `way`: the alternative that it belongs to."""

    words: str
    start: int
    end: int
    hits: list[Hit] = field(default_factory=list)
    way: str | None = None


def settle_ways(said: list[Stretch], name: str) -> None:
    """Marks the stretches of a sentence that are alternatives of each other; `name` tells the choice from others."""
    _either(said) or _tiers(said) or _bodies(said)
    sizes: dict[str, int] = {}
    for stretch in said:
        if stretch.way is not None:
            sizes[stretch.way] = sizes.get(stretch.way, 0) + len(stretch.hits)
    if len(sizes) < 2:
        for stretch in said:
            stretch.way = None
        return
    for stretch in said:
        if stretch.way is not None:
            stretch.hits = [replace(hit, choice=name, way=stretch.way) for hit in stretch.hits]


def _either(said: list[Stretch]) -> bool:
    """A；或B: each with the stretches that go on with it."""
    turns = [i for i, stretch in enumerate(said) if i and _OR.search(stretch.words)]
    for number, turn in enumerate(turns, 2):
        if number == 2:
            begin = turn - 1
            while begin and _ON.search(said[begin].words):
                begin -= 1
            for stretch in said[begin:turn]:
                stretch.way = "1"
        end = turn + 1
        while end < len(said) and _ON.search(said[end].words):
            end += 1
        for stretch in said[turn:end]:
            stretch.way = str(number)
    return bool(turns)


def _bodies(said: list[Stretch]) -> bool:
    """在本市注册的文化企业，旅行社，星级饭店等市场主体: each of the list by itself."""
    if len(said) < 3 or not _AND_SUCH.search(said[-1].words) or any(len(each.words) > 14 for each in said[1:]):
        return False
    for number, stretch in enumerate(said, 1):
        stretch.way = str(number)
    return True


def _tiers(said: list[Stretch]) -> bool:
    """Stretches that each hold a range of one variable, no two of which meet, and what is asked within it."""
    ranges: dict[str, dict[int, tuple[float, float]]] = {}
    for i, stretch in enumerate(said):
        for hit in stretch.hits:
            bounds = bounds_of(hit)
            if bounds is not None and len(stretch.hits) > 1:
                ranges.setdefault(hit.variable, {}).setdefault(i, bounds)
    for found in ranges.values():
        spans = sorted(found.values())
        if len(spans) > 1 and all(one[1] <= two[0] for one, two in pairwise(spans)):
            for number, i in enumerate(sorted(found), 1):
                said[i].way = str(number)
            return True
    return False
