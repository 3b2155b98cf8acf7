"""`drsim plan`: its answer holds where it is run, its files are whole, and what cannot be is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from drsim.cli import main
from drsim.planner.plan import Search
from drsim.planner.settings import settings
from drsim.report.plans import headline
from drsim.scenario import load_scenario

ESTATE = """
start: 2026-01-01
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults: {local: {site: home}, dr: {site: recovery}}
applications:
  shop:
    site: home
    objectives: {rpo: RPO, rto: 48 h, attainment: 80 %}
    resources:
      files: {type: EFS, size: 200 GB, change_rate: 2 %/day}
      db: {type: DynamoDB with advanced features, size: 20 GB, change_rate: 3 %/day}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}}
disruptions:
  region-lost: {kind: region-loss, site: home}
  deletion: {kind: accidental-deletion}
planning:
  {intervals: [4 h, 1 d], retentions: [7 d], standby: false, replication: false, drills: 100, confirm_drills: 300}
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a plan."""
    folder = tmp_path_factory.mktemp("planned")
    (folder / "shop.yaml").write_text(ESTATE.replace("RPO", "26 h"))
    assert main(["plan", str(folder / "shop.yaml"), "--out", str(folder / "plan")]) == 0
    return folder


def test_the_plan_runs_and_gives_what_was_promised(planned: Path) -> None:
    """The shares of the drills that confirm the plan are those of `drsim run`, with their drills and seed."""
    answer = json.loads((planned / "plan" / "plan.json").read_text())
    (confirmed,) = answer["confirmed"]
    drills, seed = str(confirmed["drills"]), str(confirmed["seed"])
    plan = str(planned / "plan" / "plan.yaml")
    out = str(planned / "run")
    assert main(["run", plan, "--strategy", "planned", "--drills", drills, "--seed", seed, "--out", out]) == 0
    summary = pd.read_csv(planned / "run" / "summary.csv").set_index(["disruption", "subject"])
    assert len(confirmed["objectives"]) == 2
    for objective in confirmed["objectives"]:
        row = summary.loc[(objective["disruption"], objective["subject"])]
        assert row["p_meets"] == pytest.approx(objective["p_meets"], abs=1e-12)
        assert row["p_meets"] >= objective["attainment"]
    costs = pd.read_csv(planned / "run" / "costs.csv")
    total = costs.loc[costs["line"] == "total", "usd_per_month"].sum()
    assert answer["usd_per_month"] == pytest.approx(total, abs=0.02)


def test_the_same_again_is_the_same_plan(planned: Path) -> None:
    """A search ends by work done: byte for byte the same files."""
    assert main(["plan", str(planned / "shop.yaml"), "--out", str(planned / "again")]) == 0
    for name in ("plan.yaml", "plan.json"):
        assert (planned / "again" / name).read_bytes() == (planned / "plan" / name).read_bytes()


def test_what_nothing_meets_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An RPO of a minute is out of reach: the answer says what would do, and fails only where that is asked for."""
    scenario = tmp_path / "shop.yaml"
    estate = ESTATE.replace("intervals: [4 h, 1 d]", "intervals: [1 d]")
    scenario.write_text(estate.replace("RPO", "1 min"))
    assert main(["plan", str(scenario), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["state"] == "relaxed"
    assert {gap["disruption"] for gap in answer["unmet"]} == {"region-lost", "deletion"}
    assert all(gap["relaxations"] for gap in answer["unmet"])
    assert main(["plan", str(scenario), "--fail-on", "breach"]) == 3
    assert "What nothing meets" in capsys.readouterr().out


def test_an_end_by_the_clock_is_said(planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The best so far is an answer, which is not repeatable, and says so."""
    assert main(["plan", str(planned / "shop.yaml"), "--max-time", "1e-3"]) == 0
    assert "not repeatable" in " ".join(capsys.readouterr().out.split())


def test_other_files_stay(planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with a plan.yaml of somebody's own is refused before any work, and nothing in it is touched."""
    (tmp_path / "plan.yaml").write_text("mine")
    assert main(["plan", str(planned / "shop.yaml"), "--out", str(tmp_path)]) == 2
    assert (tmp_path / "plan.yaml").read_text() == "mine"
    assert "it holds other files" in capsys.readouterr().err
    shutil.copytree(planned / "plan", tmp_path / "earlier")
    (tmp_path / "earlier" / "notes.txt").write_text("mine, too")
    assert main(["plan", str(planned / "shop.yaml"), "--out", str(tmp_path / "earlier"), "--max-time", "1e-3"]) == 0
    assert (tmp_path / "earlier" / "notes.txt").read_text() == "mine, too"


def test_nothing_asked_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without objectives there is nothing to plan for."""
    scenario = tmp_path / "shop.yaml"
    scenario.write_text(ESTATE.replace("    objectives: {rpo: RPO, rto: 48 h, attainment: 80 %}\n", ""))
    assert main(["plan", str(scenario)]) == 2
    assert "objectives" in capsys.readouterr().err


def test_what_was_not_confirmed_is_not_said_to_hold(planned: Path) -> None:
    """A search that is stopped before any drill that it never saw knows nothing of what its best meets."""
    search = Search(settings(load_scenario(planned / "shop.yaml")))
    answer = search.plan("by a signal", is_confirmed=False)
    assert answer.state == "undecided"
    assert "was not confirmed" in headline(answer)
    assert "meets every objective" not in headline(answer)
