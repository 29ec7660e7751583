"""Conditions and facts in the reader's language; nothing is written twice: all comes from the rule and the dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from innozone.foundation.facts import values
from innozone.kernel.columns.arrays import RECORDS
from innozone.kernel.rules import Explanation, Input, Test, render
from innozone.kernel.rules.tree import Call, Ref
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value, Variable
from innozone.kernel.terms.units import format_number


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact that a leaf read, ready to be shown; `text` is empty when it is not known."""

    variable: str
    year: int | None
    label: str
    text: str

    @property
    def record(self) -> str:
        """The kind of records that were counted; empty for a fact of a variable."""
        return self.variable.removesuffix(RECORDS) if self.variable.endswith(RECORDS) else ""


@dataclass(frozen=True, slots=True)
class LeafShown:
    """One condition of a rule for one enterprise: the sentence, how it stands, the facts, the words it comes from.

    state: met, unmet, unknown, manual. lacks: what the comparison is short of, in words; empty where there is no
    distance.
    """

    leaf: int
    sentence: str
    state: str
    facts: tuple[FactShown, ...]
    lacks: str
    quote: str
    source: str
    near: bool = False


def shown(variable: Variable | None, value: Value | Unknown | float, dictionary: Dictionary, language: str) -> str:
    """A stored value as people read it; empty when unknown."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(repr(value))
    if variable is not None:
        return values.display_of(dictionary, variable, value, language)
    return "" if value is UNKNOWN else str(value)


def facts(inputs: Iterable[Input], dictionary: Dictionary, language: str) -> tuple[FactShown, ...]:
    """The facts that a leaf read, with their labels."""
    found = []
    for each in inputs:
        variable = dictionary.get(each.variable)
        kind = dictionary.records.get(each.variable.removesuffix(RECORDS))
        named = variable or kind
        label = named.label.get(language) if named is not None else each.variable
        if each.year is not None:
            label = f"{each.year}年{label}" if language.startswith("zh") else f"{label} {each.year}"
        found.append(FactShown(each.variable, each.year, label, shown(variable, each.value, dictionary, language)))
    return tuple(found)


def leaves(explanation: Explanation, dictionary: Dictionary, language: str) -> list[LeafShown]:
    """Every condition of an explained verdict, in the order of the rule."""
    turning = {id(node) for node in explanation.near_miss}
    found = []
    for node in explanation.leaves():
        condition = node.condition
        assert condition is not None
        anchor = condition.anchor
        sentence = anchor.label.get(language) if anchor.label else ""
        if not sentence:
            sentence = render(condition.expr, dictionary, language) if isinstance(condition, Test) else node.text
        if node.manual:
            state = "manual"
        elif node.truth.value == "unknown":
            state = "unknown"
        else:
            state = "met" if (node.truth.value == "true") is node.asked else "unmet"
        found.append(
            LeafShown(
                node.leaf or 0,
                sentence,
                state,
                facts(node.inputs, dictionary, language),
                lacks(node, dictionary, language) if state == "unmet" else "",
                anchor.quote,
                anchor.source,
                any(id(part) in turning for part in node.walk()),
            )
        )
    return found


def lacks(node: Explanation, dictionary: Dictionary, language: str) -> str:
    """“700万元 short” for a number that is too small, “2 years over” for one that is too large; else empty."""
    gap = node.gap
    if gap is None or gap.difference is None or not isinstance(gap.actual, float):
        return ""
    variables = [dictionary.get(each.variable) for each in node.inputs]
    unit = _unit(node, dictionary, [variable for variable in variables if variable is not None])
    with override(language):
        amount = format_number(abs(gap.difference), unit, language)
        if gap.difference > 0 and gap.op in (">=", ">", "=="):
            return _("%(amount)s short") % {"amount": amount}
        if gap.difference < 0 and gap.op in ("<=", "<", "=="):
            return _("%(amount)s over") % {"amount": amount}
    return ""


def _unit(node: Explanation, dictionary: Dictionary, read: list[Variable]) -> str:
    """The unit of the left side where it is one variable; years for ages; else that of a plain number."""
    expr = node.gap.expr if node.gap else None
    if isinstance(expr, Ref) and expr.name in dictionary:
        return dictionary[expr.name].unit
    if isinstance(expr, Call):
        units = {"age": "年", "months_since": "月", "days_since": "天", "growth": "", "cagr": ""}
        if expr.name in units:
            return units[expr.name]
        if read and expr.name in ("min", "max", "sum", "mean", "coalesce", "round"):
            return read[0].unit
    return "分" if not read else read[0].unit if len({variable.unit for variable in read}) == 1 else "项"
