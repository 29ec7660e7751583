"""Every example of docs/rules.md does what the page says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from innozone.kernel.rules import (
    RuleSyntaxError,
    Subject,
    check,
    check_formula,
    evaluate,
    load_condition,
    parse,
    value,
)
from innozone.kernel.rules.functions import FUNCTIONS
from innozone.kernel.rules.solve.repair import repair
from innozone.kernel.rules.solve.repair_words import said
from innozone.kernel.terms import UNKNOWN, Effort
from tests.kernel.rules.sample import AS_OF, DICTIONARY, subject

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def lines(language: str, mark: str) -> list[tuple[str, str]]:
    """The examples of a language with what follows the mark."""
    found = []
    for name, block in BLOCKS:
        for line in block.splitlines() if name == language else ():
            text, at, after = line.partition(mark)
            if at:
                found.append((text.strip(), after.strip()))
    return found


def firm() -> Subject:
    (block,) = [block for name, block in BLOCKS if name == "yaml" and block.startswith("facts\n")]
    facts: dict[str, Any] = yaml.safe_load(block.removeprefix("facts\n"))
    for name in ("designations", "designations_ever"):
        facts[name] = frozenset(facts[name])
    assert isinstance(facts["established_on"], date)
    return subject(**facts)


def shown(found: Any) -> str:
    if found is UNKNOWN:
        return "unknown"
    if isinstance(found, bool):
        return str(found).lower()
    return f"{found:.16g}" if isinstance(found, float) else str(found)


@pytest.mark.parametrize(("text", "expected"), lines("rules", "→"))
def test_an_example_gives_what_the_page_says(text: str, expected: str) -> None:
    found = shown(value(text, firm()))
    assert found == expected or float(found) == float(expected)


@pytest.mark.parametrize(("text", "expected"), lines("rules", "→"))
def test_no_example_but_the_faulty_ones_is_refused(text: str, expected: str) -> None:
    errors = [problem for problem in check(parse(text), DICTIONARY, "any") if problem.severity == "error"]
    assert errors == []


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (block.split("\n")[0].removeprefix("condition → "), block.split("\n", 1)[1])
        for name, block in BLOCKS
        if name == "yaml" and block.startswith("condition")
    ],
)
def test_a_tree_gives_what_the_page_says(expected: str, data: str) -> None:
    condition = load_condition(yaml.safe_load(data), document="第三条 在西咸新区注册的企业")
    assert check(condition, DICTIONARY) == []
    assert evaluate(condition, firm()).value == expected


@pytest.mark.parametrize(("text", "says"), lines("check", "✗"))
def test_a_faulty_example_is_refused_with_these_words(text: str, says: str) -> None:
    assert says in " ".join(
        problem.message for problem in check(parse(text), DICTIONARY) if problem.severity == "error"
    )


@pytest.mark.parametrize(("text", "says"), lines("check", "!"))
def test_a_dubious_example_is_warned_of_with_these_words(text: str, says: str) -> None:
    problems = check(parse(text), DICTIONARY)
    assert {problem.severity for problem in problems} == {"warning"}
    assert says in " ".join(problem.message for problem in problems)


@pytest.mark.parametrize(("text", "says"), lines("syntax", "✗"))
def test_what_is_no_expression_is_refused_with_these_words(text: str, says: str) -> None:
    with pytest.raises(RuleSyntaxError, match=re.escape(says)):
        parse(text)


def mover() -> Subject:
    """The firm of the page where figures may only rise and lists can only be left."""
    efforts = {
        "revenue": Effort(20, 40, share=0.1, direction="up"),
        "rd_expense": Effort(5, 20, unit=100_000, direction="up"),
        "abnormal_list": Effort(20, direction="down"),
    }
    variables = {each.code: replace(each, effort=efforts.get(each.code)) for each in DICTIONARY}
    page = firm()
    return Subject(replace(DICTIONARY, variables=variables), page.values, page.as_of, page.records)


@pytest.mark.parametrize(("text", "expected"), lines("ways", "→"))
def test_a_way_is_what_the_page_says(text: str, expected: str) -> None:
    subject = mover()
    found = repair(load_condition(text), subject, grants={"high_tech_enterprise": ["high_tech"]})
    told = [said(way, subject.as_of, subject.dictionary, "en").line for way in found.ways[:1]]
    assert told == ([] if expected == "none" else [expected])


def test_every_function_has_an_example() -> None:
    for name in FUNCTIONS:
        assert re.search(rf"\b{name}\(", PAGE), name


def test_the_formula_on_the_page_is_that_of_the_sample() -> None:
    assert DICTIONARY["rd_ratio"].formula == "rd_expense / revenue"
    assert check_formula(DICTIONARY["rd_ratio"], DICTIONARY) == []
    assert firm().as_of == AS_OF
