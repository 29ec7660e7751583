"""The unit in which a quantity is said."""

from __future__ import annotations

from collections.abc import Sequence

from innozone.kernel.rules.tree import Arith, Call, Expr, Marginal, Neg, Number, Records, Ref, Tier, Years
from innozone.kernel.terms import Dictionary

#: A number without unit, printed as it is; the empty unit means a ratio.
PLAIN = "plain"

#: What the functions of time count.
COUNTED = {"age": "年", "months_since": "月", "days_since": "天"}


def unit_of(expr: Expr, dictionary: Dictionary) -> str:
    """The unit in which a quantity is said: empty for ratios, PLAIN when there is none."""
    match expr:
        case Number(_, mark):
            return "" if mark == "%" else "元" if mark else PLAIN
        case Ref(name) | Years(name):
            variable = dictionary.get(name)
            if variable is None or not variable.numeric:
                return PLAIN
            return "" if variable.type == "ratio" else variable.unit or PLAIN
        case Neg(operand):
            return unit_of(operand, dictionary)
        case Arith("*", Number(_, mark), _) | Arith("*", _, Number(_, mark)) if "/" in mark:
            return "元"
        case Arith("*", left, right):
            first, second = unit_of(left, dictionary), unit_of(right, dictionary)
            units = [unit for unit in (first, second) if unit not in ("", PLAIN)]
            return units[0] if len(units) == 1 else PLAIN if units else first
        case Arith("/", left, right):
            above, below = unit_of(left, dictionary), unit_of(right, dictionary)
            return "" if above == below != PLAIN else above if below in ("", PLAIN) else PLAIN
        case Arith(_, left, right):
            return _first((left, right), dictionary)
        case Tier(_, brackets, otherwise):
            results = [bracket.result for bracket in brackets]
            return _first(results + ([otherwise] if otherwise is not None else []), dictionary)
        case Marginal(operand):
            return unit_of(operand, dictionary)
        case Records(_, record, code):
            terms = dictionary.record_terms(record)
            return unit_of(Ref(code), terms) if terms is not None and code else PLAIN
        case Call(name, _) if name in COUNTED:
            return COUNTED[name]
        case Call("growth" | "cagr", _):
            return ""
        case Call("if", args):
            return _first(args[1:], dictionary)
        case Call("min" | "max" | "sum" | "mean" | "coalesce" | "round", args):
            return _first(args[:1] if expr.name == "round" else args, dictionary)
    return PLAIN


def _first(parts: Sequence[Expr], dictionary: Dictionary) -> str:
    return next((unit for part in parts if (unit := unit_of(part, dictionary)) != PLAIN), PLAIN)
