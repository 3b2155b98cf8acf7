"""Editors for each key of `planning`: what a plan must reach and what it may choose, the usual ones first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from drsim.app import drafts, planning, show
from drsim.errors import Problem
from drsim.planner.menu import menu
from drsim.scenario.nodes import Plain
from drsim.scenario.planning import Planning

LABELS = {
    "disruptions": "Disruptions to be met",
    "attainment": "How often objectives are to be met",
    "baseline": "Strategy of today",
    "keep": "Stays as it is today",
    "intervals": "Times between backups",
    "retentions": "Retentions",
    "minimum_retention": "Everything is kept at least",
    "vaults": "Vaults",
    "new_vaults": "New vaults may be proposed",
    "regions": "Regions of points",
    "accounts": "Accounts of points",
    "locks": "Vault locks",
    "continuous": "Continuous protection of",
    "replication": "Features of services",
    "standby": "Modes of standby",
    "cold": "Cold storage of",
    "avoid": "Features to avoid",
    "plan_price": "Price of one more backup plan",
    "drills": "Drills to compare plans by",
    "confirm_drills": "Drills to confirm the plan by",
    "seeds": "Seeds to confirm it with",
}
"""What the page calls each key of `planning`."""

REACH = ("disruptions", "attainment")
CHOOSE = ("intervals", "retentions", "standby", "replication", "locks", "new_vaults")
LIMITS = ("baseline", "keep", "minimum_retention", "vaults", "regions", "accounts")
MORE = ("continuous", "cold", "avoid", "plan_price")
PROOF = ("drills", "confirm_drills", "seeds")
"""Keys in groups; the first two are what visitors usually look for."""

_EXAMPLES = {
    "attainment": ("80 %", "90 %", "95 %", "99 %", "99.9 %"),
    "minimum_retention": ("7 d", "35 d", "90 d", "365 d", "2555 d"),
    "plan_price": ("1 USD/month", "5 USD/month", "20 USD/month", "100 USD/month"),
}
"""Values that are offered; others may be written."""

_NOTHING_SAID = {
    "attainment": "as each application asks",
    "minimum_retention": "nothing is asked",
    "plan_price": "free",
}
"""What holds where nothing is chosen."""

_MOST_DRILLS = 100_000


def editors(draft: drafts.Draft) -> planning.Choices:
    """Show the editors; return what is chosen otherwise than in the scenario."""
    choices = planning.recalled()
    values = {**planning.said(draft.scenario), **choices}
    names = menu(draft.scenario)
    draw = partial(_editor, draft, values, names)
    st.subheader("What it must reach", anchor=False)
    _each(draw, REACH)
    st.subheader("What it may choose", anchor=False)
    _each(draw, CHOOSE)
    for title, keys in (("What stays, and where points lie", LIMITS), ("More limits", MORE), ("Proof", PROOF)):
        number = sum(key in choices for key in keys)
        with st.expander(title, icon=":material/edit:" if number else None):
            _each(draw, keys)
    st.button("Back to what the scenario says", on_click=planning.forget, disabled=not choices, icon=":material/undo:")
    return choices


def problem_words(problem: Problem) -> str:
    """Return a problem in the words of the editors."""
    text = f"{problem.found}: {problem.rule}{'; ' if problem.repair else ''}{problem.repair}."
    return _NAMED.sub(lambda named: f"“{LABELS.get(named[1], named[1])}”", text)


_NAMED = re.compile(r"`planning\.(\w+)[^`]*`")
"""A key of `planning` as problems name it."""


def _each(draw: Callable[[str], None], keys: Sequence[str]) -> None:
    for key in keys:
        draw(key)


def _editor(draft: drafts.Draft, values: Mapping[str, Plain], names: Mapping[str, tuple[str, ...]], key: str) -> None:
    """Show the editor of a key at its value."""
    _EDITORS[key](draft, key, values.get(key), names.get(key, ()))


def _widget(key: str) -> str:
    return f"plan/{key}"


def _about(key: str) -> str:
    return Planning.model_fields[key].description or ""


def _some(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask which of some names are allowed; all of them where nothing is said."""
    allowed = names if value in (None, True) else tuple(name for name in _words(value) if name in names)

    def chosen() -> None:
        wanted = st.session_state[_widget(key)]
        planning.choose(draft, key, None if set(wanted) == set(names) else [n for n in names if n in wanted])

    if names:
        st.session_state[_widget(key)] = list(allowed)
        st.pills(
            LABELS[key],
            names,
            selection_mode="multi",
            key=_widget(key),
            on_change=chosen,
            help=_about(key),
            format_func=show.plain,
        )


def _list(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask for values of a list, those that are offered or others; the usual ones where nothing is said."""
    usual = names if key in ("intervals", "retentions") else ()
    present = list(usual) if value is None else _words(value)

    def chosen() -> None:
        wanted: list[Plain] = [_number(text) if key == "seeds" else text for text in st.session_state[_widget(key)]]
        planning.choose(draft, key, None if wanted == list(usual) else wanted)

    st.session_state[_widget(key)] = present
    st.multiselect(
        LABELS[key],
        list(dict.fromkeys([*names, *present])),
        key=_widget(key),
        on_change=chosen,
        help=_about(key),
        placeholder="none" if names else "the one after the scenario's",
        accept_new_options=key != "avoid",
    )


def _value(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask for one value, one of those that are offered or another; the last option says nothing."""
    del names
    present, nothing = _word(value), _NOTHING_SAID[key]

    def chosen() -> None:
        wanted = st.session_state[_widget(key)]
        planning.choose(draft, key, None if wanted in (nothing, None, "") else wanted)

    st.session_state[_widget(key)] = present or nothing
    st.selectbox(
        LABELS[key],
        list(dict.fromkeys([nothing, *_EXAMPLES[key], *([present] if present else [])])),
        key=_widget(key),
        on_change=chosen,
        help=_about(key),
        accept_new_options=True,
    )


def _one(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask for one of some names; the first where nothing is said."""

    def chosen() -> None:
        wanted = st.session_state[_widget(key)]
        planning.choose(draft, key, None if wanted == names[0] else wanted)

    st.session_state[_widget(key)] = value if value in names else names[0]
    st.selectbox(LABELS[key], names, key=_widget(key), on_change=chosen, help=_about(key))


def _flag(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask for yes or no; yes where nothing is said."""
    del names

    def chosen() -> None:
        planning.choose(draft, key, None if st.session_state[_widget(key)] else False)

    st.session_state[_widget(key)] = value is not False
    st.checkbox(LABELS[key], key=_widget(key), on_change=chosen, help=_about(key))


def _drills(draft: drafts.Draft, key: str, value: Plain, names: tuple[str, ...]) -> None:
    """Ask for a number of drills."""
    del names
    usual: int = Planning.model_fields[key].default

    def chosen() -> None:
        wanted = int(st.session_state[_widget(key)])
        planning.choose(draft, key, None if wanted == usual else wanted)

    is_number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_DRILLS
    st.session_state[_widget(key)] = value if is_number else usual
    st.number_input(LABELS[key], 1, _MOST_DRILLS, step=100, key=_widget(key), on_change=chosen, help=_about(key))


def _words(value: Plain) -> list[str]:
    """Return the entries of a list as text; a link may hold anything."""
    return [_word(entry) for entry in value if _word(entry)] if isinstance(value, list) else []


def _word(value: Plain) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(text: str) -> Plain:
    return int(text) if text.isdecimal() and len(text) < 10 else text


_EDITORS: Mapping[str, Callable[[drafts.Draft, str, Plain, tuple[str, ...]], None]] = {
    **dict.fromkeys(
        ("disruptions", "vaults", "regions", "accounts", "locks", "continuous", "replication", "standby", "cold"),
        _some,
    ),
    **dict.fromkeys(("intervals", "retentions", "keep", "avoid", "seeds"), _list),
    **dict.fromkeys(("attainment", "minimum_retention", "plan_price"), _value),
    **dict.fromkeys(("drills", "confirm_drills"), _drills),
    "baseline": _one,
    "new_vaults": _flag,
}
