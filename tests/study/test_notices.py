"""What laws and prices tell before anything is drilled: what is kept for ever, never completes, or is rebuilt sooner."""

from __future__ import annotations

import pytest

from drsim.scenario import read_scenario
from drsim.study.notices import notices

SCENARIO = """
name: notices
start: 2026-01-01
sites: {home: {region: us-east-1, account: prod}}
vaults: {main: {site: home}}
applications:
  app: {site: home, APP resources: {volume: {type: EBS, size: 200 GiB, change_rate: 0.5 %/day}}}
backup_plans:
  a: {rules: [{rule_name: d, target_vault: main, every: 24 h, lifecycle: {LIFE}}]}
strategies: {a: {backup: a}}
disruptions: {del: {kind: accidental-deletion}}
response: {detect: 1 h, declare: 1 h}
overrides: {"*": {restore_duration: 30 h, expiry_delay: 0 h}}
"""


def said(*, life: str = "delete_after: 35 d", app: str = "") -> dict[str, str]:
    """Return the notices, what was found by the rule's identifier."""
    text = SCENARIO.replace("LIFE", life).replace("APP", app)
    return {problem.check: problem.found for problem in notices(read_scenario(text))}


def test_what_is_kept_for_ever_says_what_it_comes_to() -> None:
    """Daily points of n years: 200 (1 + 0.5 % × (365 n − 1)) GiB at 0.05 USD, after 1, 3 and 7 years."""
    found = said(life="")["kept-for-ever"]
    for years in (1, 3, 7):
        usd = 200 * (1 + 0.005 * (365 * years - 1)) * 0.05
        assert f"{usd:,.2f} USD/month after {years} y" in found
    assert "kept-for-ever" not in said()


@pytest.mark.parametrize(("rebuild", "short"), [("31 h", True), ("33 h", False)])
def test_a_rebuild_that_is_quicker_than_a_restore(rebuild: str, short: bool) -> None:  # noqa: FBT001  of a table
    """People take 2 h and a restore 30 h: a rebuild of 31 h is too short to compare by money."""
    assert ("rebuild-too-short" in said(app=f"rebuild: {rebuild},")) is short


def test_nobody_is_told_of_a_rebuild_that_nobody_wrote() -> None:
    """The catalogue's estimate is for money alone."""
    assert said() == {}


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ("30 h", "app.volume: a first backup by `d` never completes: it takes 36 h on average, and has to"),
        ("40 h", ""),
    ],
)
def test_first_backups_that_do_not_fit_their_window(window: str, found: str) -> None:
    """A first full of 200 GiB takes 36 h: ended each night at 30 h it leaves nothing to build on."""
    text = SCENARIO.replace("LIFE}", f"delete_after: 35 d}}, completion_window: {window}").replace("APP", "")
    text = text.replace("volume: {", "volume: {overrides: {backup_failure: 0, backup_duration: 36 h}, ")
    problems = {problem.check: problem for problem in notices(read_scenario(text))}
    assert ("backup-never-completes" in problems) is bool(found)
    if found:
        assert problems["backup-never-completes"].found.startswith(found)
        assert "well above 36 h" in problems["backup-never-completes"].repair


@pytest.mark.parametrize(
    ("more", "why", "repair"),
    [
        ("backup_failure: 60 %", "60 % of its jobs fail", "a lower `backup_failure`"),
        (
            "backup_failure: 0, start_delay: 9 h",
            "it has to start within 8 h, and starts after 9 h on average",
            "above 9 h",
        ),
        ("backup_failure: 10 %, backup_duration: 8 d", "it takes 8 d on average, and has to complete", "above 8 d"),
    ],
)
def test_why_backups_seldom_complete(more: str, why: str, repair: str) -> None:
    """Of what a backup has to pass, which is to start, to complete and not to fail, the narrowest is named."""
    text = SCENARIO.replace("LIFE}", "delete_after: 35 d}").replace("APP", "")
    text = text.replace(
        "volume: {type: EBS", f"volume: {{overrides: {{{more}}}, type: DynamoDB without advanced features"
    )
    problems = {problem.check: problem for problem in notices(read_scenario(text))}
    assert why in problems["backup-never-completes"].found
    assert repair in problems["backup-never-completes"].repair
