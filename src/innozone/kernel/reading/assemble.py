"""From clauses to items: which sentences state conditions, which promise something, and what belongs to what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from innozone.kernel.reading.claims import sanction
from innozone.kernel.reading.document import Document, Node
from innozone.kernel.reading.fold import Folded, clauses, depth, fold, segments, sentences
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.payments import Payment, payments
from innozone.kernel.reading.quantities import Quantity, scan, series
from innozone.kernel.reading.setting import Setting
from innozone.kernel.reading.understand import SUBJECT_VARIABLES, deny, understand

SILENT = frozenset({"papers", "procedure", "office", "supervision", "purpose", "deadline"})
_CONDITION_HEAD = re.compile(
    r"(?:符合|具备|满足|达到)[^。；：]{0,16}(?:条件|要求|情形|标准)[^。；：]{0,16}：?\s*$|(?:条件|对象|范围)(?:如下|之一|为|包括)?：?\s*$|(?:条件|情形)之一的?[^。；]{0,24}：\s*$"
)
_ONE_OF = re.compile(r"之一|任一|其中一项|一项(?:或多项)?|任意一")
_REFUSAL_HEAD = re.compile(
    r"(?:不得|不予|不能|禁止|不享受)[^。；：]{0,24}(?:下列|以下)[^。：]{0,20}：?\s*$|(?:有|存在|属于)(?:下列|以下)[^。：]{0,16}(?:之一)?的?，[^。：]{0,12}(?:不予|不得|不能|不享受|不纳入)[^。：]{0,12}：?\s*$"
)
_REFUSAL = re.compile(
    r"(?:不予|不得|不再|不能|均不得|均不|不给予|一律不|不)(?:再)?(?:给予|享受|申报|申请|纳入|列入|予以|重复)?(?:贷款利息)?(?:专利)?(?:补助|补贴|奖励|资助|支持|扶持|享受|申报|申请|推荐|受理|奖补|优惠|政策)|除外|不适用"
)
_MUST = re.compile(
    r"(?:须|应当?|必须|需)(?:同时)?(?:在|为|是|符合|具备|满足|具有|达到|依法|诚实|由|属于)|适用于|适用对象为|对象为|主要对象|所(?:指|称)[^。，]{0,16}(?:为|是指|系指|指)|条件为|(?:申[请报]人|申[请报]单位|申报企业)(?:须|需|应)"
)
_AIM = re.compile(r"^(?:为|根据|按照|贯彻|结合)|以本(?:意见|办法|政策)为准|从其规定|解释|废止|另行制定|印发之日")


@dataclass(slots=True)
class Branch:
    """One way into a promise: what is asked, what is given, what stays open."""

    hits: list[Hit] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    manual: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Parsed:
    """A clause taken apart. `always` holds for every branch; all offsets go through `folded`."""

    node: Node
    folded: Folded
    body: str
    start: int
    end: int
    branches: list[Branch] = field(default_factory=list)
    always: list[Hit] = field(default_factory=list)
    manual: list[tuple[int, int]] = field(default_factory=list)
    mode: str = ""


class Assembler:
    """Takes the clauses of one document apart."""

    def __init__(self, document: Document, setting: Setting) -> None:
        self.document = document
        self.setting = setting

    def parse(self) -> list[Parsed]:
        """Every clause that states or promises something, in order."""
        found = []
        for node in self.document.nodes():
            for start, end in self._stretches(node):
                parsed = self._clause(node, start, end)
                if parsed.branches or parsed.always or parsed.manual:
                    found.append(parsed)
        return found

    def _stretches(self, node: Node) -> list[tuple[int, int]]:
        """The clause's own text; the paragraphs of a text without markers are clauses of their own."""
        start = node.heading_end or node.text_start
        if node.kind not in {"root", "chapter", "rest"}:
            return [(start, node.own_end)]
        found, at = [], start
        for line in self.document.body[start : node.own_end].split("\n"):
            if line.strip():
                found.append((at, at + len(line)))
            at += len(line) + 1
        return found

    def mode(self, node: Node) -> str:
        """`condition` where the clause lists conditions, `refusal` where it lists what rules out, else empty."""
        parent: Node | None = node
        while parent is not None:
            own = self.document.body[parent.start : parent.own_end].rstrip()
            last = re.split(r"[。；\n]", own)[-1] if parent is not node else ""
            if last and _REFUSAL_HEAD.search(last):
                return "" if sanction(last) else "refusal"
            if last and (_CONDITION_HEAD.search(last) and not sanction(last)):
                return "condition"
            if parent.role in SILENT:
                return ""
            parent = parent.parent
        return "condition" if node.role == "condition" else ""

    def _clause(self, node: Node, start: int, end: int) -> Parsed:
        folded = fold(self.document.body, start, end)
        text = folded.text
        parsed = Parsed(node, folded, self.document.body, start, end)
        if node.role in SILENT and self.mode(node) != "refusal":
            return parsed
        parsed.mode = self.mode(node)
        quantities = scan(text, self.setting.exclusive_below)
        groups = series(text, quantities)
        levels = depth(text)
        earlier: tuple[int, int] | None = None
        for a, b in sentences(text, levels):
            words = text[a:b]
            given = payments(text, a, b, [g for g in groups if a <= g[0].start < b], levels)
            if given:
                self._promise(parsed, a, b, given, quantities, levels, earlier)
            elif parsed.mode == "refusal":
                parsed.always.extend(deny(self._read(text, a, b, quantities, node)) or [])
                if not parsed.always:
                    parsed.manual.append((a, b))
            elif _REFUSAL.search(words) and not _AIM.search(words) and not sanction(words):
                self._refusal(parsed, a, b, quantities, levels)
            elif parsed.mode == "condition" or (
                _MUST.search(words) and node.role not in SILENT and not _AIM.search(words)
            ):
                if not _CONDITION_HEAD.search(words) or len(words) > 40:
                    self._conditions(parsed, a, b, quantities, levels)
                earlier = None
                continue
            earlier = None if given else (a, b)
        return parsed

    def _context(self, node: Node) -> str:
        parts = []
        parent = node.parent
        while parent is not None and parent.kind != "root":
            own = fold(self.document.body, parent.text_start, parent.own_end).text.strip()
            if own.endswith("："):
                parts.append(own.split("\n")[-1])
            parent = parent.parent
        return "".join(reversed(parts))

    def _read(
        self,
        text: str,
        a: int,
        b: int,
        quantities: list[Quantity],
        node: Node,
        sentence: int | None = None,
        guard: bool = False,
    ) -> list[Hit]:
        context = self._context(node) + text[sentence if sentence is not None else a : a]
        return understand(text, a, b, quantities, self.setting, context, guard=guard)

    def _conditions(self, parsed: Parsed, a: int, b: int, quantities: list[Quantity], levels: list[int]) -> None:
        text = parsed.folded.text
        branch = parsed.branches[0] if parsed.branches and not parsed.branches[0].payments else Branch()
        for c, d in segments(text, a, b, levels):
            hits = self._read(text, c, d, quantities, parsed.node, a)
            branch.hits.extend(hits)
            if not hits and d - c >= 4 and not _CONDITION_HEAD.search(text[c:d]):
                branch.manual.append((c, d))
        if (branch.hits or branch.manual) and branch not in parsed.branches:
            parsed.branches.append(branch)

    def _refusal(self, parsed: Parsed, a: int, b: int, quantities: list[Quantity], levels: list[int]) -> None:
        text = parsed.folded.text
        found = _REFUSAL.search(text, a, b)
        if found is None:
            return
        hits: list[Hit] = []
        for c, d in segments(text, a, found.start(), levels):
            if c >= text.rfind("；", a, found.start()):
                hits.extend(self._read(text, c, min(d, found.start()), quantities, parsed.node, a))
        stated = [hit for hit in hits if hit.op == "not_exists"]
        turned = deny(
            [hit for hit in hits if hit.op != "not_exists" and hit.variable not in SUBJECT_VARIABLES - {"industry"}]
        )
        if stated or turned:
            parsed.always.extend(stated + turned)
        elif re.search(r"重复|同一|已享受|其他|已获", text[a:b]):
            parsed.always.append(Hit("duplicate_support", "not_exists", None, a, b))
        else:
            parsed.manual.append((a, b))

    def _promise(
        self,
        parsed: Parsed,
        a: int,
        b: int,
        given: list[Payment],
        quantities: list[Quantity],
        levels: list[int],
        earlier: tuple[int, int] | None,
    ) -> None:
        """A sentence with promises: what stands before each of them in its clause guards it."""
        text, node = parsed.folded.text, parsed.node
        branches: list[Branch] = []
        for c, d in clauses(text, a, b, levels):
            branch = Branch()
            for e, f in segments(text, c, d, levels):
                inside = [p for p in given if e <= p.start < f]
                stop = min([f, *(max(e, p.given_from) for p in inside)])
                covered = any(p.start < e < p.end for p in given)
                if stop > e and not covered:
                    hits = (
                        []
                        if _refused(text[e:stop])
                        else self._read(text, e, stop, quantities, node, a, guard=not branch.hits)
                    )
                    if hits and branch.payments:
                        branches.append(branch)
                        branch = Branch()
                    branch.hits.extend(
                        hit
                        for hit in hits
                        if not any(
                            p.start < hit.end and hit.start < p.given_from and hit.start >= p.start for p in given
                        )
                    )
                    if not hits and re.search(r"的$|^对|^凡", text[e:stop]) and stop - e > 4:
                        branch.manual.append((e, stop))
                branch.payments.extend(inside)
            if branch.hits or branch.payments or branch.manual:
                branches.append(branch)
        merged: list[Branch] = []
        for branch in branches:
            if not branch.payments and not branch.hits:
                continue
            if merged and not branch.hits and not branch.manual:
                merged[-1].payments.extend(branch.payments)
            else:
                merged.append(branch)
        if merged and not merged[0].hits and earlier and not parsed.branches:
            for c, d in segments(text, *earlier, levels):
                merged[0].hits.extend(self._read(text, c, d, quantities, node, earlier[0], guard=True))
        elif merged and not merged[0].hits and parsed.branches and not earlier:
            parsed.branches[-1].payments.extend(merged[0].payments)
            merged = merged[1:]
        elif merged and not merged[0].hits and earlier:
            for c, d in segments(text, *earlier, levels):
                merged[0].hits.extend(self._read(text, c, d, quantities, node, earlier[0], guard=True))
        parsed.branches.extend(merged)


def _refused(words: str) -> bool:
    return bool(re.search(r"^(?:最高|期限|补贴期|分\S{0,3}年|可分|累计)|^(?:不含|包括)", words))
