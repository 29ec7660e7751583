"""How to get there, on the page of an item: steps, day, work, and the items on the way."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from innozone.foundation.verdicts import rules, ways
from innozone.foundation.verdicts.models import Rule
from innozone.kernel.rules.solve.repair import repair
from tests import zone
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.fixture
def reader(place):
    return client_of(place.users, "supervisor", "zh-hans")


def publish(code, test, **more):
    return rules.publish(code, "support", code, "", {"conditions": {"all": test}, **more})


def shown(client, place, firm, code, **more):
    return client.get(reverse("enterprise_item_ways", args=[place.parties[firm].pk, code]), **more).content.decode()


def test_an_opened_item_brings_the_way_by_a_request_of_its_own(place, reader):
    url = reverse("enterprise_item", args=[place.parties[1].pk, "rd_grant"])
    for headers in ({}, PART):
        page = reader.get(url, headers=headers).content.decode()
        assert f'hx-get="{url}ways/"' in page
        assert f'<a href="{url}ways/">达标路径</a>' in page
    # Where every condition holds there is no way to go.
    assert (
        "ways/" not in reader.get(reverse("enterprise_item", args=[place.parties[0].pk, "rd_grant"])).content.decode()
    )
    assert "无需改变" in shown(reader, place, 0, "rd_grant")
    assert reader.get(reverse("enterprise_item_ways", args=[place.parties[0].pk, "none"])).status_code == 404


def test_each_near_miss_of_the_list_brings_its_way_in_a_line(place, reader):
    page = reader.get(reverse("enterprise", args=[place.parties[1].pk])).content.decode()
    url = reverse("enterprise_near_ways", args=[place.parties[1].pk])
    rule = Rule.objects.get(code="rd_grant")
    assert f'hx-get="{url}"' in page
    assert f'<span id="way-{rule.pk}"></span>' in page
    part = reader.get(url, headers=PART).content.decode()
    year = zone.YEAR + 1
    assert f'id="way-{rule.pk}"' in part
    assert f"{year}年度研发费用不低于50万元（{zone.YEAR}年为40万元）" in part
    assert "人日" in part
    # An enterprise without near misses asks for nothing.
    assert "/ways/" not in reader.get(reverse("enterprise", args=[place.parties[0].pk])).content.decode()


def test_the_way_says_what_by_when_and_how_much_work(place, reader):
    year = zone.YEAR + 1
    part = shown(reader, place, 1, "rd_grant", headers=PART)
    assert "<html" not in part
    assert f"{year}年度研发费用不低于50万元（{zone.YEAR}年为40万元）" in part
    assert f"自{year + 1}年1月1日起计 · 约" in part
    assert f"假定{year}年的其他数据与上一年持平" in part
    assert "搜索未能穷尽" in part
    page = shown(client_of(place.users, "supervisor", "en"), place, 1, "rd_grant")
    assert "<html" in page
    assert "How to get there" in page
    assert f"{year}&#x27;s R&amp;D expense at least ¥500,000 ({zone.YEAR}: ¥400,000)" in page
    assert f"counts from {year + 1}-01-01" in page


def test_a_title_on_the_way_leads_to_the_item_that_grants_it(place, reader):
    publish("bonus", ['holds("tech_sme")', zone.SAFE])
    part = shown(reader, place, 0, "bonus", headers=PART)
    assert "具备科技型中小企业资质" in part
    url = reverse("enterprise_item", args=[place.parties[0].pk, "tech_sme"])
    assert f'经由 <a href="{url}">科技型中小企业</a>' in part
    assert "可享受" in part
    assert "完成即计入" in part
    assert "其后由人工判断：未发生重大安全事故" in part
    assert "没有代价更小的路径" in part


def test_what_time_brings_and_what_nothing_brings_is_said(place, reader, monkeypatch):
    publish("old", ["age(established_on) >= 3"])
    assert f"无需改变，自{zone.YEAR + 3}年5月1日起即满足" in shown(reader, place, 2, "old")
    publish("past", [f"revenue[{zone.YEAR}] >= 1亿"])
    assert "没有可行路径" in shown(reader, place, 1, "past")
    monkeypatch.setattr(ways, "repair", lambda *rule, **more: repair(*rule, **more | {"most_evaluations": 0}))
    cut = shown(reader, place, 1, "rd_grant")
    assert "暂未找到路径；搜索未能穷尽" in cut
    assert "没有可行路径" not in cut


def test_the_points_that_are_asked_for_have_a_way_of_their_own(place, reader):
    score = {"points": {"label": {"zh": "研发得分", "en": "Points"}, "expr": "rd_ratio[-1] * 1000"}}
    publish("scored", ["rd_ratio[-1] * 1000 >= 60", "revenue[-1] >= 2000万"], scores=score)
    part = shown(reader, place, 1, "scored")
    assert "<dt>研发得分</dt>" in part
    assert f"{zone.YEAR + 1}年度研发费用不低于60万元" in part
    # Where it is all that lacks, it is said once.
    publish("scored", ["rd_ratio[-1] * 1000 >= 60"], scores=score)
    assert "<dt>研发得分</dt>" not in shown(reader, place, 1, "scored")


def test_hostile_names_stay_words(place, reader):
    publish("bonus", ['holds("tech_sme")'])
    Rule.objects.filter(code="tech_sme").update(name="<script>alert(1)</script>")
    part = shown(reader, place, 0, "bonus", headers=PART)
    assert "&lt;script&gt;alert(1)" in part
    assert "<script>alert(1)" not in part


def test_more_items_on_the_way_need_no_more_queries(place, reader):
    publish("bonus", ['holds("tech_sme")'])
    url = reverse("enterprise_item_ways", args=[place.parties[0].pk, "bonus"])

    def queries():
        reader.get(url)
        with CaptureQueriesContext(connection) as found:
            assert reader.get(url).status_code == 200
        return len(found)

    before = queries()
    for number in range(5):
        publish(f"other{number}", ["revenue[-1] >= 100万"], grants="tech_sme")
    assert queries() == before


def test_a_title_that_is_known_to_be_held_by_none_is_not_called_unknown(place, reader):
    """Below a way to a title stands the fact that it is not held."""
    publish("bonus", ['holds("tech_sme")'])
    page = reader.get(reverse("enterprise_item", args=[place.parties[0].pk, "bonus"])).content.decode()
    assert '<b class="fact-value">无</b>' in page
    assert "未知" not in page


def test_the_way_to_more_points_is_found_for_the_number_that_is_asked(place, reader):
    firm = place.parties[1]
    item = reader.get(reverse("enterprise_item", args=[firm.pk, "tech_sme"])).content.decode()
    url = reverse("enterprise_points", args=[firm.pk, "tech_sme"])
    assert "研发得分 <b>10</b>" in item
    assert f'action="{url}"' in item
    year = zone.YEAR + 1
    asked = {"score": "research", "points": "20分"}
    part = reader.get(url, asked, headers=PART).content.decode()
    assert "<html" not in part
    assert "研发得分：由10到20分" in part
    assert f"{year}年度研发费用不低于50万元（{zone.YEAR}年为40万元）" in part
    assert "已经达到：现为10分" in reader.get(url, {"points": "10"}).content.decode()
    most = reader.get(url, {"points": "21"}).content.decode()
    assert "暂未找到路径" in most
    assert "routes" not in most
    assert "“&lt;b&gt;”不是数字" in reader.get(url, {"points": "<b>"}).content.decode()
    assert reader.get(url, {"score": "none", "points": "20"}).status_code == 404
    other = reverse("enterprise_points", args=[firm.pk, "rd_grant"])
    assert reader.get(other, {"points": "20"}).status_code == 404


def test_where_no_way_is_found_the_fewest_conditions_in_the_way_are_named(place, reader):
    publish("past", [f"revenue[{zone.YEAR}] >= 1亿", 'registration_region within "zone"'])
    assert f"至少须改变： <b>{zone.YEAR}年度营业收入不低于1亿元</b>" in shown(reader, place, 1, "past")
