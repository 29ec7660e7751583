"""The sandbox as policy makers use it: figures moved, read, kept, compared, made a draft."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.verdicts import rules, sandboxes
from innozone.foundation.verdicts.models import RuleVersion, Scenario
from innozone.wings.policies import matching
from tests import zone
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db

REVENUE, RATIO, RATE, CAP = "all[1].test:1", "all[2].test:1", "benefit:0.0", "benefit:1"


def page(place, name="sandbox", code="rd_grant", role="editor", language="en", part=False, **query):
    headers = {"HX-Request": "true", "HX-Target": "div#outcome"} if part else {}
    arguments = [code] if name != "sandboxes" else []
    answer = client_of(place.users, role, language).get(reverse(name, args=arguments), query, headers=headers)
    assert answer.status_code == 200
    return answer


def numbers(answer):
    return {tile.label: (tile.now, tile.before) for tile in answer.context["tiles"]}


def post(place, address, *arguments, role="editor", **data):
    return client_of(place.users, role).post(reverse(address, args=arguments), data, follow=True)


def keep(place, name="cheaper", role="editor", figures=f"{RATIO}=20%", **more):
    return post(place, "sandbox_keep", "rd_grant", role=role, name=name, figures=figures, **more)


def test_the_figures_of_a_rule_stand_with_their_conditions(place):
    shown = page(place, language="zh-hans")
    figures = {figure.id: figure for figure in shown.context["figures"]}
    assert figures.keys() == {REVENUE, RATIO, RATE, CAP}
    assert (figures[REVENUE].text, figures[RATIO].text, figures[CAP].text) == ("100万元", "5%", "50万元")
    assert "上年度营业收入不低于100万元" in unescape(shown.content.decode())
    english = {figure.id: figure.text for figure in page(place).context["figures"]}
    assert english[REVENUE] == "¥1,000,000"


def test_a_moved_figure_says_what_it_costs_and_who_comes_and_goes(place):
    before = numbers(page(place))
    assert before["have it"] == ("1", "")
    assert "would gain it" not in before
    after = page(place, **{RATIO: "20%"})
    assert numbers(after)["have it"] == ("0", "1")
    assert numbers(after)["would lose it"][0] == "1"
    assert after.context["moves"] == [("last year's R&D ratio at least", "5%", "20%")]
    cheaper = numbers(page(place, **{RATE: "8%"}))
    assert cheaper["would get less"][0] == "1"
    assert cheaper["cost, least to most"] != before["cost, least to most"]


def test_htmx_gets_the_outcome_alone_and_the_address_that_shows_it_again(place):
    answer = page(place, part=True, **{RATIO: "20%", REVENUE: "100万元", "focus": RATE})
    assert "<html" not in answer.content.decode()
    assert answer.headers["HX-Replace-Url"] == "/sandbox/rd_grant/?figures=all%255B2%255D.test%253A1%3D20%2525"
    assert "focus=benefit%3A0.0" in answer.content.decode()
    again = client_of(place.users, "editor").get(answer.headers["HX-Replace-Url"])
    assert numbers(again)["have it"] == ("0", "1")


def test_the_curve_along_a_figure_holds_today_and_the_chosen_value(place):
    curve = page(place, "sandbox_curve", focus=RATIO, figures=f"{RATIO}=7.77%&{RATE}=20%").context["curve"]
    assert (curve.knob.id, curve.priced) == (RATIO, True)
    assert {"5%", "7.77%"} <= {point.text for point in curve.points}
    assert [point.text for point in curve.points if point.here] == ["7.77%"]
    granted = [point.outcome.granted for point in curve.points]
    assert granted == sorted(granted, reverse=True)
    assert (granted[0], granted[-1]) == (2, 1)
    # A figure that the rule has not falls back to the first that is moved.
    assert page(place, "sandbox_curve", focus="x", figures=f"{CAP}=1万").context["curve"].knob.id == CAP
    assert "<html" not in page(place, "sandbox_curve", part=True).content.decode()


def test_over_many_enterprises_the_reader_is_told_while_the_rule_is_made_ready(place, monkeypatch):
    monkeypatch.setattr(sandboxes, "MANY_ROWS", 3)
    rules.publish("fresh", "support", "新", "Fresh", {"conditions": {"test": "revenue[-1] >= 123万"}, "benefit": None})
    waiting = page(place, code="fresh", figures="test:1=150万元").content.decode()
    assert "The rule is made ready over 4 enterprises" in waiting
    onward = unescape(waiting.split('content="0; url=')[1].split('"')[0])
    there = client_of(place.users, "editor").get(onward)
    assert there.context["moves"] == [("last year's revenue at least", "¥1,230,000", "¥1,500,000")]
    assert "Figures" in page(place, code="fresh").content.decode()


def test_what_is_no_figure_is_told_and_the_rest_counts(place):
    answer = page(place, **{RATIO: "many", REVENUE: "-5", RATE: "100%"})
    text = unescape(answer.content.decode())
    assert "This is not a number." in text
    assert 'value="many"' in text
    assert numbers(answer)["would get more"][0] == "1"
    assert len(answer.context["asked"].figures) in (1, 2)


def test_figures_that_contradict_the_rule_are_warned_of(place):
    answer = page(place, **{RATIO: "120%"})
    assert answer.context["problems"] or answer.context["outcome"].counts["true"] == 0


def test_the_groups_add_up_to_the_whole(place):
    table = page(place, **{RATIO: "20%"}).context["tables"][0]
    rows = {row.label: (row.part.rows, row.part.before, row.part.now, row.part.lost) for row in table.rows}
    assert (table.title, table.several) == ("Region", False)
    assert rows == {"East City": (2, 1, 0, 1), "West City": (1, 0, 0, 0), "Elsewhere": (1, 0, 0, 0)}
    assert [row.share for row in table.rows] == [0, 0, 0]


def test_who_loses_is_listed_and_goes_into_files(place):
    lost = page(place, "sandbox_changes", role="supervisor", figures=f"{RATIO}=20%", kind="lost")
    assert [row.party.name for row in lost.context["page"].objects] == ["甲科技有限公司"]
    assert lost.context["page"].objects[0].difference == -200_000
    csv = b"".join(
        page(
            place, "sandbox_changes", role="supervisor", figures=f"{RATIO}=20%", format="csv", kind="lost"
        ).streaming_content
    ).decode()
    assert "甲科技有限公司,91610131MA6TXXXX01,loses it,200000.0,0.0,-200000.0" in csv
    nobody = page(place, "sandbox_changes", role="supervisor", kind="gained")
    assert nobody.context["page"].total == 0
    has = page(place, "sandbox_changes", role="supervisor", kind="granted", sort="-now", q="甲科技")
    assert [row.now for row in has.context["page"].objects] == [200_000]


def test_a_scenario_is_kept_compared_and_dropped(place):
    assert "has been kept" in keep(place, note="for the budget").content.decode()
    scenario = Scenario.objects.get()
    assert scenario.figures == {RATIO: "0.2"}
    shown = page(place).context["scenarios"][0]
    assert (shown.outcome.granted, shown.outcome.lost.rows, shown.moves) == (
        0,
        1,
        [("last year's R&D ratio at least", "5%", "20%")],
    )
    assert "There is a scenario “cheaper” already" in keep(place).content.decode()
    assert "Move a figure first" in keep(place, "nothing", figures="").content.decode()
    assert "Give the scenario a name" in keep(place, "  ").content.decode()
    assert Scenario.objects.count() == 1
    # Another editor may look, not delete.
    other = client_of(place.users, "supervisor").post(reverse("sandbox_drop", args=["rd_grant", scenario.pk]))
    assert other.status_code == 403
    assert "has been deleted" in post(place, "sandbox_drop", "rd_grant", scenario.pk).content.decode()
    assert not Scenario.objects.exists()


def test_a_scenario_becomes_a_draft_that_counts_only_when_confirmed(place):
    keep(place)
    scenario = Scenario.objects.get()
    refused = client_of(place.users, "supervisor").post(reverse("sandbox_take_over", args=["rd_grant", scenario.pk]))
    assert refused.status_code == 403
    answer = post(place, "sandbox_take_over", "rd_grant", scenario.pk)
    assert answer.redirect_chain[-1][0] == reverse("workbench_policy", args=["rd"])
    newest = RuleVersion.objects.filter(rule__code="rd_grant").order_by("-number").first()
    assert (newest.status, newest.data["conditions"]["all"][2]["test"]) == ("draft", "rd_ratio[-1] >= 20%")
    assert newest.data["conditions"]["all"][2]["quote"] == zone.RD_CONDITIONS["all"][2]["quote"]
    assert newest.data["allocation"] == scenario.version.data["allocation"]
    assert sandboxes.version_of("rd_grant", place.run.snapshot.as_of).number == scenario.version.number
    # The item has moved on: the same scenario would undo what was drafted since.
    again = post(place, "sandbox_take_over", "rd_grant", scenario.pk)
    assert "has been changed meanwhile" in again.content.decode()


def test_a_scenario_of_an_older_wording_is_marked(place):
    keep(place)
    old = RuleVersion.objects.get(rule__code="rd_grant", status="active")
    data = old.data | {"conditions": {"all": old.data["conditions"]["all"][:2]}}
    rules.publish("rd_grant", "support", "研发投入补助", "R&D grant", data)
    shown = page(place).context["scenarios"][0]
    assert shown.stale
    assert shown.problem == "The rule no longer has some of its figures."


def test_a_draft_that_is_not_sound_says_so(place):
    rules.draft("odd", "support", "怪", "Odd", {"conditions": {"test": "nothing_known >= 3"}, "benefit": None})
    text = unescape(page(place, code="odd").content.decode())
    assert "The rule cannot be tried as it stands" in text
    assert "nothing_known" in text


def test_the_list_leads_to_every_rule_with_figures(place):
    text = page(place, "sandboxes").content.decode()
    assert reverse("sandbox", args=["rd_grant"]) in text
    assert client_of(place.users, "editor").get(reverse("sandbox", args=["nothing"])).status_code == 404


def test_every_year_of_a_run_has_a_figure_that_can_be_moved(place):
    rules.publish("years", "support", "年", "Years", {"conditions": {"test": "each(revenue[-2..-1] >= 100万)"}})
    figures = page(place, code="years").context["figures"]
    assert [(figure.text, figure.low < figure.high) for figure in figures] == [("¥1,000,000", True)]
    assert page(place, "sandbox_curve", code="years").context["curve"].points


@pytest.mark.parametrize("test", ["revenue[-1] >= 9999999999999", "rd_ratio[-1] >= 0.000001"])
def test_the_slider_goes_no_further_than_its_figure(place, test):
    rules.publish("edge", "support", "边", "Edge", {"conditions": {"test": test}})
    assert page(place, "sandbox_curve", code="edge").context["curve"].points


def test_who_may_gain_or_lose_is_told_apart_and_sure_of_nothing(place):
    place_of_facts = zone.enterprise("戊信息有限公司", {"registration_region": "east", "revenue": {zone.YEAR: 99_0000}})
    matching.run()
    listed = page(place, "sandbox_changes", role="supervisor", figures=f"{REVENUE}=50万元")
    lines = {row.party.name: row for row in listed.context["page"].objects}
    # Its R&D is not known: 50万 of revenue is enough now, so that it may gain what nobody is sure of.
    line = lines[place_of_facts.name]
    assert (line.kind, line.before, line.now, line.most) == ("may_gain", 0, 0, 500_000)
    assert {row.kind for name, row in lines.items() if name == "丁服务有限公司"} == {"unknown"}


def test_a_name_that_is_taken_leaves_the_figures_where_they_are(place):
    keep(place)
    answer = keep(place)
    assert answer.redirect_chain[-1][0].endswith("?figures=all%255B2%255D.test%253A1%3D20%2525")
    assert answer.context["moves"]


def test_a_slider_is_answered_with_its_part_even_before_the_rule_is_ready(place, monkeypatch):
    monkeypatch.setattr(sandboxes, "MANY_ROWS", 3)
    rules.publish("cold", "support", "冷", "Cold", {"conditions": {"test": "revenue[-1] >= 124万"}})
    assert "<html" not in page(place, code="cold", part=True).content.decode()


def test_a_line_of_a_list_leads_nowhere_by_itself(place):
    client = client_of(place.users, "supervisor")
    for name in ("sandbox_changes", "allocation"):
        assert client.get(reverse(name, args=["rd_grant"]), {"detail": place.parties[0].pk}).status_code == 404


def test_facts_that_are_gone_and_rules_that_are_over_are_told(place, settings):
    today = timezone.localdate()
    later = {"valid_from": today + timedelta(days=30)}
    rules.publish("later", "support", "后", "Later", {"conditions": {"test": "revenue[-1] >= 1万"}}, **later)
    assert "which begins on" in page(place, code="later").content.decode()
    over = {"valid_to": today - timedelta(days=30)}
    rules.publish("over", "support", "过", "Over", {"conditions": {"test": "revenue[-1] >= 1万"}}, **over)
    assert client_of(place.users, "editor").get(reverse("sandbox", args=["over"])).status_code == 404
    Snapshot.objects.create(as_of=today + timedelta(days=1), folder="lost", rows=1, digest="0" * 64)
    assert "no longer on disk" in page(place).content.decode()


def test_the_newest_day_is_not_the_day_made_last(place):
    snapshots.build(timezone.localdate() - timedelta(days=400))
    assert page(place).context["asked"].snapshot.as_of == timezone.localdate()


def test_policy_and_workbench_lead_to_it(place):
    link = reverse("sandbox", args=["rd_grant"])
    assert link in client_of(place.users, "editor").get(reverse("policy", args=["rd"])).content.decode()
    assert link in client_of(place.users, "editor").get(reverse("workbench_policy", args=["rd"])).content.decode()
    assert link not in client_of(place.users, "officer").get(reverse("policy", args=["rd"])).content.decode()


def test_hostile_names_and_figures_stay_text(place):
    hostile = "<script>alert(1)</script>"
    assert hostile not in keep(place, hostile).content.decode()
    assert hostile not in page(place, **{RATIO: hostile}).content.decode()
