"""Two tabs, two clerks, a second click, a killed worker: each change happens once or not at all."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections

from innozone.foundation.facts.models import Delivery, Objection, RejectedRow, Statement
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts.models import RuleVersion, Run, Verdict
from innozone.wings.policies import drafts, matching
from innozone.wings.policies.models import Policy, PolicyVersion
from tests import zone
from tests.security import world as small
from tests.security.test_requests import stamp_of
from tests.security.world import ADMINISTRATOR, CSV, EDITOR, OFFICER, OWN, SUPERVISOR

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(transactional_db, settings, tmp_path):
    """A world of its own, committed: threads and other processes must see it."""
    return small.build(tmp_path, settings)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The answers of calls that begin together, each on a connection of its own; an exception stands for its answer."""
    begin, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(at: int, call: Callable[[], Any]) -> None:
        begin.wait(10)
        try:
            answers[at] = call()
        except Exception as error:
            answers[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at, call)) for at, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


class Fields(HTMLParser):
    """What a browser would send of the workbench's form if nobody touched it."""

    def __init__(self) -> None:
        super().__init__()
        self.form: dict[str, str] = {}
        self.inside = False
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.inside = given.get("id") == "bench"
        elif self.inside and tag == "input" and name and given.get("type") not in ("checkbox", "submit"):
            self.form[name] = value
        elif self.inside and tag == "textarea":
            self.area, self.form[name] = name, ""
        elif self.inside and tag == "select":
            self.select, self.form[name] = name, ""
        elif self.select and tag == "option" and "selected" in given:
            self.form[self.select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.area:
            self.form[self.area] += data


def opened(world, role: str) -> dict[str, str]:
    """The form of the draft as this person has it open."""
    page = Fields()
    page.feed(world.client(role).get(f"/workbench/{world.draft.code}/").content.decode())
    return page.form


def post(world, role: str, path: str, data: Any = None, **more: Any) -> Callable[[], Any]:
    client = world.client(role, raise_request_exception=False)
    return lambda: client.post(path, data() if callable(data) else data, **more)


def test_what_two_people_send_at_once_happens_once(place):
    """One world for all of it: it takes longer to build than to use."""
    world = place
    _two_clerks_send_one_file(world)
    _two_tabs_raise_one_objection(world)
    _two_officers_decide_one_objection(world)
    _two_clerks_settle_one_row(world)
    _a_message_is_opened_twice(world)
    _two_editors_save_one_paper(world)
    _two_editors_confirm_one_paper(world)
    _a_paper_is_confirmed_as_it_was_read(world)


def _two_clerks_send_one_file(world) -> None:
    data = (CSV + f",{world.firm.name},{zone.YEAR - 1},900,90\n").encode()
    answers = at_once(
        *(post(world, role, "/deliveries/", {"dataset": "finance", "file": SimpleUploadedFile(f"{at}.csv", data)})
          for at, role in enumerate((OFFICER, ADMINISTRATOR, OFFICER)))
    )  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 200, 302]
    told = next(answer for answer in answers if answer.status_code == 200).content.decode()
    assert "already" in told or "received" in told
    kept = Delivery.objects.exclude(status="refused").filter(size=len(data))
    assert kept.count() == 1
    files = list((Path(current.MEDIA_ROOT) / "deliveries").rglob("*"))
    assert not [file for file in files if file.suffix == ".part"]


def _two_tabs_raise_one_objection(world) -> None:
    path = f"/enterprises/{world.firm.pk}/facts/rd_expense/{zone.YEAR}/"
    form = {"claimed": "120万元", "reason": "x"}
    answers = at_once(*(post(world, OWN, path, form) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 302]
    assert Objection.objects.filter(party=world.firm, variable="rd_expense", status="open").count() == 1


def _two_officers_decide_one_objection(world) -> None:
    path = f"/objections/{world.objection.pk}/"
    answers = at_once(
        post(world, OFFICER, path, {"accept": "yes", "answer": "right"}),
        post(world, ADMINISTRATOR, path, {"accept": "no", "answer": "wrong"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    world.objection.refresh_from_db()
    accepted = answers[0].status_code == 302
    assert world.objection.status == ("accepted" if accepted else "rejected")
    assert world.objection.answer == ("right" if accepted else "wrong")
    assert Statement.objects.filter(objection=world.objection).count() == accepted
    assert Notice.objects.filter(party=world.firm, kind="objection").count() <= 1


def _two_clerks_settle_one_row(world) -> None:
    row = world.delivery.rejected.exclude(kind="invalid").get()
    path = f"/deliveries/{world.delivery.pk}/"
    answers = at_once(
        *(post(world, role, path, {"row": row.pk, "party": party.pk})
          for role, party in ((OFFICER, world.firm), (ADMINISTRATOR, world.other)))
    )  # fmt: skip
    assert [answer.status_code for answer in answers] == [302, 302]
    assert RejectedRow.objects.get(pk=row.pk).settled_at is not None
    assert Statement.objects.filter(delivery=world.delivery, row=row.row).values("party").distinct().count() == 1
    world.delivery.refresh_from_db()
    assert world.delivery.rows_unlinked == 0


def _a_message_is_opened_twice(world) -> None:
    notice = world.firm.notices.filter(read_at__isnull=True).first()
    users = (world.users[OWN], world.users[ADMINISTRATOR])
    numbers = at_once(*(lambda user=user: notices.mark_read(notice, user) for user in users))
    assert sorted(numbers) == [0, 1]
    notice.refresh_from_db()
    first, who = notice.read_at, notice.read_by
    notices.mark_read(notice, users[1])
    notice.refresh_from_db()
    assert (notice.read_at, notice.read_by) == (first, who)


def _two_editors_save_one_paper(world) -> None:
    path = f"/workbench/{world.draft.code}/"
    tabs = {role: opened(world, role) for role in (EDITOR, ADMINISTRATOR)}

    def form(role: str, note: str) -> dict[str, str]:
        new = {"new-title": note, "new-kind": "support", "new-new-text": "revenue[-1] >= 1万"}
        return {**tabs[role], **new, "text": f"{tabs[role]['text']}\n第三条 {note}", "note": note}

    before = PolicyVersion.objects.filter(policy=world.draft).count()
    answers = at_once(
        post(world, EDITOR, path, form(EDITOR, "one")), post(world, ADMINISTRATOR, path, form(ADMINISTRATOR, "two"))
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    late = next(answer for answer in answers if answer.status_code == 422)
    assert "Someone saved a newer version" in late.content.decode()
    versions = PolicyVersion.objects.filter(policy=world.draft)
    assert versions.count() == before + 1
    assert versions.first().note == ("one" if answers[0].status_code == 302 else "two")
    # Nothing that the second wrote is lost: the text still stands in the form.
    assert f"第三条 {'two' if answers[0].status_code == 302 else 'one'}" in late.content.decode()


def _two_editors_confirm_one_paper(world) -> None:
    # The reader left words to a person; what it could not read is no hindrance.
    stamp = stamp_of(world, EDITOR)
    path = f"/workbench/{world.draft.code}/confirm/"
    answers = at_once(*(post(world, role, path, {"stamp": stamp}) for role in (EDITOR, ADMINISTRATOR)))
    assert [answer.status_code for answer in answers] == [302, 302]
    policy = Policy.objects.get(pk=world.draft.pk)
    assert policy.status == "confirmed"
    active = RuleVersion.objects.filter(rule__item__policy=policy, rule__item__ended=False, status="active")
    assert active.count() == policy.items.filter(ended=False).count()
    first, who = policy.confirmed_at, policy.confirmed_by
    drafts.confirm(policy, world.users[ADMINISTRATOR])
    policy.refresh_from_db()
    assert (policy.confirmed_at, policy.confirmed_by) == (first, who)


def _a_paper_is_confirmed_as_it_was_read(world) -> None:
    read = stamp_of(world, EDITOR)
    new = {"note": "later", "new-title": "later", "new-kind": "support", "new-new-text": "revenue[-1] >= 2万"}
    form = {**opened(world, ADMINISTRATOR), **new}
    assert post(world, ADMINISTRATOR, f"/workbench/{world.draft.code}/", form)().status_code == 302
    answer = post(world, EDITOR, f"/workbench/{world.draft.code}/confirm/", {"stamp": read})()
    assert answer.url == f"/workbench/{world.draft.code}/"
    assert RuleVersion.objects.filter(rule__name="later").get().status == "draft"


KILLED = """
import os, signal
import django
django.setup()
from innozone.foundation.notices import services
from innozone.wings.policies import matching
def dies(drafts):
    list(drafts)
    os.kill(os.getpid(), signal.SIGKILL)
services.send = dies
matching.run()
"""


def test_a_matching_killed_on_its_way_counts_for_nothing_and_the_next_one_for_all(place):
    world = place
    zone.set_facts(world.other, {"rd_expense": {zone.YEAR: 90_0000}})
    runs, told, verdicts = Run.objects.count(), Notice.objects.count(), Verdict.objects.count()
    base = connection.settings_dict
    options = f"?host={base['HOST']}" if base["HOST"] else ""
    port = f":{base['PORT']}" if base["PORT"] else ""
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{base['USER']}:{base['PASSWORD']}@{port}/{base['NAME']}{options}",
        "INNOZONE_DATA": str(current.DATA),
        "DJANGO_SETTINGS_MODULE": "innozone.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-800:]
    assert (Run.objects.count(), Notice.objects.count(), Verdict.objects.count()) == (runs, told, verdicts)
    # Pages still stand on the run of before.
    assert world.client(SUPERVISOR).get("/cockpit/").status_code == 200
    made = matching.run()
    assert made.finished_at is not None
    assert Notice.objects.filter(party=world.other, kind="entitled", version__rule__code="rd_grant").count() == 1
    assert Notice.objects.count() > told


def test_a_file_is_kept_whole_or_not_at_all(place):
    """A sender whose line breaks, and a disk that is full, leave nothing behind."""
    from innozone.foundation.facts import intake

    class Broken(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            raise OSError("the line is down")

    before = set(Path(current.MEDIA_ROOT).rglob("*"))
    with pytest.raises(OSError, match="line is down"):
        intake.receive("finance", Broken(), "a.csv")
    assert set(Path(current.MEDIA_ROOT).rglob("*")) == before
