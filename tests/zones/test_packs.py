"""The packs of the house load without a problem, and every golden case of every item comes out as its author says."""

from __future__ import annotations

import pytest

from innozone.kernel.packs import GoldenCase, ItemData, Pack, load_pack
from innozone.kernel.rules import Subject, Truth, evaluate, value
from innozone.kernel.terms import UNKNOWN

PACKS = ("china", "xixian")


@pytest.fixture(scope="module", params=PACKS)
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(request.param)


def golden(pack: Pack) -> list[tuple[ItemData, GoldenCase]]:
    return [(item, case) for policy in pack.policies.values() for item in policy.items for case in item.cases]


def expected(case: GoldenCase) -> Truth:
    return Truth.UNKNOWN if case.expect is None else Truth.TRUE if case.expect else Truth.FALSE


def test_every_golden_case_has_the_verdict_its_author_expects(pack: Pack) -> None:
    wrong = []
    for item, case in golden(pack):
        subject = Subject(pack.dictionary, case.facts, case.as_of, case.records)
        assert item.condition is not None
        verdict = evaluate(item.condition, subject)
        if verdict is not expected(case):
            wrong.append(f"{item.code} “{case.name}” ({case.origin}): {verdict.value}, not {expected(case).value}")
    assert not wrong, "\n".join(wrong)


def test_every_golden_case_has_the_amount_and_the_points_its_author_expects(pack: Pack) -> None:
    wrong = []
    for item, case in golden(pack):
        subject = Subject(pack.dictionary, case.facts, case.as_of, case.records)
        if case.value is not None:
            assert item.benefit is not None, item.code
            assert item.benefit.expr is not None, f"{item.code} has no amount"
            amount = value(item.benefit.expr, subject)
            if amount is UNKNOWN or amount != pytest.approx(float(case.value), abs=0.01):
                wrong.append(f"{item.code} “{case.name}”: {amount} 元, not {case.value} ({case.origin})")
        scores = {score.code: score.parsed for score in item.scores}
        for code, points in case.scores.items():
            expr = scores[code]
            assert expr is not None
            reached = value(expr, subject)
            if reached is UNKNOWN or reached != pytest.approx(float(points), abs=1e-6):
                wrong.append(f"{item.code} “{case.name}”: {code} {reached}, not {points} ({case.origin})")
    assert not wrong, "\n".join(wrong)


def test_every_item_is_shown_by_cases_that_hold_that_fail_and_that_are_open(pack: Pack) -> None:
    """An item with a leaf for a person cannot be true by facts alone; the others show all three."""
    missing = []
    for policy in pack.policies.values():
        for item in policy.items:
            assert item.condition is not None
            shown = {case.expect for case in item.cases}
            wanted = {True, False, None}
            always_manual = all(evaluate(item.condition, _subject(pack, case)) is not Truth.TRUE for case in item.cases)
            if always_manual and "manual" in str(item.conditions):
                wanted = {False, None}
            missing += [f"{item.code} has no case with {one}" for one in wanted - shown]
    assert not missing, "\n".join(missing)


def test_every_leaf_points_to_words_of_its_document_and_to_its_article(pack: Pack) -> None:
    bare = []
    for policy in pack.policies.values():
        assert policy.number or policy.proposal, f"{policy.code} names no document and is no proposal of ours"
        for item in policy.items:
            assert item.condition is not None
            for leaf in item.condition.leaves():
                if leaf.anchor.span is None or not leaf.anchor.source:
                    bare.append(f"{item.code}: {leaf.to_data()}")
                elif not policy.text[leaf.anchor.span[0] : leaf.anchor.span[1]]:
                    bare.append(f"{item.code}: empty span")
    assert not bare, "\n".join(bare)


def test_every_source_is_an_article_of_the_text(pack: Pack) -> None:
    """The article named by a leaf stands in the text, so that the quote is found behind it."""
    lost = []
    for policy in pack.policies.values():
        for item in policy.items:
            assert item.condition is not None
            lost += [
                f"{policy.code} {item.code}: {leaf.anchor.source}"
                for leaf in item.condition.leaves()
                if leaf.anchor.source not in policy.text
            ]
    assert not lost, "\n".join(lost)


def test_item_codes_are_unique_and_every_item_speaks_both_languages(pack: Pack) -> None:
    items = [item for policy in pack.policies.values() for item in policy.items]
    assert len({item.code for item in items}) == len(items)
    for item in items:
        labels = [item.name, item.summary, *(score.label for score in item.scores)]
        if item.benefit is not None and item.benefit.note is not None:
            labels.append(item.benefit.note)
        assert all(label is not None and all((label.zh, label.en)) for label in labels), item.code
        assert item.department, item.code
        if item.kind == "support":
            assert item.benefit is not None, item.code


def test_a_recognition_of_the_country_grants_a_code_of_the_list(pack: Pack) -> None:
    designations = pack.dictionary.codelists["designations"]
    for policy in pack.policies.values():
        for item in policy.items:
            assert item.grants is None or item.grants in designations, item.code


def test_the_zone_knows_every_target_of_the_plan_and_counts_the_chief_ones() -> None:
    targets = load_pack("xixian").targets
    assert len(targets) == 91
    counted = {code for code, target in targets.items() if target.actual is not None}
    assert {"T005", "T006", "T007", "T035", "T036", "T041", "T044", "T055"} <= counted
    assert targets["T006"].value == 5000
    assert targets["T005"].scale == 100_000_000


def test_the_packs_hold_the_national_standards_and_the_usual_support() -> None:
    pack = load_pack("xixian")
    items = {item.code: policy for policy in pack.policies.values() for item in policy.items}
    assert {"tech_sme", "high_tech_enterprise", "sme_size", "innovative_sme", "specialised_sme", "little_giant"} <= set(
        items
    )
    assert all(policy.number for policy in items.values() if policy.level == "national")
    assert all(policy.proposal for policy in items.values() if policy.level == "zone")
    assert len(items) >= 32


def _subject(pack: Pack, case: GoldenCase) -> Subject:
    return Subject(pack.dictionary, case.facts, case.as_of, case.records)
