"""`innozone match` prints verdicts for people and for programs."""

import json

import pytest

from innozone.foundation.verdicts import rules, runs
from innozone.kernel.rules import Results
from innozone.wings.policies import commands, matching
from tests import zone

pytestmark = pytest.mark.django_db


def printed(capsys, status=0, **arguments):
    assert commands.match(**arguments) == status
    return capsys.readouterr()


def test_an_enterprise_with_every_condition_and_fact(parties, capsys):
    text = printed(capsys, enterprise="91610131MA6TXXXX01").out
    assert "甲科技有限公司" in text
    assert "[entitled] rd_grant  研发投入补助  10万元" in text
    assert "1,000万元" in text
    data = json.loads(printed(capsys, enterprise="甲科技", as_json=True).out)
    assert data["verdicts"][0]["rule"] == "rd_grant"
    assert data["verdicts"][0]["benefit"] == 100000.0


def test_an_enterprise_under_one_policy(parties, capsys):
    matching.run()
    text = printed(capsys, enterprise="乙制造", policy="rd_grant").out
    assert "✗" in text
    assert "tech_sme" not in text


def test_an_enterprise_under_one_policy_with_the_way_there(parties, capsys):
    matching.run()
    year = zone.YEAR + 1
    text = printed(capsys, enterprise="乙制造", policy="rd_grant").out
    assert f"  → {year}年度研发费用不低于50万元（{zone.YEAR}年为40万元）；自{year + 1}年1月1日起计（约" in text
    data = json.loads(printed(capsys, enterprise="乙制造", policy="rd_grant", as_json=True).out)
    assert data["verdicts"][0]["ways"]["found"][0]["steps"][0]["target"] == 500000.0
    # Who is entitled needs none; where nothing can be changed any more, that is said.
    assert "→" not in printed(capsys, enterprise="甲科技", policy="rd_grant").out
    rules.publish("past", "support", "往年", "", {"conditions": {"all": [f"revenue[{zone.YEAR}] >= 1亿"]}})
    matching.run()
    assert "→ no way: nothing that can still be changed" in printed(capsys, enterprise="乙制造", policy="past").out


def test_a_policy_with_counts_and_what_is_lacking(parties, capsys):
    matching.run()
    text = printed(capsys, policy="示范发〔2026〕1号").out
    assert "rd_grant  研发投入补助" in text
    assert "entitled 1  ready 0  near 1  unknown 1  10万元" in text
    assert "near: 乙制造有限公司" in text
    data = json.loads(printed(capsys, policy="rd_grant", as_json=True).out)
    assert data["items"][0]["counts"]["near"] == 1
    assert list(data["items"][0]["near_by_condition"].values()) == [1]


def test_the_summary_makes_the_first_run_itself(parties, capsys):
    found = printed(capsys)
    assert "4 enterprises × 4 rules" in found.out
    assert runs.latest() is not None
    assert len(json.loads(printed(capsys, as_json=True).out)["items"]) == 4


def test_the_results_of_the_run_are_copied(parties, capsys, tmp_path):
    found = printed(capsys, keep=tmp_path / "kept")
    assert "rd_grant" in found.out
    kept = Results.open(tmp_path / "kept", verify=True)
    assert kept.party[kept["rd_grant"].rows("true")].tolist() == [parties[0].pk]
    assert "never written over" in printed(capsys, 1, keep=tmp_path / "kept").err


@pytest.mark.parametrize("arguments", [{"enterprise": "无此公司"}, {"enterprise": "有限公司"}, {"policy": "none"}])
def test_an_unknown_name_is_said_so(parties, capsys, arguments):
    matching.run()
    assert printed(capsys, 1, **arguments).err.startswith("innozone:")


def test_without_a_pack_the_command_says_what_to_do(db, capsys):
    from innozone.foundation.facts import dictionary

    dictionary.forget()
    assert "innozone up" in printed(capsys, 1).err
