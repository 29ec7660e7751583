"""Invented identities: valid codes that nobody holds, names that nobody bears."""

from datetime import date

import numpy as np
from stdnum.cn import uscc

from innozone.demo.deliveries import populate
from innozone.demo.names import (
    BRANDS,
    FIRST,
    SECOND,
    THIRD,
    brands,
    code_is_valid,
    credit_codes,
    spelled,
    stream,
    text,
    wrong_code,
)


def test_codes_keep_both_check_digits() -> None:
    region = text(["610112", "610402", "610404", "610423"] * 500)
    codes = credit_codes(np.arange(2000), region).tolist()
    assert len(set(codes)) == 2000
    for code in codes:
        assert uscc.is_valid(code)
        assert code_is_valid(code)
        assert _organisation_check_digit(code[8:16]) == code[16]


def test_the_code_of_a_known_holder_passes_our_own_check() -> None:
    # Published codes, both check digits right; GB 32100-2015.
    for code in ("914403001922038216", "9144030071526726XG", "9111000071093123XX"):
        assert code_is_valid(code)
        assert _organisation_check_digit(code[8:16]) == code[16]
    assert not code_is_valid("91110000100018988X")


def test_codes_are_of_a_series_that_is_not_given_out(demonstration) -> None:
    # Bodies given out are digits, or begin with MA and the letters after it.
    assert all(code[8:10] == "XN" for code in demonstration.firms["credit_code"])


def test_a_mistyped_code_is_wrong_and_near() -> None:
    rng = stream(1, "typing")
    right = credit_codes(np.arange(300), text(["610112"] * 300)).tolist()
    for code in right:
        wrong = wrong_code(code, rng)
        assert len(wrong) == 18
        assert not uscc.is_valid(wrong)
        assert 1 <= sum(a != b for a, b in zip(code, wrong, strict=True)) <= 2


def test_another_spelling_says_the_same_name() -> None:
    rng = stream(1, "spelling")
    for name in ("珈燊琢（西安）软件有限公司", "陕西珈燊琢新材料股份有限公司", "西安珈燊琢仪器有限责任公司"):
        for _ in range(30):
            other = spelled(name, rng)
            assert other != name
            assert "珈燊琢" in other.replace(" ", "")


def test_names_begin_alike_only_where_firms_are_sisters() -> None:
    assert len(set(brands(stream(1, "brands"), 5000).tolist())) == 5000
    assert len(set(brands(stream(1, "brands"), BRANDS + 500).tolist())) == BRANDS


def test_no_real_company_has_an_invented_brand(shared, pack) -> None:
    """Not one 字号 of the default demonstration, nor any other of the pool, is among 284,835 real ones."""
    real = set((shared / "oracles/linkage/brands.txt").read_text(encoding="utf-8").split())
    people = populate(pack, 5000, 20261123, date(2026, 11, 23))
    assert not real & set(people.brand.tolist())
    assert not any(a + b + c in real for a in FIRST for b in SECOND for c in THIRD)
    # Nor does a real one of two characters stand inside of one.
    assert not any(a + b in real for a in FIRST for b in SECOND)
    assert not any(b + c in real for b in SECOND for c in THIRD)
    former = {name for name in people.former_name.tolist() if name}
    assert former
    assert not any(name.replace("（", "")[:3] in real for name in former)


def _organisation_check_digit(body: str) -> str:
    """GB 11714-1997."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(letter, 36) * weight for letter, weight in zip(body, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))
