"""The pack's policies in the library: loaded once, changed by version, ended when they leave."""

from dataclasses import replace

import pytest

from innozone.foundation.verdicts.models import RuleVersion
from innozone.foundation.verdicts.rules import RuleRefused
from innozone.kernel.packs import load_pack
from innozone.wings.policies import library, packs
from innozone.wings.policies.models import Item, Policy, PolicyVersion
from tests import zone

pytestmark = pytest.mark.django_db


def test_loading_again_changes_nothing():
    zone.load()
    before = (RuleVersion.objects.count(), PolicyVersion.objects.count(), Item.objects.count())
    assert before == (4, 2, 4)
    assert packs.load(zone.pack()) == 0
    assert (RuleVersion.objects.count(), PolicyVersion.objects.count(), Item.objects.count()) == before


def test_a_policy_comes_with_issuer_department_gist_and_key_words():
    zone.load()
    policy = Policy.objects.get(code="rd")
    assert (policy.status, policy.issuer.code, policy.level) == ("confirmed", "science", "zone")
    text = library.newest(policy)
    assert text.text == zone.RD_TEXT
    assert "10%" in text.gist
    assert "研发" in text.tags
    assert text.keywords
    assert policy.items.get(rule__code="rd_grant").department.code == "science"


def test_another_wording_adds_versions_of_rule_and_text():
    zone.load()
    policy = zone.pack().policies["rd"]
    harder = {"all": [*zone.RD_CONDITIONS["all"][:2], "rd_ratio[-1] >= 6%"]}
    items = (replace(policy.items[0], conditions=harder), *policy.items[1:])
    text = zone.RD_TEXT + "\n第四条 本办法自印发之日起施行。"
    zone.load(zone.pack(policies=zone.pack().policies | {"rd": replace(policy, items=items, text=text)}, version="2"))
    versions = RuleVersion.objects.filter(rule__code="rd_grant").order_by("number")
    assert [version.status for version in versions] == ["ended", "active"]
    texts = Policy.objects.get(code="rd").versions.order_by("number")
    assert [version.text for version in texts] == [zone.RD_TEXT, text]
    assert texts[1].items[0] == {"rule": "rd_grant", "version": 2}


def test_what_left_the_pack_is_ended_and_stays():
    zone.load()
    policies = zone.pack().policies
    kept = replace(policies["rd"], items=policies["rd"].items[:1])
    zone.load(zone.pack(policies={"rd": kept}, version="2"))
    assert Policy.objects.get(code="sme").status == "ended"
    assert set(Item.objects.filter(ended=True).values_list("rule__code", flat=True)) == {"rd_safe", "rd_over"}
    assert set(RuleVersion.objects.filter(status="active").values_list("rule__code", flat=True)) == {"rd_grant"}
    assert RuleVersion.objects.count() == 4
    zone.load()
    assert RuleVersion.objects.filter(status="active").count() == 4
    assert Policy.objects.get(code="sme").status == "confirmed"


def test_a_policy_that_replaces_another_ends_it():
    policies = zone.pack().policies
    newer = replace(policies["sme"], code="sme2", replaces="sme", items=())
    zone.load(zone.pack(policies=policies | {"sme2": newer}))
    assert Policy.objects.get(code="sme").status == "ended"
    assert not RuleVersion.objects.filter(rule__code="tech_sme", status="active").exists()


def test_a_rule_that_does_not_fit_changes_nothing():
    policy = zone.pack().policies["rd"]
    broken = replace(policy.items[1], conditions={"all": ["no_such_variable > 1"]})
    with pytest.raises(RuleRefused, match="no_such_variable"):
        zone.load(zone.pack(policies={"rd": replace(policy, items=(policy.items[0], broken))}))
    assert Policy.objects.count() == 0


def test_the_packs_of_the_house_load_whole():
    pack = load_pack("xixian")
    zone.load(pack)
    items = sum(len(policy.items) for policy in pack.policies.values())
    assert items >= 25
    active = set(RuleVersion.objects.filter(status="active").values_list("rule__code", flat=True))
    replaced = {data.replaces for data in pack.policies.values() if data.replaces}
    for code, policy in pack.policies.items():
        if code not in replaced:
            assert {item.code for item in policy.items} <= active
    versions = RuleVersion.objects.count()
    assert packs.load(pack) == 0
    assert RuleVersion.objects.count() == versions, "what was replaced is not published again"
