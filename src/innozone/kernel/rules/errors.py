"""Syntax errors: where the text stops making sense, and the likely cure."""

from __future__ import annotations

import re
import unicodedata

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from innozone.kernel.rules.words import Sentence, say

#: What people write, and what the language calls it.
_CURES = {
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "＝": "==",
    "=": "==",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "（": "(",
    "）": ")",
    "，": ",",
    "、": ",",
    "：": ":",
    "“": '"',
    "”": '"',
    "'": '"',
    "％": "%",
    "＞": ">",
    "＜": "<",
    "×": "*",
    "÷": "/",
    "且": "and",
    "并且": "and",
    "或": "or",
    "或者": "or",
    "非": "not",
    "不": "not",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "^": "a product such as x * x",
}

#: Templates of what can stand somewhere.
_EXPECTED = {
    "NAME": "a variable",
    "NUMBER": "a number",
    "STRING": 'a text in "…"',
    "INDEX": "a year such as -1",
    "COMPARATOR": "a comparison such as >=",
    "SIGN": "+ or -",
    "SCALE": "* or /",
    "RPAR": ")",
    "LPAR": "(",
    "RSQB": "]",
    "RBRACE": "}}",
    "LBRACE": "{{",
    "COMMA": ",",
    "COLON": ":",
    "__ANON_0": "..",
    "$END": "the end",
}


#: Signs without a shape that documents are full of and that change nothing: joiners, soft hyphens, page breaks.
HARMLESS = "\n\r\t\v\f\x85\u00ad\u200b\u200c\u200d\u2060\ufeff"


def unseen(text: str, spared: str = "\n\r\t") -> tuple[int, str] | None:
    """The place and the code point of the first sign that nobody sees: NUL, marks of direction, half signs."""
    for at, letter in enumerate(text):
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs") and letter not in spared:
            return at, f"U+{ord(letter):04X}"
    return None


def without_unseen(text: str) -> str:
    """The text without the signs that no quote may hold: NUL, marks of direction, half signs. Harmless ones stay."""
    gone = {ord(sign): None for sign in set(text) if unseen(sign, HARMLESS)}
    return text.translate(gone) if gone else text


def visible(text: str) -> str:
    """The text with its unseen signs spelled out, so that a message can be printed and shows what is there."""
    return "".join(f"(U+{ord(letter):04X})" if unseen(letter) else letter for letter in text)


class RuleSyntaxError(ValueError):
    """The text is not an expression. `position` is the offset of the trouble, `hint` the likely cure (may be empty)."""

    def __init__(self, position: int, message: str, hint: str = "", text: str = "") -> None:
        self.position = position
        self.message = message
        self.hint = hint
        self.text = text
        super().__init__(str(self))

    @property
    def said(self) -> Sentence:
        """The whole sentence with place and cure; `in_language` says it in the language of the reader."""
        found = say(" of “{}”", visible(self.text)) if self.text and len(self.text) <= 120 else ""
        cure = say("; {}", self.hint) if self.hint else ""
        return say("{} (at character {}{}){}", self.message, self.position + 1, found, cure)

    def __str__(self) -> str:
        return str.__str__(self.said)


def _expected(words: list[str]) -> str:
    """What could stand at a place: at most six of it."""
    if not words:
        return ""
    listed: str = say(words[0])
    for word in words[1:6]:
        listed = say("{}, {}", listed, say(word))
    return say("expected {}", listed)


def explained(text: str, error: UnexpectedInput) -> RuleSyntaxError:
    """The parser's complaint about a text in words that help its author."""
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        opened = text.count("(") - text.count(")")
        hint: str = (
            say("{} bracket(s) “(” are not closed", opened) if opened > 0 else say("something is missing at the end")
        )
        if text.rstrip().endswith(("and", "or", "not")):
            hint = say("a condition is missing after the last word")
        return RuleSyntaxError(len(text), say("the expression ends too early"), hint, text)
    position = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken):
        found = str(error.token)
        position = error.token.start_pos if error.token.start_pos is not None else position
    else:
        found = text[position]
    rest = text[position:]
    expected = (
        error.accepts or error.expected if isinstance(error, UnexpectedToken) else getattr(error, "allowed", set())
    )
    for wrong in sorted(_CURES, key=len, reverse=True):
        if rest.startswith(wrong) and not (wrong.isalpha() and wrong.isascii() and rest[len(wrong) :][:1].isalnum()):
            return RuleSyntaxError(
                position, say("“{}” is not part of the language", wrong), say("write {}", _CURES[wrong]), text
            )
    if isinstance(error, UnexpectedCharacters) and found == '"':
        return RuleSyntaxError(position, say("a text is not closed"), say('end it with "'), text)
    sign = f"(U+{ord(rest[0]):04X})" if rest else ""
    if unseen(rest[:1]) or unicodedata.category(rest[:1] or "a").startswith("M"):
        return RuleSyntaxError(position, say("an invisible sign {} cannot stand here", sign), say("delete it"), text)
    if rest[:1].isspace():
        return RuleSyntaxError(
            position, say("a wide or fixed space {} cannot stand here", sign), say("write a plain space"), text
        )
    if not found.isascii():
        hint = (
            say("units are not written: staff_total >= 20")
            if text[max(0, position - 1)].isdigit()
            else (say('variables go by their code, texts stand in "…"'))
        )
        return RuleSyntaxError(position, say("“{}” cannot stand here", visible(found[:60])), hint, text)
    if "[" in text[:position] and "INDEX" in (expected or ()):
        return RuleSyntaxError(
            position, say("a year is missing"), say("write -1 for last year, 0 for this one, or 2024"), text
        )
    words = sorted({_EXPECTED.get(name, name.lower()) for name in (expected or ())})
    hint = _expected(words)
    if found == "," and re.search(r"\d$", text[:position]):
        hint = say("digits are grouped with _, not with a comma: 2_000_0000")
    return RuleSyntaxError(position, say("“{}” cannot stand here", visible(found[:60])), hint, text)
