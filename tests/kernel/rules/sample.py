"""A small dictionary, and hypothesis strategies for facts and rules over it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from innozone.kernel.rules import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Subject, Test, parse
from innozone.kernel.rules.tree import (
    And,
    Arith,
    Call,
    Compare,
    Day,
    Expr,
    Flag,
    Has,
    In,
    Least,
    Marginal,
    Neg,
    Not,
    Number,
    Or,
    Records,
    Ref,
    Text,
    Tier,
    Today,
    Within,
    Years,
    walk,
)
from innozone.kernel.rules.tree import Bracket as TierBracket
from innozone.kernel.terms import UNKNOWN, Code, CodeList, Dictionary, Label, RecordType, Variable

AS_OF = date(2026, 6, 30)


def codes(code: str, *entries: tuple[str, str, str, str | None]) -> CodeList:
    listed = tuple(Code(own, Label(zh, en), parent) for own, zh, en, parent in entries)
    return CodeList(code, Label(code, code), listed)


REGIONS = codes(
    "regions",
    ("610000", "陕西省", "Shaanxi", None),
    ("610100", "西安市", "Xi'an", "610000"),
    ("xixian", "西咸新区", "Xixian New Area", "610000"),
    ("fengdong", "沣东新城", "Fengdong", "xixian"),
    ("620000", "甘肃省", "Gansu", None),
)
INDUSTRIES = codes(
    "industries",
    ("C", "制造业", "Manufacturing", None),
    ("39", "计算机、通信和其他电子设备制造业", "Electronics", "C"),
    ("I", "信息传输、软件和信息技术服务业", "Information services", None),
    ("65", "软件和信息技术服务业", "Software", "I"),
)
DESIGNATIONS = codes(
    "designations",
    ("tech_sme", "科技型中小企业", "Technology SME", None),
    ("high_tech_enterprise", "高新技术企业", "High-tech enterprise", None),
    ("little_giant", "专精特新“小巨人”", "Little giant", "specialised"),
    ("specialised", "专精特新中小企业", "Specialised SME", None),
)
SCALES = codes("scales", ("large", "大型", "Large", None), ("small", "小型", "Small", None))


def _variable(code: str, zh: str, en: str, type: Any, unit: str = "", period: Any = "none", **more: Any) -> Variable:
    return Variable(code, Label(zh, en), type, unit, period, **more)


VARIABLES = (
    _variable("revenue", "营业收入", "Revenue", "money", "元", "year"),
    _variable("rd_expense", "研发费用", "R&D expense", "money", "元", "year"),
    _variable("net_profit", "净利润", "Net profit", "money", "元", "year"),
    _variable("staff_total", "职工总数", "Staff", "integer", "人", "year", minimum=0),
    _variable("rd_ratio", "研发费用占比", "R&D ratio", "ratio", "", "year", formula="rd_expense / revenue"),
    _variable("revenue_growth", "营业收入增长率", "Growth", "ratio", "", "year", formula="revenue / revenue[-1] - 1"),
    _variable("registered_capital", "注册资本", "Registered capital", "money", "元"),
    _variable("score", "评价得分", "Score", "number", "分"),
    _variable("established_on", "成立日期", "Date of establishment", "date"),
    _variable("legal_person", "独立法人资格", "Independent legal person", "bool"),
    _variable("abnormal_list", "列入经营异常名录", "On the list of abnormal operation", "bool"),
    _variable("region", "注册地", "Region of registration", "code", codelist="regions"),
    _variable("operating_region", "经营地", "Region of operation", "code", codelist="regions"),
    _variable("industry", "所属行业", "Industry", "code", codelist="industries"),
    _variable("designations", "资质", "Designations", "codes", codelist="designations"),
    _variable("designations_ever", "曾获资质", "Designations ever held", "codes", codelist="designations"),
    _variable("name", "企业名称", "Name", "text"),
    _variable(
        "scale", "企业规模", "Size", "code", codelist="scales",
        formula='if(staff_total[-1] >= 1000 and revenue[-1] >= 4亿, "large", "small")',
    ),
)  # fmt: skip

IP_KINDS = codes(
    "ip_kinds",
    ("invention_patent", "发明专利", "Invention patent", None),
    ("utility_model", "实用新型", "Utility model", None),
)
IP = RecordType(
    "ip",
    Label("知识产权", "Rights"),
    (
        _variable("kind", "类型", "Kind", "code", codelist="ip_kinds"),
        _variable("granted_on", "授权日", "Granted on", "date"),
        _variable("in_force", "有效", "In force", "bool"),
        _variable("value", "评估价值", "Value", "money", "元"),
    ),
)

DICTIONARY = Dictionary(
    {variable.code: variable for variable in VARIABLES},
    {each.code: each for each in (REGIONS, INDUSTRIES, DESIGNATIONS, SCALES, IP_KINDS)},
    {"ip": IP},
)


def subject(**facts: Any) -> Subject:
    """A subject from plain values; a dict is by year, anything else stands for variables without period.

    `ip` is a list of records, each with its known fields.
    """
    records = {"ip": [_record(each) for each in facts.pop("ip")]} if "ip" in facts else {}
    values: dict[str, dict[int | None, Any]] = {}
    for name, value in facts.items():
        by_year = value if isinstance(value, dict) else {None: value}
        values[name] = {year: _fact(each) for year, each in by_year.items()}
    return Subject(DICTIONARY, values, AS_OF, records)


def _record(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _fact(value) for name, value in fields.items()}


def _fact(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(str(value))


def condition(text: str) -> Condition:
    return Test(parse(text))


# Facts. Few values per variable, so that limits are hit exactly and small subsets can be tried exhaustively.

YEARS = (2023, 2024, 2025, 2026)
CHOICES: dict[str, tuple[Any, ...]] = {
    "revenue": (Decimal(0), Decimal(40_000_000), Decimal(100_000_000), Decimal("123456.78")),
    "rd_expense": (Decimal(0), Decimal(2_000_000), Decimal(5_000_000)),
    "net_profit": (Decimal(-1_000_000), Decimal(0), Decimal(1_200_000)),
    "staff_total": (Decimal(0), Decimal(20), Decimal(300)),
    "registered_capital": (Decimal(1_000_000), Decimal(5_000_000)),
    "score": (Decimal("59.5"), Decimal(60), Decimal(71)),
    "established_on": (date(2020, 2, 29), date(2023, 6, 30), date(2023, 7, 1), date(2026, 1, 31)),
    "legal_person": (True, False),
    "abnormal_list": (True, False),
    "region": ("610000", "610100", "xixian", "fengdong", "620000"),
    "operating_region": ("610100", "fengdong"),
    "industry": ("C", "39", "65"),
    "designations": (
        frozenset(),
        frozenset({"tech_sme"}),
        frozenset({"little_giant", "tech_sme"}),
        frozenset({"high_tech_enterprise"}),
    ),
    "name": ("秦创原科技", "沣东材料"),
    "rd_ratio": (Decimal("0.05"), Decimal("0.031")),
}


def keys() -> list[tuple[str, int | None]]:
    """Every fact that can be known."""
    found: list[tuple[str, int | None]] = []
    for name in CHOICES:
        found += [(name, year) for year in YEARS] if DICTIONARY[name].period == "year" else [(name, None)]
    return found


def facts(unknown: float = 0.3) -> st.SearchStrategy[dict[str, dict[int | None, Any]]]:
    """Facts of one subject; each is left out now and then, stated ratios mostly."""

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, dict[int | None, Any]]:
        made: dict[str, dict[int | None, Any]] = {}
        for name, year in keys():
            gaps = 0.8 if name == "rd_ratio" else unknown
            if draw(st.floats(0, 1)) >= gaps:
                made.setdefault(name, {})[year] = draw(st.sampled_from(CHOICES[name]))
        return made

    return build()


_FIELDS: dict[str, tuple[Any, ...]] = {
    "kind": ("invention_patent", "utility_model"),
    "granted_on": (date(2020, 6, 30), date(2021, 7, 1), date(2025, 1, 1)),
    "in_force": (True, False),
    "value": (Decimal(0), Decimal(100_000), Decimal("333333.33")),
}


def records(unknown: float = 0.2) -> st.SearchStrategy[list[dict[str, Any]] | None]:
    """The `ip` records of one subject: up to three with some fields left out; None = nobody knows."""

    @st.composite
    def one(draw: st.DrawFn) -> dict[str, Any]:
        return {name: draw(st.sampled_from(c)) for name, c in _FIELDS.items() if draw(st.floats(0, 1)) >= unknown}

    return st.none() | st.lists(one(), max_size=3) | st.lists(one(), max_size=3) | st.lists(one(), max_size=3)


def known(values: dict[str, dict[int | None, Any]], name: str, year: int | None) -> bool:
    return values.get(name, {}).get(year, UNKNOWN) is not UNKNOWN


# Rules.

_INDICES = st.sampled_from((-2, -1, 0, 2025))
_OPS = st.sampled_from((">=", ">", "<=", "<", "==", "!="))


def _number(text: str, mark: str = "") -> Number:
    return Number(Decimal(text), mark)


_MONEY = st.builds(Ref, st.sampled_from(("revenue", "rd_expense", "net_profit")), _INDICES)
_AMOUNTS = st.sampled_from(("0", "2000000", "40000000", "100000000", "123456.78")).map(_number)
_SHARES = st.sampled_from(("0.05", "0.02", "0.031", "0.5", "0")).map(lambda text: _number(text, "%"))
_RATIO = st.builds(Ref, st.sampled_from(("rd_ratio", "revenue_growth")), _INDICES)
_SPAN = st.sampled_from(((-3, -1), (-2, -1), (-1, 0)))


def _years(name: str) -> st.SearchStrategy[Expr]:
    return _SPAN.map(lambda span: Years(name, *span))


def _money(deep: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(lambda op, a, b: Arith(op, a, b), st.sampled_from("+-"), deep, deep),
        st.builds(lambda a, b: Arith("*", a, b), _SHARES, deep),
        st.builds(lambda name, a, b: Call(name, (a, b)), st.sampled_from(("min", "max", "sum")), deep, deep),
        st.builds(lambda name, a: Call(name, (a,)), st.sampled_from(("sum", "mean", "max")), _years("revenue")),
        st.builds(Neg, deep),
        st.builds(lambda a: Call("round", (a, _number("1"))), deep),
        st.builds(
            lambda x, a, b: Tier(x, (TierBracket(">=", _number("0.05", "%"), a), TierBracket(">", _number("0"), b)), _number("7")),
            _RATIO, deep, deep,
        ),
        st.builds(
            lambda x, a, b: Marginal(
                x, (TierBracket("<=", _number("2000000"), a), TierBracket("<=", _number("40000000"), b)), _number("0.02", "%")
            ),
            deep, _SHARES, _SHARES,
        ),
    )  # fmt: skip


MONEY = st.recursive(_MONEY | _AMOUNTS, _money, max_leaves=3)
RATIO = st.one_of(
    _RATIO,
    st.builds(lambda a, b: Arith("/", a, b), MONEY, _MONEY),
    st.builds(lambda a: Call("growth", (a,)), _MONEY),
    _SPAN.map(lambda span: Call("cagr", (Years("revenue", *span),))),
    _SPAN.map(lambda span: Call("mean", (Call("growth", (Years("revenue", *span),)),))),
)

_DATED = Ref("established_on")
_ATOMS = st.one_of(
    st.builds(Compare, _OPS, MONEY, _AMOUNTS | _MONEY),
    st.builds(Compare, _OPS, _AMOUNTS, MONEY),
    st.builds(Compare, _OPS, RATIO, _SHARES),
    st.builds(Compare, _OPS, st.builds(Ref, st.just("staff_total"), _INDICES), st.sampled_from(("0", "20", "300")).map(_number)),
    st.builds(Compare, _OPS, st.just(Ref("score")), st.sampled_from(("59.5", "60", "71")).map(_number)),
    st.builds(
        lambda name, op, limit: Compare(op, Call(name, (_DATED,)), limit),
        st.sampled_from(("age", "months_since", "days_since")), _OPS,
        st.sampled_from(("3", "5", "36", "1096", "6")).map(_number),
    ),
    st.builds(Compare, _OPS, st.just(_DATED), st.sampled_from((Day(date(2023, 6, 30)), Today(), Today(-1), Today(2022)))),
    st.sampled_from((Ref("legal_person"), Ref("abnormal_list"), Flag(True), Flag(False))),
    st.builds(
        lambda op, flag: Compare(op, Ref("legal_person"), Flag(flag)), st.sampled_from(("==", "!=")), st.booleans()
    ),
    st.builds(
        lambda roots: Within(Ref("region"), tuple(roots)),
        st.lists(st.sampled_from(("610000", "xixian", "620000", "fengdong")), min_size=1, max_size=2, unique=True),
    ),
    st.builds(lambda root: Within(Ref("scale"), (root,)), st.sampled_from(("large", "small"))),
    st.builds(
        lambda values: In(Ref("industry"), tuple(Text(value) for value in values)),
        st.lists(st.sampled_from(("C", "39", "65")), min_size=1, max_size=2, unique=True),
    ),
    st.builds(lambda op, code: Compare(op, Ref("region"), Text(code)), st.sampled_from(("==", "!=")), st.sampled_from(("xixian", "610000"))),
    st.builds(lambda op: Compare(op, Ref("region"), Ref("operating_region")), st.sampled_from(("==", "!="))),
    st.builds(lambda op, code: Compare(op, Ref("scale"), Text(code)), st.sampled_from(("==", "!=")), st.sampled_from(("large", "small"))),
    st.builds(lambda op: Compare(op, Ref("name"), Text("秦创原科技")), st.sampled_from(("==", "!="))),
    st.builds(
        lambda roots: Has(Ref("designations"), tuple(roots)),
        st.lists(st.sampled_from(("tech_sme", "specialised", "little_giant")), min_size=1, max_size=2, unique=True),
    ),
    st.builds(
        lambda name, op, share, span: Call(name, (Compare(op, Years("rd_ratio", *span), share),)),
        st.sampled_from(("each", "some")), _OPS, _SHARES, _SPAN,
    ),
)  # fmt: skip

#: Constructs that look at whether a fact is known: they are meant to change when a fact comes in.
_PEEKING = st.one_of(
    st.builds(lambda a: Call("known", (a,)), MONEY | RATIO | st.sampled_from((Ref("region"), Ref("designations")))),
    st.builds(lambda op, a, b: Compare(op, Call("coalesce", (a, b)), _number("2000000")), _OPS, MONEY, _AMOUNTS),
)


#: Parts of a filter over `ip`, the filters, and conditions over what they let through.
_IN_RECORD = st.one_of(
    st.builds(lambda op, code: Compare(op, Ref("kind"), Text(code)), st.sampled_from(("==", "!=")), st.sampled_from(("invention_patent", "utility_model"))),
    st.builds(lambda op, limit: Compare(op, Call("age", (Ref("granted_on"),)), limit), _OPS, st.sampled_from(("5", "6", "1")).map(_number)),
    st.just(Ref("in_force")),
    st.builds(lambda op, limit: Compare(op, Ref("value"), limit), _OPS, st.sampled_from(("0", "100000")).map(_number)),
    st.just(Within(Ref("kind"), ("invention_patent",))),
)  # fmt: skip
_FILTER = st.one_of(
    st.just(Flag(True)),
    _IN_RECORD,
    st.builds(Not, _IN_RECORD),
    st.lists(_IN_RECORD, min_size=2, max_size=3).map(lambda items: And(tuple(items))),
    st.lists(_IN_RECORD, min_size=2, max_size=3).map(lambda items: Or(tuple(items))),
)
_COUNT = st.builds(lambda where: Records("count", "ip", "", where), _FILTER)
OVER_RECORDS = st.one_of(
    st.builds(Compare, _OPS, _COUNT, st.sampled_from(("0", "1", "2")).map(_number)),
    st.builds(Compare, _OPS, st.just(_number("1")), _COUNT),
    st.builds(Compare, _OPS, _COUNT, _COUNT),
    st.builds(lambda op, a: Compare(op, Arith("*", a, _number("2")), _number("2")), _OPS, _COUNT),
    st.builds(
        lambda op, name, where, limit: Compare(op, Records(name, "ip", "value", where), limit),
        _OPS, st.sampled_from(("sum", "min", "max")), _FILTER, st.sampled_from(("0", "100000", "433333.33")).map(_number),
    ),
)  # fmt: skip


def _logic(deep: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    some = st.lists(deep, min_size=2, max_size=3)
    return st.one_of(
        some.map(lambda items: And(_flat(And, items))),
        some.map(lambda items: Or(_flat(Or, items))),
        some.flatmap(lambda items: st.integers(1, len(items)).map(lambda n: Least(n, tuple(items)))),
        st.builds(Not, deep),
        st.builds(lambda c, a, b: Call("if", (c, a, b)), deep, deep, deep),
        st.builds(
            lambda c, a, b, op, limit: Compare(op, Call("if", (c, a, b)), limit), deep, MONEY, MONEY, _OPS, _AMOUNTS
        ),
    )


def _flat(kind: Any, items: list[Expr]) -> tuple[Expr, ...]:
    return tuple(part for item in items for part in (item.items if isinstance(item, kind) else (item,)))


def expressions(peeking: bool = False) -> st.SearchStrategy[Expr]:
    """True-or-false expressions; without `peeking` only such as can never change when an unknown fact comes in."""
    return st.recursive(_ATOMS | _PEEKING if peeking else _ATOMS, _logic, max_leaves=4)


def conditions(peeking: bool = False, manual: bool = True) -> st.SearchStrategy[Condition]:
    """Condition trees over expressions(), here and there a part that speaks of one quantity again and again."""
    leaves: st.SearchStrategy[Condition] = st.builds(Test, expressions(peeking))
    if manual:
        leaves = leaves | leaves | leaves | st.just(Manual("由专家判断"))
    plain, tangle = _trees(leaves), tangled()
    both = st.tuples(plain, tangle)
    return st.one_of(plain, plain, tangle, st.builds(AllOf, both), st.builds(AnyOf, both))


def _trees(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def deeper(deep: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        some = st.lists(deep, min_size=1, max_size=4).map(tuple)
        return st.one_of(
            st.builds(AllOf, some),
            st.builds(AnyOf, some),
            st.builds(Negation, deep),
            some.flatmap(lambda nodes: st.integers(1, len(nodes)).map(lambda n: AtLeast(n, nodes))),
        )

    return st.recursive(leaves, deeper, max_leaves=5)


# Rules in which one quantity stands again and again: what they say of it together is often settled before it is known.


def _numbers(*texts: str) -> st.SearchStrategy[Expr]:
    return st.sampled_from(texts).map(_number)


_LAST_REVENUE = Ref("revenue", -1)
TANGLES: tuple[st.SearchStrategy[Expr], ...] = (
    st.builds(Compare, _OPS, st.just(Ref("score")), _numbers("59.5", "60", "71")),
    st.builds(Compare, _OPS, _numbers("40000000", "100000000"), st.just(_LAST_REVENUE)),
    st.builds(Compare, _OPS, st.just(Call("age", (_DATED,))), _numbers("3", "5")),
    st.builds(Compare, _OPS, st.just(_DATED), st.sampled_from((date(2023, 6, 30), date(2023, 7, 2))).map(Day)),
    st.just(Ref("legal_person"))
    | st.builds(lambda op, flag: Compare(op, Ref("legal_person"), Flag(flag)), st.sampled_from(("==", "!=")), st.booleans()),
    st.builds(lambda root: Within(Ref("region"), (root,)), st.sampled_from(("610000", "xixian", "620000", "610100")))
    | st.builds(lambda op, code: Compare(op, Ref("region"), Text(code)), st.sampled_from(("==", "!=")), st.sampled_from(("xixian", "620000"))),
    st.builds(lambda op, name: Compare(op, Ref("name"), Text(name)), st.sampled_from(("==", "!=")), st.sampled_from(CHOICES["name"]))
    | st.just(In(Ref("name"), tuple(Text(name) for name in CHOICES["name"]))),
    st.just(Has(Ref("designations"), ("tech_sme",))),
)  # fmt: skip


#: Comparisons no two of which read the same fact.
DISTINCT: tuple[st.SearchStrategy[Expr], ...] = (
    *TANGLES[:2],
    *TANGLES[3:],
    st.builds(Compare, _OPS, st.just(Ref("net_profit", 2025)), _numbers("0", "5") | st.just(Ref("net_profit", -2))),
    st.builds(Compare, _OPS, st.just(Ref("staff_total", 0)), _numbers("20")),
    st.just(Ref("abnormal_list")),
    st.builds(lambda root: Within(Ref("industry"), (root,)), st.sampled_from(("C", "65"))),
    st.builds(lambda root: Within(Ref("operating_region"), (root,)), st.sampled_from(("xixian", "620000"))),
)


def _joined(deep: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    some = st.lists(deep, min_size=2, max_size=3)
    return st.one_of(
        some.map(lambda items: And(_flat(And, items))),
        some.map(lambda items: Or(_flat(Or, items))),
        some.flatmap(lambda items: st.integers(1, len(items)).map(lambda n: Least(n, tuple(items)))),
        st.builds(Not, deep),
    )


def tangled(*quantities: st.SearchStrategy[Expr]) -> st.SearchStrategy[Condition]:
    """Conditions over one quantity of TANGLES, or over all the given ones."""
    if not quantities:
        return st.one_of([tangled(atoms) for atoms in TANGLES])
    return _trees(st.builds(Test, st.recursive(st.one_of(*quantities), _joined, max_leaves=3)))


# Rules that mean nothing: kinds that do not fit, names that do not exist, years too many or missing. No author gets them
# past the check; whoever holds them anyway must not get a verdict out of a mistake.

_NAMES = st.sampled_from((*DICTIONARY.variables, "nonsense", "need.area"))
_INDEX = st.sampled_from((None, None, -1, 0, 3, 2024, -999, 10**20))
_SPREAD = st.builds(lambda name, span: Years(name, *span), _NAMES, _SPAN)
_CODES = st.lists(st.sampled_from(("xixian", "65", "tech_sme", "no code", "")), min_size=1, max_size=2).map(tuple)
_SCRAPS = st.one_of(
    st.builds(Ref, _NAMES, _INDEX),
    st.sampled_from(("0", "1", "5", "99999999999999999999", "0.0000000001")).map(_number),
    st.sampled_from(("xixian", "", "O'Neil", "2026-01-01")).map(Text),
    st.sampled_from((Flag(True), Flag(False), Today(), Day(date(1, 1, 1)), Day(date(9999, 12, 31)))),
)


def _mixed(deep: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    some = st.lists(deep, min_size=2, max_size=3).map(tuple)
    limits = (_number("1"), _number("2"))
    return st.one_of(
        st.builds(Neg, deep),
        st.builds(Arith, st.sampled_from("+-*/"), deep, deep),
        st.builds(Compare, _OPS, deep, deep),
        st.builds(lambda a, values: In(a, tuple(Text(code) for code in values)), deep, _CODES),
        st.builds(Within, deep, _CODES),
        st.builds(Has, deep, _CODES),
        some.map(lambda items: And(_flat(And, list(items)))),
        some.map(lambda items: Or(_flat(Or, list(items)))),
        some.flatmap(lambda items: st.integers(1, len(items)).map(lambda n: Least(n, items))),
        st.builds(Not, deep),
        st.builds(lambda name, a: Call(name, (a,)), st.sampled_from(("age", "months_since", "days_since", "known", "round")), deep),
        st.builds(Call, st.sampled_from(("min", "max", "sum", "mean", "coalesce")), some),
        st.builds(lambda a, b, c: Call("if", (a, b, c)), deep, deep, deep),
        st.builds(lambda name, years: Call(name, (years,)), st.sampled_from(("sum", "mean", "min", "max", "cagr")), _SPREAD),
        st.builds(lambda name, years, op, a: Call(name, (Compare(op, years, a),)), st.sampled_from(("each", "some")), _SPREAD, _OPS, deep),
        st.builds(lambda name, index: Call("growth", (Ref(name, index),)), _NAMES, _INDEX),
        st.builds(lambda x, ops, a, b, c: Tier(x, tuple(TierBracket(op, a, b) for op in ops), c), deep, st.lists(_OPS, min_size=1, max_size=2), deep, deep, st.none() | deep),
        st.builds(lambda x, a, b: Marginal(x, tuple(TierBracket("<=", limit, a) for limit in limits), b), deep, deep, deep),
        st.builds(lambda a: Records("count", "ip", "", a), deep.filter(lambda each: not any(isinstance(node, Records) for node in walk(each)))),
        st.builds(lambda name, record, field: Records(name, record, field, Flag(True)), st.sampled_from(("sum", "min", "max")), st.sampled_from(("ip", "patents")), st.sampled_from(("value", "kind", "nothing"))),
    )  # fmt: skip


NONSENSE: st.SearchStrategy[Expr] = st.recursive(_SCRAPS, _mixed, max_leaves=6)


def days(first: date, last: date) -> st.SearchStrategy[date]:
    return st.integers(0, (last - first).days).map(lambda step: first + timedelta(days=step))
