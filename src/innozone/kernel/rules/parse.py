"""From text to tree. A syntax error carries its place and a likely cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError
from lark.tree import Meta

from innozone.kernel.rules.calls import MOST_YEARS, Else, Refusal, call_of, codes_of, span_of, tier_of
from innozone.kernel.rules.errors import RuleSyntaxError, explained, unseen
from innozone.kernel.rules.functions import FUNCTIONS
from innozone.kernel.rules.tree import (
    FOLDS,
    And,
    Arith,
    Bracket,
    Call,
    Compare,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Neg,
    Not,
    Number,
    Or,
    Records,
    Ref,
    Text,
    Today,
    Within,
    Years,
    children,
    own_years,
    walk,
)
from innozone.kernel.rules.words import say
from innozone.kernel.terms import UNITS

LONGEST = 4000
DEEPEST = 40
MOST_DIGITS = 20
#: Operations one within the other: `1 + 1 + 1` is two. Whoever walks a tree may call itself for every level.
MOST_LEVELS = 100
MOST_CHAINED = 10
_SCALES = {"百": 2, "千": 3, "万": 4, "亿": 8}
_NUMBER = re.compile(r"([\d_]+(?:\.\d+)?)([百千万亿]*)(元(?:/\w+)?|%|‰)?")

#: Aggregates of sub-records.
_OVER_RECORDS = ("count", "sum", "min", "max")


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    def start(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0]

    def grouped(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0]

    def disjunction(self, meta: Meta, items: list[Any]) -> Expr:
        return items[0] if len(items) == 1 else Or(_flat(Or, items), span=span_of(meta))

    def conjunction(self, meta: Meta, items: list[Any]) -> Expr:
        return And(_flat(And, items), span=span_of(meta))

    def negated(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(items[0], span=span_of(meta))

    def chain(self, meta: Meta, items: list[Any]) -> Expr:
        parts: list[Expr] = []
        if len(items) > 2 * MOST_CHAINED + 1:
            raise Refusal(
                meta.start_pos, say("more than {} comparisons in one chain", MOST_CHAINED), say("join them by and")
            )
        for at in range(1, len(items), 2):
            left, op, right = items[at - 1], str(items[at]), items[at + 1]
            parts.append(Compare(op, left, right, span=span_of(meta)))
        return parts[0] if len(parts) == 1 else And(tuple(parts), span=span_of(meta))

    def choices(self, meta: Meta, items: list[Any]) -> tuple[Expr, ...]:
        return tuple(items)

    def member(self, meta: Meta, items: list[Any]) -> Expr:
        return In(items[0], items[1], span=span_of(meta))

    def not_member(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(In(items[0], items[1], span=span_of(meta)), span=span_of(meta))

    def within(self, meta: Meta, items: list[Any]) -> Expr:
        return Within(items[0], codes_of(items[1], "within"), span=span_of(meta))

    def not_within(self, meta: Meta, items: list[Any]) -> Expr:
        return Not(Within(items[0], codes_of(items[1], "within"), span=span_of(meta)), span=span_of(meta))

    def has(self, meta: Meta, items: list[Any]) -> Expr:
        return Has(items[0], codes_of(items[1], "has"), span=span_of(meta))

    def sum(self, meta: Meta, items: list[Any]) -> Expr:
        result = items[0]
        for at in range(1, len(items), 2):
            result = Arith(str(items[at]), result, items[at + 1], span=span_of(meta))
        return result

    product = sum

    def signed(self, meta: Meta, items: list[Any]) -> Expr:
        return items[1] if items[0] == "+" else Neg(items[1], span=span_of(meta))

    def number(self, meta: Meta, items: list[Any]) -> Expr:
        found = _NUMBER.fullmatch(str(items[0]))
        assert found is not None, "the grammar's NUMBER and this pattern say the same"
        digits = found[1].replace("_", "")
        if len(digits) > MOST_DIGITS:
            raise Refusal(meta.start_pos, say("a number of {} digits is too long", len(digits)))
        value = Decimal(digits).scaleb(_exponent(found[2]))
        if value.adjusted() >= MOST_DIGITS:
            raise Refusal(meta.start_pos, say("a number of {} digits is too long", value.adjusted() + 1))
        mark = found[3] or ""
        _, slash, unit = mark.partition("/")
        if slash and (unit not in UNITS or UNITS[unit].kind in ("money", "ratio")):
            known = "、".join(code for code, each in UNITS.items() if each.kind not in ("money", "ratio"))
            raise Refusal(
                meta.start_pos, say("“{}” is no unit that money is given for", unit), say("the units are {}", known)
            )
        if mark in ("%", "‰"):
            return Number(value.scaleb(-2 if mark == "%" else -3), "%", span=span_of(meta))
        return Number(value, mark, span=span_of(meta))

    def text(self, meta: Meta, items: list[Any]) -> Expr:
        found = unseen(str(items[0]))
        if found is not None:
            raise Refusal(
                meta.start_pos + found[0], say("an invisible sign ({}) stands in a text", found[1]), say("delete it")
            )
        return Text(str(items[0])[1:-1], span=span_of(meta))

    def true(self, meta: Meta, items: list[Any]) -> Expr:
        return Flag(True, span=span_of(meta))

    def false(self, meta: Meta, items: list[Any]) -> Expr:
        return Flag(False, span=span_of(meta))

    def today(self, meta: Meta, items: list[Any]) -> Expr:
        return Today(span=span_of(meta))

    def reference(self, meta: Meta, items: list[Any]) -> Expr:
        return Ref(str(items[0]), int(items[1]) if len(items) > 1 else None, span=span_of(meta))

    def years(self, meta: Meta, items: list[Any]) -> Expr:
        first, last = int(items[1]), int(items[2])
        if first > last:
            raise Refusal(
                meta.start_pos, say("the years {}..{} run backwards", first, last), f"write [{last}..{first}]"
            )
        if last - first >= MOST_YEARS:
            raise Refusal(meta.start_pos, say("{} years are too many (at most {})", last - first + 1, MOST_YEARS))
        return Years(str(items[0]), first, last, span=span_of(meta))

    def bracket(self, meta: Meta, items: list[Any]) -> Expr:
        return Bracket(str(items[0]), items[1], items[2], span=span_of(meta))

    def otherwise(self, meta: Meta, items: list[Any]) -> Else:
        return Else(items[0], meta.start_pos)

    def call(self, meta: Meta, items: list[Any]) -> Expr:
        name, args = str(items[0]), [item for item in items[1:] if item is not None]
        function = FUNCTIONS.get(name)
        if function is None:
            near = get_close_matches(name, FUNCTIONS, 1, 0.5)
            hint = (
                say("did you mean {}(…)?", near[0])
                if near
                else say("the functions are {}", ", ".join(sorted(FUNCTIONS)))
            )
            raise Refusal(meta.start_pos, say("there is no function {}", name), hint)
        usage = say("for example {}", function.usage)
        if not function.least <= len(args) <= function.most:
            least, most = function.least, function.most
            count = str(least) if least == most else f"{least} to {most}"
            raise Refusal(meta.start_pos, say("{} takes {} argument(s), here are {}", name, count, len(args)), usage)
        if name in ("tier", "marginal"):
            return tier_of(name, meta, args, usage)
        for arg in args:
            if isinstance(arg, Bracket | Else):
                start = arg.start if isinstance(arg, Else) else arg.span[0]
                raise Refusal(start, say("{} has no brackets; only tier and marginal have", name), usage)
        return call_of(meta, name, args, function.shape, usage)

    def counted(self, meta: Meta, items: list[Any]) -> Expr:
        name, number, parts = str(items[0]), items[1], items[2:]
        usage = say("for example {}", FUNCTIONS["at_least"].usage)
        if name != "at_least":
            raise Refusal(meta.start_pos, say("{} takes no “… of …”; only at_least does", name), usage)
        if number.mark or number.value not in range(1, len(parts) + 1):
            raise Refusal(number.span[0], say("at_least takes a whole number from 1 to {}", len(parts)), usage)
        return Least(int(number.value), tuple(parts), span=span_of(meta))

    def records(self, meta: Meta, items: list[Any]) -> Expr:
        name, (record, _, field), where = str(items[0]), str(items[1]).partition("."), items[2]
        usage = say("for example {} or sum(financing.amount where age(date) < 3)", FUNCTIONS["count"].usage)
        if name not in _OVER_RECORDS:
            raise Refusal(meta.start_pos, say("{} takes no “where”; only {} do", name, ", ".join(_OVER_RECORDS)), usage)
        if (name == "count") is bool(field):
            wrong = say("counts records, not a field of them") if field else say("needs a field of the records")
            raise Refusal(meta.start_pos, say("{} {}", name, wrong), usage)
        if any(isinstance(node, Records) for node in walk(where)):
            raise Refusal(where.span[0], say("the records of a record cannot be asked for"), say("say it in two parts"))
        _check_levels(where)
        _check_years(where)
        return Records(name, record, field, where, span=span_of(meta))


def _exponent(scale: str) -> int:
    """千万 → 7: scales after one another multiply. (`sum` is a rule of the grammar in the class above.)"""
    return sum(_SCALES[letter] for letter in scale)


def _flat(kind: type[And] | type[Or], items: list[Expr]) -> tuple[Expr, ...]:
    """`a and b and c` is one node, however the brackets stood."""
    found: list[Expr] = []
    for item in items:
        found.extend(item.items if isinstance(item, kind) else (item,))
    return tuple(found)


def _check_years(expr: Expr, folded: bool = False) -> None:
    """Ranges of years stand only where they are folded into one value, and ranges folded together are of one length."""
    if isinstance(expr, Years) and not folded:
        raise Refusal(
            expr.span[0],
            say("several years of {} are not one value", expr.name),
            say(
                "fold them: sum({}), mean({}), each({} >= …), or name one year: {}[{}]",
                expr,
                expr,
                expr,
                expr.name,
                expr.last,
            ),
        )
    folds = isinstance(expr, Call) and expr.name in FOLDS
    for child in children(expr):
        if folds and len({years.last - years.first for years in own_years(child)}) > 1:
            raise Refusal(child.span[0], say("ranges that go together must cover the same number of years"))
        _check_years(child, folds or folded)


def _check_levels(expr: Expr) -> None:
    """Level by level, not by recursion: a tree too deep to be walked must be found without walking into it."""
    level: list[Expr] = [expr]
    for _ in range(MOST_LEVELS):
        level = [child for each in level for child in children(each)]
        if not level:
            return
    raise Refusal(
        level[0].span[0],
        say("more than {} operations one within the other", MOST_LEVELS),
        say("split the rule, or use sum(…)"),
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
        raise RuleSyntaxError(0, say("the expression is empty"), say("write for example revenue[-1] >= 2000万"), text)
    if len(text) > LONGEST:
        raise RuleSyntaxError(
            LONGEST, say("the expression is longer than {} characters", LONGEST), say("split it into leaves"), text
        )
    _check_depth(text)
    try:
        expr = _BUILD(_LARK.parse(text))
        _check_levels(expr)
        _check_years(expr)
    except UnexpectedInput as error:
        raise explained(text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Refusal):
            refusal = error.orig_exc
            raise RuleSyntaxError(refusal.position, refusal.message, refusal.hint, text) from None
        raise
    except Refusal as refusal:
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
                at, say("more than {} levels of brackets or signs", DEEPEST), say("split the rule into leaves"), text
            )
    if len(re.findall(r"\bnot\b", text)) > DEEPEST:
        raise RuleSyntaxError(0, say("more than {} words “not”", DEEPEST), say("split the rule into leaves"), text)
