"""Commands that are ended from outside, or whose output has nowhere to go."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import psutil
import pytest

from drsim.cli import main
from drsim.study.results import OUTPUTS
from tests.patience import PATIENCE_S, until

SCENARIO = """
name: One database
drills: 1500
seed: 3
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  app:
    site: home
    objectives: {rpo: 20 d, rto: 24 h}
    unrecoverable_cost: 1000 USD
    resources: {db: {type: RDS, size: 10 GB, change_rate: 4 %/day}}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}}
disruptions: {lost: {kind: resource-loss}}
"""

STATUS = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -9}
WORDS = {signal.SIGTERM: ["terminated"], signal.SIGINT: ["stopped"], signal.SIGKILL: []}

GONE_S = 5.0
"""Time after which no process is left on a machine that does nothing else [s]."""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Return the file of a scenario that takes the process clock some seconds."""
    path = tmp_path / "one.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class Started:
    """A command in a process of its own, with all processes that it starts."""

    words: list[str]
    mark: str = field(default_factory=lambda: uuid4().hex)
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "drsim", *self.words],
            env=os.environ | {"DRSIM_MARK": self.mark},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # tests that run in the background ignore it, and hand that on
            preexec_fn=_heed_interrupts,  # noqa: PLW1509  # tests have no threads of their own
        )

    def living(self) -> list[psutil.Process]:
        """Return the processes that are there, orphans too."""
        living = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("DRSIM_MARK") == self.mark:
                    living.append(process)
            except psutil.Error:
                continue
        return living

    def has_workers(self) -> bool:
        """Wait for two workers; False where it came to its end before."""
        until(lambda: self.process.poll() is not None or len(self.living()) == 3)
        return self.process.poll() is None

    def end(self, number: signal.Signals, within_s: float = PATIENCE_S) -> list[str]:
        """Send a signal to the command alone, and return the lines of its messages, without those of progress."""
        self.process.send_signal(number)
        assert until(lambda: not [p for p in self.living() if p.pid != self.process.pid], patience_s=within_s)
        _, messages = self.process.communicate(timeout=within_s)
        return told(messages)


def told(messages: str) -> list[str]:
    """Return the lines of messages, without those of progress and warnings."""
    passing = ("check: ", "drills: ", "lifetimes: ", "sensitivities: ", "warning: ", "    ")
    warnings = re.compile(r"(?:One warning|Warnings, .*):\n(?:\d+\. .*\n(?: +.*\n)*)+")
    return [line for line in warnings.sub("", messages).splitlines() if not line.startswith(passing)]


def run_words(scenario: Path, out: Path, *more: str) -> list[str]:
    """Return the words of a run with two workers into a folder."""
    return ["run", str(scenario), "--clock", "process", "--workers", "2", "--out", str(out), *more]


def drills_of(out: Path) -> int:
    """Return the drills of a saved result, all of whose files are of one run."""
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS)
    drills: int = json.loads((out / "run.json").read_text(encoding="utf-8"))["drills"]
    assert set(pd.read_csv(out / "summary.csv")["drills"]) == {drills}
    assert pd.read_parquet(out / "incidents.parquet")["drill"].max() == drills - 1
    return drills


def hold_whole(scenario: Path, out: Path) -> None:
    """Hold that a folder has one result or none, and that a later run clears up what else is there."""
    assert not out.exists() or drills_of(out) in (5, 1500)
    assert main(["run", str(scenario), "--drills", "5", "--out", str(out)]) == 0
    assert drills_of(out) == 5
    assert sorted(path.name for path in out.parent.iterdir()) == sorted([scenario.name, out.name])


@pytest.mark.parametrize(
    ("number", "is_new"),
    [
        *((number, True) for number in STATUS),
        (signal.SIGTERM, False),
        *(pytest.param(n, False, marks=pytest.mark.thorough) for n in (signal.SIGINT, signal.SIGKILL)),
    ],
)
def test_a_run_that_is_ended_leaves_nothing(
    scenario: Path,
    tmp_path: Path,
    number: signal.Signals,
    is_new: bool,  # noqa: FBT001
) -> None:
    """Ended while workers are busy, a run says one line, leaves no process, and the folder as it was."""
    out = tmp_path / "out"
    if not is_new:
        assert main(["run", str(scenario), "--drills", "5", "--out", str(out)]) == 0
    started = Started(run_words(scenario, out))
    assert started.has_workers()
    assert started.end(number) == WORDS[number]
    assert started.process.returncode == STATUS[number]
    assert out.exists() is not is_new
    if number != signal.SIGKILL:
        assert not list(tmp_path.glob(".drsim-*"))
    hold_whole(scenario, out)


@pytest.mark.slow
@pytest.mark.parametrize("number", STATUS)
def test_a_run_may_be_ended_at_any_moment(scenario: Path, tmp_path: Path, number: signal.Signals) -> None:
    """At 20 moments each: no process is left after five seconds, no broken folder, and a later run clears up."""
    out, moments = tmp_path / "out", random.Random(f"ended by {number}")  # noqa: S311  # moments, the same each time
    begun = time.monotonic()
    started = Started(run_words(scenario, out))
    started.process.communicate()
    assert started.process.returncode == 0
    whole_s = time.monotonic() - begun
    for _ in range(20):
        started = Started(run_words(scenario, out))
        time.sleep(moments.uniform(0.0, whole_s))
        is_over = started.process.poll() is not None
        if is_over:
            started.process.communicate()
        else:
            started.end(number, GONE_S)
        # before Python is ready for signals, and after its end, the status is the system's
        assert started.process.returncode in (STATUS[number], -number, 0)
        hold_whole(scenario, out)


COMMANDS = [
    ["explain", "SCENARIO", "--workers", "2"],
    ["lifetime", "SCENARIO", "--workers", "2", "--runs", "2000", "--years", "50"],
    ["report", "SCENARIO", "--workers", "2", "--out", "OUT"],
]


def _endings() -> list[Any]:
    """Return each command with each signal, all but one signal a command for the thorough."""
    shortly = set(zip((words[0] for words in COMMANDS), STATUS, strict=True))
    return [
        pytest.param(
            *(words, number),
            id=f"{words[0]}-{number.name}",
            marks=[] if (words[0], number) in shortly else [pytest.mark.thorough],
        )
        for words in COMMANDS
        for number in STATUS
    ]


@pytest.mark.parametrize(("words", "number"), _endings())
def test_no_command_leaves_workers(scenario: Path, tmp_path: Path, words: list[str], number: signal.Signals) -> None:
    """What holds of `run` holds of the others that have workers."""
    scenario.write_text(SCENARIO.replace("drills: 1500", "drills: 5000000"), encoding="utf-8")
    names = {"SCENARIO": str(scenario), "OUT": str(tmp_path / "out.html")}
    started = Started([names.get(word, word) for word in words])
    assert started.has_workers()
    assert started.end(number) == WORDS[number]
    assert started.process.returncode == STATUS[number]
    assert not (tmp_path / "out.html").exists()


def messages(words: str, folder: Path) -> tuple[int, list[str]]:
    """Return the status of what a shell runs, and the lines of its messages, of warnings the number alone."""
    done = subprocess.run(
        ["sh", "-c", words.replace("drsim", f"{sys.executable} -m drsim")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, told(done.stderr)


LOST = """
import os, signal, sys, time, weakref
from drsim.cli.ending import Ended, ended_by_signals

class Kept:
    pass

def ask(_):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.01)

kept = Kept()
reference = weakref.ref(kept, ask)
begun = time.monotonic()
try:
    with ended_by_signals():
        del kept
        {then}
except Ended as end:
    print(end, end.status, time.monotonic() - begun < 2.5)
"""
WAITING = "time.sleep(1000)"
CLEARING_UP = "exec('try:\\n time.sleep(1000)\\nfinally:\\n time.sleep(0.5)\\n print(True)')"


@pytest.mark.parametrize(("then", "more"), [(WAITING, ""), ("pass", ""), (CLEARING_UP, "True\n")])
def test_a_signal_is_not_lost_where_no_exception_is_expected(then: str, more: str) -> None:
    """What Python ignores is raised once more, quietly, but not while the end is under way."""
    done = subprocess.run([sys.executable, "-c", LOST.format(then=then)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (f"{more}terminated 143 True\n", "")


FULL = ["error: standard output cannot be written: No space left on device"]


@pytest.mark.parametrize(
    "words",
    [
        *("schema", "run one.yaml --drills 5"),
        *(pytest.param(words, marks=pytest.mark.thorough) for words in ("catalogue", "new x", "check one.yaml")),
    ],
)
def test_full_output_is_one_line(scenario: Path, words: str) -> None:
    """Where standard output takes no more the status is 2, and one line says so."""
    assert messages(f"drsim {words} > /dev/full", scenario.parent) == (2, FULL)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_result_is_saved_though_nothing_can_be_printed(scenario: Path, tmp_path: Path, form: str) -> None:
    """The folder is whole before anything is printed."""
    words = f"drsim run one.yaml --drills 5 --format {form} --out out > /dev/full"
    assert messages(words, scenario.parent) == (2, ["written to out", *FULL])
    assert drills_of(tmp_path / "out") == 5


def test_closed_streams_are_named_before_the_work(scenario: Path, tmp_path: Path) -> None:
    """A closed stream is an error, or its number would go to a file; the other one says so."""
    said = "is closed: drsim writes to it; send it to /dev/null instead"
    run = "drsim run one.yaml --drills 5 --out out"
    assert messages(f"{run} >&-", scenario.parent) == (2, [f"error: standard output {said}"])
    assert messages(f"{run} 3>&2 2>&- >&3", scenario.parent) == (2, [f"error: standard error {said}"])
    assert messages(f"{run} >&- 2>&-", scenario.parent) == (2, [])
    assert not (tmp_path / "out").exists()
    assert messages("drsim check - <&- >&2", scenario.parent)[1][0].startswith("error: <stdin>: the file is empty")


def test_full_messages_are_told_elsewhere(scenario: Path, tmp_path: Path) -> None:
    """Where standard error takes no more the answer's place says so, and nothing is half done."""
    run = "drsim run no-such-scenario --drills 5 --out out 3>&2 2> /dev/full >&3"
    status, lines = messages(run, scenario.parent)
    assert status == 2
    assert lines[0].startswith("no-such-scenario: no such file")
    assert not (tmp_path / "out").exists()


def test_no_room_for_the_result_leaves_nothing(scenario: Path, tmp_path: Path) -> None:
    """Where a file may not grow as large as it has to, one line says which folder and why, and nothing is left."""
    words = ["run", str(scenario), "--drills", "20000", "--out", str(tmp_path / "a" / "out")]
    # what is covered would have to be written, too
    unmeasured = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "drsim", *words],
        env=unmeasured,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert told(done.stderr) == [f"error: {tmp_path / 'a' / 'out'}: cannot be written: File too large"]
    assert [path.name for path in tmp_path.iterdir()] == [scenario.name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for 100 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount`")
    if done.returncode:
        pytest.skip(f"nothing may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write a file until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1000))


def test_a_full_disk_leaves_the_earlier_result(
    scenario: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Result, report and new scenario: where the disk is full there is one line, and all is as it was."""
    out = small_disk / "out"
    run = ["run", str(scenario), "--out", str(out)]
    assert main([*run, "--drills", "5"]) == 0
    capsys.readouterr()
    assert main([*run, "--drills", "20000"]) == 2
    assert told(capsys.readouterr().err) == [f"error: {out}: cannot be written: No space left on device"]
    assert drills_of(out) == 5
    page = small_disk / "page.html"
    assert main(["report", str(scenario), "--drills", "5", "--out", str(page)]) == 2
    assert told(capsys.readouterr().err) == [f"error: {page}: cannot be written: No space left on device"]
    fill(small_disk / "rest")
    new = small_disk / "shop.yaml"
    assert main(["new", str(new)]) == 2
    assert told(capsys.readouterr().err) == [f"error: {new}: cannot be written: No space left on device"]
    assert sorted(path.name for path in small_disk.iterdir()) == ["out", "rest"]


def test_a_read_only_folder_is_named(scenario: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is worked out for a place that takes nothing."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for words in (["run", str(scenario), "--out"], ["report", str(scenario), "--out"], ["new"]):
        place = small_disk / "x.yaml"
        assert main([*words, str(place)]) == 2
        assert told(capsys.readouterr().err) == [f"error: {place}: cannot be written: Read-only file system"]


def test_a_file_on_the_way_is_named(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A place inside a file says which file."""
    for command, place in (("run", scenario / "out"), ("run", scenario / "a" / "b"), ("report", scenario / "x.html")):
        assert main([command, str(scenario), "--drills", "5", "--out", str(place)]) == 2
        assert told(capsys.readouterr().err) == [f"error: {place}: cannot be written: Not a directory ({scenario})"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_forbidden_folder_is_named(scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without permission there is one line."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    assert main(["run", str(scenario), "--drills", "5", "--out", str(folder / "out")]) == 2
    assert told(capsys.readouterr().err) == [f"error: {folder / 'out'}: cannot be written: Permission denied"]
