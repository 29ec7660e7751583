"""Where the results of runs are kept: one folder each, the only copy of who is entitled, ready, near and unknown."""

from __future__ import annotations

import logging
import os
import shutil
import time
import uuid
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from innozone.foundation.verdicts.models import Run
from innozone.kernel.rules import Results
from innozone.kernel.rules.bulk.results import MANIFEST

logger = logging.getLogger("innozone.verdicts")

#: Of so many of the newest runs the results are kept; of older ones counts and sums stay.
KEPT = 12

#: Folders that no finished run names are younger than this while their run is under way.
_UNDER_WAY = 3600.0


class ResultsGone(LookupError):
    """The run keeps its counts only: its results are not there."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"run {run.pk} of {run.snapshot.as_of} keeps its counts only: its results {run.folder or 'from an older release'}"
            f" are not in {folder()}; results of the newest {KEPT} runs are kept, match again for new ones"
        )


def folder() -> Path:
    return Path(settings.DATA) / "verdicts"


def new_name() -> str:
    """The name of a folder for a run that begins now."""
    folder().mkdir(parents=True, exist_ok=True)
    return f"{timezone.now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"


def place(run: Run) -> Path:
    return folder() / run.folder


def there(run: Run) -> bool:
    return bool(run.folder) and (place(run) / MANIFEST).exists()


def open(run: Run) -> Results:
    """The results of a run, memory-mapped and kept for the next caller; rules by their code. Raises ResultsGone."""
    if not there(run):
        raise ResultsGone(run)
    return _open(str(place(run)))


@lru_cache(maxsize=4)
def _open(path: str) -> Results:
    return Results.open(path)


def copy(run: Run, to: Path) -> None:
    """Copies the results of a run into a new folder, whole or not at all. Raises FileExistsError, ResultsGone."""
    if to.exists():
        raise FileExistsError(f"{to} exists already; results are never written over")
    if not there(run):
        raise ResultsGone(run)
    temporary = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        shutil.copytree(place(run), temporary)
        temporary.rename(to)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sweep() -> None:
    """Removes the results of all but the newest runs, and what killed and undone runs have left."""
    ended = Run.objects.filter(finished_at__isnull=False).order_by("-finished_at")
    kept = set(ended.values_list("folder", flat=True)[:KEPT])
    for path in folder().glob("*"):
        if path.name not in kept and path.is_dir() and _age(path) > _UNDER_WAY:
            logger.info("the results %s are removed", path.name)
            shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
