"""A rule read with the dictionary believed: bounds, whole numbers, closed code lists; and sets of values in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import ceil, floor, inf, isfinite

from innozone.kernel.rules.domains import Cut, Domain, FiniteSet, NumberSet, meet
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.functions import EPOCH
from innozone.kernel.rules.meaning import MOVED_BY_TIME, is_count
from innozone.kernel.rules.parts import TRUTHS, Constant, Reader
from innozone.kernel.rules.subject import Subject
from innozone.kernel.rules.tree import Call, Compare, Expr, Flag, Number, Records, Ref, Today, Years, number_text, walk
from innozone.kernel.terms import UNKNOWN, CodeList, Dictionary, Unknown

#: Functions that give a share of one.
RATES = ("growth", "cagr")


class Bounded(Reader):
    """For rules whose types have been checked: every comparison speaks of something."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__(dictionary)
        self._constants = Evaluator(Subject(dictionary, {}, date(2000, 1, 1)))
        self._codes: dict[str, frozenset[object]] = {}

    def atom(self, expr: Expr) -> tuple[Expr, Domain] | None:
        if isinstance(expr, Compare) and expr.left == expr.right:
            return expr, FiniteSet.of(TRUTHS if expr.op in (">=", "<=", "==") else (), TRUTHS)
        fixed = self.constant(expr) if not isinstance(expr, Flag) else UNKNOWN
        if isinstance(fixed, bool):
            return expr, FiniteSet.of(TRUTHS if fixed else (), TRUTHS)
        return super().atom(expr)

    def constant(self, expr: Expr) -> Constant | Unknown:
        """The value of an expression that reads no fact, calculated ones included."""
        if reads_facts(expr) or any(isinstance(node, Today) for node in walk(expr)):
            return UNKNOWN
        found = self._constants.value(expr)
        return UNKNOWN if isinstance(found, frozenset) else found

    def fits(self, left: Expr, limit: Constant) -> bool:
        return isinstance(left, Ref) if isinstance(limit, str) else reads_facts(left)

    def certain(self, expr: Expr) -> bool:
        return True

    def everything(self, key: Expr, domain: Domain) -> bool:
        """Does the domain leave out none of the values that the quantity can take."""
        return not meet(self.universe(key, domain), ~domain)

    def whole(self, expr: Expr) -> bool:
        if isinstance(expr, Call):
            return expr.name in MOVED_BY_TIME
        if isinstance(expr, Records):
            return is_count(expr)
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        return variable is not None and variable.type in ("integer", "date")

    def universe(self, expr: Expr, like: Domain) -> Domain:
        everything = super().universe(expr, like)
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        if not isinstance(everything, NumberSet):
            return everything
        if is_count(expr):
            return NumberSet.where(">=", 0.0)
        if variable is not None and variable.minimum is not None:
            everything = meet(everything, NumberSet.where(">=", variable.minimum))
        if variable is not None and variable.maximum is not None:
            everything = meet(everything, NumberSet.where("<=", variable.maximum))
        return everything

    def codes(self, codelist: CodeList | None) -> frozenset[object] | None:
        if codelist is None:
            return None
        if codelist.code not in self._codes:
            self._codes[codelist.code] = frozenset(codelist.by_code)
        return self._codes[codelist.code]

    def in_words(self, expr: Expr, domain: NumberSet) -> str:
        """The values of a quantity as an author would say them: “below 3%”, “exactly 60”, “from 1000万 to below 5000万”."""
        return " or ".join(self._span_in_words(expr, low, high) for low, high in domain.spans)

    def _span_in_words(self, expr: Expr, low: Cut, high: Cut) -> str:
        only = self.only(expr, low, high)
        if only is not None:
            return f"exactly {self._value_in_words(expr, only)}"
        if self.whole(expr):
            low = (floor(low[0]) + 1, False) if low[1] else low
            high = high if high[1] or high[0] == inf else (ceil(high[0]) - 1, True)
        words = []
        if low[0] > -inf:
            words.append(f"{'above' if low[1] else 'from'} {self._value_in_words(expr, low[0])}")
        if high[0] < inf:
            end = self._value_in_words(expr, high[0])
            words.append(
                f"to {'' if high[1] else 'below '}{end}" if words else f"{'up to' if high[1] else 'below'} {end}"
            )
        return " ".join(words) or "any"

    def only(self, expr: Expr, low: Cut, high: Cut) -> float | None:
        """The one value between two cuts; None when there are more."""
        if not isfinite(low[0]) or not isfinite(high[0]):
            return None
        if self.whole(expr):
            first, last = (
                floor(low[0]) + 1 if low[1] else ceil(low[0]),
                floor(high[0]) if high[1] else ceil(high[0]) - 1,
            )
            return float(first) if first == last else None
        return low[0] if low[0] == high[0] else None

    def _value_in_words(self, expr: Expr, value: float) -> str:
        variable = self.dictionary.get(expr.name) if isinstance(expr, Ref) else None
        if variable is not None and variable.type == "date":
            return date.fromordinal(int(value) + EPOCH).isoformat()
        ratio = variable.type == "ratio" if variable is not None else isinstance(expr, Call) and expr.name in RATES
        return number_text(Number(Decimal(str(value)), "%" if ratio else ""))


def reads_facts(expr: Expr) -> bool:
    """Does the expression read facts."""
    return any(isinstance(node, Ref | Years | Records) for node in walk(expr))
