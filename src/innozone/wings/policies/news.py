"""S21 “实时更新，方便企业及时了解政策变化”: what was published, changed, ended or replaced since a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from innozone.foundation.access import gate
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies.models import Policy

Kind = Literal["published", "changed", "ended", "replaced"]
#: Without another day the last so many days are looked at.
DAYS = 30
MOST = 500


@dataclass(frozen=True)
class ItemChange:
    """An item that says something else: the wording before (None: the item is new) and the one that came in force.

    gone: the item was taken out of the policy; before and after are its last wording.
    """

    before: RuleVersion | None
    after: RuleVersion
    gone: bool = False

    @property
    def mark(self) -> int:
        """Tells the change apart from every other one."""
        return -self.after.pk if self.gone else self.after.pk

    @property
    def conditions(self) -> bool:
        return self.before is not None and self.before.data.get("conditions") != self.after.data.get("conditions")

    @property
    def benefit(self) -> bool:
        return self.before is not None and self.before.data.get("benefit") != self.after.data.get("benefit")


@dataclass(frozen=True)
class News:
    """What happened to a policy, and when. `items`: of a changed one, those that say something else."""

    policy: Policy
    kind: Kind
    at: datetime
    items: list[ItemChange] = field(default_factory=list)


def default_since() -> date:
    return timezone.localdate() - timedelta(days=DAYS)


def since(user: gate.Account, day: date) -> list[News]:
    """The news since the day, it included, of policies that are no drafts and that the user may see; newest first, at
    most 500. Six queries."""
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    found = since_moment(start, gate.scope(user, "policies.view_policy", Policy.objects.all()))
    return sorted(found, key=lambda news: (news.at, news.policy.code), reverse=True)[:MOST]


def since_moment(start: datetime, rows: QuerySet[Policy] | None = None) -> list[News]:
    """All news from a moment on, in no order, of all policies that are no drafts, or of those among `rows`."""
    rows = (Policy.objects.all() if rows is None else rows).exclude(status=Policy.Status.DRAFT)
    policies = {policy.pk: policy for policy in rows.select_related("issuer", "replaced_by")}
    return [*_turns(policies, start), *_changed(policies, start)]


def _turns(policies: dict[int, Policy], start: datetime) -> Iterator[News]:
    """Published, ended and replaced, by the history of each policy."""
    stock = _stock()
    for pk, turn in _history(policies).items():
        policy = policies[pk]
        if turn["published"] and turn["published"] >= start and not _in_stock(policy, turn["published"], stock):
            yield News(policy, "published", turn["published"])
        if policy.status != Policy.Status.ENDED or not turn["ended"] or turn["ended"] < start:
            continue
        # A person who ends a policy says why; a pack that replaces one does not.
        if policy.ended_reason or not _in_stock(policy, turn["ended"], stock):
            yield News(policy, "replaced" if policy.replaced_by_id else "ended", turn["ended"])


def _history(policies: Iterable[int]) -> dict[int, dict[str, Any]]:
    events: Any = Policy.pgh_event_model  # type: ignore[attr-defined]
    rows = (
        events.objects.filter(pgh_obj__in=list(policies))
        .values("pgh_obj")
        .annotate(
            published=Min("pgh_created_at", filter=Q(status=Policy.Status.CONFIRMED)),
            ended=Min("pgh_created_at", filter=Q(status=Policy.Status.ENDED)),
        )
    )
    return {row["pgh_obj"]: row for row in rows}


def _stock() -> datetime | None:
    """Until when the policies came with which the library opened: those of the zone pack's first load. None before it.

    To show all of them as published on one day would hide for a month what really is new.
    """
    events: Any = Policy.pgh_event_model  # type: ignore[attr-defined]
    packs = events.objects.filter(origin=Policy.Origin.PACK, status=Policy.Status.CONFIRMED)
    first = packs.aggregate(first=Min("pgh_created_at"))["first"]
    return first + timedelta(minutes=5) if first else None


def _in_stock(policy: Policy, moment: datetime, until: datetime | None) -> bool:
    return until is not None and policy.origin == Policy.Origin.PACK and moment <= until


def _changed(policies: dict[int, Policy], start: datetime) -> Iterator[News]:
    """Wordings that came in force since, against those before, and items taken out since; what came with the
    publication is no change."""
    versions = list(
        RuleVersion.objects.filter(activated_at__gte=start, rule__item__policy__in=policies)
        .select_related("rule__item")
        .order_by("activated_at")
    )
    published = {pk: turn["published"] for pk, turn in _history(policies).items()} if versions else {}
    earlier: dict[int, dict[int, RuleVersion]] = {}
    for version in RuleVersion.objects.filter(rule__in={v.rule_id for v in versions}, activated_at__isnull=False):
        earlier.setdefault(version.rule_id, {})[version.number] = version
    found: list[tuple[int, datetime, ItemChange]] = []
    for version in versions:
        policy, at = version.rule.item.policy_id, version.activated_at
        assert at is not None
        # A policy is published in the transaction in which its first rules come in force.
        if version.number == 1 and (published.get(policy) is None or at - published[policy] < timedelta(minutes=5)):
            continue
        found.append((policy, at, ItemChange(_before(earlier[version.rule_id], version.number), version)))
    found += _taken_out(policies, start)
    groups: dict[tuple[int, date], list[tuple[datetime, ItemChange]]] = {}
    for policy, at, change in found:
        groups.setdefault((policy, timezone.localdate(at)), []).append((at, change))
    for (policy, _day), changes in groups.items():
        yield News(policies[policy], "changed", max(at for at, _ in changes), [change for _, change in changes])


def _taken_out(policies: dict[int, Policy], start: datetime) -> Iterator[tuple[int, datetime, ItemChange]]:
    """Items that a policy still in force has no more, by their last wording."""
    living = [pk for pk, policy in policies.items() if policy.status == Policy.Status.CONFIRMED]
    last = (
        RuleVersion.objects.filter(
            rule__item__policy__in=living,
            rule__item__ended=True,
            activated_at__isnull=False,
            retired_on__gte=timezone.localdate(start),
        )
        .select_related("rule__item")
        .order_by("rule", "-number")
        .distinct("rule")
    )
    for version in last:
        assert version.retired_on is not None
        # Only the day is kept; by its end everyone who followed then is told.
        at = timezone.make_aware(datetime.combine(version.retired_on, time.max))
        yield version.rule.item.policy_id, min(at, timezone.now()), ItemChange(version, version, gone=True)


def _before(versions: dict[int, RuleVersion], number: int) -> RuleVersion | None:
    return next((versions[at] for at in range(number - 1, 0, -1) if at in versions), None)


def marks(policies: Iterable[Policy]) -> dict[int, Kind]:
    """`published` or `changed` for policies of which there is news of the last thirty days. Three queries."""
    start = timezone.now() - timedelta(days=DAYS)
    listed = {policy.pk: policy for policy in policies if policy.status == Policy.Status.CONFIRMED}
    changed = set(
        RuleVersion.objects.filter(activated_at__gte=start, number__gt=1, rule__item__policy__in=listed).values_list(
            "rule__item__policy", flat=True
        )
    )
    found: dict[int, Kind] = dict.fromkeys(changed, "changed")
    stock = _stock()
    for pk, turn in _history(listed).items():
        if turn["published"] and turn["published"] >= start and not _in_stock(listed[pk], turn["published"], stock):
            found[pk] = "published"
    return found
