"""The page of sensitivities: which uncertain inputs move data loss, downtime and cost most."""

from __future__ import annotations

import streamlit as st

from drsim.app import pick, session, show, tasks, work
from drsim.report.sensitivity import MEASURES, command, finding, findings, moving_table, others_table
from drsim.report.vega.sensitivity import tornado
from drsim.study.sensitivity import drills_of, joined, parts_of

_FIRST = MEASURES["downtime_s"]


def page() -> None:
    """Show the page."""
    st.title("Sensitivity")
    st.caption(
        "Every input is somewhat uncertain. Here each in turn goes to the low and to the high end of its range, all "
        "else and all luck the same: what moves the result is worth measuring, what does not is not."
    )
    draft = session.chosen()
    strategy, disruption, subject = pick.side_by_side(draft, pick.strategy, pick.disruption, pick.subject)
    drills = drills_of(draft.scenario, session.drills())
    parts = parts_of(draft.scenario)
    asks = [
        work.Ask(tasks.sensitivity_part, (draft.text, strategy, disruption, subject, drills, k, parts))
        for k in range(parts)
    ]
    found = joined(work.results_of(asks, saying=f"sensitivities, {drills:,} drills a run"))
    words = {text: measure for measure, text in MEASURES.items()}
    chosen = st.segmented_control(
        "What is moved", list(words), default=_FIRST, key="sensitivity-order", bind="query-params"
    )
    measure = words[chosen or _FIRST]
    show.finding(" ".join(findings(found, measure)))
    name = (chosen or _FIRST).replace(" ", "-")
    show.chart(tornado(found, measure), f"tornado-{name}", alt=finding(found, measure))
    show.table(moving_table(found, measure))
    with st.expander("All other inputs, and what they move"):
        show.table(others_table(found, measure))
    show.download("All figures", "sensitivity.csv", lambda: show.csv(found.inputs))
    show.command(command(found, draft.source))
