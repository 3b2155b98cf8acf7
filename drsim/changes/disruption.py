"""The disruption: how long it lasts and lies hidden, what it impairs, how often it strikes, what a loss takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from drsim.catalogue import DisruptionKind, Leaf
from drsim.changes import edits
from drsim.changes.knob import Knob, Target, scale
from drsim.changes.model import Change, Edit, ScenarioChange, WorldChange, WorldEdit
from drsim.changes.reach import Studied
from drsim.changes.relief import Relief
from drsim.changes.spread import with_median
from drsim.changes.uncertain import SCENARIO, End, Input, Label, ends_of, halves, world_ends
from drsim.distributions import Constant, Distribution
from drsim.scenario import Disruption, Scenario
from drsim.units import DAY_S, HOUR_S, duration_s, format_number

_DWELL_S = (*(k * HOUR_S for k in (0, 1, 6, 12)), *(k * DAY_S for k in (1, 2, 5, 7, 14, 30, 60, 90, 180)))
_OUTAGE_S = (*(k * HOUR_S for k in (1, 2, 4, 8, 12)), *(k * DAY_S for k in (1, 2, 3, 7, 14)))


def _lasts(name: str, duration: Distribution) -> Edit:
    return edits.on_disruption(name, duration=duration)


def _lies_hidden(name: str, dwell: Distribution) -> Edit:
    return edits.on_disruption(name, dwell=dwell)


def _attacks_backups(name: str, p: float) -> Edit:
    return edits.on_disruption(name, backups_attacked=Constant(p))


def _impairs(name: str, step: str, p: float) -> Edit:
    def edit(scenario: Scenario) -> Scenario:
        chances: dict[str, Distribution] = {str(k): v for k, v in (scenario.disruptions[name].impairs or {}).items()}
        return edits.on_disruption(name, impairs={**chances, step: Constant(p)})(scenario)

    return edit


def _strikes(name: str, per_year: float) -> Edit:
    """Return the edit of a rate: of all units together where the scenario gives that, else of each."""

    def edit(scenario: Scenario) -> Scenario:
        if scenario.disruptions[name].total_rate is not None:
            return edits.on_disruption(name, total_rate=per_year)(scenario)
        return edits.on_disruption(name, rate=per_year)(scenario)

    return edit


def _rebuilt_in(application: str, duration: Distribution) -> WorldEdit:
    """Return the edit of an application's rebuild, for which others wait or not as before."""
    return lambda world: replace(
        world,
        applications=tuple(
            replace(app, rebuild=duration) if app.name == application else app for app in world.applications
        ),
    )


def _impairs_nothing() -> WorldEdit:
    return lambda world: replace(
        world, disruptions={name: replace(disruption, impairs=()) for name, disruption in world.disruptions.items()}
    )


DURATION = ScenarioChange("disruption.duration", "disruption", "how long it lasts", _lasts, _OUTAGE_S)
DWELL = ScenarioChange("disruption.dwell", "disruption", "dwell", _lies_hidden, _DWELL_S)
ATTACK = ScenarioChange("disruption.attack", "disruption", "backups in reach are destroyed", _attacks_backups)
IMPAIRMENT = ScenarioChange("disruption.impairment", "disruption", "what waits for its end", _impairs)
RATE = ScenarioChange("disruption.rate", "disruption", "how often it strikes", _strikes)
REBUILD = WorldChange("disruption.rebuild", "disruption", "how long a rebuild takes", _rebuilt_in)
IMPAIRMENTS = WorldChange("disruption.impairments", "disruption", "whether anything waits for it", _impairs_nothing)

CHANGES: tuple[Change, ...] = (DURATION, DWELL, ATTACK, IMPAIRMENT, RATE, REBUILD, IMPAIRMENTS)

GUARANTEED = Relief(IMPAIRMENTS, "launches, capacity and copies guaranteed during the outage", IMPAIRMENTS.edit())


def knobs(scenario: Scenario, disruption: str) -> Iterator[Knob]:
    """Yield the median dwell and length of a disruption, where it has them."""
    written = scenario.disruptions[disruption]
    kind = scenario.catalogue.disruptions[written.kind]
    about = "The spread goes with it."
    for key, change, label, given in (
        ("dwell", DWELL, "Dwell, median", _dwell(written, kind)),
        ("duration", DURATION, "Length of the outage, median", _duration(written, kind)),
    ):
        if given is None:
            continue

        def edit(
            _: Target, text: str, change: ScenarioChange[str, Distribution] = change, given: Distribution = given
        ) -> Edit:
            return change.edit(disruption, with_median(given, duration_s(text)))

        present, options = scale(given.quantile(0.5), _DWELL_S if change is DWELL else _OUTAGE_S)
        name, owner = f"disruption/{disruption}/{key}", (disruption,)
        yield Knob(change, name, owner, label, present, options, edit, about=about)


def _dwell(written: Disruption, kind: DisruptionKind) -> Distribution | None:
    """Return the dwell as written, else the catalogue's; None where both are nothing."""
    dwell = kind.dwell.value if written.dwell is None else written.dwell
    return dwell if dwell.quantile(0.5) > 0 or kind.dwell.value.quantile(0.5) > 0 else None


def _duration(written: Disruption, kind: DisruptionKind) -> Distribution | None:
    """Return the length as written, else the catalogue's; None where it never ends."""
    if not kind.ends or kind.duration is None:
        return None
    return kind.duration.value if written.duration is None else written.duration


def inputs(of: Studied) -> Iterator[Input]:
    """Yield what the disruption itself leaves open."""
    name = of.disruption
    written = of.scenario.disruptions[name]
    kind = of.catalogue.disruptions[written.kind]
    if kind.ends:
        yield from _time_input(of, DURATION, "duration", written.duration, kind.duration)
    yield from _time_input(of, DWELL, "dwell", written.dwell, kind.dwell)
    if kind.backups_attacked is not None:
        p = written.backups_attacked.mean if written.backups_attacked else kind.backups_attacked.value
        low, high = halves(p, lambda v: ATTACK.edit(name, v))
        known = _known(written.backups_attacked, kind.backups_attacked)
        yield Input(
            "disruption",
            Label(ATTACK.words, name, is_clause=True),
            low,
            high,
            *known,
            parameter="backups_attacked",
            change=ATTACK,
        )
    if kind.ends:
        yield from _impairment_inputs(of, written, kind)
    yield _rate_input(of, written, kind)
    yield from _rebuild_inputs(of)


def _time_input(
    of: Studied,
    change: ScenarioChange[str, Distribution],
    key: str,
    written: Distribution | None,
    leaf: Leaf[Distribution] | None,
) -> Iterator[Input]:
    duration = written or (leaf.value if leaf else None)
    if duration is not None:
        low, high = ends_of(duration, "duration", lambda value: change.edit(of.disruption, value))
        label = Label(change.words, of.disruption, is_clause=change is DURATION)
        yield Input("disruption", label, low, high, *_known(written, leaf), parameter=key, change=change)


def _known(written: object, leaf: Leaf[Any] | None) -> tuple[str, tuple[str, ...]]:
    """Return basis and source of a value that the scenario gives, or else the catalogue."""
    return (SCENARIO, ()) if written is not None or leaf is None else (leaf.basis, leaf.source)


def _impairment_inputs(of: Studied, written: Disruption, kind: DisruptionKind) -> Iterator[Input]:
    given = {str(step): chance for step, chance in (written.impairs or {}).items()}
    chances = {step: leaf.value for step, leaf in kind.impairs.items()} | {k: v.mean for k, v in given.items()}
    for step, p in chances.items():
        low, high = halves(p, _impairing(of.disruption, step))
        label, known = Label(f"{step} wait for its end", of.disruption), _known(given.get(step), kind.impairs.get(step))
        yield Input("disruption", label, low, high, *known, parameter="impairs", change=IMPAIRMENT)


def _impairing(disruption: str, step: str) -> Callable[[float], Edit]:
    return lambda p: IMPAIRMENT.edit(disruption, step, p)


_PER = {"region": "Region", "service": "service of a Region", "premises": "site on premises"}
"""Units that a rate counts by, where they have other words than the catalogue's."""


def _rate_input(of: Studied, written: Disruption, kind: DisruptionKind) -> Input:
    region = of.scenario.sites[of.scenario.applications[of.application].site].region
    leaf = kind.rate(region, of.scenario.region_likes.get(region))
    rate = leaf.value if written.rate is None else written.rate
    per, given = f"per {_PER.get(kind.rate_per, kind.rate_per)}", written.rate
    if written.total_rate is not None:
        rate, per, given = written.total_rate, "in all", written.total_rate
    low, high = (
        End(f"{format_number(rate * by)} /year {per} ({word})") for by, word in ((0.5, "half"), (2.0, "double"))
    )
    label = Label(RATE.words, of.disruption, is_clause=True)
    # what strikes twice as often costs twice as much, and nothing has to be run
    return Input("disruption", label, low, high, *_known(given, leaf), in_drills=False, factors=(0.5, 2.0), change=RATE)


def _rebuild_inputs(of: Studied) -> Iterator[Input]:
    """Yield how long the business is down when data are lost for good: the subject's, and those that it waits for."""
    leaf = of.catalogue.rebuild
    for application in of.scenario.applications:
        given = of.scenario.applications[application].rebuild
        if application == of.application or (application in of.before and given is not None):
            low, high = world_ends(given or leaf.value, _rebuilding(application))
            label, known = Label("rebuild", application), _known(given, leaf)
            yield Input("disruption", label, low, high, *known, parameter="rebuild", change=REBUILD)


def _rebuilding(application: str) -> Callable[[Distribution], WorldEdit]:
    return lambda duration: REBUILD.edit(application, duration)
