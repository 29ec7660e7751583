"""The way there: what to change, what to find out, and when time does it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from innozone.kernel.packs import Pack
from innozone.kernel.rules import Condition, Subject, Truth, evaluate, load_condition, value
from innozone.kernel.rules.solve.repair import Repairs, Way, raise_score, repair
from innozone.kernel.rules.tree import Compare, Number, Ref
from innozone.kernel.terms import Aggregate, Dictionary, Effort, Label, RecordType, Variable
from tests.kernel.packs.conftest import xixian
from tests.kernel.rules.sample import (
    AS_OF,
    DESIGNATIONS,
    DICTIONARY,
    INDUSTRIES,
    IP,
    REGIONS,
    conditions,
    facts,
    records,
)
from tests.kernel.rules.worlds import worlds

__all__ = ["xixian"]


def variable(code: str, type: Any, effort: Effort | None = None, **more: Any) -> Variable:
    return Variable(code, Label(code, code), type, effort=effort, **more)


def money(code: str, effort: Effort, **more: Any) -> Variable:
    return variable(code, "money", effort, unit="元", period="year", minimum=0, **more)


TERMS = Dictionary(
    {
        each.code: each
        for each in (
            money("revenue", Effort(20, 40, share=0.1, direction="up")),
            money("rd_expense", Effort(5, 20, unit=100_000, direction="up")),
            variable("net_profit", "money", Effort(30, 20, unit=500_000, direction="up"), unit="元", period="year"),
            variable("staff_total", "integer", Effort(5, 15, unit=1, direction="up"), unit="人", period="year", minimum=0),
            variable(
                "rd_staff", "integer", Effort(5, 20, unit=1, direction="up"), unit="人", period="year", minimum=0,
                part_of="staff_total",
            ),
            variable("rd_ratio", "ratio", period="year", formula="rd_expense / revenue"),
            variable("score", "number", Effort(0, 10, unit=1, direction="up"), unit="分", maximum=100),
            variable("established_on", "date", mutable=False),
            variable("legal_person", "bool", mutable=False),
            variable("abnormal_list", "bool", Effort(20, direction="down")),
            variable("accident", "bool", Effort(direction="none")),
            variable("region", "code", Effort(60, codes={"fengdong": 40}), codelist="regions"),
            variable("industry", "code", codelist="industries", mutable=False),
            variable("chains", "codes", Effort(30), codelist="industries"),
            variable(
                "designations", "codes", Effort(20, direction="up", codes={"high_tech_enterprise": 60}),
                codelist="designations", mutable=False,
                aggregate=Aggregate("designations", "codes", "designation", valid=True),
            ),
            variable(
                "designations_ever", "codes", codelist="designations", mutable=False,
                aggregate=Aggregate("designations", "codes", "designation"),
            ),
            variable(
                "first_1y", "codes", codelist="designations", mutable=False,
                aggregate=Aggregate("designations", "codes", "designation", where={"occasion": ("first",)}, within_years=1),
            ),
            variable("fresh", "bool", mutable=False, formula="age(established_on) < 3 and not abnormal_list"),
            variable(
                "points", "number", period="year",
                formula="tier(rd_ratio, >= 6%: 50, >= 5%: 40, >= 4%: 30, else: 0) + if(staff_total >= 20, 10, 5)",
            ),
        )
    },
    {each.code: each for each in (REGIONS, INDUSTRIES, DESIGNATIONS)} | {"ip_kinds": DICTIONARY.codelists["ip_kinds"]},
    {"ip": RecordType("ip", IP.label, IP.fields, Effort(100))},
)  # fmt: skip

FIRM: dict[str, Any] = {
    "revenue": {2023: Decimal(8000_0000), 2024: Decimal(1_0000_0000), 2025: Decimal(1_0000_0000)},
    "rd_expense": {2024: Decimal(450_0000), 2025: Decimal(450_0000)},
    "staff_total": {2025: Decimal(18)},
    "score": Decimal("55.5"),
    "established_on": date(2024, 2, 29),
    "legal_person": True,
    "abnormal_list": False,
    "accident": False,
    "region": "610100",
    "industry": "65",
    "chains": frozenset({"39"}),
    "designations": frozenset({"tech_sme"}),
    "designations_ever": frozenset({"tech_sme", "specialised"}),
    "first_1y": frozenset(),
}
GRANTS = {"high_tech_enterprise": ["high_tech"], "little_giant": ["giant"], "specialised": ["special"]}


def firm(**changes: Any) -> Subject:
    told = {name: fact for name, fact in (FIRM | changes).items() if fact is not None}
    rights = told.pop("ip", None)
    values = {name: fact if isinstance(fact, dict) else {None: fact} for name, fact in told.items()}
    return Subject(TERMS, values, AS_OF, {} if rights is None else {"ip": rights})


def found(data: Any, **changes: Any) -> Repairs:
    return repair(load_condition(data), firm(**changes), grants=GRANTS)


def first(data: Any, **changes: Any) -> Way:
    told = found(data, **changes)
    assert told.proved
    return told.ways[0]


def moved(way: Way) -> dict[tuple[str, int | None], Any]:
    return {(change.variable, change.year): change.target for change in way.changes}


# Figures and years.


def test_a_figure_of_a_year_that_is_over_is_reached_in_the_next_and_counts_from_its_end() -> None:
    way = first("revenue[-1] >= 1.2亿")
    assert moved(way) == {("revenue", 2026): Decimal(1_2000_0000)}
    assert way.day == date(2027, 1, 1)
    (change,) = way.changes
    assert (change.present, change.known_year, change.up) == (Decimal(1_0000_0000), 2025, True)
    assert change.cost == way.effort == 20 + 40 * 2
    assert way.cost == pytest.approx(way.effort + 0.1 * (date(2027, 1, 1) - AS_OF).days)


def test_a_figure_of_the_running_year_counts_at_once() -> None:
    way = first("staff_total[0] >= 20", staff_total={2026: Decimal(12)})
    assert (way.day, moved(way)) == (AS_OF, {("staff_total", 2026): Decimal(20)})


def test_years_that_are_over_are_outwaited() -> None:
    assert first("each(rd_expense[-2..-1] >= 500万)").day == date(2028, 1, 1)
    told = found("revenue[2024] >= 2亿")
    assert (told.ways, told.by_itself, told.proved) == ((), None, True)


def test_a_level_that_is_reached_is_kept() -> None:
    way = first("each(rd_expense[-2..-1] >= 500万)")
    assert moved(way) == {("rd_expense", 2026): Decimal(500_0000)}
    assert way.assumed == (("rd_expense", 2027),)


def test_a_share_is_raised_by_the_part_that_may_rise() -> None:
    way = first("rd_ratio[-1] >= 5%")
    assert moved(way) == {("rd_expense", 2026): Decimal(500_0000)}
    assert way.changes[0].leaves == (0,)
    assert way.assumed == (("revenue", 2026),)


def test_one_change_serves_several_leaves_by_the_highest_of_their_thresholds() -> None:
    way = first({"all": ["rd_ratio[-1] >= 5%", "rd_expense[-1] >= 460万", "rd_expense[-1] > 480万"]})
    assert moved(way) == {("rd_expense", 2026): Decimal(500_0000)}
    assert way.changes[0].leaves == (0, 1, 2)


def test_what_one_change_spoils_another_makes_good() -> None:
    way = first({"all": ["revenue[-1] >= 1.2亿", "rd_ratio[-1] >= 4%"]})
    assert moved(way) == {("revenue", 2026): Decimal(1_2000_0000), ("rd_expense", 2026): Decimal(480_0000)}


@pytest.mark.parametrize(
    ("test", "target"),
    [
        ("staff_total[-1] > 20", Decimal(21)),
        ("staff_total[-1] >= 20.5", Decimal(21)),
        ("score > 60", Decimal("60.1")),
        ("score >= 60", Decimal(60)),
        ("revenue[-1] * 3 >= 4亿", Decimal(1_3333_3334)),
        ("revenue[-1] / 7 > 2000万", Decimal(1_4000_0001)),
    ],
)
def test_figures_are_whole_where_they_are_counted_and_no_larger_than_need_be(test: str, target: Decimal) -> None:
    (change,) = first(test).changes
    assert change.target == target


def test_nobody_is_told_to_earn_less() -> None:
    told = found({"all": ["revenue[-1] <= 5000万"]})
    assert (told.ways, told.proved, told.by_itself) == ((), True, None)


def test_bounds_are_kept() -> None:
    assert found("score >= 101").ways == ()
    assert moved(first("score >= 100")) == {("score", None): Decimal(100)}


def test_a_part_never_comes_to_exceed_its_whole() -> None:
    way = first("rd_staff[-1] >= 20", rd_staff={2025: Decimal(4)})
    assert moved(way) == {("rd_staff", 2026): Decimal(20), ("staff_total", 2026): Decimal(20)}
    assert [change.leaves for change in way.changes] == [(0,), ()]
    assert moved(first("rd_staff[-1] >= 18", rd_staff={2025: Decimal(4)})) == {("rd_staff", 2026): Decimal(18)}
    # What is wrong in the facts already is not for a repair to put right.
    assert moved(first("rd_staff[-1] >= 20", rd_staff={2025: Decimal(19)})) == {("rd_staff", 2026): Decimal(20)}


# Yes and no, codes, designations, records.


def test_what_cannot_change_is_left_out() -> None:
    assert found({"any": ["not legal_person", 'industry within "C"', "accident"]}).ways == ()
    assert moved(first("not abnormal_list", abnormal_list=True)) == {("abnormal_list", None): False}
    assert found("abnormal_list").ways == ()


def test_the_cheapest_code_is_taken() -> None:
    assert moved(first('region within "xixian"')) == {("region", None): "xixian"}
    way = first('region in {"xixian", "fengdong"}')
    assert (moved(way), way.cost) == ({("region", None): "fengdong"}, 40)
    assert moved(first('not region within "610000"')) == {("region", None): "620000"}


def test_a_designation_is_gained_through_the_item_that_grants_it() -> None:
    way = first('holds_any("high_tech_enterprise", "little_giant")')
    (change,) = way.changes
    assert change.target == {"tech_sme", "little_giant"}
    assert change.grants == (("little_giant", ("giant",)),)
    assert repair(load_condition('holds("high_tech_enterprise")'), firm()).ways == ()


def test_a_branch_is_gained_by_what_stands_below_it() -> None:
    (change,) = found('holds("specialised")').ways[0].changes
    assert change.grants in ((("specialised", ("special",)),), (("little_giant", ("giant",)),))


def test_a_designation_that_is_gained_was_ever_held_and_is_new_if_it_never_was_before() -> None:
    both = {"all": ['holds("little_giant")', 'ever_held("little_giant")', 'first_1y has "little_giant"']}
    assert [change.target for change in first(both).changes] == [{"tech_sme", "little_giant"}]
    assert found('first_1y has "specialised"').ways[0].changes[0].target >= {"little_giant"}


def test_a_set_that_a_firm_can_change_is_added_to_or_taken_from() -> None:
    assert first('chains has "I"').changes[0].target == {"39", "I"}
    assert first('not chains has "C"').changes[0].target == frozenset()


def test_records_are_added_as_the_filter_asks_and_one_serves_several_counts() -> None:
    rights = [{"kind": "invention_patent", "granted_on": date(2020, 1, 1), "in_force": True}]
    rule = {
        "all": [
            'count(ip where kind == "invention_patent") >= 3',
            "count(ip where in_force and age(granted_on) < 2) >= 1",
            "sum(ip.value where in_force) >= 0",
        ]
    }
    told = repair(load_condition({"all": rule["all"][:2]}), firm(ip=rights))
    (change,) = told.ways[0].changes
    assert (change.variable, change.cost) == ("ip[]", 200)
    assert isinstance(change.target, tuple)
    assert {"kind": "invention_patent", "in_force": True, "granted_on": AS_OF} in [dict(each) for each in change.target]


def test_a_sum_over_records_is_reached_by_one_with_what_lacks() -> None:
    way = first(
        'sum(ip.value where kind == "utility_model") >= 50万', ip=[{"kind": "utility_model", "value": Decimal(20_0000)}]
    )
    assert dict(way.changes[0].target[0]) == {"kind": "utility_model", "value": Decimal(30_0000)}  # type: ignore[index,arg-type]


# Time.


def test_time_alone_makes_it_true_on_the_first_day_that_it_does() -> None:
    told = found({"all": ["age(established_on) >= 3", "legal_person"]})
    assert told.by_itself == date(2027, 3, 1)
    assert told.ways[0].changes == ()
    rule = load_condition("age(established_on) >= 3")
    assert evaluate(rule, Subject(TERMS, firm().values, date(2027, 2, 28))) is Truth.FALSE
    assert evaluate(rule, Subject(TERMS, firm().values, date(2027, 3, 1))) is Truth.TRUE


def test_growing_out_of_a_condition() -> None:
    told = found({"all": ["months_since(established_on) >= 30", "age(established_on) < 3"]})
    assert told.by_itself == date(2026, 8, 29)
    assert told.ways[0].until is None
    told = found({"all": ["revenue[-1] >= 1.1亿", "age(established_on) < 3"]})
    assert (told.ways[0].day, told.ways[0].until) == (date(2027, 1, 1), date(2027, 2, 28))
    assert found("age(established_on) < 2").by_itself is None


def test_far_days_are_found_too_if_nothing_else_is_needed() -> None:
    assert found("age(established_on) >= 20").by_itself == date(2044, 2, 29)


def test_waiting_and_changing_together() -> None:
    way = first({"all": ["age(established_on) >= 3", "not abnormal_list", "score >= 60"]}, abnormal_list=True)
    assert way.day == date(2027, 3, 1)
    assert set(moved(way)) == {("abnormal_list", None), ("score", None)}


def test_whether_to_wait_or_to_change_is_a_matter_of_cost() -> None:
    ways = found({"any": ["age(established_on) >= 3", "score >= 60"]}).ways
    assert [(way.day, len(way.changes)) for way in ways] == [(date(2027, 3, 1), 0), (AS_OF, 1)]
    ways = found({"any": ["age(established_on) >= 6", "score >= 60"]}).ways
    assert [(way.day, len(way.changes)) for way in ways] == [(AS_OF, 1), (date(2030, 3, 1), 0)]


def test_a_truth_with_a_formula_is_opened() -> None:
    assert moved(first("fresh", abnormal_list=True)) == {("abnormal_list", None): False}


# What nobody has told.


def test_what_is_unknown_is_to_be_found_out_and_not_to_be_changed() -> None:
    way = first({"all": ["net_profit[-1] > 0", "abnormal_list == false"]}, abnormal_list=True)
    assert moved(way) == {("abnormal_list", None): False}
    (finding,) = way.findings
    assert finding.expr == Compare(">", Ref("net_profit", 2025), Number(Decimal(0)))
    assert finding.leaves == (0,)


@pytest.mark.parametrize(
    ("test", "says", "changes"),
    [
        ("revenue[-1] - net_profit[-1] >= 4000万", "net_profit[2025] <= 6000万", {}),
        ("100万 <= net_profit[-1] < 500万", "100万 <= net_profit[2025] and net_profit[2025] < 500万", {}),
        ("staff_total[-1] > 20", "staff_total[2025] >= 21", {"staff_total": None}),
        ("points[-1] >= 45", "rd_expense[2025] >= 500万", {"rd_expense": None}),
        ("known(net_profit[-1])", "known(net_profit[2025])", {}),
        ("net_profit[-1] == 7", "net_profit[2025] == 7", {}),
        ("net_profit[-1] >= 3 and net_profit[-1] != 5", "3 <= net_profit[2025] and net_profit[2025] <= 4", {}),
        ("accident", "accident", {"accident": None}),
        ('region within "xixian"', 'region within "xixian"', {"region": None}),
        ('holds("tech_sme")', 'holds("tech_sme")', {"designations": None}),
        ("age(established_on) >= 5", "age(established_on) >= 5", {"established_on": None}),
        ("rd_ratio[-1] > 3%", "rd_ratio[2025] > 3%", {"rd_expense": None, "revenue": None}),
        ("count(ip) >= 2", "count(ip) >= 2", {}),
    ],
)
def test_the_finding_says_what_the_one_missing_fact_must_be(test: str, says: str, changes: dict[str, Any]) -> None:
    way = found(test, **changes).ways[0]
    assert [str(finding.expr) for finding in way.findings] == [says]
    assert (way.changes, way.day, way.effort) == ((), AS_OF, 1.0)


def test_two_findings_that_exclude_each_other_are_no_way() -> None:
    told = found({"all": ['industry within "C"', 'industry within "I"']}, industry=None)
    assert told.ways == ()
    told = found({"all": ["rd_ratio[-1] > 5%", "rd_ratio[-1] < 3%"]}, rd_expense=None, revenue=None)
    assert told.ways == ()


def test_a_division_by_zero_is_nothing_to_find_out() -> None:
    way = found("rd_expense[-1] / staff_total[-1] > 1", staff_total={2025: Decimal(0)}).ways[0]
    assert moved(way) == {("staff_total", 2026): Decimal(1)}


def possible(world: dict[str, Any]) -> bool:
    """Has no figure beyond what the dictionary says of its variable: a delivery with one is not taken in."""
    return all(
        (DICTIONARY[name].minimum is None or number >= DICTIONARY[name].minimum)
        and (DICTIONARY[name].maximum is None or number <= DICTIONARY[name].maximum)
        for name, by_year in world.items()
        for number in by_year.values()
        if isinstance(number, Decimal)
    )


@settings(max_examples=150, deadline=None)
@given(conditions(manual=False), facts(unknown=0.3), records())
def test_a_way_makes_it_true_in_every_world_in_which_its_findings_turn_out_so(
    rule: Condition, values: dict[str, Any], rights: Any
) -> None:
    told = repair(rule, Subject(DICTIONARY, values, AS_OF), grants={"specialised": ["s"]}, most_evaluations=400)
    for way in told.ways:
        if way.day != AS_OF:
            continue
        changed = {name: dict(by_year) for name, by_year in values.items()}
        for change in way.changes:
            changed.setdefault(change.variable, {})[change.year] = change.target
        if "designations" in changed and "designations_ever" in changed:
            changed["designations_ever"][None] |= changed["designations"][None]
        for world in filter(possible, worlds(rule, changed, 30)):
            firm = Subject(DICTIONARY, world, AS_OF)
            if all(value(finding.expr, firm) is finding.wanted for finding in way.findings):
                assert evaluate(rule, firm) is Truth.TRUE, (way, world)


# Manual leaves, scores, bounds.


def test_manual_leaves_are_taken_as_confirmed_and_named() -> None:
    told = found({"all": ["score >= 60", {"manual": "未发生事故"}, {"not": {"manual": "有纠纷"}}]})
    assert told.ways[0].manual == (1, 2)
    assert found({"any": ["score >= 60", {"manual": "特别推荐"}]}) == Repairs(Truth.TRUE, (), None, True)


def test_nothing_is_needed_where_it_holds() -> None:
    assert found("legal_person") == Repairs(Truth.TRUE, (), None, True)


def test_a_score_is_raised_over_the_brackets_of_its_parts() -> None:
    told = raise_score("points[-1]", 45, firm())
    assert told.proved
    assert [moved(way) for way in told.ways[:1]] == [{("rd_expense", 2026): Decimal(500_0000)}]
    told = raise_score("points[-1]", 40, firm(rd_expense={2025: Decimal(400_0000)}))
    assert moved(told.ways[0]) == {("staff_total", 2026): Decimal(20)}


def test_the_first_ways_are_different_ones_and_the_cheapest_comes_first() -> None:
    ways = found(
        {"any": ["score >= 60", 'region within "xixian"', "revenue[-1] >= 1.1亿", "staff_total[-1] >= 40"]}
    ).ways
    assert len(ways) == 3
    assert [way.cost for way in ways] == sorted(way.cost for way in ways)
    assert len({frozenset(moved(way)) for way in ways}) == 3


def test_a_search_that_is_cut_short_says_so() -> None:
    rule = load_condition({"all": [{"any": [f"score >= {70 + at}", 'region within "xixian"']} for at in range(6)]})
    told = repair(rule, firm(), most_evaluations=10)
    assert not told.proved
    assert told.evaluations < 100
    assert repair(rule, firm()).proved


def test_a_huge_rule_ends_within_its_bound() -> None:
    parts = [
        {"any": [f"score * {at + 1} + staff_total[-1] >= {90 * (at + 1)}", f"revenue[-1] >= {at}亿"]}
        for at in range(40)
    ]
    told = repair(load_condition({"all": parts}), firm())
    assert told.evaluations < 3000


def test_formulas_that_lead_back_to_themselves_are_no_way() -> None:
    round_ = {code: variable(code, "number", formula=other) for code, other in (("a", "b + 1"), ("b", "a + 1"))}
    rule = load_condition("a >= 3")
    told = repair(rule, Subject(Dictionary(round_, {}), {}, AS_OF))
    assert told.truth is Truth.UNKNOWN
    # No engine follows them; each may still be delivered.
    assert [str(finding.expr) for way in told.ways for finding in way.findings] == ["a >= 3"]


# The zone's own rules.


def case_of(pack: Pack, code: str, name: str) -> tuple[Condition, Subject]:
    item = pack.item(code)[1]
    assert item.condition is not None
    case = next(case for case in item.cases if case.name == name)
    return item.condition, Subject(pack.dictionary, case.facts, case.as_of, case.records)


def granted(pack: Pack) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for policy in pack.policies.values():
        for item in policy.items:
            if item.grants:
                found.setdefault(item.grants, []).append(item.code)
    return found


def test_from_54_to_60_points_of_the_technology_sme_table(xixian: Pack) -> None:
    _, subject = case_of(xixian, "tech_sme", "没有知识产权，研发与人员合计54分")
    assert value("tech_sme_points[-1]", subject) == 54
    told = raise_score("tech_sme_points[-1]", 60, subject)
    assert moved(told.ways[0]) == {("ip_class_2_main_product", None): Decimal(1)}
    told = raise_score("tech_sme_points[-1]", 80, subject)
    assert moved(told.ways[0]) == {("ip_class_1_main_product", None): Decimal(1)}


def test_points_of_the_high_tech_table(xixian: Pack) -> None:
    _, subject = case_of(xixian, "high_tech_enterprise", "客观条件具备，待专家打分")
    assert value("hitech_growth_points_least", subject) == 10
    told = raise_score("hitech_growth_points_least", 14, subject)
    assert told.ways
    for way in told.ways:
        assert not way.findings
        assert all(change.year is not None and change.year >= 2026 for change in way.changes)


def test_every_way_of_the_zones_own_items_is_confirmed_by_the_evaluator_and_costs_what_the_pack_says(
    xixian: Pack,
) -> None:
    grants = granted(xixian)
    proved = total = 0
    for policy in xixian.policies.values():
        for item in policy.items:
            for case in item.cases:
                if case.expect is True or item.condition is None:
                    continue
                subject = Subject(xixian.dictionary, case.facts, case.as_of, case.records)
                told = repair(item.condition, subject, grants=grants)
                total, proved = total + 1, proved + told.proved
                for way in told.ways:
                    spent = sum(change.cost for change in way.changes)
                    assert spent <= way.effort <= spent + len(item.condition.leaves()) * 4
                    assert way.day >= case.as_of
                    for change in way.changes:
                        assert change.year is None or change.year >= case.as_of.year
                        assert (
                            change.variable.endswith("[]")
                            or change.variable == "designations"
                            or (xixian.dictionary[change.variable].mutable)
                        )
    assert total > 100
    assert proved / total > 0.85
