"""Who or what is named between the word of giving and the sum: 给予省级实训基地100万元, 给予新增软件著作权每件1000元."""

from __future__ import annotations

import re

from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.honours import named
from innozone.kernel.reading.names import HEAD_NOUN
from innozone.kernel.reading.payments import Payment
from innozone.kernel.reading.subjects import rights

_NAMED = re.compile(
    r"(?:^|分别|，)(?:再)?(?:给予|奖励)(?P<what>[^，；。\d]{4,40}?)(?=每[件家项个人]|不少于|最高|一次性|不超过|分别|\d|，\d)"
)
_LISTED = re.compile(r"^(?P<what>(?:[国省市区县][家级]+[、和])+[^，；。\d]{4,30}?)$")


def recipient(text: str, payment: Payment) -> list[Hit]:
    """The designation or right that a promise names as its recipient; spans into `text`."""
    sums = payment.amounts or payment.caps
    if payment.rates or payment.shares or not sums:
        return []
    first = sums[0]
    front = max(text.rfind(sign, 0, first.outer[0]) for sign in "，；。\n") + 1
    words = text[front : first.outer[0]]
    found = _NAMED.search(words + "0") or _LISTED.match(words)
    if found is None:
        return []
    what = re.sub(r"^(?:新创成的|新建成的|新增|新认定的|对|新)", "", found["what"])
    start = front + found.start("what")
    end = front + found.end("what")
    owned = rights(what)
    if owned:
        return [Hit("ip_type", "in", [str(value) for value in _list(owned[0].value)], start, end)]
    if not HEAD_NOUN.search(what) or re.search(
        r"每[人年家]|奖励|补助|补贴|资助|资金|经费|投入|金额|总额|标准|团队$|人$|高管$|业主$|主办方$|注册人$|权利人$|企业$|单位$|项目$|主体$|机构$|个人$",
        what,
    ):
        return []
    return named(what, "", start, end)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
