"""S21 the library: found by what papers say and by facets that count, with what took the place of what."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.wings.policies.models import Item, Policy
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def codes(client, **query):
    return [row.code for row in client.get(reverse("policies"), query).context["page"].objects]


def counts(client, **query):
    return client.get(reverse("policies"), query).context["facets"]


def test_a_paper_is_found_by_words_of_its_text(place):
    visitor = client_of(place.users, "visitor")
    assert codes(visitor, q="营业收入100万元以上") == ["rd"]
    assert codes(visitor, q="研发费用 认定") == ["sme"], "every word, anywhere"
    assert codes(visitor, q="不在任何文件里的话") == []
    told = visitor.get("/api/v1/desks/policies", {"q": "研发"})
    assert told.status_code == 401, "lists over the API are for those who sign in"
    found = visitor.get(reverse("search"), {"q": "营业收入100万元以上"}).content.decode()
    assert reverse("policy", args=["rd"]) in found


def test_facets_count_what_each_choice_would_leave_beside_the_others(place):
    visitor = client_of(place.users, "visitor")
    found = counts(visitor)
    assert found["validity"] == {"now": 2, "coming": 0, "ended": 0}
    assert (found["level"]["zone"], found["level"]["national"]) == (1, 1)
    assert found["theme"] == {"rd": 1}
    assert found["money"] == {"1": 1, "0": 1}
    assert (found["support"]["补贴"], found["support"]["奖励"]) == (1, 1)
    # What is chosen narrows the others and not itself.
    found = counts(visitor, level="national")
    assert (found["level"]["zone"], found["level"]["national"]) == (1, 1)
    assert found["theme"] == {"rd": 0}
    assert found["money"] == {"1": 0, "0": 1}
    # Each count is what the list has then.
    for name, choices in counts(visitor).items():
        for choice, number in choices.items():
            assert len(codes(visitor, **{name: choice})) == number, (name, choice)
    page = visitor.get(reverse("policies")).content.decode()
    assert "National (1)" in page or "national (1)" in page


def test_the_same_counts_come_with_the_list_over_the_api(place):
    editor = client_of(place.users, "editor")
    told = editor.get("/api/v1/desks/policies", {"level": "zone"}).json()
    assert told["facets"]["theme"] == {"rd": 1}
    assert editor.get("/api/v1/desks/policies", {"validity": "maybe"}).status_code == 422


def test_validity_deadlines_and_successors_stand_in_the_list(place):
    visitor = client_of(place.users, "visitor")
    assert codes(visitor, closing="1") == []
    Item.objects.filter(rule__code="rd_grant").update(closes=TODAY + timedelta(days=30))
    assert codes(visitor, closing="1") == ["rd"]
    Item.objects.filter(rule__code="rd_grant").update(closes=TODAY + timedelta(days=31))
    assert codes(visitor, closing="1") == []

    Policy.objects.filter(code="rd").update(valid_from=TODAY + timedelta(days=1))
    assert (codes(visitor, validity="coming"), codes(visitor, validity="now")) == (["rd"], ["sme"])
    Policy.objects.filter(code="rd").update(valid_from=None, valid_to=TODAY - timedelta(days=1))
    assert codes(visitor, validity="ended") == ["rd"]
    sme = Policy.objects.get(code="sme")
    Policy.objects.filter(code="rd").update(valid_to=None, status="ended", replaced_by=sme)
    (row,) = visitor.get(reverse("policies"), {"validity": "ended"}).context["page"].objects
    assert row.validity == "ended"
    assert (
        "Recognition of technology SMEs"
        in visitor.get(reverse("policies"), {"columns": "title,replaced_by"}).content.decode()
    )
    # What is to take its place, but is not published, is not named.
    Policy.objects.filter(code="rd").update(replaced_by=place.draft)
    assert place.draft.title not in visitor.get(reverse("policies")).content.decode()
