"""The zones that come with the house are sound, and say what the standards and the plan say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from innozone.kernel.packs import Pack
from innozone.kernel.packs.check import golden_problems
from innozone.kernel.rules import Subject, value

DAY = date(2026, 6, 30)


def test_every_golden_case_holds(xixian: Pack) -> None:
    assert [str(problem) for problem in golden_problems(xixian)] == []


def test_every_item_has_a_golden_case_for_yes_and_for_no(xixian: Pack) -> None:
    for policy in xixian.policies.values():
        for item in policy.items:
            assert item.cases, f"{item.code} has no golden case"


def test_the_dictionary_covers_the_seven_kinds_of_data(xixian: Pack) -> None:
    by_category: dict[str, int] = {}
    for variable in xixian.dictionary:
        by_category[variable.category] = by_category.get(variable.category, 0) + 1
    for category in ("registry", "operations", "social", "credit", "ip", "financing", "bids"):
        assert by_category[category] >= 5, category
    assert len(xixian.dictionary.variables) >= 80


def test_every_variable_can_be_known(xixian: Pack) -> None:
    """A variable is delivered by a dataset, made from records, or derived; a rule can ask for nothing else."""
    delivered = {code for contract in xixian.datasets.values() for code in contract.variables}
    orphans = [
        variable.code for variable in xixian.dictionary if not variable.derived and variable.code not in delivered
    ]
    assert orphans == []


def test_every_name_stands_in_both_languages(xixian: Pack) -> None:
    assert [variable.code for variable in xixian.dictionary if not variable.label.zh or not variable.label.en] == []
    for codelist in xixian.codelists.values():
        assert codelist.label.zh
        assert codelist.label.en, codelist.code


def test_eight_senders_and_their_formats(xixian: Pack) -> None:
    formats = {code: contract.format for code, contract in xixian.datasets.items()}
    assert formats["market_registry"].encoding == "gb18030"
    assert (formats["operations"].type, formats["operations"].header_rows) == ("xlsx", 2)
    assert formats["credit"].type == formats["ip"].type == formats["bids"].type == "jsonl"
    assert {contract.owner for contract in xixian.datasets.values()} <= set(xixian.organisations)


def test_five_new_cities_lie_in_xian(xixian: Pack) -> None:
    regions = xixian.codelists["regions"]
    assert set(regions.children["xixian"]) == {"fengdong", "fengxi", "qinhan", "konggang", "jinghe"}
    assert regions.within("fengdong", "610100")
    assert regions.within("610112002", "xixian")
    assert not regions.within("610112001", "xixian")
    assert regions.find("西咸新区沣东新城") == "fengdong"


def test_parks_of_the_plan_with_their_figures(xixian: Pack) -> None:
    valley = xixian.parks["western_cloud_valley"]
    assert valley.area is not None
    assert valley.floor_area is not None
    assert valley.floor_area.base == Decimal(4300000)
    assert round(valley.area.base) == 2120000
    enclave = xixian.parks["ankang_enclave"]
    assert enclave.investment is not None
    assert (enclave.investment.base, enclave.investment.approximate) == (Decimal(500000000), True)
    assert "western_cloud_valley" in xixian.codelists["parks"]


def test_a_little_giant_is_a_specialised_sme_too(xixian: Pack) -> None:
    designations = xixian.codelists["designations"]
    assert designations.within("little_giant", "specialised_sme")
    assert designations.within("star_market", "listed")
    assert designations.find("小巨人") == "little_giant"


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "assets", "size"),
    [
        ("C", 299, 25_000_000, 10_000_000, "small"),
        ("C", 300, 20_000_000, 10_000_000, "medium"),
        ("C", 1200, 399_990_000, 0, "medium"),
        ("6513", 9, 600_000, 1_000_000, "micro"),
        ("52", 300, 200_000_000, 100_000_000, "large"),
        ("A", 5, 4_990_000, 0, "small"),
        ("73", 99, 900_000_000, 900_000_000, "small"),
        ("701", 1, 1_000_000, 19_999_999, "micro"),
        ("702", 100, 5_000_000, 0, "small"),
        ("5910", 20, 2_000_000, 0, "small"),
        ("5920", 100, 10_000_000, 0, "medium"),
        ("L", 300, 0, 1_200_000_000, "large"),
        ("E", 1, 2_999_999, 3_000_000, "micro"),
    ],
)
def test_sizes_of_enterprises(xixian: Pack, industry: str, staff: int, revenue: int, assets: int, size: str) -> None:
    """工信部联企业〔2011〕300号 第四条, rows and borders."""
    facts = {
        "industry": {None: industry},
        "staff_total": {2025: Decimal(staff)},
        "revenue": {2025: Decimal(revenue)},
        "total_assets": {2025: Decimal(assets)},
    }
    assert value("enterprise_scale", Subject(xixian.dictionary, facts, DAY)) == size


@pytest.mark.parametrize(
    ("industry", "variable", "limit"),
    [("C", "main_revenue", 20_000_000), ("52", "main_revenue", 5_000_000), ("62", "main_revenue", 2_000_000),
     ("65", "revenue", 20_000_000), ("73", "revenue", 10_000_000), ("81", "revenue", 5_000_000)],
)  # fmt: skip
def test_limits_of_designated_size(xixian: Pack, industry: str, variable: str, limit: int) -> None:
    for amount, reached in ((limit, True), (limit - 1, False)):
        facts = {"industry": {None: industry}, variable: {2025: Decimal(amount)}}
        assert value("above_scale_reached", Subject(xixian.dictionary, facts, DAY)) is reached
