"""How far a result rests on estimates, and which of them moves it most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import drsim
from drsim.catalogue import load_catalogue
from drsim.cli import main
from drsim.report.estimates import estimates_line, movers_words
from drsim.scenario import load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study.drills import run
from drsim.study.estimates import MOST_SAID, MOST_TRIED, _allowed, _plan, rests_on
from drsim.study.measures import measure_of
from drsim.world import build_world

SCENARIO = """
name: One database
drills: 60
seed: 3
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  app:
    site: home
    objectives: {rpo: 20 d, rto: 30 min}
    resources: {db: {type: RDS, size: 100 GB, change_rate: 4 %/day}}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}, none: {}}
disruptions: {lost: {kind: resource-loss}}
"""

OVERRIDES = """
overrides:
  RDS: {restore_duration: 1 h, restore_failure: 0 %}
"""


def counted(text: str, strategy: str = "daily") -> dict[str, Any]:
    """Return on what a strategy rests under the loss of the database."""
    scenario = read_scenario(text)
    return rests_on(scenario, {strategy: build_world(scenario, strategy)}, [(strategy, "lost")])


def test_values_are_those_of_the_catalogue_by_their_basis() -> None:
    """Every value counts once, with the basis that the catalogue gives."""
    found = counted(SCENARIO)
    assert found["values"] == sum(found["by_basis"].values()) > 5
    assert found["estimated"] == found["by_basis"]["estimated"] == len(set(found["estimated_values"])) > 0
    known = {leaf.basis for _, leaf in load_catalogue().types["RDS"].leaves()}
    assert found["by_basis"].keys() <= known | {"estimated", "derived", "documented"}


def test_an_override_is_the_users_own() -> None:
    """What the scenario overrides does not count any more; a whole duration replaces the parts of its law."""
    before, after = counted(SCENARIO), counted(SCENARIO + OVERRIDES)
    assert after["values"] == before["values"] - 2


def test_more_disruptions_of_a_kind_read_no_more_values() -> None:
    """A second disruption of the same kind reads the values of the first."""
    text = SCENARIO.replace(
        "{lost: {kind: resource-loss}}", "{lost: {kind: resource-loss}, again: {kind: resource-loss}}"
    )
    scenario = read_scenario(text)
    worlds = {"daily": build_world(scenario, "daily")}
    one, two = (rests_on(scenario, worlds, [("daily", d) for d in some]) for some in (["lost"], ["lost", "again"]))
    assert one == two


def test_whose_a_value_is_does_not_go_by_names() -> None:
    """An application that is called as the disruption has a rebuild of its own, which the disruption has not."""
    assert counted(SCENARIO.replace("  app:\n", "  lost:\n")) == counted(SCENARIO)


def test_what_moves_the_downtime_most_is_found() -> None:
    """Of a restore whose fixed part alone is uncertain, the fixed part is what moves it; constants move nothing."""
    text = SCENARIO + "\noverrides:\n  RDS: {restore_rate: 1 GB/s, restore_failure: 0 %, restore_size_exponent: 0}\n"
    result = run(read_scenario(text), workers=1, estimates=True)
    most = result.run["estimates"]["most"]
    assert (most["strategy"], most["disruption"], most["subject"]) == ("daily", "lost", "app")
    assert most["measure"] == "downtime_s"
    assert most["parameter"] == "restore_fixed"
    assert most["low_s"] < most["high_s"]
    assert most["tried"] <= MOST_TRIED
    line = estimates_line(result.run, "one.yaml")
    assert "`restore_fixed` of RDS moves the downtime of app under lost with daily most" in line
    assert "replace it with `overrides`" in line


def test_what_moves_it_comes_in_order() -> None:
    """At most five estimates are said, of one figure what moves it most first, then of its other measure alike."""
    shop = load_scenario(shipped("scenarios/web-shop.yaml"))
    record = run(shop, strategies=("copies",), disruptions=("region-loss",), drills=4000, workers=1, estimates=True).run
    found, movers = record["estimates"], record["estimates"]["movers"]
    assert movers[0] == found["most"]
    assert 1 <= len(movers) <= MOST_SAID
    measures = [m["measure"] for m in movers]
    assert measures == sorted(measures, key=lambda measure: measure != measures[0])
    for measure in set(measures):
        swings = [abs(m["high_s"] - m["low_s"]) for m in movers if m["measure"] == measure]
        assert swings == sorted(swings, reverse=True)
        assert swings[-1] > 0
    assert len({(m["strategy"], m["disruption"], m["subject"]) for m in movers}) == 1
    assert len({m["value"] for m in movers}) == len(movers)
    line = estimates_line(record, "one.yaml")
    assert f"the {measure_of(measures[0]).words} of shop under region-loss with copies" in line
    assert all(f"`{m['parameter']}` of" in line for m in movers)
    assert "with `overrides`." in line


SEEDS = (1, 2, 3, 4, 5)

STRONG = """
overrides:
  RDS: {restore_rate: 1 GB/s, restore_size_exponent: 0}
"""
"""A restore that takes its fixed part, hours at one end and minutes at the other; all else takes minutes or is rare."""

WEAK = """
overrides:
  RDS: {restore_duration: 1 h, restore_failure: 0 %}
"""
"""A restore of an hour, after which the loss hangs on backups alone: one in a hundred fails."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_strong_estimate_is_named_first_whatever_the_luck(seed: int) -> None:
    """What outweighs all else is named first under every seed."""
    movers = run(read_scenario(SCENARIO + STRONG), seed=seed, drills=300, workers=1, estimates=True).run["estimates"]
    assert movers["most"]["parameter"] == "restore_fixed"
    assert movers["most"]["doubtful"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_within_the_noise_is_not_named(seed: int) -> None:
    """Where backups that fail are the only estimate, few drills meet one, and the percentile is not said to move."""
    text = SCENARIO.replace("rpo: 20 d, rto: 30 min", "rpo: 1 h, rto: 20 d")
    found = run(read_scenario(text + WEAK), seed=seed, drills=60, workers=1, estimates=True).run["estimates"]
    assert found["movers"] == []
    assert "by more than its noise at 60 drills" in found["why"]


def test_the_length_of_spells_is_named() -> None:
    """How often backups fail and how long their spells last are two estimates of one key, told apart in words."""
    mover = {
        "strategy": "daily",
        "disruption": "lost",
        "subject": "app",
        "measure": "data_loss_s",
        "type": "",
        "value": "failing backups, all types",
        "parameter": "backup_failure",
        "low": "0.5 % (half)",
        "high": "2 % (double)",
        "low_s": 3600.0,
        "base_s": 3600.0,
        "high_s": 7200.0,
        "tried": 2,
        "candidates": 2,
        "drills": 400,
        "lasts": False,
        "is_tied": False,
        "doubtful": 0,
    }
    text = movers_words([mover, {**mover, "lasts": True, "low": "2 h (p5)", "high": "6 d (p95)"}])
    assert text.startswith("`backup_failure` of all types moves the data loss of app under lost with daily most")
    assert "(p95 of 400 drills: 1 h at 0.5 % (half), 2 h at 2 % (double)), after it `lasts` of `backup_failure`" in text
    tied = movers_words([mover, {**mover, "lasts": True, "is_tied": True}])
    assert "move the data loss of app under lost with daily most (p95 of 400 drills, which do not tell" in tied


def test_where_nothing_moves_it_the_line_says_so() -> None:
    """Where all that the downtime is made of is the user's own, no estimate moves it, and the line says why."""
    found = run(read_scenario(SCENARIO + OVERRIDES), workers=1, estimates=True).run
    assert found["estimates"]["most"] is None
    assert "tried none moves the downtime of app" in found["estimates"]["why"]
    assert found["estimates"]["why"].endswith("by more than its noise at 60 drills")
    line = estimates_line(found, "one.yaml")
    assert line.endswith(":  drsim sensitivity one.yaml --strategy daily --disruption lost")


def test_estimates_change_nothing_else_and_are_the_same_again() -> None:
    """A result is the same with and without them, and they are the same from run to run and on either clock."""
    scenario = read_scenario(SCENARIO)
    plain, weighed, again = (
        run(scenario, workers=1, estimates=e, clock=clock)
        for e, clock in ((False, "auto"), (True, "auto"), (True, "process"))
    )
    assert "estimates" not in plain.run
    assert plain.summary.equals(weighed.summary)
    assert weighed.run["estimates"] == again.run["estimates"]
    json.dumps(weighed.run)


@pytest.mark.parametrize(
    ("allowed", "drills", "plan"),
    [(12_000, 5_000, (10, 400)), (5_200, 5_000, (6, 400)), (240, 100, (2, 40)), (130, 5, (10, 5)), (60, 300, (0, 0))],
)
def test_the_work_is_bounded(allowed: int, drills: int, plan: tuple[int, int]) -> None:
    """The drills that are run beside the result's are never more than allowed."""
    tried, each = _plan(allowed, drills)
    assert (tried, each) == plan
    assert (2 * tried + 1) * each <= allowed or not tried


def test_run_explain_and_files_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line stands below the comparison and below a story; `run.json` has it as data."""
    path = tmp_path / "one.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    assert main(["run", str(path), "--workers", "1", "--out", str(tmp_path / "out")]) == 0
    assert "\nRests on " in capsys.readouterr().out
    saved = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["estimates"]
    assert set(saved) == {"values", "estimated", "by_basis", "estimated_values", "most", "movers", "why"}
    words = ["explain", str(path), "--strategy", "daily", "--disruption", "lost", "--workers", "1"]
    for more in ([], ["--drill", "3"]):
        assert main([*words, *more]) == 0
        assert "\nRests on " in capsys.readouterr().out


@pytest.mark.long
def test_a_report_says_it() -> None:
    """The HTML report has the line, and without estimates no empty place for it."""
    pytest.importorskip("jinja2")
    pytest.importorskip("altair")
    from drsim.report.html import html_report

    scenario = drsim.read_scenario(SCENARIO)
    weighed, plain = (run(scenario, workers=1, drills=20, estimates=e) for e in (True, False))
    assert "Rests on " in html_report(weighed, "one.yaml")
    assert "Rests on " not in html_report(plain, "one.yaml")
    page = html_report(weighed, "one.yaml")
    assert "Estimates that move the worst answer most" in page
    assert all(f'<td class="">{mover["parameter"]}</td>' in page for mover in weighed.run["estimates"]["movers"])
    assert "Estimates that move" not in html_report(plain, "one.yaml")


@pytest.mark.parametrize(("every", "allowed"), [("1 h", 5_200), ("1 min", 6)])
def test_a_world_of_very_many_runs_gets_no_drills_of_its_own(every: str, allowed: int) -> None:
    """Where few drills may take long already, only a tenth of the result's drills is spent."""
    scenario = read_scenario(SCENARIO.replace("every: 24 h", f"every: {every}, start_window: 1 h"))
    worlds = {"daily": build_world(scenario, "daily")}
    assert _allowed(scenario, worlds, 1) == allowed
