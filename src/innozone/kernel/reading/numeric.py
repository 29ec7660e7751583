"""Conditions with a figure: which variable, which bound, which period."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.measures import IN_MONTHS, MEASURES, PERIOD, TRAILING
from innozone.kernel.reading.numerals import plain
from innozone.kernel.reading.quantities import Quantity

_POSITIVE = re.compile(
    r"(?P<what>利润(?:总额)?|净利润|盈利)[^，；。]{0,4}(?:为正数?|大于零|为盈利|均为正)|(?:实现|连续)[^，；。]{0,6}(?P<gain>盈利)"
)
_PRESCRIBED = re.compile(
    r"(?:不低于|不少于|达到|高于|超过)(?P<level>规定(?:的)?比例|(?:本|全|所在)?[省市区][^，；。]{0,12}平均(?:工资|水平)(?:\d倍)?|[^，；。]{0,6}平均工资(?:\d倍)?)"
)
_DAYS: tuple[tuple[str, str], ...] = (
    ("ip_filing_date", r"(?:专利|商标)?申请日"),
    ("ip_grant_date", r"授权公告日|实质审查(?:生效)?日?|授权(?:日|的)|获(?:得)?[^，；。]{0,14}授权|公告日|颁证"),
    ("registration_date", r"注册|登记|设立|成立"),
    ("project_date", r"实施|购置|销售|采购|立项|投入|开工|竣工|适用于|奖补对象|项目|发生|举办|认定"),
)
_GROWTH = re.compile(
    r"^(?:[，且并、]|同比|年均|年度|较上年度?|比上年度?|平均)*(?:增长率?|增幅|增速|递增)[^，；。]{0,12}$"
)
_GROWN = {
    "revenue": "revenue_growth",
    "tax_paid": "local_contribution_growth",
    "local_contribution": "local_contribution_growth",
    "export_value": "revenue_growth",
}
# A limit of what is paid, and the bracket that a share is taken of, are no tests of the applicant.
_OF_THE_PROMISE = re.compile(
    r"(?:最多|资助|补助|奖励|补贴|贴息|发放(?!的))[^，；。]{0,12}$|^(?:期限|时间|最长)[^，；。]{0,6}$|(?:^|，)其[他它余][^，；。]{0,10}$|(?:^|，)每[个家户场][^，；。]{0,8}$"
)
# 规模以上企业不超过200万元，其他企业不超过100万元: what each kind of firm gets at most.
_FOR_SOME = re.compile(r"，?[^，；。\d]{2,10}(?:企业|机构|单位|主体)(?:最高)?不(?:超过|高于)")
_OTHER_CONTRACT = re.compile(r"[^，；。]{0,4}(?:租赁|购销|采购|合作|供货|技术)")
_OF_SALES = re.compile(r"占[^，；。]{0,12}(?:收入|产值|营收)")
_RESEARCH = re.compile(r"(?:研究与?试?验?发?展?开发|研发)[^。；]{0,4}(?:费用|投入|经费)")
# 不低于项目总投入的50%: the bound stands before the whole that the share is of.
_OF_A_WHOLE = re.compile(r"(?:不低于|不少于|达到|(?<!不)超过)[^，；。\d]{2,14}$")
_GIVEN_SHARE = re.compile(r"的?(?:比例)?[^，；。]{0,6}(?:给予|予以|补|奖|资助|提取|配套)")
_MOST_LISTED = 40  # members of one list of thresholds
_BRACKET = re.compile(r"^(?:的)?部分")


def measured(text: str, start: int, end: int, quantities: list[Quantity], context: str) -> list[Hit]:
    """Conditions of the segment text[start:end]; `context` is what the sentence and its head said before."""
    found: list[Hit] = []
    quantities = list(quantities)
    at = start
    listed_until = start
    for index, quantity in enumerate(quantities):
        if quantity.start < listed_until:
            continue
        if quantity.kind == "date":
            hit = _day(text, start, end, quantity, context)
            if hit:
                found.append(hit)
            continue
        if (
            quantity.kind == "percent"
            and not quantity.op
            and _OF_A_WHOLE.search(text[at : quantity.start])
            and not _GIVEN_SHARE.match(text, quantity.end)
        ):
            quantity = replace(quantity, op=">" if "超过" in text[at : quantity.start] else ">=")
            quantities[index] = quantity
        if not quantity.op and not _in_bound_list(text, quantities, index):
            at = quantity.end if quantity.kind != "time" else at
            continue
        if quantity.op in {"<", "<="} and _OF_THE_PROMISE.search(text[at : quantity.start]):
            at = quantity.outer[1]
            continue
        if quantity.op == "<=" and quantity.kind == "money" and _FOR_SOME.fullmatch(text[at : quantity.start]):
            at = quantity.outer[1]
            continue
        if re.search(r"平均(?:水平|增速|值|数)[^，；。\d]{0,4}$", text[at : quantity.start]):
            at = quantity.outer[1]
            continue  # 高于全市平均水平10个百分点: so much more than something nobody has written down
        if re.search(r"每(?:满|增加|新增|达到?|超过?)$", text[at : quantity.start]):
            at = quantity.outer[1]  # a step that each sum is paid for
            continue
        variable = _variable(text, at, quantity, end, context + text[start:at])
        if variable == "labor_contract_years" and _OTHER_CONTRACT.match(text, quantity.outer[1]):
            variable = None
        if (variable == "tax_paid" and "楼宇" in context + text[start:end]) or (
            variable == "local_contribution" and "楼宇" in text[start:end]
        ):
            variable = "building_tax"
        elif variable == "area_size" and quantity.op in {"<", "<="} and "租" in context + text[start:end]:
            variable = "leased_area"
        elif (
            variable == "equity_received"
            and re.search(r"租赁|担保|贷款", context[-60:] + text[start : quantity.start])
            and not re.search(r"股权|风险|轮", text[start:end])
        ):
            variable = "loan_balance"
        elif variable == "person_tenure" and re.search(r"(?:境|国|海)(?:）)?外", text[start : quantity.start]):
            variable = "overseas_experience_years"
        if (
            variable
            and _BRACKET.match(text[quantity.outer[1] : end])
            and _nearest(text[at : quantity.start], quantity) is None
        ):
            variable = None
        if variable is None:
            at = quantity.outer[1]
            continue
        # Rising thresholds: the lowest is the condition, the rest are tiers of the promise.
        listed_until = _list_end(text, quantities, index)
        bound = _list_bound(quantities, index, listed_until)
        hit = _hit(text, start, _core(text, at, quantity), quantity, variable, bound)
        hit = replace(hit, period=_period(text, start, at, quantity, variable, context))
        inside = [q for q in quantities[index : index + _MOST_LISTED] if q.start < listed_until]
        if len(inside) > 1:
            hit = replace(hit, members=tuple(text[slice(*q.outer)] for q in inside))
        found.append(hit)
        found.extend(_beside(text, at, quantity, hit))
        at = quantity.outer[1]
    found.extend(_without_figures(text, start, end))
    return found


_BOTH = re.compile(
    r"(?P<one>[^，；。、]{2,16}?)(?:和|及|与|、)(?P<two>[^，；。、和及与]{2,16}?)(?:均|都|分别)[^，；。]{0,6}$"
)


def _beside(text: str, at: int, quantity: Quantity, hit: Hit) -> list[Hit]:
    """资产总额和年销售收入均不超过5000万元: one bound for two measures."""
    both = _BOTH.search(text[at : quantity.start])
    other = _nearest(both["one"], quantity) if both else None
    return [replace(hit, variable=other)] if other and other != hit.variable else []


def _period(text: str, start: int, at: int, quantity: Quantity, variable: str, context: str) -> str | None:
    """The period beside the words that name the variable, be they here or in the head of the list."""
    own = PERIOD.search(text[start : quantity.start])
    here = _nearest(text[at : quantity.start], quantity) == variable
    if here and (own or "其中" not in context[-40:] + text[start : start + 2]):
        return own[0] if own else None
    pattern = next(words for name, _, _, words in MEASURES if name == variable)
    named = [match.start() for match in pattern.finditer(context)]
    before = PERIOD.findall(context[: max(named)] if named and not here else context)
    return before[-1] if before else (own[0] if own else None)


def _core(text: str, at: int, quantity: Quantity) -> int:
    """Where the words that name the variable begin."""
    begins = [
        match.start()
        for _, kinds, units, pattern in MEASURES
        if quantity.kind in kinds and (units is None or quantity.unit in units)
        for match in pattern.finditer(text, at, quantity.start)
        if match.end() > match.start()
    ]
    return min(begins, default=quantity.outer[0])


def _in_bound_list(text: str, quantities: list[Quantity], index: int) -> bool:
    """1万元、5万元、10万元以上: the bound of the last one is the bound of all."""
    for one, two in pairwise(quantities[index : index + _MOST_LISTED]):
        if two.kind != one.kind or not re.fullmatch(r"(?:以上)?[、和及或]", text[one.end : two.start]):
            return False
        if two.op:
            return True
    return False


def _list_end(text: str, quantities: list[Quantity], index: int) -> int:
    last = quantities[index]
    for following in quantities[index + 1 : index + _MOST_LISTED]:
        if following.kind != last.kind or not re.fullmatch(
            r"(?:以[上下])?[、和及或]", text[last.outer[1] : following.outer[0]].replace("以上", "").replace("以下", "")
        ):
            break
        last = following
    return last.outer[1]


def _list_bound(quantities: list[Quantity], index: int, until: int) -> Quantity:
    first = quantities[index]
    members = [q for q in quantities[index : index + _MOST_LISTED] if q.start < until]
    if len(members) < 2:
        return first
    lowest = min(members, key=lambda q: q.yuan if q.yuan is not None else q.value)
    op = (
        ">"
        if first.op == ">" and not lowest.op
        else ">="
        if lowest.op in {"", "between", ">="} or any(q.op == ">=" for q in members)
        else lowest.op
    )
    return replace(lowest, op=op, upper=None, bounds="", outer=(first.outer[0], members[-1].outer[1]))


# 其中硕士以上人员占比: a share of something else than what was named before.
_SHARE_OF_OTHERS = re.compile(r"^，?其中[^，；。]{3,}(?:占|比例|比重)")


def _variable(text: str, at: int, quantity: Quantity, end: int, context: str) -> str | None:
    before = text[at : quantity.start]
    chosen = _nearest(before, quantity)
    behind = text[quantity.outer[1] : end]
    if chosen is None or quantity.kind == "time":
        for variable, kind, units, words in TRAILING:
            if kind == quantity.kind and quantity.unit in units.split() and words.match(behind):
                return variable
    if chosen:
        return chosen
    if quantity.kind == "percent" and _GROWTH.search(before):
        # 产值达到20亿元且增长10%: the growth is that of what was named last.
        named = _nearest(
            context[-200:] + text[max(0, at - 200) : at], Quantity("money", Decimal(0), "元", 0, 0, (0, 0))
        )
        return _GROWN.get(named or "")
    if quantity.kind == "percent" and _SHARE_OF_OTHERS.search(before):
        return None
    if quantity.kind == "percent" and "占" in before:
        # 研发费用，高新技术企业应占年销售收入的5%: the share is of what the sentence began with.
        shared = _nearest(
            re.split(r"[。；\n]", (context if at < 40 else "")[-120:] + text[max(0, at - 120) : at])[-1] + before,
            quantity,
        )
        if shared:
            return shared
        # 研发费用…应占5%。其他企业应占年销售收入的1%: the class changes, the measure stays.
        if _OF_SALES.search(before) and _RESEARCH.search(text[max(0, at - 160) : at]):
            return "rd_ratio"
    if quantity.kind == "area":
        built = re.search(r"(?:仓库?|厂房|场馆|楼|馆|库|场地|用房)(?:不[少低]于|不?超过|达到?)?$", before)
        if built or quantity.unit in {"亩", "公顷"}:
            return "planting_area" if quantity.unit in {"亩", "公顷"} else "area_size"
    carried = len(re.sub(r"^(?:，|且|或|并|每[列场次家个])+|年度?|当年|不[少低高]于|不?超过|达到?", "", before)) <= 4
    if (
        quantity.kind == "percent"
        or (quantity.kind in {"money", "currency"} and quantity.op)
        or (quantity.op and carried)
    ):
        return _nearest(context, quantity)
    return None


def _nearest(words: str, quantity: Quantity) -> str | None:
    """The variable whose words end closest to the figure; among equals the one named first in the table."""
    best: tuple[int, str] | None = None
    for variable, kinds, units, pattern in MEASURES:
        if quantity.kind not in kinds or (units is not None and quantity.unit not in units):
            continue
        ends = [match.end() for match in pattern.finditer(words) if match.end() > match.start() or not words]
        if not ends and variable == "person_age" and quantity.unit == "岁":
            ends = [0]
        if ends and (best is None or max(ends) > best[0]):
            best = (max(ends), variable)
    return best[1] if best else None


def _hit(text: str, start: int, at: int, quantity: Quantity, variable: str, bound: Quantity) -> Hit:
    value, unit = bound.value, bound.unit
    if variable in IN_MONTHS and unit == "年":
        value, unit = value * 12, "月"
    unit = {"周岁": "岁", "个百分点": "%"}.get(unit, unit)
    if unit == "平方米" and re.search(r"人均", text[at : quantity.start]):
        unit = "平方米/人"
    if variable in {"tax_per_mu", "investment_per_mu"} and "/" not in unit:
        unit += "/亩"
    lo, hi = at, max(bound.outer[1], quantity.outer[1])
    if bound.op == "between" and bound.upper is not None:
        yuan = [bound.yuan or 0, bound.upper_yuan or 0] if bound.kind == "money" else None
        bounds = bound.bounds if bound.bounds != "[]" else None
        return Hit(variable, "between", [plain(value), plain(bound.upper)], lo, hi, unit, yuan, bounds)
    return Hit(variable, bound.op or ">=", plain(value), lo, hi, unit, bound.yuan)


def _day(text: str, start: int, end: int, quantity: Quantity, context: str) -> Hit | None:
    segment = text[start:end]
    variable = next((name for name, words in _DAYS if re.search(words, segment)), None)
    if variable is None:
        variable = next((name for name, words in _DAYS[:2] if re.search(words, context[-60:])), None)
    if variable is None or not quantity.op:
        return None
    if quantity.op == "between":
        return Hit(variable, "between", quantity.day.split("/"), start, end)
    return Hit(variable, quantity.op, quantity.day, start, end)


def _without_figures(text: str, start: int, end: int) -> list[Hit]:
    found = []
    segment = text[start:end]
    positive = _POSITIVE.search(segment)
    if positive and not re.search(r"连续\S{0,3}年盈利", segment):
        period = PERIOD.search(segment)
        found.append(
            Hit(
                "profit_total",
                ">",
                0,
                start + positive.start(),
                start + positive.end(),
                unit="元",
                yuan=0,
                period=period[0] if period else None,
            )
        )
    hired = re.search(r"安置残疾(?:人员|职工|人)(?:就业)?的$", segment)
    if hired:
        found.append(Hit("disabled_staff_ratio", ">", 0, start + hired.start(), start + hired.end(), "%"))
    spent = re.search(r"(?:实际)?发生的?(?:研究开发|研发)(?:费用|支出)$", segment)
    if spent:
        found.append(Hit("rd_expense", ">", 0, start + spent.start(), start + spent.end(), "元", 0))
    prescribed = _PRESCRIBED.search(segment)
    if prescribed:
        before = segment[: prescribed.start()]
        fake = Quantity("percent", Decimal(0), "%", 0, 0, (0, 0))
        variable = "social_insurance_base" if re.search(r"基数|工资", segment) else _nearest(before, fake)
        if variable:
            op = ">" if re.match(r"高于|超过", prescribed[0]) else ">="
            found.append(Hit(variable, op, prescribed["level"].replace("的", ""), start, end))
    return found


def close_tiers(hits: list[Hit]) -> list[Hit]:
    """Neighbouring tiers of one variable share an end point only once.

    After a tier closed at X, `X以上` means more than X and a range from X leaves X out; before a tier that begins
    with `X及以上`, `X以下` means less than X.
    """
    closed: dict[tuple[str, float], int] = {}
    opened: dict[tuple[str, float], int] = {}
    begun = {(hit.variable, _number(hit, 0)) for hit in hits if hit.op == "between" and hit.bounds == "[)"}
    for index, hit in enumerate(hits):
        top = _number(hit, 1) if hit.op == "between" else _number(hit, 0) if hit.op == "<=" else None
        if hit.op == "<=" and (hit.variable, top) in begun:
            opened[hit.variable, top] = -1  # type: ignore[index]
        elif top is not None and (hit.bounds or "[]").endswith("]"):
            closed[hit.variable, top] = index
        if hit.op == ">=" and _number(hit, 0) is not None:
            opened[hit.variable, _number(hit, 0)] = index  # type: ignore[index]
    result = []
    for index, hit in enumerate(hits):
        low = _number(hit, 0)
        if hit.op in {">=", "between"} and low is not None and closed.get((hit.variable, low), index) < index:
            if hit.op == ">=":
                hit = replace(hit, op=">")
            else:
                hit = replace(hit, bounds="(" + (hit.bounds or "[]")[1])
        elif hit.op == "<=" and low is not None and opened.get((hit.variable, low), index) < index:
            hit = replace(hit, op="<")
        result.append(hit)
    return result


def _number(hit: Hit, index: int) -> float | None:
    value = hit.yuan if hit.yuan is not None else hit.value
    if isinstance(value, list):
        value = value[index] if index < len(value) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def variable_named(words: str) -> str | None:
    """The money variable that an expression such as 上年度研发投入 means: its own words must close the expression."""
    money = Quantity("money", Decimal(0), "元", 0, 0, (0, 0))
    closing = any(
        match.end() == len(words)
        for _, kinds, _, pattern in MEASURES
        if "money" in kinds
        for match in pattern.finditer(words)
    )
    return _nearest(words, money) if closing else None
