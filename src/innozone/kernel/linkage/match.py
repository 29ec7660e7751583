"""Linking rows to known legal persons: a valid credit code wins, then an exact name; a close name is kept for a person.

Two valid credit codes never share a party. Nothing is linked by likeness alone: a close name gives `uncertain`, with the
candidates, their scores and the reasons, for somebody to decide.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.linkage.credit_code import CreditCode, check_credit_code, fold_code, is_valid
from innozone.kernel.linkage.names import Gazetteer, NameParser, akin, brand_keys, compare, normal_key

PartyId = TypeVar("PartyId", bound=Hashable)
How = Literal["code", "name", "former_name", "uncertain", "none"]

# Below this likeness a name is another name; candidates above it are shown to a person. Tuned on the demonstration's
# own mistakes (tests/kernel/linkage): a typo in the 字号, a place added or dropped, a short form stay above it.
CLOSE = 0.72
_MOST_CANDIDATES = 5
# Of a very common 字号 (恒泰 in a million names) only so many names are compared; exact names are found before.
_MOST_OF_A_BRAND = 500


@dataclass(frozen=True, slots=True)
class Candidate(Generic[PartyId]):
    """A party that a row may mean, how alike the names are (0 to 1), and why."""

    party: PartyId
    name: str
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkResult(Generic[PartyId]):
    """What came of linking a row. `party` is set when `how` is code, name or former_name, else None.

    `code` is the check of the row's credit code. `reason` says in a sentence what was decided and why.
    """

    party: PartyId | None
    how: How
    score: float
    candidates: tuple[Candidate[PartyId], ...]
    reason: str
    code: CreditCode


@dataclass(frozen=True, slots=True)
class Row:
    """What a delivered row says about who it is."""

    credit_code: str | None = None
    name: str | None = None
    former_name: str | None = None


class Index(Generic[PartyId]):
    """Known parties by credit code, by normal name (current and former), and by 字号 for close names.

    Built in bulk from columns of equal length: party ids, credit codes (None where unknown), current names, and for
    each a sequence of former names. Keys are kept as sorted 64-bit hashes beside row numbers (16 bytes a name); a hit is
    confirmed on the name itself. The blocks by 字号 are made when the first close name is asked for.
    """

    def __init__(
        self,
        parties: Sequence[PartyId],
        codes: Sequence[str | None],
        names: Sequence[str],
        former: Sequence[Sequence[str]] | None = None,
        *,
        gazetteer: Gazetteer,
    ) -> None:
        if not len(parties) == len(codes) == len(names) or (former is not None and len(former) != len(parties)):
            raise ValueError("the columns of an index must have one length")
        self.parties = list(parties)
        self.codes = [fold_code(code) if code else "" for code in codes]
        self.parser = NameParser(gazetteer)
        self.gazetteer = gazetteer
        self._rows = {code: row for row, code in enumerate(self.codes) if code}
        if len(self._rows) != sum(1 for code in self.codes if code):
            raise ValueError(f"the credit code {self._twice()} stands for two parties")
        owners = [*range(len(names))]
        spellings = list(names)
        for row, previous in enumerate(former or ()):
            owners.extend([row] * len(previous))
            spellings.extend(previous)
        self.names = spellings
        self._current = len(names)
        self._owners: NDArray[np.int64] = np.asarray(owners, dtype=np.int64)
        hashes = np.fromiter((hash(normal_key(name)) for name in spellings), dtype=np.int64, count=len(spellings))
        self._order: NDArray[np.int64] = np.argsort(hashes, kind="stable")
        self._hashes: NDArray[np.int64] = hashes[self._order]
        self._brands: dict[str, list[int]] | None = None
        self._brand_keys: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self.parties)

    def _twice(self) -> str:
        seen: set[str] = set()
        return next((code for code in self.codes if code and (code in seen or seen.add(code))), "")  # type: ignore[func-returns-value]

    def by_code(self, code: str) -> int | None:
        """The row of the party with this folded code."""
        return self._rows.get(code)

    def by_name(self, name: str) -> list[int]:
        """Positions in `names` of the spellings that are this name, current ones first."""
        key = normal_key(name)
        if not key:
            return []
        wanted = np.int64(hash(key))
        low = int(np.searchsorted(self._hashes, wanted, "left"))
        found = []
        while low < len(self._hashes) and self._hashes[low] == wanted:
            position = int(self._order[low])
            if normal_key(self.names[position]) == key:
                found.append(position)
            low += 1
        return sorted(found)

    def owner(self, position: int) -> int:
        return int(self._owners[position])

    def is_current(self, position: int) -> bool:
        return position < self._current

    def close(self, name: str, least: float = CLOSE) -> list[Candidate[PartyId]]:
        """The parties with a name like this one, best first, at most five."""
        parts = self.parser.parse(name)
        best: dict[int, tuple[float, int, tuple[str, ...]]] = {}
        for position in dict.fromkeys(at for brand in self.parser.brands(parts) for at in self._like(brand)):
            likeness = compare(parts, self.parser.parse(self.names[position]), self.gazetteer)
            row = self.owner(position)
            if likeness.score >= least and (row not in best or likeness.score > best[row][0]):
                best[row] = (likeness.score, position, likeness.evidence)
        ranked = sorted(best.items(), key=lambda entry: (-entry[1][0], entry[0]))[:_MOST_CANDIDATES]
        return [
            Candidate(self.parties[row], self.names[position], score, evidence)
            for row, (score, position, evidence) in ranked
        ]

    def _like(self, brand: str) -> Iterator[int]:
        """Positions of names whose 字号 is, sounds or is written like this one."""
        if self._brands is None:
            self._build_brands()
        assert self._brands is not None
        met = {other: None for key in brand_keys(brand) for other in self._brand_keys.get(key, ())}
        for other in met:
            if akin(brand, other):
                yield from self._brands[other][:_MOST_OF_A_BRAND]

    def _build_brands(self) -> None:
        brands: dict[str, list[int]] = {}
        for position, name in enumerate(self.names):
            parts = self.parser.parse(name)
            brands.setdefault(parts.brand or parts.trade, []).append(position)
        keys: dict[str, list[str]] = {}
        for brand in brands:
            for key in brand_keys(brand):
                keys.setdefault(key, []).append(brand)
        self._brands, self._brand_keys = brands, keys


def link(row: Row, index: Index[PartyId]) -> LinkResult[PartyId]:
    """The party a row speaks of.

    1. A valid code that is known decides. 2. A valid code that is not known is a new party, unless the name belongs to a
    party that has no code yet. 3. Without a valid code an exact name, current or former, decides when one party bears it.
    4. Otherwise a close name gives `uncertain`, and nothing close gives `none`.
    """
    code = check_credit_code(row.credit_code)
    if code.valid:
        known = index.by_code(code.code)
        if known is not None:
            return _by_code(row, index, code, known)
    exact, former = _exact(row, index)
    if code.valid:
        return _new_code(row, index, code, exact)
    doubt = "" if code.failure == "empty" else f"the credit code is wrong ({code.reason}); "
    if len(exact) == 1:
        how: How = "former_name" if former else "name"
        what = "a former name" if former else "the name"
        return LinkResult(index.parties[exact[0]], how, 1.0, (), f"{doubt}{what} is that of one party", code)
    if len(exact) > 1:
        same = tuple(_candidate(index, owner, 1.0, ("the names are the same",)) for owner in exact[:_MOST_CANDIDATES])
        return LinkResult(None, "uncertain", 1.0, same, f"{doubt}{len(exact)} parties bear this name", code)
    return _close(row, index, code, doubt)


def link_all(rows: Iterable[Row], index: Index[PartyId]) -> list[LinkResult[PartyId]]:
    """`link` for many rows; equal rows are looked up once."""
    seen: dict[Row, LinkResult[PartyId]] = {}
    return [seen[row] if row in seen else seen.setdefault(row, link(row, index)) for row in rows]


def _by_code(row: Row, index: Index[PartyId], code: CreditCode, known: int) -> LinkResult[PartyId]:
    reason = "the credit code is that of one party"
    if row.name:
        owners = {index.owner(position) for position in index.by_name(row.name)}
        if known not in owners:
            parts = index.parser.parse(row.name)
            like = compare(parts, index.parser.parse(index.names[known]), index.gazetteer)
            if like.score < 0.5:
                reason += f"; the name {row.name} is not like its name {index.names[known]}"
    return LinkResult(index.parties[known], "code", 1.0, (), reason, code)


def _exact(row: Row, index: Index[PartyId]) -> tuple[list[int], bool]:
    """The parties that bear the row's name: currently, else formerly, else under the former name the row gives."""
    for name in (row.name, row.former_name):
        if not name:
            continue
        positions = index.by_name(name)
        current = list(dict.fromkeys(index.owner(at) for at in positions if index.is_current(at)))
        if current:
            return current, name is not row.name
        former = list(dict.fromkeys(index.owner(at) for at in positions))
        if former:
            return former, True
    return [], False


def _new_code(row: Row, index: Index[PartyId], code: CreditCode, exact: list[int]) -> LinkResult[PartyId]:
    """A valid code nobody has: it may be that of a party known by name only, never that of one with another code."""
    free = [owner for owner in exact if not is_valid(index.codes[owner])]
    if len(free) == 1 and len(exact) == 1:
        reason = "the credit code is new; the name is that of one party without a valid code"
        return LinkResult(index.parties[free[0]], "name", 1.0, (), reason, code)
    if exact:
        same = tuple(_candidate(index, owner, 1.0, ("the names are the same",)) for owner in exact[:_MOST_CANDIDATES])
        reason = f"the credit code {code.code} is new, but the name belongs to a party with another code"
        return LinkResult(None, "uncertain", 1.0, same, reason, code)
    return LinkResult(None, "none", 0.0, (), "the credit code is new and no party bears the name", code)


def _close(row: Row, index: Index[PartyId], code: CreditCode, doubt: str) -> LinkResult[PartyId]:
    found = index.close(row.name) if row.name else []
    mended = index.by_code(code.suggestion) if code.suggestion else None
    if mended is not None and all(candidate.party != index.parties[mended] for candidate in found):
        found.insert(0, _candidate(index, mended, 0.5, (f"its credit code {code.suggestion} is one character away",)))
    if not found:
        if not row.name:
            return LinkResult(None, "none", 0.0, (), f"{doubt}there is no name to go by", code)
        return LinkResult(None, "none", 0.0, (), f"{doubt}no party has a name like this", code)
    best = found[0]
    reason = f"{doubt}the name is like {best.name}: {', '.join(best.evidence)}"
    return LinkResult(None, "uncertain", best.score, tuple(found), reason, code)


def _candidate(index: Index[PartyId], owner: int, score: float, evidence: tuple[str, ...]) -> Candidate[PartyId]:
    return Candidate(index.parties[owner], index.names[owner], score, evidence)
