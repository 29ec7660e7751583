"""Rules and their versions: published once checked, added and never edited, ended and never deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.rules import Condition, ConditionError, Expr, RuleSyntaxError, check, load_condition, parse
from innozone.kernel.rules.check import Expect
from innozone.kernel.rules.items import Item, check_items
from innozone.kernel.rules.solve.stacking import (
    AllocationRule,
    Stacking,
    StackingProblem,
    load_allocation,
    load_stacking,
)
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Dictionary

#: The code list that `grants` of a recognition speaks of.
DESIGNATIONS = "designations"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule: the place in its data (`conditions.all[1].test`), the character there, the sentence.

    `fatal`: the data is no rule at all, so that it cannot even be kept as a draft.
    """

    path: str
    message: str
    position: int | None = None
    severity: str = "error"
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RuleRefused(ValueError):
    """A rule that cannot be published: `problems` holds all that is wrong with it, warnings left out."""

    def __init__(self, code: str, problems: list[Problem]) -> None:
        self.code = code
        self.problems = problems
        super().__init__(f"{code}: " + "; ".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Parsed:
    """A rule's data read: the condition, the benefit in 元 (None without a sum), the named scores, what the item may be
    combined with, how its own budget or places are shared."""

    condition: Condition
    benefit: Expr | None = None
    scores: Mapping[str, Expr] = field(default_factory=dict)
    stacking: Stacking = field(default_factory=Stacking)
    allocation: AllocationRule | None = None

    def allocations(self) -> Iterator[tuple[str, AllocationRule]]:
        """The allocations that the item takes part in: its own (code empty) and those of its groups."""
        if self.allocation is not None:
            yield "", self.allocation
        for group in self.stacking.groups:
            if group.allocation is not None:
                yield group.code, group.allocation


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the data in one canonical form: equal data, equal digest."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def inspect(
    data: Mapping[str, Any], *, document: str | None = None, dictionary: Dictionary | None = None
) -> tuple[Parsed | None, list[Problem]]:
    """Reads and checks a rule's data; every problem at once. Parsed is None when an error stands in the way.

    With `document` every quote must stand in it.
    """
    dictionary = dictionary or facts_dictionary.current()
    problems: list[Problem] = []
    condition = None
    try:
        condition = load_condition(data.get("conditions"), document=document)
    except ConditionError as error:
        problems.append(Problem(_join("conditions", error.path), error.message, error.position, fatal=True))
    else:
        problems += _checked(condition, dictionary, "bool", "conditions")
    benefit = None
    amount = (data.get("benefit") or {}).get("amount")
    if amount is not None:
        benefit = _expression(str(amount), "benefit.amount", dictionary, problems, "money")
    scores = {}
    for code, score in (data.get("scores") or {}).items():
        expr = _expression(str(score.get("expr", "")), f"scores.{code}", dictionary, problems)
        if expr is not None:
            scores[code] = expr
    grants = data.get("grants")
    designations = dictionary.codelists.get(DESIGNATIONS)
    if grants and designations is not None and grants not in designations:
        problems.append(Problem("grants", say("“{}” is not in the code list {}{}", grants, DESIGNATIONS, "")))
    stacking, wrong = load_stacking(data.get("stacking"), document=document)
    problems += _declared("stacking", wrong)
    allocation, wrong = load_allocation(data.get("allocation"), document=document)
    problems += _declared("allocation", wrong)
    if condition is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    read = Parsed(condition, benefit, scores, stacking or Stacking(), allocation)
    for _code, rule in read.allocations():
        for key in rule.order:
            if key.expr:
                _expression(key.expr, f"allocation.order.{key.kind}", dictionary, problems)
    return (None if any(problem.severity == "error" for problem in problems) else read), problems


def inspect_together(
    versions: Sequence[tuple[RuleVersion, Parsed | None]], *, dictionary: Dictionary | None = None
) -> list[list[Problem]]:
    """For each version of the rules of one policy, what it says against the others. `Parsed` as inspect gives it: what
    could not be read takes no part."""
    items = [
        Item(
            version.rule.code,
            read.condition,
            version.rule.name,
            read.benefit,
            (version.data.get("benefit") or {}).get("kind") or "",
            version.data.get("grants"),
            read.stacking,
        )
        if read is not None
        else None
        for version, read in versions
    ]
    told: list[list[Problem]] = [[] for _ in versions]
    for found in check_items(items, dictionary or facts_dictionary.current()):
        place, _, path = found.path.partition(".")
        at = int(place.removeprefix("items[").removesuffix("]"))
        told[at].append(Problem(path, found.message, found.position, found.severity))
    return told


def publish(
    code: str,
    kind: str,
    name: str,
    name_en: str,
    data: Mapping[str, Any],
    document: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    *,
    dictionary: Dictionary | None = None,
) -> RuleVersion:
    """The version in force from now on. The same data with the same dates is the same version: nothing changes.

    `document` is the text in which the quotes must stand. Raises RuleRefused with every problem.
    """
    _refuse(code, inspect(data, document=document, dictionary=dictionary)[1])
    with transaction.atomic():
        rule = _rule(code, kind, name, name_en)
        version = _version(rule, data, valid_from, valid_to)
        return _put_in_force(rule, version)


def draft(
    code: str,
    kind: str,
    name: str,
    name_en: str,
    data: Mapping[str, Any],
    document: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    *,
    dictionary: Dictionary | None = None,
) -> RuleVersion:
    """A wording that waits for a person's word; the one in force stays in force. The same data is the same version.

    Variables may still be unknown, but the data must be a rule and the quotes must stand in `document`: RuleRefused.
    """
    _, problems = inspect(data, document=document, dictionary=dictionary)
    _refuse(code, [problem for problem in problems if problem.fatal])
    with transaction.atomic():
        rule = _rule(code, kind, name, name_en)
        return _version(rule, data, valid_from, valid_to)


def activate(version: RuleVersion, document: str | None = None, *, dictionary: Dictionary | None = None) -> RuleVersion:
    """Puts a draft in force in place of the version before it. Raises RuleRefused with every problem."""
    _refuse(version.rule.code, inspect(version.data, document=document, dictionary=dictionary)[1])
    with transaction.atomic():
        rule = Rule.objects.select_for_update(no_key=True).get(pk=version.rule_id)
        return _put_in_force(rule, version)


def _refuse(code: str, problems: list[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise RuleRefused(code, errors)


def _rule(code: str, kind: str, name: str, name_en: str) -> Rule:
    """The rule of that code under these names, locked until the transaction ends."""
    rule, made = Rule.objects.get_or_create(code=code, defaults={"kind": kind, "name": name, "name_en": name_en})
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if not made and (rule.kind, rule.name, rule.name_en) != (kind, name, name_en):
        rule.kind, rule.name, rule.name_en = kind, name, name_en
        rule.save(update_fields=["kind", "name", "name_en"])
    return rule


def _version(rule: Rule, data: Mapping[str, Any], valid_from: date | None, valid_to: date | None) -> RuleVersion:
    """The newest version if it says the same, or a new one."""
    digest = digest_of(data)
    newest = rule.versions.order_by("-number").first()
    same = newest and (newest.digest, newest.valid_from, newest.valid_to) == (digest, valid_from, valid_to)
    if newest and same and newest.status != RuleVersion.Status.ENDED:
        return newest
    return RuleVersion.objects.create(
        rule=rule,
        number=newest.number + 1 if newest else 1,
        data=json.loads(json.dumps(data, ensure_ascii=False, default=str)),
        digest=digest,
        status=RuleVersion.Status.DRAFT,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _put_in_force(rule: Rule, version: RuleVersion) -> RuleVersion:
    if version.status != RuleVersion.Status.ACTIVE:
        before = rule.versions.filter(status=RuleVersion.Status.ACTIVE)
        if version.valid_from is not None and version.valid_from > timezone.localdate():
            # What is in force today stays so until the new wording begins; what was to begin later does not.
            before = before.filter(valid_from__gte=version.valid_from)
        before.update(status=RuleVersion.Status.ENDED)
        version.status = RuleVersion.Status.ACTIVE
        version.activated_at = timezone.now()
        version.save(update_fields=["status", "activated_at"])
    return version


def retire(rule: Rule) -> None:
    """Ends the rule: no later run holds anyone against it; its versions and verdicts stay."""
    today = timezone.localdate()
    rule.versions.filter(activated_at__isnull=False, retired_on__isnull=True).update(retired_on=today)
    rule.versions.filter(status=RuleVersion.Status.ACTIVE).update(status=RuleVersion.Status.ENDED)


def active() -> QuerySet[RuleVersion]:
    """The versions in force now or later."""
    return RuleVersion.objects.filter(status=RuleVersion.Status.ACTIVE)


def in_force(as_of: date, known_at: datetime | None = None) -> QuerySet[RuleVersion]:
    """The versions that a run of that day holds everyone against: of each rule the newest whose time covers the day.

    `known_at` leaves out what was published later: what was thought then to be in force on the day.
    """
    covering = RuleVersion.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=as_of),
        Q(valid_to__isnull=True) | Q(valid_to__gte=as_of),
        Q(retired_on__isnull=True) | Q(retired_on__gt=as_of),
        activated_at__isnull=False,
    )
    if known_at is not None:
        covering = covering.filter(activated_at__lte=known_at)
    newest = covering.order_by("rule_id", "-number").distinct("rule_id").values("pk")
    return RuleVersion.objects.filter(pk__in=newest).select_related("rule").order_by("rule__code")


def current(versions: Iterable[RuleVersion], as_of: date) -> RuleVersion | None:
    """Of one rule's published versions that in force on the day, else the one that begins next; None for none."""
    published = [version for version in versions if version.status == RuleVersion.Status.ACTIVE]
    covering = [
        version for version in published if (version.valid_from or as_of) <= as_of <= (version.valid_to or as_of)
    ]
    later = sorted(published, key=lambda version: (version.valid_from or as_of, version.number))
    return max(covering, key=lambda version: version.number, default=next(iter(later), None))


_known: dict[tuple[int, str], Parsed] = {}


def parsed(version: RuleVersion) -> Parsed:
    """The version read, kept in memory. A published version is sound: an error here is a broken database."""
    key = (version.pk, version.digest)
    if key not in _known:
        data = version.data
        amount = (data.get("benefit") or {}).get("amount")
        read = Parsed(
            load_condition(data["conditions"]),
            _parse(str(amount)) if amount is not None else None,
            {code: _parse(str(score["expr"])) for code, score in (data.get("scores") or {}).items()},
            load_stacking(data.get("stacking"))[0] or Stacking(),
            load_allocation(data.get("allocation"))[0],
        )
        if len(_known) >= 10_000:
            _known.clear()
        _known[key] = read
    return _known[key]


def anchored(version: RuleVersion, document: str) -> Condition:
    """The condition with the place of every quote in `document`; without places where the text has changed since."""
    try:
        return load_condition(version.data["conditions"], document=document)
    except ConditionError:
        return parsed(version).condition


@lru_cache(maxsize=4096)
def _parse(text: str) -> Expr:
    return parse(text)


def _expression(
    text: str, path: str, dictionary: Dictionary, problems: list[Problem], expect: Expect = "number"
) -> Expr | None:
    try:
        expr = parse(text)
    except RuleSyntaxError as error:
        problems.append(Problem(path, error.said, error.position, fatal=True))
        return None
    problems += _checked(expr, dictionary, expect, path)
    return expr


def _checked(node: Condition | Expr, dictionary: Dictionary, expect: Expect, root: str) -> list[Problem]:
    return [
        Problem(_join(root, found.path), found.message, found.position, found.severity)
        for found in check(node, dictionary, expect=expect)
    ]


def _declared(root: str, wrong: Iterable[StackingProblem]) -> list[Problem]:
    return [Problem(_join(root, found.path), found.message) for found in wrong]


def _join(root: str, path: str) -> str:
    return f"{root}.{path}" if path else root
