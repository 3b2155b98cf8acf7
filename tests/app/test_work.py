"""Work in worker processes: answered once, ended when nobody waits for it."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from drsim.app import workers
from drsim.app.pool import Pool, WorkerEndedError
from drsim.app.questions import Question, digest
from drsim.app.workshop import AT_ONCE, WORKERS, workshop
from tests.app.labour import count, fail_unsendably, held, modules, process, refuse, spin, unsendable
from tests.app.visits import script
from tests.patience import PATIENCE_S, until


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drsim.app.workshop._GRACE_S", 0.3)


def test_equal_questions_are_answered_once(tmp_path: Path) -> None:
    """Whoever asks the same again gets the answer that is kept."""
    shop = workshop()
    ask = Question(count, (str(tmp_path),))
    for _ in range(3):
        job = shop.join(ask)
        assert job.future.result(timeout=PATIENCE_S) == 1
        shop.leave(job)
        assert until(lambda: bool(shop.answer(ask.key)))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
def test_workers_have_read_what_they_need() -> None:
    """Each is a copy of a process that has read catalogue and prices, so that no first visitor waits for it."""
    shop = workshop()
    job = shop.join(Question(modules, ("",)))
    found = job.future.result(timeout=PATIENCE_S)
    shop.leave(job)
    assert "drsim.app.ready" in found
    assert "streamlit.web.cli" not in found


def test_the_key_is_all_that_goes_in() -> None:
    """Other arguments, another function, other content: another question."""
    keys = [Question(count, ("a",)), Question(count, ("b",)), Question(refuse, ("a",)), Question(count, ("a",), ("x",))]
    assert len({ask.key for ask in keys}) == 4
    assert Question(count, ("a",), ("x",)).key == Question(count, ("b",), ("x",)).key


@pytest.mark.usefixtures("_quick")
def test_work_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    """When the last visitor has gone, the worker is free again after a moment."""
    shop = workshop()
    job = shop.join(Question(held, (str(tmp_path),)))
    assert until((tmp_path / "begun").exists)
    shop.leave(job)
    with pytest.raises(CancelledError):
        job.future.result(timeout=PATIENCE_S)
    assert not (tmp_path / "ended").exists()


def test_work_goes_on_while_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second visitor joins the work of the first, and keeps it alive; so does a page that is loaded again."""
    monkeypatch.setattr("drsim.app.workshop._GRACE_S", 0.0)
    shop = workshop()
    ask = Question(held, (str(tmp_path),))
    first, second = shop.join(ask), shop.join(ask)
    assert first is second
    shop.leave(first)
    assert until((tmp_path / "begun").exists)
    # whoever asks next ends what nobody waits for
    other = shop.join(Question(process, (str(tmp_path),)))
    assert other.future.result(timeout=PATIENCE_S)
    shop.leave(other)
    (tmp_path / "end").touch()
    assert second.future.result(timeout=PATIENCE_S) == "done"
    shop.leave(second)


def test_abandoned_work_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody waits for does not keep anybody waiting."""
    monkeypatch.setattr("drsim.app.workshop._GRACE_S", PATIENCE_S)
    shop = workshop()
    old = [shop.join(Question(held, (str(tmp_path), k))) for k in range(WORKERS)]
    for job in old:
        shop.leave(job)
    new = shop.join(Question(count, (str(tmp_path),)))
    assert new.future.result(timeout=PATIENCE_S) == 1
    shop.leave(new)
    for job in old:
        with pytest.raises(CancelledError):
            job.future.result(timeout=PATIENCE_S)


def test_foreseen_work_goes_on_though_nobody_waits(tmp_path: Path) -> None:
    """What somebody is going to ask is answered when they do."""
    shop = workshop()
    ask = Question(count, (str(tmp_path),))
    shop.foresee(ask)
    assert until(lambda: bool(shop.answer(ask.key)))
    assert ask.key not in shop.jobs


def test_work_under_way_is_there_when_asked_for(tmp_path: Path) -> None:
    """A page can have work done while it asks something else first; what was stopped is not begun again."""
    shop = workshop()
    app = script(
        tmp_path,
        "with work.under_way([Question(held, (FOLDER,))]):",
        "    from pathlib import Path",
        "    first = work.result_of(count, FOLDER, saying='a test')",
        "    until((Path(FOLDER) / 'begun').exists)",
        "    (Path(FOLDER) / 'end').touch()",
        "    st.text(f'{first} {work.result_of(held, FOLDER, saying=str())}')",
    )
    begun = shop.begun
    assert app.run().text[0].value == "1 done"
    assert shop.begun == begun + 2
    other = tmp_path / "other"
    other.mkdir()
    stopped = script(other, "with work.under_way([Question(held, (FOLDER,))]):", "    st.text('on')")
    stopped.session_state["work-stopped"] = digest([Question(held, (str(other),))])
    assert stopped.run().text[0].value == "on"
    assert shop.begun == begun + 2


def test_work_goes_on_after_workers_were_killed(tmp_path: Path) -> None:
    """Worker processes that end while they have nothing to do take no work along; others take their place."""
    shop = workshop()
    before = _workers(tmp_path)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: not before & {process.pid for process in active_children()})
    assert not before & _workers(tmp_path / "again")
    assert not shop.jobs


def _workers(folder: Path) -> set[int]:
    """Return the processes that do what is asked."""
    shop = workshop()
    jobs = [shop.join(Question(process, (f"{folder}/{k}",))) for k in range(4 * WORKERS)]
    found = {job.future.result(timeout=PATIENCE_S) for job in jobs}
    for job in jobs:
        shop.leave(job)
    return found


def test_a_worker_killed_at_work_is_said(tmp_path: Path) -> None:
    """Whoever waits for a worker process that is killed is told, and the next one gets an answer."""
    app = script(tmp_path, "work.result_of(die, saying='a test')", "st.text('not reached')").run()
    assert not app.exception
    assert not app.text
    assert "ended before its time" in app.warning[0].value
    again = script(tmp_path, "st.text(work.result_of(count, FOLDER, saying='a test'))").run()
    assert again.text[0].value == "1"


@pytest.mark.parametrize("error", [OSError("no room"), EOFError("what it would be a copy of is gone")])
def test_a_pool_outlives_a_time_without_room_for_processes(error: Exception) -> None:
    """Where no process can be begun for a while, whoever asks meanwhile is told, and whoever asks later is answered."""
    pool = Pool(1, workers.context(), gc.freeze)
    begun, refusals = pool._begun, [error, error]
    try:
        assert pool.schedule(len, ("ab",), PATIENCE_S).future.result(timeout=PATIENCE_S) == 2

        def hardly_begun() -> Any:  # noqa: ANN401
            if refusals:
                raise refusals.pop()
            return begun()

        pool._begun = hardly_begun  # type: ignore[method-assign]
        for function, arguments in ((os._exit, (1,)), (len, ("abc",))):
            with pytest.raises(WorkerEndedError):
                pool.schedule(function, arguments, PATIENCE_S).future.result(timeout=PATIENCE_S)
        assert pool.schedule(len, ("abcd",), PATIENCE_S).future.result(timeout=PATIENCE_S) == 4
    finally:
        pool.close()


@pytest.mark.parametrize("what", [unsendable, fail_unsendably])
def test_what_cannot_be_sent_is_an_answer(what: Callable[..., object], tmp_path: Path) -> None:
    """An answer or an error that cannot be sent from process to process keeps nobody waiting."""
    shop = workshop()
    job = shop.join(Question(what, ()))
    assert job.future.exception(timeout=PATIENCE_S) is not None
    shop.leave(job)
    assert _workers(tmp_path)


@pytest.mark.long
def test_no_answer_is_lost_where_work_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages come and go, in the very moment in which their answers come, too: whoever stays gets an answer."""
    monkeypatch.setattr("drsim.app.workshop._GRACE_S", 0.0)
    shop = workshop()
    unanswered = []

    def visitor(number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # of a test
        for k in range(300):
            job = shop.join(Question(spin, (chance.choice([0.0, 0.001, 0.01]), (number, k))))
            # about as long as the work takes, which is what this is about
            time.sleep(0.012 * chance.random())
            shop.leave(job)
        job = shop.join(Question(spin, (0.0, (number, "last"))))
        try:
            assert job.future.result(timeout=PATIENCE_S) == (number, "last")
        except FutureTimeoutError:
            unanswered.append(number)
        shop.leave(job)

    visitors = [threading.Thread(target=visitor, args=(k,)) for k in range(4)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    assert not unanswered
    assert until(lambda: not shop.jobs)


def test_an_answer_that_comes_at_once_is_forgotten_if_it_failed() -> None:
    """What has failed before anybody looked can be asked again."""
    shop = workshop()
    for _ in range(50):
        job = shop.join(Question(refuse, ("at once",)))
        assert job.future.exception(timeout=PATIENCE_S) is not None
        shop.leave(job)
        assert until(lambda: not shop.jobs)


_SERVER = """
import sys, time
from drsim.app.workshop import workshop
from drsim.app.questions import Question
from tests.app.labour import process
if __name__ == "__main__":
    shop = workshop()
    found = {shop.join(Question(process, (str(k),))).future.result() for k in range(20)}
    print(*found, flush=True)
    time.sleep(600)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="processes are told to end in another way")
def test_workers_end_with_their_server(tmp_path: Path) -> None:
    """A server that is killed leaves no worker process behind."""
    file = tmp_path / "server.py"
    file.write_text(_SERVER, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, env=environment) as server:
        try:
            assert server.stdout is not None
            pids = [int(word) for word in server.stdout.readline().split()]
        finally:
            server.kill()
    assert pids
    assert until(lambda: not any(map(psutil.pid_exists, pids)))


def test_a_refusal_is_said_and_not_kept(tmp_path: Path) -> None:
    """What cannot be worked out ends the page with the reason; no traceback."""
    app = script(tmp_path, "work.result_of(refuse, 'this *word*', saying='a test')", "st.text('not reached')").run()
    assert not app.exception
    assert not app.text
    assert "this \\*word\\*" in app.warning[0].value


def test_work_too_long_is_ended_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work has a longest time, after which the page says what to do."""
    monkeypatch.setattr("drsim.app.questions.LONGEST_S", 0.5)
    app = script(tmp_path, "work.result_of(held, FOLDER, saying='a test')").run()
    assert not app.exception
    assert "takes longer than 0\\.5 s" in app.warning[0].value
    assert not (tmp_path / "ended").exists()


def test_stop_keeps_nothing_and_offers_to_start_again(tmp_path: Path) -> None:
    """After Stop the page says so and can start again."""
    app = script(tmp_path, "st.text(str(work.result_of(count, FOLDER, saying='a test')))")
    app.session_state["work-stopped"] = digest([Question(count, (str(tmp_path),))])
    app.run()
    assert "Stopped" in app.info[0].value
    assert not app.text
    app.button[0].click().run()
    assert app.text[0].value == "1"


def _staged(folder: Path, question: str) -> AppTest:
    """Return a page that has a first answer, and a full one to this question."""
    return script(
        folder,
        "work.forget_the_rest()",
        f"full = [Question({question})]",
        "answer = work.staged(full, lambda: 'full', lambda: 'first', lambda _: False, saying='a test')",
        "st.text(f'{answer[0]} {answer[1]}')",
        "work.wait_for_the_rest()",
    )


def test_work_can_have_less_memory_than_its_worker(tmp_path: Path) -> None:
    """A file is read with less memory than other work has; the next work in the same process has all again."""
    less = "limits=Limits(memory_bytes=2**28), otherwise=lambda why: why"
    app = script(tmp_path, f"st.text(work.result_of(fill, 2**29, saying='a test', {less}))").run()
    assert not app.exception
    assert "more memory than the app has" in app.text[0].value
    sizes = [2**29 + k for k in range(2 * WORKERS)]
    every = f"[Question(fill, (size,)) for size in {sizes}]"
    again = script(tmp_path, f"st.text(work.results_of({every}, saying='a test') == {sizes})").run()
    assert again.text[0].value == "True"


def test_a_first_answer_gives_way_to_the_full_one(tmp_path: Path) -> None:
    """The page is drawn with the first answer, waits for the full one at its end, and is drawn again."""
    app = _staged(tmp_path, "count, (FOLDER,)").run()
    assert not app.exception
    assert app.text[0].value == "full True"
    assert not app.info


def test_a_first_answer_stays_where_there_is_no_full_one(tmp_path: Path) -> None:
    """Where the full answer fails the page keeps the first one and says why; nothing is asked again and again."""
    begun = workshop().begun
    app = _staged(tmp_path, "refuse, ('this',)").run()
    assert not app.exception
    assert app.text[0].value == "first False"
    assert "rests on a first answer" in app.info[0].value
    app.run()
    assert workshop().begun == begun + 1


def test_a_first_answer_stays_where_the_full_one_is_stopped(tmp_path: Path) -> None:
    """After Stop the first answer stays, and the full one can be had after all."""
    app = _staged(tmp_path, "count, (FOLDER,)")
    app.session_state["work-stopped"] = digest([Question(count, (str(tmp_path),))])
    app.run()
    assert app.text[0].value == "first False"
    assert app.info[0].value.startswith("Stopped: a test.")
    app.button[0].click().run()
    assert not app.exception
    assert app.text[0].value == "full True"


def test_a_long_study_leaves_a_worker_for_others(tmp_path: Path) -> None:
    """A page that asks for very much keeps all workers busy but one."""
    many = "[Question(held, (FOLDER, k)) for k in range(2 * WORKERS)]"
    app = script(tmp_path, f"work.results_of({many}, saying='a test')")
    study = threading.Thread(target=app.run)
    study.start()
    try:
        assert until((tmp_path / "begun").exists)
        shop = workshop()
        assert until(lambda: len(shop.jobs) == AT_ONCE)
        job = shop.join(Question(count, (str(tmp_path),)))
        assert job.future.result(timeout=PATIENCE_S) == 1
        shop.leave(job)
        assert not (tmp_path / "ended").exists()
    finally:
        (tmp_path / "end").touch()
        study.join()
    assert (tmp_path / "ended").exists()
    assert not app.exception


def test_a_worker_has_so_much_memory_and_no_more(tmp_path: Path) -> None:
    """Work that would take all memory of the server ends with words, and the worker goes on."""
    app = script(tmp_path, "work.result_of(fill, MEMORY_BYTES, saying='a test')").run()
    assert not app.exception
    assert "more memory" in app.warning[0].value
    assert script(tmp_path, "st.text(str(work.result_of(fill, 1000, saying='a test')))").run().text[0].value == "1000"
