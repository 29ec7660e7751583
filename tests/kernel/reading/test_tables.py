"""Tables of thresholds, however they come: each row asks and gives, each figure is tied to its cell."""

import io
from pathlib import Path

import docx
import pytest

from innozone.kernel.reading import Reading, read_file, read_text
from innozone.kernel.reading.drafting import draft_policy
from innozone.kernel.terms import Dictionary

TITLE = "海西市云谷新区支持企业创新若干措施"
TIERS = [
    ["序号", "上年度营业收入", "奖励金额（万元）"],
    ["1", "1亿元以上5亿元以下", "20"],
    ["2", "5亿元以上10亿元以下", "50"],
    ["3", "10亿元以上", "100"],
]
LEAD = "第一条 对营业收入达到下列标准的工业企业，按下表给予一次性奖励："


def _docx(path: Path) -> Reading:
    document = docx.Document()
    document.add_paragraph(TITLE)
    document.add_paragraph(LEAD)
    table = document.add_table(rows=len(TIERS), cols=len(TIERS[0]))
    for row, cells in zip(table.rows, TIERS, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    document.add_paragraph("第二条 本措施自发布之日起施行。")
    data = io.BytesIO()
    document.save(data)
    (path / "table.docx").write_bytes(data.getvalue())
    return read_file(path / "table.docx")


def _html(path: Path) -> Reading:
    rows = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in TIERS)
    page = f"<html><body><h1>{TITLE}</h1><p>{LEAD}</p><table>\n{rows}\n</table><p>第二条 本措施自发布之日起施行。</p></body></html>"
    (path / "table.html").write_text(page, encoding="utf-8")
    return read_file(path / "table.html")


def _pasted(path: Path) -> Reading:
    return read_text("\n".join([LEAD, *("\t".join(row) for row in TIERS), "第二条 本措施自发布之日起施行。"]), TITLE)


@pytest.mark.parametrize("source", [_docx, _html, _pasted])
def test_rows_of_sums_are_tiers(source: object, tmp_path: Path) -> None:
    reading: Reading = source(tmp_path)  # type: ignore[operator]
    (item,) = reading.items
    revenue = [c for c in item.conditions if c.variable == "revenue"]
    assert [(c.op, c.value, c.unit) for c in revenue] == [
        ("between", [1, 5], "亿元"),
        ("between", [5, 10], "亿元"),
        (">=", 10, "亿元"),
    ]
    # At five hundred million the higher tier holds.
    assert revenue[0].bounds == "[)"
    assert {c.group.kind for c in revenue} == {"any"}
    assert [c.quote for c in revenue] == [row[1] for row in TIERS[1:]]
    assert [b.formula["value_yuan"] for b in item.benefits] == [200_000, 500_000, 1_000_000]
    assert [(c.variable, c.value) for c in item.conditions if c.group.kind == "all"] == [("industry", "工业")]
    for part in [*item.conditions, *item.benefits]:
        assert reading.body[slice(*part.span)] == part.quote
    assert not item.manual


def test_a_table_of_requirements_asks_for_all_of_its_rows(dictionary: Dictionary) -> None:
    rows = ["指标\t要求", "研发费用占营业收入比例\t不低于5%", "职工总数\t50人以上", "上年度营业收入\t≥2000万元"]
    text = "\n".join(["第一条 申报条件见下表：", *rows, "第二条 对符合第一条规定的企业，奖励10万元。"])
    reading = read_text(text, TITLE)
    item = reading.items[0]
    assert {(c.variable, c.op, c.value) for c in item.conditions} == {
        ("rd_ratio", ">=", 5),
        ("staff_total", ">=", 50),
        ("revenue", ">=", 2000),
    }
    assert {c.group.kind for c in item.conditions} == {"all"}
    tests = [leaf["test"] for leaf in draft_policy(reading, dictionary)["items"][0]["conditions"]["all"]]
    assert "revenue[-1] >= 2000万" in tests


def test_names_in_a_table_are_designations() -> None:
    rows = ["序号\t称号\t奖励标准（万元）", "1\t国家级专精特新“小巨人”企业\t50", "2\t高新技术企业\t20"]
    (item,) = read_text("\n".join(["第一条 对获得下列称号的企业给予奖励：", *rows]), TITLE).items
    assert [c.value for c in item.conditions] == [["国家级专精特新“小巨人”企业"], ["高新技术企业"]]
    assert [(b.quote, b.formula["value_yuan"]) for b in item.benefits] == [("50", 500_000), ("20", 200_000)]


@pytest.mark.parametrize(
    "rows",
    [
        ["联系人\t电话", "张三\t029-33186000"],
        ["姓名\t单位", "李四\t海西市科技局"],
        ["一行\t没有表头2000万元"],
    ],
)
def test_other_tables_ask_nothing(rows: list[str]) -> None:
    reading = read_text("\n".join(["第一条 联系方式：", *rows]), TITLE)
    assert not list(reading.conditions())
    assert not any(item.benefits for item in reading.items)


def test_a_cell_over_several_rows_holds_for_each(tmp_path: Path) -> None:
    page = (
        f"<html><body><h1>{TITLE}</h1><p>第一条 对下列企业给予奖励：</p><table>"
        "<tr><th>称号</th><th>上年度营业收入</th><th>奖励金额</th></tr>"
        "<tr><td rowspan='2'>高新技术企业</td><td>1亿元以上5亿元以下</td><td>20万元</td></tr>"
        "<tr><td>5亿元以上</td><td>50万元</td></tr></table></body></html>"
    )
    (tmp_path / "span.html").write_text(page, encoding="utf-8")
    (item,) = read_file(tmp_path / "span.html").items
    held = [c for c in item.conditions if c.variable == "qualification"]
    assert [c.group.branch for c in held] == ["1", "2"]
    assert sorted((c.variable, c.group.branch) for c in item.conditions) == [
        ("qualification", "1"),
        ("qualification", "2"),
        ("revenue", "1"),
        ("revenue", "2"),
    ]
    assert [b.formula["value_yuan"] for b in item.benefits] == [200_000, 500_000]


def test_a_page_laid_out_in_a_table_keeps_its_paragraphs(tmp_path: Path) -> None:
    page = (
        "<html><body><table><tr><td><p>第一条 甲。</p><p>第二条 乙。</p></td><td>菜单</td></tr></table></body></html>"
    )
    long = page.replace("甲", "甲" * 300)
    (tmp_path / "laid.html").write_text(long, encoding="utf-8")
    assert "\n第二条 乙。" in read_file(tmp_path / "laid.html").body
