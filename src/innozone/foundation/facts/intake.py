"""Receiving deliveries and taking them in.

A delivery is taken whole in one transaction, its change of status included: a process killed on the way leaves the
delivery `received` or `taking` and nothing else, and `resume_pending` takes it again. The outcome does not depend on
the order in which deliveries of different datasets come; of one dataset the later delivery wins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from innozone.foundation.facts import aggregates, dictionary, signals, storage, unlinked
from innozone.foundation.facts.aside import Aside
from innozone.foundation.facts.check import Checker
from innozone.foundation.facts.contracts import contract_of
from innozone.foundation.facts.files import open_table
from innozone.foundation.facts.linking import Linker
from innozone.foundation.facts.models import Dataset, Delivery
from innozone.foundation.facts.problems import DeliveryRefused, DeliveryRepeated, problem, refused
from innozone.foundation.facts.progress import Reporter
from innozone.foundation.facts.settling import lock, settle_facts
from innozone.foundation.facts.stage import Stage
from innozone.kernel.packs import DatasetContract
from innozone.kernel.terms import Dictionary

logger = logging.getLogger("innozone.facts")
Progress = Callable[[int, str], None]

_SAID = 200


def receive(
    dataset: Dataset | str, source: Any, filename: str, user: Any = None, *, received_at: datetime | None = None
) -> Delivery:
    """Keeps a file (an upload, an open binary file or a path) for taking in. `received_at` is for files of the past.

    Raises DeliveryRepeated for a file that was received before, DeliveryRefused (with the place and the cure) for one
    that cannot be taken; the refusal is kept as a delivery too, so that its sender is not told that nothing came.
    """
    if isinstance(dataset, str):
        dataset = Dataset.objects.get(code=dataset)
    name = Path(filename.replace("\\", "/")).name.replace("\x00", "")[-255:] or "?"
    contract = contract_of(dataset)
    part, digest, size = None, "", 0
    try:
        if not dataset.active:
            raise refused("dataset_inactive", dataset=dataset.title)
        part, digest, size = storage.keep(source)
        _refuse_repeated(dataset, digest)
        _probe(part, contract, dictionary.current())
        suffix = f".{contract.format.type}"
        delivery = Delivery(
            dataset=dataset,
            filename=name,
            path=storage.settle(part, dataset.code, digest, suffix),
            sha256=digest,
            size=size,
            received_at=received_at or timezone.now(),
            received_by=user,
        )
        try:
            with transaction.atomic():
                delivery.save(force_insert=True)
        except IntegrityError:
            # Another process received the same file in this moment.
            _refuse_repeated(dataset, digest)
            raise
        return delivery
    except DeliveryRepeated:
        raise
    except DeliveryRefused as refusal:
        refusal.delivery = Delivery.objects.create(
            dataset=dataset,
            filename=name,
            path="",
            sha256=digest,
            size=size,
            status=Delivery.Status.REFUSED,
            message=str(refusal)[:4000],
            notes={"refusal": refusal.problem},
            received_at=received_at or timezone.now(),
            received_by=user,
            finished_at=timezone.now(),
        )
        raise
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _refuse_repeated(dataset: Dataset, digest: str) -> None:
    earlier = Delivery.objects.filter(dataset=dataset, sha256=digest).exclude(status=Delivery.Status.REFUSED).first()
    if earlier is not None:
        when = timezone.localtime(earlier.received_at).strftime("%Y-%m-%d %H:%M")
        raise DeliveryRepeated(problem("file_repeated", when=when, delivery=earlier.pk), earlier)


def _probe(path: Path, contract: DatasetContract, known: Dictionary) -> None:
    """What can be said of a file without taking it: it opens, its header keeps the contract, it has a row."""
    table = open_table(path, contract)
    Checker(contract, known, table.headers, timezone.localdate())
    table.size = 1
    if next(table.chunks, None) is None:
        raise refused("file_header_only")


def take(delivery: Delivery, progress: Progress | None = None) -> Delivery:
    """Takes a received delivery in: good rows become statements or records, bad ones are kept aside.

    Gives the delivery as taken, or as refused with its `message`. A delivery that is taken already stays as it is.
    `progress` is called with a percentage and what is being done.
    """
    with Reporter(delivery.pk, progress) as reporter:
        reporter.status(Delivery.Status.TAKING)
        try:
            with transaction.atomic():
                lock()
                delivery.refresh_from_db()
                if delivery.status not in (Delivery.Status.RECEIVED, Delivery.Status.TAKING):
                    return delivery
                _take(delivery, reporter)
        except DeliveryRefused as refusal:
            delivery.refresh_from_db()
            delivery.status = Delivery.Status.REFUSED
            delivery.message = str(refusal)[:4000]
            delivery.notes = {"refusal": refusal.problem}
            delivery.finished_at = timezone.now()
            delivery.save()
        except BaseException:
            # Whatever it was, the next start takes the delivery again.
            reporter.status(Delivery.Status.RECEIVED)
            raise
    if progress is not None:
        progress(100, "done")
    return delivery


def _take(delivery: Delivery, reporter: Reporter) -> None:
    now, today = timezone.now(), timezone.localdate()
    contract, known = contract_of(delivery.dataset), dictionary.current()
    path = storage.path_of(delivery.path)
    table = open_table(path, contract)
    checker = Checker(contract, known, table.headers, today)
    linker = Linker.of(contract, known, strict=checker.strict_code)
    stage, aside = Stage(contract, known), Aside(delivery.pk, checker)
    said, warned, total = list(checker.notes), 0, 0
    for chunk in table.chunks:
        total += len(chunk.rows)
        checked = checker.check(chunk)
        links = linker.link(checked)
        for at, link in enumerate(links):
            if link.warning is not None:
                checked.warnings.append({**link.warning, "row": checked.numbers[at]})
        # What is only said is said of rows that were taken.
        taken = {checked.numbers[at] for at, link in enumerate(links) if link.party and at not in checked.problems}
        checked.warnings = [warning for warning in checked.warnings if warning["row"] in taken]
        stage.add(checked, links)
        aside.add(checked, links)
        warned += len(checked.warnings)
        said += checked.warnings[: max(0, _SAID - len(said))]
        reporter.progress(int(60 * table.share), "reading")
    if total == 0:
        raise refused("file_header_only")
    late = stage.contradictions()
    for number, found in checker.late.items():
        late.setdefault(number, []).extend(found)
    if late:
        aside.add_late(path, late, stage.drop(late))
    reporter.progress(65, "storing")
    repeated = stage.repeated()
    if repeated:
        said.append(problem("rows_repeated", count=repeated))
    stored = stage.store(delivery.dataset_id, delivery.pk, now)
    aside.store()
    reporter.progress(75, "comparing sources")
    # From here on the delivery's own row is locked: no progress is told any more.
    delivery.status = Delivery.Status.TAKEN
    delivery.finished_at = now
    delivery.progress = 100
    delivery.message = ""
    delivery.notes = {"said": [*table.notes, *said], "warnings": warned}
    delivery.rows_total, delivery.rows_taken = total, stored
    delivery.rows_rejected = aside.counts["invalid"]
    delivery.rows_unlinked = aside.counts["unlinked"] + aside.counts["uncertain"]
    delivery.save()
    changed = settle_facts(stage, known, delivery.dataset, now, aside.parties)
    if contract.creates:
        changed |= unlinked.retry(known, today)
    if linker.founded:
        # A new enterprise has no penalties and no patents where the dataset of these is complete.
        changed |= aggregates.refresh(known, today, parties=linker.founded)
    signals.announce(changed | linker.founded)


def resume_pending(progress: Progress | None = None) -> list[Delivery]:
    """Takes what a killed or stopped process has left, oldest first. For the start of the platform."""
    storage.sweep()
    waiting = Delivery.objects.filter(status__in=[Delivery.Status.RECEIVED, Delivery.Status.TAKING])
    taken = []
    for delivery in waiting.order_by("id"):
        try:
            taken.append(take(delivery, progress))
        except Exception:
            logger.exception("delivery %s could not be taken in; it stays in the queue", delivery.pk)
    return taken
