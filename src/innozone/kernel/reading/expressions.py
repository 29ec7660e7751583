"""One understood condition as an expression of the rule language, where the given dictionary can say it.

Nothing is guessed: a variable, a code or a period that the dictionary does not have gives None, and the condition
stays open for a person in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from innozone.kernel.reading.fold import fold
from innozone.kernel.reading.model import Condition
from innozone.kernel.reading.numerals import number
from innozone.kernel.reading.quantities import scan
from innozone.kernel.rules import RuleSyntaxError, check, parse
from innozone.kernel.terms import CodeList, Dictionary, Variable

_RECENT = re.compile(
    r"(?:最?近|过去|前)(?P<n>[一二两三四五\d]{1,2})个?(?:会计|纳税)?年|(?:前|连续)(?P<m>[一二两三四五\d]{1,2})年"
)
_SIMPLE_RATIO = re.compile(r"^\s*(\w+)\s*/\s*(\w+)\s*$")
_LEVEL = re.compile(r"^(?:国家级?|全国|省部级|省级?|市级?|区级?|县级?|[\u4e00-\u9fff]{2,3}[省市区县])")
_COMPANIONS = {
    "abnormal_list": (("严重违法", "serious_violation_list"), ("失信被执行", "dishonest_debtor")),
    "accident_record": (("科研失信", "research_misconduct"), ("科研严重失信", "research_misconduct")),
}
_BLACKLISTS = (("严重违法", "serious_violation_list"), ("失信被执行", "dishonest_debtor"))
_HELD = {"qualification", "award"}
_FIRST = "first_designations_1y"


def expression(
    condition: Condition, dictionary: Dictionary, year: int | None = None, *, first: bool = False
) -> str | None:
    """The rule text, or None. `year`: of the document, to place 2023年度; `first`: the designation must be a first one."""
    text = _expression(condition, dictionary, year, first)
    return text if text is not None and sound(text, dictionary, "bool") else None


def sound(text: str, dictionary: Dictionary, expect: Literal["bool", "number"]) -> bool:
    """The rule language accepts the text over this dictionary."""
    try:
        problems = check(parse(text), dictionary, expect=expect)
    except RuleSyntaxError:
        return False
    return not any(problem.severity == "error" for problem in problems)


def _expression(condition: Condition, dictionary: Dictionary, year: int | None, first: bool) -> str | None:
    if condition.variable in _HELD:
        return _designations(condition, dictionary, first)
    if condition.variable == "listing_board":
        return _designations(condition, dictionary, False)
    if condition.variable == "tech_field" and condition.op == "in":
        named = _by_label(condition.value, dictionary)
        if named:
            return named
    if (
        condition.variable == "credit_good"
        and condition.op == "exists"
        and not re.search("良好|诚信|诚实", condition.quote)
    ):
        lists = [code for words, code in _BLACKLISTS if words in condition.quote]
        return " and ".join(f"not {code}" for code in lists) if lists and all(c in dictionary for c in lists) else None
    variable = _variable(condition, dictionary)
    if variable is None:
        return None
    if variable.type == "bool":
        return _flags(condition, variable, dictionary)
    if variable.type in {"code", "codes"}:
        return _codes(condition, variable, dictionary)
    if variable.type == "date":
        return _day(condition, variable)
    return _measure(condition, variable, dictionary, year) if variable.numeric else None


def _variable(condition: Condition, dictionary: Dictionary) -> Variable | None:
    """The dictionary's variable; of a family like accident_record_1y the member for the years the text names."""
    years = _years(condition.period)
    if years and f"{condition.variable}_{years}y" in dictionary:
        return dictionary[f"{condition.variable}_{years}y"]
    return dictionary.get(condition.variable)


def _flags(condition: Condition, variable: Variable, dictionary: Dictionary) -> str | None:
    """Yes or no; where the quote names a second list or record, it is part of the test or the words stay open."""
    codes = [variable.code]
    for words, companion in _COMPANIONS.get(condition.variable, ()):
        if words in condition.quote:
            if companion not in dictionary:
                return None
            codes.append(companion)
    form = {"exists": "{}", "not_exists": "not {}"}.get(condition.op)
    return " and ".join(form.format(code) for code in codes) if form else None


def _years(period: str | None) -> int | None:
    found = _RECENT.search(period or "")
    value = number(found["n"] or found["m"]) if found else None
    return int(value) if value is not None and 0 < value <= 20 else None


# figures


def _measure(condition: Condition, variable: Variable, dictionary: Dictionary, year: int | None) -> str | None:
    figures = [literal(value, condition.unit, variable) for value in _list(condition.value)]
    if None in figures or not _stands_in_quote(condition):
        return None
    place = _indexed(condition, variable, dictionary, year)
    if place is None:
        return None
    if condition.op == "between" and len(figures) == 2:
        bounds = condition.bounds or "[]"
        lower, upper = "<" if bounds[0] == "(" else "<=", "<" if bounds[1] == ")" else "<="
        return f"{figures[0]} {lower} {place} {upper} {figures[1]}"
    return f"{place} {condition.op} {figures[0]}" if condition.op in {">=", ">", "<=", "<", "=="} else None


def _indexed(condition: Condition, variable: Variable, dictionary: Dictionary, year: int | None) -> str | None:
    """`revenue[-1]`, a sum over years, or a share of sums; None where the period stays open."""
    if variable.period == "none":
        return variable.code
    period = condition.period or ""
    printed = re.match(r"((?:19|20)\d{2})年", period)
    if printed:
        back = int(printed[1]) - year if year else None
        return f"{variable.code}[{back}]" if back is not None and -5 <= back <= 0 else None
    years = _years(period)
    if years and years > 1:
        span = f"[-{years}..-1]"
        ratio = _SIMPLE_RATIO.match(variable.formula or "")
        if ratio and ratio[1] in dictionary and ratio[2] in dictionary:
            # A share over several years is the sum over the sum, not the mean of yearly shares.
            return f"sum({ratio[1]}{span}) / sum({ratio[2]}{span})"
        return f"sum({variable.code}{span})" if re.search(r"累计|合计|总额|总和", period + condition.quote) else None
    return f"{variable.code}[{0 if re.search(r'当年|本年', period) else -1}]"


def literal(value: object, unit: str | None, variable: Variable) -> str | None:
    """A figure as the rule language writes it: 5%, 2000万, 1.5亿, 300; None where the units do not go together."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    unit = unit or ""
    if variable.type == "ratio":
        return f"{value:g}%" if unit == "%" else None
    if variable.type == "money":
        scale = unit.removesuffix("元") if unit.endswith("元") else None
        factor = {"": 1, "百": 100, "千": 1000, "百万": 1_000_000, "千万": 10_000_000}
        if scale in {"万", "亿"}:
            return f"{_plain(value)}{scale}"
        return _plain(value * factor[scale]) if scale in factor else None
    if variable.unit == "年" and unit == "月":
        return _plain(value / 12) if value % 6 == 0 else None
    counted = {"人", "名", "家", "个", "项", "件", "次", "分", "级"}
    fits = unit == variable.unit or not unit or (unit in counted and variable.unit in counted)
    return _plain(value) if fits else None


def _plain(value: float) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _stands_in_quote(condition: Condition) -> bool:
    """Every figure of the condition is printed in its quote."""
    printed = set()
    for quantity in scan(fold(condition.quote).text):
        printed |= {float(quantity.value)} | ({float(quantity.upper)} if quantity.upper is not None else set())
    values = [value for value in _list(condition.value) if isinstance(value, (int, float))]
    if condition.value == 0:
        return True
    return bool(values) and all(float(value) in printed for value in values)


def _day(condition: Condition, variable: Variable) -> str | None:
    days = [f'date("{value}")' for value in _list(condition.value)]
    if condition.op == "between" and len(days) == 2:
        return f"{days[0]} <= {variable.code} <= {days[1]}"
    return (
        f"{variable.code} {condition.op} {days[0]}"
        if len(days) == 1 and condition.op in {">=", ">", "<=", "<"}
        else None
    )


# codes


def _codes(condition: Condition, variable: Variable, dictionary: Dictionary) -> str | None:
    codelist = dictionary.codelist_of(variable)
    values = [value for value in _list(condition.value) if isinstance(value, str)]
    codes = [find(codelist, value) for value in values] if codelist else []
    if not codes or None in codes:
        return None
    if variable.type == "codes":
        text = " or ".join(f'{variable.code} has "{code}"' for code in codes)
    elif len(codes) == 1:
        text = f'{variable.code} within "{codes[0]}"'
    else:
        text = f"{variable.code} within {{{_quoted(codes)}}}"
    if condition.op == "not_in":
        return f"not ({text})"
    return text if condition.op in {"==", "in"} else None


def find(codelist: CodeList | None, name: str) -> str | None:
    """The code of a name as policies write it: quotation marks, 企业 and 产业 at the end are free."""
    if codelist is None:
        return None
    bare = re.sub(r"[“”\"'《》]", "", name)
    for form in (
        name,
        bare,
        f"{bare}企业",
        bare.removesuffix("企业"),
        f"{bare}业",
        f"{bare}产业",
        bare.removesuffix("产业"),
    ):
        code = codelist.find(form) if form else None
        if code:
            return code
    plain = codelist.by_unquoted
    return plain.get(bare) or plain.get(f"{bare}企业") or _only(codelist, bare)


def _only(codelist: CodeList, name: str) -> str | None:
    """西咸新区 where the list says 陕西省西咸新区: a unique entry whose name ends with the words."""
    if len(name) < 4:
        return None
    found = {code for label, code in codelist.unquoted if label.endswith(name)}
    return found.pop() if len(found) == 1 else None


def _designations(condition: Condition, dictionary: Dictionary, first: bool) -> str | None:
    held = dictionary.get("designations")
    codelist = dictionary.codelist_of(held) if held else None
    codes = []
    for value in _list(condition.value):
        names = [f"{member}{value}" for member in condition.members] or [str(value)]
        for name in names:
            code = find(codelist, name) or (find(codelist, _LEVEL.sub("", name)) if not condition.members else None)
            if code is None:
                return None
            codes.append(code)
    if not codes:
        return None
    codes = list(dict.fromkeys(codes))
    if first and _FIRST in dictionary:
        text = " or ".join(f'{_FIRST} has "{code}"' for code in codes)
    elif len(codes) == 1:
        text = f'holds("{codes[0]}")'
    else:
        text = f"holds_any({_quoted(codes)})"
    return f"not ({text})" if condition.op == "not_in" else text


def _by_label(value: object, dictionary: Dictionary) -> str | None:
    """A yes-or-no variable whose label names the catalogue."""
    names = [str(name) for name in _list(value)]
    found = [next((v.code for v in dictionary if v.type == "bool" and name in v.label.zh), None) for name in names]
    return " or ".join(code for code in found if code) if found and None not in found else None


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _quoted(codes: Iterable[str | None]) -> str:
    return ", ".join(f'"{code}"' for code in codes)
