"""S21 政策汇聚: the library of policies as it is searched and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from innozone.foundation.verdicts.models import Rule, RuleVersion, Run, Verdict
from innozone.foundation.verdicts.rules import current
from innozone.wings.policies.models import Item, Policy, PolicyVersion

MOST_WORDS = 8
#: Days ahead within which an item is said to close soon.
SOON = 30
Validity = Literal["now", "coming", "ended"]


def search(text: str, rows: QuerySet[Policy] | None = None) -> QuerySet[Policy]:
    """Policies that hold every word in title, number, issuer, gist, key words, tags, text or an item's name.

    Chinese is written without spaces: a word of four or more characters that stands nowhere as such is also found
    by its pairs of characters (“研发奖励” finds “研发费用奖励”).
    """
    found = Policy.objects.all() if rows is None else rows
    for word in text.split()[:MOST_WORDS]:
        whole = _holds(word)
        if len(word) >= 4 and not word.isascii():
            parts = Q()
            for at in range(0, len(word) - 1, 2):
                parts &= _holds(word[at : at + 2])
            whole |= parts
        found = found.filter(whole)
    return found


def _holds(word: str) -> Q:
    newest = PolicyVersion.objects.filter(policy=OuterRef(OuterRef("pk"))).order_by("-number").values("pk")[:1]
    # Where nothing has a case, whole papers need not be brought to one: ten times as quick.
    text_holds = Q(text__contains=word) if word.upper() == word.lower() else Q(text__icontains=word)
    text = PolicyVersion.objects.filter(pk=newest).filter(
        Q(gist__icontains=word) | Q(keywords__icontains=word) | Q(tags__icontains=word) | text_holds
    )
    items = Item.objects.filter(policy=OuterRef("pk"), ended=False).filter(
        Q(rule__name__icontains=word) | Q(rule__name_en__icontains=word) | Q(summary__icontains=word)
    )
    return (
        Q(title__icontains=word)
        | Q(title_en__icontains=word)
        | Q(number__icontains=word)
        | Q(issuer_name__icontains=word)
        | Exists(text)
        | Exists(items)
    )


def validity(policy: Policy, today: date) -> Validity:
    """Does the paper hold on the day: `in_validity` says the same of many."""
    if policy.status == Policy.Status.ENDED or (policy.valid_to or today) < today:
        return "ended"
    return "coming" if (policy.valid_from or today) > today else "now"


def in_validity(value: str, today: date) -> Q:
    """The condition for published policies whose validity on the day is `value`."""
    over = Q(status=Policy.Status.ENDED) | Q(valid_to__isnull=False, valid_to__lt=today)
    coming = Q(valid_from__isnull=False, valid_from__gt=today)
    return {"ended": over, "coming": coming & ~over, "now": ~over & ~coming}[value]


def closing(today: date) -> Q:
    """The condition for policies of which an item closes within SOON days."""
    last = today + timedelta(days=SOON)
    found = Item.objects.filter(policy=OuterRef("pk"), ended=False, closes__gte=today, closes__lte=last)
    return Q(Exists(found)) & ~Q(status=Policy.Status.ENDED)


def giving(kind: str = "") -> Q:
    """The condition for policies with an item in force that gives this kind of support; without one, a sum of money."""
    versions = RuleVersion.objects.filter(
        status=RuleVersion.Status.ACTIVE, rule__item__policy=OuterRef("pk"), rule__item__ended=False
    )
    if kind:
        return Q(Exists(versions.filter(data__benefit__kind=kind)))
    return Q(Exists(versions.filter(data__benefit__amount__isnull=False).exclude(data__benefit__amount=None)))


@dataclass(frozen=True)
class ItemInForce:
    """An item with the wording that counts: the one in force, of a draft the newest."""

    item: Item
    version: RuleVersion | None


def items(policy: Policy, *, drafts_first: bool = False) -> list[ItemInForce]:
    """The items of a policy in their order, those that have ended left out. Two queries.

    `drafts_first`: a correction that waits to be confirmed stands before the wording in force, as editors see it.
    """
    versions = RuleVersion.objects.filter(status__in=["active", "draft"]).order_by("-number")
    rows = (
        policy.items.filter(ended=False)
        .select_related("rule", "department", "policy")
        .prefetch_related(Prefetch("rule__versions", versions, to_attr="living"))
        .order_by("position")
    )
    return [ItemInForce(item, _counting(item.rule, drafts_first)) for item in rows]


def stamp(number: int, found: Sequence[ItemInForce]) -> str:
    """A word for the paper as it stands: two editors who begin with the same one would write over each other."""
    state = [
        (
            each.item.rule.code,
            each.item.rule.name,
            each.item.rule.name_en,
            each.item.rule.kind,
            each.version.digest if each.version else "",
            each.item.summary,
            str(each.item.opens),
            str(each.item.closes),
            each.item.department_id,
            each.item.papers,
        )
        for each in found
    ]
    return hashlib.sha256(json.dumps([number, state]).encode()).hexdigest()[:16]


def _counting(rule: Rule, drafts_first: bool) -> RuleVersion | None:
    living: list[RuleVersion] = rule.living  # type: ignore[attr-defined]
    if drafts_first:
        return living[0] if living else None
    return current(living, timezone.localdate()) or next(iter(living), None)


def newest(policy: Policy) -> PolicyVersion | None:
    """The newest version of the text."""
    return policy.versions.order_by("-number").first()


def gists(policies: Iterable[Policy]) -> dict[int, str]:
    """The gist of the newest version of each, in one query."""
    rows = (
        PolicyVersion.objects.filter(policy__in=[policy.pk for policy in policies])
        .order_by("policy_id", "-number")
        .distinct("policy_id")
    )
    return dict(rows.values_list("policy_id", "gist"))


def verdicts(policy: Policy, run: Run) -> list[Verdict]:
    """What a run said of the items of a policy, in their order."""
    return list(
        Verdict.objects.filter(run=run, version__rule__item__policy=policy)
        .select_related("version__rule", "run__snapshot")
        .order_by("version__rule__item__position")
    )


def of_rules(rules: Iterable[int]) -> dict[int, Item]:
    """Items by rule id, with their policies. One query."""
    return {
        item.rule_id: item
        for item in Item.objects.filter(rule__in=list(rules)).select_related("policy", "rule", "department")
    }
