"""What is said of faulty rules is said in Chinese and in English, with the same parts filled in."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import innozone
from innozone.kernel.rules import RuleSyntaxError, parse
from innozone.kernel.rules.kinds import _WORDS
from innozone.kernel.rules.words import Sentence, in_language, say
from innozone.kernel.rules.words_zh import CHINESE
from innozone.kernel.terms import UNITS
from tests.kernel.rules.test_gallery import Entry, entries, said

HOME = Path(innozone.__file__).parent


def _places(template: str) -> list[str]:
    return [place for _words, place, _spec, _conversion in Formatter().parse(template) if place is not None]


def _said_in_source() -> Iterator[tuple[str, int, str]]:
    """Every template given to `say`, with the file, the line and what it is."""
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert len(_places(first.value)) == len(node.args) - 1, f"{path.name}:{node.lineno}"
                    yield path.name, node.lineno, first.value


def test_every_sentence_has_its_chinese() -> None:
    missing = [f"{name}:{line}: {text}" for name, line, text in _said_in_source() if text not in CHINESE]
    assert missing == []
    units = {unit.kind for unit in UNITS.values() if unit.kind != "ratio"}
    assert (units | set(_WORDS.values())) - CHINESE.keys() == set()


@pytest.mark.parametrize(("english", "chinese"), CHINESE.items())
def test_both_languages_fill_in_the_same_parts(english: str, chinese: str) -> None:
    assert set(_places(english)) <= {""}, "the parts of the English template come in order"
    assert set(_places(chinese)) == {str(at) for at in range(len(_places(english)))}


@pytest.mark.parametrize("entry", entries("bad"))
def test_what_is_said_of_a_faulty_rule_is_said_in_both_languages(entry: Entry) -> None:
    for each in said(entry.data):
        chinese = in_language(each.message, "zh-hans")
        assert isinstance(each.message, Sentence), each.message
        assert in_language(each.message, "en") == each.message
        assert any("一" <= letter <= "鿿" for letter in chinese), chinese
        assert chinese != each.message


def test_a_part_that_is_a_sentence_is_said_in_the_language_too() -> None:
    inner = say("; did you mean {}?", "revenue")
    assert in_language(say("there is no variable {}{}", "revenu", inner), "zh") == "没有指标 revenu；是否应为 revenue？"


def test_braces_in_what_is_filled_in_stay() -> None:
    assert say("“{}” cannot stand here", "{0}") == "“{0}” cannot stand here"
    assert in_language(say("“{}” cannot stand here", "{0}"), "zh") == "此处不能写“{0}”"


def test_a_sentence_comes_through_a_cache() -> None:
    kept: Any = pickle.loads(pickle.dumps(say("there is no function {}", "foo")))
    assert kept == "there is no function foo"
    assert in_language(kept, "zh") == "没有函数 foo"


def test_a_refused_expression_names_place_and_cure_in_chinese() -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse("revenue[-1] ≥ 3")
    assert in_language(caught.value.said, "zh") == (
        "“≥”不是规则语言的写法（第13个字符，原文“revenue[-1] ≥ 3”）；请改写为 >="
    )
