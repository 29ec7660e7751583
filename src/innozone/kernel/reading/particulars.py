"""What belongs to a measure beside conditions and promises: papers to hand in, last day, office."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from innozone.kernel.reading.document import Document
from innozone.kernel.reading.model import Item, Reading, Stacked

_PAPER_END = re.compile(r"[（(：:；;。\n]|，(?:加盖|并|需|须|应|包括|含)")
_NO_PAPER = re.compile(
    r"^(?:申报|申请)(?:企业|单位|人)(?:应|须|需|在)|联系|地址|电话|装订|份数|^其[它他]|材料要求$|^以上|^网上申[报请]材料|^纸质申[报请]材料"
)
_LAST_DAY = re.compile(
    r"(?:截止(?:时间|日期)?(?:为|到|至|：)?|于|在|至|截至)\s*(?:(?P<y>(?:19|20)\d{2})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日[^，。；]{0,8}?(?P<by>前|之前|止|截止)?"
)
_APPLY = re.compile(r"申[报请]|提交|受理|填报|报送|截止")
_OFFICE = re.compile(
    r"(?:向|报|由)(?P<name>[\u4e00-\u9fff]{2,20}?(?:局|委员会|委|办公室|厅|管委会|中心|部门|科))(?:提出|提交|申[报请]|受理|负责|审核|解释|具体|会同)"
)
_WINDOW = re.compile(
    r"(?:(?P<y>(?:19|20)\d{2})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?:起)?(?:至|到|-|—|～|~)(?:(?P<y2>(?:19|20)\d{2})年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
)
_STACKED = re.compile(
    r"就高不重复|从高不重复|(?:从|就|按)高(?:不就低|原则|享受|执行|兑现|补助|奖励)|不(?:得|再|予)?重复(?:享受|奖励|补助|补贴|支持|资助|申报|计算|兑现|执行)"
    r"|只能?(?:享受|选择|申报|申请)(?:其中)?(?:的)?一[项次种]|择[优高]|不(?:再)?(?:叠加|累加|累计)(?:享受|执行|计算|奖励|补助)?"
)
# One and the same thing is not paid for twice; an enterprise with two things is free to have both.
_SAME_THING = re.compile(
    r"同一(?:项目|事项|产品|奖项|内容|成果|专利|活动|性质|合同|设备|人)|同类|同序列|同一企业的?同一"
)
_SAME_FIRM = re.compile(
    r"同一(?:企业|主体|单位|申[请报]人|申[请报]单位|机构)|(?:多|各|两)(?:项|条)[^，；。]{0,8}(?:政策|奖励|补助|条款|扶持|支持)|本(?:政策|措施|办法|意见|细则)"
)
MOST_PAPERS = 40
MOST_STACKED = 8


def particulars(reading: Reading) -> None:
    """Fill in papers, last day and office of every item; what the document says once holds for all of its items."""
    papers = _papers(reading.document)
    office = _department(reading.document)
    # A day that stands in one measure is that measure's, not everybody's.
    own = [item.span for item in reading.items if item.benefits] if len(reading.items) > 1 else []
    day, window = _deadline(reading.document, besides=own), _window(reading.document, besides=own)
    for item in reading.items:
        item.materials = list(papers)
        own_day, own_window = _deadline(reading.document, item.span), _window(reading.document, item.span)
        item.deadline = own_day or day
        item.department = office
        item.window = own_window or (window if own_day is None else None)
    reading.stacked = _stacked(reading)


def _papers(document: Document) -> list[str]:
    found: list[str] = []
    for node in document.nodes():
        if node.role != "papers" or node.children:
            continue
        text = document.body[node.text_start : node.own_end].strip()
        name = _PAPER_END.split(text, maxsplit=1)[0].strip("，、 \u3000")
        if 3 < len(name) <= 90 and not _NO_PAPER.search(name) and name not in found:
            found.append(name)
    return found[:MOST_PAPERS]


def _deadline(
    document: Document, within: tuple[int, int] | None = None, besides: Sequence[tuple[int, int]] = ()
) -> dict[str, Any] | None:
    """The first day by which to apply; a month and day alone take the year of issue."""
    start, end = within or (0, len(document.body))
    for found in _LAST_DAY.finditer(document.body, start, end):
        if any(a <= found.start() < b for a, b in besides):
            continue
        line = document.body.rfind("\n", 0, found.start()) + 1
        opening = max(line, document.body.rfind("。", 0, found.start()) + 1)
        closing = (
            min(i for i in (document.body.find(s, found.end()) for s in "。；\n") if i >= 0)
            if re.search(r"[。；\n]", document.body[found.end() :])
            else len(document.body)
        )
        sentence = document.body[opening:closing]
        year = found["y"] or document.issued[:4]
        if not (found["by"] or "截" in found[0]) or not year or not _APPLY.search(sentence):
            continue
        if 1 <= int(found["m"]) <= 12 and 1 <= int(found["d"]) <= 31:
            return {"quote": sentence.strip(), "value": f"{year}-{int(found['m']):02}-{int(found['d']):02}"}
    if within is None and document.valid_to:
        return {"quote": "", "value": document.valid_to}
    return None


def _window(
    document: Document, within: tuple[int, int] | None = None, besides: Sequence[tuple[int, int]] = ()
) -> tuple[str, str] | None:
    """First and last day (ISO) for applications: 申报时间为3月1日至4月15日. Days without a year take that of issue."""
    start, end = within or (0, len(document.body))
    for found in _WINDOW.finditer(document.body, start, end):
        if any(a <= found.start() < b for a, b in besides):
            continue
        line = max(document.body.rfind(sign, 0, found.start()) for sign in "。；\n") + 1
        stop = min((at for at in (document.body.find(s, found.end()) for s in "。；\n") if at >= 0), default=end)
        year = found["y"] or document.issued[:4]
        if not year or not _APPLY.search(document.body[line:stop]):
            continue
        days = [
            _day(year, found["m"], found["d"]),
            _day(found["y2"] or year, found["m2"], found["d2"]),
        ]
        if all(days) and days[0] <= days[1]:
            return days[0], days[1]
    return None


def _day(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _stacked(reading: Reading) -> list[Stacked]:
    """The sentences that say what may not be had together, with the items that each of them is said of."""
    document = reading.document
    found: list[Stacked] = []
    for node in document.nodes():
        text, at = document.body[node.text_start : node.own_end], node.text_start
        for match in _STACKED.finditer(text):
            start = max(text.rfind(sign, 0, match.start()) for sign in "。；\n") + 1
            stop = min((i for i in (text.find(s, match.end()) for s in "。；\n") if i >= 0), default=len(text))
            span = (at + start + len(text[start:stop]) - len(text[start:stop].lstrip()), at + stop)
            words = document.body[slice(*span)]
            if any(other.span == span for other in found) or "不予" in words[:4]:
                continue
            alone = bool(_SAME_THING.search(words)) and not re.search(
                r"多项|各项|多个政策|本(?:政策|措施|办法|意见)", words
            )
            scope = "thing" if alone else "firm" if _SAME_FIRM.search(words) else "thing"
            found.append(Stacked(words, span, node.path, scope, _spoken_of(reading.items, span)))
    return found[:MOST_STACKED]


def _spoken_of(items: list[Item], span: tuple[int, int]) -> list[int]:
    """Indexes of the items that promise something and that the sentence is about: the one it stands in, else all."""
    promising = [at for at, item in enumerate(items) if item.benefits]
    around = [at for at in promising if items[at].span[0] <= span[0] < items[at].span[1]]
    return around or promising


def _department(document: Document) -> dict[str, Any] | None:
    found = _OFFICE.search(document.body)
    if found:
        return {"quote": found[0], "value": found["name"]}
    if document.issuer and document.issuer in document.body:
        return {"quote": document.issuer, "value": document.issuer}
    return None
