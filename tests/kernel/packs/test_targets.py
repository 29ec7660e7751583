"""Targets of the plan: read with how they are counted, refused with their line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.kernel.packs.conftest import Zone

GOOD = """
targets:
  - code: T1
    section: 一
    indicator: {zh: 研发强度, en: R&D intensity}
    value: 5
    unit: '%'
    deadline: 2030
    actual: {ratio: ['rd_expense[-1]', 'revenue[-1]'], where: 'registration_region within "610100"'}
  - code: T2
    section: 一
    indicator: {zh: 发明专利, en: Inventors}
    value: 100
    unit: 家
    deadline: 2030
    actual: {records: patents, field: kind, codes: [invention], from: 2026-01-01}
  - code: T3
    section: 二
    indicator: {zh: 基金, en: Funds}
    value: 200
    unit: 亿元
    deadline: 2030
"""


def test_targets_come_with_the_way_they_are_counted(zone: Zone) -> None:
    zone.write("targets.yaml", GOOD)
    targets = zone.load().targets
    assert (targets["T1"].value, targets["T1"].scale) == (Decimal(5), Decimal("0.01"))
    assert targets["T2"].actual == {
        "records": "patents", "field": "kind", "codes": ["invention"], "from": "2026-01-01",
    }  # fmt: skip
    assert (targets["T3"].actual, targets["T3"].scale) == (None, Decimal(100_000_000))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("'revenue[-1]'", "'revenu[-1]'", 8, "revenue"),
        ("where: 'registration_region within \"610100\"'", "where: 'revenue >= '", 8, "revenue"),
        ("records: patents", "records: patent", 15, "did you mean patents?"),
        ("field: kind", "field: knd", 15, "did you mean kind?"),
        ("codes: [invention]", "codes: [inventio]", 15, "did you mean invention?"),
        ("{ratio:", "{count: 'true', ratio:", 8, "exactly one of"),
        ("deadline: 2030", "deadline: soon", 7, "year"),
        ("code: T2", "code: T1", 9, "stands twice"),
        ("section: 二", "sektion: 二", 17, "section"),
    ],
)
def test_a_wrong_word_is_named_with_its_line(zone: Zone, old: str, new: str, line: int, words: str) -> None:
    zone.write("targets.yaml", GOOD)
    zone.change("targets.yaml", old, new)
    found = "\n".join(map(str, zone.problems()))
    assert f"targets.yaml:{line}: " in found
    assert words in found
