"""Reading a policy: from a file or a text to a Reading."""

from __future__ import annotations

import re
from pathlib import Path

from innozone.kernel.reading.assemble import Assembler, Branch, Parsed
from innozone.kernel.reading.document import Document, Node, parse_document
from innozone.kernel.reading.favours import favours
from innozone.kernel.reading.formulas import benefit, name_tiers
from innozone.kernel.reading.gist import describe
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.load import DEFAULT_LIMIT, load_file
from innozone.kernel.reading.model import Condition, Group, Item, Manual, Reading
from innozone.kernel.reading.numeric import close_tiers
from innozone.kernel.reading.particulars import particulars
from innozone.kernel.reading.setting import settle
from innozone.kernel.reading.understand import SUBJECT_VARIABLES


def read_file(path: str | Path, *, limit: int = DEFAULT_LIMIT) -> Reading:
    """Read a docx, pdf, html or txt of at most `limit` bytes. Raises ReadingError."""
    loaded = load_file(path, limit=limit)
    title, body = _headed(loaded.text) if loaded.kind == "txt" else ("", loaded.text)
    reading = read_text(body, title or loaded.title or None)
    reading.kind = loaded.kind
    reading.name = re.sub(r"\.gold$", "", Path(path).stem)
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
        head = _section(part)
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
    return items


def _section(part: Parsed) -> Node | None:
    """The highest clause of the list of conditions that a clause belongs to; measures stand for themselves."""
    if part.mode != "condition" or part.node.kind == "root":
        return None if part.node.kind in {"root", "chapter", "rest"} else part.node
    node = part.node
    while node.parent is not None and node.parent.kind not in {"root", "chapter"} and node.parent.role == "condition":
        node = node.parent
    return node


def _item(document: Document, node: Node, group: list[Parsed], number: int) -> Item:
    start, end = group[0].start, group[-1].end
    if node.kind != "root":
        start = min(start, node.start)
    body = document.body
    while end > start and body[end - 1].isspace():
        end -= 1
    over = node.parent if node.parent is not None and node.parent.kind not in {"chapter", "rest"} else document.root
    item = Item(_title(document, node, body[start:end]), (start, end), source=node.path, scope=(over.start, over.end))
    branches: list[tuple[Parsed, Branch]] = []
    for part in group:
        for hit in part.always:
            _condition(item, part, hit, Group("all", f"{number}.all"))
        for a, b in part.manual:
            _manual(item, part, a, b, Group("all", f"{number}.all"))
        branches.extend((part, branch) for branch in part.branches)
    alternatives = [(p, b) for p, b in branches if b.payments or _one_of(document, p)]
    several = len(alternatives) > 1
    tiers = close_tiers([hit for _, branch in branches for hit in branch.hits])
    letters = at = 0
    for part, branch in branches:
        hits, at = tiers[at : at + len(branch.hits)], at + len(branch.hits)
        alone = not several or not any(branch is other for _, other in alternatives)
        letters += not alone
        name = str(letters)
        shared = [not alone and letters == 1 and _shared(hit, branches, branch) for hit in hits]
        members = len(hits) - sum(shared)
        for hit, joint in zip(hits, shared, strict=True):
            if alone or joint:
                joined = Group("any", f"{number}.or{hit.choice}") if hit.choice else Group("all", f"{number}.all")
            else:
                joined = Group("any", f"{number}.any", name if members > 1 else None, name)
            _condition(item, part, hit, joined)
        for a, b in branch.manual:
            _manual(
                item, part, a, b, Group("all", f"{number}.all") if alone else Group("any", f"{number}.any", name, name)
            )
        for payment in branch.payments:
            made = benefit(payment, part.folded, body)
            made.branch = None if alone else name
            name_tiers(made, hits)
            item.benefits.append(made)
    return item


def _one_of(document: Document, part: Parsed) -> bool:
    parent = part.node.parent
    if part.mode != "condition" or parent is None:
        return False
    own = document.body[parent.start : parent.own_end].rstrip()
    return own.endswith(("：", ":")) and bool(re.search(r"之一|任一|其中一项", re.split(r"[。；\n]", own)[-1]))


def _shared(hit: Hit, branches: list[tuple[Parsed, Branch]], first: Branch) -> bool:
    """A subject named once, in the first branch, is that of all branches."""
    if hit.variable not in SUBJECT_VARIABLES:
        return False
    return not any(
        other.variable == hit.variable for _, branch in branches if branch is not first for other in branch.hits
    )


def _condition(item: Item, part: Parsed, hit: Hit, group: Group) -> None:
    span, quote = _quote(part, hit.start, hit.end)
    if any(
        c.span == span and c.variable == hit.variable and c.op == hit.op and c.value == hit.value
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
    if node.heading and len(node.heading) > 3:
        return (
            re.sub(r"^(?:大力|积极)?(?:支持|鼓励|推进|推动|加大|加快|引导|实施|加强|强化)", "", node.heading)
            or node.heading
        )
    found = re.match(r"[^。；，：\n]{4,30}", text[node.text_start - node.start if node.kind != "root" else 0 :].strip())
    return found[0] if found else document.title
