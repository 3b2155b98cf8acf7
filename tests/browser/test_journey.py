"""The app as visitors meet it: in a browser, from the first visit to files to take along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from drsim.scenario.shipped import shipped
from tests.browser.visits import Arrive, box, choose, command, saved, settled, table, upload

PERIODIC = shipped("scenarios") / "periodic.yaml"


def test_upload_of_a_bad_file_shows_its_problems_with_lines(arrive: Arrive) -> None:
    """A file with errors is refused with every problem and its line; a right one runs, and is in the link."""
    page = arrive("?scenario=mine&drills=50")
    settled(page)
    upload(page, "bad.yaml", b"drills: many\nsits: {}\n")
    expect(page.get_by_text("This cannot be run yet: 6 problems.")).to_be_visible()
    problems = page.locator("[data-testid=stCode]").inner_text()
    assert re.findall(r"^bad\.yaml:(\d+): `(\w+)`", problems, re.MULTILINE) == [
        *(("1", name) for name in ("applications", "disruptions", "sites", "strategies", "drills")),
        ("2", "sits"),
    ]
    assert "text=" not in page.url
    upload(page, "good.yaml", PERIODIC.read_bytes())
    assert command(page) == "drsim run good.yaml --drills 50 --seed 1"
    assert "text=" in page.url


def test_link_shows_the_same_in_another_browser(arrive: Arrive) -> None:
    """Scenario, drills and choices are in the address: a colleague who opens it sees the same view."""
    page = arrive("?scenario=mine&drills=60")
    settled(page)
    upload(page, "mine.yaml", PERIODIC.read_bytes())
    choose(page, "Disruption", "region-lost")
    choose(page, "Application or resource", "orders.db")
    page.get_by_role("radio", name="p99").click()
    expect(page).to_have_url(re.compile("percentile=p99"))
    settled(page)
    other = arrive(page.url.partition("/?")[2].join(("?", "")))
    settled(other)
    for visit in (page, other):
        expect(box(visit, "Disruption")).to_have_value("region-lost")
        expect(box(visit, "Application or resource")).to_have_value("orders.db")
        expect(visit.get_by_role("radio", name="p99")).to_be_checked()
        expect(visit.get_by_role("spinbutton", name="Drills per strategy and disruption")).to_have_value("60")
    assert table(page) == table(other)
    assert command(page) == command(other) == "drsim run mine.yaml --drills 60 --seed 1"
    assert other.url == page.url


def test_reload_in_mid_run_comes_to_the_same_end(arrive: Arrive) -> None:
    """A page that is loaded again while it works comes to the result that it was to have."""
    page = arrive("?scenario=region-evacuation&drills=5")
    done = page.get_by_text("The same on the command line:")
    # who is slow to look finds the result already
    expect(page.get_by_role("progressbar").or_(done).first).to_be_visible()
    page.reload()
    expect(done).to_be_visible()
    settled(page)
    assert command(page).startswith("drsim run region-evacuation --drills 5 ")
    assert "5 drills per strategy and disruption" in table(page)


def test_stop_ends_the_work_and_it_can_be_started_again(arrive: Arrive) -> None:
    """Stop is there while work goes on; after it the page says what was stopped and offers to start again."""
    page = arrive("?scenario=region-evacuation&drills=5000")
    stop = page.get_by_role("main").get_by_role("button", name="Stop", exact=True)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.reload()
    expect(page.get_by_role("progressbar")).to_be_visible()
    stop.click()
    expect(page.get_by_text(re.compile("^Stopped: (first answer of )?5,000 drills"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    stop.click()
    expect(page.get_by_text(re.compile("^Stopped"))).to_be_visible()


def test_two_visitors_at_once_do_not_meet(arrive: Arrive) -> None:
    """Two visitors work at the same time; what one uploads and chooses, the other does not see."""
    page, other = (arrive("?scenario=mine&drills=50") for _ in range(2))
    secret = PERIODIC.read_bytes().replace(b"One database, one daily backup", b"A secret").replace(b"orders", b"hush")
    files = page.locator("input[type=file]"), other.locator("input[type=file]")
    # both at once, without waiting for one before the other asks
    for file, content in zip(files, (secret, PERIODIC.read_bytes()), strict=True):
        file.set_input_files({"name": "mine.yaml", "mimeType": "application/yaml", "buffer": content})
    for visit in (page, other):
        expect(visit.locator(".drsim-table").first).to_be_visible()
        settled(visit)
    assert "A secret" in table(page)
    assert "One database" in table(other)
    other.reload()
    settled(other)
    assert "A secret" not in other.content()
    assert "hush" not in other.content()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_keyboard_alone_changes_a_choice(arrive: Arrive, theme: str) -> None:
    """A choice can be made without a mouse, in either theme."""
    page = arrive("?scenario=periodic&drills=50", color_scheme=theme)
    expect(page.locator(".drsim-table").first).to_be_visible()
    settled(page)
    box(page, "Disruption").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("disruption=region-lost"))


def test_charts_and_tables_can_be_taken_along(arrive: Arrive, tmp_path: Path) -> None:
    """Charts come as PNG and SVG, tables as CSV, the scenario as YAML, each with what it says."""
    page = arrive("?scenario=periodic&drills=50")
    expect(page.locator(".drsim-table").first).to_be_visible()
    settled(page)
    png, svg = (saved(page, ending, tmp_path) for ending in ("PNG", "SVG"))
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "region-lost" in svg.read_text(encoding="utf-8")
    summary = saved(page, "Summary (CSV)", tmp_path).read_text(encoding="utf-8").splitlines()
    assert summary[0].startswith("strategy,disruption,level")
    assert len(summary) == 5
    assert saved(page, "Scenario (YAML)", tmp_path).read_bytes() == PERIODIC.read_bytes()
