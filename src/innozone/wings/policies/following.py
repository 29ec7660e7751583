"""S21 订阅: who follows a policy, a theme or a level of issuer is told once of each thing that becomes of it.

What is news is said by `news`; it goes to the person alone, by their own route. One piece of news is one message,
however many of a person's subscriptions it meets: the message names them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from innozone.foundation import jobs
from innozone.foundation.access import gate
from innozone.foundation.access.models import User
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.notices import routes
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.wings.policies import news
from innozone.wings.policies.models import Follow, Level, Policy, Visit
from innozone.wings.policies.news import News

Kind = Follow.Kind
#: What can be followed at once.
MOST = 200
#: A kind and a value, as of Follow.
What = tuple[str, str]


class FollowRefused(ValueError):
    """Something that cannot be followed. `place`: kind or value; the message is for the person."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)


@transaction.atomic
def follow(user: User, kind: str, value: str) -> Follow:
    """Follows from now on; what is followed already stays as it is. Raises FollowRefused."""
    if kind not in Kind.values:
        raise FollowRefused("kind", _("A policy, a theme or a level can be followed."))
    if not _is_there(user, kind, value):
        raise FollowRefused("value", _("There is nothing of the name “%(value)s” to follow.") % {"value": value[:80]})
    # One at a time for a person, so that the bound holds.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    found = Follow.objects.filter(user=user, kind=kind, value=value).first()
    if found is None:
        if Follow.objects.filter(user=user).count() >= MOST:
            raise FollowRefused("value", _("You follow %(most)d things: stop one first.") % {"most": MOST})
        found = Follow.objects.create(user=user, kind=kind, value=value)
        routes.ensure_own(user)
    return found


def stop(user: User, kind: str, value: str) -> bool:
    """Follows no more; False where it was not followed."""
    return bool(Follow.objects.filter(user=user, kind=kind, value=value).delete()[0])


def followed(user: gate.Account) -> set[What]:
    """What the person follows; nothing for a visitor."""
    if not user.is_authenticated:
        return set()
    return set(Follow.objects.filter(user=user).values_list("kind", "value"))


def _is_there(user: gate.Account, kind: str, value: str) -> bool:
    if kind == Kind.LEVEL:
        return value in Level.values
    if kind == Kind.THEME:
        return value in themes()
    rows = Policy.objects.exclude(status=Policy.Status.DRAFT).filter(code=value)
    return gate.scope(user, "policies.view_policy", rows).exists()


def themes() -> dict[str, dict[str, str]]:
    """The themes of the zone: code → {"zh", "en"}; none before the first pack."""
    try:
        listed = facts_dictionary.current().codelists.get("themes")
    except facts_dictionary.NoPack:
        return {}
    return {entry.code: {"zh": entry.label.zh, "en": entry.label.en} for entry in listed or ()}


def visited(user: User) -> date | None:
    """Keeps that the person looks at the news today; the day of the visit before, None for the first."""
    today = timezone.localdate()
    visit, _made = Visit.objects.get_or_create(user=user, defaults={"day": today})
    if visit.day < today:
        visit.before = visit.day
        # Of two pages opened at once one moves the day on.
        Visit.objects.filter(pk=visit.pk, day__lt=today).update(before=F("day"), day=today)
    return visit.before


def announce() -> None:
    """Something has become of a policy: who follows it is told after this transaction."""
    from innozone.wings.policies import tasks

    if Follow.objects.exists():
        jobs.enqueue(tasks.tell_followers)


def tell(now: datetime | None = None) -> int:
    """Tells everyone of the news of the last thirty days that they follow and have not been told; the number told.

    May run at any time and as often as one likes: what was told is not told again.
    """
    start = (now or timezone.now()) - timedelta(days=news.DAYS)
    if not Follow.objects.exists():
        return 0
    return notices.send(drafts(news.since_moment(start), start))


def drafts(found: Iterable[News], start: datetime) -> Iterator[notices.Draft]:
    """The notices of some news, the oldest first, for those who followed when it came to be. Two queries."""
    found = sorted(found, key=lambda each: each.at)
    by_what = _followers({what for each in found for what in _met(each.policy)})
    sent = Notice.objects.filter(kind=Notice.Kind.FOLLOWED, created_at__gte=start)
    told = set()
    versions: dict[tuple[int, int], set[int]] = {}
    for user, key, data in sent.values_list("user_id", "key", "data"):
        told.add(key)
        versions.setdefault((user, data["policy"]["id"]), set()).update(data["versions"])
    levels, names = _levels(), themes()
    for each in found:
        for user, because in sorted(_whom(each, by_what).items()):
            known = versions.setdefault((user, each.policy.pk), set())
            items = [change for change in each.items if change.mark not in known]
            if each.kind == "changed" and not items:
                continue
            moment = f"changed:{max(change.mark for change in items)}" if items else _TURNS[each.kind]
            key = f"followed:{each.policy.pk}:{user}:{moment}"
            if key in told:
                continue
            known.update(change.mark for change in items)
            yield notices.Draft(None, Notice.Kind.FOLLOWED, key, _data(each, items, because, levels, names), user=user)


#: A policy is published once and comes to an end once, replaced or not.
_TURNS = {"published": "published", "ended": "ended", "replaced": "ended"}


def _met(policy: Policy) -> list[What]:
    """The subscriptions that news of the policy meets."""
    return [(Kind.POLICY, policy.code), *((Kind.THEME, code) for code in policy.themes), (Kind.LEVEL, policy.level)]


def _followers(wanted: set[What]) -> dict[What, list[tuple[int, datetime]]]:
    """Who follows what, and since when."""
    asked = Q(pk__in=())
    for kind in Kind.values:
        asked |= Q(kind=kind, value__in=[value for of, value in wanted if of == kind])
    rows = Follow.objects.filter(asked, user__is_active=True).values_list("kind", "value", "user_id", "created_at")
    made: dict[What, list[tuple[int, datetime]]] = {}
    for kind, value, user, since in rows:
        made.setdefault((kind, value), []).append((user, since))
    return made


def _whom(each: News, followers: dict[What, list[tuple[int, datetime]]]) -> dict[int, list[What]]:
    """Whom a piece of news is for, with the subscriptions because of which."""
    found: dict[int, list[What]] = {}
    for what in _met(each.policy):
        for user, since in followers.get(what, ()):
            if since <= each.at:
                found.setdefault(user, []).append(what)
    return found


def _data(
    each: News, items: list[news.ItemChange], because: list[What], levels: Any, names: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """What the words of the notice are made from (notices.text)."""
    policy, other = each.policy, each.policy.replaced_by
    labels: dict[str, Any] = {Kind.THEME: names, Kind.LEVEL: levels, Kind.POLICY: {}}
    return {
        "news": each.kind,
        "at": each.at.isoformat(),
        "policy": _named(policy),
        "replaced_by": _named(other) if other is not None and other.status != Policy.Status.DRAFT else None,
        "items": [
            {
                "zh": change.after.rule.name,
                "en": change.after.rule.name_en,
                "new": change.before is None,
                "gone": change.gone,
                "conditions": change.conditions,
                "benefit": change.benefit,
            }
            for change in items
        ],
        "versions": [change.mark for change in items],
        "because": [{"kind": kind, "value": value} | labels[kind].get(value, {}) for kind, value in because],
    }


def _named(policy: Policy) -> dict[str, Any]:
    return {"id": policy.pk, "code": policy.code, "zh": policy.title, "en": policy.title_en, "number": policy.number}


def _levels() -> dict[str, dict[str, str]]:
    """The names of the levels in both languages."""
    made: dict[str, dict[str, str]] = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            for level in Level:
                made.setdefault(level.value, {})[key] = str(level.label)
    return made
