"""`innozone codes import FILE`: a whole table is taken, or refused with the line at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from innozone.kernel.packs.codes_table import CodesTableError, TableProblem, parse_codes_table
from innozone.kernel.terms import CodeList, Label


def refused(path: Path) -> str:
    with pytest.raises(CodesTableError) as caught:
        parse_codes_table(path)
    return str(caught.value)


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "codes.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_official_table_of_industries(shared: Path) -> None:
    """The published copy numbers one class (飞机制造) like its group: refused by line, or that row set aside."""
    path = shared / "data" / "gbt4754_2017.csv"
    assert refused(path) == (
        "gbt4754_2017.csv, line 769: code 374 stands twice: 飞机制造 here, "
        "the first, 航空、航天器及设备制造, is in line 768"
    )
    aside: list[TableProblem] = []
    entries = parse_codes_table(path, set_aside=aside)
    assert [problem.line for problem in aside] == [769]
    industries = CodeList("gbt4754", Label("", ""), entries)
    depth = {4: 0, 3: 0, 2: 0, 1: 0}
    for entry in industries:
        depth[1 if entry.code.isalpha() else len(entry.code)] += 1
    assert depth == {1: 20, 2: 97, 3: 473, 4: 1380}
    assert industries.within("7010", "K")
    assert industries.by_code["701"].label.zh == "房地产开发经营"


def test_headers_may_be_chinese_and_a_mark_may_lead(tmp_path: Path) -> None:
    path = table(tmp_path, "代码,上级代码,名称\nA,,农业\n01,A,种植\n", "utf-8-sig")
    assert [(entry.code, entry.parent) for entry in parse_codes_table(path)] == [("01", "A"), ("A", None)]


@pytest.mark.parametrize(
    ("text", "encoding", "message"),
    [
        ("code,name\nA,农、林、牧、渔业\n", "gb18030", "line 2: the file is not UTF-8; save it as “CSV UTF-8”"),
        ("code,title\nA,农业\n", "utf-8", "line 1: the column name is missing; the first line holds code, title"),
        ("code,name,parent\nA,农业,\n01,种植,B\n", "utf-8", "line 3: 01 names the parent B, which has no row"),
        (
            "code,name,parent\nA,农业,\nA,林业,\n",
            "utf-8",
            "line 3: code A stands twice: 林业 here, the first, 农业, is in line 2",
        ),
        ("code,name,parent\nA,农业,B\nB,林业,A\n", "utf-8", "stands above itself"),
        ("code,name,parent\nA,农业,A\n", "utf-8", "line 2: A names itself as its parent"),
        ("code,name\nA,农业,多余\n", "utf-8", "line 2: the line has 3 cells, the header 2"),
        ("code,name\n,农业\nB,\n", "utf-8", "line 2: the code is empty"),
        ("code,name\n", "utf-8", "line 2: the table holds no code"),
        ("", "utf-8", "line 1: the column code is missing; the first line holds nothing"),
        ("code,name\nA,\0\n", "utf-8", "line 2: the file is not a text"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, text: str, encoding: str, message: str) -> None:
    assert message in refused(table(tmp_path, text, encoding))


def test_only_a_lone_class_numbered_with_a_zero_implies_its_group(tmp_path: Path) -> None:
    path = table(tmp_path, "code,name,parent\nK,房地产业,\n70,房地产业,K\n7011,开发,701\n")
    assert "7011 names the parent 701, which has no row" in refused(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "nothing.csv")
