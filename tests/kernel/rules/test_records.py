"""Rules over a firm's records: counts with a filter, sums, bounds where a record is not known whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, SnapshotWriter
from innozone.kernel.rules import Matcher, Subject, Test, Truth, check, evaluate, explain, parse, render, value
from innozone.kernel.terms import UNKNOWN
from tests.kernel.rules.sample import AS_OF, DICTIONARY, OVER_RECORDS, condition, expressions, facts, records, subject

OLD = {"kind": "invention_patent", "granted_on": date(2020, 6, 30), "in_force": True, "value": 30_0000}
NEW = {"kind": "invention_patent", "granted_on": date(2025, 1, 1), "in_force": True, "value": 10_0000}
MODEL = {"kind": "utility_model", "granted_on": date(2025, 1, 1), "in_force": False, "value": 2_0000}
UNDATED = {"kind": "invention_patent", "in_force": True}


def test_records_are_counted_with_a_filter() -> None:
    firm = subject(ip=[OLD, NEW, MODEL])
    assert value("count(ip)", firm) == 3.0
    assert value('count(ip where kind == "invention_patent" and in_force and age(granted_on) < 5)', firm) == 1.0
    assert value("sum(ip.value where in_force)", firm) == 40_0000.0
    assert value("min(ip.value where true)", firm) == 2_0000.0
    assert value('max(ip.value where kind within "invention_patent")', firm) == 30_0000.0


def test_no_records_is_zero_and_unknown_records_are_unknown() -> None:
    assert value("count(ip)", subject(ip=[])) == 0.0
    assert value("sum(ip.value where true)", subject(ip=[])) == 0.0
    assert value("max(ip.value where true)", subject(ip=[])) is UNKNOWN
    assert value("count(ip)", subject()) is UNKNOWN
    assert evaluate(condition("count(ip) >= 0"), subject()) is Truth.UNKNOWN


def test_a_record_not_known_whole_leaves_a_count_between_two_ends() -> None:
    firm = subject(ip=[NEW, UNDATED])
    young = "count(ip where age(granted_on) < 5)"
    assert value(young, firm) is UNKNOWN
    assert evaluate(condition(f"{young} >= 1"), firm) is Truth.TRUE
    assert evaluate(condition(f"{young} >= 2"), firm) is Truth.UNKNOWN
    assert evaluate(condition(f"{young} >= 3"), firm) is Truth.FALSE
    assert evaluate(condition(f"{young} == 3"), firm) is Truth.FALSE
    assert evaluate(condition(f"{young} != 2"), firm) is Truth.UNKNOWN
    reasons = explain(condition(f"{young} >= 2"), firm).reasons
    assert [reason.kind for reason in reasons] == ["record"]
    assert "granted_on is not known" in reasons[0].text


def test_a_sum_over_a_record_without_the_amount_is_unknown() -> None:
    assert value("sum(ip.value where in_force)", subject(ip=[NEW, UNDATED])) is UNKNOWN
    assert value("sum(ip.value where age(granted_on) < 5)", subject(ip=[NEW, {"granted_on": date(2000, 1, 1)}])) == 1e5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("count(patents) >= 1", "there are no records patents; the kinds are ip"),
        ("count(ipp) >= 1", "did you mean ip?"),
        ('count(ip where kinds == "invention_patent") >= 1', "the records ip have no field kinds; did you mean kind?"),
        ("count(ip where legal_person) >= 1", "their fields are kind, granted_on, in_force, value"),
        ('count(ip where kind == "patent") >= 1', "“patent” is not in the code list ip_kinds"),
        ("count(ip where value) >= 1", "a condition must be true or false"),
        ("sum(ip.kind where true) >= 1", "sum works on numbers"),
        ("count(ip) >= 5%", "they do not compare"),
        ("sum(ip.value where true) >= 5%", "they do not compare"),
    ],
)
def test_a_wrong_question_to_records_is_refused(text: str, message: str) -> None:
    found = [problem.message for problem in check(parse(text), DICTIONARY) if problem.severity == "error"]
    assert message in " ".join(found)


def test_records_are_said_in_both_languages() -> None:
    rule = parse('count(ip where kind == "invention_patent" and age(granted_on) < 5) >= 2')
    assert render(rule, DICTIONARY) == "知识产权（类型为发明专利，且自授权日起不满5年）数不低于2"
    assert render(rule, DICTIONARY, "en") == (
        "number of records of Rights (kind is Invention patent, and less than 5 years since granted on) at least 2"
    )
    assert (
        render(parse("sum(ip.value where in_force) >= 50万"), DICTIONARY)
        == "知识产权（有效：是）的评估价值合计不低于50万元"
    )


def rows_of(found: list[tuple[dict[str, Any], list[dict[str, Any]] | None]]) -> Snapshot:
    columns: dict[str, Any] = {"ip[]": [ip for _, ip in found]}
    for name in ("legal_person", "score", "region"):
        columns[name] = [row.get(name, {}).get(None) for row, _ in found]
    return Snapshot.from_columns(columns, as_of=AS_OF, dictionary=DICTIONARY)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(facts(), records()), min_size=1, max_size=6),
    st.lists(
        OVER_RECORDS | st.builds(lambda a, b: parse(f"({a}) or not ({b})"), OVER_RECORDS, expressions()), max_size=4
    ),
)
def test_every_row_gets_the_verdict_of_the_reference_evaluator(rows, rules) -> None:
    kept = [({name: row[name] for name in ("legal_person", "score", "region") if name in row}, ip) for row, ip in rows]
    matches = Matcher(rows_of(kept), DICTIONARY, block_rows=64).match({str(at): Test(r) for at, r in enumerate(rules)})
    for at, rule in enumerate(rules):
        for row, (values, ip) in enumerate(kept):
            firm = Subject(DICTIONARY, values, AS_OF, {} if ip is None else {"ip": ip})
            assert matches[str(at)].truth(row) is evaluate(Test(rule), firm), str(rule)


@settings(max_examples=100, deadline=None)
@given(records(unknown=0.0), records(unknown=0.5), OVER_RECORDS)
def test_no_verdict_is_overturned_when_a_record_becomes_known(whole, gaps, rule) -> None:
    if whole is None or gaps is None:
        return
    pairs = list(zip(whole, gaps, strict=False))
    partly = [{name: full[name] for name in full if name in part} for full, part in pairs]
    before = evaluate(Test(rule), Subject(DICTIONARY, {}, AS_OF, {"ip": partly}))
    after = evaluate(Test(rule), Subject(DICTIONARY, {}, AS_OF, {"ip": [full for full, _ in pairs]}))
    assert before in (Truth.UNKNOWN, after)


def test_rows_in_any_order_see_their_own_records() -> None:
    shot = Snapshot.from_columns({"ip[]": [[OLD], None, [], [NEW, MODEL]]}, as_of=AS_OF, dictionary=DICTIONARY)
    amounts = Matcher(shot, DICTIONARY).amounts("sum(ip.value where true)", np.array([3, 1, 0, 2]))
    assert amounts.tolist()[:1] + amounts.tolist()[2:] == [12_0000.0, 30_0000.0, 0.0]
    assert np.isnan(amounts[1])


def test_records_are_kept_in_the_files_of_a_snapshot(tmp_path: Path) -> None:
    rows = [
        [{"kind": "invention_patent", "value": Decimal(5), "granted_on": date(2024, 1, 2)}, {"in_force": True}],
        None,
        [],
    ]
    with SnapshotWriter(tmp_path / "s", as_of=AS_OF, dictionary=DICTIONARY) as writer:
        writer.append([1, 2, 3], {"ip[]": rows, "score": [1, 2, 3]})
        writer.append([4], {"score": [4]})
    found = Snapshot.open(tmp_path / "s", verify=True)
    assert [found.records(row).get("ip") for row in range(4)] == [tuple(rows[0]), None, (), None]
    assert Matcher(found, DICTIONARY).match({"a": condition("count(ip) >= 2")})["a"].truth(0) is Truth.TRUE
