"""S22 what an enterprise reads of all items: filtered, ordered by money, day or its stage, taken along as a list."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from innozone.portal import portrait
from innozone.wings.policies import drafts
from innozone.wings.policies.drafts import ItemDraft
from innozone.wings.policies.models import Item
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def page(place, firm=0, role="supervisor", **query):
    return client_of(place.users, role).get(reverse("enterprise", args=[place.parties[firm].pk]), query)


def codes(answer):
    return [shown.verdict.rule.code for group in answer.context["groups"].values() for shown in group]


def test_items_are_filtered_and_the_choices_say_how_many_they_leave(place):
    Item.objects.filter(rule__code="rd_grant").update(closes=TODAY + timedelta(days=9))
    assert set(codes(page(place))) == {"rd_grant", "rd_safe", "rd_over", "tech_sme"}
    assert codes(page(place, state="ready")) == ["rd_safe"]
    assert codes(page(place, money="1")) == ["rd_grant", "rd_safe"]
    assert codes(page(place, closing="1")) == ["rd_grant"]
    assert codes(page(place, support="奖励")) == ["rd_safe"]
    assert set(codes(page(place, theme="rd"))) == {"rd_grant", "rd_safe", "rd_over"}
    assert codes(page(place, theme="rd", money="0")) == ["rd_over"]
    facets = page(place, money="1").context["facets"]
    assert facets["money"] == {"1": 2, "0": 2}, "what is chosen does not narrow itself"
    assert (facets["state"]["entitled"], facets["state"]["ready"]) == (1, 1)
    wrong = page(place, state="maybe")
    assert "is not one of the choices" in wrong.content.decode()
    assert len(codes(wrong)) == 4
    assert "cannot be sorted" in page(place, sort="colour").content.decode()


def test_items_are_ordered_within_their_groups(place):
    Item.objects.filter(rule__code="tech_sme").update(closes=TODAY + timedelta(days=3))
    # The grant's closing day is not known: it stands behind the others.
    assert codes(page(place, sort="closes", state="entitled")) == ["rd_over", "tech_sme", "rd_grant"]
    assert codes(page(place, sort="-amount", state="entitled"))[0] == "rd_grant"
    # The title that is within reach is the next rung; where it is held there is none.
    by_stage = page(place, sort="stage", state="entitled")
    assert codes(by_stage)[0] == "tech_sme"
    assert "its next rung" in by_stage.content.decode()
    assert "its next rung" not in page(place, firm=1).content.decode()


def test_a_part_of_the_page_answers_the_filter_bar(place):
    client = client_of(place.users, "supervisor")
    there = reverse("enterprise", args=[place.parties[0].pk])
    part = client.get(there, {"money": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="groups">')
    assert "<html" not in part
    assert "1 item" not in part
    assert "2 items" in part


def test_the_list_is_taken_along_with_amounts_days_papers_and_reasons(place):
    Item.objects.filter(rule__code="rd_safe").update(papers=["承诺书"], closes=TODAY + timedelta(days=9))
    client = client_of(place.users, "enterprise")
    there = reverse("enterprise_list", args=[place.parties[0].pk])
    shown = client.get(there, {"sort": "-amount"})
    assert [row.shown.verdict.rule.code for row in shown.context["page"].objects][:2] == ["rd_grant", "rd_safe"]
    book = b"".join(client.get(there, {"format": "xlsx"}).streaming_content)
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    table = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    grant, safe = table["R&D grant"], table["Safe R&D award"]
    assert (grant["State"], grant["Amount"], grant["Handled by"]) == ("Entitled", 200_000, "Science Office")
    assert "region within Model Zone; last year's revenue" in grant["Reasons"], "what is met"
    assert (safe["Papers to bring"], safe["Last day"]) == ("承诺书", TODAY + timedelta(days=9))
    assert "未发生重大安全事故" in safe["Reasons"], "what a person judges"
    only = client.get(there, {"format": "csv", "state": "ready"})
    assert len(b"".join(only.streaming_content).decode().splitlines()) == 2


def test_the_list_over_the_api_is_that_of_ones_own_enterprise(place):
    client, firms = client_of(place.users, "enterprise"), place.parties
    own = client.get("/api/v1/desks/entitlements").json()
    assert {row["cells"]["name"] for row in own["rows"]} == {
        "R&D grant",
        "Safe R&D award",
        "Closed grant",
        "Technology SME",
    }
    assert own["facets"]["state"]["entitled"] == 3
    refused = client.get("/api/v1/desks/entitlements", {"enterprise": firms[1].pk})
    assert (refused.status_code, firms[1].name in refused.content.decode()) == (422, False)
    staff = client_of(place.users, "supervisor").get("/api/v1/desks/entitlements", {"enterprise": firms[1].pk})
    assert staff.json()["facets"]["state"]["near"] == 1
    assert client.get(reverse("enterprise_list", args=[firms[0].pk]), {"enterprise": firms[1].pk}).status_code == 200
    assert (
        firms[1].name
        not in client.get(reverse("enterprise_list", args=[firms[0].pk]), {"enterprise": firms[1].pk}).content.decode()
    )


@pytest.mark.parametrize(
    ("test", "stage"),
    [
        ('holds("tech_sme")', "own"),
        ("age(established_on) < 30", "own"),
        ("revenue[-1] >= 1", "other"),
        # One of two is enough: that the other is lacking makes it no item of another stage.
        ('holds("gazelle") or holds("tech_sme")', "own"),
        # Nearly there, but by a title that is lacking or an age that is past.
        ('holds("gazelle")', "other"),
        ("age(established_on) < 3", "other"),
    ],
)
def test_what_an_item_is_to_the_stage_of_an_enterprise_follows_from_its_conditions(place, test, stage):
    text = "成长办法\n符合条件的企业，奖励8万元。"
    made = drafts.read(text, place.users["editor"])
    data = {"conditions": {"all": [{"test": test, "quote": "符合条件"}]}, "benefit": {"kind": "奖励", "amount": "8万"}}
    drafts.save_version(made, text, [ItemDraft("成长奖励", data)], place.users["editor"])
    drafts.confirm(made, place.users["editor"])
    (found,) = [each for each in portrait.of(place.parties[1]).shown if each.verdict.rule.name == "成长奖励"]
    assert found.stage == stage
