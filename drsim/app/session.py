"""What the app knows of a visit: the scenario chosen, how many drills, and where both stand in the link.

The scenario of a visit is a text. Pages that edit it put another text in its place; all that is shown follows from the
text and the number of drills. Each visit has a text of its own, which no other sees but by its link.
"""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import PurePosixPath

import streamlit as st

from drsim.app import link, show, tasks, work
from drsim.errors import Problem
from drsim.scenario import ObjectiveSet, Scenario, check_text, dump_scenario
from drsim.scenario.load import Checked
from drsim.scenario.shipped import shipped_scenarios
from drsim.scenario.starter import starter_text
from drsim.study.drills import joined, with_settings
from drsim.study.results import Result

FIRST = "web-shop"
"""The scenario that a first visit shows."""

DEFAULT_DRILLS = 500
"""Enough to decide most verdicts, and quick: an attainment of 95 % takes 72 drills at least."""

MOST_DRILLS = 5000
"""More take longer than anybody watches a page; the command line takes more."""

MINE, PLAN = "mine", "aws-plan"
"""What can be chosen beside the shipped scenarios: a text of one's own, and a plan document to start one from."""

READING = work.Limits(longest_s=20.0, memory_bytes=2**30)
"""What reading a file of 5 MB may take: the largest that means well takes a fifth of it."""

NUMBERS = ("drills", "incident-drill", "incident-percentile")
"""What a link holds for widgets of numbers."""

_DIGITS = 9
"""Digits of these, at most."""

_UPLOADS = {MINE: "upload", PLAN: "upload-plan"}
"""Keys of the widgets that take files."""

_BEFORE, _UNDONE = "before", 20
"""Key of the session: for each change of the scenario the text that it made, and what was chosen before; and how many
of these are kept."""

_TEXT, _REJECTED, _SAID, _WARNED, _CHOOSE, _UNREAD = "own-text", "rejected", "said", "warned", "choose", "unread"
"""Keys of the session: a `_Own`; a file with errors and these; what is to be said once, good and bad; what the picker
of scenarios is to show next, since a widget's value cannot be set once it is drawn; and whether a file has come that is
still to be read."""


@dataclass(frozen=True)
class _Own:
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


@dataclass(frozen=True)
class Study:
    """All strategies of a scenario against all its disruptions.

    Attributes:
        source: of the scenario, as in `Draft`.
        scenario: what was studied.
        result: what was found out.
        key: a digest of all that went into it.
        is_full: whether this is as full as it gets, and no first answer.
    """

    source: str
    scenario: Scenario
    result: Result
    key: str
    is_full: bool

    @property
    def command(self) -> str:
        """The command that repeats it."""
        run = self.result.run
        return shlex.join(("drsim", "run", self.source, "--drills", str(run["drills"]), "--seed", str(run["seed"])))

    def objectives(self, disruption: str, subject: str) -> ObjectiveSet:
        """Return the objectives that hold for an application or resource under a disruption."""
        return self.scenario.applications[subject.split(".", maxsplit=1)[0]].objectives.under(disruption)


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
                    on_change=_note_file,
                    help="YAML, at most 5 MB",
                )
            elif st.session_state["scenario"] == PLAN:
                st.file_uploader(
                    "AWS Backup plan",
                    type=["json"],
                    key="upload-plan",
                    on_change=_note_file,
                    help="The JSON that `aws backup get-backup-plan` prints. It protects a small estate, to be edited.",
                )
            if st.session_state["scenario"] == MINE:
                if (own := _own()) is not None:
                    show.text(f"Now: {own.source}")
                st.button("Start from a small example", on_click=_take_starter)
        _drills()
        with st.container():
            _take_file()
    _remember()


def identity() -> str:
    """Return what tells the scenario of this visit from all others."""
    own = _own()
    name: str = st.session_state["scenario"]
    return work.digest_of(own.text) if name == MINE and own is not None else name


def share() -> None:
    """Say, at the end of the sidebar, how to pass on what is seen."""
    with st.sidebar:
        own = _own()
        if own is not None and link.packed(own.text) is None:
            st.caption("This scenario is too large for a link: send the file (Estate, Download) with it.")
        else:
            st.caption("To share this view, copy the address of the page: it holds the scenario and all choices.")


def drills() -> int:
    """Return the drills per strategy and disruption."""
    return int(st.session_state.get("drills", DEFAULT_DRILLS))


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
        source, (scenario, errors, warnings), text = name, _shipped(name), _complete(name)
    else:
        own = _own()
        if _REJECTED in st.session_state:
            _show_problems(*st.session_state[_REJECTED])
            if own is not None:
                st.button("Go on with the scenario before", on_click=_forget_rejected)
            st.stop()
        if own is None or name == PLAN:
            _ask_for_a_file(name)
            st.stop()
        source, text = own.source, own.text
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
    st.session_state[_CHOOSE] = MINE


def replace(text: str, said: str, *, source: str | None = None) -> None:
    """Put another text in the place of this visit's scenario, and draw the page again.

    Args:
        text: YAML that names no files.
        said: what is shown once, after it.
        source: the file's name; left out, made from that of the scenario before.
    """
    history = [*st.session_state.get(_BEFORE, ()), (text, st.session_state.get("scenario", FIRST), _own())]
    st.session_state[_BEFORE] = history[-_UNDONE:]
    _keep(text, source or _edited(_source()), said)
    st.rerun()


def can_undo() -> bool:
    """Whether the scenario that is shown was made by a change that can be undone."""
    history, own = st.session_state.get(_BEFORE, ()), _own()
    is_mine = own is not None and st.session_state.get("scenario") == MINE
    return is_mine and bool(history) and history[-1][0] == _text(own)


def _text(own: _Own | None) -> str:
    return "" if own is None else own.text


def undo() -> None:
    """Put the scenario back that was there before the last change."""
    if can_undo():
        *st.session_state[_BEFORE], (_, name, own) = st.session_state[_BEFORE]
        if own is None:
            st.session_state.pop(_TEXT, None)
        else:
            st.session_state[_TEXT] = own
        st.session_state[_CHOOSE] = name
        st.session_state[_SAID] = "The last change is undone. All pages show the scenario as it was before."


def _keep(text: str, source: str, said: str | None = None) -> None:
    st.session_state[_TEXT] = _Own(source, text)
    st.session_state.pop(_REJECTED, None)
    st.session_state[_CHOOSE] = MINE
    if said is not None:
        st.session_state[_SAID] = said


def study(draft: Draft) -> Study:
    """Return the drills of all strategies of a scenario: a first answer where all drills take long, then the full one.

    The page waits, and ends here where it is stopped.
    """
    number = drills()
    saying = f"{number:,} drills of each strategy under each disruption"
    # of the text as it is: what is kept of a strategy may be of a text whose lines were others
    notices = work.Ask(tasks.notices_of, (draft.text, number))
    with work.under_way([notices]):
        (scenario, results, asks), is_full = work.staged(
            _study_asks(draft, number, work.FULL_S),
            lambda: _alike(draft, number, work.FULL_S, saying),
            lambda: _alike(draft, number, work.FIRST_S, f"first answer of {saying}"),
            lambda found: found[0].drills == number,
            saying=saying,
        )
    with st.container():
        said_drills(scenario.drills, is_full=is_full)
    result = _joined([*asks, notices], scenario, results, *work.results_of([notices], saying="what is worth knowing"))
    return Study(draft.source, scenario, result, work.digest([*asks, notices]), is_full)


def first_look(draft: Draft) -> Result:
    """Return a first answer of all strategies, with which a study begins, too."""
    scenario, results, asks = _alike(draft, drills(), work.FIRST_S, "a first look at all strategies")
    return _joined(asks, scenario, results, ())


def first_look_of(draft: Draft, strategy: str) -> Result | None:
    """Return what the first look found of one strategy, where it has been taken."""
    known = work.workshop().answer(strategy_ask(draft, strategy, drills(), work.FIRST_S).key)
    return known[0] if known else None


def said_drills(found: int, *, is_full: bool) -> None:
    """Say on how many drills an answer rests, where these are fewer than asked for."""
    if found >= drills():
        return
    if is_full:
        show.message(
            f"{found:,} of {drills():,} drills: each takes long here, and these are what there was time for. drsim run "
            "goes on for longer."
        )
    else:
        st.info(
            f"First answer: {found:,} of {drills():,} drills, since each takes long here. The figures are rough.",
            icon=":material/hourglass_top:",
        )


_Alike = tuple[Scenario, list[Result], list[work.Ask]]
"""A scenario with the drills of some results, these results by strategy, and their questions."""


def _alike(draft: Draft, number: int, seconds: float, saying: str) -> _Alike:
    """Return results of all strategies, of as many drills as a time allows for the slowest of them."""
    asks = _study_asks(draft, number, seconds)
    found: list[Result] = work.results_of(asks, saying=saying)
    fewest = min(result.run["drills"] for result in found)
    # all meet the same drills
    again = [
        ask if result.run["drills"] == fewest else strategy_ask(draft, name, fewest, math.inf)
        for ask, result, name in zip(asks, found, draft.scenario.strategies, strict=True)
    ]
    return with_settings(draft.scenario, drills=fewest), work.results_of(again, saying=saying), again


def foresee() -> None:
    """Begin the work that a first visit asks for, when the server starts."""
    if FIRST in shipped_scenarios() and (scenario := _shipped(FIRST)[0]) is not None:
        for ask in _study_asks(Draft(FIRST, _complete(FIRST), scenario, ()), DEFAULT_DRILLS, work.FIRST_S):
            work.workshop().foresee(ask)


def _study_asks(draft: Draft, number: int, seconds: float) -> list[work.Ask]:
    """Return the questions of what drills of all strategies find out, of as many as a time [s] allows."""
    return [strategy_ask(draft, name, number, seconds) for name in draft.scenario.strategies]


def strategy_ask(
    draft: Draft, strategy: str, number: int, seconds: float, disruptions: tuple[str, ...] = ()
) -> work.Ask:
    """Return the question of what drills of one strategy find out.

    Its answer depends on no other strategy, so that a scenario with one more asks for that one alone.

    Args:
        draft: the scenario.
        strategy: its name.
        number: of drills per disruption, at most.
        seconds: about how long they may take [s].
        disruptions: names; all where empty.
    """
    own = draft.scenario.strategies[strategy]
    used = {name for _, names in own.backup for name in names}
    plans = {name: plan for name, plan in draft.scenario.backup_plans.items() if name in used}
    alone = draft.scenario.model_copy(update={"strategies": {strategy: own}, "backup_plans": plans, "drills": number})
    return work.Ask(
        tasks.result_within,
        (draft.text, strategy, disruptions, number, seconds),
        (alone.model_dump_json(), disruptions, seconds),
    )


def _joined(asks: list[work.Ask], scenario: Scenario, results: list[Result], notices: tuple[Problem, ...]) -> Result:
    """Return the results of strategies as one, made once for all pages of a visit."""
    key = (*(ask.key for ask in asks), scenario.name)
    kept = st.session_state.get("joined")
    if kept is None or kept[0] != key:
        kept = st.session_state["joined"] = key, joined(scenario, results, notices)
    found: Result = kept[1]
    return found


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
            st.session_state[_WARNED] = f"The link asks for {value[:20]!r} where a number is wanted ({key})."
            # a widget reads the link as it was when the script began
            st.rerun()


def _recall(names: list[str]) -> None:
    """Give the picker of scenarios its value: what was put in place, its own, or the link's."""
    state, asked = st.session_state, st.query_params.get("scenario")
    if _CHOOSE in state:
        state["scenario"] = state.pop(_CHOOSE)
    if state.get("scenario") in (*names, MINE, PLAN):
        return
    if "scenario" in state:
        # shipped files can be deleted while the server runs
        gone, state["scenario"] = state["scenario"], FIRST if FIRST in names else MINE
        state[_WARNED] = (
            f"The server no longer has the scenario {gone}; this is {_title(state['scenario'])}. Choose another at the "
            "left, or upload the file."
        )
        return
    text = link.unpacked(st.query_params.get("text", "")) if asked == MINE else None
    if text is not None:
        state[_TEXT] = _Own(_file_name(st.query_params.get("file", "")), text)
    state["scenario"] = asked if asked in (*names, PLAN) or asked == MINE else FIRST if FIRST in names else MINE
    if asked is not None and asked not in (*names, MINE, PLAN):
        state[_WARNED] = (
            f"The link asks for a scenario that is not here, {asked[:80]}; this is {_title(state['scenario'])}."
        )
    elif asked == MINE and text is None:
        state[_WARNED] = "The link holds no scenario that can be read: upload the file that came with it."


def _remember() -> None:
    """Write the scenario into the link."""
    name, own = st.session_state["scenario"], _own()
    kept = {"scenario": name}
    if name == MINE and own is not None and (text := link.packed(own.text)) is not None:
        kept |= {"file": own.source, "text": text}
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


def _own() -> _Own | None:
    found: _Own | None = st.session_state.get(_TEXT)
    return found


def _source() -> str:
    """Return the name of the scenario that is shown now."""
    name: str = st.session_state.get("scenario", FIRST)
    own = _own()
    return own.source if name == MINE and own is not None else name


def _edited(source: str) -> str:
    """Return the name of an edited scenario: that of the file, or one made from the shipped scenario's."""
    return source if source.endswith((".yaml", ".yml")) else f"my-{source}.yaml"


def _file_name(text: str) -> str:
    """Return a file's name without folders; what a link or a browser says may be anything."""
    name = PurePosixPath(text.replace("\\", "/")).name[:100]
    return name if name.endswith((".yaml", ".yml", ".json")) and name.isprintable() else "scenario.yaml"


def _title(name: str) -> str:
    """Return what the picker shows for a choice."""
    if name == PLAN:
        return "a plan of AWS Backup"
    if name == MINE:
        return "a scenario of my own"
    scenario = _shipped(name)[0]
    return name if scenario is None else scenario.name


@cache
def _shipped(name: str) -> Checked:
    """Return a shipped scenario, its errors and its warnings; the same objects for all, which nobody changes."""
    path = shipped_scenarios()[name]
    return check_text(path.read_bytes(), path.name, path.parent)


@cache
def _complete(name: str) -> str:
    """Return the text of a shipped scenario; where it names plan documents, with these in place."""
    scenario, path = _shipped(name)[0], shipped_scenarios()[name]
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
        otherwise=lambda why: (None, (_unreadable(file, why),), ()),
    )


def _unreadable(file: str, why: str) -> Problem:
    return Problem(file, 0, "file-too-hard", why, "the app reads what it can read within limits", "drsim check FILE")


def _note_file() -> None:
    st.session_state[_UNREAD] = True


def _take_file() -> None:
    """Read a file that has come; one with errors does not take away the one before."""
    chosen = st.session_state["scenario"]
    if chosen not in _UPLOADS or _UNREAD not in st.session_state:
        return
    file = st.session_state.get(_UPLOADS[chosen])
    if isinstance(file, BytesIO):
        (_take_scenario if chosen == MINE else _take_plan)(file.getvalue(), _file_name(file.name))
    elif file is not None:
        # the browser still shows a file that a server before this one was sent
        st.session_state[_WARNED] = "The server no longer has the file that you uploaded: upload it again."
    st.session_state.pop(_UNREAD, None)


def _take_scenario(content: bytes, name: str) -> None:
    """Take an uploaded scenario."""
    text, (scenario, errors, _) = work.result_of(
        tasks.read,
        content,
        name,
        saying="the file is read",
        limits=READING,
        otherwise=lambda why: ("", (None, (_unreadable(name, why),), ())),
    )
    if scenario is None:
        st.session_state[_REJECTED] = name, errors
    else:
        _replace(text, name)


def _take_plan(content: bytes, name: str) -> None:
    """Take an uploaded plan document into a small scenario."""
    text, errors = work.result_of(
        tasks.read_plan,
        content,
        name,
        saying="the file is read",
        limits=READING,
        otherwise=lambda why: (None, (_unreadable(name, why),)),
    )
    if text is None:
        st.session_state[_REJECTED] = name, errors
    else:
        _replace(
            text,
            "from-aws-plan.yaml",
            "Your plan protects a small example estate: put your applications and resources in its place on the "
            "page Estate. The page What if tries changes of the plan.",
        )


def _replace(text: str, source: str, said: str | None = None) -> None:
    st.session_state.pop(_UNREAD, None)
    _keep(text, source, said)
    st.rerun()


def _take_starter() -> None:
    _keep(starter_text(), "scenario.yaml", "A small example. Change what you like on the page Estate.")


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
