"""What is said of a faulty rule, in the language of its reader: an English sentence that knows how it was made.

`say` makes the sentence; it is a text like any other, in English. `in_language` says it again in Chinese, with the parts
that were filled in said in Chinese as well. The Chinese templates stand in words_zh.py, keyed by the English ones.
"""

from __future__ import annotations

from innozone.kernel.rules.words_zh import CHINESE


class Sentence(str):
    """An English sentence that keeps its template and what was filled in."""

    template: str
    parts: tuple[str, ...]

    def __new__(cls, template: str, parts: tuple[str, ...] = ()) -> Sentence:
        made = super().__new__(cls, template.format(*parts))
        made.template, made.parts = template, parts
        return made

    def __getnewargs__(self) -> tuple[str, tuple[str, ...]]:  # type: ignore[override]
        return self.template, self.parts


def say(template: str, *parts: object) -> Sentence:
    """The sentence of a template with `{}` where the parts belong. Parts that are sentences stay translatable."""
    return Sentence(template, tuple(part if isinstance(part, str) else str(part) for part in parts))


def in_language(text: str, language: str) -> str:
    """The text in Chinese (`zh`, `zh-hans`) or, for any other language, in English. What is no Sentence (names, expressions, words of a document) stays as it is."""
    if not isinstance(text, Sentence):
        return text
    template = CHINESE.get(text.template, text.template) if language.startswith("zh") else text.template
    return template.format(*(in_language(part, language) for part in text.parts))
