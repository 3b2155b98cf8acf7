"""The work of a study, estimated before it begins: counts that are those of the study, and a refusal that helps."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from drsim import run
from drsim.cli import main
from drsim.errors import InputError
from drsim.scenario import Scenario, read_scenario
from drsim.study.effort import Effort, of_drills, of_lives, of_plans, refuse
from drsim.study.lifetimes import run_lifetimes
from drsim.study.sensitivity import sensitivity
from drsim.study.summary import drill_of_rank
from drsim.world import World, build_world

SCENARIO = """
name: Files
horizon: 60 d
sites:
  home: {{region: us-east-1, account: production}}
  recovery: {{region: us-west-2, account: production}}
vaults: {{local: {{site: home}}, dr: {{site: recovery}}}}
applications:
  app:
    site: home
    resources:
      files: {{type: EFS, size: 1 TB, change_rate: 2 %/day, count: {count}}}
backup_plans:
  plan:
    rules:
      - rule_name: often
        target_vault: local
        every: {every}
        lifecycle: {{delete_after: 10 d}}
        copy_actions: [{{destination_vault: dr, lifecycle: {{delete_after: 10 d}}}}]
strategies: {{plan: {{backup: plan}}}}
disruptions: {{lost: {{kind: resource-loss}}}}
limits: {{jobs_per_resource: {slots}}}
overrides: {{EFS: {{backup_duration: {takes}, copy_duration: {takes}}}}}
"""
USUAL = {"count": "1", "every": "1 d", "slots": "unlimited", "takes": "1 h"}


def studied(**changes: str) -> tuple[Scenario, dict[str, World]]:
    """Return the scenario with changes, and its worlds."""
    scenario = read_scenario(SCENARIO.format(**USUAL | changes))
    return scenario, {"plan": build_world(scenario, "plan")}


def effort(drills: int = 1000, clock: str = "auto", **changes: str) -> Effort:
    """Return what drills of the scenario take."""
    scenario, worlds = studied(**changes)
    return of_drills(scenario, worlds, ["lost"], drills, clock=clock)


@pytest.mark.parametrize("changes", [{}, {"every": "1 h"}, {"count": "7", "every": "cron(0 5 ? * MON-FRI *)"}])
def test_jobs_of_plans_are_those_that_the_world_holds(changes: dict[str, str]) -> None:
    """What is counted from rules is what is scheduled, up to the ends of the time that is looked at."""
    text = SCENARIO.format(**USUAL | changes)
    if "cron" in text:
        text = text.replace("every: cron", "schedule: cron")
    scenario = read_scenario(text)
    scheduled = sum(len(stream.times_s) for stream in build_world(scenario, "plan").streams)
    assert of_plans(scenario, ["plan"]).jobs == pytest.approx(scheduled, rel=0.05)


def test_work_grows_with_what_there_is_to_do() -> None:
    """Twice the drills are twice the work; the process clock, and jobs that pile up, are far more."""
    few, many = effort(1000), effort(2000)
    base = of_plans(studied()[0], ["plan"])
    assert many.seconds - base.seconds == pytest.approx(2 * (few.seconds - base.seconds))
    queued = effort(slots="1", takes="10 h")
    assert queued.jobs > few.jobs
    assert effort(clock="process", slots="1", takes="10 h").seconds > 2 * queued.seconds
    piled_up = effort(slots="1", every="1 h", takes="2 h")
    assert piled_up.seconds > 10 * effort(slots="1", every="1 h", takes="5 min").seconds
    assert "faster than they can be done" in piled_up.largest[0]
    assert few.times(3).seconds == 3 * few.seconds


def test_the_process_clock_holds_every_job_of_a_drill() -> None:
    """Its events are memory beyond what either clock holds of the past: 1 kB beside 100 bytes of each job."""
    few, many = (effort(1, clock="process", slots="1", takes=takes) for takes in ("1 h", "10 h"))
    assert many.jobs > few.jobs > 0
    assert many.memory_bytes - few.memory_bytes == pytest.approx((1000 + 100) * (many.jobs - few.jobs))


def test_backups_that_pile_up_and_give_up_are_counted_too() -> None:
    """Where backups alone want more than a pool has, each drill goes through all there were, and that is said."""
    text = SCENARIO.format(**USUAL | {"count": "6", "every": "1 h", "takes": "15 min"})
    efforts = {}
    for slots in (1, 50):
        limits = f"limits: {{backup_jobs: {slots}, copy_jobs: unlimited, jobs_per_resource: unlimited}}"
        scenario = read_scenario(text.replace("limits: {jobs_per_resource: unlimited}", limits))
        efforts[slots] = of_drills(scenario, {"plan": build_world(scenario, "plan")}, ["lost"], 100)
    assert efforts[1].seconds > 30 * efforts[50].seconds
    assert "faster than they can be done" in efforts[1].largest[0]


def lives(years: int, runs: int, **changes: str) -> Effort:
    """Return what lives of the scenario take."""
    text = SCENARIO.format(**USUAL | changes)
    scenario = read_scenario(text.replace("{kind: resource-loss}", "{kind: resource-loss, rate: 0.0015 /year}"))
    return of_lives(scenario, {"plan": build_world(scenario, "plan", horizon_s=years * 365 * 86400.0)}, years, runs, 1)


def test_lives_are_work_for_what_happens_in_them() -> None:
    """What takes time is what strikes, and more where jobs pile up; an hour has room for many quiet years."""
    few, many = lives(10, 1_000), lives(10, 10_000)
    assert few.seconds < many.seconds < 60
    assert lives(100, 1_000_000).is_too_much()
    assert "disruptions in 1,000,000 lives" in lives(100, 1_000_000).largest[0]
    piled_up = {"slots": "1", "every": "1 h", "takes": "2 h"}
    assert lives(10, 100, **piled_up).seconds > 30 * lives(10, 100).seconds


def test_drills_beside_lives_are_counted() -> None:
    """Few lives are little work, and the drills beside them may be too much."""
    scenario = read_scenario(SCENARIO.format(**USUAL | {"slots": "1", "every": "1 h", "takes": "2 h"}))
    with pytest.raises(InputError, match="faster than they can be done"):
        run_lifetimes(scenario, 1, 1, max_seconds=1.0)


def test_what_there_is_most_of_is_named() -> None:
    """A refusal says what is large in this scenario, and what to change."""
    what, change = of_plans(read_scenario(SCENARIO.format(**USUAL | {"count": "5000"})), ["plan"]).largest
    assert "members" in what
    assert "smaller `count`" in change
    often = read_scenario(SCENARIO.format(**USUAL | {"every": "1 min"}))
    assert "`often` of plan `plan` runs" in of_plans(often, ["plan"]).largest[0]


def test_a_limit_is_the_last_that_is_begun() -> None:
    """More than either limit is refused, neither limit itself; who insists is not refused."""
    most = Effort(1.0, 60.0, 2e9, ("much", "less"))
    refuse(most, 60.0)
    for more in (replace(most, seconds=60.1), replace(most, memory_bytes=2e9 + 1)):
        with pytest.raises(InputError, match=r"more than 1 min or 2 GB is not begun unasked") as refused:
            refuse(more, 60.0)
        # the work is nobody's line
        assert [(problem.line, problem.check, problem.repair) for problem in refused.value.problems] == [
            (0, "too-much-work", "less; --force begins anyway")
        ]
        refuse(more, 60.0, force=True)


COMMANDS = (
    ("run", "--drills", "5"),
    ("explain", "--drills", "5"),
    ("sensitivity", "--drills", "5"),
    ("lifetime", "--years", "1", "--runs", "2"),
    ("report", "--drills", "5", "--out", "report.html"),
)


@pytest.mark.long
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_commands_refuse_and_go_on_when_told_to(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that drill know both options; what is refused leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    Path("one.yaml").write_text(SCENARIO.format(**USUAL), encoding="utf-8")
    command = [words[0], "one.yaml", *words[1:], "--max-seconds", "1e-6"]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "too-much-work" in said
    assert "--force" in said
    assert [path.name for path in tmp_path.iterdir()] == ["one.yaml"]
    assert main([*command, "--force"]) == 0


UNLIMITED = ("nan", "inf", "-inf", "0", "-1", "1e30", "", "１０", "ten")


@pytest.mark.parametrize("command", ["run", "explain", "sensitivity", "lifetime", "report"])
def test_no_time_that_is_none_switches_the_guard_off(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command refuses what is no time, nan and infinite ones too, and says the range; nothing is begun."""
    monkeypatch.chdir(tmp_path)
    Path("one.yaml").write_text(SCENARIO.format(**USUAL), encoding="utf-8")
    more = ["--out", "report.html"] if command == "report" else []
    for text in UNLIMITED:
        assert main([command, "one.yaml", *more, f"--max-seconds={text}"]) == 2, text
        said = capsys.readouterr().err
        assert "--max-seconds" in said
        assert "0.000001 to 3153600000 seconds" in said or "U+FF11" in said
    assert [path.name for path in tmp_path.iterdir()] == ["one.yaml"]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 0.0, -1.0, 1e30])
def test_the_library_refuses_such_times_too(number: float) -> None:
    """Whoever calls a study is told the range, whether the work is little or much, and forced or not."""
    scenario = studied()[0]
    for force in (False, True):
        for call in (
            lambda f: run(scenario, drills=5, workers=1, max_seconds=number, force=f),
            lambda f: run_lifetimes(scenario, 1, 2, workers=1, max_seconds=number, force=f),
            lambda f: sensitivity(scenario, "plan", "lost", drills=5, max_seconds=number, force=f),
            lambda f: refuse(Effort(1.0, 1.0, 1.0, ("a", "b")), number, force=f),
        ):
            with pytest.raises(InputError, match=r"max_seconds is .*: the time that work may take is 0\.000001 to"):
                call(force)
    assert Effort(1.0, math.nan, 1.0, ("a", "b")).is_too_much()
    assert Effort(1.0, 1.0, math.nan, ("a", "b")).is_too_much()


def test_numbers_of_the_library_are_in_their_ranges() -> None:
    """Half a drill, no drill, times and quantiles that are none are refused with what they may be."""
    scenario = studied()[0]
    half = cast("int", 2.5)
    for call, what in (
        (lambda: run(scenario, drills=half, workers=1), "a whole number"),
        (lambda: run(scenario, drills=5, workers=half), "a whole number"),
        (lambda: run_lifetimes(scenario, half, 2, workers=1), "a whole number"),
        (lambda: sensitivity(scenario, "plan", "lost", drills=0), "1 to 10,000,000"),
        (lambda: sensitivity(scenario, "plan", "lost", drills=5, seconds=math.nan), "0 seconds to"),
        (lambda: drill_of_rank([1, 2, 3], math.nan), "a quantile is 0 to 1"),
        (lambda: drill_of_rank([1, 2, 3], 1.01), "a quantile is 0 to 1"),
    ):
        with pytest.raises(InputError, match=what):
            call()
    assert drill_of_rank([1, 2, 3], 1.0) == 3


def test_the_work_of_disruptions_adds_up() -> None:
    """Each is drilled, on whichever clock: what several take is what each takes, one after the other."""
    scenario = read_scenario(
        SCENARIO.format(**USUAL).replace(
            "{lost: {kind: resource-loss}}", "{lost: {kind: resource-loss}, corrupted: {kind: corruption}}"
        )
    )
    worlds = {"plan": build_world(scenario, "plan")}

    def jobs(*names: str) -> float:
        return of_drills(scenario, worlds, names, 1000).jobs

    assert jobs("lost") > 0
    assert jobs("lost", "corrupted") == jobs("lost") + jobs("corrupted")
