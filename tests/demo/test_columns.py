"""The population as columns says what the deliveries say, and leaves unknown what they leave unknown."""

from __future__ import annotations

import numpy as np
import pytest

from innozone.demo.columns import columns
from innozone.demo.deliveries import populate
from innozone.kernel.columns import Numbers, Records, Sets, Snapshot
from innozone.kernel.terms import UNKNOWN

from .conftest import FIRMS, TODAY

SEED = 20261123  # that of the demonstration
LAST = TODAY.year - 1


@pytest.fixture(scope="module")
def people(pack):
    return populate(pack, FIRMS, SEED, TODAY)


@pytest.fixture(scope="module")
def made(pack, people):
    return columns(pack, people, SEED)


def test_every_stored_variable_that_rules_can_read_has_a_column(pack, made):
    for variable in pack.dictionary:
        if variable.formula is None and variable.type != "text":
            assert (variable.code if variable.period == "none" else f"{variable.code}@{LAST}") in made, variable.code
    assert {name for name in made if name.endswith("[]")} == {f"{code}[]" for code in pack.dictionary.records}
    assert Snapshot.from_columns(made, as_of=TODAY, dictionary=pack.dictionary).rows == FIRMS


def test_what_is_known_is_true(made, demonstration):
    for name in ("registered_capital", f"revenue@{LAST}", f"staff_total@{LAST - 2}", "innovation_score", "niche_share"):
        values, true = made[name].values, demonstration.firms[name].to_numpy()
        known = ~np.isnan(values)
        assert known.sum() > FIRMS / 4
        assert np.array_equal(values[known], true[known]), name
    for name in ("industry", "entity_type", "tech_field"):
        found = [made[name].get(row) for row in range(FIRMS)]
        assert all(code in (UNKNOWN, true) for code, true in zip(found, demonstration.firms[name], strict=True)), name


def test_unknown_is_what_no_delivery_tells(made, demonstration):
    """Firms that a dataset does not reach, years before the founding, and a few empty cells."""
    for name, dataset in (("revenue", "operations"), ("staff_total", "social_security")):
        there = ~np.isnan(made[f"{name}@{LAST}"].values)
        true = demonstration.firms[f"{name}@{LAST}"].is_not_null().to_numpy()
        assert 0 < there.sum() <= true.sum(), (name, dataset)
    score, reached = made["innovation_score"], demonstration.firms["in:innovation_survey"].to_numpy()
    assert not (~np.isnan(score.values) & ~reached).any()
    assert 0.95 < (~np.isnan(score.values)).sum() / reached.sum() < 1
    chains = made["industry_chains"]
    assert isinstance(chains, Sets)
    assert 0 < chains.known.sum() < FIRMS
    assert all(chains.get(row) for row in np.flatnonzero(chains.known))


def test_records_and_what_is_made_from_them(made, demonstration):
    rights = made["ip[]"]
    assert isinstance(rights, Records)
    true = demonstration.records("ip")
    assert rights.count == true.height
    counted = made["invention_patents"]
    assert isinstance(counted, Numbers)
    kinds = rights.fields["kind"]
    inventions = [at for at in range(rights.count) if kinds.get(at) == "invention_patent"]
    assert 0 < counted.values.sum() <= len(inventions)
    assert not made["bids[]"].known.all()  # of firms without a bid nobody knows


def test_only_some_columns_are_the_same_columns(pack, people, made):
    some = columns(pack, people, SEED, {f"revenue@{LAST}", "ip_class_1"})
    assert {name for name in some if not name.endswith("[]")} == {f"revenue@{LAST}", "ip_class_1"}
    for name in (f"revenue@{LAST}", "ip_class_1"):
        assert np.array_equal(some[name].values, made[name].values, equal_nan=True)
