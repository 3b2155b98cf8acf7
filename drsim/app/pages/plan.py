"""The page of the planner: the cheapest protection that meets the objectives, what to change, why no less will do."""

from __future__ import annotations

import shlex

import streamlit as st

from drsim.app import drafts, planning, show, tasks, ways, work
from drsim.app.editors import editors, problem_words
from drsim.app.questions import Limits, Question
from drsim.app.workshop import workshop
from drsim.errors import InputError
from drsim.planner.answer import Plan
from drsim.planner.reasons import Reasons
from drsim.planner.settings import Settings, settings
from drsim.planner.strategy import PLANNED
from drsim.report.plan_files import ANSWER_FILE, SCENARIO_FILE
from drsim.report.plan_reasons import cheaper_table, front_csv, front_table
from drsim.report.plans import (
    changes_table,
    headline,
    objectives_table,
    order_table,
    proof,
    relaxations_table,
    to_json,
    wanted_lines,
)
from drsim.scenario import Scenario, subjects
from drsim.scenario.dump import dump_scenario
from drsim.scenario.load import Checked

_ASKED, _LINK = "plan-asked", "find"
"""Key of the session: the question that was asked last; in the link: whether what it shows is asked."""

_STOPPED = "plan-stopped"
"""Key of the session: a question, and the best plan so far when its visitor stopped."""

_LONGEST_S, _ENDS_S = 1200.0, 1800.0
"""After so long a search ends with the best so far; and after so long it is ended [s]."""


_Answer = tuple[Plan, Reasons | None]
"""The plan, and what explains it; None where its visitor stopped the search."""


def page() -> None:
    """Show the page."""
    st.title("Plan")
    st.caption(
        "The cheapest protection that meets the objectives: what to change, resource by resource, what it costs, and "
        "why nothing cheaper does. It is found with the same drills for all, and confirmed by drills that the search "
        "never saw."
    )
    draft = drafts.chosen()
    # first what is asked and the answer in short, wherever there is room for one column only
    top = st.container()
    left, right = st.columns([1, 2], gap="medium")
    with left:
        choices = editors(draft)
    planning.share(choices)
    text = planning.quickly_with(draft, choices)
    with top:
        with st.container():  # so that nothing below moves
            scenario = _checked(draft, text)
        told = None if scenario is None else _told(scenario)
        question = Question(tasks.plan, (text, _LONGEST_S), limits=Limits(longest_s=_ENDS_S), keeps_best=True)
        answer = None if told is None else _answer(told, question)
    if answer is not None:
        with top:
            _take_along(draft, choices, answer, question)
        with right:
            _tables(draft, choices, answer)


def _checked(draft: drafts.Draft, text: str) -> Scenario | None:
    """Return the scenario with the choices; None where these are not right, which is told."""
    checked: Checked = (draft.scenario, (), ()) if text == draft.text else drafts.checked(text, draft.source)
    for problem in checked[1]:
        show.message(f"This cannot be planned with: {problem_words(problem)}")
    return checked[0]


def _told(scenario: Scenario) -> Settings | None:
    """Return what a search is told; None where there is nothing to search for, which is said."""
    try:
        return settings(scenario)
    except InputError as error:
        for problem in error.problems:
            show.message(f"There is nothing to plan for: {problem_words(problem)}")
        ways.link("Estate", "Say what is wanted of each application", ":material/account_tree:")
        return None


def _answer(told: Settings, question: Question) -> _Answer | None:
    """Say what is asked, and return the plan where it was asked for; else offer to find it."""
    asked = _is_asked(question)
    _wanted(told, is_open=not asked)
    with st.container():
        if not asked:
            st.button(
                "Find the cheapest plan", type="primary", icon=":material/search:", on_click=_ask, args=(question,)
            )
            st.caption(_LONG.format(number=len(subjects(told.scenario)), drills=told.drills))
    return _plan(question) if asked else None


def _is_asked(question: Question) -> bool:
    """Return whether this question is asked: by the button, or by the link; and keep the link so."""
    state = st.session_state
    if _ASKED not in state:
        state[_ASKED] = question.key if st.query_params.get(_LINK) else ""
    is_asked: bool = state[_ASKED] == question.key
    if is_asked and st.query_params.get(_LINK) != "plan":
        st.query_params[_LINK] = "plan"
    elif not is_asked:
        st.query_params.pop(_LINK, None)
    return is_asked


def _ask(question: Question) -> None:
    st.session_state[_ASKED] = question.key
    st.session_state.pop(_STOPPED, None)


def _wanted(told: Settings, *, is_open: bool) -> None:
    """Say what is to be reached."""
    lines = wanted_lines(told.wanted)
    with st.expander(f"What is asked of {len(lines)} application{'s' * (len(lines) != 1)}", expanded=is_open):
        show.text("\n".join(lines))
        ways.link("Estate", "Change the objectives", ":material/account_tree:")


def _plan(question: Question) -> _Answer:
    """Return the plan, or the best so far where the visitor stopped the search."""
    stopped: tuple[str, _Answer] | None = st.session_state.get(_STOPPED)
    if stopped is not None and stopped[0] == question.key:
        return stopped[1]
    answer: _Answer = work.results_of([question], saying="the search for the cheapest plan")[0]
    if answer[0].effort.stopped:
        # nobody else is to get what this visitor's patience has made of it
        workshop().forget(question)
        st.session_state[_STOPPED] = question.key, answer
    return answer


def _take_along(draft: drafts.Draft, choices: planning.Choices, answer: _Answer, question: Question) -> None:
    """Show the answer in a sentence, and what to do with it."""
    plan, why = answer
    show.finding(headline(plan))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep as a strategy", type="primary", icon=":material/check:", help=_KEEP):
            _keep(draft, choices, plan)
        show.download("plan.yaml", SCENARIO_FILE, lambda: dump_scenario(plan.scenario))
        show.download("plan.json", ANSWER_FILE, lambda: to_json(plan, why) + "\n")
        if why is not None:
            show.download("front.csv", "front.csv", lambda: front_csv(why))
        if plan.effort.stopped:
            st.button("Search to the end", on_click=_ask, args=(question,), icon=":material/search:")


def _tables(draft: drafts.Draft, choices: planning.Choices, answer: _Answer) -> None:
    """Show what to change, what is out of reach, what is reached, why nothing is cheaper, and the command."""
    plan, why = answer
    for table in (changes_table(plan), relaxations_table(plan), order_table(plan), objectives_table(plan)):
        if table is not None:
            show.table(table)
    with st.container(border=True):
        st.subheader("Why nothing is cheaper", anchor=False)
        show.text(proof(plan))
        if why is not None:
            if (cheaper := cheaper_table(why)) is not None:
                show.table(cheaper)
            show.table(front_table(why))
    source = _edited_name(draft.source) if choices else draft.source
    if choices:
        show.download("Scenario with these choices", source, lambda: planning.with_choices(draft, choices))
    show.command(shlex.join(("drsim", "plan", source, "--out", "out/plan")))


_LONG = (
    "{number:,} resources are planned for, with {drills:,} drills of each disruption. A few resources take a minute, "
    "hundreds take many; Stop keeps the best so far."
)

_KEEP = f"The scenario gets a strategy named {PLANNED}, with its backup plans and vaults, beside those that it has."


def _edited_name(source: str) -> str:
    return f"{source.removesuffix('.yaml').removesuffix('.yml')}-planning.yaml"


def _keep(draft: drafts.Draft, choices: planning.Choices, plan: Plan) -> None:
    """Put the plan into the scenario as a strategy, and show it beside the others."""
    text = planning.kept(draft, choices, plan)
    planning.forget()
    st.session_state.pop(_ASKED, None)
    st.query_params.pop(_LINK, None)
    drafts.take(text, f"The scenario has a new strategy, {PLANNED}: it stands beside the others.")
    ways.go("Compare")
