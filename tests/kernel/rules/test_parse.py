"""Text to tree and back; an error names its place and the cure."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import RuleSyntaxError, parse, to_text
from innozone.kernel.rules.tree import And, Compare, Neg, Number, Ref
from tests.kernel.rules.sample import MONEY, expressions


@settings(max_examples=300, deadline=None)
@given(expressions(peeking=True) | MONEY)
def test_a_printed_tree_reads_back_to_the_same_tree(expr) -> None:
    assert parse(to_text(expr)) == expr


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("revenue[-1]>=2000万", "revenue[-1] >= 2000万"),
        ("x >= 2_000_0000", "x >= 2000万"),
        ("x >= 1.5亿元", "x >= 1.5亿元"),
        ("x >= 3千万", "x >= 3000万"),
        ("x >= 5‰", "x >= 0.5%"),
        ("3% <= x < 5%", "3% <= x and x < 5%"),
        ("x not in {\"a\"}", 'not x in {"a"}'),
        ('x within {"a"}', 'x within "a"'),
        ('designations has "a"', 'holds("a")'),
        ("((a and (b and c)))", "a and b and c"),
        ("a or b and not c", "a or b and not c"),
        ("(a or b) and c", "(a or b) and c"),
        ("a - (b - c) - d", "a - (b - c) - d"),
        ("a / (b * c) * -d", "a / (b * c) * -d"),
        ("+x > 0", "x > 0"),
        ("revenue[2024] > revenue[0]", "revenue[2024] > revenue[0]"),
        ("need.area >= 200", "need.area >= 200"),
    ],
)  # fmt: skip
def test_one_printed_form(text: str, printed: str) -> None:
    assert to_text(parse(text)) == printed
    assert to_text(parse(printed)) == printed


def test_numbers_are_kept_in_the_stored_unit() -> None:
    assert parse("5%") == Number(Decimal("0.05"), "%")
    assert parse("2000万") == Number(Decimal(20_000_000))
    assert parse("-1.5亿") == Neg(Number(Decimal(150_000_000)))


def test_a_chain_is_two_comparisons_of_the_same_quantity() -> None:
    low, high = parse("3% <= rd_ratio[-1] < 5%").items
    assert isinstance(parse("3% <= x < 5%"), And)
    assert isinstance(low, Compare)
    assert low.right == high.left == Ref("rd_ratio", -1)


def test_every_node_knows_its_place_in_the_text() -> None:
    text = "legal_person and revenue[-1] >= 2000万"
    comparison = parse(text).items[1]
    assert text[slice(*comparison.span)] == "revenue[-1] >= 2000万"


@pytest.mark.parametrize(
    "text",
    ["(" * 5000 + "x" + ")" * 5000, "(" * 60 + "x > 1" + ")" * 60, "not " * 500 + "x", "-" * 900 + "x > 1", "x + " * 2000 + "x > 1"],
)  # fmt: skip
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    with pytest.raises(RuleSyntaxError, match=r"longer than|levels of|words “not”"):
        parse(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab01 ()[]{}<>=!"%万,.:-+*/andortifs', max_size=40))
def test_any_text_is_an_expression_or_a_clear_error(text: str) -> None:
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        refused = error
    else:
        assert parse(to_text(expr)) == expr
        return
    assert 0 <= refused.position <= len(text)
    assert refused.message
