"""What runs a zone, step by step: load its pack, take deliveries in, match, open accounts. Every step may be repeated."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.facts import intake
from innozone.foundation.facts import packs as fact_packs
from innozone.foundation.facts.models import Dataset, Delivery
from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.verdicts import runs
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.packs import Pack, load_pack
from innozone.wings.policies import matching, signals
from innozone.wings.policies import packs as policy_packs
from innozone.wings.supervision import packs as target_packs

Report = Callable[[str], None]


def _quiet(text: str) -> None:
    pass


def load_zone(zone: str, report: Report = _quiet) -> Pack:
    """Loads the zone pack in one transaction: a pack with a fault changes nothing (PackError says where)."""
    pack = load_pack(zone)
    with transaction.atomic(), connection.cursor() as cursor:
        # Two processes that load at once take turns.
        cursor.execute("select pg_advisory_xact_lock(hashtext('innozone.zone'))")
        fact_packs.load(pack)
        policy_packs.load(pack)
        target_packs.load(pack)
    report(f"{len(pack.dictionary.variables)} variables, {len(pack.datasets)} datasets, {len(pack.policies)} policies")
    return pack


def take_demonstration(pack: Pack, firms: int, report: Report = _quiet) -> int:
    """Makes the demonstration deliveries once and takes in those that are not in yet; gives how many were taken."""
    from innozone.demo import generate

    folder = settings.DATA / "demo"
    manifest = folder / "manifest.json"
    if not manifest.exists():
        report("making the deliveries")
        generate(pack, folder, firms=firms)
    known = dict(Delivery.objects.exclude(status="refused").values_list("sha256", "status"))
    taken = 0
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    for number, entry in enumerate(files, 1):
        if known.get(entry["sha256"]) == Delivery.Status.TAKEN:
            continue
        report(f"{entry['filename']} ({number} of {len(files)})")
        dataset = Dataset.objects.get(code=entry["dataset"])
        if entry["sha256"] not in known:
            try:
                intake.receive(dataset, folder / entry["filename"], entry["filename"])
            except intake.DeliveryRefused as refused:
                report(f"{entry['filename']} refused: {refused}")
                continue
        delivery = Delivery.objects.get(dataset=dataset, sha256=entry["sha256"], status__in=["received", "taking"])
        # The matching comes as a step of its own.
        with signals.silent():
            intake.take(delivery)
        taken += 1
    rows = sum(Delivery.objects.filter(status="taken").values_list("rows_taken", flat=True))
    report(f"{len(files)} files, {rows:,} rows taken in")
    return taken


def match_if_needed(report: Report = _quiet) -> None:
    """Runs the matching unless the newest run already knows every delivery and every rule."""
    run = runs.latest()
    if run is not None:
        newest = Delivery.objects.filter(status="taken").order_by("-finished_at").values_list("finished_at").first()
        rule = RuleVersion.objects.order_by("-recorded_at").values_list("recorded_at").first()
        if all(row is None or row[0] <= run.started_at for row in (newest, rule)):
            report("nothing changed since the last run")
            return
    run = matching.run(progress=report)
    report(f"{run.snapshot.rows:,} enterprises × {run.rules} rules in {run.seconds:.1f} s")


@dataclass(frozen=True)
class Account:
    username: str
    password: str
    role: str


def open_demonstration_accounts() -> list[Account]:
    """One account a role, all with one password made for this data folder and kept beside it for the next start."""
    kept = settings.DATA / "demo" / "password"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(9))
    password = kept.read_text()
    department = Party.objects.filter(kind=PartyKind.DEPARTMENT, datasets__isnull=False).order_by("id").first()
    enterprise = _typical_enterprise()
    wanted: list[tuple[str, Role, Party | None, str]] = [
        ("editor", Role.EDITOR, None, "政策编辑"),
        ("supervisor", Role.SUPERVISOR, None, "督导员"),
        ("admin", Role.ADMINISTRATOR, None, "系统管理员"),
    ]
    if department:
        wanted.insert(0, ("officer", Role.OFFICER, department, f"{department.name} 数据专员"))
    if enterprise:
        wanted.insert(0, ("enterprise", Role.ENTERPRISE, enterprise, enterprise.name))
    accounts = []
    for username, role, party, name in wanted:
        user, created = User.objects.get_or_create(username=username, defaults={"display_name": name})
        if created:
            user.set_password(password)
            user.save()
            Membership.objects.create(user=user, role=role, party=party)
        accounts.append(Account(username, password, f"{Role(role).label}{f' ({party.name})' if party else ''}"))
    return accounts


def _typical_enterprise() -> Party | None:
    """The enterprise with the most to show: entitled to much, near to more."""
    run = runs.latest()
    found = runs.busiest_party(run) if run else None
    return found or Party.objects.filter(kind=PartyKind.ENTERPRISE).order_by("id").first()


def open_account(username: str, role: str, party_code: str = "") -> Account:
    """An account with a new password, for the first administrator of a zone. Raises ValueError with the cure."""
    if role not in Role.values:
        raise ValueError(f"no role “{role}”; one of {', '.join(Role.values)}")
    party = None
    if party_code:
        party = Party.objects.filter(credit_code=party_code).first() or Party.objects.filter(code=party_code).first()
        if party is None:
            raise ValueError(f"no organisation with the credit code or code “{party_code}”")
    elif role in (Role.ENTERPRISE, Role.OFFICER):
        raise ValueError(f"the role {role} needs its organisation: --party CODE")
    if User.objects.filter(username=username).exists():
        raise ValueError(f"there is an account “{username}” already")
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user = User.objects.create_user(username=username, password=password)
        Membership.objects.create(user=user, role=role, party=party)
    return Account(username, password, role)


def collect_static(report: Report = _quiet) -> None:
    """Collects static files when one of them changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    newest = 0.0
    count = 0
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            newest = max(newest, Path(storage.path(path)).stat().st_mtime)
            count += 1
    stamp = Path(settings.STATIC_ROOT) / ".innozone"
    wanted = f"{count} {newest}"
    if stamp.exists() and stamp.read_text() == wanted:
        report("unchanged")
        return
    call_command("collectstatic", "--noinput", "--clear", verbosity=0)
    stamp.write_text(wanted)
    report(f"{count} files")
