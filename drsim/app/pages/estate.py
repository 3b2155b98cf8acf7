"""The page of the estate: applications and resources in tables to edit, what they need, what AWS can do for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from drsim.app import session, show
from drsim.catalogue import load_catalogue
from drsim.report.estate_tables import capabilities
from drsim.report.graph import estate_dot
from drsim.scenario import check_text
from drsim.scenario.estate import APPLICATION, RESOURCE, WAS, application_rows, resource_rows, row_problems, with_estate

_TABLES = {"applications": APPLICATION, "resources": RESOURCE}

_EDITS, _SHOWN = "estate-edits", "estate-shown"
"""Keys of the session: (text, tables) as edited last, which outlives a visit to another page; and what the editors
started from, which must stay the same while they are shown."""

_ALL = "all applications"


def page() -> None:
    """Show the page."""
    st.title("Estate")
    st.caption(
        "What is to be recovered, and what is wanted of it. Edit cells, add rows below, delete them at the left; "
        "nothing takes effect before Apply."
    )
    draft = session.chosen()
    tables = {name: _editor(draft, name) for name in _TABLES}
    st.session_state[_EDITS] = (draft.text, tables)
    _outcome(draft, tables)
    _graph(draft)
    with st.container(border=True):
        show.table(capabilities(draft.scenario))
    if draft.warnings:
        with st.expander(f"Warnings about the scenario: {len(draft.warnings)}"):
            show.problems(draft.warnings, draft.source)


def _editor(draft: session.Draft, name: str) -> pd.DataFrame:
    """Show a table to edit, and return it as edited."""
    st.subheader(name.capitalize(), anchor=False)
    found: pd.DataFrame = st.data_editor(
        _start(draft, name),
        key=f"estate-{name}",
        num_rows="dynamic",
        hide_index=True,
        column_order=list(_TABLES[name]),
        column_config=_columns(draft)[name],
        placeholder=" ",
        alt=f"The {name}, a row each, to edit.",
    )
    return found


def _start(draft: session.Draft, name: str) -> pd.DataFrame:
    """Return what an editor starts from: the scenario's rows, or those of edits that were not applied."""
    known = st.session_state.get(f"{_SHOWN}-{name}")
    if known is not None and known[0] == draft.text and f"estate-{name}" in st.session_state:
        return known[1]  # type: ignore[no-any-return]  # of this function's making
    st.session_state.pop(f"estate-{name}", None)
    text, edits = st.session_state.get(_EDITS, ("", {}))
    rows = application_rows(draft.scenario) if name == "applications" else resource_rows(draft.scenario)
    fresh = pd.DataFrame(rows, columns=[WAS, *_TABLES[name]])
    start = edits[name].reset_index(drop=True) if text == draft.text and name in edits else fresh
    st.session_state[f"{_SHOWN}-{name}"] = (draft.text, start)
    return start


def _columns(draft: session.Draft) -> dict[str, dict[str, Any]]:
    """Return how the columns of each table are shown."""
    column = st.column_config
    sites = list(draft.scenario.sites)
    after = column.TextColumn("Recovers after", help="Names with commas between them.")
    return {
        "applications": {
            "application": column.TextColumn("Application", required=True),
            "site": column.SelectboxColumn("Site", options=sites, required=True),
            "rpo": column.TextColumn("RPO", help="Data loss at most, such as 1 h."),
            "rto": column.TextColumn("RTO", help="Downtime at most, such as 4 h."),
            "attainment": column.TextColumn("Attainment", help="Share of incidents that meet each; 95 % if empty."),
            "priority": column.TextColumn("Priority", help="1 is restored first."),
            "downtime_cost": column.TextColumn("Cost of downtime", help="Such as 20000 USD/h."),
            "data_loss_cost": column.TextColumn("Cost of data loss", help="Such as 8000 USD/h, by the time it spans."),
            "unrecoverable_cost": column.TextColumn("Cost of losing all", help="Such as 15000000 USD."),
            "recover_at": column.SelectboxColumn("Recovers at", options=["", *sites]),
            "after": after,
        },
        "resources": {
            "application": column.TextColumn("Application", required=True),
            "resource": column.TextColumn("Resource", required=True),
            "type": column.SelectboxColumn("Type", options=list(load_catalogue().types), required=True, width="medium"),
            "size": column.TextColumn("Size", required=True, help="Stored data of one member, such as 500 GB."),
            "change_rate": column.TextColumn("Changes", help="Distinct data in a day, such as 4 %/day."),
            "objects": column.TextColumn("Objects", help="Objects or files of one member, such as 40e6."),
            "count": column.TextColumn("Members", help="Alike ones; 1 if empty."),
            "deployment": column.SelectboxColumn("Deployment", options=["", "single-az", "multi-az", "regional"]),
            "stateless": column.CheckboxColumn("Stateless", default=False, help="No data to lose: it is launched."),
            "tested": column.CheckboxColumn("Restores tested", default=False),
            "after": after,
        },
    }


def _outcome(draft: session.Draft, tables: dict[str, pd.DataFrame]) -> None:
    """Say what the edits are worth, and offer to apply them, to drop them, and to take the scenario along."""
    rows = [frame.to_dict("records") for frame in tables.values()]
    missing = row_problems(*rows)  # type: ignore[arg-type]  # columns are texts
    text = draft.text if missing else with_estate(draft.text, draft.scenario, *rows)  # type: ignore[arg-type]  # as above
    scenario, errors, warnings = check_text(text, draft.source) if text != draft.text else (draft.scenario, (), ())
    for sentence in missing:
        show.message(sentence)
    if errors:
        number = f"{len(errors)} problem{'s' * (len(errors) != 1)}"
        show.message(f"This cannot be applied yet: {number}. Lines are those of the edited file.")
        show.problems(errors, draft.source)
    known = {problem.found for problem in draft.warnings}
    new = [problem for problem in warnings if problem.found not in known]
    if new:
        st.write(f"New warnings: {len(new)}")
        show.problems(new, draft.source)
    changed = text != draft.text
    ready = changed and not missing and scenario is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Apply", type="primary", disabled=not ready, icon=":material/check:"):
            _forget()
            session.replace(text, "The estate is changed. All pages now show it.")
        st.button("Undo all edits", disabled=not (changed or missing), on_click=_forget, icon=":material/undo:")
        show.download("Edited scenario" if changed else "Scenario", "estate.yaml", text)
        if changed and not ready:
            st.caption("The file has the problems above.")


def _forget() -> None:
    for key in (_EDITS, *(f"{start}-{name}" for start in ("estate", _SHOWN) for name in _TABLES)):
        st.session_state.pop(key, None)


def _graph(draft: session.Draft) -> None:
    """Show who needs whom."""
    with st.container(border=True):
        st.subheader("What needs what", anchor=False)
        names: Sequence[str] = [_ALL, *draft.scenario.applications]
        if st.session_state.get("estate-graph") not in names:
            st.session_state.pop("estate-graph", None)
        chosen = st.selectbox("Show", names, key="estate-graph", bind="query-params")
        st.graphviz_chart(estate_dot(draft.scenario, None if chosen == _ALL else chosen), width="content")
        st.caption(
            "An arrow leads to what recovers first. Drums hold data, boxes with ears are stateless servers, ellipses "
            "are steps without data; dashed arrows lie between applications."
        )
