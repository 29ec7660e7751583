"""What others wrote is shown, never run: in pages, parts, drawers, charts and the files that lists become."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import pytest

from innozone.foundation.desks.desk import registered
from innozone.foundation.facts import objections
from innozone.foundation.parties.models import Party
from innozone.wings.policies import drafts
from innozone.wings.policies.models import Policy
from tests import zone
from tests.security.test_access import API, PAGES, fill
from tests.security.world import ADMINISTRATOR, CSV, EDITOR, OFFICER, OWN, SUPERVISOR, deliver

pytestmark = pytest.mark.django_db

EVIL = "\"'></script></title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${7*7}"
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
)
DESK_PAGES = ("enterprises", "deliveries", "rejected", "objections", "policies", "conflicts", "members", "workbench")


class Found(HTMLParser):
    """What a browser would make of a page: scripts without an address, and attributes that run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.data = tag == "script" and given.get("type") == "application/json"
        if tag == "script" and not self.data and not given.get("src"):
            self.bad.append("script")
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.bad.append(f"{tag} {name}={value}")
        if tag == "img" and given.get("src") == "x":
            self.bad.append("img")


@pytest.fixture
def poisoned(world):
    """The world with hostile words wherever somebody outside can put them."""
    Party.objects.filter(pk=world.firm.pk).update(name=f"甲{EVIL}")
    world.firm.names.update(name=f"甲{EVIL}")
    users = world.users
    type(users[OWN]).objects.update(display_name=EVIL[:80])
    objections.raise_objection(world.firm, "rd_expense", zone.YEAR, "1万元", EVIL, users[OWN])
    out = io.StringIO()
    csv.writer(out).writerow(["", world.firm.name, zone.YEAR, EVIL, "1"])
    deliver("finance", CSV + out.getvalue(), f"a{EVIL}.csv", users[OFFICER])
    text = f"{EVIL}\n第一条 在新区注册的企业{EVIL}，上年度营业收入500万元以上的，给予10万元奖励。\n第二条 {EVIL}未发生重大安全事故。"
    draft = drafts.read(text, users[EDITOR], title=EVIL[:200])
    Policy.objects.filter(pk=draft.pk).update(number=EVIL[:80], issuer_name=EVIL, url="javascript:alert(1)")
    client = world.client(ADMINISTRATOR)
    for desk in registered():
        client.post("/desks/views/save/", {"desk": desk.name, "name": EVIL[:60], "query": f"?q={EVIL}"})
    return draft


def test_every_page_shows_hostile_words_as_words(world, poisoned):
    draft = poisoned.code
    extra = [f"/workbench/{draft}/", f"/policies/{draft}/", f"/search/?q={EVIL}", f"/enterprises/?q={EVIL}"]
    seen, bad = 0, []
    for role in (ADMINISTRATOR, OWN):
        client = world.client(role)
        rows = Party.objects.filter(pk=world.firm.pk).values_list("pk", flat=True)
        for path in [*(f"/{fill(address, world)}" for address in PAGES), *extra, f"/enterprises/?detail={rows[0]}"]:
            for headers in ({}, {"HX-Request": "true", "HX-Target": "aside#drawer"}):
                answer = client.get(path, headers=headers)
                if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
                    continue
                text = answer.content.decode()
                page = Found()
                page.feed(text)
                seen += "alert(1)" in text
                bad += [(path, what) for what in page.bad]
    assert not bad
    assert seen > 25, "the words must have got onto the pages for this to prove anything"


def test_the_workbench_shows_hostile_words_while_they_are_written(world, poisoned):
    client = world.client(EDITOR)
    texts = [
        client.post("/workbench/check/?leaf=a", {"a-kind": kind, "a-text": EVIL}).content.decode()
        for kind in ("test", "manual")
    ]
    texts.append(client.post("/workbench/leaf/", {"item": "i0", "first": "3", "words": EVIL}).content.decode())
    texts.append(client.post(f"/workbench/{poisoned.code}/preview/i0/", {"i0-title": EVIL, "i0-tree": EVIL, "i0-use_tree": "1", "i0-department": EVIL}).content.decode())  # fmt: skip
    texts.append(client.post(f"/workbench/{poisoned.code}/", {"text": EVIL, "stamp": "x"}).content.decode())
    for text in texts:
        page = Found()
        page.feed(text)
        assert not page.bad, page.bad


def test_a_draft_with_hostile_words_can_be_confirmed_and_its_notices_read(world, poisoned):
    from innozone.wings.policies import matching

    drafts.confirm(poisoned, world.users[EDITOR])
    matching.run()
    client = world.client(OWN)
    pages = ["/", f"/enterprises/{world.firm.pk}/", f"/enterprises/{world.firm.pk}/messages/"]
    pages += [f"/enterprises/{world.firm.pk}/messages/{notice.pk}/" for notice in world.firm.notices.all()]
    cockpit = world.client(SUPERVISOR).get("/cockpit/").content.decode()
    for text in [*(client.get(path).content.decode() for path in pages), cockpit]:
        page = Found()
        page.feed(text)
        assert not page.bad
    # A chart's figures stand in the page as data that cannot end their element.
    for data in re.findall(r'<script id="chart-[^"]*" type="application/json">(.*?)</script>', cockpit, re.DOTALL):
        assert "<" not in data


def test_the_api_says_hostile_words_as_json_and_nothing_else(world, poisoned):
    client = world.client(ADMINISTRATOR)
    for address in API:
        answer = client.get("/api/v1/" + fill(address, world))
        if address.endswith("/export"):
            assert answer.headers["Content-Disposition"].startswith("attachment"), "a file, never a page"
        elif address != "docs":
            assert answer.headers["Content-Type"].startswith(("application/json", "text/plain")), address
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_list_becomes_a_file_with_a_formula(world, formula):
    Party.objects.filter(pk=world.firm.pk).update(name=formula)
    type(world.users[OWN]).objects.filter(pk=world.users[OWN].pk).update(display_name=formula)
    world.objection.__class__.objects.filter(pk=world.objection.pk).update(reason=formula, claimed=formula)
    type(world.delivery).objects.filter(pk=world.delivery.pk).update(filename=formula)
    row = world.delivery.rejected.first()
    row.raw = {formula: formula, **row.raw}
    row.save()
    client = world.client(ADMINISTRATOR)
    for path in [*(f"/{name}/?format=csv" for name in DESK_PAGES), f"/deliveries/{world.delivery.pk}/rejected.csv"]:
        answer = client.get(path)
        text = (answer.getvalue() if answer.streaming else answer.content).decode("utf-8-sig")
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))], path
    with zipfile.ZipFile(io.BytesIO(client.get("/enterprises/?format=xlsx").getvalue())) as book:
        parts = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert parts
    assert not any(re.search(rb"<f[ >]|<hyperlink", part) for part in parts)


def test_an_honest_negative_number_is_kept_for_the_sender(world):
    """The file of rejected rows is cured and sent again: a sign before a number is no formula."""
    row = world.delivery.rejected.first()
    row.raw = {"营业收入(万元)": "-5.5", "研发费用(万元)": "-3%"}
    row.save()
    text = world.client(OFFICER).get(f"/deliveries/{world.delivery.pk}/rejected.csv").content.decode()
    assert ",-5.5," in text
    assert ",-3%," in text
