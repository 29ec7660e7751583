"""Invented identities: credit codes nobody holds, names nobody bears.

The pool of 字号 is made so that no two neighbouring characters stand side by side in any known 字号 of a real company;
`tests/demo` measures it against a list of 284,835 of them.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.str_]
Whole = npt.NDArray[np.int64]

# First, second and third character of a 字号. Rare in company names, all in GB 2312 or GBK, so that every office can print them.
FIRST = "琛爻郅湛澈襄嵘灏铠珺霆嵩邈熠矽纶曜珈瑀峻莘鋆湉煊综韶骊铄绎皎砺渊漪祎"
SECOND = "诣稷洺浔芮燊轲颢骁璟郦镐琮翎瑄琨峥皞沺驭骥璇驹麓聿竑璋荇韬镧飏籁颉芃"
THIRD = "箫鲲骐霄蛟磐胤朔粲焓藜荃洵飒穆昶轶骅霁琢缙碁衍砾苒筠魁葳菁烁珩燧芷溯"
BRANDS = len(FIRST) * len(SECOND) * len(THIRD)

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭马任袁柳史唐雷贺汤罗"

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, position, 31) for position in range(17)])
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
# Bodies issued since 2015 begin with MA, MB …; the older ones are digits. XN (虚拟, "virtual") is none of both.
_SERIES = "XN"


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of their own for each part, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def text(values: object) -> Texts:
    return np.asarray(values, dtype=np.str_)


def join(*parts: object) -> Texts:
    """Element-wise concatenation of strings and arrays of strings."""
    joined = text(parts[0])
    for part in parts[1:]:
        joined = np.char.add(joined, text(part))
    return joined


def pick(rng: np.random.Generator, choices: tuple[str, ...] | list[str], size: int, weights: object = None) -> Texts:
    """`size` draws from the choices; `weights` need not add up to one."""
    if weights is None:
        return text(choices)[rng.integers(0, len(choices), size)]
    share = np.asarray(weights, dtype=float)
    return text(choices)[rng.choice(len(choices), size, p=share / share.sum())]


def brands(rng: np.random.Generator, size: int) -> Texts:
    """字号 of three characters, each once as long as the pool lasts."""
    if size <= BRANDS:
        number = rng.permutation(BRANDS)[:size]
    else:
        number = np.concatenate([rng.permutation(BRANDS), rng.integers(0, BRANDS, size - BRANDS)])
    first, rest = np.divmod(number, len(SECOND) * len(THIRD))
    second, third = np.divmod(rest, len(THIRD))
    return join(text(list(FIRST))[first], text(list(SECOND))[second], text(list(THIRD))[third])


def persons(rng: np.random.Generator, size: int) -> Texts:
    return join(
        pick(rng, list(SURNAMES), size),
        text(list(SECOND))[rng.integers(0, len(SECOND), size)],
        pick(rng, list(THIRD), size),
    )


def credit_codes(number: Whole, region: Texts, kind: str = "91") -> Texts:
    """Credit codes after GB 32100-2015, both check digits right, one for each serial number (0 up to 31^6 - 1).

    `region` holds six digits. Different numbers give different codes. Raises ValueError for a number out of range.
    """
    space = len(_ALPHABET) ** 6
    if len(number) and (number.min() < 0 or number.max() >= space):
        raise ValueError(f"serial numbers run from 0 to {space - 1}")
    # Neighbouring numbers should not give neighbouring codes: 7^11 and 31 have no common factor.
    scattered = (number * 1_977_326_743 + 104_729) % space
    body = np.empty((len(number), 8), dtype=np.int64)
    body[:, 0], body[:, 1] = (_ALPHABET.index(letter) for letter in _SERIES)
    for position in range(7, 1, -1):
        scattered, body[:, position] = np.divmod(scattered, len(_ALPHABET))
    letters = text(list(_ALPHABET))
    # GB 11714 counts A as 10 up to Z as 35; the alphabet of GB 32100 leaves I, O, S, V and Z out.
    values = np.array([int(letter, 36) for letter in _ALPHABET])
    rest = (11 - (values[body] * _BODY_WEIGHTS).sum(axis=1) % 11) % 11
    inner = text(list("0123456789X"))[rest]
    digits = np.empty((len(number), 17), dtype=np.int64)
    digits[:, 0:2] = [_ALPHABET.index(letter) for letter in kind]
    digits[:, 2:8] = np.array([[int(digit) for digit in code] for code in np.unique(region)], dtype=np.int64)[
        np.unique(region, return_inverse=True)[1]
    ]
    digits[:, 8:16] = body
    digits[:, 16] = np.array([_ALPHABET.index(letter) for letter in "0123456789X"])[rest]
    check = (31 - (digits * _WEIGHTS).sum(axis=1) % 31) % 31
    codes = join(kind, region)
    for position in range(8):
        codes = join(codes, letters[body[:, position]])
    return join(codes, inner, letters[check])


def wrong_code(code: str, rng: np.random.Generator) -> str:
    """A credit code as a tired hand types it: one digit off, or two neighbours exchanged. Its check digit is wrong."""
    for _ in range(20):
        at = int(rng.integers(8, 17))
        if rng.random() < 0.4 and code[at] != code[at - 1]:
            typed = code[: at - 1] + code[at] + code[at - 1] + code[at + 1 :]
        else:
            other = _ALPHABET[int(rng.integers(0, 10))]
            typed = code[:at] + other + code[at + 1 :]
        if not code_is_valid(typed):
            return typed
    return code[:-1] + _ALPHABET[(_ALPHABET.index(code[-1]) + 1) % 31]


def code_is_valid(code: str) -> bool:
    """True when length, alphabet and the last check digit are those of GB 32100-2015."""
    if len(code) != 18 or any(letter not in _ALPHABET for letter in code):
        return False
    values = [_ALPHABET.index(letter) for letter in code]
    return sum(value * int(weight) for value, weight in zip(values, [*_WEIGHTS, 1], strict=True)) % 31 == 0


def spelled(name: str, rng: np.random.Generator) -> str:
    """The same name as another office writes it: brackets, blanks, width, form of the company."""
    for way in rng.permutation(5):
        if way == 0 and ("(" in name or "（" in name):
            return name.translate(str.maketrans("（）", "()") if "（" in name else str.maketrans("()", "（）"))
        if way == 1:
            return f"{name} " if rng.random() < 0.5 else f"{name[:2]} {name[2:]}"
        if way == 2 and name.endswith("有限公司") and not name.endswith("股份有限公司"):
            return name.removesuffix("有限公司") + "有限责任公司"
        if way == 3 and name.endswith("有限责任公司"):
            return name.removesuffix("有限责任公司") + "有限公司"
        if way == 4 and any(letter.isascii() and letter.isalnum() for letter in name):
            return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in name)
    return f" {name}"
