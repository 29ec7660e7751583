"""Every fault can be said in both languages."""

import re
from pathlib import Path
from string import Formatter

import pytest

from innozone.foundation.facts import problems

SOURCES = "\n".join(path.read_text() for path in Path(problems.__file__).parent.rglob("*.py"))
TEXTS = problems._texts()


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_text_exists_in_both_languages_and_is_used(code):
    english, chinese = TEXTS[code]["en"], TEXTS[code]["zh"]
    for part in ("message", "cure"):
        assert bool(english[part]) == bool(chinese[part])
        assert not re.search("[一-鿿]", english[part].replace("是 or 否", ""))
    words = {name for _, name, _, _ in Formatter().parse(chinese["message"] + chinese["cure"]) if name}
    known = {name for _, name, _, _ in Formatter().parse(english["message"] + english["cure"]) if name}
    assert words <= known or words - known <= {"column_unit"}
    used = f'"{code}"' in SOURCES or code in {"below", "above", "not_whole", "not_yes_no", "not_a_date", "no_such_day"}
    assert used or code in {"not_a_number", "unknown_unit", "wrong_unit", "unknown_code"}, "no code uses this text"


def test_a_problem_is_data_with_its_english_text():
    made = problems.problem("below", column="人数", value="-3", text="-3", limit="0")
    assert made == {
        "code": "below",
        "params": {"text": "-3", "limit": "0"},
        "column": "人数",
        "value": "-3",
        "message": "-3 is below 0",
        "cure": "correct the value or its unit",
    }
    assert problems.problem_text(made, "zh-hans") == "-3 低于下限 0；请更正数值或单位"


def test_what_no_database_keeps_is_replaced():
    made = problems.problem("nul_character", value="a\x00b\ud800")
    assert made["value"] == "a\ufffdb?"
    assert len(problems.problem("missing", value="x" * 5000)["value"]) == 120
