"""Rules in words: one sentence per rule, generated from the tree with the dictionary's labels and units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.meaning import codelist_of
from innozone.kernel.rules.phrases import CHINESE, CHINESE_DIGITS, ENGLISH
from innozone.kernel.rules.tree import (
    DESIGNATIONS,
    DESIGNATIONS_EVER,
    FIRST_CALENDAR_YEAR,
    FLIPPED,
    FOLDS,
    NEGATED,
    And,
    Arith,
    Bracket,
    Call,
    Compare,
    Day,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Marginal,
    Neg,
    Not,
    Number,
    Or,
    Records,
    Ref,
    Text,
    Tier,
    Today,
    Within,
    Years,
    mapped,
    own_years,
)
from innozone.kernel.rules.units import COUNTED, PLAIN, unit_of
from innozone.kernel.terms import UNITS, Dictionary, format_number

_WORDY = frozenset({"min", "max", "if"})
_SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}


def render(rule: Condition | Expr, dictionary: Dictionary, language: str = "zh-hans", unit: str | None = None) -> str:
    """The sentence for a condition or an expression in Chinese (`zh…`) or English (anything else).

    `unit` is the unit of an amount's result where its bare numbers do not show it: 元 turns `min(1万 * patents, 20万)`
    into 1万元×…，最高20万元.
    """
    renderer = _Renderer(dictionary, language)
    if isinstance(rule, Condition):
        return renderer.tree(rule)
    return renderer.truth(rule, True) if unit is None else renderer.value(rule, unit)


class _Renderer:
    def __init__(self, dictionary: Dictionary, language: str) -> None:
        self.dictionary = dictionary
        self.language = language
        self.chinese = language.startswith("zh")
        self.phrases = CHINESE if self.chinese else ENGLISH
        self.depth = 0

    def say(self, name: str, *slots: object) -> str:
        return self.phrases[name].format(*slots)

    # Trees.

    def tree(self, condition: Condition) -> str:
        if condition.anchor.label is not None:
            said = condition.anchor.label.get(self.language)
            return self.say("manual", said) if isinstance(condition, Manual) else said
        match condition:
            case Test(expr):
                return self.truth(expr, True)
            case Manual(text):
                return self.say("manual", text)
            case Negation(Test(expr)):
                return self.truth(expr, False)
            case Negation(of):
                return self.say("not tree", self.tree(of))
            case AtLeast(n, of):
                return self.say("at_least", self.count(len(of)), self.count(n), self.numbered(of))
            case AllOf(of) | AnyOf(of):
                if len(of) == 1:
                    return self.tree(of[0])
                return self.say("all" if isinstance(condition, AllOf) else "any", self.numbered(of))
        raise TypeError(f"not a condition: {condition!r}")

    def numbered(self, nodes: Sequence[Condition]) -> str:
        said = []
        self.depth += 1
        for at, node in enumerate(nodes, 1):
            text = self.tree(node)
            grouped = bool(node.items) and node.anchor.label is None
            said.append(self.number(at) + (self.say("group", text) if grouped else text))
        self.depth -= 1
        return self.phrases["items"].join(said)

    def number(self, at: int) -> str:
        """（1） at the first level, ① at the second, a) below."""
        if self.depth == 2 and at <= 20:
            return chr(ord("①") + at - 1) + ("" if self.chinese else " ")
        if self.depth >= 2:
            return f"{chr(ord('a') + at - 1) if at <= 26 else at}) "
        return self.say("numbered", at)

    def count(self, number: int) -> str:
        return CHINESE_DIGITS[number] if self.chinese and number <= 10 else str(number)

    # Truth. `wanted` False says the contrary.

    def truth(self, expr: Expr, wanted: bool) -> str:
        match expr:
            case Not(operand):
                return self.truth(operand, not wanted)
            case And(items) | Or(items):
                return self.junction(isinstance(expr, And), items, wanted)
            case Flag(value):
                return self.say("always" if value is wanted else "never")
            case Compare(op, left, right):
                return self.compare(op if wanted else NEGATED[op], left, right)
            case Within(operand, roots):
                return self.say("within" if wanted else "not within", self.value(operand), self.codes(operand, roots))
            case In(operand, values):
                listed = [self.value(value, self.unit(operand), operand) for value in values]
                return self.say("in" if wanted else "not in", self.value(operand), self.phrases["choice"].join(listed))
            case Has(Ref(name, None) as operand, roots) if name == DESIGNATIONS:
                return self.say("holds" if wanted else "not holds", self.codes(operand, roots))
            case Has(Ref(name, None) as operand, roots) if name == DESIGNATIONS_EVER:
                return self.say("ever_held" if wanted else "not ever_held", self.codes(operand, roots))
            case Least(n, items):
                parts = [self.say("numbered", at) + self.truth(item, True) for at, item in enumerate(items, 1)]
                joined = self.phrases["items"].join(parts)
                said = self.say("counted", self.count(len(items)), self.count(n), joined)
                return said if wanted else self.say("not", said)
            case Has(operand, roots):
                return self.say("has" if wanted else "not has", self.value(operand), self.codes(operand, roots))
            case Call("each" | "some", args):
                return self.over_years(expr, args[0], wanted)
            case Call("known", args):
                return self.say("known" if wanted else "not known", self.value(args[0]))
            case Ref(name) if self._type(name) == "bool":
                return self.say("true" if wanted else "false", self.value(expr))
        said = self.value(expr)
        return said if wanted else self.say("not", said)

    def junction(self, conjunction: bool, items: Sequence[Expr], wanted: bool) -> str:
        word = "and" if conjunction is wanted else "or"
        merged = self.between(items) if conjunction and wanted else None
        if merged is not None:
            return merged
        said = []
        for item in items:
            text = self.truth(item, wanted)
            inner = item.operand if isinstance(item, Not) else item
            said.append(self.say("group", text) if isinstance(inner, And | Or) else text)
        return self.phrases[word].join(said)

    def between(self, items: Sequence[Expr]) -> str | None:
        """`3% <= x and x < 5%` in one breath."""
        if len(items) != 2:
            return None
        low, high = items
        if not (isinstance(low, Compare) and isinstance(high, Compare) and low.right == high.left):
            return None
        if low.op not in ("<", "<=") or high.op not in ("<", "<="):
            return None
        unit = self.unit(high.left)
        prefix = "date " if self._is_date(high.left) else ""
        words = [self.phrases[prefix + op].format("", "").strip() for op in (FLIPPED[low.op], high.op)]
        ends = [self.value(low.left, unit), self.value(high.right, unit)]
        return self.say("between", self.value(high.left), words[0], ends[0], words[1], ends[1])

    def compare(self, op: str, left: Expr, right: Expr) -> str:
        if isinstance(left, Number | Day | Text | Flag) and not isinstance(right, Number | Day | Text | Flag):
            op, left, right = FLIPPED[op], right, left
        if isinstance(right, Flag) and op in ("==", "!="):
            return self.truth(left, right.value is (op == "=="))
        unit = self.unit(left)
        if unit == PLAIN:
            unit = self.unit(right)
        if isinstance(left, Call) and left.name in COUNTED and op in (">=", "<"):
            return self.say(f"count {op}", self.value(left.args[0]), self.value(right, unit))
        prefix = "date " if self._is_date(left) or self._is_date(right) else ""
        return self.say(prefix + op, self.value(left, unit), self.value(right, unit, left))

    def fits(self, bracket: Bracket, operand: Expr) -> str:
        """“不低于30%”: the operand is said once, in front of all brackets."""
        prefix = "date " if self._is_date(operand) else ""
        unit = self.unit(operand)
        limit = self.value(bracket.limit, unit if unit != PLAIN else self.unit(bracket.limit), operand)
        return self.say(prefix + bracket.op, "", limit).strip()

    def over_years(self, expr: Expr, body: Expr, wanted: bool) -> str:
        span = next(own_years(body))

        def without(node: Expr) -> Expr:
            """The ranges as plain references: the span is said once, in front. Those that are folded keep their own."""
            if isinstance(node, Call) and node.name in FOLDS:
                return node
            return Ref(node.name) if isinstance(node, Years) else mapped(node, without)

        name = "each" if (isinstance(expr, Call) and expr.name == "each") is wanted else "some"
        return self.say(name, self.span(span.first, span.last), self.truth(without(body), wanted))

    # Values.

    def value(self, expr: Expr, unit: str = PLAIN, beside: Expr | None = None) -> str:
        """A quantity in words. `unit` is that of the quantity beside a bare number, `beside` that quantity itself."""
        match expr:
            case Number(value, mark):
                per = mark.partition("/")[2]
                text = format_number(value, "" if mark == "%" else "元" if mark else unit, self.language)
                if per:
                    text += f"/{per}" if self.chinese else f" per {UNITS[per].en.removesuffix('s')}"
                return text.removesuffix("s") if text.startswith("1 ") else text
            case Text(value):
                return self.codes(beside, (value,)) if beside is not None else value
            case Flag():
                return self.truth(expr, True)
            case Day(value):
                return self.day(value)
            case Today(year):
                return self.say("today") if year is None else self.say("year end", self.year(year))
            case Ref(name, index):
                label = self.label(name)
                return label if index is None else self.say("of year", self.year(index), label)
            case Years(name, first, last):
                return self.say("of year", self.span(first, last), self.label(name))
            case Neg(operand):
                return self.say("minus", self.value(operand, unit))
            case Arith():
                return self.arithmetic(expr, unit)
            case Tier(operand, brackets, otherwise):
                inner = self.unit(expr) if unit == PLAIN else unit
                said = [
                    self.say("bracket", self.fits(bracket, operand), self.value(bracket.result, inner))
                    for bracket in brackets
                ]
                if otherwise is not None:
                    said.append(self.say("otherwise", self.value(otherwise, inner)))
                return self.say("tier", self.value(operand), self.phrases["brackets"].join(said))
            case Marginal():
                return self.marginal(expr)
            case Records():
                return self.records(expr)
            case Call(name, args):
                return self.call(expr, name, args, unit)
        return self.truth(expr, True)

    def marginal(self, expr: Marginal) -> str:
        unit = self.unit(expr.operand)
        limits = [self.value(bracket.limit, unit) for bracket in expr.brackets]
        rates = [self.value(bracket.result, self.unit(bracket.result)) for bracket in expr.brackets]
        said = [self.say("slice", limits[0], rates[0])]
        said += [self.say("next slice", *limits[at - 1 : at + 1], rates[at]) for at in range(1, len(limits))]
        said.append(self.say("last slice", limits[-1], self.value(expr.otherwise, self.unit(expr.otherwise))))
        return self.say("marginal", self.value(expr.operand), self.phrases["list"].join(said))

    def records(self, expr: Records) -> str:
        """“知识产权（类型为发明专利）数”"""
        kind, terms = self.dictionary.records.get(expr.record), self.dictionary.record_terms(expr.record)
        said = kind.label.get(self.language) if kind is not None else expr.record
        inner = _Renderer(terms or Dictionary({}, {}), self.language)
        if expr.where != Flag(True):
            said = self.say("records", said, inner.truth(expr.where, True))
        if not expr.field:
            return self.say("count", said)
        return self.say(f"{expr.function} of records", said, inner.label(expr.field))

    def arithmetic(self, expr: Arith, unit: str) -> str:
        operands = (expr.left, expr.right)
        if expr.op in "+-":
            unit = self.unit(expr) if unit == PLAIN else unit
        elif expr.op == "/" or any(self.unit(part) == unit for part in operands):
            unit = PLAIN
        parts = []
        for at, part in enumerate(operands):
            # In 1万 * patents the number carries the unit that the other factor lacks.
            text = self.part(part, unit if expr.op in "+-" or isinstance(part, Number) else PLAIN)
            loose = isinstance(part, Arith) and (part.op in "+-") and (expr.op in "*/" or at == 1)
            nested = isinstance(part, Arith) and expr.op == "/" and at == 1
            parts.append(self.say("group", text) if loose or nested else text)
        sign = _SIGNS[expr.op]
        return (sign.strip() if self.chinese else sign).join(parts)

    def part(self, expr: Expr, unit: str) -> str:
        """A quantity as part of a larger one: what is more than a noun stands in brackets."""
        text = self.value(expr, unit)
        wordy = isinstance(expr, Tier) or (isinstance(expr, Call) and expr.name in _WORDY)
        return self.say("group", text) if wordy else text

    def call(self, expr: Expr, name: str, args: tuple[Expr, ...], unit: str) -> str:
        unit = self.unit(expr) if unit == PLAIN else unit
        if name in ("min", "max") and len(args) == 2 and isinstance(args[1], Number):
            return self.say(
                "at most" if name == "min" else "at least", self.value(args[0], unit), self.value(args[1], unit)
            )
        if name in ("min", "max", "sum", "mean"):
            listed = [self.part(arg, unit) for arg in args]
            return self.say(name, self.phrases["with"].join(listed))
        if name == "if":
            branches = [self.value(arg, unit) for arg in args[1:]]
            return self.say("if", self.truth(args[0], True), *branches)
        if name == "coalesce":
            said = self.value(args[-1], unit)
            for arg in reversed(args[:-1]):
                said = self.say("coalesce", self.value(arg, unit), said)
            return said
        if name == "round":
            return self.say("round", self.value(args[0], unit), self.value(args[1]) if len(args) == 2 else 0)
        if name in ("each", "some", "known"):
            return self.truth(expr, True)
        return self.say(name, self.value(args[0]))

    # Words.

    def label(self, name: str) -> str:
        variable = self.dictionary.get(name)
        if variable is None:
            return name
        said = variable.label.get(self.language)
        # Labels begin with a capital; inside an English sentence only names and abbreviations keep theirs.
        return said if self.chinese or not said[1:2].islower() else said[0].lower() + said[1:]

    def year(self, index: int) -> str:
        if index >= FIRST_CALENDAR_YEAR:
            return self.say("year", index)
        return self.say(f"year {index}") if -2 <= index <= 0 else self.say("year before", self.count(-index))

    def span(self, first: int, last: int) -> str:
        if last in (-1, 0):
            return self.say("years to last" if last else "years to this", self.count(last - first + 1))
        ends = [
            str(year) if year >= FIRST_CALENDAR_YEAR else self.year(year).removesuffix("'s") for year in (first, last)
        ]
        return self.say("years", *[end.removesuffix("年度") for end in ends])

    def day(self, value: date) -> str:
        return f"{value.year}年{value.month}月{value.day}日" if self.chinese else value.isoformat()

    def codes(self, operand: Expr, codes: Sequence[str]) -> str:
        codelist = codelist_of(operand, self.dictionary)
        named = [
            codelist.by_code[code].label.get(self.language) if codelist is not None and code in codelist else code
            for code in codes
        ]
        if len(named) > 1 and any("、" in name or "," in name for name in named):
            named = [f"“{name}”" for name in named]
        return self.phrases["choice"].join(part for part in (self.phrases["list"].join(named[:-1]), named[-1]) if part)

    def _type(self, name: str) -> str:
        variable = self.dictionary.get(name)
        return variable.type if variable is not None else ""

    def _is_date(self, expr: Expr) -> bool:
        return isinstance(expr, Day | Today) or (isinstance(expr, Ref) and self._type(expr.name) == "date")

    def unit(self, expr: Expr) -> str:
        return unit_of(expr, self.dictionary)
