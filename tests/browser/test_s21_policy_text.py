"""S21, word by word, in a browser: a text is put in, stands there in parts with their places, is corrected, both stay."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.acceptance.test_s21_policy_library import TEXT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_text_stands_there_in_parts_each_linked_to_its_place_and_a_correction_keeps_both_versions(open_page, place):
    page = open_page("editor")
    # A new policy text is put in.
    page.goto("/workbench/")
    page.locator("details.sheet summary").first.click()
    page.fill("textarea[name=text]", TEXT)
    page.get_by_role("button", name="解析").click()
    # Within the run testable clauses stand there, each linked to its place in the text:
    clauses = page.locator("fieldset.bench-leaf")
    said = clauses.locator("input[data-complete]").evaluate_all("fields => fields.map((field) => field.value)")
    assert any("revenue[-1] >= 1000万" in each for each in said)
    assert any("5%" in each for each in said)
    linked = clauses.evaluate_all("parts => parts.map((part) => part.dataset.quote)")
    assert len(linked) >= 3
    assert all(linked), "every clause has its words"
    for key in linked:
        assert page.locator(f"mark[data-quote='{key}']").count() >= 1, f"the words of {key} are marked"
    # … a click on the words leads to the clause, and then the words are marked.
    words = page.locator("mark.quote", has_text="营业收入1000万元以上").first
    words.click()
    focused = page.locator("fieldset.bench-leaf:focus-within")
    expect(focused.locator("input[data-complete]")).to_have_value(re.compile("revenue"))
    expect(words).to_have_class(re.compile("is-paired"))
    # What no fact says is left to a person, with its words.
    expect(page.locator("mark.quote", has_text="未发生重大安全事故").first).to_be_visible()

    # Its gist, key words and tags stand there too, each linked to its place in the text (click → the words are marked).
    address = page.url
    page.get_by_role("link", name="预览公开页面").click()
    gist = page.locator(".gist a")
    expect(gist).to_contain_text("上年度研发费用的10%给予补助，最高50万元")
    gist.click()
    told = page.locator("mark.place[data-quote=gist]")
    assert "按上年度研发费用的10%给予补助" in "".join(told.all_text_contents())
    expect(told.first).to_have_class(re.compile("is-meant"))
    for place_of in ("#keywords", "#tags"):
        assert page.locator(f"{place_of} .tag").count() >= 1
        assert page.locator(f"{place_of} span.tag").count() == 0, "each is linked"
        word = page.locator(f"{place_of} a.tag").first
        word.click()
        mark = page.locator(f"mark[data-quote='{word.get_attribute('data-quote')}']").first
        expect(mark).to_be_visible()
        expect(mark).to_have_class(re.compile("is-meant"))
        assert mark.evaluate("mark => mark.matches(':target')")
    page.goto(address)

    # An editor corrects one …
    ratio = page.locator("fieldset.bench-leaf", has=page.locator("input[data-complete][value*='5%']")).first
    ratio.locator("input[data-complete]").fill("rd_ratio[-1] >= 6%")
    page.fill("input[name=note]", "研发占比改为6%")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator(".notes")).to_contain_text("新版本")
    # … and both versions are kept: side by side, and the old one to be read as it was.
    page.get_by_role("link", name="与上一版对照").first.click()
    expect(page.locator(".leaf-changes .is-changed del")).to_contain_text("5%")
    expect(page.locator(".leaf-changes .is-changed ins")).to_contain_text("6%")
    code = page.url.split("/policies/")[1].split("/")[0]
    page.goto(f"/policies/{code}/?version=1")
    expect(page.locator(".paper .sheet-head")).to_contain_text("1")
    expect(page.locator(".paper .text")).to_contain_text("研发费用占营业收入比例5%以上")
    versions = page.locator("section.sheet", has=page.get_by_role("heading", name="版本", exact=False)).last
    expect(versions).to_contain_text("研发占比改为6%")
    page.get_by_role("link", name="查看最新版本").click()
    expect(page).to_have_url(re.compile(f"/policies/{code}/$"))
