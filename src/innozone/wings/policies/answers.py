"""S25 政策需求调研: what was answered to the questions of a round, whole and group by group, so that nobody is recognised.

What fewer than SMALL enterprises said is not shown, neither by itself nor as what is left when the others are taken from
the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.verdicts import sandboxes
from innozone.kernel.rules.bulk.breakdown import NONE, NOT_KNOWN
from innozone.wings.policies.consultations import SCALE
from innozone.wings.policies.models import Consultation

SMALL = 5


@dataclass(frozen=True)
class Group:
    """One group of enterprises: how many answered, and answer → how many."""

    code: str
    answered: int
    counts: dict[str, int]


@dataclass(frozen=True)
class QuestionResult:
    """How a question was answered. counts: answer → how many, None where that would tell too much. mean: of numbers
    and scales, None below SMALL answers. texts: free answers, without names. groups: by variable, those that may be
    shown, in the order of their list."""

    question: Mapping[str, Any]
    answered: int
    counts: dict[str, int | None] = field(default_factory=dict)
    mean: Decimal | None = None
    texts: list[str] = field(default_factory=list)
    groups: dict[str, list[Group]] = field(default_factory=dict)


def results(found: Consultation) -> list[QuestionResult]:
    """The answers that stand, question by question. Two queries, and the newest snapshot for the groups."""
    rows = found.replies.filter(superseded_at__isnull=True).order_by("pk").values_list("party", "answers")
    replies = dict(rows)
    members = _members(list(replies)) if any(_chosen(question) for question in found.questions) else {}
    return [_result(question, replies, members) for question in found.questions]


def _chosen(question: Mapping[str, Any]) -> bool:
    return question["kind"] in ("single", "multiple", "scale")


def _result(
    question: Mapping[str, Any], replies: Mapping[int, Any], members: Mapping[str, Mapping[int, str]]
) -> QuestionResult:
    code, kind = question["code"], question["kind"]
    given = {party: answers[code] for party, answers in replies.items() if code in answers}
    made = QuestionResult(question, len(given))
    if _chosen(question):
        options = question["options"] or SCALE
        whole = _count(given.values())
        made.counts.update(_shown(whole, options, adds_up=kind != "multiple"))
        for variable, codes in members.items():
            if groups := _groups(given, codes, made.counts, whole):
                made.groups[variable] = groups
    enough = len(given) >= SMALL
    if kind == "text" and enough:
        made.texts.extend(str(value) for value in given.values())
    if kind in ("number", "scale") and enough:
        mean = sum((Decimal(value) for value in given.values()), Decimal(0)) / len(given)
        return QuestionResult(question, len(given), made.counts, mean, made.texts, made.groups)
    return made


def _count(values: Iterable[Any]) -> Counter[str]:
    return Counter(word for value in values for word in (value if isinstance(value, list) else [value]))


def _shown(whole: Counter[str], options: Iterable[str], *, adds_up: bool) -> dict[str, int | None]:
    """What may be shown of the counts. Where they add up to the answers, what is hidden must hold two options and SMALL
    enterprises at least: else it would follow from the rest."""
    options = list(options)
    hidden = {option for option in options if 0 < whole[option] < SMALL}
    while adds_up and hidden and (len(hidden) == 1 or sum(whole[option] for option in hidden) < SMALL):
        left = [option for option in options if whole[option] and option not in hidden]
        if not left:
            break
        hidden.add(min(left, key=lambda option: whole[option]))
    return {option: None if option in hidden else whole[option] for option in options}


def _groups(
    given: Mapping[int, Any], codes: Mapping[int, str], shown: Mapping[str, int | None], whole: Counter[str]
) -> list[Group]:
    """The groups that may be shown: no option of theirs was chosen by a few, and the rest that follows from them and the
    whole holds no few either."""
    parties: dict[str, list[int]] = {}
    for party in given:
        parties.setdefault(codes.get(party, NOT_KNOWN), []).append(party)
    counts = {code: _count(given[party] for party in inside) for code, inside in parties.items()}

    def few(count: Mapping[str, int]) -> bool:
        return any(0 < count[option] < SMALL for option, number in shown.items() if number is not None)

    kept = [
        code
        for code in parties
        if code not in (NONE, NOT_KNOWN)
        and len(parties[code]) >= SMALL
        and not any(0 < number < SMALL for number in counts[code].values())
    ]
    kept.sort(key=lambda code: len(parties[code]), reverse=True)
    while kept:
        rest = Counter(whole)
        for code in kept:
            rest.subtract(counts[code])
        people = len(given) - sum(len(parties[code]) for code in kept)
        if not few(rest) and not 0 < people < SMALL:
            break
        kept.pop()
    order = {code: at for at, code in enumerate(dict.fromkeys(codes.values()))}
    return [
        Group(code, len(parties[code]), {option: counts[code][option] for option in shown})
        for code in sorted(kept, key=lambda code: order[code])
    ]


def _members(parties: list[int]) -> dict[str, dict[int, str]]:
    """variable → party → group, for what figures are broken down by and of which an enterprise has one."""
    snapshot = Snapshot.objects.order_by("-recorded_at", "-id").first()
    if snapshot is None or not parties:
        return {}
    dictionary = facts_dictionary.current()
    columns = snapshots.open(snapshot)
    found: dict[str, dict[int, str]] = {}
    for variable in sandboxes.broken_down_by(dictionary):
        groups = sandboxes.groups_of(variable, snapshot, columns, dictionary)
        if not groups.once:
            continue
        ids = columns.party[groups.rows]
        inside = np.flatnonzero(np.isin(ids, parties))
        found[variable.code] = {
            int(party): groups.codes[place]
            for party, place in zip(ids[inside].tolist(), groups.places[inside].tolist(), strict=True)
        }
    return found
