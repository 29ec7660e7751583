"""A delivered table, whatever file it came in: headers found by the contract, rows in chunks of cells as text."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from innozone.foundation.facts.problems import Problem, problem, refused
from innozone.kernel.packs import Column, DatasetContract, Field

CHUNK = 20_000
# As long as the longest cell of a spreadsheet.
CELL_LIMIT = 32_767
CREDIT_CODE, NAME, FORMER_NAME, PERIOD = "credit_code", "name", "former_name", "period"


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be read at all: the code of its problem and what stands there."""

    code: str
    text: str = ""


Cell = str | BadCell


@dataclass(frozen=True, slots=True)
class Header:
    """A header as delivered, with the upper header it stands below."""

    name: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.group} / {self.name}" if self.group else self.name


@dataclass(slots=True)
class Chunk:
    """Rows of one stretch of the file: `numbers` as the sender's program shows them, from 1; `rows` of cells.

    A row that could not be split into cells has its problem in `broken`, by position, and no cells.
    """

    numbers: list[int]
    rows: list[list[Cell]]
    broken: dict[int, Problem] = field(default_factory=dict)


@dataclass(slots=True)
class Table:
    """What a reader found. `chunks` may be read once; `notes` is complete only after that.

    `share` is how much of the file has been read, 0 to 1; `size` the number of rows in a chunk.
    """

    headers: list[Header]
    chunks: Iterator[Chunk]
    notes: list[Problem] = field(default_factory=list)
    share: float = 0.0
    size: int = CHUNK


def fold(header: str) -> str:
    """A header as it is compared: width, blanks, line breaks and marks of duty do not count."""
    return re.sub(r"[\s*＊：:]+", "", unicodedata.normalize("NFKC", header)).casefold()


def is_empty(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def wanted_columns(contract: DatasetContract) -> list[tuple[str, Column | Field]]:
    """Every column of the contract with the name of what it fills."""
    subject = contract.subject
    named: list[tuple[str, Column | Field | None]] = [
        (CREDIT_CODE, subject.credit_code),
        (NAME, subject.name),
        (FORMER_NAME, subject.former_name),
        (PERIOD, contract.period),
    ]
    return [(name, column) for name, column in named if column is not None] + [
        (entry.name, entry) for entry in contract.fields
    ]


def count_known(contract: DatasetContract, headers: list[str]) -> int:
    """How many of the headers the contract knows: by this the reader guesses encoding and separator."""
    known = {fold(name) for _, column in wanted_columns(contract) for name in (column.column, *column.aliases)}
    return sum(fold(header) in known for header in headers)


def locate(contract: DatasetContract, headers: list[Header]) -> tuple[dict[str, int], list[Problem]]:
    """The position of every column of the contract, and notes on columns that were left out.

    One column may serve twice (the credit code as subject and as a fact). Raises DeliveryRefused when a column is
    missing or stands twice; a column of former names may be absent.
    """
    places: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        places.setdefault(fold(header.name), []).append(position)
    found: dict[str, int] = {}
    missing: list[str] = []
    # JSON leaves out what is null: a key that no object has is a column of blanks, unless it must be filled.
    strict = contract.format.type != "jsonl"
    duties = {entry.name for entry in contract.fields if entry.required} | {PERIOD, *contract.key}
    for name, column in wanted_columns(contract):
        options = [at for text in (column.column, *column.aliases) for at in places.get(fold(text), ())]
        if column.group:
            grouped = [at for at in options if fold(headers[at].group) == fold(column.group)]
            # A sheet without upper headers still has the column.
            options = grouped or [at for at in options if not headers[at].group]
        options = list(dict.fromkeys(options))
        if len(options) > 1:
            first, second = options[:2]
            raise refused("column_twice", header=str(headers[first]), first=first + 1, second=second + 1)
        if options:
            found[name] = options[0]
        elif name != FORMER_NAME and (strict or name in duties):
            missing.append(f"{column.group} / {column.column}" if column.group else column.column)
    if missing:
        raise _missing(missing, headers, set(found.values()))
    used = set(found.values())
    ignored = [str(header) for at, header in enumerate(headers) if at not in used and header.name]
    return found, [problem("columns_ignored", columns="、".join(ignored))] if ignored else []


def _missing(missing: list[str], headers: list[Header], used: set[int]) -> Exception:
    free = {fold(header.name): header.name for at, header in enumerate(headers) if at not in used and header.name}
    pairs = []
    for column in missing:
        near = difflib.get_close_matches(fold(column.split(" / ")[-1]), list(free), n=1, cutoff=0.5)
        if near:
            pairs.append(f"{column} ← {free[near[0]]}")
    if pairs:
        cure = problem("nearest_columns", pairs="、".join(pairs))
    else:
        present = [str(header) for header in headers if header.name]
        cure = problem("no_nearest_columns", present="、".join(present[:40]) + ("…" if len(present) > 40 else ""))
    return refused("columns_missing", columns="、".join(missing), nearest=cure)


def size_text(size: float) -> str:
    """A number of bytes as people read it."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError
