"""The measurement of what visitors wait for measures it."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Browser

from benchmarks import browser as measured
from benchmarks import evacuation
from benchmarks.server import Server
from tests.browser.visits import PATIENCE_MS


def test_every_wait_is_measured(browser: Browser, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each promise has a figure, whether it is held here or not."""
    monkeypatch.setattr(measured, "PATIENCE_MS", PATIENCE_MS)
    text, promises = measured.waits(server, browser, drills=600, changes=1)
    assert len(promises) == 4
    assert all(0 < promise.measured < math.inf for promise in promises)
    assert "first page usable" in text


def test_every_page_is_measured(browser: Browser, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page has a figure for its first answer; a page that fails has none."""
    monkeypatch.setattr(evacuation, "PATIENCE_MS", PATIENCE_MS)
    text, promises = evacuation.first_answers(server, browser, scenario="periodic", drills=30)
    assert len(promises) == len(evacuation.PAGES)
    assert all(0 < promise.measured < math.inf for promise in promises)
    assert "periodic: first answer on" in text
