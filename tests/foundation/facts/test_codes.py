"""An official table of codes comes in whole; what is wrong with it is told by line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from innozone.foundation.facts import codes, packs
from innozone.kernel.packs import Pack
from innozone.kernel.terms import Code, CodeList, Dictionary, Label

pytestmark = pytest.mark.django_db
DAY = date(2017, 10, 1)


@pytest.fixture(autouse=True)
def pack() -> None:
    """A zone that knows two industries."""
    known = CodeList(
        "gbt4754", Label("行业", "Industries"), (Code("K", Label("房地产业", "")), Code("70", Label("房地产", ""), "K"))
    )
    packs.load(Pack("demo", Label("示范区", "Demo"), Dictionary({}, {"gbt4754": known}), version="1"))


def test_the_official_industries_come_in_with_the_row_at_fault_set_aside(shared: Path) -> None:
    table = codes.import_table(shared / "data" / "gbt4754_2017.csv", "gbt4754", "GB/T 4754-2017", DAY)
    assert table.codes.count() == 1970
    assert table.codes.get(code="701").parent == "70"
    assert [problem.line for problem in table.aside] == [769]
    assert table.dropped == ()


def test_a_parent_that_is_not_there_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "industries.csv"
    path.write_text("code,parent,name\nA,,农业\n01,B,种植\n", encoding="utf-8")
    with pytest.raises(codes.CodeTableError, match=r"industries\.csv, line 3: 01 names the parent B, which has no row"):
        codes.import_table(path, "gbt4754", "x", DAY)
