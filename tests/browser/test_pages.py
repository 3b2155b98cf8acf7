"""A whole visit, through all pages, and the same pages for a scenario whose names are meant to do harm."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.visits import PAGES, Arrive, choose, command, edit, go, saved, settled, table, upload


def test_a_whole_visit_from_the_first_page_to_a_report(arrive: Arrive, tmp_path: Path) -> None:
    """Compare, change a strategy and keep it, see it on every page, edit the estate, take the report along."""
    page = arrive("?drills=60")
    settled(page)
    assert command(page) == "drsim run web-shop --drills 60 --seed 7"
    go(page, "What if")
    choose(page, "Strategy", "copies")
    slider = page.get_by_role("main").get_by_role("slider").first
    before = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    expect(page.get_by_text(re.compile("^Changed: "))).to_be_visible()
    settled(page)
    assert slider.get_attribute("aria-valuetext") != before
    name = page.get_by_label("Name of the new strategy")
    name.fill("copies-rarer")
    name.press("Enter")
    settled(page)
    page.get_by_role("button", name="Keep as a new strategy").click()
    expect(page.get_by_text("The scenario has a new strategy: copies-rarer.")).to_be_visible()
    go(page, "Compare")
    assert "copies-rarer" in table(page)
    assert command(page) == "drsim run my-web-shop.yaml --drills 60 --seed 7"
    go(page, "Incident")
    choose(page, "Strategy", "copies-rarer")
    choose(page, "Disruption", "ransomware")
    assert command(page).startswith("drsim explain my-web-shop.yaml --strategy copies-rarer --disruption ransomware ")
    go(page, "Estate")
    edit(page, "applications", row=0, column=3, value="9 h")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("The estate is changed. All pages now show it.")).to_be_visible()
    settled(page)
    assert "rto: 9 h" in saved(page, "Scenario", tmp_path).read_text(encoding="utf-8")
    go(page, "Cost")
    assert "copies-rarer" in table(page)
    go(page, "Sensitivity")
    assert "--strategy copies-rarer --disruption ransomware" in command(page)
    go(page, "Catalogue")
    assert command(page).startswith("drsim catalogue")
    go(page, "Compare")
    report = saved(page, "Report (HTML)", tmp_path).read_text(encoding="utf-8")
    assert "copies-rarer" in report
    assert "RTO 9 h" in report
    assert "<script" not in report
    assert "drsim report my-web-shop.yaml --out report.html --drills 60 --seed 7" in report


HOSTILE = (
    "<img src=x onerror=alert(1)> ![](http://example.invalid/x.png) [link](http://example.invalid) $x^2$ :red[hot]"
)
APPLICATION, RESOURCE, OTHER = "=1+1", f"🏪שלום-{'x' * 90}", "@SUM(1+1)<u>"
STRATEGIES = "__bold__<b>[click](javascript)$y$", "`code`<script>alert(2)<|script>"
DISRUPTION, ACCOUNT, VAULT, RULE = "<img|src=x|onerror=alert(3)>", "=SUM(2)<u>", "__bold__", "_SUM_"

SCENARIO = f"""
name: '{HOSTILE}'
description: '**bold** {HOSTILE}'
start: 2026-01-01
seed: 3
sites:
  home: {{region: us-east-1, account: '{ACCOUNT}'}}
  recovery: {{region: us-west-2, account: '{ACCOUNT}'}}
vaults:
  {VAULT}: {{site: home}}
  dr: {{site: recovery}}
applications:
  '{APPLICATION}':
    site: home
    objectives: {{rpo: 12 h, rto: 24 h}}
    downtime_cost: 100 USD/h
    resources:
      '{RESOURCE}': {{type: RDS, size: 500 GB, change_rate: 4 %/day}}
      '{OTHER}': {{type: EFS, size: 100 GB, change_rate: 4 %/day, after: ['{RESOURCE}']}}
backup_plans:
  '{STRATEGIES[0]}':
    rules:
      - rule_name: {RULE}
        target_vault: {VAULT}
        every: 24 h
        lifecycle: {{delete_after: 35 d}}
        copy_actions: [{{destination_vault: dr, lifecycle: {{delete_after: 35 d}}}}]
  '{STRATEGIES[1]}':
    rules: [{{rule_name: {RULE}, target_vault: {VAULT}, every: 6 h, lifecycle: {{delete_after: 35 d}}}}]
strategies:
  '{STRATEGIES[0]}': {{backup: '{STRATEGIES[0]}'}}
  '{STRATEGIES[1]}': {{backup: '{STRATEGIES[1]}'}}
disruptions:
  '{DISRUPTION}': {{kind: region-loss, site: home}}
  '{OTHER}': {{kind: resource-loss}}
"""


def harmless(page: Page) -> None:
    """Nothing that a name says is taken for markup."""
    assert page.locator("img[src=x], script:text('alert'), a[href*='example.invalid'], .katex").count() == 0
    for tag in ("b", "u", "strong", "em"):
        assert page.locator(tag, has_text=re.compile("bold|SUM")).count() == 0


def test_names_that_mean_harm_are_shown_as_they_stand(arrive: Arrive, tmp_path: Path) -> None:
    """Names with markup, formulas, and any length or script are text on every page, and in every file."""
    page = arrive("?scenario=mine&drills=50")
    settled(page)
    upload(page, "hostile.yaml", SCENARIO.encode())
    harmless(page)
    assert HOSTILE in table(page)
    for name in PAGES:
        go(page, name)
        harmless(page)
    go(page, "Compare")
    rows = saved(page, "Summary (CSV)", tmp_path).read_text(encoding="utf-8")
    assert "'=1+1" in rows
    assert not re.search(r"(?m)(^|,)\"?[=@]", rows)
    report = saved(page, "Report (HTML)", tmp_path).read_text(encoding="utf-8")
    assert "<img src=x" not in report
    assert "<script" not in report
