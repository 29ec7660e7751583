"""A declared list: filtered, sorted, paged, saved, exported, as page and as data."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import translation
from python_calamine import CalamineWorkbook

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.desks import desk as desks
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, DeskQueryError
from innozone.foundation.desks.export import csv_lines, write_xlsx
from innozone.foundation.desks.filters import Choice, DateRange, Flag, NumberRange
from innozone.foundation.desks.models import SavedView
from innozone.foundation.desks.views import flat
from innozone.foundation.parties.models import Party, PartyKind

pytestmark = pytest.mark.django_db


class Firms(Desk):
    name = "firms-of-the-test"
    title = "Firms"
    permission = "parties.list_party"
    columns = [
        Column("name", ordering="name"),
        Column("credit_code", kind="code", ordering="credit_code"),
        Column("kind", kind="choice"),
        Column("size", label="size", kind="money", value=lambda row: Decimal(row.pk) * 10_000, shown=False),
        Column("created", "created_at", kind="datetime", ordering="created_at"),
    ]
    filters = [
        Choice("kind", "kind", label="kind", choices=PartyKind.choices),
        Flag("coded", label="coded", apply=lambda rows, v: rows.filter(credit_code__isnull=v == "0")),
        DateRange("created", "created_at", label="created", time=True),
        NumberRange("number", "pk", label="number"),
    ]
    search = ["name", "credit_code"]
    ordering = "name"
    page_size = 3

    def queryset(self, user):
        return Party.objects.all()


FIRMS = Firms()


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def supervisor():
    user = User.objects.create_user("supervisor")
    Membership.objects.create(user=user, role=Role.SUPERVISOR)
    return user


@pytest.fixture
def firms():
    made = [
        Party.objects.create(kind=PartyKind.ENTERPRISE, name=f"{letter}公司", credit_code=letter * 18)
        for letter in "ABCDEFG"
    ]
    made.append(Party.objects.create(kind=PartyKind.DEPARTMENT, name="H局"))
    return made


def names(query: str, user) -> list[str]:
    return [row["cells"]["name"] for row in FIRMS.rows(flat(QueryDict(query)), user)["rows"]]


def test_pages_hold_every_row_once(firms, supervisor):
    page = FIRMS.rows({}, supervisor)
    assert (page["total"], page["total_is_exact"], page["pages"], page["size"]) == (8, True, 3, 3)
    assert [name for number in (1, 2, 3) for name in names(f"page={number}", supervisor)] == [p.name for p in firms]


def test_sorting_both_ways(firms, supervisor):
    assert names("sort=-name&size=2", supervisor) == ["H局", "G公司"]
    assert FIRMS.rows({"sort": "-name"}, supervisor)["sort"] == "-name"


def test_filters_narrow_together(firms, supervisor):
    assert names("kind=department", supervisor) == ["H局"]
    assert names("coded=0", supervisor) == ["H局"]
    assert names("q=公司 B", supervisor) == ["B公司"]
    assert names(f"number_from={firms[5].pk}&number_to={firms[6].pk}", supervisor) == ["F公司", "G公司"]
    assert names("created_from=2000-01-01&created_to=2000-01-02", supervisor) == []


def test_a_range_of_days_includes_its_last_day_whole(firms, supervisor):
    late = datetime(2026, 3, 5, 15, 59, tzinfo=UTC)  # 23:59 in the zone
    Party.objects.filter(pk=firms[0].pk).update(created_at=late)
    assert names("created_from=2026-03-05&created_to=2026-03-05", supervisor) == ["A公司"]


@pytest.mark.parametrize(
    "query",
    ["kind=nonsense", "sort=size", "sort=nothing", "columns=nothing", "page=9", "page=x", "size=1000", "number_from=x",
     "created_from=5.3.2026", "coded=maybe", "number_from=NaN"],
)  # fmt: skip
def test_a_wrong_query_is_an_error_for_programs_and_a_warning_for_people(firms, supervisor, query):
    with pytest.raises(DeskQueryError) as refused:
        FIRMS.rows(flat(QueryDict(query)), supervisor)
    page = FIRMS.page(flat(QueryDict(query)), supervisor)
    assert page.problems == refused.value.problems
    assert page.objects


def test_columns_are_chosen_by_name_in_the_order_of_the_desk(firms, supervisor):
    page = FIRMS.rows({"columns": "size,name"}, supervisor)
    assert [column["name"] for column in page["columns"]] == ["name", "size"]
    # Exact decimals leave as strings, days as ISO 8601.
    assert page["rows"][0]["cells"]["size"] == str(Decimal(firms[0].pk) * 10_000)
    assert page["rows"][0]["id"] == firms[0].pk


def test_labels_come_from_the_model(firms, supervisor):
    headings = {c["name"]: c["label"] for c in FIRMS.rows({}, supervisor)["columns"]}
    assert headings["credit_code"] == "Unified social credit code"


def test_counting_stops_at_a_bound(firms, supervisor, monkeypatch):
    monkeypatch.setattr(desks, "COUNT_LIMIT", 5)
    page = FIRMS.rows({}, supervisor)
    assert (page["total"], page["total_is_exact"], page["pages"]) == (5, False, 2)


def test_the_right_is_asked_for(firms):
    with pytest.raises(PermissionDenied):
        FIRMS.rows({}, AnonymousUser())
    with pytest.raises(PermissionDenied):
        next(FIRMS.everything({}, AnonymousUser()))


def test_the_address_of_a_page_keeps_what_was_chosen(firms, supervisor):
    page = FIRMS.page(flat(QueryDict("kind=enterprise&columns=name&columns=kind&page=2&detail=4")), supervisor)
    assert page.address(sort="-name", page=None) == "?kind=enterprise&columns=name%2Ckind&sort=-name"
    assert page.address() == "?kind=enterprise&columns=name%2Ckind&page=2"


def sheet(out: io.BytesIO) -> list[list]:
    out.seek(0)
    return CalamineWorkbook.from_filelike(out).get_sheet_by_index(0).to_python()


FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example","x")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_never_becomes_a_formula(supervisor, formula):
    Party.objects.create(kind=PartyKind.ENTERPRISE, name=formula)
    columns = FIRMS.chosen({}, [])
    text = "".join(csv_lines(FIRMS, columns, FIRMS.everything({}, supervisor)))
    assert text.startswith("\ufeff")
    row = list(csv.reader(io.StringIO(text[1:], newline="")))[1]
    assert row[0] == f"'{formula}"
    out = io.BytesIO()
    write_xlsx(out, FIRMS, columns, FIRMS.everything({}, supervisor))
    assert sheet(out)[1][0].strip() == formula.strip()
    assert b"<f>" not in zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml")


def test_a_workbook_holds_numbers_days_and_all_rows(firms, supervisor):
    out = io.BytesIO()
    columns = FIRMS.chosen({"columns": "name,size,created"}, [])
    write_xlsx(out, FIRMS, columns, FIRMS.everything({"sort": "-name"}, supervisor))
    rows = sheet(out)
    assert rows[0] == ["Name", "Size", "Created"]
    assert len(rows) == 9
    assert rows[1][0] == "H局"
    assert rows[1][1] == firms[7].pk * 10_000
    assert isinstance(rows[1][2], datetime)


def test_an_empty_list_is_a_workbook_with_a_heading(supervisor):
    out = io.BytesIO()
    write_xlsx(out, FIRMS, FIRMS.chosen({}, []), iter(()))
    assert sheet(out) == [["Name", "Unified social credit code", "Kind", "Created"]]


def test_everything_comes_in_chunks_prepared(firms, supervisor, monkeypatch):
    monkeypatch.setattr(desks, "CHUNK", 3)
    seen: list[int] = []
    monkeypatch.setattr(FIRMS, "prepare", lambda rows, user: seen.append(len(rows)), raising=False)
    assert len(list(FIRMS.everything({}, supervisor))) == 8
    assert seen == [3, 3, 2]


def test_two_desks_do_not_share_a_name():
    name = desks.registered()[0].name if desks.registered() else desks.register(Firms()).name
    clash = Firms()
    clash.name = name
    with pytest.raises(ValueError, match=name):
        desks.register(clash)


def test_views_are_kept_by_person_and_name(supervisor, client):
    from innozone.portal import desks as portal_desks

    client.force_login(supervisor, backend="django.contrib.auth.backends.ModelBackend")
    sent = {
        "desk": portal_desks.ENTERPRISES.name,
        "name": "North",
        "query": "?q=a&page=3&detail=1&format=csv&columns=name",
    }
    assert client.post("/desks/views/save/", {**sent, "next": "/enterprises/"}).headers["Location"] == "/enterprises/"
    view = SavedView.objects.get()
    assert view.query == "q=a&columns=name"
    client.post("/desks/views/save/", {**sent, "query": "?q=b"})
    assert SavedView.objects.get().query == "q=b"
    assert "North" in client.get("/enterprises/").content.decode()
    other = User.objects.create_user("other")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/desks/views/{view.pk}/delete/").status_code == 404
    assert client.post("/desks/views/save/", sent).status_code == 403
    assert client.post("/desks/views/save/", {**sent, "desk": "nothing"}).status_code == 404
