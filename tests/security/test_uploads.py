"""Files meant to harm: they are told to their sender in a sentence, and nothing of them is left."""

from __future__ import annotations

import io
import time
import zipfile
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from innozone.foundation.facts import intake
from innozone.foundation.facts.files import open_table
from innozone.foundation.facts.models import Delivery, Fact, Statement
from innozone.foundation.facts.problems import DeliveryRefused
from innozone.kernel.packs import Column, DatasetContract, FileFormat, Subject
from innozone.kernel.terms import Label
from innozone.wings.policies import drafts
from innozone.wings.policies.models import Policy
from tests import zone
from tests.security.world import CSV, EDITOR, OFFICER, deliver

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>统一社会信用代码</t></is></c><c r="B1" t="inlineStr"><is><t>企业名称</t></is></c></row>'
ROW = '<row r="2"><c r="B2" t="inlineStr"><is><t>甲</t></is></c></row>'
CONTRACT = DatasetContract(
    code="list",
    title=Label("名单", "List"),
    owner="tax",
    kind="attributes",
    format=FileFormat("xlsx"),
    subject=Subject(Column("统一社会信用代码"), Column("企业名称")),
    fields=(),
)


def workbook(
    folder, rows: str, texts: str = "", sheets: str = '<sheet name="S" sheetId="1" r:id="a"/>', head: str = HEAD
):
    """A workbook as a program that means harm would write it."""
    path = folder / "list.xlsx"
    target = f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{LINKS}"><Relationship Id="w" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{LINKS}"><Relationship Id="a" {target}/><Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{head}{rows}</sheetData></worksheet>'
        )
        if texts:
            book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>')
    return path


def test_an_honest_small_workbook_is_read(tmp_path):
    table = open_table(workbook(tmp_path, ROW), CONTRACT)
    assert [row for chunk in table.chunks for row in chunk.rows] == [["", "甲"]]


def test_a_workbook_that_names_no_places_is_read(tmp_path):
    bare = "<row><c t='inlineStr'><is><t>{}</t></is></c><c t='inlineStr'><is><t>{}</t></is></c></row>"
    head = bare.format("统一社会信用代码", "企业名称")
    table = open_table(workbook(tmp_path, bare.format("x", "甲") * 3000, head=head), CONTRACT)
    assert sum(len(chunk.rows) for chunk in table.chunks) == 3000


@pytest.mark.parametrize(
    "far",
    [
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>',
        '<row\nr\n=\n"1048576"><c\nr\n=\n"XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>',
        f'<x:row xmlns:x="{MAIN}" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        '<row r="2">' + "<c><v>1</v></c>" * 16_000 + '</row><row r="1048576"><c><v>1</v></c></row>',
        '<row r="2">' + """<c s='r="A1"'><v>1</v></c>""" * 16_000 + '</row><row r="1048576"><c><v>1</v></c></row>',
    ],
)
def test_however_a_far_cell_is_written_it_does_not_take_all_memory(tmp_path, far):
    with pytest.raises(DeliveryRefused, match="cells"):
        open_table(workbook(tmp_path, far), CONTRACT)


@pytest.mark.parametrize(
    "cell",
    ['<c r="A{0}" t="s"><v>1</v></c>', "<c t='s' r='A{0}'><v> 1 </v></c>", '<c r="A{0}" t = "s"><v>&#49;</v></c>'],
)
def test_one_long_text_named_by_many_cells_does_not_take_all_memory(tmp_path, cell):
    texts = f"<si><t>a</t></si><si><t>{'x' * 1_000_000}</t></si>"
    rows = "".join(f'<row r="{at}">{cell.format(at)}</row>' for at in range(2, 1300))
    with pytest.raises(DeliveryRefused, match=r"1\.0 GB"):
        open_table(workbook(tmp_path, rows, texts), CONTRACT)


def test_many_short_texts_beside_a_long_one_are_no_bomb(tmp_path):
    texts = f"<si><t>a</t></si><si><t>{'x' * 30_000}</t></si>"
    rows = "".join(f'<row r="{at}"><c r="B{at}" t="s"><v>0</v></c></row>' for at in range(2, 40_000))
    table = open_table(workbook(tmp_path, rows, texts), CONTRACT)
    assert sum(len(chunk.rows) for chunk in table.chunks) == 39_998


def test_a_workbook_cannot_show_one_sheet_and_open_another(tmp_path):
    twice = '<sheet name="S" sheetId="1" r:id="a"/><sheet name="S" sheetId="2" r:id="a"/>'
    with pytest.raises(DeliveryRefused, match="twice"):
        open_table(workbook(tmp_path, ROW, sheets=twice), CONTRACT)
    path = workbook(tmp_path, ROW)
    with zipfile.ZipFile(path, "a") as book, pytest.warns(UserWarning, match="Duplicate name"):
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    with pytest.raises(DeliveryRefused, match="twice"):
        open_table(path, CONTRACT)


HOSTILE = {
    "nothing": b"",
    "header only": CSV.encode(),
    "binary": bytes(range(256)) * 50,
    "zip": b"PK\x03\x04" + b"\0" * 400,
    "pdf": b"%PDF-1.7\n" + b"x" * 400,
    "claims utf-16": b"\xff\xfe" + CSV.encode(),
    "claims utf-8": b"\xef\xbb\xbf" + (CSV + ",甲,2025,1,1\n").encode("gb18030"),
    "shift-jis": "統一,企業,テスト,ﾊﾝｶｸ\n".encode("shift_jis") * 40,
    "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "one endless line": b"a" * 3_000_000,
    "commas": b"," * 1_000_000,
    "quotes": b'"' * 100_001,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_told_in_a_sentence_and_leaves_nothing(world, kind):
    before = (Statement.objects.count(), Fact.objects.count())
    client, began = world.client(OFFICER, raise_request_exception=False), time.monotonic()
    file = SimpleUploadedFile(f"../../../etc/{kind}\u202ecsv.exe.csv", HOSTILE[kind], content_type="text/csv")
    answer = client.post("/deliveries/", {"dataset": "finance", "file": file})
    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    answer = client.post("/api/v1/deliveries?dataset=finance", {"file": SimpleUploadedFile("a.csv", HOSTILE[kind])})
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert time.monotonic() - began < 5
    assert (Statement.objects.count(), Fact.objects.count()) == before
    kept = Delivery.objects.filter(status="refused").order_by("-pk").values_list("filename", "path")
    assert kept
    assert all("/" not in name and path == "" for name, path in kept)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cell",
    [
        "1" * 5000,
        "1e999999",
        "-" * 4000,
        "1" + "0" * 400,
        "９" * 300,
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "(" * 900,
        "1" + "亿" * 900,
        "\u202e1\u202c2",
        "1,2,3,4",
    ],
)
def test_a_hostile_cell_is_a_fault_of_its_row(world, cell):
    good = f",{world.other.name},{zone.YEAR},77,7\n"
    delivery = deliver("finance", f'{CSV},{world.firm.name},{zone.YEAR},"{cell}",1\n{good}', "cells.csv")
    assert delivery.status == "taken", delivery.message
    assert (delivery.rows_taken, delivery.rows_rejected) == (1, 1), delivery.rejected.first()
    assert world.client(OFFICER).get(f"/deliveries/{delivery.pk}/").status_code == 200


@pytest.mark.django_db
def test_tricks_of_writing_make_no_second_firm_and_no_wrong_one(world):
    """Wide letters and blanks are the same name; a name turned about by direction marks is nobody's."""
    name = world.firm.name
    rows = [f"　{name}　", name.replace("公司", "公\u200b司"), f"\u202e{name[::-1]}\u202c", f"{name}\u0000"]
    text = CSV + "".join(f",{row},{2000 + at},{at + 1},1\n" for at, row in enumerate(rows))
    with suppress(DeliveryRefused):
        delivery = deliver("finance", text, "tricks.csv")
    if "\x00" in text:
        delivery = deliver("finance", text.replace("\x00", ""), "tricks.csv")
    assert delivery.status == "taken", delivery.message
    mine = set(Statement.objects.filter(delivery=delivery).values_list("party", "year"))
    assert (world.firm.pk, 2000) in mine
    assert {party for party, _year in mine} == {world.firm.pk}
    assert 2002 not in {year for _party, year in mine}


@pytest.mark.django_db
def test_a_file_name_is_kept_as_a_name(world):
    for given in ("../../x.csv", "C:\\a\\b.csv", "a\x00b.csv", "长" * 250 + ".csv", "..", "/", "\u202egpj.csv"):
        data = CSV + f",{world.firm.name},{zone.YEAR},{abs(hash(given)) % 10**6},1\n"
        kept = intake.receive("finance", io.BytesIO(data.encode()), given)
        assert "/" not in kept.filename
        assert "\\" not in kept.filename
        assert "\x00" not in kept.filename
        assert len(kept.filename) <= 255
        assert kept.path.startswith("deliveries/finance/")
        assert world.client(OFFICER).get(f"/deliveries/{kept.pk}/").status_code == 200


def docx(text: str = "第一条 在新区注册的企业，给予10万元奖励。", **parts: bytes) -> bytes:
    out = io.BytesIO()
    document = Document()
    document.add_paragraph(text)
    document.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.docx", docx(word__bomb=b"0" * 20_000_000)),
        ("entities.docx", docx(word__more=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
        ("empty.docx", b""),
        ("not.docx", b"PK\x03\x04 nothing"),
        ("pdf.docx", b"%PDF-1.4"),
        ("text.pdf", "第一条".encode()),
        ("nul.txt", b"\x00\x01" * 500),
        ("blank.txt", b"  \n \n"),
        ("strange.exe", b"MZ"),
        ("no ending", b"\xff\xfe\xff"),
        ("broken.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>"),
    ],
)
def test_a_hostile_paper_is_told_in_a_sentence_and_leaves_no_draft(world, name, content):
    before = Policy.objects.count()
    client = world.client(EDITOR, raise_request_exception=False)
    for path, expected in (("/workbench/", 200), ("/api/v1/policies/read-file", 422)):
        assert client.post(path, {"file": SimpleUploadedFile(name, content)}).status_code == expected
    assert Policy.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["长" * 120 + ".txt", "...txt", "..", ".txt", "a.txt\u202e", "x" * 300 + ".txt", "a/../../b.txt"]
)
def test_a_paper_may_bear_any_name(world, name):
    file = SimpleUploadedFile("a.txt", f"第一条 在新区注册的企业，给予{len(name)}万元奖励。".encode())
    file._name = name
    # What its ending says nothing about is refused in a sentence; nothing else may happen.
    with suppress(drafts.DraftRefused):
        assert drafts.read(file, world.users[EDITOR]).pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "（" * 20_000,
        "5%" * 15_000,
        "给予" * 10_000,
        "第一条" * 7_000,
        "不超过" * 7_000,
        "须" * 20_000,
        "优先支持" * 5_000,
        "（除" * 10_000,
        "1" * 20_000,
        "\n" * 20_000 + "x",
        "“" * 20_000,
    ],
    ids=lambda text: text[:3].strip() or "lines",
)
def test_a_long_text_of_one_word_is_read_or_refused_in_a_moment(world, text):
    began = time.monotonic()
    answer = world.client(EDITOR, raise_request_exception=False).post("/workbench/", {"text": text})
    assert answer.status_code in (200, 302)
    assert time.monotonic() - began < 5


@pytest.mark.django_db
def test_a_text_beyond_the_limit_is_refused_before_it_is_read(world):
    began = time.monotonic()
    client = world.client(EDITOR, raise_request_exception=False)
    assert "500000" in client.post("/workbench/", {"text": "企" * 500_001}).content.decode().replace(",", "")
    body = {"text": "企" * 2_000_001}
    assert client.post("/api/v1/policies/read", body, content_type="application/json").status_code == 413
    body = b'{"text": "' + "企".encode() * 2_000_001 + b'"}'
    assert client.post("/api/v1/policies/read", body, content_type="application/json").status_code == 422
    assert time.monotonic() - began < 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    "test",
    [
        "(" * 3000 + "1",
        "1" + "+1" * 1900 + " > 0",
        "1" + "亿" * 3000 + " > 0",
        "1<" * 1900 + "1",
        "not " * 900 + "true",
        "-" * 3000 + "1 > 0",
        "revenue[-" + "9" * 3000 + "] > 0",
        "if(true," * 400 + "1",
        "min(" * 900,
        '"' * 3999,
        "9" * 3999 + " > 1",
    ],
    ids=lambda test: test[:8],
)
def test_a_hostile_rule_is_told_its_place_at_once(world, test):
    client, began = world.client(EDITOR, raise_request_exception=False), time.monotonic()
    answer = client.post("/api/v1/rules/preview", {"conditions": {"test": test}}, content_type="application/json")
    assert answer.status_code == 200
    if "revenue" not in test:
        assert answer.json()["problems"][0]["message"]
    assert client.post("/workbench/check/?leaf=a", {"a-kind": "test", "a-text": test}).status_code == 200
    amount = {"conditions": "true", "amount": test.removesuffix(" > 0").removesuffix(" > 1")}
    assert client.post("/api/v1/rules/preview", amount, content_type="application/json").status_code in (200, 422)
    assert time.monotonic() - began < 3


@pytest.mark.django_db
def test_a_hostile_tree_of_conditions_is_told_its_place(world):
    client = world.client(EDITOR, raise_request_exception=False)
    deep = "&a [" * 50 + "]" * 50
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nall: [*c,*c,*c,*c,*c,*c]"
    for tree in (
        deep,
        laughs,
        "!!python/object/apply:os.system ['true']",
        "all: &a [*a]",
        "[" * 5000,
        "{" * 5000,
        "all: 2026-01-01",
        "? [a]\n: b",
    ):
        form = {"i0-title": "x", "i0-tree": tree, "i0-use_tree": "1"}
        answer = client.post(f"/workbench/{world.draft.code}/preview/i0/", form)
        assert answer.status_code == 200, tree[:30]
        assert "note" in answer.content.decode() or "problem" in answer.content.decode(), tree[:30]
