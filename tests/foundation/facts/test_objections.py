"""An enterprise objects to a fact of its own."""

import json

import pytest
from django.db import transaction

from innozone.foundation.access import gate
from innozone.foundation.access.models import Membership
from innozone.foundation.facts import objections
from innozone.foundation.facts.models import Fact, Objection
from innozone.foundation.facts.values import subject, views
from tests.foundation.facts.zone import credit_code, csv, deliver, registry, registry_row


@pytest.fixture
def boss(django_user_model):
    return django_user_model.objects.create(username="boss")


def social(staff, name):
    deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,{staff},"), name)


def staff(party):
    return Fact.objects.get(party=party, variable="staff", year=2025)


def accepted(party, boss, claimed="45", variable="staff", year=2025):
    raised = objections.raise_objection(party, variable, year, claimed, "年报已更正", boss)
    return objections.decide(raised, True, "核实", boss)


def test_an_accepted_objection_wins_over_all_sources(firms, boss):
    social(40, "a.csv")
    raised = objections.raise_objection(firms[1], "staff", 2025, "45人", "年报已更正", boss)
    assert raised.disputed == staff(firms[1]).statement
    assert raised.dataset.code == "social"
    assert staff(firms[1]).number == 40
    objections.decide(raised, True, "核实", boss)
    found = staff(firms[1])
    assert (found.number, found.conflicting, found.statements) == (45, True, 2)
    assert views(firms[1])["staff", 2025].objection == raised.pk
    assert subject(firms[1]).get("staff", 2025) == 45


def test_it_stands_against_less_trusted_sources_that_come_later(firms, boss):
    social(40, "a.csv")
    accepted(firms[1], boss)
    line = {"信用代码": credit_code(1), "年度": 2025, "人数": 50}
    deliver("survey", json.dumps(line, ensure_ascii=False).encode())
    assert staff(firms[1]).number == 45


@pytest.mark.parametrize("said", [45, 44])
def test_the_source_in_charge_has_the_last_word_when_it_delivers_again(firms, boss, said):
    social(40, "a.csv")
    accepted(firms[1], boss)
    social(said, "b.csv")
    found = staff(firms[1])
    assert (found.number, found.conflicting, found.statement.dataset.code) == (said, False, "social")


def test_a_rejected_objection_changes_nothing(firms, boss):
    social(40, "a.csv")
    raised = objections.raise_objection(firms[1], "staff", 2025, "45", "年报已更正", boss)
    assert objections.decide(raised, False, "与社保不符", boss).status == "rejected"
    assert staff(firms[1]).number == 40
    with pytest.raises(objections.ObjectionError, match="decided already"):
        objections.decide(raised, True, "", boss)


def test_the_department_in_charge_decides_also_on_counts_and_on_what_nobody_has_said(firms, boss):
    assert not Fact.objects.filter(party=firms[2], variable="staff").exists()
    claimed = objections.raise_objection(firms[2], "staff", 2025, "45", "年报", boss)
    counted = objections.raise_objection(firms[2], "penalties_3y", None, "0", "已撤销", boss)
    assert (claimed.dataset.code, counted.dataset.code) == ("social", "penalties")
    officer = boss
    Membership.objects.create(user=officer, role="officer", party=counted.dataset.owner)
    assert gate.allows(officer, "facts.decide_objection", counted)
    assert counted in gate.scope(officer, "facts.view_objection", Objection.objects.all())


def test_what_nobody_has_said_can_be_claimed(firms, boss):
    accepted(firms[2], boss)
    assert staff(firms[2]).number == 45


def test_an_objection_to_a_count_stands_until_its_dataset_comes_again(firms, boss):
    head = "信用代码,名称,文号,日期,金额"
    deliver("penalties", csv(head, f"{credit_code(1)},,A1,2025-05-01,500"))
    accepted(firms[1], boss, "0", "penalties_3y", None)
    fact = Fact.objects.get(party=firms[1], variable="penalties_3y")
    assert (fact.number, fact.statement.objection_id is not None) == (0, True)
    assert subject(firms[1]).get("penalties_3y", None) == 0
    deliver("registry", registry(registry_row(1), registry_row(5)), "again.csv")
    assert Fact.objects.get(party=firms[1], variable="penalties_3y").number == 0
    deliver("penalties", csv(head, f"{credit_code(1)},,A2,2025-06-01,500"), "b.csv")
    assert Fact.objects.get(party=firms[1], variable="penalties_3y").number == 2
    assert subject(firms[1]).get("penalties_3y", None) == 2


@pytest.mark.parametrize(
    ("variable", "year", "claimed", "reason", "said"),
    [
        ("staf", 2025, "45", "x", "there is no variable"),
        ("revenue_per_head", 2025, "45", "x", "is computed"),
        ("staff", None, "45", "x", "needs its year"),
        ("capital", 2025, "45万元", "x", "has no year"),
        ("staff", 2025, "viele", "x", "is not a number"),
        ("staff", 2025, "", "x", "is empty"),
        ("staff", 2025, "45", " ", "say why"),
    ],
)
def test_what_makes_no_sense_is_refused(firms, boss, variable, year, claimed, reason, said):
    with pytest.raises(objections.ObjectionError, match=said):
        objections.raise_objection(firms[1], variable, year, claimed, reason, boss)


def test_one_objection_at_a_time(firms, boss):
    objections.raise_objection(firms[1], "staff", 2025, "45", "x", boss)
    with transaction.atomic(), pytest.raises(objections.ObjectionError, match="open already"):
        objections.raise_objection(firms[1], "staff", 2025, "46", "x", boss)
