"""S25 “1+N”政策体系: one general policy, N special ones by theme, measures and rules under each; gaps and overlaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.verdicts import rules, runs
from innozone.foundation.verdicts.models import RuleVersion, Verdict
from innozone.foundation.verdicts.rules import Problem
from innozone.wings.policies import evaluations
from innozone.wings.policies.models import Evaluation, Policy

DEEPEST = 4


@dataclass
class Branch:
    """A policy in the tree with what stands under it. entitled: over the newest run, an enterprise once an item.
    paid: 元 in the last year. evaluations: the newest first."""

    policy: Policy
    items: int = 0
    entitled: int = 0
    paid: Decimal = Decimal(0)
    versions: int = 0
    evaluations: list[Evaluation] = field(default_factory=list)
    children: list[Branch] = field(default_factory=list)

    @property
    def adjusted(self) -> Evaluation | None:
        """The newest evaluation that led to another version."""
        return next((each for each in self.evaluations if each.outcome_id), None)


class Misplaced(ValueError):
    """A place in the tree that cannot be, as a sentence."""


@transaction.atomic
def place(policy: Policy, part: str, parent: Policy | None) -> Policy:
    """Puts the policy into the tree. Raises Misplaced for a ring, and below the fourth level."""
    # Papers are few; two that move at once would else make a ring of which each sees only half.
    list(Policy.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if parent is not None:
        parent = Policy.objects.get(pk=parent.pk)
    above, depth = parent, 1
    while above is not None:
        if above.pk == policy.pk:
            raise Misplaced(_("A policy cannot stand under itself."))
        above, depth = above.parent, depth + 1
        if depth > 64:
            break
    if depth + _height(policy) > DEEPEST:
        raise Misplaced(_("The tree has at most %(levels)d levels.") % {"levels": DEEPEST})
    policy.part, policy.parent = part, parent
    policy.save(update_fields=["part", "parent"])
    return policy


def _height(policy: Policy) -> int:
    """Levels below the policy."""
    below, height = [policy.pk], -1
    while below and height < DEEPEST:
        below = list(Policy.objects.filter(parent__in=below).values_list("pk", flat=True))
        height += 1
    return height


def tree(policies: Iterable[Policy]) -> list[Branch]:
    """The given policies as a tree; what stands under none of them is a root. General policies first. Bounded queries."""
    found = list(policies)
    keys = [policy.pk for policy in found]
    counts = {
        row["pk"]: row
        for row in Policy.objects.filter(pk__in=keys)
        .values("pk")
        .annotate(
            live=Count("items", filter=Q(items__ended=False), distinct=True), texts=Count("versions", distinct=True)
        )
    }
    run = runs.latest()
    entitled: dict[int, int] = {}
    if run is not None:
        rows = Verdict.objects.filter(run=run, version__rule__item__policy__in=keys)
        for policy, number in rows.values_list("version__rule__item__policy", "true_count"):
            entitled[policy] = entitled.get(policy, 0) + number
    paid = _paid(keys)
    told: dict[int, list[Evaluation]] = {}
    for each in Evaluation.objects.filter(policy__in=keys).select_related("outcome").order_by("-end", "-pk"):
        told.setdefault(each.policy_id, []).append(each)
    branches = {
        policy.pk: Branch(
            policy,
            counts[policy.pk]["live"],
            entitled.get(policy.pk, 0),
            paid.get(policy.pk, Decimal(0)),
            counts[policy.pk]["texts"],
            told.get(policy.pk, []),
        )
        for policy in found
    }
    roots = []
    for branch in branches.values():
        above = branches.get(branch.policy.parent_id or 0)
        (above.children if above is not None else roots).append(branch)
    order = {"general": 0, "special": 1, "measure": 2, "": 3}
    for siblings in [roots, *(branch.children for branch in branches.values())]:
        siblings.sort(key=lambda each: (order.get(each.policy.part, 3), each.policy.code))
    return roots


def _paid(policies: list[int]) -> dict[int, Decimal]:
    codes = dict(
        RuleVersion.objects.filter(rule__item__policy__in=policies).values_list("rule__code", "rule__item__policy")
    )
    today = timezone.localdate()
    totals: dict[int, Decimal] = {}
    for code, (_number, _parties, total) in evaluations.payments(codes, today - evaluations.DUE_AFTER, today).items():
        totals[codes[code]] = totals.get(codes[code], Decimal(0)) + total
    return totals


def gaps(policies: Iterable[Policy]) -> list[str]:
    """Codes of themes of which no policy in force speaks."""
    themes = facts_dictionary.current().codelists.get("themes")
    spoken = {code for policy in policies if policy.status == Policy.Status.CONFIRMED for code in policy.themes}
    return [entry.code for entry in themes or () if entry.code not in spoken]


@dataclass(frozen=True)
class Overlap:
    """Something that two rules in force say against or beside each other: the rule, the place in it, what and which."""

    version: RuleVersion
    problem: Problem


def overlaps() -> list[Overlap]:
    """强化不同政策协同性: what the items in force of all policies say of each other, as the checker does within one."""
    dictionary = facts_dictionary.current()
    versions = list(
        rules.in_force(timezone.localdate())
        .filter(rule__item__ended=False)
        .select_related("rule__item__policy")
        .order_by("rule__item__policy", "rule__code")
    )
    parsed = [(version, rules.parsed(version)) for version in versions]
    within = set()
    for _policy, group in groupby(parsed, key=lambda pair: pair[0].rule.item.policy_id):
        own = list(group)
        for (version, _read), problems in zip(own, rules.inspect_together(own, dictionary=dictionary), strict=True):
            within |= {(version.pk, problem.path, problem.message) for problem in problems}
    told = rules.inspect_together(parsed, dictionary=dictionary)
    return [
        Overlap(version, problem)
        for version, problems in zip(versions, told, strict=True)
        for problem in problems
        if (version.pk, problem.path, problem.message) not in within
    ]
