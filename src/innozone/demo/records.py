"""What is on record of the invented enterprises: rights, money raised, bids, penalties and lists.

Numbers of rights, certificates and notices are made outside the ranges that are given out, so that none is a real one's.
Every table has a column `firm` (row of the population); the others are record fields of the dataset contracts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from innozone.demo.names import Texts, brands, join, pick, stream, text
from innozone.demo.population import Days, Flags, Numbers, Population, Whole, money
from innozone.demo.sectors import SECTORS

Table = dict[str, npt.NDArray[Any]]

_NONE = np.datetime64("NaT", "D")


def make_records(people: Population, seed: int) -> None:
    """Fills `people.records` for ip, financing, bids and credit (titles come after, they look at these)."""
    makers: dict[str, Callable[[Population, np.random.Generator], Table]] = {
        "ip": _rights,
        "financing": _financing,
        "bids": _bids,
        "credit": _credit,
    }
    for name, make in makers.items():
        people.records[name] = make(people, stream(seed, name))


def days_back(people: Population, rng: np.random.Generator, firm: Whole, least: int = 3, most: float = 1e9) -> Days:
    """A day for each record, between the founding of its firm and `least` days before the reference day."""
    room = np.clip(people.age[firm] * 365.25 - 30.0, least + 1.0, most)
    back = least + (rng.random(len(firm)) * (room - least)).astype(np.int64)
    return np.datetime64(people.today, "D") - back


def serials(prefix: object, number: Whole, width: int) -> Texts:
    """Numbers of one width behind a prefix."""
    return join(prefix, text([f"{one:0{width}}" for one in number.tolist()]))


def _stacked(tables: list[Table]) -> Table:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def _rights(people: Population, rng: np.random.Generator) -> Table:
    firms = len(people)
    effort = np.log1p(people.age) * np.exp(0.65 * people.quality + 0.5 * rng.normal(size=firms))
    staff = np.nan_to_num(people.yearly["staff_total"][:, -1], nan=3.0)
    effort = effort * (staff / 25.0) ** 0.4
    patents, software = people.trait("patents") * effort, people.trait("software") * effort
    is_field = {name: text(people.trait("code")) == name for name in ("chips", "biomedicine")}
    means: dict[str, Numbers] = {
        "invention_patent": 0.65 * patents,
        "utility_model": 1.1 * patents,
        "design_patent": 0.15 * patents,
        "software_copyright": 1.0 * software,
        "trademark": 0.2 * effort,
        "ic_layout": 0.5 * effort * is_field["chips"],
        "new_drug": 0.015 * effort * is_field["biomedicine"],
        "tcm_protection": 0.006 * effort * is_field["biomedicine"],
    }
    tables = [_rights_of_kind(people, rng, kind, rng.poisson(np.minimum(mean, 60.0))) for kind, mean in means.items()]
    return _stacked(tables)


def _rights_of_kind(people: Population, rng: np.random.Generator, kind: str, counts: Whole) -> Table:
    firm = np.repeat(np.arange(len(people)), counts)
    size = len(firm)
    status = pick(rng, ["in_force", "pending", "lapsed", "refused"], size, [84, 7, 7, 2])
    if kind in {"software_copyright", "trademark", "ic_layout"}:
        status = np.where(status == "refused", "in_force", status)
    acquisition = pick(rng, ["own", "assigned", "donated", "merged"], size, [86, 12, 0.6, 1.4])
    event = days_back(people, rng, firm)
    granted = np.where((status == "in_force") | (status == "lapsed"), event, _NONE)
    wait = {"invention_patent": 800, "utility_model": 230, "design_patent": 180}.get(kind, 120)
    applied = np.where(status == "pending", event, event - (wait * rng.uniform(0.6, 1.5, size)).astype(np.int64))
    life = {"invention_patent": 20, "utility_model": 10, "design_patent": 15, "software_copyright": 50}.get(kind, 10)
    expires = np.where(np.isnat(granted), _NONE, applied + int(life * 365.25))
    expired = ~np.isnat(expires) & (expires <= np.datetime64(people.today, "D"))
    status = np.where(expired, "lapsed", status)
    # The owner of a purchased right had it before the firm was there; a right that ended did so before today.
    goods = text(np.zeros(size, dtype="<U12"))
    for number, entry in enumerate(SECTORS):
        rows = people.sector[firm] == number
        goods[rows] = pick(rng, entry.goods, int(rows.sum()))
    ending = (
        "系统V"
        if kind == "software_copyright"
        else pick(rng, ["及其制备方法", "检测装置", "控制方法", "结构", "及系统"], size)
    )
    title = (
        join("一种", goods, ending)
        if kind != "software_copyright"
        else join(goods, "软件V", rng.integers(1, 6, size).astype(np.str_), ".0")
    )
    if kind == "trademark":
        title = people.brand[firm]
    graded = kind in {"invention_patent", "ic_layout", "new_drug"}
    return {
        "firm": firm,
        "number": _right_numbers(kind, applied, rng.permutation(size).astype(np.int64)),
        "kind": text(np.full(size, kind)),
        "title": title,
        "applied_on": applied,
        "granted_on": granted,
        "expires_on": expires,
        "status": status,
        "acquisition": acquisition,
        "grade": np.where((rng.random(size) < 0.28) & graded, "high_value", "ordinary"),
        "use": pick(rng, ["main_product", "other_product", "unused", "pledged"], size, [60, 22, 14, 4]),
        "inventors": 1.0 + rng.poisson(2.4, size),
    }  # fmt: skip


def _right_numbers(kind: str, applied: Days, serial: Whole) -> Texts:
    """Numbers as the offices write them, with serials from 9,000,000 on, which no year has reached."""
    year = (applied.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.str_)
    letter = {"invention_patent": "1", "utility_model": "2", "design_patent": "3"}.get(kind)
    if letter:
        digits = join(year, letter, (9_000_000 + serial % 1_000_000).astype(np.str_))
        # Serials of a million run over into the next; years differ, so the pair stays unique up to that size.
        weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
        figures = np.array([list(number) for number in digits], dtype="<U1").astype(np.int64).reshape(len(digits), 12)
        check = (figures * weights).sum(axis=1) % 11
        return join("ZL", digits, ".", text(list("0123456789X"))[check])
    prefix = {"software_copyright": "SR", "trademark": "TM", "ic_layout": "BS"}.get(kind, kind[:2].upper())
    return serials(join(year, prefix), 90_000_000 + serial, 8)


_ROUNDS = ("seed", "angel", "pre_a", "series_a", "series_b", "series_c", "series_d", "pre_ipo")
_ROUND_SIZE = np.array([1.5e6, 4e6, 1.2e7, 3e7, 8e7, 2e8, 5e8, 9e8])


def _financing(people: Population, rng: np.random.Generator) -> Table:
    firms = len(people)
    technical: Flags = people.trait("technical").astype(bool)
    odds = 1.0 / (1.0 + np.exp(2.1 - 0.9 * people.quality))
    depth = np.where(
        technical & (rng.random(firms) < odds), 1 + rng.poisson(0.9 + 0.3 * np.maximum(people.quality, 0)), 0
    )
    depth = np.minimum(depth, 7) * (people.age > 0.2)
    firm = np.repeat(np.arange(firms), depth)
    turn = np.arange(len(firm)) - np.repeat(np.cumsum(depth) - depth, depth)
    step = np.minimum(rng.integers(0, 3, firms)[firm] + turn, len(_ROUNDS) - 1)
    # Rounds of a firm follow each other: the last one is the nearest to today.
    room = np.minimum(people.age * 365.25 - 30.0, 7 * 365.0).clip(20.0)[firm]
    behind = np.repeat(depth, depth) - turn - rng.random(len(firm))
    closed = np.datetime64(people.today, "D") - np.maximum(room * behind / np.repeat(depth, depth), 5).astype(np.int64)
    amount = money(_ROUND_SIZE[step] * np.exp(0.7 * rng.normal(size=len(firm))) / 100) * 100
    investor = pick(rng, ["qualified_institution", "industrial", "individual"], len(firm), [70, 20, 10])
    endings = {"qualified_institution": "创业投资", "industrial": "产业投资", "individual": "（个人）"}
    own = brands(rng, len(firm))
    equity: Table = {
        "firm": firm,
        "kind": text(np.full(len(firm), "equity")),
        "round": text(_ROUNDS)[step],
        "amount": amount,
        "valuation": money(amount / rng.uniform(0.08, 0.22, len(firm)) / 100) * 100,
        "investor_kind": investor,
        "investor": join(own, text([endings[str(kind)] for kind in investor]) if len(firm) else text([])),
        "closed_on": closed,
    }
    loans = np.nan_to_num(people.yearly["loan_balance"][:, -1])
    borrower = np.flatnonzero((loans > 1e5) & (rng.random(firms) < 0.75))
    borrowed = pick(
        rng, ["bank_loan", "ip_pledge_loan", "credit_loan", "bond", "lease"], len(borrower), [62, 13, 17, 1, 7]
    )
    debt: Table = {
        "firm": borrower,
        "kind": text(np.full(len(borrower), "debt")),
        "round": borrowed,
        "amount": money(loans[borrower] * rng.uniform(0.2, 0.9, len(borrower)) / 100) * 100,
        "valuation": np.full(len(borrower), np.nan),
        "investor_kind": text(np.full(len(borrower), "lender")),
        "investor": pick(rng, ["合作银行甲", "合作银行乙", "合作银行丙", "合作融资租赁机构"], len(borrower)),
        "closed_on": days_back(people, rng, borrower, most=800.0),
    }
    table = _stacked([equity, debt])
    table["event"] = serials("FE-DEMO-", rng.permutation(len(table["firm"])).astype(np.int64), 7)
    return table


def _bids(people: Population, rng: np.random.Generator) -> Table:
    firms = len(people)
    active = rng.random(firms) < np.where(people.trait("technical").astype(bool), 0.26, 0.14)
    counts = np.where(active, 1 + rng.poisson(1.6, firms), 0)
    firm = np.repeat(np.arange(firms), counts)
    size = len(firm)
    revenue = np.nan_to_num(people.yearly["revenue"][:, -1], nan=2e6)[firm].clip(1e6)
    result = pick(rng, ["won", "candidate", "lost", "void"], size, [58, 20, 20, 2])
    kind = pick(rng, ["government", "state_company", "private_company"], size, [45, 32, 23])
    named = {"government": "公共资源采购单位", "state_company": "国有采购单位", "private_company": "民营采购单位"}
    serial = rng.permutation(size).astype(np.int64)
    goods = text(np.zeros(size, dtype="<U12"))
    for number, entry in enumerate(SECTORS):
        rows = people.sector[firm] == number
        goods[rows] = pick(rng, entry.goods, int(rows.sum()))
    notice = serials("DEMO", serial, 8)
    return {
        "firm": firm,
        "notice": notice,
        "project": join(goods, pick(rng, ["采购项目", "技术服务项目", "改造项目", "集成项目"], size)),
        "result": result,
        "amount": np.where(result == "void", np.nan, money(revenue * rng.uniform(0.01, 0.25, size))),
        "buyer": join(
            text([named[str(entry)] for entry in kind]) if size else text([]),
            rng.integers(1, 400, size).astype(np.str_),
        ),
        "buyer_kind": kind,
        "decided_on": days_back(people, rng, firm, most=1500.0),
        "url": join("https://bids.example/", notice),
    }


# kind → share of firms on record, days for which a list entry is usually in force, mean amount in 元
_CREDIT: dict[str, tuple[float, int, float]] = {
    "warning": (0.030, 365, 0.0),
    "fine": (0.060, 1095, 2.4e4),
    "confiscation": (0.008, 1095, 5.0e4),
    "suspension": (0.003, 365, 0.0),
    "licence_revoked": (0.001, 1095, 0.0),
    "other_penalty": (0.010, 365, 3.0e3),
    "abnormal_list": (0.048, 420, 0.0),
    "serious_violation_list": (0.005, 1095, 0.0),
    "dishonest_debtor": (0.007, 730, 6.0e5),
    "env_red_card": (0.002, 365, 0.0),
    "tax_arrears": (0.014, 240, 8.0e4),
    "wage_arrears": (0.006, 180, 5.0e4),
    "safety_accident": (0.0025, 730, 2.0e5),
    "quality_accident": (0.0015, 730, 1.0e5),
    "env_breach": (0.0020, 730, 1.5e5),
    "research_misconduct": (0.0006, 1095, 0.0),
}
_CAUSES = {
    "abnormal_list": ("未按期公示年度报告", "通过登记的住所无法联系"),
    "fine": ("违反消防管理规定", "违反广告管理规定", "违反特种设备管理规定", "逾期申报"),
    "tax_arrears": ("逾期未缴税款",),
    "wage_arrears": ("逾期未足额支付工资",),
    "dishonest_debtor": ("有履行能力而未履行生效文书",),
}
_AUTHORITY = {
    "tax_arrears": "税务机关",
    "wage_arrears": "人力资源社会保障部门",
    "dishonest_debtor": "人民法院",
    "env_breach": "生态环境部门",
}


def _credit(people: Population, rng: np.random.Generator) -> Table:
    tables = []
    today = np.datetime64(people.today, "D")
    worse = np.exp(-0.35 * people.quality)
    for kind, (share, days, mean) in _CREDIT.items():
        firm = np.flatnonzero(rng.random(len(people)) < share * worse)
        firm = np.sort(np.concatenate([firm, firm[rng.random(len(firm)) < 0.08]]))
        size = len(firm)
        decided = days_back(people, rng, firm, most=1600.0)
        valid_to = decided + (days * rng.uniform(0.4, 1.8, size)).astype(np.int64)
        # Nobody knows yet when an entry that is still in force will be lifted.
        open_end = (valid_to > today) & (rng.random(size) < 0.7)
        tables.append(
            {
                "firm": firm,
                "kind": text(np.full(size, kind)),
                "decided_on": decided,
                "valid_to": np.where(open_end, _NONE, valid_to),
                "amount": np.round(mean * np.exp(0.8 * rng.normal(size=size))) if mean else np.full(size, np.nan),
                "cause": pick(rng, _CAUSES.get(kind, ("违反管理规定",)), size),
                "authority": text(np.full(size, _AUTHORITY.get(kind, "市场监督管理部门"))),
            }
        )
    table = _stacked(tables)
    table["number"] = serials("演示决字", rng.permutation(len(table["firm"])).astype(np.int64), 6)
    return table
