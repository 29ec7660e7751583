"""Nobody is told twice: whatever becomes of facts and versions, one notice for each change of state."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innozone.foundation.notices import services
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import results, rules, runs
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import matching, reports
from innozone.wings.policies.models import Item, Policy
from tests import zone

pytestmark = pytest.mark.django_db

STATES = {"entitled": "entitled", "changed": "entitled", "ready": "ready", "lost": "lost"}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("region"), st.integers(0, 1), st.sampled_from(["east", "far"])),
        st.tuples(st.just("rd_expense"), st.integers(0, 1), st.sampled_from([40_0000, 80_0000, 100_0000])),
        st.tuples(st.just("reword"), st.integers(0, 3), st.none()),
        st.tuples(st.just("amount"), st.sampled_from(["10", "5"]), st.none()),
        st.tuples(st.just("lose results"), st.none(), st.none()),
        st.tuples(st.just("again"), st.none(), st.none()),
    ),
    min_size=1,
    max_size=8,
)


class Undone(Exception):
    """Takes one history back before the next."""


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_at_most_one_notice_for_each_change_of_state(parties, steps):
    try:
        with transaction.atomic():
            matching.run()
            for step in steps:
                take(step, parties)
                known = Notice.objects.count()
                made = matching.run()
                matching.run()
                again = Notice.objects.filter(run__pk__gt=made.pk)
                assert not again.exists(), f"told again without a change: {list(again)}"
                assert Notice.objects.count() - known <= 12
            told_in_turn()
            raise Undone
    except Undone:
        pass


def take(step, parties):
    what, value, more = step
    version = RuleVersion.objects.filter(rule__code="rd_grant", status="active").get()
    names = (version.rule.kind, version.rule.name, version.rule.name_en)
    if what == "region":
        zone.set_facts(parties[value], {"registration_region": more})
    elif what == "rd_expense":
        zone.set_facts(parties[value], {"rd_expense": {zone.YEAR: more}})
    elif what == "reword":
        benefit = version.data["benefit"] | {"note": f"第{value}种写法"}
        rules.publish("rd_grant", *names, version.data | {"benefit": benefit})
    elif what == "amount":
        benefit = version.data["benefit"] | {"amount": f"{value}% * rd_expense[-1]"}
        rules.publish("rd_grant", *names, version.data | {"benefit": benefit})
    elif what == "lose results":
        import shutil

        shutil.rmtree(results.place(runs.latest()), ignore_errors=True)


def told_in_turn():
    """Of every enterprise and rule, each notice says another state than the one before, or another amount."""
    last = {}
    for notice in Notice.objects.select_related("version").order_by("pk"):
        key, state = (notice.party_id, notice.version.rule_id), STATES[notice.kind]
        now = (state, notice.data["amount"])
        if key in last:
            assert now != last[key], notice
            assert state != last[key][0] or notice.kind == "changed", notice
        else:
            assert state != "lost"
        last[key] = now


def test_those_who_could_claim_are_told_fourteen_and_three_days_before_it_closes(parties):
    today = timezone.localdate()
    item = Item.objects.get(rule__code="rd_grant")
    item.closes = today + timedelta(days=30)
    item.save()
    matching.run()
    known = Notice.objects.count()
    told = [matching.tell_deadlines(today + timedelta(days=day)) for day in range(32)]
    # Once when fourteen days are left, once when three are; nobody after it has closed.
    assert [day for day, number in enumerate(told) if number] == [16, 27]
    assert told[16] == told[27] == 1
    assert Notice.objects.count() == known + 2
    notice = Notice.objects.filter(kind="deadline").first()
    assert notice.party == parties[0]
    assert notice.data["closes"] == item.closes.isoformat()


def test_the_figures_of_a_push_are_those_of_its_notices(parties):
    matching.run()
    policy = Policy.objects.get(code="rd")
    found = Notice.objects.filter(version__rule__item__policy=policy).order_by("pk")
    sent = found[0].created_at
    for notice, minutes in zip(found, (10, 30), strict=False):
        Notice.objects.filter(pk=notice.pk).update(read_at=sent + timedelta(minutes=minutes))
    push = reports.of_policies([policy.pk])[policy.pk]
    assert (push.notices, push.app.opened, push.app.share) == (4, 2, 0.5)
    assert push.app.median == pytest.approx(20 * 60, abs=1)
    assert push.app.p90 == pytest.approx(28 * 60, abs=1)
    assert push.delay.notices == 4
    assert set(push.channels) == {"app"}
    assert reports.of_policies([]) == {}


def test_thousands_of_drafts_may_ask_the_database_on_their_way(parties, monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 1)
    matching.run()
    assert Notice.objects.count() == 5
