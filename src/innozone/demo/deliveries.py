"""The files of a demonstration: what arrives when, in which order, and what is true."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from innozone.demo.declared import declare
from innozone.demo.faults import Fault, Spoiler, founds
from innozone.demo.names import stream
from innozone.demo.payments import make_payments
from innozone.demo.population import Flags, Population, UnsuitablePack, Whole, make_firms
from innozone.demo.records import make_records
from innozone.demo.sheets import Filler, Sheet, record_table
from innozone.demo.titles import make_titles
from innozone.demo.truth import write_truth
from innozone.demo.writers import write
from innozone.kernel.packs import DatasetContract, Pack

YEARS_SENT = 3
# Days before the reference day. The zone opened with the first one, and all of history arrived then.
OPENED, MENDED, UPDATED, CORRECTED, REPEATED = 60, 58, 7, 10, 4
LATE = 31  # days between the day due and the arrival of a late file
REACH = 0.90  # share of the firms of which a partial dataset speaks
SHARE_MENDED = 0.85  # of the rows put aside: they come again, mended


@dataclass(frozen=True, slots=True)
class File:
    """A file of the demonstration. `received` and `due` are ISO times; `note`: update, correction, repeat or nothing.

    `rows` counts all rows below the headers, the bad ones and a row of totals included.
    """

    dataset: str
    filename: str
    sha256: str
    rows: int
    received: str
    due: str
    late: bool
    note: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in `manifest.json`: the files in the order in which they arrived."""

    seed: int
    firms: int
    today: str
    pack: str
    files: tuple[File, ...]

    def to_data(self) -> dict[str, object]:
        return asdict(self)


def generate(
    pack: Pack, folder: Path, firms: int = 5000, seed: int = 20261123, *, today: date | None = None
) -> Manifest:
    """Writes the deliveries of `firms` invented enterprises for the pack's datasets, `manifest.json` and `truth/`.

    The folder appears whole or not at all: it is made beside its place and moved there at the end; what a broken-off
    run has left is removed. Same pack, firms, seed and day give the same bytes. Raises FileExistsError where a
    demonstration is already, UnsuitablePack when a dataset asks for something that the demonstration has no values for,
    ValueError for fewer than one firm.
    """
    if firms < 1:
        raise ValueError(f"{firms} enterprises cannot be made; at least 1")
    if (folder / "manifest.json").exists():
        raise FileExistsError(f"{folder} holds a demonstration already; remove it or choose another folder")
    if not pack.datasets:
        raise UnsuitablePack(f"the pack {pack.code} has no datasets")
    today = today or date.today()
    people = populate(pack, firms, seed, today)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    mail = _Mail(pack, people, seed, unfinished)
    # A register comes first: it says who there is.
    for contract in sorted(pack.datasets.values(), key=lambda entry: not founds(entry)):
        mail.post(contract)
    mail.repeat()
    files = tuple(sorted(mail.files, key=lambda file: file.received))
    manifest = Manifest(seed, firms, today.isoformat(), pack.code, files)
    write_truth(people, mail.faults, mail.reach, unfinished / "truth")
    text = json.dumps(manifest.to_data(), ensure_ascii=False, indent=1)
    (unfinished / "manifest.json").write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return manifest


def populate(pack: Pack, firms: int, seed: int, today: date) -> Population:
    """The enterprises with their figures, declarations, records and titles."""
    people = make_firms(pack, firms, seed, today)
    declare(people, seed)
    make_records(people, seed)
    make_titles(pack, people, seed)
    make_payments(pack, people, seed)
    return people


def reached(pack: Pack, people: Population, contract: DatasetContract, seed: int) -> Whole:
    """The firms (rows of people) of which an attributes dataset speaks. What is declared comes mostly from firms of
    technology."""
    if contract.coverage == "complete":
        return np.arange(len(people))
    rng = stream(seed, f"reach {contract.code}")
    share = np.full(len(people), REACH)
    variables = [pack.dictionary[code] for code in contract.variables]
    if 2 * sum(variable.category == "innovation" for variable in variables) >= len(variables):
        share = np.where(people.trait("technical"), 1.0 / (1.0 + np.exp(-0.9 - 0.6 * people.quality)), 0.18)
    return np.flatnonzero(rng.random(len(people)) < share)


class _Mail:
    """Everything that is sent: one dataset after the other, one sheet in memory at a time."""

    def __init__(self, pack: Pack, people: Population, seed: int, folder: Path) -> None:
        self.pack, self.people, self.seed, self.folder = pack, people, seed, folder
        self.files: list[File] = []
        self.faults: list[Fault] = []
        self.reach: dict[str, Whole] = {}
        self._unknown: frozenset[int] = frozenset()
        yearly = [contract.code for contract in pack.datasets.values() if _is_yearly(contract)]
        records = [contract.code for contract in pack.datasets.values() if contract.kind == "records"]
        self._corrects, self._repeats = (yearly[0], yearly[-1]) if yearly else ("", "")
        self._late = {*yearly[:1], *records[-1:]}
        founded: npt.NDArray[np.datetime64] = people.values["established_on"].astype("datetime64[D]")
        self._new: Flags = founded > np.datetime64(self._day(OPENED), "D")
        self._founded_in = founded.astype("datetime64[Y]").astype(np.int64) + 1970

    def post(self, contract: DatasetContract) -> None:
        """All files of one dataset."""
        filler = Filler(self.pack, self.people, contract, self.seed)
        if contract.kind == "records":
            self._post_records(contract, filler)
            return
        firms = self.reach[contract.code] = reached(self.pack, self.people, contract, self.seed)
        if _is_yearly(contract):
            self._post_years(contract, filler, firms)
        elif founds(contract):
            self._post_register(contract, filler, firms)
        else:
            due = self._due(contract)
            again = self._send(contract, filler.attributes(firms[~self._new[firms]], None), due, outdated=True)
            self._update(contract, filler, firms, again)

    def repeat(self) -> None:
        """One file a second time, unchanged, under the name that a mail program gives it."""
        found = [file for file in self.files if file.dataset == self._repeats] or self.files
        first = found[-1]
        stem, dot, suffix = first.filename.rpartition(".")
        name = f"{stem}(1){dot}{suffix}"
        shutil.copyfile(self.folder / first.filename, self.folder / name)
        day = _at(self._day(REPEATED), len(self.files))
        self.files.append(File(first.dataset, name, first.sha256, first.rows, day, day, False, "repeat"))

    def _post_register(self, contract: DatasetContract, filler: Filler, firms: Whole) -> None:
        """The whole register, two days later the rows that were put aside, and in the end what has changed since."""
        known = firms[~self._new[firms]]
        before = len(self.faults)
        changed = self._send(contract, filler.attributes(known, None), self._day(OPENED), outdated=True)
        aside = self._firms(self.faults[before:], {"aside", "unlinked"})
        mended = aside[stream(self.seed, f"mended {contract.code}").random(len(aside)) < SHARE_MENDED]
        if len(mended):
            self._send(contract, filler.attributes(mended, None), self._day(MENDED), note="correction", sound=True)
        self._unknown = self._unknown | frozenset(np.setdiff1d(aside, mended).tolist())
        self._update(contract, filler, firms, np.setdiff1d(changed, aside))

    def _update(self, contract: DatasetContract, filler: Filler, firms: Whole, again: Whole) -> None:
        """What has changed since the first file, and the new firms."""
        rows = np.union1d(firms[self._new[firms]], again)
        if len(rows):
            day = self._day(UPDATED if founds(contract) else UPDATED - 1)
            self._send(contract, filler.attributes(rows, None), day, note="update", sound=True)

    def _post_years(self, contract: DatasetContract, filler: Filler, firms: Whole) -> None:
        """A file for each year; one of the datasets is late with a year and sets the last one right afterwards."""
        years = self.people.years[-YEARS_SENT:]
        for position, year in enumerate(years):
            rows = firms[(self._founded_in[firms] <= year) & ~self._new[firms]]
            if not len(rows):
                continue
            due = self._due(contract) + timedelta(days=position)
            late = contract.code in self._late and position == 1
            corrects = contract.code == self._corrects and year == years[-1]
            again = self._send(
                contract, filler.attributes(rows, year), due, late=late, outdated=corrects, stamp=str(year)
            )
            if corrects and len(again):
                self._send(
                    contract,
                    filler.attributes(again, year),
                    self._day(CORRECTED),
                    note="correction",
                    sound=True,
                    stamp=f"{year}更正",
                )

    def _post_records(self, contract: DatasetContract, filler: Filler) -> None:
        """The whole store as it stood when the zone opened, and what has come since."""
        table = record_table(self.people, contract)
        firm = table["firm"].astype(np.int64)
        day = contract.validity.date or contract.validity.valid_from
        recent = self._new[firm]
        if day is not None:
            recent = recent | (table[day].astype("datetime64[D]") > np.datetime64(self._day(OPENED), "D"))
        rows = np.arange(len(firm))
        if (~recent).any():
            sheet = filler.records(rows[~recent])
            self._send(contract, sheet, self._due(contract), late=contract.code in self._late)
        if recent.any():
            self._send(contract, filler.records(rows[recent]), self._day(UPDATED - 1), note="update", sound=True)

    def _send(
        self,
        contract: DatasetContract,
        sheet: Sheet,
        due: date,
        *,
        late: bool = False,
        note: str = "",
        outdated: bool = False,
        sound: bool = False,
        stamp: str = "",
    ) -> Whole:
        """Spoils and writes a sheet; gives the firms whose rows a later file has to set right."""
        name = _filename(contract, stamp or f"{due:%Y%m%d}")
        spoiler = Spoiler(self.pack, self.people, contract, self.seed, self._unknown)
        faults = spoiler.spoil(sheet, name, outdated=outdated, sound=sound)
        path = self.folder / name
        write(sheet, path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        received = due + timedelta(days=LATE if late else 0)
        number = len(self.files)
        self.files.append(
            File(contract.code, name, digest, len(sheet), _at(received, number), _at(due, number), late, note)
        )
        self.faults += faults
        return self._firms(faults, {"corrected"})

    def _firms(self, faults: Iterable[Fault], effects: set[str]) -> Whole:
        codes = sorted({fault.credit_code for fault in faults if fault.effect in effects and fault.credit_code})
        return np.flatnonzero(np.isin(self.people.code, codes))

    def _due(self, contract: DatasetContract) -> date:
        """The days after the register on which the offices send their history."""
        return self._day(OPENED - 4) + timedelta(days=list(self.pack.datasets).index(contract.code) % 8)

    def _day(self, before: int) -> date:
        return self.people.today - timedelta(days=before)


def _is_yearly(contract: DatasetContract) -> bool:
    return contract.kind == "attributes" and contract.period is not None


def _at(day: date, number: int) -> str:
    """An hour of the working day; files of one day stay in the order in which they were made."""
    return datetime.combine(day, time(9 + number // 60 % 8, number % 60)).isoformat()


def _filename(contract: DatasetContract, stamp: str) -> str:
    pattern = contract.file_name or f"{contract.code}_{{date}}.{contract.format.type}"
    return pattern.replace("{date}", stamp) if "{date}" in pattern else f"{stamp}_{pattern}"
