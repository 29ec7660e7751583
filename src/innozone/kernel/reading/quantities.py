"""Quantities in folded text: amounts, shares, counts, durations and days, with the bound that goes with them.

不低于5,000万元        >= 5000 万元
50万元以上至100万元以下  between [50, 100)
超过8%以上             > 8 %
20万元（含20万元）以下   <= 20 万元
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from innozone.kernel.reading.numerals import ARABIC, CHINESE, number, plain

_SCALE = {
    "": 1,
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
_SCALES = "百万|千万|十万|百|千(?!瓦|克|米)|万|亿"
_UNITS = (
    "人次 人 名 家 个 项 件 台套 台（套） 台 套 批次 批 张 间 次 户 亩 平方公里 平方米 平米 ㎡ 公顷 千瓦时 千瓦 吨标准煤 吨 米 周岁 岁 "
    "周年 年 个月 月 个工作日 工作日 天 日 分钟 小时 分 场次 场 期 篇 座 辆 艘 标箱 倍 级 款 部 笔 支 门 套房 课时 学时 个百分点 百分点 % ‰"
)
_COUNTED = "|".join(sorted(_UNITS.split(), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<percent>百分之(?P<pn>{CHINESE}(?:点[一二三四五六七八九零〇]+)?)|千分之(?P<mn>{CHINESE})|万分之(?P<wn>{CHINESE})|(?P<fd>[二三四五十])分之(?P<fn>[一二三四五六七八九]))"
    rf"|(?P<n>{ARABIC}|(?<![第同统之某任每唯惟逐专单]){CHINESE}(?![是些般致样体律旦批定同起切号者带]))"
    rf"(?P<more>多|余|几)?(?P<scale>{_SCALES})?(?P<more2>多|余)?(?:人民币)?"
    rf"(?:(?P<money>元|美元|港元|欧元|块)|(?P<unit>{_COUNTED}))?"
)
_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})(?:年|[-./])(?P<m>\d{1,2})(?:月|[-./])(?P<d>\d{1,2})日?")
_MONTH = re.compile(r"(?P<y>(?:19|20)\d{2})年(?P<m>\d{1,2})月(?!\d)")
_SAME_YEAR = re.compile(r"(?:至|到|-|—|～|~)(?P<m>\d{1,2})月(?P<d>\d{1,2})日")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:[-—至](?:19|20)\d{2})?年?(?:度)?")
_RANGE = re.compile(r"^(?:以上|（含）|（不含）|以下)?(?:至|到|-|—|——|～|~)$")
_PER_UNIT = r"(?:平方米|平方|平米|㎡|人次|月|年|人|夜|天|日|亩|件|项目|项|台|套|家|户|吨|千瓦时|千瓦|立方米|标箱|公斤|座|度|次|场|间|张|名|辆|公里|课时|期|篇|个)"
_PER = re.compile(rf"^(?:/|每)(?:每)?(?P<per>{_PER_UNIT}(?:(?:[·/*×]|、(?!亩均))(?:每)?{_PER_UNIT})*)")
_AREA = ("平方米", "平方", "㎡", "平米")

_BEFORE = re.compile(
    r"(?P<ge>(?:原则上)?(?:应|须|需)?(?:均)?(?:不低于|不少于|不小于|不得低于|不得少于|不应低于|至少|最低不少于|最少|达到|达|满|大于等于|≥|>=)(?:了)?)"
    r"|(?P<le>(?:原则上)?(?:应|须)?(?:不超过|不高于|不多于|不大于|不得超过|不得高于|不得大于|最高不超过|最多不超过|最高|最多|至多|上限为?|控制在|小于等于|≤|<=))"
    r"|(?P<gt>超过|超出|大于|高于|多于|突破|(?<!不)超|>)"
    r"|(?P<lt>(?:低于|小于|少于|不足|不满|未满|未达到|未达|未超过(?!)|不到|<))"
)
# 1亿元以上5亿元以下: one range.
_UP_TO = re.compile(r"(?:（含[^）]*）)?(?:及)?以上(?:（含[^）]*）)?[，、]?")
_BEFORE_END = re.compile(
    rf"(?:{_BEFORE.pattern})(?:以上|人民币|约|等值|合计|累计|总额|为|到|（含）|其)*$".replace("?P<", "?P<b_")
)
_AFTER = re.compile(
    r"^(?P<in1>（(?:含|包括|包含)[^）]{0,12}）|(?!（不含)（[^）]{0,40}）(?=以上|以下|以内))?(?P<ex1>（不含[^）]{0,12}）)?(?:左右)?"
    r"(?:(?P<ge>(?:[及或]者?)?以上|及其以上|起)|(?P<le>[及或]?以内|之内|内(?=[的（），；。]|$|高校|普通高|全日制|大学|大专|毕业)|(?:[及或]者?)以下)|(?P<lt>以下))?"
    r"(?P<in2>（(?:含|包括|包含)[^）]{0,12}）)?(?P<ex2>（不含[^）]{0,12}）)?"
)


_SINCE = re.compile(r"(?:成立|注册|登记|创办|设立|毕业|离校)$")  # 成立5年内


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity. `value` as printed in `unit`; `yuan` for money in 元; offsets into the folded text.

    `start`, `end` hold the number with its unit, `outer` everything that belongs to it (不低于…以上). For a range `upper`
    is the second value and `op` is `between`.
    """

    kind: str  # money, percent, count, time, area, date, multiple, currency
    value: Decimal
    unit: str
    start: int
    end: int
    outer: tuple[int, int]
    op: str = ""
    upper: Decimal | None = None
    bounds: str = ""
    per: str = ""
    day: str = ""
    closed: bool = False  # the bound names its end point: （含）

    @property
    def yuan(self) -> int | float | None:
        return money(self.value, self.unit) if self.kind == "money" else None

    @property
    def upper_yuan(self) -> int | float | None:
        return money(self.upper, self.unit) if self.kind == "money" and self.upper is not None else None

    @property
    def printed(self) -> int | float:
        return plain(self.value)


def money(value: Decimal, unit: str) -> int | float:
    """An amount in 元."""
    return plain(value * _SCALE.get(unit[:-1], 1))


def _kind(unit: str) -> str:
    if unit in {"%", "‰", "个百分点", "百分点"}:
        return "percent"
    if unit in {"年", "周年", "月", "个月", "天", "日", "工作日", "个工作日", "小时", "分钟"}:
        return "time"
    if unit in {"亩", "平方米", "平方公里", "公顷"}:
        return "area"
    return "multiple" if unit == "倍" else "count"


def scan(text: str, exclusive_below: bool = False) -> list[Quantity]:
    """All quantities of a folded text, in order, ranges joined. `exclusive_below`: the document reads 以下 without its bound."""
    found = _bare(text)
    for i in range(len(found) - 2, -1, -1):
        # 3、2、1个百分点 and 500—5000万元: a bare number takes the unit that follows.
        one, two = found[i], found[i + 1]
        between = text[one.end : two.start]
        if one.unit == "" and two.unit and two.kind != "date" and re.fullmatch(r"、|和|或|-|—|——|～|至|到", between):
            found[i] = replace(one, kind=two.kind, unit=two.unit)
    bounded: list[Quantity] = []
    for quantity in found:
        # （含20万元） repeats the bound it stands behind.
        if quantity.unit and not (bounded and bounded[-1].outer[1] >= quantity.end):
            bounded.append(_bounded(text, quantity, exclusive_below))
    return _ranges(text, bounded, exclusive_below)


def _bare(text: str) -> list[Quantity]:
    taken: list[tuple[int, int]] = []
    found: list[Quantity] = []
    for pattern in (_DATE, _MONTH):
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            day = int(match["d"]) if "d" in match.groupdict() else 1
            if not (1 <= int(match["m"]) <= 12 and 1 <= day <= 31):
                continue
            taken.append(match.span())
            following = _SAME_YEAR.match(text, match.end()) if pattern is _DATE else None
            if following and 1 <= int(following["m"]) <= 12 and 1 <= int(following["d"]) <= 31:
                span = (following.start("m"), following.end())
                taken.append(span)
                day_two = f"{match['y']}-{int(following['m']):02}-{int(following['d']):02}"
                found.append(Quantity("date", Decimal(0), "date", *span, span, day=day_two))
            iso = f"{match['y']}-{int(match['m']):02}-{day:02}"
            found.append(Quantity("date", Decimal(0), "date", *match.span(), match.span(), day=iso))
    taken.extend(match.span() for match in _YEAR.finditer(text) if match[0].endswith(("年", "度")) or "-" in match[0])
    for match in _QUANTITY.finditer(text):
        a, b = match.span()
        if any(x < b and a < y for x, y in taken):
            continue
        quantity = _quantity(text, match)
        if quantity:
            found.append(quantity)
    return sorted(found, key=lambda q: q.start)


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    a, b = match.span()
    if match["percent"]:
        if match["fd"]:
            below, above = number(match["fd"]), number(match["fn"])
            return (
                Quantity("percent", round(above * 100 / below, 6), "%", a, b, (a, b))
                if below and above and above <= below
                else None
            )
        raw = match["pn"] or match["mn"] or match["wn"]
        value = number(raw)
        factor = Decimal(1) if match["pn"] else Decimal("0.1") if match["mn"] else Decimal("0.01")
        return None if value is None else Quantity("percent", value * factor, "%", a, b, (a, b))
    value = number(match["n"])
    if (
        value is None
        or text[max(a - 1, 0) : a] in {"第", "."}
        or (a and text[a - 1].isascii() and text[a - 1].isalpha())
    ):
        return None
    scale, unit = match["scale"] or "", match["unit"] or ""
    chinese = not match["n"][0].isdigit()
    if match["money"] or (scale and not unit and re.match(r"(?:以[内上下]|的部分|、\d|-\d|—\d)", text[b:])):
        currency = match["money"] or "元"
        if currency in {"元", "块"}:
            return _with_per(text, Quantity("money", value, scale + "元", a, b, (a, b)))
        return Quantity("currency", value, scale + currency, a, b, (a, b))
    if not unit:
        if scale:
            return None
        return None if chinese else Quantity("count", value, "", a, match.end("n"), (a, match.end("n")))
    if (
        chinese
        and len(match["n"]) == 1
        and unit in {"次", "批", "级", "期", "日", "场", "部", "门", "分", "支", "起", "款"}
    ):
        return None
    if unit == "分" and text[b : b + 1] in {"别", "为", "期", "类", "享", "之", "批", "段", "级", "配", "年"}:
        return None
    if unit in {"日", "月"} and not chinese and text[max(0, a - 1) : a] in {"年", "月"}:
        return None
    if unit == "月" and value <= 12 and re.match(r"\d{1,2}日|底|初|中旬|份", text[b:]):
        return None
    unit = {
        "平米": "平方米",
        "㎡": "平方米",
        "个月": "月",
        "周年": "年",
        "周岁": "岁",
        "百分点": "个百分点",
        "台（套）": "台套",
    }.get(unit, unit)
    if scale:
        value *= _SCALE[scale]
    return Quantity(_kind(unit), value, unit, a, b, (a, b))


def _with_per(text: str, quantity: Quantity) -> Quantity:
    found = _PER.match(text[quantity.end :])
    if not found:
        return quantity
    end = quantity.end + found.end()
    per = found["per"].replace("每", "").replace("/", "·").replace("、", "·")
    if text[end : end + 1] == "米" or per.endswith("平方"):
        per = per.replace("平方米", "平方").replace("平方", "平方米")
    return replace(quantity, per=per, end=end, outer=(quantity.outer[0], end))


def is_area_price(quantity: Quantity) -> bool:
    """15元/平方米·月: a price, not an amount paid."""
    return any(word in quantity.per for word in _AREA)


def _bounded(text: str, q: Quantity, exclusive_below: bool) -> Quantity:
    before = _BEFORE_END.search(text[max(0, q.start - 16) : q.start])
    after = _AFTER.match(text[q.end :])
    start = q.start - (len(text[max(0, q.start - 16) : q.start]) - before.start()) if before else q.start
    end = q.end + (after.end() if after else 0)
    op = ""
    if before:
        op = ">=" if before["b_ge"] else "<=" if before["b_le"] else ">" if before["b_gt"] else "<"
    closed = bool(after and re.match(r"（(?:含|包括|包含)", after["in1"] or after["in2"] or ""))
    if not op and after:
        op = ">=" if after["ge"] else "<=" if after["le"] else ""
        if after["lt"]:
            op = "<" if exclusive_below and not closed else "<="
        if after["ex1"] or after["ex2"]:
            op = {">=": ">", "<=": "<"}.get(op, op)
    elif op == "<=" and after and after["ge"]:
        op = ">="
    if closed:
        op = {"<": "<=", ">": ">="}.get(op, op)
    if (
        not op
        and q.kind == "time"
        and text[q.end : q.end + 1] == "内"
        and _SINCE.search(text[max(0, q.start - 4) : q.start])
    ):
        op, end = "<=", q.end + 1
    if q.kind == "date":
        return replace(q, outer=(start, end), op=_day_bound(text, q))
    return replace(q, outer=(start, end), op=op, closed=closed)


def _day_bound(text: str, q: Quantity) -> str:
    after = text[q.end : q.end + 8]
    if re.match(r"(?:（含[^）]*）)?[及或]?(?:之前|以前|前)", after):
        return (
            "<=" if re.match(r"及|或|（含|前（含|以前|之?前（含", after) or "（含" in text[q.end : q.end + 10] else "<"
        )
    if re.match(r"(?:（含[^）]*）)?[及或]?(?:之后|以后|以来|起|后|至今)", after):
        return ">=" if re.match(r"及|或|（含|起|以来|至今", after) or "（含" in text[q.end : q.end + 10] else ">"
    return ""


def _ranges(text: str, found: list[Quantity], exclusive_below: bool) -> list[Quantity]:
    joined: list[Quantity] = []
    for q in found:
        last = joined[-1] if joined else None
        if last and last.kind == q.kind and last.upper is None and not (last.day and last.op):
            between = text[last.end : q.start]
            open_ended = re.fullmatch(r"(?:[（(]不?含[^）]*[）)])?", between.replace("元", "")) is None
            if _RANGE.match(between) or (last.op in {">", ">="} and q.op in {"<", "<="} and _UP_TO.fullmatch(between)):
                joined[-1] = _range(last, q, text, exclusive_below)
                continue
            if (
                open_ended
                and re.fullmatch(
                    r"(?:以上)?[，、]?(?:但|且|并且?)?(?:不足|未满|不满|不超过|低于|小于|少于|不到|不高于)", between
                )
                and last.op in {">", ">="}
                and q.op in {"<", "<="}
            ):
                bounds = ("(" if last.op == ">" else "[") + (")" if q.op == "<" else "]")
                joined[-1] = _merge(last, q, bounds)
                continue
        joined.append(q)
    return joined


def _range(one: Quantity, two: Quantity, text: str, exclusive_below: bool) -> Quantity:
    tail = text[two.end : two.end + 4]
    upper_open = tail.startswith("以下") and not two.closed and (exclusive_below or "以上" in text[one.end : two.start])
    # 1亿元（含）至5亿元: the end that is named to be in is the only one.
    upper_open = upper_open or ("（含" in text[one.end : two.start] and not tail.startswith("（含"))
    lower_open = one.op == ">" or "（不含）" in text[one.end : two.start]
    bounds = ("(" if lower_open else "[") + (")" if upper_open else "]")
    return _merge(one, two, bounds)


def _merge(one: Quantity, two: Quantity, bounds: str) -> Quantity:
    if one.day:
        return replace(one, end=two.end, outer=(one.outer[0], two.outer[1]), op="between", day=f"{one.day}/{two.day}")
    lower = one.value
    if one.unit != two.unit and one.kind == "money":
        # 5,000万元至2亿元: both in the smaller unit, which is the one printed first.
        upper = two.value * _SCALE.get(two.unit[:-1], 1) / _SCALE.get(one.unit[:-1], 1)
    else:
        upper = two.value
    return replace(
        one, value=lower, upper=upper, end=two.end, outer=(one.outer[0], two.outer[1]), op="between", bounds=bounds,
        per=two.per or one.per, closed=two.closed,
    )  # fmt: skip


def series(text: str, found: list[Quantity]) -> list[list[Quantity]]:
    """Quantities of one kind that are listed: 5万元、10万元和20万元."""
    groups: list[list[Quantity]] = []
    for q in found:
        last = groups[-1][-1] if groups else None
        if last and last.kind == q.kind and q.kind != "date":
            between = text[last.end : q.start]
            if re.fullmatch(
                r"(?:以[上下]|（含）|及|/[\u4e00-\u9fff]{1,3})*(?:、|和|及|或|与)(?:每[\u4e00-\u9fff])?(?:最高)?",
                between,
            ):
                groups[-1].append(q)
                continue
        groups.append([q])
    return groups
