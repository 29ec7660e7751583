"""What a person finds on the pages."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Delivery, Fact, Objection
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import matching
from innozone.wings.policies.models import Policy
from tests import zone
from tests.portal.conftest import CSV
from tests.portal.people import PASSWORD, client_of

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def firm(place):
    return client_of(place.users, "enterprise")


@pytest.fixture
def officer(place):
    return client_of(place.users, "officer")


@pytest.fixture
def editor(place):
    return client_of(place.users, "editor")


def test_pages_are_chinese_unless_english_is_asked_for(place, client):
    assert "我要办" in text(client.get("/"))
    assert "Apply" in text(client.get("/", headers={"accept-language": "en"}))


def test_the_four_entrances_lead_somewhere(place, firm):
    page = text(firm.get("/"))
    own = place.parties[0].pk
    for url in ("/policies/", "/search/", f"/enterprises/{own}/", f"/enterprises/{own}/objections/"):
        assert f'href="{url}"' in page
        assert firm.get(url).status_code == 200


def test_a_count_of_records_opens_to_the_records_and_their_rows(place):
    firm, officer = (client_of(place.users, role, "zh-hans") for role in ("enterprise", "officer"))
    own = place.parties[0].pk
    before = text(firm.get(f"/enterprises/{own}/records/rights/"))
    assert "没有任何来源提供过记录" in before
    rows = "统一社会信用代码,企业名称,号,授权日\n,甲科技有限公司,ZL1,2024-05-01\n"
    delivery = intake.receive("rights", io.BytesIO(rows.encode()), "rights.csv", place.users["officer"])
    intake.take(delivery)
    rule = place.policy.items.get(rule__code__endswith="rd_grant").rule
    version = rule.versions.get(status="active")
    conditions = {"all": [{"test": "count(rights where age(granted_on) < 5) >= 1", "quote": "在新区注册"}]}
    rules.publish(
        rule.code, rule.kind, rule.name, rule.name_en, version.data | {"conditions": conditions}, zone.RD_TEXT
    )
    page = text(firm.get(f"/enterprises/{own}/items/{rule.code}/"))
    assert "知识产权（自授权日起不满5年）数不低于1" in page
    assert f'href="/enterprises/{own}/records/rights/"' in page
    drawer = text(firm.get(f"/enterprises/{own}/records/rights/"))
    assert "ZL1" in drawer
    assert "rights.csv 第1行" in drawer or "rights.csv 第2行" in drawer
    other = text(officer.get(f"/enterprises/{place.parties[1].pk}/records/rights/"))
    assert "其中没有本企业的" in other
    assert firm.get(f"/enterprises/{place.parties[1].pk}/records/rights/").status_code == 403
    assert firm.get(f"/enterprises/{own}/records/nothing/").status_code == 404


def test_search_finds_by_two_characters_in_titles_texts_and_items(place, client):
    found = text(client.get("/search/", {"q": "研发"}))
    assert "研发补助办法" in found
    assert "研发投入补助" in found
    # An enterprise's name is found by staff only.
    assert "甲科技" not in text(client.get("/search/", {"q": "甲科"})).replace('value="甲科"', "")
    staff = client_of(place.users, "supervisor")
    assert "甲科技有限公司" in text(staff.get("/search/", {"q": "甲科"}))


def test_a_policy_shows_sentences_with_their_words_and_how_many_qualify(place, client):
    page = text(client.get("/policies/rd/"))
    assert "上年度营业收入不低于100万元" in page
    assert '<mark class="quote quote-test" data-quote=' in page
    assert "研发费用占营业收入5%以上" in page
    assert "人工判断" in page
    assert "共 4 家企业" in page


def test_staff_see_who_came_and_who_left_because_of_what(place, client):
    editor = client_of(place.users, "administrator", "zh-hans")
    assert "与上次匹配相比" not in text(editor.get("/policies/rd/"))
    zone.set_facts(place.parties[1], {"rd_expense": {zone.YEAR: 90_0000}})
    zone.set_facts(place.parties[0], {"registration_region": "far"})
    looser = zone.RD_CONDITIONS["all"][:2]
    rules.publish("rd_safe", "support", "安全研发奖励", "Safe R&D award", {"conditions": {"all": looser}})
    matching.run()
    page = text(editor.get("/policies/rd/"))
    assert "与上次匹配相比：新增符合 1 家（数据变化 1）；不再符合 1 家（数据变化 1）" in page
    assert "与上次匹配相比：新增符合 2 家（规则变化 2）；不再待人工核定 3 家（规则变化 3）" in page
    in_english = text(client_of(place.users, "administrator", "en").get("/policies/rd/"))
    assert (
        "Since the run before: newly entitled: 1 (facts changed 1); no longer entitled: 1 (facts changed 1)"
        in in_english
    )
    assert "与上次匹配相比" not in text(client.get("/policies/rd/"))


def test_every_version_of_a_text_stays_to_be_read(place, client):
    place.policy.versions.create(number=2, text="第一条 全新的文本。", digest="x")
    assert "全新的文本" in text(client.get("/policies/rd/"))
    old = text(client.get("/policies/rd/?version=1"))
    assert "第一条 本办法适用于" in old.replace("<p>", "")
    assert "较早的版本" in old
    assert client.get("/policies/rd/?version=7").status_code == 404
    assert client.get("/policies/rd/?version=x").status_code == 404


def test_a_forgotten_password_is_renewed_by_mail(place, client, mailoutbox):
    assert client.post("/accounts/password/reset/", {"email": "editor@zone.example"}).status_code == 302
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    page = client.get(link, follow=True)
    sent = {"password1": "another-long-word-9", "password2": "another-long-word-9"}
    client.post(page.redirect_chain[-1][0], sent)
    assert client.login(username="editor", password="another-long-word-9")


def test_an_enterprise_sees_what_it_gets_and_why(place, firm):
    page = text(firm.get(f"/enterprises/{place.parties[0].pk}/"))
    # 10 % of 2,000,000 would be 200,000; the delivery of the fixture raised the expense to that.
    assert "R&amp;D grant" in page
    assert "¥200,000" in page
    assert "Entitled" in page
    item = text(firm.get(f"/enterprises/{place.parties[0].pk}/items/rd_grant/"))
    assert "财务年报" in item or "Annual accounts" in item
    assert "营业收入100万元以上" in item


def test_a_near_miss_says_what_is_lacking(place):
    supervisor = client_of(place.users, "supervisor")
    page = text(supervisor.get(f"/enterprises/{place.parties[1].pk}/"))
    assert "one condition lacks" in page
    assert "1% short" in page


def test_a_fact_opens_to_its_source_and_the_objection_form(place, firm):
    url = reverse("fact", args=[place.parties[0].pk, "rd_expense", zone.YEAR])
    page = text(firm.get(url))
    assert "delivered as “200”" in page
    assert "Tax Office" in page
    assert "This is wrong" in page
    sent = firm.post(url, {"claimed": "210万元", "reason": "audited"})
    assert sent.status_code == 302
    assert Objection.objects.filter(variable="rd_expense", claimed="210万元", status="open").exists()
    # A value that cannot be read is refused in words, and the words are kept.
    other = reverse("fact", args=[place.parties[0].pk, "established_on", 0])
    refused = text(firm.post(other, {"claimed": "last spring", "reason": "so it was"}))
    assert "last spring" in refused
    assert "2024-03-05" in refused


def test_the_department_decides_and_the_enterprise_is_told(place, officer, firm):
    url = reverse("objection", args=[place.objection.pk])
    assert "2100万元" in text(officer.get(url))
    assert officer.post(url, {"accept": "yes", "answer": "You are right."}).status_code == 302
    place.objection.refresh_from_db()
    assert place.objection.status == "accepted"
    assert Fact.objects.get(party=place.parties[0], variable="revenue", year=zone.YEAR).number == 2100_0000
    assert "You are right." in text(firm.get(reverse("enterprise_objections", args=[place.parties[0].pk])))
    # Only once, and not by a supervisor.
    assert officer.post(url, {"accept": "no", "answer": "Second thoughts."}).status_code == 200
    assert client_of(place.users, "supervisor").post(url, {"accept": "no", "answer": "x"}).status_code == 403


def test_a_message_counts_as_read_when_the_enterprise_opens_it_not_when_staff_do(place, firm):
    url = reverse("enterprise_message", args=[place.parties[0].pk, place.notice.pk])
    client_of(place.users, "supervisor").get(url)
    assert Notice.objects.get(pk=place.notice.pk).read_at is None
    assert firm.get(url).status_code == 200
    read = Notice.objects.get(pk=place.notice.pk)
    assert read.read_by == place.users["enterprise"]


def test_an_officer_delivers_a_file_and_sees_what_became_of_it(place, officer):
    rows = CSV + f",丁服务有限公司,{zone.YEAR},800,80\n"
    file = SimpleUploadedFile("more.csv", rows.encode(), "text/csv")
    sent = officer.post("/deliveries/", {"dataset": "finance", "file": file})
    delivery = Delivery.objects.get(filename="more.csv")
    assert sent.headers["Location"] == f"/deliveries/{delivery.pk}/"
    assert delivery.received_by == place.users["officer"]
    page = text(officer.get(sent.headers["Location"]))
    assert "received" in page
    assert f'hx-get="/deliveries/{delivery.pk}/progress/"' in page


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("wrong.csv", "甲,乙\n1,2\n".encode()), ("bomb.xlsx", b"PK\x03\x04 not a workbook")],
)
def test_a_file_that_cannot_be_taken_is_refused_with_the_cure(place, officer, name, content):
    answer = officer.post("/deliveries/", {"dataset": "finance", "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    assert "errorlist" in text(answer)
    assert not Delivery.objects.filter(filename=name).exclude(status="refused").exists()


def test_a_file_for_another_departments_dataset_is_not_taken(place):
    from innozone.foundation.access.models import Membership
    from innozone.foundation.parties.models import Party

    Membership.objects.filter(user=place.users["officer"]).update(party=Party.objects.get(code="science"))
    file = SimpleUploadedFile("more.csv", (CSV + f",丁服务有限公司,{zone.YEAR},8,1\n").encode())
    answer = client_of(place.users, "officer").post("/deliveries/", {"dataset": "finance", "file": file})
    assert answer.status_code == 403
    assert not Delivery.objects.filter(filename="more.csv").exists()


def test_rejected_rows_stand_there_with_reason_and_cure_and_come_back_as_a_file(place, officer):
    page = text(officer.get(f"/deliveries/{place.delivery.pk}/"))
    assert "约一千" in page
    answer = officer.get(f"/deliveries/{place.delivery.pk}/rejected.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "营业收入(万元)" in lines[0]
    assert any("约一千" in line for line in lines)


def test_a_paper_is_read_corrected_confirmed_and_matched(place, editor):
    from innozone.wings.policies import matching

    sent = editor.post(
        "/workbench/", {"text": "示范新区奖励办法\n第一条 上年度营业收入300万元以上的企业，给予5万元奖励。"}
    )
    assert sent.status_code == 302, text(sent)
    url = sent.headers["Location"]
    policy = Policy.objects.get(code=url.split("/")[-2])
    assert policy.status == "draft"
    page = text(editor.get(url))
    assert "revenue[-1] &gt;= 300万" in page
    form = fields(editor.get(url))
    form["i0-l0-text"] = "revenue[-1] >= 400万"
    form["note"] = "threshold raised"
    saved = editor.post(url, form)
    assert saved.status_code == 302, text(saved)
    assert policy.versions.count() == 2
    assert policy.versions.first().note == "threshold raised"
    assert editor.post(f"{url}confirm/").status_code == 302
    policy.refresh_from_db()
    assert policy.status == "confirmed"
    matching.run()
    version = RuleVersion.objects.get(rule__item__policy=policy, status="active")
    assert version.data["conditions"] in (
        {"test": "revenue[-1] >= 400万", "quote": version.data["conditions"].get("quote")},
        version.data["conditions"],
    )
    assert version.verdicts.get().true_count == 3


def test_a_docx_is_read_at_the_workbench(place, editor):
    document = Document()
    document.add_paragraph("示范新区贴息办法")
    document.add_paragraph("第一条 上年度营业收入200万元以上的企业，给予2万元贴息。")
    out = io.BytesIO()
    document.save(out)
    sent = editor.post("/workbench/", {"file": SimpleUploadedFile("办法.docx", out.getvalue())})
    assert sent.status_code == 302, text(sent)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("scan.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF", "cannot be opened"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".docx"),
        ("empty.txt", b"  \n", "no text"),
    ],
)
def test_a_paper_that_cannot_be_read_is_refused_with_the_cure(place, editor, name, content, says):
    answer = editor.post("/workbench/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    assert says in text(answer)


def test_two_editors_do_not_write_over_each_other(place, editor):
    url = reverse("workbench_policy", args=[place.draft.code])
    first, second = fields(editor.get(url)), fields(editor.get(url))
    first["i0-title"] = "First name"
    assert editor.post(url, first).status_code == 302
    second["i0-title"] = "Second name"
    answer = editor.post(url, second)
    assert answer.status_code == 422
    assert "newer version" in text(answer)
    assert place.draft.items.get().rule.name == "First name"


def test_a_leaf_is_checked_while_it_is_written(place, editor):
    def check(expression: str, kind: str = "test") -> str:
        return text(editor.post("/workbench/check/?leaf=a", {"a-kind": kind, "a-text": expression}))

    assert "last year&#x27;s revenue at least ¥1,000,000" in check("revenue[-1] >= 100万")
    assert "leaf-problem" in check("revenue[-1] >=")
    assert "revenue" in check("revenues[-1] >= 1")
    assert "leaf-problem" not in check("a person looks", "manual")


def test_who_would_qualify_is_counted_for_the_form_as_it_stands(place, editor):
    url = reverse("workbench_policy", args=[place.draft.code])
    form = fields(editor.get(url))
    answer = text(editor.post(f"{url}preview/i0/", form))
    assert "of 4 enterprises" in answer
    leaf = next(name for name, value in form.items() if name.endswith("-kind") and value == "test" and "-l" in name)
    form[leaf.replace("-kind", "-text")] = "nonsense("
    assert "leaf-problem" in text(editor.post(f"{url}preview/i0/", form))


def test_cockpit_figures_open_to_the_records_behind_them(place):
    supervisor = client_of(place.users, "supervisor")
    page = text(supervisor.get("/cockpit/"))
    assert "Which support reaches most enterprises?" in page
    assert "/enterprises/?item=rd_grant%3Atrue" in page
    listed = text(supervisor.get("/enterprises/?item=rd_grant%3Atrue"))
    assert "甲科技有限公司" in listed
    assert "丙贸易有限公司" not in listed
    # An editor sees the figures and no list of enterprises.
    assert "/enterprises/?item" not in text(client_of(place.users, "editor").get("/cockpit/"))


def test_errors_say_what_to_do(place, client, settings):
    assert "没有这个页面" in text(client.get("/nowhere/"))
    assert client.get("/nowhere/").status_code == 404
    refused = client_of(place.users, "enterprise").get("/members/")
    assert refused.status_code == 403
    assert "ask the administrator" in text(refused)


def test_sign_in_by_name_or_mail_and_out(place, client):
    page = client.post("/accounts/login/", {"login": "editor", "password": PASSWORD})
    assert page.status_code == 302
    assert client.get("/account/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/account/").status_code == 302
    assert client.post("/accounts/login/", {"login": "editor@zone.example", "password": PASSWORD}).status_code == 302


def fields(answer) -> dict[str, str]:
    """The workbench form as a browser would send it."""
    from lxml import html

    form = html.fromstring(answer.content.decode()).get_element_by_id("bench")
    return {name: value for name, value in form.form_values() if not name.endswith("-drop")}
