"""The unified social credit code (统一社会信用代码, GB 32100-2015): is it one, and if not, what is wrong with it?

The outer check digit is that of python-stdnum. Characters 9 to 17 are the organisation code of GB 11714-1997 with a
check digit of its own; it is reported apart and narrows down what a mistyped code should be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from stdnum.cn import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
Failure = Literal["empty", "length", "character", "kind", "region", "check"]

# Registering authority and kind of organisation: the first two characters (GB 32100-2015 and its amendment).
KINDS: dict[str, str] = {
    "11": "机关",
    "12": "事业单位",
    "13": "群团组织",
    "19": "其他机构编制",
    "21": "外国常驻新闻机构",
    "29": "其他外交",
    "31": "律师执业机构",
    "32": "公证处",
    "33": "基层法律服务所",
    "34": "司法鉴定机构",
    "35": "仲裁委员会",
    "39": "其他司法",
    "41": "外国在华文化中心",
    "49": "其他文化",
    "51": "社会团体",
    "52": "民办非企业单位",
    "53": "基金会",
    "59": "其他民政",
    "61": "外国旅游部门常驻代表机构",
    "62": "港澳台旅游部门常驻代表机构",
    "69": "其他旅游",
    "71": "宗教活动场所",
    "72": "宗教院校",
    "79": "其他宗教",
    "81": "基层工会",
    "89": "其他工会",
    "91": "企业",
    "92": "个体工商户",
    "93": "农民专业合作社",
    "A1": "军队事业单位",
    "A9": "其他军队",
    "N1": "组级集体经济组织",
    "N2": "村级集体经济组织",
    "N3": "乡镇级集体经济组织",
    "N9": "其他集体经济组织",
    "Y1": "其他",
}
# Letters that the alphabet leaves out, and what a hand or an eye makes of them.
_LOOKALIKES = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_PROVINCES = frozenset(
    [
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class CreditCode:
    """What a text is as a credit code.

    `code` is the text folded (half width, capitals, no blanks). `failure` and `reason` say why it is none, with the
    cure. `inner` tells whether the organisation code inside holds too. `suggestion` is the one code that a single
    mistyped character turns into this text, where there is exactly one.
    """

    code: str
    valid: bool
    failure: Failure | None = None
    reason: str = ""
    inner: bool = False
    suggestion: str | None = None


def fold_code(text: object) -> str:
    """Half-width capitals without blanks, dashes and invisible marks."""
    folded = unicodedata.normalize("NFKC", "" if text is None else str(text)).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def is_valid(code: str) -> bool:
    """True for a folded code of 18 characters whose outer check digit holds."""
    return len(code) == 18 and _failure(code) is None


def inner_check(organisation: str) -> str:
    """The check character of the first eight characters of an organisation code (GB 11714-1997)."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(organisation, _INNER_WEIGHTS, strict=False))
    digit = 11 - total % 11
    return "X" if digit == 10 else "0" if digit == 11 else str(digit)


def check_credit_code(text: object, *, regions: Container[str] | None = None) -> CreditCode:
    """Whether `text` is a credit code, and what is wrong with it otherwise.

    `regions` (six-digit codes of GB/T 2260) narrows suggestions down to registering authorities that exist; codes of
    authorities that were dissolved stay valid, so it never makes a code invalid.

    >>> check_credit_code("9161000071004O9X3A").reason
    'character 14 is O, which no credit code holds (I, O, Z, S and V are left out)'
    """
    code = fold_code(text)
    failed = _failure(code)
    inner = len(code) == 18 and all(letter in ALPHABET for letter in code) and inner_check(code[8:16]) == code[16]
    if failed is None:
        return CreditCode(code, True, inner=inner)
    failure, reason = failed
    suggestion = None
    if len(code) == 18:
        suggestion = _suggestion(code, regions)
        if suggestion:
            reason += f"; one character away is {suggestion}"
    return CreditCode(code, False, failure, reason, inner, suggestion)


def _failure(code: str) -> tuple[Failure, str] | None:
    if not code:
        return "empty", "there is no credit code"
    if len(code) != 18:
        return "length", f"a credit code has 18 characters, this one has {len(code)}"
    for position, letter in enumerate(code, 1):
        if letter not in ALPHABET:
            if letter in _LOOKALIKES:
                return (
                    "character",
                    f"character {position} is {letter}, which no credit code holds (I, O, Z, S and V are left out)",
                )
            return "character", f"character {position} is {letter}, which no credit code holds"
    if code[:2] not in KINDS:
        return "kind", f"no registering authority and kind of organisation has the mark {code[:2]}"
    if not code[2:8].isdigit() or code[2:4] not in _PROVINCES:
        return "region", f"{code[2:8]} is no region of the registering authority"
    expected = uscc.calc_check_digit(code)
    if expected != code[17]:
        return "check", f"the check digit is {code[17]}, but the other characters ask for {expected}"
    return None


def _suggestion(code: str, regions: Container[str] | None) -> str | None:
    """The one code with a single character changed for which both check digits hold; None when there are more or none."""
    strange = [position for position, letter in enumerate(code) if letter not in ALPHABET]
    if len(strange) > 1:
        return None
    found: set[str] = set()
    for position in strange or range(18):
        tried = code[:position] + _fitting(code, position) + code[position + 1 :]
        if tried != code and inner_check(tried[8:16]) == tried[16] and _failure(tried) is None:
            found.add(tried)
    if regions is not None:
        found = {tried for tried in found if _known_region(tried[2:8], regions)}
    return found.pop() if len(found) == 1 else None


def _fitting(code: str, position: int) -> str:
    """The letter for which the outer check digit holds when all others stay: there is just one, 31 being prime."""
    if position == 17:
        return str(uscc.calc_check_digit(code))
    rest = sum(ALPHABET.index(letter) * pow(3, at, 31) for at, letter in enumerate(code) if at not in (position, 17))
    wanted = -ALPHABET.index(code[17]) - rest
    return ALPHABET[wanted * pow(pow(3, position, 31), -1, 31) % 31]


def _known_region(code: str, regions: Container[str]) -> bool:
    return code == "100000" or any(part in regions for part in (code, code[:4] + "00"))
