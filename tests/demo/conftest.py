"""A demonstration of a few hundred enterprises, made once for all tests of this folder."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from innozone.demo import Manifest, generate
from innozone.kernel.packs import Pack, load_pack

TODAY = date(2026, 11, 23)
FIRMS = 400


class Demonstration(NamedTuple):
    folder: Path
    manifest: Manifest
    faults: list[dict]
    firms: pl.DataFrame

    def records(self, topic: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth" / f"records_{topic}.parquet")


def opened(folder: Path, manifest: Manifest) -> Demonstration:
    lines = (folder / "truth" / "faults.jsonl").read_text(encoding="utf-8").splitlines()
    firms = pl.read_parquet(folder / "truth" / "enterprises.parquet")
    return Demonstration(folder, manifest, [json.loads(line) for line in lines], firms)


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("xixian")


@pytest.fixture(scope="session")
def demonstration(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    folder = tmp_path_factory.mktemp("demonstration") / "demo"
    return opened(folder, generate(pack, folder, FIRMS, today=TODAY))
