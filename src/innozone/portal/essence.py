"""S21 政策“干货”: gist, key words and tags of a paper, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from innozone.kernel.reading.gist import place_of, places_of_gist
from innozone.wings.policies.models import PolicyVersion


@dataclass(frozen=True)
class Word:
    """A key word or tag. key: of its words in the text, empty where the text says it in no words of its own."""

    text: str
    key: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Essence:
    """gist_key: of the first clause of the gist that stands in the text as such; empty for none."""

    gist: str = ""
    gist_key: str = ""
    gist_spans: list[tuple[int, int]] = field(default_factory=list)
    keywords: list[Word] = field(default_factory=list)
    tags: list[Word] = field(default_factory=list)

    def places(self) -> Iterator[tuple[str, int, int]]:
        """(key, start, end) of all that stands in the text, for conditions.marked."""
        yield from (("gist", *span) for span in self.gist_spans)
        yield from ((word.key, *word.span) for word in (*self.keywords, *self.tags) if word.key)


def of(version: PolicyVersion) -> Essence:
    """What a version of a paper comes to in a few words."""
    spans = places_of_gist(version.gist, version.text)
    return Essence(
        version.gist,
        "gist" if spans else "",
        spans,
        [_word(f"k{at}", word, version.text) for at, word in enumerate(version.keywords)],
        [_word(f"t{at}", word, version.text) for at, word in enumerate(version.tags)],
    )


def _word(key: str, word: str, text: str) -> Word:
    span = place_of(word, text)
    return Word(word, key, span) if span else Word(word)
