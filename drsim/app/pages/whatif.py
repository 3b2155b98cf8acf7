"""The page of what-if questions: a strategy and its world changed knob by knob, the answer beside it at once."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.app import drafts, pick, rests, session, show, studies, work
from drsim.app.questions import Question
from drsim.errors import Problem
from drsim.report.schedules import schedule_words
from drsim.report.whatif import Figure, change_chart, change_table, figures, reached
from drsim.scenario.load import Checked
from drsim.scenario.variants import NONE, WORLD, Group, Knob, applied, kept, knobs, legal, with_changes
from drsim.study.measures import wanted
from drsim.study.results import Result

_Both = tuple[drafts.Draft, drafts.Draft]
"""The scenario as it is, and changed."""

_FIRST_DRILLS = 500
"""Drills of the first answer, under the chosen disruption alone."""

_FIRST_S, _FULL_S = 0.7, 3.0
"""How long an answer may take where each drill takes long; there are fewer drills then, and the page says so."""

_CHANGES, _NAME, _PATIENT = "whatif-changes", "whatif-name", "whatif-patient"
"""Keys of the session: changes by knob; a name; the changes whose drills are all awaited."""

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

_COLOURS = {"better": "green", "worse": "red", "other": "off", "same": "off"}


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
    found = knobs(draft.scenario, strategy, disruption)
    with st.container():
        changes = legal(found, _recalled())
        if st.session_state.get(_UNREADABLE):
            show.message("The link holds changes that cannot be read: nothing is changed here.")
    _write(_CHOSEN, changes)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        _summary(found, changes)
        _panel(found, changes)
    with right:
        # there even where it is empty: what is open below stays open
        with st.container():
            text, checked = _checked(draft, strategy, disruption, changes)
            if checked[0] is None:
                problems, changes = checked[1], legal(found, _read(st.query_params.get(_ANSWERED, "")))
                text, checked = _checked(draft, strategy, disruption, changes)
                _refusal(problems, _listed(found, changes))
        if checked[0] is None:  # a link may hold anything
            changes, text, checked = {}, draft.text, (draft.scenario, (), draft.warnings)
        _write(_ANSWERED, changes)
        after, base = _answers(draft, strategy, disruption, text, checked)
        _take_along(draft, strategy, disruption, changes, int(after.run["drills"]))
        if base is not None:
            rests.say_how_far(base, text, after, draft.source)


# changes, which stand in the link while this page is shown


def _recalled() -> dict[str, str]:
    """Return all changes of this visit, at first those of the link."""
    if _CHANGES not in st.session_state:
        asked = st.query_params.get(_CHOSEN, "")
        st.session_state[_CHANGES] = _read(asked)
        st.session_state[_UNREADABLE] = bool(asked) and not st.session_state[_CHANGES]
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
    return schedule_words if knob.key.endswith("/every") else str


_LABELS = {
    "every": "Schedule",
    "schedule": "Schedule",
    "start_window": "Start window",
    "delete_after": "Kept for",
    "cold_storage_after": "To cold storage after",
    "enable_continuous_backup": "Continuous",
}
"""What keys of a scenario are called on this page."""

_QUOTED = re.compile(r"`(\w+)(?:: ([^`]*))?`")
"""A key of a scenario, perhaps with a value, as problems write it."""


def _refusal(problems: Sequence[Problem], before: str) -> None:
    """Say why AWS refuses the changed scenario, with the repair, and what is answered instead."""
    for problem in problems:
        show.message(f"AWS does not take this: {_in_words(problem)}")
    show.message(f"Below is the answer to the last change that it takes: {before or 'none; the strategy as it is'}.")


def _in_words(problem: Problem) -> str:
    """Return a problem in the words of this page."""
    text = f"{problem.found}: {problem.rule}{'; ' if problem.repair else ''}{problem.repair}."
    return _QUOTED.sub(lambda quoted: f"“{_LABELS.get(quoted[1], quoted[1])}” {quoted[2] or ''}".strip(), text)


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
    modes = [changes.get(k.key, k.present) for k in group if k.key.endswith("/mode")]
    return knob.group == "standby" and not knob.key.endswith("/mode") and modes == [NONE]


def _one_of(label: str, key: str, owners: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Ask whose knobs are to be shown; whom another strategy has, and this one has not, is forgotten."""
    # a plan that all rules are of tells nothing, and narrow pages have no room for it
    told = slice(-1, None) if len({owner[0] for owner in owners}) == 1 else slice(None)
    names = {" / ".join(owner[told]): owner for owner in owners}
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


# the answer


def _answers(
    draft: drafts.Draft, strategy: str, disruption: str, text: str, checked: Checked
) -> tuple[Result, DeltaGenerator | None]:
    """Show a first answer at once and the full one when it is there; return it, and where a full one says its base."""
    scenario, _, warnings = checked
    if scenario is None:
        raise ValueError("only what AWS accepts can be answered")
    changed = drafts.Draft(draft.source, text, scenario, warnings)
    both, drills, seconds = (draft, changed), session.drills(), _full_s(text)
    full = _questions(both, strategy, (), drills, seconds)
    saying = f"{drills:,} drills under each disruption"

    def first() -> list[Result]:
        number = min(drills, _FIRST_DRILLS)
        looked = studies.first_look_of(draft, strategy)
        if looked is not None and text == draft.text:
            return [looked, looked]
        # worked on while the first answer is worked out and drawn
        with work.under_way(full):
            return _answered(both, strategy, (disruption,), number, _FIRST_S, f"first answer, {number:,} drills")

    (before, after), is_full = work.staged(
        full, lambda: _answered(both, strategy, (), drills, seconds, saying), first, lambda _: False, saying=saying
    )
    with st.container():
        base = None
        of = reached(after, disruption, st.session_state["subject"])
        if is_full:
            _certainty(after, text, of)
            base = st.container()  # filled last: the answer does not wait for it
        else:
            st.caption(
                f"First answer: {after.run['drills']:,} drills under the chosen disruption. Shares and percentiles are "
                f"of {of}. The full one is on its way."
            )
    _answer(changed, before, after, disruption)
    if is_full:
        show.table(change_table(before, after, st.session_state["subject"]))
        new = [problem for problem in warnings if problem.found not in {known.found for known in draft.warnings}]
        if new:
            with st.expander(f"What AWS makes of the change: {len(new)} warnings", expanded=True):
                for problem in new:
                    show.message(_in_words(problem))
    return after, base


def _full_s(text: str) -> float:
    """Return how long the full answer may take [s]: as long as it takes where the visitor wants all drills."""
    return math.inf if st.session_state.get(_PATIENT) == text else _FULL_S


def _certainty(result: Result, text: str, of: str) -> None:
    """Say which drills the answer rests on; where these are fewer than asked for, why, and offer the rest."""
    st.caption(
        f"{result.run['drills']:,} drills under each disruption. Shares and percentiles under the chosen one are of "
        f"{of}, with 95 % intervals."
    )
    if result.run["drills"] < session.drills():
        show.message(
            f"Only {result.run['drills']:,} of {session.drills():,} drills: so many jobs wait for each other that each "
            "drill takes long. The figures are rough."
        )
        st.button(f"Take the time for all {session.drills():,} drills", on_click=_wait_for, args=(text,))


def _wait_for(text: str) -> None:
    st.session_state[_PATIENT] = text


def _questions(both: _Both, strategy: str, disruptions: tuple[str, ...], drills: int, seconds: float) -> list[Question]:
    """Return the questions of what a strategy finds out as it is and changed, for as many drills as a time allows.

    Args:
        both: the scenario as it is and changed.
        strategy: its name.
        disruptions: names; all where empty.
        drills: per disruption, at most.
        seconds: about how long each may take [s].
    """
    return [studies.strategy_question(draft, strategy, drills, seconds, disruptions) for draft in both]


def _answered(
    both: _Both, strategy: str, disruptions: tuple[str, ...], drills: int, seconds: float, saying: str
) -> list[Result]:
    """Return both answers, of as many drills as the one that had time for fewer; arguments as for `_questions`."""
    results: list[Result] = work.results_of(_questions(both, strategy, disruptions, drills, seconds), saying=saying)
    fewer = min(result.run["drills"] for result in results)
    # differences are of the same drills, with the same luck
    shorter = zip(_questions(both, strategy, disruptions, fewer, math.inf), results, strict=True)
    again = iter(work.results_of([ask for ask, had in shorter if had.run["drills"] > fewer], saying=saying))
    return [next(again) if had.run["drills"] > fewer else had for had in results]


def _answer(changed: drafts.Draft, before: Result, after: Result, disruption: str) -> None:
    """Show the figures and the curves."""
    subject: str = st.session_state["subject"]
    shown = figures(before, after, disruption, subject)
    for k in range(0, len(shown), 3):
        for column, figure in zip(st.columns(3), shown[k : k + 3], strict=False):
            with column:
                _metric(figure)
    objectives = changed.scenario.applications[subject.split(".", maxsplit=1)[0]].objectives.under(disruption)
    for column, measure in show.in_columns("whatif", wanted([objectives])):
        with column:
            show.chart(
                change_chart(before, after, disruption, subject, objectives, measure.column),
                f"what-if-{measure.words.replace(' ', '-')}",
                alt=f"Probability that {measure.words} of {subject} exceeds a value, as it is and changed, of the "
                "drills that reach it.",
            )


def _metric(figure: Figure) -> None:
    arrow = "off" if figure.up is None else "up" if figure.up else "down"
    st.metric(
        figure.label,
        figure.value,
        figure.change,
        delta_color=_COLOURS[figure.sense],  # type: ignore[arg-type]  # the values are colours
        delta_arrow=arrow,  # type: ignore[arg-type]  # the values are arrows
    )
    st.caption(figure.interval or " ")


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
