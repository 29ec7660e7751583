"""Rows to enterprises: by valid credit code first, by name where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection

from innozone.foundation.facts.check import Checked, code_problem
from innozone.foundation.facts.problems import Problem, problem
from innozone.foundation.parties.names import index_of_names, name_key
from innozone.kernel import linkage
from innozone.kernel.linkage import CreditCode, check_credit_code, fold
from innozone.kernel.packs import DatasetContract
from innozone.kernel.terms import CodeList, Dictionary


@dataclass(slots=True)
class Link:
    """Where a row belongs: `party`, or why not. `warning` is said although the row was linked."""

    party: int | None = None
    kind: str = ""  # invalid, unlinked, uncertain
    problem: Problem | None = None
    candidates: list[int] = field(default_factory=list)
    warning: Problem | None = None


Subject = tuple[str, str, str]


# What stands for a name in the last row of a table that somebody has summed up.
_TOTALS = {"合计", "总计", "小计", "共计", "TOTAL"}


fold_code = lru_cache(maxsize=100_000)(linkage.fold_code)


@lru_cache(maxsize=50_000)
def check_code(text: str) -> CreditCode:
    return check_credit_code(text)


class Linker:
    """Links the rows of one delivery as `kernel.linkage.link` does, a whole chunk at a time.

    A known valid code decides; without a valid code an exact name does; a close name is left to a person.
    `founds`: a valid code that nobody has founds a new enterprise. `strict` keeps rows with a wrong code aside whatever
    their name says. `regions` tells places in names from the rest.
    """

    def __init__(
        self, *, founds: bool, strict: bool, code_column: str, name_column: str, regions: CodeList | None
    ) -> None:
        self.founds, self.strict, self.regions = founds, strict, regions
        self.code_column, self.name_column = code_column, name_column
        self._codes: dict[str, int] = {}
        # Who bears a name now, who bore it.
        self._keys: dict[str, tuple[list[int], list[int]]] = {}
        self._parties: dict[int, tuple[str | None, str]] = {}
        self._links: dict[Subject, Link] = {}
        self.founded: set[int] = set()

    @classmethod
    def of(cls, contract: DatasetContract, known: Dictionary, *, strict: bool) -> Linker:
        """The linker that a contract asks for."""
        subject = contract.subject
        return cls(
            founds=contract.creates == "enterprise",
            strict=strict,
            code_column=subject.credit_code.column if subject.credit_code else "",
            name_column=subject.name.column if subject.name else "",
            regions=known.codelists.get("regions"),
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
        """Fetches whom the codes and names of these rows may mean."""
        written = {fold_code(code): code for code, _, _ in subjects if code}
        with connection.cursor() as cursor:
            self._look_up_codes(cursor, set(written))
            # A code that somebody has is valid; only the others are checked.
            checks = (check_code(code) for folded, code in written.items() if folded not in self._codes)
            self._look_up_codes(cursor, {found.suggestion for found in checks if found.suggestion})
            # Names decide only where codes do not.
            open_ends = (subject for subject in subjects if fold_code(subject[0]) not in self._codes)
            self._look_up_names(cursor, {name_key(text) for _, *names in open_ends for text in names if text})

    def _look_up_codes(self, cursor: Any, codes: set[str]) -> None:
        if not codes:
            return
        # A merged party's rows go to the one it was merged into.
        cursor.execute(
            "select credit_code, coalesce(redirect_id, id), name from parties_party "
            "where kind = 'enterprise' and credit_code = any(%s)",
            [list(codes - self._codes.keys())],
        )
        for code, party, name in cursor.fetchall():
            self._codes[code] = party
            self._parties[party] = (code, name)

    def _look_up_names(self, cursor: Any, keys: set[str]) -> None:
        keys -= self._keys.keys() | {""}
        if not keys:
            return
        cursor.execute(
            "select n.key, coalesce(q.id, p.id), coalesce(q.credit_code, p.credit_code), coalesce(q.name, p.name), "
            "n.kind = 'current' from parties_partyname n join parties_party p on p.id = n.party_id "
            "left join parties_party q on q.id = p.redirect_id where p.kind = 'enterprise' and n.key = any(%s) "
            "order by n.key, n.kind <> 'current', p.id",
            [list(keys)],
        )
        for key, party, own_code, name, is_current in cursor.fetchall():
            bearers = self._keys.setdefault(key, ([], []))[0 if is_current else 1]
            if party not in bearers:
                bearers.append(party)
            self._parties[party] = (own_code, name)
        for key in keys:
            self._keys.setdefault(key, ([], []))

    def _found(self, subjects: Iterable[Subject]) -> None:
        """New enterprises for valid codes that nobody has, all at once."""
        new: dict[str, str] = {}
        for code, name, _ in sorted(subjects):
            folded = fold_code(code)
            if name and folded and folded not in self._codes and check_code(code).valid:
                new.setdefault(folded, name)
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
            self._keys.setdefault(name_key(name), ([], []))[0].append(party)
            self.founded.add(party)

    def _decide(self, subject: Subject) -> Link:
        code, name, former = subject
        if not code and not name and not former:
            return Link(kind="invalid", problem=problem("no_subject", column=self.code_column or self.name_column))
        if not code and fold(name) in _TOTALS:
            return Link(kind="invalid", problem=problem("totals_row", column=self.name_column, value=name))
        if code and (party := self._codes.get(fold_code(code))) is not None:
            return Link(party)
        found = check_code(code) if code else None
        if found and found.valid:
            text = f"{name} {found.code}".strip()
            # Two valid codes never belong to one enterprise, so nothing is linked by the name alone.
            bearers = self._bearers(name, former)
            return self._uncertain(text, bearers) if bearers else self._unknown(text, has_code=True)
        bearers = self._bearers(name, former)
        if found is None:
            return Link(bearers[0]) if len(bearers) == 1 else self._by_likeness(name or former, bearers)
        mended = self._codes.get(found.suggestion) if found.suggestion else None
        if self.strict or len(bearers) != 1:
            candidates = bearers or ([mended] if mended is not None else [])
            return Link(kind="invalid", problem=code_problem(found, self.code_column), candidates=candidates)
        read_as = found.suggestion if mended == bearers[0] else None
        warning = (
            problem("code_read_as", column=self.code_column, value=code, text=code, code=read_as)
            if read_as
            else problem("code_left_aside", column=self.code_column, value=code, text=code)
        )
        return Link(bearers[0], warning=warning)

    def _bearers(self, name: str, former: str) -> list[int]:
        """Who bears the name, else who bore it, else the same for the former name that the row gives."""
        for text in (name, former):
            for bearers in self._keys.get(name_key(text), ()) if text else ():
                if bearers:
                    return bearers
        return []

    def _by_likeness(self, text: str, bearers: list[int]) -> Link:
        """Several enterprises bear the name, or none does: close names are shown to a person, nothing is guessed."""
        if bearers:
            return self._uncertain(text, bearers)
        close = index_of_names(self.regions).close(text)
        if not close:
            return self._unknown(text, has_code=False)
        for candidate in close:
            self._parties.setdefault(candidate.party, (None, candidate.name))
        return self._uncertain(text, [candidate.party for candidate in close])

    def _uncertain(self, text: str, candidates: list[int]) -> Link:
        shown = "、".join(
            f"{name} ({code})" if code else name for code, name in (self._parties[party] for party in candidates[:5])
        )
        said = problem("uncertain", column=self.name_column, value=text, text=text, candidates=shown)
        return Link(kind="uncertain", problem=said, candidates=candidates)

    def _unknown(self, text: str, *, has_code: bool) -> Link:
        code = "no_code_to_found" if self.founds and not has_code else "unlinked"
        column = self.code_column if has_code else self.name_column
        return Link(kind="unlinked", problem=problem(code, column=column, value=text, text=text))
