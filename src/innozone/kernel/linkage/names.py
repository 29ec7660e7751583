"""Chinese company names: folded, split into place, 字号 (brand), trade, form and branch, and compared with reasons.

陕西省西咸新区沣东新城云杉智能科技有限公司西安分公司
└──────── places ────────┘└brand┘└trade ┘└─form─┘└─branch─┘
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from innozone.kernel.linkage.lexicon import (
    BRANCHES,
    FORMS,
    PLACE_ENDS,
    STATUSES,
    SURE_BRANCHES,
    TRADES,
    VARIANTS,
)
from innozone.kernel.terms import CodeList

_VARIANTS = str.maketrans(VARIANTS)
_BRACKETS = str.maketrans("［］【】〔〕｛｝〈〉《》[]{}<>", "()()()()()()()()()")
_NOISE = re.compile(r"[\s·•・．.,，、;；:：'\"“”‘’`~!！?？_\-—–/\\|*#&＆+＋]+")
_STATUS = re.compile(
    rf"\((?:原名?[:：]?[^()]*|{'|'.join(STATUSES)})\)|(?:{'|'.join(s for s in STATUSES if len(s) > 1)})$"
)
_BRACKETED = re.compile(r"\(([^()]*)\)")
_ADMINISTRATIVE = re.compile(r"(?:省|市|区|县|旗|盟|自治区|自治州|自治县|特别行政区|街道|镇|乡)$")
_LONGEST_TRADE = max(map(len, TRADES))
_LONGEST_FORM = max(map(len, FORMS))


def fold(name: str) -> str:
    """One form for all spellings: half width, simplified characters, round brackets, no blanks and marks."""
    # Taking something out can bring together what folds again; names settle in two passes.
    for _ in range(4):
        folded = _folded_once(name)
        if folded == name:
            break
        name = folded
    return name


def _folded_once(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).translate(_BRACKETS).translate(_VARIANTS).upper()
    return _STATUS.sub("", _NOISE.sub("", text))


def normal_key(name: str) -> str:
    """The key under which two spellings of one registered name meet: folded, brackets opened."""
    return fold(name).replace("(", "").replace(")", "")


@dataclass(frozen=True)
class Gazetteer:
    """Place names and the code each stands for (the topmost where a name stands for several in one line).

    `full` are administrative names (西安市), `short` those without their ending (西安); a short name of a district is a
    place only after a longer one, because 长安 or 朝阳 begin many brands.
    """

    full: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)
    districts: dict[str, str] = field(default_factory=dict)
    above: dict[str, str | None] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def from_codelist(cls, regions: CodeList, aliases: dict[str, str] | None = None) -> Gazetteer:
        """From the code list of regions; `aliases` adds names of places → code of the list."""
        full: dict[str, str] = {}
        short: dict[str, str] = {}
        districts: dict[str, str] = {}
        for entry in regions:
            depth = 0 if entry.parent is None else 1 if regions.by_code[entry.parent].parent is None else 2
            name = fold(entry.label.zh)
            if len(name) >= 2:
                full.setdefault(name, entry.code)
            brief = _ADMINISTRATIVE.sub("", name)
            if len(brief) >= 2 and brief != name:
                # Districts of cities (…区) are too like brands to stand alone; counties and cities of any rank may.
                table = districts if depth >= 2 and (name.endswith(("区", "街道", "镇", "乡"))) else short
                table.setdefault(brief, entry.code)
            for alias in entry.aliases:
                if not alias.isdigit() and len(alias) >= 2 and len(alias) <= 12:
                    (full if _ADMINISTRATIVE.search(alias) else short).setdefault(fold(alias), entry.code)
        for name, code in (aliases or {}).items():
            short[fold(name)] = code
        longest = max(map(len, (*full, *short, *districts)), default=0)
        return cls(full, short, districts, {entry.code: entry.parent for entry in regions}, longest)

    def match(self, text: str, start: int, inside: bool) -> tuple[int, str] | None:
        """The longest place that begins at `start`: its end and code. `inside` allows short names of districts."""
        for end in range(min(len(text), start + self.longest), start + 1, -1):
            word = text[start:end]
            code = self.full.get(word) or self.short.get(word)
            if code is None and inside:
                code = self.districts.get(word)
            if code is not None:
                return end, code
        return None

    def depth(self, code: str) -> int:
        """0 for a province, 1 for a city, 2 and more below."""
        return len(self._line(code)) - 1

    def agree(self, one: str, other: str) -> bool:
        """True when one place lies in the other (陕西 and 西安)."""
        return one in self._line(other) or other in self._line(one)

    def _line(self, code: str) -> set[str]:
        found: set[str] = set()
        at: str | None = code
        while at is not None and at not in found:
            found.add(at)
            at = self.above.get(at)
        return found


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart. `places` are codes of the gazetteer (or the words of places it does not hold)."""

    text: str
    key: str
    places: tuple[str, ...] = ()
    brand: str = ""
    trade: str = ""
    form: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two names are, from 0 to 1, and what speaks for and against it, in sentences."""

    score: float
    evidence: tuple[str, ...]


class NameParser:
    """Takes names apart with a gazetteer. Parsing the same name again is free."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.parse = lru_cache(maxsize=65536)(self._parse)

    def _parse(self, name: str) -> NameParts:
        text = fold(name)
        key = text.replace("(", "").replace(")", "")
        places: list[str] = []
        forms: list[str] = []
        core, branch = self._take_branch(text, places)
        for inside in _BRACKETED.findall(core):
            place = self.gazetteer.match(inside, 0, True)
            if place and place[0] == len(inside):
                places.append(place[1])
            elif inside in FORMS:
                forms.append(inside)
        core = _BRACKETED.sub("", core).replace("(", "").replace(")", "")
        core, form = _take_form(core)
        core = self._take_places(core, places)
        core = self._take_last_place(core, places)
        cut = self._trade_start(core)
        brand, trade = core[:cut], core[cut:]
        if brand == "" and core and not trade:
            brand = core
        return NameParts(text, key, tuple(places), brand, trade, form or "".join(forms), branch)

    def brands(self, parts: NameParts) -> tuple[str, ...]:
        """What may be the 字号 of a name: the one found, and its first character where all the rest names a trade.

        The second is what a lost character leaves of a 字号 of two, the most common length.
        """
        core = parts.brand + parts.trade
        if len(core) > 2 and len(parts.brand) != 1 and self._all_trade(core[1:]):
            return parts.brand or parts.trade, core[0]
        return (parts.brand or parts.trade,)

    def _take_branch(self, text: str, places: list[str]) -> tuple[str, str]:
        """The name before the branch, and the branch's own words."""
        for mark in BRANCHES:
            if not text.endswith(mark) or len(text) <= len(mark) + 2:
                continue
            before = text[: -len(mark)]
            at = max((before.rfind(form) + len(form) for form in ("公司", "集团", "研究院", "设计院", "银行")
                      if form in before), default=-1)  # fmt: skip
            if 0 < at < len(before) + 1 and at >= 4:
                return before[:at], before[at:] + mark
            if mark in SURE_BRANCHES:
                for start in range(len(before) - 2, 1, -1):
                    place = self.gazetteer.match(before, start, True)
                    if place and place[0] == len(before) and not self._longer_place(before, start):
                        places.append(place[1])
                        return before[:start], before[start:] + mark
                return before, mark
        return text, ""

    def _longer_place(self, text: str, start: int) -> bool:
        """True when a place that ends where this one ends begins one or two characters earlier."""
        for earlier in (start - 1, start - 2):
            if earlier > 1:
                place = self.gazetteer.match(text, earlier, True)
                if place and place[0] == len(text):
                    return True
        return False

    def _take_places(self, core: str, places: list[str]) -> str:
        """Strip the places a name begins with."""
        at = 0
        while at < len(core) - 1:
            found = self.gazetteer.match(core, at, at > 0)
            if found is not None and core[at : found[0]] in TRADES:
                found = None
            if found is None:
                found = self._unlisted_place(core, at)
            if found is None:
                break
            rest = len(core) - found[0]
            if rest < 2 and at == 0 and not _ADMINISTRATIVE.search(core[at : found[0]]):
                break
            places.append(found[1])
            at = found[0]
        return core[at:]

    def _unlisted_place(self, core: str, at: int) -> tuple[int, str] | None:
        """A town, street, zone or park after a listed place: 玉田县|鸦鸿桥镇, 昆山|开发区."""
        if at == 0:
            return None
        for end_word in PLACE_ENDS:
            limit = at + (5 if len(end_word) < 3 else 7) + len(end_word)
            found = core.find(end_word, at, limit)
            if found >= 0 and len(core) - (found + len(end_word)) >= 2 and (found > at or len(end_word) > 2):
                end = found + len(end_word)
                return end, core[at:end]
        if core[at] in "省市区县":
            return at + 1, core[at]
        return None

    def _take_last_place(self, core: str, places: list[str]) -> str:
        """A place that stands last, or between the brand and the trade: 环球国际航运|青岛, 中节能|秦皇岛|环保."""
        for start in range(2, len(core) - 1):
            found = self.gazetteer.match(core, start, False)
            if found is None or core[start : found[0]] in TRADES or self.gazetteer.depth(found[1]) > 1:
                continue
            before, after = core[:start], core[found[0] :]
            if after and not self._all_trade(after):
                continue
            places.append(found[1])
            return before + after
        return core

    def _all_trade(self, text: str) -> bool:
        return self._trade_start(text, least=0) == 0

    @staticmethod
    def _trade_start(core: str, least: int = 2) -> int:
        """Where the trade begins: the leftmost place from which words of trades fill the rest."""
        length = len(core)
        fills = [False] * (length + 1)
        fills[length] = True
        for start in range(length - 2, -1, -1):
            for end in range(start + 2, min(length, start + _LONGEST_TRADE) + 1):
                if fills[end] and core[start:end] in TRADES:
                    fills[start] = True
                    break
        if fills[0]:
            return 0
        return next((start for start in range(least, length) if fills[start]), length)


def _take_form(core: str) -> tuple[str, str]:
    """Strip the legal form, and 集团 before it."""
    for length in range(min(_LONGEST_FORM, len(core)), 0, -1):
        ending = core[-length:]
        if ending in FORMS and (length > 1 or len(core) > 3):
            rest = core[:-length]
            if rest.endswith("集团") and len(rest) > 3:
                return rest[:-2], "集团" + ending
            return rest, ending
    return core, ""


@lru_cache(maxsize=32768)
def _letter_sound(letter: str) -> str:
    # Its tables take a third of a second to load, and few processes compare sounds.
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(letter, style=Style.NORMAL)[0]


def sound(text: str) -> str:
    """The pinyin of a text without tones, character by character; letters and digits stay."""
    return " ".join(map(_letter_sound, text))


def near(one: str, other: str, least: float = 0.0) -> float:
    """How alike two short texts are by characters, from 0 to 1: 2 × common characters in order ÷ all.

    0 for a likeness that cannot reach `least`.
    """
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    # No more characters can agree than those of one text that stand in the other at all.
    if 2 * min(sum(map(other.count, set(one))), sum(map(one.count, set(other)))) < least * (len(one) + len(other)):
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def compare(one: NameParts, other: NameParts, gazetteer: Gazetteer) -> Similarity:
    """How alike two names are. Equal keys give 1; a branch and its company, or two brands, stay below 0.5."""
    if one.key == other.key:
        return Similarity(1.0, ("the names are the same",))
    evidence: list[str] = []
    brand = near(one.brand, other.brand)
    if one.brand and one.brand == other.brand:
        evidence.append(f"same 字号 {one.brand}")
    elif one.brand and other.brand and sound(one.brand) == sound(other.brand):
        brand = max(brand, 0.9)
        evidence.append(f"字号 {one.brand} and {other.brand} sound alike")
    elif brand > 0:
        evidence.append(f"字号 {one.brand} and {other.brand} share characters")
    else:
        evidence.append(f"字号 {one.brand or '—'} and {other.brand or '—'} differ")
    trade = near(one.trade, other.trade) if one.trade or other.trade else 1.0
    if not one.trade or not other.trade:
        trade = max(trade, 0.6)
        if one.trade != other.trade:
            evidence.append("one name leaves the trade out")
    elif one.trade == other.trade:
        evidence.append(f"same trade {one.trade}")
    else:
        evidence.append(f"trades {one.trade} and {other.trade}")
    place = _place_agreement(one, other, gazetteer, evidence)
    form = _form_agreement(one.form, other.form)
    if form == 0.0:
        evidence.append(f"forms {one.form} and {other.form} differ")
    score = 0.55 * brand + 0.22 * trade + 0.13 * place + 0.10 * form
    whole = near(one.key, other.key, 0.85)
    if whole >= 0.85 and (1 - whole) * (len(one.key) + len(other.key)) < 2.5:
        slip = True  # one character lost, added or written wrong
    else:
        slip = whole >= 0.85 and akin(one.brand, other.brand)
    if brand < 0.5 and not slip and not akin(one.brand, other.brand):
        score = min(score, 0.45)
    elif slip:
        # A wrong character outside the 字号 upsets how a name is taken apart, not how it reads.
        score = max(score, 0.95 * whole)
        evidence.append(f"{whole:.0%} of all characters agree")
    if place == 0.0:
        score = min(score, 0.7)
    if bool(one.branch) != bool(other.branch):
        evidence.append("one is a branch")
        score = min(score, 0.4)
    elif one.branch != other.branch:
        evidence.append("they are different branches")
        score = min(score, 0.4)
    return Similarity(round(min(score, 0.99), 4), tuple(evidence))


def _place_agreement(one: NameParts, other: NameParts, gazetteer: Gazetteer, evidence: list[str]) -> float:
    if not one.places or not other.places:
        if one.places or other.places:
            evidence.append("one name leaves the place out")
        return 0.7
    if set(one.places) & set(other.places):
        return 1.0
    if any(gazetteer.agree(here, there) for here in one.places for there in other.places):
        evidence.append("one place lies in the other")
        return 0.9
    evidence.append("the places differ")
    return 0.0


def _form_agreement(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.7
    # 有限公司 and 有限责任公司 are one form in two spellings; 集团 is a matter of pride.
    one, other = (form.replace("责任", "").removeprefix("集团") for form in (one, other))
    return 0.9 if one == other or {one, other} <= {"有限公司", "公司"} else 0.0


def brand_keys(brand: str) -> Iterator[str]:
    """Keys under which brands meet that differ by one character, sound alike, or begin or end alike.

    The last two catch a wrong character elsewhere in the name, which makes the 字号 look longer than it is.
    """
    yield brand
    yield "~" + sound(brand)
    if len(brand) < 2:
        yield from (f"{brand}0", f"{brand}1")
        return
    yield "^" + brand[:2]
    yield "$" + brand[-2:]
    for at in range(len(brand)):
        rest = brand[:at] + brand[at + 1 :]
        yield f"{rest}{at}" if len(brand) == 2 else rest


def akin(one: str, other: str) -> bool:
    """True when two brands are worth a comparison: alike in half of their characters, in sound, at either end."""
    return (
        near(one, other, 0.5) >= 0.5
        or (len(other) >= 2 and (one.startswith(other) or one.endswith(other)))
        or (len(one) >= 2 and (other.startswith(one) or other.endswith(one)))
        or sound(one) == sound(other)
    )
