"""What the app has its worker processes do: functions of a scenario's text and plain arguments, without Streamlit.

Each returns data that nobody changes. What their arguments have in common: `text` is a scenario; `strategy`,
`disruption` and `application` are names of its; `drills` is the number of drills per disruption, at most; `seconds` is
about how long the work may take [s]; and `progress` is called with what is done and what there is to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from drsim.app.questions import Reporter
from drsim.errors import Problem
from drsim.planner.answer import Plan
from drsim.planner.plan import OutOfTimeError, Search, Step
from drsim.planner.reasons import Reasons, reasons
from drsim.planner.settings import settings
from drsim.report.html import html_report
from drsim.report.plans import progress_words
from drsim.report.story import story
from drsim.report.timeline import Timeline, timeline
from drsim.scenario import Scenario, check_text, read_scenario
from drsim.scenario.load import Checked
from drsim.scenario.starter import text_from_plan
from drsim.study.bench import Bench
from drsim.study.costs import ForEver
from drsim.study.drills import run_bench
from drsim.study.estimates import estimates, rests_on
from drsim.study.explain import investigate
from drsim.study.heartbeat import Heartbeat, worked_on, working_on
from drsim.study.notices import MEASURED, notices
from drsim.study.results import Result
from drsim.study.sensitivity import Sensitivity, sensitivity
from drsim.study.settings import with_settings
from drsim.study.within import ranking_within, run_within
from drsim.world import World

Progress = Callable[[int, int], None]


def read(content: bytes, file: str, *, progress: Progress) -> tuple[str, Checked]:
    """Return the text of a scenario file, empty where it has errors, with the scenario, its errors and its warnings.

    `content` is the file's, which may be anything; `file` is its name.
    """
    del progress
    checked = check_text(content, file)
    return "" if checked[0] is None else content.decode("utf-8-sig"), checked


def read_plan(content: bytes, file: str, *, progress: Progress) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text of a small scenario that a plan document of AWS protects, and its errors; arguments as above."""
    del progress
    return text_from_plan(content, file)


def check(text: str, file: str, *, progress: Progress) -> Checked:
    """Return the scenario that a text says, its errors and its warnings.

    The text is a visitor's, or of a link: it may be anything. `file` is the name that problems have.
    """
    del progress
    return check_text(text, file)


def incidents_file(text: str, strategy: str, drills: int, *, progress: Progress) -> bytes:
    """Return the incidents of a strategy against all disruptions as a Parquet file."""
    with TemporaryDirectory(prefix="drsim-") as folder:
        path = Path(folder) / "incidents.parquet"
        result = run_bench(_bench(text, strategy).part(drills=drills), workers=1, progress=progress)
        result.log.write(path)
        return path.read_bytes()


@lru_cache(maxsize=4)
def _read(text: str) -> Scenario:
    """Return what a text says, which nobody changes: most questions of a visit are about the same one."""
    return read_scenario(text)


@lru_cache(maxsize=4)
def _bench(text: str, strategy: str) -> Bench:
    """Return the bench of a strategy, likewise."""
    return Bench(_read(text), strategies=(strategy,))


def _world(text: str, strategy: str) -> World:
    """Return the world of a strategy, which is built once."""
    return _bench(text, strategy).world(strategy)


def drills_by_rank(
    text: str,
    strategy: str,
    disruption: str,
    drills: int,
    seconds: float,
    measure: str,
    subject: str,
    *,
    progress: Progress,
) -> tuple[tuple[int, ...], int]:
    """Return the numbers of the drills that affected a subject, least downtime or data loss first, of how many.

    They are ranked by `measure`, a column of the log, of one of `drsim.study.measures`; `subject` is `app` or
    `app.resource`.
    """
    bench = _bench(text, strategy).part(disruptions=(disruption,))
    return ranking_within(bench, drills, seconds, measure, subject, progress=progress)


def incident(
    text: str, strategy: str, disruption: str, drill: int, application: str, drills: int, *, progress: Progress
) -> tuple[Timeline, str, dict[str, Any]]:
    """Return an application's drill of a number as data for charts, the story of the whole incident, and its base.

    The base is on how many catalogue values they rest, as `drsim.study.estimates.rests_on` counts them.

    `drill` is its number; `drills` are of each unit, in the study whose drill it is.
    """
    scenario, world = _read(text), _world(text, strategy)
    investigation = investigate(_bench(text, strategy), disruption, drill, application, drills=drills)
    progress(1, 3)  # what would have shortened it takes longer
    rests = rests_on(scenario, {strategy: world}, [(strategy, disruption)])
    return timeline(investigation, application), story(investigation), rests


def incident_alone(
    text: str, strategy: str, disruption: str, drill: int, application: str, drills: int, *, progress: Progress
) -> tuple[Timeline, dict[str, Any]]:
    """Return what `incident` does, but for the story and for what would have helped, which takes longest."""
    del progress
    scenario, world = _read(text), _world(text, strategy)
    investigation = investigate(_bench(text, strategy), disruption, drill, application, drills=drills)
    rests = rests_on(scenario, {strategy: world}, [(strategy, disruption)])
    return timeline(investigation, application, tries_changes=False), rests


def estimates_of(
    text: str, strategies: tuple[str, ...], drills: int, summary: pd.DataFrame, *, progress: Progress
) -> dict[str, Any]:
    """Return how far a result rests on estimates, as `drsim.study.estimates.estimates` tells.

    `strategies`, `drills` and `summary` are those of the result.
    """
    del progress
    scenario = with_settings(_read(text), drills=drills)
    return estimates(scenario, {name: _world(text, name) for name in strategies}, summary)


def sensitivity_part(
    text: str,
    strategy: str,
    disruption: str,
    subject: str,
    drills: int,
    part: int,
    parts: int,
    seconds: float,
    *,
    progress: Progress,
) -> Sensitivity:
    """Return how far some of the inputs of a scenario move what is measured.

    They are those of one part of several, numbered from 0; `subject` is `app` or `app.resource`, and each run has so
    many drills.
    """
    return sensitivity(
        _read(text),
        strategy,
        disruption,
        subject,
        drills=drills,
        part=(part, parts),
        seconds=seconds,
        progress=progress,
    )


def result_within(
    text: str, strategy: str, disruptions: tuple[str, ...], drills: int, seconds: float, *, progress: Progress
) -> Result:
    """Return what drills of one strategy find out, of as many as a time allows, without incidents and notices.

    All disruptions where none is named.
    """
    bench = _bench(text, strategy).part(disruptions=disruptions)
    return run_within(bench, drills, seconds, is_part=True, progress=progress)


def notices_of(text: str, drills: int, *, progress: Progress) -> tuple[Problem, ...]:
    """Return what laws and prices tell of a scenario, at its lines."""
    del progress
    return notices(with_settings(_read(text), drills=drills), MEASURED)


def for_ever(text: str, *, progress: Progress) -> dict[str, list[ForEver]]:
    """Return what is kept for ever under each strategy, and what it comes to in years."""
    scenario = _read(text)
    kept = {}
    for k, name in enumerate(scenario.strategies, 1):
        kept[name] = _bench(text, name).kept_for_ever(name)
        progress(k, len(scenario.strategies))
    return kept


def report(result: Result, source: str, *, progress: Progress) -> str:
    """Return the report of a study as one HTML file.

    `source` is the scenario as commands name it.
    """
    del progress
    return html_report(result, source)


_BEAT_S = 0.5
"""How often a search says how far it is [s]."""


def plan(text: str, seconds: float, *, progress: Reporter) -> tuple[Plan, Reasons | None]:
    """Return the cheapest plan that meets the objectives, and what explains it.

    It is the best so far, without explanation, where the work is asked to end, or time is over.
    """
    end_s, last, stopped = time.monotonic() + seconds, list[Step](), ""

    def look_around() -> None:
        if progress.is_to_end or time.monotonic() > end_s:
            raise OutOfTimeError

    def tell() -> None:
        progress.say(progress_words(worked_on(), last[-1] if last else None))

    search = Search(settings(_read(text)), look_around)
    with Heartbeat(tell, _BEAT_S):
        try:
            for step in search.steps():
                last[:] = [step]
                progress(step.done, step.total)
        except OutOfTimeError:
            stopped = "by hand" if progress.is_to_end else f"after {seconds:g} s"
        answer = search.plan(stopped)
        working_on("what less and more would cost")
        return answer, None if stopped else reasons(search)
