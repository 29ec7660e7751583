"""From a file to plain text: docx, pdf, html and txt, each checked before it is opened.

Nothing here trusts a file: size, kind, compression and character set are looked at first, and every fault is a
ReadingError that names the place and the cure. Text comes back with `\n` line ends and no byte order mark.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from innozone.kernel.reading.errors import ReadingError

DEFAULT_LIMIT = 20 * 1024 * 1024
MOST_CHARACTERS = 1_000_000  # some three hundred policies; a single one has seldom more than thirty thousand
KINDS = {".docx": "docx", ".pdf": "pdf", ".html": "html", ".htm": "html", ".txt": "txt", ".md": "txt", "": "txt"}
_NAMES = {"docx": "a Word document", "pdf": "a PDF", "html": "a web page", "txt": "plain text", "zip": "a zip archive"}
_HTML_START = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a file, the kind it was read as, and the title its own markup names (web pages, Word files)."""

    text: str
    kind: str
    title: str = ""


def load_file(path: str | Path, *, limit: int = DEFAULT_LIMIT) -> Loaded:
    """Read a file of at most `limit` bytes. Raises ReadingError; never leaves anything behind."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ReadingError(
                "missing", str(path), "This is a folder, not a file.", "Name the files in it one by one."
            )
        check_size(size, path.name, limit)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReadingError("missing", str(path), f"The file cannot be opened ({reason}).", "Check the path.") from error
    return load_bytes(data, path.name, limit=limit)


def load_bytes(data: bytes, name: str, *, limit: int = DEFAULT_LIMIT) -> Loaded:
    """Read the content of a file called `name`, whose ending says what it ought to be. Raises ReadingError."""
    check_size(len(data), name, limit)
    suffix = Path(name).suffix.lower()
    if suffix == ".doc" or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadingError(
            "old_word", name, "This is a Word file of the old kind (.doc).", "Save it as .docx and read that."
        )
    kind = KINDS.get(suffix)
    if kind is None:
        raise ReadingError("kind", name, f"Files ending in “{suffix}” are not read.", "Use .docx, .pdf, .html or .txt.")
    found = kind_of(data)
    if found != kind and not (kind == "html" and found == "txt"):
        raise ReadingError(
            "extension",
            name,
            f"The name says {_NAMES[kind]}, the content is {_NAMES[found]}.",
            "Give the file the ending that fits its content, or save it again in the right format.",
        )
    # Imported when needed: the office formats pull in large libraries that a plain text never uses.
    if kind == "docx":
        from innozone.kernel.reading.office import load_docx

        loaded = load_docx(data, name, limit)
    elif kind == "pdf":
        from innozone.kernel.reading.office import load_pdf

        loaded = load_pdf(data, name)
    elif kind == "html":
        from innozone.kernel.reading.web import load_html

        loaded = load_html(decode(data, name, _declared(data)), name)
    else:
        loaded = Loaded(decode(data, name), "txt")
    if len(loaded.text) > MOST_CHARACTERS:
        message = f"The text has {len(loaded.text):,} characters, the limit is {MOST_CHARACTERS:,}."
        raise ReadingError("too_large", name, message, "Read the policies in it one by one.")
    if not loaded.text.strip():
        raise ReadingError("empty", name, "The file holds no text.", "Check that the right file was chosen.")
    return loaded


def check_size(size: int, name: str, limit: int) -> None:
    """Refuse an empty file and one above the limit (bytes)."""
    if size == 0:
        raise ReadingError("empty", name, "The file is empty.", "Check that it was saved or sent completely.")
    if size > limit:
        raise ReadingError(
            "too_large",
            name,
            f"The file has {size / 1048576:.1f} MB, the limit is {limit / 1048576:.1f} MB.",
            "Leave out pictures, split the document, or raise the limit.",
        )


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    """Bytes to text: byte order mark, the character set a page declares, UTF-8, then GB 18030. Raises ReadingError."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _lines(_strict(data, codec, name))
    for codec in filter(None, (declared, "utf-8")):
        try:
            return _lines(_plausible(data.decode(codec), name))
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _encoding(name, f"byte {error.start + 1} fits neither UTF-8 nor GB 18030") from error
    # Big5 or Latin bytes often decode as GB 18030 without complaint, into characters nobody uses.
    chinese = [c for c in text if "\u3400" <= c <= "\u9fff" or c >= "\ue000"]
    common = sum(_is_common(c) for c in chinese)
    if not chinese or common < 0.7 * len(chinese):
        raise _encoding(name, "read as GB 18030 it is not Chinese text")
    return _lines(_plausible(text, name))


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return _plausible(data.decode(codec), name)
    except UnicodeDecodeError as error:
        raise _encoding(name, f"its mark says {codec}, byte {error.start + 1} does not fit") from error


def _encoding(name: str, why: str) -> ReadingError:
    return ReadingError("encoding", name, f"The character set is not understood: {why}.", "Save the file as UTF-8.")


def _plausible(text: str, name: str) -> str:
    if _CONTROL.search(text):
        raise ReadingError("binary", name, "The file holds binary data, not text.", "Save it as .docx, .pdf or .txt.")
    return text


def _is_common(character: str) -> bool:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 0xB0 <= code[0] <= 0xD7  # the first level of GB 2312: 3,755 characters, over 99 % of running text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declared(data: bytes) -> str | None:
    found = _CHARSET.search(data[:4096])
    name = found[1].decode("ascii", "replace").lower() if found else None
    return "gb18030" if name in {"gb2312", "gbk", "gb18030"} else name


def kind_of(data: bytes) -> str:
    """What content looks like: docx, pdf, html, txt, or zip for another archive."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "docx" if b"word/" in data else "zip"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    return "html" if _HTML_START.match(data[:4096].lstrip(codecs.BOM_UTF8)) else "txt"
