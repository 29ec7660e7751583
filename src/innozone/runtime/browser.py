"""The browser packages: exactly what the npm lock file says, fetched once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "portal" / "browser"


class BrowserPackagesError(RuntimeError):
    """npm is missing or failed; the message says what to do."""


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    # A machine without node gets one from a wheel.
    uv = os.environ.get("INNOZONE_UV") or shutil.which("uv")
    if not uv:
        raise BrowserPackagesError("there is no npm and no uv to fetch one: install Node.js 20 or newer")
    root = FOLDER.parents[3]
    subprocess.run([uv, "sync", "--quiet", "--locked", "--inexact", "--group", "node"], cwd=root, check=True)
    npm = Path(sys.prefix) / "bin" / "npm"
    if not npm.exists():
        raise BrowserPackagesError("the node wheel brought no npm: install Node.js 20 or newer")
    return [str(npm)]


def ensure() -> bool:
    """Installs node_modules when the lock file changed; true when something was fetched.

    No package script runs: the packages are files to serve, not programs to execute here.
    """
    stamp = FOLDER / "node_modules" / ".innozone"
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    environment = {**os.environ, "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise BrowserPackagesError(f"npm ci failed in {FOLDER}:\n{done.stderr.strip()}")
    stamp.write_text(wanted)
    return True
