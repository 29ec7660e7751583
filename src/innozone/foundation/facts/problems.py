"""What is wrong with a delivery or a cell: kept as data, said in the reader's language.

A problem as data: {code, params, column, value, message, cure}; message and cure are English. The texts stand in
problems.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from innozone.foundation.facts.models import Delivery

Problem = dict[str, Any]
_SHOWN = 120


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    texts: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_name("problems.yaml").read_text(encoding="utf-8")
    )
    return texts


def shorten(text: str, limit: int = _SHOWN) -> str:
    """A cell as messages and rejected rows show it: not longer than `limit`, without what no database keeps."""
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def problem(code: str, /, *, column: str = "", value: str = "", **params: Any) -> Problem:
    """A problem as data. A param that is itself a problem (the words of a cure) is said in the same language."""
    made: Problem = {
        "code": code,
        "params": {key: shorten(held, 2000) if isinstance(held, str) else held for key, held in params.items()},
        "column": column,
        "value": shorten(value),
    }
    made["message"], made["cure"] = _said(made, "en")
    return made


def _said(made: Mapping[str, Any], language: str) -> tuple[str, str]:
    texts = _texts()[made["code"]]["zh" if language.startswith("zh") else "en"]
    params = {
        key: _said(held, language)[0] if isinstance(held, Mapping) else held for key, held in made["params"].items()
    }
    return texts["message"].format_map(params), texts["cure"].format_map(params)


def problem_text(made: Mapping[str, Any], language: str) -> str:
    """The problem and its cure as one sentence for a language tag such as `zh-hans` or `en`."""
    message, cure = _said(made, language)
    if not cure:
        return message
    return f"{message}；{cure}" if language.startswith("zh") else f"{message}; {cure}"


def delivery_texts(delivery: Delivery, language: str) -> list[str]:
    """Why a delivery was refused, or what its sender should know of one that was taken."""
    notes: Mapping[str, Any] = delivery.notes
    found: Iterable[Mapping[str, Any]] = ([notes["refusal"]] if "refusal" in notes else []) + notes.get("said", [])
    return [
        (f"{_row(entry['row'], language)}{problem_text(entry, language)}" if entry.get("row") else "")
        or problem_text(entry, language)
        for entry in found
    ]


def _row(number: int, language: str) -> str:
    return f"第 {number} 行：" if language.startswith("zh") else f"row {number}: "


class DeliveryRefused(Exception):
    """A file that cannot be taken: nothing of it was. `problem` is data, str() the English sentence with its cure."""

    def __init__(self, made: Problem, delivery: Delivery | None = None) -> None:
        self.problem = made
        self.delivery = delivery
        super().__init__(problem_text(made, "en"))

    def text(self, language: str) -> str:
        return problem_text(self.problem, language)


class DeliveryRepeated(DeliveryRefused):
    """The same file was received before as `delivery`; nothing changes."""


def refused(code: str, /, **params: Any) -> DeliveryRefused:
    return DeliveryRefused(problem(code, **params))
