"""What if and its tables, as a hand on mouse and keyboard meets them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visits import Arrive, settled


def test_what_is_open_stays_open(arrive: Arrive) -> None:
    """A group of knobs stays open, and the slider keeps the keyboard, when a knob moves and when AWS refuses."""
    page = arrive("what-if?drills=50&strategy=copies")
    settled(page)
    page.get_by_text("People", exact=True).click()
    slider = page.get_by_role("slider", name="Detect, median")
    for _ in range(2):
        slider.press("ArrowRight")
        settled(page)
        expect(slider).to_be_visible()
        expect(slider).to_be_focused()
    page.get_by_role("slider", name="To cold storage after").press("ArrowLeft")
    settled(page)
    expect(page.get_by_text("AWS does not take this")).to_be_visible()
    expect(slider).to_be_visible()


def test_columns_without_room_can_be_shown(arrive: Arrive) -> None:
    """A narrow page leaves columns out, says so, and shows them when asked."""
    page = arrive("?drills=50", viewport={"width": 768, "height": 1000})
    settled(page)
    heading = page.get_by_role("columnheader", name="meets RPO")
    expect(heading).to_be_hidden()
    page.locator(".drsim-table", has_text="meets RPO").get_by_label("Show all columns").check()
    expect(heading).to_be_visible()
