"""Feeds of public offices (RSS 2.0, RSS 1.0, Atom) to the addresses that they name; no network, no entities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from innozone.kernel.reading.errors import ReadingError
from innozone.kernel.reading.load import decode


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: absolute http(s) address, title, day of publication where one is given."""

    address: str
    title: str
    published: date | None


def entries(content: bytes, address: str) -> list[Entry]:
    """The entries in the feed's order, each address once. `address`: of the feed, for relative links.

    Raises ReadingError: `feed` for what is no feed, `entities` for one that declares a document type.
    """
    root = _root(content, address)
    found: dict[str, Entry] = {}
    for element in root.iter("{*}item", "{*}entry"):
        link = _link(element)
        try:
            url = urljoin(element.base or address, link).partition("#")[0] if link else ""
        except ValueError:
            continue
        if re.match(r"https?://[^/]", url):
            days = (_day(_text(element, name)) for name in ("pubDate", "date", "published", "updated"))
            entry = Entry(url, _text(element, "title")[:200], next((day for day in days if day), None))
            found.setdefault(url, entry)
    return list(found.values())


def _root(content: bytes, address: str) -> Any:
    tree: Any
    try:
        try:
            tree = etree.fromstring(content, _parser(), base_url=address)
        except etree.XMLSyntaxError:
            # Many feeds are GB 18030 without saying so, or begin with a blank line.
            text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(content, address)).strip()
            tree = etree.fromstring(text.encode(), _parser(), base_url=address)
    except (etree.LxmlError, ValueError):
        raise _no_feed(address) from None
    if tree.getroottree().docinfo.doctype:
        raise ReadingError(
            "entities", address, "The feed declares a document type, which no feed needs.", "Ask its publisher."
        )
    if etree.QName(tree).localname not in ("rss", "RDF", "feed"):
        raise _no_feed(address)
    return tree


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)


def _no_feed(address: str) -> ReadingError:
    return ReadingError("feed", address, "This is no feed (RSS or Atom).", "Give the address of the feed itself.")


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return " ".join("".join(map(str, found.itertext())).split()) if found is not None else ""


def _link(element: etree._Element) -> str:
    for found in element.findall("{*}link"):
        if found.get("href") and found.get("rel", "alternate") == "alternate":
            return str(found.get("href")).strip()
    return _text(element, "link")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError):
        return None
