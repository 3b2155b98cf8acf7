"""What visitors do on every page of the app."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 45_000
"""How long a test waits for what should be there; machines in continuous integration are slow."""


class Arrive(Protocol):
    """Opens the app for a visitor with nothing kept from visits before, and returns the page."""

    def __call__(self, address: str = "", **options: Any) -> Page:  # noqa: ANN401  # as Playwright takes them
        """Return a page; the address is what follows that of the server, the options are of the visitor's browser."""


@dataclass(frozen=True)
class Server:
    """A server of the app.

    Attributes:
        url: its address.
        pid: of its process.
        log: the file with what it says.
    """

    url: str
    pid: int
    log: Path


PAGES = {
    "Compare": "",
    "What if": "what-if",
    "Estate": "estate",
    "Incident": "incident",
    "Cost": "cost",
    "Sensitivity": "sensitivity",
    "Catalogue": "catalogue",
}
"""Titles in the navigation, and paths."""

_QUIET_MS = 500
"""Long enough for the server to take up what a visitor has just done, or what one answer makes it do next."""

_IS_QUIET = """
quiet => {
    const app = document.querySelector('[data-testid=stApp]');
    const busy = !app || app.dataset.testScriptState !== 'notRunning' || !document.querySelector('h1')
        || document.querySelector('[data-stale=true], [role=progressbar]');
    const now = performance.now();
    if (busy || window.quietSince === undefined) window.quietSince = now;
    return now - window.quietSince >= quiet;
}
"""


def settled(page: Page) -> None:
    """Wait until a page has nothing left to do: it is drawn, and no part of it is from before the last change."""
    page.evaluate("() => { window.quietSince = undefined }")
    page.wait_for_function(_IS_QUIET, arg=_QUIET_MS)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def command(page: Page) -> str:
    """Return the last command that the page shows."""
    return page.locator("[data-testid=stCode]", has_text="drsim ").last.inner_text().strip()


def go(page: Page, name: str) -> None:
    """Go to another page of the app."""
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(rf"/{PAGES[name]}(\?|$)"))
    settled(page)


def box(page: Page, label: str) -> Locator:
    """Return a select box."""
    return page.get_by_role("combobox", name=label, exact=True)


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box."""
    found = page.get_by_role("option", name=option, exact=True)
    box(page, label).click()
    page.wait_for_timeout(_QUIET_MS)
    if not found.count():
        # where the one before has only just closed, the first click is not the second's
        box(page, label).click()
    found.click()
    expect(box(page, label)).to_have_value(option)
    settled(page)


_HEADER_PX, _ROW_PX = 35, 35


def edit(page: Page, name: str, row: int, column: int, value: str) -> None:
    """Write a value into a cell of a table that can be edited.

    Args:
        page: with the table.
        name: of the table, such as `applications`.
        row: from 0.
        column: from 0.
        value: what to write.
    """
    grid = page.locator(f".st-key-estate-{name} [data-testid=stDataFrameResizable]")
    grid.scroll_into_view_if_needed()
    # the second column of the grid, right of the one that selects rows; then on with the keyboard, as far as needed
    grid.click(position={"x": 60, "y": _HEADER_PX + _ROW_PX * (row + 0.5)})
    for _ in range(column):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    field = page.locator(".gdg-input").last
    expect(field).to_be_visible()
    field.fill(value)
    field.press("Enter")
    settled(page)


def upload(page: Page, name: str, content: bytes) -> None:
    """Upload a scenario."""
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/yaml", "buffer": content})
    settled(page)


def saved(page: Page, label: str, folder: Path) -> Path:
    """Press a button that saves a file, the first with this label, and return the file."""
    button = page.locator("[data-testid=stDownloadButton]").get_by_role("button", name=label, exact=True).first
    with page.expect_download() as found:
        button.click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def table(page: Page) -> str:
    """Return the text of all tables, those in closed boxes, too."""
    return "\n".join(page.locator(".drsim-table").all_text_contents())
