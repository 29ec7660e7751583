"""Rows to enterprises: by valid credit code first, by name where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection

from innozone.foundation.facts.check import Checked, code_problem
from innozone.foundation.facts.problems import Problem, problem
from innozone.foundation.parties.names import name_key
from innozone.kernel.linkage.credit_code import CreditCode, check_credit_code
from innozone.kernel.packs import DatasetContract


@dataclass(slots=True)
class Link:
    """Where a row belongs: `party`, or why not. `warning` is said although the row was linked."""

    party: int | None = None
    kind: str = ""  # invalid, unlinked, uncertain
    problem: Problem | None = None
    candidates: list[int] = field(default_factory=list)
    warning: Problem | None = None


Subject = tuple[str, str, str]


@lru_cache(maxsize=50_000)
def check_code(text: str) -> CreditCode:
    return check_credit_code(text)


class Linker:
    """Links the rows of one delivery. `founds`: a valid code that nobody has founds a new enterprise.

    `strict` keeps rows with a wrong code aside whatever their name says.
    """

    def __init__(self, *, founds: bool, strict: bool, code_column: str, name_column: str) -> None:
        self.founds, self.strict = founds, strict
        self.code_column, self.name_column = code_column, name_column
        self._codes: dict[str, int] = {}
        self._keys: dict[str, list[int]] = {}
        self._parties: dict[int, tuple[str | None, str]] = {}
        self._links: dict[Subject, Link] = {}
        self.founded: set[int] = set()

    @classmethod
    def of(cls, contract: DatasetContract, *, strict: bool) -> Linker:
        """The linker that a contract asks for."""
        subject = contract.subject
        return cls(
            founds=contract.creates == "enterprise",
            strict=strict,
            code_column=subject.credit_code.column if subject.credit_code else "",
            name_column=subject.name.column if subject.name else "",
        )

    def link(self, checked: Checked) -> list[Link]:
        """A link for every row of the chunk; rows that are put aside already are linked too, but found nothing."""
        subjects = list(zip(checked.codes, checked.names, checked.former_names, strict=True))
        fresh = {subject for subject in subjects if subject not in self._links}
        if fresh:
            self._look_up(fresh)
            if self.founds:
                good = {subject for at, subject in enumerate(subjects) if at not in checked.problems}
                self._found(subject for subject in fresh if subject in good)
            for subject in fresh:
                self._links[subject] = self._decide(subject)
        return [self._links[subject] for subject in subjects]

    def _look_up(self, subjects: set[Subject]) -> None:
        codes, keys = set(), set()
        for code, name, former in subjects:
            if code:
                found = check_code(code)
                codes.update(code for code in (found.code, found.suggestion) if code)
            keys.update(name_key(text) for text in (name, former) if text)
        keys.discard("")
        with connection.cursor() as cursor:
            # A merged party's rows go to the one it was merged into.
            cursor.execute(
                "select credit_code, coalesce(redirect_id, id), credit_code, name from parties_party "
                "where kind = 'enterprise' and credit_code = any(%s)",
                [list(codes - self._codes.keys())],
            )
            for code, party, own_code, name in cursor.fetchall():
                self._codes[code] = party
                self._parties[party] = (own_code, name)
            cursor.execute(
                "select distinct n.key, coalesce(p.redirect_id, p.id), p.credit_code, p.name from parties_partyname n "
                "join parties_party p on p.id = n.party_id where p.kind = 'enterprise' and n.key = any(%s)",
                [list(keys - self._keys.keys())],
            )
            for key, party, own_code, name in cursor.fetchall():
                self._keys.setdefault(key, []).append(party)
                self._parties[party] = (own_code, name)
        for key in keys:
            self._keys.setdefault(key, [])

    def _found(self, subjects: Iterable[Subject]) -> None:
        """New enterprises for valid codes that nobody has, all at once."""
        new: dict[str, str] = {}
        for code, name, _ in sorted(subjects):
            found = check_code(code) if code else None
            if found and found.valid and found.code not in self._codes and name:
                new.setdefault(found.code, name)
        if not new:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into parties_party (kind, name, name_en, credit_code, created_at) "
                "select 'enterprise', n, '', c, now() from unnest(%s::text[], %s::text[]) as t(c, n) "
                "on conflict (credit_code) do nothing returning credit_code, id, name",
                [list(new), list(new.values())],
            )
            made = cursor.fetchall()
            cursor.execute(
                "insert into parties_partyname (party_id, name, key, kind, recorded_at) "
                "select p, n, k, 'current', now() from unnest(%s::bigint[], %s::text[], %s::text[]) as t(p, n, k) "
                "on conflict (party_id, key) do nothing",
                [[row[1] for row in made], [row[2] for row in made], [name_key(row[2]) for row in made]],
            )
        for code, party, name in made:
            self._codes[code] = party
            self._parties[party] = (code, name)
            self._keys.setdefault(name_key(name), []).append(party)
            self.founded.add(party)

    def _decide(self, subject: Subject) -> Link:
        code, name, former = subject
        if not code and not name and not former:
            return Link(kind="invalid", problem=problem("no_subject", column=self.code_column or self.name_column))
        found = check_code(code) if code else None
        if found and found.valid:
            party = self._codes.get(found.code)
            if party is not None:
                return Link(party)
            # Two valid codes never belong to one enterprise, so the name is not asked.
            return self._unknown(f"{name} {found.code}".strip(), has_code=True)
        named = list(dict.fromkeys(self._keys.get(name_key(name), []) if name else []))
        if not named and former:
            named = list(dict.fromkeys(self._keys.get(name_key(former), [])))
        if found is None:
            return self._by_name(name or former, named)
        fault = code_problem(found, self.code_column)
        mended = self._codes.get(found.suggestion) if found.suggestion else None
        if not self.strict and len(named) == 1:
            if mended == named[0]:
                said = problem(
                    "code_read_as", column=self.code_column, value=code, text=code, code=found.suggestion or ""
                )
            else:
                said = problem("code_left_aside", column=self.code_column, value=code, text=code)
            return Link(named[0], warning=said)
        return Link(kind="invalid", problem=fault, candidates=named or ([mended] if mended else []))

    def _by_name(self, text: str, named: list[int]) -> Link:
        if len(named) == 1:
            return Link(named[0])
        if named:
            return self._uncertain(text, named)
        return self._unknown(text, has_code=False)

    def _uncertain(self, text: str, candidates: list[int]) -> Link:
        shown = "、".join(f"{self._parties[party][1]} ({self._parties[party][0]})" for party in candidates[:5])
        said = problem("uncertain", column=self.name_column, value=text, text=text, candidates=shown)
        return Link(kind="uncertain", problem=said, candidates=candidates)

    def _unknown(self, text: str, *, has_code: bool) -> Link:
        code = "no_code_to_found" if self.founds and not has_code else "unlinked"
        column = self.code_column if has_code else self.name_column
        return Link(kind="unlinked", problem=problem(code, column=column, value=text, text=text))
