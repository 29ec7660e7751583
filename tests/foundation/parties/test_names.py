"""Names under which enterprises are found."""

import pytest

from innozone.foundation.parties.models import Party, PartyName
from innozone.foundation.parties.names import index_of_names, name_key
from tests.foundation.facts.zone import LISTS

REGIONS = LISTS[1]


@pytest.mark.parametrize(
    "written",
    ["西安 秦创（沣东）光电科技有限公司", "西安秦创(沣东)光电科技有限公司 ", "西安秦创﹙沣东﹚光电科技有限公司"],
)
def test_spellings_of_one_name_have_one_key(written):
    assert name_key(written) == name_key("西安秦创（沣东）光电科技有限公司")


def firm(code, *names):
    party = Party.objects.create(kind="enterprise", name=names[0], credit_code=code)
    for at, name in enumerate(names):
        kind = "former" if at else "current"
        PartyName.objects.create(party=party, name=name, key=name_key(name), kind=kind)
    return party


def test_close_names_are_found_among_present_and_former_ones_and_the_index_is_kept(db):
    first = firm("91610112MA00000155", "西安甲光电科技有限公司", "西安丁香光电科技有限公司")
    firm("91610112MA00000230", "西安大河重工机械有限公司")
    index = index_of_names(REGIONS)
    assert [candidate.party for candidate in index.close("西安丁湘光电科技有限公司")] == [first.pk]
    assert index_of_names(REGIONS) is index
    later = firm("91610112MA00000310", "西安乙能源科技有限公司")
    assert [candidate.party for candidate in index_of_names(REGIONS).close("西安乙能源科技公司")] == [later.pk]


def test_merged_enterprises_and_departments_are_not_offered(db):
    kept = firm("91610112MA00000155", "西安甲光电科技有限公司")
    merged = firm("91610112MA00000230", "西安甲光电科技有限责任公司")
    Party.objects.filter(pk=merged.pk).update(redirect=kept)
    Party.objects.create(kind="department", name="西安甲光电科技局")
    assert [candidate.party for candidate in index_of_names(REGIONS).close("西安甲光电科技股份有限公司")] == [kept.pk]


def test_an_empty_zone_has_an_index(db):
    assert index_of_names(None).close("西安甲光电科技有限公司") == []
