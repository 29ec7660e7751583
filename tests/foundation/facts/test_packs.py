"""A zone pack in the database: whole or not at all, and back again as it was."""

from dataclasses import replace

import pytest

from innozone.foundation.facts import dictionary, packs
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.models import Dataset, PackLoad
from innozone.foundation.parties.models import Party, PartyName, Place
from innozone.kernel.packs import load_pack
from tests.foundation.facts import zone as small


def test_the_dictionary_and_the_contracts_come_back_as_they_were(zone):
    assert dictionary.current() == small.pack().dictionary
    for entry in Dataset.objects.all():
        assert contract_of(entry) == small.pack().datasets[entry.code]


def test_asking_for_the_dictionary_is_one_query(zone, django_assert_num_queries):
    dictionary.current()
    with django_assert_num_queries(1):
        dictionary.current()


def test_loading_the_same_pack_again_changes_nothing(zone):
    assert packs.load(small.pack()) == zone
    assert PackLoad.objects.count() == 1


def test_a_dataset_that_the_pack_no_longer_has_goes_out_of_use(zone):
    packs.load(small.pack("2", datasets=small.DATASETS[:2]))
    assert set(Dataset.objects.filter(active=True).values_list("code", flat=True)) == {"registry", "social"}
    assert Dataset.objects.count() == len(small.DATASETS)


def test_a_pack_that_cannot_be_loaded_changes_nothing(zone):
    odd = replace(small.pack("2"), datasets={"odd": small.dataset("odd", "怪", "attributes", [], owner="nobody")})
    with pytest.raises(KeyError):
        packs.load(odd)
    assert PackLoad.objects.count() == 1
    assert Dataset.objects.filter(active=True).count() == len(small.DATASETS)


def test_organisations_become_parties_with_their_names(zone):
    bureau = Party.objects.get(code="bureau")
    assert (bureau.kind, bureau.name, bureau.name_en) == ("department", "登记局", "Registry office")
    assert PartyName.objects.get(party=bureau, name="登记处").kind == "short"


def test_before_a_pack_is_loaded_the_cure_is_named(db):
    dictionary.forget()
    with pytest.raises(dictionary.NoPack, match="innozone up"):
        dictionary.current()


def test_the_pack_of_the_first_zone_is_taken_in_and_comes_back(db):
    dictionary.forget()
    pack = load_pack("xixian")
    packs.load(pack)
    known = dictionary.current()
    assert known.variables == pack.dictionary.variables
    assert known.codelists == pack.dictionary.codelists
    assert Place.objects.count() == len(pack.parks)
    for entry in Dataset.objects.select_related("owner"):
        assert contract_of(entry) == replace(pack.datasets[entry.code], origin=None)
        assert entry.owner.code == pack.datasets[entry.code].owner
    dictionary.forget()
