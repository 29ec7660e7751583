"""The shape of a policy text: title, number, issuer, days, and its chapters, articles, paragraphs and items with spans.

Source of the forms: 党政机关公文格式 (GB/T 9704) for title and 文号, and the usual order 章、节、条、一、（一）、1.、（1）.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HAN = "一二三四五六七八九十百零〇"
_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("chapter", rf"第[{_HAN}\d]+[章编](?=[\s\u3000]|[\u4e00-\u9fff]|$)"),
        ("section", rf"第[{_HAN}\d]+节(?=[\s\u3000]|[\u4e00-\u9fff]|$)"),
        ("article", rf"第[{_HAN}\d]+条(?:之[{_HAN}])?(?=[\s\u3000：:【〔（(]|[\u4e00-\u9fff]|$)"),
        ("han", rf"[{_HAN}]{{1,3}}\s?[、．.]"),
        ("paren_han", rf"[（(][{_HAN}]{{1,3}}[）)][、.．]?"),
        ("arabic", r"\d{1,2}\s?(?:[、．]|\.(?!\d))"),
        ("paren_arabic", r"[（(]\d{1,2}[）)][、.．]?"),
        ("half_paren", r"\d{1,2}[）)]"),
        ("circled", r"[①-⑳]"),
        ("latin", r"[a-h][.．)）]"),
        ("rest", r"附\s{0,4}则(?=[\s\u3000：:]|$)"),
    )
)
# 规则 by which a heading tells what its part is for; the first that fits counts.
_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (
            "papers",
            r"(?<![新原合进筑])材料(?:要求|清单|目录)?$|资料(?:要求|清单)?$|文件(?:要求|清单)|附件|(?:申[报请]|提[交供]|纸质|网上).{0,6}材料",
        ),
        (
            "condition",
            r"(?:条件|对象|范围|资格)(?:及要求|和要求|如下|之一|要求)?$|(?:符合|具备|满足).{0,8}条件|^(?:申[报请]|基本|相关|资格|准入|具体)?要求$",
        ),
        (
            "benefit",
            r"额度|(?:支持|扶持|优惠|奖励|补助|补贴|资助|租金|收费|租赁)(?:内容|方式|措施|政策|标准|价格)|^标准$|政策(?:优惠|措施)",
        ),
        (
            "procedure",
            r"(?<!小)程序|流程(?!再造|优化)|步骤|申[报请]方式|受理方式|(?<!生产)审核|评审$|兑现|办理|报送|申报安排|工作要求|工作安排|组织实施|组织与实施",
        ),
        (
            "deadline",
            r"(?:申[报请]|受理|办理|评审|公示|提交|截止|工作|起止|安排)[^，]{0,4}(?:时间|期限)$|^(?:时间|期限)$|截止",
        ),
        (
            "supervision",
            r"监督|监管(?!仓|账户|区)|法律责任|罚则|纪律|绩效(?!奖|补)|追究|保障措施|组织领导|组织保障|(?:^|[和与及、督]|资金|经费|项目|日常|考核|动态|后续|跟踪|档案|组织|使用|过程|申报|考评|评价|证后|风险|财务)管理$",
        ),
        ("office", r"联系(?:方式|人|电话|地址|部门|单位|$)|咨询(?:方式|电话|部门|地址)|^(?:业务|政策|联系)?咨询$|职责"),
        (
            "purpose",
            r"总\s*则|目的$|目的[和与及]|依据|指导思想|总体要求|工作目标|^(?:基本|总体|工作|指导|遵循的?)?原则$",
        ),
        ("rest", r"附\s*则|^其[他它](?:事项|规定|要求)?$|说明$|注意事项|名词"),
    )
)
_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12}[〔\[（(【]\s?(?:19|20)\d{2}\s?[〕\]）)】]\s?第?\d{1,5}号")
_ORGAN = r"[\u4e00-\u9fff（）()、 ]{2,40}(?:人民政府|管理委员会|管委会|委员会|办公室|办公厅|政府|局|厅|部|院|署|总局|委|中心|协会|银行)"
_SIGNED = re.compile(rf"^\s*(?P<organ>{_ORGAN})?\s*(?P<day>(?:19|20)\d{{2}}年\d{{1,2}}月\d{{1,2}}日)?\s*$")
_DAY = re.compile(r"((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日")
_FROM = re.compile(
    r"自((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日[^。；]{0,4}(?:起|开始|正式)?[^。；]{0,6}(?:施行|实施|执行|生效)|((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日起?(?:施行|实施|执行)"
)
_UNTIL = re.compile(
    r"(?:有效期|执行期|实施期|施行期)[^。；]{0,10}?(?:至|到|为至)((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日"
)
_YEARS = re.compile(r"(?:实行|实施|执行)年限为((?:19|20)\d{2})年?(?:至|-|—|到)((?:19|20)\d{2})年")
_HEADING_END = re.compile(r"[。：:\n]")
_BOXED = re.compile(r"[【〔][^】〕\n]{2,24}[】〕]")  # 第二条【适用范围】


@dataclass(slots=True, eq=False)
class Node:
    """A clause: `start` with its marker, `text_start` behind it, `own_end` where its first child begins, `end` with children."""

    kind: str
    marker: str
    start: int
    text_start: int
    own_end: int = 0
    end: int = 0
    heading: str = ""
    heading_end: int = 0
    role: str = ""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def path(self) -> str:
        """第二条（一）1. as a person cites it."""
        above = self.parent.path if self.parent and self.parent.kind != "root" else ""
        if self.kind == "article":
            above = ""
        return above + self.marker.strip(" \u3000、．.:：")


@dataclass(slots=True)
class Document:
    """A policy text and what its head and foot say. Days are ISO, empty where the text names none."""

    body: str
    title: str
    number: str = ""
    issuer: str = ""
    issued: str = ""
    valid_from: str = ""
    valid_to: str = ""
    root: Node = field(default_factory=lambda: Node("root", "", 0, 0))

    def nodes(self) -> Iterator[Node]:
        yield from self.root.walk()


def parse_document(body: str, title: str | None = None) -> Document:
    """Take the text apart. Never fails: a text without any marker is one clause."""
    document = Document(body, (title or "").strip() or _title(body))
    document.root = _tree(body)
    for node in document.nodes():
        _name(body, node)
    head = f"{document.title}\n{body[:400]}"
    document.number = _number(document.title) or _number(body[:600], alone=True)
    organ, day = _signature(body)
    document.issuer = _issuer(document.title, head) or organ
    document.issued = day
    document.valid_from, document.valid_to = _validity(body)
    return document


def _title(body: str) -> str:
    lines = [line.strip() for line in body[:1500].split("\n")]
    taken: list[str] = []
    for line in lines[:12]:
        if not line:
            if taken:
                break
            continue
        if _NUMBER.fullmatch(line) or (not taken and re.fullmatch(_ORGAN, line)):
            continue
        if len(line) > 60 or re.search(r"[。；]|：$|:$", line) or _marker(line, 0):
            break
        taken.append(line)
        if re.search(
            r"(?:办法|细则|意见|规定|政策|措施|通知|公告|方案|条例|指引|指南|决定|若干政策|通告)(?:（[^）]*）)?$", line
        ):
            break
    return "".join(taken) or next((re.split(r"[。；\s]", line)[0][:60] for line in lines if line), "")


def _number(text: str, alone: bool = False) -> str:
    for found in _NUMBER.finditer(text):
        line_start = text.rfind("\n", 0, found.start()) + 1
        line_end = text.find("\n", found.end())
        line = text[line_start : line_end if line_end >= 0 else len(text)].strip(" （）()")
        # A number behind another document's title is that document's.
        if not alone or line == found[0].strip():
            return re.sub(r"\s", "", found[0])
    return ""


def _issuer(title: str, head: str) -> str:
    for found in re.finditer(rf"（({_ORGAN})(?:[，,][^）]*)?）", title):
        if not re.search(r"[（）、]", found[1]):
            return found[1]
    opening = re.match(rf"\s*({_ORGAN})(?:关于|印发)", head)
    return opening[1].strip() if opening else ""


def _signature(body: str) -> tuple[str, str]:
    """Organ and day from the foot, or the day below the title."""
    organ = day = ""
    for line in reversed(body.rstrip().split("\n")[-8:]):
        found = _SIGNED.match(line)
        if found and (found["organ"] or found["day"]):
            organ = organ or re.sub(r"\s", "", found["organ"] or "")
            day = day or (_iso(*_DAY.search(found["day"]).groups()) if found["day"] else "")  # type: ignore[union-attr]
    if not day:
        found_day = re.search(r"^\s*[（(]?((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日[）)]?\s*$", body[:600], re.M)
        day = _iso(*found_day.groups()) if found_day else ""
    return organ, day


def _validity(body: str) -> tuple[str, str]:
    begin, finish = _FROM.search(body), _UNTIL.search(body)
    start = _iso(*[g for g in begin.groups() if g]) if begin else ""
    end = _iso(*finish.groups()) if finish else ""
    years = _YEARS.search(body)
    if years:
        start, end = start or f"{years[1]}-01-01", end or f"{years[2]}-12-31"
    return start, end


def _iso(year: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return ""
    return f"{year}-{int(month):02}-{int(day):02}"


def _marker(text: str, at: int) -> tuple[str, re.Match[str]] | None:
    for kind, pattern in _MARKERS:
        found = pattern.match(text, at)
        if found:
            return kind, found
    return None


def _line_starts(body: str) -> list[int]:
    """Where lines begin; a long line with markers inside (a page pressed flat, a list run on) is cut before each of them."""
    starts = []
    at = 0
    for line in body.split("\n"):
        starts.append(at)
        if len(line) > 30:
            starts.extend(at + cut for cut in _inner_cuts(line))
        at += len(line) + 1
    return starts


def _inner_cuts(line: str) -> list[int]:
    cuts: list[int] = []
    if len(line) > 300:
        pattern = rf"(?<=[\s。；：])(?:[{_HAN}]{{1,3}}、|（[{_HAN}]{{1,3}}）|第[{_HAN}]{{1,4}}[章条](?=\s))"
        cuts.extend(found.start() for found in re.finditer(pattern, line))
    # 符合下列条件：（1）…；（2）…
    head = re.search(
        r"(?:条件|情形|对象|要求|范围|标准|之一)[^。；：:]{0,20}[：:]\s*(?=[（(](?:1|一)[）)]|1[.、．]|①)", line
    )
    if head:
        rest = line[head.end() :]
        first = _marker(rest, 0)
        if first:
            pattern = dict(_MARKERS)[first[0]].pattern
            cuts.extend(head.end() + found.start() for found in re.finditer(rf"(?:^|(?<=[；。;]))(?:{pattern})", rest))
    return sorted(set(cuts) - {0})


def _tree(body: str) -> Node:
    root = Node("root", "", 0, 0, end=len(body), own_end=len(body))
    stack = [root]
    previous: Node = root
    for start in _line_starts(body):
        blank = len(body[start:]) - len(body[start:].lstrip(" \t\u3000\u00a0")) if start < len(body) else 0
        at = start + blank
        found = _marker(body, at)
        if not found:
            parent = _resumed(body, at, stack)
            if parent is not None:
                # 其中，… behind a list speaks for the list, not for its last member.
                node = Node("resumed", "", at, at, parent=parent)
                previous.own_end = at
                parent.children.append(node)
                del stack[stack.index(parent) + 1 :]
                stack.append(node)
                previous = node
            continue
        kind, match = found
        kinds = [node.kind for node in stack]
        if kind in kinds:
            del stack[kinds.index(kind) :]
        elif kind in {"chapter", "rest"}:
            del stack[1:]
        elif kind == "article":
            stack[:] = [node for node in stack if node.kind in {"root", "chapter", "section"}]
        node = Node(kind, match[0], at, match.end(), parent=stack[-1])
        previous.own_end = at
        stack[-1].children.append(node)
        stack.append(node)
        previous = node
    previous.own_end = len(body)
    _ends(root, len(body))
    return root


_LISTED = frozenset({"paren_han", "arabic", "paren_arabic", "half_paren", "circled", "latin"})


def _resumed(body: str, at: int, stack: list[Node]) -> Node | None:
    """The clause that an unmarked line behind a list goes on with: its head for 其中, the section for 上述."""
    if len(stack) < 3 or stack[-1].kind not in _LISTED:
        return None
    if re.match(r"其中[，,：]", body[at : at + 3]):
        return stack[-2]
    return stack[1] if re.match(r"上述|以上(?:条件|人员|企业|单位|对象|人才|各)", body[at : at + 4]) else None


def _ends(node: Node, end: int) -> None:
    node.end = end
    if not node.children:
        node.own_end = end
    for child, following in zip(node.children, [*node.children[1:], None], strict=False):
        _ends(child, following.start if following else end)


def _name(body: str, node: Node) -> None:
    """The heading of a clause and the role it gives; a clause without one plays its parent's."""
    own = body[node.text_start : node.own_end]
    lead = len(own) - len(own.lstrip())
    first = own.strip("\n \t\u3000").split("\n", 1)[0].strip()
    inherited = node.parent.role if node.parent else ""
    if node.kind != "root" and first:
        boxed = _BOXED.match(first)
        cut = boxed or _HEADING_END.search(first)
        candidate = boxed[0] if boxed else first[: cut.start()] if cut else first
        if not cut and len(first) > 60:
            # 一、适用对象 本办法的…: a page pressed flat parts heading and text by a blank.
            candidate = re.split(r"\s", candidate, maxsplit=1)[0]
        rest = own.strip()[len(candidate) + (0 if boxed else 1) :].strip()
        short = len(candidate) <= 30 and not re.search(r"[，；,;\d%％]|不低于|不超过|不得", candidate)
        # A short sentence that is all there is says what it says; a heading has something under it.
        if short and (rest or node.children or (cut and first[cut.start()] in "：:")):
            node.heading = candidate.strip(" \u3000【】〔〕")
            node.heading_end = node.text_start + lead + len(candidate)
    node.role = _role(node.heading) or inherited
    if node.kind in {"root", "chapter"}:
        node.role = _role(node.heading) if node.heading else ""


def _role(heading: str) -> str:
    if re.search(r"条件", heading) and re.search(r"程序|流程", heading):
        return ""  # 认定条件与程序: each article of such a chapter speaks for itself
    return next((role for role, pattern in _ROLES if heading and pattern.search(heading)), "")
