"""JSON lines: one object a line; objects inside an object are upper headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from innozone.foundation.facts.files.table import BadCell, Cell, Chunk, Header, Table
from innozone.foundation.facts.files.texts import choose_encoding
from innozone.foundation.facts.problems import Problem, problem, refused
from innozone.kernel.packs import DatasetContract

# The keys of so many lines make the header; a key that comes first after them is not seen.
_LINES_FOR_HEADER = 2_000
_LINE_LIMIT = 4 * 1024 * 1024

Key = tuple[str, str]
Entry = tuple[int, dict[Key, Cell] | Problem]


def read(path: Path, contract: DatasetContract) -> Table:
    """The table of a file of JSON lines. A line that is no object is a fault of that row."""
    encoding, notes = choose_encoding(path, contract)
    file = path.open(encoding=encoding)
    entries = _entries(file)
    first: list[Entry] = []
    keys: dict[Key, None] = {}
    for entry in entries:
        first.append(entry)
        if "code" not in entry[1]:
            keys.update(dict.fromkeys(entry[1]))  # type: ignore[arg-type]
        if len(first) == _LINES_FOR_HEADER:
            break
    if not keys:
        file.close()
        if not first:
            raise refused("file_empty")
        number, wrong = first[0]
        raise refused("line_not_json", line=number, reason=wrong.get("params", {}).get("reason", ""))  # type: ignore[call-overload, union-attr]
    table = Table([Header(name, group) for group, name in keys], iter(()), notes)
    table.chunks = _chunks(file, first, entries, list(keys), table, path.stat().st_size)
    return table


def _entries(file: IO[str]) -> Iterator[Entry]:
    number = 0
    while line := file.readline(_LINE_LIMIT):
        number += 1
        if len(line) == _LINE_LIMIT and not line.endswith("\n"):
            raise refused("line_not_json", line=number, reason=f"longer than {_LINE_LIMIT} characters")
        if not line.strip():
            continue
        try:
            # Numbers stay as printed: their last digit tells how exact they are.
            found = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            yield number, problem("line_not_json", line=number, reason=reason)
            continue
        if not isinstance(found, dict):
            yield number, problem("line_not_json", line=number, reason="no object")
            continue
        yield number, _flat(found)


def _flat(found: dict[str, Any]) -> dict[Key, Cell]:
    cells: dict[Key, Cell] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            cells.update({(name, inner): _cell(held) for inner, held in value.items()})
        else:
            cells["", name] = _cell(value)
    return cells


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            return ";".join(value)
        return BadCell("nested", json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict):
        return BadCell("nested", json.dumps(value, ensure_ascii=False))
    return str(value)


def _chunks(
    file: IO[str], first: list[Entry], entries: Iterator[Entry], keys: list[Key], table: Table, size: int
) -> Iterator[Chunk]:
    def every() -> Iterator[Entry]:
        yield from first
        first.clear()
        yield from entries

    with file:
        chunk = Chunk([], [])
        for number, found in every():
            if "code" in found:
                chunk.broken[len(chunk.rows)] = found  # type: ignore[assignment]
                chunk.rows.append([])
            else:
                chunk.rows.append([found.get(key, "") for key in keys])  # type: ignore[call-overload]
            chunk.numbers.append(number)
            if len(chunk.rows) == table.size:
                table.share = file.buffer.tell() / size  # type: ignore[attr-defined]
                yield chunk
                chunk = Chunk([], [])
        if chunk.rows:
            table.share = 1.0
            yield chunk
