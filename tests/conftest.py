"""What the tests share."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def _language():
    """Every test begins in the house's language, whatever the last request of another one asked for."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of texts, oracles and code tables beside the project; absent on most machines, never in CI."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing: the checks against published texts and data cannot run")
        pytest.skip(f"{folder} is not on this machine")
    return folder
