"""Copies that come too late are told of, with what to write so that they are in time."""

from __future__ import annotations

import pytest

from drsim import run
from drsim.errors import Problem, Weight
from drsim.scenario import read_scenario
from drsim.scenario.edit import as_changes, edited
from drsim.study.costs import steady_costs
from drsim.study.notices import notices
from drsim.world import build_world

TEXT = """
name: late
start: 2026-01-01
drills: 100
sites: {home: {region: us-east-1, account: prod}, away: {region: us-west-2, account: prod}}
vaults: {main: {site: home}, off: {site: away}, far: {site: away}}
applications:
  app: {site: home, resources: {it: {type: KIND, size: 100 GiB, change_rate: 1 %/day}}}
backup_plans:
  plan:
    rules:
      - rule_name: daily
        target_vault: main
        every: 1 d
        completion_window: 60 d
        lifecycle: {LIFE}
        copy_actions: [{destination_vault: off, COPY}]
strategies: {only: {backup: plan}}
disruptions: {lost: {kind: region-loss, site: home}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
overrides: {"*": {expiry_delay: 0 h, start_delay: 0 h, backup_duration: LASTS, copy_duration: 6 h, copy_failure: 0}}
"""


def text_of(life: str, copy: str, lasts: str = "1 h", kind: str = "EFS") -> str:
    """A scenario of one resource whose daily points are copied."""
    return TEXT.replace("LIFE", life).replace("COPY", copy).replace("LASTS", lasts).replace("KIND", kind)


def told(text: str) -> list[Problem]:
    """Return what is said of copies that come too late."""
    return [problem for problem in notices(read_scenario(text)) if problem.check == "copy-too-late"]


GONE = (
    "can never be made: what it is made from is gone when its data are 35 d old, and it begins when they are 40 d old"
)
COLD = (
    "can never be made: what it is made from is cold when its data are 8 d old, and it begins when they are 9.04 d old"
)
SHORT = (
    "never lasts until it is made: it is to be gone when its data are 30 d old, and its job ends when they are 40.3 d"
)
HALF = "is in time in 33 % of the runs: what it is made from is gone when its data are 35 d old"
LONG = (
    "can never be made: what it is made from is gone when its data are 35 d old, and it begins when they are 36 d old"
)

LATE = [
    ("delete_after: 35 d", "lifecycle: {delete_after: 99 d}, delay: 40 d", "1 h", GONE, "`delay: 34 d`"),
    ("delete_after: 35 d", "delay: 40 d", "1 h", GONE, "`delay: 34 d`"),
    (
        "cold_storage_after: 8 d, delete_after: 100 d",
        "lifecycle: {delete_after: 100 d}, delay: 9 d",
        "1 h",
        COLD,
        "`delay: 7 d`",
    ),
    ("delete_after: 100 d", "lifecycle: {delete_after: 30 d}, delay: 40 d", "1 h", SHORT, "`delete_after: 42 d`"),
    ("delete_after: 35 d", "lifecycle: {delete_after: 99 d}, delay: {uniform: [25 d, 55 d]}", "1 h", HALF, "`delay:"),
    ("delete_after: 35 d", "lifecycle: {delete_after: 99 d}", "36 d", LONG, "`delete_after: 37 d`"),
]


@pytest.mark.parametrize(("life", "copy", "lasts", "why", "repair"), LATE)
def test_a_copy_that_comes_too_late_is_told_with_what_helps(
    life: str, copy: str, lasts: str, why: str, repair: str
) -> None:
    """It is said what is gone or cold by when; with the repair nothing is told, and the copies are billed."""
    text = text_of(life, copy, lasts)
    (problem,) = told(text)
    assert problem.found.startswith("app.it: the copy of `daily` into `off` ")
    assert why in problem.found
    assert repair in problem.repair
    never = "33 %" not in why
    assert problem.weight == (Weight.NEVER_HAPPENS if never else Weight.LOSES_MORE)
    mended = edited(text, as_changes(problem.edits))
    assert told(mended) == []
    scenario = read_scenario(mended)
    costs = steady_costs(scenario, build_world(scenario, "only"))
    assert costs.loc[costs["place"] == "off", "usd_per_month"].sum() > 0


@pytest.mark.parametrize(
    ("life", "copy"),
    [
        ("delete_after: 100 d", "lifecycle: {delete_after: 100 d}, delay: 40 d"),
        ("delete_after: 35 d", "lifecycle: {delete_after: 100 d}, delay: 34 d"),
        ("cold_storage_after: 8 d, delete_after: 100 d", "lifecycle: {delete_after: 100 d}, delay: 7 d"),
        ("delete_after: 100 d", "lifecycle: {delete_after: 41 d}, delay: 40 d"),
        ("delete_after: 35 d", "lifecycle: {delete_after: 100 d}, delay: {uniform: [20 d, 40 d]}"),
        ("delete_after: 35 d", "lifecycle: {delete_after: 100 d}"),
    ],
)
def test_a_copy_that_is_in_time_is_not_told(life: str, copy: str) -> None:
    """A copy that most runs make in time is no finding."""
    assert told(text_of(life, copy)) == []


def test_of_chained_copies_the_first_that_is_late_is_told() -> None:
    """What is chained to a copy that is never made follows from it; a chain is late where its delays add up."""
    then = "then: [{destination_vault: far, lifecycle: {delete_after: 200 d}, delay: 1 d}]"
    first = text_of("delete_after: 35 d", f"lifecycle: {{delete_after: 100 d}}, delay: 40 d, {then}")
    assert [" into `off` " in each.found for each in told(first)] == [True]
    later = first.replace("delay: 40 d", "delay: 20 d").replace("delay: 1 d", "delay: 90 d")
    (problem,) = told(later)
    assert "into `far` can never be made: what it is made from is gone when its data are 100 d old" in problem.found
    assert told(edited(later, as_changes(problem.edits))) == []


def test_late_copies_are_judged_by_bill_and_drills_alike() -> None:
    """Where it is told that copies can never be made, none is billed, and no drill recovers from one."""
    for life, copy, lasts, why, _ in LATE:
        if "33 %" in why:
            continue
        result = run(read_scenario(text_of(life, copy, lasts)), drills=20, workers=1)
        assert "copy-too-late" in {each.check for each in result.warnings}
        assert result.costs.loc[result.costs["place"] == "off", "usd_per_month"].sum() == 0
        assert (result.summary["unrecoverable"] == result.summary["affected"]).all()


def test_of_backups_that_never_complete_no_copy_is_late() -> None:
    """Where there is nothing to copy that alone is told."""
    text = text_of("delete_after: 35 d", "delay: 40 d").replace("completion_window: 60 d", "completion_window: 1 h")
    assert told(text) != []
    assert told(text.replace("backup_duration: 1 h", "backup_duration: 2 h")) == []


def test_what_is_never_copied_is_not_kept_for_ever() -> None:
    """A copy that can never be made grows no bill."""
    text = text_of("delete_after: 35 d", "lifecycle: {}, delay: 40 d")
    assert {each.check for each in notices(read_scenario(text))} == {"copy-too-late"}
    soon = {each.check for each in notices(read_scenario(text.replace("delay: 40 d", "delay: 3 d")))}
    assert soon == {"kept-for-ever"}
