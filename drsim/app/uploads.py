"""Files that a visitor brings: a scenario, or a plan document of AWS Backup to start one from."""

from __future__ import annotations

from io import BytesIO

import streamlit as st

from drsim.app import tasks, work
from drsim.app.drafts import (
    MINE,
    PLAN,
    READING,
    file_name,
    keep,
    reject,
    unreadable,
    warn,
)
from drsim.scenario.starter import starter_text

_UPLOADS = {MINE: "upload", PLAN: "upload-plan"}
"""Keys of the widgets that take files."""

_UNREAD = "unread"
"""Key of the session: whether a file has come that is still to be read."""


def note_file() -> None:
    """Remember that a file has come, which is read where the page has room for what is said of it."""
    st.session_state[_UNREAD] = True


def take_file() -> None:
    """Read a file that has come; one with errors does not take away the one before."""
    chosen = st.session_state["scenario"]
    if chosen not in _UPLOADS or _UNREAD not in st.session_state:
        return
    file = st.session_state.get(_UPLOADS[chosen])
    if isinstance(file, BytesIO):
        (_take_scenario if chosen == MINE else _take_plan)(file.getvalue(), file_name(file.name))
    elif file is not None:
        # the browser still shows a file that a server before this one was sent
        warn("The server no longer has the file that you uploaded: upload it again.")
    st.session_state.pop(_UNREAD, None)


def _take_scenario(content: bytes, name: str) -> None:
    """Take an uploaded scenario."""
    text, (scenario, errors, _) = work.result_of(
        tasks.read,
        content,
        name,
        saying="the file is read",
        limits=READING,
        otherwise=lambda why: ("", (None, (unreadable(name, why),), ())),
    )
    if scenario is None:
        reject(name, errors)
    else:
        _take(text, name)


def _take_plan(content: bytes, name: str) -> None:
    """Take an uploaded plan document into a small scenario."""
    text, errors = work.result_of(
        tasks.read_plan,
        content,
        name,
        saying="the file is read",
        limits=READING,
        otherwise=lambda why: (None, (unreadable(name, why),)),
    )
    if text is None:
        reject(name, errors)
    else:
        _take(
            text,
            "from-aws-plan.yaml",
            "Your plan protects a small example estate: put your applications and resources in its place on the "
            "page Estate. The page What if tries changes of the plan.",
        )


def _take(text: str, source: str, said: str | None = None) -> None:
    st.session_state.pop(_UNREAD, None)
    keep(text, source, said)
    st.rerun()


def take_starter() -> None:
    """Take the small example with which a scenario is begun."""
    keep(starter_text(), "scenario.yaml", "A small example. Change what you like on the page Estate.")
