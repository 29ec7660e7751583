"""Rows of a snapshot as packed bits, least significant bit first: 125 kB for a million enterprises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bits = bytes | bytearray | memoryview


def pack(rows: NDArray[np.int64], count: int) -> bytes:
    """The bits of `count` rows with those at `rows` set."""
    flags = np.zeros(count, dtype=bool)
    flags[rows] = True
    return np.packbits(flags, bitorder="little").tobytes()


def flags(bits: Bits, count: int) -> NDArray[np.bool_]:
    """One bool a row."""
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=count, bitorder="little").view(bool)


def rows(bits: Bits, count: int) -> NDArray[np.int64]:
    """The rows whose bit is set, ascending."""
    return np.flatnonzero(flags(bits, count))


def at(bits: Bits, row: int) -> bool:
    """The bit of one row."""
    return bool(np.frombuffer(bits, dtype=np.uint8)[row >> 3] >> (row & 7) & 1)
