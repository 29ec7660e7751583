"""Titles of the invented enterprises, given out by the rules that the figures meet: most holders still meet them.

The tests here are rough copies of the national standards, made to give out titles, not to judge: the platform judges.
"""

from __future__ import annotations

import numpy as np

from innozone.demo.names import join, pick, stream, text
from innozone.demo.population import Flags, Numbers, Population, codelist
from innozone.demo.records import Table, serials
from innozone.kernel.packs import Pack

LEVELS = {
    "national": "国家级",
    "province": "省级",
    "city": "市级",
    "zone": "区级",
}
SHARE_LOST = 0.10  # of holders: the title has run out and was not renewed
SHARE_UNDESERVED = 0.08  # as many more hold the title and no longer meet its rule


def make_titles(pack: Pack, people: Population, seed: int) -> None:
    """Fills `people.records["designations"]`; titles that the pack's list does not know are left out."""
    rng = stream(seed, "titles")
    known = codelist(pack, "designations")
    tables = []
    for code, (meets, share, years, level) in _rules(people, rng).items():
        if code in known:
            tables.append(_given(people, rng, code, meets, share, years, level))
    table = {name: np.concatenate([part[name] for part in tables]) for name in tables[0]} if tables else {}
    people.records["designations"] = table


def _rules(people: Population, rng: np.random.Generator) -> dict[str, tuple[Flags, float, int, str]]:
    """title → who meets its rule, share of them that hold it, years of validity (0: for good), level."""
    last = {name: np.nan_to_num(table[:, -1]) for name, table in people.yearly.items()}
    three = {name: np.nansum(people.yearly[name][:, -3:], axis=1) for name in ("revenue", "rd_expense")}
    revenue, staff, assets = last["revenue"], np.maximum(last["staff_total"], 1.0), last["total_assets"]
    rd_last = _ratio(last["rd_expense"], revenue)
    rd_three = _ratio(three["rd_expense"], three["revenue"])
    growth = _ratio(revenue, np.nan_to_num(people.yearly["revenue"][:, -2])) - 1.0
    technical: Flags = people.trait("technical").astype(bool)
    quality, age = people.quality, people.age
    values = people.values
    own = _rights_held(people)
    inventions, others = own["class_1"], own["class_2"]
    small = (staff <= 500) & (revenue <= 2e8) & (assets <= 2e8)
    points = (
        np.floor(np.clip(last["tech_staff"] / staff, 0, 0.3) / 0.05) * 4
        - 4
        + np.select([rd_last >= 0.06, rd_last >= 0.05, rd_last >= 0.04, rd_last >= 0.03], [50, 40, 30, 20], 0)
        + np.where(inventions > 0, 30, np.minimum(others, 4) * 6)
    )
    sme = small & (points >= 60) & technical
    threshold = np.select([revenue <= 5e7, revenue <= 2e8], [0.05, 0.04], 0.03)
    hitech = (
        (age >= 1)
        & (last["tech_staff"] / staff >= 0.10)
        & (rd_three >= threshold)
        & (_ratio(last["hitech_revenue"], last["income_total"]) >= 0.60)
        & (inventions + others > 0)
        & (values["innovation_score"] > 70)
        & (values["core_ip_ownership"] == 1)
        & (values["tech_field"] != "none")
    )
    innovative = (hitech | (values["specialised_score"] > 62)) & (staff < 1000) & technical
    special = (
        innovative & (revenue >= 1e7) & (last["rd_expense"] >= 1e6) & (rd_last >= 0.03) & (values["niche_years"] >= 2)
    )
    giant = (
        (special & (revenue >= 5e7) & (inventions >= 2) & (values["niche_share"] >= 0.1) & (values["niche_years"] >= 3))
        & ((values["has_rd_institution"] == 1) & (values["key_field"] == 1) & (values["own_brand"] == 1))
        & (_ratio(last["total_liabilities"], assets) <= 0.7)
    )
    industry = np.char.array(values["industry"])
    manufacturing = np.isin(industry.astype("<U1"), list("1234"))
    trade = np.isin(industry.astype("<U2"), ["51", "52", "61", "62"])
    construction = np.isin(industry.astype("<U2"), ["47", "48", "49", "50"])
    service = ~(manufacturing | trade | construction)
    joint = values["entity_type"] == "joint_stock_company"
    big = (revenue >= 2e8) & (last["net_profit"] > 1.5e7) & joint
    carries = text(people.trait("code")) == "incubation"
    draw = rng.random(len(people))
    raised = _raised(people)
    rules: dict[str, tuple[Flags, float, int, str]] = {
        "tech_sme": (sme, 0.72, 1, "national"),
        "high_tech_enterprise": (hitech, 0.78, 3, "national"),
        "innovative_sme": (innovative, 0.40, 3, "province"),
        "specialised_sme": (special, 0.38, 3, "province"),
        "little_giant": (giant, 0.55, 3, "national"),
        "manufacturing_champion": (giant & manufacturing & (values["niche_rank"] <= 3), 0.5, 3, "national"),
        "eaglet": ((age <= 5) & (growth >= 0.2) & technical & (revenue >= 1e6), 0.35, 2, "zone"),
        "potential_gazelle": ((age <= 10) & (growth >= 0.15) & (revenue >= 5e6) & technical, 0.22, 2, "zone"),
        "gazelle": ((age <= 12) & (growth >= 0.2) & (revenue >= 1e7) & (rd_last >= 0.025), 0.30, 2, "province"),
        "potential_unicorn": ((age <= 9) & (raised >= 4e8), 0.4, 2, "province"),
        "unicorn": ((age <= 10) & (raised >= 1.4e9), 0.5, 2, "national"),
        "above_scale_industry": (manufacturing & (revenue >= 2e7), 0.86, 0, "national"),
        "above_scale_service": (service & (revenue >= 2e7), 0.78, 0, "national"),
        "above_scale_trade": (trade & (revenue >= 2e7), 0.75, 0, "national"),
        "above_scale_construction": (construction & (values["construction_qualified"] == 1), 0.6, 0, "national"),
        "star_market": (big & technical & (inventions >= 7) & (draw < 0.3), 0.5, 0, "national"),
        "chinext": (big & (draw >= 0.3) & (draw < 0.5), 0.5, 0, "national"),
        "bse": ((revenue >= 1e8) & joint & (draw >= 0.5), 0.15, 0, "national"),
        "neeq": ((revenue >= 3e7) & joint, 0.35, 0, "national"),
        "regional_board": ((revenue >= 5e6) & technical & (draw < 0.25), 0.3, 0, "province"),
        "provincial_engineering_centre": ((last["rd_expense"] >= 8e6) & (inventions >= 3), 0.25, 0, "province"),
        "provincial_technology_centre": ((last["rd_expense"] >= 1e7) & (staff >= 100), 0.25, 0, "province"),
        "national_technology_centre": ((last["rd_expense"] >= 6e7), 0.06, 0, "national"),
        "new_rd_institution": (technical & (rd_last >= 0.15) & (quality > 1), 0.12, 5, "province"),
        "city_rd_institution": ((last["rd_expense"] >= 3e6) & (values["has_rd_institution"] == 1), 0.30, 3, "city"),
        "ip_advantage": ((inventions >= 5), 0.25, 3, "national"),
        "ip_demonstration": ((inventions >= 9), 0.15, 3, "national"),
        "ip_management_certified": ((inventions + others >= 6), 0.22, 3, "province"),
        "provincial_science_award_top3": (technical & (quality > 1.6), 0.15, 0, "province"),
        "national_science_award_top5": (technical & (quality > 2.3), 0.15, 0, "national"),
        "maker_china_500": (technical & (age <= 10) & (quality > 1.5), 0.12, 0, "national"),
        "innovation_contest_national": (technical & (age <= 8) & (quality > 1.2), 0.10, 0, "national"),
        "national_standard_led": ((values["standards_participated"] == 1) & (quality > 0.8), 0.10, 0, "national"),
        "industry_standard_led": ((values["standards_participated"] == 1) & (quality > 0.4), 0.14, 0, "national"),
        "provincial_incubator": (carries & (age >= 2), 0.30, 3, "province"),
        "city_incubator": (carries, 0.30, 3, "city"),
        "provincial_makerspace": (carries & (age >= 1), 0.30, 3, "province"),
        "smart_factory": (manufacturing & (values["digital_level"] >= 3) & (revenue >= 5e7), 0.15, 3, "province"),
        "green_factory": (manufacturing & (revenue >= 1e8), 0.12, 3, "province"),
        "integration_certified": (manufacturing & (values["digital_level"] >= 3), 0.12, 3, "national"),
        "postdoctoral_station": (technical & (last["doctoral_staff"] >= 3), 0.08, 0, "national"),
        "doctor_startup": (technical & (age <= 6) & (last["doctoral_staff"] >= 1), 0.25, 0, "zone"),
        "high_tech_pool": (technical & ~hitech & (rd_last >= 0.03) & (inventions + others > 0), 0.30, 2, "zone"),
        "zone_high_tech": (hitech, 0.25, 3, "zone"),
        "listing_pool": ((revenue >= 1e8) & technical, 0.45, 2, "zone"),
        "share_reform_list": ((revenue >= 5e7) & ~joint, 0.20, 2, "zone"),
        "new_track": (technical & (age <= 8) & (quality > 0.9), 0.15, 2, "zone"),
        "innovation_product": (technical & (inventions >= 2), 0.10, 2, "zone"),
    }
    return rules


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _rights_held(people: Population) -> dict[str, Numbers]:
    table = people.records["ip"]
    kind, firm = table["kind"], table["firm"].astype(np.int64)
    held = table["status"] == "in_force"
    first = np.isin(kind, ["invention_patent", "new_drug", "tcm_protection", "ic_layout"])
    second = np.isin(kind, ["utility_model", "design_patent", "software_copyright"])
    size = len(people)
    return {
        "class_1": np.bincount(firm[held & first], minlength=size).astype(float),
        "class_2": np.bincount(firm[held & second], minlength=size).astype(float),
    }


def _raised(people: Population) -> Numbers:
    table = people.records["financing"]
    rows = table["kind"] == "equity"
    amount = table["amount"][rows].astype(np.float64)
    return np.bincount(table["firm"][rows].astype(np.int64), amount, minlength=len(people)).astype(np.float64)


def _given(
    people: Population, rng: np.random.Generator, code: str, meets: Flags, share: float, years: int, level: str
) -> Table:
    """The records of one title: those who hold it, and those who lost it."""
    draw = rng.random(len(people))
    technical = people.trait("technical").astype(bool)
    undeserved = SHARE_UNDESERVED * share * meets.sum() / max(int((technical & ~meets).sum()), 1)
    established = people.age > 0.5
    holds = ((meets & (draw < share)) | (~meets & technical & (draw < undeserved))) & established
    firm = np.flatnonzero(holds)
    size = len(firm)
    life, term = people.age[firm] * 365.25 - 60.0, (years or 8) * 365.25
    lost = (rng.random(size) < SHARE_LOST) & (years > 0) & (life > term + 30.0)
    # A title in force was given within its term, one that is lost in the term before; never before the founding.
    back = 5.0 + rng.random(size) * np.minimum(life, term - 10.0)
    back = np.where(lost, term + 5.0 + rng.random(size) * np.minimum(life - term, term), back)
    awarded = np.datetime64(people.today, "D") - back.astype(np.int64)
    valid_to = awarded + int(years * 365.25) if years else np.full(size, np.datetime64("NaT", "D"))
    year = (awarded.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.str_)
    first = (rng.random(size) < 0.7) | (people.age[firm] < 3)
    return {
        "firm": firm,
        "designation": text(np.full(size, code)),
        "level": text(np.full(size, level)),
        "awarded_on": awarded,
        "valid_to": valid_to,
        "number": serials(join("DEMO", year), 900_000 + rng.permutation(size).astype(np.int64), 6),
        "authority": pick(rng, [f"{LEVELS[level]}主管部门"], size),
        "occasion": np.where(first, "first", "renewed"),
    }
