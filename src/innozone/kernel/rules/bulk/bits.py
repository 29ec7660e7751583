"""Packed bits: 64 rows to a word, row r at bit r % 64 of word r // 64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


def words_for(rows: int) -> int:
    """The number of words that hold so many rows."""
    return (rows + 63) // 64


def pack(flags: NDArray[np.bool_], out: Words) -> None:
    """Writes flags into `out`; bits beyond them become zero."""
    packed = np.packbits(flags, bitorder="little")
    if len(packed) == 8 * len(out):
        out[:] = packed.view(np.uint64)
        return
    view = out.view(np.uint8)
    view[: len(packed)] = packed
    view[len(packed) :] = 0


def pack_rows(flags: NDArray[np.bool_], out: Words) -> None:
    """Writes each row of flags into a row of `out`; bits beyond them become zero."""
    packed = np.packbits(flags, axis=1, bitorder="little")
    if packed.shape[1] == 8 * out.shape[1]:
        out[:] = packed.view(np.uint64)
        return
    view = out.view(np.uint8)
    view[:, : packed.shape[1]] = packed
    view[:, packed.shape[1] :] = 0


def put(words: Words, out: Words, at: int) -> None:
    """Sets the bits of `words` in `out`, the first at bit `at`; what lies there already stays set.

    `words` may be longer than what is left of `out`, with clear bits there.
    """
    first, shift = divmod(at, 64)
    here = out[first : first + len(words)]
    if not shift:
        here |= words[: len(here)]
        return
    here |= words[: len(here)] << np.uint64(shift)
    over = out[first + 1 : first + 1 + len(words)]
    over |= words[: len(over)] >> np.uint64(64 - shift)


def flags(words: Words, rows: int) -> NDArray[np.bool_]:
    """One bool a row."""
    return np.unpackbits(words.view(np.uint8), count=rows, bitorder="little").view(bool)


def rows_of(words: Words, rows: int) -> NDArray[np.int64]:
    """The numbers of the rows whose bit is set."""
    return np.flatnonzero(flags(words, rows))


def count(words: Words) -> int:
    """The number of set bits."""
    return int(np.add.reduce(np.bitwise_count(words), dtype=np.int64))


def full(rows: int) -> Words:
    """All rows set, the rest of the last word clear."""
    words = np.full(words_for(rows), np.uint64(0xFFFF_FFFF_FFFF_FFFF))
    if rows % 64:
        words[-1] = np.uint64((1 << (rows % 64)) - 1)
    return words


def at_least(n: int, items: Sequence[Words], everything: Words) -> Words:
    """Rows where at least n of the items are set."""
    if n <= 0:
        return everything.copy()
    if n > len(items):
        return np.zeros_like(everything)
    if n > len(items).bit_length():
        return _not_below(n, _counts(items, everything), everything)
    reached = [np.zeros_like(everything) for _ in range(n)]
    for item in items:
        for k in range(n - 1, 0, -1):
            reached[k] |= reached[k - 1] & item
        reached[0] |= item
    return reached[n - 1]


def _counts(items: Sequence[Words], everything: Words) -> list[Words]:
    """Per row how many items are set, as binary digits, the lowest first."""
    digits = [np.zeros_like(everything) for _ in range(len(items).bit_length())]
    for item in items:
        carry = item
        for digit in digits:
            carry, digit[:] = digit & carry, digit ^ carry
    return digits


def _not_below(n: int, digits: Sequence[Words], everything: Words) -> Words:
    """Rows whose number is n or more, compared digit by digit from the highest."""
    more, equal = np.zeros_like(everything), everything.copy()
    for place in range(len(digits) - 1, -1, -1):
        digit = digits[place]
        if n >> place & 1:
            equal &= digit
        else:
            more |= equal & digit
            equal &= ~digit
    return more | equal
