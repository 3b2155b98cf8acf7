"""Worker processes: none outlives what started it, and none reads the script that did."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from drsim.app.pool import WORKER
from drsim.errors import WorkerError
from drsim.scenario.shipped import shipped
from drsim.study import workers
from drsim.study.heartbeat import Heartbeat, worked_on, working_on
from drsim.study.workers import by_workers
from tests.patience import until


def doubled(number: int) -> int:
    """Return twice a number; refuse 3, and end the process at 4."""
    if number == 3:
        raise ValueError("three")
    if number == 4:
        os._exit(5)
    return 2 * number


def children() -> set[int | None]:
    """Return the worker processes that there are; the app keeps some, in whichever test was there before."""
    return {process.pid for process in active_children() if process.name != WORKER}


@pytest.fixture(params=["fork", pytest.param("spawn", marks=pytest.mark.long)])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Begin workers in either way."""
    if request.param == "fork" and (sys.platform != "linux" or threading.active_count() > 1):
        pytest.skip("a fork is not safe here")
    monkeypatch.setattr(workers, "start_context", lambda: multiprocessing.get_context(request.param))
    return str(request.param)


def test_a_fork_is_for_a_process_without_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are forked where the system is Linux and no other thread runs, and started anew elsewhere."""
    main, other = threading.main_thread(), threading.Thread()
    for platform, threads, way in (
        ("linux", [main], "fork"),
        ("linux", [main, other], "spawn"),
        ("darwin", [main], "spawn"),
    ):
        monkeypatch.setattr("drsim.study.workers.sys.platform", platform)
        monkeypatch.setattr("drsim.study.workers.threading.enumerate", lambda threads=threads: threads)
        assert workers.start_context().get_start_method() == way


@pytest.mark.parametrize("start", ["fork", "spawn"], indirect=True)
@pytest.mark.usefixtures("start")
def test_answers_come_in_order() -> None:
    """Whoever is done first, the answers are in the order of the jobs, and the workers are gone then."""
    assert list(by_workers(doubled, [5, 6, 7, 8, 9, 10], 2)) == [10, 12, 14, 16, 18, 20]
    assert not children()


@pytest.mark.usefixtures("start")
def test_an_error_is_raised_where_the_answer_is_awaited() -> None:
    """It says where it came from, and no worker stays."""
    answers = by_workers(doubled, [1, 2, 3, 5], 2)
    assert next(answers) == 2
    assert next(answers) == 4
    with pytest.raises(ValueError, match="three") as error:
        next(answers)
    assert "in doubled" in error.value.__notes__[0]
    assert not children()


@pytest.mark.usefixtures("start")
def test_a_worker_that_is_gone_is_named() -> None:
    """Its jobs are not waited for."""
    with pytest.raises(WorkerError, match="ended with status 5, before it had answered"):
        list(by_workers(doubled, [1, 4, 2], 2))
    assert not children()


def jobs() -> Iterator[str]:
    """Yield jobs that take for ever but for the first."""
    yield ""
    while True:
        yield "for ever"


def endless(job: str) -> str:
    """Return at once or never."""
    if job:
        threading.Event().wait()
    return job


@pytest.mark.usefixtures("start")
def test_closing_ends_busy_workers() -> None:
    """Who wants no more answers does not wait for those under way."""
    answers = by_workers(endless, jobs(), 2)
    assert next(answers) == ""
    assert len(children()) == 2
    answers.close()
    assert not children()


def test_a_system_without_room_for_processes_says_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without workers there is one way left."""

    def refuse(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    with pytest.raises(WorkerError, match="Resource temporarily unavailable; --workers 1 needs none"):
        list(by_workers(doubled, [1, 2], 2))


UNGUARDED = """
import threading, drsim
print("begun", __name__, flush=True)
{thread}
scenario = drsim.load_scenario({path!r})
result = drsim.run(scenario, drills=600, workers=2, clock="process")
print(len(result.summary), "rows")
"""
IN_A_POOL = """
import multiprocessing, drsim

def rows(drills):
    return len(drsim.run(drsim.load_scenario({path!r}), drills=drills, workers=2, clock="process").summary)

if __name__ == "__main__":
    print("begun", __name__, flush=True)
    with multiprocessing.Pool(1) as pool:
        print(pool.map(rows, [600])[0], "rows")
"""


@pytest.mark.long
@pytest.mark.parametrize("door", ["file", "standard input", "-c"])
@pytest.mark.parametrize("thread", ["", "threading.Thread(target=threading.Event().wait, daemon=True).start()"])
def test_a_script_without_a_guard_runs_once(tmp_path: Path, door: str, thread: str) -> None:
    """Workers begin without the script, wherever it came from and whether they are forked or not."""
    text = UNGUARDED.format(path=str(shipped("scenarios/periodic.yaml")), thread=thread)
    said = ["begun __main__", "4 rows"]
    assert lines(text, door, tmp_path) == said


@pytest.mark.long
def test_a_study_within_a_pool_needs_no_workers(tmp_path: Path) -> None:
    """A process that may not start others works alone."""
    text = IN_A_POOL.format(path=str(shipped("scenarios/periodic.yaml")))
    assert lines(text, "file", tmp_path) == ["begun __main__", "4 rows"]


def lines(text: str, door: str, folder: Path) -> list[str]:
    """Return what a script prints."""
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    words = {"file": [str(path)], "standard input": ["-"], "-c": ["-c", text]}[door]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, *words], input=text, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


def test_a_heartbeat_rests_while_the_process_forks() -> None:
    """In the moment of a fork there is no other thread, and afterwards it beats again."""
    beats: list[str] = []
    threads = threading.active_count()
    working_on("this")
    with Heartbeat(lambda: beats.append(worked_on()), 0.001):
        assert until(lambda: beats)
        assert threading.active_count() == threads + 1
        reader, writer = os.pipe()
        if not os.fork():
            os.write(writer, bytes([threading.active_count()]))
            os._exit(0)
        os.wait()
        # of those that were there before, the thread that forks is alone in the child
        assert os.read(reader, 1) == bytes([1])
        assert threading.active_count() == threads + 1
        seen = len(beats)
        assert until(lambda: len(beats) > seen)
    assert threading.active_count() == threads
    assert set(beats) == {"this"}


def test_a_heartbeat_whose_thread_never_began_can_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may come while its thread begins, after a fork, say: the heartbeat ends all the same."""

    def cut_short(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    with Heartbeat(lambda: None, 60.0) as heart:
        heart.rest()
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", cut_short)
            with pytest.raises(KeyboardInterrupt):
                heart.resume()
