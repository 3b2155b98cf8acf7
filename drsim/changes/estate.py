"""The estate: how large resources are, and how much of them changes in a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from drsim.changes import edits
from drsim.changes.model import Change, Edit, ScenarioChange
from drsim.changes.reach import Studied
from drsim.changes.uncertain import SCENARIO, STEPS, End, Input, Label, ends_of, show
from drsim.distributions import Distribution
from drsim.scenario import Resource
from drsim.scenario.subjects import application_of
from drsim.units import format_size


def _sized(resources: Collection[str], factor: float) -> Edit:
    """Return the edit of the size of some resources, their objects with it."""

    def changed(resource: Resource) -> Resource:
        objects = None if resource.objects is None else resource.objects * factor
        return resource.model_copy(update={"size": resource.size * factor, "objects": objects})

    return edits.on_resources(resources, changed)


def _changing_at(resources: Collection[str], rate: float) -> Edit:
    return edits.on_resources(resources, lambda resource: resource.model_copy(update={"change_rate": rate}))


def _changing_by(resources: Collection[str], factor: float) -> Edit:
    """Return the edit that multiplies the change rates of some resources, at most to all of them a day."""
    return edits.on_resources(
        resources, lambda r: r.model_copy(update={"change_rate": _multiplied(r.change_rate, factor)})
    )


def _multiplied(rate: float | None, factor: float) -> float | None:
    return None if rate is None else min(1.0, rate * factor)


SIZE = ScenarioChange("estate.size", "estate", "how large resources are", _sized)
CHANGE_RATE = ScenarioChange("estate.change-rate", "estate", "how much changes in a day", _changing_at)
CHANGE_FACTOR = ScenarioChange("estate.change-factor", "estate", "how much more changes in a day", _changing_by)

CHANGES: tuple[Change, ...] = (SIZE, CHANGE_RATE, CHANGE_FACTOR)


def inputs(of: Studied) -> Iterator[Input]:
    """Yield sizes and change rates: of the subject's own application one by one, of all others together."""
    apart = [[name] for name in of.subjects if application_of(name) == of.application]
    others = [name for name in of.subjects if application_of(name) != of.application]
    groups = [*apart, others] if others else apart
    for names in groups:
        yield _size_input(of, names)
    yield from _type_inputs(of)
    for names in groups:
        written = [name for name in names if of.subjects[name].resource.change_rate]
        if written:
            yield _change_input(of, written)


def _type_inputs(of: Studied) -> Iterator[Input]:
    """Yield the catalogue's change rate of each type, where resources have none of their own."""
    by_type: dict[str, list[str]] = {}
    for name, subject in of.subjects.items():
        if subject.resource.change_rate is None:
            by_type.setdefault(subject.resource.type, []).append(name)
    for kind, names in by_type.items():
        leaf = of.catalogue.types[kind].change_rate
        low, high = ends_of(leaf.value, "change-rate", _at_mean(names))
        yield Input(
            "estate",
            Label("change rate", kind),
            low,
            high,
            leaf.basis,
            leaf.source,
            in_drills=bool(of.moving(names)),
            in_costs=True,
            parameter="change_rate",
            resources=tuple(names),
            change=CHANGE_RATE,
        )


def _at_mean(names: Sequence[str]) -> Callable[[Distribution], Edit]:
    return lambda rate: CHANGE_RATE.edit(names, min(1.0, rate.mean))


def _size_input(of: Studied, names: Sequence[str]) -> Input:
    def end(factor: float, word: str) -> End:
        size = format_size(factor * of.subjects[names[0]].resource.size)
        return End(f"{size} ({word})" if len(names) == 1 else word, SIZE.edit(names, factor))

    low, high = (end(*step) for step in STEPS)
    label = Label("size", names[0]) if len(names) == 1 else Label("size of all other resources")
    # a restore takes longer, too
    moved = bool(of.moving(names)) or any(application_of(name) in of.reach.applications for name in names)
    return Input("estate", label, low, high, SCENARIO, in_drills=moved, in_costs=True, change=SIZE)


def _change_input(of: Studied, names: Sequence[str]) -> Input:
    def end(factor: float, word: str) -> End:
        rate = _multiplied(of.subjects[names[0]].resource.change_rate, factor) or 0.0
        text = f"{show(rate, 'change-rate')} ({word})" if len(names) == 1 else word
        return End(text, CHANGE_FACTOR.edit(names, factor))

    low, high = (end(*step) for step in STEPS)
    label = Label("change rate", names[0]) if len(names) == 1 else Label("change rates of all other resources")
    moved = bool(of.moving(names))
    return Input("estate", label, low, high, SCENARIO, in_drills=moved, in_costs=True, change=CHANGE_FACTOR)
