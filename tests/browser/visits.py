"""What visitors do on every page of the app."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotYetError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.patience import BROWSER_S, until

PATIENCE_MS = 1000 * BROWSER_S
"""How long a test waits for what should be there."""


class Arrive(Protocol):
    """Opens the app for a visitor with nothing kept from visits before, and returns the page."""

    def __call__(self, address: str = "", **options: Any) -> Page:  # noqa: ANN401  # as Playwright takes them
        """Return a page; the address is what follows that of the server, the options are of the visitor's browser."""


PAGES = {
    "Compare": "",
    "Plan": "plan",
    "What if": "what-if",
    "Estate": "estate",
    "Incident": "incident",
    "Cost": "cost",
    "Sensitivity": "sensitivity",
    "Catalogue": "catalogue",
}
"""Titles in the navigation, and paths."""

_QUIET_MS, _LOOKS = 500, 10
"""For so long, and so often, a page is looked at before it is taken to have nothing left to do.

What a visitor has just done may take a moment to leave the browser, such as the move of a slider.
"""

WATCH_LINE = """
(() => {
    // the numbers of the fields of a message, with the value of those that are numbers
    const fields = bytes => {
        const values = {};
        let at = 0;
        const number = () => {
            let value = 0, weight = 1, byte;
            do { byte = bytes[at++]; value += (byte & 127) * weight; weight *= 128; } while (byte & 128);
            return value;
        };
        while (at < bytes.length) {
            const tag = number(), kind = tag % 8;
            const value = kind === 1 ? 8 : kind === 5 ? 4 : number();
            if (kind !== 0) at += value;
            values[Math.floor(tag / 8)] = value;
        }
        return values;
    };
    window.isAsked = false;
    // the last things that were said, for a test that waits in vain
    window.said = [];
    const note = word => { window.said = [...window.said.slice(-40), `${Math.round(performance.now())} ${word}`]; };
    window.WebSocket = new Proxy(window.WebSocket, { construct(kind, words) {
        const line = new kind(...words), send = line.send.bind(line);
        line.send = data => {
            if (data instanceof Uint8Array && RERUN in fields(data)) { window.isAsked = true; note('asked'); }
            send(data);
        };
        line.addEventListener('message', ({data}) => {
            const told = fields(new Uint8Array(data));
            if (BEGUN in told) { window.isAsked = false; note('begun'); }
            if (ENDED in told) note(`ended ${told[ENDED]}`);
            // the server ends a script to run it again
            if (told[ENDED] === AGAIN) window.isAsked = true;
        });
        return line;
    }});
})()
"""
"""Lets a page know whether the server still owes it an answer, from what the two say to each other."""
for _word, _number in {
    "RERUN": BackMsg.DESCRIPTOR.fields_by_name["rerun_script"].number,
    "BEGUN": ForwardMsg.DESCRIPTOR.fields_by_name["new_session"].number,
    "ENDED": ForwardMsg.DESCRIPTOR.fields_by_name["script_finished"].number,
    "AGAIN": ForwardMsg.FINISHED_EARLY_FOR_RERUN,
}.items():
    WATCH_LINE = WATCH_LINE.replace(_word, str(_number))

_IS_QUIET = """
([quiet, looks]) => {
    const app = document.querySelector('[data-testid=stApp]');
    const busy = window.isAsked || !app || app.dataset.testScriptState !== 'notRunning' || !document.querySelector('h1')
        || document.querySelector('[data-stale=true], [role=progressbar]');
    const now = performance.now();
    if (busy || window.quiet === undefined) window.quiet = {since: now, looks: 0};
    return ++window.quiet.looks > looks && now - window.quiet.since >= quiet;
}
"""

_WHAT_IT_WAITS_FOR = """
() => {
    const app = document.querySelector('[data-testid=stApp]');
    const texts = what => [...document.querySelectorAll(what)].map(element => element.innerText.slice(0, 200));
    return {
        isAsked: window.isAsked, said: window.said, state: app && app.dataset.testScriptState, titles: texts('h1'),
        stale: texts('[data-stale=true]'), progress: texts('[role=progressbar]'), address: location.href,
    };
}
"""


def settled(page: Page) -> None:
    """Wait until a page has nothing left to do: all it asked is answered and drawn, and none of it is from before."""
    page.evaluate("() => { window.quiet = undefined }")
    try:
        page.wait_for_function(_IS_QUIET, arg=[_QUIET_MS, _LOOKS])
    except NotYetError as error:
        raise AssertionError(f"the page still waits: {page.evaluate(_WHAT_IT_WAITS_FOR)}") from error
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
    entry = page.get_by_role("option", name=option, exact=True)
    waits_ms = iter(500 * 2**k for k in range(100))

    def is_open() -> bool:
        # where the one before has only just closed, the first click is not the second's
        box(page, label).click()
        try:
            entry.wait_for(timeout=next(waits_ms))
        except NotYetError:
            return False
        return True

    assert until(is_open, patience_s=BROWSER_S)
    entry.click()
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
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def table(page: Page) -> str:
    """Return the text of all tables, those in closed boxes, too."""
    return "\n".join(page.locator(".drsim-table").all_text_contents())
