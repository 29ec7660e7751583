"""What a clause promises: amounts, shares, caps and tiers, found sentence by sentence.

A figure is a promise when a word of giving stands before it (给予、奖励…), or a noun of giving behind it (…的补贴), or when
it caps a promise made before (最高、不超过). Everything else that has a bound is a condition and left to `numeric`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from innozone.kernel.reading.brackets import join_brackets
from innozone.kernel.reading.fold import segments
from innozone.kernel.reading.giving import GIVE, NOUN, base_of, base_of_tail, kind_of
from innozone.kernel.reading.quantities import Quantity, is_area_price
from innozone.kernel.reading.shares import RATIO, START, Payment, join_shares, unnumbered

_GIVE_BEFORE = re.compile(
    rf"{GIVE}(?!的|政策|范围|对象|项目(?!承担|单位|牵头|实施|主体)|资格|要求|申请|总额/)[^，；。]{{0,30}}$"
)
_GIVE_ANY = re.compile(GIVE)
_NOUN_AFTER = re.compile(
    rf"^(?:以内|以下|以上)?(?:的标准|标准|的额度|额度|左右)?(?:的)?(?:比例)?(?:一次性|分阶段|年度|每年)?[\u4e00-\u9fff“”（）A-Za-z·\-]{{0,14}}?{NOUN}"
)
_SHARE_AFTER = re.compile(
    r"^(?:的)?(?:比例|标准|税率|系数|额度|部分)?(?:的)?(?:一次性|分年度|分期)?[^，；。]{0,22}?(?:给予|予以|奖励|补助|补贴|资助|扶持|支持|配套|返还|抵用|抵扣|加计扣除|摊销|抵免|计入|缴纳|收取|计收|减征|贴息|补偿|征收|奖补|确定|发放|减免)"
)
_SHARE_BEFORE = re.compile(
    r"(?:按照?|按其|提高|减按|减免|补助率|(?:贴息|补贴|补助|奖励|资助|配套|支持|扶持)(?:比例|额度|标准|金额)?|给予|抵用|返还|为)[^，；。]{0,40}$"
)
_CAP_WORD = re.compile(r"(?:最高|不超过|不得超过|封顶|上限|限额|最多|不高于|不得高于)")
_CAP_SUBJECT = re.compile(
    r"单|每|年度|全年|累计|总额|合计|总计|同一|最高|一次性|奖励|补助|补贴|资助|资金|额度|金额|兑现|期限|封顶|扶持|支持|贴息|原则上|对|一个|可给予|给予|一般"
)
_EACH = re.compile(r"^，?[^，；。\d]{0,16}?(?:最高(?:额|限额)?分别|分别(?:给予)?(?:最高|不超过|不高于))[^，；。]{0,6}$")
_BY_AREA = re.compile(r"每(?:平方米|平米|平方)$")
_NAMED_CAP = re.compile(
    r"^[，、]?(?:其中)?(?!每|年|累计|同一|合计|最高)[^，；。]{1,10}?(?:装备|设备|部件|产品|软件|材料|系统|仪器|药品|展位|项目|赛事|[省市区境国]内|[省市区境国]外|级|类)(?:的)?最高(?:不超过)?$"
)
_LIMIT = re.compile(r"(?:不高于|不超过|不得超过|不得高于|最高不超过)[^，；。]{0,24}$")


@dataclass(frozen=True, slots=True)
class _Figure:
    """One listed group of quantities with the words on both sides of it."""

    group: list[Quantity]
    segment: tuple[int, int]
    before: str
    after: str
    left: int
    clause: int
    bracket: bool


def payments(text: str, start: int, end: int, groups: list[list[Quantity]], levels: list[int]) -> list[Payment]:
    """Promises of the sentence text[start:end]; `groups` are its listed quantities in order."""
    found: list[Payment] = []
    figures = list(_figures(text, start, end, groups, levels))
    first = _GIVE_ANY.search(text, start, end)
    for figure in figures:
        role = _role(text, figure, found, first is not None and first.end() <= figure.left)
        if role:
            _add(text, figure, role, found)
    found.extend(unnumbered(text, start, end, levels, found))
    return join_brackets(text, join_shares(text, sorted(found, key=lambda payment: payment.start)))


def _figures(text: str, start: int, end: int, groups: list[list[Quantity]], levels: list[int]) -> list[_Figure]:
    parts = segments(text, start, end, levels)
    # Looked up and not searched for anew: a text may hold a hundred thousand figures and not one comma.
    stops = [start + at for at, letter in enumerate(text[start:end]) if letter in "，；。）\n"]
    sums = sorted((g[0].start, g[0].outer[0]) for g in groups if g[0].kind in {"money", "percent", "currency"})
    found = []
    last_end = start
    for group in groups:
        first, last = group[0], group[-1]
        if first.kind not in {"money", "percent", "currency"} and not (
            first.unit in {"名", "个"} and "名额" in text[start:end]
        ):
            continue
        segment = next(((a, b) for a, b in parts if a <= first.start < b), None)
        if segment is None:
            continue
        bracket = levels[first.start] > levels[segment[0]]
        left = max(segment[0], last_end if last_end > segment[0] else segment[0])
        for sign in "，；（：":
            at = text.rfind(sign, left, first.start)
            if sign == "（" and at >= 0 and not bracket:
                continue  # 单项冠军企业（产品）奖励200万元
            # The colon of 1：1 opens nothing.
            if sign != "：" or not RATIO.match(text, max(left, at - 1)):
                left = max(left, at + 1)
        at, beyond = bisect_left(stops, last.end), bisect_left(sums, (last.end, 0))
        right = stops[at] if at < len(stops) else end
        following = sums[beyond][1] if beyond < len(sums) else end
        clause = text.count("；", start, first.start)
        found.append(
            _Figure(
                group,
                segment,
                text[left : first.start],
                text[last.end : max(last.end, min(right, following))],
                left,
                clause,
                bracket,
            )
        )
        last_end = last.end
    return found


def _role(text: str, figure: _Figure, found: list[Payment], given_before: bool) -> str:
    """`amount`, `rate`, `cap` for a promise, empty for anything else. `given_before`: a word of giving stands earlier."""
    quantity = figure.group[0]
    before, after = figure.before, figure.after
    if re.search(r"每(?:满|增量|增加|新增|增长|达到?|超过?)[^，；。]{0,4}$", before):
        return ""  # the step that a sum is paid for
    if quantity.kind == "percent" and (
        re.search(r"分[^，；。]{0,4}[年期次批][^，；。]{0,4}按?$", before)
        or re.match(r"的?比例(?:拨付|兑现|发放|兑付)", after)
        or re.search(
            r"(?:后|时|先行|首[期次批]|再|分别)[^，；。]{0,4}(?:拨付|兑现|发放|支付)(?:总额|资助额|补助额|剩余)?的?$",
            before,
        )
    ):
        return ""  # how a sum is paid out
    if re.search(
        r"(?:费率|利率|税率|[坏不]良[^，；。]{0,4}率|配套率|覆盖率)(?:不[高低超]于?过?|不超过|低于|高于|达到?|控制在)*$",
        before,
    ) and (quantity.op or re.search(r"达到?$", before)):
        return ""  # a rate that is asked for
    if (
        quantity.kind == "percent"
        and (re.match(r"的?税率征收", after) or (before.endswith("适用") and re.match(r"的?(?:征收|税)率的", after)))
    ) or (
        re.search(r"每$", before)
        and re.match(r"给?予?(?:奖励|补[贴助]|资助|奖补|奖)", after)
        and quantity.kind in {"money", "currency"}
    ):
        return ""  # 按13%税率征收后; 每100万美元奖励1万元: a step
    floor = quantity.op in {">=", ">"} and not re.search(r"(?:给予|予以|不少于|申请不少于)$|给予.{0,6}不少于$", before)
    capped = bool(_CAP_WORD.search(before[-8:])) or (quantity.op == "<=" and "以内" in after[:3])
    earlier = bool(found) or given_before
    tail = re.match(
        r"^(?:以上|及以上|以下|以内)*的?(?:部分|企业|项目|单位|人才)"
        r"|^(?:以上|及以上|以下|以内)的[^，；。]{2,14}?(?:企业|单位|机构|项目|平台|基地|园区|孵化器|楼宇|主体)(?!奖|补|资|扶)",
        after,
    )
    given = _GIVE_BEFORE.search(before)
    if quantity.kind == "percent":
        given = given or re.match(r"的?比例(?:给予|予以)[^，；。]{0,4}(?:奖|补|资)", after)
        if (floor or re.match(r"(?:以上)?的，", after)) and not given:
            return ""
        whole = re.search(
            r"(?:金额|总额|额度)不(?:超过|高于)[^，；。]{0,4}(?:总投资|投资额|总额|总投入)额?的?$", before
        )
        if _LIMIT.search(before) and found and found[-1].amounts and not found[-1].rates and (whole or not given):
            return "note"
        if re.search(r"占[^，；。]{2,}$", before) and not given:
            return ""
        if (
            given
            or _SHARE_AFTER.match(after)
            or (_LIMIT.search(before) and given_before)
            or (_SHARE_BEFORE.search(before) and (earlier or _GIVE_ANY.search(text[figure.segment[0] :][:160])))
        ):
            return "rate"
        return ""
    if tail and quantity.op and not (given and capped):
        return ""
    if quantity.op == "between" and not given and not _NOUN_AFTER.match(after):
        return ""
    if given or (_NOUN_AFTER.match(after) and not floor):
        return "cap" if capped else "amount"
    if (
        capped
        and (earlier or re.search(rf"{NOUN}|(?:贷款|授信|担保)(?:额度|总?额|金额|最高)", before))
        and (not _CAP_WORD.sub("", before).strip() or _CAP_SUBJECT.search(before))
    ):
        return "cap"
    if (
        figure.bracket
        and re.search(r"^(?:分别)?为?(?:最高)?$", before)
        and _GIVE_ANY.search(text[max(0, figure.left - 12) : figure.left])
    ):
        return "amount"
    if floor and re.search(r"奖金(?:最低)?(?:应)?不(?:得)?(?:少于|低于)$", before):
        return "amount"
    if (
        re.search(
            r"(?:标准|额度|奖金|金额)(?:为|是|：)?(?:每人每月|每月|每人|每年|每家|每件)?$|每[人生户家](?:每[月年])?$|每[月年]每人$|每月$",
            before,
        )
        and not floor
    ):
        return "cap" if capped else "amount"
    return ""


def _add(text: str, figure: _Figure, role: str, found: list[Payment]) -> None:
    group = figure.group
    last = found[-1] if found else None
    fresh = _guarded(text, last, figure) if last else True
    if role == "note":
        if last:
            last.note = text[figure.left : group[-1].outer[1]]
            last.end = max(last.end, group[-1].outer[1])
        return
    if role == "cap" and last and not fresh and len(group) == 1:
        if (last.rates or last.shares or last.amounts) and last.cap is None and not last.caps:
            last.cap = group[0]
            last.end = _end(text, figure)
            return
        if (
            last.rates
            and _NAMED_CAP.search(figure.before)
            and (last.cap is None or last.caps or last.cap.outer[1] >= figure.left - 1)
        ):
            # 成套装备最高1000万元，单台设备最高500万元: a cap for each kind.
            before = [text[max(0, last.cap.outer[0] - 12) : last.cap.outer[0]]] if last.cap and not last.caps else []
            names = [*before, figure.before]
            labels = [re.sub(r"^.*[，；、]|(?:最高|不超过|为)*(?:不超过)?$", "", name) for name in names]
            last.labels = [*(last.labels if not before else []), *labels]
            last.caps = [*(last.caps or [q for q in (last.cap,) if q]), group[0]]
            last.cap, last.end = None, _end(text, figure)
            return
        if last.cap is not None and _BY_AREA.search(text[max(0, last.cap.outer[0] - 6) : last.cap.outer[0]]):
            # 每平方米不超过300元，最高50万元: the cap of the whole counts.
            last.note, last.cap = text[last.cap.outer[0] : last.cap.outer[1]], group[0]
            last.end = _end(text, figure)
            return
        if last.cap is not None or (
            last.capped and re.search(r"每家|单家|年度|累计|全年|合计|总额|同一|一个|单位|机构", figure.before)
        ):
            last.note = last.note or text[figure.left : group[-1].outer[1]]
            last.end = _end(text, figure)
            return
    if (
        role == "cap"
        and last
        and not fresh
        and len(group) > 1
        and last.rates
        and not last.cap
        and (_EACH.search(figure.before) or "分别" in text[max(0, last.start - 4) : last.start + 4])
    ):
        last.caps, last.end = list(group), _end(text, figure)  # 补贴30%，最高分别为300万元、100万元
        return
    payment = _payment(text, figure, role)
    if (
        last
        and role == "rate"
        and last.rates
        and re.match(r"(?:计入|计算)应纳税所得额", text[last.rates[0].end : group[0].start])
    ):
        # 减按50%计入应纳税所得额，按20%的税率缴纳: the first share cuts the base of the second.
        last.base = f"应纳税所得额×{last.rates[0].printed}%"
        last.rates, last.end = payment.rates, payment.end
        return
    if (
        last
        and not fresh
        and payment.form != "rate"
        and last.rates
        and not last.amounts
        and role == "amount"
        and not payment.label
    ):
        last.amounts, last.end, last.form = (
            payment.amounts,
            payment.end,
            "tiered" if len(payment.amounts) > 1 else last.form,
        )
        return
    if last and _parallel(text, last, payment, figure):
        last.start = min(last.start, last.label_from)
        last.amounts += payment.amounts
        last.rates += payment.rates
        last.caps += payment.caps
        last.labels.append(payment.label)
        last.form, last.end = "tiered", payment.end
        return
    found.append(payment)


def _payment(text: str, figure: _Figure, role: str) -> Payment:
    group = figure.group
    begin = START.search(text, max(figure.segment[0], figure.left - 1), group[0].end)
    if begin and begin.start() >= group[0].start:
        begin = None
    # An expression that begins before the last comma belongs to another figure.
    given_from = begin.start() if begin and begin.start() >= figure.left - 1 else figure.left
    bracket = re.match(r"(?:以上|以内|以下)?的?部分，?", text[given_from:])
    given_from += bracket.end() if bracket else 0
    # 年服务企业20家以上的提高到15%: what is asked stands before.
    raised = re.match(r"[^，；。]*以上的(?=提高[到至])", text[given_from : group[0].start])
    given_from += raised.end() if raised else 0
    label = text[figure.left : given_from].strip("，；、（的")
    payment = Payment(
        given_from,
        _end(text, figure),
        given_from,
        "",
        "fixed",
        clause=figure.clause,
        label=label,
        labels=[label],
        label_from=figure.left,
    )
    if role == "rate":
        payment.rates, payment.form = list(group), "rate" if len(group) == 1 else "tiered"
        payment.base = base_of(text[given_from : group[0].start]) or base_of_tail(figure.after)
    elif role == "cap" and not (group[0].per and "/" in text[group[0].start : group[0].end + 2]):
        payment.caps, payment.form = list(group), "fixed" if len(group) == 1 else "tiered"
    else:
        payment.amounts, payment.form = list(group), "fixed" if len(group) == 1 else "tiered"
        if is_area_price(group[0]):
            payment.form, payment.base = "rate", f"{group[0].printed}{group[0].unit}/{group[0].per}×面积"
    if role == "cap" and is_area_price(group[0]):
        payment.caps, payment.form, payment.base = [], "rate", f"{group[0].printed}{group[0].unit}/{group[0].per}×面积"
        payment.amounts = list(group)
    payment.kind = kind_of(text, figure.segment[0], payment.start, group[-1].end)
    return payment


def _end(text: str, figure: _Figure) -> int:
    last = figure.group[-1]
    noun = re.match(
        rf"(?:(?!、[前后第])[^，；。（）]){{0,20}}?{NOUN}(?:支持|奖励|补贴|补助)?|[^，；。（）]{{0,16}}?(?:加计扣除|摊销|抵扣|抵免|抵用|收入总额|企业所得税)",
        text[last.end : last.end + 28],
    )
    return max(last.outer[1], last.end + (noun.end() if noun else 0))


def _guarded(text: str, last: Payment | None, figure: _Figure) -> bool:
    """Something new is asked for between the last promise and this figure."""
    if last is None or last.clause != figure.clause:
        return True
    between = text[last.end : figure.group[0].start]
    return bool(
        re.search(r"[，。；](?:对|凡|如|若|经|获得?|新|首次|通过)[^，；。]{2,}|的，|企业[，的]|以上的|项目的", between)
    ) and not re.match(r"^(?:的)?，(?:给予|予以|单|每|最高)", between)


def _parallel(text: str, last: Payment, payment: Payment, figure: _Figure) -> bool:
    """三星级按60%…，四星级按80%…: the same form twice, each with its label, nothing else between."""
    if last.clause != payment.clause or (last.kind != payment.kind and not figure.bracket):
        return False
    if figure.bracket:
        return (
            last.end <= payment.start
            and bool(payment.amounts) == bool(last.amounts)
            and "（" in text[last.start : payment.start] + "（"
        )
    same = (
        bool(last.rates) == bool(payment.rates)
        and bool(last.amounts) == bool(payment.amounts)
        and bool(last.caps) == bool(payment.caps)
    )
    between = text[last.end : payment.given_from]
    label = (
        re.sub(r"^[^，；]{0,16}，", "", between) if between.startswith(("的", "补", "奖")) else between.lstrip("，、")
    )
    return (
        same
        and bool(label)
        and between.count("，") <= 1
        and len(label) <= (8 if payment.capped else 30)
        and not re.search(r"^(?:并|且|同时|另)?(?:对|凡|获|经|首次|新|向|企业|如)|的$|后$", label)
        and bool(last.label or payment.label)
    )
