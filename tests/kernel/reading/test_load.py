"""Files of every kind, and those that are not what they seem: each fault names its place and its cure."""

import io
import zipfile
from pathlib import Path

import docx
import pytest

from innozone.kernel.reading import ReadingError, read_file
from innozone.kernel.reading.load import load_bytes, load_file

WORDS = "海西市支持企业创新若干措施\n第一条 对高新技术企业给予10万元奖励。\n"


def pdf(content: bytes, extra: bytes = b"", trailer: bytes = b"") -> bytes:
    """A one-page PDF with the given drawing operators."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *([extra] if extra else []),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )


def word(**parts: bytes) -> bytes:
    """A Word file of two paragraphs around a table; `parts` replace parts of it by name."""
    document = docx.Document()
    document.add_paragraph("第一条 支持对象如下：")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["类别", "金额", "瞪羚企业", "20万元"], strict=True
    ):
        cell.text = text
    document.add_paragraph("第二条 本措施自发布之日起施行。")
    packed = io.BytesIO()
    document.save(packed)
    if not parts:
        return packed.getvalue()
    again = io.BytesIO()
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, parts.get(entry.filename.replace("/", "_").replace(".", "_"), old.read(entry)))
        for name, content in parts.items():
            if name.startswith("extra_"):
                new.writestr("word/" + name, content)
    return again.getvalue()


def refused(data: bytes, name: str, **options: int) -> ReadingError:
    with pytest.raises(ReadingError) as caught:
        load_bytes(data, name, **options)
    assert name in str(caught.value)
    assert caught.value.cure
    return caught.value


def test_a_word_file_keeps_paragraphs_and_tables_in_order() -> None:
    lines = load_bytes(word(), "a.docx").text.split("\n")
    assert lines == ["第一条 支持对象如下：", "类别\t金额", "瞪羚企业\t20万元", "第二条 本措施自发布之日起施行。"]


def test_a_pdf_gives_its_text() -> None:
    assert "grant of 10" in load_bytes(pdf(b"BT /F1 12 Tf 50 700 Td (A grant of 10 percent) Tj ET"), "a.pdf").text


def test_a_web_page_gives_its_text_without_menus_scripts_and_entities() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY x "boom">]><html><head><title>措施</title><script>var a=1</script></head><body><nav>首页</nav>'
        "<p>第一条&nbsp;支持企业&x;。</p><table><tr><td>甲</td><td>5万元</td></tr></table><style>p{}</style></body></html>"
    )
    loaded = load_bytes(page.encode(), "a.html")
    assert loaded.title == "措施"
    assert "第一条 支持企业" in loaded.text
    assert "甲\t5万元" in loaded.text
    assert not any(word in loaded.text for word in ("首页", "var a", "p{}", "boom"))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_usual_character_sets(codec: str) -> None:
    assert load_bytes(WORDS.replace("\n", "\r\n").encode(codec), "a.txt").text == WORDS


def test_a_gb2312_page_is_read_by_the_set_it_declares() -> None:
    page = f'<html><head><meta charset="gb2312"></head><body><p>{WORDS}</p></body></html>'.encode("gb18030")
    assert "高新技术企业" in load_bytes(page, "a.htm").text


def test_another_character_set_is_refused_instead_of_garbled() -> None:
    error = refused("臺灣地區創新補助辦法第一條企業申請補助".encode("big5") * 3, "a.txt")
    assert error.reason == "encoding"
    assert "UTF-8" in error.cure


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "empty"),
        (b"   \n", "a.txt", "empty"),
        (b"%PDF-1.4 broken", "a.pdf", "broken"),
        (b"PK\x03\x04word/ broken", "a.docx", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "old_word"),
        (b"abc", "a.exe", "kind"),
        (b"\x00\x01\x02binary", "a.txt", "binary"),
        (pdf(b""), "a.docx", "extension"),
        (WORDS.encode(), "a.pdf", "extension"),
        (b"<html><body>x</body></html>", "a.txt", "extension"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, name: str, reason: str) -> None:
    assert refused(data, name).reason == reason


def _ruled(rules: bytes) -> bytes:
    """Three rows of two cells with the given rules around them, a line above and one below."""
    words = (
        (60, 730, "A line above"),
        (60, 680, "Level"),
        (210, 680, "Sum"),
        (60, 650, "gold"),
        (210, 650, "100"),
        (60, 620, "silver"),
        (210, 620, "50"),
        (60, 580, "A line below"),
    )
    return pdf(rules + b"".join(b"BT /F1 12 Tf %d %d Td (%s) Tj ET\n" % (x, y, text.encode()) for x, y, text in words))


LINES = b"".join(b"50 %d m 350 %d l S\n" % (y, y) for y in (700, 670, 640, 610)) + b"".join(
    b"%d 610 m %d 700 l S\n" % (x, x) for x in (50, 200, 350)
)
BOXES = b"".join(b"%d %d 150 30 re S\n" % (x, y) for x in (50, 200) for y in (610, 640, 670))


@pytest.mark.parametrize("rules", [LINES, BOXES], ids=["lines", "boxes"])
def test_a_ruled_table_of_a_pdf_gives_lines_of_cells(rules: bytes) -> None:
    text = load_bytes(_ruled(rules), "a.pdf").text
    assert text.split("\n") == ["A line above", "Level\tSum", "gold\t100", "silver\t50", "A line below"]


def test_a_cell_over_two_rows_of_a_pdf_speaks_for_both() -> None:
    rules = LINES.replace(b"50 640 m 350 640 l S\n", b"200 640 m 350 640 l S\n")
    text = load_bytes(_ruled(rules), "a.pdf").text
    assert "goldsilver\t100\ngoldsilver\t50" in text


def test_a_frame_and_a_drawing_of_a_pdf_are_no_tables() -> None:
    frame = b"40 500 400 260 re S\n"
    drawing = b"".join(b"%d 600 m %d 700 l S\n40 %d m 400 %d l S\n" % (x, x, x, x) for x in range(0, 6000, 1))
    for rules in (frame, drawing):
        assert "\t" not in load_bytes(_ruled(rules), "a.pdf").text


def test_a_scanned_pdf_asks_for_text_recognition() -> None:
    error = refused(pdf(b"0 0 100 100 re f"), "scan.pdf")
    assert error.reason == "scanned"
    assert "OCR" in error.cure


def test_an_encrypted_pdf_asks_for_a_copy_without_password() -> None:
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O (%s) /U (%s) >>" % (b"a" * 32, b"b" * 32)
    trailer = b"/Encrypt 6 0 R /ID [(1234567890123456) (1234567890123456)]"
    assert refused(pdf(b"BT ET", lock, trailer), "a.pdf").reason == "encrypted"


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"a" * 2000)
    with pytest.raises(ReadingError, match="limit") as caught:
        load_file(path, limit=1000)
    assert caught.value.reason == "too_large"


def test_a_text_of_a_million_characters_is_to_be_split() -> None:
    assert refused(("条" * 1_000_001).encode(), "a.txt").reason == "too_large"


def test_an_archive_bomb_is_not_unpacked() -> None:
    assert refused(word(extra_bomb=b"0" * 5_000_000), "a.docx").reason == "bomb"
    assert refused(word(extra_large=bytes(range(256)) * 400), "a.docx", limit=10_000 * 5).reason in {
        "bomb",
        "too_large",
    }


def test_xml_entities_in_a_word_file_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    error = refused(word(word_document_xml=laughs), "a.docx")
    assert error.reason == "entities"
    wide = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'.encode("utf-16")
    assert refused(word(word_document_xml=wide), "a.docx").reason == "entities"


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(ReadingError, match=path.name):
            read_file(path)


def test_a_filed_text_has_its_body_behind_three_lines_and_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "filed.txt"
    path.write_text(f"某措施\nhttps://example.org/a\nfetched\n\n{WORDS}", encoding="utf-8")
    reading = read_file(path)
    assert reading.title == "某措施"
    assert reading.body == WORDS


def test_an_ordinary_text_is_its_own_body(tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text(WORDS, encoding="utf-8")
    assert read_file(path).body == WORDS
