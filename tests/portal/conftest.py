"""The small zone with a run, a delivery with a rejected row, an objection, a draft, and people of every role."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from innozone.foundation.facts import intake, objections
from innozone.foundation.facts.models import Delivery as FactDelivery
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Delivery
from innozone.portal import context
from innozone.wings.policies import consultations, deadlines, drafts, evaluations, matching, sources, texts
from innozone.wings.policies.models import Policy, Source
from tests import zone
from tests.portal import people

CSV = "统一社会信用代码,企业名称,年度,营业收入(万元),研发费用(万元)\n"
DRAFT = "示范新区补助办法\n第一条 在新区注册的企业，上年度营业收入500万元以上的，给予10万元奖励。\n第二条 未发生重大安全事故。"


def build(settings, folder, pack=None) -> SimpleNamespace:
    """Everything the pages show, made through the services; `pack` instead of the zone's own."""
    settings.DATA = folder
    settings.MEDIA_ROOT = folder / "files"
    context.forget()
    # What tests before left in the queue is about rows that are gone.
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where status = 'todo'")
    zone.load(pack)
    parties = zone.populate()
    users = people.open_accounts(parties[0])
    rows = (
        CSV + f",甲科技有限公司,{zone.YEAR},2000,200\n,乙制造有限公司,{zone.YEAR},约一千,1\n,无名公司,{zone.YEAR},5,1\n"
    )
    delivery = intake.receive("finance", io.BytesIO(rows.encode()), "accounts.csv", users["officer"])
    delivery = intake.take(FactDelivery.objects.get(pk=delivery.pk))
    assert delivery.status == "taken", delivery.message
    # Who has an address gets mail, which waits here to be sent.
    users["enterprise"].email = "a@example.com"
    users["enterprise"].save()
    run = matching.run()
    news = {"news": "published", "policy": {"id": 0, "code": "rd", "zh": "研发补助办法", "en": "R&D support measures"}}
    told = {**news, "items": [], "versions": [], "because": [{"kind": "policy"}]}
    notices.send([notices.Draft(None, "followed", "followed:model", told, user=users["enterprise"].pk)])
    objection = objections.raise_objection(
        parties[0], "revenue", zone.YEAR, "2100万元", "audited statement", users["enterprise"]
    )
    draft = drafts.read(DRAFT, users["editor"])
    today = timezone.localdate()
    asked = [{"text": "最需要哪类支持", "kind": "single", "options": ["资金", "场地"]}]
    round = consultations.open_round(
        "征求意见", users["editor"], closes=today + timedelta(days=9), version=texts.current(draft), questions=asked
    )
    evaluation = evaluations.evaluate(
        Policy.objects.get(code="rd"), today - timedelta(days=9), today, users["supervisor"]
    )
    watched = folder / "watched"
    watched.mkdir(exist_ok=True)
    settings.POLICY_FOLDER = str(watched)
    source = Source.objects.create(code="watched", name="惠企政策文件夹", kind="folder", level="zone")
    for number, text in enumerate((DRAFT, DRAFT.replace("10万元", "20万元"))):
        (watched / "办法.txt").write_text(text)
        os.utime(watched / "办法.txt", (1_000_000 + number,) * 2)
        sources.look(source)
    return SimpleNamespace(
        source=source,
        round=round,
        evaluation=evaluation,
        parties=parties,
        users=users,
        delivery=delivery,
        rejected=delivery.rejected.order_by("row").first(),
        run=run,
        calendar=deadlines.make_link(users["enterprise"], parties[0]),
        news=users["enterprise"].notices.get(),
        objection=objection,
        draft=draft,
        policy=Policy.objects.get(code="rd"),
        notice=parties[0].notices.first(),
        letter=Delivery.objects.order_by("pk").first(),
    )


@pytest.fixture
def place(db, settings, tmp_path):
    return build(settings, tmp_path)
