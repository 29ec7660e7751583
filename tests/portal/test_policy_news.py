"""S21 “方便企业及时了解政策变化”: what changed, since when, as a page, as a feed, over the API and as marks in the list."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.notices import text
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts.models import Scenario
from innozone.wings.policies import drafts, following, versions
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
    assert of(visitor.get("/api/v1/policy-changes").json(), "rd") == {}, "what the library opened with is no news"
    moved(place)
    changed = of(visitor.get("/api/v1/policy-changes").json(), "rd")["changed"]
    assert changed["items"] == [
        {"rule": "rd_grant", "version": 2, "new": False, "conditions": True, "benefit": False, "gone": False}
    ]
    for address in ("policy_changes", "policy_feed"):
        shown = visitor.get(reverse(address)).content.decode()
        assert "R&amp;D grant" in shown
        assert "other conditions" in shown
    feed = visitor.get(reverse("policy_feed"))
    assert feed["Content-Type"].startswith("application/atom+xml")
    (row,) = [row for row in visitor.get(reverse("policies")).context["page"].objects if row.code == "rd"]
    assert row.mark == "changed"


def test_what_an_editor_puts_in_force_is_published_and_an_item_taken_out_is_a_change(place):
    visitor, editor = client_of(place.users, "visitor"), client_of(place.users, "editor")
    words = "奖励办法\n第一条 上年度营业收入500万元以上的企业，奖励8万元。\n第二条 上年度营业收入900万元以上的企业，奖励12万元。"
    policy = drafts.read(words, place.users["editor"])
    drafts.confirm(policy, place.users["editor"])
    assert set(of(visitor.get("/api/v1/policy-changes").json(), policy.code)) == {"published"}
    (row,) = [row for row in visitor.get(reverse("policies")).context["page"].objects if row.code == policy.code]
    assert row.mark == "published"
    assert following.follow(place.users["enterprise"], "policy", policy.code)
    draft = editor.get(f"/api/v1/policies/{policy.code}", {"draft": "true"}).json()
    body = {"base": draft["stamp"], "items": [{"rule": draft["items"][1]["rule"], "drop": True}]}
    assert editor.post(f"/api/v1/policies/{policy.code}/versions", body, "application/json").status_code == 201
    assert set(of(visitor.get("/api/v1/policy-changes").json(), policy.code)) == {"published"}, "a draft is no news"
    editor.post(reverse("workbench_confirm", args=[policy.code]))
    (item,) = of(visitor.get("/api/v1/policy-changes").json(), policy.code)["changed"]["items"]
    assert (item["rule"], item["gone"], item["new"]) == (draft["items"][1]["rule"], True, False)
    assert "taken out" in visitor.get(reverse("policy_changes")).content.decode()
    assert (following.tell(), following.tell()) == (1, 0), "told, and told once"
    told = Notice.objects.filter(user=place.users["enterprise"], kind=Notice.Kind.FOLLOWED).latest("pk")
    assert "taken out" in text.render(told, "en")[1]


def test_since_a_day_after_today_nothing_has_changed_and_no_day_is_said_to_be_none(place):
    visitor = client_of(place.users, "visitor")
    moved(place)
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
