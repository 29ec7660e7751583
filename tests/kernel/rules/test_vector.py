"""The ways in which the bulk evaluator saves work give what the reference evaluator gives for each row alone."""

from __future__ import annotations

import struct
from datetime import date
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Numbers, Snapshot, column_name
from innozone.kernel.rules import Expr, Subject, parse, value
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.terms import UNKNOWN
from tests.kernel.rules.sample import AS_OF, DICTIONARY, facts, keys

NUMBERS = {"-1": -1.0, "0": 0.0, "0.05": 0.05, "5%": 0.05, "1": 1.0, "60": 60.0, "100万": 1e6, "5000万": 5e7}
FIGURES = st.sampled_from(sorted(NUMBERS))
OPERANDS = st.sampled_from(
    ["score", "rd_ratio[-1]", "revenue[-1] - revenue[-2]", "staff_total[-1]", "60", "net_profit[-1] * 0"]
)
CODES = st.sampled_from(["region", '"xixian"', '"fengdong"', '"nowhere"', "industry"])
TRUTHS = st.sampled_from(["legal_person", "known(score)", "score > 0"])
#: Branches of one expression are all numbers, all codes or all truth values.
KINDS = st.sampled_from([FIGURES, FIGURES | OPERANDS, CODES, TRUTHS])
FALLING, RISING = st.sampled_from([">=", ">"]), st.sampled_from(["<=", "<"])


@st.composite
def tiers(draw: st.DrawFn) -> str:
    """Tiers of every form, also such as the check refuses: limits in any order, both directions, limits that vary."""
    ops = draw(st.sampled_from([FALLING, RISING, FALLING | RISING, st.just("==")]))
    results, ordered = draw(KINDS), draw(st.booleans())
    limits = FIGURES if ordered else FIGURES | st.sampled_from(["score", "2 * 30"])
    brackets = draw(st.lists(st.tuples(ops, limits, results), min_size=1, max_size=4))
    if ordered:
        brackets.sort(key=lambda each: NUMBERS[each[1]], reverse=brackets[0][0] in (">=", ">"))
    written = [f"{op} {limit}: {result}" for op, limit, result in brackets]
    if draw(st.booleans()):
        inner = f"tier({draw(OPERANDS)}, {written[0]}, else: {draw(results)})"
        written.append(f"else: {inner if draw(st.booleans()) else draw(results)}")
    return f"tier({draw(OPERANDS)}, {', '.join(written)})"


@st.composite
def choices(draw: st.DrawFn) -> str:
    """Chains of if over numbers, codes and truth values."""
    parts = draw(KINDS)
    text = draw(parts)
    for condition in draw(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4)):
        text = (
            f"if({condition}, {draw(parts)}, {text})"
            if draw(st.booleans())
            else f"if({condition}, {text}, {draw(parts)})"
        )
    return text


CONDITIONS = [
    'region within "xixian"',
    "score >= 60",
    "legal_person",
    "age(established_on) >= 3",
    'industry within {"65", "C"}',
]
FACTS = st.lists(facts(), min_size=1, max_size=5)
#: How often the rows stand in a block: it may also be empty, or have a single row.
TIMES = st.sampled_from([0, 1, 3])


def given_by(text: str, rows: list[dict[str, dict[int | None, Any]]], times: int) -> tuple[Expr, list[Any], list[Any]]:
    """What the block gives for the rows, each so many times, and what the evaluator gives."""
    expr = parse(text)
    columns = {
        column_name(name, year): [row.get(name, {}).get(year) for _ in range(times) for row in rows]
        for name, year in keys()
    }
    shot = Snapshot.from_columns(columns, as_of=AS_OF, dictionary=DICTIONARY)
    found = Block(shot, DICTIONARY, slice(0, shot.rows)).value(expr)
    wanted = [value(expr, Subject(DICTIONARY, row, AS_OF)) for row in rows]
    if isinstance(found, Numbers):
        return expr, np.broadcast_to(found.values, shot.rows).tolist(), wanted
    if hasattr(found, "true"):
        true, false = (np.broadcast_to(part, shot.rows).tolist() for part in (found.true, found.false))
        return expr, [True if yes else False if no else UNKNOWN for yes, no in zip(true, false, strict=True)], wanted
    places = np.broadcast_to(found.values, shot.rows).tolist()
    return expr, [UNKNOWN if at < 0 else found.categories[at] for at in places], wanted


def same(found: Any, wanted: Any) -> bool:
    if wanted is UNKNOWN:
        return found is UNKNOWN or found != found
    if isinstance(wanted, float):
        return struct.pack("d", found) == struct.pack("d", wanted)
    return found == wanted


@settings(max_examples=150, deadline=None)
@given(tiers(), FACTS, TIMES)
@example("tier(score, >= 60: 1, > 60: 2, >= 0: score, else: revenue[-1])", [{}], 3)
@example("tier(60, >= 60: score, else: 1)", [{"score": {None: 5}}], 3)
def test_tiers(text, rows, times):
    expr, found, wanted = given_by(text, rows, times)
    assert all(same(one, other) for one, other in zip(found, wanted * times, strict=True)), (str(expr), found, wanted)


@settings(max_examples=150, deadline=None)
@given(choices(), FACTS, TIMES)
@example("if(score >= 60, 0 * -1, 0)", [{}], 3)
@example('if(score >= 60, "xixian", "xixian")', [{}], 3)
def test_choices(text, rows, times):
    expr, found, wanted = given_by(text, rows, times)
    assert all(same(one, other) for one, other in zip(found, wanted * times, strict=True)), (str(expr), found, wanted)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["age", "months_since", "days_since"]),
    st.sampled_from([">=", ">", "<=", "<", "==", "!="]),
    st.sampled_from(["0", "3", "2.5", "-1", "36", "40 * 0.9", "1096", "1000000000", "score"]),
    st.lists(st.dates(date(2021, 1, 1), date(2028, 1, 1)) | st.none(), min_size=1, max_size=6),
)
@example("age", ">=", "2", [date(2024, 2, 29), date(2024, 6, 30), date(2024, 7, 1)])
@example("months_since", "==", "4", [date(2026, 2, 28), date(2026, 2, 27), date(2026, 3, 1), date(2026, 1, 31)])
def test_ages_against_a_number(name, op, limit, days):
    rows = [{"established_on": {None: day}, "score": {None: 3}} if day else {} for day in days]
    expr, found, wanted = given_by(f"{name}(established_on) {op} {limit}", rows, 2)
    assert all(same(one, other) for one, other in zip(found, wanted * 2, strict=True)), (str(expr), found, wanted)


@settings(max_examples=100, deadline=None)
@given(CODES, st.sampled_from(["==", "!="]), CODES, FACTS, TIMES)
def test_codes_side_by_side(one, op, other, rows, times):
    expr, found, wanted = given_by(f"{one} {op} {other}", rows, times)
    assert all(same(a, b) for a, b in zip(found, wanted * times, strict=True)), (str(expr), found, wanted)
