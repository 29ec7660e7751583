"""Word and PDF files to text. Archives are weighed before they are unpacked; XML with a DTD is refused."""

from __future__ import annotations

import io
import re
import zipfile

from innozone.kernel.reading import ocr
from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.load import Loaded

# An honest document packs at most some thirty to one; text that packs a hundredfold is a bomb.
MOST_RATIO = 100
MOST_ENTRIES = 5000
MOST_UNPACKED = 10  # times the limit for the packed file
MOST_PAGES = 2000
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_PAGE_NUMBER = re.compile(r"^[\s—\-–－·]*(?:第?\s*\d{1,4}\s*页?(?:\s*/\s*\d{1,4})?|共\s*\d+\s*页)[\s—\-–－·]*$")
_MARKER = re.compile(
    r"^\s*(?:第[一二三四五六七八九十百零〇\d]+[章节条编]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,2}[.、．](?!\d)|附件|附则)"
)
_CLOSED = re.compile(r"[。；：！？;:!?…]$|[。；！？]”$")


def load_docx(data: bytes, name: str, limit: int) -> Loaded:
    """Paragraphs and tables in the order of the document; the cells of a row are joined by tabs."""
    _check_archive(data, name, limit)
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    try:
        document = docx.Document(io.BytesIO(data))
        lines: list[str] = []
        for block in document.iter_inner_content():
            lines.extend(_rows(block) if isinstance(block, Table) else [block.text])
        title = document.core_properties.title or ""
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, AttributeError, zipfile.BadZipFile) as error:
        raise _broken(name, "Word document") from error
    return Loaded(_join(lines), "docx", title.strip())


def _rows(table: object) -> list[str]:
    lines = []
    for row in table.rows:  # type: ignore[attr-defined]
        seen: list[object] = []
        cells = []
        for cell in row.cells:
            # A merged cell is handed out once per column it covers.
            if cell._tc not in seen:
                seen.append(cell._tc)
                cells.append(" ".join(cell.text.split()))
        lines.append("\t".join(cells))
    return lines


def _check_archive(data: bytes, name: str, limit: int) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_ENTRIES or total > MOST_UNPACKED * limit:
            raise _bomb(name, f"it unpacks to {total / 1048576:.0f} MB in {len(entries)} parts")
        for entry in entries:
            if entry.flag_bits & 1:
                raise _encrypted(name)
            if entry.file_size > 100_000 and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
                raise _bomb(
                    name, f"the part {entry.filename} unpacks {entry.file_size // max(entry.compress_size, 1)}-fold"
                )
        for entry in entries:
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            # UTF-16 would hide the words from the search, so the zero bytes are dropped first.
            if _DTD.search(archive.read(entry).replace(b"\0", b"")):
                raise ReadingError(
                    "entities",
                    f"{name}/{entry.filename}",
                    "The part declares XML entities, which no word processor writes.",
                    "Open it in a word processor and save it again; if you do not know its origin, delete it.",
                )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _broken(name, "Word document") from error
    if "word/document.xml" not in archive.namelist():
        raise ReadingError("extension", name, "This archive is not a Word document.", "Save the document as .docx.")


def load_pdf(data: bytes, name: str) -> Loaded:
    """The text layer of a PDF, its lines joined into paragraphs, the rows of its ruled tables as lines of cells parted
    by tabs. A PDF of pictures is recognised where the extra `ocr` is installed (see ocr.py), else it raises the reason
    `scanned`."""
    import pypdfium2 as pdfium

    from innozone.kernel.reading.pages import page_text

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise (_encrypted(name) if "assword" in str(error) else _broken(name, "PDF")) from error
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise ReadingError(
                "too_large", name, f"The PDF has {count} pages, the limit is {MOST_PAGES}.", "Split the document."
            )
        pages = []
        for index in range(count):
            try:
                page = document[index]
                text_page = page.get_textpage()
                pages.append(page_text(page, text_page))
                text_page.close()
                page.close()
            except pdfium.PdfiumError as error:
                raise _broken(f"{name}, page {index + 1}", "PDF") from error
        if _letters(pages) < 5 * max(count, 1) and ocr.installed():
            pages = ocr.recognise(document, name)
    finally:
        document.close()
    if _letters(pages) < 5 * max(count, 1):
        raise ReadingError(
            "scanned",
            name,
            f"The {count} pages hold pictures (scanned), no text.",
            "Run text recognition (OCR) over it first, or use the original document.",
        )
    return Loaded(_join(_paragraphs(pages)), "pdf")


def _letters(pages: list[str]) -> int:
    return sum(len(re.sub(r"\s", "", page)) for page in pages)


def _paragraphs(pages: list[str]) -> list[str]:
    """Printed lines to paragraphs: a full line without closing punctuation goes on in the next, unless that opens a clause."""
    lines: list[str] = []
    for page in pages:
        printed = [
            line.replace("\ufffe", "").strip(" \r") if "\t" in line else line.replace("\ufffe", "").strip()
            for line in page.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        ]
        lines.extend(line for line in printed if line and not _PAGE_NUMBER.match(line))
    running = sorted(len(line) for line in lines if "\t" not in line)
    width = running[int(len(running) * 0.9)] if running else 0
    joined: list[str] = []
    full = False
    for line in lines:
        if joined and full and "\t" not in line and not _MARKER.match(line):
            latin = joined[-1][-1].isascii() and joined[-1][-1].isalpha() and line[0].isascii() and line[0].isalpha()
            joined[-1] += (" " if latin else "") + line
        else:
            joined.append(line)
        full = len(line) >= 0.75 * width and "\t" not in line and not _CLOSED.search(line)
    return joined


def _join(lines: list[str]) -> str:
    return "\n".join(line.replace("\r", "").replace("\x0b", "\n").rstrip() for line in lines).strip("\n")


def _broken(place: str, what: str) -> ReadingError:
    return ReadingError("broken", place, f"The {what} is damaged.", "Open it in its program and save it again.")


def _encrypted(name: str) -> ReadingError:
    return ReadingError("encrypted", name, "The file is protected by a password.", "Save a copy without password.")


def _bomb(name: str, why: str) -> ReadingError:
    return ReadingError(
        "bomb", name, f"The file is packed like an archive bomb: {why}.", "Do not open it; ask its sender."
    )
