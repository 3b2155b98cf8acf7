"""Checks of `planning`: each name, each range and each contradiction is told at its line, with what to write."""

from __future__ import annotations

import pytest

from drsim.errors import Edit, Problem
from drsim.planner.money import UNITS
from drsim.planner.settings import settings
from drsim.scenario import Scenario, check_text, dump_scenario
from drsim.scenario.planning import INTERVALS_S, RETENTIONS_S, Planning
from drsim.study.notices import notices
from drsim.units import DAY_S, HOUR_S

ESTATE = """
sites: {home: {region: us-east-1, account: production}, second: {region: us-west-2, account: backup}}
vaults: {local: {site: home}, dr: {site: second}}
applications:
  app: {site: home, objectives: {for: {lost: {rpo: 1 d}}}, resources: {db: {type: RDS, size: 500 GB}}}
backup_plans: {daily: {rules: [{rule_name: daily, target_vault: local, every: 1 d}]}}
strategies: {daily: {backup: daily}}
disruptions: {lost: {kind: resource-loss}, deleted: {kind: accidental-deletion}}
"""
LINE = ESTATE.count("\n") + 1
"""Where planning stands."""


def checked(planning: str) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """Return the scenario with keys of planning in one line, and what is wrong with it, all at that line."""
    scenario, errors, _ = check_text(f"{ESTATE}planning: {{{planning}}}\n")
    assert {problem.line for problem in errors} <= {LINE}
    return scenario, errors


@pytest.mark.parametrize(
    ("planning", "repair", "right"),
    [
        ("disruptions: [lots]", "did you mean `lost`?", "lost"),
        ("baseline: dayly", "did you mean `daily`?", "daily"),
        ("vaults: [dr, locla]", "did you mean `local`?", "local"),
        ("regions: [us-west-1]", "did you mean `us-west-2`?", "us-west-2"),
        ("accounts: [backups]", "did you mean `backup`?", "backup"),
        ("locks: [complience]", "did you mean `compliance`?", "compliance"),
        ("standby: [warm-stand-by]", "did you mean `warm-standby`?", "warm-standby"),
        ("replication: [EFS-replication]", "did you mean `EFS replication`?", "EFS replication"),
        ("avoid: [global table]", "did you mean `global tables`?", "global tables"),
        ("continuous: [RSD]", "did you mean `RDS`?", None),
        ("cold: [EFFS]", "did you mean `EFS`?", None),
    ],
)
def test_what_planning_names_exists(planning: str, repair: str, right: str | None) -> None:
    """A name of nothing is refused at its line, with the one that is meant."""
    scenario, (problem,) = checked(planning)
    assert (scenario, problem.check, problem.repair) == (None, "unknown-in-planning", repair)
    assert [edit.value for edit in problem.edits] == ([] if right is None else [right])


@pytest.mark.parametrize(
    ("planning", "check"),
    [("keep: [app.bd]", "unmatched-selector"), ("keep: [app.db, 'type:Nothing']", "unknown-type")],
)
def test_what_is_kept_exists(planning: str, check: str) -> None:
    """A selector of what stays as it is selects something."""
    _, (problem,) = checked(planning)
    assert problem.check == check


@pytest.mark.parametrize(
    ("planning", "edit"),
    [
        ("intervals: [40 d, 50 d], retentions: [7 d]", Edit(("planning", "intervals"), ["7 d"])),
        ("intervals: [400 d]", Edit(("planning", "intervals"), ["365 d"])),
        ("intervals: [1 h], minimum_retention: 90 d", Edit(("planning", "intervals"), ["4 h"])),
        ("minimum_retention: 366 d", Edit(("planning", "minimum_retention"), "365 d")),
        ("minimum_retention: 31 d, retentions: [7 d, 30 d]", Edit(("planning", "minimum_retention"), "30 d")),
    ],
)
def test_some_interval_goes_with_some_retention(planning: str, edit: Edit) -> None:
    """Where no rule is left to choose, that is refused with what leaves one."""
    _, errors = checked(planning)
    assert [(problem.check, problem.edits) for problem in errors] == [("no-rule-to-choose", (edit,))]


@pytest.mark.parametrize(
    ("planning", "edit"),
    [
        ("retentions: [35 d, 1 h]", Edit(("planning", "retentions", 1), "1 d")),
        ("intervals: [1 s, 1 d]", Edit(("planning", "intervals", 0), "1 min")),
    ],
)
def test_what_may_be_chosen_is_what_a_rule_may_have(planning: str, edit: Edit) -> None:
    """An interval or a retention that no rule may have is refused once, with the nearest."""
    _, errors = checked(planning)
    assert [(problem.check, problem.edits) for problem in errors] == [("out-of-range-in-planning", (edit,))]


def test_a_plan_is_made_for_objectives() -> None:
    """Only disruptions under which nothing is wanted are refused; one of them beside others is warned of."""
    _, (problem,) = checked("disruptions: [deleted]")
    assert problem.check == "planning-without-objectives"
    assert problem.edits == (Edit(("planning", "disruptions"), ["lost"]),)
    _, errors, warnings = check_text(f"{ESTATE}planning: {{disruptions: [lost, deleted]}}\n")
    assert errors == ()
    assert [(p.line, p.edits) for p in warnings if p.check == "disruption-without-objectives"] == [
        (LINE, (Edit(("planning", "disruptions", 1)),))
    ]


@pytest.mark.parametrize(
    ("planning", "needed"),
    [
        ("confirm_drills: 71", 72),
        ("confirm_drills: 72", None),
        ("attainment: 99.9 %", 3688),
        ("attainment: 99.9 %, confirm_drills: 3688", None),
        ("", None),
    ],
)
def test_the_drills_can_show_what_is_asked_for(planning: str, needed: int | None) -> None:
    """Drills too few to show the share that is asked for are warned of, with how many it takes."""
    scenario, errors = checked(planning)
    assert errors == ()
    assert scenario is not None
    told = [problem for problem in notices(scenario) if problem.check == "too-few-confirm-drills"]
    edits = [] if needed is None else [(Edit(("planning", "confirm_drills"), needed),)]
    assert [problem.edits for problem in told] == edits


@pytest.mark.parametrize(
    ("planning", "found"),
    [
        ("continuous: yes", "`planning.continuous` is 'yes'"),
        ("cold: 3", "`planning.cold` is 3"),
        ("standby: {warm-standby: true}", "`planning.standby` is {'warm-standby': True}"),
        ("locks: [3]", "`planning.locks[0]` is 3"),
        ("confirm_drills: 0", "`planning.confirm_drills` is 0"),
        ("seeds: [-1]", "`planning.seeds[0]` is -1"),
        ("intervals: [4]", "`planning.intervals[0]` is 4"),
        ("retentions: [soon]", "`planning.retentions[0]` is 'soon'"),
        ("disruptions: []", "`planning.disruptions` is []"),
    ],
)
def test_a_wrong_value_is_told_once(planning: str, found: str) -> None:
    """What is of the wrong kind or out of range is one problem, at the key or item that the user wrote."""
    scenario, errors = checked(planning)
    assert scenario is None
    assert [problem.found for problem in errors] == [found]


def test_a_word_alone_becomes_a_list() -> None:
    """Where all, none or names belong a word is refused with the list of it."""
    _, (problem,) = checked("locks: compliance")
    assert (problem.check, problem.repair) == ("wrong-kind", "write `[compliance]`")
    assert problem.rule == "true, false or a list such as [one, two] belongs here"


def test_a_plan_has_a_price_by_the_month() -> None:
    """What a plan costs in people's time is written by the month, and written again so."""
    scenario, _ = checked("plan_price: 5 USD/month")
    assert scenario is not None
    assert settings(scenario).plan_price == 5 * UNITS
    assert "plan_price: 5 USD/month" in dump_scenario(scenario)


def test_types_are_read_by_any_of_their_names() -> None:
    """Types may be named by an alias, and what is read is written again."""
    scenario, errors = checked("continuous: [rds], cold: false, locks: [compliance]")
    assert errors == ()
    assert scenario is not None
    planning = scenario.planning
    assert (planning.continuous, planning.cold, planning.locks) == (("RDS",), False, ("compliance",))
    again, errors, _ = check_text(dump_scenario(scenario))
    assert errors == ()
    assert again is not None
    assert again.planning == planning


def test_the_schema_says_what_holds_where_nothing_is_written() -> None:
    """The intervals and retentions that are tried by themselves are those of the keys' descriptions."""
    assert tuple(s / HOUR_S for s in INTERVALS_S) == (1, 4, 12, 24, 168)
    assert tuple(s / DAY_S for s in RETENTIONS_S) == (7, 14, 35, 90, 365)
    fields = Planning.model_fields
    assert fields["intervals"].description is not None
    assert fields["intervals"].description.endswith("left out, 1 h, 4 h, 12 h, 1 d and 7 d.")
    assert fields["retentions"].description is not None
    assert fields["retentions"].description.endswith("left out, 7 d, 14 d, 35 d, 90 d and 365 d.")
