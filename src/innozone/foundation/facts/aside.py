"""Rows kept aside, with reason, cure and whom they may speak of."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from django.db import connection

from innozone.foundation.facts.cells import escape
from innozone.foundation.facts.check import Checked, Checker
from innozone.foundation.facts.files import CREDIT_CODE, NAME, BadCell, Cell, open_table
from innozone.foundation.facts.linking import Link
from innozone.foundation.facts.problems import Problem
from innozone.foundation.parties.names import name_key
from innozone.kernel.linkage import fold_code


class Aside:
    """The rows of one delivery that are not taken. `counts` is by kind, `parties` are whom they may speak of."""

    def __init__(self, delivery: int, checker: Checker) -> None:
        self._delivery = delivery
        self._checker = checker
        self._lines: list[str] = []
        self._kept: set[int] = set()
        self.counts: Counter[str] = Counter()
        self.parties: set[int] = set()

    def add(self, checked: Checked, links: list[Link]) -> None:
        """The rows of a chunk that are bad or not linked."""
        for at, link in enumerate(links):
            problems = checked.problems.get(at)
            kind, found, parties = "invalid", problems, link.candidates
            if problems:
                parties = [link.party] if link.party is not None else link.candidates
            elif link.problem is not None:
                kind, found = link.kind, [link.problem]
            if found:
                self._put(checked.numbers[at], kind, checked.rows[at], found, parties)

    def add_late(self, path: Path, late: dict[int, list[Problem]], parties: dict[int, int]) -> None:
        """Rows that other rows of the file proved wrong. They are read a second time: they are few."""
        for chunk in open_table(path, self._checker.contract).chunks:
            for at, number in enumerate(chunk.numbers):
                if number in late and number not in self._kept:
                    own = [parties[number]] if number in parties else []
                    self._put(number, "invalid", chunk.rows[at], late[number], own)

    def _put(self, number: int, kind: str, row: list[Cell], problems: list[Problem], parties: list[int]) -> None:
        self._kept.add(number)
        self.counts[kind] += 1
        self.parties.update(parties)
        code, name = self._text(CREDIT_CODE, row), self._text(NAME, row)
        ids = "{" + ",".join(map(str, parties)) + "}"
        self._lines.append(
            "\t".join(
                (
                    *(str(self._delivery), str(number), kind),
                    escape(json.dumps(self._checker.raw(row), ensure_ascii=False)),
                    escape(json.dumps(problems, ensure_ascii=False)),
                    *(escape(fold_code(code)[:200]), escape(name_key(name)), ids),
                )
            )
            + "\n"
        )

    def _text(self, name: str, row: list[Cell]) -> str:
        place = self._checker.places.get(name)
        if place is None or place >= len(row):
            return ""
        cell = row[place]
        return "" if isinstance(cell, BadCell) else cell.replace("\x00", "")

    def store(self) -> None:
        columns = "delivery_id, row, kind, raw, problems, credit_code, name_key, parties"
        with connection.cursor() as cursor, cursor.copy(f"copy facts_rejectedrow ({columns}) from stdin") as copy:
            for start in range(0, len(self._lines), 2_000):
                copy.write("".join(self._lines[start : start + 2_000]))
