"""Scanned pages to text, where the extra `ocr` is installed: rapidocr, whose wheel brings its models along.

Nothing is fetched at run time. What is recognised is a draft like any other text: a person compares and confirms it.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from functools import lru_cache
from typing import Any

import numpy as np

from innozone.kernel.reading.errors import ReadingError

#: Limits of one file: a policy has some ten pages, a page takes two to three seconds on two cores.
MOST_PAGES = 30
SECONDS = 180.0
#: Pixels of the longer side of a page as it is drawn: A4 at some 200 dots an inch, whatever size the page claims.
SIDE = 2340
#: Lines recognised with less confidence than this make a page unreadable rather than wrong.
LEAST_SCORE = 0.6

_ONE_AT_A_TIME = threading.Lock()


def installed() -> bool:
    """True when the extra is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 2})


def recognise(document: Any, name: str) -> list[str]:
    """The text of each page of an open pypdfium2 document, a printed line a line, from top to bottom.

    Raises ReadingError (`too_large`, `slow`, `unreadable`) with the page. One file is recognised at a time.
    """
    count = len(document)
    if count > MOST_PAGES:
        message = f"The PDF has {count} scanned pages, the limit of text recognition is {MOST_PAGES}."
        raise ReadingError("too_large", name, message, "Split the document.")
    until = time.monotonic() + SECONDS
    pages = []
    with _ONE_AT_A_TIME:
        for index in range(count):
            if time.monotonic() > until:
                message = f"Text recognition took more than {SECONDS:g} s."
                raise ReadingError("slow", f"{name}, page {index + 1}", message, "Split the document.")
            pages.append(_page(document[index], f"{name}, page {index + 1}"))
    return pages


def _page(page: Any, place: str) -> str:
    width, height = page.get_size()
    if not (width > 0 and height > 0) or max(width, height) / min(width, height) > 20:
        raise ReadingError("unreadable", place, "The page has no size to be drawn in.", "Print it again.")
    bitmap = page.render(scale=SIDE / max(width, height), rev_byteorder=False)
    try:
        picture = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    finally:
        bitmap.close()
        page.close()
    found = _engine()(picture)
    if found.txts is None:
        return ""  # an empty page, such as a back
    if float(np.mean(found.scores)) < LEAST_SCORE:
        message = "The scan is too poor for text recognition."
        raise ReadingError("unreadable", place, message, "Scan it again with 300 dots an inch, or paste the text.")
    return "\n".join(_lines(zip(found.boxes, found.txts, strict=True)))


def _lines(found: Any) -> list[str]:
    """Boxes to printed lines: those whose middles lie at one height stand in one line, from left to right."""
    boxes = sorted(((np.asarray(box), str(text)) for box, text in found), key=lambda each: float(each[0][:, 1].mean()))
    rows: list[list[tuple[float, str]]] = []
    last, high = 0.0, 0.0
    for box, text in boxes:
        middle, tall = float(box[:, 1].mean()), float(np.ptp(box[:, 1]))
        if rows and middle - last < 0.4 * max(high, tall):
            rows[-1].append((float(box[:, 0].min()), text))
        else:
            rows.append([(float(box[:, 0].min()), text)])
            last, high = middle, tall
    return ["  ".join(text for _, text in sorted(row)) for row in rows]
