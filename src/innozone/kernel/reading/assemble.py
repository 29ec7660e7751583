"""Clause by clause: which sentences state conditions, which rule out, which promise something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from innozone.kernel.reading.alternatives import Stretch, settle_ways
from innozone.kernel.reading.claims import blots, sanction
from innozone.kernel.reading.document import Document, Node
from innozone.kernel.reading.doings import aims, doing
from innozone.kernel.reading.fold import Folded, clauses, depth, fold, segments, sentences, split_list
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.payments import Payment, payments
from innozone.kernel.reading.quantities import scan, series
from innozone.kernel.reading.recipients import recipient
from innozone.kernel.reading.setting import Setting
from innozone.kernel.reading.sheets import PRIORITY, Sheet, asks, priority, unread
from innozone.kernel.reading.signs import (
    AIM,
    APPLICANT,
    BARRED_TRADES,
    BY_FORM,
    CONDITION_HEAD,
    DEFINES,
    GRANTED,
    INLINE_REFUSAL,
    LABEL,
    LEAD_IN,
    MUST,
    NAMES,
    OF_PROMISE,
    ORDINAL,
    REFUSAL,
    REFUSAL_HEAD,
    SCOPE,
    SILENT,
    SIZED,
    STANDING,
    gives,
    mode_of,
    no_offer,
    opens,
)
from innozone.kernel.reading.subjects import talents
from innozone.kernel.reading.tables import Table, tables, told
from innozone.kernel.reading.understand import SUBJECT_VARIABLES, Scope, deny, soft, understand

_PURPOSE = re.compile(r"^(?:推进|推动|促进|加强|优化|完善|提升|助力)")
# 申报主体须守法经营，发生事故的不予扶持: what is owed is asked for, what comes behind it is refused.
_OWED = re.compile(r"^[^，；。须应]{0,12}(?:须|应当?|必须)(?!受|处|予)[^，；。]*(?<!的)$")
_WHERE = frozenset({"project_region", "exhibition_region", "operating_region"})


@dataclass(slots=True)
class Branch:
    """One way into a promise: what is asked, what is given, what stays open."""

    hits: list[Hit] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    manual: list[tuple[int, int]] = field(default_factory=list)
    spoken: list[tuple[int, int]] = field(default_factory=list)  # its guard stretches, understood or not
    ways: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)  # of `manual`: choice and way, as of Hit


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
        found: list[Parsed] = []
        for node in self.document.nodes():
            for start, end in self._stretches(node):
                found.extend(p for p in self._parts(node, start, end) if p.branches or p.always or p.manual)
        return found

    def _parts(self, node: Node, start: int, end: int) -> Iterator[Parsed]:
        """The running text of a stretch and its tables, in order."""
        body, at = self.document.body, start
        for table in tables(body, start, end):
            if table.start > at:
                yield self._clause(node, at, table.start)
            lead = fold(body, at, table.start).text.strip().split("\n")[-1]
            yield self._table(node, table, lead)
            at = table.end
        if at < end:
            yield self._clause(node, at, end)

    def _table(self, node: Node, table: Table, lead: str) -> Parsed:
        """The rows of a table, each the sentence that it stands for; who is meant by the lead is asked of all of them."""
        mode = mode_of(self.document, node) or ("condition" if table.asks(lead) else "")
        parsed = self._clause(node, table.start, table.end, told(table, lead), mode)
        if any(branch.payments for branch in parsed.branches):
            said = understand(lead, 0, len(lead), scan(lead), Scope(self.setting))
            at = len(parsed.folded) - 1
            named = {hit.variable for branch in parsed.branches for hit in branch.hits}
            parsed.always.extend(
                replace(hit, start=0, end=at) for hit in said if hit.variable in SUBJECT_VARIABLES - named
            )
        return parsed

    def _stretches(self, node: Node) -> list[tuple[int, int]]:
        """The clause's own text; the paragraphs of a text without markers are clauses of their own."""
        # In a list of conditions the first sentence is a condition, not a heading.
        start = node.heading_end or node.text_start
        if self.document.body[node.heading_end : node.heading_end + 1] == "。" and (
            SIZED.search(self.document.body, node.start, node.own_end)
            or (mode_of(self.document, node) == "condition" and not LABEL.search(node.heading))
        ):
            start = node.text_start
        if node.kind not in {"root", "chapter", "rest"}:
            return [(start, node.own_end)]
        found, at = [], start
        for line in self.document.body[start : node.own_end].split("\n"):
            if line.strip():
                found.append((at, at + len(line)))
            at += len(line) + 1
        return found

    def _sheet(self, folded: Folded, node: Node) -> Sheet:
        text = folded.text
        quantities = scan(text, self.setting.exclusive_below)
        heads, headings, parent = [], [self.document.title], node.parent
        if self.document.body[node.heading_end : node.heading_end + 1] == "：":
            heads.append(f"{node.heading}：")  # 研发费用占营业收入比例：5000万元以下的不低于5%
        while parent is not None and parent.kind != "root":
            own = fold(self.document.body, parent.text_start, parent.own_end).text.strip()
            if own.endswith("："):
                heads.append(own.split("\n")[-1])
            headings.append(parent.heading)
            parent = parent.parent
        person = bool(re.search(r"人才|毕业生|个人|人员|留学|专家", "".join(headings)))
        return Sheet(text, quantities, series(text, quantities), depth(text), "".join(reversed(heads)), person)

    def _clause(
        self, node: Node, start: int, end: int, folded: Folded | None = None, mode: str | None = None
    ) -> Parsed:
        folded = fold(self.document.body, start, end) if folded is None else folded
        parsed = Parsed(
            node, folded, self.document.body, start, end, mode=mode_of(self.document, node) if mode is None else mode
        )
        silent = node.role in SILENT and not parsed.mode and not gives(self.document, node)
        if silent and node.role not in {"purpose", "supervision", "office"}:
            return parsed
        sheet = self._sheet(folded, node)
        earlier: tuple[int, int] | None = None
        for a, b in sentences(sheet.text, sheet.levels):
            words = sheet.text[a:b]
            if no_offer(words):
                earlier = None
                continue
            if silent:
                said_of_all = MUST.search(words) and not sanction(words) and self._plain(sheet, a, b)
                if said_of_all or (
                    node.role == "purpose" and (APPLICANT.search(words) or SCOPE.search(words) or DEFINES.search(words))
                ):
                    self._conditions(parsed, sheet, a, b)
                continue
            if a == 0 and words == node.heading and SIZED.search(sheet.text):
                parsed.always.append(Hit("industry", "==", words, a, b))
                continue
            inline = INLINE_REFUSAL.match(words)
            if inline:
                self._refused(parsed, sheet, a + inline.end(), b)
                continue
            given = payments(sheet.text, a, b, [g for g in sheet.groups if a <= g[0].start < b], sheet.levels)
            if (
                not given
                and not REFUSAL.search(words)
                and PRIORITY.search(words)
                and (GRANTED.search(words) or any(q.op for q in sheet.quantities if a <= q.start < b))
            ):
                given = [priority(sheet.text, a, b)]
            if given:
                self._promise(parsed, sheet, a, b, given, earlier)
                earlier = None
            elif parsed.mode == "refusal":
                hits = deny(self._ground(sheet, a, b))
                parsed.always.extend(hits)
                if not hits:
                    parsed.manual.append((a, b))
            elif not AIM.search(words) and (refusing := self._refusing(sheet, a, b)):
                for c, d in refusing:
                    self._refusal(parsed, sheet, c, d)
            elif parsed.mode == "condition" or (
                (MUST.search(words) or self._bounded(sheet, a, b) or self._plain(sheet, a, b))
                and not AIM.search(words)
                and not BY_FORM.search(words)
            ):
                known = self._conditions(parsed, sheet, a, b)
                # What a list of conditions has asked is not asked again by the promise behind it.
                earlier = None if known and parsed.mode == "condition" else (a, b)
            else:
                earlier = (a, b)
        return parsed

    def _read(self, sheet: Sheet, a: int, b: int, sentence: int) -> list[Hit]:
        scope = Scope(self.setting, sheet.context + sheet.text[sentence:a], sheet.person)
        return understand(sheet.text, a, b, sheet.quantities, scope)

    def _bounded(self, sheet: Sheet, a: int, b: int) -> bool:
        """A sentence without 应 or 须 that sets a bound which is understood: 项目固定资产投资不少于1000万元."""
        if not any(q.op and a <= q.start < b and q.kind != "time" for q in sheet.quantities):
            return False
        return any(
            hit.unit is not None
            for c, d in segments(sheet.text, a, b, sheet.levels)
            for hit in self._read(sheet, c, d, a)
        )

    def _plain(self, sheet: Sheet, a: int, b: int) -> bool:
        """A sentence that states two things of the applicant: 在本县从事生产经营，信用记录良好."""
        hits = [hit for c, d in segments(sheet.text, a, b, sheet.levels) for hit in self._read(sheet, c, d, a)]
        return len({hit.variable for hit in hits} & STANDING) > 1

    def _conditions(self, parsed: Parsed, sheet: Sheet, a: int, b: int) -> bool:
        """A sentence of conditions: every stretch of it that is not understood stays open for a person. True if any was."""
        text = sheet.text
        branch = next((known for known in parsed.branches if not known.payments), None) or Branch()
        whole = talents(text[a:b])
        opens_list = opens(text[a:b])
        said: list[Stretch] = []
        for c, d in [(a, b)] if whole else segments(text, a, b, sheet.levels):
            named = NAMES.search(text, c, d)
            if named:
                c = named.end()
            if re.search(r"所称", text[c:d]) or opens(text[c : d + 1]) or soft(text[c:d]):
                continue
            hits = [hit.moved(a) for hit in whole] or self._read(sheet, c, d, a)
            said.append(Stretch(text[c:d], c, d, hits))
            head = (
                CONDITION_HEAD.search(text[c : min(d + 1, len(text))])
                or text[c:d].endswith("：")
                or re.match(r"（[^）]*）$", text[c:d])
            )
            if hits and unread(sheet, c, d, hits):
                branch.manual.append((c, d))
            leads = LEAD_IN.search(text[c:d]) or AIM.search(text[c:d])
            if not hits and d - c >= 4 and not head and not opens_list and not leads:
                branch.manual.append((c, d))
        settle_ways(said, f"{a}")
        branch.hits.extend(hit for stretch in said for hit in stretch.hits)
        branch.ways |= {(each.start, each.end): (f"{a}", each.way) for each in said if each.way is not None}
        if (branch.hits or branch.manual) and branch not in parsed.branches:
            parsed.branches.append(branch)
        return bool(branch.hits)

    def _refusing(self, sheet: Sheet, a: int, b: int) -> list[tuple[int, int]]:
        """The clauses of a sentence that refuse something, but for those about what is taken back."""
        text, found = sheet.text, []
        for c, d in clauses(text, a, b, sheet.levels):
            at = c
            for e, f in segments(text, c, d, sheet.levels):
                # 有违法情况的不得申报，同一项目不得重复申报: each refusal with what stands before it.
                if REFUSAL.search(text, e, f) and not sanction(text[at:f]) and "逾期" not in text[at:f]:
                    found.append((at, f))
                    at = f
        return found

    def _refused(self, parsed: Parsed, sheet: Sheet, a: int, b: int) -> None:
        """The grounds for refusal that a sentence lists behind its colon."""
        for c, d in clauses(sheet.text, a, b, sheet.levels):
            ordinal = ORDINAL.match(sheet.text[c:d])
            c += ordinal.end() if ordinal else 0
            hits = deny(self._ground(sheet, c, d))
            parsed.always.extend(hits)
            if not hits:
                parsed.manual.append((c, d))

    def _ground(self, sheet: Sheet, a: int, b: int) -> list[Hit]:
        """What a ground for refusal says; 拖欠农民工工资 is about wages, not about whom."""
        read, plain = self._read(sheet, a, b, a), blots(sheet.text, a, b)
        whom = all(hit.variable in SUBJECT_VARIABLES | {"person_type"} for hit in read)
        return plain if plain and whom else read

    def _refusal(self, parsed: Parsed, sheet: Sheet, a: int, b: int) -> None:
        """对…的不予补助: what stands before the refusal is turned round."""
        text = sheet.text
        found = REFUSAL.search(text, a, b)
        if found is None or REFUSAL_HEAD.search(text[a:b]):
            return
        begin = max(a, text.rfind("；", a, found.start()) + 1)
        hits: list[Hit] = []
        for c, d in segments(text, begin, found.start(), sheet.levels):
            read = self._read(sheet, c, min(d, found.start()), begin)
            read = [hit for hit in blots(text, c, d) if hit.variable.startswith("housing")] or read
            if DEFINES.search(text[c:d]) or _OWED.search(text[c:d]):
                parsed.always.extend(read)
                continue
            barred = BARRED_TRADES.fullmatch(text[c : min(d, found.start())])
            if barred:
                names = split_list(re.sub(r"(?:型|类|行业|业)(?=、|$)", "", barred["names"] or ""), "、") or split_list(
                    barred["listed"], "、"
                )
                read = [Hit("industry_negative", "in", names, c, min(d, found.end()))]
            if not read and re.search(r"专利|商标|著作权", text[c:d]) and not re.search(r"已经授权|符合", text[c:d]):
                name = re.sub(r"^(?:对|其中)+|的$", "", text[c:d])
                read = [Hit("ip_type", "in", [name], c, found.end())]
            hits.extend(read)
        hits = hits or blots(text, begin, found.end())
        stated = [hit for hit in hits if hit.op == "not_exists" and hit.variable != "credit_good"]
        turned = deny(
            [hit for hit in hits if hit not in stated and hit.variable not in SUBJECT_VARIABLES - {"industry"}]
        )
        if stated or turned:
            parsed.always.extend(stated + turned)
        elif re.search(r"同一|已享受|其他|已获|其它", text[begin : found.end()]) and not re.match(
            r"[^，；。]{0,6}(?:两项|多项)", text[begin:]
        ):
            parsed.always.append(Hit("duplicate_support", "not_exists", None, begin, found.end()))
        else:
            parsed.manual.append((begin, found.end()))

    def _promise(
        self, parsed: Parsed, sheet: Sheet, a: int, b: int, given: list[Payment], earlier: tuple[int, int] | None
    ) -> None:
        """A sentence with promises: what stands before each of them in its clause guards it."""
        text = sheet.text
        branches: list[Branch] = []
        for number, (c, d) in enumerate(clauses(text, a, b, sheet.levels)):
            asked = MUST.search(text, c, d) or REFUSAL.search(text, c, d)
            if number and not asked and not any(c <= p.start < d for p in given):
                continue  # 获得名次的另行奖励; 小微企业由财政统一投保: beside the promise, no condition of it
            branch = Branch()
            for e, f in segments(text, c, d, sheet.levels):
                inside = [p for p in given if e <= p.start < f]
                stop = min([f, *(max(e, p.given_from) for p in inside)])
                if not inside and REFUSAL.search(text[e:f]) and not any(p.start < e < p.end for p in given):
                    self._refusal(parsed, sheet, e, f)
                    continue
                if stop > e and any(p.start < e < p.end for p in given):
                    branch.hits.extend(self._tier(sheet, e, f, branch, str(a)))
                if (
                    stop > e
                    and not any(p.start < e < p.end for p in given)
                    and not (OF_PROMISE.search(text[e:stop]) and (branch.payments or stop == f))
                ):
                    hits = self._read(sheet, e, stop, a)
                    if branch.payments and (hits or re.search(r"^(?:对|凡|获|新|经|首次|在)|的$|后$", text[e:stop])):
                        branches.append(branch)
                        branch = Branch()
                    if not branch.payments:
                        branch.hits.extend(hits)
                        branch.spoken.append((e, stop))
                        if not hits or unread(sheet, e, stop, hits):
                            branch.manual.append((e, stop))
                for payment in inside:
                    branch.hits.extend(recipient(text, payment))
                branch.payments.extend(inside)
            if branch.payments or branch.hits:
                branches.append(branch)
        self._join(parsed, sheet, branches, earlier)

    def _tier(self, sheet: Sheet, a: int, b: int, branch: Branch, name: str) -> list[Hit]:
        """A tier of a promise that is named by kinds of persons: one more way in."""
        kinds = {"talent_class", "person_education", "person_title", "qualification"}
        stop = next((q.outer[0] for q in sheet.quantities if a <= q.start < b), b)
        hits = [hit for hit in self._read(sheet, a, stop, a) if hit.variable in kinds] if stop > a else []
        if hits:
            branch.hits = [replace(hit, choice=name) if hit.variable in kinds else hit for hit in branch.hits]
        return [replace(hit, choice=name) for hit in hits]

    def _join(self, parsed: Parsed, sheet: Sheet, branches: list[Branch], earlier: tuple[int, int] | None) -> None:
        text = sheet.text
        for number, branch in enumerate(branches):
            plain = [hit for hit in branch.hits if not aims(text[hit.start : hit.end])]
            if plain and len(plain) < len(branch.hits):
                branch.hits = plain
            if all(hit.variable in _WHERE for hit in branch.hits):
                self._do(branch, sheet, branch.spoken)
            if branch.hits or branch.manual or number or not branch.payments:
                branch.manual = [(s, e) for s, e in branch.manual if asks(sheet, s, e)]
        merged: list[Branch] = []
        for branch in branches:
            if merged and not branch.hits and not branch.manual:
                merged[-1].payments.extend(branch.payments)
            elif branch.payments or branch.hits:
                merged.append(branch)
        if merged and not merged[0].hits:
            first = merged[0]
            if earlier:
                parts = segments(text, *earlier, sheet.levels)
                for c, d in parts:
                    first.hits.extend(self._read(sheet, c, d, earlier[0]))
                if not first.hits:
                    self._do(first, sheet, parts)
            elif parsed.branches and not first.manual:
                parsed.branches[-1].payments.extend(first.payments)
                merged = merged[1:]
        parsed.branches.extend(merged)

    def _do(self, branch: Branch, sheet: Sheet, parts: list[tuple[int, int]]) -> None:
        """The stretch nearest to the promise that names something to do or to hold."""
        text = sheet.text
        for c, d in sorted(parts, key=lambda part: (bool(_PURPOSE.match(text[part[0] : part[1]])), -part[0])):
            hits = [hit.moved(c) for hit in doing(text[c:d])]
            if hits:
                branch.hits.extend(hits)
                # 装配率达到60%以上的项目: what it is, is said; how large it must be, stays open.
                sized = any(q.op and c <= q.start < d for q in sheet.quantities)
                branch.manual = [(s, e) for s, e in branch.manual if sized or (s, e) != (c, d)]
                return
