"""Numbers as Chinese policies print them: 5,000、百分之一点二、二十、三分之一、1.5亿."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
CHINESE = r"[一二两三四五六七八九十百千零〇]+"


def chinese_number(text: str) -> Decimal | None:
    """`二十` → 20, `一千二百` → 1200, `百` → 100, `二〇` → 20, `一点二` → 1.2; None where it is no number.

    >>> chinese_number("二十五")
    Decimal('25')
    """
    if "点" in text:
        whole, _, part = text.partition("点")
        head = chinese_number(whole)
        if head is None or not part or any(c not in _DIGITS for c in part):
            return None
        return head + Decimal("0." + "".join(str(_DIGITS[c]) for c in part))
    if text and all(c in _DIGITS for c in text):
        return Decimal("".join(str(_DIGITS[c]) for c in text)) if len(text) < 16 else None
    total, digit, last = 0, 0, 10_000
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _POWERS and _POWERS[character] < last:
            last = _POWERS[character]
            total += (digit or 1) * last
            digit = 0
        else:
            return None
    return Decimal(total + digit) if text else None


def number(text: str) -> Decimal | None:
    """An Arabic number with grouped thousands or a Chinese numeral."""
    if re.fullmatch(ARABIC, text):
        return Decimal(text.replace(",", "")) if len(text) < 24 else None
    return chinese_number(text)


def plain(value: Decimal) -> int | float:
    """The number as JSON writes it: an int where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
