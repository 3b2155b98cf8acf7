"""The page of what-if questions: a strategy and its world changed knob by knob, the answer beside it at once."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from drsim.app import drafts, pick, rests, show
from drsim.app.answers import problem_words, show_answers
from drsim.changes.knob import NONE, Knob
from drsim.changes.knobs import WORLD, knobs, legal
from drsim.changes.model import Group
from drsim.changes.rules import SCHEDULE
from drsim.changes.standby import MODE
from drsim.changes.variants import applied, kept, with_changes
from drsim.errors import Problem
from drsim.report.schedules import schedule_words
from drsim.scenario.load import Checked

_CHANGES, _NAME = "whatif-changes", "whatif-name"
"""Keys of the session: changes by knob; a name."""

_CHOSEN, _ANSWERED = "changes", "answered"
"""In the link: the changes chosen, and those that are answered, which are the last ones that AWS accepts."""

_UNREADABLE = "whatif-unreadable"
"""In the session: whether the link held changes that cannot be read, and none were made since."""

_LONGEST = 8000
"""Characters of changes that a link may bring."""

_STYLE = (
    "<style>[data-testid=stMetricValue]{font-size:1.4rem}"
    "[data-testid=stMetricValue] *{white-space:normal;overflow-wrap:anywhere}"
    "[data-testid=stMetricLabel],[data-testid=stMetricLabel] *"
    "{white-space:normal!important;overflow:visible!important;text-overflow:clip!important}</style>"
)
"""Words such as `unrecoverable` stand in place of times, and are not to be cut."""


def page() -> None:
    """Show the page."""
    st.title("What if")
    st.caption(
        "Change the strategy or the world around it. The answer stands beside what it was, with the same luck: what "
        f"differs is what the change does. {pick.OPENING}"
    )
    st.html(_STYLE)
    draft = drafts.chosen()
    strategy, disruption, _ = pick.case(draft, pick.subject)
    all_knobs = knobs(draft.scenario, strategy, disruption)
    with st.container():
        changes = legal(all_knobs, _recalled())
        if st.session_state.get(_UNREADABLE):
            show.message("The link holds changes that cannot be read: nothing is changed here.")
    _write(_CHOSEN, changes)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        _summary(all_knobs, changes)
        _panel(all_knobs, changes)
    with right:
        # there even where it is empty: what is open below stays open
        with st.container():
            text, checked = _checked(draft, strategy, disruption, changes)
            if checked[0] is None:
                problems, changes = checked[1], legal(all_knobs, _read(st.query_params.get(_ANSWERED, "")))
                text, checked = _checked(draft, strategy, disruption, changes)
                _refusal(problems, _listed(all_knobs, changes))
        if checked[0] is None:  # a link may hold anything
            changes, text, checked = {}, draft.text, (draft.scenario, (), draft.warnings)
        _write(_ANSWERED, changes)
        after, base = show_answers(draft, strategy, disruption, text, checked)
        _take_along(draft, strategy, disruption, changes, int(after.run["drills"]))
        if base is not None:
            rests.say_how_far(base, text, after, draft.source)


# changes, which stand in the link while this page is shown


def _recalled() -> dict[str, str]:
    """Return all changes of this visit, at first those of the link."""
    if _CHANGES not in st.session_state:
        written = st.query_params.get(_CHOSEN, "")
        st.session_state[_CHANGES] = _read(written)
        st.session_state[_UNREADABLE] = bool(written) and not st.session_state[_CHANGES]
    changes: dict[str, str] = st.session_state[_CHANGES]
    return changes


def _read(text: str) -> dict[str, str]:
    """Return the changes that a link holds; none where it holds something else."""
    try:
        content = json.loads(text) if text and len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return {str(k): v for k, v in content.items() if isinstance(v, str)} if isinstance(content, dict) else {}


def _write(name: str, changes: Mapping[str, str]) -> None:
    """Write changes into the link."""
    text = json.dumps(changes, separators=(",", ":"), ensure_ascii=False)
    if not changes:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def _set(key: str) -> None:
    st.session_state[_CHANGES] = {**_recalled(), key: str(st.session_state[_key(key)])}
    st.session_state[_UNREADABLE] = False


def _clear() -> None:
    st.session_state[_CHANGES] = {}
    st.session_state[_UNREADABLE] = False


def _key(knob: str) -> str:
    return f"whatif/{knob}"


def _checked(draft: drafts.Draft, strategy: str, disruption: str, changes: Mapping[str, str]) -> tuple[str, Checked]:
    """Return the changed text, and what its check says."""
    if not changes:
        return draft.text, (draft.scenario, (), draft.warnings)
    text = applied(draft.scenario, strategy, disruption, changes)
    return text, drafts.checked(text, draft.source)


# the panel


def _summary(all_knobs: Sequence[Knob], changes: Mapping[str, str]) -> None:
    """Say what is changed, with the way back."""
    if changes:
        show.text("Changed: " + _listed(all_knobs, changes))
    else:
        st.caption("Nothing is changed yet.")
    st.button("Back to the baseline", on_click=_clear, disabled=not changes, icon=":material/undo:")


def _listed(all_knobs: Sequence[Knob], changes: Mapping[str, str]) -> str:
    """Return changes in words."""
    words = []
    for knob in all_knobs:
        if knob.key in changes:
            label = f"{knob.label[0].lower()}{knob.label[1:]}"
            now, was = (_words(knob)(value) for value in (changes[knob.key], knob.present))
            # the label of a lock names its vault
            owner = "" if knob.group == "vault" else f"{' / '.join(dict.fromkeys(knob.owner))}: " if knob.owner else ""
            words.append(f"{owner}{label} {now} (was {was})")
    return "; ".join(words)


def _words(knob: Knob) -> Callable[[str], str]:
    """Return what shows a value of a knob."""
    return schedule_words if knob.change is SCHEDULE else str


def _refusal(problems: Sequence[Problem], before: str) -> None:
    """Say why AWS refuses the changed scenario, with the repair, and what is answered instead."""
    for problem in problems:
        show.message(f"AWS does not take this: {problem_words(problem)}")
    show.message(f"Below is the answer to the last change that it takes: {before or 'none; the strategy as it is'}.")


def _panel(all_knobs: Sequence[Knob], changes: Mapping[str, str]) -> None:
    """Show the knobs, grouped."""
    titles: dict[str, tuple[Group, ...]] = {
        "Backups": ("rule",),
        "Vaults": ("vault",),
        "Standby": ("standby",),
        "Replication": ("replication",),
        "People": ("response",),
        "Jobs at the same time": ("limits",),
        "The disruption": ("disruption",),
    }
    pickers: dict[str, str] = {"Backups": "Rule", "Standby": "Standby of", "Replication": "Replication of"}
    for title, groups in titles.items():
        shown = [knob for knob in all_knobs if knob.group in groups]
        if not shown:
            continue
        number = sum(knob.key in changes for knob in shown)
        # another label would close it
        icon = ":material/edit:" if number else None
        with st.expander(title, expanded=title == "Backups", icon=icon):
            if number:
                st.caption(f"{number} changed")
            if title in pickers:
                owner = _one_of(pickers[title], f"whatif-{title.lower()}", list(dict.fromkeys(k.owner for k in shown)))
                shown = [knob for knob in shown if knob.owner == owner]
            if groups[0] in WORLD:
                st.caption("Holds for every strategy.")
            for knob in shown:
                if not _is_moot(knob, shown, changes):
                    _knob(knob, changes)


def _is_moot(knob: Knob, group: Sequence[Knob], changes: Mapping[str, str]) -> bool:
    """Whether a knob says how a standby is where there is none."""
    modes = [changes.get(k.key, k.present) for k in group if k.change is MODE]
    return knob.group == "standby" and knob.change is not MODE and modes == [NONE]


def _one_of(label: str, key: str, owners: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Ask whose knobs are to be shown; whom another strategy has, and this one has not, is forgotten."""
    # a plan that all rules are of tells nothing, and narrow pages have no room for it
    parts = slice(-1, None) if len({owner[0] for owner in owners}) == 1 else slice(None)
    names = {" / ".join(owner[parts]): owner for owner in owners}
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return names[st.selectbox(label, list(names), key=key, bind="query-params")]


def _knob(knob: Knob, changes: Mapping[str, str]) -> None:
    """Show a knob at its value."""
    st.session_state[_key(knob.key)] = changes.get(knob.key, knob.present)
    # names of vaults may hold underscores, which Markdown takes for itself
    label = knob.label.replace("_", r"\_")
    key, about = _key(knob.key), knob.about or None
    if knob.ordered and len(knob.options) > 2:
        st.select_slider(
            label, knob.options, key=key, on_change=_set, args=(knob.key,), help=about, format_func=_words(knob)
        )
    else:
        st.selectbox(label, knob.options, key=key, on_change=_set, args=(knob.key,), help=about)


def _take_along(draft: drafts.Draft, strategy: str, disruption: str, changes: Mapping[str, str], drills: int) -> None:
    """Offer to keep the change, the changed scenario as a file, and the command that repeats the answer."""
    with st.container(border=True):
        st.subheader("Keep it", anchor=False)
        world = [
            knob for knob in knobs(draft.scenario, strategy, disruption) if knob.key in changes and knob.group in WORLD
        ]
        if world:
            show.message(
                "These hold for every strategy and change them all when you keep it: " + _listed(world, changes)
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name of the new strategy", f"{strategy}-changed", key=_NAME, max_chars=100)
            taken = not name.strip() or name.strip() in draft.scenario.strategies
            if st.button("Keep as a new strategy", disabled=taken or not changes, type="primary"):
                text = kept(draft.text, draft.scenario, strategy, disruption, changes, name.strip())
                _clear()
                pick.next_time("strategy", name.strip())
                drafts.replace(
                    text, f"The scenario has a new strategy: {name.strip()}. Compare shows it beside the others."
                )
            if taken and changes:
                st.caption("Choose a name that no strategy has.")
        file = f"{draft.source.removesuffix('.yaml').removesuffix('.yml')}-changed.yaml" if changes else "scenario.yaml"
        show.download(
            "Changed scenario" if changes else "Scenario",
            file,
            lambda: with_changes(draft.text, draft.scenario, strategy, disruption, changes),
        )
    source = file if changes else draft.source
    seed = str(draft.scenario.seed)
    show.command(shlex.join(("drsim", "run", source, "--strategy", strategy, "--drills", str(drills), "--seed", seed)))
