"""S21, S22 in a browser: the library counts while it is filtered, a policy is followed, an enterprise narrows its items."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from innozone.foundation import jobs
from innozone.wings.policies import versions
from innozone.wings.policies.models import CalendarLink, Follow, Policy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_choices_count_what_they_leave_while_others_are_made(open_page, place):
    page = open_page()
    page.goto(reverse("policies"))
    levels = page.locator("#filter-level option")
    expect(levels.filter(has_text="国家级")).to_have_text("国家级 (1)")
    page.locator("#filter-money").select_option("1")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(levels.filter(has_text="国家级")).to_have_text("国家级 (0)")
    expect(levels.filter(has_text="区域")).to_have_text("区域 (1)")
    page.fill("#desk-q", "营业收入100万元以上")
    expect(page).to_have_url(re.compile("q=%E8%90%A5"))
    expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize(("width", "scripts"), [(375, False), (1440, True)])
def test_a_policy_is_followed_told_of_and_followed_no_more(open_page, place, width, scripts):
    page = open_page("enterprise", width, scripts=scripts)
    page.goto(reverse("policy", args=["rd"]))
    page.get_by_role("button", name="订阅研发补助办法", exact=True).click()
    expect(page.locator("main")).to_contain_text("订阅成功")
    assert Follow.objects.get().value == "rd"
    versions.end(Policy.objects.get(code="rd"), place.users["editor"], "到期")
    jobs.run_pending()
    page.goto(reverse("following"))
    page.get_by_role("link", name="《研发补助办法》已失效").click()
    expect(page.locator(".letter")).to_contain_text("您订阅了该政策")
    page.goto(reverse("following"))
    page.get_by_role("button", name="取消订阅研发补助办法").click()
    expect(page.locator("main")).to_contain_text("已取消订阅")
    assert not Follow.objects.exists()


def test_an_enterprise_narrows_its_items_and_puts_its_last_days_into_a_calendar(open_page, place):
    CalendarLink.objects.all().delete()
    page = open_page("enterprise", 375)
    page.goto(reverse("enterprise", args=[place.parties[0].pk]))
    page.locator("summary", has_text="筛选与排序").click()
    page.locator("#filter-money").select_option("1")
    expect(page.locator("#groups .verdict")).to_have_count(2)
    expect(page.locator("#filter-state option", has_text="可享受")).to_have_text("可享受 (1)")
    page.get_by_role("link", name="清单（可导出、打印）").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(reverse("enterprise_calendar", args=[place.parties[0].pk]))
    page.get_by_role("button", name="生成日历地址").click()
    expect(page.locator("#calendar-address")).to_contain_text("/calendars/")
