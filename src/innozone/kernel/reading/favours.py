"""Promises without a figure: tax reliefs by reference, licences, recognition, service. Read where no sum is promised."""

from __future__ import annotations

import re

from innozone.kernel.reading.document import Document, Node
from innozone.kernel.reading.fold import depth, fold, segments, sentences
from innozone.kernel.reading.model import Benefit

MOST = 2  # of one kind
_FAVOURS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words))
    for kind, words in (
        ("减免", r"(?:享受|办理|申报|给予)[^，。；]{0,14}(?:税收|税费)(?:优惠|减免)"),
        ("服务", r"(?:颁发|核发|发给|领取)[^，。；]{0,16}(?:许可证|批准书|执照)"),
        ("荣誉", r"(?:颁发|核发|授予)[^，。；]{0,20}(?:证书|牌匾|称号|奖牌)"),
        ("荣誉", r"(?:经|被|将|予以)(?:[^，。；]{0,10}?)认定为[^，。；]{2,24}"),
        ("荣誉", r"(?:列入|纳入|入选|进入)[^，。；]{2,24}(?:库|名单|目录|计划)|[^，。；]{2,20}入库(?:工作|培育)"),
        ("服务", r"(?:优先(?:支持|推荐|安排|保障|享受|提供)|精准(?:施策|配置|服务)|靶向|绿色通道|一站式|要素(?:保障|供给)|引进支持)[^，。；]{0,20}"),
        ("服务", r"(?:可以?|申请|予以)[^，。；]{0,6}办理[^，。；]{0,10}(?:引进|落户|入户|居住证|签证)"),
    )
)  # fmt: skip
_NOT_HERE = re.compile(r"所[称指]|^\s*(?:为了?|根据|按照|依据|结合)|未被|未曾|不得|取消|追缴|停止|申请书|承诺|材料")


def favours(document: Document) -> list[Benefit]:
    """At most two promises of a kind, the sentence's last words of giving each; spans into the body."""
    found: list[Benefit] = []
    counts: dict[str, int] = {}
    for node in document.nodes():
        if node.role in {"papers", "office", "supervision"}:
            continue
        for benefit in _of(document, node):
            if counts.get(benefit.kind, 0) < MOST:
                counts[benefit.kind] = counts.get(benefit.kind, 0) + 1
                found.append(benefit)
    return found


def _of(document: Document, node: Node) -> list[Benefit]:
    folded = fold(document.body, node.text_start, node.own_end)
    text = folded.text
    levels = depth(text)
    found = []
    for a, b in sentences(text, levels):
        chosen: tuple[int, int, str] | None = None
        for c, d in segments(text, a, b, levels):
            if _NOT_HERE.search(text[c:d]):
                continue
            for kind, pattern in _FAVOURS:
                match = pattern.search(text, c, d)
                if match and not levels[match.start()]:
                    chosen = (c, d, kind)
                    break
        if chosen:
            span = folded.span(chosen[0], chosen[1])
            formula = {"type": "fixed", "amount": None, "rate": None, "cap": None, "base": None}
            found.append(Benefit(document.body[slice(*span)], span, chosen[2], formula))
    return found
