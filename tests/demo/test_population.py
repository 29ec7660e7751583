"""The invented enterprises hang together and stand on both sides of the national standards."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from innozone.demo import UnsuitablePack
from innozone.demo.deliveries import populate

from .conftest import TODAY

LAST = TODAY.year - 1


@pytest.fixture(scope="module")
def firms(demonstration) -> pl.DataFrame:
    return demonstration.firms


def test_every_variable_that_is_not_derived_has_values(pack, firms) -> None:
    missing = [
        variable.code
        for variable in pack.dictionary
        if not variable.derived
        and (variable.code if variable.period == "none" else f"{variable.code}@{LAST}") not in firms.columns
    ]
    assert not missing, f"the demonstration has no values for {missing}"


def test_codes_are_those_of_the_pack(pack, firms) -> None:
    for variable in pack.dictionary:
        if variable.type in {"code", "codes"} and variable.code in firms.columns:
            held = {code for text in firms[variable.code].drop_nulls() for code in text.split(";")}
            assert held <= set(pack.codelists[variable.codelist].by_code), variable.code


def test_values_lie_within_the_bounds_of_their_variable(pack, firms) -> None:
    for variable in pack.dictionary:
        if not variable.numeric or variable.derived:
            continue
        for name in (column for column in firms.columns if column.split("@")[0] == variable.code):
            values = firms[name].drop_nulls()
            if variable.minimum is not None:
                assert values.min() >= variable.minimum, name
            if variable.maximum is not None:
                assert values.max() <= variable.maximum, name


def test_figures_of_a_firm_agree_with_each_other(firms) -> None:
    for smaller, larger in (
        ("main_revenue", "revenue"),
        ("hitech_revenue", "revenue"),
        ("rd_expense_domestic", "rd_expense"),
        ("rd_staff", "staff_total"),
        ("tech_staff", "staff_total"),
        ("doctoral_staff", "tech_staff"),
        ("insured_staff", "staff_total"),
        ("loan_balance", "total_liabilities"),
    ):
        wrong = firms.filter(pl.col(f"{smaller}@{LAST}") > pl.col(f"{larger}@{LAST}") + 1)
        assert wrong.is_empty(), f"{smaller} is above {larger} in {wrong.height} firms"
    assert firms.filter(pl.col("paid_in_capital") > pl.col("registered_capital")).is_empty()
    balance = pl.col(f"income_total@{LAST}") - pl.col(f"total_cost@{LAST}") - pl.col(f"profit_total@{LAST}")
    assert firms.select(balance.abs().max()).item() < 1


def test_no_figures_before_the_founding(firms) -> None:
    for year in (LAST - 1, LAST):
        unborn = firms.filter(pl.col("established_on").dt.year() > year)
        assert unborn[f"revenue@{year}"].null_count() == unborn.height
        assert firms.filter(pl.col("established_on").dt.year() <= year)[f"revenue@{year}"].null_count() == 0


def test_the_spread_reaches_both_sides_of_the_usual_thresholds(firms) -> None:
    """Of each threshold, at least a tenth of the firms stands on either side."""
    ratio = pl.col(f"rd_expense@{LAST}") / pl.col(f"revenue@{LAST}")
    tests = {
        "R&D of 5 % of revenue": ratio >= 0.05,
        "R&D of 3 % of revenue": ratio >= 0.03,
        "revenue of 20 million": pl.col(f"revenue@{LAST}") >= 2e7,
        "tech staff of a tenth": pl.col(f"tech_staff@{LAST}") >= 0.1 * pl.col(f"staff_total@{LAST}"),
        "tech staff of 30 %": pl.col(f"tech_staff@{LAST}") >= 0.3 * pl.col(f"staff_total@{LAST}"),
        "high-tech revenue of 60 %": pl.col(f"hitech_revenue@{LAST}") >= 0.6 * pl.col(f"income_total@{LAST}"),
        "liabilities of 55 % of assets": pl.col(f"total_liabilities@{LAST}") <= 0.55 * pl.col(f"total_assets@{LAST}"),
        "score above 70": pl.col("innovation_score") > 70,
        "growth of revenue of 15 %": pl.col(f"revenue@{LAST}") >= 1.15 * pl.col(f"revenue@{LAST - 1}"),
        "three years of age": pl.col("established_on").dt.year() <= TODAY.year - 3,
    }
    for name, test in tests.items():
        share = firms.select(test.mean()).item()
        assert 0.1 <= share <= 0.9, f"{name}: {share:.0%}"


def test_most_holders_of_a_title_meet_its_rule_and_some_do_not(pack) -> None:
    """高新技术企业: R&D over three years, 国科发火〔2016〕32号 第十一条（五）."""
    people = populate(pack, 4000, 20261123, TODAY)
    titles = people.records["designations"]
    in_force = titles["valid_to"].astype("datetime64[D]") >= np.datetime64(TODAY)
    held = (titles["designation"] == "high_tech_enterprise") & in_force
    firm = titles["firm"][held].astype(int)
    revenue = people.yearly["revenue"][firm, -1]
    three = {name: people.yearly[name][firm, -3:] for name in ("revenue", "rd_expense")}
    ratio = np.nansum(three["rd_expense"], axis=1) / np.maximum(np.nansum(three["revenue"], axis=1), 1.0)
    threshold = (revenue <= 5e7) * 0.05 + ((revenue > 5e7) & (revenue <= 2e8)) * 0.04 + (revenue > 2e8) * 0.03
    share = float((ratio >= threshold).mean())
    assert len(firm) > 200
    assert 0.85 <= share < 1.0
    lost = (titles["designation"] == "high_tech_enterprise") & ~in_force
    assert 0 < lost.sum() < held.sum() / 4


def test_rights_and_titles_lie_in_the_life_of_their_firm(demonstration) -> None:
    founded = demonstration.firms["established_on"].to_list()
    for topic, day in (("designations", "awarded_on"), ("financing", "closed_on"), ("credit", "decided_on")):
        table = demonstration.records(topic)
        assert table.height
        assert all(
            founded[firm] <= when <= TODAY for firm, when in zip(table["firm"], table[day], strict=True) if when
        ), topic


def test_a_zone_without_a_region_is_refused_with_the_cure(pack) -> None:
    with pytest.raises(UnsuitablePack, match=r"names no region .* add region: to pack\.yaml"):
        populate(replace(pack, region=None), 10, 1, TODAY)
