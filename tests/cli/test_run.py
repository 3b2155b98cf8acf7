"""`drsim run`: the comparison, its files, its exit status; and the study behind it."""

from __future__ import annotations

import csv
import json
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pandas as pd
import pytest

from drsim.cli import main
from drsim.errors import ClockError, InputError
from drsim.scenario import load_scenario
from drsim.study.drills import CHUNK, run
from drsim.study.results import OUTPUTS

DRILLS = CHUNK + 10  # two chunks a pair

SCENARIO = f"""
name: One database
drills: {DRILLS}
seed: 3
sites:
  home: {{region: us-east-1, account: production}}
vaults:
  local: {{site: home}}
applications:
  app:
    site: home
    objectives: {{rpo: 20 d, rto: 24 h}}
    resources:
      db: {{type: RDS, size: 10 GB, change_rate: 4 %/day}}
backup_plans:
  daily: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {{delete_after: 35 d}}}}]}}
strategies:
  daily: {{backup: daily}}
  none: {{}}
disruptions:
  lost: {{kind: resource-loss}}
  region: {{kind: region-loss, site: home}}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Return the file of a small scenario."""
    path = tmp_path / "one.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_run_writes_all_files_and_prints_the_comparison(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run with --out writes every output, prints the comparison to stdout and progress to stderr."""
    out = tmp_path / "out"
    assert main(["run", str(scenario), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS)
    shown = capsys.readouterr()
    assert "One database" in shown.out
    assert "drsim explain" in shown.out
    assert f"{4 * DRILLS} of {4 * DRILLS} drills" in shown.err
    found = {(r["strategy"], r["disruption"], r["subject"]): r for r in rows(out / "summary.csv")}
    assert len(found) == 2 * 2 * 2
    assert found["daily", "lost", "app.db"]["verdict"] == "met"
    assert found["daily", "region", "app"]["verdict"] == "unrecoverable"
    assert found["daily", "region", "app"]["data_loss_s_mean"] == ""
    assert found["none", "lost", "app"]["verdict"] == "unprotected"
    incidents = pd.read_parquet(out / "incidents.parquet")
    assert list(incidents.columns[:5]) == ["strategy", "disruption", "level", "subject", "drill"]
    assert len(incidents) == 4 * DRILLS * 2


def test_results_do_not_depend_on_the_number_of_workers(scenario: Path, tmp_path: Path) -> None:
    """One worker and two write the same bytes, but for nothing."""
    for workers in ("1", "2"):
        assert main(["run", str(scenario), "--out", str(tmp_path / workers), "--workers", workers]) == 0
    for name in OUTPUTS:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_saved_run_can_be_repeated(scenario: Path, tmp_path: Path) -> None:
    """The scenario beside run.json, run with its command, gives the same summary."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert (
        main(["run", str(scenario), "--out", str(first), "--drills", "20", "--seed", "9", "--strategy", "daily"]) == 0
    )
    record = json.loads((first / "run.json").read_text(encoding="utf-8"))
    words = record["command"].split()
    assert words == ["drsim", "run", "scenario.yaml", "--drills", "20", "--seed", "9", "--strategy", "daily"]
    saved = load_scenario(first / "scenario.yaml")
    assert (saved.drills, saved.seed) == (20, 9)
    assert main(["run", str(first / "scenario.yaml"), *words[3:], "--out", str(second)]) == 0
    for name in ("summary.csv", "costs.csv", "events.csv", "run.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_csv_and_json_go_to_stdout(scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--format csv prints what summary.csv holds, --format json the same as data; both nothing else."""
    out = tmp_path / "out"
    words = ["run", str(scenario), "--drills", "20", "--disruption", "lost"]
    assert main([*words, "--format", "csv", "--out", str(out)]) == 0
    assert capsys.readouterr().out == (out / "summary.csv").read_text(encoding="utf-8")
    assert main([*words, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [r["verdict"] for r in data["summary"]] == [r["verdict"] for r in rows(out / "summary.csv")]
    assert data["run"] == json.loads((out / "run.json").read_text(encoding="utf-8"))


def test_fail_on_breach_is_exit_status_3(scenario: Path) -> None:
    """--fail-on breach gives 3 where a verdict is neither met nor no-objective, else 0."""
    words = ["run", str(scenario), "--strategy", "daily", "--fail-on", "breach"]
    assert main([*words, "--disruption", "lost"]) == 0
    assert main([*words, "--disruption", "region", "--drills", "5"]) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--clock", "vectorised"], "only the process clock"),
        (["--strategy", "dayly"], "choose from: daily, none"),
        (["--disruption", "flood", "--strategy", "x"], "2 problems"),
        (["--drills", "0"], "--drills"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_bad_input_is_exit_status_2(
    scenario: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the user can mend exits with 2 and a message that names it, on stderr alone."""
    assert main(["run", str(scenario), *words]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""


def test_foreign_files_are_not_overwritten(scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory with a summary.csv of another origin is refused before the work and left alone."""
    foreign = tmp_path / "summary.csv"
    foreign.write_text("mine", encoding="utf-8")
    assert main(["run", str(scenario), "--out", str(tmp_path)]) == 2
    assert "summary.csv" in capsys.readouterr().err
    assert foreign.read_text(encoding="utf-8") == "mine"
    assert main(["run", str(scenario), "--out", str(scenario)]) == 2


def test_own_files_are_replaced(scenario: Path, tmp_path: Path) -> None:
    """A second run into the same directory replaces the first one's files and leaves others alone."""
    out = tmp_path / "out"
    for drills in ("5", "6"):
        assert main(["run", str(scenario), "--out", str(out), "--drills", drills]) == 0
        (out / "notes.txt").write_text("mine", encoding="utf-8")
    assert {r["drills"] for r in rows(out / "summary.csv")} == {"6"}
    assert sorted(path.name for path in out.iterdir()) == sorted([*OUTPUTS, "notes.txt"])


def test_study_reports_progress_and_stops(scenario: Path) -> None:
    """Progress counts drills up to all of them, and a study that is asked to stop ends between chunks."""
    loaded = load_scenario(scenario)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done > CHUNK:
            stop.set()

    with pytest.raises(CancelledError):
        run(loaded, workers=1, progress=progress, stop=stop)
    assert seen == [(CHUNK, 4 * DRILLS), (DRILLS, 4 * DRILLS)]


def test_study_refuses_what_it_cannot_do(scenario: Path) -> None:
    """A clock that is not there and numbers below one are refused before any work."""
    loaded = load_scenario(scenario)
    with pytest.raises(ClockError, match="process"):
        run(loaded, clock="vectorised")
    for wrong in ({"drills": 0}, {"workers": 0}):
        with pytest.raises(InputError, match="at least 1"):
            run(loaded, **wrong)  # type: ignore[arg-type]
