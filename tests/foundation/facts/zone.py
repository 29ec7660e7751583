"""A small zone for tests: a registry, two sources that overlap, records of a complete and of a partial dataset."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from stdnum.cn import uscc

from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Delivery
from innozone.kernel.linkage.credit_code import inner_check
from innozone.kernel.packs import (
    Column,
    DatasetContract,
    Field,
    FileFormat,
    Organisation,
    Pack,
    QualityRule,
    Subject,
    Validity,
)
from innozone.kernel.terms import Aggregate, Code, CodeList, Dictionary, Label, Variable


def label(zh: str, en: str = "") -> Label:
    return Label(zh, en or zh)


def credit_code(number: int) -> str:
    """A valid code; both of its check digits hold."""
    organisation = f"MA{number:06d}"
    base = "91610112" + organisation + inner_check(organisation)
    return base + str(uscc.calc_check_digit(base + "0"))


def codes(name: str, *entries: tuple[str, str] | tuple[str, str, str]) -> CodeList:
    return CodeList(
        name,
        label(name),
        tuple(Code(entry[0], label(entry[1], entry[0]), entry[2] if len(entry) > 2 else None) for entry in entries),
    )


LISTS = [
    codes("organisation_kinds", ("government", "政府"), ("department", "部门", "government"), ("bank", "银行")),
    codes("regions", ("610000", "陕西省"), ("610100", "西安市", "610000"), ("610112", "未央区", "610100")),
    codes("industries", ("I", "信息技术"), ("65", "软件", "I"), ("6513", "应用软件", "65"), ("C", "制造业")),
    codes("titles", ("tech", "科技企业"), ("tech_sme", "科技型中小企业", "tech"), ("gazelle", "瞪羚企业")),
    codes("ip_kinds", ("patent", "专利"), ("invention", "发明专利", "patent"), ("mark", "商标")),
]


def variable(code: str, kind: str, zh: str, **more: Any) -> Variable:
    unit = {"money": "元", "integer": "人"}.get(kind, "")
    return Variable(code, label(zh, code), kind, more.pop("unit", unit), **more)  # type: ignore[arg-type]


VARIABLES = [
    variable("name_registered", "text", "企业名称"),
    variable("capital", "money", "注册资本", precedence=("registry", "survey"), minimum=0),
    variable("founded", "date", "成立日期", precedence=("registry", "survey"), mutable=False),
    variable("region", "code", "注册地", codelist="regions"),
    variable("industry", "code", "行业", codelist="industries", precedence=("registry", "survey")),
    variable("address", "text", "住所", precedence=("registry", "survey")),
    variable("staff", "integer", "从业人员", period="year", precedence=("social", "survey"), minimum=0),
    variable("revenue", "money", "营业收入", period="year"),
    variable("insured", "bool", "足额参保"),
    variable("titles", "codes", "资质", codelist="titles", aggregate=Aggregate("titles", "codes", "title", valid=True)),
    variable("penalties_3y", "integer", "处罚", aggregate=Aggregate("penalties", "count", within_years=3), unit="次"),
    variable("fined", "money", "罚款", aggregate=Aggregate("penalties", "sum", "amount")),
    variable("punished", "bool", "有处罚", aggregate=Aggregate("penalties", "exists")),
    variable("patents", "integer", "专利", unit="件", aggregate=Aggregate("ip", "count", where={"kind": ("patent",)})),
    variable("last_patent", "date", "最近授权", aggregate=Aggregate("ip", "latest", "granted")),
    variable("patents_of_year", "integer", "当年专利", unit="件", period="year", aggregate=Aggregate("ip", "count")),
    variable("revenue_per_head", "money", "人均收入", period="year", formula="revenue / staff"),
]
TERMS = {entry.code: entry for entry in VARIABLES}
SUBJECT = Subject(Column("信用代码", ("统一社会信用代码",)), Column("名称", ("企业名称",)))


def attribute(column: str, code: str, *, unit: str = "", **more: Any) -> Field:
    term = TERMS[code]
    return Field(
        column,
        term.type,
        variable=code,
        label=term.label,
        unit=unit or term.unit,
        stored_unit=term.unit,
        codelist=term.codelist,
        minimum=term.minimum,
        maximum=term.maximum,
        **more,
    )


def record(column: str, name: str, kind: str, **more: Any) -> Field:
    stored = {"money": "元"}.get(kind, "")
    return Field(column, kind, field=name, label=label(column), stored_unit=stored, **more)  # type: ignore[arg-type]


def dataset(code: str, zh: str, kind: str, fields: Sequence[Field], **more: Any) -> DatasetContract:
    return DatasetContract(
        code=code,
        title=label(zh, code),
        owner=more.pop("owner", "bureau"),
        kind=kind,  # type: ignore[arg-type]
        format=more.pop("format", FileFormat("csv")),
        subject=more.pop("subject", SUBJECT),
        fields=tuple(fields),
        **more,
    )


REGISTRY = dataset(
    "registry",
    "登记",
    "attributes",
    [
        attribute("名称", "name_registered", required=True),
        attribute("注册资本(万元)", "capital", unit="万元", aliases=("注册资本（万元）",)),
        attribute("成立日期", "founded", required=True),
        attribute("注册地", "region"),
        attribute("行业", "industry"),
        attribute("住所", "address"),
    ],
    subject=Subject(SUBJECT.credit_code, SUBJECT.name, Column("曾用名")),
    format=FileFormat("csv", encoding="gb18030"),
    creates="enterprise",
    coverage="complete",
    quality=(
        QualityRule("credit_code", ("credit_code",)),
        QualityRule("unique", ("credit_code",)),
        QualityRule("not_future", ("founded",)),
    ),
)
SOCIAL = dataset(
    "social",
    "社保",
    "attributes",
    [attribute("人数", "staff", required=True), attribute("足额", "insured")],
    period=Column("年度"),
    owner="bureau_2",
)
SURVEY = dataset(
    "survey",
    "申报",
    "attributes",
    [
        attribute("注册资本", "capital", unit="万元"),
        attribute("行业", "industry"),
        attribute("住所", "address"),
        attribute("人数", "staff"),
        attribute("营业收入", "revenue", unit="万元"),
    ],
    period=Column("年度"),
    format=FileFormat("jsonl"),
    owner="bureau_2",
)
PENALTIES = dataset(
    "penalties",
    "处罚",
    "records",
    [
        record("文号", "number", "text", required=True),
        record("日期", "decided", "date", required=True),
        record("金额", "amount", "money", unit="元"),
    ],
    key=("number",),
    coverage="complete",
    validity=Validity(date="decided"),
)
TITLES = dataset(
    "titles",
    "资质",
    "records",
    [
        record("资质", "title", "code", codelist="titles", required=True),
        record("认定日期", "awarded", "date", required=True),
        record("有效期至", "until", "date"),
    ],
    key=("title", "awarded"),
    coverage="complete",
    validity=Validity("awarded", "until", "awarded"),
    quality=(QualityRule("date_order", ("awarded", "until")),),
)
IP = dataset(
    "ip",
    "知识产权",
    "records",
    [
        record("号", "number", "text", required=True),
        record("类型", "kind", "code", codelist="ip_kinds", required=True),
        record("授权日", "granted", "date"),
    ],
    key=("number",),
    coverage="partial",
    validity=Validity(date="granted"),
    quality=(QualityRule("unique", ("number",), severity="warning"),),
)
DATASETS = (REGISTRY, SOCIAL, SURVEY, PENALTIES, TITLES, IP)


def pack(version: str = "1", datasets: Sequence[DatasetContract] = DATASETS) -> Pack:
    return Pack(
        code="small",
        title=label("小区", "Small zone"),
        dictionary=Dictionary(
            TERMS,
            {entry.code: entry for entry in LISTS},
            {entry.code: entry.records for entry in datasets if entry.records},
        ),
        datasets={entry.code: entry for entry in datasets},
        organisations={
            "bureau": Organisation("bureau", label("登记局", "Registry office"), "department", aliases=("登记处",)),
            "bureau_2": Organisation("bureau_2", label("人社局", "Social office"), "department"),
        },
        version=version,
    )


FIRMS = {1: "西安甲光电科技有限公司", 2: "西安乙能源科技有限公司", 3: "西安丙软件有限公司"}


def registry_row(number: int, **cells: str) -> str:
    """A line of the registry's file."""
    filled = {
        "code": credit_code(number),
        "name": FIRMS.get(number, f"西安第{number}号实业有限公司"),
        "former": "",
        "capital": "1,200",
        "founded": "2020-01-31",
        "region": "未央区",
        "industry": "65",
        "address": "尚稷路1号",
        **cells,
    }
    return ",".join(f'"{filled[key]}"' if "," in filled[key] else filled[key] for key in filled)


REGISTRY_HEAD = "信用代码,名称,曾用名,注册资本(万元),成立日期,注册地,行业,住所"


def csv(head: str, *rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join((head, *rows, "")).encode(encoding)


def registry(*rows: str) -> bytes:
    return csv(REGISTRY_HEAD, *rows, encoding="gb18030")


def deliver(dataset: str, content: bytes, name: str = "") -> Delivery:
    """Receive and take a file."""
    received = intake.receive(dataset, io.BytesIO(content), name or f"{dataset}.csv")
    return intake.take(received)
