"""A whole official table of codes from a CSV file: checked, with the line in every error."""

from __future__ import annotations

import csv
import io
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
    "level": ("level", "级别"),
    "aliases": ("aliases", "别名"),
    "section": ("section", "门类"),
}


@dataclass(frozen=True, slots=True)
class TableProblem:
    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class CodesTableError(ValueError):
    """A table of codes that is refused as a whole; `problems` names every line at fault."""

    def __init__(self, path: Path, problems: list[TableProblem]) -> None:
        self.path, self.problems = path, problems
        super().__init__("\n".join(f"{path.name}, {problem}" for problem in problems))


def parse_codes_table(path: Path, *, set_aside: list[TableProblem] | None = None) -> tuple[Code, ...]:
    """The entries of a CSV table with the columns code and name, and parent, name_en, aliases where it has them.

    UTF-8 (with or without a mark). A parent that has no row of its own is filled in where the official tables leave it
    out: a group whose only class is its own code with a 0 bears the name of that class (GB/T 4754). Anything else that
    is wrong (encoding, a missing column, an unknown parent, a code twice) refuses the table: CodesTableError. Given a
    list `set_aside`, rows that repeat a code or lack a code or a name are put there, and the others are taken.
    """
    rows = _rows(path)
    problems: list[TableProblem] = []
    faulty = problems if set_aside is None else set_aside
    lines: dict[str, int] = {}
    entries: dict[str, Code] = {}
    parents: dict[str, str] = {}
    for line, row in rows:
        code, name = row["code"], row["name"]
        if not code or not name:
            faulty.append(TableProblem(line, "the code is empty" if not code else f"{code} has no name"))
            continue
        if code in lines:
            other = entries[code].label.zh if code in entries else name
            first = f"the first, {other}, is in line {lines[code]}"
            faulty.append(TableProblem(line, f"code {code} stands twice: {name} here, {first}"))
            continue
        lines[code] = line
        parent = row.get("parent") or None
        if parent == code:
            problems.append(TableProblem(line, f"{code} names itself as its parent"))
            continue
        aliases = tuple(part.strip() for part in row.get("aliases", "").split(";") if part.strip())
        entries[code] = Code(code, Label(name, row.get("name_en", "")), parent, aliases)
        if parent:
            parents[code] = parent
    for code, parent in parents.items():
        if parent in entries:
            continue
        group = _implied_group(code, parent, parents, entries)
        if group is None:
            hint = nearest(parent, entries)
            cure = f"; {hint}" if hint.startswith("did") else ""
            problems.append(TableProblem(lines[code], f"{code} names the parent {parent}, which has no row{cure}"))
        else:
            entries[parent] = group
    if not problems:
        problems.extend(_rings(entries, lines))
    if problems:
        raise CodesTableError(path, sorted(problems, key=lambda problem: problem.line))
    return tuple(sorted(entries.values(), key=lambda entry: entry.code))


def _implied_group(code: str, parent: str, parents: dict[str, str], entries: dict[str, Code]) -> Code | None:
    """The group that a table leaves out because its only class, numbered with a 0, says the same."""
    alone = [other for other, above in parents.items() if above == parent] == [code]
    above = parent[:-1]
    if alone and code == parent + "0" and above in entries:
        return Code(parent, entries[code].label, above)
    return None


def _rings(entries: dict[str, Code], lines: dict[str, int]) -> list[TableProblem]:
    for code in entries:
        at, steps = entries[code].parent, 0
        while at is not None and steps <= 64:
            if at == code:
                return [TableProblem(lines.get(code, 1), f"{code} stands above itself")]
            at, steps = entries[at].parent, steps + 1
    return []


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    def refuse(line: int, message: str) -> CodesTableError:
        return CodesTableError(path, [TableProblem(line, message)])

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
            rows.append((reader.line_num, {key: cell.strip() for key, cell in zip(columns, cells, strict=True) if key}))
    except csv.Error as error:
        raise refuse(reader.line_num, f"the line is not CSV: {error}") from None
    if not rows:
        raise refuse(2, "the table holds no code")
    return rows
