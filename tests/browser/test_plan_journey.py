"""From what no strategy meets to a plan that does, and to a strategy that stands beside today's."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.visits import Arrive, command, go, settled, table

CHOICES = '{"drills":100,"confirm_drills":100,"intervals":["8 h"],"retentions":["7 d"],"replication":[]}'


def test_a_plan_is_found_one_click_from_compare_and_kept(arrive: Arrive) -> None:
    """Compare leads to the page; its button finds the plan, a link shows it again, and it is kept as a strategy."""
    page = arrive("?scenario=periodic&drills=100")
    settled(page)
    page.get_by_role("main").get_by_role("link", name=re.compile("^.*Plan: find the cheapest")).click()
    expect(page.get_by_role("button", name="Find the cheapest plan")).to_be_visible()
    settled(page)
    page = arrive(f"plan?scenario=periodic&drills=100&planning={quote(CHOICES)}")
    settled(page)
    page.get_by_role("button", name="Find the cheapest plan").click()
    expect(page.get_by_text(re.compile("^The plan costs "))).to_be_visible()
    settled(page)
    assert "What to change" in table(page)
    assert command(page) == "drsim plan periodic-planning.yaml --out out/plan"
    assert "find=plan" in page.url
    page.get_by_role("button", name="Keep as a strategy").click()
    expect(page.get_by_text("The scenario has a new strategy, planned")).to_be_visible()
    settled(page)
    assert "planned" in table(page)
    go(page, "Plan")
    expect(page.get_by_role("button", name="Find the cheapest plan")).to_be_visible()
