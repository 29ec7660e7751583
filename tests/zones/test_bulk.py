"""All rules of the zone at once: the checker finds nothing, and the bulk engine judges as the reference evaluator does."""

from __future__ import annotations

from datetime import date

import pytest

from innozone.kernel.columns import Snapshot, records_name
from innozone.kernel.packs import GoldenCase, Pack, load_pack
from innozone.kernel.rules import Matcher, Subject, check, check_dictionary, evaluate, explain, render, value
from innozone.kernel.terms import UNKNOWN


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("xixian")


def test_the_checker_finds_nothing_in_the_conditions_amounts_scores_and_formulas(pack: Pack) -> None:
    found = [str(problem) for problem in check_dictionary(pack.dictionary)]
    for policy in pack.policies.values():
        for item in policy.items:
            assert item.condition is not None
            found += [f"{item.code}: {problem}" for problem in check(item.condition, pack.dictionary)]
            amounts = [score.parsed for score in item.scores] + [item.benefit.expr if item.benefit else None]
            for expr in amounts:
                if expr is not None:
                    found += [f"{item.code}: {problem}" for problem in check(expr, pack.dictionary, expect="number")]
    assert not found, "\n".join(found)


def test_every_rule_over_every_golden_case_in_bulk_is_what_the_reference_says(pack: Pack) -> None:
    items = {item.code: item for policy in pack.policies.values() for item in policy.items}
    cases = [case for item in items.values() for case in item.cases]
    conditions = {code: item.condition for code, item in items.items() if item.condition is not None}
    amounts = {
        code: item.benefit.expr
        for code, item in items.items()
        if item.benefit is not None and item.benefit.expr is not None
    }
    assert len(cases) > 200
    for as_of in sorted({case.as_of for case in cases}):
        rows = [case for case in cases if case.as_of == as_of]
        snapshot = _snapshot(pack, rows, as_of)
        matches = Matcher(snapshot, pack.dictionary).match(conditions, amounts)
        for code, condition in conditions.items():
            for row, case in enumerate(rows):
                subject = Subject(pack.dictionary, case.facts, as_of, case.records)
                assert matches[code].truth(row) is evaluate(condition, subject), f"{code} over “{case.name}”"
                # Explaining is slower than judging: the cases of the rule itself show its near misses.
                if case in items[code].cases:
                    near = bool(explain(condition, subject).near_miss)
                    assert (row in matches[code].near) == near, f"{code} “{case.name}”"
        for code, expr in amounts.items():
            holding = [int(row) for row in matches[code].rows("true")]
            worked = [
                value(expr, Subject(pack.dictionary, rows[row].facts, as_of, rows[row].records)) for row in holding
            ]
            benefit = matches[code].benefit
            assert benefit is not None
            assert benefit.total == pytest.approx(sum(one for one in worked if one is not UNKNOWN))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_can_be_said_in_words(pack: Pack, language: str) -> None:
    for policy in pack.policies.values():
        for item in policy.items:
            assert item.condition is not None
            words = render(item.condition, pack.dictionary, language)
            assert words, item.code
            if language == "en":
                assert not any("\u4e00" <= letter <= "\u9fff" for letter in words), f"{item.code}: {words}"


def _snapshot(pack: Pack, cases: list[GoldenCase], as_of: date) -> Snapshot:
    facts = [case.facts for case in cases]
    names = {(variable, year) for row in facts for variable, years in row.items() for year in years}
    columns = {
        variable if year is None else f"{variable}@{year}": [row.get(variable, {}).get(year) for row in facts]
        for variable, year in sorted(names, key=str)
    }
    for kind in pack.dictionary.records:
        columns[records_name(kind)] = [case.records.get(kind) for case in cases]
    return Snapshot.from_columns(columns, as_of=as_of, dictionary=pack.dictionary)
