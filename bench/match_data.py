"""Seeded data and rules for bench/match.py, in the form that each engine takes best.

Values: 60 numbers (whole, exact in float32), 30 codes over trees of up to 600 codes, 10 truth values; a share of them
unknown. Rules: five comparisons joined by and, or, not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Flags, Numbers, Snapshot
from innozone.kernel.rules import Condition, load_condition
from innozone.kernel.terms import Code, CodeList, Dictionary, Label, Variable

NUMBERS, CODES, FLAGS = 60, 30, 10
COMPARISONS = 5
THRESHOLDS = 20
LARGEST = 1_000_000


@dataclass(frozen=True)
class Leaf:
    """kind number: `column op limit`; code: positions first..last of the column's list; flag: the column is true."""

    kind: str
    column: str
    op: str = ""
    limit: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Branch:
    """word: and, or, not."""

    word: str
    parts: tuple[Rule, ...]


Rule = Leaf | Branch


def codelist(number: int) -> CodeList:
    """Lists of 2 to 600 codes in branches of up to 20, codes in the order of their positions."""
    branches = (1, 2, 4, 8, 15, 30)[number % 6]
    entries = []
    for branch in range(branches):
        top = f"{branch:02d}"
        entries.append(Code(top, Label(top, top)))
        below = 1 if branches == 1 else 19
        entries += [Code(f"{top}{leaf:02d}", Label(f"{top}{leaf:02d}", ""), top) for leaf in range(below)]
    return CodeList(f"list{number % 6}", Label("list", "list"), tuple(entries))


def dictionary() -> Dictionary:
    """The variables of the benchmark."""
    lists = {f"list{number}": codelist(number) for number in range(6)}
    variables = [Variable(f"n{at:02d}", Label(f"n{at:02d}", ""), "number") for at in range(NUMBERS)]
    variables += [
        Variable(f"c{at:02d}", Label(f"c{at:02d}", ""), "code", codelist=f"list{at % 6}") for at in range(CODES)
    ]
    variables += [Variable(f"b{at:02d}", Label(f"b{at:02d}", ""), "bool") for at in range(FLAGS)]
    return Dictionary({variable.code: variable for variable in variables}, lists)


def columns(
    rows: int, unknown: float, seed: int
) -> dict[str, NDArray[np.float32] | NDArray[np.int16] | NDArray[np.int8]]:
    """Raw columns: numbers as float32 with NaN, codes as int16 positions and truth values as int8 with -1 for unknown."""
    random = np.random.default_rng(seed)
    made: dict[str, NDArray[np.float32] | NDArray[np.int16] | NDArray[np.int8]] = {}

    def gaps() -> NDArray[np.bool_]:
        return random.random(rows, dtype=np.float32) < unknown

    for at in range(NUMBERS):
        numbers = random.integers(0, LARGEST, rows, dtype=np.int32).astype(np.float32)
        numbers[gaps()] = np.nan
        made[f"n{at:02d}"] = numbers
    for at in range(CODES):
        codes = random.integers(0, len(codelist(at)), rows, dtype=np.int16)
        codes[gaps()] = -1
        made[f"c{at:02d}"] = codes
    for at in range(FLAGS):
        flags = random.integers(0, 2, rows, dtype=np.int8)
        flags[gaps()] = -1
        made[f"b{at:02d}"] = flags
    return made


def rules(count: int, seed: int) -> list[Rule]:
    """Random rules of five comparisons of five different columns."""
    random = np.random.default_rng(seed)
    return [_tree(random, COMPARISONS, set()) for _ in range(count)]


def _tree(random: np.random.Generator, leaves: int, taken: set[str]) -> Rule:
    if leaves == 1:
        leaf = _leaf(random)
        while leaf.column in taken:
            leaf = _leaf(random)
        taken.add(leaf.column)
        return Branch("not", (leaf,)) if random.random() < 0.15 else leaf
    left = int(random.integers(1, leaves))
    parts = _tree(random, left, taken), _tree(random, leaves - left, taken)
    branch = Branch("and" if random.random() < 0.6 else "or", parts)
    return Branch("not", (branch,)) if random.random() < 0.1 else branch


def _leaf(random: np.random.Generator) -> Leaf:
    kind = random.random()
    if kind < 0.6:
        op = (">=", ">", "<=", "<")[int(random.integers(4))]
        step = int(random.integers(1, THRESHOLDS))
        return Leaf("number", f"n{int(random.integers(NUMBERS)):02d}", op, step * LARGEST // THRESHOLDS)
    if kind < 0.9:
        at = int(random.integers(CODES))
        entries = codelist(at).entries
        roots = [place for place, entry in enumerate(entries) if entry.parent is None]
        first = roots[int(random.integers(len(roots)))]
        if random.random() < 0.5 or len(roots) == 1:
            first = int(random.integers(len(entries)))
        last = first
        while last + 1 < len(entries) and entries[first].parent is None and entries[last + 1].parent is not None:
            last += 1
        return Leaf("code", f"c{at:02d}", first=first, last=last)
    return Leaf("flag", f"b{int(random.integers(FLAGS)):02d}")


def distinct(made: list[Rule]) -> int:
    """The number of different comparisons."""
    found: set[Leaf] = set()

    def visit(rule: Rule) -> None:
        if isinstance(rule, Leaf):
            found.add(rule)
        else:
            for part in rule.parts:
                visit(part)

    for rule in made:
        visit(rule)
    return len(found)


# Ours.


def conditions(made: list[Rule]) -> dict[str, Condition]:
    """The rules in the rule language."""
    return {f"r{at}": load_condition(_text(rule)) for at, rule in enumerate(made)}


def _text(rule: Rule) -> str:
    if isinstance(rule, Branch):
        if rule.word == "not":
            return f"not ({_text(rule.parts[0])})"
        return f"({f' {rule.word} '.join(_text(part) for part in rule.parts)})"
    if rule.kind == "number":
        return f"{rule.column} {rule.op} {rule.limit}"
    if rule.kind == "code":
        return f'{rule.column} within "{codelist(int(rule.column[1:])).entries[rule.first].code}"'
    return rule.column


def snapshot(raw: dict[str, NDArray[np.float32] | NDArray[np.int16] | NDArray[np.int8]]) -> Snapshot:
    """The columns as a snapshot; takes the raw columns apart to keep memory low."""
    from datetime import date

    made: dict[str, Numbers | Codes | Flags] = {}
    for name in list(raw):
        values = raw.pop(name)
        if name[0] == "n":
            made[name] = Numbers(values.astype(np.float64))
        elif name[0] == "c":
            made[name] = Codes(values, tuple(entry.code for entry in codelist(int(name[1:]))))  # type: ignore[arg-type]
        else:
            made[name] = Flags(values)  # type: ignore[arg-type]
    return Snapshot.from_columns(made, as_of=date(2026, 6, 30))


# DuckDB.


def sql(rule: Rule) -> str:
    """The rule over integer and double columns; NULL is unknown."""
    if isinstance(rule, Branch):
        if rule.word == "not":
            return f"(NOT {sql(rule.parts[0])})"
        return f"({f' {rule.word.upper()} '.join(sql(part) for part in rule.parts)})"
    if rule.kind == "number":
        return f"({rule.column} {rule.op} {rule.limit})"
    if rule.kind == "code":
        return f"({rule.column} BETWEEN {rule.first} AND {rule.last})"
    return rule.column
