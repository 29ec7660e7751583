"""The national standards against cases worked out by hand from the published texts (outside the project).

A key that is absent there means "not claimed", null means unknown; here the first becomes false or none, the second a
missing fact. A total over three years is spread over the years, since the standards ask for totals only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from innozone.kernel.linkage import is_valid
from innozone.kernel.packs import Pack, load_pack
from innozone.kernel.rules import Subject, evaluate, value
from innozone.kernel.terms import UNKNOWN

AS_OF = date(2026, 6, 30)
LAST = AS_OF.year - 1

Facts = dict[str, dict[int | None, Any]]

INDUSTRIES = {
    "agriculture": "A",
    "industry": "C",
    "construction": "E",
    "wholesale": "51",
    "retail": "52",
    "transport": "54",
    "storage": "592",
    "post": "60",
    "lodging": "61",
    "catering": "62",
    "information": "63",
    "software": "65",
    "real_estate": "701",
    "property": "702",
    "leasing": "L",
    "other": "M",
    "research_technical": "M",
}

# Key of a case → variables of one value, or variables of last year.
PLAIN = {
    "resident_enterprise": ("resident_enterprise",),
    "prohibited_product": ("prohibited_product",),
    "on_violation_list": ("abnormal_list", "serious_violation_list"),
    "ip_class_1": ("ip_class_1_main_product",),
    "ip_class_2": ("ip_class_2_main_product",),
    "owns_core_ip": ("core_ip_ownership",),
    "in_supported_field": ("in_supported_field",),
    "innovation_score": ("innovation_score",),
    "score_ip_points": ("hitech_ip_points",),
    "score_conversion_points": ("hitech_conversion_points",),
    "score_organisation_points": ("hitech_organisation_points",),
    "class_1_high_value_ip": ("ip_class_1_high_value",),
    "class_1_own_rd_ip": ("ip_class_1_main_product_own",),
    "class_1_ip": ("ip_class_1_main_product",),
    "class_2_ip": ("ip_class_2_main_product",),
    "class_1_ip_in_use": ("ip_class_1_main_product",),
    "strategic_emerging_industry": ("strategic_emerging",),
    "niche_years": ("niche_years",),
    "equity_financing_2y_yuan": ("equity_received_2y",),
    "evaluation_score": ("specialised_score",),
    "core_it_system": ("core_it_system",),
    "management_or_product_certified": ("management_certified",),
    "national_niche_share": ("niche_share",),
    "own_brand": ("own_brand",),
    "has_rd_institution": ("has_rd_institution",),
    "key_field": ("key_field",),
    "market_value_yuan": ("expected_market_value",),
    "state_approval_large_market_staged_result": ("industry_leader_supported",),
}
YEARLY = {
    "staff": "staff_total",
    "st_staff": "tech_staff",
    "sales_yuan": "revenue",
    "revenue_yuan": "revenue",
    "revenue_last_year_yuan": "revenue",
    "assets_yuan": "total_assets",
    "rd_expense_yuan": "rd_expense",
    "rd_expense_last_year_yuan": "rd_expense",
    "total_cost_yuan": "total_cost",
    "income_yuan": "income_total",
    "high_tech_income_yuan": "hitech_revenue",
    "main_revenue_last_year_yuan": "main_revenue",
    "debt_ratio": "debt_ratio",
    "main_share": "main_revenue_ratio",
    "rd_staff_ratio": "rd_staff_ratio",
}
BEFORE = {
    "main_revenue_previous_year_yuan": "main_revenue",
    "revenue_previous_year_yuan": "revenue",
    "rd_expense_previous_year_yuan": "rd_expense",
}
BY_YEAR = {
    "net_profit_last_two_years_yuan": "net_profit_recurring",
    "net_assets_year_end_yuan": "net_assets",
    "sales_by_year_yuan": "revenue",
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("china")


def not_claimed() -> Facts:
    """What a case that does not speak of it says no to."""
    no = (
        *("accident_record", "accident_record_1y", "research_misconduct", "abnormal_list", "serious_violation_list"),
        *("national_science_award_5y", "national_science_award_3y", "national_science_award_top5_3y"),
        *("provincial_science_award_3y", "science_award_3y", "standards_led_5y", "maker_china_500_3y"),
        *("maker_china_50_3y", "fills_gap", "supports_leader", "product_certified", "prohibited_product"),
        *("industry_leader_supported", "key_field"),
    )
    facts: Facts = {name: {None: False} for name in no}
    facts |= {name: {None: 0} for name in ("equity_received_2y", "equity_received_3y")}
    facts |= {"sme": {None: True}, "legal_person": {None: True}, "entity_type": {None: "joint_stock_company"}}
    return facts | {"designations": {None: frozenset()}}


def translated(given: dict[str, Any]) -> Facts:
    """The facts of a case over our dictionary. Raises KeyError for a key that has no place in it."""
    facts = not_claimed()
    titles: set[str] = set()

    def put(name: str, year: int | None, amount: Any) -> None:
        facts.setdefault(name, {})[year] = UNKNOWN if amount is None else amount

    for key, amount in given.items():
        if key in PLAIN:
            for name in PLAIN[key]:
                put(name, None, amount)
        elif key in YEARLY:
            put(YEARLY[key], LAST, amount)
        elif key in BEFORE:
            put(BEFORE[key], LAST - 1, amount)
        elif key in BY_YEAR:
            for step, one in enumerate(reversed(amount)):
                put(BY_YEAR[key], LAST - step, one)
        elif key in SPECIAL:
            SPECIAL[key](put, titles, amount, given)
        elif key not in ("rule", "test"):
            raise KeyError(key)
    put("designations", None, frozenset(titles))
    return facts


def _spread(name: str, last: str | None = None) -> Callable[..., None]:
    """A total over three years: last year's figure where the case gives it, the rest in equal parts."""

    def spread(put: Callable[..., None], titles: set[str], total: float, given: dict[str, Any]) -> None:
        if "sales_by_year_yuan" in given and name == "revenue":
            return
        of_last = given[last] if last else total / 3
        put(name, LAST, of_last)
        put(name, LAST - 1, (total - of_last) / 2)
        put(name, LAST - 2, (total - of_last) / 2)

    return spread


def _breach(put: Callable[..., None], titles: set[str], claimed: bool | None, given: dict[str, Any]) -> None:
    for name in ("accident_record", "accident_record_1y", "research_misconduct"):
        put(name, None, claimed)


def _domestic(put: Callable[..., None], titles: set[str], share: float, given: dict[str, Any]) -> None:
    for step in range(3):
        put("rd_expense_domestic", LAST - step, share * given["rd_three_years_yuan"] / 3)


def _growth(put: Callable[..., None], titles: set[str], mean: float, given: dict[str, Any]) -> None:
    put("main_revenue_growth", LAST, mean)
    put("main_revenue_growth", LAST - 1, mean)


def _title(code: str) -> Callable[..., None]:
    def hold(put: Callable[..., None], titles: set[str], held: bool, given: dict[str, Any]) -> None:
        if held:
            titles.add(code)

    return hold


SPECIAL: dict[str, Callable[..., None]] = {
    "industry": lambda put, titles, kind, given: put("industry", None, INDUSTRIES[kind]),
    "sector": lambda put, titles, kind, given: (
        put("industry", None, INDUSTRIES[kind]),
        put("main_revenue", LAST, given["revenue_yuan"]),
    ),
    "registered_years": lambda put, titles, years, given: put("established_on", None, date(2026 - int(years), 3, 1)),
    "major_breach": _breach,
    "rd_in_china_ratio": _domestic,
    "sales_last_year_yuan": lambda put, titles, amount, given: put("revenue", LAST, amount),
    "sales_three_years_yuan": _spread("revenue", "sales_last_year_yuan"),
    "revenue_three_years_yuan": _spread("revenue", "revenue_last_year_yuan"),
    "rd_three_years_yuan": _spread("rd_expense"),
    "operating_cash_three_years_yuan": _spread("operating_cash_flow"),
    "main_growth_mean_2y": _growth,
    "valid_high_tech_certificate": _title("high_tech_enterprise"),
    "holds_specialized_title": _title("specialised_sme"),
}

ITEMS = {
    "tech_sme": ("tech_sme",),
    "high_tech": ("high_tech_enterprise",),
    "innovative_sme": ("innovative_sme",),
    "specialized_sme": ("specialised_sme_2022", "specialised_sme"),
    "little_giant": ("little_giant_2022", "little_giant"),
    "star_market": ("star_listing_standard", "star_science_attribute"),
    "above_scale": ("above_scale_industry", "above_scale_trade", "above_scale_service"),
}
# Part of an expected result → score of our item.
PARTS = {
    "tech_sme": {"st_staff": "staff", "rd": "rd", "ip": "ip"},
    "innovative_sme": {"innovation": "ability", "growth_total": "growth", "specialization": "focus"},
    "high_tech": {"rd_ratio": "rd_ratio"},
}


def item_of(standard: str, given: dict[str, Any]) -> tuple[str, ...]:
    names = ITEMS[standard]
    if standard in ("specialized_sme", "little_giant"):
        return (names[0] if given.get("rule", "2022-63") == "2022-63" else names[1],)
    if standard == "star_market":
        return (names[0] if given["test"] == "listing_standards" else names[1],)
    return names


def differences(pack: Pack, case: dict[str, Any]) -> list[str]:
    """What comes out otherwise than the case says; empty when it agrees."""
    standard, given, expected = case["standard"], case["facts"], case["expect"]
    if standard == "credit_code":
        return [] if is_valid(given["code"]) is expected["verdict"] else [f"{given['code']} is judged otherwise"]
    subject = Subject(pack.dictionary, translated(given), AS_OF)
    if standard == "sme_size":
        size = value("enterprise_scale", subject)
        wanted = expected["parts"]["size"] if expected["verdict"] is True else UNKNOWN
        return [] if size == wanted else [f"size {size}, not {wanted}"]
    items = [pack.item(code)[1] for code in item_of(standard, given)]
    verdicts = {evaluate(item.condition, subject).value for item in items if item.condition is not None}
    verdict = "true" if "true" in verdicts else "unknown" if "unknown" in verdicts else "false"
    wanted = {True: "true", False: "false"}.get(expected["verdict"], "unknown")
    found = [] if verdict == wanted else [f"verdict {verdict}, not {wanted}"]
    exprs = {score.code: score.expr for score in items[0].scores}
    checked = {PARTS.get(standard, {}).get(part): want for part, want in expected["parts"].items()}
    if standard in ("tech_sme", "innovative_sme"):
        checked["total"] = expected["score"]
    for code, want in checked.items():
        if code is None:
            continue
        reached = value(exprs[code], subject)
        if (want is None) != (reached is UNKNOWN) or (want is not None and reached != pytest.approx(want, abs=5e-5)):
            found.append(f"{code} {reached}, not {want}")
    if standard == "high_tech" and "innovation_score_range" in expected["parts"]:
        reached = [value(name, subject) for name in ("hitech_points_least", "hitech_points_most")]
        if reached != expected["parts"]["innovation_score_range"]:
            found.append(f"range {reached}")
    return found


def test_published_standards_come_out_as_worked_out_by_hand(pack: Pack, shared: Path) -> None:
    cases = json.loads((shared / "corpus" / "standards_cases.json").read_text(encoding="utf-8"))["cases"]
    wrong, passed = [], 0
    for case in cases:
        found = differences(pack, case)
        passed += not found
        wrong += [f"{case['id']} {case['standard']}: {text} ({case['why']})" for text in found]
    print(f"{passed} of {len(cases)} cases agree")
    assert not wrong, "\n".join(wrong)
    assert passed >= 27
