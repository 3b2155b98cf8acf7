"""The page that compares strategies: choose a scenario, run its drills, read what they found out."""

from __future__ import annotations

import streamlit as st

from drsim.app import show, state
from drsim.report.charts import attainment_chart, cost_chart, exceedance_chart
from drsim.report.tables import clock_notes, comparison
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.results import to_csv

_OWN = "own"
"""The choice of a file of one's own; a link can ask for it, too."""

_YEARLY = [
    "strategy",
    "disruption",
    "application",
    "usd_per_event",
    "rate_per_year",
    "expected_yearly_loss_usd",
    "basis",
]
"""What is shown of the cost of disruptions, before all else."""


def page() -> None:
    """Show the page."""
    st.title("Compare strategies")
    st.write(
        "Strike every strategy with every disruption, many times, and see what is lost, for how long, at what cost."
    )
    draft, drills = _choice()
    said = state.message()
    if said is not None:
        show.show_message(said)
    if draft is None:
        st.info("Upload a scenario to go on. `drsim new shop` writes a small one to start from, with comments.")
    elif draft.scenario is None:
        st.error("This scenario cannot be run yet. Mend the lines below and upload it again.")
        show.show_problems(draft.errors, draft.source)
    elif state.is_asked():
        state.run(draft, drills, show.progress("drills"))
        st.rerun()
    study = state.study()
    if study is not None:
        _study(study, changed=not study.answers(draft, drills))
    elif said is None and draft is not None and draft.scenario is not None:
        st.info("Nothing has run yet. Press **Run** to drill this scenario; more drills take longer and decide more.")


def _choice() -> tuple[state.Draft | None, int]:
    """Return the scenario chosen, None where a file is still to be uploaded, and the drills per pair."""
    names = list(shipped_scenarios())
    unknown = state.recall("scenario", [*names, _OWN], names[0] if names else _OWN)
    state.recall_drills("drills")
    busy = state.is_asked()
    with st.container(border=True):
        left, middle, start, end = st.columns([5, 3, 1, 1], vertical_alignment="bottom")
        name = left.selectbox(
            "Scenario",
            [*names, _OWN],
            format_func=lambda name: "a file of my own …" if name == _OWN else name,
            key="scenario",
            disabled=busy,
        )
        drills = middle.number_input(
            "Drills per strategy and disruption",
            min_value=1,
            max_value=state.MOST_DRILLS,
            step=100,
            key="drills",
            disabled=busy,
            help="An attainment of 95 % needs at least 72 drills to be decided; `drsim run` has no upper limit.",
        )
        draft = _upload(disabled=busy) if name == _OWN else state.shipped_draft(name)
        if draft is not None and draft.scenario is not None:
            show.show_text(f"{draft.scenario.name}: {draft.scenario.description}")
        ready = draft is not None and draft.scenario is not None
        # both always, since a button that takes another's place while a script runs may lose its first click
        start.button("Run", on_click=state.ask, type="primary", disabled=busy or not ready)
        end.button("Stop", on_click=state.stop, disabled=not busy)
    if unknown is not None:
        st.warning("The link asks for a scenario that is not here. Choose one above, or upload it.")
    state.remember(scenario=name, drills=str(drills))
    return draft, drills


def _upload(*, disabled: bool) -> state.Draft | None:
    """Return the scenario that the user uploads, None before that."""
    file = st.file_uploader("Scenario file (YAML, at most 5 MB)", type=["yaml", "yml"], disabled=disabled)
    return None if file is None else state.uploaded_draft(file.name, file.getvalue())


def _study(study: state.Study, *, changed: bool) -> None:
    """Show what a study found out.

    Args:
        study: the last one.
        changed: whether something else is chosen by now.
    """
    result = study.result
    if changed:
        st.info("Below is the last study. Press **Run** for one of what is chosen now.")
    show.show_table(comparison(result, study.source))
    notes = clock_notes(result)
    if notes:
        show.show_text("\n".join(notes))
    if result.warnings:
        with st.expander(f"Warnings about the scenario: {len(result.warnings)}"):
            show.show_problems(result.warnings, study.source)
    times, objectives, costs, repeat = st.tabs(["Loss and downtime", "Objectives met", "Costs", "Keep and repeat"])
    with times:
        _times(study)
    with objectives:
        _objectives(study)
    with costs:
        _costs(study)
    with repeat:
        _repeat(study)


@st.fragment  # another disruption redraws these charts only
def _times(study: state.Study) -> None:
    """Show how probable losses and downtimes are, and what strategies cost against it."""
    left, right = st.columns(2)
    disruptions = study.result.run["disruptions"]
    state.recall("disruption", disruptions, disruptions[0])
    state.recall("subject", study.subjects, study.subjects[0])
    disruption = left.selectbox("Disruption", disruptions, key="disruption")
    subject = right.selectbox("Application or resource", study.subjects, key="subject")
    state.remember(disruption=disruption, subject=subject)
    st.pyplot(exceedance_chart(study.result, disruption, subject, study.objectives(disruption, subject)))
    middle, _ = st.columns([3, 2])
    middle.pyplot(cost_chart(study.result, disruption, subject))


def _objectives(study: state.Study) -> None:
    """Show which strategy meets the objectives under which disruption, by application."""
    for application in study.scenario.applications:
        middle, _ = st.columns([3, 2])
        middle.pyplot(attainment_chart(study.result, application))


def _costs(study: state.Study) -> None:
    """Show what disruptions cost in a year, and the bill of a month."""
    result = study.result
    totals = result.events[(result.events["line"] == "total") & (result.events["application"] != "")]
    show.show_frame(totals[_YEARLY], "Cost of one incident, and expected in a year")
    show.show_frame(result.costs, "Steady cost per month, by line")
    with st.expander("Cost of one incident, by line"):
        show.show_frame(result.events, "By line")


def _repeat(study: state.Study) -> None:
    """Offer files, and the command that repeats the study."""
    left, right, _ = st.columns([1, 1, 4])
    left.download_button("Download summary.csv", to_csv(study.result.summary), "summary.csv", "text/csv")
    right.download_button("Download scenario.yaml", study.result.run["scenario"], "scenario.yaml", "application/yaml")
    st.write("This command repeats the study:")
    show.show_command(study.command)
