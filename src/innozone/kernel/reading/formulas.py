"""Promises in the shape of the gold annotations."""

from __future__ import annotations

import re
from typing import Any

from innozone.kernel.reading.fold import Folded
from innozone.kernel.reading.giving import duration_of, per_of
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.model import Benefit
from innozone.kernel.reading.payments import Payment
from innozone.kernel.reading.quantities import Quantity, is_area_price


def benefit(payment: Payment, folded: Folded, body: str) -> Benefit:
    """A Benefit with its formula; every figure of it stands in its quote."""
    text = folded.text
    start, end = payment.start, payment.end
    while start < end - 1 and text[start] in "，；。：、的\n ":
        start += 1
    a, b = folded.span(start, end)
    words = text[start:end]
    stop = min((at for at in (text.find(sign, end) for sign in "；。\n") if at >= 0), default=len(text))
    lead = payment.amounts or payment.caps or ([payment.cap] if payment.cap else [])
    unit = lead[0].unit if lead else "万元"
    return Benefit(
        body[a:b], (a, b), payment.kind, _formula(payment), unit, per_of(words, lead[0] if lead else None), duration_of(text[start:stop]), payment.note or None
    )  # fmt: skip


def _formula(payment: Payment) -> dict[str, Any]:
    formula: dict[str, Any] = {"type": payment.form, "amount": None, "rate": None, "cap": None, "base": payment.base}
    if payment.form == "tiered" or (payment.rates and len(payment.caps) > 1):
        formula["type"] = "tiered"
        formula["tiers"] = _tiers(payment)
        if len(payment.rates) == 1 and len(payment.caps) > 1:
            formula["rate"] = _share(payment.rates[0])
        if len(payment.shares) == 1 and len(payment.tiers_of) > 1:
            formula["rate"] = payment.shares[0]
    elif payment.rates:
        quantity = payment.rates[0]
        formula["rate"] = (
            [_share(quantity), float(quantity.upper) / 100] if quantity.upper is not None else _share(quantity)
        )
    elif payment.shares:
        formula["rate"] = payment.shares[0]
    elif payment.amounts and not is_area_price(payment.amounts[0]):
        quantity = payment.amounts[0]
        if quantity.upper is not None:
            formula |= {"amount": [quantity.printed, float(quantity.upper)], "cap": float(quantity.upper)}
            if quantity.kind == "money":
                formula |= {"value_yuan": [quantity.yuan, quantity.upper_yuan], "cap_yuan": quantity.upper_yuan}
        else:
            formula["amount"] = quantity.printed
            if quantity.kind == "money":
                formula["value_yuan"] = quantity.yuan
    cap = payment.cap or (payment.caps[0] if len(payment.caps) == 1 else None)
    if cap is not None:
        formula["cap"] = cap.printed
        if cap.kind == "money":
            formula["cap_yuan"] = cap.yuan
    return {
        key: value
        for key, value in formula.items()
        if value is not None or key in {"type", "amount", "rate", "cap", "base"}
    }


def _tiers(payment: Payment) -> list[dict[str, Any]]:
    tiers: list[dict[str, Any]] = [{"rate": _share(quantity)} for quantity in payment.rates]
    # One share beside several sums says what the sums are measured by: 按研发投入1:1分别给予最高….
    beside = len(payment.shares) == 1 and len(payment.tiers_of) > 1
    if payment.rates and payment.caps:
        tiers = []  # one share with a cap for each kind: the share stands beside the tiers
    tiers += [] if beside else [{"rate": share} for share in payment.shares]
    for quantity in payment.amounts:
        tiers.append({"amount": quantity.printed} | ({"value_yuan": quantity.yuan} if quantity.kind == "money" else {}))
    if len(payment.caps) > 1:
        tiers += [{"cap": q.printed} | ({"cap_yuan": q.yuan} if q.kind == "money" else {}) for q in payment.caps]
    labels = payment.labels if len(payment.labels) == len(tiers) else [""] * len(tiers)
    return [
        {"when": label.strip("，、：（对") or f"第{index}档"} | tier
        for index, (label, tier) in enumerate(zip(labels, tiers, strict=True), 1)
    ]


def _share(quantity: Quantity) -> float:
    return round(float(quantity.value) / (1000 if quantity.unit == "‰" else 100), 6)


def name_tiers(benefit: Benefit, hits: list[Hit]) -> None:
    """Call unnamed tiers by the levels, thresholds or names that the guard lists in the same number."""
    tiers = benefit.formula.get("tiers", [])
    if not tiers or not all(re.fullmatch(r"第\d+档", tier["when"]) for tier in tiers):
        return
    for hit in hits:
        names = hit.members or (tuple(map(str, hit.value)) if isinstance(hit.value, list) else ())
        if len(names) == len(tiers) and hit.op != "between":
            for tier, name in zip(tiers, names, strict=True):
                tier["when"] = name
            return
