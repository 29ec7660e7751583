"""Everyone against all rules: who is entitled, ready, near; what a new run changed."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.verdicts import bits, live, rules, runs
from innozone.foundation.verdicts.models import RuleVersion, Run
from tests import zone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def parties():
    zone.load()
    return zone.populate()


@pytest.fixture
def run(parties):
    return runs.run(snapshots.build(timezone.localdate()))


def states_by_rule(run, parties):
    codes = dict(RuleVersion.objects.values_list("pk", "rule__code"))
    found = {}
    for party in parties:
        for version, state in runs.states(run, party.pk).items():
            found.setdefault(codes[version], []).append(state)
    return found


def test_everyone_gets_the_verdict_that_the_facts_say(run, parties):
    assert states_by_rule(run, parties) == zone.EXPECTED


def test_one_enterprise_live_is_judged_as_in_the_run(run, parties):
    codes = dict(RuleVersion.objects.values_list("pk", "rule__code"))
    for party in parties:
        kept = {codes[version]: state for version, state in runs.states(run, party.pk).items()}
        assert {item.rule.code: item.state for item in live.for_party(party, run.snapshot.as_of)} == kept


def test_a_run_knows_its_counts_members_and_money(run, parties):
    verdict = run.verdicts.get(version__rule__code="rd_grant")
    assert (verdict.true_count, verdict.ready_count, verdict.unknown_count, verdict.near_count) == (1, 0, 1, 1)
    assert runs.members(verdict, "true") == [parties[0].pk]
    assert runs.members(verdict, "near") == [parties[1].pk]
    assert verdict.near_leaves == {"2": 1}
    assert verdict.benefit_total == Decimal("100000.00")
    safe = run.verdicts.get(version__rule__code="rd_safe")
    assert runs.members(safe, "ready", 1, 1) == [parties[1].pk]
    assert safe.benefit_total == 0
    assert safe.benefit_ready == Decimal("150000.00")


def test_counts_for_a_page_of_enterprises(run, parties):
    tallies = runs.tallies(run, [parties[0].pk, parties[2].pk, 10**9])
    assert tallies == {parties[0].pk: runs.Tally(3, 1, 0), parties[2].pk: runs.Tally(0, 0, 2)}
    assert runs.busiest_party(run) == parties[0]
    assert runs.reached(run) == {"true": 3, "ready": 3, "near": 2}


def test_only_rules_in_force_on_the_day_are_held(parties):
    RuleVersion.objects.filter(rule__code="rd_over").update(valid_to=date(2020, 12, 31))
    rules.retire(RuleVersion.objects.get(rule__code="rd_safe").rule)
    run = runs.run(snapshots.build(timezone.localdate()))
    assert run.rules == 2
    assert set(run.verdicts.values_list("version__rule__code", flat=True)) == {"rd_grant", "tech_sme"}


def test_a_run_that_does_not_end_leaves_nothing(parties, monkeypatch):
    snapshot = snapshots.build(timezone.localdate())

    def broken(*args):
        raise MemoryError

    monkeypatch.setattr(runs, "_verdict", broken)
    with pytest.raises(MemoryError):
        runs.run(snapshot)
    assert Run.objects.count() == 0
    assert runs.latest() is None


def test_what_a_new_run_changed_is_told_by_party_whatever_the_rows(run, parties):
    # A new enterprise with a lower id than none, one that vanished, one that came to meet the rule, one that fell out.
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 90_0000}})
    zone.set_facts(parties[0], {"registration_region": "far"})
    parties[2].redirect = parties[3]
    parties[2].save()
    new = zone.enterprise("戊科技有限公司", zone.ENTERPRISES["甲科技有限公司"])
    later = runs.run(snapshots.build(timezone.localdate()))
    changes = {change.version.rule.code: change for change in runs.diff(run, later)}
    grant = changes["rd_grant"]
    assert grant.entitled.tolist() == [parties[1].pk, new.pk]
    assert grant.no_longer_entitled.tolist() == [parties[0].pk]
    assert changes["rd_safe"].ready.tolist() == [new.pk]
    assert changes["tech_sme"].entitled.tolist() == [new.pk]


def test_nothing_changed_is_no_change(run, parties):
    again = runs.run(snapshots.build(timezone.localdate()))
    assert list(runs.diff(run, again)) == []
    assert {change.version.rule.code for change in runs.diff(None, again)} == set(zone.EXPECTED)


def test_bits_come_back_as_they_went_in():
    rows = np.array([0, 3, 8, 20])
    packed = bits.pack(rows, 21)
    assert bits.rows(packed, 21).tolist() == rows.tolist()
    assert [row for row in range(21) if bits.at(packed, row)] == rows.tolist()
