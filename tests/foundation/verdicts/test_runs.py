"""Everyone against all rules: who is entitled, ready, near; what a new run changed."""

import os
import shutil
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.verdicts import live, results, rules, runs
from innozone.foundation.verdicts.models import RuleVersion, Run
from tests import zone

RD_CONDITIONS = zone.RD_CONDITIONS["all"]

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
    assert list(results.folder().iterdir()) == []


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
    assert grant.entitled.parties.tolist() == [parties[1].pk, new.pk]
    assert grant.no_longer_entitled.parties.tolist() == [parties[0].pk]
    assert grant.counts() == {"entitled": {"facts": 1, "new": 1}, "no_longer_entitled": {"facts": 1}}
    assert changes["rd_safe"].ready.parties.tolist() == [new.pk]
    assert changes["tech_sme"].entitled.parties.tolist() == [new.pk]
    why = runs.compared(run, later).why(parties[1].pk, "rd_grant")
    assert [(fact.variable, fact.year, fact.before, fact.after) for fact in why.facts] == [
        ("rd_expense", zone.YEAR, 40_0000, 90_0000)
    ]
    assert [leaf.after.text for leaf in why.leaves] == ["rd_ratio[-1] >= 5%"]


def test_rule_time_and_a_rule_that_ended_are_causes_of_their_own(parties):
    first, second = date(zone.YEAR + 1, 3, 1), date(zone.YEAR + 1, 3, 2)
    zone.set_facts(
        parties[3], {"rd_expense": {zone.YEAR: 15_0000}, "established_on": second.replace(year=zone.YEAR - 2)}
    )
    run = runs.run(snapshots.build(first))
    looser = RD_CONDITIONS[2] | {"test": "rd_ratio[-1] >= 4%"}
    rules.publish("rd_grant", "support", "研发投入补助", "R&D", {"conditions": {"all": [*RD_CONDITIONS[:2], looser]}})
    RuleVersion.objects.filter(rule__code="rd_over").update(retired_on=second)
    zone.set_facts(parties[3], {"rd_expense": {zone.YEAR: 50_0000}})
    later = runs.run(snapshots.build(second))
    changes = {change.version.rule.code: change for change in runs.noted(runs.diff(run, later), later)}
    assert {code: change.counts() for code, change in changes.items()} == {
        "rd_grant": {"entitled": {"rule": 1, "facts": 1}},
        "rd_over": {"no_longer_entitled": {"rule": 3}},
        "tech_sme": {"entitled": {"time": 1}},
    }
    assert {code: change.version.number for code, change in changes.items()} == {
        "rd_grant": 2,
        "rd_over": 1,
        "tech_sme": 1,
    }
    assert later.verdicts.get(version__rule__code="rd_grant").changes == changes["rd_grant"].counts()
    assert later.verdicts.get(version__rule__code="rd_safe").changes == {}


def test_nothing_changed_is_no_change(run, parties):
    again = runs.run(snapshots.build(timezone.localdate()))
    assert list(runs.diff(run, again)) == []
    first = {change.version.rule.code: change for change in runs.diff(None, again)}
    assert set(first) == set(zone.EXPECTED)
    assert first["rd_grant"].counts() == {"entitled": {"new": 1}}


def test_the_results_of_a_run_undone_or_long_past_are_swept_away(run, parties, monkeypatch):
    monkeypatch.setattr(results, "_age", lambda path: 4000.0)
    monkeypatch.setattr(results, "KEPT", 2)
    with transaction.atomic():
        undone = runs.run(run.snapshot)
        transaction.set_rollback(True)
    assert results.place(undone).exists()
    assert not Run.objects.filter(pk=undone.pk).exists()
    newer = [runs.run(run.snapshot) for _ in range(2)]
    results.sweep()
    assert {path.name for path in results.folder().iterdir()} == {each.folder for each in newer}
    old = Run.objects.get(pk=run.pk)
    assert old.verdicts.get(version__rule__code="rd_grant").true_count == 1
    with pytest.raises(results.ResultsGone, match=r"keeps its counts only: .* results of the newest 2 runs are kept"):
        runs.states(old, parties[0].pk)


def test_what_is_under_way_is_not_swept(run, parties):
    under_way = results.folder() / ".20260630T080000-abcdef.77"
    under_way.mkdir()
    results.sweep()
    assert under_way.exists()
    os.utime(under_way, (0, 0))
    results.sweep()
    assert not under_way.exists()
    assert results.there(run)


def test_a_run_whose_results_are_lost_is_not_the_latest(run, parties):
    assert runs.latest() == run
    shutil.rmtree(results.place(run))
    assert runs.latest() is None
    again = runs.run(run.snapshot)
    assert runs.latest() == again
    Run.objects.filter(pk=again.pk).update(folder="")
    assert runs.latest() is None


def test_without_the_old_snapshot_changes_are_told_without_their_cause(run, parties):
    version = rules.publish("rd_safe", "support", "安全研发奖励", "Safe", {"conditions": RD_CONDITIONS[0]})
    later = runs.run(snapshots.build(timezone.localdate()))
    shutil.rmtree(snapshots.folder() / run.snapshot.folder)
    snapshots._open.cache_clear()
    changes = {change.version: change.counts() for change in runs.diff(run, later)}
    assert changes == {version: {"entitled": {"unexplained": 3}, "no_longer_ready": {"unexplained": 3}}}
