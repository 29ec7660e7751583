"""`check_pack`: everything that can be wrong with a pack, its golden cases included."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from innozone.kernel.packs.loader import load_pack
from innozone.kernel.packs.model import GoldenCase, ItemData, Origin, Pack, PackError, Problem
from innozone.kernel.rules import Subject, Truth, evaluate, explain, value
from innozone.kernel.terms import UNKNOWN

# A sum is right to the fen.
_NEAR = Decimal("0.01")


def check_pack(name: str | Path, *, folder: Path | None = None, packages: Path | None = None) -> list[Problem]:
    """All problems of a pack: those of loading it, or else those of its golden cases. An empty list is a sound pack."""
    try:
        pack = load_pack(name, folder=folder, packages=packages)
    except PackError as error:
        return error.problems
    return list(golden_problems(pack))


def golden_problems(pack: Pack) -> Iterator[Problem]:
    """The golden cases whose result is not the known one, with what came out and why."""
    for policy in pack.policies.values():
        for item in policy.items:
            for case in item.cases:
                for message in _differences(pack, item, case):
                    origin = case.origin or Origin(policy.code, 1)
                    yield Problem(origin.file, origin.line, f"the case {case.name} of {item.code}: {message}")


def _differences(pack: Pack, item: ItemData, case: GoldenCase) -> Iterator[str]:
    if item.condition is None:
        return
    subject = Subject(pack.dictionary, case.facts, case.as_of, case.records)
    truth = evaluate(item.condition, subject)
    expected = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}[case.expect]
    if truth is not expected:
        why = "; ".join(str(leaf) for leaf in _decisive(item, subject, truth))
        yield f"expected {expected.name.lower()}, got {truth.name.lower()}" + (f" ({why})" if why else "")
    if case.value is not None:
        amount = item.benefit.expr if item.benefit else None
        yield from _wrong_number("the benefit", case.value, value(amount, subject) if amount else UNKNOWN)
    by_code = {score.code: score for score in item.scores}
    for code, points in case.scores.items():
        parsed = by_code[code].parsed
        yield from _wrong_number(f"the score {code}", points, value(parsed, subject) if parsed else UNKNOWN)


def _wrong_number(what: str, expected: Decimal, found: object) -> Iterator[str]:
    if isinstance(found, bool) or not isinstance(found, float | int | Decimal):
        yield f"{what} should be {expected}, but is {'unknown' if found is UNKNOWN else found}"
    elif abs(Decimal(str(found)) - expected) > _NEAR:
        yield f"{what} should be {expected}, but is {Decimal(str(found)):f}"


def _decisive(item: ItemData, subject: Subject, truth: Truth) -> list[str]:
    """The first leaves that made a verdict what it is."""
    if item.condition is None:
        return []
    told = explain(item.condition, subject)
    leaves = [leaf for leaf in told.leaves() if leaf.truth is truth]
    return [leaf.text for leaf in leaves[:3]]
