"""Links, the browser's own buttons, and what anybody may write into an address."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.server import Server, worked_s
from tests.browser.visits import Arrive, box, choose, command, go, settled, table
from tests.patience import BROWSER_S, until

GARBAGE = {
    "?scenario=mine&text=%00%ff<script>alert(1)</script>": "holds no scenario that can be read",
    "?scenario=<img src=x onerror=alert(1)>&drills=60": "asks for a scenario that is not here",
    f"?drills=60&nothing={'A' * 1_500_000}": "",
    "/etc/passwd?drills=60": "",
}
"""What only a browser and a server show; the rest is in `tests/app/test_addresses.py`."""


@pytest.mark.parametrize("address", GARBAGE, ids=lambda address: address[:40])
def test_an_address_may_hold_anything(arrive: Arrive, address: str) -> None:
    """What cannot be read in an address is said or left out; the page works all the same."""
    page = arrive(address)
    settled(page)
    if GARBAGE[address]:
        expect(page.get_by_text(GARBAGE[address])).to_be_visible()
    if "mine" in address:
        expect(page.get_by_text("Upload a scenario at the left")).to_be_visible()
    else:
        assert command(page).startswith("drsim run web-shop --drills ")
    assert page.locator("img[src=x]").count() == 0


def test_choices_stay_in_the_link_when_another_scenario_is_chosen(arrive: Arrive) -> None:
    """A page that grows or shrinks with its scenario goes on to write choices into the link."""
    page = arrive("?scenario=periodic&drills=61")
    settled(page)
    choose(page, "Disruption", "region-lost")
    expect(page).to_have_url(re.compile("disruption=region-lost"))
    for scenario, disruption in (("Web shop", "ransomware"), ("One database, one daily backup", "region-lost")):
        choose(page, "Scenario", scenario)
        choose(page, "Disruption", disruption)
        expect(page).to_have_url(re.compile(f"disruption={disruption}"))


def test_nothing_old_stands_below_a_new_name(arrive: Arrive) -> None:
    """While another scenario is worked on, no verdict of the one before is shown."""
    page = arrive("?scenario=web-shop&drills=60")
    settled(page)
    box(page, "Scenario").click()
    page.get_by_role("option", name="Region evacuation", exact=True).click()
    done = page.get_by_text("Objectives of 40 applications")
    # who is slow to look finds the result already
    expect(page.get_by_role("progressbar").or_(done).first).to_be_visible()
    assert "analytics" not in table(page)
    expect(done).to_be_visible()


def test_back_and_forward_go_through_pages(arrive: Arrive) -> None:
    """The browser's buttons lead back to the page before and forward again, with its choices."""
    page = arrive("?scenario=periodic&drills=50")
    settled(page)
    choose(page, "Disruption", "region-lost")
    go(page, "Catalogue")
    compare, catalogue = (
        page.get_by_role("heading", name=name, level=1) for name in ("Compare strategies", "Catalogue")
    )
    # a page may write its choices into its address a moment after it has opened, which is a step of its own
    _step(page, "back", compare)
    assert command(page) == "drsim run periodic --drills 50 --seed 1"
    _step(page, "forward", catalogue)


def _step(page: Page, way: str, heading: Locator) -> None:
    """Press the browser's button until a page is there, two times at most."""
    for _ in range(2):
        page.go_back() if way == "back" else page.go_forward()
        settled(page)
        if heading.is_visible():
            return
    expect(heading).to_be_visible()


def test_who_leaves_in_mid_run_leaves_no_work_behind(arrive: Arrive, server: Server) -> None:
    """When a tab is closed, the worker processes that work for it are ended, and no other takes their place."""
    page = arrive("?scenario=region-evacuation&drills=5000")
    # the first answer takes a few seconds and would come to its end soon; the full one is what follows
    expect(page.get_by_text("Objectives of 40 applications")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert until(lambda: _used_within_a_second_s(server) > 0.2)
    page.close()
    used_s: list[float] = []

    def idle() -> bool:
        used_s.append(_used_within_a_second_s(server))
        return used_s[-1] <= 0.2

    assert until(idle, patience_s=BROWSER_S)
    # counted in processor time, which is the same on a busy machine: such work would take all that it gets for 100 s
    assert sum(used_s) < 30


def _used_within_a_second_s(server: Server) -> float:
    before = worked_s(server)
    time.sleep(1)
    return sum(used - before.get(pid, 0.0) for pid, used in worked_s(server).items())
