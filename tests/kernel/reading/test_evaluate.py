"""`policies evaluate`: the figures are those of the published scoring, and faults are told by kind of sentence."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from innozone.kernel.reading import command
from innozone.kernel.reading.evaluate import LEVELS, evaluate, shown

TEXT = "标题\n来源 https://example.org/\nown words\n\n第一条 对上年度营业收入1000万元以上的高新技术企业，奖励20万元。\n"
CLAUSE = "第一条 对上年度营业收入1000万元以上的高新技术企业，奖励20万元。"


def gold(folder: Path, conditions: list[dict], benefits: list[dict]) -> None:
    (folder / "001_own.txt").write_text(TEXT, encoding="utf-8")
    item = {"name": "奖励", "clause_quote": CLAUSE, "clause_span": [0, len(CLAUSE)]}
    data = {"items": [item | {"conditions": conditions, "benefits": benefits}]}
    (folder / "001_own.gold.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def condition(quote: str, variable: str, op: str, value: object, **more: object) -> dict:
    return {"quote": quote, "variable": variable, "op": op, "value": value, "unit": None} | more


GIVEN = {"quote": "奖励20万元", "kind": "奖励", "formula": {"amount": 20, "value_yuan": 200000}}


def test_what_is_right_counts_and_what_is_not_is_named(tmp_path: Path) -> None:
    revenue = condition("营业收入1000万元以上", "revenue", ">=", 1000, unit="万元", value_yuan=10_000_000)
    title = condition("高新技术企业", "qualification", "in", ["高新技术企业"])
    gold(tmp_path, [revenue, title], [GIVEN])
    scores = evaluate(tmp_path)
    assert [scores.mean(level)[2] for level in LEVELS] == [1.0] * 5
    assert (scores.ungrounded, scores.faults) == (0, [])

    gold(tmp_path, [revenue | {"value_yuan": 20_000_000}, condition(CLAUSE, "staff_total", ">=", 30)], [])
    scores = evaluate(tmp_path)
    assert scores.mean("located")[2] == 1.0
    assert scores.mean("exact")[2] == 0.0
    assert {(fault.kind, fault.fault) for fault in scores.faults} == {
        ("figure with a bound", "wrong value"),
        ("figure with a bound", "wrong variable"),
    }
    assert "wrong value" in shown(scores, 1)
    assert "001_own" in shown(scores, 1)


def test_the_command_prints_figures_or_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert command.evaluate(tmp_path) == 1
    assert "gold.json" in capsys.readouterr().err
    gold(tmp_path, [], [GIVEN])
    assert command.evaluate(tmp_path, as_json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["levels"]["benefit"]["f1"] == 1.0
    assert data["levels"]["located"]["precision"] == 0.0
    (tmp_path / "001_own.gold.json").write_text("{", encoding="utf-8")
    assert command.evaluate(tmp_path) == 1
    assert "annotations" in capsys.readouterr().err


def test_the_figures_are_those_of_the_published_scoring(shared: Path, tmp_path: Path) -> None:
    texts = shared / "corpus" / "policies"
    assert command.main([*map(str, sorted(texts.glob("*.txt"))), "--out", str(tmp_path)]) == 0
    tool = [sys.executable, str(shared / "tools" / "score_extraction.py"), str(tmp_path), str(texts)]
    printed = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    ours = shown(evaluate(texts))
    figures = r"^(located|typed|exact|numeric|benefit)\s+precision ([\d.]+) recall ([\d.]+) F1 ([\d.]+)"
    assert re.findall(figures, ours, re.M) == re.findall(figures, printed, re.M)
    assert re.search(r"ungrounded quotes: .*", ours)[0] == re.search(r"ungrounded quotes: .*", printed)[0]
