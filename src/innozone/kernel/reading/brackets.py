"""Shares of brackets: 500万元以内的部分按10%，超过的部分按5%."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from innozone.kernel.reading.payments import Payment


def join_brackets(text: str, found: list[Payment]) -> list[Payment]:
    """500万元以内的部分按10%，超过的部分按5%: shares of brackets are tiers of one promise."""
    joined: list[Payment] = []
    for payment in found:
        last = joined[-1] if joined else None
        between = text[last.end : payment.given_from] if last else ""
        if (
            last
            and last.kind == payment.kind
            and not re.search(r"对|企业", between)
            and _bracketed(text, last)
            and _bracketed(text, payment)
        ):
            last.rates, last.shares, last.cap = (
                last.rates + payment.rates,
                last.shares + payment.shares,
                payment.cap or last.cap,
            )
            last.labels.append(payment.label)
            last.form, last.end = "tiered", payment.end
            continue
        joined.append(payment)
    return joined


def _bracketed(text: str, payment: Payment) -> bool:
    if not (payment.rates or payment.shares) or payment.amounts or (payment.caps and not payment.rates):
        return False
    front = re.split(r"[；。\n]", text[max(0, payment.given_from - 40) : payment.given_from])[-1]
    return bool(
        re.search(
            r"(?:以内|以上|以下|超过|超出|不超过|低于|高于)[^，；。]{0,16}(?:部分|的(?:服务|费用|支出|投入|投资)可?)，?$",
            front,
        )
    )
