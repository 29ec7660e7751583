"""A credit code is valid, or the reason why not is told, and sometimes what it should have been."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from innozone.kernel.linkage import check_credit_code, fold_code
from innozone.kernel.linkage.credit_code import ALPHABET, inner_check

GOOD = "91610131MA6U1TEG0K"


def made(body: str) -> str:
    """A code with both check digits for kind, region and eight characters of the organisation code."""
    code = body[:16] + inner_check(body[8:16])
    return code + uscc.calc_check_digit(code)


def test_published_codes_hold_both_checks(shared: Path) -> None:
    text = (shared / "corpus" / "STANDARDS.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\| ([0-9A-Z]{18}) \|", text, re.M)
    assert len(codes) == 22
    for code in codes:
        told = check_credit_code(code)
        assert told.valid, code
        assert told.inner, code


def test_cases_of_the_standard(shared: Path) -> None:
    cases = json.loads((shared / "corpus" / "standards_cases.json").read_text(encoding="utf-8"))["cases"]
    mine = [case for case in cases if case["standard"] == "credit_code"]
    assert mine
    for case in mine:
        assert check_credit_code(case["facts"]["code"]).valid is case["expect"]["verdict"]


@pytest.mark.parametrize(
    ("text", "failure", "reason"),
    [
        (None, "empty", "there is no credit code"),
        (" - ", "empty", "there is no credit code"),
        ("9161013", "length", "a credit code has 18 characters, this one has 7"),
        (
            "9161000071004O9X3A",
            "character",
            "character 14 is O, which no credit code holds (I, O, Z, S and V are left out)",
        ),
        ("91610000710045好X3A", "character", "character 15 is 好"),
        ("99610131MA6U1TEG0K", "kind", "no registering authority and kind of organisation has the mark 99"),
        ("91990131MA6U1TEG0K", "region", "990131 is no region"),
        ("91110000100018988X", "check", "the check digit is X, but the other characters ask for F"),
    ],
)
def test_what_is_wrong_is_told(text: str | None, failure: str, reason: str) -> None:
    told = check_credit_code(text)
    assert (told.valid, told.failure) == (False, failure)
    assert told.reason.startswith(reason)


def test_full_width_small_letters_and_blanks_are_folded() -> None:
    assert fold_code(" ９１110000-802100433b ") == "91110000802100433B"
    assert check_credit_code("９１11 0000 802100433b").valid


def test_a_forbidden_letter_is_mended_where_one_code_fits() -> None:
    good = made("91610131MA0B2C3D")
    told = check_credit_code(good[:10] + "O" + good[11:])
    assert told.suggestion == good
    assert good in told.reason


def test_no_suggestion_when_several_codes_fit() -> None:
    good = made("91610131MA0B2C3D")
    wrong = good[:17] + ("A" if good[17] != "A" else "B")
    assert check_credit_code(wrong).suggestion is None


@given(
    st.sampled_from(["610131", "610112", "110108", "440300"]),
    st.text(ALPHABET.replace("U", ""), min_size=8, max_size=8),
    st.integers(0, 17),
    st.sampled_from(ALPHABET),
)
def test_one_wrong_character_is_never_valid_and_never_mended_wrongly(
    region: str, body: str, position: int, letter: str
) -> None:
    good = made("91" + region + body)
    assert check_credit_code(good).valid
    wrong = good[:position] + letter + good[position + 1 :]
    if wrong != good:
        told = check_credit_code(wrong)
        assert not told.valid
        assert told.suggestion in (None, good)
