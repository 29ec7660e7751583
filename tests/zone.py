"""A zone of four enterprises and two policies, small enough to know every verdict by heart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from innozone.foundation.facts import packs as fact_packs
from innozone.foundation.facts.models import Fact
from innozone.foundation.facts.values import value_fields
from innozone.foundation.parties.models import Party, PartyKind, PartyName
from innozone.foundation.parties.names import name_key
from innozone.kernel.packs import (
    Benefit,
    Column,
    DatasetContract,
    Field,
    FileFormat,
    ItemData,
    Organisation,
    Pack,
    PolicyData,
    Score,
    Subject,
    TargetData,
    Validity,
    Window,
)
from innozone.kernel.rules.solve.stacking import AllocationRule, OrderKey
from innozone.kernel.terms import Code, CodeList, Dictionary, Label, Variable

YEAR = timezone.localdate().year - 1

REGIONS = CodeList(
    "regions",
    Label("地区", "Regions"),
    (
        Code("zone", Label("示范新区", "Model Zone")),
        Code("east", Label("东城", "East City"), "zone"),
        Code("west", Label("西城", "West City"), "zone"),
        Code("far", Label("外地", "Elsewhere")),
    ),
)
DESIGNATIONS = CodeList(
    "designations",
    Label("称号", "Designations"),
    (
        Code("tech_sme", Label("科技型中小企业", "Technology SME")),
        Code("gazelle", Label("瞪羚企业", "Gazelle")),
    ),
)
THEMES = CodeList("themes", Label("主题", "Themes"), (Code("rd", Label("研发", "R&D")),))


def variable(code: str, zh: str, en: str, type: str, **more: Any) -> Variable:
    return Variable(code, Label(zh, en), type, **more)  # type: ignore[arg-type]


RIGHTS = DatasetContract(
    code="rights",
    title=Label("知识产权", "Rights"),
    owner="science",
    kind="records",
    format=FileFormat("csv"),
    subject=Subject(Column("统一社会信用代码"), Column("企业名称")),
    fields=(
        Field("号", "text", field="number", required=True),
        Field("授权日", "date", field="granted_on", label=Label("授权日", "Granted on")),
    ),
    key=("number",),
    coverage="complete",
    validity=Validity(date="granted_on"),
)

DICTIONARY = Dictionary(
    {
        each.code: each
        for each in (
            variable(
                "registration_region",
                "注册地",
                "Region",
                "code",
                codelist="regions",
                classification="public",
                breakdown=True,
            ),
            variable("designations", "资质", "Designations", "codes", codelist="designations"),
            variable("established_on", "成立日期", "Founded on", "date"),
            variable("revenue", "营业收入", "Revenue", "money", unit="元", period="year"),
            variable("rd_expense", "研发费用", "R&D expense", "money", unit="元", period="year"),
            variable("rd_ratio", "研发占比", "R&D ratio", "ratio", period="year", formula="rd_expense / revenue"),
            variable("serious_breach", "严重失信", "Serious breach", "bool"),
        )
    },
    {each.code: each for each in (REGIONS, DESIGNATIONS, THEMES)},
    {"rights": RIGHTS.records} if RIGHTS.records else {},
)

RD_TEXT = (
    "第一条 本办法适用于在新区注册的企业。\n"
    "第二条 上年度营业收入100万元以上、研发费用占营业收入5%以上的，按研发费用的10%给予补助，最高50万元。\n"
    "第三条 申请人未发生重大安全事故。"
)
SME_TEXT = "第一条 成立三年以上且研发费用占比3%以上的企业，可以认定为科技型中小企业。"

RD_CONDITIONS: dict[str, Any] = {
    "all": [
        {"test": 'registration_region within "zone"', "quote": "在新区注册", "source": "第一条"},
        {"test": "revenue[-1] >= 100万", "quote": "营业收入100万元以上", "source": "第二条"},
        {"test": "rd_ratio[-1] >= 5%", "quote": "研发费用占营业收入5%以上", "source": "第二条"},
    ]
}
SAFE = {"manual": "未发生重大安全事故", "quote": "未发生重大安全事故", "source": "第三条"}


def pack(**changes: Any) -> Pack:
    """The zone's pack; `policies` may be replaced."""
    policies = {
        "rd": PolicyData(
            code="rd",
            title=Label("研发补助办法", "R&D support measures"),
            text=RD_TEXT,
            number="示范发〔2026〕1号",
            issuer="science",
            level="zone",
            issued=timezone.localdate().replace(day=1),
            themes=("rd",),
            items=(
                ItemData(
                    code="rd_grant",
                    name=Label("研发投入补助", "R&D grant"),
                    kind="support",
                    conditions=RD_CONDITIONS,
                    benefit=Benefit("补贴", "min(10% * rd_expense[-1], 50万)"),
                    allocation=AllocationRule(
                        budget=800_0000,
                        order=(OrderKey("highest", "rd_ratio[-1]"), OrderKey("lottery")),
                        last="cut",
                        quote="给予补助",
                        source="第二条",
                    ),
                    department="science",
                ),
                ItemData(
                    code="rd_safe",
                    name=Label("安全研发奖励", "Safe R&D award"),
                    kind="support",
                    conditions={"all": [RD_CONDITIONS["all"][0], SAFE]},
                    benefit=Benefit("奖励", "5万"),
                ),
                ItemData(
                    code="rd_over",
                    name=Label("已截止的补助", "Closed grant"),
                    kind="support",
                    conditions={"all": [RD_CONDITIONS["all"][0]]},
                    window=Window(date(2020, 1, 1), date(2020, 12, 31)),
                ),
            ),
        ),
        "sme": PolicyData(
            code="sme",
            title=Label("科技型中小企业认定", "Recognition of technology SMEs"),
            text=SME_TEXT,
            level="national",
            items=(
                ItemData(
                    code="tech_sme",
                    name=Label("科技型中小企业", "Technology SME"),
                    kind="recognition",
                    conditions={"all": ["age(established_on) >= 3", "rd_ratio[-1] >= 3%"]},
                    grants="tech_sme",
                    scores=(
                        Score(
                            "research",
                            Label("研发得分", "Research"),
                            "tier(rd_ratio[-1], >= 5%: 20, >= 3%: 10, else: 0)",
                        ),
                    ),
                ),
            ),
        ),
    }
    fields = (
        Field("营业收入(万元)", "money", variable="revenue", unit="万元", stored_unit="元"),
        Field("研发费用(万元)", "money", variable="rd_expense", unit="万元", stored_unit="元"),
    )
    datasets = {
        "finance": DatasetContract(
            code="finance",
            title=Label("财务年报", "Annual accounts"),
            owner="tax",
            kind="attributes",
            format=FileFormat("csv"),
            subject=Subject(Column("统一社会信用代码"), Column("企业名称")),
            period=Column("年度"),
            fields=fields,
        ),
        "rights": RIGHTS,
    }
    given: dict[str, Any] = {
        "code": "model",
        "title": Label("示范新区", "Model Zone"),
        "dictionary": DICTIONARY,
        "region": "zone",
        "organisations": {
            "science": Organisation("science", Label("科技局", "Science Office"), "department"),
            "tax": Organisation("tax", Label("税务局", "Tax Office"), "department"),
        },
        "datasets": datasets,
        "policies": policies,
        "targets": {
            "T1": TargetData("T1", "一", Label("科技型中小企业", "Technology SMEs"), 2030, Decimal(10), "家",
                             {"count": 'holds("tech_sme")'}),
            "T2": TargetData("T2", "一", Label("研发强度", "R&D intensity"), 2030, Decimal(5), "%",
                             {"ratio": ["rd_expense[-1]", "revenue[-1]"]}, Decimal("0.01")),
            "T3": TargetData("T3", "二", Label("新增基金", "New funds"), 2030, Decimal(200), "亿元"),
        },
        "version": "1",
    } | changes  # fmt: skip
    return Pack(**given)


#: name → facts. What each gets is said in EXPECTED.
ENTERPRISES: dict[str, dict[str, Any]] = {
    "甲科技有限公司": {
        "registration_region": "east",
        "revenue": {YEAR: 1000_0000},
        "rd_expense": {YEAR: 100_0000},
        "established_on": date(2015, 5, 1),
        "designations": frozenset(),
    },
    "乙制造有限公司": {
        "registration_region": "west",
        "revenue": {YEAR: 1000_0000},
        "rd_expense": {YEAR: 40_0000},
        "established_on": date(2015, 5, 1),
        "designations": frozenset({"tech_sme"}),
    },
    "丙贸易有限公司": {
        "registration_region": "far",
        "revenue": {YEAR: 1_0000},
        "rd_expense": {YEAR: 0},
        "established_on": date(YEAR, 5, 1),
    },
    "丁服务有限公司": {"registration_region": "east", "revenue": {YEAR: 500_0000}},
}
EXPECTED = {
    "rd_grant": ["entitled", "near", "not", "unknown"],
    "rd_safe": ["ready", "ready", "near", "ready"],
    "rd_over": ["entitled", "entitled", "near", "entitled"],
    "tech_sme": ["entitled", "entitled", "not", "unknown"],
}
CODES = ["91610131MA6TXXXX01", "91610131MA6TXXXX02", "91610131MA6TXXXX03", None]


def enterprise(name: str, facts: dict[str, Any], credit_code: str | None = None) -> Party:
    """An enterprise with facts, as if they had been delivered."""
    party = Party.objects.create(kind=PartyKind.ENTERPRISE, name=name, credit_code=credit_code)
    PartyName.objects.create(party=party, name=name, key=name_key(name), kind=PartyName.Kind.CURRENT)
    set_facts(party, facts)
    return party


def set_facts(party: Party, facts: dict[str, Any]) -> None:
    """Puts facts in place of what was known of these variables."""
    Fact.objects.filter(party=party, variable__in=facts).delete()
    rows = []
    for code, value in facts.items():
        for year, each in (value if isinstance(value, dict) else {0: value}).items():
            number, text = value_fields(Decimal(each) if isinstance(each, int) and not isinstance(each, bool) else each)
            rows.append(
                Fact(party=party, variable=code, year=year, number=number, text=text, recorded_at=timezone.now())
            )
    Fact.objects.bulk_create(rows)


def load(given: Pack | None = None) -> None:
    """The pack into the database, as `innozone up` does."""
    from innozone.foundation.facts import dictionary
    from innozone.wings.policies import packs as policy_packs
    from innozone.wings.supervision import packs as target_packs

    given = given or pack()
    dictionary.forget()
    fact_packs.load(given)
    policy_packs.load(given)
    target_packs.load(given)


def populate() -> list[Party]:
    """The four enterprises."""
    return [enterprise(name, facts, code) for (name, facts), code in zip(ENTERPRISES.items(), CODES, strict=True)]
