"""The sidebar: which scenario and how many drills a visit has chosen, for all pages and for the link."""

from __future__ import annotations

import math

import streamlit as st

from drsim.app import link, show
from drsim.app.drafts import (
    FIRST,
    MINE,
    PLAN,
    file_name,
    next_choice,
    own_text,
    put,
    shipped,
    warn,
)
from drsim.app.uploads import note_file, take_file, take_starter
from drsim.scenario.shipped import shipped_scenarios

DEFAULT_DRILLS = 500
"""Enough to decide most verdicts, and quick: an attainment of 95 % takes 72 drills at least."""

MOST_DRILLS = 5000
"""More take longer than anybody watches a page; the command line takes more."""

NUMBERS = ("drills", "incident-drill", "incident-percentile")
"""What a link holds for widgets of numbers."""

_DIGITS = 9
"""Digits of these, at most."""


def sidebar() -> None:
    """Show what is chosen for all pages: the scenario and the number of drills."""
    _forget_no_numbers()
    names = list(shipped_scenarios())
    _recall(names)
    with st.sidebar:
        st.selectbox(
            "Scenario",
            [*names, MINE, PLAN],
            key="scenario",
            format_func=_title,
            help="What stands where, how it is protected, and what may strike it.",
        )
        with st.container():  # so that the drills never move: see `work.results_of`
            if st.session_state["scenario"] == MINE:
                st.file_uploader(
                    "Scenario file",
                    type=["yaml", "yml"],
                    key="upload",
                    on_change=note_file,
                    help="YAML, at most 5 MB",
                )
            elif st.session_state["scenario"] == PLAN:
                st.file_uploader(
                    "AWS Backup plan",
                    type=["json"],
                    key="upload-plan",
                    on_change=note_file,
                    help="The JSON that `aws backup get-backup-plan` prints. It protects a small estate, to be edited.",
                )
            if st.session_state["scenario"] == MINE:
                if (mine := own_text()) is not None:
                    show.text(f"Now: {mine.source}")
                st.button("Start from a small example", on_click=take_starter)
        _drills()
        with st.container():
            take_file()
    _remember()


def share() -> None:
    """Say, at the end of the sidebar, how to pass on what is seen."""
    with st.sidebar:
        mine = own_text()
        if mine is not None and link.packed(mine.text) is None:
            st.caption("This scenario is too large for a link: send the file (Estate, Download) with it.")
        else:
            st.caption("To share this view, copy the address of the page: it holds the scenario and all choices.")


def drills() -> int:
    """Return the drills per strategy and disruption."""
    return int(st.session_state.get("drills", DEFAULT_DRILLS))


def _forget_no_numbers() -> None:
    """Take numbers out of the link that are none, or that no computer holds: widgets would stumble over them."""
    for key in NUMBERS:
        value = st.query_params.get(key)
        if value is None:
            continue
        try:
            is_number = len(value) <= _DIGITS and math.isfinite(float(value))
        except ValueError:
            is_number = False
        if not is_number:
            del st.query_params[key]
            warn(f"The link asks for {value[:20]!r} where a number is wanted ({key}).")
            # a widget reads the link as it was when the script began
            st.rerun()


def _recall(names: list[str]) -> None:
    """Give the picker of scenarios its value: what was put in place, its own, or the link's."""
    state, of_link = st.session_state, st.query_params.get("scenario")
    if (name := next_choice()) is not None:
        state["scenario"] = name
    if state.get("scenario") in (*names, MINE, PLAN):
        return
    if "scenario" in state:
        # shipped files can be deleted while the server runs
        before, state["scenario"] = state["scenario"], FIRST if FIRST in names else MINE
        warn(
            f"The server no longer has the scenario {before}; this is {_title(state['scenario'])}. Choose another at "
            "the left, or upload the file."
        )
        return
    text = link.unpacked(st.query_params.get("text", "")) if of_link == MINE else None
    if text is not None:
        put(file_name(st.query_params.get("file", "")), text)
    state["scenario"] = of_link if of_link in (*names, PLAN) or of_link == MINE else FIRST if FIRST in names else MINE
    if of_link is not None and of_link not in (*names, MINE, PLAN):
        warn(f"The link asks for a scenario that is not here, {of_link[:80]}; this is {_title(state['scenario'])}.")
    elif of_link == MINE and text is None:
        warn("The link holds no scenario that can be read: upload the file that came with it.")


def _remember() -> None:
    """Write the scenario into the link."""
    name, mine = st.session_state["scenario"], own_text()
    kept = {"scenario": name}
    if name == MINE and mine is not None and (text := link.packed(mine.text)) is not None:
        kept |= {"file": mine.source, "text": text}
    for key in ("scenario", "file", "text"):
        if key not in kept:
            if key in st.query_params:
                del st.query_params[key]
        elif st.query_params.get(key) != kept[key]:
            st.query_params[key] = kept[key]


def _drills() -> None:
    """Ask for the number of drills, which a link may have set to anything."""
    st.number_input(
        "Drills per strategy and disruption",
        min_value=1,
        max_value=MOST_DRILLS,
        value=DEFAULT_DRILLS,
        step=500,
        key="drills",
        bind="query-params",
        help="More drills take longer and decide more: an attainment of 95 % needs at least 72 that reach the "
        "application, 99 % needs 368. Whatever a disruption may strike, each resource, account or Region, has as many. "
        f"The app takes up to {MOST_DRILLS:,}; `drsim run` takes more.",
    )


def _title(name: str) -> str:
    """Return what the picker shows for a choice."""
    if name == PLAN:
        return "a plan of AWS Backup"
    if name == MINE:
        return "a scenario of my own"
    scenario = shipped(name)[0]
    return name if scenario is None else scenario.name
