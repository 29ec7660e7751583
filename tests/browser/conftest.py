"""A real Chromium against a running server with the small zone in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, sync_playwright

from tests.portal.conftest import build
from tests.portal.people import PASSWORD

# The machine has no screen and no sandbox for a root user, and nothing outside is to be asked.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    return os.environ.get("INNOZONE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium: the browser tests cannot run")
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def place(transactional_db, settings, tmp_path) -> SimpleNamespace:
    # Sign-ins of the tests before count against this machine's address.
    cache.clear()
    return build(settings, tmp_path)


@pytest.fixture
def open_page(browser: Browser, live_server, place) -> Iterator:
    """Opens a page of a given width, signed in as a role; a fault in the page's scripts fails the test."""
    contexts, faults = [], []

    def make(role: str = "visitor", width: int = 1440, language: str = "zh-CN", scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            locale=language,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        if role != "visitor":
            page.goto("/accounts/login/")
            page.fill("[name=login]", role)
            page.fill("[name=password]", PASSWORD)
            page.click("main .btn-primary")
            page.wait_for_url("/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults, faults
