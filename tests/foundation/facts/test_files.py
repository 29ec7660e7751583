"""Hostile and merely careless files: each is refused with the place and the cure, or read for what it says."""

import io
import json
import struct
import zipfile

import pytest
import xlsxwriter

from innozone.foundation.facts.files import archive, open_table
from innozone.foundation.facts.files.table import locate
from innozone.foundation.facts.problems import DeliveryRefused
from innozone.kernel.packs import FileFormat
from tests.foundation.facts.zone import SURVEY, attribute, dataset

FIELDS = [attribute("注册资本(万元)", "capital", unit="万元"), attribute("住所", "address")]
PLAIN = dataset("plain", "表", "attributes", FIELDS)
GB = dataset("gb", "表", "attributes", FIELDS, format=FileFormat("csv", encoding="gb18030"))
HEAD = "信用代码,名称,注册资本(万元),住所"


def workbook(*rows, merge=(), formulas=(), name="Sheet1", dates=()):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet(name)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, column, cell)
    for top, left, bottom, right, text in merge:
        sheet.merge_range(top, left, bottom, right, text)
    for at, column, formula, value in formulas:
        sheet.write_formula(at, column, formula, None, value)
    for at, column, day in dates:
        sheet.write_datetime(at, column, day, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    return buffer.getvalue()


def xlsx(header_rows=1, sheet="", fields=FIELDS):
    return dataset("x", "表", "attributes", fields, format=FileFormat("xlsx", sheet=sheet, header_rows=header_rows))


def read(tmp_path, content, contract=PLAIN):
    """Headers, row numbers and rows of a file."""
    path = tmp_path / "file"
    path.write_bytes(content)
    table = open_table(path, contract)
    locate(contract, table.headers)
    chunks = list(table.chunks)
    return table, [n for chunk in chunks for n in chunk.numbers], [row for chunk in chunks for row in chunk.rows]


def refusal(tmp_path, content, contract=PLAIN):
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, content, contract)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("contract", [PLAIN, GB], ids=["agreed UTF-8", "agreed GB 18030"])
def test_text_is_read_in_whatever_encoding_it_was_saved(tmp_path, encoding, contract):
    table, _, rows = read(tmp_path, f"{HEAD}\n1,西安甲公司,12,“路”〇\n".encode(encoding), contract)
    assert rows == [["1", "西安甲公司", "12", "“路”〇"]]
    agreed = contract.format.encoding
    assert [note["code"] for note in table.notes] == ([] if encoding.startswith(agreed) else ["encoding_found"])


@pytest.mark.parametrize(("contract", "encoding"), [(PLAIN, "utf-8"), (GB, "gb18030")])
def test_a_wrong_byte_is_named_with_its_line(tmp_path, contract, encoding):
    before = f"{HEAD}\n1,西安甲公司,12,路\n2,西安乙".encode(encoding)
    message = refusal(tmp_path, before + b"\xff\xff,12,x\n", contract)
    assert f"byte {len(before) + 1} in line 3 (hex ff" in message
    assert "save the file as" in message


def test_a_wrong_byte_beyond_the_first_block_is_found(tmp_path):
    line = "1,西安甲公司,12,路\n".encode()
    content = f"{HEAD}\n".encode() + line * 60_000 + b"\xff\n"
    assert f"byte {len(content) - 1} in line 60002" in refusal(tmp_path, content)


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"   \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert "empty" in refusal(tmp_path, content) or "lacks" in refusal(tmp_path, content)


def test_missing_columns_are_listed_with_the_nearest_that_are_there(tmp_path):
    message = refusal(tmp_path, "信用代码,名称,注册资金(万元),地址\n1,2,3,4\n".encode())
    assert "the file lacks 注册资本(万元)、住所" in message
    assert "注册资本(万元) ← 注册资金(万元)" in message


def test_a_column_that_stands_twice_is_refused(tmp_path):
    assert "stands in columns 3 and 5" in refusal(tmp_path, f"{HEAD},注册资本（万元）\n1,2,3,4,5\n".encode())


def test_headers_may_carry_blanks_stars_and_wide_brackets(tmp_path):
    _, _, rows = read(tmp_path, "*信用代码, 名 称 ,注册资本（万元）,住所：\n1,2,3,4\n".encode())
    assert rows == [["1", "2", "3", "4"]]


def test_another_separator_is_understood(tmp_path):
    assert read(tmp_path, f"{HEAD}\n1,2,3,4\n".replace(",", "\t").encode())[2] == [["1", "2", "3", "4"]]


def test_cells_with_line_breaks_keep_the_numbers_of_the_lines(tmp_path):
    _, numbers, rows = read(tmp_path, f'{HEAD}\n1,a,3,"路\n1号"\n\n2,b,4,x\n'.encode())
    assert numbers == [2, 5]
    assert rows[0][3] == "路\n1号"


def test_a_quotation_mark_left_open_is_named_with_its_line(tmp_path):
    content = f'{HEAD}\n1,a,3,x\n2,b,4,"x\n' + "3,c,5,y\n" * 1000
    assert "opened in line 3" in refusal(tmp_path, content.encode())


def test_a_row_that_is_too_short_or_wrongly_quoted_is_a_fault_of_the_row(tmp_path):
    path = tmp_path / "file"
    path.write_text(f'{HEAD}\n1,a\n2,b,4,x\n3,"c"d,5,y\n4,e,6,z,too,much\n5,f,7,w,,\n', encoding="utf-8")
    (chunk,) = open_table(path, PLAIN).chunks
    assert {chunk.numbers[at]: fault["code"] for at, fault in chunk.broken.items()} == {
        2: "cells_count",
        4: "cells_quotes",
        5: "cells_count",
    }
    assert chunk.numbers == [2, 3, 4, 5, 6]


def test_binary_rubbish_is_refused(tmp_path):
    assert "NUL byte" in refusal(tmp_path, b"\x00\x01\x02\x03" * 100 + HEAD.encode())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (workbook(["a"]), "XLSX"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"<!DOCTYPE html><table>", "HTML"),
        (b'{"a": 1}\n', "JSONL"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "XLS"),
    ],
)
def test_a_file_of_another_type_is_refused_by_what_it_is(tmp_path, content, found):
    message = refusal(tmp_path, content)
    assert "the contract wants CSV" in message
    assert found in message or "JSON lines" in message


# Workbooks


def test_merged_headers_of_two_rows_are_joined_by_column(tmp_path):
    contract = xlsx(
        2, fields=[attribute("注册资本(万元)", "capital", unit="万元", group="资金"), attribute("住所", "address")]
    )
    content = workbook(
        ["信用代码", "名称", None, "其他", "住所"],
        [None, None, "注册资本(万元)", "注册资本(万元)", None],
        ["1", "甲", 1200.5, 7, "路"],
        merge=[(0, 0, 1, 0, "信用代码"), (0, 1, 1, 1, "名称"), (0, 2, 0, 2, "资金")][:2],
    )
    content = workbook(
        ["", "", "资金", "其他", ""],
        ["", "", "注册资本(万元)", "注册资本(万元)", ""],
        ["1", "甲", 1200.5, 7, "路"],
        merge=[(0, 0, 1, 0, "信用代码"), (0, 1, 1, 1, "名称"), (0, 4, 1, 4, "住所")],
    )
    table, numbers, rows = read(tmp_path, content, contract)
    assert [str(header) for header in table.headers] == [
        "信用代码",
        "名称",
        "资金 / 注册资本(万元)",
        "其他 / 注册资本(万元)",
        "住所",
    ]
    assert locate(contract, table.headers)[0]["capital"] == 2
    assert (numbers, rows) == ([3], [["1", "甲", "1200.5", "7", "路"]])


def test_a_table_that_does_not_begin_in_the_corner_keeps_its_row_numbers(tmp_path):
    content = workbook([], [], [None, *HEAD.split(",")], [None, "1", "甲", 3, "x"], [], [None, "2", "乙", 4, "y"])
    _, numbers, rows = read(tmp_path, content, xlsx())
    assert numbers == [4, 6]
    assert rows[1] == ["", "2", "乙", "4", "y"]


def test_formulas_give_their_value_and_their_errors_are_bad_cells(tmp_path):
    content = workbook(
        HEAD.split(","),
        ["1", "甲", None, "x"],
        ["2", "乙", None, "x"],
        ["3", "丙", None, "#REF!"],
        ["4", "丁", None, None],
        formulas=[(1, 2, "=600*2", 1200), (2, 2, "=1/0", "#DIV/0!"), (3, 2, "=A1", ""), (4, 3, "=B5", "路")],
    )
    _, _, rows = read(tmp_path, content, xlsx())
    assert rows[0][2] == "1200"
    assert (rows[1][2].code, rows[1][2].text) == ("formula_error", "#DIV/0!")
    assert rows[2][3] == "#REF!"
    assert rows[3][3] == "路"


def test_a_formula_that_was_never_calculated_is_a_bad_cell(tmp_path):
    content = workbook(HEAD.split(","), ["1", "甲", None, "x"], formulas=[(1, 2, "=600*2", 1200)])
    _, _, rows = read(tmp_path, edited(content, b"<v>1200</v>", b"<v></v>"), xlsx())
    assert rows[0][2].code == "formula_without_value"


def test_numbers_and_dates_are_written_as_their_reader_sees_them(tmp_path):
    import datetime

    content = workbook(
        HEAD.split(","), [1.0, True, 0.1 + 0.2, None], [2, False, 123456789012.5, "x"],
        dates=[(1, 3, datetime.datetime(2024, 3, 5))],
    )  # fmt: skip
    _, _, rows = read(tmp_path, content, xlsx())
    assert rows == [["1", "true", "0.3", "2024-03-05"], ["2", "false", "123456789012.5", "x"]]


def test_the_sheet_that_the_contract_names_must_be_there(tmp_path):
    assert "there is no sheet “年报”; the file has 表一" in refusal(
        tmp_path, workbook(["a"], name="表一"), xlsx(sheet="年报")
    )


def edited(content: bytes, old: bytes, new: bytes, member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The workbook with a change in one of its parts."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text.replace(old, new, 1) if name == member else text)
    return buffer.getvalue()


def test_xml_entities_are_refused(tmp_path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
    content = edited(workbook(HEAD.split(",")), b"<worksheet", bomb)
    assert "sheet1.xml of the file declares XML entities" in refusal(tmp_path, content, xlsx())


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    buffer = io.BytesIO(workbook(HEAD.split(",")))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/zero.bin", b"\0" * (80 << 20))
    message = refusal(tmp_path, buffer.getvalue(), xlsx())
    assert "unpacks to 80." in message
    assert "zero.bin" in message


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    buffer = io.BytesIO(workbook(HEAD.split(",")))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/zero.bin", b"\0" * (8 << 20))
    content = bytearray(buffer.getvalue())
    # Both places that tell the size now say 1,000 bytes.
    real = struct.pack("<I", 8 << 20)
    while (at := content.find(real)) >= 0:
        content[at : at + 4] = struct.pack("<I", 1000)
    assert "unpacks to >" in refusal(tmp_path, bytes(content), xlsx())


def test_a_cell_at_the_far_corner_does_not_take_all_memory(tmp_path):
    content = edited(
        workbook(HEAD.split(","), ["1", "甲", 3, "x"]),
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
    )
    assert "reaches to cell XFD1048576" in refusal(tmp_path, content, xlsx())


def test_a_broken_workbook_is_refused(tmp_path):
    content = workbook(HEAD.split(","), ["1", "甲", 3, "x"])
    assert "cannot be opened" in refusal(tmp_path, content[: len(content) // 2], xlsx())
    assert "password" in refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, xlsx())


def test_column_letters():
    assert [archive.column_number(letters) for letters in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16384]


# JSON lines


def test_json_lines_keep_numbers_as_printed_and_groups_as_headers(tmp_path):
    lines = [
        {"信用代码": "1", "名称": None, "年度": 2025, "资金": {"注册资本": 12.50}, "行业": ["a", "b"], "人数": True},
        {"信用代码": "2", "年度": "2024", "营业收入": 1e3},
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).replace("12.5", "12.50").encode()
    table, numbers, rows = read(tmp_path, content, SURVEY)
    cells = dict(zip(map(str, table.headers), rows[0], strict=True))
    assert numbers == [1, 2]
    assert (cells["资金 / 注册资本"], cells["年度"], cells["行业"], cells["人数"]) == ("12.50", "2025", "a;b", "true")


def test_a_line_that_is_no_object_is_a_fault_of_the_row(tmp_path):
    path = tmp_path / "file"
    path.write_text('{"信用代码":"1","年度":2025}\n{"信用代码":\n[1]\n' + '{"a":' * 5000 + "\n{}\n", encoding="utf-8")
    (chunk,) = open_table(path, SURVEY).chunks
    assert {chunk.numbers[at]: fault["code"] for at, fault in chunk.broken.items()} == dict.fromkeys(
        (2, 3, 4), "line_not_json"
    )


def test_a_structure_in_a_cell_is_a_bad_cell(tmp_path):
    _, _, rows = read(tmp_path, b'{"\xe4\xbf\xa1\xe7\x94\xa8\xe4\xbb\xa3\xe7\xa0\x81": [{"a": 1}], "\xe5\xb9\xb4\xe5\xba\xa6": 1}\n', SURVEY)  # fmt: skip
    assert rows[0][0].code == "nested"


def test_required_keys_that_no_object_has_are_missed(tmp_path):
    assert "lacks 年度" in refusal(tmp_path, '{"信用代码": "1"}\n'.encode(), SURVEY)
