"""What the enterprise reads: soon by time alone, the answer that settles, the papers that are on file."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation.facts.models import Fact
from innozone.foundation.verdicts import live, ways
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.terms import Dictionary
from innozone.portal import evidence, wording
from innozone.wings.policies import drafts
from innozone.wings.policies.drafts import ItemDraft
from tests import zone
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
TEXT = "成长办法\n成立满五年的企业，奖励8万元。"


def policy(place, test: str, papers=()):
    made = drafts.read(TEXT, place.users["editor"])
    item = ItemDraft(
        "成长奖励",
        {"conditions": {"all": [{"test": test, "quote": "成立满五年"}]}, "benefit": {"kind": "奖励", "amount": "8万"}},
        papers=papers,
    )
    drafts.save_version(made, TEXT, [item], place.users["editor"])
    drafts.confirm(made, place.users["editor"])
    return RuleVersion.objects.get(rule__item__policy=made, status="active")


def test_what_time_alone_brings_stands_under_soon_with_its_day(place):
    firm = place.parties[0]
    zone.set_facts(firm, {"established_on": date(TODAY.year - 4, 1, 1)})
    version = policy(place, "age(established_on) >= 5")
    (found,) = live.for_party(firm, versions=[version])
    day = date(TODAY.year + 1, 1, 1)
    assert ways.soon(found) == day
    client = client_of(place.users, "enterprise")
    groups = client.get(reverse("enterprise", args=[firm.pk])).context["groups"]
    assert [(shown.verdict.rule.name, shown.soon) for shown in groups["soon"]] == [("成长奖励", day)]
    assert version.rule.code not in {shown.verdict.rule.code for shown in groups["near"]}
    (verdict,) = client.get(f"/api/v1/enterprises/{firm.pk}/verdicts?rule={version.rule.code}").json()
    assert verdict["soon"] == day.isoformat()


def test_what_lies_further_off_or_needs_more_is_not_soon(place):
    firm = place.parties[0]
    zone.set_facts(firm, {"established_on": TODAY - timedelta(days=30)})
    (found,) = live.for_party(firm, versions=[policy(place, "age(established_on) >= 5")])
    assert ways.soon(found) is None
    (found,) = live.for_party(firm, versions=[policy(place, "age(established_on) >= 1 and revenue[-1] >= 900亿")])
    assert ways.soon(found) is None


def test_the_answer_that_settles_most_is_asked_for(place):
    firm = place.parties[2]
    Fact.objects.filter(party=firm, variable="rd_expense").delete()
    zone.set_facts(
        firm, {"registration_region": "east", "revenue": {zone.YEAR: 1000_0000}, "established_on": date(2015, 1, 1)}
    )
    client = client_of(place.users, "supervisor")
    asked = client.get(reverse("enterprise", args=[firm.pk])).context["asked"]
    assert (asked[0].variable, asked[0].year) == ("rd_expense", zone.YEAR)
    assert set(asked[0].items) == {"R&D grant", "Technology SME"}
    assert asked[0].money
    data = client.get(f"/api/v1/enterprises/{firm.pk}/questions").json()
    assert (data[0]["variable"], data[0]["rules"]) == ("rd_expense", ["rd_grant", "tech_sme"])
    page = client.get(reverse("enterprise", args=[firm.pk])).content.decode()
    assert reverse("fact", args=[firm.pk, "rd_expense", zone.YEAR]) in page
    # Once it is told, it is asked for no more.
    zone.set_facts(firm, {"rd_expense": {zone.YEAR: 200_0000}})
    asked = client.get(reverse("enterprise", args=[firm.pk])).context["asked"]
    assert "rd_expense" not in {question.variable for question in asked}


def test_papers_whose_facts_are_on_file_need_not_be_brought(place, monkeypatch):
    firm = place.parties[0]
    known = wording.terms()
    variables = dict(known.variables)
    for code, papers in (
        ("revenue", ("审计报告",)),
        ("established_on", ("营业执照",)),
        ("serious_breach", ("信用报告",)),
    ):
        variables[code] = type(variables[code])(
            **{
                name: getattr(variables[code], name)
                for name in variables[code].__dataclass_fields__
                if name != "papers"
            },
            papers=papers,
        )
    terms = Dictionary(variables, known.codelists, known.records)
    monkeypatch.setattr(wording, "terms", lambda: terms)
    found = evidence.of(
        ["营业执照复印件", "上年度审计报告", "近三年审计报告", "信用报告", "承诺书"], evidence.held(firm)
    )
    assert [(paper.fact, paper.year) for paper in found] == [
        ("established_on", None),
        ("revenue", zone.YEAR),
        ("", None),  # one year is not three
        ("", None),
        ("", None),
    ]
    version = policy(place, "age(established_on) >= 5", ["营业执照", "承诺书"])
    client = client_of(place.users, "enterprise")
    page = client.get(reverse("enterprise_item", args=[firm.pk, version.rule.code])).content.decode()
    assert reverse("fact", args=[firm.pk, "established_on", 0]) in page
    assert "to bring" in page
    listed = {each["rule"]: each["papers"] for each in client.get(f"/api/v1/enterprises/{firm.pk}/papers").json()}
    papers = listed[version.rule.code]
    assert papers[0]["on_file"]["variable"] == "established_on"
    assert papers[1] == {"name": "承诺书", "on_file": None}
