"""The page of the estate: applications and resources in tables to edit, what they need, what AWS can do for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from drsim.app import drafts, show
from drsim.errors import Problem
from drsim.report.estate_tables import capabilities, ignored, places
from drsim.report.graph import estate_dot
from drsim.scenario import Scenario
from drsim.scenario.estate import (
    APPLICATION,
    RESOURCE,
    application_rows,
    dropped_keys,
    hidden_keys,
    is_edited,
    resource_rows,
    row_problems,
    with_estate,
)
from drsim.scenario.load import Checked
from drsim.scenario.rows import WAS, Row
from drsim.scenario.site_rows import SITE, site_rows

_TABLES = {"applications": APPLICATION, "resources": RESOURCE, "sites": SITE}
_ROWS: Mapping[str, Callable[[Scenario], Sequence[Row]]] = {
    "applications": application_rows,
    "resources": resource_rows,
    "sites": site_rows,
}
"""The tables to edit: their columns, and the rows that they start from."""

_EDITS, _SHOWN, _COUNT = "estate-edits", "estate-shown", "estate-count"
"""Keys of the session: (text, tables) as edited last, which outlives a visit to another page; what the editors started
from, which must stay the same while they are shown; and how many editors there have been, since each start needs one
of its own: a browser keeps its edits for as long as the key stays."""

_HEADINGS = {
    "application": "App",
    "site": "Site",
    "rpo": "RPO",
    "rto": "RTO",
    "rto_full": "RTO (full)",
    "attainment": "Attained",
    "priority": "Priority",
    "downtime_cost": "Downtime $",
    "data_loss_cost": "Data loss $",
    "unrecoverable_cost": "All lost $",
    "rebuild": "Rebuild",
    "recover_at": "Recovers at",
    "after": "After",
    "requires": "Requires",
    "loss_tolerance": "Tolerance",
    "resource": "Resource",
    "type": "Type",
    "size": "Size",
    "change_rate": "Change",
    "objects": "Objects",
    "count": "Count",
    "needs": "Needs",
    "instance": "Instance",
    "deployment": "Zones",
    "stateless": "No data",
    "tested": "Tested",
    "region": "Region",
    "account": "Account",
    "on_premises": "Premises",
    "uplink": "Uplink",
    "zone": "Zone",
    "region_like": "Region like",
    "account_id": "Account number",
}
"""Short, so that most columns are seen at once; each has a help."""

_ALL = "all applications"


def page() -> None:
    """Show the page."""
    st.title("Estate")
    st.caption(
        "What is to be recovered, what is wanted of it, and where it stands. Edit cells, add rows below, delete them "
        "at the left; nothing takes effect before Apply. The mouse on a heading says what a column holds; where the "
        "window is narrow, more columns lie to the right: scroll a table sideways."
    )
    draft = drafts.chosen()
    tables = {name: _editor(draft, name) for name in _TABLES}
    st.session_state[_EDITS] = (draft.text, tables)
    scenario, warnings = _outcome(draft, tables)
    _aws(scenario, warnings, draft.source)
    _graph(scenario)


def _editor(draft: drafts.Draft, name: str) -> pd.DataFrame:
    """Show a table to edit, and return it as edited."""
    st.subheader(name.capitalize(), anchor=False)
    start, number = _start(draft, name)
    with st.container(key=f"estate-{name}"):
        edited: pd.DataFrame = st.data_editor(
            start,
            key=_key(name, number),
            num_rows="dynamic",
            hide_index=True,
            column_order=list(_TABLES[name]),
            column_config=_columns(draft)[name],
            placeholder=" ",
            alt=f"The {name}, a row each, to edit.",
        )
    return edited


def _key(name: str, number: int) -> str:
    return f"estate-{name}-{number}"


def _start(draft: drafts.Draft, name: str) -> tuple[pd.DataFrame, int]:
    """Return what an editor starts from, and its number: the scenario's rows, or those of edits not applied."""
    known: tuple[str, pd.DataFrame, int] | None = st.session_state.get(f"{_SHOWN}-{name}")
    if known is not None and known[0] == draft.text and _key(name, known[2]) in st.session_state:
        return known[1], known[2]
    text, edits = st.session_state.get(_EDITS, ("", {}))
    fresh = pd.DataFrame(_ROWS[name](draft.scenario), columns=[WAS, *_TABLES[name]])
    start = edits[name].reset_index(drop=True) if text == draft.text and name in edits else fresh
    number = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    st.session_state[f"{_SHOWN}-{name}"] = (draft.text, start, number)
    return start, number


def _columns(draft: drafts.Draft) -> dict[str, dict[str, Any]]:
    """Return how the columns of each table are shown; widths in pixels."""
    column = st.column_config
    sites = list(draft.scenario.sites)

    def text(key: str, width: int, about: str) -> Any:  # noqa: ANN401  # Streamlit's type has no public name
        return column.TextColumn(_HEADINGS[key], width=width, help=about)

    def choice(key: str, width: int, about: str, options: Sequence[str]) -> Any:  # noqa: ANN401  # as above
        return column.SelectboxColumn(_HEADINGS[key], width=width, help=about, options=options)

    def flag(key: str, width: int, about: str) -> Any:  # noqa: ANN401  # as above
        return column.CheckboxColumn(_HEADINGS[key], width=width, help=about, default=False)

    zones = ["", "single-az", "multi-az", "regional"]
    return {
        "applications": {
            "application": text("application", 98, "Name of the application."),
            "site": choice("site", 78, "Where it runs: a site of the scenario.", sites),
            "rpo": text("rpo", 70, "Data loss at most, such as 1 h, or {time: 1 h, size: 10 GB}."),
            "rto": text("rto", 70, "Downtime at most, such as 4 h."),
            "rto_full": text("rto_full", 92, "Time to full performance at most, such as 1 d."),
            "attainment": text(
                "attainment",
                94,
                "Share of the incidents that reach it which are to meet all objectives at once; 95 % if empty.",
            ),
            "priority": text("priority", 86, "1 is restored first."),
            "downtime_cost": text("downtime_cost", 112, "Cost of downtime, such as 20000 USD/h."),
            "data_loss_cost": text("data_loss_cost", 110, "Cost of lost data by the time it spans: 8000 USD/h."),
            "unrecoverable_cost": text("unrecoverable_cost", 112, "Cost of losing all of it, such as 15000000 USD."),
            "rebuild": text(
                "rebuild", 86, "How long the business is down when its data are lost for good, such as 10 d."
            ),
            "recover_at": choice("recover_at", 110, "Site of the recovery where its own is lost.", ["", *sites]),
            "after": text("after", 84, "Applications that recover first, with commas between them."),
            "requires": text("requires", 92, "Applications without which it is down; they recover first, too."),
            "loss_tolerance": text(
                "loss_tolerance", 96, "Loss above the least that a quicker recovery may cost; 5 min if empty."
            ),
        },
        "resources": {
            "application": text("application", 80, "Name of the application that it is of."),
            "resource": text("resource", 90, "Name of the resource."),
            "type": choice("type", 216, "Resource type: see the page Catalogue.", list(draft.scenario.catalogue.types)),
            "size": text("size", 67, "Stored data of one member: 500 GB (10^9 bytes each) or 500 GiB (2^30)."),
            "change_rate": text("change_rate", 82, "Distinct data that changes in a day, such as 4 %/day."),
            "count": text("count", 72, "Number of alike members; 1 if empty."),
            "needs": text("needs", 74, "With how many of its members it is usable; all if empty."),
            "instance": text("instance", 96, "Instance type, such as db.r6g.large: it prices a standby."),
            "deployment": choice("deployment", 82, "How it is spread over zones; the type's own if empty.", zones),
            "after": text("after", 152, "Resources and steps that recover first, with commas between them."),
            "stateless": flag("stateless", 84, "No data to lose: it is launched anew."),
            "tested": flag("tested", 76, "Restores are tested: useless recovery points are rarer."),
            "objects": text("objects", 88, "Objects or files of one member, such as 40e6."),
        },
        "sites": {
            "site": text("site", 110, "Name of the site; the tables above offer a new one once it is applied."),
            "region": text("region", 130, "Region of AWS, such as eu-central-1; empty on premises."),
            "account": text("account", 120, "Name of the account; accounts of one name are one account."),
            "on_premises": flag("on_premises", 92, "It lies on one's own premises, and in no Region."),
            "uplink": text("uplink", 110, "What the line from the premises to AWS carries, such as 500 Mbit/s."),
            "zone": text("zone", 120, "Zone of what stands in one zone; drawn in each drill if empty."),
            "region_like": text("region_like", 120, "Region with whose prices and rates a new one is reckoned."),
            "account_id": text("account_id", 136, "Number of the account, which plan documents have in their ARNs."),
        },
    }


def _outcome(draft: drafts.Draft, tables: dict[str, pd.DataFrame]) -> tuple[Scenario, Sequence[Problem]]:
    """Say what the edits are worth, and offer to apply them, to drop them, and to take the scenario along.

    Returns:
        The scenario with the edits, with its warnings; as it is where they are not right.
    """
    apps, resources, sites = (
        [{str(k): v for k, v in row.items()} for row in tables[n].to_dict("records")] for n in _TABLES
    )
    missing = row_problems(apps, resources, _HEADINGS, sites)
    text = draft.text if missing else with_estate(draft.text, draft.scenario, apps, resources, sites)
    same: Checked = (draft.scenario, (), draft.warnings)
    with st.container():
        scenario, errors, warnings = same if text == draft.text else drafts.checked(text, draft.source)
    for sentence in missing:
        show.message(sentence)
    with st.container():
        _say_hidden(draft.scenario, {} if missing else dropped_keys(draft.scenario, resources))
    if errors:
        number = f"{len(errors)} problem{'s' * (len(errors) != 1)}"
        show.message(f"This cannot be applied yet: {number}. Lines are those of the edited file.")
        show.problems(errors, draft.source)
    changed = text != draft.text
    ready = changed and not missing and scenario is not None
    edited = is_edited(draft.scenario, apps, resources, sites)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Apply", type="primary", disabled=not ready, icon=":material/check:"):
            _forget()
            drafts.replace(text, "The estate is changed. All pages now show it.")
        st.button("Undo all edits", disabled=not edited, on_click=_forget, icon=":material/undo:")
        st.button(
            "Undo the last change",
            disabled=not drafts.can_undo(),
            on_click=_undo,
            icon=":material/history:",
            help="The scenario as it was before the last change that was applied or kept.",
        )
        show.download("Edited scenario" if changed else "Scenario", "estate.yaml", text)
        if missing:
            st.caption("Apply waits for the rows above; the file is without the edits.")
        elif changed and not ready:
            st.caption("The file has the problems above.")
        elif changed:
            known = {problem.found for problem in draft.warnings}
            new = sum(problem.found not in known for problem in warnings)
            more = f" New warnings: {new}." if new else ""
            st.caption(f"What stands below already shows the edits; other pages follow when they are applied.{more}")
    return (draft.scenario, draft.warnings) if scenario is None else (scenario, warnings)


def _say_hidden(scenario: Scenario, dropped: Mapping[str, Sequence[str]]) -> None:
    """Say what the file says of resources that no column shows, and what of it goes with the edits."""
    for name, keys in dropped.items():
        show.message(
            f"{name} has another type now: {', '.join(keys)} of the resource before go, since no column shows them and "
            "they were said of another one."
        )
    kept = hidden_keys(scenario)
    if kept:
        with st.expander(f"What no column shows: {len(kept)} resource{'s' * (len(kept) > 1)}"):
            show.text("\n".join(f"{name}: {', '.join(keys)}" for name, keys in kept.items()))
            st.caption("Such keys stay with a row that is renamed or moved, and go where it is given another type.")


def _undo() -> None:
    _forget()
    drafts.undo()


def _forget() -> None:
    for key in (_EDITS, *(f"{_SHOWN}-{name}" for name in _TABLES)):
        st.session_state.pop(key, None)


def _aws(scenario: Scenario, warnings: Sequence[Problem], source: str) -> None:
    """Show what AWS can do for each resource, what it ignores, and where that stands in the file."""
    with st.container(border=True):
        show.table(places(scenario))
    with st.container(border=True):
        show.table(capabilities(scenario))
        if warnings:
            show.table(ignored(scenario, warnings))
            with st.expander(f"All {len(warnings)} warnings with the lines of the scenario's file"):
                show.problems(warnings, source)


def _graph(scenario: Scenario) -> None:
    """Show who needs whom."""
    with st.container(border=True):
        st.subheader("What needs what", anchor=False)
        names: Sequence[str] = [_ALL, *scenario.applications]
        if st.session_state.get("estate-graph") not in names:
            st.session_state.pop("estate-graph", None)
        chosen = st.selectbox("Show", names, key="estate-graph", bind="query-params")
        st.graphviz_chart(estate_dot(scenario, None if chosen == _ALL else chosen), width="content")
        st.caption(
            "An arrow leads to what recovers first. Drums hold data, boxes with ears are stateless servers, ellipses "
            "are steps without data. Between applications dashed arrows lead to what recovers first, solid ones to "
            "what is required, too: the application is down while that is."
        )
