"""The page of costs: the cheapest strategy, the steady bill, a year with its disruptions, break-even, and the lines."""

from __future__ import annotations

import streamlit as st

from drsim.app import drafts, pick, rests, show, studies, tasks, work
from drsim.report.bills import application_bills, bill_overview, bill_table, for_ever_table, resource_bills
from drsim.report.breakeven import break_even_table, cheapest_finding
from drsim.report.losses import loss_table, recovery_table, year_table
from drsim.report.opening import opening
from drsim.report.vega.cost import By, bill_chart, break_even_chart, year_chart
from drsim.study.costs.breakeven import YearlyCosts, yearly_costs
from drsim.study.costs.totals import costs_by_application

_BY: dict[str, By] = {"line of the bill": "line", "place": "place"}


def page() -> None:
    """Show the page."""
    st.title("Cost")
    st.caption(
        "What each strategy costs in ordinary times, what disruptions are expected to cost on top, and what an hour of "
        "downtime must cost for a dearer strategy to pay off."
    )
    draft = drafts.chosen()
    study = studies.study(draft)
    answer = st.container()  # filled once it is known of which application
    base = st.container()  # filled last: the answer does not wait for it
    _bill(draft, study)
    _year(study)
    yearly = _break_even(draft, study)
    if sentence := cheapest_finding(yearly):
        with answer:
            show.finding(sentence)
    _lines(draft, study)
    with st.container(horizontal=True):
        show.download("Costs", "costs.csv", lambda: show.csv(study.result.costs))
        show.download(
            "Costs by application",
            "costs_by_application.csv",
            lambda: show.csv(costs_by_application(study.result.costs)),
        )
        show.download("Cost of disruptions", "events.csv", lambda: show.csv(study.result.events))
    show.command(f"{study.command} --out out")
    if study.is_full:
        rests.say_how_far(base, draft.text, study.result, draft.source)


def _bill(draft: drafts.Draft, study: studies.Study) -> None:
    """Show the steady bills side by side, and what is kept for ever."""
    with st.container(border=True):
        st.subheader("Ordinary times", anchor=False)
        by = st.segmented_control("Parts", list(_BY), default="line of the bill", key="cost-by", bind="query-params")
        show.chart(
            bill_chart(study.result, _BY[by or "line of the bill"]),
            "steady-cost",
            alt="Steady cost per month of each strategy, in parts. A table to open below says the same.",
        )
        with st.expander("By line and place"):
            show.table(bill_overview(study.result))
        show.table(application_bills(study.result))
        with st.expander("By resource"):
            show.table(resource_bills(study.result))
        growing = for_ever_table(work.result_of(tasks.for_ever, draft.text, saying="what is kept for ever"))
        if growing is not None:
            show.table(growing)


def _year(study: studies.Study) -> None:
    """Show the steady bill of a year beside what disruptions are expected to cost in it."""
    with st.container(border=True):
        st.subheader("A year with its disruptions", anchor=False)
        show.chart(
            year_chart(study.result),
            "year-cost",
            alt="Steady bill of a year and expected loss by disruption, for each strategy. The table says the same.",
        )
        show.table(year_table(study.result))
        with st.expander("By application, and what one event costs"):
            show.table(loss_table(study.result))


def _break_even(draft: drafts.Draft, study: studies.Study) -> YearlyCosts:
    """Show at what price of downtime which strategy is the cheapest; return what is shown."""
    with st.container(border=True):
        st.subheader("Break-even", anchor=False)
        application = pick.application(draft)
        yearly = yearly_costs(study.result.costs, study.result.events, application)
        show.chart(
            break_even_chart(yearly),
            "break-even",
            alt=f"Cost of a year by the cost of an hour of downtime of {application}, by strategy; crossings marked.",
            zooms=yearly.short_rebuild is None,
        )
        show.table(break_even_table(yearly))
    return yearly


def _lines(draft: drafts.Draft, study: studies.Study) -> None:
    """Show one strategy line by line: its bill, and one recovery."""
    with st.container(border=True):
        st.subheader("Line by line", anchor=False)
        first, first_disruption = opening(study.result)
        left, right = st.columns(2)
        with left:
            strategy = pick.strategy(draft, first)
        with right:
            disruption = pick.disruption(draft, first_disruption)
        with st.expander("The steady bill, with the source of each price"):
            show.table(bill_table(study.result, strategy))
        with st.expander("One incident, as it is on average"):
            show.table(recovery_table(study.result, strategy, disruption))
