"""New facts and new policies reach exactly those whom they concern, with the reason."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from innozone import operations
from innozone.foundation import jobs
from innozone.foundation.facts.signals import announce
from innozone.foundation.notices import text
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import results, rules, runs
from innozone.foundation.verdicts.models import RuleVersion, Run
from innozone.wings.policies import matching, tasks
from innozone.wings.policies.models import Policy
from tests import zone

pytestmark = pytest.mark.django_db


def told():
    rows = Notice.objects.values_list("kind", "version__rule__code", "party__name").order_by("party", "key")
    return {(kind, rule, name[0]) for kind, rule, name in rows}


def test_everyone_entitled_and_only_they_are_told(parties):
    matching.run()
    assert told() == {
        ("entitled", "rd_grant", "甲"),
        # 乙 meets the recognition too, but bears the title already.
        ("entitled", "tech_sme", "甲"),
        ("ready", "rd_safe", "甲"),
        ("ready", "rd_safe", "乙"),
        ("ready", "rd_safe", "丁"),
    }


def test_nobody_is_told_twice_and_a_newcomer_is_told(parties):
    matching.run()
    before = Notice.objects.count()
    matching.run()
    assert Notice.objects.count() == before
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 80_0000}})
    matching.run()
    new = Notice.objects.exclude(pk__in=Notice.objects.order_by("pk")[:before])
    assert [(notice.version.rule.code, notice.party) for notice in new] == [("rd_grant", parties[1])]
    assert new[0].data["amount"] == 80000.0
    assert ["rd_expense", zone.YEAR, 800000.0] in new[0].data["facts"]
    # Which fact has brought it about, and what it said before.
    assert new[0].data["changed"] == [["rd_expense", zone.YEAR, 400000.0]]
    assert f"R&D expense {zone.YEAR}: ¥400,000 before, ¥800,000 now" in text.render(new[0], "en")[1]


def test_who_falls_out_and_comes_back_is_told_each_once_and_why(parties):
    matching.run()
    known = set(Notice.objects.values_list("pk", flat=True))
    zone.set_facts(parties[0], {"registration_region": "far"})
    matching.run()
    matching.run()
    lost = Notice.objects.exclude(pk__in=known).order_by("version__rule__code")
    assert [(notice.kind, notice.version.rule.code) for notice in lost] == [("lost", "rd_grant"), ("lost", "rd_safe")]
    subject, body = text.render(lost[0], "en")
    assert subject == "You are no longer entitled to “R&D grant”"
    assert "Facts on file have changed." in body
    assert "- Region: East City before, " in body
    zone.set_facts(parties[0], {"registration_region": "east"})
    matching.run()
    matching.run()
    back = Notice.objects.exclude(pk__in=known).exclude(kind="lost")
    assert {(notice.kind, notice.version.rule.code) for notice in back} == {
        ("entitled", "rd_grant"),
        ("ready", "rd_safe"),
    }


def test_whom_nobody_told_of_it_is_not_told_that_it_is_lost(parties):
    matching.run()
    Notice.objects.filter(version__rule__code="rd_grant").delete()
    zone.set_facts(parties[0], {"registration_region": "far"})
    matching.run()
    assert not Notice.objects.filter(kind="lost", version__rule__code="rd_grant").exists()


def test_a_rewording_tells_nobody_and_another_amount_those_who_were_told_one(parties):
    matching.run()
    known = set(Notice.objects.values_list("pk", flat=True))
    version = RuleVersion.objects.get(rule__code="rd_grant")
    names = (version.rule.kind, version.rule.name, version.rule.name_en)
    note = version.data["benefit"] | {"note": "自评审通过之日起三十日内拨付"}
    rules.publish("rd_grant", *names, version.data | {"benefit": note})
    matching.run()
    assert set(Notice.objects.values_list("pk", flat=True)) == known
    rules.publish("rd_grant", *names, version.data | {"benefit": note | {"amount": "5% * rd_expense[-1]"}})
    matching.run()
    matching.run()
    news = Notice.objects.exclude(pk__in=known)
    assert [(notice.kind, notice.party) for notice in news] == [("changed", parties[0])]
    subject, body = text.render(news[0], "en")
    assert subject == "“R&D grant” now gives another amount"
    assert "¥50,000" in body
    assert "You were told of ¥100,000 before" in body


def test_no_snapshot_is_made_while_no_fact_changes(parties):
    first = matching.run().snapshot
    assert matching.run().snapshot == first
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 80_0000}})
    assert matching.run().snapshot != first


def test_lost_results_are_made_anew_and_nobody_is_told_twice(parties):
    first = matching.run()
    before = Notice.objects.count()
    operations.match_if_needed()
    assert Run.objects.count() == 1
    shutil.rmtree(results.place(first))
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 80_0000}})
    operations.match_if_needed()
    assert results.there(runs.latest())
    assert Notice.objects.count() == before + 1


def test_a_run_keeps_what_it_changed_with_its_causes(parties):
    assert matching.run().verdicts.exclude(changes={}).count() == 0
    zone.set_facts(parties[1], {"rd_expense": {zone.YEAR: 80_0000}})
    changed = matching.run().verdicts.exclude(changes={}).values_list("version__rule__code", "changes")
    assert list(changed) == [("rd_grant", {"entitled": {"facts": 1}})]


def test_the_delay_from_issue_to_push_is_reported(parties):
    policy = Policy.objects.get(code="rd")
    policy.issued = timezone.localdate() - timedelta(days=9)
    policy.save()
    RuleVersion.objects.update(activated_at=timezone.now() - timedelta(minutes=5))
    matching.run()
    delay = matching.delays()[policy.pk]
    assert delay.days == 9
    assert 300 <= delay.seconds < 330
    assert delay.notices == 4
    assert set(matching.delays([policy.pk])) == {policy.pk}


def test_changed_facts_queue_one_matching(parties, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        announce([parties[0].pk])
        announce([parties[1].pk])
    assert jobs.waiting(tasks.match) == 1
    jobs.run_pending()
    assert Run.objects.count() == 1
    assert jobs.waiting() == 0


def test_a_run_takes_over_what_waits_and_asks_for_no_other(parties, django_capture_on_commit_callbacks):
    jobs.enqueue(tasks.match)
    with django_capture_on_commit_callbacks(execute=True):
        matching.run()
    assert jobs.waiting() == 0


def test_verdicts_and_notices_are_kept_together_or_not_at_all(parties, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(matching.notices, "send", broken)
    with pytest.raises(OSError, match="disk full"):
        matching.run()
    assert runs.latest() is None
    monkeypatch.undo()
    matching.run()
    assert Notice.objects.count() == 5


def test_a_retired_rule_reaches_nobody(parties):
    rules.retire(RuleVersion.objects.get(rule__code="rd_grant").rule)
    matching.run()
    assert "rd_grant" not in {rule for _, rule, _ in told()}
