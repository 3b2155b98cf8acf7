"""The page of sensitivities: which uncertain inputs move data loss, downtime and cost most."""

from __future__ import annotations

import streamlit as st

from drsim.app import pick, session, show, tasks, work
from drsim.report.sensitivity import MEASURES, command, finding, sensitivity_table
from drsim.report.vega.sensitivity import tornado
from drsim.study.sensitivity import Sensitivity, drills_of, joined, parts_of


def page() -> None:
    """Show the page."""
    st.title("Sensitivity")
    st.caption(
        "Every input is somewhat uncertain. Here each in turn goes to the low and to the high end of its range, all "
        "else and all luck the same: what moves the result is worth measuring, what does not is not."
    )
    draft = session.chosen()
    left, middle, right = st.columns(3)
    with left:
        strategy = pick.strategy(draft)
    with middle:
        disruption = pick.disruption(draft)
    with right:
        subject = pick.subject(draft)
    drills = drills_of(draft.scenario, session.drills())
    parts = parts_of(draft.scenario)
    asks = [
        work.Ask(tasks.sensitivity_part, (draft.text, strategy, disruption, subject, drills, k, parts))
        for k in range(parts)
    ]
    found = joined(work.results_of(asks, saying=f"sensitivities, {drills:,} drills a run"))
    show.finding(" ".join(finding(found, measure) for measure in ("downtime_s", "data_loss_s")))
    _charts(found)
    order = st.selectbox(
        "Order the table by",
        list(MEASURES),
        format_func=MEASURES.__getitem__,
        index=1,
        key="sensitivity-order",
        bind="query-params",
    )
    show.table(sensitivity_table(found, order))
    show.download("All figures", "sensitivity.csv", lambda: show.csv(found.inputs))
    show.command(command(found, draft.source))


def _charts(found: Sensitivity) -> None:
    """Show a tornado chart for each measure."""
    for tab, (measure, words) in zip(
        st.tabs([w.capitalize() for w in MEASURES.values()]), MEASURES.items(), strict=True
    ):
        with tab:
            show.chart(tornado(found, measure), f"tornado-{words.replace(' ', '-')}", alt=finding(found, measure))
