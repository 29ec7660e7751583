"""The project's settings over a throw-away database and data folder, made when the test run starts.

TEST_DATABASE_URL names a server to test against instead of the embedded one.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from innozone.runtime import postgres

SCRATCH = Path(tempfile.mkdtemp(prefix="innozone-test-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
(SCRATCH / "data" / "static").mkdir(parents=True)
os.environ["INNOZONE_TESTING"] = "1"
os.environ["INNOZONE_DATA"] = str(SCRATCH / "data")
os.environ["INNOZONE_SECRET_KEY"] = "only-for-tests"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or postgres.start(SCRATCH / "pg", throwaway=True)
# Playwright drives the browser from an event loop of its own, next to ordinary database calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from innozone.settings import *  # noqa: E402, F403
