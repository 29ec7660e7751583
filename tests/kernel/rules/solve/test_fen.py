"""One amount and a column of amounts come to the same fen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from innozone.kernel.rules.solve.fen import fen, fen_of

AMOUNTS = st.one_of(
    st.floats(0, 1e9), st.integers(0, 10**6).map(lambda at: at / 1000), st.integers(0, 10**10).map(float)
)


@given(st.lists(AMOUNTS, max_size=20))
def test_many_amounts_are_rounded_like_one(amounts):
    whole, unknown = fen_of(np.array(amounts, dtype=float))
    assert whole.tolist() == [fen(amount) for amount in amounts]
    assert not unknown.any()


def test_what_is_not_known_is_no_zero_and_nothing_is_below_zero():
    whole, unknown = fen_of(np.array([np.nan, np.inf, 1e300, -5.0, 0.575, 0.285]))
    assert unknown.tolist() == [True, True, True, False, False, False]
    assert whole.tolist() == [0, 0, 0, 0, 58, 28]
