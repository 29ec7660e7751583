"""The expression tree: immutable nodes, equal when they mean the same text, and their one printed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

#: The `codes` variable that `holds("…")` looks into.
DESIGNATIONS = "designations"

#: The `codes` variable that `ever_held("…")` looks into: whatever was held at any time.
DESIGNATIONS_EVER = "designations_ever"

#: An index from here on is a calendar year (`revenue[2024]`), below it is relative to the reference year.
FIRST_CALENDAR_YEAR = 1000

#: Functions that fold several years into one value.
FOLDS = frozenset({"sum", "mean", "min", "max", "each", "some", "cagr"})

FLIPPED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
NEGATED = {">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Expr:
    """A node. `span` is its place in the text it was read from; it takes no part in equality."""

    span: tuple[int, int] = field(default=(0, 0), compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        return to_text(self)


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A literal in the stored unit: 5% is 0.05 with mark `%`, 2000万元 is 20000000 with mark `元`, 1万元/件 is 10000
    with mark `元/件`."""

    value: Decimal
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Text(Expr):
    value: str


@dataclass(frozen=True, slots=True)
class Flag(Expr):
    value: bool


@dataclass(frozen=True, slots=True)
class Day(Expr):
    value: date


@dataclass(frozen=True, slots=True)
class Today(Expr):
    """The reference day `as_of`, or the last day of a year: `year_end` counts years from the reference year, or is a
    calendar year."""

    year_end: int | None = None


@dataclass(frozen=True, slots=True)
class Ref(Expr):
    """A variable; `index` is years from the reference year, a calendar year, or None."""

    name: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Years(Expr):
    """A yearly variable over a span of years, both ends included; stands only inside functions of ranges."""

    name: str
    first: int
    last: int

    def refs(self) -> tuple[Ref, ...]:
        return tuple(Ref(self.name, year, span=self.span) for year in range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class Neg(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Arith(Expr):
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class In(Expr):
    """Exactly one of the values."""

    operand: Expr
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Within(Expr):
    """A code at or below one of the roots."""

    operand: Expr
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Has(Expr):
    """A set of codes that holds one of the roots or any code below one."""

    operand: Expr
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Least(Expr):
    """At least n of the items hold."""

    n: int
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function of functions.FUNCTIONS that has no node of its own."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Bracket(Expr):
    op: str
    limit: Expr
    result: Expr


@dataclass(frozen=True, slots=True)
class Tier(Expr):
    """The result of the first bracket that `operand` fits; `otherwise` when none does, unknown without it."""

    operand: Expr
    brackets: tuple[Bracket, ...]
    otherwise: Expr | None = None


@dataclass(frozen=True, slots=True)
class Marginal(Expr):
    """Each slice of `operand` at the rate of its bracket (op `<=`, limits rising), the rest at the last rate."""

    operand: Expr
    brackets: tuple[Bracket, ...]
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Records(Expr):
    """count, sum, min or max over the firm's records of a kind, such as its patents, for which `where` holds.

    `where` speaks of the fields of one record, not of the firm: it is a world of its own and no child of this node.
    `field` is what is summed or compared, empty for a count.
    """

    function: str
    record: str
    field: str
    where: Expr


_NAMES: dict[type[Expr], tuple[str, ...]] = {}

#: Fields of a node that walk, children and mapped pass over.
_APART = ("span", "where")


def _names(kind: type[Expr]) -> tuple[str, ...]:
    """The fields of a node that hold other nodes; looked up once per kind, trees are walked often."""
    if kind not in _NAMES:
        told = {each.name: str(each.type) for each in fields(kind) if each.name not in _APART}
        _NAMES[kind] = tuple(name for name, type in told.items() if "Expr" in type or "Bracket" in type)
    return _NAMES[kind]


def children(expr: Expr) -> tuple[Expr, ...]:
    """The nodes right below, in order."""
    names = _names(type(expr))
    if not names:
        return ()
    found: list[Expr] = []
    for name in names:
        value = getattr(expr, name)
        if isinstance(value, Expr):
            found.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Expr):
            found.extend(value)
    return tuple(found)


def walk(expr: Expr) -> Iterator[Expr]:
    """The node and all below it, top down."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def mapped(expr: Expr, function: Any) -> Expr:
    """The same node with `function` applied to each node right below."""
    changes: dict[str, Any] = {}
    for name in _names(type(expr)):
        value = getattr(expr, name)
        if isinstance(value, Expr):
            changes[name] = function(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Expr):
            changes[name] = tuple(function(item) for item in value)
    return replace(expr, **changes) if changes else expr


def own_years(expr: Expr) -> Iterator[Years]:
    """The ranges of years that stand in the node itself and not in a function that folds them."""
    if isinstance(expr, Years):
        yield expr
    elif not (isinstance(expr, Call) and expr.name in FOLDS):
        for child in children(expr):
            yield from own_years(child)


def expanded(expr: Expr) -> tuple[Expr, ...]:
    """One copy per year, ranges replaced by that year; ranges of one length go in step. No range: the node itself."""
    ranges = list(own_years(expr))
    if not ranges:
        return (expr,)

    def at(node: Expr, step: int) -> Expr:
        if isinstance(node, Years):
            return Ref(node.name, node.first + step, span=node.span)
        if isinstance(node, Call) and node.name in FOLDS:
            return node
        return mapped(node, lambda child: at(child, step))

    return tuple(at(expr, step) for step in range(ranges[0].last - ranges[0].first + 1))


# Printing. The text reads back to an equal tree.

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _ATOM = range(8)


def to_text(expr: Expr) -> str:
    """The printed form in the rule language."""
    return _print(expr, _OR)


def number_text(number: Number) -> str:
    """A literal as an author would write it: 5%, 2000万, 1.5亿, 0.5."""
    value = number.value
    if number.mark == "%":
        return f"{_digits(value * 100)}%"
    unit = number.mark
    for size, letter in ((Decimal(10**8), "亿"), (Decimal(10**4), "万")):
        if value >= size and (value / size * 100) % 1 == 0:
            return f"{_digits(value / size)}{letter}{unit}"
    return f"{_digits(value)}{unit}"


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _choices(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else "{" + ", ".join(values) + "}"


def _quoted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'"{value}"' for value in values)


def _print(expr: Expr, level: int) -> str:
    text, own = _form(expr)
    return f"({text})" if own < level else text


def _form(expr: Expr) -> tuple[str, int]:
    match expr:
        case Number():
            return number_text(expr), _ATOM
        case Text(value):
            return f'"{value}"', _ATOM
        case Flag(value):
            return ("true" if value else "false"), _ATOM
        case Day(value):
            return f'date("{value.isoformat()}")', _ATOM
        case Today(None):
            return "today", _ATOM
        case Today(year):
            return f"year_end({year})", _ATOM
        case Ref(name, None):
            return name, _ATOM
        case Ref(name, index):
            return f"{name}[{index}]", _ATOM
        case Years(name, first, last):
            return f"{name}[{first}..{last}]", _ATOM
        case Neg(operand):
            return f"-{_print(operand, _UNARY)}", _UNARY
        case Arith(op, left, right):
            own = _SUM if op in "+-" else _PRODUCT
            return f"{_print(left, own)} {op} {_print(right, own + 1)}", own
        case Compare(op, left, right):
            return f"{_print(left, _SUM)} {op} {_print(right, _SUM)}", _COMPARE
        case In(operand, values):
            listed = ", ".join(_print(value, _UNARY) for value in values)
            return f"{_print(operand, _SUM)} in {{{listed}}}", _COMPARE
        case Within(operand, roots):
            return f"{_print(operand, _SUM)} within {_choices(_quoted(roots))}", _COMPARE
        case Has(Ref(name, None), roots) if name == DESIGNATIONS:
            function = "holds" if len(roots) == 1 else "holds_any"
            return f"{function}({', '.join(_quoted(roots))})", _ATOM
        case Has(Ref(name, None), roots) if name == DESIGNATIONS_EVER:
            return f"ever_held({', '.join(_quoted(roots))})", _ATOM
        case Has(operand, roots):
            return f"{_print(operand, _SUM)} has {_choices(_quoted(roots))}", _COMPARE
        case And(items):
            return " and ".join(_print(item, _NOT) for item in items), _AND
        case Or(items):
            return " or ".join(_print(item, _AND) for item in items), _OR
        case Not(operand):
            return f"not {_print(operand, _NOT)}", _NOT
        case Least(n, items):
            return f"at_least({n} of {', '.join(_print(item, _OR) for item in items)})", _ATOM
        case Call(name, args):
            return f"{name}({', '.join(_print(arg, _OR) for arg in args)})", _ATOM
        case Records(function, record, field, where):
            if function == "count" and where == Flag(True):
                return f"count({record})", _ATOM
            return f"{function}({f'{record}.{field}' if field else record} where {_print(where, _OR)})", _ATOM
        case Bracket(op, limit, result):
            return f"{op} {_print(limit, _SUM)}: {_print(result, _OR)}", _OR
        case Tier(operand, brackets, otherwise) | Marginal(operand, brackets, otherwise):
            parts = [_print(operand, _OR), *(_print(bracket, _OR) for bracket in brackets)]
            if otherwise is not None:
                parts.append(f"else: {_print(otherwise, _OR)}")
            return f"{'tier' if isinstance(expr, Tier) else 'marginal'}({', '.join(parts)})", _ATOM
    raise TypeError(f"not an expression: {expr!r}")
