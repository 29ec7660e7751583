"""CSV: encoding and separator by the contract or, failing that, by what makes the headers readable."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from innozone.foundation.facts.files.table import Cell, Chunk, Header, Table, count_known
from innozone.foundation.facts.problems import Problem, problem, refused
from innozone.kernel.packs import DatasetContract

# Above the longest cell taken, so that a cell that is merely too long is a fault of its row.
csv.field_size_limit(4 * 1024 * 1024)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = (",", "\t", ";", "|")
# A cell with line breaks is an address or a remark; more lines than this mean a quotation mark left open.
_LINES_IN_A_CELL = 200
_BLOCK = 1 << 20


def read(path: Path, contract: DatasetContract) -> Table:
    """The table of a CSV file."""
    encoding, notes = choose_encoding(path, contract)
    with path.open("rb") as raw:
        head = raw.read(_BLOCK)
    start = head.decode(encoding, errors="ignore")
    if "\x00" in start.partition("\n")[0]:
        raise refused("file_binary", byte=head.index(b"\x00") + 1, line=1)
    separator = _separator(start, contract)
    file = path.open(encoding=encoding, newline="")
    records = _records(file, separator)
    rows_of_header: list[list[Cell]] = []
    for _, cells, broken in records:
        if broken is not None:
            file.close()
            raise refused("file_quotes", line=1)
        if any(cell.strip() for cell in cells):
            rows_of_header.append(list(cells))
        if len(rows_of_header) == contract.format.header_rows:
            break
    if not rows_of_header:
        file.close()
        raise refused("file_empty")
    headers = join_headers([[str(cell) for cell in row] for row in rows_of_header])
    table = Table(headers, iter(()), notes)
    table.chunks = _chunks(file, records, table, len(headers), path.stat().st_size)
    return table


def choose_encoding(path: Path, contract: DatasetContract) -> tuple[str, list[Problem]]:
    """The encoding in which the whole file can be read and its header makes sense; a note when not the agreed one.

    Raises DeliveryRefused with the byte and the line of the first character that cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    agreed = contract.format.encoding
    for mark, name in _BOMS:
        if head.startswith(mark):
            _verify(path, name)
            return name, [] if name.startswith(agreed.lower()[:5]) else [_other(name, agreed)]
    line = head.split(b"\n", 1)[0]
    options = list(dict.fromkeys((agreed.lower(), "utf-8", "gb18030")))

    def known(encoding: str) -> int:
        text = line.decode(encoding, errors="replace")
        if text.lstrip().startswith("{"):
            return sum(1 for part in text.split('"') if count_known(contract, [part]))
        return max(count_known(contract, text.strip("\r\n").replace('"', "").split(mark)) for mark in _SEPARATORS)

    best = max(options, key=known)
    if known(best) == 0:
        best = next((option for option in options if _failure(path, option) is None), agreed)
    _verify(path, best)
    if best == agreed.lower() or line.isascii():
        return best, []
    return best, [_other(best, agreed)]


def _other(found: str, expected: str) -> Problem:
    return problem("encoding_found", found=_shown(found), expected=_shown(expected))


def _shown(encoding: str) -> str:
    return encoding.upper().replace("-SIG", "").replace("GB18030", "GB 18030")


def _verify(path: Path, encoding: str) -> None:
    failure = _failure(path, encoding)
    if failure is not None:
        byte, line, wrong = failure
        raise refused("file_encoding", byte=byte + 1, line=line, hex=wrong, encoding=_shown(encoding))


def _failure(path: Path, encoding: str) -> tuple[int, int, str] | None:
    """Offset, line and bytes of the first character that is not of the encoding; None when all of them are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    seen = breaks = 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            # What the decoder still holds back of the block before stands in front of this one.
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                wrong = error.object[error.start : error.end]
                # Bytes held back hold no line break, so the breaks before the fault are those of this block.
                line = breaks + error.object[: error.start].count(b"\n") + 1
                return seen - held + error.start, line, wrong.hex(" ")
            if not block:
                return None
            seen += len(block)
            breaks += block.count(b"\n")


def _separator(start: str, contract: DatasetContract) -> str:
    line = start.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    options = dict.fromkeys((contract.format.delimiter, *_SEPARATORS))
    return max(options, key=lambda mark: count_known(contract, next(csv.reader([line], delimiter=mark), [])))


Record = tuple[int, list[str], Problem | None]


def _records(file: io.TextIOWrapper, separator: str) -> Iterator[Record]:
    """Line at which a record begins, its cells, or the problem that kept it from being split."""
    reader = csv.reader(file, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = str(error)
            if "unexpected end" in text or reader.line_num - line > _LINES_IN_A_CELL:
                raise refused("file_quotes", line=line) from None
            if "field larger" in text:
                yield line, [], problem("cell_too_long", length=csv.field_size_limit(), limit=32767)
            else:
                yield line, [], problem("cells_quotes")
            continue
        yield line, cells, None


def _chunks(file: io.TextIOWrapper, records: Iterator[Record], table: Table, width: int, size: int) -> Iterator[Chunk]:
    with file:
        chunk = Chunk([], [])
        for line, cells, broken in records:
            if broken is None and len(cells) != width:
                if not any(cell.strip() for cell in cells):
                    continue
                if any(cell.strip() for cell in cells[width:]) or len(cells) < width:
                    broken = problem("cells_count", found=len(cells), expected=width)
                cells = cells[:width]
            elif broken is None and not any(cells):
                continue
            if broken is not None:
                chunk.broken[len(chunk.rows)] = broken
            chunk.numbers.append(line)
            chunk.rows.append(cells)  # type: ignore[arg-type]
            if len(chunk.rows) == table.size:
                table.share = file.buffer.tell() / size
                yield chunk
                chunk = Chunk([], [])
        if chunk.rows:
            table.share = 1.0
            yield chunk


def join_headers(rows: list[list[str]]) -> list[Header]:
    """One header a column from one or more header rows: the lowest that is filled, below the one above it."""
    width = max(len(row) for row in rows)
    headers = []
    for at in range(width):
        column = [row[at].strip() if at < len(row) else "" for row in rows]
        filled = [text for position, text in enumerate(column) if text and text not in column[:position]]
        headers.append(Header(filled[-1] if filled else "", filled[-2] if len(filled) > 1 else ""))
    while headers and not headers[-1].name:
        headers.pop()
    return headers
