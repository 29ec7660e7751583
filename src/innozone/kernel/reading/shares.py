"""A promise and its parts; those that are shares without a figure: 1:1配套, 免征, 减半, 全额, 三免两减半."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from innozone.kernel.reading.fold import segments
from innozone.kernel.reading.giving import GIVE, NOUN, base_of, kind_of
from innozone.kernel.reading.quantities import Quantity

START = re.compile(
    r"(?:可以?|再|另|追加|额外|叠加|累加|应|将|则|分别|分期|一并|一次性|均|各|按年|每年|予以)*"
    r"(?:按照?(?!规定|要求|程序|有关)|给予|予以(?!备案|认定|立项)|减按|免征|减半|发放|兑现|最高(?!人民|法|学)|每[件项家个人台名户亩年月间块满]|单[个家台人次]|单项(?!冠军)|(?:奖|优惠|减免)(?=\d)|(?:奖励|补助|补贴|资助|返还|配套|贴息|扶持|支持)(?=[^，；。的]{0,12}[\d一二两三四五六七八九十]))"
)
_NEXT_YEARS = re.compile(r"[^，；。、\d]{0,6}[，、；](?:第[一二三四五\d、和至]+年|后[一二三四五\d]年)")
RATIO = re.compile(
    r"(?<![\d.])(?P<a>\d{1,2}(?:\.\d+)?)：(?P<b>1)(?![\d.])|(?<![\d.])1：(?P<c>0\.\d+|[2-9])(?![\d.])|等额(?=配套|资助|奖励|补助)"
)
_WHOLE = re.compile(
    r"(?P<half>租金减半|(?<=年)减半(?=；|。|，|$)|减半征收|减半(?:征收|收取|缴纳))|(?P<all>免征|全免|全额(?:给予)?(?:免除|减免|抵用|补贴|补助|返还|资助|贴息)|免收|予以免除|(?<!减)免(?:缴|交|除)?(?:全部)?(?:房屋)?租金|免房租)|(?P<years>(?P<free>[一二两三四五])免(?P<cut>[一二两三四五])减半)"
)
_CASE_BY_CASE = re.compile(r"(?:实行[“]?|(?<!规定)“)(?P<talks>一事一议|一企一策)[”]?|(?P<back>即征即退|先征后[返退])")


@dataclass(slots=True)
class Payment:
    """A promise; `start`, `end` and `given_from` (where its expression begins) are offsets into the folded text."""

    start: int
    end: int
    given_from: int
    kind: str
    form: str  # fixed, rate, tiered
    amounts: list[Quantity] = field(default_factory=list)
    rates: list[Quantity] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)  # 1:1, 全额, 减半
    cap: Quantity | None = None
    caps: list[Quantity] = field(default_factory=list)
    base: str | None = None
    labels: list[str] = field(default_factory=list)
    note: str = ""
    clause: int = 0
    label: str = ""
    label_from: int = 1 << 60

    @property
    def tiers_of(self) -> list[Quantity]:
        return self.caps or self.amounts

    @property
    def capped(self) -> bool:
        return bool(self.caps) and not self.amounts and not self.rates and not self.shares


def unnumbered(text: str, start: int, end: int, levels: list[int], known: list[Payment]) -> list[Payment]:
    """1:1配套, 免征, 减半, 全额, 三免两减半, 一事一议: those of the sentence that `known` does not hold."""
    found = list(known)
    for segment in segments(text, start, end, levels):
        words = text[segment[0] : segment[1]]
        for match in (*RATIO.finditer(words), *_WHOLE.finditer(words), *_CASE_BY_CASE.finditer(words)):
            a, b = segment[0] + match.start(), segment[0] + match.end()
            around = next((p for p in found if p.start <= a and b <= p.end), None)
            if around and not around.rates and len(around.tiers_of) > 1 and match.groupdict().get("a"):
                around.shares = around.shares or [float(match["a"])]
            if any(p.start < b and a < p.end for p in found) or re.search(
                r"不得|不予|停止|缩短", words[: match.start()]
            ):
                continue
            groups = match.groupdict()
            ratio = groups.get("a") or groups.get("c")
            if ratio and not re.search(GIVE, words):
                continue
            shares = [float(ratio)] if ratio else [0.5] if groups.get("half") else [1.0]
            if groups.get("years"):
                shares = [1.0, 0.5]
            elif groups.get("talks") or groups.get("back"):
                shares = []
            begin = START.search(text, segment[0], a)
            given_from = begin.start() if begin else a
            tail = re.match(rf"[^，；。]{{0,16}}?{NOUN}|[^，；。]{{0,8}}", text[b : min(segment[1], b + 24)])
            close = b + (tail.end() if tail else 0)
            form = "fixed" if not shares else "rate" if len(shares) == 1 else "tiered"
            payment = Payment(given_from, close, given_from, "", form, shares=shares, clause=text.count("；", start, a))
            relief = "all" in groups and not re.search(r"奖励|补助|补贴|贴息|抵用|返还", words)
            payment.kind = "减免" if relief or groups.get("back") else kind_of(text, segment[0], given_from, b)
            payment.base = base_of(text[given_from:a])
            payment.label = text[segment[0] : given_from]
            found.append(payment)
    return found[len(known) :]


def join_shares(text: str, found: list[Payment]) -> list[Payment]:
    """What belongs to a share without a figure: 全额补助，每年合计不超过30万元; 前两年全免，第三年减半收取."""
    kept: list[Payment] = []
    for payment in found:
        last = kept[-1] if kept else None
        if (
            last
            and last.shares
            and not (last.cap or last.caps or last.amounts)
            and payment.capped
            and len(payment.caps) == 1
            and payment.clause == last.clause
            and not re.search(r"对|的，|企业，", text[last.end : payment.given_from])
        ):
            last.cap, last.end = payment.caps[0], payment.end
            continue
        if (
            last
            and (last.shares or last.rates)
            and (payment.shares or payment.rates)
            and not (payment.amounts or last.amounts or last.cap)
            and last.kind == payment.kind
            and _NEXT_YEARS.match(text, last.end)
        ):
            last.shares, last.rates = last.shares + payment.shares, last.rates + payment.rates
            last.form, last.cap, last.end = "tiered", payment.cap, payment.end
            continue
        kept.append(payment)
    return kept
