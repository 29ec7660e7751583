"""A comparison that forgives the last digits is one plain comparison with the least number that fits."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules.bulk.compare import compare_numbers, compare_to, reach
from innozone.kernel.rules.bulk.lower import NumberAtom
from innozone.kernel.rules.functions import compare
from innozone.kernel.rules.tree import Ref

LIMITS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(
    LIMITS,
    st.sampled_from((">=", ">", "==", "<=", "<", "!=")),
    st.lists(st.floats(-1e16, 1e16), max_size=8),
    st.booleans(),
)
def test_the_edge_says_what_the_comparison_says_close_to_the_limit_and_far_from_it(limit, op, far, close):
    values = [*far, limit, math.nan, 0.0]
    for ratio in (1e-11, 1e-12, 9.999e-13, 1.0001e-12, 1e-13, 2e-16):
        values += [limit * (1 - ratio), limit * (1 + ratio)]
    if limit:
        for each in (reach(">=", limit, close), reach(">", limit, close)):
            values += [each, math.nextafter(each, -math.inf), math.nextafter(each, math.inf)]
    numbers = np.array([number for number in values if not math.isinf(number)])
    assert compare_to(op, numbers, limit, close).tolist() == compare(op, numbers, limit, close).tolist()
    if op not in (">=", ">", "=="):
        return
    out = np.empty(len(numbers), dtype=bool)
    compare_numbers(NumberAtom(Ref("x"), op, limit, "number", close), numbers, out)
    assert out.tolist() == compare(op, numbers, limit, close).tolist()


def test_the_edge_is_the_first_number_that_fits():
    assert reach(">=", 0.05, True) < 0.05 < reach(">", 0.05, True)
    assert reach(">=", -0.05, True) < -0.05 < reach(">", -0.05, True)
    assert reach(">=", 100.0, True) > 100.0 - 1e-9
