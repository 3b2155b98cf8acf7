"""Work that takes longer than drawing a page: pages ask worker processes, and wait with a progress bar and a Stop.

A page asks and waits. Streamlit ends the script of a page at its next sign of life when the visitor changes something,
presses Stop, or leaves; then nobody waits for the work any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.app.pool import WorkerEndedError
from drsim.app.questions import USUAL, Limits, Question, digest
from drsim.app.show import message, plain
from drsim.app.workshop import AT_ONCE, Job, Workshop, workshop
from drsim.errors import DrsimError

T = TypeVar("T")

FULL_S = 100.0
"""After so long [s] work that can do with fewer drills begins no more of them."""

FIRST_S = 2.0
"""How long [s] a first answer may take; where it can be had at all only later, it has few drills."""

_QUIET_S = 0.8
"""How long a visitor waits without being told."""

_LOOK_S = 0.05


class UnansweredError(Exception):
    """There is no answer; its words say why, to the visitor."""


def result_of(
    function: Callable[..., T],
    *arguments: Any,  # noqa: ANN401
    saying: str,
    limits: Limits = USUAL,
    otherwise: Callable[[str], T] | None = None,
) -> T:
    """Return what a worker process answers; the page waits, and ends here where it is stopped.

    Args:
        function: of `drsim.app.tasks`.
        arguments: plain data, without `progress`.
        saying: what is being worked out, for the progress bar.
        limits: what it may take.
        otherwise: makes an answer of the words that say why there is none; left out, the page shows them and ends here.
    """
    question = Question(function, arguments, limits=limits)
    try:
        answer: T = _results_of([question], saying)[0]
    except UnansweredError as error:
        if otherwise is None:
            _explain(str(error))
            raise
        return otherwise(str(error))
    return answer


def results_of(questions: Sequence[Question], *, saying: str) -> list[Any]:
    """Return what worker processes answer to several questions, in their order; the page waits, as for `result_of`."""
    try:
        return _results_of(questions, saying)
    except UnansweredError as error:
        _explain(str(error))
        raise


def _results_of(questions: Sequence[Question], saying: str) -> list[Any]:
    # always there, so that what stands below never moves: Streamlit forgets what belongs into the link where it does
    place = st.empty()
    shop = workshop()
    known = [shop.answer(question.key) for question in questions]
    missing = [question for question, answer in zip(questions, known, strict=True) if not answer]
    fresh = iter(_wait_for_answers(shop, missing, saying, place) if missing else ())
    return [answer[0] if answer else next(fresh) for answer in known]


@contextmanager
def under_way(questions: Sequence[Question]) -> Iterator[None]:
    """Have questions answered while a page asks others first; it asks these themselves before it comes to its end."""
    shop = workshop()
    missing = [question for question in questions if not shop.answer(question.key)]
    # what its visitor has stopped is not begun again
    jobs = [] if st.session_state.get(_STOPPED) == digest(missing) else [shop.join(question) for question in missing]
    try:
        yield
    finally:
        for job in jobs:
            shop.leave(job)


def staged(
    full: Sequence[Question],
    finish: Callable[[], T],
    first: Callable[[], T],
    is_enough: Callable[[T], bool],
    *,
    saying: str,
) -> tuple[T, bool]:
    """Return the full answer where it is known, else a first one; and whether it is as full as it gets.

    The page is drawn with the first answer. At its end it waits for the full one (`wait_for_the_rest`), and is drawn
    again with that. Where there is no full answer the first one stays, and the page says why.

    Args:
        full: questions of the full answer.
        finish: makes it of their answers, which are known by then.
        first: asks for and makes the first answer.
        is_enough: whether a first answer is as full as it gets.
        saying: what is being worked out, for the progress bar.
    """
    shop, name = workshop(), digest(full)
    # there even where it is empty, so that nothing below moves
    with st.container():
        if all(shop.answer(question.key) for question in full):
            return finish(), True
        first_answer = first()
        if is_enough(first_answer):
            return first_answer, True
        why = st.session_state.get(_GIVEN_UP, {}).get(name)
        place = st.empty()
        if why is not None:
            with place.container():
                st.info(why)
                st.button("Start again", key=f"again-{name}", on_click=_restart, args=(name,), type="primary")
        else:
            st.session_state.setdefault(_PENDING, []).append((full, saying, name, place))
    return first_answer, False


def forget_the_rest() -> None:
    """Wait for nothing that a script asked for which has come to no end."""
    st.session_state.pop(_PENDING, None)


def wait_for_the_rest() -> None:
    """Wait for the full answers of a page that is drawn with first ones, and draw it again."""
    pending = st.session_state.pop(_PENDING, ())
    for full, saying, name, place in pending:
        if st.session_state.get(_STOPPED) == name:
            st.session_state.pop(_STOPPED)
            _give_up(name, f"Stopped: {saying}. What is shown rests on a first answer.")
            continue
        try:
            _wait_for_answers(workshop(), full, saying, place)
        except UnansweredError as error:
            _give_up(name, f"{error} What is shown rests on a first answer.")
    if pending:
        st.rerun()


def _give_up(name: str, why: str) -> None:
    st.session_state[_GIVEN_UP] = {**st.session_state.get(_GIVEN_UP, {}), name: why}


def answered(question: Question) -> Any:  # noqa: ANN401
    """Return the answer to a question that no page waits for: that of a button which saves a file."""
    shop = workshop()
    job = shop.join(question)
    try:
        return job.future.result()
    finally:
        shop.leave(job)


_STOPPED, _PENDING, _GIVEN_UP = "work-stopped", "work-pending", "work-given-up"
"""Keys of the session: digests of questions that its visitor stopped; questions whose full answers the page still waits
for; and why it does not, by digest."""


def _wait_for_answers(shop: Workshop, questions: Sequence[Question], saying: str, place: DeltaGenerator) -> list[Any]:
    """Return the answers to questions that are not known yet; what is shown meanwhile goes to a place of its own."""
    name = digest(questions)
    if st.session_state.get(_STOPPED) == name:
        with place.container():
            st.info(f"Stopped: {saying}. Nothing of it was kept; fewer drills take less time.")
            st.button("Start again", key=f"again-{name}", on_click=_restart, type="primary")
        st.stop()
    jobs: list[Job] = []
    try:
        _watch(shop, questions, jobs, saying, name, place)
    finally:
        for job in jobs:
            shop.leave(job)
    place.empty()
    return [_answer(job, question, saying) for job, question in zip(jobs, questions, strict=True)]


def _watch(shop: Workshop, questions: Sequence[Question], jobs: list[Job], saying: str, name: str, place: Any) -> None:  # noqa: ANN401
    """Have questions answered, a few at a time, and add their jobs to `jobs` as they begin.

    After a moment there is a progress bar and a Stop; each look lets Streamlit end this script.
    """
    begun, bar = time.monotonic(), None
    while True:
        under_way = [job.future for job in jobs if not job.future.done()]
        while len(jobs) < len(questions) and len(under_way) < AT_ONCE:
            jobs.append(shop.join(questions[len(jobs)]))
            under_way.append(jobs[-1].future)
        if not under_way:
            return
        wait_for(under_way, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
        if bar is None and time.monotonic() - begun < _QUIET_S:
            place.empty()
            continue
        if bar is None:
            with place.container(horizontal=True, vertical_alignment="center"):
                bar = st.progress(0.0, saying)
                st.button("Stop", key=f"stop-{name}", **_stopping(shop, questions, name))
        bar.progress(*_progress(shop, jobs, len(questions), saying, time.monotonic() - begun))


def _progress(shop: Workshop, jobs: Sequence[Job], number: int, saying: str, seconds: float) -> tuple[float, str]:
    """Return the share of a number of jobs that is done, and the words for it; some may not have begun."""
    reports = [shop.done(job) for job in jobs]
    said = " ".join(filter(None, (shop.said(job) for job in jobs if not job.future.done())))
    shares = [1.0 if job.future.done() else d / t if t else 0.0 for job, (d, t) in zip(jobs, reports, strict=True)]
    share = sum(shares) / number
    # long queues are worked through in one piece, which has no share to tell
    return min(share, 1.0), f"{plain(said) or saying} … {share:.0%} after {seconds:.0f} s"


def _answer(job: Job, question: Question, saying: str) -> Any:  # noqa: ANN401
    """Return the answer of a job that is done.

    Raises:
        UnansweredError: there is none.
    """
    less = "Ask for fewer drills" if question.limits == USUAL else "Make it smaller"
    try:
        return job.future.result()
    except DrsimError as error:
        why = f"This cannot be worked out ({saying}): {error}"
    except TimeoutError:
        longest = f"{question.longest_s:g} s"
        why = f"This takes longer than {longest} ({saying}). {less}, or use the command line, which goes on."
    except MemoryError:
        why = f"This takes more memory than the app has for it ({saying}). {less}, or use the command line."
    except (WorkerEndedError, CancelledError, OSError):
        why = f"A worker process ended before its time ({saying}). Change something, or load the page again."
    raise UnansweredError(why)


def _explain(text: str) -> None:
    message(text)
    st.stop()


def _stopping(shop: Workshop, questions: Sequence[Question], name: str) -> dict[str, Any]:
    """Return what the button Stop does: the best so far is waited for where all of the work keeps it."""
    if all(question.keeps_best for question in questions):
        return {"on_click": _end_with_best, "args": (shop, questions), "help": "What is best so far is kept."}
    return {"on_click": _stop, "args": (name,)}


def _end_with_best(shop: Workshop, questions: Sequence[Question]) -> None:
    for question in questions:
        shop.end_with_best(question)


def _stop(name: str) -> None:
    st.session_state[_STOPPED] = name


def _restart(name: str = "") -> None:
    st.session_state.pop(_STOPPED, None)
    st.session_state.get(_GIVEN_UP, {}).pop(name, None)
