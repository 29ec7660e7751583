"""Why a verdict is what it is: every node, every leaf with the facts it read, what is missing, how far it is off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.evaluate import Evaluator
from innozone.kernel.rules.meaning import is_fixed
from innozone.kernel.rules.settle import settled
from innozone.kernel.rules.subject import Notes, Reason, Scalar, Subject
from innozone.kernel.rules.tree import NEGATED, And, Call, Compare, Expr, Has, In, Least, Not, Or, Within, expanded
from innozone.kernel.rules.truth import Truth, all_of, any_of, at_least
from innozone.kernel.terms import UNKNOWN, Unknown, Value

#: Costs count leaves that must turn; two stands for two or more, or not knowable.
FAR = 2


@dataclass(frozen=True, slots=True)
class Input:
    """A fact that a leaf read: variable, calendar year (None without period), value (may be UNKNOWN)."""

    variable: str
    year: int | None
    value: Value | Unknown


@dataclass(frozen=True, slots=True)
class Gap:
    """What a comparison asks and what there is. `op` is one of the comparators, `in`, `not in`, `within`, `not within`,
    `has`, `not has`, `is`; `threshold` and `actual` are in the stored unit (days for dates); `difference` is what lacks:
    threshold - actual for numbers and dates, None where there is no distance."""

    expr: Expr
    op: str
    threshold: Scalar | tuple[str, ...]
    actual: Scalar
    difference: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node of the explained tree.

    kind: all, any, not, at_least, test, manual for nodes of the condition; inside a test with several comparisons the
    parts are and, or, not, part. `leaf` is the number of the leaf (see Condition.leaves), None above the leaves.
    `gap` stands on tests and parts that are one comparison. `cost` is the number of parts that must turn for the node
    to hold, 2 for two or more; an unknown part counts as 2, a manual one as 0. `asked` is False under a negation:
    there the node should not hold.
    """

    kind: str
    truth: Truth
    text: str
    path: str
    condition: Condition | None = None
    expr: Expr | None = None
    leaf: int | None = None
    n: int = 0
    asked: bool = True
    children: tuple[Explanation, ...] = ()
    inputs: tuple[Input, ...] = ()
    reasons: tuple[Reason, ...] = ()
    gap: Gap | None = None
    cost: int = 0
    ready: Truth = Truth.UNKNOWN

    @property
    def manual(self) -> bool:
        return self.kind == "manual"

    @property
    def manual_only(self) -> bool:
        """True when the verdict is open and would be true once a person confirms the manual leaves."""
        return self.truth is Truth.UNKNOWN and self.ready is Truth.TRUE

    def walk(self) -> Iterator[Explanation]:
        """This node and all below it, top down."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> list[Explanation]:
        """The tests and manual leaves, from left to right."""
        return [node for node in self.walk() if node.kind in ("test", "manual")]

    def failing(self) -> list[Explanation]:
        """The leaves that stand against the verdict being true (true ones under a negation); those of a part that holds
        anyway are left out, such as the other branch of an any."""
        if self.truth is Truth.of(self.asked):
            return []
        if self.leaf is not None:
            return [self] if self.truth is not Truth.UNKNOWN else []
        return [leaf for child in self.children for leaf in child.failing()]

    def open(self) -> list[Explanation]:
        """The leaves that are unknown for want of facts and could still change the verdict."""
        if self.truth is not Truth.UNKNOWN or self.manual:
            return []
        if self.leaf is not None:
            return [self]
        return [leaf for child in self.children for leaf in child.open()]

    def missing(self) -> list[Input]:
        """The facts that nobody has told and on which open leaves wait, without repetition."""
        wanted = {
            (reason.variable, reason.year)
            for leaf in self.open()
            for reason in leaf.reasons
            if reason.kind == "missing"
        }
        found = {
            (each.variable, each.year): each
            for leaf in self.open()
            for each in leaf.inputs
            if (each.variable, each.year) in wanted
        }
        return list(found.values())

    @property
    def near_miss(self) -> list[Explanation]:
        """The single parts (or tests) any one of which, turned, would make the verdict true; empty when none would.

        Only a false verdict is a near miss; manual leaves are taken as confirmed; an unknown part is too far, and so is
        one that rests on facts which neither the firm nor time can change.
        """
        return list(_turning(self)) if self.truth is Truth.FALSE and self.cost == 1 else []


def explain(condition: Condition, subject: Subject) -> Explanation:
    """The explained tree of a condition for one subject."""
    return _Explainer(subject).node(condition, "", True)


def _turning(node: Explanation) -> Iterator[Explanation]:
    if not node.children:
        yield node
    for child in node.children:
        if child.cost == 1:
            yield from _turning(child)


def _cost(n: int, costs: list[int]) -> int:
    """The least number of parts to turn so that n of the children hold, 2 for more than one."""
    return min(sum(sorted(costs)[:n]), FAR)


class _Explainer:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.leaf = 0

    def node(self, condition: Condition, path: str, asked: bool) -> Explanation:
        anchor = condition.anchor
        text = anchor.label.zh if anchor.label else ""
        match condition:
            case AllOf(of) | AnyOf(of) | AtLeast(_, of):
                kind = {AllOf: "all", AnyOf: "any", AtLeast: "at_least"}[type(condition)]
                step = "at_least.of" if kind == "at_least" else kind
                children = tuple(self.node(node, _join(path, f"{step}[{at}]"), asked) for at, node in enumerate(of))
                n = condition.n if isinstance(condition, AtLeast) else len(of) if kind == "all" else 1
                return self._settled(_combined(kind, text, path, n, children, asked, condition), condition)
            case Negation(of):
                child = self.node(of, _join(path, "not"), not asked)
                return Explanation(
                    "not", ~child.truth, text, path, condition, asked=asked, children=(child,), cost=child.cost,
                    ready=~child.ready,
                )  # fmt: skip
            case Manual(manual):
                leaf = self._next()
                reason = Reason("manual", manual)
                ready = Truth.of(asked)
                return Explanation(
                    "manual", Truth.UNKNOWN, manual, _join(path, "manual"), condition, leaf=leaf, asked=asked,
                    reasons=(reason,), ready=ready,
                )  # fmt: skip
            case Test(expr):
                leaf = self._next()
                explained = self.part(expr, _join(path, "test"), asked)
                return replace(explained, kind="test", condition=condition, leaf=leaf)
        raise TypeError(f"not a condition: {condition!r}")

    def _next(self) -> int:
        self.leaf += 1
        return self.leaf - 1

    def part(self, expr: Expr, path: str, asked: bool) -> Explanation:
        """A boolean expression, taken apart along and, or, not."""
        kind, n = "part", 1
        items: tuple[Expr, ...] = ()
        match expr:
            case And():
                kind, n, items = "and", len(expr.items), expr.items
            case Or():
                kind, items = "or", expr.items
            case Least(least, items):
                kind, n = "at_least", least
            case Call("each", args):
                items = expanded(args[0])
                kind, n = "and", len(items)
            case Call("some", args):
                kind, items = "or", expanded(args[0])
            case Not(operand):
                child = self.part(operand, path, not asked)
                return replace(
                    child, kind="not", truth=~child.truth, text=str(expr), expr=expr, asked=asked, children=(child,),
                    ready=~child.ready, gap=None,
                )  # fmt: skip
        if kind == "part":
            return self._atom(expr, path, asked)
        children = tuple(self.part(item, path, asked) for item in items)
        node = self._settled(_combined(kind, str(expr), path, n, children, asked, None), expr)
        return replace(
            node,
            expr=expr,
            inputs=tuple(dict.fromkeys(each for child in children for each in child.inputs)),
            reasons=tuple(dict.fromkeys(each for child in children for each in child.reasons)),
        )

    def _settled(self, explained: Explanation, node: Condition | Expr) -> Explanation:
        """The explanation with the truth that the node has whatever the facts may be: then no part can turn it."""
        found = settled(node, self.subject.dictionary)
        if found is None:
            return explained
        truth = Truth.of(found)
        return replace(explained, truth=truth, ready=truth, cost=0 if found is explained.asked else FAR)

    def _atom(self, expr: Expr, path: str, asked: bool) -> Explanation:
        notes = Notes()
        evaluator = Evaluator(self.subject, notes)
        truth = evaluator.logical(expr)
        inputs = tuple(Input(name, year, value) for (name, year), value in notes.inputs.items())
        reasons = tuple(notes.reasons) if truth is Truth.UNKNOWN else ()
        short = truth is not Truth.of(asked)
        cost = FAR if truth is Truth.UNKNOWN or (short and is_fixed(expr, self.subject.dictionary)) else int(short)
        gap = _gap(expr, evaluator, asked)
        return Explanation(
            "part", truth, str(expr), path, expr=expr, asked=asked, inputs=inputs, reasons=reasons, gap=gap, cost=cost,
            ready=truth,
        )  # fmt: skip


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _combined(
    kind: str, text: str, path: str, n: int, children: tuple[Explanation, ...], asked: bool, condition: Condition | None
) -> Explanation:
    fold = {"all": all_of, "and": all_of, "any": any_of, "or": any_of}.get(kind, lambda verdicts: at_least(n, verdicts))
    # Under a negation the node should fail: for that, all but n - 1 children must fail.
    needed = n if asked else len(children) - n + 1
    return Explanation(
        kind,
        fold([child.truth for child in children]),
        text,
        path,
        condition,
        n=n,
        asked=asked,
        children=children,
        cost=_cost(needed, [child.cost for child in children]),
        ready=fold([child.ready for child in children]),
    )


def _gap(expr: Expr, evaluator: Evaluator, asked: bool) -> Gap | None:
    """What the comparison asks, turned round under a negation."""
    said = "" if asked else "not "
    match expr:
        case Compare(op, left, right):
            threshold, actual = evaluator.value(right), evaluator.value(left)
            difference = None
            if isinstance(threshold, float) and isinstance(actual, float):
                difference = threshold - actual
            elif isinstance(threshold, date) and isinstance(actual, date):
                difference = float((threshold - actual).days)
            return Gap(left, op if asked else NEGATED[op], threshold, actual, difference)
        case In(operand, values):
            wanted = tuple(str(value) for value in values)
            return Gap(operand, f"{said}in", wanted, evaluator.value(operand), None)
        case Within(operand, roots):
            return Gap(operand, f"{said}within", roots, evaluator.value(operand), None)
        case Has(operand, roots):
            return Gap(operand, f"{said}has", roots, evaluator.value(operand), None)
        case _:
            actual = evaluator.value(expr)
            return Gap(expr, "is", asked, actual, None) if isinstance(actual, bool) or actual is UNKNOWN else None
