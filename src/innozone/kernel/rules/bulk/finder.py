"""Finds the adjustable figures of a rule in its trees, and names them in words."""

from __future__ import annotations

import itertools
from decimal import Decimal

from innozone.kernel.rules.bulk.knobs import BENEFIT, MOST_PLACES, Kind, Knob, figure, written
from innozone.kernel.rules.condition import AtLeast, Condition, Negation, Test
from innozone.kernel.rules.meaning import MOVED_BY_TIME, is_count
from innozone.kernel.rules.phrases import CHINESE, ENGLISH
from innozone.kernel.rules.render import render
from innozone.kernel.rules.tree import (
    FLIPPED,
    NEGATED,
    Arith,
    Call,
    Compare,
    Expr,
    In,
    Least,
    Marginal,
    Not,
    Number,
    Records,
    Ref,
    Tier,
    Years,
    children,
    walk,
)
from innozone.kernel.rules.units import PLAIN, unit_of
from innozone.kernel.terms import Dictionary, Label

#: A label names the quantity around a figure while it is no longer than so many characters; else a shorter phrase does.
LONGEST_QUANTITY = 28


def knobs(condition: Condition, benefit: Expr | None, dictionary: Dictionary) -> tuple[Knob, ...]:
    """The adjustable figures of a rule in the order of reading, those of the benefit (in 元) last."""
    finder = _Finder(dictionary)
    finder.condition(condition, "", True)
    if benefit is not None:
        finder.place, finder.leaf = BENEFIT, -1
        finder.visit(benefit, (), "元", True)
    return tuple(finder.found)


class _Finder:
    """Walks a rule and notes its figures."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.found: list[Knob] = []
        self.place = ""
        self.leaf = -1
        self._leaves = itertools.count()
        #: Inside the filter of records: what is compared there is no quantity of the firm.
        self._apart = False

    def condition(self, node: Condition, path: str, wanted: bool) -> None:
        below = f"{path}." if path else ""
        if not node.items:
            self.leaf = next(self._leaves)
            if isinstance(node, Test):
                self.place = f"{below}test"
                self.visit(node.expr, (), PLAIN, wanted)
            return
        if isinstance(node, AtLeast):
            self._count(f"{below}at_least.n", node.n, len(node.of))
        for step, each in zip(node._steps(), node.items, strict=True):
            self.condition(each, f"{below}{step}", wanted is not isinstance(node, Negation))

    def visit(self, expr: Expr, way: tuple[str, ...], unit: str, wanted: bool) -> None:
        """Notes the figures of an expression; `unit` is that of a bare number standing here, `wanted` False below not."""
        value = figure(expr)
        if value is not None:
            self._figure(expr, way, "amount", unit, self._say("knob amount"))
            return
        match expr:
            case Compare(op, left, right):
                self._comparison(op, left, right, way, wanted)
            case Tier() | Marginal():
                self._brackets(expr, way, unit)
            case Arith("*", left, right):
                self._factor(left, right, (*way, "0"), unit)
                self._factor(right, left, (*way, "1"), unit)
            case Call("min" | "max", args):
                self._bounds(expr.name, args, way, unit)
            case Call("if", args):
                self.visit(args[0], (*way, "0"), PLAIN, True)
                self._result(args[1], (*way, "1"), unit, self._say("knob if", args[0]))
                self._result(args[2], (*way, "2"), unit, self._say("knob else"))
            case Call("round", args):
                self.visit(args[0], (*way, "0"), unit, wanted)
            case In():
                pass
            case Records(where=where):
                outer, self.dictionary = self.dictionary, self._records(expr)
                self._apart, before = True, self._apart
                self.visit(where, (*way, "w"), PLAIN, True)
                self.dictionary, self._apart = outer, before
            case Not(operand):
                self.visit(operand, (*way, "0"), unit, not wanted)
            case _:
                if isinstance(expr, Least):
                    self._count(self._id((*way, "n")), expr.n, len(expr.items))
                own = unit_of(expr, self.dictionary)
                for at, child in enumerate(children(expr)):
                    if figure(child) is None:
                        self.visit(child, (*way, str(at)), unit if own == PLAIN else own, wanted)
                    else:
                        label = self._say("knob part", expr)
                        self._figure(child, (*way, str(at)), "amount", unit if own == PLAIN else own, label)

    def _comparison(self, op: str, left: Expr, right: Expr, way: tuple[str, ...], wanted: bool) -> None:
        for quantity, limit, at, sign in ((left, right, "1", op), (right, left, "0", FLIPPED[op])):
            if figure(limit) is None or figure(quantity) is not None:
                continue
            unit = unit_of(quantity, self.dictionary)
            label = self._asked(sign if wanted else NEGATED[sign], quantity)
            self._figure(limit, (*way, at), "threshold", unit, label, quantity)
        for child, other, at in ((left, right, "0"), (right, left, "1")):
            if figure(child) is None:
                self.visit(child, (*way, at), unit_of(other, self.dictionary), True)

    def _brackets(self, expr: Tier | Marginal, way: tuple[str, ...], unit: str) -> None:
        self.visit(expr.operand, (*way, "0"), PLAIN, True)
        own = unit_of(expr.operand, self.dictionary)
        slices = isinstance(expr, Marginal)
        for at, bracket in enumerate(expr.brackets, 1):
            step = (*way, str(at))
            quantity = expr.operand
            if figure(bracket.limit) is not None:
                first, asked = self._say("knob bracket", str(at)), self._asked(bracket.op, quantity)
                label = Label(f"{first.zh}：{asked.zh}", f"{first.en}: {asked.en}")
                self._figure(bracket.limit, (*step, "0"), "limit", own, label, quantity, above_zero=slices)
            else:
                self.visit(bracket.limit, (*step, "0"), own, True)
            self._result(bracket.result, (*step, "1"), "" if slices else unit, self._say("knob result", str(at)))
        if expr.otherwise is not None:
            step = (*way, str(len(expr.brackets) + 1))
            self._result(expr.otherwise, step, "" if slices else unit, self._say("knob otherwise"))

    def _factor(self, expr: Expr, other: Expr, way: tuple[str, ...], unit: str) -> None:
        """One factor of a product: a rate on the other one, or the price of a unit of it."""
        own, beside = unit_of(expr, self.dictionary), unit_of(other, self.dictionary)
        if figure(expr) is None:
            # What a rate or a plain number multiplies is still in the unit of the product.
            self.visit(expr, way, "" if beside == "元" else unit if figure(other) is None else PLAIN, True)
        elif own == "" or beside == "元":
            self._figure(expr, way, "rate", "", self._say("knob rate", other))
        else:
            self._figure(expr, way, "price", own if own != PLAIN else unit, self._say("knob price", other))

    def _bounds(self, name: str, args: tuple[Expr, ...], way: tuple[str, ...], unit: str) -> None:
        others = [arg for arg in args if figure(arg) is None]
        # A label that names another figure would be wrong as soon as that one moves.
        plain = [arg for arg in others if not any(isinstance(node, Number) for node in walk(arg))]
        for at, arg in enumerate(args):
            if figure(arg) is None:
                self.visit(arg, (*way, str(at)), unit, True)
            elif len(args) > 1 and figure(arg) != 0:
                own = next((found for each in others if (found := unit_of(each, self.dictionary)) != PLAIN), unit)
                label = self._say("knob cap" if name == "min" else "knob floor", plain[0] if plain else "")
                self._figure(arg, (*way, str(at)), "cap" if name == "min" else "floor", own or unit, label)

    def _result(self, expr: Expr, way: tuple[str, ...], unit: str, label: Label) -> None:
        """What a branch gives: zero is no figure, it says that there is nothing."""
        value = figure(expr)
        if value is None:
            self.visit(expr, way, unit, True)
        elif value != 0:
            own = unit_of(expr, self.dictionary)
            rate = own == "" or (own == PLAIN and unit == "")
            self._figure(expr, way, "rate" if rate else "amount", own if own != PLAIN else unit, label)

    def _figure(
        self,
        expr: Expr,
        way: tuple[str, ...],
        kind: Kind,
        unit: str,
        label: Label,
        quantity: Expr | None = None,
        *,
        above_zero: bool = False,
    ) -> None:
        found, own = figure(expr), unit_of(expr, self.dictionary)
        assert found is not None
        value = written(found)
        least, most = self._range(quantity) if quantity is not None else (Decimal(0), None)
        if above_zero:
            least = Decimal(1).scaleb(-MOST_PLACES)
        # A figure that stands outside its bounds already, below zero for instance, shows that they are not meant.
        least = least if least is None or value >= least else None
        most = most if most is None or value <= most else None
        said = unit if own == PLAIN else own
        whole = quantity is not None and self._whole(quantity) and value == value.to_integral_value()
        # A run of years is no quantity of its own: each year of it is compared.
        apart = self._apart or (quantity is not None and any(isinstance(node, Years) for node in walk(quantity)))
        kept = None if apart else quantity
        self.found.append(Knob(self._id(way), kind, value, said, label, whole, least, most, self.leaf, kept))

    def _count(self, id: str, n: int, of: int) -> None:
        label = self._say("knob count", str(of))
        self.found.append(
            Knob(id, "count", Decimal(n), "项", label, True, Decimal(1), Decimal(of), self.leaf if ":" in id else -1)
        )

    def _id(self, way: tuple[str, ...]) -> str:
        return f"{self.place}:{'.'.join(way)}"

    def _range(self, quantity: Expr) -> tuple[Decimal | None, Decimal | None]:
        """The bounds of the dictionary for a variable; counts and ages are never below zero."""
        if self._counted(quantity):
            return Decimal(0), None
        variable = self.dictionary.get(quantity.name) if isinstance(quantity, Ref | Years) else None
        if variable is None:
            return None, None
        ends = (variable.minimum, variable.maximum)
        least, most = (None if end is None else written(Decimal(repr(end))) for end in ends)
        return least, most

    def _whole(self, quantity: Expr) -> bool:
        variable = self.dictionary.get(quantity.name) if isinstance(quantity, Ref | Years) else None
        return self._counted(quantity) or (variable is not None and variable.type == "integer")

    @staticmethod
    def _counted(quantity: Expr) -> bool:
        return is_count(quantity) or (isinstance(quantity, Call) and quantity.name in MOVED_BY_TIME)

    def _records(self, expr: Records) -> Dictionary:
        return self.dictionary.record_terms(expr.record) or Dictionary({}, {})

    # Words.

    def _asked(self, op: str, quantity: Expr) -> Label:
        """“上年度营业收入不低于”: the comparison without its figure."""
        if isinstance(quantity, Call) and quantity.name in MOVED_BY_TIME and op in (">=", "<"):
            return self._say(f"count {op}", quantity.args[0])
        return self._say(op, quantity)

    def _say(self, phrase: str, about: Expr | str = "") -> Label:
        """A phrase about a quantity, its figure left out; too long a quantity gives the `short` phrase."""
        return Label(*(self._phrase(phrase, about, language) for language in ("zh-hans", "en")))

    def _phrase(self, phrase: str, about: Expr | str, language: str) -> str:
        words = CHINESE if language.startswith("zh") else ENGLISH
        said = about if isinstance(about, str) else render(about, self.dictionary, language)
        long = len(said) > LONGEST_QUANTITY * (1 if language.startswith("zh") else 3)
        short = words.get(f"{phrase} short")
        return (
            short
            if short is not None and (long or not said)
            else words[phrase].format(said, "…").removesuffix("…").strip()
        )
