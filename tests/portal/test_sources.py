"""Editors keep sources, have them looked at, and see what came."""

import os

import pytest
from django.urls import reverse

from innozone.foundation import jobs
from innozone.foundation.access.models import ApiToken
from innozone.wings.policies import tasks
from innozone.wings.policies.models import Arrival, Source
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
FEED = {
    "name": "省科技厅",
    "code": "province",
    "kind": "feed",
    "address": "https://kjt.shaanxi.gov.cn/rss.xml",
    "level": "province",
    "issuer_name": "陕西省科学技术厅",
    "every": 6,
    "active": True,
}


def test_a_source_is_added_changed_and_paused_on_its_page(place):
    client = client_of(place.users, "editor")
    answer = client.post(reverse("sources"), {**FEED, "active": "on"})
    made = Source.objects.get(code="province")
    assert (answer.status_code, answer.url) == (302, reverse("source", args=[made.pk]))
    client.post(answer.url, {**{key: value for key, value in FEED.items() if key != "active"}, "every": 12})
    made.refresh_from_db()
    assert (made.every, made.active) == (12, False)
    assert "已暂停" in client.get(answer.url, headers={"accept-language": "zh-CN"}).content.decode()


@pytest.mark.parametrize(
    "change", [{"address": "no address"}, {"kind": "folder", "address": "../.."}, {"every": 0}, {"code": "a b"}]
)
def test_what_is_no_source_is_refused_at_its_field(place, change):
    client = client_of(place.users, "editor")
    answer = client.post(reverse("sources"), {**FEED, **change})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [
        next(name for name in ("address", "every", "code") if name in change)
    ]
    assert not Source.objects.filter(code="province").exists()
    # A page of its own shows what is kept, not what was refused.
    client.post(reverse("source", args=[place.source.pk]), {**FEED, "address": "no address"})
    place.source.refresh_from_db()
    assert place.source.name == "惠企政策文件夹"


def test_look_now_has_the_worker_look_and_the_text_stands_there(place, settings):
    path = os.path.join(settings.POLICY_FOLDER, "new.txt")
    with open(path, "w") as file:
        file.write("示范新区人才奖励办法\n第一条 对上年度营业收入500万元以上的企业，给予30万元奖励。\n")
    os.utime(path, (1, 1))
    client = client_of(place.users, "editor")
    client.post(reverse("source_look", args=[place.source.pk]))
    assert jobs.waiting(tasks.look) == 1
    jobs.run_pending()
    page = client.get(reverse("source", args=[place.source.pk])).content.decode()
    assert "示范新区人才奖励办法" in page
    assert "new.txt" in client.get(reverse("arrivals"), {"columns": "title,address"}).content.decode()


def test_a_changed_text_is_shown_beside_the_one_it_changes(place):
    arrival = Arrival.objects.get(state="changed")
    page = client_of(place.users, "editor").get(reverse("arrivals"), {"detail": arrival.pk}).content.decode()
    assert arrival.changes == place.draft
    assert "<del>10</del>" in page
    assert "<ins>20</ins>" in page
    assert reverse("workbench_policy", args=[place.draft.code]) in page


def test_a_state_that_is_worked_out_is_read_as_a_word(place):
    Source.objects.update(active=False)
    client = client_of(place.users, "editor")
    page = client.get(reverse("sources"), headers={"accept-language": "zh-CN"}).content.decode()
    assert "已暂停" in page
    assert "paused" not in page
    assert "已暂停" in client.get(
        reverse("sources"), {"format": "csv"}, headers={"accept-language": "zh-CN"}
    ).getvalue().decode("utf-8-sig")


def test_the_api_does_the_same(place, client):
    token = ApiToken.issue(place.users["editor"], "test")[1]
    more = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    made = client.post("/api/v1/sources", FEED, **more)
    assert made.status_code == 201, made.content
    assert made.json()["issuer_name"] == "陕西省科学技术厅"
    assert client.post("/api/v1/sources", FEED, **more).json()["place"] == "code"
    paused = client.post("/api/v1/sources/province", {**FEED, "active": False}, **more)
    assert (paused.status_code, paused.json()["active"]) == (200, False)
    wrong = client.post("/api/v1/sources/province", {**FEED, "address": "http://u:p@x.example/"}, **more)
    assert (wrong.status_code, wrong.json()["place"]) == (422, "address")
    assert client.post("/api/v1/sources/province/look", **more).status_code == 202
    assert jobs.waiting(tasks.look) == 1
    assert client.get("/api/v1/sources/nothing", **more).status_code == 404
    rows = client.get("/api/v1/desks/arrivals", {"source": "watched"}, headers=more["headers"]).json()["rows"]
    assert {row["cells"]["state"] for row in rows} == {"duplicate", "changed"}
