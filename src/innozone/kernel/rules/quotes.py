"""Where the words of a leaf stand in the document, and the nearest words when they do not."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

#: A quote longer than this is no longer the words of one condition.
LONGEST_QUOTE = 2000

#: How much of a quote and of a document is compared when the nearest words are sought.
_COMPARED_QUOTE = 300
_COMPARED_DOCUMENT = 200_000

#: Fewer common characters than this are a coincidence.
_LEAST_COMMON = 4


def locate(quote: str, document: str, source: str = "") -> tuple[int, int] | None:
    """Code-point offsets of the quote in the document, white space aside; after the words of `source` where it can be.

    >>> locate("注册在西咸", "第一条 本办法适用于注册\\n在西咸的企业")
    (10, 16)
    """
    start = max(document.find(source), 0) if source else 0
    for origin in dict.fromkeys((start, 0)):
        at = document.find(quote, origin)
        if at >= 0:
            return at, at + len(quote)
    dense, places = _dense(document)
    wanted = "".join(quote.split())
    if not wanted:
        return None
    for origin in dict.fromkeys((bisect_left(places, start), 0)):
        at = dense.find(wanted, origin)
        if at >= 0:
            return places[at], places[at + len(wanted) - 1] + 1
    return None


def nearest(quote: str, document: str) -> str:
    """The words of the document that are most like the quote; empty when nothing is like it."""
    dense, places = _dense(document)
    wanted = "".join(quote.split())[:_COMPARED_QUOTE]
    inside, at, size = _longest_common(wanted, dense[:_COMPARED_DOCUMENT])
    if size < min(_LEAST_COMMON, max(len(wanted) // 2, 2)):
        return ""
    first = max(at - inside, 0)
    last = min(first + len(wanted), len(places)) - 1
    return document[places[first] : places[last] + 1]


@lru_cache(maxsize=8)
def _dense(document: str) -> tuple[str, list[int]]:
    """The document without white space, and where each of its characters stands in it."""
    places = [at for at, letter in enumerate(document) if not letter.isspace()]
    return "".join(document[at] for at in places), places


def _longest_common(a: str, b: str) -> tuple[int, int, int]:
    """Places and length of the longest words that stand in both: where words of one length do, shorter ones do too."""
    found = (0, 0, 0)
    low, high = 0, min(len(a), len(b))
    while low < high:
        size = (low + high + 1) // 2
        pieces = {a[at : at + size]: at for at in range(len(a) - size + 1)}
        at = next((at for at in range(len(b) - size + 1) if b[at : at + size] in pieces), -1)
        if at < 0:
            high = size - 1
        else:
            found, low = (pieces[b[at : at + size]], at, size), size
    return found
