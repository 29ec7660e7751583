"""The world is built once a module; what a test does to it is rolled back."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import override_settings

from tests.security import world as small


@pytest.fixture(scope="module")
def _built(django_db_setup, django_db_blocker, tmp_path_factory):
    from django.conf import settings

    folder = tmp_path_factory.mktemp("world")
    kept = override_settings(DATA=folder, MEDIA_ROOT=folder / "files")
    with django_db_blocker.unblock(), kept, transaction.atomic():
        yield small.build(folder, settings)
        transaction.set_rollback(True)


@pytest.fixture
def world(_built, db):
    """The zone with two firms and two departments."""
    return _built
