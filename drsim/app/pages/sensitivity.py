"""The page of sensitivities: which uncertain inputs move data loss, downtime and cost most."""

from __future__ import annotations

import streamlit as st

from drsim.app import drafts, pick, session, show, tasks, work
from drsim.app.questions import Question
from drsim.report.sensitivity import MEASURES, command, finding, findings, moving_table, others_table
from drsim.report.vega.sensitivity import tornado
from drsim.study.measures import DOWNTIME
from drsim.study.sensitivity import Sensitivity, drills_of, joined, parts_of
from drsim.study.within import FEWEST

_FIRST = DOWNTIME.words


def page() -> None:
    """Show the page."""
    st.title("Sensitivity")
    st.caption(
        "Every input is somewhat uncertain. Here each in turn goes to the low and to the high end of its range, all "
        f"else and all luck the same: what moves the result is worth measuring, what does not is not. {pick.OPENING}"
    )
    draft = drafts.chosen()
    strategy, disruption, subject = pick.case(draft, pick.subject)
    result = _sensitivities(draft, strategy, disruption, subject)
    words = {text: measure for measure, text in MEASURES.items()}
    chosen = st.segmented_control(
        "What is moved", list(words), default=_FIRST, key="sensitivity-order", bind="query-params"
    )
    measure = words[chosen or _FIRST]
    show.finding(" ".join(findings(result, measure)))
    name = (chosen or _FIRST).replace(" ", "-")
    show.chart(tornado(result, measure), f"tornado-{name}", alt=finding(result, measure))
    show.table(moving_table(result, measure))
    with st.expander("All other inputs, and what they move"):
        show.table(others_table(result, measure))
    show.download("All figures", "sensitivity.csv", lambda: show.csv(result.inputs))
    show.command(command(result, draft.source))


def _sensitivities(draft: drafts.Draft, strategy: str, disruption: str, subject: str) -> Sensitivity:
    """Return the sensitivities: of a large estate at first of some inputs and few drills, then of all."""
    drills, parts = drills_of(draft.scenario, session.drills()), parts_of(draft.scenario)

    def asks(drills: int, parts: int, seconds: float) -> list[Question]:
        settings = (draft.text, strategy, disruption, subject, drills)
        return [Question(tasks.sensitivity_part, (*settings, k, parts, seconds)) for k in range(parts)]

    saying = f"sensitivities, {drills:,} drills a run"
    full, first = asks(drills, parts, work.FULL_S), asks(min(drills, FEWEST), 1, work.FIRST_S)
    if parts <= _QUICK_PARTS:
        return joined(work.results_of(full, saying=saying))
    result, is_full = work.staged(
        full,
        lambda: joined(work.results_of(full, saying=saying)),
        lambda: joined(work.results_of(first, saying=f"first answer of {saying}")),
        lambda result: result.drills == drills and not result.left,
        saying=saying,
    )
    with st.container():
        if not is_full:
            st.info(
                f"First answer: {result.left:,} inputs are still to be tried, and each run has {result.drills:,} "
                "drills. The figures are rough.",
                icon=":material/hourglass_top:",
            )
        elif result.left:
            show.message(
                f"{result.left:,} inputs are left out: each run takes long here. `drsim sensitivity` tries them all."
            )
    return result


_QUICK_PARTS = 2
"""A study in no more parts is there so soon that nobody needs a first answer."""
