"""From publishing a policy to the last notice: how long everyone who is entitled waits to be told.

    ./innozone bench publish [--enterprises 5000] [--mails 0.05] [--changed] [--limit SECONDS] [--data FOLDER] [--json]

A throw-away PostgreSQL with the zone's pack and its items in force. Enterprises and their facts stand in the real tables,
put there by SQL rather than through deliveries; that, and the first matching of everyone under every item, is not timed.
Timed is what publishing does: a policy with three conditions is confirmed, then the job of the worker runs until the last
notice, and each mail that is to leave, is committed. Mails are not sent: how fast depends on the server that takes them.

Fails when someone is told who is not entitled, or the other way round, when anyone is told twice, or beyond --limit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.measure import memory, reset_peak

TEXT = """示范新区成长企业奖励办法
在西安市注册，上年度营业收入2000万元以上，成立满三年的企业，奖励8万元。
"""
BASE = """
insert into parties_party (kind, name, name_en, created_at)
    select 'enterprise', '第' || n || '号有限公司', '', now() from generate_series(1, %(count)s) n;
insert into facts_fact (party_id, variable, year, number, text, origin, statements, conflicting, recorded_at)
    select p.id, f.variable, f.year, f.number, f.text, '', 1, false, now() from parties_party p, lateral (values
        ('registration_region', 0, null::numeric, case when p.id %% 10 < 7 then '610100' else '620100' end),
        ('revenue', %(year)s, (p.id * 7919 %% 4000) * 10000.0, null),
        ('rd_expense', %(year)s, (p.id * 104729 %% 300) * 10000.0, null),
        ('established_on', 0, null, (date '2010-01-01' + (p.id * 31 %% 5800)::int)::text)
    ) f(variable, year, number, text)
    where p.kind = 'enterprise' and (p.id * 17 + length(f.variable)) %% 20 > 0;
analyze;
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Publishing a policy until the last notice.")
    parser.add_argument("--enterprises", type=int, default=5000)
    parser.add_argument("--mails", type=float, default=0.05, help="share of enterprises with an account that gets mail")
    parser.add_argument(
        "--changed", action="store_true", help="a fact has changed meanwhile: the snapshot is made anew"
    )
    parser.add_argument("--limit", type=float, help="seconds that publishing may take")
    parser.add_argument("--data", type=Path, help="an empty folder for the base (default: a temporary one)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.data or Path(scratch)
        _begin(folder)
        found = _measured(options.enterprises, options.mails, options.changed)
    found["failures"] = _failures(found, options.limit)
    if options.json:
        print(json.dumps(found))
    else:
        _print(found)
    return 1 if found["failures"] else 0


def _begin(folder: Path) -> None:
    from innozone.runtime import browser, postgres

    browser.ensure()
    os.environ["INNOZONE_DATA"] = str(folder)
    os.environ["DATABASE_URL"] = postgres.start(folder / "pg")
    os.environ.setdefault("INNOZONE_LOG", "WARNING")
    os.environ["DJANGO_SETTINGS_MODULE"] = "innozone.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _measured(count: int, mails: float, changed: bool) -> dict[str, Any]:
    from django.db import connection
    from django.utils import timezone

    from innozone import operations
    from innozone.foundation.access.models import Role, User
    from innozone.foundation.notices.models import Delivery, Notice
    from innozone.wings.policies import drafts, matching, tasks

    started = time.perf_counter()
    operations.load_zone("xixian")
    year = timezone.localdate().year - 1
    with connection.cursor() as cursor:
        cursor.execute(BASE, {"count": count, "year": year})
        cursor.execute(
            "insert into access_user (username, password, email, first_name, last_name, display_name, language, "
            "is_superuser, is_staff, is_active, date_joined) select 'u' || id, '!', 'u' || id || '@example.com', '', '', "
            "'', '', false, false, true, now() from parties_party where kind = 'enterprise' and id %% 1000 < %s",
            [round(mails * 1000)],
        )
        cursor.execute(
            "insert into access_membership (user_id, role, party_id, created_at) "
            "select u.id, %s, substr(u.username, 2)::bigint, now() from access_user u",
            [Role.ENTERPRISE],
        )
    base = time.perf_counter() - started
    started = time.perf_counter()
    matching.run()
    first = time.perf_counter() - started
    editor = User.objects.create_user("editor")
    before = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    policy = drafts.read(TEXT, editor)
    item = drafts.ItemDraft("成长奖励", {"conditions": _conditions(), "benefit": {"kind": "奖励", "amount": "8万"}})
    drafts.save_version(policy, TEXT, [item], editor)
    if changed:
        with connection.cursor() as cursor:
            cursor.execute("update facts_fact set number = number + 1 where id = (select min(id) from facts_fact)")
    phases: dict[str, float] = {}
    reset_peak()
    held = memory("VmRSS")
    with _watched(phases):
        started = time.perf_counter()
        drafts.confirm(policy, editor)
        phases["confirm"] = time.perf_counter() - started
        tasks.match()
        seconds = time.perf_counter() - started
    # Foreign keys are checked when the transaction ends.
    phases["commit"] = seconds - sum(phases.values())
    peak = memory("VmHWM")
    told = Notice.objects.filter(pk__gt=before)
    with connection.cursor() as cursor:
        cursor.execute(_ENTITLED, {"year": year, "day": timezone.localdate()})
        entitled = {row[0] for row in cursor.fetchall()}
    parties = list(told.values_list("party_id", flat=True))
    return {
        "enterprises": count,
        "base": base,
        "first": first,
        "seconds": seconds,
        "phases": phases,
        "notices": len(parties),
        "right": set(parties) == entitled,
        "twice": len(parties) - len(set(parties)),
        "mails": Delivery.objects.filter(notice__pk__gt=before).count(),
        "memory": peak,
        "more": peak - held,
    }


# The same three conditions once more, by the database and without a rule.
_ENTITLED = """
select p.id from parties_party p
join facts_fact a on a.party_id = p.id and a.variable = 'registration_region' and a.text = '610100'
join facts_fact b on b.party_id = p.id and b.variable = 'revenue' and b.year = %(year)s and b.number >= 20000000
join facts_fact c on c.party_id = p.id and c.variable = 'established_on'
    and c.text::date + interval '3 years' <= %(day)s
"""


def _conditions() -> dict[str, Any]:
    return {
        "all": [
            {"test": 'registration_region within "610100"', "quote": "在西安市注册"},
            {"test": "revenue[-1] >= 2000万", "quote": "上年度营业收入2000万元以上"},
            {"test": "age(established_on) >= 3", "quote": "成立满三年"},
        ]
    }


class _watched:
    """Adds up what the parts of a matching take."""

    def __init__(self, phases: dict[str, float]) -> None:
        self.phases = phases
        self.kept: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> None:
        from innozone.foundation.facts import snapshots
        from innozone.foundation.notices import services
        from innozone.foundation.verdicts import runs
        from innozone.wings.policies import telling

        self._wrap(snapshots, "newest", "snapshot")
        self._wrap(runs, "run", "matching")
        self._wrap(services, "send", "diff, drafts, insert")
        drafts = telling.drafts
        self.kept.append((telling, "drafts", drafts))
        telling.drafts = lambda changes, *more: self._each("drafts", drafts(self._each("diff", changes), *more))

    def __exit__(self, *error: object) -> None:
        for place, name, function in self.kept:
            setattr(place, name, function)
        whole = self.phases.pop("diff, drafts, insert")
        self.phases["insert"] = whole - self.phases["drafts"]
        self.phases["drafts"] -= self.phases["diff"]

    def _wrap(self, place: Any, name: str, phase: str) -> None:
        function: Callable[..., Any] = getattr(place, name)
        self.kept.append((place, name, function))

        def timed(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.phases[phase] = self.phases.get(phase, 0.0) + time.perf_counter() - started

        setattr(place, name, timed)

    def _each(self, phase: str, found: Any) -> Iterator[Any]:
        rest = iter(found)
        while True:
            started = time.perf_counter()
            try:
                value = next(rest)
            except StopIteration:
                return
            finally:
                self.phases[phase] = self.phases.get(phase, 0.0) + time.perf_counter() - started
            yield value


def _failures(found: dict[str, Any], limit: float | None) -> list[str]:
    failures = []
    if not found["right"]:
        failures.append("those who were told are not those who are entitled")
    if found["twice"]:
        failures.append(f"{found['twice']} notices too many")
    if limit is not None and found["seconds"] > limit:
        failures.append(f"{found['seconds']:.1f} s, more than {limit:g} s")
    return failures


def _print(found: dict[str, Any]) -> None:
    print(
        f"{found['enterprises']:,} enterprises, base in {found['base']:.1f} s, first matching in {found['first']:.1f} s"
    )
    print(
        f"publish to last notice: {found['seconds']:.2f} s, {found['notices']:,} notices, {found['mails']:,} mails queued"
    )
    for phase, seconds in found["phases"].items():
        print(f"  {phase:10}{seconds:8.2f} s")
    print(f"memory {found['memory']:,.0f} MB, {found['more']:,.0f} MB more than before")
    print("told are exactly those entitled" if not found["failures"] else "\n".join(found["failures"]))


if __name__ == "__main__":
    sys.exit(main())
