"""What belongs to a measure beside conditions and promises: papers to hand in, last day, office."""

from __future__ import annotations

import re
from typing import Any

from innozone.kernel.reading.document import Document
from innozone.kernel.reading.model import Reading

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
MOST_PAPERS = 40


def particulars(reading: Reading) -> None:
    """Fill in papers, last day and office of every item; what the document says once holds for all of its items."""
    papers = _papers(reading.document)
    day, office = _deadline(reading.document), _department(reading.document)
    for item in reading.items:
        item.materials = list(papers)
        item.deadline = _deadline(reading.document, item.span) or day
        item.department = office


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


def _deadline(document: Document, within: tuple[int, int] | None = None) -> dict[str, Any] | None:
    """The first day by which to apply; a month and day alone take the year of issue."""
    start, end = within or (0, len(document.body))
    for found in _LAST_DAY.finditer(document.body, start, end):
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


def _department(document: Document) -> dict[str, Any] | None:
    found = _OFFICE.search(document.body)
    if found:
        return {"quote": found[0], "value": found["name"]}
    if document.issuer and document.issuer in document.body:
        return {"quote": document.issuer, "value": document.issuer}
    return None
