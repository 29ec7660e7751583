"""A small dictionary and short ways to read a text."""

import pytest

from innozone.kernel.reading import Item, Reading, read_text
from innozone.kernel.terms import Code, CodeList, Dictionary, Label, Variable

ROWS = (
    ("revenue", "营业收入", "money", "元", "year", None),
    ("rd_expense", "研发费用", "money", "元", "year", None),
    ("staff_total", "职工总数", "integer", "人", "year", None),
    ("registered_years", "注册成立年限", "number", "年", "none", None),
    ("legal_person", "独立法人资格", "bool", "", "none", None),
    ("abnormal_list", "列入经营异常名录", "bool", "", "none", None),
    ("accident_record", "近两年重大事故", "bool", "", "none", None),
    ("accident_record_3y", "近三年重大事故", "bool", "", "none", None),
    ("registration_region", "注册地", "code", "", "none", "regions"),
    ("designations", "资质与称号", "codes", "", "none", "designations"),
    ("first_designations_1y", "近一年首次获得的资质与称号", "codes", "", "none", "designations"),
)


def entry(code: str, zh: str, parent: str | None = None, *aliases: str) -> Code:
    return Code(code, Label(zh, code), parent, aliases)


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    regions = CodeList(
        "regions",
        Label("地区", "Regions"),
        (entry("hx", "海西市"), entry("hx_new", "海西市云谷新区", "hx", "云谷新区")),
    )
    titles = CodeList(
        "designations",
        Label("称号", "Titles"),
        (
            entry("high_tech", "高新技术企业", None, "高企"),
            entry("gazelle", "瞪羚企业"),
            entry("specialised", "专精特新中小企业"),
            entry("little_giant", "专精特新“小巨人”企业", "specialised"),
        ),
    )
    variables = {
        code: Variable(code, Label(zh, code), kind, unit, period, codelist=codelist)  # type: ignore[arg-type]
        for code, zh, kind, unit, period, codelist in ROWS
    }
    variables["rd_ratio"] = Variable(
        "rd_ratio", Label("研发费用占比", "R&D share"), "ratio", "", "year", formula="rd_expense / revenue"
    )
    return Dictionary(variables, {"regions": regions, "designations": titles})


def read(text: str, title: str = "海西市云谷新区支持企业创新若干措施") -> Reading:
    return read_text(text, title)


def only(text: str, title: str = "海西市云谷新区支持企业创新若干措施") -> Item:
    """The one item of a text."""
    items = read(text, title).items
    assert len(items) == 1, [item.name for item in items]
    return items[0]


def said(item: Item) -> set[tuple[str, str, str]]:
    """Conditions as (variable, operator, value with unit), values as text."""
    return {(c.variable, c.op, f"{c.value}{c.unit or ''}") for c in item.conditions}
