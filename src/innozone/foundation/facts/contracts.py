"""The contract of a dataset as the database keeps it."""

from __future__ import annotations

import json
from functools import lru_cache

from innozone.foundation.facts.models import Dataset
from innozone.foundation.facts.plain import from_data
from innozone.kernel.packs import DatasetContract


def contract_of(dataset: Dataset) -> DatasetContract:
    """The contract that deliveries of this dataset must keep."""
    return _contract(json.dumps(dataset.contract, sort_keys=True))


@lru_cache(maxsize=256)
def _contract(text: str) -> DatasetContract:
    return from_data(DatasetContract, json.loads(text))
