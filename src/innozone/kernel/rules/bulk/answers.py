"""What could be told of a fact that is missing: answers that tell comparisons apart, and what comparisons make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise
from math import ceil, floor

import numpy as np

from innozone.kernel.columns import Codes, Column, Flags, Numbers, Sets, column_name, split_name
from innozone.kernel.rules.bulk.lower import Atom, CodeAtom, ExprAtom, FlagAtom, NumberAtom, SetAtom
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.functions import compare, day_number
from innozone.kernel.rules.meaning import calendar_year
from innozone.kernel.rules.reads import Key, reads
from innozone.kernel.rules.tree import Expr, Number, Ref, walk
from innozone.kernel.terms import Dictionary, Variable

Answer = float | bool | str | date | frozenset[str]

#: Numbers far out, tried for facts that the dictionary does not bound.
FAR = 1e12

#: A set of codes is made up of at most so many kinds of codes that rules tell apart; of more, one or two at a time.
MOST_TOGETHER = 6

_DAYS = (date(1900, 1, 1), date(2100, 1, 1))


def asked_of(atom: Atom, dictionary: Dictionary, as_of: date) -> list[Key]:
    """The facts that somebody could tell on which a comparison rests; derived variables are worked out from them."""
    if isinstance(atom, CodeAtom | FlagAtom | SetAtom):
        return [split_name(atom.column)]
    keys = reads([expr_of(atom)], dictionary, as_of)
    return [key for key in keys if (variable := dictionary.get(key[0])) is None or variable.formula is None]


def expr_of(atom: NumberAtom | ExprAtom) -> Expr:
    return atom.source if isinstance(atom, NumberAtom) else atom.expr


def is_direct(atom: Atom, key: Key, dictionary: Dictionary, as_of: date) -> bool:
    """Does the comparison speak of the fact itself."""
    if isinstance(atom, CodeAtom | FlagAtom | SetAtom):
        return True
    source = atom.source if isinstance(atom, NumberAtom) else None
    variable = dictionary.get(source.name) if isinstance(source, Ref) else None
    if variable is None or variable.formula is not None or not isinstance(source, Ref):
        return False
    try:
        return key == (source.name, calendar_year(source.index, variable, None, as_of))
    except ValueError:
        return False


def holds(atom: Atom, answer: Answer) -> bool:
    """The truth of a comparison of the fact itself for an answer of its kind."""
    match atom:
        case NumberAtom(_, op, limit, _, close):
            number = day_number(answer) if isinstance(answer, date) else float(answer)  # type: ignore[arg-type]
            return bool(compare(op, np.float64(number), np.float64(limit), close))
        case CodeAtom(_, accepted):
            return answer in accepted
        case SetAtom(_, accepted):
            return isinstance(answer, frozenset) and not accepted.isdisjoint(answer)
    return answer is True


def answers(variable: Variable, atoms: Sequence[Atom], dictionary: Dictionary, as_of: date) -> list[Answer]:
    """Possible values of a variable, enough of them to tell apart all that comparisons of it can say, and far out."""
    if variable.type == "bool":
        return [True, False]
    if variable.numeric:
        return list(_numbers(variable, atoms))
    if variable.type == "date":
        return list(_days(atoms, as_of))
    accepted = [atom.accepted for atom in atoms if isinstance(atom, CodeAtom | SetAtom)]
    codelist = dictionary.codelist_of(variable)
    codes = codelist.by_code if codelist is not None else frozenset().union(*accepted) | {"…"}
    kinds: dict[tuple[bool, ...], str] = {}
    for code in codes:
        kinds.setdefault(tuple(code in each for each in accepted), code)
    if variable.type != "codes":
        return list(kinds.values())
    most = len(kinds) if len(kinds) <= MOST_TOGETHER else 2
    return [frozenset(some) for size in range(most + 1) for some in combinations(kinds.values(), size)]


def _numbers(variable: Variable, atoms: Sequence[Atom]) -> Iterator[float]:
    limits = {atom.limit for atom in atoms if isinstance(atom, NumberAtom)}
    limits |= {float(node.value) for node in _literals(atoms)}
    finite = {limit for limit in limits if abs(limit) < FAR**2}
    low = min((-FAR, *(2 * limit for limit in finite))) if variable.minimum is None else variable.minimum
    high = max((FAR, *(2 * limit for limit in finite))) if variable.maximum is None else variable.maximum
    ordered = sorted({*finite, 0.0, 1.0, low, high})
    between = [(a + b) / 2 for a, b in pairwise(ordered)]
    for number in sorted({*ordered, *between}):
        for tried in {floor(number), ceil(number)} if variable.type == "integer" else {number}:
            if low <= tried <= high:
                yield float(tried)


def _days(atoms: Sequence[Atom], as_of: date) -> Iterator[date]:
    found = {as_of, *_DAYS}
    for atom in atoms:
        if isinstance(atom, NumberAtom) and atom.kind == "date":
            found.add(_day(as_of, days=atom.limit - day_number(as_of)))
    spans = {atom.limit for atom in atoms if isinstance(atom, NumberAtom) and atom.kind == "number"}
    for span in spans | {float(node.value) for node in _literals(atoms)}:
        found |= {_day(as_of, months=-12 * span), _day(as_of, months=-span), _day(as_of, days=-span)}
    for day in found:
        for near in (-1, 0, 1):
            yield _day(day, days=near)


def _day(day: date, months: float = 0, days: float = 0) -> date:
    """A day so many months or days later, held between the far ends."""
    if abs(months) < 12_000:
        year, month = divmod(day.year * 12 + day.month - 1 + floor(months), 12)
        if _DAYS[0].year <= year <= _DAYS[1].year:
            day = date(year, month + 1, min(day.day, 28))
    number = day.toordinal() + days
    return date.fromordinal(int(min(max(number, _DAYS[0].toordinal()), _DAYS[1].toordinal())))


def _literals(atoms: Iterable[Atom]) -> Iterator[Number]:
    for atom in atoms:
        if isinstance(atom, NumberAtom | ExprAtom):
            yield from (node for node in walk(expr_of(atom)) if isinstance(node, Number))


def largest(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """The sets that lie in no other one."""
    found: list[frozenset[int]] = []
    for each in sorted(set(sets), key=len, reverse=True):
        if not any(each <= other for other in found):
            found.append(each)
    return found


class AnsweredBlock(Block):
    """A block of rows in which one fact is told: the same answer everywhere."""

    def __init__(self, block: Block, key: Key, answer: Answer) -> None:
        super().__init__(block.snapshot, block.dictionary, block.rows)
        self._name, self._answer = column_name(*key), answer

    def column(self, name: str) -> Column | None:
        return self._told() if name == self._name else super().column(name)

    def _told(self) -> Column:
        rows = self.rows.stop - self.rows.start if isinstance(self.rows, slice) else len(self.rows)
        match self._answer:
            case bool():
                return Flags(np.full(rows, self._answer, dtype=np.int8))
            case float():
                return Numbers(np.full(rows, self._answer))
            case date():
                return Numbers(np.full(rows, day_number(self._answer)), "date")
            case str():
                return Codes(np.zeros(rows, dtype=np.int16), (self._answer,))
        codes = tuple(sorted(self._answer))
        size = len(codes)
        values = np.tile(np.arange(size, dtype=np.int16), rows)
        return Sets(np.arange(rows + 1, dtype=np.int64) * size, values, np.ones(rows, dtype=bool), codes)
