"""The cheapest way, held against trying every value of every fact on every day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import Condition, Subject, Truth, evaluate, load_condition
from innozone.kernel.rules.solve.repair import WAITING, Way, repair
from innozone.kernel.rules.solve.repair_days import break_days
from innozone.kernel.terms import Code, CodeList, Dictionary, Effort, Label, Variable

TODAY = date(2026, 6, 30)
MOST = 5


def variable(code: str, type: Any, effort: Effort | None = None, **more: Any) -> Variable:
    return Variable(code, Label(code, code), type, effort=effort, **more)


def whole(code: str, effort: Effort, **more: Any) -> Variable:
    return variable(code, "integer", effort, minimum=0, maximum=MOST, **more)


KINDS = CodeList("kinds", Label("", ""), tuple(Code(code, Label(code, code)) for code in ("x", "y", "z")))
VARIABLES = (
    whole("a", Effort(1, 2, unit=1)),
    whole("b", Effort(0, 3, unit=1, direction="up")),
    whole("c", Effort(4, 1, unit=1)),
    whole("year", Effort(2, 1, unit=1, direction="up"), period="year"),
    whole("fixed", Effort(1), mutable=False),
    variable("yes", "bool", Effort(3, direction="up")),
    variable("kind", "code", Effort(5, codes={"x": 2}), codelist="kinds"),
    variable("since", "date", mutable=False),
    variable("share", "number", formula="a / b"),
    variable("points", "number", formula="tier(a, >= 4: 3, >= 2: 2, else: 0) + tier(b, >= 3: 2, >= 1: 1, else: 0) + if(yes, 1, 0)"),
    variable("odd", "number", formula="if(a >= 2 and c >= 3, 10, if(a == 1, 4, c))"),
    variable("growth_of_year", "number", formula="year - year[-1]", period="year"),
)  # fmt: skip
TERMS = Dictionary({each.code: each for each in VARIABLES}, {"kinds": KINDS})

#: Comparisons of which each inner one has one fact that helps: there the search must be exact.
PLAIN = (
    "a >= {n}", "a < {n}", "b > {n}", "c == {n}", "c != {n}", "c <= {n}", "fixed >= {n}", "yes", "not yes",
    'kind == "x"', 'kind in {{"y", "z"}}', 'kind != "y"', "year[-1] >= {n}", "growth_of_year[-1] >= {n}",
    "points >= {n}", "age(since) >= {n}", "age(since) < {n}", "1 <= a <= {n}", "min(a, {n}) >= 2", "each(year[-2..-1] >= {n})",
)  # fmt: skip
#: Comparisons in which several facts may share what is needed, or that turn more than once.
MIXED = (
    "a + b >= {n}", "2 * a + 3 * b > 7 + {n}", "a * b >= {n}", "share >= 0.{n}", "a - c <= {n}", "c >= a", "odd >= 2 * {n}",
    "sum(year[-2..-1]) >= {n}", "max(a, b) + c == {n}", "a + 0.5 * points >= {n}", "odd == {n}",
    "min(a, b) >= {n}", "max(a, b) > {n}", "min(a, b) + c >= {n}", "max(year[-2..-1]) >= {n}",
)  # fmt: skip


def rules(texts: tuple[str, ...]) -> st.SearchStrategy[Any]:
    atoms = st.builds(lambda text, n: text.format(n=n), st.sampled_from(texts), st.integers(1, MOST))

    def nodes(deep: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        some = st.lists(deep, min_size=2, max_size=3)
        least = st.builds(lambda of, n: {"at_least": {"n": min(n, len(of)), "of": of}}, some, st.integers(1, 3))
        joined = st.one_of(
            some.map(lambda of: {"all": of}), some.map(lambda of: {"all": of}), some.map(lambda of: {"any": of})
        )
        return st.one_of(joined, least, deep.map(lambda node: {"not": node}))

    return st.recursive(atoms, nodes, max_leaves=4)


FIRMS = st.fixed_dictionaries(
    {
        **{name: st.integers(0, MOST).map(Decimal) for name in ("a", "b", "c", "fixed")},
        "year": st.tuples(st.integers(0, MOST), st.integers(0, MOST)).map(
            lambda pair: {2024: Decimal(pair[0]), 2025: Decimal(pair[1])}
        ),
        "yes": st.booleans(),
        "kind": st.sampled_from("xyz"),
        "since": st.sampled_from((date(2024, 2, 29), date(2025, 12, 1), date(2022, 7, 1))),
    }
)


def plain(firm: dict[str, Any]) -> dict[str, dict[int | None, Any]]:
    return {name: value if isinstance(value, dict) else {None: value} for name, value in firm.items()}


def on(firm: dict[str, Any], day: date, changes: dict[tuple[str, int | None], Any]) -> Subject:
    """The firm on a day as the reference page says: figures of years to come are those of the year before."""
    values = plain(firm)
    years = dict(values["year"])
    for year in range(TODAY.year, day.year):
        years[year] = changes.get(("year", year), years[year - 1])
    changed = {name: {None: target} for (name, year), target in changes.items() if year is None}
    return Subject(TERMS, {**values, "year": years, **changed}, day)


def cost(firm: dict[str, Any], changes: dict[tuple[str, int | None], Any]) -> float:
    total, last = 0.0, firm["year"][2025]
    for (name, _), target in sorted(changes.items(), key=lambda each: (each[0][0], each[0][1] or 0)):
        effort = TERMS[name].effort
        assert effort is not None
        if name == "year":
            total += effort.of_number(float(last), float(target), float(last))
            last = target
        elif name == "kind":
            total += effort.of_code(target)
        elif name == "yes":
            total += effort.fixed
        else:
            total += effort.of_number(float(firm[name]), float(target), float(firm[name]))
    return total


def choices(firm: dict[str, Any], rule: str, day: date) -> Iterator[dict[tuple[str, int | None], Any]]:
    """Every set of changes of the facts that the rule speaks of; None leaves a fact as it is."""
    options: dict[tuple[str, int | None], list[Any]] = {}
    names = {name for name in ("a", "b", "c", "yes", "kind", "year") if speaks(rule, name)}
    for name in names - {"year"}:
        effort, now = TERMS[name].effort, firm[name]
        assert effort is not None
        if name == "kind":
            options[name, None] = [code for code in "xyz" if code != now]
        elif name == "yes":
            options[name, None] = [] if now else [True]
        else:
            options[name, None] = [
                Decimal(n) for n in range(MOST + 1) if n != now and effort.allows(n > now)
            ]  # fmt: skip
    if "year" in names:
        options |= {("year", year): [Decimal(n) for n in range(MOST + 1)] for year in range(TODAY.year, day.year)}
    for targets in product(*([None, *values] for values in options.values())):
        changes = {key: target for key, target in zip(options, targets, strict=True) if target is not None}
        before = firm["year"][2025]
        for year in range(TODAY.year, day.year):
            target = changes.get(("year", year), before)
            if target < before or (("year", year) in changes and target == before):
                break
            before = target
        else:
            yield changes


DERIVED = {"share": "ab", "points": ("a", "b", "yes"), "odd": "ac", "growth_of_year": ("year",)}


def speaks(rule: str, name: str) -> bool:
    words = set(re.findall(r"\w+", rule))
    return name in words or any(name in facts for derived, facts in DERIVED.items() if derived in words)


def cheapest(firm: dict[str, Any], rule: Condition, text: str) -> float | None:
    """The least cost over all days on which time can change anything, and all changes."""
    subject = Subject(TERMS, plain(firm), TODAY)
    best: float | None = None
    for day in (TODAY, *break_days(rule, subject, date(TODAY.year + 5, 12, 31)).days):
        waiting = WAITING * (day - TODAY).days
        if best is not None and waiting >= best:
            break
        for changes in choices(firm, text, day):
            total = cost(firm, changes) + waiting
            if (best is None or total < best) and evaluate(rule, on(firm, day, changes)) is Truth.TRUE:
                best = total
    return best


def changed(way: Way) -> dict[tuple[str, int | None], Any]:
    return {(change.variable, change.year): change.target for change in way.changes}


def compared(data: Any, firm: dict[str, Any]) -> None:
    rule, text = load_condition(data), str(data)
    found = repair(rule, Subject(TERMS, plain(firm), TODAY))
    if found.truth is Truth.TRUE:
        assert found.ways == ()
        return
    best = cheapest(firm, rule, text)
    event(f"proved {found.proved}, ways {bool(found.ways)}, there is one {best is not None}")
    for way in found.ways:
        assert evaluate(rule, on(firm, way.day, changed(way))) is Truth.TRUE
        assert way.findings == ()
        assert abs(cost(firm, changed(way)) + WAITING * (way.day - TODAY).days - way.cost) < 1e-5
        assert best is not None
        assert way.cost >= best - 1e-5
    if found.proved:
        assert (found.ways[0].cost if found.ways else None) == (None if best is None else round(best, 6))


@settings(max_examples=150, deadline=None)
@given(rules(PLAIN), FIRMS)
def test_the_first_way_is_the_cheapest(data: Any, firm: dict[str, Any]) -> None:
    compared(data, firm)


@settings(max_examples=150, deadline=None)
@given(rules(PLAIN + MIXED), FIRMS)
def test_what_is_said_to_be_proved_is_so_where_facts_share_what_is_needed(data: Any, firm: dict[str, Any]) -> None:
    compared(data, firm)
