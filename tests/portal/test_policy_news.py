"""S21 “方便企业及时了解政策变化”: what changed, since when, as a page, as a feed, over the API and as marks in the list."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.verdicts.models import Scenario
from innozone.wings.policies import versions
from innozone.wings.policies.models import Policy
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db


def moved(place):
    """The grant asks for 4 % in place of 5 % from today on."""
    editor = client_of(place.users, "editor")
    editor.post(reverse("sandbox_keep", args=["rd_grant"]), {"figures": "all[2].test:1=4%", "name": "wider"})
    editor.post(reverse("sandbox_take_over", args=["rd_grant", Scenario.objects.get(name="wider").pk]))
    editor.post(reverse("workbench_confirm", args=["rd"]))
    jobs.run_pending()


def of(news, policy):
    return {each["kind"]: each for each in news if each["policy"] == policy}


def test_a_changed_condition_is_news_for_everyone(place):
    visitor = client_of(place.users, "visitor")
    assert set(of(visitor.get("/api/v1/policy-changes").json(), "rd")) == {"published"}, "a first wording is no change"
    moved(place)
    changed = of(visitor.get("/api/v1/policy-changes").json(), "rd")["changed"]
    assert changed["items"] == [{"rule": "rd_grant", "version": 2, "new": False, "conditions": True, "benefit": False}]
    for address in ("policy_changes", "policy_feed"):
        shown = visitor.get(reverse(address)).content.decode()
        assert "R&amp;D grant" in shown
        assert "other conditions" in shown
    feed = visitor.get(reverse("policy_feed"))
    assert feed["Content-Type"].startswith("application/atom+xml")
    (row,) = [row for row in visitor.get(reverse("policies")).context["page"].objects if row.code == "rd"]
    assert row.mark == "published", "new within thirty days, changed or not"


def test_since_a_day_after_today_nothing_has_changed_and_no_day_is_said_to_be_none(place):
    visitor = client_of(place.users, "visitor")
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert visitor.get(reverse("policy_changes"), {"since": tomorrow.isoformat()}).context["news"] == []
    assert visitor.get("/api/v1/policy-changes", {"since": tomorrow.isoformat()}).json() == []
    for wrong in ("gestern", "0001-01-01"):
        told = visitor.get(reverse("policy_changes"), {"since": wrong})
        assert "is no day" in told.content.decode()
        assert told.context["news"], "and the last thirty days are shown"
        assert visitor.get("/api/v1/policy-changes", {"since": wrong}).status_code == 422


def test_an_ended_and_a_replaced_policy_are_news_and_a_draft_is_none(place):
    visitor, editor = client_of(place.users, "visitor"), client_of(place.users, "editor")
    policy = Policy.objects.get(code="rd")
    versions.end(policy, place.users["editor"], "到期")
    news = visitor.get("/api/v1/policy-changes").json()
    assert "ended" in of(news, "rd")
    assert place.draft.code not in {each["policy"] for each in news}
    assert place.draft.title not in editor.get(reverse("policy_changes")).content.decode()
