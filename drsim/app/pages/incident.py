"""The page that looks at one incident: what went on when, what there was to recover from, what would shorten it."""

from __future__ import annotations

import shlex
from typing import Any

import streamlit as st

from drsim.app import drafts, pick, session, show, studies, tasks, work
from drsim.app.questions import Question
from drsim.report.achievements import achieved_table
from drsim.report.estimates import estimates_line
from drsim.report.timeline import Timeline
from drsim.report.timeline.sentences import which
from drsim.report.timeline.tables import (
    parts_tables,
    phases_frame,
    phases_table,
    points_frame,
    points_table,
    rescues_table,
    shortenings_table,
)
from drsim.report.vega.past import past_chart
from drsim.report.vega.recovery import recovery_chart
from drsim.study.measures import ranked_by
from drsim.study.summary import drill_of_rank

_NUMBER = "drill number"
_RESOURCE = "incident-resource"
_RANKED_BY = {f"percentile of {measure.words}": measure for measure in ranked_by()}


def page() -> None:
    """Show the page."""
    st.title("One incident")
    st.caption(
        "One drill closely: what went on and who waited for what, what there was to recover from, and what would have "
        f"made it shorter or, where nothing was left, saved it. {pick.OPENING}"
    )
    draft = drafts.chosen()
    strategy, disruption, application = pick.case(draft, pick.application)
    drill, number, words = _drill(draft, strategy, disruption, application)
    timeline, story, rests = _account(draft, (draft.text, strategy, disruption, drill, application, number))
    st.caption(which(timeline, number))
    show.finding(" ".join(timeline.sentences))
    base = {"estimates": rests, "strategies": [strategy], "disruptions": [disruption]}
    show.small(estimates_line(base, draft.source))
    _recovery(draft, timeline, is_full=story is not None)
    _past(draft, timeline)
    _files(timeline, story)
    show.command(shlex.join(("drsim", "explain", draft.source, *words)))


def _drill(draft: drafts.Draft, strategy: str, disruption: str, application: str) -> tuple[int, int, tuple[str, ...]]:
    """Ask which drill; return its number, of how many drills, and the words by which the command line finds it."""
    number = session.drills()
    pair = ("--strategy", strategy, "--disruption", disruption, "--subject", application, "--drills")
    left, right = st.columns([1, 2])
    with left:
        how = st.selectbox("Which drill", [*_RANKED_BY, _NUMBER], key="incident-by", bind="query-params")
    with right:
        if how == _NUMBER:
            drill = int(
                st.number_input("Drill", 0, session.MOST_DRILLS - 1, 0, key="incident-drill", bind="query-params")
            )
            return drill, number, (*pair, str(number), "--drill", str(drill))
        percent = st.slider(
            "Percentile",
            5,
            99,
            95,
            key="incident-percentile",
            format="p%d",
            bind="query-params",
            help="p95: 95 % of the drills that reach the application are no worse. Drills without recovery rank last.",
        )
    measure = _RANKED_BY[how]

    def ask(seconds: float) -> Question:
        return Question(
            tasks.drills_by_rank, (draft.text, strategy, disruption, number, seconds, measure.column, application)
        )

    def ranked(seconds: float, saying: str) -> tuple[tuple[int, ...], int]:
        ranking: tuple[tuple[int, ...], int] = work.results_of([ask(seconds)], saying=saying)[0]
        return ranking

    saying = f"{number:,} drills, to find this one"
    (drills, total), is_full = work.staged(
        [ask(work.FULL_S)],
        lambda: ranked(work.FULL_S, saying),
        lambda: ranked(work.FIRST_S, f"first of {saying}"),
        lambda ranking: ranking[1] == number,
        saying=saying,
    )
    with st.container():
        studies.say_drills(total, is_full=is_full)
    return (
        drill_of_rank(drills, percent / 100),
        total,
        (*(*pair, str(total), "--quantile", f"{percent / 100:g}", "--measure", measure.name),),
    )


_Account = tuple[Timeline, str | None, dict[str, Any]]
"""An incident, its story once what would have helped is known, and on what both rest."""


def _account(draft: drafts.Draft, arguments: tuple[object, ...]) -> _Account:
    """Return the incident: of a large estate at first without the story and what would have helped."""
    saying = "the incident and what would have helped"
    full = Question(tasks.incident, arguments)

    def whole() -> _Account:
        answer: _Account = work.results_of([full], saying=saying)[0]
        return answer

    def alone() -> _Account:
        timeline, rests = work.results_of([Question(tasks.incident_alone, arguments)], saying="the incident")[0]
        return timeline, None, rests

    apps = draft.scenario.applications.values()
    if sum(resource.count for app in apps for resource in app.resources.values()) <= _FEW:
        return whole()
    return work.staged([full], whole, alone, lambda _: False, saying=saying)[0]


_FEW = 60
"""Resources, members counted, up to which the whole incident is there so soon that nobody needs a part of it first."""


def _recovery(draft: drafts.Draft, timeline: Timeline, *, is_full: bool) -> None:
    """Show what went on, what downtime and loss are made of, and what would have made it shorter."""
    st.subheader("The recovery", anchor=False)
    objectives = draft.scenario.applications[timeline.application].objectives.under(timeline.disruption)
    show.chart(
        recovery_chart(timeline, objectives.rto_s, objectives.rto_full_s),
        "recovery",
        alt=f"What went on after the service stopped, by step and resource. {' '.join(timeline.sentences)}",
        zooms=bool(timeline.lanes),
    )
    if table := achieved_table(timeline.achievements):
        show.table(table)
    if timeline.state == "recovered":
        left, right = show.side_by_side("parts")
        with left:
            for table in parts_tables(timeline):
                show.table(table)
        with right:
            if is_full:
                show.table(shortenings_table(timeline))
            else:
                st.caption("What would have shortened it is being worked out.")
    elif timeline.rescues and timeline.rescues.changes:
        show.table(rescues_table(timeline))
    if timeline.phases:
        with st.expander("What went on, as a table"):
            show.table(phases_table(timeline))


def _past(draft: drafts.Draft, timeline: Timeline) -> None:
    """Show what there was to recover a resource from."""
    if not timeline.resources:
        return
    st.subheader("The past that it could be recovered from", anchor=False)
    objectives = draft.scenario.applications[timeline.application].objectives.under(timeline.disruption)
    resource = _resource(timeline)
    show.chart(
        past_chart(timeline, resource, objectives.rpo_s),
        "recovery-points",
        alt=f"Recovery points of {resource} before the service stopped, by place. The table below says the same.",
        zooms=True,
    )
    show.table(points_table(timeline, resource))


def _resource(timeline: Timeline) -> str:
    """Ask for a resource; the one that decided the loss comes first."""
    names = sorted(timeline.resources, key=lambda name: name != timeline.decisive)
    if st.session_state.get(_RESOURCE, names[0]) not in names:
        del st.session_state[_RESOURCE]
    chosen: str = st.selectbox("Recovery points of", names, key=_RESOURCE, bind="query-params")
    return chosen


def _files(timeline: Timeline, story: str | None) -> None:
    """Offer the story in full, where it is there, and the data of the charts."""
    if story is not None:
        with st.expander("The whole story as text"):
            st.code(story, language=None)
    with st.container(horizontal=True):
        if story is not None:
            show.download("Story", "incident.txt", story)
        show.download("What went on", "incident.csv", lambda: show.csv(phases_frame(timeline)))
        show.download("Recovery points", "recovery-points.csv", lambda: show.csv(points_frame(timeline)))
