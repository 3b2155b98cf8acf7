"""Answers to what-if questions: a strategy as it is and changed, a first answer at once, then the full one."""

from __future__ import annotations

import math
import re

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.app import drafts, session, show, studies, work
from drsim.app.questions import Question
from drsim.errors import Problem
from drsim.report.whatif import Figure, change_chart, change_table, figures, reached
from drsim.scenario.load import Checked
from drsim.study.measures import wanted
from drsim.study.results import Result

_Both = tuple[drafts.Draft, drafts.Draft]
"""The scenario as it is, and changed."""

_FIRST_DRILLS = 500
"""Drills of the first answer, under the chosen disruption alone."""

_FIRST_S, _FULL_S = 0.7, 3.0
"""How long an answer may take where each drill takes long; there are fewer drills then, and the page says so."""

_PATIENT = "whatif-patient"
"""Key of the session: the changes whose drills are all awaited."""

_COLOURS = {"better": "green", "worse": "red", "other": "off", "same": "off"}

_LABELS = {
    "every": "Schedule",
    "schedule": "Schedule",
    "start_window": "Start window",
    "delete_after": "Kept for",
    "cold_storage_after": "To cold storage after",
    "enable_continuous_backup": "Continuous",
}
"""What keys of a scenario are called on the page What if."""

_QUOTED = re.compile(r"`(\w+)(?:: ([^`]*))?`")
"""A key of a scenario, perhaps with a value, as problems write it."""


def problem_words(problem: Problem) -> str:
    """Return a problem in the words of the page What if."""
    text = f"{problem.found}: {problem.rule}{'; ' if problem.repair else ''}{problem.repair}."
    return _QUOTED.sub(lambda quoted: f"“{_LABELS.get(quoted[1], quoted[1])}” {quoted[2] or ''}".strip(), text)


def show_answers(
    draft: drafts.Draft, strategy: str, disruption: str, text: str, checked: Checked
) -> tuple[Result, DeltaGenerator | None]:
    """Show a first answer at once and the full one when it is there; return it, and where a full one says its base."""
    scenario, _, warnings = checked
    if scenario is None:
        raise ValueError("only what AWS accepts can be answered")
    changed = drafts.Draft(draft.source, text, scenario, warnings)
    both, drills, seconds = (draft, changed), session.drills(), _full_s(text)
    full = _questions(both, strategy, (), drills, seconds)
    saying = f"{drills:,} drills under each disruption"

    def first() -> list[Result]:
        number = min(drills, _FIRST_DRILLS)
        looked = studies.first_look_of(draft, strategy)
        if looked is not None and text == draft.text:
            return [looked, looked]
        # worked on while the first answer is worked out and drawn
        with work.under_way(full):
            return _answered(both, strategy, (disruption,), number, _FIRST_S, f"first answer, {number:,} drills")

    (before, after), is_full = work.staged(
        full, lambda: _answered(both, strategy, (), drills, seconds, saying), first, lambda _: False, saying=saying
    )
    with st.container():
        base = None
        reach = reached(after, disruption, st.session_state["subject"])
        if is_full:
            _certainty(after, text, reach)
            base = st.container()  # filled last: the answer does not wait for it
        else:
            st.caption(
                f"First answer: {after.run['drills']:,} drills under the chosen disruption. Shares and percentiles are "
                f"of {reach}. The full one is on its way."
            )
    _answer(changed, before, after, disruption)
    if is_full:
        show.table(change_table(before, after, st.session_state["subject"]))
        new = [problem for problem in warnings if problem.found not in {known.found for known in draft.warnings}]
        if new:
            with st.expander(f"What AWS makes of the change: {len(new)} warnings", expanded=True):
                for problem in new:
                    show.message(problem_words(problem))
    return after, base


def _full_s(text: str) -> float:
    """Return how long the full answer may take [s]: as long as it takes where the visitor wants all drills."""
    return math.inf if st.session_state.get(_PATIENT) == text else _FULL_S


def _certainty(result: Result, text: str, reach: str) -> None:
    """Say which drills the answer rests on; where these are fewer than asked for, why, and offer the rest."""
    st.caption(
        f"{result.run['drills']:,} drills under each disruption. Shares and percentiles under the chosen one are of "
        f"{reach}, with 95 % intervals."
    )
    if result.run["drills"] < session.drills():
        show.message(
            f"Only {result.run['drills']:,} of {session.drills():,} drills: there was no time for more in the "
            f"{_FULL_S:.0f} s that an answer to a change may take. The figures are rougher, as their intervals say."
        )
        st.button(f"Take the time for all {session.drills():,} drills", on_click=_wait_for, args=(text,))


def _wait_for(text: str) -> None:
    st.session_state[_PATIENT] = text


def _questions(both: _Both, strategy: str, disruptions: tuple[str, ...], drills: int, seconds: float) -> list[Question]:
    """Return the questions of what a strategy finds out as it is and changed, for as many drills as a time allows.

    Args:
        both: the scenario as it is and changed.
        strategy: its name.
        disruptions: names; all where empty.
        drills: per disruption, at most.
        seconds: about how long each may take [s].
    """
    return [studies.strategy_question(draft, strategy, drills, seconds, disruptions) for draft in both]


def _answered(
    both: _Both, strategy: str, disruptions: tuple[str, ...], drills: int, seconds: float, saying: str
) -> list[Result]:
    """Return both answers, of as many drills as the one that had time for fewer; arguments as for `_questions`."""
    results: list[Result] = work.results_of(_questions(both, strategy, disruptions, drills, seconds), saying=saying)
    fewer = min(answer.run["drills"] for answer in results)
    # differences are of the same drills, with the same luck
    shorter = zip(_questions(both, strategy, disruptions, fewer, math.inf), results, strict=True)
    again = iter(work.results_of([ask for ask, result in shorter if result.run["drills"] > fewer], saying=saying))
    return [next(again) if result.run["drills"] > fewer else result for result in results]


def _answer(changed: drafts.Draft, before: Result, after: Result, disruption: str) -> None:
    """Show the figures and the curves."""
    subject: str = st.session_state["subject"]
    shown = figures(before, after, disruption, subject)
    for k in range(0, len(shown), 3):
        for column, figure in zip(st.columns(3), shown[k : k + 3], strict=False):
            with column:
                _metric(figure)
    objectives = changed.scenario.applications[subject.split(".", maxsplit=1)[0]].objectives.under(disruption)
    for column, measure in show.in_columns("whatif", wanted([objectives])):
        with column:
            show.chart(
                change_chart(before, after, disruption, subject, objectives, measure.column),
                f"what-if-{measure.words.replace(' ', '-')}",
                alt=f"Probability that {measure.words} of {subject} exceeds a value, as it is and changed, of the "
                "drills that reach it.",
            )


def _metric(figure: Figure) -> None:
    arrow = "off" if figure.up is None else "up" if figure.up else "down"
    st.metric(
        figure.label,
        figure.value,
        figure.change,
        delta_color=_COLOURS[figure.sense],  # type: ignore[arg-type]  # the values are colours
        delta_arrow=arrow,  # type: ignore[arg-type]  # the values are arrows
    )
    st.caption(figure.interval or " ")
