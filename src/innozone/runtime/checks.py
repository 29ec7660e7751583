"""`innozone check`: everything that is true of the source without running the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from innozone.runtime import browser, postgres


def run(root: Path) -> int:
    """Runs every check, prints each one's outcome, gives 1 when any failed."""
    # The zone packs read the table of regions from an npm package.
    browser.ensure()
    python = [sys.executable, "-m"]
    binary = Path(sys.executable).parent
    checks = [
        ("lint", [*python, "ruff", "check", "."]),
        ("format", [*python, "ruff", "format", "--check", "."]),
        ("types", [*python, "mypy"]),
        ("floors", [str(binary / "lint-imports")]),
        ("templates", [str(binary / "djlint"), "src/innozone", "--lint", "--quiet"]),
        ("zone packs", [*python, "innozone.cli", "zones", "check", "xixian"]),
    ]
    failed = [name for name, command in checks if not _passes(name, command, root)]
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            **os.environ,
            "INNOZONE_TESTING": "1",
            "INNOZONE_DATA": scratch,
            "DATABASE_URL": postgres.start(Path(scratch) / "pg", throwaway=True),
            "DJANGO_SETTINGS_MODULE": "innozone.settings",
        }
        command = [*python, "django", "makemigrations", "--check", "--dry-run"]
        if not _passes("migrations", command, root, environment):
            failed.append("migrations")
    print("check: " + (f"failed: {', '.join(failed)}" if failed else "all passed"), flush=True)
    return 1 if failed else 0


def _passes(name: str, command: list[str], root: Path, environment: dict[str, str] | None = None) -> bool:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    print(f"{name}: {'ok' if done.returncode == 0 else 'failed'}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0
