"""What the disruption and the people leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from drsim.catalogue import Leaf
from drsim.distributions import Constant, Distribution
from drsim.study import edits
from drsim.study.edits import Edit
from drsim.study.inputs.model import HIGH, LOW, SCENARIO, End, Input, ends_of, halves, together, world_ends
from drsim.study.inputs.reach import Studied
from drsim.units import format_number
from drsim.world import World

_RESPONSE = {
    "detect": "time to detect",
    "declare": "time to declare",
    "validation": "time to validate",
    "redirection": "time to redirect",
}


def people(of: Studied) -> Iterator[Input]:
    """Yield the human steps of the response, and recovery steps without data."""
    for key, name in _RESPONSE.items():
        value: Distribution = getattr(of.scenario.response, key)
        low, high = ends_of(value, "duration", lambda v, key=key: edits.on_response(**{key: v}))  # type: ignore[misc]
        yield Input("people", name, low, high, SCENARIO)
    others: list[tuple[str, str]] = []
    for app, written in of.scenario.applications.items():
        for step, each in written.steps.items():
            if app in of.before:
                low, high = ends_of(each.duration, "duration", _step(app, step))
                yield Input("people", f"{app}: step {step}", low, high, SCENARIO)
            elif app in of.reach.applications and not each.duration.is_constant:
                others.append((app, step))
    if others:
        yield Input("people", "steps of other applications", *_each_step(of, others), SCENARIO)


def _step(app: str, step: str) -> Callable[[Distribution], Edit]:
    return lambda value: edits.on_steps([(app, step)], duration=value)


def _each_step(of: Studied, wanted: Sequence[tuple[str, str]]) -> tuple[End, End]:
    """Return both ends of several steps at once, each at its own percentile."""

    def end(q: float, word: str) -> End:
        values = [of.scenario.applications[app].steps[step].duration.quantile(q) for app, step in wanted]
        changes = [_step(*key)(Constant(value)) for key, value in zip(wanted, values, strict=True)]
        return End(f"each at its {word}", together(changes))

    return end(LOW, "p5"), end(HIGH, "p95")


def disruption(of: Studied) -> Iterator[Input]:
    """Yield what the disruption itself leaves open."""
    name = of.disruption
    written = of.scenario.disruptions[name]
    kind = of.catalogue.disruptions[written.kind]
    for key, words, leaf in (("duration", "how long it lasts", kind.duration), ("dwell", "dwell", kind.dwell)):
        given: Distribution | None = getattr(written, key)
        value = given or (leaf.value if leaf else None)
        if value is not None and (key == "dwell" or kind.ends):
            low, high = ends_of(
                value,
                "duration",
                lambda v, key=key: edits.on_disruption(name, **{key: v}),  # type: ignore[misc]
            )
            yield Input("disruption", f"{name}: {words}", low, high, *_known(given, leaf), parameter=key)
    if kind.backups_attacked is not None:
        p = written.backups_attacked.mean if written.backups_attacked else kind.backups_attacked.value
        low, high = halves(p, lambda v: edits.on_disruption(name, backups_attacked=Constant(v)))
        known = _known(written.backups_attacked, kind.backups_attacked)
        label = f"{name}: backups in reach are destroyed"
        yield Input("disruption", label, low, high, *known, parameter="backups_attacked")
    if kind.ends:
        yield from _impairments(of)
    yield _rate(of)
    yield from _rebuilds(of)


def _known(given: object, leaf: Leaf[Any] | None) -> tuple[str, tuple[str, ...]]:
    """Return basis and source of a value that the scenario gives, or else the catalogue."""
    return (SCENARIO, ()) if given is not None or leaf is None else (leaf.basis, leaf.source)


def _impairments(of: Studied) -> Iterator[Input]:
    written = of.scenario.disruptions[of.disruption]
    kind = of.catalogue.disruptions[written.kind]
    own = {str(step): value for step, value in (written.impairs or {}).items()}
    chances = {step: leaf.value for step, leaf in kind.impairs.items()} | {k: v.mean for k, v in own.items()}
    for step, p in chances.items():

        def impaired(v: float, step: str = step) -> Edit:
            return edits.on_disruption(of.disruption, impairs={**own, step: Constant(v)})

        low, high = halves(p, impaired)
        words = f"{of.disruption}: {step} wait for its end"
        known = _known(own.get(step), kind.impairs.get(step))
        yield Input("disruption", words, low, high, *known, parameter="impairs")


_PER = {"region": "Region", "service": "service of a Region"}
"""Units that a rate counts by, where they have other words than the catalogue's."""


def _rate(of: Studied) -> Input:
    written = of.scenario.disruptions[of.disruption]
    kind = of.catalogue.disruptions[written.kind]
    region = of.scenario.sites[of.scenario.applications[of.application].site].region
    leaf = kind.rate(region, of.scenario.region_likes.get(region))
    if written.total_rate is not None:
        rate, per = written.total_rate, "in all"
    else:
        rate, per = (
            leaf.value if written.rate is None else written.rate,
            f"per {_PER.get(kind.rate_per, kind.rate_per)}",
        )
    low, high = (
        End(f"{format_number(rate * by)} /year {per} ({word})") for by, word in ((0.5, "half"), (2.0, "double"))
    )
    # what strikes twice as often costs twice as much, and nothing has to be run
    return Input(
        "disruption",
        f"{of.disruption}: how often it strikes",
        low,
        high,
        *_known(written.rate if written.total_rate is None else written.total_rate, leaf),
        in_drills=False,
        factors=(0.5, 2.0),
    )


def _rebuilds(of: Studied) -> Iterator[Input]:
    """Yield how long the business is down when data are lost for good: the subject's, and those that it waits for."""
    leaf = of.catalogue.rebuild
    for app in of.scenario.applications:
        given = of.scenario.applications[app].rebuild
        if app == of.application or (app in of.before and given is not None):
            low, high = world_ends(given or leaf.value, _rebuilt(app))
            yield Input("disruption", f"{app}: rebuild", low, high, *_known(given, leaf), parameter="rebuild")


def _rebuilt(name: str) -> Callable[[Distribution], Callable[[World], World]]:
    """Return the change of an application's rebuild, which waits for it or not as before."""

    def put(value: Distribution) -> Callable[[World], World]:
        return lambda world: replace(
            world,
            applications=tuple(replace(app, rebuild=value) if app.name == name else app for app in world.applications),
        )

    return put
