"""The comparisons of a program over a snapshot, packed block by block: 64 rows to a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.columns import Codes, Flags, Numbers, Sets, Snapshot
from innozone.kernel.columns.arrays import Selection
from innozone.kernel.rules.bulk.bits import Words, full, pack, words_for
from innozone.kernel.rules.bulk.compare import accept, accepted_runs, compare_all, compare_numbers, held_bits, reach_of
from innozone.kernel.rules.bulk.logic import Vector
from innozone.kernel.rules.bulk.lower import Atom, CodeAtom, ExprAtom, FlagAtom, NumberAtom, SetAtom
from innozone.kernel.rules.bulk.machine import Machine, Tape, Verdict
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.vector import Block
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.tree import Ref

#: More rows at once take more memory, fewer take more calls: measured for 1000 rules over 1,000,000 rows.
BLOCK_ROWS = 262_144

#: Rows for which values are worked out at once: a few arrays of them stay in the cache.
WORK_ROWS = 32_768


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some rows of a block, and where their words lie in those of the block."""

    block: Block
    words: slice
    length: int


@dataclass(frozen=True, eq=False)
class Packed:
    """Some rows of a snapshot with all comparisons worked out. Valid until the packer makes the next block.

    at: the place of the first of them among all rows, when they were taken in order.
    """

    snapshot: Snapshot
    rows: Selection
    length: int
    at: int
    block: Block
    machine: Machine
    _packer: Packer

    def verdicts(self, near: bool) -> Iterator[tuple[str, Verdict]]:
        """The verdict of every rule of the program; its arrays hold its rows until the next one is asked for."""
        tape, bound = self._packer.tape(near)
        start = 0
        for id, (verdict, end) in bound.items():
            tape.run(start, end)
            start = end
            yield id, verdict

    def only(self, inside: NDArray[np.int64]) -> Block:
        """Some rows of the block, for expressions that are asked for these alone."""
        rows = inside + self.rows.start if isinstance(self.rows, slice) else self.rows[inside]
        return Block(self.snapshot, self.block.dictionary, rows)


class Packer:
    """Works out all comparisons of a program over blocks of at most `most_rows` rows of one snapshot.

    The arrays are as wide as the widest block: beyond the rows of a narrower one there are no bits.
    """

    def __init__(self, program: Program, snapshot: Snapshot, most_rows: int = BLOCK_ROWS) -> None:
        self.program = program
        self.snapshot = snapshot
        self._atoms = program.atoms
        width = words_for(min(most_rows, snapshot.rows))
        used = [atom for atoms in program.groups.values() for atom in atoms]
        # The rows of a quantity's comparisons lie one after the other.
        self._matrix = np.zeros((len(used), width), dtype=np.uint64)
        self._true = dict(zip(used, self._matrix, strict=True))
        self._place = {at: place for place, at in enumerate(used)}
        self._limits: dict[int, Floats | None] = {}
        self._known = dict(zip(program.groups, np.zeros((len(program.groups), width), dtype=np.uint64), strict=True))
        self._every = np.zeros(width, dtype=np.uint64)
        self._runs: dict[int, tuple[tuple[int, int], ...]] = {}
        self._tapes: dict[bool, tuple[Tape, dict[str, tuple[Verdict, int]]]] = {}

    def block(self, rows: Selection, at: int = 0) -> Packed:
        """The comparisons over these rows."""
        length = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        block = Block(self.snapshot, self.program.dictionary, rows)
        pieces = [self._piece(rows, start, length) for start in range(0, max(length, 1), WORK_ROWS)]
        for source, atoms in self.program.groups.items():
            if self._worked_out(self._atoms[atoms[0]]):
                for piece in pieces:
                    self._compute(piece, atoms, self._known[source])
            else:
                self._read(block, atoms, self._known[source], length)
        self._every[:] = 0
        self._every[: words_for(length)] = full(length)
        machine = Machine(self._true, self._known, self._every)
        return Packed(self.snapshot, rows, length, at, block, machine, self)

    def _piece(self, rows: Selection, start: int, length: int) -> _Piece:
        """Some of the rows, and the words that hold their bits; after the last ones nothing has bits."""
        end = min(start + WORK_ROWS, length)
        some = slice(rows.start + start, rows.start + end) if isinstance(rows, slice) else rows[start:end]
        words = slice(start // 64, None if end == length else end // 64)
        return _Piece(Block(self.snapshot, self.program.dictionary, some), words, end - start)

    def tape(self, near: bool) -> tuple[Tape, dict[str, tuple[Verdict, int]]]:
        """The operations of all rules, and where those of each end; without `near` Verdict.one is empty."""
        if near not in self._tapes:
            tape = Tape(self._true, self._known, self._every, near)
            bound = {}
            for id, step in self.program.steps.items():
                verdict = tape.bind(step)
                bound[id] = verdict, len(tape.operations)
            self._tapes[near] = tape, bound
        return self._tapes[near]

    def _worked_out(self, atom: Atom) -> bool:
        """Is a value worked out, not read: then it is done for fewer rows at once, whose arrays stay in the cache."""
        if isinstance(atom, ExprAtom):
            return True
        source = atom.source if isinstance(atom, NumberAtom) else None
        if source is None:
            return False
        variable = self.program.dictionary.get(source.name) if isinstance(source, Ref) else None
        return variable is None or variable.formula is not None

    def _compute(self, piece: _Piece, atoms: list[int], known: Words) -> None:
        first = self._atoms[atoms[0]]
        if isinstance(first, ExprAtom):
            logic = piece.block.logical(first.expr)
            _pack(logic.true, piece.length, self._true[atoms[0]][piece.words])
            _pack(logic.true | logic.false, piece.length, known[piece.words])
            return
        assert isinstance(first, NumberAtom)
        source = piece.block.value(first.source)
        self._numbers(source, atoms, known, piece.length, piece.words)

    def _read(self, block: Block, atoms: list[int], known: Words, length: int) -> None:
        """The rows where a column is known, and the true bits of each comparison of it."""
        first = self._atoms[atoms[0]]
        if isinstance(first, NumberAtom):
            self._numbers(block.value(first.source), atoms, known, length, slice(None))
            return
        assert isinstance(first, FlagAtom | SetAtom | CodeAtom)
        column = block.column(first.column)
        flags = np.empty(length, dtype=bool)
        if isinstance(first, FlagAtom) and isinstance(column, Flags):
            pack(np.greater_equal(column.values, 0, out=flags), known)
            pack(np.greater(column.values, 0, out=flags), self._true[atoms[0]])
        elif isinstance(first, SetAtom) and isinstance(column, Sets):
            pack(column.known, known)
            held_bits(column, [self._accepted(at) for at in atoms], known, [self._true[at] for at in atoms])
        elif isinstance(first, CodeAtom) and isinstance(column, Codes):
            pack(np.greater_equal(column.values, 0, out=flags), known)
            for at in atoms:
                if at not in self._runs:
                    self._runs[at] = accepted_runs(column, self._accepted(at))
                accept(column, self._runs[at], flags)
                pack(flags, self._true[at])
        else:
            self._nothing(atoms, known, slice(None))

    def _numbers(self, source: Vector, atoms: list[int], known: Words, length: int, words: slice) -> None:
        first = self._atoms[atoms[0]]
        assert isinstance(first, NumberAtom)
        if not isinstance(source, Numbers) or source.kind != first.kind:
            self._nothing(atoms, known, words)
            return
        values = source.values if len(source.values) == length else np.broadcast_to(source.values, (length,))
        flags = np.equal(values, values)
        pack(flags, known[words])
        limits = self._limits_of(atoms)
        if limits is not None:
            place = self._place[atoms[0]]
            compare_all(values, limits, self._matrix[place : place + len(atoms), words])
            return
        for at in atoms:
            atom = self._atoms[at]
            assert isinstance(atom, NumberAtom)
            compare_numbers(atom, values, flags)
            pack(flags, self._true[at][words])

    def _limits_of(self, atoms: list[int]) -> Floats | None:
        """The least numbers that fit each comparison of a quantity, where that says all of them."""
        if atoms[0] not in self._limits:
            reached = [reach_of(atom) for at in atoms if isinstance(atom := self._atoms[at], NumberAtom)]
            known = [limit for limit in reached if limit is not None]
            self._limits[atoms[0]] = np.array(known) if len(known) == len(atoms) > 1 else None
        return self._limits[atoms[0]]

    def _nothing(self, atoms: list[int], known: Words, words: slice) -> None:
        known[words] = 0
        for at in atoms:
            self._true[at][words] = 0

    def _accepted(self, at: int) -> frozenset[str]:
        atom = self._atoms[at]
        assert isinstance(atom, CodeAtom | SetAtom)
        return atom.accepted


def blocks(program: Program, snapshot: Snapshot, most_rows: int = BLOCK_ROWS) -> Iterator[Packed]:
    """All rows of a snapshot in order, part by part; a part's columns are forgotten when the next one comes."""
    at = 0
    for part in snapshot.parts():
        packer = Packer(program, part, most_rows)
        for start in range(0, part.rows, most_rows):
            rows = slice(start, min(start + most_rows, part.rows))
            yield packer.block(rows, at + start)
        at += part.rows
        if part is not snapshot:
            # The last block still holds the part while the next one is read.
            part.release()


def _pack(flags: NDArray[np.bool_], length: int, out: Words) -> None:
    pack(flags if len(flags) == length else np.broadcast_to(flags, (length,)), out)
