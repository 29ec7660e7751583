"""Text as the grammar sees it: one width of digits and signs, no stray blanks, and the way back to the document.

A `Folded` text holds, for every character, its offset in the document, so that whatever a pattern finds in the
folded text is quoted from the document itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNS = {
    "％": "%", "﹪": "%", "．": ".", "：": "：", ":": "：", ";": "；", "﹔": "；", "!": "！", "?": "？",
    "(": "（", ")": "）", "﹙": "（", "﹚": "）", "[": "〔", "]": "〕", "【": "〔", "】": "〕",
    "–": "—", "―": "—", "－": "-", "﹣": "-", "~": "～", "∼": "～", "〜": "～", "•": "·", "・": "·", "‧": "·", "∙": "·",
    "\"": "”", "「": "“", "」": "”", "『": "“", "』": "”", "㎡": "㎡", "/": "/", "／": "/", "＋": "+", "﹒": "·", "＜": "<", "＞": ">",
    "〈": "《", "〉": "》", "ㄧ": "一",
}  # fmt: skip
OPEN, CLOSE = "（《“〔‘", "）》”〕’"
_SEGMENT_END = "，；。！？\n"
_SENTENCE_END = "。！？\n"
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded `text`; `origin[i]` is the document offset of its i-th character."""

    text: str
    origin: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Document offsets (half open) of a non-empty stretch of the folded text."""
        return self.origin[start], self.origin[end - 1] + 1


def fold_character(character: str) -> str:
    """One character to one character: full-width letters and digits to ASCII, signs to one form."""
    code = ord(character)
    if 0xFF10 <= code <= 0xFF19 or 0xFF21 <= code <= 0xFF3A or 0xFF41 <= code <= 0xFF5A:
        return chr(code - 0xFEE0)
    return _SIGNS.get(character, character)


def fold(body: str, start: int = 0, end: int | None = None) -> Folded:
    """Fold `body[start:end]`. Blanks go, unless they part two Latin words; line ends stay."""
    end = len(body) if end is None else end
    characters: list[str] = []
    origin: list[int] = []
    for at in range(start, end):
        character = body[at]
        if character.isspace() and character != "\n":
            following = body[at + 1] if at + 1 < end else ""
            if not (
                characters
                and characters[-1].isascii()
                and characters[-1].isalpha()
                and following.isascii()
                and following.isalpha()
            ):
                continue
            character = " "
        elif character in "\u200b\ufeff\u00ad":
            continue
        characters.append(fold_character(character))
        origin.append(at)
    text = "".join(characters)
    # A comma between Chinese words is a Chinese comma; one that groups thousands stays as it is.
    grouped = {found.start() for found in _THOUSANDS.finditer(text)}
    text = "".join("," if i in grouped else "，" if c == "," else c for i, c in enumerate(text))
    return Folded(text, tuple(origin))


def depth(text: str) -> list[int]:
    """How deep in brackets, quotation marks or titles each character stands; unclosed brackets end with their sentence."""
    levels: list[int] = []
    stack: list[str] = []
    for character in text:
        if character in "。\n" and not (stack and "“" in stack):
            stack.clear()
        if character in CLOSE and stack and OPEN.index(stack[-1]) == CLOSE.index(character):
            stack.pop()
        levels.append(len(stack))
        if character in OPEN:
            stack.append(character)
    return levels


def _split(text: str, ends: str, start: int, end: int, levels: list[int]) -> Iterator[tuple[int, int]]:
    at = start
    for i in range(start, end):
        if text[i] in ends and (levels[i] == 0 or text[i] == "\n"):
            if i > at:
                yield at, i
            at = i + 1
    if end > at:
        yield at, end


def sentences(text: str, levels: list[int]) -> list[tuple[int, int]]:
    """Stretches between full stops, outside of brackets."""
    return list(_split(text, _SENTENCE_END, 0, len(text), levels))


def clauses(text: str, start: int, end: int, levels: list[int]) -> list[tuple[int, int]]:
    """Stretches between semicolons of one sentence."""
    return list(_split(text, "；", start, end, levels))


def segments(text: str, start: int, end: int, levels: list[int]) -> list[tuple[int, int]]:
    """Stretches between commas of one sentence."""
    return list(_split(text, _SEGMENT_END, start, end, levels))


def split_list(text: str, separators: str = "、和与及或") -> list[str]:
    """Members of an enumeration, outside of brackets and quotation marks. `及以上` and the like are no separators."""
    levels = depth(text)
    parts: list[str] = []
    at = 0
    for i, character in enumerate(text):
        if levels[i] or character not in separators or i < at:
            continue
        if character in "和与及或" and (
            re.match(r"[及或](?:其|以上|者)|与否", text[i:]) or i == 0 or i + 1 == len(text)
        ):
            continue
        parts.append(text[at:i])
        at = i + 1
        while at < len(text) and text[at] in "和与及或者":
            at += 1
    parts.append(text[at:])
    return [part.strip("，、等的 ") for part in parts if part.strip("，、等的 ")]
