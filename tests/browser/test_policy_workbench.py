"""S21 and S25 in the browser: a text becomes clauses with their places, is corrected, compared, asked about, confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from innozone.foundation import jobs
from innozone.foundation.verdicts.models import RuleVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = """示范新区成长企业奖励办法
第一条 在新区注册的企业，上年度营业收入500万元以上的，一次性奖励8万元。
第二条 研发费用占营业收入比例5%以上的企业，再奖励5万元。
"""


def test_a_text_is_read_corrected_compared_and_confirmed(open_page, place):
    page = open_page("editor")
    page.goto("/workbench/")
    page.locator("details.sheet summary").first.click()
    page.fill("textarea[name=text]", TEXT)
    page.get_by_role("button", name="解析").click()
    # Within the run the clauses stand there, each linked to its words, in both directions.
    expect(page.locator(".bench-item")).to_have_count(2)
    mark = page.locator("mark.quote", has_text="营业收入500万元以上").first
    mark.click()
    focused = page.locator("fieldset.bench-leaf:focus-within input[data-complete]")
    expect(focused).to_have_value("revenue[-1] >= 500万")

    # Completion by the Chinese label; the sentence is checked while it is written.
    focused.fill("")
    focused.type("营业收")
    expect(page.locator("#complete li").first).to_contain_text("营业收入")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(focused).to_have_value("revenue[-1]")
    focused.type(" >= 400万")
    expect(page.locator("fieldset.bench-leaf:focus-within .bench-check")).to_contain_text("400万元")
    # Live counts follow the form.
    expect(page.locator("#i0-preview .counts")).to_be_visible()
    page.fill("input[name=note]", "门槛降到400万元")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator(".notes")).to_contain_text("新版本")

    # Both versions are kept and compared condition by condition.
    page.get_by_role("link", name="与上一版对照").first.click()
    expect(page.locator(".leaf-changes .is-changed del")).to_contain_text("500万元")
    expect(page.locator(".leaf-changes .is-changed ins")).to_contain_text("400万元")

    # Before it comes into force its consequences are counted.
    page.get_by_role("link", name="在工作台打开").first.click()
    page.get_by_role("link", name="确认生效").click()
    expect(page.locator("table")).to_contain_text("+")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="确认生效").click()
    expect(page.locator("h1")).to_contain_text("示范新区成长企业奖励办法")
    jobs.run_pending()


def test_a_draft_is_put_before_founders_answered_and_concluded(open_page, place):
    editor, founder = open_page("editor"), open_page("enterprise", 375)
    editor.goto(f"/workbench/{place.draft.code}/")
    editor.locator("summary", has_text="向企业征求意见").click()
    editor.fill("#consult-closes", (timezone.localdate() + timedelta(days=9)).isoformat())
    editor.get_by_role("button", name="就已保存的版本征求意见").click()
    address = editor.url

    founder.goto(f"/enterprises/{place.parties[0].pk}/consultations/")
    founder.locator("article h2 a").first.click()
    whole = founder.locator("section.sheet", has_text="草案整体")
    whole.get_by_label("建议修改").check()
    whole.locator("textarea").fill("奖励改为20万元")
    whole.get_by_role("button", name="提交").click()
    expect(founder.locator("section.sheet", has_text="草案整体")).to_contain_text("待答复")

    editor.goto(address)
    editor.locator(".opinion select").select_option("partly")
    editor.locator(".opinion textarea").fill("改为15万元")
    editor.get_by_role("button", name="发送答复").click()
    editor.fill("#summary", "奖励改为15万元")
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.get_by_role("button", name="办结").click()
    expect(editor.locator(".facets").first).to_contain_text("已办结")
    founder.reload()
    expect(founder.locator("main")).to_contain_text("改为15万元")


def test_conditions_are_joined_moved_undone_and_made_of_words(open_page, place):
    page = open_page("editor")
    page.goto("/workbench/rd/")
    item = page.locator(".bench-item").first
    leaves, groups = item.locator(".bench-leaf"), item.locator(".bench-group:not(.is-root)")
    before, count = groups.count(), leaves.count()
    first, second = (leaves.nth(at).locator("input[data-complete]").input_value() for at in (0, 1))

    # The second goes into a group with the first: one of both is enough.
    leaves.nth(1).locator("input[data-complete]").focus()
    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(groups).to_have_count(before + 1)
    expect(groups.first.locator(":scope > .bench-join select")).to_have_value("any")
    undo, redo = item.get_by_role("button", name="撤销"), item.get_by_role("button", name="重做")
    undo.click()
    expect(groups).to_have_count(before)
    expect(leaves.nth(1).locator("input[data-complete]")).to_have_value(second)
    redo.click()
    expect(groups).to_have_count(before + 1)
    page.keyboard.press("Control+z")
    expect(groups).to_have_count(before)
    page.keyboard.press("Control+Shift+z")
    groups.first.locator(":scope > .bench-join select").select_option("at_least")
    groups.first.locator(":scope > .bench-join [data-n]").fill("2")

    # A new condition in that group; words marked in the text become one more.
    groups.first.locator(":scope > .bench-join [data-act=add]").click()
    expect(leaves).to_have_count(count + 1)
    page.keyboard.type("revenue[-1] >= 3万")
    expect(page.locator("fieldset.bench-leaf:focus-within .bench-check")).to_contain_text("3万元")
    page.evaluate(
        """() => { const at = document.querySelector('.paper .text mark.quote'); const range = document.createRange();
        range.selectNodeContents(at); getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.get_by_role("button", name="据此生成条件").click()
    expect(leaves).to_have_count(count + 2)
    leaves.nth(3).locator("input[type=checkbox]").check()
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator(".notes")).to_contain_text("新版本")
    saved = RuleVersion.objects.filter(rule__code="rd_grant").latest("number").data["conditions"]
    group = next(iter(saved.values()))[0]["at_least"]
    assert group["n"] == 2
    assert [leaf["test"] for leaf in group["of"]] == [first, second, "revenue[-1] >= 3万"]
    # What was saved stands there as it was joined.
    expect(page.locator(".bench-item").first.locator(".bench-group:not(.is-root) > .bench-join select").first).to_have_value("at_least")  # fmt: skip


def test_on_a_phone_the_text_and_the_conditions_lead_to_each_other(open_page, place):
    page = open_page("editor", 375)
    page.goto("/workbench/rd/")
    expect(page.locator(".paper")).to_be_visible()
    expect(page.locator(".bench-item").first).to_be_hidden()
    mark = page.locator("mark.quote").first
    key = mark.get_attribute("data-quote")
    mark.click()
    leaf = page.locator(f"fieldset.bench-leaf[data-quote='{key}']")
    expect(leaf).to_be_in_viewport()
    expect(page.locator(".paper")).to_be_hidden()
    leaf.locator(".bench-quote > span").click()
    expect(page.locator(f"mark.quote[data-quote='{key}']")).to_be_in_viewport()
    page.get_by_role("button", name="条件", exact=True).click()
    expect(leaf).to_be_visible()


def test_what_was_written_stays_when_it_cannot_be_saved(open_page, place):
    page = open_page("editor")
    page.goto("/workbench/rd/")
    item = page.locator(".bench-item").first
    field = item.locator("input[data-complete]").nth(1)
    field.fill("revenue[-1] >= 77万")
    item.locator("summary", has_text="摘要").click()
    item.get_by_label("受理部门").fill("没有这个部门")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator("#bench-problems")).to_contain_text("没有这个部门")
    expect(field).to_have_value("revenue[-1] >= 77万")
    item.get_by_label("受理部门").fill("")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator(".notes")).to_contain_text("新版本")
    expect(field).to_have_value("revenue[-1] >= 77万")
