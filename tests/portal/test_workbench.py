"""The workbench with texts nobody wishes for: html, turned writing, very long papers, very many conditions."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse
from lxml import html

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import drafts, texts
from innozone.wings.policies.drafts import ItemDraft
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db
#: Seconds; a page takes far less, a machine under load is no fault.
SOON = 5.0
SENTENCE = "上年度营业收入500万元以上的，一次性奖励8万元。"


@pytest.fixture
def editor(place):
    return client_of(place.users, "editor")


def read(editor, text):
    """The page that a pasted text becomes, and the seconds it took to ask for it once it was read."""
    sent = editor.post(reverse("workbench"), {"text": text})
    assert sent.status_code == 302, sent.content.decode()[:500]
    started = time.perf_counter()
    answer = editor.get(sent["Location"])
    assert answer.status_code == 200
    return answer.content.decode(), time.perf_counter() - started


def test_a_form_that_is_sent_as_it_came_changes_nothing(editor, place):
    table = "企业类别\t认定条件\t奖励金额\n科技型中小企业\t当年入库\t1万元\n高新技术企业\t首次认定\t20万元"
    policy = drafts.read(f"奖励办法\n第一条 奖补标准\n{table}\n第二条 {SENTENCE}", place.users["editor"])
    address = reverse("workbench_policy", args=[policy.code])
    (form,) = [form for form in html.fromstring(editor.get(address).content).forms if form.get("id") == "bench"]
    assert editor.post(address, dict(form.form_values())).status_code == 302
    assert "Nothing was changed." in editor.get(address).content.decode()
    assert set(RuleVersion.objects.filter(rule__item__policy=policy).values_list("number", flat=True)) == {1}
    assert policy.versions.count() == 1


def test_html_in_a_paper_stays_words(editor):
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    page, _ = read(editor, f"示范新区奖励办法{evil}\n第一条 {evil}在新区注册的企业，{SENTENCE}")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_mark_that_turns_the_writing_breaks_no_quote(editor):
    page, _ = read(editor, f"示范新区奖励办法\n第一条 在新区注册的\u202e企业，\u200f{SENTENCE}")
    assert "营业收入500万元以上" in page
    assert 'class="quote' in page
    assert "在新区注册的企业，上年度" in page
    assert "\u202e" not in page


def test_a_paper_of_200_000_characters_opens(editor):
    filler = "各有关部门要加强统筹协调，压实工作责任，确保各项措施落地见效。\n"
    paper = f"示范新区奖励办法\n第一条 在新区注册的企业，{SENTENCE}\n" + filler * (200_000 // len(filler))
    page, seconds = read(editor, paper)
    assert 'class="quote' in page
    assert seconds < SOON


def test_300_conditions_open_soon_each_with_its_words(editor, place):
    lines = [f"第{at}项 上年度营业收入{at}万元以上。" for at in range(1, 301)]
    tests = [{"test": f"revenue[-1] >= {at}万", "quote": f"营业收入{at}万元以上"} for at in range(1, 301)]
    drafts.save_version(
        place.draft,
        "\n".join(lines),
        [ItemDraft(name="多条件事项", data={"conditions": {"any": tests}})],
        place.users["editor"],
    )
    started = time.perf_counter()
    page = editor.get(reverse("workbench_policy", args=[place.draft.code])).content.decode()
    assert time.perf_counter() - started < SOON
    assert 'name="i0-l299-text"' in page
    assert 'name="i0-l300-text"' not in page
    assert page.count('<mark class="quote') == 300
    assert texts.current(place.draft).text.startswith("第1项")
