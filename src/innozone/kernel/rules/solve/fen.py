"""Amounts as whole fen: rounded once, a half to the even fen, for one number as for many."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.functions import Floats

#: From so many 元 on a float does not tell one fen from the next.
_LARGEST = 2.0**45


def fen(yuan: float | Decimal) -> int:
    """元 as fen.

    >>> fen(0.125), fen(1234.5678)
    (12, 123457)
    """
    return int(Decimal(repr(yuan) if isinstance(yuan, float) else yuan).quantize(Decimal("0.01")) * 100)


def fen_of(yuan: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """元 as fen, and True where nobody knows the amount (NaN, or too large to be counted); below zero is nothing, 0."""
    unknown = ~(np.abs(yuan) < _LARGEST)
    counted = np.where(unknown, 0.0, np.maximum(np.where(unknown, 0.0, yuan), 0.0)) * 100
    whole = np.rint(counted).astype(np.int64)
    # Multiplied by 100 a half may have moved a little to one side.
    for at in np.flatnonzero(np.abs(np.abs(counted - np.floor(counted)) - 0.5) < 1e-3).tolist():
        whole[at] = fen(float(yuan[at]))
    return whole, unknown
