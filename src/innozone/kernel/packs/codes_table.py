"""A whole official table of codes from a CSV file: checked, with the line in every error."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from innozone.kernel.packs.marked import nearest
from innozone.kernel.terms import Code, Label

_LARGEST = 32 * 1024 * 1024
_COLUMNS = ("code", "name")
_HEADERS = {
    "code": ("code", "代码"),
    "name": ("name", "名称", "类别名称"),
    "name_en": ("name_en", "英文名称"),
    "parent": ("parent", "上级代码"),
    "aliases": ("aliases", "别名"),
}


@dataclass(frozen=True, slots=True)
class TableProblem:
    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class CodesTableError(ValueError):
    """A table of codes that is refused as a whole; `problems` names every line at fault."""

    def __init__(self, problems: list[TableProblem], table: str = "") -> None:
        self.problems = problems
        super().__init__("\n".join(f"{table}, {problem}" if table else str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table of codes, with the number of its line."""

    line: int
    code: str
    name: str
    parent: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()


def parse_codes_table(path: Path, *, set_aside: list[TableProblem] | None = None) -> tuple[Code, ...]:
    """The entries of a CSV table (UTF-8) with the columns code and name, and parent, name_en, aliases where it has them.

    A wrong encoding, a missing column, a line with too many cells refuse the table, and so does what `code_entries`
    refuses: CodesTableError, with the lines.
    """
    try:
        return code_entries(_rows(path), set_aside=set_aside)
    except CodesTableError as error:
        raise CodesTableError(error.problems, path.name) from None


def code_entries(rows: Iterable[TableRow], *, set_aside: list[TableProblem] | None = None) -> tuple[Code, ...]:
    """The entries of a code list, by code, from the rows of a table.

    A parent that has no row of its own is filled in where the official tables leave it out: a group whose only class is
    its own code with a 0 bears the name of that class (GB/T 4754). An unknown parent, a ring, a code twice, an empty
    code or name refuse the table: CodesTableError. Given a list `set_aside`, rows that repeat a code or lack a code or
    a name are put there, and the others are taken.
    """
    problems: list[TableProblem] = []
    faulty = problems if set_aside is None else set_aside
    lines: dict[str, int] = {}
    entries: dict[str, Code] = {}
    parents: dict[str, str] = {}
    for row in rows:
        code, name = row.code, row.name
        if not code or not name:
            faulty.append(TableProblem(row.line, "the code is empty" if not code else f"{code} has no name"))
            continue
        if code in lines:
            other = entries[code].label.zh if code in entries else name
            first = f"the first, {other}, is in line {lines[code]}"
            faulty.append(TableProblem(row.line, f"code {code} stands twice: {name} here, {first}"))
            continue
        lines[code] = row.line
        if row.parent == code:
            problems.append(TableProblem(row.line, f"{code} names itself as its parent"))
            continue
        entries[code] = Code(code, Label(name, row.name_en), row.parent or None, row.aliases)
        if row.parent:
            parents[code] = row.parent
    below = Counter(parents.values())
    for code, parent in parents.items():
        if parent in entries:
            continue
        if below[parent] == 1 and code == parent + "0" and parent[:-1] in entries:
            entries[parent] = Code(parent, entries[code].label, parent[:-1])
            continue
        hint = nearest(parent, entries)
        cure = f"; {hint}" if hint.startswith("did") else ""
        problems.append(TableProblem(lines[code], f"{code} names the parent {parent}, which has no row{cure}"))
    if not problems:
        problems.extend(_rings(entries, lines))
    if problems:
        raise CodesTableError(sorted(problems, key=lambda problem: problem.line))
    return tuple(sorted(entries.values(), key=lambda entry: entry.code))


def _rings(entries: dict[str, Code], lines: dict[str, int]) -> list[TableProblem]:
    for code in entries:
        at, steps = entries[code].parent, 0
        while at is not None and steps <= 64:
            if at == code:
                return [TableProblem(lines.get(code, 1), f"{code} stands above itself")]
            at, steps = entries[at].parent, steps + 1
    return []


def _rows(path: Path) -> list[TableRow]:
    def refuse(line: int, message: str) -> CodesTableError:
        return CodesTableError([TableProblem(line, message)])

    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise refuse(1, f"the file cannot be read: {error.strerror}") from None
    if size > _LARGEST:
        raise refuse(1, f"the file is larger than {_LARGEST // 1024 // 1024} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refuse(line, "the file is not UTF-8; save it as “CSV UTF-8”") from None
    if "\0" in text:
        raise refuse(text[: text.index("\0")].count("\n") + 1, "the file is not a text; save it as “CSV UTF-8”")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        names = {cell: key for key, cells in _HEADERS.items() for cell in cells}
        columns = [names.get(cell) for cell in header]
        for column in _COLUMNS:
            if column not in columns:
                found = ", ".join(header) or "nothing"
                raise refuse(1, f"the column {column} is missing; the first line holds {found}")
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise refuse(reader.line_num, f"the line has {len(cells)} cells, the header {len(header)}")
            cell = {key: text.strip() for key, text in zip(columns, cells, strict=True) if key}
            aliases = tuple(part.strip() for part in cell.get("aliases", "").split(";") if part.strip())
            rows.append(
                TableRow(
                    reader.line_num,
                    cell["code"],
                    cell["name"],
                    cell.get("parent", ""),
                    cell.get("name_en", ""),
                    aliases,
                )
            )
    except csv.Error as error:
        raise refuse(reader.line_num, f"the line is not CSV: {error}") from None
    if not rows:
        raise refuse(2, "the table holds no code")
    return rows
