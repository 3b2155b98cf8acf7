"""The page that compares strategies: which meets which objective under which disruption, how surely, at what cost."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from drsim.app import drafts, pick, rests, session, show, studies, tasks, ways, work
from drsim.app.questions import Question
from drsim.report.comparison import clock_notes, comparison, dependency_table, percentile_table
from drsim.report.definitions import DEFINITIONS
from drsim.report.findings import estate_finding, headline
from drsim.report.judgements import judged_application, telling_disruption
from drsim.report.opening import opening
from drsim.report.vega.cells import SIGNS
from drsim.report.vega.exceedance import exceedance_chart
from drsim.report.vega.frontier import cost_scatter
from drsim.report.vega.objectives import ALL, objective_chart, overview_chart
from drsim.study.costs.totals import costs_by_application
from drsim.study.measures import OBJECTIVES, objectives_wanted, wanted

_WHERE_NEXT = (
    "- **Plan** finds the cheapest protection that meets the objectives. **What if** changes a strategy and answers at "
    "once. **Estate** changes what is protected. **Incident** tells one drill in full. **Cost** and **Sensitivity** "
    "say what to spend, and what matters. **Catalogue** says where every number comes from."
)

_FEW = 3
"""Applications that are shown in full; where there are more, an overview comes first and one is chosen."""


_FIRST_WARNINGS = 3
"""Warnings that stand beside the answer; the others wait to be opened."""


def page() -> None:
    """Show the page."""
    st.title("Compare strategies")
    st.caption(
        "Every strategy meets every disruption many times, with the same luck: what is lost, for how long, at what "
        "cost, and how sure that is. Shares and percentiles are of the drills that reach the application or resource."
    )
    _help()
    draft = drafts.chosen()
    # containers, so that nothing below moves where another scenario has more or less to say: see `work.results_of`
    with st.container():
        if draft.scenario.description:
            show.text(draft.scenario.description)
    study = studies.study(draft)
    with st.container():
        applications = _applications(draft, study)
        in_force = {name: study.scenario.applications[name].objectives for name in applications}
        for sentence in headline(study.result, in_force):
            show.finding(sentence)
        ways.link("Plan", "Plan: find the cheapest protection that meets the objectives", ":material/flag:")
        base = st.container()  # filled last: the answer does not wait for it
        _warnings(study)
        _objectives(study, applications)
    _charts(draft, study)
    show.table(comparison(study.result, study.source, applications))
    taken_along = dependency_table(study.result, applications)
    if taken_along is not None:
        show.table(taken_along)
        st.caption(
            "They are not struck themselves: what they require is. These drills count in their yearly loss, and in no "
            "share, percentile or verdict of the table above."
        )
    notes = clock_notes(study.result)
    if notes:
        show.text("\n".join(notes))
    _files(draft, study)
    if study.is_full:
        rests.say_how_far(base, draft.text, study.result, draft.source)


def _warnings(study: studies.Study) -> None:
    """Show what is worth knowing about the scenario: what costs or loses most beside the answer, the rest to open."""
    warnings = study.result.warnings
    if not warnings:
        return
    st.caption(f"Worth knowing about the scenario: {len(warnings)}, what costs or loses most first.")
    show.problems(warnings[:_FIRST_WARNINGS], study.source)
    more = warnings[_FIRST_WARNINGS:]
    if more:
        with st.expander(f"{len(more)} more warning{'s' * (len(more) > 1)} about the scenario"):
            show.problems(more, study.source)


def _help() -> None:
    """Say how to read the page, to whoever opens it for the first time."""
    with st.expander("How to read this, and where to go next"):
        words = "\n".join(
            f"- {f'{SIGNS[word]} ' if word in SIGNS else ''}**{word}**: {meaning}"
            for word, meaning in DEFINITIONS.items()
        )
        st.markdown(f"{words}\n{_WHERE_NEXT}")


def _applications(draft: drafts.Draft, study: studies.Study) -> list[str]:
    """Return the applications to show in full: all where they are few, else the chosen one, below an overview."""
    names = list(study.scenario.applications)
    if len(names) <= _FEW:
        return names
    show.finding(estate_finding(study.result))
    chosen = pick.application(draft, judged_application(study.result))
    with st.expander(f"All {len(names)} applications", expanded=True):
        show.chart(
            overview_chart(study.result),
            "overview",
            alt="The worst verdict on each application under any disruption, by strategy. The table below says, for "
            "one application, under which.",
        )
    return [chosen]


def _objectives(study: studies.Study, applications: Sequence[str]) -> None:
    """Show which strategy meets the objectives of some applications, all at once and each by itself."""
    for application in applications:
        with st.container(border=True):
            show.heading("Objectives met", application)
            in_force = {name: study.objectives(name, application) for name in study.result.run["disruptions"]}
            show.chart(
                objective_chart(study.result, application, in_force, ALL),
                f"verdict-{application}",
                alt=f"Verdict on {application}, and the share of the drills that reach it which meet all objectives at "
                "once, by disruption and strategy. The table below says the same in text.",
            )
            judged = objectives_wanted(in_force.values())
            for column, objective in zip(show.side_by_side(application, len(judged)), judged, strict=True):
                with column:
                    show.chart(
                        objective_chart(study.result, application, in_force, objective),
                        f"{objective}-{application}",
                        alt=f"Share of the drills that reach {application} which meet its {OBJECTIVES[objective]}, by "
                        "disruption and strategy. The table below says the same in text.",
                    )


def _charts(draft: drafts.Draft, study: studies.Study) -> None:
    """Show cost against each measure, and how these are distributed, for one disruption."""
    with st.container(border=True):
        st.subheader("One disruption closely", anchor=False)
        left, middle, right = st.columns([3, 3, 4])  # the last holds four buttons
        with left:
            disruption = pick.disruption(draft, telling_disruption(study.result))
        with middle:
            subject = pick.subject(draft)
        with right:
            quantile = st.segmented_control(
                "Percentile", ["p50", "p90", "p95", "p99"], default="p95", key="percentile", bind="query-params"
            )
        objectives = study.objectives(disruption, subject)
        for column, measure in show.in_columns("measures", wanted([objectives])):
            words, name = measure.words, measure.words.replace(" ", "-")
            with column:
                show.chart(
                    cost_scatter(study.result, disruption, subject, measure.column, quantile or "p95"),
                    f"cost-{name}",
                    alt=f"Steady cost per month against {words} by strategy.",
                    zooms=True,
                )
                show.chart(
                    exceedance_chart(study.result, disruption, subject, objectives, measure.column),
                    f"exceedance-{name}",
                    alt=f"Probability that {words} of {subject} exceeds a value, by strategy, of the drills that reach "
                    "it.",
                    zooms=True,
                )
        show.table(percentile_table(study.result, subject, disruption))


def _files(draft: drafts.Draft, study: studies.Study) -> None:
    """Offer the report and the tables, and the command that repeats the study."""
    result = study.result
    st.subheader("Take it along", anchor=False)
    with st.container(horizontal=True):
        report = Question(tasks.report, (result, study.source), (study.key, study.source))
        show.download("Report (HTML)", "report.html", lambda: work.answered(report), kind="primary")
        show.download("Summary (CSV)", "summary.csv", lambda: show.csv(result.summary))
        show.download("Dependencies (CSV)", "dependencies.csv", lambda: show.csv(result.dependencies))
        show.download("Costs (CSV)", "costs.csv", lambda: show.csv(result.costs))
        show.download(
            "Costs by application (CSV)",
            "costs_by_application.csv",
            lambda: show.csv(costs_by_application(result.costs)),
        )
        show.download("Cost of disruptions (CSV)", "events.csv", lambda: show.csv(result.events))
        show.download("Scenario (YAML)", "scenario.yaml", draft.text)
        _incidents(draft, study)
    show.command(study.command)


def _incidents(draft: drafts.Draft, study: studies.Study) -> None:
    """Offer every single incident of one strategy."""
    with st.popover("Incidents (Parquet)"):
        strategy = pick.strategy(draft, opening(study.result, disruption=pick.chosen_disruption())[0])
        if st.button(
            "Prepare the file",
            help="One row for each drill and each application or resource that it reaches; it takes a moment.",
        ):
            content = work.result_of(
                tasks.incidents_file, draft.text, strategy, session.drills(), saying="incidents of the strategy"
            )
            show.download("Incidents (Parquet)", "incidents.parquet", content, kind="primary")
