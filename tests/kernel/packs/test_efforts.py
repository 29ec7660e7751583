"""What it takes to change a fact, as a pack says it."""

from __future__ import annotations

import pytest

from innozone.foundation.facts.plain import from_data, to_data
from innozone.kernel.packs import Pack
from innozone.kernel.terms import Effort, RecordType, Variable
from tests.kernel.packs.conftest import Zone

EFFORTS = """
proposal: true
efforts:
  rd_expense: {fixed: 5, each: 20, unit: 10万, direction: up}
  revenue: {fixed: 20, each: 40, share: 10%}
  registration_region: {fixed: 60, codes: {"610116": 90}}
  invention_patents: {direction: none}
record_efforts:
  patents: {fixed: 100}
"""


def test_efforts_are_read_with_their_units(zone: Zone) -> None:
    zone.write("variables/efforts.yaml", EFFORTS)
    pack = zone.load()
    assert pack.dictionary["rd_expense"].effort == Effort(5, 20, unit=100_000, direction="up", proposal=True)
    assert pack.dictionary["revenue"].effort == Effort(20, 40, share=0.1, proposal=True)
    region = pack.dictionary["registration_region"].effort
    assert region is not None
    assert (region.of_code("610116"), region.of_code("610100")) == (90, 60)
    assert pack.dictionary.records["patents"].effort == Effort(100, direction="up", proposal=True)


def test_efforts_come_back_from_the_database_as_they_were(zone: Zone) -> None:
    zone.write("variables/efforts.yaml", EFFORTS)
    dictionary = zone.load().dictionary
    for variable in dictionary:
        assert from_data(Variable, to_data(variable)) == variable
    assert from_data(RecordType, to_data(dictionary.records["patents"])) == dictionary.records["patents"]


def test_what_a_change_costs() -> None:
    by_unit, by_share = Effort(5, 20, unit=100_000), Effort(20, 40, share=0.1)
    assert by_unit.of_number(0, 250_000, 0) == 55
    assert by_share.of_number(100, 125, 100) == 120
    assert by_share.of_number(0, 125, 0) == 420
    assert by_share.of_number(7, 7, 7) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rd_expense:", "rd_expence:", "efforts.yaml:3: there is no variable rd_expence; did you mean rd_expense?"),
        ("  patents:", "  patent:", "efforts.yaml:8: there is no dataset patent; did you mean patents?"),
        ("  patents:", "  operations:", "efforts.yaml:8: operations holds attributes and no records"),
        ("each: 20, unit: 10万", "each: 20", "efforts.yaml:3: the effort of rd_expense says not for how much each is"),
        ("each: 20, unit", "unit", "efforts.yaml:3: the effort of rd_expense says not what each unit or share takes"),
        ("unit: 10万", "unit: 10件", "efforts.yaml:3: unit of the effort of rd_expense: "),
        ("unit: 10万", "unit: 0", "efforts.yaml:3: unit of the effort of rd_expense must be above zero"),
        ("fixed: 5", "fixed: -5", "efforts.yaml:3: fixed of the effort of rd_expense is below zero"),
        ("direction: up", "direction: upward", "efforts.yaml:3: direction of the effort of rd_expense cannot be upward"),
        ("fixed: 60,", "fixed: 60, each: 2, unit: 1,", "efforts.yaml:5: registration_region is code and has no units"),
        ('"610116": 90', '"6101160": 90', "efforts.yaml:5: there is no code 6101160 in the list regions"),
        ("invention_patents: {", "rd_ratio: {", "efforts.yaml:6: rd_ratio is computed: it changes only with other facts"),
        ("efforts:", "effort:", "efforts.yaml:2: a file of variables has no key effort; did you mean efforts?"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_effort_is_named_with_its_line(zone: Zone, old: str, new: str, message: str) -> None:
    zone.write("variables/efforts.yaml", EFFORTS.replace(old, new, 1))
    assert message in "\n".join(str(problem) for problem in zone.problems())


def test_an_effort_stands_once_in_a_pack(zone: Zone) -> None:
    zone.write("variables/efforts.yaml", EFFORTS)
    zone.write("variables/more.yaml", "efforts:\n  revenue: {fixed: 1}\n")
    assert "the effort of the variable revenue stands twice" in zone.only_problem()


def test_the_zone_says_what_every_fact_takes_that_a_firm_can_change(xixian: Pack) -> None:
    stored = [variable for variable in xixian.dictionary if variable.formula is None and variable.mutable]
    assert [variable.code for variable in stored if variable.effort is None] == []
    assert all(variable.effort.proposal for variable in stored if variable.effort is not None)
    for code in ("revenue", "net_profit", "staff_total", "rd_expense"):
        effort = xixian.dictionary[code].effort
        assert effort is not None
        assert effort.direction == "up", f"nobody is told to have less {code}"


def test_what_a_dataset_holds_never_above_another_figure_is_part_of_it(zone: Zone) -> None:
    dictionary = zone.load().dictionary
    assert (dictionary["rd_expense"].part_of, dictionary["revenue"].part_of) == ("revenue", None)
