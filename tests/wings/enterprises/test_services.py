"""An enterprise is found by credit code, present and former names, and never guessed."""

import pytest

from innozone.foundation.parties.models import PartyName
from innozone.foundation.parties.names import name_key
from innozone.wings.enterprises import services
from tests import zone

pytestmark = pytest.mark.django_db


def test_by_credit_code_and_by_name(parties):
    assert services.find(" 91610131ma6txxxx01 ") == parties[0]
    assert services.find("甲科技有限公司") == parties[0]
    assert services.find("丁服务") == parties[3]


def test_by_a_former_name(parties):
    old = "旧名电子有限公司"
    PartyName.objects.create(party=parties[1], name=old, key=name_key(old), kind="former")
    assert services.find(old) == parties[1]
    assert list(services.search("旧名")) == [parties[1]]


def test_several_are_listed_instead_of_guessed(parties):
    with pytest.raises(services.NotOne) as error:
        services.find("有限公司")
    assert error.value.candidates == sorted(parties, key=lambda party: (party.name, party.pk))
    assert "credit code" in str(error.value)
    with pytest.raises(services.NotOne, match="no enterprise"):
        services.find("不存在")


def test_one_that_was_merged_counts_as_the_other(parties):
    parties[1].redirect = parties[0]
    parties[1].save()
    assert services.find(zone.CODES[1]) == parties[0]
    assert services.everyone().count() == 3
