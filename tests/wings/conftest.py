"""The small zone of tests/zone.py with its own folder of data."""

import pytest

from tests import zone


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def parties(db):
    zone.load()
    return zone.populate()
