"""The response: how long people take, and the recovery steps without data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from drsim.changes import edits
from drsim.changes.knob import Knob, Target, scale
from drsim.changes.model import Change, Edit, ScenarioChange, WorldChange, WorldEdit
from drsim.changes.reach import Studied
from drsim.changes.relief import NOTHING, Relief
from drsim.changes.spread import with_median
from drsim.changes.uncertain import HIGH, LOW, SCENARIO, End, Input, Label, ends_of
from drsim.distributions import Constant, Distribution
from drsim.scenario import Scenario
from drsim.units import DAY_S, HOUR_S, MINUTE_S, duration_s

_HUMAN_S = (
    *(k * MINUTE_S for k in (0, 1, 5, 10, 15, 20, 30)),
    *(k * HOUR_S for k in (1, 2, 4, 8, 12)),
    *(k * DAY_S for k in (1, 2, 3)),
)

_FIELDS = {
    "detect": "detect",
    "declare": "declare",
    "inspect": "inspection",
    "validate": "validation",
    "redirect": "redirection",
}
"""Fields of the response, by their keys in a scenario."""

_LABELS = {
    "detect": "Detect, median",
    "declare": "Declare, median",
    "inspect": "Inspect an infected point, median",
    "validate": "Validate, median",
    "redirect": "Redirect users, median",
}


def _takes(field: str) -> Callable[[Distribution], Edit]:
    return lambda duration: edits.on_response(**{field: duration})


def _step_takes(application: str, step: str, duration: Distribution) -> Edit:
    return edits.on_steps([(application, step)], duration=duration)


def _people_take(**durations: Distribution) -> WorldEdit:
    """Return the edit of the response of a world: `detect`, `declare`, `inspection` and so on."""
    return lambda world: replace(world, **durations)  # type: ignore[arg-type]


def _steps_take(duration: Distribution) -> WorldEdit:
    return lambda world: replace(world, steps=tuple(replace(step, duration=duration) for step in world.steps))


TIMES = {
    key: ScenarioChange(f"response.{key}", "response", f"time to {key}", _takes(field), _HUMAN_S)
    for key, field in _FIELDS.items()
}
"""The changes of the response, by key."""

STEP = ScenarioChange("response.step", "response", "how long a recovery step without data takes", _step_takes)
PEOPLE = WorldChange("response.people", "response", "how long people take", _people_take)
STEPS = WorldChange("response.steps", "response", "how long all steps without data take", _steps_take)

CHANGES: tuple[Change, ...] = (*TIMES.values(), STEP, PEOPLE, STEPS)


def knobs(scenario: Scenario) -> Iterator[Knob]:
    """Yield the medians of the response."""
    for key, change in TIMES.items():
        present, options = scale(_time(scenario, key).quantile(0.5), _HUMAN_S)
        about = "The spread goes with it."
        yield Knob(change, f"response/{key}", (), _LABELS[key], present, options, _median(key), about=about)


def _median(key: str) -> Callable[[Target, str], Edit]:
    """Return what puts another median in the place of the present one."""

    def edit(_: Target, text: str) -> Edit:
        return lambda scenario: TIMES[key].edit(with_median(_time(scenario, key), duration_s(text)))(scenario)

    return edit


def _time(scenario: Scenario, key: str) -> Distribution:
    duration: Distribution = getattr(scenario.response, _FIELDS[key])
    return duration


def inputs(of: Studied) -> Iterator[Input]:
    """Yield the human steps of the response, and recovery steps without data."""
    for key, change in TIMES.items():
        low, high = ends_of(_time(of.scenario, key), "duration", change.edit)
        yield Input("people", Label(change.words), low, high, SCENARIO, change=change)
    others: list[tuple[str, str]] = []
    for application, written in of.scenario.applications.items():
        for name, step in written.steps.items():
            if application in of.before:
                low, high = ends_of(step.duration, "duration", _of_step(application, name))
                yield Input("people", Label(f"step {name}", application), low, high, SCENARIO, change=STEP)
            elif application in of.reach.applications and not step.duration.is_constant:
                others.append((application, name))
    if others:
        yield Input("people", Label("steps of other applications"), *_each_step(of, others), SCENARIO, change=STEP)


def _of_step(application: str, step: str) -> Callable[[Distribution], Edit]:
    return lambda duration: STEP.edit(application, step, duration)


def _each_step(of: Studied, steps: Sequence[tuple[str, str]]) -> tuple[End, End]:
    """Return both ends of several steps at once, each at its own percentile."""

    def end(q: float, word: str) -> End:
        durations = [of.scenario.applications[app].steps[step].duration.quantile(q) for app, step in steps]
        chosen = [STEP.edit(*step, Constant(value)) for step, value in zip(steps, durations, strict=True)]
        return End(f"each at its {word}", edits.together(chosen))

    return end(LOW, "p5"), end(HIGH, "p95")


INSTANT_START = Relief(PEOPLE, "instant detection and declaration", PEOPLE.edit(detect=NOTHING, declare=NOTHING))
CLEAN_KNOWN = Relief(PEOPLE, "the clean point known at once", PEOPLE.edit(inspection=NOTHING))
INSTANT_END = Relief(PEOPLE, "instant validation and redirection", PEOPLE.edit(validation=NOTHING, redirection=NOTHING))
STEPS_DONE = Relief(STEPS, "the steps without data done beforehand", STEPS.edit(NOTHING))
