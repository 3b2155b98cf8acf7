"""Progress of long work: lines where there is no terminal, a bar where there is one."""

from __future__ import annotations

import io
import os
import pty
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from drsim.cli import main, progress
from drsim.cli.progress import Lines
from drsim.scenario.shipped import shipped


def test_lines_come_every_two_seconds_and_say_what_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """However often there is news, or none, there is a line at least every two seconds, and hardly more."""
    now = 0.0
    lines, times = Lines("drills", "drills", lambda: now), []
    for k in range(200):
        now = k / 10
        if 50 <= k < 100:
            lines.advance(k, 1000, "nightly")
        elif k % 2:  # a heartbeat
            lines.beat("reading")
        if printed := capsys.readouterr().err:
            times.append(now)
            done = "" if k < 50 else f"{min(k, 99)} of 1,000 drills, "
            assert printed == f"drills: {done}{now:.0f} s, now {'nightly' if 50 <= k < 100 else 'reading'}\n"
    assert times[0] <= 2.0
    assert all(1.25 <= after - before <= 1.5 + 1e-9 for before, after in pairwise(times))


def test_quick_work_has_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What takes less than two seconds needs no word."""
    lines = Lines("drills", "drills", lambda: 0.0)
    lines.advance(1, 1, "nightly")
    assert capsys.readouterr().err == ""


COMMANDS = (
    ("check", "check: 0 s, now reading and checking web-shop"),
    ("run --drills 2 --strategy nightly --workers 1", "drills: 0 s, now reading and checking web-shop"),
    ("lifetime --runs 1 --years 1 --strategy nightly --workers 1", "lifetimes: 0 s, now reading and checking web-shop"),
    ("explain --drill 0 --strategy nightly --disruption deletion", "drills: 0 s, now reading and checking web-shop"),
    (
        "sensitivity --drills 1 --strategy nightly --disruption deletion",
        "sensitivities: 0 s, now reading and checking web-shop",
    ),
)


@pytest.mark.parametrize(("command", "line"), COMMANDS, ids=[command.split()[0] for command, _ in COMMANDS])
def test_reading_and_checking_have_their_lines(
    command: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a line is due while a scenario is read, it says so, on standard error alone."""
    name, *options = command.split()
    monkeypatch.setattr(progress, "_FIRST_S", 0.0)
    monkeypatch.setattr(progress, "_LINE_S", 0.0)
    monkeypatch.setattr(progress, "_BEAT_S", 0.002)
    assert main([name, "web-shop", *options]) == 0
    shown = capsys.readouterr()
    assert line in shown.err.splitlines()
    assert line not in shown.out


def test_check_says_how_many_files_are_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of several files each that is done counts; one alone is not counted."""
    monkeypatch.setattr(progress, "_FIRST_S", 0.0)
    monkeypatch.setattr(progress, "_LINE_S", 0.0)
    assert main(["check", "web-shop", "periodic"]) == 0
    shown = capsys.readouterr().err
    assert "check: 1 of 2 files, 0 s, now what laws and prices tell of Web shop\n" in shown
    assert "check: 2 of 2 files, 0 s, " in shown
    assert main(["check", "periodic"]) == 0
    assert "of 1 files" not in capsys.readouterr().err


@pytest.mark.parametrize("due_s", [0.0, 3600.0])
def test_a_bar_comes_only_where_there_is_something_to_wait_for(due_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal nothing flashes up in quick work; what takes longer has a bar that begins with the work."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(progress, "_FIRST_S", due_s)
    monkeypatch.setattr(progress, "_LINE_S", due_s)
    with progress.progress("check", "files") as show:
        show(1, 3)
    shown = terminal.getvalue()
    assert ("1/3" in shown) is (due_s == 0)
    assert bool(shown) is (due_s == 0)


@pytest.mark.long
def test_a_terminal_has_a_bar_that_goes_away(tmp_path: Path) -> None:
    """It says how much is done and what is worked on, at 80 columns, and leaves nothing but the table."""
    words = [sys.executable, "-m", "drsim", "run", str(shipped("scenarios/periodic.yaml")), "--drills", "2000"]
    shown = b""
    child, terminal = pty.fork()
    if not child:
        os.environ["TERM"], os.environ["COLUMNS"] = "xterm", "80"
        os.chdir(tmp_path)
        os.execv(words[0], [*words, "--clock", "process", "--workers", "2"])  # noqa: S606
    while True:
        try:
            if not (some := os.read(terminal, 4096)):
                break
        except OSError:  # the other end is closed
            break
        shown += some
    _, status = os.waitpid(child, 0)
    text = shown.decode()
    assert os.waitstatus_to_exitcode(status) == 0, text
    assert "/4000" in text
    assert "under" in text
    assert "Traceback" not in text
