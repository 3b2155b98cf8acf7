"""A server of the app and a browser, for tests that go through it as visitors do.

Where there is no Chromium these tests are skipped, and say so; in continuous integration they must run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from benchmarks.browser import CHROMIUM
from benchmarks.server import Server, served
from tests.browser.visits import PATIENCE_MS, WATCH_LINE, Arrive

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
"""A browser that talks to nobody but the app."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests one after the other: one server, one browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a server that is started for these tests, and takes as long for its work as it takes."""
    with served("tests.browser.patient") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser without a window."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium, and in continuous integration these tests must run")
        pytest.skip("there is no Chromium here: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET), timeout=PATIENCE_MS)
        yield chromium
        chromium.close()


@pytest.fixture
def arrive(browser: Browser, server: Server) -> Iterator[Arrive]:
    """Return what lets visitors in.

    When the test is over, nothing has gone wrong behind their backs: no script of a page has failed, no error is in the
    server's log, and no browser has asked anybody but the server.
    """
    contexts: list[BrowserContext] = []
    failures: list[str] = []
    asked: set[str] = set()
    logged = server.log.stat().st_size

    def refused(dialog: Dialog) -> None:
        failures.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def arrived(address: str = "", **options: Any) -> Page:  # noqa: ANN401  # as Playwright takes them
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: failures.append(str(error.error)))
        context.on("dialog", refused)
        context.on("request", lambda request: asked.add(urlparse(request.url).netloc))
        context.add_init_script(WATCH_LINE)
        page = context.new_page()
        page.goto(f"{server.url}/{address}")
        return page

    yield arrived
    for context in contexts:
        context.close()
    assert not failures
    # pages hand over files and fonts as data of their own, which have no host
    assert asked <= {urlparse(server.url).netloc, ""}
    said = server.log.read_bytes()[logged:].decode(errors="replace")
    assert "Traceback" not in said, said
