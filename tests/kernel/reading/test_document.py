"""Head, foot and structure of a policy text."""

from innozone.kernel.reading.document import parse_document

TEXT = """海西市科学技术局
关于印发《海西市创新平台管理办法》的通知
海科发〔2024〕18号
第一章 总则
第一条 为规范管理，制定本办法。
第二章 申报条件
第二条 申报单位应当符合下列条件：
（一）注册满一年；
（二）符合下列情形之一：
1. 有研发机构；
2. 有博士团队。
其中，研发机构须独立核算。
第三条 申报材料
（一）申请表；
第四条 本办法自2024年3月1日起施行，有效期至2027年2月28日。
海西市科学技术局
2024年2月20日
"""


def test_number_issuer_and_days_are_found() -> None:
    document = parse_document(TEXT)
    assert document.number == "海科发〔2024〕18号"
    assert document.issuer == "海西市科学技术局"
    assert (document.issued, document.valid_from, document.valid_to) == ("2024-02-20", "2024-03-01", "2027-02-28")
    assert document.title == "关于印发《海西市创新平台管理办法》的通知"


def test_the_number_of_another_document_is_not_taken() -> None:
    document = parse_document("某办法\n根据《上级办法》（省发〔2020〕3号）制定。\n第一条 略。")
    assert document.number == ""


def test_clauses_form_a_tree_whose_spans_cover_the_body() -> None:
    document = parse_document(TEXT)
    paths = [node.path for node in document.nodes()]
    assert "第二条（二）1" in paths
    for node in document.nodes():
        assert node.start <= node.text_start <= node.own_end <= node.end
        for child in node.children:
            assert node.start <= child.start
            assert child.end <= node.end


def test_headings_give_their_clauses_a_role() -> None:
    roles = {node.heading: node.role for node in parse_document(TEXT).nodes() if node.heading}
    assert roles["总则"] == "purpose"
    assert roles["申报条件"] == "condition"
    assert roles["申报材料"] == "papers"


def test_a_line_behind_a_list_goes_on_with_the_list() -> None:
    resumed = next(node for node in parse_document(TEXT).nodes() if node.kind == "resumed")
    assert resumed.parent is not None
    assert resumed.parent.marker == "（二）"


def test_a_page_pressed_flat_is_cut_at_its_markers() -> None:
    flat = (
        "若干意见 一、适用对象 本意见适用于本市企业。"
        + "　" * 200
        + " 二、支持内容 （一）支持研发。按投入的10%给予补助。 （二）支持人才。每人补助1万元。"
        + "。" * 60
    )
    markers = [node.marker for node in parse_document(flat).nodes()]
    assert markers[1:] == ["一、", "二、", "（一）", "（二）"]
