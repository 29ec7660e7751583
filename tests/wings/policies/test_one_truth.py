"""The page of one enterprise and the run over all say the same of every item of the house's packs."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from innozone.foundation.facts import snapshots
from innozone.foundation.verdicts import live, runs
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.packs import load_pack
from innozone.kernel.terms import Dictionary, Variable
from tests import zone

pytestmark = pytest.mark.django_db
MONEY = [0, 1, 30_0000, 50_0000, 300_0000, 500_0000, 2000_0000, 4000_0000, 1_0000_0000, 4_0000_0000]


def value_of(variable: Variable, dictionary: Dictionary, chance: random.Random):
    """A value on or near the thresholds that rules like."""
    if variable.type == "money":
        return Decimal(chance.choice(MONEY))
    if variable.type in ("integer", "number"):
        return Decimal(chance.choice([0, 1, 2, 5, 9, 10, 20, 60, 300, 1000]))
    if variable.type == "ratio":
        return Decimal(chance.choice(["0", "0.03", "0.05", "0.1", "0.3", "0.6", "1"]))
    if variable.type == "bool":
        return chance.random() < 0.5
    if variable.type == "date":
        return timezone.localdate() - timedelta(days=chance.randrange(9000))
    codes = list(dictionary.codelists[variable.codelist].by_code)
    if variable.type == "code":
        return chance.choice(codes)
    return frozenset(chance.sample(codes, min(len(codes), chance.randrange(4))))


def test_every_enterprise_and_item(settings, tmp_path):
    settings.DATA = tmp_path
    pack = load_pack("xixian")
    zone.load(pack)
    chance = random.Random(20260630)
    stored = [each for each in pack.dictionary if not each.derived and each.type != "text"]
    year = timezone.localdate().year
    parties = []
    for number in range(40):
        facts = {}
        for variable in stored:
            if chance.random() < 0.1:
                continue
            if variable.period == "year":
                facts[variable.code] = {
                    each: value_of(variable, pack.dictionary, chance) for each in range(year - 4, year)
                }
            else:
                facts[variable.code] = value_of(variable, pack.dictionary, chance)
        facts["registration_region"] = chance.choice(["fengxi", "konggang", "610112"])
        facts["established_on"] = date(year - chance.randrange(1, 20), 3, 1)
        parties.append(zone.enterprise(f"企业{number}号", facts))

    run = runs.run(snapshots.build(timezone.localdate()))
    codes = dict(RuleVersion.objects.values_list("pk", "rule__code"))
    seen = set()
    for party in parties:
        kept = {codes[version]: state for version, state in runs.states(run, party.pk).items()}
        now = {item.rule.code: item.state for item in live.for_party(party, run.snapshot.as_of)}
        assert now == kept, party.name
        seen |= set(now.values())
    assert seen == {"entitled", "ready", "near", "unknown", "not"}
