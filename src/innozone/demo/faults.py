"""The faults of real files, put in at known rates and each written down, so that a test can ask what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from innozone.demo.names import credit_codes, spelled, stream, text, wrong_code
from innozone.demo.population import Population
from innozone.demo.sheets import CREDIT_CODE, FORMER_NAME, NAME, PERIOD, Cell, Column, Sheet
from innozone.kernel.packs import DatasetContract, Field, Pack
from innozone.kernel.terms import UNITS

# What a fault does to a careful reader: nothing; a cell that says nothing; a wrong value that looks right; a wrong value
# that a more trusted source overrules where it speaks of the firm; one that a later file sets right; a row to put aside;
# a row of nobody that is known.
Effect = Literal["harmless", "blank", "wrong", "overruled", "corrected", "aside", "unlinked"]

# Shares of the rows of a file.
CODE_MISSING = 0.030
CODE_MISTYPED = 0.012
CODE_SPELLED = 0.006
NAME_SPELLED = 0.040
OLD_NAME_OF_RENAMED = 0.50
STRANGER = 0.003
REPEATED = 0.006
CONTRADICTED_INSIDE = 0.002
CONTRADICTED_OUTSIDE = 0.040
IMPOSSIBLE_DATE = 0.003
FUTURE_DATE = 0.002
NEGATIVE = 0.003
NOT_A_NUMBER = 0.002
UNKNOWN_CODE = 0.003
REQUIRED_MISSING = 0.002
UNIT_NAMED = 0.006
UNIT_WRONG = 0.001
# The register knows codes and names best; its slips are few.
REGISTER_CODE_MISSING = 0.002
REGISTER_CODE_MISTYPED = 0.003
OUTDATED = 0.040  # of a file that will be set right
RENAMED_LATER = 0.50  # of the firms with a former name: they had it still when the register was first sent
# Share of the cells that may be empty, and what stands in them.
BLANK_CELL = 0.015
BLANKS = ("", "", "-", "暂无", "/", "--", "—")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the line of the file (1 is the first, headers included), the header of the column, before and after."""

    file: str
    dataset: str
    row: int
    column: str
    kind: str
    effect: Effect
    credit_code: str
    was: str
    written: str

    def to_data(self) -> dict[str, object]:
        return asdict(self)


class Spoiler:
    """Puts faults into the sheets of one dataset. `unknown` are the firms (rows of people) that no register has named."""

    def __init__(
        self, pack: Pack, people: Population, contract: DatasetContract, seed: int, unknown: frozenset[int]
    ) -> None:
        self.unknown = unknown
        self.pack, self.people, self.contract, self.seed = pack, people, contract, seed
        self.founding = founds(contract)
        self._codes = "error" in {rule.severity for rule in contract.quality if rule.rule == "credit_code"}
        self._bound = {
            name
            for rule in contract.quality
            if rule.severity == "error" and rule.rule in {"not_above", "date_order", "range"}
            for name in rule.columns
        }
        self._unique = [rule.columns for rule in contract.quality if rule.rule == "unique" and rule.severity == "error"]
        self._past = {
            name
            for rule in contract.quality
            if rule.rule == "not_future" and rule.severity == "error"
            for name in rule.columns
        }
        self._required = _required(contract)
        self._never_blank = never_blank(contract)

    def spoil(self, sheet: Sheet, file: str, *, outdated: bool = False, sound: bool = False) -> list[Fault]:
        """Changes cells and adds rows; gives every fault with its line.

        `outdated` adds values that a later file will set right; `sound` leaves the sheet as it is and only notes rows of
        firms that nobody knows.
        """
        rng = stream(self.seed, f"faults {file}")
        book = _Book(self, sheet, file, rng)
        for row, firm in enumerate(sheet.firm):
            if firm in self.unknown:
                book.note(row, "not_registered", "unlinked")
        if sound:
            return book.faults()
        if outdated:
            self._outdate(book, rng)
        self._cells(book, rng)
        self._subjects(book, rng)
        self._rows(book, rng)
        return book.faults()

    def _cells(self, book: _Book, rng: np.random.Generator) -> None:
        kinds: list[tuple[str, float, Callable[[Field], bool], Callable[[Field, Cell], tuple[Cell, Effect] | None]]] = [
            ("impossible_date", IMPOSSIBLE_DATE, lambda entry: entry.type == "date", lambda entry, was: (_no_day(rng), "aside")),
            ("future_date", FUTURE_DATE, lambda entry: entry.name in self._past, self._future),
            ("negative", NEGATIVE, lambda entry: entry.minimum is not None and entry.minimum >= 0, self._negative),
            ("not_a_number", NOT_A_NUMBER, _is_numeric, lambda entry, was: (f"约{was}", "aside")),
            ("unknown_code", UNKNOWN_CODE, lambda entry: entry.type == "code", lambda entry, was: ("其他（见备注）", "aside")),
            ("required_missing", REQUIRED_MISSING, lambda entry: entry.name in self._required, lambda entry, was: (None, "aside")),
            ("unit_named", UNIT_NAMED, lambda entry: entry.type == "money" and entry.unit == "万元", _named_unit),
            ("unit_wrong", UNIT_WRONG, lambda entry: entry.type == "money" and entry.unit == "万元" and entry.name not in self._bound, _wrong_unit),
            ("contradicts_other_source", CONTRADICTED_OUTSIDE, self._less_trusted, lambda entry, was: _another(entry, was, rng)),
        ]  # fmt: skip
        for kind, share, suits, change in kinds:
            fitting = [column for column in book.sheet.columns if column.field is not None and suits(column.field)]
            if not fitting:
                continue
            for row in book.draw(share):
                column = fitting[int(rng.integers(0, len(fitting)))]
                was = book.sheet.cells[column.role][row]
                if was is None or column.field is None or column.role in (CREDIT_CODE, NAME, FORMER_NAME):
                    continue
                changed = change(column.field, was)
                if changed is not None:
                    book.change(row, column, kind, *changed)
        for column in book.sheet.columns:
            if column.field is None or column.role in self._never_blank:
                continue
            for row in np.flatnonzero(rng.random(len(book.sheet)) < BLANK_CELL).tolist():
                if row not in book.touched and book.sheet.cells[column.role][row] is not None:
                    word = BLANKS[int(rng.integers(0, len(BLANKS)))]
                    book.change(row, column, "blank", word or None, "blank", alone=False)

    def _outdate(self, book: _Book, rng: np.random.Generator) -> None:
        sheet, people = book.sheet, self.people
        if self.founding and NAME in sheet.cells:
            column = sheet.column(NAME)
            renamed = np.flatnonzero(people.former_name[sheet.firm] != "")
            for row in renamed[rng.random(len(renamed)) < RENAMED_LATER].tolist():
                book.change(row, column, "renamed_later", str(people.former_name[sheet.firm[row]]), "corrected")
                if FORMER_NAME in sheet.cells:
                    sheet.cells[FORMER_NAME][row] = None
        fitting = [
            column
            for column in sheet.columns
            if column.field is not None and _is_numeric(column.field) and column.role not in self._bound
        ]
        if not fitting:
            return
        for row in book.draw(OUTDATED):
            column = fitting[int(rng.integers(0, len(fitting)))]
            assert column.field is not None
            changed = _another(column.field, sheet.cells[column.role][row], rng)
            if changed is not None:
                book.change(row, column, "outdated", changed[0], "corrected")

    def _future(self, entry: Field, was: Cell) -> tuple[Cell, Effect]:
        return (self.people.today + timedelta(days=400)).isoformat(), "aside"

    def _negative(self, entry: Field, was: Cell) -> tuple[Cell, Effect] | None:
        if isinstance(was, bool) or not isinstance(was, (int, float)):
            return (f"-{was}", "aside") if isinstance(was, str) and was[:1] in "123456789" else None
        return (-was, "aside") if was > 0 else None

    def _less_trusted(self, entry: Field) -> bool:
        """True where another dataset carries the variable and is trusted more."""
        if entry.variable is None or not _is_numeric(entry) or entry.name in self._bound:
            return False
        precedence = self.pack.dictionary[entry.variable].precedence
        return self.contract.code in precedence[1:]

    def _subjects(self, book: _Book, rng: np.random.Generator) -> None:
        sheet, people = book.sheet, self.people
        has_code = any(column.role == CREDIT_CODE for column in sheet.columns)
        has_name = any(column.role == NAME for column in sheet.columns)
        if has_name and not self.founding:
            column = sheet.column(NAME)
            renamed = np.flatnonzero(people.former_name[sheet.firm] != "")
            for row in renamed[rng.random(len(renamed)) < OLD_NAME_OF_RENAMED].tolist():
                book.change(row, column, "old_name", str(people.former_name[sheet.firm[row]]), "harmless")
            for row in book.draw(NAME_SPELLED):
                book.change(row, column, "name_spelled", spelled(str(sheet.cells[NAME][row]), rng), "harmless")
        if not has_code:
            return
        column = sheet.column(CREDIT_CODE)
        # Without a right code a row has only its name, so only firms that were never renamed lose theirs.
        named = [row for row in range(len(sheet)) if has_name and people.former_name[sheet.firm[row]] == ""]
        strict = self.founding or self._codes
        for row in book.draw(REGISTER_CODE_MISSING if self.founding else CODE_MISSING, named):
            book.change(row, column, "code_missing", None, "unlinked" if self.founding else "harmless")
        for row in book.draw(REGISTER_CODE_MISTYPED if self.founding else CODE_MISTYPED, named):
            wrong = wrong_code(str(sheet.cells[CREDIT_CODE][row]), rng)
            book.change(row, column, "code_mistyped", wrong, "aside" if strict else "harmless")
        for row in book.draw(CODE_SPELLED):
            code = str(sheet.cells[CREDIT_CODE][row])
            ways = (code.lower(), f"{code[:8]} {code[8:]}", "".join(chr(ord(letter) + 0xFEE0) for letter in code))
            book.change(row, column, "code_spelled", ways[int(rng.integers(0, 3))], "harmless")
        if not self.founding:
            for row in book.draw(STRANGER):
                number = np.array([30_000_000 + int(rng.integers(0, 9_000_000))])
                code = str(credit_codes(number, text(["610113"]))[0])
                name = str(sheet.cells[NAME][row]) if has_name else ""
                book.change(row, column, "stranger", code, "unlinked")
                if has_name:
                    sheet.cells[NAME][row] = name.replace(str(people.brand[sheet.firm[row]]), "某某某", 1)

    def _rows(self, book: _Book, rng: np.random.Generator) -> None:
        sheet = book.sheet
        numeric = [
            column
            for column in sheet.columns
            if column.field is not None and _is_numeric(column.field) and column.role not in self._bound
        ]
        for row in book.draw(REPEATED):
            book.repeat(row)
        keyed = [columns for columns in self._unique if set(columns) <= {CREDIT_CODE, NAME, PERIOD, *self.contract.key}]
        if numeric and keyed and not self.founding:
            for row in book.draw(CONTRADICTED_INSIDE):
                column = numeric[int(rng.integers(0, len(numeric)))]
                assert column.field is not None
                was = sheet.cells[column.role][row]
                changed = _another(column.field, was, rng)
                if changed is not None:
                    book.contradict(row, column, changed[0])
        if self.contract.kind == "attributes" and self.contract.format.type != "jsonl" and numeric:
            book.total(numeric)


class _Book:
    """The faults of one sheet while it is spoiled. A row gets one fault at most, but for empty cells."""

    def __init__(self, spoiler: Spoiler, sheet: Sheet, file: str, rng: np.random.Generator) -> None:
        self.sheet, self.file, self._rng = sheet, file, rng
        self._people = spoiler.people
        self._found: list[tuple[int, str, str, Effect, Cell, Cell]] = []
        self.touched: set[int] = set()

    def draw(self, share: float, among: Iterable[int] | None = None) -> list[int]:
        """Rows that have no fault yet, each with the probability `share`."""
        rows = np.array(list(among) if among is not None else range(len(self.sheet)), dtype=np.int64)
        drawn = rows[self._rng.random(len(rows)) < share].tolist()
        return [row for row in drawn if row not in self.touched and self.sheet.firm[row] >= 0]

    def change(self, row: int, column: Column, kind: str, written: Cell, effect: Effect, *, alone: bool = True) -> None:
        if alone and row in self.touched:
            return
        was = self.sheet.cells[column.role][row]
        if was == written and type(was) is type(written):
            return
        self.sheet.cells[column.role][row] = written
        if alone:
            self.touched.add(row)
        self._found.append((row, column.header, kind, effect, was, written))

    def note(self, row: int, kind: str, effect: Effect) -> None:
        """A fault of a row that nothing in the file shows."""
        self.touched.add(row)
        self._found.append((row, "", kind, effect, None, None))

    def repeat(self, row: int) -> None:
        position = self.sheet.copy_row(row)
        self.touched.add(row)
        self.note(position, "repeated", "harmless")

    def contradict(self, row: int, column: Column, written: Cell) -> None:
        """A second row about the same firm and period that says something else: neither can be believed."""
        was = self.sheet.cells[column.role][row]
        position = self.sheet.copy_row(row)
        self.sheet.cells[column.role][position] = written
        self.touched |= {row, position}
        for place, said in ((row, was), (position, written)):
            self._found.append((place, column.header, "contradicts_itself", "aside", was, said))

    def total(self, columns: list[Column]) -> None:
        """A last row with totals, as clerks leave it under a table."""
        row = len(self.sheet)
        for role, cells in self.sheet.cells.items():
            cells.append(None)
            if role == NAME:
                cells[row] = "合计"
        for column in columns:
            cells = self.sheet.cells[column.role]
            cells[row] = round(sum(cell for cell in cells if isinstance(cell, (int, float))), 2)
        self.sheet.firm.append(-1)
        self.touched.add(row)
        self._found.append((row, "", "totals_row", "aside", None, "合计"))

    def faults(self) -> list[Fault]:
        contract, sheet = self.sheet.contract, self.sheet
        found = []
        for row, header, kind, effect, was, written in self._found:
            firm = sheet.firm[row]
            code = str(self._people.code[firm]) if firm >= 0 else ""
            found.append(
                Fault(self.file, contract.code, sheet.line(row), header, kind, effect, code, _said(was), _said(written))
            )
        return sorted(found, key=lambda fault: (fault.row, fault.column))


def founds(contract: DatasetContract) -> bool:
    """True for a register: a valid code in it that nobody has is a new enterprise."""
    return contract.creates == "enterprise"


def never_blank(contract: DatasetContract) -> frozenset[str]:
    """What is always filled in; of the cells of all other variables and record fields BLANK_CELL come empty."""
    return _required(contract) | {*contract.key, NAME}


def _required(contract: DatasetContract) -> frozenset[str]:
    rules = [rule for rule in contract.quality if rule.rule == "required" and rule.severity == "error"]
    named = [name for rule in rules for name in rule.columns]
    return frozenset([*named, *(entry.name for entry in contract.fields if entry.required)])


def _said(cell: Cell) -> str:
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def _is_numeric(entry: Field) -> bool:
    return entry.type in {"money", "number", "integer", "ratio"}


def _no_day(rng: np.random.Generator) -> str:
    year = int(rng.integers(2015, 2024))
    return (f"{year}-02-30", f"{year}-13-05", f"{year}-06-31", f"{year}年2月")[int(rng.integers(0, 4))]


def _number(was: Cell) -> float | None:
    if isinstance(was, bool) or was is None:
        return None
    try:
        return float(str(was).replace(",", ""))
    except ValueError:
        return None


def _named_unit(entry: Field, was: Cell) -> tuple[Cell, Effect] | None:
    """The amount with a unit of its own; the reader has to see it."""
    number = _number(was)
    if number is None or number <= 0:
        return None
    return (f"{number * 10_000:.0f}元" if number < 10_000 else f"{number / 10_000:.6f}亿元"), "harmless"


def _wrong_unit(entry: Field, was: Cell) -> tuple[Cell, Effect] | None:
    """元 in a column of 万元, and nothing says so."""
    number = _number(was)
    if number is None or number <= 0:
        return None
    return round(number * float(UNITS[entry.unit].factor), 2), "wrong"


def _another(entry: Field, was: Cell, rng: np.random.Generator) -> tuple[Cell, Effect] | None:
    """What a source that counts otherwise says: 8 to 45 % more or less, inside the bounds of the variable."""
    number = _number(was)
    if number is None or number == 0:
        return None
    other = number * (1.0 + float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.08, 0.45)))
    said: Cell = round(other) if entry.type == "integer" else round(other, 2)
    if said == number or (entry.maximum is not None and other > entry.maximum):
        return None
    return said, "overruled"
