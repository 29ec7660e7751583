"""Where delivered files are kept: in the data folder, named by their digest."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from innozone.foundation.facts.files import size_text
from innozone.foundation.facts.problems import refused

_BLOCK = 1 << 20
_PART = ".part"


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "deliveries"


def path_of(stored: str) -> Path:
    """The file of a delivery from its `path`."""
    return Path(settings.MEDIA_ROOT) / stored


def keep(source: Any) -> tuple[Path, str, int]:
    """Copies an upload, an open file or a path into the store: the temporary file, its SHA-256, its bytes.

    Raises DeliveryRefused when it is larger than DELIVERY_MAX_BYTES; then nothing is left.
    """
    limit = settings.DELIVERY_MAX_BYTES
    folder().mkdir(parents=True, exist_ok=True)
    part = folder() / f"{uuid.uuid4().hex}{_PART}"
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as target:
            for block in _blocks(source):
                size += len(block)
                if size > limit:
                    raise refused("file_too_large", size=f"> {size_text(limit)}", limit=size_text(limit))
                digest.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part, digest.hexdigest(), size


def settle(part: Path, dataset: str, digest: str, suffix: str) -> str:
    """Moves the temporary file to its place; the `path` for the delivery."""
    place = folder() / dataset / f"{digest}{suffix}"
    place.parent.mkdir(parents=True, exist_ok=True)
    part.replace(place)
    return place.relative_to(settings.MEDIA_ROOT).as_posix()


def sweep(older_than: float = 24 * 3600) -> None:
    """Removes temporary files that a killed process has left."""
    for part in folder().glob(f"*{_PART}"):
        try:
            if time.time() - part.stat().st_mtime > older_than:
                part.unlink()
        except FileNotFoundError:
            continue


def _blocks(source: Any) -> Iterator[bytes]:
    if isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            yield from _read(file)
    elif hasattr(source, "chunks"):
        yield from source.chunks()
    else:
        yield from _read(source)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block
