"""Progress of long work: lines where there is no terminal, a bar where there is one."""

from __future__ import annotations

import os
import pty
import sys
from itertools import pairwise
from pathlib import Path

import pytest

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
    assert all(1.75 <= after - before <= 2.0 + 1e-9 for before, after in pairwise(times))


def test_quick_work_has_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What takes less than two seconds needs no word."""
    lines = Lines("drills", "drills", lambda: 0.0)
    lines.advance(1, 1, "nightly")
    assert capsys.readouterr().err == ""


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
