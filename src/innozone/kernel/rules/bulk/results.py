"""Results of a match kept as a folder: written whole or not at all, opened memory-mapped.

    results = write_results(folder, snapshot, program)
    results = Results.open(folder)
    results["a"].counts, results["a"].rows("true"), results["a"].truth(row)

    manifest.json     format, snapshot, place (folder of the snapshot), as_of, recorded_at, rows, near; the files with
                      bytes and checksum; per rule its id, digest, counts, near_leaves and benefit
    rules.json        what each rule said, by id: its conditions and the formula of its benefit
    party.int64       the keys of the rows
    true.bits, unknown.bits, manual_only.bits, near.bits
                      rule after rule in the order of the manifest, each ceil(rows / 64) words of 64 bits: row r at bit
                      r % 64 of word r // 64

Numbers are little-endian. `false` is all the rest, manual_only a part of unknown, near a part of false.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Snapshot, SnapshotError
from innozone.kernel.columns.snapshot import checksum
from innozone.kernel.rules.bulk.bits import Words, words_for
from innozone.kernel.rules.bulk.matcher import Matcher
from innozone.kernel.rules.bulk.matches import Matches, RuleRows, known_kind
from innozone.kernel.rules.bulk.packed import BLOCK_ROWS
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.tally import KINDS, BenefitTotal
from innozone.kernel.rules.condition import Condition, load_condition
from innozone.kernel.rules.digest import digests
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr, to_text

FORMAT = 1
MANIFEST = "manifest.json"
RULES = "rules.json"
PARTY = "party.int64"


class ResultsError(ValueError):
    """The folder holds no results, or not all of them. The message names the file and the cure."""


class RuleResult(RuleRows):
    """The results of one rule. digest: see digest.digests."""

    def __init__(self, entry: Mapping[str, Any], length: int, words: Mapping[str, Words]) -> None:
        near_leaves = {int(leaf): rows for leaf, rows in entry["near_leaves"].items()}
        benefit = None if entry["benefit"] is None else BenefitTotal(**entry["benefit"])
        super().__init__(entry["id"], length, entry["counts"], near_leaves, benefit)
        self.digest: str = entry["digest"]
        self._words = words

    def words(self, kind: str) -> Words:
        known_kind(kind)
        return self._words[kind]


class Results(Mapping[str, RuleResult]):
    """The results of all rules by id.

    `party`: the keys of the rows; `snapshot`: version of the snapshot that was matched; `as_of`: its day;
    `recorded_at`: when it was matched; `near`: were near misses looked for.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.rows: int = manifest["rows"]
        self.snapshot: str = manifest["snapshot"]
        self._place: str | None = manifest["place"]
        self.as_of = date.fromisoformat(manifest["as_of"])
        self.recorded_at = datetime.fromisoformat(manifest["recorded_at"])
        self.near: bool = manifest["near"]
        self.party: NDArray[np.int64] = _mapped(folder / PARTY, "<i8", (self.rows,))
        self._entries = {entry["id"]: (at, entry) for at, entry in enumerate(manifest["rules"])}
        shape = len(self._entries), words_for(self.rows)
        self._bits = {kind: _mapped(folder / _bits_file(kind), "<u8", shape) for kind in KINDS}

    @classmethod
    def open(cls, folder: str | Path, *, verify: bool = False) -> Results:
        """The results in a folder, memory-mapped. `verify` compares every checksum.

        Raises ResultsError when the folder does not hold all of them.
        """
        folder = Path(folder)
        manifest = _manifest(folder)
        for entry in manifest["files"]:
            path = folder / entry["file"]
            if not path.is_file() or path.stat().st_size != entry["bytes"]:
                raise ResultsError(f"{path} is missing or not whole; match again")
            if verify and checksum(path) != entry["sha256"]:
                raise ResultsError(f"{path} does not have the checksum of the manifest; match again")
        return cls(folder, manifest)

    def __getitem__(self, id: str) -> RuleResult:
        at, entry = self._entries[id]
        return RuleResult(entry, self.rows, {kind: bits[at] for kind, bits in self._bits.items()})

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id: object) -> bool:
        return id in self._entries

    def held(self, kind: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether some rows are of a kind under every rule: an array of rules, in order, × rows."""
        known_kind(kind)
        return (self._bits[kind][:, rows >> 6] >> (rows & 63).astype(np.uint64) & np.uint64(1)).astype(bool)

    def row_of(self, party: int) -> int | None:
        """The row of a party key, None when it is not among them."""
        found = np.flatnonzero(self.party == party)
        return int(found[0]) if len(found) else None

    def matched(self) -> Snapshot | None:
        """The snapshot that was matched, from where it lay then; None when it is not there any more."""
        if self._place is None:
            return None
        try:
            found = Snapshot.open(self._place)
        except SnapshotError:
            return None
        return found if (found.version, found.as_of, found.rows) == (self.snapshot, self.as_of, self.rows) else None

    def condition(self, id: str) -> Condition:
        """What the rule asked."""
        return load_condition(self._said[id]["conditions"])

    def amount(self, id: str) -> Expr | None:
        """The formula of the rule's benefit."""
        text = self._said[id]["benefit"]
        return None if text is None else parse(text)

    @cached_property
    def _said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / RULES).read_text(encoding="utf-8"))
        return found


class ResultsWriter:
    """Writes results block by block, straight into the files. As a context manager it throws away what was not closed.

        with ResultsWriter(folder, snapshot, program) as writer:
            matches = Matcher(snapshot, dictionary).run(program, store=writer.store)
            results = writer.close(matches)

    The folder appears only then, complete. Raises FileExistsError when it exists.
    """

    def __init__(self, folder: str | Path, snapshot: Snapshot, program: Program) -> None:
        self.folder = Path(folder)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} exists already; results are never written over")
        self.snapshot = snapshot
        self.program = program
        self._temporary = self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        self._places = {id: at for at, id in enumerate(program.rules)}
        shape = len(self._places), words_for(snapshot.rows)
        self._bits = {kind: _mapped(self._temporary / _bits_file(kind), "<u8", shape, new=True) for kind in KINDS}

    def store(self, id: str) -> dict[str, Words]:
        """Where the rows of a rule are to lie, by kind; see Matcher.run."""
        at = self._places[id]
        return {kind: bits[at] for kind, bits in self._bits.items()}

    def close(self, matches: Matches) -> Results:
        """Finishes the folder with the counts of the matches that were stored here, and opens it."""
        self._bits.clear()
        _mapped(self._temporary / PARTY, "<i8", self.snapshot.party.shape, new=True)[:] = self.snapshot.party
        program, rules = self.program, self.program.rules
        texts = {id: to_text(amount) for id, amount in program.amounts.items()}
        said = {id: {"conditions": rule.to_data(), "benefit": texts.get(id)} for id, rule in rules.items()}
        _dump(self._temporary / RULES, said)
        told = digests(rules, program.amounts, program.dictionary, program.as_of)
        manifest = {
            "format": FORMAT,
            "snapshot": self.snapshot.version,
            "place": str(self.snapshot.folder.resolve()) if self.snapshot.folder else None,
            "as_of": program.as_of.isoformat(),
            "recorded_at": datetime.now(UTC).isoformat(),
            "rows": self.snapshot.rows,
            "near": matches.near,
            "files": [_settled(self._temporary / file) for file in (RULES, PARTY, *map(_bits_file, KINDS))],
            "rules": [_entry(matches[id], told[id]) for id in rules],
        }
        _dump(self._temporary / MANIFEST, manifest)
        _settled(self._temporary / MANIFEST)
        self._temporary.rename(self.folder)
        _flush(self.folder.parent)
        return Results.open(self.folder)

    def discard(self) -> None:
        """Throws away what was written so far."""
        self._bits.clear()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def write_results(
    folder: str | Path, snapshot: Snapshot, program: Program, *, near: bool = True, block_rows: int = BLOCK_ROWS
) -> Results:
    """Matches a program over a snapshot, straight into a folder: memory holds no more than one part of the snapshot.

    Raises FileExistsError when the folder exists, ValueError for a program of another day.
    """
    with ResultsWriter(folder, snapshot, program) as writer:
        matcher = Matcher(snapshot, program.dictionary, block_rows)
        return writer.close(matcher.run(program, near=near, store=writer.store))


def _entry(rule: RuleRows, digest: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "digest": digest,
        "counts": rule.counts,
        "near_leaves": rule.near_leaves,
        "benefit": None if rule.benefit is None else asdict(rule.benefit),
    }


def _bits_file(kind: str) -> str:
    return f"{kind}.bits"


def _mapped(path: Path, type: str, shape: tuple[int, ...], new: bool = False) -> NDArray[Any]:
    """A file as an array. A new one is full of zeros, which take no room until something else is written there."""
    if not np.prod(shape):
        if new:
            path.touch()
        return np.zeros(shape, dtype=type)
    return np.asarray(np.memmap(path, dtype=type, mode="w+" if new else "r", shape=shape))


def _dump(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False), encoding="utf-8")


def _settled(path: Path) -> dict[str, Any]:
    """Forces a file to the disk; its entry in the manifest."""
    _flush(path)
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": checksum(path)}


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultsError(f"{folder} holds no results: it has no {MANIFEST}") from None
    except ValueError as error:
        raise ResultsError(f"{path} is damaged ({error}); match again") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ResultsError(f"{path} is not a manifest of format {FORMAT}; match again with this release")
    return manifest
