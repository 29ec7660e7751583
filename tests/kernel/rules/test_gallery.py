"""The galleries: faulty rules in `bad/` with what is said of them, sound ones in `good/` of which nothing is said.

A file shows one kind of fault. Each entry has what is read: `rule` (an expression, or a condition as data, with the
`document` of its quotes), `amount` (of money), `formula` (of derived variables, `like` one of the sample) or `items` (of
one policy). Then what is said: `refused` (it cannot even be read), `error` or `warning`, a part of the words; `path` names
the place and `at` the characters of the expression: those marked, or, of what is refused, those from the trouble on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from innozone.kernel import rules
from innozone.kernel.rules import ConditionError, RuleSyntaxError, check, check_formula, load_condition, parse
from innozone.kernel.rules.check import Problem
from innozone.kernel.rules.items import Item, check_items
from innozone.kernel.rules.solve.stacking import Stacking, load_stacking
from innozone.kernel.terms import Dictionary, Label
from tests.kernel.rules.sample import DICTIONARY

HERE = Path(__file__).parent
SOURCES = ("parse", "calls", "errors", "condition", "check", "dead", "doubts", "formulas", "items")


@dataclass(frozen=True)
class Entry:
    file: str
    line: int
    data: dict[str, Any]


def entries(folder: str) -> list[Any]:
    found = []
    for path in sorted((HERE / folder).glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# "), f"{path.name} says in its first line what it shows"
        listed, nodes = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader).value
        for data, node in zip(listed, nodes, strict=True):
            line = node.start_mark.line + 1
            found.append(pytest.param(Entry(path.stem, line, data), id=f"{path.stem}:{line}"))
    return found


@dataclass(frozen=True)
class Said:
    severity: str
    message: str
    path: str
    at: str | None


def said(data: dict[str, Any]) -> list[Said]:
    """Everything that is said of an entry."""
    try:
        if "formula" in data:
            return _of_formulas(data["formula"])
        if "items" in data:
            return _of_items(data["items"])
        if "amount" in data:
            return [_shown(each, data["amount"]) for each in check(parse(data["amount"]), DICTIONARY, "money")]
        rule = _repeated(data)
        condition = load_condition(rule, document=data.get("document"))
    except RuleSyntaxError as error:
        return [Said("refused", error.said, "", error.text[error.position :])]
    except ConditionError as error:
        place = _text_at(data["rule"], error.path)[error.position :] if error.position is not None else None
        return [Said("refused", error.message, error.path, place)]
    texts = {f"{path}.test" if path else "test": str(node.to_data().get("test")) for path, node in condition.walk()}
    return [_shown(each, texts.get(each.path, "")) for each in check(condition, DICTIONARY)]


def _repeated(data: dict[str, Any]) -> Any:
    """The rule, made so many `times` longer, deeper or wider than it is written."""
    rule, times = data["rule"], data.get("times", 1)
    if isinstance(rule, str):
        return rule * times + data.get("then", "")
    if times == 1:
        return rule
    if "quote" in rule:
        return rule | {"quote": rule["quote"] * times}
    if "not" in rule:
        for _ in range(times):
            rule = {"not": rule}
        return rule
    return {"all": rule["all"] * times}


def _text_at(rule: Any, path: str) -> Any:
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        rule = rule[int(number)] if number else rule[name] if isinstance(rule, dict) else rule
    return rule


def _shown(problem: Problem, text: str) -> Said:
    return Said(
        problem.severity, problem.message, problem.path, text[slice(*problem.position)] if problem.position else None
    )


def _of_formulas(data: dict[str, str]) -> list[Said]:
    like = replace(DICTIONARY[data["like"]], **({"period": data["period"]} if "period" in data else {}))
    made = {
        name: replace(like, code=name, label=Label(name, name), formula=formula)
        for name, formula in data.items()
        if name not in ("like", "period")
    }
    dictionary = Dictionary({**DICTIONARY.variables, **made}, DICTIONARY.codelists, DICTIONARY.records)
    return [
        _shown(problem, made[name].formula or "") for name in made for problem in check_formula(made[name], dictionary)
    ]


def _of_items(listed: list[dict[str, Any]]) -> list[Said]:
    items = []
    for data in listed:
        condition = load_condition(data["conditions"])
        assert not [each for each in check(condition, DICTIONARY) if each.severity == "error"]
        benefit = parse(data["benefit"]) if "benefit" in data else None
        kind = data.get("kind", "奖励" if benefit else "")
        stacking = load_stacking(data.get("stacking"))[0] or Stacking()
        items.append(Item(data["code"], condition, "", benefit, kind, data.get("grants"), stacking))
    texts = {
        f"items[{at}].conditions.{f'{path}.' if path else ''}test": str(node.to_data().get("test"))
        for at, item in enumerate(items)
        for path, node in item.condition.walk()
    } | {f"items[{at}].benefit.amount": data.get("benefit", "") for at, data in enumerate(listed)}
    return [_shown(problem, texts.get(problem.path, "")) for problem in check_items(items, DICTIONARY)]


@pytest.mark.parametrize("entry", entries("bad"))
def test_a_fault_is_told_with_its_place_and_its_cure(entry: Entry) -> None:
    found = said(entry.data)
    (severity,) = {"refused", "error", "warning"} & entry.data.keys()
    fitting = [each for each in found if each.severity == severity and entry.data[severity] in each.message]
    assert fitting, "\n".join(map(str, found))
    if severity == "warning":
        assert {each.severity for each in found} == {"warning"}
    for key in {"path", "at"} & entry.data.keys():
        assert entry.data[key] in [getattr(each, key) for each in fitting]


@pytest.mark.parametrize("entry", entries("good"))
def test_nothing_is_said_of_a_sound_rule(entry: Entry) -> None:
    assert said(entry.data) == []


def _templates(source: str) -> Iterator[tuple[int, re.Pattern[str]]]:
    """The sentences, and parts of sentences, that the functions of a module hold; what is filled in fits anything."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef) or function.name == "__str__":
            continue
        apart = {id(part) for each in ast.walk(function) for part in _apart(each)}
        for node in ast.walk(function):
            if id(node) in apart:
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [text for part in parts for text in _fixed(part)]
            words = "".join(text for text in texts if isinstance(text, str))
            if " " in words.strip() and sum(letter.isalpha() for letter in words) >= 6:
                pattern = ".*".join(re.escape(text) if isinstance(text, str) else "" for text in texts)
                yield node.lineno, re.compile(pattern, re.DOTALL)


def _fixed(part: ast.AST) -> list[str | None]:
    """The fixed words of a template such as “there is no variable {}{}”, None where something is filled in."""
    if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
        return [None]
    found: list[str | None] = []
    for words, place, _spec, _conversion in Formatter().parse(part.value):
        found += [words] if place is None else [words, None]
    return found


def _apart(node: ast.AST) -> list[ast.AST]:
    """What is no sentence of its own: pieces of a larger one, docstrings, words to compare with, words for programmers."""
    if isinstance(node, ast.JoinedStr):
        return list(node.values)
    if isinstance(node, ast.Expr):
        return [node.value]
    if isinstance(node, ast.Compare):
        return node.comparators
    programming = (
        isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) == "TypeError"
    )
    return list(ast.walk(node)) if programming or isinstance(node, ast.Assert) else []


def test_every_sentence_that_can_be_said_is_shown_in_the_gallery() -> None:
    shown = "\n\n".join(each.message for param in entries("bad") for each in said(param.values[0].data))
    home = Path(rules.__file__).parent
    missing = [
        f"{name}.py:{line}: {pattern.pattern}"
        for name in SOURCES
        for line, pattern in _templates((home / f"{name}.py").read_text(encoding="utf-8"))
        if not any(pattern.search(message) for message in shown.split("\n\n"))
    ]
    assert missing == []
