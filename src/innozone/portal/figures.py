"""Figures of a rule in words and back: how each is shown, written and moved by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from innozone.foundation.verdicts.sandboxes import Prepared
from innozone.kernel.rules.bulk.knobs import Knob, KnobError, allowed
from innozone.kernel.rules.units import PLAIN
from innozone.kernel.terms.units import UNITS, CellError, parse_number
from innozone.portal import wording

_TEN_THOUSAND = Decimal(10_000)
#: The longest figure that anybody writes.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class FigureShown:
    """One figure of the form. label: what it is; leaf: number of its condition from 1, 0 for the amount.

    text: as it stands in the field; before: as the rule has it; unit: what stands beside the field. value, present,
    low, high, step: of the slider, in the stored unit, as a script reads numbers; divisor, prefix, suffix: how it writes
    them into the field.
    """

    knob: Knob
    label: str
    leaf: int
    text: str
    before: str
    unit: str
    value: str
    present: str
    low: str
    high: str
    step: str
    divisor: str
    prefix: str
    suffix: str
    problem: str = ""

    @property
    def id(self) -> str:
        return self.knob.id

    @property
    def moved(self) -> bool:
        return self.value != self.present


def written(knob: Knob, value: Decimal) -> str:
    """A figure as people write it, to the last place: `2000万元`, `5%`, `60`."""
    divisor, prefix, suffix = _shape(knob)
    return f"{prefix}{_plain(value / divisor)}{suffix}"


def _shape(knob: Knob) -> tuple[Decimal, str, str]:
    """By what a stored value is divided, and what stands before and after it."""
    if knob.unit == "":
        return Decimal("0.01"), "", "%"
    if knob.unit == "元":
        if not wording.language().startswith("zh"):
            return Decimal(1), "¥", ""
        return (_TEN_THOUSAND, "", "万元") if abs(knob.value) >= _TEN_THOUSAND else (Decimal(1), "", "元")
    return Decimal(1), "", ""


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_words(knob: Knob) -> str:
    """The unit that stands beside a field; empty where the figure itself carries it."""
    if knob.unit in ("", "元", PLAIN) or knob.unit not in UNITS:
        return ""
    return knob.unit if wording.language().startswith("zh") else UNITS[knob.unit].en


def read(knob: Knob, text: str) -> Decimal:
    """The figure that somebody wrote, in the stored unit: `2000万`, `5%`; a bare number is in 元, or in per cent.

    Raises KnobError.
    """
    try:
        if knob.unit == PLAIN or knob.unit not in UNITS:
            number = parse_number(text[:_LONGEST], "", "")
        elif knob.unit == "":
            number = parse_number(text[:_LONGEST], "%", "")
        else:
            number = parse_number(text[:_LONGEST], knob.unit, knob.unit)
    except (CellError, ArithmeticError, ValueError):
        raise KnobError(knob.id, "not_a_number", "this is not a number") from None
    return allowed(knob, number)


def refusal(error: KnobError, knob: Knob | None) -> str:
    """Why a figure was not taken, and what would do."""
    bound = error.params.get("least") or error.params.get("most") or ""
    shown = written(knob, Decimal(bound.replace(",", ""))) if knob is not None and bound else bound
    words = {
        "unknown": _("The rule has no such figure."),
        "not_a_number": _("This is not a number."),
        "too_large": _("The number is too large."),
        "too_fine": _("The number has more places than a figure of a rule can have."),
        "whole": _("Only a whole number makes sense here."),
        "least": _("The least possible is %(value)s.") % {"value": shown},
        "most": _("The most possible is %(value)s.") % {"value": shown},
    }
    return words[error.code]


def asked(sandbox: Prepared, query: Mapping[str, str]) -> tuple[dict[str, Decimal], dict[str, str]]:
    """The figures that a query moves, by place; and by place the words for what could not be taken.

    A query names each figure by its place, or all together in `figures` (`place=value&place=value`).
    """
    given = {**dict(parse_qsl(query.get("figures", ""))), **query}
    figures, problems = {}, {}
    for knob in sandbox.knobs:
        text = (given.get(knob.id) or "").strip()
        if not text:
            continue
        try:
            value = read(knob, text)
        except KnobError as error:
            problems[knob.id] = refusal(error, knob)
            continue
        if value != knob.value:
            figures[knob.id] = value
    return figures, problems


def together(sandbox: Prepared, figures: Mapping[str, Decimal]) -> str:
    """The figures as one parameter of an address."""
    return urlencode({id: written(sandbox.sandbox.by_id[id], value) for id, value in figures.items()})


def day(query: Mapping[str, str]) -> date | None:
    """The day of the facts that a query asks for; None for the newest."""
    try:
        return date.fromisoformat(query.get("day", ""))
    except ValueError:
        return None


def shown(
    sandbox: Prepared, figures: Mapping[str, Decimal], texts: Mapping[str, str], problems: Mapping[str, str]
) -> list[FigureShown]:
    """The form: every figure of the rule with the value asked for, or the words that could not be read."""
    language = wording.language()
    found = []
    for knob in sandbox.knobs:
        value = figures.get(knob.id, knob.value)
        divisor, prefix, suffix = _shape(knob)
        text = texts.get(knob.id, "").strip() if knob.id in problems else written(knob, value)
        slider = sandbox.sliders[knob.id]
        found.append(
            FigureShown(
                knob,
                knob.label.get(language),
                knob.leaf + 1,
                text[:_LONGEST],
                written(knob, knob.value),
                unit_words(knob),
                value=f"{value:f}",
                present=f"{knob.value:f}",
                low=f"{slider.low:f}",
                high=f"{slider.high:f}",
                step=f"{slider.step:f}",
                divisor=f"{divisor:f}",
                prefix=prefix,
                suffix=suffix,
                problem=problems.get(knob.id, ""),
            )
        )
    return found


def moves(sandbox: Prepared, figures: Mapping[str, Decimal]) -> list[tuple[str, str, str]]:
    """(label, before, now) of each figure that is moved, in the order of the rule."""
    language = wording.language()
    return [
        (knob.label.get(language), _with_unit(knob, knob.value), _with_unit(knob, figures[knob.id]))
        for knob in sandbox.knobs
        if knob.id in figures
    ]


def _with_unit(knob: Knob, value: Decimal) -> str:
    unit = unit_words(knob)
    gap = "" if wording.language().startswith("zh") else " "
    return written(knob, value) + (gap + unit if unit else "")
