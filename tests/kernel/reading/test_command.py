"""`innozone policies read`: what goes in, what comes out, what happens to files that cannot be read."""

import json
from pathlib import Path

import pytest

from innozone.kernel.reading.command import main

WORDS = "云谷新区支持措施\n第一条 对高新技术企业给予10万元奖励。\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "good.txt").write_text(WORDS, encoding="utf-8")
    (tmp_path / "other.txt").write_text(WORDS.replace("10", "20"), encoding="gb18030")
    (tmp_path / "empty.txt").write_bytes(b"")
    return tmp_path


def test_one_file_is_printed_in_the_gold_format(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "good.txt")]) == 0
    data = json.loads(capsys.readouterr().out)
    item = data["items"][0]
    assert item["benefits"][0]["formula"]["value_yuan"] == 100_000
    assert set(item["conditions"][0]) >= {
        "quote",
        "span",
        "variable",
        "label",
        "op",
        "value",
        "unit",
        "period",
        "group",
    }


def test_several_files_are_printed_as_a_list(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "good.txt"), str(files / "other.txt")]) == 0
    assert [d["items"][0]["benefits"][0]["formula"]["amount"] for d in json.loads(capsys.readouterr().out)] == [10, 20]


def test_an_unreadable_file_is_named_and_the_others_are_done(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = files / "out"
    assert main([str(files / "empty.txt"), str(files / "good.txt"), str(files / "no.txt"), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "empty.txt: The file is empty." in said
    assert "no.txt" in said
    assert sorted(path.name for path in out.iterdir()) == ["good.json"]


def test_two_files_of_one_name_do_not_overwrite_each_other(files: Path) -> None:
    twin = files / "deep"
    twin.mkdir()
    (twin / "good.txt").write_text(WORDS, encoding="utf-8")
    assert main([str(files / "good.txt"), str(twin / "good.txt"), "--out", str(files / "out")]) == 0
    assert sorted(path.name for path in (files / "out").iterdir()) == ["good-2.json", "good.json"]


def test_a_folder_that_cannot_be_written_is_said(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "good.txt"), "--out", str(files / "other.txt")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_limit_is_an_option(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "good.txt"), "--limit", "0.00001"]) == 1
    assert "limit" in capsys.readouterr().err
