"""A clause under work: what was counted in it, which of its stretches still ask for something."""

from __future__ import annotations

import re
from dataclasses import dataclass

from innozone.kernel.reading.doings import BOUNDED, aims, refers
from innozone.kernel.reading.giving import kind_of
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.payments import Payment
from innozone.kernel.reading.quantities import Quantity

PRIORITY = re.compile(
    r"(?:可|可以|予以|给予)?优先(?:推荐|支持|安排|保障|享受|纳入|给予)|(?<![未不曾已])(?:可|予以|给予|享受|可以申请|可申请)(?!过)[^，；。\d]{0,12}(?:减免|优惠|补贴|补助|资助|奖励|支持)"
)
_FIGURES = frozenset({"money", "currency", "percent", "count", "area", "multiple"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The clause under work: its folded text and all that was counted in it."""

    text: str
    quantities: list[Quantity]
    groups: list[list[Quantity]]
    levels: list[int]
    context: str
    person: bool


def priority(text: str, a: int, b: int) -> Payment:
    """可优先推荐…: a promise of service."""
    found = PRIORITY.search(text, a, b)
    start = found.start() if found else a
    kind = "服务" if "优先" in text[start:b] else kind_of(text, a, start, start)
    return Payment(start, b, start, kind, "fixed")


def asks(sheet: Sheet, a: int, b: int) -> bool:
    """A stretch in front of a promise that was not understood and yet asks for something."""
    words = sheet.text[a:b]
    bounded = any(q.op and a <= q.start < b for q in sheet.quantities) or bool(BOUNDED.search(words))
    if refers(words):
        return False
    return bounded or (bool(re.search(r"^(?:对|凡|经)|的$|后$", words)) and not aims(words))


def unread(sheet: Sheet, a: int, b: int, hits: list[Hit]) -> bool:
    """The stretch holds more figures with a bound than were understood: 在孵企业20家以上、面积5000平方米以上."""
    asked = [g for g in sheet.groups if a <= g[0].start < b and g[0].op and g[0].kind in _FIGURES]
    bracket = sum(sheet.levels[g[0].start] > sheet.levels[a] for g in asked)
    return len(asked) - bracket > sum(hit.unit is not None for hit in hits)
