"""Texts that a workbook keeps once and names in many cells.

The reader writes such a text out in every cell that names it: a megabyte named by a million cells is a terabyte, in a
file of a few kilobytes. So what the cells name is weighed before the workbook is opened.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from innozone.foundation.facts.files.archive import UNPACKED_LIMIT, stretches, unpacked
from innozone.foundation.facts.files.table import size_text
from innozone.foundation.facts.problems import refused

MEMBER = "xl/sharedstrings.xml"
_TEXT = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_NAMES = re.compile(rb"""\bt\s*=\s*["']s["']""")
# A cell that names its text in another way than by the plain number is taken to name the longest.
_NUMBER = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*>\s*<(?:[\w.-]+:)?v>([0-9]{1,9})</""")


def weigh(path: Path, sheet: str) -> None:
    """Refuses a workbook whose sheet (a member of the archive) names more than UNPACKED_LIMIT bytes of texts."""
    sizes, certain = _sizes(path)
    longest = max(sizes, default=0)
    cells = sum(len(_NAMES.findall(text)) for text in stretches(path, sheet)) if longest else 0
    if cells * longest <= UNPACKED_LIMIT:
        return
    total = 0
    for text in stretches(path, sheet):
        named = [int(number) for number in _NUMBER.findall(text)] if certain else []
        total += sum(sizes[number] for number in named if number < len(sizes))
        total += longest * (len(_NAMES.findall(text)) - len(named))
        if total > UNPACKED_LIMIT:
            limit = size_text(UNPACKED_LIMIT)
            raise refused("file_bomb", size=f"> {limit}", limit=limit, member="xl/sharedStrings.xml")


def _sizes(path: Path) -> tuple[list[int], bool]:
    """The bytes of every text in order, and whether the count is certain: a comment might hide a text from it."""
    with path.open("rb") as raw, zipfile.ZipFile(path) as archive:
        found = [member for member in archive.infolist() if member.filename.casefold() == MEMBER]
        texts = b"".join(block for member in found for block in unpacked(raw, member))
    begins = [match.start() for match in _TEXT.finditer(texts)]
    return [end - begin for begin, end in zip(begins, [*begins[1:], len(texts)], strict=False)], b"<!" not in texts
