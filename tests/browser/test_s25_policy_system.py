"""S25, word by word, in a browser: founders speak and are answered; use and money per clause; the tree shows what followed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from innozone.foundation import jobs
from innozone.foundation.access.models import Membership, Role, User
from innozone.wings.policies.models import Consultation, Evaluation, Opinion, Policy
from tests import zone
from tests.portal.conftest import build
from tests.portal.people import PASSWORD
from tests.wings.policies.test_evaluations import PAYMENTS, pay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(transactional_db, settings, tmp_path):
    """The small zone in which the finance office delivers what was paid, with a second founder."""
    cache.clear()
    made = build(settings, tmp_path, zone.pack(datasets={**zone.pack().datasets, PAYMENTS.code: PAYMENTS}))
    other = User.objects.create_user("founder", password=PASSWORD)
    Membership.objects.create(user=other, role=Role.ENTERPRISE, party=made.parties[1])
    return made


def test_a_draft_gets_opinions_from_founders_each_answered(open_page, place):
    Opinion.objects.all().delete()
    Consultation.objects.all().delete()
    editor = open_page("editor")
    editor.goto(reverse("workbench_policy", args=[place.draft.code]))
    editor.locator("summary", has_text="向企业征求意见").click()
    editor.fill("#consult-closes", (timezone.localdate() + timedelta(days=20)).isoformat())
    editor.get_by_role("button", name="就已保存的版本征求意见").click()
    address = editor.url

    # A draft gets opinions from founders: one at a desk, one on a phone.
    said = (("enterprise", 0, 1440, "建议修改", "门槛降到300万元"), ("founder", 1, 375, "赞成", "早日出台"))
    founders = {}
    for account, firm, width, stance, words in said:
        page = founders[words] = open_page(account, width)
        page.goto(reverse("enterprise_rounds", args=[place.parties[firm].pk]))
        page.locator("article h2 a").first.click()
        whole = page.locator("section.sheet", has_text="草案整体")
        whole.get_by_label(stance, exact=True).check()
        whole.locator("textarea").fill(words)
        whole.get_by_role("button", name="提交").click()
        expect(page.locator("section.sheet", has_text="草案整体")).to_contain_text("待答复")

    # Each is answered.
    editor.on("dialog", lambda dialog: dialog.accept())
    editor.goto(address)
    for words in founders:
        opinion = editor.locator(".opinion", has_text=words)
        opinion.locator("select").select_option("partly")
        opinion.locator("textarea").fill(f"已研究：{words}")
        opinion.get_by_role("button", name="发送答复").click()
        expect(editor.locator(".opinion", has_text=words)).to_contain_text(f"已研究：{words}")
    editor.fill("#summary", "门槛调整为400万元")
    editor.get_by_role("button", name="办结").click()
    expect(editor.locator(".facets").first).to_contain_text("已办结")
    for words, page in founders.items():
        page.reload()
        expect(page.locator("main")).to_contain_text(f"已研究：{words}")
    # What came of it is public.
    public = open_page()
    public.goto(address)
    expect(public.locator("main")).to_contain_text("门槛调整为400万元")


def test_after_a_year_use_and_money_per_clause_then_a_new_version_that_the_tree_shows(open_page, place):
    today = timezone.localdate()
    Evaluation.objects.all().delete()
    Policy.objects.filter(code="rd").update(part="special", valid_from=today - timedelta(days=400))
    pay((place.parties[0].name, "rd_grant", 150_000, today - timedelta(days=3)))
    editor = open_page("editor")
    editor.on("dialog", lambda dialog: dialog.accept())

    # After a year the evaluation shows use and money per clause.
    editor.goto(reverse("evaluations"))
    expect(editor.locator("section.sheet li", has_text="研发补助办法")).to_be_visible()
    editor.locator("summary", has_text="评估一项政策").click()
    editor.locator("#ev-policy").select_option("rd")
    editor.get_by_role("button", name="开始评估").click()
    rows = editor.locator("main tbody tr")
    expect(rows).to_have_count(3)
    grant = rows.filter(has_text="研发投入补助")
    expect(grant.locator("td").nth(1)).to_have_text("1")
    expect(grant.locator("td").last).to_contain_text("15万元")
    expect(rows.filter(has_text="安全研发奖励")).to_be_visible()
    report = editor.url

    # The adjustment …
    editor.get_by_label("调整", exact=True).check()
    editor.fill("#reason", "门槛过高，受益面窄")
    editor.get_by_role("button", name="提交处理意见").click()
    expect(editor.locator("main")).to_contain_text("门槛过高，受益面窄")
    editor.goto(reverse("sandbox", args=["rd_grant"]))
    editor.locator("[data-knob]").nth(1).locator("input[name]").fill("4%")
    outcome = editor.locator("#outcome")
    expect(outcome).to_contain_text("5% → 4%")
    outcome.get_by_label("存为方案").fill("放宽")
    outcome.get_by_role("button", name="保存").click()
    editor.locator("tr", has_text="放宽").get_by_role("button", name="转为草稿").click()
    editor.goto(reverse("workbench_publish", args=["rd"]))
    editor.get_by_role("button", name="确认生效").click()
    editor.wait_for_url("**/policies/rd/")
    jobs.run_pending()
    # … makes a new version and the tree shows it.
    made = Evaluation.objects.get().outcome
    assert made is not None
    editor.goto(report)
    expect(editor.locator("main")).to_contain_text(f"第{made.number}版")
    public = open_page(width=375)
    public.goto(reverse("policy_tree"))
    branch = public.locator(".tree li", has_text="研发补助办法")
    expect(branch).to_contain_text("评估")
    expect(branch).to_contain_text(f"{made.number}")
    branch.get_by_role("link", name="研发补助办法").click()
    expect(public.locator("main")).to_contain_text("4%")
