"""Reading a policy: from a file or a text to a Reading."""

from __future__ import annotations

import re
from pathlib import Path

from innozone.kernel.reading.assemble import Assembler, Branch, Parsed
from innozone.kernel.reading.document import Document, Node, parse_document
from innozone.kernel.reading.favours import favours
from innozone.kernel.reading.formulas import benefit, name_tiers
from innozone.kernel.reading.gist import describe
from innozone.kernel.reading.grouping import join
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.load import DEFAULT_LIMIT, Loaded, load_bytes, load_file
from innozone.kernel.reading.model import Condition, Group, Item, Manual, Reading
from innozone.kernel.reading.numeric import close_tiers
from innozone.kernel.reading.particulars import particulars
from innozone.kernel.reading.setting import settle
from innozone.kernel.reading.signs import heads_list
from innozone.kernel.rules.errors import without_unseen

# 具备以下条件的企业可申请研发补助 is a measure of its own.
_GRANTS = re.compile(r"条件的?(?:企业|单位|机构|个人|人才|申请人)?，?可(?:以)?(?:申[请报]|享受)")
_CALLED = re.compile(r"(?:本[^，。所]{2,6})?所称[^，。]{2,12}(?:企业|机构|单位|主体|载体|平台|人才)")


def read_file(path: str | Path, *, limit: int = DEFAULT_LIMIT) -> Reading:
    """Read a docx, pdf, html or txt of at most `limit` bytes. Raises ReadingError."""
    return _read(load_file(path, limit=limit), Path(path).stem)


def read_bytes(data: bytes, name: str, *, limit: int = DEFAULT_LIMIT) -> Reading:
    """Read the content of a file called `name`, whose ending says what it is. Raises ReadingError."""
    return _read(load_bytes(data, name, limit=limit), Path(name).stem)


def _read(loaded: Loaded, stem: str) -> Reading:
    # What nobody sees can be no words of a condition: a paper copied from a page or a PDF may carry it anywhere.
    text = without_unseen(loaded.text)
    title, body = _headed(text) if loaded.kind == "txt" else ("", text)
    reading = read_text(body, title or loaded.title or None)
    reading.kind = loaded.kind
    reading.name = re.sub(r"\.gold$", "", stem)
    return reading


def _headed(text: str) -> tuple[str, str]:
    """Title and body of a filed text: title, source and way of getting it on three lines, an empty one, then the body."""
    lines = text.split("\n", 4)
    if (
        len(lines) == 5
        and all(line.strip() for line in lines[:3])
        and not lines[3]
        and ("://" in lines[1] or lines[2].isascii())
    ):
        return lines[0].strip(), lines[4]
    return "", text


def read_text(text: str, title: str | None = None) -> Reading:
    """Read the text of a policy. Spans are offsets into `text`; any text can be read, a foreign one gives no items."""
    document = parse_document(text, title)
    setting = settle(document)
    parsed = Assembler(document, setting).parse()
    reading = Reading(document, region=setting.home)
    reading.items = _items(document, parsed)
    _favour(reading)
    describe(reading)
    particulars(reading)
    return reading


def _favour(reading: Reading) -> None:
    """Where no sum is promised, what else the text gives goes to the item around it, else to the first one."""
    if not reading.items or any(item.benefits for item in reading.items):
        return
    for found in favours(reading.document):
        around = (item for item in reading.items if item.span[0] <= found.span[0] < item.span[1])
        next(around, reading.items[0]).benefits.append(found)


def _items(document: Document, parsed: list[Parsed]) -> list[Item]:
    sections: dict[int, list[Parsed]] = {}
    order: list[tuple[Node, list[Parsed]]] = []
    for part in parsed:
        head = _section(document, part)
        if id(head) in sections and head is not None:
            sections[id(head)].append(part)
            continue
        group = [part]
        if head is not None:
            sections[id(head)] = group
        order.append((head or part.node, group))
    items = []
    for number, (node, group) in enumerate(order, 1):
        item = _item(document, node, group, number)
        if item.conditions or item.benefits or item.manual:
            items.append(item)
    # Whom the paper is about is asked of all its measures; where it names several kinds, each measure says which.
    called = [item for item in items if _CALLED.match(item.name) and not item.benefits]
    if len(called) == 1:
        called[0].general = True
    return items


def _section(document: Document, part: Parsed) -> Node | None:
    """The clause at the head of the list that a clause belongs to; measures stand for themselves."""
    node = part.node
    if node.kind in {"root", "chapter", "rest"}:
        return None
    while part.mode and node.parent is not None and node.parent.kind not in {"root", "chapter"}:
        if node.parent.role != "condition" and not heads_list(document, node.parent):
            break
        node = node.parent
    return node


def _item(document: Document, node: Node, parts: list[Parsed], number: int) -> Item:
    start, end = parts[0].start, parts[-1].end
    if node.kind != "root":
        start = min(start, node.start)
    body = document.body
    while end > start and body[end - 1].isspace():
        end -= 1
    over = node.parent if node.parent is not None and node.parent.kind not in {"chapter", "rest"} else document.root
    item = Item(_title(document, node, body[start:end]), (start, end), source=node.path, scope=(over.start, over.end))
    branches: list[tuple[Parsed, Branch]] = []
    for part in parts:
        for hit in part.always:
            _condition(item, part, hit, Group("all", f"{number}.all"))
        for a, b in part.manual:
            _manual(item, part, a, b, Group("all", f"{number}.all"))
        branches.extend((part, branch) for branch in part.branches)
    tiers = close_tiers([hit for _, branch in branches for hit in branch.hits])
    for joined in join(document, number, branches, tiers):
        part = joined.part
        for hit, group in zip(joined.hits, joined.groups, strict=True):
            _condition(item, part, hit, group)
        for a, b in joined.branch.manual:
            _manual(item, part, a, b, joined.ways.get((a, b), joined.rest))
        for payment in joined.branch.payments:
            made = benefit(payment, part.folded, body)
            made.branch = joined.name
            name_tiers(made, joined.hits)
            item.benefits.append(made)
    item.general = _general(node, parts, item)
    return item


def _general(node: Node, group: list[Parsed], item: Item) -> bool:
    """Conditions of the whole document or section: its heading says so, or it stands among the closing provisions."""
    if _GRANTS.search(item.name):
        return False
    above: Node | None = node
    while above is not None:
        if above.kind == "rest" or above.role in {"condition", "rest"}:
            return True
        above = above.parent
    return any(part.always and not part.branches for part in group) or bool(re.search(r"适用(?:于|对象)", item.name))


def _condition(item: Item, part: Parsed, hit: Hit, group: Group) -> None:
    span, quote = _quote(part, hit.start, hit.end)
    if any(
        c.span == span and c.variable == hit.variable and c.op == hit.op and c.value == hit.value and c.group == group
        for c in item.conditions
    ):
        return
    item.conditions.append(
        Condition(
            quote,
            span,
            hit.variable,
            hit.op,
            hit.value,
            hit.unit,
            hit.yuan,
            hit.bounds,
            hit.period,
            group,
            part.node.path,
            hit.members,
        )
    )


def _manual(item: Item, part: Parsed, start: int, end: int, group: Group) -> None:
    span, quote = _quote(part, start, end)
    item.manual.append(Manual(quote, span, group, part.node.path))


def _quote(part: Parsed, start: int, end: int) -> tuple[tuple[int, int], str]:
    text = part.folded.text
    while start < end - 1 and text[start] in "，；。、：\n ":
        start += 1
    while end > start + 1 and text[end - 1] in "，；。、：\n ":
        end -= 1
    a, b = part.folded.span(start, end)
    return (a, b), part.body[a:b]


def _title(document: Document, node: Node, text: str) -> str:
    if node.heading and len(node.heading) > 1:
        return (
            re.sub(r"^(?:大力|积极)?(?:支持|鼓励|推进|推动|加大|加快|引导|实施|加强|强化)", "", node.heading)
            or node.heading
        )
    found = re.match(r"[^。；，：\n]{4,30}", text[node.text_start - node.start if node.kind != "root" else 0 :].strip())
    return found[0] if found else document.title
