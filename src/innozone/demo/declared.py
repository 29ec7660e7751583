"""What the invented enterprises declare of themselves: products, management, scores, the way to the stock exchange."""

from __future__ import annotations

import numpy as np

from innozone.demo.names import pick, stream, text
from innozone.demo.population import Flags, Numbers, Population, money


def declare(people: Population, seed: int) -> None:
    """Fills the values of the categories innovation and credit that a firm, not a register, knows."""
    rng = stream(seed, "declared")
    firms = len(people)
    technical: Flags = people.trait("technical").astype(bool)
    quality = people.quality
    revenue = np.nan_to_num(people.yearly["revenue"][:, -1])

    def likely(base: float, slope: float = 0.0, where: Flags | None = None) -> Numbers:
        """1.0 with a probability of about `base`, better firms more often."""
        odds = 1.0 / (1.0 + np.exp(-(np.log(base / (1.0 - base)) + slope * quality)))
        said: Numbers = (rng.random(firms) < odds).astype(np.float64)
        return said if where is None else said * where

    def score(mean: float, slope: float, spread: float) -> Numbers:
        return np.round(np.clip(mean + slope * quality + spread * rng.normal(size=firms), 5, 99), 1).astype(np.float64)

    field = text(people.trait("field"))
    strayed = rng.random(firms) < 0.05
    people.values["tech_field"] = np.where(strayed, "none", field)
    strategic = likely(0.72, 0.2, technical)
    people.values["strategic_emerging"] = strategic
    people.values["emerging_industry"] = np.where(strategic == 1.0, text(people.trait("emerging")), "")
    niche = np.round(np.minimum(people.age * rng.beta(3, 1.4, firms), people.age), 1)
    share = np.exp(np.log(0.065) + 0.70 * rng.normal(size=firms) + 0.45 * quality)
    listing = np.select(
        [revenue > 4e8, revenue > 1.2e8, revenue > 5e7],
        [rng.integers(1, 6, firms), rng.integers(0, 4, firms), rng.integers(0, 2, firms)],
        0,
    )
    worth = np.nan_to_num(people.yearly["net_profit"][:, -1]).clip(0) * 22 + revenue * 2.2 * np.exp(0.4 * quality)
    people.values |= {
        "core_ip_ownership": likely(0.80, 0.6, technical),
        "prohibited_product": likely(0.012),
        "innovation_score": score(68.0, 7.0, 6.0),
        "specialised_score": score(57.0, 8.0, 8.0),
        "specialised_development_score": score(50.0, 8.0, 8.0),
        "hitech_ip_points": np.round(np.clip(20 + 3.5 * quality + 3 * rng.normal(size=firms), 0, 30)),
        "hitech_conversion_points": np.round(np.clip(19 + 4.0 * quality + 4 * rng.normal(size=firms), 0, 30)),
        "hitech_organisation_points": np.round(np.clip(14 + 1.6 * quality + 2 * rng.normal(size=firms), 0, 20)),
        "niche_years": niche,
        "niche_share": np.round(np.clip(share, 0.001, 0.85), 4),
        "niche_rank": np.round(np.clip(0.35 / share + rng.exponential(2.0, firms), 1, 60)),
        "own_brand": likely(0.78, 0.6),
        "management_certified": likely(0.66, 0.8),
        "product_certified": likely(0.12, 0.5),
        "quality_award": likely(0.04, 0.8),
        "standards_participated": likely(0.16, 0.8),
        "core_it_system": likely(0.78, 0.6),
        "digital_level": np.clip(np.round(1.9 + 0.55 * quality + 0.6 * rng.normal(size=firms)), 1, 4),
        "key_field": likely(0.48, 0.8, technical),
        "fills_gap": likely(0.22, 0.5, technical),
        "supports_leader": likely(0.34, 0.6, technical),
        "has_rd_institution": likely(0.50, 1.0, technical),
        "rd_accounting": likely(0.70, 0.5),
        "financial_system": likely(0.88, 0.5),
        "duplicate_support": likely(0.03),
        "industry_leader_supported": likely(0.01, 0.5, technical),
        "national_project_lead": likely(0.006, 1.0, technical),
        "construction_qualified": likely(0.70, 0.0, text(people.trait("code")) == "construction"),
        "listing_stage": text(["none", "share_reform", "tutoring", "filed", "passed", "listed"])[listing],
        "expected_market_value": np.where(listing > 0, money(np.maximum(worth, 1e8) / 1e4) * 1e4, np.nan),
        "tax_credit_grade": pick(rng, ["A", "B", "M", "C", "D"], firms, [22, 46, 22, 7, 3]),
    }
