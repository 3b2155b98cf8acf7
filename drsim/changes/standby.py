"""Standbys: what runs at another site before anything happens."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.changes import edits
from drsim.changes.knob import NONE, Knob, Target
from drsim.changes.model import Change, Edit, ScenarioChange
from drsim.scenario import Scenario, Standby, Strategy
from drsim.units import fraction

MODES = ("pilot-light", "warm-standby", "multi-site")
"""What runs at the other site: the data stores, a part of the servers, all of them."""

_CAPACITIES = (0.1, 0.25, 0.5, 0.75, 1.0)
_CAPACITY = 0.25


def _other_sites(scenario: Scenario, application: str) -> tuple[str, ...]:
    home = scenario.applications[application].site
    return tuple(site for site in scenario.sites if site != home)


def _runs_as(strategy: str, application: str, mode: str) -> Edit:
    """Return the edit of a standby's mode; where there is none, one at the first other site, and `NONE` ends it."""

    def edit(scenario: Scenario) -> Scenario:
        standby = scenario.strategies[strategy].standby.get(application)
        if standby is None and mode != NONE:
            site = _other_sites(scenario, application)[0]
            standby = Standby.model_validate({"mode": mode, "site": site})
        elif standby is not None:
            standby = None if mode == NONE else standby.model_copy(update={"mode": mode})
        return _with_standby(strategy, application, standby)(scenario)

    return edit


def _with_standby(strategy: str, application: str, standby: Standby | None) -> Edit:
    def changed(written: Strategy) -> Strategy:
        standbys = dict(written.standby)
        if standby is not None:
            standbys[application] = standby
        elif standbys.pop(application, None) is None:
            return written
        return written.model_copy(update={"standby": standbys})

    return edits.on_strategy(strategy, changed)


def _with_value(strategy: str, application: str, **values: object) -> Edit:
    """Return the edit of some values of a standby where there is one."""

    def changed(written: Strategy) -> Strategy:
        standby = written.standby.get(application)
        if standby is None:
            return written
        standbys = {**written.standby, application: standby.model_copy(update=values)}
        return written.model_copy(update={"standby": standbys})

    return edits.on_strategy(strategy, changed)


def _runs_at(strategy: str, application: str, site: str) -> Edit:
    return _with_value(strategy, application, site=site)


def _runs_with(strategy: str, application: str, capacity: float) -> Edit:
    return _with_value(strategy, application, capacity=capacity)


MODE = ScenarioChange("standby.mode", "standby", "what runs at another site", _runs_as, (NONE, *MODES))
SITE = ScenarioChange("standby.site", "standby", "where a standby runs", _runs_at)
CAPACITY = ScenarioChange("standby.capacity", "standby", "how many servers a standby runs", _runs_with, _CAPACITIES)

CHANGES: tuple[Change, ...] = (MODE, SITE, CAPACITY)


def knobs(scenario: Scenario, strategy: str) -> Iterator[Knob]:
    """Yield what can be chosen of the standby of each application that may have one."""
    for application in scenario.applications:
        if sites := _other_sites(scenario, application):
            yield from _knobs_of(application, scenario.strategies[strategy].standby.get(application), sites)


def _knobs_of(application: str, standby: Standby | None, sites: tuple[str, ...]) -> Iterator[Knob]:
    key, owner = f"standby/{application}", (application,)
    mode, site, capacity = (
        (NONE, sites[0], _CAPACITY) if standby is None else (standby.mode, standby.site, standby.capacity)
    )
    modes = tuple(dict.fromkeys((NONE, *(() if mode in MODES else (mode,)), *MODES)))
    about = (
        "Pilot light: data stores run. Warm standby: a part of the servers runs. Multi-site: all run. Data get "
        "there by replication; what has none is restored there from backups."
    )

    def choose_mode(target: Target, text: str) -> Edit:
        return MODE.edit(target.strategy, application, text)

    def choose_site(target: Target, text: str) -> Edit:
        return SITE.edit(target.strategy, application, text)

    def choose_capacity(target: Target, text: str) -> Edit:
        return CAPACITY.edit(target.strategy, application, fraction(text))

    yield Knob(MODE, f"{key}/mode", owner, "Standby", mode, modes, choose_mode, ordered=False, about=about)
    places = tuple(dict.fromkeys((site, *sites)))
    yield Knob(SITE, f"{key}/site", owner, "Standby at", site, places, choose_site, ordered=False)
    shares = tuple(_share(value) for value in sorted({*_CAPACITIES, capacity}))
    label, about = "Servers running", "Of a warm standby."
    yield Knob(CAPACITY, f"{key}/capacity", owner, label, _share(capacity), shares, choose_capacity, about=about)


def _share(value: float) -> str:
    return f"{100 * value:g} %"
