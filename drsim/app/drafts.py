"""The scenario of a visit: a text, which pages show, edit, and put another in the place of.

All that is shown follows from the text and the number of drills. Each visit has a text of its own, which no other sees
but by its link.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import streamlit as st

from drsim.app import show, tasks, work
from drsim.app.questions import Limits, digest_of
from drsim.errors import Problem
from drsim.scenario import Scenario, check_text, dump_scenario
from drsim.scenario.load import Checked
from drsim.scenario.shipped import shipped_scenarios

FIRST = "web-shop"
"""The scenario that a first visit shows."""

MINE, PLAN = "mine", "aws-plan"
"""What can be chosen beside the shipped scenarios: a text of one's own, and a plan document to start one from."""

READING = Limits(longest_s=20.0, memory_bytes=2**30)
"""What reading a file of 5 MB may take: the largest that means well takes a fifth of it."""

_BEFORE, _UNDONE = "before", 20
"""Key of the session: for each change of the scenario the text that it made, and what was chosen before; and how many
of these are kept."""

_TEXT, _REJECTED, _SAID, _WARNED, _CHOICE = "own-text", "rejected", "said", "warned", "choose"
"""Keys of the session: an `OwnText`; a file with errors and these; what is to be said once, good and bad; and what the
picker of scenarios is to show next, since a widget's value cannot be set once it is drawn."""


@dataclass(frozen=True)
class OwnText:
    """A text that is no shipped scenario.

    Attributes:
        source: the file's name.
        text: YAML.
    """

    source: str
    text: str


@dataclass(frozen=True)
class Draft:
    """The scenario of this visit.

    Attributes:
        source: how commands name it: the bare name of a shipped scenario, or a file's name.
        text: YAML that names no files.
        scenario: what it says.
        warnings: what AWS ignores or suppresses in it, and what else is worth knowing.
    """

    source: str
    text: str
    scenario: Scenario
    warnings: tuple[Problem, ...]


def identity() -> str:
    """Return what tells the scenario of this visit from all others."""
    mine = own_text()
    name: str = st.session_state["scenario"]
    return digest_of(mine.text) if name == MINE and mine is not None else name


def chosen() -> Draft:
    """Return the scenario of this visit; where there is none that can be run, say what to do and end the page."""
    said, warned = (st.session_state.pop(key, None) for key in (_SAID, _WARNED))
    with st.container():  # there even where it is empty, so that nothing below moves: see `work.results_of`
        if said is not None:
            show.note(said)
        if warned is not None:
            show.message(warned)
    name = st.session_state.get("scenario", FIRST)
    if name in shipped_scenarios():
        source, (scenario, errors, warnings), text = name, shipped(name), shipped_text(name)
    else:
        mine = own_text()
        if _REJECTED in st.session_state:
            _show_problems(*st.session_state[_REJECTED])
            if mine is not None:
                st.button("Go on with the scenario before", on_click=_forget_rejected)
            st.stop()
        if mine is None or name == PLAN:
            _ask_for_a_file(name)
            st.stop()
        source, text = mine.source, mine.text
        with st.container():
            scenario, errors, warnings = checked(text, source)
    if scenario is None:
        _show_problems(source, errors)
        st.stop()
    return Draft(source, text, scenario, warnings)


def _show_problems(source: str, errors: tuple[Problem, ...]) -> None:
    st.error(f"This cannot be run yet: {len(errors)} problem{'s' * (len(errors) != 1)}.")
    show.problems(errors, source)
    st.write("Mend these lines and upload the file again, or choose another scenario at the left.")


def _forget_rejected() -> None:
    st.session_state.pop(_REJECTED, None)
    st.session_state[_CHOICE] = MINE


def replace(text: str, said: str, *, source: str | None = None) -> None:
    """Put another text in the place of this visit's scenario, and draw the page again.

    Args:
        text: YAML that names no files.
        said: what is shown once, after it.
        source: the file's name; left out, made from that of the scenario before.
    """
    take(text, said, source=source)
    st.rerun()


def take(text: str, said: str, *, source: str | None = None) -> None:
    """Put another text in the place of this visit's scenario, which the next page that is drawn shows.

    Args:
        text: YAML that names no files.
        said: what is shown once, after it.
        source: the file's name; left out, made from that of the scenario before.
    """
    history = [*st.session_state.get(_BEFORE, ()), (text, st.session_state.get("scenario", FIRST), own_text())]
    st.session_state[_BEFORE] = history[-_UNDONE:]
    keep(text, source or _edited(_source()), said)


def can_undo() -> bool:
    """Whether the scenario that is shown was made by a change that can be undone."""
    history, mine = st.session_state.get(_BEFORE, ()), own_text()
    is_mine = mine is not None and st.session_state.get("scenario") == MINE
    return is_mine and bool(history) and history[-1][0] == _text(mine)


def _text(mine: OwnText | None) -> str:
    return "" if mine is None else mine.text


def undo() -> None:
    """Put the scenario back that was there before the last change."""
    if can_undo():
        *st.session_state[_BEFORE], (_, name, mine) = st.session_state[_BEFORE]
        if mine is None:
            st.session_state.pop(_TEXT, None)
        else:
            st.session_state[_TEXT] = mine
        st.session_state[_CHOICE] = name
        st.session_state[_SAID] = "The last change is undone. All pages show the scenario as it was before."


def keep(text: str, source: str, said: str | None = None) -> None:
    """Have all pages show a text from the next drawing on.

    Args:
        text: YAML that names no files.
        source: the file's name.
        said: what is shown once, with it.
    """
    put(source, text)
    st.session_state.pop(_REJECTED, None)
    st.session_state[_CHOICE] = MINE
    if said is not None:
        st.session_state[_SAID] = said


def put(source: str, text: str) -> None:
    """Put a text in the place of the visit's own, whatever the picker of scenarios shows."""
    st.session_state[_TEXT] = OwnText(source, text)


def reject(file: str, errors: tuple[Problem, ...]) -> None:
    """Have pages show the errors of a file; the text before stays."""
    st.session_state[_REJECTED] = file, errors


def warn(text: str) -> None:
    """Have the next page that shows the scenario say what went another way than asked for."""
    st.session_state[_WARNED] = text


def next_choice() -> str | None:
    """Return, once, what the picker of scenarios is to show instead of what it shows; None for no change."""
    name: str | None = st.session_state.pop(_CHOICE, None)
    return name


def own_text() -> OwnText | None:
    """Return the text of the visit's own; None where it has none."""
    mine: OwnText | None = st.session_state.get(_TEXT)
    return mine


def _source() -> str:
    """Return the name of the scenario that is shown now."""
    name: str = st.session_state.get("scenario", FIRST)
    mine = own_text()
    return mine.source if name == MINE and mine is not None else name


def _edited(source: str) -> str:
    """Return the name of an edited scenario: that of the file, or one made from the shipped scenario's."""
    return source if source.endswith((".yaml", ".yml")) else f"my-{source}.yaml"


def file_name(text: str) -> str:
    """Return a file's name without folders; what a link or a browser says may be anything."""
    name = PurePosixPath(text.replace("\\", "/")).name[:100]
    return name if name.endswith((".yaml", ".yml", ".json")) and name.isprintable() else "scenario.yaml"


@cache
def shipped(name: str) -> Checked:
    """Return a shipped scenario, its errors and its warnings; the same objects for all, which nobody changes."""
    path = shipped_scenarios()[name]
    return check_text(path.read_bytes(), path.name, path.parent)


@cache
def shipped_text(name: str) -> str:
    """Return the text of a shipped scenario; where it names plan documents, with these in place."""
    scenario, path = shipped(name)[0], shipped_scenarios()[name]
    text = path.read_text(encoding="utf-8")
    alone, _, _ = check_text(text, path.name)
    return text if alone is not None or scenario is None else dump_scenario(scenario)


def checked(text: str, file: str) -> Checked:
    """Return the scenario that a text of this visit says, its errors and its warnings.

    A worker process reads it, within limits: what stands in a link or a file may be meant to do harm.

    Args:
        text: YAML that names no files.
        file: the name that problems have.
    """
    return work.result_of(
        tasks.check,
        text,
        file,
        saying="the scenario is read",
        limits=READING,
        otherwise=lambda why: (None, (unreadable(file, why),), ()),
    )


def unreadable(file: str, why: str) -> Problem:
    """Return the problem of a file that is too hard to read."""
    return Problem(file, 0, "file-too-hard", why, "the app reads what it can read within limits", "drsim check FILE")


def _ask_for_a_file(name: str) -> None:
    """Say what to do where a file is still to be uploaded."""
    if name == PLAN:
        st.info(
            "Upload, at the left, the JSON that `aws backup get-backup-plan --backup-plan-id …` prints. "
            "drsim lets it protect a small example estate, which you then make your own."
        )
    else:
        st.info(
            "Upload a scenario at the left, or start from a small example. "
            "`drsim new shop` writes the same example to a file, with comments."
        )
