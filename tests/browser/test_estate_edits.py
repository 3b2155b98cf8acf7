"""The tables of the estate, edited in a browser: what is undone is no longer seen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.visits import Arrive, edit, settled
from tests.patience import BROWSER_S, until


def cells(page: Page, name: str) -> list[str]:
    """Return the texts of a table's cells, which are there for those who cannot see the drawn ones."""
    # the browser makes them when the table is looked at with the keyboard
    page.locator(f".st-key-estate-{name} [data-testid=stDataFrameResizable]").click(position={"x": 400, "y": 50})
    gridcells = page.locator(f".st-key-estate-{name} [role=gridcell]")
    expect(gridcells.first).to_be_attached()
    return gridcells.all_inner_texts()


def test_undo_brings_the_old_cells_back(arrive: Arrive) -> None:
    """A cell is edited and shows it; after Undo it shows what it did before."""
    page = arrive("estate?scenario=web-shop&drills=60")
    settled(page)
    assert until(lambda: "1 h" in cells(page, "applications"), patience_s=BROWSER_S)
    before = cells(page, "applications")
    edit(page, "applications", row=0, column=2, value="9 h")
    assert until(lambda: "9 h" in cells(page, "applications"), patience_s=BROWSER_S)
    undo = page.get_by_role("button", name="Undo all edits")
    expect(undo).to_be_enabled()
    undo.click()
    settled(page)
    assert until(lambda: cells(page, "applications") == before, patience_s=BROWSER_S)
    expect(undo).to_be_disabled()
