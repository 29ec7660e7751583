"""Web pages to text: no network, no entities of the page's own, no menus and scripts."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.load import Loaded

_DROP = {
    "script",
    "style",
    "nav",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "form",
    "aside",
    "header",
    "footer",
    "head",
}
_BLOCKS = {
    "p", "div", "br", "tr", "li", "ul", "ol", "table", "section", "article", "main", "h1", "h2", "h3", "h4", "h5", "h6",
    "blockquote", "dd", "dt", "dl", "pre", "hr", "body", "caption", "center",
}  # fmt: skip
_CELLS = {"td", "th"}
_CELL_LENGTH = 200
_NESTED = 3  # tables in tables in tables; deeper ones are not looked into
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*\[.*?\]\s*>|<!ENTITY[^>]*>|<\?xml[^>]*\?>", re.I | re.S)


def load_html(text: str, name: str) -> Loaded:
    """The running text of a page; block elements end a line, the cells of a row are joined by tabs."""
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(_DOCTYPE.sub("", text), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ReadingError(
            "broken", name, "The web page cannot be parsed.", "Save it again as text or as PDF."
        ) from error
    title = " ".join((root.findtext(".//title") or root.findtext(".//h1") or "").split())
    return Loaded(_text(_content(root)), "html", title)


def _content(root: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    """The part that holds most of the text, where the page marks one as its article."""
    body = root.find("body")
    whole = body if body is not None else root
    length = len(whole.text_content())
    for tag in ("article", "main"):
        marked = max(whole.iter(tag), key=lambda part: len(part.text_content()), default=None)
        if marked is not None and len(marked.text_content()) > 0.5 * length:
            return marked
    return whole


def _text(root: lxml_html.HtmlElement) -> str:
    parts: list[str] = []
    skip = nested = 0
    data: set[lxml_html.HtmlElement] = set()
    inside = 0  # cells of a table of data: what they hold stands in one line
    # Events instead of recursion: a page may nest deeper than Python does.
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            skip += tag in _DROP
            if skip:
                continue
            nested += tag == "table"
            if tag == "tr" and nested <= _NESTED:
                data |= _data_cells(element)
            if tag in _BLOCKS:
                parts.append(" " if inside else "\n")
            inside += element in data
            if element.text:
                parts.append(_blank(element.text, tag))
        else:
            if not skip:
                nested -= tag == "table"
                inside -= element in data
                data.discard(element)
                if tag in _CELLS:
                    parts.append("\t")
                if tag in _BLOCKS:
                    parts.append(" " if inside else "\n")
            skip -= tag in _DROP
            if element.tail and not skip and element is not root:
                parts.append(_blank(element.tail, tag))
    lines = (re.sub(r"[ \u00a0\u3000]+", " ", line) for line in "".join(parts).split("\n"))
    lines = (re.sub(r" ?\t ?", "\t", line).strip(" ").strip("\t") for line in lines)
    return "\n".join(line for line in lines if line.strip())


def _data_cells(row: lxml_html.HtmlElement) -> set[lxml_html.HtmlElement]:
    """The cells of a row of data. Pages are laid out in tables, too: a cell of those holds paragraphs or other tables."""
    cells = [cell for cell in row if cell.tag in _CELLS]
    plain = len(cells) > 1 and all(
        len(cell.text_content()) <= _CELL_LENGTH and next(cell.iter("table"), None) is None for cell in cells
    )
    return set(cells) if plain else set()


def _blank(text: str, tag: str) -> str:
    return text if tag == "pre" else re.sub(r"[\r\n\t\f\v ]+", " ", text)
