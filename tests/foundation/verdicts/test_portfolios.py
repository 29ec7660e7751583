"""One enterprise and everybody: what may be had together, to the fen, with a reason for the rest."""

from decimal import Decimal

import pytest
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.verdicts import live, portfolios, rules, runs
from innozone.foundation.verdicts.rules import RuleRefused
from innozone.kernel.rules.solve.limits import Received
from innozone.kernel.rules.solve.portfolio import Between, Left, Open, Taken
from tests import zone

pytestmark = pytest.mark.django_db

HIGHEST = {"code": "rd", "label": {"zh": "研发", "en": "R&D"}, "most": 1}
YEAR = {"code": "year", "label": {"zh": "年度", "en": "Year"}, "cap": {"amount": "12万", "years": 1}}


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()


def publish(code, amount, *groups, conditions=None, kind="奖励", **more):
    return rules.publish(
        code, "support", code, "", {
            "conditions": conditions or {"all": [zone.RD_CONDITIONS["all"][0]]},
            "benefit": {"kind": kind, "amount": amount, "note": None},
            "stacking": {"groups": list(groups), **more},
        },
    )  # fmt: skip


def best(party, *versions, states=("entitled",), **more):
    return portfolios.best(live.for_party(party, versions=versions), states, **more)


def test_the_best_set_of_an_enterprise_with_the_reason_for_the_rest():
    first = zone.populate()[0]
    versions = [
        publish("a", "3万", HIGHEST, YEAR),
        publish("b", "10% * rd_expense[-1]", HIGHEST, YEAR),
        publish("c", "5万", YEAR),
        publish("d", None, kind="服务"),
    ]
    found = best(first, *versions)
    assert found.taken == (
        Taken("b", 1000_0000, 1000_0000),
        Taken("c", 500_0000, 200_0000, "year"),
        Taken("d", None, None),
    )
    assert found.left == (Left("a", 300_0000, "group", ("b",), "rd"),)
    assert found.total == 1200_0000


def test_what_was_paid_in_the_year_uses_up_the_cap():
    first = zone.populate()[0]
    version = publish("c", "5万", YEAR)
    paid = [Received("c2", 2026, 900_0000, rules.parsed(version).stacking)]
    assert best(first, version, year=2026, received=paid).total == 300_0000


def test_a_sum_for_which_facts_are_missing_is_between_its_ends_and_never_nothing():
    fourth = zone.populate()[3]
    versions = [
        publish("a", "3万", HIGHEST),
        publish("b", "min(10% * rd_expense[-1], 50万)", HIGHEST),
        publish("c", None),
    ]
    found = best(fourth, *versions)
    assert found.open == (Open("b", Between(0, 5000_0000), ("a",), 300_0000),)
    assert found.taken == (Taken("a", 300_0000, 300_0000), Taken("c", Between(), Between()))
    assert (found.total, found.low, found.high) == (300_0000, 300_0000, None)


def test_only_support_counts_and_the_ready_only_when_asked_for():
    first = zone.populate()[0]
    ready = publish("r", "9万", conditions={"all": [zone.RD_CONDITIONS["all"][0], {"manual": "核查"}]})
    title = rules.publish(
        "t", "recognition", "t", "", {"conditions": "revenue[-1] >= 0", "benefit": {"kind": "奖励", "amount": "1万"}}
    )
    sure = publish("s", "1万")
    assert best(first, ready, title, sure).total == 100_0000
    assert best(first, ready, title, sure, states=("entitled", "ready")).total == 1000_0000


def test_everybodys_sum_is_that_of_the_best_sets():
    parties = zone.populate()
    versions = [
        publish("a", "3万", HIGHEST, YEAR),
        publish("b", "10% * rd_expense[-1]", HIGHEST, YEAR),
        publish("c", "5万", YEAR),
        publish("r", "9万", YEAR, conditions={"all": [zone.RD_CONDITIONS["all"][0], {"manual": "核查"}]}),
    ]
    run = runs.run(snapshots.build(timezone.localdate()))
    judged = [[each for each in live.for_party(party) if each.rule.kind == "support"] for party in parties]
    assert {version.rule.code for version in versions} <= {each.rule.code for each in judged[0]}
    assert run.best_total == Decimal(sum(portfolios.best(each).total for each in judged)) / 100
    both = sum(portfolios.best(each, ("entitled", "ready")).total for each in judged)
    assert run.best_total + run.best_more == Decimal(both) / 100
    assert run.best_more > 0


def test_limits_that_cut_across_each_other_leave_the_sum_unknown(caplog):
    zone.populate()
    other = {"code": "other", "label": {"zh": "另", "en": ""}, "cap": {"amount": "1万", "years": 1}}
    publish("a", "3万", YEAR)
    publish("b", "3万", YEAR, other)
    publish("c", "3万", other)
    run = runs.run(snapshots.build(timezone.localdate()))
    assert run.best_total is None
    assert "cannot be solved" in caplog.text


def test_an_unsound_declaration_is_refused_with_its_place():
    with pytest.raises(RuleRefused) as refused:
        publish("a", "3万", {"code": "rd", "label": {"zh": "研发"}, "most": 0})
    assert [problem.path for problem in refused.value.problems] == ["stacking.groups[0].most", "stacking.groups[0]"]
