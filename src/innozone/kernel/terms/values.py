"""Values: from a cell to the stored value of a variable, or a sentence that says why not."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from innozone.kernel.terms.codes import CodeList
from innozone.kernel.terms.dictionary import Variable
from innozone.kernel.terms.units import CellError, is_blank, parse_number


class Unknown(Enum):
    """The third truth value's companion: a value nobody has told. Never zero, never false."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false: compare with `is UNKNOWN`")


UNKNOWN = Unknown.UNKNOWN

Value = Decimal | bool | date | str | frozenset[str]

_TRUE = {"是", "有", "true", "yes", "y", "1", "√", "已"}
_FALSE = {"否", "无", "没有", "false", "no", "n", "0", "×", "未"}
_DATE = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?(?:[ T].*)?$")
_SEPARATORS = re.compile(r"[;；、,，|/]\s*")


def parse_date(text: str) -> date:
    """`2021-3-5`, `2021年3月5日`, `20210305`, `2021/03/05 00:00:00`; a missing day or month is refused."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"\d{8}", folded):
        folded = f"{folded[:4]}-{folded[4:6]}-{folded[6:]}"
    found = _DATE.match(folded)
    if not found or not found[2] or not found[3]:
        raise CellError("not_a_date", f"“{text}” is not a date; write 2024-03-05", text=text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellError("no_such_day", f"“{text}” is not a day of the calendar", text=text) from None


def parse_value(variable: Variable, raw: object, unit: str = "", codelist: CodeList | None = None) -> Value | Unknown:
    """The stored value of `variable` for one cell; UNKNOWN for a blank cell.

    Money, number, integer and ratio give Decimal in the variable's unit (`unit` is that of the column);
    bool, date, str for text and code, frozenset of codes for codes. Raises CellError (a ValueError) with a readable reason.
    """
    if raw is None:
        return UNKNOWN
    if isinstance(raw, datetime):
        raw = raw.date()
    text = raw.isoformat() if isinstance(raw, date) else str(raw).strip()
    if variable.type != "bool" and is_blank(text):
        return UNKNOWN
    if variable.numeric:
        if isinstance(raw, float) and raw == int(raw):
            text = str(int(raw))
        value = parse_number(text, unit or variable.unit, variable.unit)
        if variable.type == "integer" and value != value.to_integral_value():
            raise CellError("not_whole", f"“{text}” is not a whole number", text=text)
        if variable.minimum is not None and value < Decimal(str(variable.minimum)):
            message = f"{text} is below {variable.minimum:g}, the least that {variable.label.zh} can be"
            raise CellError("below", message, text=text, limit=f"{variable.minimum:g}")
        if variable.maximum is not None and value > Decimal(str(variable.maximum)):
            message = f"{text} is above {variable.maximum:g}, the most that {variable.label.zh} can be"
            raise CellError("above", message, text=text, limit=f"{variable.maximum:g}")
        return value
    if variable.type == "bool":
        if isinstance(raw, bool):
            return raw
        folded = unicodedata.normalize("NFKC", text).casefold()
        if folded in _TRUE:
            return True
        if folded in _FALSE:
            return False
        if is_blank(text):
            return UNKNOWN
        raise CellError("not_yes_no", f"“{text}” is neither yes nor no (是/否)", text=text)
    if variable.type == "date":
        return parse_date(text)
    if variable.type == "text":
        return text
    if codelist is None:
        raise ValueError(f"{variable.code}: the code list {variable.codelist} is not loaded")
    if variable.type == "code":
        return _code(text, codelist)
    return frozenset(_code(part, codelist) for part in _SEPARATORS.split(text) if part.strip())


def _code(text: str, codelist: CodeList) -> str:
    code = codelist.find(unicodedata.normalize("NFKC", text)) or codelist.find(text)
    if code is None:
        message = f"“{text}” is not in the code list {codelist.label.zh} ({codelist.code})"
        raise CellError("unknown_code", message, text=text, list=codelist.code, title=codelist.label.zh)
    return code
