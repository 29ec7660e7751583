"""What the finance office of the demonstration paid to the invented enterprises under the items of the pack."""

from __future__ import annotations

import numpy as np

from innozone.demo.names import pick, stream, text
from innozone.demo.population import Population, money
from innozone.demo.records import days_back, serials
from innozone.kernel.packs import Pack

SHARE_PAID = 0.12  # of the firms of technology
MOST_YEARS = 800.0  # days back
TYPICAL = 1.5e5  # 元


def make_payments(pack: Pack, people: Population, seed: int) -> None:
    """Fills `people.records["policy_payments"]` with sums of support items; nothing where the pack has none.

    Who was paid is drawn, not judged: the platform judges. Better firms are paid more often, and up to three times.
    """
    items = sorted(
        item.code for paper in pack.policies.values() for item in paper.items if item.kind == "support" and item.benefit
    )
    rng = stream(seed, "payments")
    technical = people.trait("technical").astype(bool)
    chance = np.where(technical, SHARE_PAID, SHARE_PAID / 6) * np.exp(0.3 * people.quality).clip(0.2, 3.0)
    counts = np.where(rng.random(len(people)) < chance, 1 + rng.poisson(0.6, len(people)).clip(0, 2), 0)
    firm = np.repeat(np.arange(len(people)), counts) if items else np.zeros(0, dtype=np.int64)
    size = len(firm)
    people.records["policy_payments"] = {
        "firm": firm,
        "voucher": serials("财拨", rng.permutation(size).astype(np.int64), 7),
        "item": pick(rng, items, size) if size else text([]),
        "amount": money(TYPICAL * np.exp(0.8 * rng.normal(size=size)).clip(0.1, 12.0)),
        "paid_on": days_back(people, rng, firm, most=MOST_YEARS),
    }
