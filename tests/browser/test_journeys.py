"""What people do, in a browser: sign in, read their entitlements, object, deliver, read a policy into force."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from innozone.foundation.facts import intake, snapshots
from innozone.foundation.facts.models import Delivery, Objection
from innozone.wings.policies.models import Policy
from tests import zone
from tests.portal.conftest import CSV

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_sign_in_read_what_one_gets_and_why(open_page, place):
    page = open_page("enterprise")
    page.click("text=我能享受的政策")
    expect(page.locator("h1")).to_have_text("甲科技有限公司")
    grant = page.locator("#rule-rd_grant")
    expect(grant).to_contain_text("20万元")
    grant.locator("summary").click()
    expect(grant).to_contain_text("上年度营业收入不低于100万元")
    expect(grant).to_contain_text("营业收入100万元以上")
    # The fact behind a condition opens beside the list and closes by key, back to where one was.
    source = grant.get_by_role("link", name="财务年报").first
    source.click()
    expect(page.locator("#drawer")).to_contain_text("税务局")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_empty()


def test_see_what_is_narrowly_missed_and_how_to_get_there(open_page, place):
    page = open_page("supervisor")
    page.goto(reverse("enterprise", args=[place.parties[1].pk]))
    grant = page.locator("#rule-rd_grant")
    # The cheapest way stands in the list by itself, all of them where the item is opened.
    expect(grant.locator("summary")).to_contain_text(f"{zone.YEAR + 1}年度研发费用不低于50万元")
    grant.locator("summary").click()
    way = grant.locator(".routes > li").first
    expect(way).to_contain_text(f"{zone.YEAR + 1}年度研发费用不低于50万元")
    expect(way).to_contain_text(f"自{zone.YEAR + 2}年1月1日起计")
    expect(way).to_contain_text("人日")
    # The conditions stay where they are, the way stands above them.
    expect(grant).to_contain_text("研发费用占营业收入5%以上")


def test_object_to_a_fact_from_its_drawer(open_page, place):
    page = open_page("enterprise")
    page.goto(reverse("enterprise_facts", args=[place.parties[0].pk]))
    page.get_by_role("link", name=re.compile("200万元")).first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_text("数据有误").click()
    drawer.get_by_label("正确的值").fill("210万元")
    drawer.get_by_label("理由").fill("以审计报告为准")
    drawer.get_by_role("button", name="提交异议").click()
    expect(page.locator("main")).to_contain_text("210万元")
    expect(page.locator("main")).to_contain_text("待处理")
    assert Objection.objects.filter(variable="rd_expense", claimed="210万元").exists()


def test_a_list_is_filtered_sorted_and_opened_without_leaving_it(open_page, place):
    page = open_page("supervisor")
    page.goto("/enterprises/")
    expect(page.locator("tbody tr")).to_have_count(4)
    page.fill("#desk-q", "科技")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "q=" in page.url
    page.fill("#desk-q", "")
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="名称").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("名称")
    page.select_option("[name=title]", "tech_sme")
    expect(page.locator("tbody tr")).to_have_count(1)
    # The order survives a new filter, and so does the list behind the drawer.
    assert "sort=-name" in page.url
    page.click("tbody .row-link")
    expect(page.locator("#drawer h2")).to_have_text("乙制造有限公司")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator("#drawer h2")).to_have_text("乙制造有限公司")
    page.click("[data-close-drawer]")
    expect(page.locator("#drawer")).to_be_empty()
    assert "detail" not in page.url


def test_keep_a_view_choose_columns_export(open_page, place, tmp_path):
    page = open_page("supervisor")
    page.goto("/enterprises/?region=east")
    page.locator("summary", has_text="视图").click()
    page.get_by_label("视图名称").fill("东城企业")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".note")).to_contain_text("东城企业")
    page.goto("/enterprises/")
    page.locator("summary", has_text="视图").click()
    page.get_by_role("link", name="东城企业").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("summary", has_text=re.compile("^ *列")).click()
    page.locator(".menu-panel").get_by_label("统一社会信用代码").uncheck()
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("columnheader", name="统一社会信用代码")).to_have_count(0)
    page.locator("summary", has_text="导出").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert "统一社会信用代码" not in lines[0]
    assert len(lines) == 3


def test_deliver_a_file_and_watch_it(open_page, place, tmp_path):
    file = tmp_path / "财务年报.csv"
    file.write_text(CSV + f",丁服务有限公司,{zone.YEAR},800,80\n,乙制造有限公司,{zone.YEAR},很多,1\n", "utf-8")
    page = open_page("officer")
    page.goto("/deliveries/")
    page.locator("summary", has_text="交付文件").click()
    page.get_by_label("数据集").first.select_option("finance")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="交付", exact=True).click()
    expect(page.locator("h1")).to_have_text("财务年报.csv")
    expect(page.locator("progress")).to_be_visible()
    # The worker takes it in; the page notices by itself.
    intake.take(Delivery.objects.get(filename="财务年报.csv"))
    expect(page.locator("main")).to_contain_text("已入库")
    expect(page.locator("tbody")).to_contain_text("很多")
    page.click("tbody .row-link")
    expect(page.locator("#drawer")).to_contain_text("不是数字")


def test_read_a_policy_correct_it_and_put_it_into_force(open_page, place):
    page = open_page("editor")
    page.goto("/workbench/")
    page.locator("summary", has_text="解析政策").click()
    page.get_by_label("或粘贴文本").fill("示范新区奖励办法\n第一条 上年度营业收入300万元以上的企业，给予5万元奖励。")
    page.get_by_role("button", name="开始解析").click()
    expression = page.locator("[name=i0-l0-text]")
    expect(expression).to_have_value("revenue[-1] >= 300万")
    preview = page.locator("#i0-preview")
    expect(preview).to_contain_text("可享受 3")
    # The words and the condition point at each other.
    page.hover(".bench-leaf")
    expect(page.locator("mark.is-paired")).to_have_count(1)
    # A slip is told at once, in place; the count follows the correction.
    expression.fill("revenue[-1] >=")
    expect(page.locator("#i0-l0-check .leaf-problem")).to_be_visible()
    expression.fill("revenue[-1] >= 900万")
    expect(page.locator("#i0-l0-check")).to_contain_text("上年度营业收入不低于900万元")

    expect(preview).to_contain_text("可享受 2")
    page.fill("[name=note]", "门槛提高")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator("main")).to_contain_text("新版本已保存")
    expect(expression).to_have_value("revenue[-1] >= 900万")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="确认生效").click()
    page.get_by_role("button", name="确认生效").click()
    expect(page.locator("main")).to_contain_text("政策已生效")
    assert Policy.objects.get(title__startswith="示范新区奖励办法").status == "confirmed"


def test_the_language_is_switched_and_stays(open_page, place):
    page = open_page("enterprise")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/policies/rd/")
    expect(page.locator("h1")).to_have_text("R&D support measures")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_light_dark_or_as_the_system(open_page, place):
    page = open_page()
    page.goto("/")

    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = background()
    page.emulate_media(color_scheme="dark")
    assert background() != light
    page.locator("summary[aria-label=外观]").click()
    page.get_by_role("button", name="浅色").click()
    assert background() == light


def test_without_scripts_everything_is_reached_by_links_and_forms(open_page, place):
    page = open_page("supervisor", scripts=False)
    page.goto("/enterprises/")
    page.fill("#desk-q", "制造")
    page.get_by_role("button", name="筛选").click()
    assert page.locator("tbody tr").count() == 1
    page.click("tbody .row-link")
    expect(page.locator("#drawer h2")).to_have_text("乙制造有限公司")
    page.get_by_role("link", name="打开页面").click()
    page.locator("#rule-rd_grant summary").click()
    page.locator("#rule-rd_grant").get_by_role("link", name="全部条件").click()
    expect(page.locator("main")).to_contain_text("研发费用占营业收入5%以上")


def test_the_keyboard_is_enough(open_page, place):
    page = open_page()
    page.goto("/policies/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    # The actions of the page come first, then the search.
    actions = page.locator(".page-actions a").count()
    for _link in range(actions + 1):
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.id")
    assert focused == "desk-q"


def test_charts_stand_beside_their_tables(open_page, place):
    page = open_page("supervisor")
    page.goto("/cockpit/")
    chart = page.locator(".chart").first
    expect(chart.locator("svg")).to_be_visible()
    assert "哪些支持惠及企业最多" in chart.get_attribute("aria-label")
    page.locator(".chart-table summary").first.click()
    expect(page.locator(".chart-table tbody").first).to_contain_text("研发投入补助")


def test_a_figure_is_moved_and_the_outcome_follows_is_kept_and_opened_again(open_page, place):
    page = open_page("editor")
    page.goto("/sandbox/")
    page.get_by_role("link", name="研发投入补助").click()
    outcome = page.locator("#outcome")
    expect(page.locator("#curve [data-curve] svg")).to_be_visible()
    ratio = page.locator("[data-knob]").nth(1)
    # The slider writes its figure as people do, and the outcome and the address follow without a reload.
    page.evaluate("window.stayed = true")
    ratio.locator("[type=range]").focus()
    page.keyboard.press("End")
    expect(ratio.locator("input[name]")).to_have_value("9.7%")
    expect(outcome).to_contain_text("5% → 9.7%")
    expect(outcome).to_contain_text("不再获得")
    assert page.evaluate("window.stayed")
    assert "figures=" in page.url
    # What a reader closes stays closed while figures move; a field takes what a slider does not reach.
    page.locator("details#by-registration_region summary").click()
    ratio.locator("input[name]").fill("99%")
    expect(outcome).to_contain_text("5% → 99%")
    expect(page.locator("#curve tbody tr.is-open th")).to_have_text("99%")
    expect(page.locator("details#by-registration_region")).not_to_have_attribute("open", "")
    outcome.get_by_label("存为方案").fill("从严")
    outcome.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("方案“从严”已保存")
    page.get_by_role("link", name="恢复现行").click()
    expect(page.locator("#outcome")).not_to_contain_text("→")
    page.get_by_role("link", name="从严").click()
    expect(page.locator("#outcome")).to_contain_text("5% → 99%")
    page.get_by_role("button", name="还原").locator("visible=true").click()
    expect(page.locator("#outcome")).not_to_contain_text("→")


def test_figures_are_moved_without_scripts(open_page, place):
    page = open_page("editor", scripts=False)
    page.goto("/sandbox/rd_grant/")
    page.locator("[data-knob]").nth(1).locator("input[name]").fill("20%")
    page.get_by_role("button", name="推演").click()
    expect(page.locator("#outcome")).to_contain_text("5% → 20%")


def test_facts_of_another_day_are_another_page(open_page, place):
    earlier = timezone.localdate() - timedelta(days=40)
    snapshots.build(earlier)
    page = open_page("editor")
    page.goto("/sandbox/rd_grant/")
    page.locator("[data-knob]").nth(1).locator("input[name]").fill("20%")
    expect(page.locator("#outcome")).to_contain_text("5% → 20%")
    # What is typed moves the slider, too: the next arrow key goes on from there.
    slider = page.locator("[data-knob]").nth(1).locator("[type=range]")
    expect(slider).to_have_js_property("value", slider.get_attribute("max"))
    page.get_by_label("数据日期").select_option(earlier.isoformat())
    expect(page.locator(".page-head .facets")).to_contain_text(f"{earlier.isoformat()}的数据")
    expect(page.locator("#outcome")).to_contain_text("5% → 20%")
