"""From text to tree. A syntax error carries its place and a likely cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError
from lark.tree import Meta

from innozone.kernel.rules.errors import RuleSyntaxError, explained
from innozone.kernel.rules.functions import FUNCTIONS
from innozone.kernel.rules.tree import (
    DESIGNATIONS,
    DESIGNATIONS_EVER,
    FIRST_CALENDAR_YEAR,
    FOLDS,
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
    children,
    own_years,
    walk,
)
from innozone.kernel.terms import UNITS

LONGEST = 4000
DEEPEST = 40
MOST_DIGITS = 20
#: Operations one within the other: `1 + 1 + 1` is two. Whoever walks a tree may call itself for every level.
MOST_LEVELS = 100
MOST_CHAINED = 10
MOST_YEARS = 30

_SCALES = {"百": 2, "千": 3, "万": 4, "亿": 8}
_NUMBER = re.compile(r"([\d_]+(?:\.\d+)?)([百千万亿]*)(元(?:/\w+)?|%|‰)?")

#: Calendar years that may be named; below them years count from the reference year.
_CALENDAR = range(FIRST_CALENDAR_YEAR, 10_000)

#: Aggregates of sub-records.
_OVER_RECORDS = ("count", "sum", "min", "max")


class _Refusal(Exception):
    def __init__(self, position: int, message: str, hint: str = "") -> None:
        self.position, self.message, self.hint = position, message, hint
        super().__init__(message)


class _Else:
    def __init__(self, result: Expr, start: int) -> None:
        self.result, self.start = result, start


def _span(meta: Meta) -> tuple[int, int]:
    return (0, 0) if meta.empty else (meta.start_pos, meta.end_pos)


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    def start(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0]

    def grouped(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0]

    def disjunction(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0] if len(items) == 1 else Or(_flat(Or, items), span=_span(meta))

    def conjunction(self, meta: Meta, items: list[Any]) -> Expr:
        return And(_flat(And, items), span=_span(meta))

    def negated(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(items[0], span=_span(meta))

    def chain(self, meta: Meta, items: list[Any]) -> Expr:
        parts: list[Expr] = []
        if len(items) > 2 * MOST_CHAINED + 1:
            raise _Refusal(meta.start_pos, f"more than {MOST_CHAINED} comparisons in one chain", "join them by and")
        for at in range(1, len(items), 2):
            left, op, right = items[at - 1], str(items[at]), items[at + 1]
            parts.append(Compare(op, left, right, span=_span(meta)))
        return parts[0] if len(parts) == 1 else And(tuple(parts), span=_span(meta))

    def choices(self, meta: Meta, items: list[Any]) -> tuple[Expr, ...]:
        return tuple(items)

    def member(self, meta: Meta, items: list[Any]) -> Expr:
        return In(items[0], items[1], span=_span(meta))

    def not_member(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(In(items[0], items[1], span=_span(meta)), span=_span(meta))

    def within(self, meta: Meta, items: list[Any]) -> Expr:
        return Within(items[0], _codes(items[1], "within"), span=_span(meta))

    def not_within(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(Within(items[0], _codes(items[1], "within"), span=_span(meta)), span=_span(meta))

    def has(self, meta: Meta, items: list[Any]) -> Expr:
        return Has(items[0], _codes(items[1], "has"), span=_span(meta))

    def sum(self, meta: Meta, items: list[Any]) -> Expr:
        result = items[0]
        for at in range(1, len(items), 2):
            result = Arith(str(items[at]), result, items[at + 1], span=_span(meta))
        return result

    product = sum

    def signed(self, meta: Meta, items: list[Any]) -> Expr:
        return items[1] if items[0] == "+" else Neg(items[1], span=_span(meta))

    def number(self, meta: Meta, items: list[Any]) -> Expr:
        found = _NUMBER.fullmatch(str(items[0]))
        assert found is not None, "the grammar's NUMBER and this pattern say the same"
        digits = found[1].replace("_", "")
        if len(digits) > MOST_DIGITS:
            raise _Refusal(meta.start_pos, f"a number of {len(digits)} digits is too long")
        value = Decimal(digits).scaleb(_exponent(found[2]))
        if value.adjusted() >= MOST_DIGITS:
            raise _Refusal(meta.start_pos, f"a number of {value.adjusted() + 1} digits is too long")
        mark = found[3] or ""
        _, slash, unit = mark.partition("/")
        if slash and (unit not in UNITS or UNITS[unit].kind in ("money", "ratio")):
            known = "、".join(code for code, each in UNITS.items() if each.kind not in ("money", "ratio"))
            raise _Refusal(meta.start_pos, f"“{unit}” is no unit that money is given for", f"the units are {known}")
        if mark in ("%", "‰"):
            return Number(value.scaleb(-2 if mark == "%" else -3), "%", span=_span(meta))
        return Number(value, mark, span=_span(meta))

    def text(self, meta: Meta, items: list[Any]) -> Expr:
        return Text(str(items[0])[1:-1], span=_span(meta))

    def true(self, meta: Meta, items: list[Any]) -> Expr:
        return Flag(True, span=_span(meta))

    def false(self, meta: Meta, items: list[Any]) -> Expr:
        return Flag(False, span=_span(meta))

    def today(self, meta: Meta, items: list[Any]) -> Expr:
        return Today(span=_span(meta))

    def reference(self, meta: Meta, items: list[Any]) -> Expr:
        return Ref(str(items[0]), int(items[1]) if len(items) > 1 else None, span=_span(meta))

    def years(self, meta: Meta, items: list[Any]) -> Expr:
        first, last = int(items[1]), int(items[2])
        if first > last:
            raise _Refusal(meta.start_pos, f"the years {first}..{last} run backwards", f"write [{last}..{first}]")
        if last - first >= MOST_YEARS:
            raise _Refusal(meta.start_pos, f"{last - first + 1} years are too many (at most {MOST_YEARS})")
        return Years(str(items[0]), first, last, span=_span(meta))

    def bracket(self, meta: Meta, items: list[Any]) -> Expr:
        return Bracket(str(items[0]), items[1], items[2], span=_span(meta))

    def otherwise(self, meta: Meta, items: list[Any]) -> _Else:
        return _Else(items[0], meta.start_pos)

    def call(self, meta: Meta, items: list[Any]) -> Expr:
        name, args = str(items[0]), [item for item in items[1:] if item is not None]
        function = FUNCTIONS.get(name)
        if function is None:
            near = get_close_matches(name, FUNCTIONS, 1, 0.5)
            hint = f"did you mean {near[0]}(…)?" if near else f"the functions are {', '.join(sorted(FUNCTIONS))}"
            raise _Refusal(meta.start_pos, f"there is no function {name}", hint)
        usage = f"for example {function.usage}"
        if not function.least <= len(args) <= function.most:
            least, most = function.least, function.most
            count = str(least) if least == most else f"{least} to {most}"
            raise _Refusal(meta.start_pos, f"{name} takes {count} argument(s), here are {len(args)}", usage)
        if name in ("tier", "marginal"):
            return _tier(name, meta, args, usage)
        for arg in args:
            if isinstance(arg, Bracket | _Else):
                start = arg.start if isinstance(arg, _Else) else arg.span[0]
                raise _Refusal(start, f"{name} has no brackets; only tier and marginal have", usage)
        return _called(meta, name, args, function.shape, usage)

    def counted(self, meta: Meta, items: list[Any]) -> Expr:
        name, number, parts = str(items[0]), items[1], items[2:]
        usage = f"for example {FUNCTIONS['at_least'].usage}"
        if name != "at_least":
            raise _Refusal(meta.start_pos, f"{name} takes no “… of …”; only at_least does", usage)
        if number.mark or number.value not in range(1, len(parts) + 1):
            raise _Refusal(number.span[0], f"at_least takes a whole number from 1 to {len(parts)}", usage)
        return Least(int(number.value), tuple(parts), span=_span(meta))

    def records(self, meta: Meta, items: list[Any]) -> Expr:
        name, (record, _, field), where = str(items[0]), str(items[1]).partition("."), items[2]
        usage = f"for example {FUNCTIONS['count'].usage} or sum(financing.amount where age(date) < 3)"
        if name not in _OVER_RECORDS:
            raise _Refusal(meta.start_pos, f"{name} takes no “where”; only {', '.join(_OVER_RECORDS)} do", usage)
        if (name == "count") is bool(field):
            wrong = "counts records, not a field of them" if field else "needs a field of the records"
            raise _Refusal(meta.start_pos, f"{name} {wrong}", usage)
        if any(isinstance(node, Records) for node in walk(where)):
            raise _Refusal(where.span[0], "the records of a record cannot be asked for", "say it in two parts")
        _check_levels(where)
        _check_years(where)
        return Records(name, record, field, where, span=_span(meta))


def _exponent(scale: str) -> int:
    """千万 → 7: scales after one another multiply. (`sum` is a rule of the grammar in the class above.)"""
    return sum(_SCALES[letter] for letter in scale)


def _flat(kind: type[And] | type[Or], items: list[Expr]) -> tuple[Expr, ...]:
    """`a and b and c` is one node, however the brackets stood."""
    found: list[Expr] = []
    for item in items:
        found.extend(item.items if isinstance(item, kind) else (item,))
    return tuple(found)


def _codes(values: tuple[Expr, ...], word: str) -> tuple[str, ...]:
    codes: list[str] = []
    for value in values:
        if not isinstance(value, Text):
            raise _Refusal(value.span[0], f"{word} takes codes", f'write them as texts: {word} "610000"')
        codes.append(value.value)
    return tuple(codes)


def _tier(name: str, meta: Meta, args: list[Any], usage: str) -> Expr:
    operand, rest = args[0], args[1:]
    otherwise: Expr | None = None
    if rest and isinstance(rest[-1], _Else):
        otherwise = rest.pop().result
    if isinstance(operand, Bracket | _Else):
        raise _Refusal(meta.start_pos, f"{name} needs the quantity first, then its brackets", usage)
    for item in rest:
        if isinstance(item, _Else):
            raise _Refusal(item.start, f"else stands last in {name}", usage)
        if not isinstance(item, Bracket):
            raise _Refusal(item.span[0], f"a bracket of {name} is a comparison, a colon and a result", usage)
    if not rest:
        raise _Refusal(meta.start_pos, f"{name} needs at least one bracket", usage)
    if name == "marginal":
        return _marginal(meta, operand, rest, otherwise, usage)
    return Tier(operand, tuple(rest), otherwise, span=_span(meta))


def _marginal(meta: Meta, operand: Expr, rest: list[Bracket], otherwise: Expr | None, usage: str) -> Expr:
    """Slices must leave no doubt: limits are numbers that rise from above zero, and the rest has a rate of its own."""
    if otherwise is None:
        raise _Refusal(meta.start_pos, "marginal does not say what lies above the last limit earns", "add else: 0%")
    below = Decimal(0)
    for bracket in rest:
        if bracket.op != "<=" or not isinstance(bracket.limit, Number):
            raise _Refusal(bracket.span[0], "a slice of marginal ends at a number, as in <= 100万: 10%", usage)
        if bracket.limit.value <= below:
            raise _Refusal(
                bracket.span[0], f"the limits of marginal rise from above 0; {bracket.limit} does not", usage
            )
        below = bracket.limit.value
    return Marginal(operand, tuple(rest), otherwise, span=_span(meta))


def _called(meta: Meta, name: str, args: list[Any], shape: str, usage: str) -> Expr:
    span = _span(meta)
    if shape == "texts":
        for arg in args:
            if not isinstance(arg, Text):
                raise _Refusal(arg.span[0], f'{name} takes texts in "…"', usage)
    if name == "date":
        try:
            return Day(date.fromisoformat(args[0].value), span=span)
        except ValueError:
            raise _Refusal(args[0].span[0], f"“{args[0].value}” is not a day of the calendar", usage) from None
    if shape == "year":
        sign, year = (-1, args[0].operand) if isinstance(args[0], Neg) else (1, args[0])
        if (
            not isinstance(year, Number)
            or year.mark
            or (year.value not in range(MOST_YEARS) and year.value not in _CALENDAR)
        ):
            raise _Refusal(args[0].span[0], f"{name} takes a year: -1 for last year, 0 for this one, or 2024", usage)
        return Today(sign * int(year.value), span=span)
    if name in ("holds", "holds_any"):
        return Has(Ref(DESIGNATIONS, span=span), tuple(arg.value for arg in args), span=span)
    if name == "ever_held":
        return Has(Ref(DESIGNATIONS_EVER, span=span), tuple(arg.value for arg in args), span=span)
    if name == "at_least":
        raise _Refusal(meta.start_pos, "at_least does not say how many", usage)
    if shape == "records":
        if not isinstance(args[0], Ref) or args[0].index is not None or "." in args[0].name:
            raise _Refusal(args[0].span[0], f"{name} counts records of a kind", usage)
        return Records(name, args[0].name, "", Flag(True), span=span)
    if shape == "reference" and not isinstance(args[0], Ref | Years):
        raise _Refusal(args[0].span[0], f"{name} takes one year of a variable", usage)
    if shape == "years" and not (isinstance(args[0], Years) and args[0].last > args[0].first):
        raise _Refusal(args[0].span[0], f"{name} takes a span of at least two years", usage)
    if shape == "over years" and not any(own_years(args[0])):
        raise _Refusal(args[0].span[0], f"{name} needs a variable over several years", usage)
    if name == "round" and len(args) == 2:
        places = args[1]
        if not (isinstance(places, Number) and not places.mark and places.value in range(7)):
            raise _Refusal(places.span[0], "round takes 0 to 6 places", usage)
    return Call(name, tuple(args), span=span)


def _check_years(expr: Expr, folded: bool = False) -> None:
    """Ranges of years stand only where they are folded into one value, and ranges folded together are of one length."""
    if isinstance(expr, Years) and not folded:
        raise _Refusal(
            expr.span[0],
            f"several years of {expr.name} are not one value",
            f"fold them: sum({expr}), mean({expr}), each({expr} >= …), or name one year: {expr.name}[{expr.last}]",
        )
    folds = isinstance(expr, Call) and expr.name in FOLDS
    for child in children(expr):
        if folds and len({years.last - years.first for years in own_years(child)}) > 1:
            raise _Refusal(child.span[0], "ranges that go together must cover the same number of years")
        _check_years(child, folds or folded)


def _check_levels(expr: Expr) -> None:
    """Level by level, not by recursion: a tree too deep to be walked must be found without walking into it."""
    level: list[Expr] = [expr]
    for _ in range(MOST_LEVELS):
        level = [child for each in level for child in children(each)]
        if not level:
            return
    raise _Refusal(
        level[0].span[0], f"more than {MOST_LEVELS} operations one within the other", "split the rule, or use sum(…)"
    )


_LARK = Lark(
    (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    propagate_positions=True,
    maybe_placeholders=False,
)
_BUILD: Callable[[Any], Expr] = _Builder().transform


@lru_cache(maxsize=65536)
def parse(text: str) -> Expr:
    """The tree of an expression. Raises RuleSyntaxError with position and hint.

    >>> str(parse('rd_expense[-1]/revenue[-1] >= 5% and holds("tech_sme")'))
    'rd_expense[-1] / revenue[-1] >= 5% and holds("tech_sme")'
    """
    if not text.strip():
        raise RuleSyntaxError(0, "the expression is empty", "write for example revenue[-1] >= 2000万", text)
    if len(text) > LONGEST:
        raise RuleSyntaxError(
            LONGEST, f"the expression is longer than {LONGEST} characters", "split it into leaves", text
        )
    _check_depth(text)
    try:
        expr = _BUILD(_LARK.parse(text))
        _check_levels(expr)
        _check_years(expr)
    except UnexpectedInput as error:
        raise explained(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, _Refusal):
            refusal = error.orig_exc
            raise RuleSyntaxError(refusal.position, refusal.message, refusal.hint, text) from None
        raise
    except _Refusal as refusal:
        raise RuleSyntaxError(refusal.position, refusal.message, refusal.hint, text) from None
    return expr


def _check_depth(text: str) -> None:
    depth = run = 0
    for at, letter in enumerate(text):
        depth += letter in "(["
        depth -= letter in ")]"
        run = run + 1 if letter in "+-" else run if letter == " " else 0
        if depth > DEEPEST or run > DEEPEST:
            raise RuleSyntaxError(
                at, f"more than {DEEPEST} levels of brackets or signs", "split the rule into leaves", text
            )
    if len(re.findall(r"\bnot\b", text)) > DEEPEST:
        raise RuleSyntaxError(0, f"more than {DEEPEST} words “not”", "split the rule into leaves", text)
