"""One `up` per data folder."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path


class InUseError(RuntimeError):
    """Another process holds the folder; the message names it and its address."""


class FolderLock:
    """Holds `folder` until the process ends, however it ends: the lock is the kernel's, not a leftover file."""

    def __init__(self, folder: Path, address: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "up.lock"
        self.file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115 - open as long as the process lives
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(self._who(folder)) from None
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps({"pid": os.getpid(), "address": address}))
        self.file.flush()

    def _who(self, folder: Path) -> str:
        self.file.seek(0)
        try:
            holder = json.loads(self.file.read())
        except ValueError:
            return f"Innozone is already starting over {folder}."
        return (
            f"Innozone already runs over {folder} at {holder['address']} (process {holder['pid']}). "
            "Use that one, stop it with Ctrl-C, or give this one another folder: --data FOLDER --port PORT"
        )
