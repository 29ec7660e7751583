"""Units and numbers as people write them: `2,000万元`, `５％`, `1.2亿`, `三成`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


class CellError(ValueError):
    """A cell that cannot be read: an English sentence, and `code` with `params` for texts in other languages."""

    def __init__(self, code: str, message: str, **params: str) -> None:
        super().__init__(message)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, its kind (units of one kind convert into each other) and its factor to the kind's base unit."""

    code: str
    kind: str
    factor: Decimal
    en: str


UNITS: dict[str, Unit] = {
    u.code: u
    for u in (
        Unit("元", "money", Decimal(1), "CNY"),
        Unit("百元", "money", Decimal(100), "hundred CNY"),
        Unit("千元", "money", Decimal(1_000), "thousand CNY"),
        Unit("万元", "money", Decimal(10_000), "10k CNY"),
        Unit("百万元", "money", Decimal(1_000_000), "million CNY"),
        Unit("千万元", "money", Decimal(10_000_000), "10 million CNY"),
        Unit("亿元", "money", Decimal(100_000_000), "100 million CNY"),
        Unit("", "ratio", Decimal(1), ""),
        Unit("%", "ratio", Decimal("0.01"), "%"),
        Unit("‰", "ratio", Decimal("0.001"), "‰"),
        Unit("人", "persons", Decimal(1), "persons"),
        Unit("万人", "persons", Decimal(10_000), "10k persons"),
        Unit("项", "items", Decimal(1), "items"),
        Unit("件", "items", Decimal(1), "items"),
        Unit("个", "items", Decimal(1), "items"),
        Unit("家", "items", Decimal(1), "firms"),
        Unit("次", "items", Decimal(1), "times"),
        Unit("年", "years", Decimal(1), "years"),
        Unit("月", "months", Decimal(1), "months"),
        Unit("天", "days", Decimal(1), "days"),
        Unit("分", "points", Decimal(1), "points"),
        Unit("级", "grade", Decimal(1), "grade"),
        Unit("平方米", "area", Decimal(1), "m²"),
        Unit("亩", "area", Decimal("666.6666666666666666666666667"), "mu"),
        Unit("平方公里", "area", Decimal(1_000_000), "km²"),
        Unit("千瓦时", "energy", Decimal(1), "kWh"),
        Unit("万千瓦时", "energy", Decimal(10_000), "10 MWh"),
        Unit("吨标准煤", "coal", Decimal(1), "tce"),
    )
}

_NUMBER = re.compile(
    r"^(?P<sign>[-+]?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?P<scale>[百千万亿]*)(?P<unit>.*)$"
)
_SCALES = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_BLANK = {"", "-", "--", "—", "——", "/", "无", "空", "null", "NULL", "None", "N/A", "n/a", "NA", "不详", "未知", "暂无"}


def is_blank(text: str) -> bool:
    """True for the ways in which a cell says that nothing is known."""
    return text.strip() in _BLANK


def parse_number(text: str, unit: str, stored: str) -> Decimal:
    """A number as printed, in `unit` unless it names its own, converted to the unit `stored`.

    >>> parse_number("1,200.5", "万元", "元")
    Decimal('12005000.0')
    >>> parse_number("２亿元", "万元", "元")
    Decimal('200000000')
    >>> parse_number("5%", "", "")
    Decimal('0.05')

    Raises CellError (a ValueError) with a sentence that says what is wrong.
    """
    folded = unicodedata.normalize("NFKC", text).strip().replace(" ", "").replace("￥", "").replace("¥", "")
    negative = folded.startswith("(") and folded.endswith(")")
    if negative:
        folded = folded[1:-1]
    found = _NUMBER.match(folded)
    if not found:
        raise CellError("not_a_number", f"“{text}” is not a number", text=text)
    try:
        value = Decimal(found["sign"] + found["digits"].replace(",", ""))
    except InvalidOperation:
        raise CellError("not_a_number", f"“{text}” is not a number", text=text) from None
    for letter in found["scale"]:
        value *= _SCALES[letter]
    named = found["unit"]
    if named:
        if named not in UNITS:
            raise CellError("unknown_unit", f"“{text}” carries the unknown unit “{named}”", text=text, unit=named)
        unit = named
    elif found["scale"]:
        # "1.2亿" in a column of 万元 names its own scale: the scale is the unit.
        unit = "元" if UNITS.get(stored, UNITS[""]).kind == "money" else stored
    if unit not in UNITS or stored not in UNITS:
        raise ValueError(f"unknown unit “{unit if unit not in UNITS else stored}”")
    source, target = UNITS[unit], UNITS[stored]
    if source.kind != target.kind:
        message = f"“{text}” is in {source.code or 'ratio'}, expected {target.code or 'a ratio'}"
        raise CellError("wrong_unit", message, text=text, unit=source.code, expected=target.code)
    if source.factor != target.factor:
        value = value * source.factor / target.factor
    return -value if negative else value


def format_number(value: float | int | Decimal, unit: str, language: str = "zh-hans") -> str:
    """A stored value as people read it: 12005000 元 → `1,200.5万元`; 0.05 → `5%`."""
    number = Decimal(str(value))
    chinese = language.startswith("zh")
    if unit == "" or unit == "ratio":
        return f"{_plain(number * 100, 2)}%"
    if unit == "元":
        size = abs(number)
        if size >= 100_000_000:
            return f"{_plain(number / 100_000_000, 4)}亿元" if chinese else f"¥{_plain(number / 1_000_000, 2)} million"
        if size >= 10_000:
            return f"{_plain(number / 10_000, 4)}万元" if chinese else f"¥{_plain(number, 2)}"
        return f"{_plain(number, 2)}元" if chinese else f"¥{_plain(number, 2)}"
    text = _plain(number, 4)
    if unit not in UNITS:
        return text
    return f"{text}{unit}" if chinese else f"{text} {UNITS[unit].en}"


def _plain(number: Decimal, places: int) -> str:
    text = f"{round(number, places):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
