"""`drsim run`: the comparison, its files, its exit status; and the study behind it."""

from __future__ import annotations

import csv
import gc
import json
import tempfile
import threading
from concurrent.futures import CancelledError
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet

from drsim.app.pool import WORKER
from drsim.cli import main
from drsim.engine import run_drills
from drsim.errors import ClockError, InputError
from drsim.scenario import load_scenario
from drsim.study import incidents as keeping
from drsim.study.drills import run
from drsim.study.pieces import CHUNK
from drsim.study.results import DEFINITIONS, OUTPUTS, Result, check_definitions
from drsim.world import World

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


@pytest.fixture
def region_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the vectorised clock refuse one disruption."""

    def why_not(world: World, name: str) -> str | None:
        return f"{world.strategy} is too much" if name == "region" else None

    monkeypatch.setattr("drsim.study.bench.why_not_vectorised", why_not)


def record(directory: Path) -> dict[str, Any]:
    """Return the record of a run, without how long it took."""
    run_file: dict[str, Any] = json.loads((directory / "run.json").read_text(encoding="utf-8"))
    timing = run_file.pop("timing")
    assert set(timing) == {f"{what}_{of}_s" for what in ("simulation", "writing") for of in ("wall", "cpu")}
    assert min(timing.values()) >= 0
    return run_file


def same_files(first: Path, second: Path) -> None:
    """Hold that two runs wrote the same, the clock and how long it took apart."""
    for name in OUTPUTS:
        if name != "run.json":
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
    records = [record(directory) for directory in (first, second)]
    for of_run in records:
        of_run.pop("clock")
    assert records[0] == records[1]


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
    assert f"written to {out}" in shown.err
    cells = {(r["strategy"], r["disruption"], r["subject"]): r for r in rows(out / "summary.csv")}
    assert len(cells) == 2 * 2 * 2
    assert cells["daily", "lost", "app.db"]["verdict"] == "met"
    assert cells["daily", "region", "app"]["verdict"] == "unrecoverable"
    assert cells["daily", "region", "app"]["data_loss_s_mean"] == ""
    assert cells["none", "lost", "app"]["verdict"] == "unprotected"
    incidents = pd.read_parquet(out / "incidents.parquet")
    assert list(incidents.columns[:5]) == ["strategy", "disruption", "level", "subject", "drill"]
    assert len(incidents) == 4 * DRILLS * 2


def test_results_do_not_depend_on_the_number_of_workers(scenario: Path, tmp_path: Path) -> None:
    """One worker and two write the same bytes, on either clock, but for how long it took."""
    for clock in ("vectorised", "process"):
        for workers in ("1", "2"):
            words = ["--out", str(tmp_path / f"{clock}-{workers}"), "--workers", workers, "--clock", clock]
            assert main(["run", str(scenario), *words]) == 0
        assert record(tmp_path / f"{clock}-1") == record(tmp_path / f"{clock}-2")
        same_files(tmp_path / f"{clock}-1", tmp_path / f"{clock}-2")
    same_files(tmp_path / "vectorised-1", tmp_path / "process-1")


@pytest.mark.parametrize("rows_of_a_block", [120, 4 * CHUNK, 10**6])
def test_results_do_not_depend_on_pieces(scenario: Path, rows_of_a_block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many drills are worked out together, and however many disruptions, the result is the same."""
    loaded = load_scenario(scenario)
    drills = 2 * CHUNK + 10
    whole = run(loaded, drills=drills, clock="process", workers=1)
    monkeypatch.setattr("drsim.study.pieces._BLOCK_ROWS", rows_of_a_block)
    for together in (1, 10**6):
        monkeypatch.setattr("drsim.study.pieces._TOGETHER_ROWS", together)
        same(run(loaded, drills=drills, workers=1), whole)


@pytest.mark.parametrize("clock", ["vectorised", "process"])
def test_incidents_are_held_in_small_blocks(
    scenario: Path, tmp_path: Path, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more drills of a pair are held at a time than a block has, which is a row group of the file."""
    monkeypatch.setattr("drsim.study.pieces._BLOCK_ROWS", 2 * 2 * CHUNK + 7)  # two rows a drill
    run(load_scenario(scenario), drills=5 * CHUNK, disruptions=["lost"], clock=clock, out=tmp_path / "out")
    file = parquet.ParquetFile(tmp_path / "out" / "incidents.parquet").metadata
    sizes = [file.row_group(k).num_rows for k in range(file.num_row_groups)]
    assert sizes == 2 * [4 * CHUNK, 4 * CHUNK, 2 * CHUNK]


def same(one: Result, other: Result) -> None:
    """Hold that two results have the same tables."""
    for name in ("incidents", "summary", "dependencies", "costs", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.usefixtures("region_is_too_much")
def test_auto_falls_back_where_it_must_and_says_so(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the vectorised clock does not take runs on the process clock; terminal and run.json say which and why."""
    for clock in ("auto", "process"):
        assert main(["run", str(scenario), "--clock", clock, "--drills", "20", "--out", str(tmp_path / clock)]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if "process clock" in line]
        expected = [f"on the process clock: {s} under region: {s} is too much" for s in ("daily", "none")]
        assert lines == (expected if clock == "auto" else [])
    same_files(tmp_path / "auto", tmp_path / "process")
    assert record(tmp_path / "auto")["clock"] == {
        "asked": "auto",
        "used": "vectorised and process",
        "why": "the process clock takes what the vectorised clock does not",
        "on_process_clock": [
            {"strategy": s, "disruption": "region", "why": f"{s} is too much"} for s in ("daily", "none")
        ],
    }
    assert record(tmp_path / "process")["clock"] == {
        "asked": "process",
        "used": "process",
        "why": "asked for",
        "on_process_clock": [],
    }


@pytest.mark.usefixtures("region_is_too_much")
def test_auto_takes_each_clock_where_it_says(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process clock runs what the vectorised clock refused, and nothing else."""
    played = []

    def spied(world: World, name: str, first: int, last: int) -> pd.DataFrame:
        played.append((world.strategy, name, first, last))
        return run_drills(world, name, first, last)

    monkeypatch.setattr("drsim.study.work.run_drills", spied)
    run(load_scenario(scenario), drills=20, workers=1)
    assert played == [("daily", "region", 0, 20), ("none", "region", 0, 20)]


@pytest.mark.usefixtures("region_is_too_much")
def test_vectorised_fails_rather_than_falls_back(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--clock vectorised exits with 2, names all that it cannot take with the reasons, and runs nothing."""
    assert main(["run", str(scenario), "--clock", "vectorised", "--out", str(tmp_path / "out")]) == 2
    shown = capsys.readouterr()
    for strategy in ("daily", "none"):
        assert f"{strategy} under region: {strategy} is too much" in shown.err
    assert "under lost" not in shown.err
    assert shown.out == ""
    assert not (tmp_path / "out").exists()
    assert main(["run", str(scenario), "--clock", "vectorised", "--disruption", "lost", "--drills", "5"]) == 0


def test_saved_run_can_be_repeated(scenario: Path, tmp_path: Path) -> None:
    """The scenario beside run.json, run with its command, gives the same summary."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert (
        main(["run", str(scenario), "--out", str(first), "--drills", "20", "--seed", "9", "--strategy", "daily"]) == 0
    )
    words = record(first)["command"].split()
    assert words == ["drsim", "run", "scenario.yaml", "--drills", "20", "--seed", "9", "--strategy", "daily"]
    saved = load_scenario(first / "scenario.yaml")
    assert (saved.drills, saved.seed) == (20, 9)
    assert main(["run", str(first / "scenario.yaml"), *words[3:], "--out", str(second)]) == 0
    same_files(first, second)


def test_csv_and_json_go_to_stdout(scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--format csv prints what summary.csv holds, --format json the same as data; both nothing else."""
    out = tmp_path / "out"
    words = ["run", str(scenario), "--drills", "20", "--disruption", "lost"]
    assert main([*words, "--format", "csv", "--out", str(out)]) == 0
    assert capsys.readouterr().out == (out / "summary.csv").read_text(encoding="utf-8")
    assert main([*words, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [r["verdict"] for r in data["summary"]] == [r["verdict"] for r in rows(out / "summary.csv")]
    del data["run"]["timing"]
    assert data["run"] == record(out)


def test_fail_on_is_exit_status_3(scenario: Path) -> None:
    """It gives 3 where objectives are shown not to be met; with `undecided` where they are not shown to be met, too."""
    words = ["run", str(scenario), "--strategy", "daily", "--fail-on"]
    for what in ("breach", "undecided"):
        assert main([*words, what, "--disruption", "lost"]) == 0
        assert main([*words, what, "--disruption", "region", "--drills", "100"]) == 3
    few = ["--disruption", "lost", "--drills", "71"]
    assert main([*words, "breach", *few]) == 0
    assert main([*words, "undecided", *few]) == 3


def test_fail_on_breach_is_not_diluted_by_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 25 applications each misses its RTO whenever it is struck: each is breached, and the exit status is 3."""
    text = SCENARIO.replace("rto: 24 h", "rto: 1 min")
    head, rest = text.split("  app:\n", 1)
    body, tail = rest.split("backup_plans:", 1)
    many = "".join(f"  app{k}:\n{body}" for k in range(25))
    path = tmp_path / "many.yaml"
    path.write_text(f"{head}{many}backup_plans:{tail}", encoding="utf-8")
    words = ["--strategy", "daily", "--disruption", "lost", "--drills", "100", "--format", "csv", "--fail-on", "breach"]
    assert main(["run", str(path), *words]) == 3
    table = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(table) == 2 * 25
    assert {row["verdict"] for row in table} == {"breached"}
    assert {row["affected"] for row in table} == {"100"}


def test_run_json_says_which_definitions_hold(scenario: Path, tmp_path: Path) -> None:
    """Results of this version have definitions 2; those of others are refused with the reason and a repair."""
    assert main(["run", str(scenario), "--drills", "5", "--out", str(tmp_path / "out")]) == 0
    kept = record(tmp_path / "out")
    assert kept["definitions"] == DEFINITIONS == 2
    check_definitions(kept, kept)
    older = {key: value for key, value in kept.items() if key != "definitions"}
    with pytest.raises(InputError, match=r"a result of definitions 1: .*affected drills") as refused:
        check_definitions(kept, older)
    assert "run its scenario again" in str(refused.value)


@pytest.mark.parametrize("text", ['{"versions": null}', '{"versions": ["drsim"]}', "[]", "null", "{"])
def test_a_foreign_run_json_is_not_ours(scenario: Path, tmp_path: Path, text: str) -> None:
    """Whatever JSON it is, a run.json without drsim's version is of another origin and left alone."""
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert main(["run", str(scenario), "--out", str(tmp_path)]) == 2
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--clock", "sundial"], "--clock"),
        (["--strategy", "dayly"], "did you mean `daily`? There are: daily, none"),
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


def test_study_reports_progress_and_stops(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress counts drills up to all of them, and a study that is asked to stop ends between chunks."""
    loaded = load_scenario(scenario)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done > CHUNK:
            stop.set()

    with pytest.raises(CancelledError):
        run(loaded, clock="process", workers=1, progress=progress, stop=stop)
    assert seen == [(CHUNK, 4 * DRILLS), (DRILLS, 4 * DRILLS)]
    seen.clear()
    stop.clear()
    monkeypatch.setattr("drsim.study.pieces._TOGETHER_ROWS", 1)
    with pytest.raises(CancelledError):
        run(loaded, workers=1, progress=progress, stop=stop)
    assert seen == [(DRILLS, 4 * DRILLS)]


class Gone(BaseException):
    """What ends a script from within, as Streamlit does."""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("end", ["stop", "gone"])
def test_a_study_that_ends_early_leaves_nothing(scenario: Path, tmp_path: Path, workers: int, end: str) -> None:
    """A study that is stopped, or whose caller is gone, leaves no file, no directory and no worker behind."""
    stop = threading.Event()

    def progress(*_: int) -> None:
        assert list((tmp_path / "a").glob(".drsim-*/result"))  # for the incidents
        stop.set()
        if end == "gone":
            raise Gone

    with pytest.raises(CancelledError if end == "stop" else Gone):
        run(
            load_scenario(scenario),
            clock="process",
            workers=workers,
            progress=progress,
            stop=stop,
            out=tmp_path / "a" / "out",
        )
    assert [path.name for path in tmp_path.iterdir()] == [scenario.name]
    assert not studying()


def test_an_early_end_leaves_the_last_result_alone(scenario: Path, tmp_path: Path) -> None:
    """A study into the directory of an earlier result replaces it only when it is done."""
    loaded, out = load_scenario(scenario), tmp_path / "out"
    run(loaded, drills=5, out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    stop = threading.Event()
    with pytest.raises(CancelledError):
        run(loaded, clock="process", workers=1, progress=lambda *_: stop.set(), stop=stop, out=out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_incidents_are_the_same_wherever_they_are_kept(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory, in the directory asked for, saved later, in a temporary file that goes with the result: the same."""
    loaded = load_scenario(scenario)
    memory = run(loaded)
    assert list(memory.incidents["state"].cat.categories) == ["recovered", "unprotected", "unrecoverable"]
    same(run(loaded, out=tmp_path / "out"), memory)
    memory.save(tmp_path / "later")
    same_files(tmp_path / "out", tmp_path / "later")
    read = pd.read_parquet(tmp_path / "out" / "incidents.parquet")
    pd.testing.assert_frame_equal(read, memory.incidents, check_exact=True, check_categorical=False)
    assert (read.dtypes.map(str) == memory.incidents.dtypes.map(str)).all()

    monkeypatch.setattr(keeping, "_MOST_KEPT_ROWS", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    on_disk = run(loaded)
    assert list((tmp_path / "temporary").iterdir())
    same(on_disk, memory)
    on_disk.save(tmp_path / "copied")
    same_files(tmp_path / "out", tmp_path / "copied")
    del on_disk
    gc.collect()
    assert not list((tmp_path / "temporary").iterdir())


def studying() -> set[int | None]:
    """Return the worker processes of studies; the app keeps some of its own, in whichever test was there before."""
    return {process.pid for process in active_children() if process.name != WORKER}


@pytest.mark.parametrize(("worth_s", "processes"), [(1e9, 0), (0.0, 2)])
def test_workers_start_only_where_there_is_enough_to_do(
    scenario: Path, worth_s: float, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vectorised clock stays in this process while little is left, and the result is the same either way."""
    monkeypatch.setattr("drsim.study.work._WORTH_S", {"fork": worth_s, "spawn": worth_s})
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("drsim.study.pieces._TOGETHER_ROWS", 1)
    loaded = load_scenario(scenario)
    started: set[int | None] = set()
    result = run(loaded, progress=lambda *_: started.update(studying()))
    assert len(started) == processes
    same(result, run(loaded, workers=1))


def test_incidents_that_nobody_kept_are_refused(scenario: Path, tmp_path: Path) -> None:
    """Without incidents there is a summary; asking for them says how to have them, and nothing is saved."""
    result = run(load_scenario(scenario), drills=5, keep_incidents=False)
    assert len(result.summary)
    with pytest.raises(LookupError, match="keep_incidents"):
        _ = result.incidents
    with pytest.raises(LookupError, match="keep_incidents"):
        result.save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_study_refuses_what_it_cannot_do(scenario: Path) -> None:
    """A clock that is not there and numbers below one are refused before any work."""
    loaded = load_scenario(scenario)
    with pytest.raises(ClockError, match="auto, vectorised, process"):
        run(loaded, clock="sundial")
    for wrong in ({"drills": 0}, {"workers": 0}):
        with pytest.raises(InputError, match="is 0: the number of"):
            run(loaded, **wrong)  # type: ignore[arg-type]
