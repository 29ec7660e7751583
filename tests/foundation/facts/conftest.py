"""The small zone, loaded; a registry of three enterprises."""

import pytest

from innozone.foundation.facts import dictionary, packs
from tests.foundation.facts import zone as small


@pytest.fixture
def zone(db):
    """The small zone's pack is in force."""
    dictionary.forget()
    loaded = packs.load(small.pack())
    yield loaded
    dictionary.forget()


@pytest.fixture
def firms(zone):
    """Three enterprises of the registry, by number."""
    from innozone.foundation.parties.models import Party

    delivery = small.deliver("registry", small.registry(*(small.registry_row(number) for number in small.FIRMS)))
    assert delivery.rows_taken == 3, delivery.message
    return {number: Party.objects.get(credit_code=small.credit_code(number)) for number in small.FIRMS}
