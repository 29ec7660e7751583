"""Which source is believed, and when sources disagree."""

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Fact
from tests.foundation.facts.zone import credit_code, csv, deliver, registry, registry_row


def survey(name, **cells):
    line = {"信用代码": credit_code(1), "年度": 2025, **cells}
    return deliver("survey", json.dumps(line, ensure_ascii=False).encode(), f"{name}.jsonl")


def social(staff, year=2025, name="social.csv"):
    return deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,{year},{staff},"), name)


def fact(party, variable, year=0):
    return Fact.objects.get(party=party, variable=variable, year=year)


def test_the_source_that_the_variable_names_first_wins_whatever_comes_later(firms):
    survey("a", 注册资本=3000)
    capital = fact(firms[1], "capital")
    assert capital.number == 12_000_000
    assert capital.statement.dataset.code == "registry"
    assert (capital.statements, capital.conflicting) == (2, True)


def test_a_less_trusted_source_speaks_until_a_better_one_does(firms):
    survey("a", 人数=33)
    assert fact(firms[1], "staff", 2025).number == 33
    social(40)
    staff = fact(firms[1], "staff", 2025)
    assert (staff.number, staff.conflicting) == (40, True)


def test_a_later_delivery_of_the_same_source_corrects_it_and_is_no_conflict(firms):
    social(40)
    social(41, name="later.csv")
    staff = fact(firms[1], "staff", 2025)
    assert (staff.number, staff.statements, staff.conflicting) == (41, 2, False)


def test_a_conflict_ends_when_a_source_corrects_itself(firms):
    survey("a", 注册资本=3000)
    assert fact(firms[1], "capital").conflicting
    survey("b", 注册资本=1200)
    assert not fact(firms[1], "capital").conflicting


@pytest.mark.parametrize(
    ("registered", "declared", "conflicting"),
    [
        ("1200", "1200.4", False),  # 万元 without places: rounded to 5,000 元
        ("1200", "1200.6", True),
        ("1200.00", "1200.4", True),  # printed to 100 元
        ("12004000元", "1200", False),
        ("1.2亿元", "12300", False),  # printed to 10 million 元
        ("1.2亿元", "12600", True),
        ("1200", "12000000元", False),
        ("120000000.01", "120000000.02", False),  # one part in a million
    ],
)
def test_numbers_disagree_beyond_the_rounding_of_the_coarser_one(firms, registered, declared, conflicting):
    deliver("registry", registry(registry_row(1, capital=registered)), "again.csv")
    survey("a", 注册资本=declared)
    assert fact(firms[1], "capital").conflicting is conflicting


@pytest.mark.parametrize(
    ("industry", "conflicting"), [("6513", False), ("I", False), ("软件", False), ("C", True), ("制造业", True)]
)
def test_a_code_above_or_below_says_the_same_more_or_less_exactly(firms, industry, conflicting):
    survey("a", 行业=industry)
    found = fact(firms[1], "industry")
    assert (found.text, found.conflicting) == ("65", conflicting)


@pytest.mark.parametrize(
    ("address", "conflicting"), [("尚稷路１号", False), ("尚稷路 1号", False), ("尚稷路2号", True)]
)
def test_texts_agree_after_folding(firms, address, conflicting):
    survey("a", 住所=address)
    assert fact(firms[1], "address").conflicting is conflicting


def test_a_late_file_about_an_earlier_year_does_not_overrule_a_newer_year(firms):
    """The industry has no period, but the rows of the survey speak of years."""
    survey("a", 年度=2025, 住所="新路1号", 人数=3)
    survey("b", 年度=2023, 住所="旧路1号", 人数=2)
    from innozone.foundation.facts.values import history

    assert [entry.raw for entry in history(firms[1], "address")] == ["旧路1号", "新路1号", "尚稷路1号"]
    from innozone.foundation.facts import dictionary, winners
    from innozone.foundation.facts.models import Dataset, Statement

    # Without the registry's word the newer year counts.
    assert Dataset.objects.filter(code="registry").update(code="elsewhere")
    winners.recompute(dictionary.current(), [(firms[1].pk, "address", 0)])
    assert fact(firms[1], "address").text == "新路1号"
    assert Statement.objects.filter(variable="address").count() == 5


def test_several_years_in_one_file_give_several_facts_and_the_latest_of_what_has_no_year(firms):
    lines = [
        {"信用代码": credit_code(2), "年度": year, "营业收入": 100 * year, "住所": f"第{year}路"}
        for year in (2024, 2025, 2023)
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    delivery = deliver("survey", content)
    assert delivery.rows_taken == 3
    assert fact(firms[2], "revenue", 2023).number == 2_023_000_000
    assert set(Fact.objects.filter(party=firms[2], variable="revenue").values_list("year", flat=True)) == {
        2023,
        2024,
        2025,
    }
    from innozone.foundation.facts.models import Statement

    assert Statement.objects.get(delivery=delivery, variable="address").text == "第2025路"


def test_a_file_of_the_past_is_older_than_what_came_after_it(firms):
    """Without precedence the newest delivery wins: that received last, not that taken last."""
    first = intake.receive(
        "survey",
        io.BytesIO(json.dumps({"信用代码": credit_code(1), "年度": 2025, "营业收入": 1}).encode()),
        "1.jsonl",
        received_at=timezone.now() - timedelta(days=3),
    )
    second = intake.receive(
        "survey", io.BytesIO(json.dumps({"信用代码": credit_code(1), "年度": 2025, "营业收入": 2}).encode()), "2.jsonl"
    )
    intake.take(second)
    intake.take(first)
    assert fact(firms[1], "revenue", 2025).number == 20_000
