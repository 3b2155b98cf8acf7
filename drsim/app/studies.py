"""Studies of a visit's scenario: the drills of all its strategies, a first answer where all of them take long."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass

import streamlit as st

from drsim.app import show, tasks, work
from drsim.app.drafts import (
    FIRST,
    Draft,
    shipped,
    shipped_text,
)
from drsim.app.questions import Question, digest
from drsim.app.session import DEFAULT_DRILLS, drills
from drsim.app.workshop import workshop
from drsim.errors import Problem
from drsim.scenario import ObjectiveSet, Scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.joining import joined
from drsim.study.results import Result
from drsim.study.settings import with_settings


@dataclass(frozen=True)
class Study:
    """All strategies of a scenario against all its disruptions.

    Attributes:
        source: of the scenario, as in `Draft`.
        scenario: what was studied.
        result: what was found out.
        key: a digest of all that went into it.
        is_full: whether this is as full as it gets, and no first answer.
    """

    source: str
    scenario: Scenario
    result: Result
    key: str
    is_full: bool

    @property
    def command(self) -> str:
        """The command that repeats it."""
        run = self.result.run
        return shlex.join(("drsim", "run", self.source, "--drills", str(run["drills"]), "--seed", str(run["seed"])))

    def objectives(self, disruption: str, subject: str) -> ObjectiveSet:
        """Return the objectives that hold for an application or resource under a disruption."""
        return self.scenario.applications[subject.split(".", maxsplit=1)[0]].objectives.under(disruption)


def study(draft: Draft) -> Study:
    """Return the drills of all strategies of a scenario: a first answer where all drills take long, then the full one.

    The page waits, and ends here where it is stopped.
    """
    number = drills()
    saying = f"{number:,} drills of each strategy under each disruption"
    # of the text as it is: what is kept of a strategy may be of a text whose lines were others
    notices = Question(tasks.notices_of, (draft.text, number))
    with work.under_way([notices]):
        (scenario, results, questions), is_full = work.staged(
            _strategy_questions(draft, number, work.FULL_S),
            lambda: _of_equal_drills(draft, number, work.FULL_S, saying),
            lambda: _of_equal_drills(draft, number, work.FIRST_S, f"first answer of {saying}"),
            lambda answer: answer[0].drills == number,
            saying=saying,
        )
    with st.container():
        say_drills(scenario.drills, is_full=is_full)
    result = _joined(
        [*questions, notices], scenario, results, *work.results_of([notices], saying="what is worth knowing")
    )
    return Study(draft.source, scenario, result, digest([*questions, notices]), is_full)


def first_look(draft: Draft) -> Result:
    """Return a first answer of all strategies, with which a study begins, too."""
    scenario, results, questions = _of_equal_drills(draft, drills(), work.FIRST_S, "a first look at all strategies")
    return _joined(questions, scenario, results, ())


def first_look_of(draft: Draft, strategy: str) -> Result | None:
    """Return what the first look found of one strategy, where it has been taken."""
    known = workshop().answer(strategy_question(draft, strategy, drills(), work.FIRST_S).key)
    return known[0] if known else None


def say_drills(number: int, *, is_full: bool) -> None:
    """Say on how many drills an answer rests, where these are fewer than asked for."""
    if number >= drills():
        return
    if is_full:
        show.message(
            f"{number:,} of {drills():,} drills: each takes long here, and these are what there was time for. drsim "
            "run goes on for longer."
        )
    else:
        st.info(
            f"First answer: {number:,} of {drills():,} drills, since each takes long here. The figures are rough.",
            icon=":material/hourglass_top:",
        )


_Comparable = tuple[Scenario, list[Result], list[Question]]
"""A scenario with the drills of some results, these results by strategy, and their questions."""


def _of_equal_drills(draft: Draft, number: int, seconds: float, saying: str) -> _Comparable:
    """Return results of all strategies, of as many drills as a time allows for the slowest of them."""
    questions = _strategy_questions(draft, number, seconds)
    results: list[Result] = work.results_of(questions, saying=saying)
    fewest = min(result.run["drills"] for result in results)
    # all meet the same drills
    again = [
        question if result.run["drills"] == fewest else strategy_question(draft, name, fewest, math.inf)
        for question, result, name in zip(questions, results, draft.scenario.strategies, strict=True)
    ]
    return with_settings(draft.scenario, drills=fewest), work.results_of(again, saying=saying), again


def foresee() -> None:
    """Begin the work that a first visit asks for, when the server starts."""
    if FIRST in shipped_scenarios() and (scenario := shipped(FIRST)[0]) is not None:
        for question in _strategy_questions(
            Draft(FIRST, shipped_text(FIRST), scenario, ()), DEFAULT_DRILLS, work.FIRST_S
        ):
            workshop().foresee(question)


def _strategy_questions(draft: Draft, number: int, seconds: float) -> list[Question]:
    """Return the questions of what drills of all strategies find out, of as many as a time [s] allows."""
    return [strategy_question(draft, name, number, seconds) for name in draft.scenario.strategies]


def strategy_question(
    draft: Draft, strategy: str, number: int, seconds: float, disruptions: tuple[str, ...] = ()
) -> Question:
    """Return the question of what drills of one strategy find out.

    Its answer depends on no other strategy, so that a scenario with one more asks for that one alone.

    Args:
        draft: the scenario.
        strategy: its name.
        number: of drills per disruption, at most.
        seconds: about how long they may take [s].
        disruptions: names; all where empty.
    """
    protection = draft.scenario.strategies[strategy]
    used = {name for _, names in protection.backup for name in names}
    plans = {name: plan for name, plan in draft.scenario.backup_plans.items() if name in used}
    alone = draft.scenario.model_copy(
        update={"strategies": {strategy: protection}, "backup_plans": plans, "drills": number}
    )
    return Question(
        tasks.result_within,
        (draft.text, strategy, disruptions, number, seconds),
        (alone.model_dump_json(), disruptions, seconds),
    )


def _joined(
    questions: list[Question], scenario: Scenario, results: list[Result], notices: tuple[Problem, ...]
) -> Result:
    """Return the results of strategies as one, made once for all pages of a visit."""
    key = (*(question.key for question in questions), scenario.name)
    kept = st.session_state.get("joined")
    if kept is None or kept[0] != key:
        kept = st.session_state["joined"] = key, joined(scenario, results, notices)
    result: Result = kept[1]
    return result
