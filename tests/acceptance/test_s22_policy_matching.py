"""S22 企业—政策匹配与主动推送.

Accept: issue a policy with three conditions: exactly the enterprises that meet them get it, each sees which condition
it meets and by which fact; a near miss sees what is lacking and the way there, with day and effort; the delay from
issue to push is reported.
"""

import pytest
from django.test import Client
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.facts.models import Fact
from innozone.foundation.notices.models import Notice
from innozone.wings.policies import drafts, matching
from innozone.wings.policies.drafts import ItemDraft
from tests import zone

pytestmark = pytest.mark.django_db
TEXT = f"""示范新区成长企业奖励办法
在新区注册，上年度营业收入500万元以上，成立满五年的企业，奖励8万元。
示范新区管委会
{timezone.localdate():%Y年%m月%d日}
"""
CONDITIONS = {
    "all": [
        {"test": 'registration_region within "zone"', "quote": "在新区注册"},
        {"test": "revenue[-1] >= 500万", "quote": "上年度营业收入500万元以上"},
        {"test": "age(established_on) >= 5", "quote": "成立满五年"},
    ]
}


def client_of(role, party=None):
    user = User.objects.create_user(f"u{User.objects.count()}", password="x" * 12)
    Membership.objects.create(user=user, role=role, party=party)
    secret = ApiToken.issue(user, "test")[1]
    return user, Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})


def test_exactly_those_who_meet_the_conditions_get_it_with_the_reason(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()
    first, second, far, fourth = zone.populate()
    zone.set_facts(fourth, {"established_on": timezone.localdate().replace(year=timezone.localdate().year - 4, day=1)})
    matching.run()
    known = set(Notice.objects.values_list("pk", flat=True))

    # Issue a policy with three conditions.
    editor, _ = client_of(Role.EDITOR)
    policy = drafts.read(TEXT, editor)
    item = ItemDraft("成长奖励", {"conditions": CONDITIONS, "benefit": {"kind": "奖励", "amount": "8万"}})
    drafts.save_version(policy, TEXT, [item], editor)
    drafts.confirm(policy, editor)
    jobs.run_pending()

    # Exactly the enterprises that meet them get it.
    sent = Notice.objects.exclude(pk__in=known)
    assert {notice.party for notice in sent} == {first, second}

    # Each sees which condition it meets and by which fact.
    _, client = client_of(Role.ENTERPRISE, first)
    notice = client.get("/api/v1/notices").json()["items"][0]
    assert "成长奖励" in notice["subject"]
    assert "¥80,000" in notice["body"]
    for words in ("East City", f"Revenue {zone.YEAR}: ¥10,000,000", "2015-05-01"):
        assert words in notice["body"]
    verdicts = client.get(f"/api/v1/enterprises/{first.pk}/verdicts").json()
    verdict = next(each for each in verdicts if each["policy"] == policy.code)
    assert [leaf["state"] for leaf in verdict["conditions"]] == ["met", "met", "met"]
    assert [leaf["quote"] for leaf in verdict["conditions"]] == [leaf["quote"] for leaf in CONDITIONS["all"]]

    # A near miss sees what is lacking; who misses more is not told so.
    _, client = client_of(Role.ENTERPRISE, fourth)
    verdicts = client.get(f"/api/v1/enterprises/{fourth.pk}/verdicts").json()
    verdict = next(each for each in verdicts if each["policy"] == policy.code)
    assert verdict["state"] == "near"
    lacking = [leaf for leaf in verdict["conditions"] if leaf["near"]]
    assert [(leaf["state"], leaf["lacks"]) for leaf in lacking] == [("unmet", "1 years short")]
    # And the way there: here time alone, on the day itself.
    path = f"/api/v1/enterprises/{fourth.pk}/verdicts?ways=true&rule="
    (verdict,) = client.get(path + verdict["rule"]).json()
    founded = Fact.objects.get(party=fourth, variable="established_on").text
    birthday = f"{int(founded[:4]) + 5}{founded[4:]}"
    assert verdict["ways"]["by_itself"] == birthday
    assert verdict["ways"]["found"][0]["line"] == f"by itself from {birthday}"
    # What is no matter of time has a day, too, and says how much work it takes.
    (verdict,) = client.get(path + "rd_grant").json()
    way = verdict["ways"]["found"][0]
    assert verdict["state"] == "unknown"
    assert way["findings"] == [f"to find out: {zone.YEAR}'s R&D expense at least ¥250,000"]
    _, client = client_of(Role.ENTERPRISE, second)
    (verdict,) = client.get(f"/api/v1/enterprises/{second.pk}/verdicts?ways=true&rule=rd_grant").json()
    way = verdict["ways"]["found"][0]
    assert (verdict["state"], way["day"]) == ("near", f"{zone.YEAR + 2}-01-01")
    assert way["line"].startswith(f"{zone.YEAR + 1}'s R&D expense at least ¥500,000")
    assert way["effort"] > 0
    _, client = client_of(Role.ENTERPRISE, far)
    verdicts = client.get(f"/api/v1/enterprises/{far.pk}/verdicts").json()
    assert next(each for each in verdicts if each["policy"] == policy.code)["state"] == "not"

    # The delay from issue to push is reported.
    delay = matching.delays([policy.pk])[policy.pk]
    assert (delay.notices, delay.days) == (2, 0)
    assert 0 <= delay.seconds < 60
    _, staff = client_of(Role.SUPERVISOR)
    push = staff.get(f"/api/v1/pushes/{policy.code}").json()
    assert (push["notices"], push["days_from_issue"]) == (2, 0)
    assert 0 <= push["seconds_from_force"] < 60
    # With delivery and opening time: one of the two opens it.
    _, client = client_of(Role.ENTERPRISE, first)
    assert client.post(f"/api/v1/notices/{notice['id']}/read").status_code == 200
    (channel,) = staff.get(f"/api/v1/pushes/{policy.code}").json()["channels"]
    assert (channel["channel"], channel["delivered"], channel["opened"], channel["share_opened"]) == ("app", 2, 1, 0.5)
    assert 0 <= channel["median_seconds"] < 60
