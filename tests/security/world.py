"""A small zone in which two firms and two departments have secrets from each other."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.desks.models import SavedView
from innozone.foundation.facts import intake, objections
from innozone.foundation.facts.models import Delivery
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Delivery as NoticeDelivery
from innozone.foundation.parties.models import Party
from innozone.kernel.packs import Column, DatasetContract, Field, FileFormat, Subject
from innozone.kernel.terms import Label
from innozone.portal import context
from innozone.wings.policies import consultations, deadlines, drafts, evaluations, matching, texts
from innozone.wings.policies.models import Policy, Source
from tests import zone

CSV = "统一社会信用代码,企业名称,年度,营业收入(万元),研发费用(万元)\n"
BREACHES = "统一社会信用代码,企业名称,严重失信\n"
#: What nobody but the other firm and the staff may ever read; it stands in no name and on no page of one's own.
SECRET = "只有乙知道的理由"
DRAFT = "示范新区补助办法\n第一条 在新区注册的企业，上年度营业收入500万元以上的，给予10万元奖励。\n第二条 未发生重大安全事故。"

VISITOR, OTHER, OWN, STRANGER, OFFICER, EDITOR, SUPERVISOR, ADMINISTRATOR = ROLES = (
    "visitor",
    "other firm",
    "own firm",
    "other department",
    "own department",
    "editor",
    "supervisor",
    "administrator",
)
STAFF = (STRANGER, OFFICER, EDITOR, SUPERVISOR, ADMINISTRATOR)
FACTS = (STRANGER, OFFICER, SUPERVISOR, ADMINISTRATOR)


@dataclass
class World:
    """Everything that belongs to `firm` and to `department`, with an account for every role."""

    firm: Party
    other: Party
    department: Party
    users: dict[str, User]
    delivery: Delivery
    foreign: Delivery
    objection: Any
    secret: Any
    draft: Any
    run: Any
    news: Any
    calendar: Any
    notice: Any
    letter: Any
    view: SavedView
    round: Any
    opinion: Any
    evaluation: Any
    source: Any
    tokens: dict[str, str]

    def client(self, role: str, language: str = "en", **more: Any) -> Client:
        """A browser without scripts in which the person is signed in."""
        client = Client(headers={"accept-language": language}, **more)
        if role != VISITOR:
            client.force_login(self.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def api(self, role: str) -> dict[str, str]:
        """The headers with which this person calls the API."""
        return {"authorization": f"Bearer {self.tokens[role]}"} if role != VISITOR else {}


def pack() -> Any:
    """The zone of tests/zone.py with a second department that delivers a file of its own."""
    given = zone.pack()
    breaches = DatasetContract(
        code="breaches",
        title=Label("失信名单", "Breaches"),
        owner="science",
        kind="attributes",
        format=FileFormat("csv"),
        subject=Subject(Column("统一社会信用代码"), Column("企业名称")),
        fields=(Field("严重失信", "bool", variable="serious_breach"),),
    )
    return zone.pack(datasets={**given.datasets, "breaches": breaches})


def accounts(firm: Party, other: Party) -> dict[str, User]:
    held = {
        OTHER: (Role.ENTERPRISE, other),
        OWN: (Role.ENTERPRISE, firm),
        STRANGER: (Role.OFFICER, Party.objects.get(code="science")),
        OFFICER: (Role.OFFICER, Party.objects.get(code="tax")),
        EDITOR: (Role.EDITOR, None),
        SUPERVISOR: (Role.SUPERVISOR, None),
        ADMINISTRATOR: (Role.ADMINISTRATOR, None),
    }
    users = {}
    for name, (role, party) in held.items():
        users[name] = User.objects.create_user(name.replace(" ", "_"), password="correct-horse-battery")
        Membership.objects.create(user=users[name], role=role, party=party)
    return users


def deliver(dataset: str, text: str | bytes, name: str, user: User | None = None) -> Delivery:
    """A file received and taken in."""
    data = text.encode() if isinstance(text, str) else text
    return intake.take(Delivery.objects.get(pk=intake.receive(dataset, io.BytesIO(data), name, user).pk))


def build(folder: Any, settings: Any) -> World:
    """The world, made through the services."""
    settings.DATA = folder
    settings.MEDIA_ROOT = folder / "files"
    context.forget()
    zone.load(pack())
    firm, other, *_rest = zone.populate()
    users = accounts(firm, other)
    year = zone.YEAR
    rows = f",{firm.name},{year},2000,200\n,{other.name},{year},约一千,1\n,无名公司,{year},5,1\n"
    delivery = deliver("finance", CSV + rows, "accounts.csv", users[OFFICER])
    assert delivery.status == "taken", delivery.message
    foreign = deliver("breaches", BREACHES + f",{other.name},否\n,无人公司,否\n", "breaches.csv", users[STRANGER])
    assert foreign.status == "taken", foreign.message
    users[OWN].email = "own@example.com"
    users[OWN].save()
    run = matching.run()
    # One message to each of the two, of which the other's is nobody else's business.
    for role, words in ((OWN, "关注的政策"), (OTHER, SECRET)):
        told = {"news": "published", "policy": {"id": 0, "code": "rd", "zh": words, "en": words}, "items": []}
        told |= {"versions": [], "because": [{"kind": "policy"}]}
        notices.send([notices.Draft(None, "followed", f"followed:{role}", told, user=users[role].pk)])
    objection = objections.raise_objection(firm, "revenue", year, "2100万元", "audited statement", users[OWN])
    secret = objections.raise_objection(other, "serious_breach", None, "是", SECRET, users[OTHER])
    draft = drafts.read(DRAFT, users[EDITOR])
    closes = timezone.localdate() + timedelta(days=9)
    asked = [{"text": "最需要哪类支持", "kind": "text"}]
    round = consultations.open_round(
        "征求意见", users[EDITOR], closes=closes, version=texts.current(draft), questions=asked
    )
    opinion = consultations.opine(round, other, users[OTHER], "amend", SECRET)
    today = timezone.localdate()
    evaluation = evaluations.evaluate(Policy.objects.get(code="rd"), today - timedelta(days=9), today, users[EDITOR])
    return World(
        firm=firm,
        other=other,
        department=Party.objects.get(code="tax"),
        users=users,
        delivery=delivery,
        foreign=foreign,
        objection=objection,
        secret=secret,
        draft=draft,
        round=round,
        opinion=opinion,
        evaluation=evaluation,
        source=Source.objects.create(code="watched", name="惠企政策文件夹", kind="folder", level="zone"),
        run=run,
        calendar=deadlines.make_link(users[OWN], firm),
        news=users[OWN].notices.get(),
        notice=firm.notices.first(),
        letter=NoticeDelivery.objects.order_by("pk").first(),
        view=SavedView.objects.create(user=users[SUPERVISOR], desk="enterprises", name="mine", query="q=1"),
        tokens={role: ApiToken.issue(user, "test")[1] for role, user in users.items()},
    )
