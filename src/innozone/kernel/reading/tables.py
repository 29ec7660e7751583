"""Tables of thresholds: each row becomes the sentence that it stands for, and every character knows its cell.

A table comes as lines whose cells are parted by tabs (Word, web page, pasted text). With a column of sums a row reads
对〔column〕〔cell〕的，给予奖励〔sum〕; without one it reads 〔first cell〕〔second cell〕 and is a condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from innozone.kernel.reading.fold import Folded, fold_character

_SUM = re.compile(r"奖励|补助|补贴|资助|奖金|扶持|支持(?:标准|金额|额度)|贴息|金额|额度|兑现")
_KIND = re.compile(r"贴息|奖励|补助|补贴|资助|扶持")
_ASIDE = re.compile(r"^(?:序号|编号|备注|说明|依据|部门|.*(?:单位|联系人|电话|材料))$")
_NAMED = re.compile(r"称号|资质|荣誉|认定|奖项|平台|名称|类别|类型|等次|级别|项目")
_FIELD = re.compile(r"行业|产业|领域")
_UNIT = re.compile(r"[（(](?:单位[：:])?(?P<unit>[^（）()\d]{1,6})[）)]\s*$")
_BARE = re.compile(r"^\s*(?:不低于|不超过|[≥≤><＞＜]=?)?\s*\d[\d,，.]*(?P<after>\s*(?:及?以[上下])?)$")
_FIGURE = re.compile(r"\d|[０-９]|[一二三四五六七八九十百千]+(?:万|亿|年|人|项|家|%)")
_LISTED = re.compile(r"条件|要求|指标|标准|门槛")
_SIGNS = {"≥": "不低于", "≤": "不超过", ">": "超过", "<": "低于"}


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell and its offset in the document."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table at `start` to `end` of the document; `head` names the columns of `rows`."""

    start: int
    end: int
    head: list[Cell]
    rows: list[list[Cell]]

    @property
    def sums(self) -> int | None:
        """The column that says what is given, if there is one."""
        found = [at for at, cell in enumerate(self.head) if _SUM.search(cell.text) and not _ASIDE.match(cell.text)]
        return found[-1] if found and len(self.head) > 1 else None

    def asks(self, lead: str) -> bool:
        """Its rows are conditions: two columns, a thing and what is asked of it."""
        return self.sums is None and bool(_LISTED.search(lead + "".join(cell.text for cell in self.head)))


def tables(body: str, start: int, end: int) -> list[Table]:
    """The tables among the lines of body[start:end]: a row of names and at least one row under it."""
    found: list[Table] = []
    lines: list[tuple[int, list[Cell]]] = []
    at = start
    for line in [*body[start:end].split("\n"), ""]:
        cells = _cells(line, at)
        if len(cells) > 1:
            lines.append((at + len(line), cells))
        elif lines:
            if len(lines) > 1 and not any(_FIGURE.search(cell.text) for cell in lines[0][1]):
                found.append(Table(lines[0][1][0].start, lines[-1][0], lines[0][1], [cells for _, cells in lines[1:]]))
            lines = []
        at += len(line) + 1
    return found


def _cells(line: str, at: int) -> list[Cell]:
    if "\t" not in line.strip():
        return []
    cells = []
    for text in line.split("\t"):
        cells.append(Cell(text, at))
        at += len(text) + 1
    return cells


def told(table: Table, lead: str) -> Folded:
    """The sentences of the rows; what is put in between belongs to the cell beside it."""
    text: list[str] = []  # one character each
    origin: list[int] = []

    def put(words: str, at: int) -> None:
        text.extend(words)
        origin.extend([at] * len(words))

    def cell(found: Cell, unit: str = "") -> None:
        words = found.text
        for at, letter in enumerate(words):
            if letter.isspace():
                continue
            folded = fold_character(letter)
            put(_SIGNS.get(folded, "，" if folded == "," and not _grouped(words, at) else folded), found.start + at)
        bare = _BARE.match(words)
        if unit and bare:
            tail = bare["after"].strip()
            last = found.start + len(words.rstrip()) - 1
            # 2000以上 in a column of 万元: the unit goes behind the number.
            del text[len(text) - len(tail) : len(text)], origin[len(origin) - len(tail) : len(origin)]
            put(unit + tail, last)

    full: list[Cell] = []
    for short in table.rows:
        # A cell that spans rows is written once, in the first of them.
        row = full[: len(table.head) - len(short)] + short
        full = row if len(row) == len(table.head) else []
        if len(row) != len(table.head) or not any(each.text.strip() for each in row):
            continue
        given = table.sums
        parts = [
            (head, each)
            for at, (head, each) in enumerate(zip(table.head, row, strict=True))
            if at != given and each.text.strip(" \u3000—-/") and not _ASIDE.match(head.text.strip())
        ]
        if given is None:
            for _, each in parts:
                cell(each)
        else:
            for number, (head, each) in enumerate(parts):
                put("，" if number else "对", each.start)
                name = _UNIT.sub("", head.text).strip()
                unit = _UNIT.search(head.text)
                if _FIGURE.search(each.text):
                    put(name if not _NAMED.search(name) else "", each.start)
                elif _NAMED.search(name):
                    put("获得", each.start)
                elif _FIELD.search(name):
                    put("属于", each.start)
                cell(each, unit["unit"] if unit else "")
                if _FIELD.search(name) and not _FIELD.search(each.text):
                    put("领域", each.start + len(each.text.rstrip()) - 1)
            column, named = row[given], table.head[given].text
            kind = _KIND.search(named) or _KIND.search(lead)
            unit = _UNIT.search(named)
            put("的" if parts else "", origin[-1] if origin else column.start)
            put(f"，给予{kind[0] if kind else '奖励'}", column.start)
            cell(column, unit["unit"] if unit else "")
        put("。", row[-1].start + max(len(row[-1].text.rstrip()) - 1, 0))
    return Folded("".join(text), tuple(origin))


def _grouped(words: str, at: int) -> bool:
    return bool(re.match(r"\d{3}(?!\d)", words[at + 1 :])) and words[at - 1 : at].isdigit()
