"""The demonstration's enterprises in a snapshot folder, any number of them, for bench/realistic.py: figures of the last
years, what they declare, their records, and what is made from these.

Written part by part: names and addresses that no rule reads are made, too, and take most of the memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from innozone.demo.columns import columns
from innozone.demo.deliveries import populate
from innozone.kernel.columns import Snapshot, SnapshotWriter, column_name
from innozone.kernel.packs import Pack
from innozone.kernel.rules import Program
from innozone.kernel.rules.reads import reads

SEED = 20260630
PART = 131_072


def write(folder: Path, pack: Pack, program: Program, rows: int) -> None:
    """A snapshot of `rows` invented enterprises with all columns that the program reads, and all records."""
    asked = reads([*program.rules.values(), *program.amounts.values()], pack.dictionary, program.as_of)
    wanted = {column_name(name, year) for name, year in asked}
    with SnapshotWriter(folder, as_of=program.as_of, dictionary=pack.dictionary, version="bench") as writer:
        for at, start in enumerate(range(0, rows, PART)):
            size = min(PART, rows - start)
            people = populate(pack, size, SEED + at, program.as_of)
            writer.append(np.arange(start, start + size), columns(pack, people, SEED + at, wanted))


def in_memory(folder: Path) -> Snapshot:
    """The snapshot of a folder as one part, all of its columns in memory."""
    shot = Snapshot.open(folder)
    return Snapshot.from_columns({name: shot.column(name) for name in shot.names}, as_of=shot.as_of, party=shot.party)
