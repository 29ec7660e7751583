"""The words around a promise: its kind, what a share is taken of, what it is paid for, how long."""

from __future__ import annotations

import re

from innozone.kernel.reading.quantities import Quantity

GIVE = r"(?:(?:奖|优惠|减免)(?=\d)|给予|予以|发放|兑现|奖励|补助|补贴|资助|扶持|支持|配套(?!率|设施|费|齐全|采购|产品|企业|件)|返还|补偿|贴息|提供|拨付|申领|(?:可以?|能够?)申[请报](?=最高|不超过|每|一次性|额度|\d)|(?:兑付|兑现|抵扣|抵用)(?:额度|金额|比例)|提取|安排(?!残疾|就业|见习|专人|专职)|享受|奖补)"
NOUN = r"(?:奖励|奖金|补助|补贴|资助|扶持|支持|配套|补偿|返还|奖补|资金|经费|贴息|券|优惠|支助|名额)"
#: Kind of support → the words that promise it.
KINDS: tuple[tuple[str, str], ...] = (
    ("贴息", r"贴息"), ("减免", r"免征|减免|减按|减半|加计扣除|抵免|抵扣应|抵扣|摊销|计入收入|全免|免收|减征|税率|扣减|再?优惠(?=\d)|(?<!实际)收取|^(?:的标准)?缴纳"), ("授信", r"授信|(?:贷款|担保)额度|(?:担保|信用|抵押|质押)贷款(?![^，；。]{0,6}(?:贴息|利息|补|奖|给予|的))"),
    ("奖励", r"奖励|奖金|奖补|嘉奖|提取|奖(?=\d)"), ("补贴", r"补助|补贴|资助|扶持|支持|配套(?!费|设施)|补偿|抵用|经费|返还|资金|券"),
)  # fmt: skip
_PER = re.compile(
    r"(?:每|/|单)(?:一)?(?P<per>件|项|家|个|人|台|套|名|户|亩|年|月|间|张|块|次|场|吨|展位|项目|企业|平台)(?:每(?P<per2>月|年|天))?"
)
_DURATION = re.compile(
    r"(?:期限|连续|最长|时间|年限|有效期|不超过|发放|补贴期|分)[^，；。]{0,10}?(?:[一二三四五六\d]{1,2})(?:年|个月)[^，；。]{0,4}"
)


def kind_of(text: str, segment: int, start: int, figure_end: int) -> str:
    """The kind of a promise by the nearest word of giving: behind its first figure, before it, then farther off."""
    if (
        re.match(r"个?[^，；。\d]{0,6}名额|名(?=，|。|；|$)", text[figure_end : figure_end + 10])
        or text[figure_end - 1 : figure_end] == "名"
    ):
        return "服务"
    stop = min((i for i in (text.find(s, figure_end) for s in "，；。（\n") if i >= 0), default=len(text))
    front = max(text.rfind("。", 0, start) + 1, segment)
    # The base of a share is no word of giving: 按建设经费的50%.
    share = re.sub(r"按照?(?!照)[^，；。]{2,24}的(?=[\d.]+%)", "", text[start:figure_end])
    for words in (text[figure_end:stop], share, text[front:start]):
        best = [(m.end(), kind) for kind, pattern in KINDS for m in re.finditer(pattern, words)]
        if best:
            strong = [kind for _, kind in best if kind in {"贴息", "减免", "授信", "奖励"}]
            return strong[-1] if strong else max(best)[1]
    behind = text[stop : stop + 60].split("。")[0]
    if "奖励" in behind:
        return "奖励"
    best = [(m.end(), kind) for kind, pattern in KINDS for m in re.finditer(pattern, text[max(0, start - 200) : start])]
    return max(best)[1] if best else "补贴"


def base_of(words: str) -> str | None:
    """What a share is taken of: 按项目投资额的 → 项目投资额."""
    words = re.sub(r"^.*(?:按照?|给予|予以|不超过|最高|不高于|奖励|补助|补贴|资助|比例为)(?=[^的])", "", words)
    words = re.sub(
        r"^(?:其|可|将|为|对|减按|每年|应当?|或者|从)+|(?:的|中?提取|最高|不超过|不高于|不低于|不少于|给予|比例|单个项目)+$",
        "",
        words,
    ).strip("的，、（ ")
    return words if 1 < len(words) <= 40 and not re.search(r"提高[到至]?$", words) else None


def base_of_tail(after: str) -> str | None:
    found = re.match(r"^(?:的)?(?:比例)?(?:对|给予)?([^，；。的]{2,16})(?:给予|予以)", after)
    return found[1] if found else None


def per_of(words: str, quantity: Quantity | None) -> str | None:
    """件, 人·月: what one amount is paid for."""
    if quantity is not None and quantity.per:
        return quantity.per
    found = _PER.search(words)
    if found:
        return "·".join(part for part in (found["per"], found["per2"]) if part)
    return "年" if re.search(r"年度|全年|每年|年补助", words) else None


def duration_of(words: str) -> str | None:
    found = _DURATION.search(words)
    return found[0] if found else None
