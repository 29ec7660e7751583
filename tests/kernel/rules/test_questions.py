"""The question that unlocks most money: exact where a fact is compared itself, never promising what no answer gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot
from innozone.kernel.rules import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Manual,
    Negation,
    Program,
    Question,
    Subject,
    Test,
    Truth,
    explain,
    load_condition,
    parse,
    questions,
)
from innozone.kernel.rules.bulk.answers import answers
from innozone.kernel.rules.reads import Key, reads
from tests.kernel.rules.sample import AS_OF, DICTIONARY, conditions, facts
from tests.kernel.rules.test_matcher import snapshot
from tests.kernel.rules.worlds import outcomes

Facts = dict[str, dict[int | None, Any]]

#: Comparisons of facts themselves, so few of each that they meet in one rule.
_PLAIN = st.sampled_from(
    (
        "revenue[-1] >= 4000万", "revenue[-1] < 1亿", "revenue[-1] > 4000万", "revenue[-1] == 1亿", "staff_total[-1] > 20",
        "staff_total[-1] < 21", "staff_total[-1] <= 300", "score >= 60", "score < 60", "score != 60", "legal_person",
        "abnormal_list == false", 'region within "xixian"', 'region not within "610000"', 'region == "fengdong"',
        'industry in {"65", "39"}', 'holds("tech_sme")', 'not holds("specialised")', 'holds_any("little_giant")',
        'name == "秦创原科技"', 'established_on <= date("2023-06-30")', 'established_on > date("2023-06-29")',
    )
).map(lambda text: Test(parse(text)))  # fmt: skip
_RULES = st.recursive(
    _PLAIN | _PLAIN | _PLAIN | st.just(Manual("由专家判断")),
    lambda deep: st.one_of(
        st.lists(deep, min_size=1, max_size=3).map(lambda nodes: AllOf(tuple(nodes))),
        st.lists(deep, min_size=1, max_size=3).map(lambda nodes: AnyOf(tuple(nodes))),
        st.lists(deep, min_size=3, max_size=3).map(lambda nodes: AtLeast(2, tuple(nodes))),
        st.builds(Negation, deep),
    ),
    max_leaves=5,
)


def granted(rule: Condition, values: Facts) -> bool:
    return explain(rule, Subject(DICTIONARY, values, AS_OF)).ready is Truth.TRUE


def turning(rule: Condition, values: Facts) -> set[Key]:
    """The missing facts of which one tried answer alone makes the rule grant, by exhaustive search."""
    if granted(rule, values):
        return set()
    return {
        key
        for key in missing(rule, values)
        if any(granted(rule, told(values, key, each)) for each in tried(key, rule, values))
    }


def missing(rule: Condition, values: Facts) -> list[Key]:
    keys = reads([rule], DICTIONARY, AS_OF)
    return [
        (name, year) for name, year in keys if DICTIONARY[name].formula is None and year not in values.get(name, {})
    ]


def told(values: Facts, key: Key, answer: Any) -> Facts:
    filled = {name: dict(by_year) for name, by_year in values.items()}
    filled.setdefault(key[0], {})[key[1]] = Decimal(repr(answer)) if isinstance(answer, float) else answer
    return filled


def tried(key: Key, rule: Condition, values: Facts) -> list[Any]:
    variable = DICTIONARY[key[0]]
    program = Program({"a": rule}, DICTIONARY, AS_OF)
    found = [*outcomes(key[0], rule, values), *answers(variable, program.atoms, DICTIONARY, AS_OF)]
    if variable.minimum is not None:
        found = [each for each in found if each >= variable.minimum]
    if variable.codelist and variable.type == "code":
        found = [each for each in found if each in DICTIONARY.codelists[variable.codelist]]
    return found


def ask(rules: dict[str, Condition], rows: list[Facts], benefits: dict[str, str] | None = None) -> list[Question]:
    shot = snapshot(rows)
    return questions(Program(rules, DICTIONARY, AS_OF, benefits), shot, block_rows=64)


@settings(max_examples=150, deadline=None)
@given(st.lists(_RULES, min_size=1, max_size=2), st.lists(facts(unknown=0.6), min_size=1, max_size=3))
def test_exactly_the_facts_that_could_turn_a_verdict_are_asked_for(rules, rows) -> None:
    named = {str(at): rule for at, rule in enumerate(rules)}
    wanted: dict[Key, dict[str, int]] = {}
    parties: dict[Key, int] = {}
    for values in rows:
        turned = {id: turning(rule, values) for id, rule in named.items()}
        for key in set().union(*turned.values()):
            parties[key] = parties.get(key, 0) + 1
            for id in named:
                if key in turned[id]:
                    rows_of = wanted.setdefault(key, {})
                    rows_of[id] = rows_of.get(id, 0) + 1
    found = ask(named, rows)
    assert {(each.variable, each.year): {id: u.rows for id, u in each.rules.items()} for each in found} == wanted
    assert {(each.variable, each.year): each.parties for each in found} == parties


@settings(max_examples=100, deadline=None)
@given(conditions(), facts(unknown=0.6))
def test_nothing_is_promised_that_no_answer_gives(rule, values) -> None:
    atoms = Program({"a": rule}, DICTIONARY, AS_OF).steps["a"]
    literals = [str(literal.atom) for literal in atoms.literals()]
    if len(literals) > 1:
        return  # two comparisons of something worked out are tried one by one
    asked = {(each.variable, each.year) for each in ask({"a": rule}, [values])}
    assert asked <= turning(rule, values)


def test_the_answer_that_unlocks_most_money_comes_first() -> None:
    rows: list[Facts] = [
        {"legal_person": {None: True}, "staff_total": {2025: 10}},
        {"legal_person": {None: True}, "staff_total": {2025: 20}},
        {"score": {None: 70}, "staff_total": {2025: 30}},
        {"score": {None: 10}},
        {"legal_person": {None: True}, "score": {None: 70}, "staff_total": {2025: 40}},
    ]
    rules = {
        "grant": load_condition({"all": ["score >= 60", "legal_person", {"manual": "无重大事故"}]}),
        "title": load_condition("score >= 90"),
        "loan": load_condition("score >= 65"),
    }
    first, second = ask(rules, rows, {"grant": "1000 * staff_total[-1]", "loan": "1% * revenue[-1]"})
    assert (first.variable, first.year, first.parties) == ("score", None, 2)
    assert {id: (u.rows, u.money, u.unbounded) for id, u in first.rules.items()} == {
        "grant": (2, 30_000.0, 0),
        "title": (2, None, 0),
        "loan": (2, 0.0, 2),
    }
    assert (first.unlocked.rows, first.unlocked.money, first.unlocked.unbounded) == (6, 30_000.0, 2)
    assert (second.variable, second.parties, second.unlocked.money) == ("legal_person", 1, 30_000.0)


def test_what_is_worked_out_from_a_missing_fact_is_asked_for_where_it_can_suffice() -> None:
    rule = load_condition({"all": ["rd_ratio[-1] >= 5%", "age(established_on) >= 3", "age(established_on) < 5"]})
    old, young = date(2022, 1, 1), date(2026, 1, 1)

    def asked(**facts: Any) -> list[tuple[str, int | None]]:
        values = {name: value if isinstance(value, dict) else {None: value} for name, value in facts.items()}
        return [(each.variable, each.year) for each in ask({"a": rule}, [values])]

    assert asked(revenue={2025: 100}, established_on=old) == [("rd_expense", 2025)]
    assert asked(rd_expense={2025: 100}, established_on=old) == [("revenue", 2025)]
    # No answer helps a firm that is too young, one alone does not where two are missing, none where nothing is earned.
    assert asked(rd_expense={2025: 100}, established_on=young) == []
    assert asked(established_on=old) == []
    assert asked(rd_expense={2025: 0}, established_on=old) == []
    assert asked(revenue={2025: 100}, rd_expense={2025: 5}) == [("established_on", None)]


def test_records_that_nobody_told_are_asked_for() -> None:
    shot = Snapshot.from_columns({"score": [70, 10], "ip[]": [None, None]}, as_of=AS_OF, dictionary=DICTIONARY)
    rules = {"a": load_condition({"all": ["score >= 60", "count(ip where in_force) >= 2"]})}
    (found,) = questions(Program(rules, DICTIONARY, AS_OF), shot)
    assert (found.variable, found.parties) == ("ip[]", 1)
    known = Snapshot.from_columns({"score": [70], "ip[]": [[]]}, as_of=AS_OF, dictionary=DICTIONARY)
    assert questions(Program(rules, DICTIONARY, AS_OF), known) == []
