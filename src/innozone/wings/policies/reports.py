"""S22 缩短政策传递周期: per policy how soon its notices went out, what became of them on each channel, how soon they were opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from innozone.foundation.notices.models import Delivery, Notice, Route
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies.matching import Delay, delays
from innozone.wings.policies.models import Item


@dataclass(frozen=True, slots=True)
class Channel:
    """What became of the notices of a policy on one channel. median, p90: seconds from sending to opening.

    failed counts what was given up or still is to be tried again; waiting, what is not yet due or held back. Whether a
    webhook's messages are opened nobody can tell.
    """

    channel: str
    delivered: int
    waiting: int
    failed: int
    opened: int
    median: float | None
    p90: float | None

    @property
    def share(self) -> float | None:
        """Opened of delivered; None where nothing was delivered, or where no opening can be seen."""
        return self.opened / self.delivered if self.delivered and self.channel != Route.Channel.WEBHOOK else None


@dataclass(frozen=True, slots=True)
class Push:
    """The pushes of one policy. Its channels: the application always, the others where something was to leave."""

    policy: int
    notices: int
    delay: Delay | None
    channels: dict[str, Channel] = field(default_factory=dict)

    @property
    def app(self) -> Channel:
        return self.channels[Route.Channel.APP]


_OF_NOTICES = f"""
select i.policy_id, 'app', count(*), 0, 0, count(n.read_at),
    percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from n.read_at - n.created_at))
from {Notice._meta.db_table} n join {RuleVersion._meta.db_table} v on v.id = n.version_id
join {Item._meta.db_table} i on i.rule_id = v.rule_id
where i.policy_id = any(%(policies)s) group by i.policy_id
union all
select i.policy_id, r.channel, count(*) filter (where d.state = 'sent'),
    count(*) filter (where d.state in ('waiting', 'sending', 'held')),
    count(*) filter (where d.state in ('failed', 'given_up')), count(d.opened_at),
    percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from d.opened_at - d.sent_at))
from {Delivery._meta.db_table} d join {Notice._meta.db_table} n on n.id = d.notice_id
join {Route._meta.db_table} r on r.id = d.route_id
join {RuleVersion._meta.db_table} v on v.id = n.version_id join {Item._meta.db_table} i on i.rule_id = v.rule_id
where i.policy_id = any(%(policies)s) group by i.policy_id, r.channel
"""


def of_policies(policies: Sequence[int]) -> dict[int, Push]:
    """The pushes of these policies; those of which nobody was told are left out. Two queries."""
    if not policies:
        return {}
    channels: dict[int, dict[str, Channel]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_NOTICES, {"policies": list(policies)})
        for policy, channel, delivered, waiting, failed, opened, times in cursor.fetchall():
            median, p90 = (None if each is None else float(each) for each in times or (None, None))
            channels.setdefault(policy, {})[channel] = Channel(channel, delivered, waiting, failed, opened, median, p90)
    late = delays(list(channels))
    return {
        policy: Push(policy, found[Route.Channel.APP].delivered, late.get(policy), found)
        for policy, found in channels.items()
    }
