"""What the app remembers: the choice in the address, the study and messages in the session, checked texts for all.

A study runs in the script of its own session. Where the user presses Stop, Streamlit ends that script at the next
report of progress, which does not return. So nothing is left to be put right after a study: what asks for it is taken
away before it starts.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from drsim.errors import DrsimError, Problem
from drsim.scenario import ObjectiveSet, Scenario, check_text
from drsim.scenario.load import Checked
from drsim.scenario.shipped import shipped_scenarios
from drsim.study import drills as drilling
from drsim.study.results import Result

DEFAULT_DRILLS = 100
"""The smallest round number that can show an attainment of 95 % to be met: it takes 72 drills, and all must meet it."""

MOST_DRILLS = 5000
"""More take longer than anybody watches a page; the command line has no limit."""

_STUDY, _ASKED, _MESSAGE = "study", "asked", "message"
"""Keys of the session."""


@dataclass(frozen=True)
class Draft:
    """A scenario that the user has chosen, right or wrong.

    Attributes:
        source: how commands name it: the bare name of a shipped scenario, or a file's name.
        scenario: None where it has errors.
        errors: what is wrong with it.
    """

    source: str
    scenario: Scenario | None
    errors: tuple[Problem, ...]


@dataclass(frozen=True)
class Study:
    """A study that is complete.

    Attributes:
        source: of the scenario, as in `Draft`.
        scenario: what was studied.
        result: what was found out.
    """

    source: str
    scenario: Scenario
    result: Result

    @property
    def command(self) -> str:
        """The command that repeats it."""
        run = self.result.run
        words = ("drsim", "run", self.source, "--drills", str(run["drills"]), "--seed", str(run["seed"]))
        return shlex.join(words)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Applications, then resources."""
        found = self.result.summary[["level", "subject"]].drop_duplicates().sort_values("level", kind="stable")
        return tuple(found["subject"])

    def objectives(self, disruption: str, subject: str) -> ObjectiveSet:
        """Return the objectives that hold for an application or resource under a disruption."""
        return self.scenario.applications[subject.split(".", maxsplit=1)[0]].objectives.under(disruption)

    def answers(self, draft: Draft | None, drills: int) -> bool:
        """Whether it is the study of what is chosen now."""
        chosen = draft is not None and draft.source == self.source and draft.scenario == self.scenario
        return chosen and self.result.run["drills"] == drills


def recall(key: str, options: Sequence[str], default: str) -> str | None:
    """Give a widget its value: its own while that is an option, else the address's, else the default.

    Args:
        key: of the widget and in the address.
        options: what can be chosen.
        default: one of them.

    Returns:
        What the address asks for though there is no such option, or None.
    """
    if st.session_state.get(key) in options:
        return None
    asked = st.query_params.get(key)
    st.session_state[key] = asked if asked in options else default
    return asked if asked not in options else None


def recall_drills(key: str) -> None:
    """Give the widget of the number of drills its value: its own, else the address's, else a default."""
    if key not in st.session_state:
        asked = st.query_params.get(key, "")
        number = int(asked) if asked.isdecimal() and len(asked) < 10 else DEFAULT_DRILLS
        st.session_state[key] = min(max(number, 1), MOST_DRILLS)


def remember(**choice: str) -> None:
    """Write a choice into the address, so that it can be sent as a link."""
    for key, value in choice.items():
        if st.query_params.get(key) != value:
            st.query_params[key] = value


def shipped_draft(name: str) -> Draft:
    """Return the shipped scenario of this name."""
    path = shipped_scenarios()[name]
    scenario, errors, _ = _checked(path.read_bytes(), path.name, path.parent)
    return Draft(name, scenario, errors)


def uploaded_draft(name: str, content: bytes) -> Draft:
    """Return the scenario of an uploaded file, which may name no files of the server.

    Args:
        name: of the file.
        content: YAML.
    """
    scenario, errors, _ = _checked(content, name, None)
    return Draft(name, scenario, errors)


@st.cache_resource(max_entries=32, show_spinner=False)
def _checked(content: bytes, file: str, base: Path | None) -> Checked:
    """Return the scenario of a text, its errors and its warnings; the same objects for all, which nobody changes."""
    return check_text(content, file, base)


def ask() -> None:
    """Ask for a study in the next run of the script."""
    st.session_state[_ASKED] = True


def is_asked() -> bool:
    """Whether a study is asked for."""
    return _ASKED in st.session_state


def stop() -> None:
    """Say that the study was stopped; that it was called ends it."""
    st.session_state.pop(_ASKED, None)
    st.session_state[_MESSAGE] = "Stopped. Nothing of it was kept: ask for fewer drills, or press Run again."


def message() -> str | None:
    """Return what is to be said once, and forget it."""
    text: str | None = st.session_state.pop(_MESSAGE, None)
    return text


def run(draft: Draft, drills: int, progress: Callable[[int, int], None]) -> None:
    """Run the study that was asked for, and keep it in the session; what refuses it becomes the message.

    Args:
        draft: without errors.
        drills: per strategy and disruption.
        progress: called with the drills done and the drills to do.
    """
    st.session_state.pop(_ASKED, None)
    if draft.scenario is None:
        return
    try:
        # in this thread, which gives way to other sessions; worker processes would start the app anew
        result = drilling.run(draft.scenario, drills=drills, workers=1, progress=progress)
    except DrsimError as error:
        st.session_state[_MESSAGE] = f"This cannot be run: {error}"
    else:
        st.session_state[_STUDY] = Study(draft.source, draft.scenario, result)


def study() -> Study | None:
    """Return the last study of this session that was complete."""
    found: Study | None = st.session_state.get(_STUDY)
    return found
