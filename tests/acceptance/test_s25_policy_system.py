"""S25 政策体系、需求调研与评估调整.

Accept: a draft gets opinions from founders, each answered; after a year the evaluation shows use and money per clause;
the adjustment makes a new version and the tree shows it.
Before that, figures are moved over everyone: the outcome says who has it and what it costs against the version in force.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.verdicts.models import RuleVersion, Scenario, Verdict
from innozone.wings.policies.models import Consultation, Evaluation, Opinion, Policy
from tests import zone
from tests.portal.conftest import build, place  # noqa: F401  the zone with people of every role
from tests.portal.people import client_of
from tests.wings.policies.test_evaluations import PAYMENTS, pay

pytestmark = pytest.mark.django_db


def tiles(client, **query):
    answer = client.get(reverse("sandbox", args=["rd_grant"]), query)
    return {tile.label: (tile.now, tile.before) for tile in answer.context["tiles"]}


def test_a_figure_is_tried_kept_drafted_confirmed_and_then_in_force(place):  # noqa: F811
    editor = client_of(place.users, "editor")
    assert tiles(editor)["have it"] == ("1", "")
    # The share that is asked for falls from 5 % to 4 %: one more enterprise gets it, and it costs so much more.
    moved = tiles(editor, **{"all[2].test:1": "4%"})
    assert (moved["have it"], moved["would gain it"][0]) == (("2", "1"), "1")
    assert moved["cost, least to most"] == ("¥240,000 – ¥740,000", "¥200,000 – ¥700,000")

    figures = {"figures": "all[2].test:1=4%", "name": "wider", "note": "one more maker"}
    editor.post(reverse("sandbox_keep", args=["rd_grant"]), figures)
    scenario = Scenario.objects.get()
    editor.post(reverse("sandbox_take_over", args=["rd_grant", scenario.pk]))
    before = RuleVersion.objects.get(rule__code="rd_grant", status="active")
    assert before.pk == scenario.version_id, "nothing is in force before a person confirms it"

    editor.post(reverse("workbench_confirm", args=["rd"]))
    jobs.run_pending()
    now = RuleVersion.objects.get(rule__code="rd_grant", status="active")
    assert (now.number, now.data["conditions"]["all"][2]["test"]) == (before.number + 1, "rd_ratio[-1] >= 4%")
    assert Verdict.objects.filter(version=now).latest("run_id").true_count == 2
    # The next figures are moved against what is now in force; the old version stays on file.
    assert tiles(editor)["have it"] == ("2", "")
    assert tiles(editor, **{"all[2].test:1": "5%"})["would lose it"][0] == "1"
    assert RuleVersion.objects.filter(rule__code="rd_grant").count() == 2


def test_a_draft_gets_opinions_from_founders_each_answered(place):  # noqa: F811
    editor, founder = client_of(place.users, "editor"), client_of(place.users, "enterprise")
    firm, draft = place.parties[0].pk, place.draft
    Opinion.objects.all().delete()
    Consultation.objects.all().delete()
    closes = timezone.localdate() + timedelta(days=20)

    # A founder may not read a draft before it is put before the enterprises.
    assert founder.get(reverse("policy", args=[draft.code])).status_code == 404
    given = {"intro": "请看门槛是否合适", "closes": closes.isoformat()}
    assert editor.post(reverse("workbench_consult", args=[draft.code]), given).status_code == 302
    (found,) = Consultation.objects.all()
    listed = founder.get(reverse("enterprise_rounds", args=[firm])).content.decode()
    assert draft.title in listed
    page = founder.get(reverse("enterprise_round", args=[firm, found.pk]))
    assert "上年度营业收入500万元以上" in page.content.decode()

    # Two founders speak, one by the page, one by the API.
    item = found.version.items[0]["rule"]
    said = {"stance": "amend", "text": "门槛降到300万元", "item": item}
    assert founder.post(reverse("enterprise_round", args=[firm, found.pk]), said).status_code == 302
    other = User.objects.create_user("other", password="x" * 12)
    Membership.objects.create(user=other, role=Role.ENTERPRISE, party=place.parties[1])
    api = {"HTTP_AUTHORIZATION": f"Bearer {ApiToken.issue(other, 'test')[1]}"}
    body = {"enterprise": place.parties[1].pk, "stance": "support", "text": "早日出台"}
    sent = founder.post(f"/api/v1/consultations/{found.pk}/opinions", body, content_type="application/json", **api)
    assert sent.status_code == 201, sent.content
    # Not for somebody else's enterprise.
    stolen = founder.post(f"/api/v1/consultations/{found.pk}/opinions", body, content_type="application/json")
    assert stolen.status_code == 404

    # Each is answered, and the round cannot be concluded before.
    answered = reverse("round_answer", args=[found.pk])
    editor.post(reverse("round_conclude", args=[found.pk]), {"summary": "门槛调整为400万元"})
    found.refresh_from_db()
    assert found.concluded_at is None
    for opinion in Opinion.objects.all():
        editor.post(answered, {"opinion": opinion.pk, "outcome": "partly", "answer": f"调整为400万元（{opinion.pk}）"})
    messages = founder.get(reverse("enterprise_messages", args=[firm])).content.decode()
    assert "is taken up in part" in messages
    mine = founder.get(reverse("enterprise_round", args=[firm, found.pk])).content.decode()
    assert f"调整为400万元（{Opinion.objects.get(party=firm).pk}）" in mine
    editor.post(reverse("round_conclude", args=[found.pk]), {"summary": "门槛调整为400万元"})
    # What came of it is public, without names.
    public = client_of(place.users, "visitor").get(reverse("round", args=[found.pk])).content.decode()
    assert "门槛调整为400万元" in public
    assert "早日出台" in public
    assert place.parties[1].name not in public


def test_after_a_year_use_and_money_per_clause_then_a_new_version_that_the_tree_shows(settings, tmp_path):
    datasets = {**zone.pack().datasets, PAYMENTS.code: PAYMENTS}
    world = build(settings, tmp_path, zone.pack(datasets=datasets))
    today = timezone.localdate()
    editor, founder = client_of(world.users, "editor"), client_of(world.users, "enterprise")
    Evaluation.objects.all().delete()
    Policy.objects.filter(code="rd").update(part="special", valid_from=today - timedelta(days=400))
    founder.get(reverse("enterprise_message", args=[world.parties[0].pk, world.notice.pk]))
    pay((world.parties[0].name, "rd_grant", 150_000, today - timedelta(days=3)))

    assert "R&amp;D support measures" in editor.get(reverse("evaluations")).content.decode(), "due after a year"
    period = {"policy": "rd", "start": (today - timedelta(days=365)).isoformat(), "end": today.isoformat()}
    made = editor.post(reverse("evaluations"), period)
    (found,) = Evaluation.objects.all()
    assert made.url == reverse("evaluation", args=[found.pk])
    rows = {row.rule: row for row in editor.get(made.url).context["rows"]}
    assert set(rows) == {"rd_grant", "rd_safe", "rd_over"}, "every clause"
    grant = rows["rd_grant"]
    assert (grant.after, grant.told, grant.paid_to, float(grant.paid)) == (1, 1, 1, 150_000)
    # The money opens to its records, for those who may see enterprises.
    records = client_of(world.users, "supervisor").get(
        reverse("payments"), {"item": "rd_grant", "date_from": period["start"], "date_to": period["end"]}
    )
    assert world.parties[0].name in records.content.decode()

    editor.post(made.url, {"decision": "adjust", "reason": "门槛过高，受益面窄"})
    editor.post(reverse("sandbox_keep", args=["rd_grant"]), {"figures": "all[2].test:1=4%", "name": "wider"})
    editor.post(reverse("sandbox_take_over", args=["rd_grant", Scenario.objects.get().pk]))
    before = Policy.objects.get(code="rd").versions.count()
    editor.post(reverse("workbench_confirm", args=["rd"]))
    found.refresh_from_db()
    assert found.outcome.number == before
    tree = client_of(world.users, "visitor").get(reverse("policy_tree")).content.decode()
    assert f"version {found.outcome.number}" in tree
    assert "R&amp;D support measures" in tree
    (branch,) = [each for each in editor.get("/api/v1/policy-tree").json() if each["policy"] == "rd"]
    assert (branch["adjusted_to"], branch["part"]) == (found.outcome.number, "special")
    assert branch["paid"] == 150_000
