"""S22, word by word, in a browser: a policy with three conditions is issued, pushed, read, and its delay reported."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from innozone.foundation import jobs
from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.wings.policies import drafts
from innozone.wings.policies.drafts import ItemDraft
from tests.acceptance.test_s22_policy_matching import CONDITIONS, TEXT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(place):
    editor = place.users["editor"]
    policy = drafts.read(TEXT, editor)
    item = ItemDraft("成长奖励", {"conditions": CONDITIONS, "benefit": {"kind": "奖励", "amount": "8万"}})
    drafts.save_version(policy, TEXT, [item], editor)
    return policy


def test_a_policy_is_issued_and_reaches_whom_it_concerns_with_its_reasons(open_page, place, draft):
    known = set(Notice.objects.values_list("pk", flat=True))
    # Issue a policy with three conditions.
    page = open_page("editor")
    page.goto(reverse("workbench_publish", args=[draft.code]))
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(f"form[action='{reverse('workbench_confirm', args=[draft.code])}'] button").first.click()
    page.wait_for_url(f"**{reverse('policy', args=[draft.code])}")
    jobs.run_pending()
    # Exactly the enterprises that meet them get it.
    sent = Notice.objects.exclude(pk__in=known).filter(version__rule__item__policy=draft)
    assert {notice.party for notice in sent} == {place.parties[0], place.parties[1]}
    # Each sees which condition it meets and by which fact.
    own = open_page("enterprise")
    own.goto(reverse("enterprise_messages", args=[place.parties[0].pk]))
    own.get_by_role("link", name="成长奖励").first.click()
    letter = own.locator(".letter")
    expect(letter).to_contain_text("已满足的条件")
    expect(letter).to_contain_text("自成立日期起满5年（成立日期：2015-05-01）")
    expect(letter).to_contain_text("营业收入")
    expect(letter).to_contain_text("8万元")
    # The delay from issue to push is reported, with what was opened.
    staff = open_page("supervisor")
    staff.goto(reverse("policy", args=[draft.code]))
    push = staff.locator("section", has=staff.locator("#push"))
    expect(push).to_contain_text("生效至推送")
    expect(push).to_contain_text("发布至推送")
    push.get_by_role("link", name="1", exact=True).click()
    expect(staff.locator("tbody tr")).to_have_count(1)
    expect(staff.locator("tbody")).to_contain_text("甲科技有限公司")
    staff.goto("/pushes/")
    expect(staff.locator("tbody")).to_contain_text("示范新区成长企业奖励办法")


@pytest.mark.parametrize(("width", "scripts"), [(375, False), (1440, True)])
def test_an_enterprise_sets_how_it_is_told(open_page, place, width, scripts):
    page = open_page("enterprise", width, scripts=scripts)
    page.goto(reverse("enterprise_messages", args=[place.parties[0].pk]))
    page.get_by_role("link", name="消息设置").click()
    mail = page.locator("form", has=page.locator("[name=channel][value=mail]"))
    mail.get_by_label("推送频次").select_option("weekly")
    mail.get_by_label("申报临近截止").uncheck()
    mail.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("设置已保存")
    route = Route.objects.get(channel="mail")
    assert (route.digest, route.muted) == ("weekly", ["deadline"])
    hook = page.locator("form", has=page.locator("[name=channel][value=webhook]"))
    hook.get_by_label("地址").fill("https://127.0.0.1/hook")
    hook.get_by_role("button", name="保存").click()
    expect(page.locator(".errorlist")).to_contain_text("不在公网上")
    hook.get_by_label("地址").fill("https://93.184.216.34/hook")
    hook.get_by_role("button", name="保存").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    assert Route.objects.get(channel="webhook").on


def test_a_mail_is_unsubscribed_from_without_signing_in(open_page, place):
    from innozone.foundation.notices import routes

    page = open_page()
    page.goto(reverse("message_unsubscribe", args=[routes.token_of(place.letter.route)]))
    page.get_by_role("button", name="确认退订").click()
    expect(page.get_by_role("status")).to_contain_text("已退订")
    assert not Delivery.objects.filter(state="waiting").exists()
