"""Records as rules see them: the same for one firm and in the columns of all; what it means to have none."""

from datetime import date
from decimal import Decimal

import pytest

from innozone.foundation.facts import dictionary, records, snapshots
from innozone.foundation.facts.values import subject
from innozone.kernel.rules import Matcher, Test, Truth, evaluate, parse
from innozone.kernel.rules.reads import reads
from tests.foundation.facts.zone import credit_code, csv, deliver

DAY = date(2026, 6, 30)


@pytest.fixture
def filled(firms):
    deliver(
        "titles",
        csv(
            "信用代码,名称,资质,认定日期,有效期至",
            f"{credit_code(1)},,科技型中小企业,2024-01-01,2024-12-31",
            f"{credit_code(1)},,瞪羚企业,2026-12-01,",
        ),
    )
    deliver("penalties", csv("信用代码,名称,文号,日期,金额", f"{credit_code(2)},,罚1,2025-03-01,500.5"))
    deliver(
        "ip",
        csv(
            "信用代码,名称,号,类型,授权日", f"{credit_code(1)},,ZL1,发明专利,2022-05-01", f"{credit_code(1)},,ZL2,商标,"
        ),
    )
    return firms


def test_a_firm_has_the_records_that_its_departments_delivered(filled):
    found = subject(filled[1], DAY).records
    assert found["ip"] == ({"kind": "invention", "granted": date(2022, 5, 1)}, {"kind": "mark"})
    # The day of the second title is still to come.
    assert found["titles"] == ({"title": "tech_sme", "awarded": date(2024, 1, 1), "until": date(2024, 12, 31)},)
    assert found["penalties"] == ()
    assert subject(filled[2], DAY).records["penalties"] == ({"decided": date(2025, 3, 1), "amount": Decimal("500.5")},)


def test_no_record_of_a_partial_dataset_means_that_nobody_knows(filled):
    assert "ip" not in subject(filled[3], DAY).records
    assert subject(filled[3], DAY).records["titles"] == ()


def test_before_the_first_delivery_nobody_knows(firms):
    assert subject(firms[1], DAY).records == {}


def test_a_row_put_aside_that_may_be_the_firms_leaves_its_records_unknown(filled):
    deliver("penalties", csv("信用代码,名称,文号,日期,金额", f"{credit_code(3)},,罚2,无日期,500"))
    assert "penalties" not in subject(filled[3], DAY).records
    made = snapshots.open(snapshots.build(DAY))
    assert "penalties" not in made.records(made.row_of(filled[3].pk))


def test_a_snapshot_holds_the_records_that_each_firm_has(filled):
    made = snapshots.open(snapshots.build(DAY))
    for party in filled.values():
        assert made.records(made.row_of(party.pk)) == subject(party, DAY).records


def test_rules_over_records_agree_for_one_and_for_all(filled):
    known = dictionary.current()
    made = snapshots.open(snapshots.build(DAY))
    for text, wanted in {
        'count(ip where kind within "patent" and age(granted) < 5) >= 1': ("true", "unknown", "unknown"),
        "sum(penalties.amount where age(decided) < 3) > 500": ("false", "true", "false"),
        'count(titles where title == "tech_sme") == 1': ("true", "false", "false"),
        "count(titles where until < today) >= 1": ("true", "false", "false"),
    }.items():
        rule = Test(parse(text))
        match = Matcher(made, known).match({"a": rule})["a"]
        for number, truth in enumerate(wanted, 1):
            assert evaluate(rule, subject(filled[number], DAY)) is Truth(truth), text
            assert match.truth(made.row_of(filled[number].pk)) is Truth(truth), text
    assert reads([Test(parse("count(ip) >= 1"))], known, DAY) == [("ip[]", None)]


def test_records_survive_json(filled):
    known = dictionary.current()
    found = subject(filled[1], DAY).records
    for kind, held in found.items():
        assert records.typed(known, kind, [records.plain(record) for record in held]) == held
