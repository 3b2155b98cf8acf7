"""Choices that all pages share: strategy, disruption, application, subject. They stand in the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from drsim.app import show, studies
from drsim.app.drafts import Draft
from drsim.report.opening import opening as telling
from drsim.scenario import subjects

OPENING = (
    "Where nothing is chosen, it opens on what a change could mend and costs most: a strategy and a disruption that "
    "breach objectives, or lose what another strategy keeps, with the largest expected loss in a year."
)
"""What pages say about what they begin with."""


def opening(draft: Draft) -> tuple[str | None, str | None]:
    """Return the strategy and disruption to begin with, those that say most; None for what is chosen already."""
    names = {"strategy": tuple(draft.scenario.strategies), "disruption": tuple(draft.scenario.disruptions)}
    known = {key: wanted if (wanted := _wanted(key)) in options else None for key, options in names.items()}
    # always there, so that nothing below moves
    with st.container():
        if None not in known.values():
            return None, None
        return telling(studies.first_look(draft), known["strategy"], known["disruption"])


def chosen_disruption() -> str | None:
    """Return the disruption that is chosen on this page or one before."""
    return _wanted("disruption")


def strategy(draft: Draft, first: str | None = None) -> str:
    """Ask for a strategy; where none has been chosen yet, it is the one given."""
    return _pick("Strategy", "strategy", tuple(draft.scenario.strategies), first)


def disruption(draft: Draft, first: str | None = None) -> str:
    """Ask for a disruption; where none has been chosen yet, it is the one given."""
    return _pick("Disruption", "disruption", tuple(draft.scenario.disruptions), first)


def application(draft: Draft, first: str | None = None) -> str:
    """Ask for an application; where none has been chosen yet, it is the one given."""
    return _pick("Application", "application", tuple(draft.scenario.applications), first)


def subject(draft: Draft) -> str:
    """Ask for an application or resource: `app` or `app.resource`."""
    names = (*draft.scenario.applications, *subjects(draft.scenario))
    return _pick("Application or resource", "subject", names)


def case(draft: Draft, subject: Callable[[Draft], str]) -> tuple[str, str, str]:
    """Ask, side by side, for strategy, disruption and subject; where none is chosen, those that say most come first.

    Args:
        draft: the scenario.
        subject: asks for it: `application`, or `subject` where it may be a resource, too.
    """
    first, first_disruption = opening(draft)
    left, middle, right = st.columns(3)
    with left:
        strategy_ = strategy(draft, first)
    with middle:
        disruption_ = disruption(draft, first_disruption)
    with right:
        return strategy_, disruption_, subject(draft)


def next_time(key: str, name: str) -> None:
    """Choose a name for when the page is drawn again: a choice that has been drawn cannot be set."""
    st.session_state[_NEXT] = key, name


_NEXT, _CHOSEN = "chosen-next", "chosen"
"""Keys of the session: a choice for when the page is drawn again; all choices, which outlive the page."""


def _wanted(key: str) -> str | None:
    """Return what is chosen: for this time, now, in the link, or on the page before; None where nothing is."""
    state = st.session_state
    if state.get(_NEXT, ("",))[0] == key:
        return str(state[_NEXT][1])
    if key in state:
        return str(state[key])
    chosen: dict[str, str] = state.setdefault(_CHOSEN, {})
    return st.query_params.get(key) or chosen.get(key)


def cut(text: str) -> str:
    """Return the beginning of a text that a link may have made as long as it likes."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN = 80


def _pick(label: str, key: str, options: Sequence[str], first: str | None = None) -> str:
    """Ask for one of some names.

    It begins with that of the link, of the page before, or the one given; what another scenario had, and this one has
    not, is forgotten. A link always names what it shows, since what a page begins with may differ from page to page.

    Args:
        label: of the choice.
        key: of the choice, in the session and in the link.
        options: the names.
        first: the one to begin with.
    """
    state = st.session_state
    chosen: dict[str, str] = state.setdefault(_CHOSEN, {})
    wanted = _wanted(key) or first
    if state.get(_NEXT, ("",))[0] == key:
        state.pop(_NEXT)
    # set each time: after a change of pages the session still has what the other page's widget was
    state[key] = wanted if wanted in options else first or options[0]
    of_link = st.query_params.get(key) if key not in chosen else None
    name: str = st.selectbox(label, options, key=key)
    chosen[key] = name
    if of_link is not None and of_link not in options:
        # said until something else is chosen, however often the page is drawn meanwhile
        state[f"asked-{key}"] = of_link, name
    missed, instead = state.get(f"asked-{key}", ("", None))
    # there even where it is empty, so that nothing below moves
    with st.container():
        if instead == name:
            show.message(f"The link asks for what is not here, {cut(missed)}: this is {cut(name)}.")
    if st.query_params.get(key) != name:
        st.query_params[key] = name
    return name
