"""Snapshots: all facts of a day, by column."""

import os
import time
from datetime import date

import numpy as np
import pytest

from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Fact
from innozone.foundation.facts.values import subject
from innozone.foundation.parties.models import Party
from innozone.kernel.columns import Snapshot, SnapshotError
from tests.foundation.facts.zone import FIRMS, credit_code, csv, deliver

DAY = date(2026, 6, 30)


@pytest.fixture
def filled(firms):
    deliver(
        "social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是", f"{credit_code(3)},,2024,7,否")
    )
    deliver(
        "titles", csv("信用代码,名称,资质,认定日期,有效期至", f"{credit_code(1)},,科技型中小企业,2024-01-01,2026-07-01")
    )
    return firms


def test_a_snapshot_holds_for_each_enterprise_what_its_rules_would_see(filled):
    made = snapshots.build(DAY)
    opened = snapshots.open(made)
    assert (made.rows, opened.as_of) == (3, DAY)
    assert list(opened.party) == sorted(party.pk for party in filled.values())
    for number in FIRMS:
        row = opened.row_of(filled[number].pk)
        assert opened.values(row) == subject(filled[number], DAY).values
    assert np.isnan(opened.column("staff@2025").values[1])


def test_equal_facts_give_an_equal_digest(filled):
    assert snapshots.build(DAY).digest == snapshots.build(DAY).digest
    assert snapshots.build(date(2026, 7, 2)).digest != snapshots.build(DAY).digest


def test_a_day_of_the_past_is_counted_without_touching_the_facts_of_today(filled):
    snapshots.build(date(2026, 8, 1))
    assert Fact.objects.get(party=filled[1], variable="titles").text == "[]"
    past = snapshots.open(snapshots.build(DAY))
    assert past.values(past.row_of(filled[1].pk))["titles"][None] == {"tech_sme"}
    assert Fact.objects.get(party=filled[1], variable="titles").text == "[]"


def test_a_merged_enterprise_and_other_organisations_are_not_in_it(filled):
    Party.objects.filter(pk=filled[2].pk).update(redirect=filled[1])
    opened = snapshots.open(snapshots.build(DAY))
    assert set(opened.party) == {filled[1].pk, filled[3].pk}
    assert opened.values(opened.row_of(filled[3].pk))["staff"] == {2024: 7}


def test_a_zone_without_enterprises_has_a_snapshot_too(zone):
    assert snapshots.open(snapshots.build(DAY)).rows == 0


def test_an_open_snapshot_is_kept_for_the_next_caller(filled):
    made = snapshots.build(DAY)
    assert snapshots.open(made) is snapshots.open(made)


def test_what_a_killed_build_has_left_is_removed(filled):
    old = snapshots.folder() / ".left.123"
    young = snapshots.folder() / ".busy.123"
    for path in (old, young):
        path.mkdir(parents=True, exist_ok=True)
        (path / "part-00000.parquet").write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    made = snapshots.build(DAY)
    assert not old.exists()
    assert young.exists()
    assert (snapshots.folder() / made.folder).exists()


def test_a_damaged_snapshot_is_not_opened(filled):
    made = snapshots.build(DAY)
    part = next((snapshots.folder() / made.folder).glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-10])
    with pytest.raises(SnapshotError):
        Snapshot.open(snapshots.folder() / made.folder)
