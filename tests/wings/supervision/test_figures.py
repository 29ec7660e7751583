"""The cockpit's figures agree with the records they open to."""

from decimal import Decimal

import pytest

from innozone.foundation.facts.models import Fact
from innozone.foundation.verdicts import runs
from innozone.wings.policies import matching
from innozone.wings.supervision import figures
from innozone.wings.supervision.models import Target
from tests import zone

pytestmark = pytest.mark.django_db


def by_code():
    return {figure.code: figure for figure in figures.cockpit()}


def test_before_the_first_run_only_what_is_known_is_shown(parties):
    found = by_code()
    assert found["enterprises"].value == 4
    assert "entitled" not in found
    assert all(figure.value is None for figure in figures.targets())


def test_every_figure_says_what_it_is_and_opens_to_its_records(parties):
    matching.run()
    found = by_code()
    assert {code: figure.value for code, figure in found.items()} == {
        "enterprises": 4,
        "enterprises_by_region": 4,
        "enterprises_by_title": 4,
        "entitled": 3,
        "ready": 3,
        "near": 2,
        "benefits": Decimal("100000.00"),
        "benefits_ready": Decimal("150000.00"),
        "deliveries": 0,
        "rows_taken": 0,
        "rows_rejected": 0,
        "conflicts": 0,
        "objections": 0,
    }
    assert all(str(figure.label) and str(figure.definition) and figure.link for figure in found.values())
    assert [(part.code, part.value) for part in found["enterprises_by_title"].parts] == [("tech_sme", 1)]
    run = runs.latest()
    for part in found["near"].parts:
        verdict = run.verdicts.get(version__rule__code=part.code)
        assert part.value == len(runs.members(verdict, "near"))


def test_targets_are_counted_from_facts(parties):
    matching.run()
    found = {figure.code: figure for figure in figures.targets()}
    assert (found["T1"].value, found["T1"].target, found["T1"].reached) == (1, 10, Decimal("0.1"))
    # Only the three enterprises whose revenue and R&D are both known: 140万 of 2001万.
    assert found["T2"].value == Decimal("6.9965")
    assert (found["T3"].value, found["T3"].reached, found["T3"].link) == (None, None, None)
    assert found["T1"].label_in("en") == "Technology SMEs"


def test_targets_that_left_the_pack_are_gone(parties):
    zone.load(zone.pack(targets={}, version="2"))
    assert Target.objects.count() == 0


def test_conflicts_are_counted_as_they_stand(parties):
    Fact.objects.filter(party=parties[0], variable="revenue").update(conflicting=True)
    assert by_code()["conflicts"].value == 1


def test_the_cockpit_takes_a_bounded_number_of_queries(parties, django_assert_max_num_queries):
    matching.run()
    figures.cockpit()
    with django_assert_max_num_queries(20):
        figures.cockpit()
    with django_assert_max_num_queries(6):
        figures.targets()
