"""How long a visitor waits for the first answer on each page about the largest estate that drsim comes with."""

from __future__ import annotations

import math
import time
from contextlib import nullcontext

from playwright.sync_api import Browser, expect
from playwright.sync_api import TimeoutError as NeverError

from benchmarks.browser import PATIENCE_MS, launched, quiet, visit
from benchmarks.measure import Promise, table
from benchmarks.server import Server

PAGES = ("compare", "what-if", "estate", "incident", "cost", "sensitivity", "catalogue")
"""Paths of the pages."""

_FIRST_S = 15.0
"""What is promised."""

_ANSWER = ".drsim-table:visible, [data-testid=stMetric]:visible, [data-testid=stException]:visible"
"""What a page shows first of an answer; or that it has failed."""


def first_answers(
    server: Server, browser: Browser | None = None, *, scenario: str = "region-evacuation", drills: int = 500
) -> tuple[str, list[Promise]]:
    """Return the table of the waits for a first answer on each page, and what is promised of them.

    A page that shows an error has no answer, and breaks its promise.

    Args:
        server: of the app.
        browser: to visit it with; one of its own if left out.
        scenario: bare name of the scenario.
        drills: about how many; each page asks for one more than the one before, so that none finds the answers of
            another.
    """
    waits: dict[str, float] = dict.fromkeys(PAGES, math.nan)
    try:
        with launched() if browser is None else nullcontext(browser) as visitor:
            with visit(visitor, f"{server.url}/?drills=60") as page:  # the server has read what it needs
                quiet(page)
            for k, path in enumerate(PAGES):
                waits[path] = _first_s(visitor, f"{server.url}/{path}?scenario={scenario}&drills={drills + k}")
    except FileNotFoundError as error:
        print(f"error: {error}")
    promises = [
        Promise(f"{scenario}, first answer on {path} [s]", waits[path], _FIRST_S, at_least=False) for path in PAGES
    ]
    rows = [[path, f"{waits[path]:.1f}"] for path in PAGES]
    return table([f"{scenario}: first answer on", "s"], rows), promises


def _first_s(browser: Browser, url: str) -> float:
    """Return how long a visitor waits for the first answer of a page [s]; not a number where there is an error."""
    with visit(browser, url) as page:
        begun = time.monotonic()
        try:
            expect(page.locator(_ANSWER).first).to_be_visible(timeout=PATIENCE_MS)
        except (NeverError, AssertionError) as error:
            print(f"error: {url}: {error}")
            return math.nan
        waited_s = time.monotonic() - begun
        return math.nan if page.locator("[data-testid=stException]").count() else waited_s
