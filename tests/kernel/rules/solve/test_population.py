"""Everyone's best set at once gives each what it gets alone."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules.solve.choice import TooEntangled
from innozone.kernel.rules.solve.population import counted
from innozone.kernel.rules.solve.portfolio import Offer, best_set
from tests.kernel.rules.solve.test_portfolio import HIGHEST, group, offer, worlds


def everyone(offers, amounts):
    stackings = {each.code: each.stacking for each in offers}
    return counted(
        stackings, {each.code: np.array(row, dtype=np.int64) for each, row in zip(offers, amounts, strict=True)}
    )


def test_each_row_takes_the_highest_of_a_group():
    found = everyone([offer("a", 0, HIGHEST), offer("b", 0, HIGHEST), offer("c", 0)], [[5, 0, 3], [4, 2, 3], [1, 1, 1]])
    assert {code: row.tolist() for code, row in found.items()} == {"a": [5, 0, 3], "b": [0, 2, 0], "c": [1, 1, 1]}


def test_caps_cut_the_smaller_amount_first():
    year = group("year", cap=10)
    found = everyone([offer("a", 0, year), offer("b", 0, year, cap=6)], [[5, 2, 0], [8, 3, 9]])
    assert {code: row.tolist() for code, row in found.items()} == {"a": [4, 2, 0], "b": [6, 3, 6]}


@settings(max_examples=120, deadline=None)
@given(worlds(), st.data())
def test_the_total_of_every_row_is_that_of_its_best_set(offers, data):
    rows = data.draw(st.integers(1, 4))
    amount = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 3 * 10**8))
    amounts = [data.draw(st.lists(amount, min_size=rows, max_size=rows)) for _ in offers]
    found = everyone(offers, amounts)
    for row in range(rows):
        alone = best_set([Offer(each.code, amounts[at][row], each.stacking) for at, each in enumerate(offers)])
        assert sum(int(values[row]) for values in found.values()) == alone.total
        chosen = [Offer(each.code, int(found[each.code][row]), each.stacking) for each in offers]
        assert best_set(chosen).total == alone.total


def test_a_knot_with_too_many_sets_is_refused_and_not_guessed():
    offers = [
        offer(f"i{at:02}", 0, group(f"g{at // 2}", most=1), group("half", cap=9) if at % 2 else HALF)
        for at in range(40)
    ]
    with pytest.raises(TooEntangled):
        everyone(offers, [[1]] * 40)


HALF = group("other", most=30)


def test_a_hundred_thousand_enterprises_take_no_time():
    rng = np.random.default_rng(5)
    offers = [
        offer(
            f"i{at:02}",
            0,
            *([group(f"g{at // 3}", most=1)] if at < 21 else []),
            *([group("y", cap=10**8)] if at < 9 else []),
        )
        for at in range(40)
    ]
    amounts = rng.integers(0, 6 * 10**7, (40, 100_000)) * (rng.random((40, 100_000)) < 0.2)
    start = time.perf_counter()
    everyone(offers, amounts)
    took = time.perf_counter() - start
    # 0.15 s on an idle core.
    assert took < 2, f"{took:.2f} s"
