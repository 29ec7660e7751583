"""A few words of a text, read by themselves: what somebody has marked in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.reading.reader import read_text
from innozone.kernel.terms import Dictionary

# The reader looks for conditions where something is promised to those who meet them.
_FRAME = "第一条 企业同时符合下列条件的，给予10万元奖励：\n（一）{}。\n"


def conditions_in(words: str, dictionary: Dictionary) -> list[dict[str, Any]]:
    """The leaves that the words say, each {test or manual, quote}; all of the words for a person where nothing is read.

    Every quote stands in the words, so that it also stands in the text from which they were taken.
    """
    whole = " ".join(words.split()).strip("。；;，,、 ")
    if not whole:
        return []
    drafted = draft_policy(read_text(_FRAME.format(whole), "条件"), dictionary)
    found: list[dict[str, Any]] = []
    for item in drafted["items"]:
        for leaf in _leaves(item["conditions"]):
            kept: dict[str, Any] = {key: leaf[key] for key in ("test", "manual", "quote") if key in leaf}
            if leaf.get("quote", "") and leaf["quote"] in words and kept not in found:
                found.append(kept)
    return found or [{"manual": whole, "quote": whole} if whole in words else {"manual": whole}]


def _leaves(data: Any) -> Iterator[dict[str, Any]]:
    below = data.get("all") or data.get("any") or (data.get("at_least") or {}).get("of")
    if below is None:
        yield data
        return
    for child in below:
        yield from _leaves(child)
