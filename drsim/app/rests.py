"""How far what a page shows rests on estimates: worked out last, shown beside the answer."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from drsim.app import show, tasks, work
from drsim.app.questions import Question
from drsim.report.estimates import estimates_line
from drsim.study.results import Result


def say_how_far(place: DeltaGenerator, text: str, result: Result, source: str) -> None:
    """Say on how many catalogue values a result rests, how many are estimated, and which of them moves it most.

    Args:
        place: where to say it.
        text: the scenario.
        result: of it.
        source: the scenario as commands name it.
    """
    strategies, drills = tuple(result.run["strategies"]), int(result.run["drills"])
    question = Question(
        tasks.estimates_of,
        (text, strategies, drills, result.summary),
        (text, strategies, tuple(result.run["disruptions"]), drills),
    )
    estimates = work.results_of([question], saying="how far this rests on estimates")[0]
    with place:
        show.small(estimates_line({**result.run, "estimates": estimates}, source))
