"""The invented enterprises: who they are, and year by year how they do.

Everything hangs together: size and quality of a firm are drawn once, and revenue, staff, R&D, rights, titles and money
raised follow from them, so that verdicts spread as they do in a real zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from innozone.demo.names import Texts, brands, credit_codes, join, persons, pick, stream, text
from innozone.demo.sectors import SECTORS
from innozone.kernel.packs import Pack
from innozone.kernel.terms import CodeList

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]

YEARS = 4  # calendar years of figures, the last of them the year before the reference day
SHARE_OUTSIDE = 0.04  # registered elsewhere in the city, at work in the zone
SHARE_SISTERS = 0.03  # share their 字号 with another firm
SHARE_RENAMED = 0.06
MONEY_STEP = 100.0  # 元: two decimals of 万元 say the value exactly


class UnsuitablePack(ValueError):
    """The pack lacks what the demonstration is made from; the message says what and where."""


@dataclass
class Population:
    """Firms by row. `quality` and `size` are normal scores. `values`: variable → array (n); `yearly`: variable → array (n, years). Unknown is NaN, NaT or "".

    bools are numbers 1 and 0; sets of codes are codes joined by ";".
    """

    today: date
    years: tuple[int, ...]
    code: Texts
    name: Texts
    former_name: Texts
    brand: Texts
    sector: Whole
    quality: Numbers
    size: Numbers
    age: Numbers
    values: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    yearly: dict[str, Numbers] = field(default_factory=dict)
    records: dict[str, dict[str, npt.NDArray[Any]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.code)

    def trait(self, name: str) -> npt.NDArray[Any]:
        """The figure of each firm's sector."""
        return np.array([getattr(sector, name) for sector in SECTORS])[self.sector]


def money(values: Numbers) -> Numbers:
    return np.round(values / MONEY_STEP) * MONEY_STEP


def codelist(pack: Pack, code: str) -> CodeList:
    found = pack.codelists.get(code)
    if found is None:
        raise UnsuitablePack(f"the demonstration needs the code list {code}, which the pack {pack.code} does not hold")
    return found


def make_firms(pack: Pack, firms: int, seed: int, today: date) -> Population:
    """`firms` enterprises with their registration. Raises UnsuitablePack for a pack without region or code lists."""
    rng = stream(seed, "firms")
    weights = [sector.weight for sector in SECTORS]
    sector = rng.choice(len(SECTORS), firms, p=np.array(weights) / sum(weights))
    age = np.minimum(rng.gamma(1.5, 4.2, firms), 28.0)
    founded = np.datetime64(today, "D") - np.maximum((age * 365.25).astype(np.int64), 5)
    region, inside, anchor, places = _regions(pack, rng, firms)
    kind = pick(
        rng,
        ["limited_company", "joint_stock_company", "state_company", "foreign_company", "partnership", "branch"],
        firms,
        [88, 6, 0.6, 2.4, 1.5, 1.5],
    )
    size = rng.normal(0.0, 1.0, firms)
    # Large firms turn into joint stock companies before they go to the market.
    kind[(size > 1.1) & (age > 3) & (rng.random(firms) < 0.4)] = "joint_stock_company"
    brand = brands(rng, firms)
    sisters = rng.random(firms) < SHARE_SISTERS
    brand[sisters] = brand[rng.integers(0, firms, int(sisters.sum()))]
    name = _names(rng, brand, sector, kind, places, anchor)
    others = brands(stream(seed, "former names"), firms)
    former = text([whole.replace(own, other) for whole, own, other in zip(name, brand, others, strict=True)])
    old = np.where((rng.random(firms) < SHARE_RENAMED) & (others != brand), former, "")
    number = rng.permutation(firms).astype(np.int64) + 31 * seed % 1_000_003
    people = Population(
        today=today,
        years=tuple(range(today.year - YEARS, today.year)),
        code=credit_codes(number, anchor),
        name=name,
        former_name=text(old),
        brand=brand,
        sector=sector,
        quality=rng.normal(0.0, 1.0, firms),
        size=size,
        age=(np.datetime64(today, "D") - founded).astype(np.int64) / 365.25,
    )
    people.values.update(
        enterprise_name=name,
        established_on=founded,
        registration_region=region,
        operating_region=inside,
        tax_region=region,
        entity_type=kind,
        registration_status=pick(
            rng, ["active", "revoked", "deregistered", "moved_out", "closed_down"], firms, [95.4, 0.8, 1.6, 1.2, 1.0]
        ),
        legal_representative=persons(rng, firms),
    )
    _industry(pack, people, rng)
    _address(pack, people, rng)
    _years(people, stream(seed, "years"))
    _capital(people, stream(seed, "capital"))
    return people


def _regions(pack: Pack, rng: np.random.Generator, firms: int) -> tuple[Texts, Texts, Texts, tuple[str, ...]]:
    """Regions of registration and of work, six digits for the credit codes, the words with which names begin."""
    regions = codelist(pack, "regions")
    if pack.region is None or pack.region not in regions:
        raise UnsuitablePack(f"the pack {pack.code} names no region of its code list regions: add region: to pack.yaml")
    zone = regions.subtree(pack.region)
    leaves = sorted(code for code in zone if not regions.children.get(code)) or [pack.region]
    above = regions.by_code[pack.region].parent
    elsewhere = sorted(
        code for code in regions.children.get(above, ()) if code.isdigit() and len(code) == 6 and code not in zone
    )
    share = rng.dirichlet(np.full(len(leaves), 6.0))
    inside = text(leaves)[rng.choice(len(leaves), firms, p=share)]
    region = inside.copy()
    if elsewhere:
        away = rng.random(firms) < SHARE_OUTSIDE
        region[away] = pick(rng, elsewhere, int(away.sum()))
    anchors = {code: code[:6] for code in regions.by_code if code[:6].isdigit()}
    province = next((code[:6] for code in _path(regions, pack.region) if code[:6].isdigit()), "100000")
    known, position = np.unique(region, return_inverse=True)
    anchor = text([anchors.get(str(code), province) for code in known])[position]
    words = [regions.by_code[code].label.zh for code in _path(regions, pack.region)]
    return region, inside, anchor, tuple(word.removesuffix("省").removesuffix("市") for word in words)


def _path(regions: CodeList, code: str) -> list[str]:
    """The code and those above it, nearest first."""
    path: list[str] = []
    at: str | None = code
    while at is not None:
        path.append(at)
        at = regions.by_code[at].parent
    return path


def _names(
    rng: np.random.Generator, brand: Texts, sector: Whole, kind: Texts, places: tuple[str, ...], anchor: Texts
) -> Texts:
    """Full names, each once: place, 字号, trade, form; some with the place in brackets."""
    firms = len(brand)
    # The widest place (the province) is the most usual one in names.
    weights = [1.0 + position for position in range(len(places))]
    forms = {
        "limited_company": ["有限公司", "有限公司", "有限公司", "有限责任公司"],
        "joint_stock_company": ["股份有限公司"],
        "partnership": ["合伙企业（有限合伙）"],
        "branch": ["有限公司第一分公司", "有限公司第二分公司"],
    }
    name = text(np.zeros(firms, dtype="<U40"))
    todo = np.ones(firms, dtype=bool)
    while todo.any():
        size = int(todo.sum())
        place = pick(rng, places, size, weights)
        trade = text(np.zeros(size, dtype="<U10"))
        for number, entry in enumerate(SECTORS):
            rows = sector[todo] == number
            trade[rows] = pick(rng, entry.trades, int(rows.sum()))
        form = pick(rng, ["有限公司"], size)
        for code, endings in forms.items():
            rows = kind[todo] == code
            form = form.astype("<U12")
            form[rows] = pick(rng, endings, int(rows.sum()))
        plain = join(place, brand[todo], trade, form)
        name[todo] = np.where(rng.random(size) < 0.15, join(brand[todo], "（", place, "）", trade, form), plain)
        first = np.unique(name, return_index=True)[1]
        todo = np.ones(firms, dtype=bool)
        todo[first] = False
        brand[todo] = brands(rng, int(todo.sum()))
    return name


def _industry(pack: Pack, people: Population, rng: np.random.Generator) -> None:
    table = codelist(pack, "gbt4754")

    def known(code: str) -> str:
        while code and code not in table:
            code = code[:-1]
        if not code:
            raise UnsuitablePack("the code list gbt4754 holds none of the industries of the demonstration's sectors")
        return code

    industry = text(np.zeros(len(people), dtype="<U8"))
    for number, entry in enumerate(SECTORS):
        rows = people.sector == number
        industry[rows] = pick(rng, [known(code) for code in entry.industries], int(rows.sum()))
    people.values["industry"] = industry
    chains = codelist(pack, "industry_chains")
    by_sector = [
        next((code.code for code in chains if entry.chain and entry.chain in code.label.zh), "") for entry in SECTORS
    ]
    chain = text(by_sector)[people.sector]
    # Some firms of other sectors supply a chain, some of the sector's firms do not say so.
    supplier = (chain == "") & people.trait("technical") & (rng.random(len(people)) < 0.12)
    offered = [code for code in by_sector if code]
    if offered:
        chain = chain.astype("<U40")
        chain[supplier] = pick(rng, offered, int(supplier.sum()))
    people.values["industry_chains"] = np.where(rng.random(len(people)) < 0.95, chain, "")


def _address(pack: Pack, people: Population, rng: np.random.Generator) -> None:
    regions = codelist(pack, "regions")
    known, position = np.unique(people.values["registration_region"], return_inverse=True)
    prefixes = []
    for code in known:
        path = [regions.by_code[above].label.zh for above in reversed(_path(regions, str(code)))]
        prefixes.append("".join(path))
    road = join(
        pick(rng, ["科创", "创新", "云谷", "启航", "星火", "同德", "兴业"], len(people)),
        pick(rng, ["一路", "二路", "大道", "东街", "西街"], len(people)),
    )
    number = rng.integers(1, 200, len(people)).astype(np.str_)
    room = rng.integers(101, 2600, len(people)).astype(np.str_)
    people.values["registered_address"] = join(text(prefixes)[position], road, number, "号", room, "室")
    parks = pack.codelists.get("parks")
    resident = text(np.zeros(len(people), dtype="<U60"))
    if parks is not None and len(parks):
        zone = people.values["registration_region"]
        inside = rng.random(len(people)) < 0.42
        resident = resident.astype("<U60")
        for code in known:
            above = set(_path(regions, str(code)))
            near = [park.code for park in pack.parks.values() if park.region in above and park.code in parks]
            rows = inside & (zone == code)
            choices = sorted(near) or sorted(parks.by_code)
            resident[rows] = pick(rng, choices, int(rows.sum()))
    people.values["park_resident"] = resident


def _years(people: Population, rng: np.random.Generator) -> None:
    """Figures of the last years, in 元 and persons. A year before the founding is unknown."""
    firms, span = len(people), len(people.years)
    quality, technical = people.quality, people.trait("technical")
    founded_year = people.values["established_on"].astype("datetime64[Y]").astype(np.int64) + 1970
    alive = founded_year[:, None] <= np.array(people.years)[None, :]

    size = people.trait("staff") * np.exp(0.95 * people.size) * (0.35 + 0.55 * np.log1p(people.age)) / 1.6
    young = people.age[:, None] < 4
    growth = np.where(young, 0.30, 0.07) + 0.05 * quality[:, None] + 0.22 * rng.normal(size=(firms, span))
    growth = np.clip(growth, -0.55, 2.5)
    staff_growth = np.clip(0.45 * growth + 0.05 * rng.normal(size=(firms, span)), -0.4, 1.2)
    per_head = people.trait("per_head") * 1e4 * np.exp(0.55 * rng.normal(size=firms) + 0.08 * quality)
    # A few firms live on research for years before they sell.
    dormant = technical & (people.age < 6) & (rng.random(firms) < 0.07)
    per_head[dormant] *= 0.04

    def backwards(last: Numbers, rates: Numbers) -> Numbers:
        """The path that ends in `last` and grows by `rates` from year to year."""
        later = np.cumprod(1.0 + rates[:, ::-1], axis=1)[:, ::-1]
        path = np.empty((firms, span))
        path[:, -1] = last
        path[:, :-1] = last[:, None] / later[:, 1:]
        return path

    staff = np.maximum(np.round(backwards(size, staff_growth)), 1.0)
    part = np.where(founded_year[:, None] == np.array(people.years)[None, :], 0.35, 1.0)
    revenue = money(backwards(size * per_head, growth) * part)
    noise = rng.normal(size=(firms, span))

    rd_ratio = people.trait("rd")[:, None] * np.exp(0.45 * quality + 0.3 * rng.normal(size=firms))[:, None]
    rd_ratio = rd_ratio * np.exp(0.15 * noise)
    rd_ratio[rng.random(firms) < np.where(technical, 0.10, 0.85)] = 0.0
    rd_base = np.where(dormant[:, None], staff * 1.6e5, revenue)
    rd = money(np.minimum(rd_base * rd_ratio * np.where(dormant[:, None], 6.0, 1.0), staff * 6e5))
    margin = people.trait("margin")[:, None] + 0.02 * quality[:, None] + 0.07 * rng.normal(size=firms)[:, None]
    margin = margin + 0.035 * rng.normal(size=(firms, span)) - np.where(young, 0.05, 0.0)
    income = money(revenue * (1.0 + rng.exponential(0.02, (firms, span))))
    cost = money(np.maximum(revenue * (1.0 - margin), rd + staff * 4e4 * part))
    profit = income - cost
    hitech_share = np.clip(people.trait("hitech") + 0.17 * rng.normal(size=firms) + 0.03 * quality, 0.0, 1.0)
    hitech_share[~technical] = 0.0
    hitech = money(revenue * np.clip(hitech_share[:, None] + 0.03 * rng.normal(size=(firms, span)), 0, 1))
    hitech = np.minimum(hitech, revenue) * technical[:, None]
    main = money(revenue * np.clip(rng.beta(11, 1.1, firms)[:, None] + 0.02 * rng.normal(size=(firms, span)), 0.3, 1))
    main = np.minimum(main, revenue)
    taxable = money(np.maximum(profit - rd * 1.0, 0.0))
    net = money(profit - 0.2 * np.maximum(taxable, 0.0))
    assets = money(np.maximum(revenue * np.exp(0.2 + 0.5 * rng.normal(size=firms))[:, None] + staff * 5e4, 2e5))
    debt = np.clip(rng.beta(3.2, 3.4, firms)[:, None] + 0.04 * rng.normal(size=(firms, span)), 0.02, 1.15)
    liabilities = money(assets * debt)
    borrows = rng.random(firms) < 0.42
    loans = money(liabilities * rng.beta(2, 3, firms)[:, None]) * borrows[:, None]
    net_worth = np.maximum(assets - liabilities, 1e5)
    tax = money(revenue * 0.022 + 0.2 * taxable + staff * 1500)
    industrial = np.isin(np.char.array(people.values["industry"]).astype("<U1"), list("234"))
    exports = (
        people.trait("exports")[:, None] * (rng.random(firms) < 0.3)[:, None] * rng.uniform(0.2, 2.0, (firms, span))
    )
    invests = rng.random((firms, span)) < np.where(industrial, 0.5, 0.25)[:, None]
    fixed = money(revenue * rng.exponential(0.09, (firms, span))) * invests
    contracts = (rng.random((firms, span)) < 0.22) * technical[:, None]

    tech_share = np.clip(0.04 + 0.19 * technical + 0.08 * quality + 0.10 * rng.normal(size=firms), 0.0, 0.92)
    software = people.trait("software") > 1
    tech_share = np.clip(tech_share + 0.2 * software, 0.0, 0.95)
    tech_staff = np.minimum(np.round(staff * tech_share[:, None]), staff)
    rd_staff = np.minimum(np.round(tech_staff * rng.uniform(0.5, 1.0, firms)[:, None]), staff)
    insured = np.minimum(np.round(staff * np.clip(rng.beta(14, 1.0, firms)[:, None], 0.4, 1.0)), staff)
    salary = np.round(
        np.exp(np.log(6200) + 0.28 * rng.normal(size=firms) + 0.05 * quality)[:, None] * (1 + 0.03 * noise)
    )
    months = np.where(founded_year[:, None] == np.array(people.years)[None, :], 5.0, 12.0)
    months = np.where(rng.random((firms, span)) < 0.03, np.minimum(months, 9.0), months)
    hired = rng.poisson(np.minimum(staff * 0.045 * (1 + technical[:, None]), 400))
    layoffs = np.where(
        rng.random((firms, span)) < 0.8, rng.uniform(0, 0.055, (firms, span)), rng.uniform(0, 0.3, (firms, span))
    )
    area = np.round(staff * rng.uniform(7, 30, firms)[:, None] * np.where(industrial, 2.2, 1.0)[:, None])

    figures = {
        "revenue": revenue,
        "main_revenue": main,
        "income_total": income,
        "hitech_revenue": hitech,
        "total_cost": cost,
        "profit_total": profit,
        "net_profit": net,
        "net_profit_recurring": net - money(np.maximum(income - revenue, 0.0) * 0.8),
        "operating_cash_flow": money(net + revenue * 0.08 * rng.normal(size=(firms, span))),
        "taxable_income": taxable,
        "tax_paid": tax,
        "local_contribution": money(tax * 0.38),
        "total_assets": assets,
        "total_liabilities": liabilities,
        "loan_balance": loans,
        "loan_interest": money(loans * rng.uniform(0.032, 0.055, firms)[:, None]),
        "fixed_asset_investment": fixed,
        "equipment_investment": money(fixed * rng.uniform(0.3, 0.9, (firms, span))),
        "output_value": money(revenue * rng.uniform(0.92, 1.08, (firms, span))) * industrial[:, None],
        "export_value_cny": money(revenue * np.minimum(exports, 0.9)),
        "technology_contract_value": money(revenue * rng.uniform(0.03, 0.4, (firms, span))) * contracts,
        "technology_transfer_income": money(revenue * rng.uniform(0.01, 0.1, (firms, span))) * contracts * (quality > 0.3)[:, None],
        "leased_area": area,
        "rent_paid": money(area * rng.uniform(18, 55, firms)[:, None] * months),
        "rd_expense": rd,
        "rd_expense_domestic": money(rd * np.clip(1.0 - rng.exponential(0.03, (firms, span)), 0.45, 1.0)),
        "staff_total": staff,
        "tech_staff": tech_staff,
        "rd_staff": rd_staff,
        "doctoral_staff": np.minimum(rng.poisson(tech_staff * 0.025 * np.exp(0.5 * quality)[:, None]), tech_staff),
        "return_on_equity": np.round(np.clip(net / net_worth, -3.0, 3.0), 4),
        "conversions": np.where(technical[:, None], rng.poisson(np.minimum(2.2 * np.exp(0.55 * quality), 14)[:, None], (firms, span)), 0),
        "insured_staff": insured,
        "insurance_base_average": salary,
        "insurance_contribution": np.round(salary * insured * months * 0.245),
        "insurance_months": months,
        "graduate_hires": np.minimum(hired, staff),
        "layoff_ratio": np.round(layoffs, 4),
    }  # fmt: skip
    people.yearly = {name: np.where(alive, table, np.nan) for name, table in figures.items()}
    people.values["social_insurance_paid"] = (rng.random(firms) < 0.95).astype(float)


def _capital(people: Population, rng: np.random.Generator) -> None:
    steps = np.array([10, 50, 100, 200, 300, 500, 800, 1000, 2000, 3000, 5000, 10000, 20000, 50000]) * 1e4
    wanted = (
        np.nan_to_num(people.yearly["total_assets"][:, -1], nan=1e6) * np.exp(0.7 * rng.normal(size=len(people))) * 0.5
    )
    capital = steps[np.minimum(np.searchsorted(steps, wanted), len(steps) - 1)]
    people.values["registered_capital"] = capital
    paid = np.where(rng.random(len(people)) < 0.45, 1.0, rng.beta(1.5, 2.0, len(people)))
    people.values["paid_in_capital"] = money(capital * paid)
    people.values["share_capital"] = money(capital * paid)
