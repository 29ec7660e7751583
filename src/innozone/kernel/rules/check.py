"""Checking a rule before anyone is judged by it: names, years, types, units, codes, and parts that can never hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.dead import dead_parts, tier_faults
from innozone.kernel.rules.doubts import doubts
from innozone.kernel.rules.kinds import (
    ANY,
    BOOL,
    DATE,
    NUMBER,
    RATIO,
    TEXT,
    Dimension,
    Kind,
    divided,
    kind_of,
    multiplied,
    named,
    same_dimension,
)
from innozone.kernel.rules.tree import (
    FIRST_CALENDAR_YEAR,
    And,
    Arith,
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
)
from innozone.kernel.rules.words import say
from innozone.kernel.terms import UNITS, CodeList, Dictionary, Variable

Expect = Literal["bool", "number", "money", "any"]

#: Calendar years that figures are reported for.
YEARS = range(1949, 2101)

#: Money below this without 元 or 万 was probably meant in 万元.
SMALL_MONEY = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a rule. `path` names the leaf (`all[1].test`), `position` the characters of its expression."""

    severity: Literal["error", "warning"]
    message: str
    path: str = ""
    position: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        where = f" (characters {self.position[0] + 1} to {self.position[1]})" if self.position else ""
        return f"{self.severity}: {place}{self.message}{where}"


def check(rule: Condition | Expr, dictionary: Dictionary, expect: Expect = "bool") -> list[Problem]:
    """All problems of a condition or an expression; an empty list means that it can be used.

    `expect` is what an expression must give (a condition always gives true or false): money also takes bare numbers.
    """
    if isinstance(rule, Expr):
        found = Checker(dictionary).top(rule, expect)
        return found + dead_parts(rule, dictionary, Problem) if not _errors(found) else found
    problems: list[Problem] = []
    for path, node in rule.walk():
        if isinstance(node, Test):
            problems += Checker(dictionary, f"{path}.test" if path else "test").top(node.expr, "bool")
    if not _errors(problems):
        problems += dead_parts(rule, dictionary, Problem)
    return problems


def _errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


class Checker:
    """Works out the kind of every node of one expression and collects what does not fit."""

    def __init__(
        self, dictionary: Dictionary, path: str = "", formula_of: Variable | None = None, record: str = ""
    ) -> None:
        """`record`: the dictionary holds the fields of these records, whose filter the expression is."""
        self.dictionary = dictionary
        self.path = path
        self.formula_of = formula_of
        self.record = record
        self.problems: list[Problem] = []

    def top(self, expr: Expr, expect: Expect) -> list[Problem]:
        found = self.kind(expr)
        if expect == "bool":
            self.want(expr, found, "bool", say("a condition must be true or false"))
        elif expect in ("number", "money"):
            self.want(expr, found, "number", say("an amount must be a number"))
            if expect == "money" and found.base == "number" and not same_dimension(found.dimension, (("money", 1),)):
                self.error(expr, say("an amount of money is needed, this is {}", named(found)))
        return self.doubtful(expr)

    def doubtful(self, expr: Expr) -> list[Problem]:
        """All problems found so far, with what is doubtful in an expression whose kinds fit."""
        if not _errors(self.problems):
            self.problems += [
                Problem(severity, text, self.path, at.span) for severity, at, text in doubts(expr, self.dictionary)
            ]
        return self.problems

    def error(self, expr: Expr, message: str) -> None:
        self.problems.append(Problem("error", message, self.path, expr.span))

    def warn(self, expr: Expr, message: str) -> None:
        self.problems.append(Problem("warning", message, self.path, expr.span))

    def want(self, expr: Expr, found: Kind, base: str, why: str) -> None:
        if found.base not in (base, "any"):
            self.error(expr, say("{}; {} is {}", why, expr, named(found)))

    def kind(self, expr: Expr) -> Kind:
        """The kind of a node, after checking everything below it."""
        match expr:
            case Number(_, mark):
                return _kind_of_mark(mark)
            case Text():
                return TEXT
            case Flag():
                return BOOL
            case Day() | Today():
                return DATE
            case Ref(name, index):
                return self._variable(expr, name, index is not None, index or 0)
            case Years(name, first, last):
                return self._variable(expr, name, True, first, last)
            case Neg(operand):
                return self._number(operand, say("only numbers have a sign"))
            case Arith():
                return self._arith(expr)
            case Compare():
                return self._compare(expr)
            case In(operand, values):
                return self._in(expr, operand, values)
            case Within(operand, roots):
                found = self.kind(operand)
                self.want(operand, found, "code", say("within asks whether a code lies in a branch of its code list"))
                if found.base == "code":
                    self.codes([Text(root, span=expr.span) for root in roots], self._list(found))
                return BOOL
            case Has(operand, roots):
                found = self.kind(operand)
                self.want(operand, found, "codes", say("has asks whether a set of codes holds one"))
                if found.base == "codes":
                    self.codes([Text(root, span=expr.span) for root in roots], self._list(found))
                return BOOL
            case And(items) | Or(items) | Least(_, items):
                word = "and" if isinstance(expr, And) else "or" if isinstance(expr, Or) else "at_least"
                for item in items:
                    self.want(item, self.kind(item), "bool", say("“{}” joins conditions", word))
                return BOOL
            case Not(operand):
                self.want(operand, self.kind(operand), "bool", say("“not” turns a condition round"))
                return BOOL
            case Tier():
                return self._tier(expr)
            case Marginal():
                return self._marginal(expr)
            case Records():
                return self._records(expr)
            case Call():
                return self._call(expr)
        raise TypeError(f"not an expression: {expr!r}")

    def _list(self, kind: Kind) -> CodeList | None:
        return self.dictionary.codelists.get(kind.codelist) if kind.codelist else None

    def _variable(self, expr: Expr, name: str, indexed: bool, first: int, last: int | None = None) -> Kind:
        variable = self.dictionary.get(name)
        if variable is None:
            near = get_close_matches(name, self.dictionary.variables, 1, 0.6)
            hint = say("; did you mean {}?", near[0]) if near else ""
            if self.record:
                listed = ", ".join(self.dictionary.variables)
                self.error(
                    expr,
                    say(
                        "the records {} have no field {}{}",
                        self.record,
                        name,
                        hint or say("; their fields are {}", listed),
                    ),
                )
            else:
                self.error(expr, say("there is no variable {}{}", name, hint))
            return ANY
        if variable.period == "none" and indexed:
            self.error(expr, say("{} has one value and no years; write {}", name, name))
        elif variable.period == "year" and not indexed:
            if self.formula_of is None or self.formula_of.period != "year":
                self.error(expr, say("{} has one value per year; write {}[-1] for last year's", name, name))
        elif indexed and 0 < (first if last is None else last) < FIRST_CALENDAR_YEAR:
            self.error(expr, say("{} lies in the future; -1 is last year, 0 this year, 2024 the year 2024", expr))
        elif indexed and any(
            year is not None and year >= FIRST_CALENDAR_YEAR and year not in YEARS for year in (first, last)
        ):
            self.error(
                expr, say("{} is no year that anyone reports for; write the year as 2024, or -1 for last year's", expr)
            )
        return kind_of(variable)

    def _number(self, expr: Expr, why: str) -> Kind:
        found = self.kind(expr)
        self.want(expr, found, "number", why)
        return found if found.base == "number" else NUMBER

    def _arith(self, expr: Arith) -> Kind:
        left, right = self.kind(expr.left), self.kind(expr.right)
        if DATE in (left, right):
            self.error(expr, say("dates are not calculated with; use age(…), months_since(…) or days_since(…)"))
            return NUMBER
        for part, found in ((expr.left, left), (expr.right, right)):
            self.want(part, found, "number", say("“{}” works on numbers", expr.op))
        if left.base != "number" or right.base != "number":
            return NUMBER
        if expr.op in "+-":
            if not same_dimension(left.dimension, right.dimension):
                template = "this adds {} and {}" if expr.op == "+" else "this subtracts {} and {}"
                self.error(expr, say(template, named(left), named(right)))
            return Kind("number", left.dimension if left.dimension is not None else right.dimension)
        combine = multiplied if expr.op == "*" else divided
        return Kind("number", combine(left.dimension, right.dimension))

    def _compare(self, expr: Compare) -> Kind:
        left, right = self.kind(expr.left), self.kind(expr.right)
        self._comparable(expr, expr.op, expr.left, left, expr.right, right)
        return BOOL

    def _comparable(self, at: Expr, op: str, a: Expr, left: Kind, b: Expr, right: Kind) -> None:
        if ANY in (left, right):
            return
        if "date" in (left.base, right.base) and "text" in (left.base, right.base):
            self.error(at, say('a date is compared with a date; write date("2026-01-01")'))
            return
        coded = {left.base, right.base} <= {"code", "text"}
        if left.base != right.base and not coded:
            self.error(at, say("{} is {}, {} is {}: they do not compare", a, named(left), b, named(right)))
            return
        if left.base == "codes":
            self.error(at, say('sets of codes do not compare; write {} has "…"', a))
        elif left.base in ("bool", "code", "text") and op not in ("==", "!="):
            self.error(at, say("{} has no order; only == and != are possible", named(left)))
        elif left.base == "number":
            if not same_dimension(left.dimension, right.dimension):
                self.error(
                    at,
                    say(
                        "{} is {}, {} is {}: they do not compare{}", a, named(left), b, named(right), _cure(left, right)
                    ),
                )
            else:
                self._literal(a, left, b)
                self._literal(b, right, a)
        elif coded:
            for code, kind, text in ((a, left, b), (b, right, a)):
                if kind.base == "code" and isinstance(text, Text):
                    self.codes([text], self._list(kind))
                elif kind.base == "code" and code is a and right.base == "code" and left.codelist != right.codelist:
                    self.error(at, say("{} and {} go by different code lists", a, b))

    def _literal(self, expr: Expr, kind: Kind, other: Expr) -> None:
        """A bare number beside a ratio or money that was probably meant otherwise."""
        if not isinstance(other, Number) or other.mark or isinstance(expr, Number):
            return
        value = float(other.value)
        if kind.dimension == () and value > 1:
            self.warn(
                other,
                say("{} is a ratio: {} means {}%; write {}% if that is meant", expr, other, f"{value * 100:g}", other),
            )
        elif kind.dimension == (("money", 1),) and 0 < value < SMALL_MONEY:
            self.warn(
                other, say("{} is in 元: {} means {} yuan; write {}万 or {}元", expr, other, f"{value:g}", other, other)
            )

    def _in(self, expr: In, operand: Expr, values: tuple[Expr, ...]) -> Kind:
        found = self.kind(operand)
        if found.base == "codes":
            self.error(expr, say('{} is a set of codes; write {} has "…"', operand, operand))
            return BOOL
        for value in values:
            self._comparable(value, "==", operand, found, value, self.kind(value))
        return BOOL

    def codes(self, texts: Iterable[Text], codelist: CodeList | None) -> None:
        """Every text must be a code of the list."""
        if codelist is None:
            return
        for text in texts:
            if text.value in codelist:
                continue
            named_code = codelist.find(text.value)
            near = get_close_matches(text.value, codelist.by_code, 1, 0.6)
            hint = say("; did you mean {}?", named_code or near[0]) if named_code or near else ""
            self.error(text, say("“{}” is not in the code list {}{}", text.value, codelist.code, hint))

    def _branches(self, expr: Expr, parts: list[Expr]) -> Kind:
        """The one kind of all branches."""
        kinds = [(part, self.kind(part)) for part in parts]
        first_part, first = next(((part, kind) for part, kind in kinds if kind != ANY), (expr, ANY))
        for part, kind in kinds:
            if kind.base == "codes":
                self.error(
                    part, say('{} is a set of codes and cannot be a result; ask what it has: {} has "…"', part, part)
                )
            coded = {kind.base, first.base} == {"code", "text"}
            if kind == ANY or (coded and (kind.base == "text" or first.base == "text")):
                continue
            if kind.base != first.base:
                self.error(
                    part,
                    say("all branches give one kind: {} is {}, {} is {}", first_part, named(first), part, named(kind)),
                )
            elif not same_dimension(kind.dimension, first.dimension):
                self.error(
                    part,
                    say("all branches have one unit: {} is {}, {} is {}", first_part, named(first), part, named(kind)),
                )
        exact = [kind for _, kind in kinds if kind.base == "number" and kind.dimension is not None]
        return exact[0] if exact else next((kind for _, kind in kinds if kind.base == "code"), first)

    def _tier(self, tier: Tier) -> Kind:
        found = self.kind(tier.operand)
        for bracket in tier.brackets:
            self._comparable(bracket, bracket.op, tier.operand, found, bracket.limit, self.kind(bracket.limit))
        results = [bracket.result for bracket in tier.brackets]
        kind = self._branches(tier, results + ([tier.otherwise] if tier.otherwise is not None else []))
        for severity, at, message in tier_faults(tier, self.dictionary):
            self.problems.append(Problem(severity, message, self.path, at.span))
        return kind

    def _marginal(self, expr: Marginal) -> Kind:
        whole = self._number(expr.operand, say("marginal cuts a number into slices"))
        for bracket in expr.brackets:
            self._comparable(bracket, "<=", expr.operand, whole, bracket.limit, self.kind(bracket.limit))
        rate = self._branches(expr, [*(bracket.result for bracket in expr.brackets), expr.otherwise])
        self.want(expr, rate, "number", say("the slices of marginal have rates"))
        return Kind("number", multiplied(whole.dimension, rate.dimension)) if rate.base == "number" else whole

    def _records(self, expr: Records) -> Kind:
        terms = self.dictionary.record_terms(expr.record)
        if terms is None:
            known = list(self.dictionary.records)
            near = get_close_matches(expr.record, known, 1, 0.5)
            hint = say("did you mean {}?", near[0]) if near else say("the kinds are {}", ", ".join(known) or "none")
            self.error(expr, say("there are no records {}; {}", expr.record, hint))
            return NUMBER
        inner = Checker(terms, self.path, record=expr.record)
        self.problems += inner.top(expr.where, "bool")
        if not expr.field:
            return Kind("number", (("items", 1),))
        inner.problems.clear()
        found = inner.kind(Ref(expr.field, span=expr.span))
        inner.want(expr, found, "number", say("{} works on numbers", expr.function))
        self.problems += inner.problems
        return found if found.base == "number" else NUMBER

    def _call(self, call: Call) -> Kind:
        name, args = call.name, call.args
        match name:
            case "age" | "months_since" | "days_since":
                self.want(args[0], self.kind(args[0]), "date", say("{} counts from a date", name))
                unit = {"age": "years", "months_since": "months", "days_since": "days"}[name]
                return Kind("number", ((unit, 1),))
            case "min" | "max" | "sum" | "mean":
                kinds = [self._number(arg, say("{} works on numbers", name)) for arg in args]
                exact = [kind for kind in kinds if kind.dimension is not None]
                for arg, kind in zip(args, kinds, strict=True):
                    if exact and not same_dimension(kind.dimension, exact[0].dimension):
                        self.error(
                            arg,
                            say("{} needs one unit: {} and {} do not go together", name, named(exact[0]), named(kind)),
                        )
                return exact[0] if exact else NUMBER
            case "growth" | "cagr":
                found = self._number(args[0], say("{} works on numbers", name))
                variable = self.dictionary.get(args[0].name) if isinstance(args[0], Ref | Years) else None
                if variable is not None and variable.period != "year":
                    self.error(
                        args[0], say("{} needs a variable with a value per year; {} has one value", name, variable.code)
                    )
                return RATIO if found.base == "number" else NUMBER
            case "each" | "some":
                self.want(args[0], self.kind(args[0]), "bool", say("{} asks a condition of every year", name))
                return BOOL
            case "if":
                self.want(args[0], self.kind(args[0]), "bool", say("if needs a condition first"))
                return self._branches(call, [args[1], args[2]])
            case "coalesce":
                return self._branches(call, list(args))
            case "known":
                self.kind(args[0])
                return BOOL
            case "round":
                return self._number(args[0], say("round works on numbers"))
        for child in children(call):
            self.kind(child)
        return ANY


def _kind_of_mark(mark: str) -> Kind:
    """The kind of a literal: a ratio, money, money per unit, or a bare number."""
    if mark == "%":
        return RATIO
    money, _, unit = mark.partition("/")
    if unit:
        return Kind("number", tuple(sorted((("money", 1), (UNITS[unit].kind, -1)))))
    return Kind("number", (("money", 1),)) if money else NUMBER


def _cure(left: Kind, right: Kind) -> str:
    spans = {("years", 1): "age(…)", ("months", 1): "months_since(…)", ("days", 1): "days_since(…)"}
    dimensions: list[Dimension] = [left.dimension, right.dimension]
    if dimensions.count(()) == 1 and (("money", 1),) in dimensions:
        return say("; divide the money first, or write an amount such as 2000万")
    if all(dimension and dimension[0] in spans for dimension in dimensions):
        return say("; measure both with the same one of age(…), months_since(…), days_since(…)")
    return ""
